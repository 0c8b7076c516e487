// SPDX-FileCopyrightText: Giverny contributors
// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * The decoder of latent diffusion's autoencoder: Rombach et al. 2022, arXiv:2112.10752; names are
 * diffusers' AutoencoderKL.
 */
#pragma once

#include "ops/ops.h"
#include "weights/model-files.h"

/* z [n, h, w, latent_channels], the scaling undone → pixels [n, 8 h, 8 w, 3] in about -1…1. */
GvTensor *gv_vae_decoder (GvGraph *g, const GvVaeConfig *config, GvTensor *z);
