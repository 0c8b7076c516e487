// SPDX-FileCopyrightText: Giverny contributors
// SPDX-License-Identifier: GPL-3.0-or-later
/* Samplers: from noise to a latent, given a function that guesses the picture under the noise. */
#pragma once

#include <glib.h>
#include <stdbool.h>
#include <stddef.h>

#include "sample/noise.h"

typedef enum {
  GV_SAMPLER_EULER,    /* Karras et al. 2022, algorithm 1 without its second order         */
  GV_SAMPLER_EULER_A,  /* ancestral: steps below the next level, then adds noise up to it  */
  GV_SAMPLER_HEUN,     /* Karras et al. 2022, algorithm 1: two model calls, one at the end */
  GV_SAMPLER_DPMPP_2M, /* DPM-Solver++ (2M): Lu et al. 2022, arXiv:2211.01095, algorithm 2 */
  GV_SAMPLER_DDIM,     /* Song et al. 2021, eta 0: on a grid of sigmas the same as Euler   */
  GV_SAMPLER_LCM,      /* consistency sampling: Luo et al. 2023, arXiv:2310.04378          */
  GV_N_SAMPLERS,
} GvSampler;

/* The name that recipes and options use, "euler_a" for instance. */
const char *gv_sampler_name (GvSampler sampler);

/* Finds a name; false if it is none of ours. */
bool gv_sampler_from_name (const char *name, GvSampler *out);

/* True if the sampler draws noise after the first one. */
bool gv_sampler_adds_noise (GvSampler sampler);

/* How often gv_sample() calls the denoiser for a list of @n_sigmas that ends in 0. */
int gv_sampler_n_calls (GvSampler sampler, int n_sigmas);

/*
 * The denoiser D (x, sigma): writes to @x0 the expected picture under @x, a latent with noise of
 * strength @sigma > 0 (denoise.h has the arithmetic).  @x must stay as it is.  False with @error
 * set ends the sampling: the place to look at a cancellable.
 */
typedef bool (*GvDenoiseFunc) (const float *x,
                               double sigma,
                               float *x0,
                               gpointer data,
                               GError **error);

/*
 * Told after each step @step = 0 ... @n_steps - 1: @x is the latent now, at noise level @sigma (0
 * after the last), and @x0 the picture that the denoiser expected at the step's start, the thing to
 * preview.  Both are lent for the call.
 */
typedef void (*GvStepFunc) (int step,
                            int n_steps,
                            double sigma,
                            const float *x,
                            const float *x0,
                            gpointer data);

/**
 * gv_sample:
 * @sigmas: strictly falling noise levels, the last one 0, from gv_schedule_sigmas()
 * @n_sigmas: how many, at least 2; one more than there are steps
 * @x: (inout): the latent of one picture, at noise level @sigmas[0]; finished at the end
 * @n: elements of @x
 * @latents: 1; or how many of equal size @x is made of, which get the same noise
 * @noise: where euler_a and lcm draw, one gv_rng_randn() of a latent for each step that adds noise,
 *   in order: a generator of its own, seeded one above the first noise's; %NULL will do for the others
 * @denoise: called in this thread
 * @on_step: (nullable): called in this thread
 * @data: for both functions
 *
 * Coefficients are computed in double, the latent is kept in float.  Fails with whatever @denoise
 * failed with, and with %GV_RECIPE_ERROR_NUMERIC when the latent is not finite after a step; @x is
 * then of no use.
 */
bool gv_sample (GvSampler sampler,
                const double *sigmas,
                int n_sigmas,
                float *x,
                size_t n,
                int latents,
                GvRng *noise,
                GvDenoiseFunc denoise,
                GvStepFunc on_step,
                gpointer data,
                GError **error);
