// SPDX-FileCopyrightText: Giverny contributors
// SPDX-License-Identifier: GPL-3.0-or-later
/* The samplers: a function each for one step from noise level s to next < s. */
#include "sample/samplers.h"

#include <math.h>
#include <string.h>

#include "base/errors.h"
#include "base/i18n.h"

/* The state of one sampling. */
typedef struct
{
  float *x;            /* [n] the latent                                    */
  float *x0;           /* [n] D (x, s) of the step                          */
  float *before;       /* [n] x0 of the step before (dpmpp_2m)              */
  float *spare;        /* [n] noise, or the second place that heun looks at */
  float *spare_x0;     /* [n] x0 there                                      */
  size_t n;
  int latents;         /* that x is made of, which get the same noise               */
  double h_before;     /* the step before in log sigma; 0: there was none   */
  GvRng *noise;
  GvDenoiseFunc denoise;
  gpointer data;
} Run;

/*
 * Euler on dx/ds = (x - D (x, s)) / s.  Karras et al. 2022, algorithm 1, first order; DDIM with
 * eta = 0 is the same step (Song et al. 2021, eq. 13).
 */
static bool
euler_step (Run *r, double s, double next, GError **error)
{
  if (!r->denoise (r->x, s, r->x0, r->data, error))
    return false;
  for (size_t i = 0; i < r->n; i++) {
    double x = r->x[i];

    r->x[i] = (float) (x + (x - r->x0[i]) / s * (next - s));
  }
  return true;
}

/* The slope at both ends of the step, averaged.  Karras et al. 2022, algorithm 1. */
static bool
heun_step (Run *r, double s, double next, GError **error)
{
  if (next == 0) /* there is no slope at 0 */
    return euler_step (r, s, next, error);
  memcpy (r->spare, r->x, r->n * sizeof (float));
  if (!euler_step (r, s, next, error) || !r->denoise (r->x, next, r->spare_x0, r->data, error))
    return false;
  for (size_t i = 0; i < r->n; i++) {
    double x = r->spare[i], there = r->x[i];
    double slope = (x - r->x0[i]) / s;
    double slope_there = (there - r->spare_x0[i]) / next;

    r->x[i] = (float) (x + (slope + slope_there) / 2 * (next - s));
  }
  return true;
}

/* The noise of a step, the same for each latent. */
static void
draw_noise (Run *r)
{
  size_t n = r->n / (size_t) r->latents;

  gv_rng_randn (r->noise, r->spare, n);
  for (int i = 1; i < r->latents; i++)
    memcpy (r->spare + (size_t) i * n, r->spare, n * sizeof (float));
}

static void
finish (Run *r)
{
  memcpy (r->x, r->x0, r->n * sizeof (float));
}

/* Of the variance next^2, up^2 is new noise and down^2 is left of the old (Ho et al. 2020). */
static bool
euler_a_step (Run *r, double s, double next, GError **error)
{
  double up = fmin (next, sqrt (next * next * (s * s - next * next) / (s * s)));
  double down = sqrt (next * next - up * up);

  if (!r->denoise (r->x, s, r->x0, r->data, error))
    return false;
  if (next == 0) {
    finish (r);
    return true;
  }
  draw_noise (r);
  for (size_t i = 0; i < r->n; i++) {
    double x = r->x[i];

    r->x[i] = (float) (x + (x - r->x0[i]) / s * (down - s) + up * r->spare[i]);
  }
  return true;
}

/* Exponential in log sigma, x0 extrapolated from the last two.  Lu et al. 2022, algorithm 2. */
static bool
dpmpp_2m_step (Run *r, double s, double next, GError **error)
{
  double h = log (s) - log (next); /* infinite in the last step, which is plain x0 */
  double old = r->h_before > 0 ? h / (2 * r->h_before) : 0;

  if (!r->denoise (r->x, s, r->x0, r->data, error))
    return false;
  if (next == 0) {
    finish (r);
    return true;
  }
  for (size_t i = 0; i < r->n; i++) {
    double d = (1 + old) * r->x0[i] - old * r->before[i];

    r->x[i] = (float) (next / s * r->x[i] - expm1 (-h) * d);
  }
  memcpy (r->before, r->x0, r->n * sizeof (float));
  r->h_before = h;
  return true;
}

