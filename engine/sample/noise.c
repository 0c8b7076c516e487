// SPDX-FileCopyrightText: Giverny contributors
// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * MT19937 (Matsumoto & Nishimura 1998) and normal values by Box & Muller 1958, in PyTorch's order
 * of draws. Logarithm, sine and cosine are computed here from +, -, *, / and square roots, which
 * IEEE 754 fixes to the last bit.
 */
#include "sample/noise.h"

#include <math.h>

#define MIDDLE 397          /* distance of the word that is mixed in */
#define BLOCK 16            /* torch makes normals of this many uniforms at a time */

/* pi/2 in three parts; the upper two end in zeros, so that small multiples of them are exact. */
#define HALF_PI_HIGH 0x1.921fb544p+0
#define HALF_PI_MIDDLE 0x1.0b4611a6p-34
#define HALF_PI_LOW 0x1.3198a2e037073p-69

#define LN_2 0x1.62e42fefa39efp-1

void
gv_rng_init (GvRng *rng, uint64_t seed)
{
  rng->words[0] = (uint32_t) seed;
  for (uint32_t i = 1; i < GV_RNG_WORDS; i++)
    rng->words[i] = 1812433253u * (rng->words[i - 1] ^ (rng->words[i - 1] >> 30)) + i;
  rng->next = GV_RNG_WORDS;
  rng->has_spare = false;
  rng->spare = 0;
}

/* The word that replaces one: its upper bit, its neighbour's lower bits, and a further word. */
static uint32_t
twist (uint32_t word, uint32_t neighbour, uint32_t further)
{
  uint32_t joined = (word & 0x80000000u) | (neighbour & 0x7fffffffu);

  return further ^ (joined >> 1) ^ (joined & 1 ? 0x9908b0dfu : 0);
}

static void
next_generation (GvRng *rng)
{
  uint32_t *w = rng->words;

  for (int i = 0; i < GV_RNG_WORDS; i++)
    w[i] = twist (w[i], w[(i + 1) % GV_RNG_WORDS], w[(i + MIDDLE) % GV_RNG_WORDS]);
  rng->next = 0;
}

uint32_t
gv_rng_next (GvRng *rng)
{
  uint32_t y;

  if (rng->next >= GV_RNG_WORDS)
    next_generation (rng);
  y = rng->words[rng->next++];
  y ^= y >> 11;
  y ^= (y << 7) & 0x9d2c5680u;
  y ^= (y << 15) & 0xefc60000u;
  return y ^ (y >> 18);
}

/* Uniform in [0, 1) with 24 bits. */
static float
uniform_float (GvRng *rng)
{
  return (float) (gv_rng_next (rng) & 0xffffffu) * 0x1p-24f;
}

/* Uniform in [0, 1) with 53 bits; the first word drawn is the upper one. */
static double
uniform_double (GvRng *rng)
{
  uint64_t high = gv_rng_next (rng);
  uint64_t low = gv_rng_next (rng);

  return (double) (((high << 32) | low) & 0x1fffffffffffffu) * 0x1p-53;
}

/* ln x for 0 < x <= 1: x = m 2^e with m near 1, ln m = 2 artanh ((m - 1) / (m + 1)) by series. */
static double
ln (double x)
{
  int e;
  double m = frexp (x, &e), s, s2, sum = 0;

  if (m < 0x1.6a09e667f3bcdp-1) { /* below sqrt (1/2) */
    m *= 2;
    e--;
  }
  s = (m - 1) / (m + 1);
  s2 = s * s;
  for (int k = 23; k >= 3; k -= 2) /* |s| < 0.172, so the first term left out is below 1e-20 */
    sum = (sum + 1.0 / k) * s2;
  return e * LN_2 + 2 * (s + s * sum);
}

/* Sine and cosine of @theta in [0, 2 pi]: reduced to |a| <= pi/4, then the Taylor series. */
static void
sine_cosine (double theta, double *sine, double *cosine)
{
  int quarter = (int) (theta * 0x1.45f306dc9c883p-1 + 0.5); /* 2 / pi */
  double a = ((theta - quarter * HALF_PI_HIGH) - quarter * HALF_PI_MIDDLE) - quarter * HALF_PI_LOW;
  double a2 = a * a, s = 0, c = 0;

  for (int k = 17; k >= 3; k -= 2) {
    s = -(s + 1) * a2 / (k * (k - 1));
    c = -(c + 1) * a2 / ((k - 1) * (k - 2));
  }
  s = a + a * s;
  c = 1 + c;
  switch (quarter & 3) {
  case 0:
    *sine = s, *cosine = c;
    break;
  case 1:
    *sine = c, *cosine = -s;
    break;
  case 2:
    *sine = -s, *cosine = -c;
    break;
  default:
    *sine = -c, *cosine = s;
  }
}

/*
 * Turns 16 uniforms into 16 normals in place.  The angle is rounded to float, as torch does: at 2
 * pi a float's step is 5e-7, far above the error of everything else here.
 */
static void
normals_of_block (float *v)
{
  for (int j = 0; j < BLOCK / 2; j++) {
    double radius = sqrt (-2 * ln (1.0 - v[j]));
    float theta = 0x1.921fb6p+2f * v[j + BLOCK / 2];
    double s, c;

    sine_cosine (theta, &s, &c);
    v[j] = (float) (radius * c);
    v[j + BLOCK / 2] = (float) (radius * s);
  }
}

static void
fill_uniform (GvRng *rng, float *out, size_t n)
{
  for (size_t i = 0; i < n; i++)
    out[i] = uniform_float (rng);
}

/* One normal from two uniforms of 53 bits; the other one of the pair is kept for the next call. */
static double
single_normal (GvRng *rng)
{
  double u1, u2, radius, s, c;

  if (rng->has_spare) {
    rng->has_spare = false;
    return rng->spare;
  }
  u1 = uniform_double (rng);
  u2 = uniform_double (rng);
  radius = sqrt (-2 * ln (1 - u2)); /* 1 - u2 is exact */
  sine_cosine (0x1.921fb54442d18p+2 * u1, &s, &c);
  rng->has_spare = true;
  rng->spare = radius * s;
  return radius * c;
}

void
gv_rng_randn (GvRng *rng, float *out, size_t n)
{
  if (n < BLOCK) {
    for (size_t i = 0; i < n; i++)
      out[i] = (float) single_normal (rng);
    return;
  }
  fill_uniform (rng, out, n);
  for (size_t i = 0; i + BLOCK <= n; i += BLOCK)
    normals_of_block (out + i);
  if (n % BLOCK) { /* torch then draws the last 16 anew, over some that are done already */
    fill_uniform (rng, out + n - BLOCK, BLOCK);
    normals_of_block (out + n - BLOCK);
  }
}
