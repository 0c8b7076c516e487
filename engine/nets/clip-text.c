// SPDX-FileCopyrightText: Giverny contributors
// SPDX-License-Identifier: GPL-3.0-or-later
/* CLIP's text encoder: a causal transformer with the norm before each half of a layer. */
#include "nets/clip-text.h"

#include "nets/blocks.h"

GvTensor *
gv_clip_text (GvGraph *g, const GvClipTextConfig *config, GvTensor *ids, int skip)
{
  float eps = (float) config->norm_eps;
  GvClipLayer layer = { config->width, config->mlp_width,  config->n_heads,
                        eps,           config->quick_gelu, true };
  GvTensor *x = gv_embed (g, ids, "embeddings.token_embedding", config->vocab_size,
                          "embeddings.position_embedding", config->n_positions, config->width);

  for (int i = 0; i < config->n_layers - (skip - 1); i++) {
    gv_graph_push (g, "encoder.layers.%d", i);
    x = gv_clip_layer (g, x, &layer);
    gv_graph_pop (g);
  }
  return gv_layer_norm (g, x, "final_layer_norm", eps);
}
