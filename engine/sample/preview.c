// SPDX-FileCopyrightText: Giverny contributors
// SPDX-License-Identifier: GPL-3.0-or-later
/* Latent to RGB by a 4 x 3 matrix. */
#include "sample/preview.h"

#include <math.h>

const GvPreviewFactors gv_preview_factors_sd15 = {
  .factors = {
    { 0.3512f, 0.2297f, 0.3227f },
    { 0.3250f, 0.4974f, 0.2350f },
    { -0.2829f, 0.1762f, 0.2721f },
    { -0.2120f, -0.2616f, -0.7177f },
  },
};

/* -1 ... 1 to 0 ... 255, rounded to the nearest; fmaxf() turns NaN to 0. */
static uint8_t
to_byte (float v)
{
  return (uint8_t) (fminf (fmaxf ((v + 1) / 2, 0), 1) * 255 + 0.5f);
}

void
gv_preview_rgb (const GvPreviewFactors *factors,
                const float *latent,
                size_t h,
                size_t w,
                uint8_t *rgb)
{
  size_t area = h * w;

  for (size_t i = 0; i < area; i++)
    for (int colour = 0; colour < 3; colour++) {
      float v = factors->bias[colour];

      for (size_t c = 0; c < GV_PREVIEW_CHANNELS; c++)
        v += latent[c * area + i] * factors->factors[c][colour];
      rgb[3 * i + (size_t) colour] = to_byte (v);
    }
}
