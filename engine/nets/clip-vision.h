// SPDX-FileCopyrightText: Giverny contributors
// SPDX-License-Identifier: GPL-3.0-or-later
/* Image towers: vision transformers over square patches (Dosovitskiy et al. 2021). */
#pragma once

#include "ops/ops.h"

/* transformers' CLIPVisionConfig and Blip2VisionConfig. */
typedef struct
{
  int width, mlp_width, n_layers, n_heads;
  int image_size, patch;
  bool quick_gelu, qkv_bias;
  double norm_eps;
} GvVisionConfig;

/* Patches of the picture that the tower was made for. */
static inline int
gv_vision_count_patches (const GvVisionConfig *self)
{
  return (self->image_size / self->patch) * (self->image_size / self->patch);
}

/*
 * CLIP's: patches [n, 1, p, 3 · patch · patch] → the class token behind the last norm [n, 1, 1,
 * width].  Names below the graph's path, "embeddings.class_embedding".  Radford et al. 2021.
 */
GvTensor *gv_clip_vision (GvGraph *g, const GvVisionConfig *config, GvTensor *patches);

/* EVA's, as BLIP-2 uses it: all tokens behind the last norm [n, 1, 1 + p, width].  Fang et al.
 * 2022.
 */
GvTensor *gv_eva_vision (GvGraph *g, const GvVisionConfig *config, GvTensor *patches);
