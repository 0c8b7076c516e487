// SPDX-FileCopyrightText: Giverny contributors
// SPDX-License-Identifier: GPL-3.0-or-later
/* The arithmetic around a model call (Karras et al. 2022, section 5; Salimans & Ho 2022 for v). */
#include "sample/denoise.h"

#include <math.h>

void
gv_scale_input (const float *x, double sigma, size_t n, float *out)
{
  gv_scale_noise (x, 1 / sqrt (sigma * sigma + 1), n, out);
}

void
gv_x0_from_prediction (GvPrediction kind,
                       const float *x,
                       const float *prediction,
                       double sigma,
                       size_t n,
                       float *out)
{
  double variance = sigma * sigma + 1;
  double keep = kind == GV_PREDICTION_V ? 1 / variance : 1;
  double remove = kind == GV_PREDICTION_V ? sigma / sqrt (variance) : sigma;

  for (size_t i = 0; i < n; i++)
    out[i] = (float) (keep * x[i] - remove * prediction[i]);
}

void
gv_guide (const float *positive, const float *negative, double scale, size_t n, float *out)
{
  for (size_t i = 0; i < n; i++) {
    double u = negative[i];

    out[i] = (float) (u + scale * (positive[i] - u));
  }
}

double
gv_noise_scale (const GvSigmas *model, double first_sigma)
{
  bool from_nothing = first_sigma >= gv_sigmas_max (model) * (1 - 1e-5);

  return from_nothing ? sqrt (1 + first_sigma * first_sigma) : first_sigma;
}

void
gv_scale_noise (const float *noise, double scale, size_t n, float *out)
{
  for (size_t i = 0; i < n; i++)
    out[i] = (float) (scale * noise[i]);
}
