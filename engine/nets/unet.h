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

/*
 * Sinusoids of a timestep (Ho et al. 2020, after Vaswani et al. 2017), @width floats: sines of
 * falling frequencies, then cosines, or the other way round with flip_sin_to_cos.
 */
void gv_timestep_embedding (const GvUnetConfig *config, double timestep, int width, float *out);
