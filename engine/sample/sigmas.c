// SPDX-FileCopyrightText: Giverny contributors
// SPDX-License-Identifier: GPL-3.0-or-later
/* Betas, abar and sigma of a model's timesteps (Ho et al. 2020; Karras et al. 2022). */
#include "sample/sigmas.h"

#include <math.h>
#include <string.h>

#include "base/errors.h"
#include "base/i18n.h"

/*
 * With zero terminal SNR the last sigma would be infinite.  ComfyUI puts this in its place (sigma
 * about 4519), and pictures are compared with ComfyUI's.
 */
#define LAST_ABAR 4.8973451890853435e-8

static const char *const betas_names[GV_N_BETAS] = {
  [GV_BETAS_SCALED_LINEAR] = "scaled_linear",
  [GV_BETAS_LINEAR] = "linear",
  [GV_BETAS_SQUARED_COS] = "squaredcos_cap_v2",
};

static const char *const prediction_names[GV_N_PREDICTIONS] = {
  [GV_PREDICTION_EPSILON] = "epsilon",
  [GV_PREDICTION_V] = "v_prediction",
};

static int
find_name (const char *const *names, int n, const char *name)
{
  for (int i = 0; i < n; i++)
    if (strcmp (names[i], name) == 0)
      return i;
  return -1;
}

bool
gv_betas_from_name (const char *name, GvBetas *out)
{
  int i = find_name (betas_names, GV_N_BETAS, name);

  if (i >= 0)
    *out = (GvBetas) i;
  return i >= 0;
}

bool
gv_prediction_from_name (const char *name, GvPrediction *out)
{
  int i = find_name (prediction_names, GV_N_PREDICTIONS, name);

  if (i >= 0)
    *out = (GvPrediction) i;
  return i >= 0;
}

/* The i-th of @n values evenly from @from to @to. */
static double
evenly (double from, double to, int i, int n)
{
  return i == n - 1 ? to : from + i * ((to - from) / (n - 1));
}

/* abar of Nichol & Dhariwal 2021 at @t in 0 ... 1, up to a factor that cancels. */
static double
squared_cos (double t)
{
  double c = cos ((t + 0.008) / 1.008 * G_PI / 2);

  return c * c;
}

static double
beta_at (const GvNoiseConfig *c, int t)
{
  int n = c->n_timesteps;
  double root;

  if (c->trained_betas)
    return c->trained_betas[t];
  switch (c->betas) {
  case GV_BETAS_LINEAR:
    return evenly (c->beta_start, c->beta_end, t, n);
  case GV_BETAS_SQUARED_COS:
    return fmin (1 - squared_cos ((t + 1.0) / n) / squared_cos ((double) t / n), 0.999);
  default:
    root = evenly (sqrt (c->beta_start), sqrt (c->beta_end), t, n);
    return root * root;
  }
}

/* Moves sqrt (abar) so that it keeps its first value and ends at 0.  Lin et al. 2024, alg. 1. */
static void
rescale_zero_snr (double *abar, int n)
{
  double first = sqrt (abar[0]), last = sqrt (abar[n - 1]);

  for (int t = 0; t < n; t++) {
    double root = (sqrt (abar[t]) - last) * (first / (first - last));

    abar[t] = root * root;
  }
  abar[n - 1] = LAST_ABAR;
}

static bool
fill_abar (const GvNoiseConfig *c, double *abar, GError **error)
{
  double product = 1;

  for (int t = 0; t < c->n_timesteps; t++) {
    double beta = beta_at (c, t);

    if (!(beta > 0 && beta < 1)) {
      g_set_error (error, GV_FORMAT_ERROR, GV_FORMAT_ERROR_INVALID,
                   _ ("the scheduler's %s give %g at timestep %d; it must lie between 0 and 1"),
                     c->trained_betas ? "trained_betas" : "beta_start, beta_end", beta, t);
      return false;
    }
    product *= 1 - beta;
    abar[t] = product;
  }
  if (c->rescale_zero_snr)
    rescale_zero_snr (abar, c->n_timesteps);
  return true;
}

static bool
fill_sigmas (GvSigmas *self, const double *abar, GError **error)
{
  double before = 0;

  for (int t = 0; t < self->n; t++) {
    double sigma = sqrt ((1 - abar[t]) / abar[t]);

    if (!isfinite (sigma) || sigma <= before) {
      g_set_error (error, GV_FORMAT_ERROR, GV_FORMAT_ERROR_INVALID,
                   _ ("the scheduler's betas leave no usable noise level at timestep %d"), t);
      return false;
    }
    self->sigmas[t] = before = sigma;
    self->log_sigmas[t] = log (sigma);
  }
  return true;
}

GvSigmas *
gv_sigmas_new (const GvNoiseConfig *config, GError **error)
{
  int n = config->n_timesteps;
  g_autofree double *abar = NULL;
  g_autoptr (GvSigmas) self = NULL;

  if (n < 2 || n > GV_MAX_TIMESTEPS) {
    g_set_error (error, GV_FORMAT_ERROR, GV_FORMAT_ERROR_INVALID,
                 _ ("the scheduler's num_train_timesteps is %d; 2 to %d are possible"), n,
                   GV_MAX_TIMESTEPS);
    return NULL;
  }
  abar = g_new (double, (gsize) n);
  self = g_new0 (GvSigmas, 1);
  self->prediction = config->prediction;
  self->n = n;
  self->sigmas = g_new (double, (gsize) n);
  self->log_sigmas = g_new (double, (gsize) n);
  if (!fill_abar (config, abar, error) || !fill_sigmas (self, abar, error))
    return NULL;
  return g_steal_pointer (&self);
}

void
gv_sigmas_free (GvSigmas *self)
{
  if (!self)
    return;
  g_free (self->sigmas);
  g_free (self->log_sigmas);
  g_free (self);
}

double
gv_sigmas_min (const GvSigmas *self)
{
  return self->sigmas[0];
}

double
gv_sigmas_max (const GvSigmas *self)
{
  return self->sigmas[self->n - 1];
}

double
gv_sigmas_at (const GvSigmas *self, double timestep)
{
  int low = CLAMP ((int) timestep, 0, self->n - 2);
  double part = timestep - low;

  /* At a trained timestep exactly its sigma: no detour through the logarithm. */
  if (part == 0)
    return self->sigmas[low];
  if (part == 1)
    return self->sigmas[low + 1];
  return exp ((1 - part) * self->log_sigmas[low] + part * self->log_sigmas[low + 1]);
}

int
gv_sigmas_timestep (const GvSigmas *self, double sigma)
{
  double wanted = log (sigma), nearest = INFINITY;
  int best = 0;

  for (int t = 0; t < self->n; t++) {
    double distance = fabs (self->log_sigmas[t] - wanted);

    if (distance < nearest) {
      nearest = distance;
      best = t;
    }
  }
  return best;
}
