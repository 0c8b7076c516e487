// SPDX-FileCopyrightText: Giverny contributors
// SPDX-License-Identifier: GPL-3.0-or-later
/* CLIP's text encoder: a causal transformer with the norm before each half of a layer. */
#include "nets/clip-text.h"

static GvTensor *
self_attention (GvGraph *g, const GvClipTextConfig *config, GvTensor *x)
{
  GvTensor *q, *k, *v, *y;

  gv_graph_push (g, "self_attn");
  q = gv_linear (g, x, "q_proj", config->width);                 /* [n, 1, t, width]     */
  k = gv_linear (g, x, "k_proj", config->width);
  v = gv_linear (g, x, "v_proj", config->width);
  y = gv_attention (g, q, k, v, config->n_heads, true);
  y = gv_linear (g, y, "out_proj", config->width);
  gv_graph_pop (g);
  return y;
}

static GvTensor *
mlp (GvGraph *g, const GvClipTextConfig *config, GvTensor *x)
{
  GvTensor *y = gv_linear (g, x, "mlp.fc1", config->mlp_width);  /* [n, 1, t, mlp_width] */

  y = config->quick_gelu ? gv_quick_gelu (g, y) : gv_gelu (g, y);
  return gv_linear (g, y, "mlp.fc2", config->width);
}

GvTensor *
gv_clip_text (GvGraph *g, const GvClipTextConfig *config, GvTensor *ids, int skip)
{
  float eps = (float) config->norm_eps;
  GvTensor *x = gv_embed (g, ids, "embeddings.token_embedding", config->vocab_size,
                          "embeddings.position_embedding", config->n_positions, config->width);

  for (int i = 0; i < config->n_layers - (skip - 1); i++) {
    gv_graph_push (g, "encoder.layers.%d", i);
    x = gv_add (g, x, self_attention (g, config, gv_layer_norm (g, x, "layer_norm1", eps)));
    x = gv_add (g, x, mlp (g, config, gv_layer_norm (g, x, "layer_norm2", eps)));
    gv_graph_pop (g);
  }
  return gv_layer_norm (g, x, "final_layer_norm", eps);
}