/* A consistency model's x0 is its answer; noise takes it to the next level.  Luo et al. 2023. */
static bool
lcm_step (Run *r, double s, double next, GError **error)
{
  if (!r->denoise (r->x, s, r->x0, r->data, error))
    return false;
  finish (r);
  if (next == 0)
    return true;
  draw_noise (r);
  for (size_t i = 0; i < r->n; i++)
    r->x[i] = (float) (r->x0[i] + next * r->spare[i]);
  return true;
}

static const struct
{
  const char *name;
  bool (*step) (Run *r, double s, double next, GError **error);
  bool adds_noise;
  int calls; /* of the denoiser in each step but the last, which has one */
} samplers[GV_N_SAMPLERS] = {
  [GV_SAMPLER_EULER] = { "euler", euler_step, false, 1 },
  [GV_SAMPLER_EULER_A] = { "euler_a", euler_a_step, true, 1 },
  [GV_SAMPLER_HEUN] = { "heun", heun_step, false, 2 },
  [GV_SAMPLER_DPMPP_2M] = { "dpmpp_2m", dpmpp_2m_step, false, 1 },
  [GV_SAMPLER_DDIM] = { "ddim", euler_step, false, 1 },
  [GV_SAMPLER_LCM] = { "lcm", lcm_step, true, 1 },
};

const char *
gv_sampler_name (GvSampler sampler)
{
  return samplers[sampler].name;
}

bool
gv_sampler_from_name (const char *name, GvSampler *out)
{
  for (int i = 0; i < GV_N_SAMPLERS; i++)
    if (strcmp (samplers[i].name, name) == 0) {
      *out = (GvSampler) i;
      return true;
    }
  return false;
}

bool
gv_sampler_adds_noise (GvSampler sampler)
{
  return samplers[sampler].adds_noise;
}

int
gv_sampler_n_calls (GvSampler sampler, int n_sigmas)
{
  return samplers[sampler].calls * (n_sigmas - 2) + 1;
}

static bool
all_finite (const float *x, size_t n)
{
  for (size_t i = 0; i < n; i++)
    if (!isfinite (x[i]))
      return false;
  return true;
}

bool
gv_sample (GvSampler sampler,
           const double *sigmas,
           int n_sigmas,
           float *x,
           size_t n,
           int latents,
           GvRng *noise,
           GvDenoiseFunc denoise,
           GvStepFunc on_step,
           gpointer data,
           GError **error)
{
  int n_steps = n_sigmas - 1;
  g_autofree float *scratch = NULL;
  Run r = { .x = x, .n = n, .latents = latents, .noise = noise, .denoise = denoise, .data = data };

  g_return_val_if_fail (n_steps >= 1 && sigmas[n_steps] == 0, false);
  g_return_val_if_fail (noise || !samplers[sampler].adds_noise, false);

  scratch = g_new0 (float, 4 * n);
  r.x0 = scratch;
  r.before = scratch + n;
  r.spare = scratch + 2 * n;
  r.spare_x0 = scratch + 3 * n;
  for (int i = 0; i < n_steps; i++) {
    if (!samplers[sampler].step (&r, sigmas[i], sigmas[i + 1], error))
      return false;
    if (!all_finite (x, n)) {
      g_set_error (error, GV_RECIPE_ERROR, GV_RECIPE_ERROR_NUMERIC,
                   _ ("the model gave NaN or infinity in step %d of %d"), i + 1, n_steps);
      return false;
    }
    if (on_step)
      on_step (i, n_steps, sigmas[i + 1], x, r.x0, data);
  }
  return true;
}
