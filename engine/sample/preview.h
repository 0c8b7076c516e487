// SPDX-FileCopyrightText: Giverny contributors
// SPDX-License-Identifier: GPL-3.0-or-later
/* A cheap look at a latent: each cell's channels mixed to one RGB pixel, no decoder run. */
#pragma once

#include <stddef.h>
#include <stdint.h>

#define GV_PREVIEW_CHANNELS 4

/* rgb = bias + latent . factors, in -1 ... 1; fitted over pictures that the decoder made. */
typedef struct
{
  float factors[GV_PREVIEW_CHANNELS][3];
  float bias[3];
} GvPreviewFactors;

/* For the latents of Stable Diffusion 1.x. */
extern const GvPreviewFactors gv_preview_factors_sd15;

/*
 * Paints @latent, [4, h, w] at the network's scale (a sampler's x0), to @rgb, [h, w, 3].  Values
 * beyond -1 ... 1 are clipped; NaN is black.
 */
void gv_preview_rgb (const GvPreviewFactors *factors,
                     const float *latent,
                     size_t h,
                     size_t w,
                     uint8_t *rgb);
