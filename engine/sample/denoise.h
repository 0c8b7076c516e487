// SPDX-FileCopyrightText: Giverny contributors
// SPDX-License-Identifier: GPL-3.0-or-later
/* What happens around a call of the network: scaling in, x0 out, guidance. */
#pragma once

#include <stddef.h>

#include "sample/sigmas.h"

/*
 * A sampler works on x = picture + sigma * noise.  The network was trained on sqrt (abar) picture +
 * sqrt (1 - abar) noise, which is x / sqrt (sigma^2 + 1), and is told the trained timestep,
 * gv_sigmas_timestep().  One model call is
 *
 *     gv_scale_input (x, sigma, n, input);
 *     prediction = network (input, gv_sigmas_timestep (model, sigma), text);
 *     gv_x0_from_prediction (model->prediction, x, prediction, sigma, n, x0);
 *
 * once for the prompt and, with a guidance scale other than 1, once for the negative prompt, joined
 * by gv_guide().  All arrays are @n floats of any layout; @out may be one of the inputs.
 */

/* out = x / sqrt (sigma^2 + 1). */
void gv_scale_input (const float *x, double sigma, size_t n, float *out);

/*
 * The picture that a prediction means: x - sigma eps or, with r = sqrt (sigma^2 + 1),
 * x / r^2 - v sigma / r.
 */
void gv_x0_from_prediction (GvPrediction kind,
                            const float *x,
                            const float *prediction,
                            double sigma,
                            size_t n,
                            float *out);

/* Classifier-free guidance (Ho & Salimans 2022): out = negative + scale (positive - negative). */
void gv_guide (const float *positive, const float *negative, double scale, size_t n, float *out);

/*
 * The factor on unit noise where sampling starts at @first_sigma.  At the model's largest sigma (to
 * 1e-5) or above there is no picture below the noise, and sqrt (1 + sigma^2) gives the network
 * noise of variance 1, as in training; below, it is sigma, to be added to a picture.
 */
double gv_noise_scale (const GvSigmas *model, double first_sigma);

/* out = scale * noise. */
void gv_scale_noise (const float *noise, double scale, size_t n, float *out);
