// SPDX-FileCopyrightText: Giverny contributors
// SPDX-License-Identifier: GPL-3.0-or-later
/* Seeded Gaussian noise, drawn in the order in which PyTorch's CPU generator draws it. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define GV_RNG_WORDS 624

/*
 * A Mersenne Twister (MT19937; Matsumoto & Nishimura 1998).  A plain value: copying it forks the
 * sequence, and it needs no freeing.  Not to be shared between threads.
 */
typedef struct
{
  uint32_t words[GV_RNG_WORDS];
  int next;           /* the word to give out; GV_RNG_WORDS: all are used up   */
  bool has_spare;     /* draws shorter than 16 make normals in pairs: the      */
  double spare;       /* second one waits here, also across longer draws       */
} GvRng;

/*
 * Starts the sequence of @seed.  Only its low 32 bits count, as in torch.manual_seed(): seeds that
 * differ above give the same noise.
 */
void gv_rng_init (GvRng *rng, uint64_t seed);

/* The next 32 random bits. */
uint32_t gv_rng_next (GvRng *rng);

/*
 * Fills @out with @n standard normal values, as torch.randn() of a float32 tensor of @n elements
 * does after whatever was drawn before.  The order and number of random words used are torch's
 * exactly; the values agree to a few units in the last place (below 1e-6), because torch's
 * logarithm, sine and cosine depend on the processor it runs on. Ours do not: the same seed gives
 * the same bytes on every machine, whatever its C library.
 */
void gv_rng_randn (GvRng *rng, float *out, size_t n);
