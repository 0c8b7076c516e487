// SPDX-FileCopyrightText: Giverny contributors
// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * The denoising U-Net of latent diffusion: Rombach et al. 2022, arXiv:2112.10752; names are
 * diffusers' UNet2DConditionModel.
 */
#pragma once

#include "ops/ops.h"
#include "weights/model-files.h"

/*
 * @x: [n, h, w, in_channels], scaled as the model wants it
 * @time: [n, 1, 1, channels[0]]: gv_timestep_embedding() of each sample's timestep
 * @text: [n, 1, t, cross_attention_dim]
 * Returns: the prediction [n, h, w, out_channels]
 */
GvTensor *
gv_unet (GvGraph *g, const GvUnetConfig *config, GvTensor *x, GvTensor *time, GvTensor *text);

/* What the U-Net's cross-attention looks at where parts of a picture have texts of their own. */
typedef struct
{
  int n;            /* texts, the background's first                                     */
  GvTensor **texts; /* [n_samples, 1, t, cross_attention_dim], t of each its own         */
  GvTensor **masks; /* (nullable): for each level [n_samples, h, w, n], shares of a place */
} GvUnetTexts;

/*
 * The same with masked cross-attention: every text is asked for by itself, and what it says is
 * weighted by its mask.  All else is shared, so that the picture stays one.
 */
GvTensor *gv_unet_masked (GvGraph *g,
                          const GvUnetConfig *config,
                          GvTensor *x,
                          GvTensor *time,
                          const GvUnetTexts *texts);

/*
 * Sinusoids of a timestep (Ho et al. 2020, after Vaswani et al. 2017), @width floats: sines of
 * falling frequencies, then cosines, or the other way round with flip_sin_to_cos.
 */
void gv_timestep_embedding (const GvUnetConfig *config, double timestep, int width, float *out);
