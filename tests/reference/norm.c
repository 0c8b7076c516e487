// SPDX-FileCopyrightText: Giverny contributors
// SPDX-License-Identifier: GPL-3.0-or-later
/* Group norm and layer norm: mean 0 and variance 1 over some numbers, then a scale and a shift a
 * channel. */
#include "reference.h"

#include <math.h>

/* Channels [first, first + width) of @rows positions that follow each other. */
static void
normalise (const double *x,
           double *y,
           int rows,
           int c,
           int first,
           int width,
           const double *gamma,
           const double *beta,
           double eps)
{
  double mean = 0, variance = 0, count = (double) rows * width;

  for (int i = 0; i < rows; i++)
    for (int j = first; j < first + width; j++)
      mean += x[(size_t) i * (size_t) c + (size_t) j] / count;
  for (int i = 0; i < rows; i++)
    for (int j = first; j < first + width; j++)
      variance += pow (x[(size_t) i * (size_t) c + (size_t) j] - mean, 2) / count;
  for (int i = 0; i < rows; i++)
    for (int j = first; j < first + width; j++) {
      size_t at = (size_t) i * (size_t) c + (size_t) j;

      y[at] = (x[at] - mean) / sqrt (variance + eps) * gamma[j] + beta[j];
    }
}

Ref *
ref_group_norm (const Ref *x, const double *gamma, const double *beta, int groups, double eps)
{
  Ref *y = ref_new (x->n, x->h, x->w, x->c);
  int width = x->c / groups;

  for (int n = 0; n < x->n; n++)
    for (int g = 0; g < groups; g++)
      normalise (ref_at (x, n, 0, 0), ref_at (y, n, 0, 0), x->h * x->w, x->c, g * width, width,
                 gamma, beta, eps);
  return y;
}

Ref *
ref_layer_norm (const Ref *x, const double *gamma, const double *beta, double eps)
{
  Ref *y = ref_new (x->n, x->h, x->w, x->c);

  for (int i = 0; i < x->n * x->h * x->w; i++)
    normalise (x->v + (size_t) i * (size_t) x->c, y->v + (size_t) i * (size_t) x->c, 1, x->c, 0,
               x->c, gamma, beta, eps);
  return y;
}
