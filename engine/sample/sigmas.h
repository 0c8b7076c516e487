// SPDX-FileCopyrightText: Giverny contributors
// SPDX-License-Identifier: GPL-3.0-or-later
/* The noise levels that a model was trained with: timestep against sigma. */
#pragma once

#include <glib.h>
#include <stdbool.h>

/*
 * A model is trained on T discrete timesteps 0 ... T-1 (T is 1000 nearly always).  Timestep t mixes
 * picture and noise with variances abar_t and 1 - abar_t, where abar_t is the product of all
 * 1 - beta up to t (Ho et al. 2020).  Samplers think in sigma_t = sqrt ((1 - abar_t) / abar_t), the
 * noise's strength when the picture is left at its own scale (Karras et al. 2022).  Everything here
 * is computed in double.
 */

#define GV_MAX_TIMESTEPS 10000

/* How betas run from the first timestep to the last. */
typedef enum {
  GV_BETAS_SCALED_LINEAR, /* evenly in sqrt (beta): Stable Diffusion                      */
  GV_BETAS_LINEAR,        /* evenly in beta: Ho et al. 2020                               */
  GV_BETAS_SQUARED_COS,   /* abar a squared cosine, beta <= 0.999: Nichol & Dhariwal 2021 */
  GV_N_BETAS,
} GvBetas;

/* What the network predicts. */
typedef enum {
  GV_PREDICTION_EPSILON, /* the noise                                                        */
  GV_PREDICTION_V,       /* sqrt (abar) noise - sqrt (1 - abar) picture: Salimans & Ho 2022  */
  GV_N_PREDICTIONS,
} GvPrediction;

/* The part of a scheduler's configuration that the arithmetic reads. */
typedef struct
{
  GvBetas betas;
  double beta_start, beta_end; /* not used by GV_BETAS_SQUARED_COS                         */
  int n_timesteps;             /* 2 ... GV_MAX_TIMESTEPS                                   */
  const double *trained_betas; /* (nullable): n_timesteps betas, used instead              */
  bool rescale_zero_snr;       /* the last timestep (nearly) pure noise: Lin et al. 2024   */
  GvPrediction prediction;
} GvNoiseConfig;

/* Stable Diffusion 1.5 and XL, and any file that does not say otherwise. */
#define GV_NOISE_CONFIG_DEFAULT                                                                    \
  ((GvNoiseConfig) { GV_BETAS_SCALED_LINEAR, 0.00085, 0.012, 1000, NULL, false,                    \
                     GV_PREDICTION_EPSILON })

/* Find a scheduler_config.json's "beta_schedule" and "prediction_type"; false if none of ours. */
bool gv_betas_from_name (const char *name, GvBetas *out);
bool gv_prediction_from_name (const char *name, GvPrediction *out);

/* The trained noise levels.  Immutable, so threads may share it. */
typedef struct
{
  GvPrediction prediction;
  int n;              /* timesteps   */
  double *sigmas;     /* [n], rising */
  double *log_sigmas; /* [n]         */
} GvSigmas;

/*
 * Builds the table of @config.  Configurations come from files: numbers that give no rising,
 * finite, positive sigmas fail with %GV_FORMAT_ERROR_INVALID, naming the entry.
 */
GvSigmas *gv_sigmas_new (const GvNoiseConfig *config, GError **error);
void gv_sigmas_free (GvSigmas *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (GvSigmas, gv_sigmas_free)

double gv_sigmas_min (const GvSigmas *self);
double gv_sigmas_max (const GvSigmas *self);

/* Sigma at a fractional timestep in [0, n-1]: log sigma is interpolated linearly. */
double gv_sigmas_at (const GvSigmas *self, double timestep);

/* The timestep whose log sigma is nearest to that of @sigma > 0; of two equally near, the lower. */
int gv_sigmas_timestep (const GvSigmas *self, double sigma);
