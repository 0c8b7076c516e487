// SPDX-FileCopyrightText: Giverny contributors
// SPDX-License-Identifier: GPL-3.0-or-later
/* Pieces that several networks are made of. */
#pragma once

#include "ops/ops.h"

/*
 * Residual block: x [n, h, w, c] → [n, h, w, cout], names as diffusers' ResnetBlock2D.
 * @emb: (nullable): silu (time embedding) [n, 1, 1, d].  Ho et al. 2020, appendix B.
 */
GvTensor *
gv_res_block (GvGraph *g, GvTensor *x, GvTensor *emb, int cout, int norm_groups, float norm_eps);

/* A layer of CLIP's towers. */
typedef struct
{
  int width, mlp_width, heads;
  float eps;
  bool quick_gelu, causal;
} GvClipLayer;

/*
 * Attention and perceptron, each behind its norm: x [n, 1, t, width], names as transformers'
 * CLIPEncoderLayer.  Radford et al. 2021, arXiv:2103.00020.
 */
GvTensor *gv_clip_layer (GvGraph *g, GvTensor *x, const GvClipLayer *layer);
