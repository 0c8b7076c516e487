// SPDX-FileCopyrightText: Giverny contributors
// SPDX-License-Identifier: GPL-3.0-or-later
/* Pieces that several networks are made of. */
#include "nets/blocks.h"

GvTensor *
gv_res_block (GvGraph *g, GvTensor *x, GvTensor *emb, int cout, int norm_groups, float norm_eps)
{
  GvTensor *h =
      gv_silu (g, gv_group_norm (g, x, "norm1", norm_groups, norm_eps)); /* [n, h, w, c] */

  h = gv_conv2d (g, h, "conv1", cout);                                       /* [n, h, w, cout] */
  if (emb)
    h = gv_add_channels (g, h, gv_linear (g, emb, "time_emb_proj", cout));
  h = gv_silu (g, gv_group_norm (g, h, "norm2", norm_groups, norm_eps));
  h = gv_conv2d (g, h, "conv2", cout);
  if (gv_dim (x, GV_C) != cout)
    x = gv_linear (g, x, "conv_shortcut", cout);
  return gv_add (g, h, x);
}

static GvTensor *
self_attention (GvGraph *g, GvTensor *x, const GvClipLayer *layer)
{
  GvTensor *q, *k, *v, *y;

  gv_graph_push (g, "self_attn");
  q = gv_linear (g, x, "q_proj", layer->width);                    /* [n, 1, t, width]     */
  k = gv_linear (g, x, "k_proj", layer->width);
  v = gv_linear (g, x, "v_proj", layer->width);
  y = gv_attention (g, q, k, v, layer->heads, layer->causal);
  y = gv_linear (g, y, "out_proj", layer->width);
  gv_graph_pop (g);
  return y;
}

static GvTensor *
mlp (GvGraph *g, GvTensor *x, const GvClipLayer *layer)
{
  GvTensor *y = gv_linear (g, x, "mlp.fc1", layer->mlp_width);     /* [n, 1, t, mlp_width] */

  y = layer->quick_gelu ? gv_quick_gelu (g, y) : gv_gelu (g, y);
  return gv_linear (g, y, "mlp.fc2", layer->width);
}

GvTensor *
gv_clip_layer (GvGraph *g, GvTensor *x, const GvClipLayer *layer)
{
  x = gv_add (g, x, self_attention (g, gv_layer_norm (g, x, "layer_norm1", layer->eps), layer));
  return gv_add (g, x, mlp (g, gv_layer_norm (g, x, "layer_norm2", layer->eps), layer));
}
