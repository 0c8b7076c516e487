// SPDX-FileCopyrightText: Giverny contributors
// SPDX-License-Identifier: GPL-3.0-or-later
/* Two image towers that differ in little: a norm at the start, fused projections, which tokens they
 * give. */
#include "nets/clip-vision.h"

#include "nets/blocks.h"

/* The class token before the patches' vectors, each with its position: [n, 1, 1 + p, width]. */
static GvTensor *
embed (GvGraph *g,
       const GvVisionConfig *config,
       GvTensor *patches,
       bool bias,
       const char *positions)
{
  int p = gv_vision_count_patches (config), width = config->width;
  GvTensor *x = gv_linear_patches (g, patches, "patch_embedding", width, config->patch, bias);
  GvTensor *first = gv_param (g, "class_embedding", GV_PARAM_VECTOR, &width, 1);

  return gv_add_positions (g, gv_join_tokens (g, first, x), positions, 1 + p);
}

GvTensor *
gv_clip_vision (GvGraph *g, const GvVisionConfig *config, GvTensor *patches)
{
  float eps = (float) config->norm_eps;
  GvClipLayer layer = { config->width, config->mlp_width,  config->n_heads,
                        eps,           config->quick_gelu, false };
  GvTensor *x;

  gv_graph_push (g, "embeddings");
  x = embed (g, config, patches, false, "position_embedding.weight");
  gv_graph_pop (g);
  x = gv_layer_norm (g, x, "pre_layrnorm", eps); /* so the checkpoints spell it */
  for (int i = 0; i < config->n_layers; i++) {
    gv_graph_push (g, "encoder.layers.%d", i);
    x = gv_clip_layer (g, x, &layer);
    gv_graph_pop (g);
  }
  return gv_layer_norm (g, gv_view_first_tokens (x), "post_layernorm", eps);
}

static GvTensor *
fused_attention (GvGraph *g, const GvVisionConfig *config, GvTensor *x)
{
  int width = config->width;
  GvTensor *qkv, *y;

  gv_graph_push (g, "self_attn");
  qkv = config->qkv_bias ? gv_linear (g, x, "qkv", 3 * width) /* [n, 1, t, 3 · width] */
                         : gv_linear_no_bias (g, x, "qkv", 3 * width);
  y = gv_attention (g, gv_view_channels (qkv, 0, width), gv_view_channels (qkv, width, width),
                    gv_view_channels (qkv, 2 * width, width), config->n_heads, false);
  y = gv_linear (g, y, "projection", width);
  gv_graph_pop (g);
  return y;
}

GvTensor *
gv_eva_vision (GvGraph *g, const GvVisionConfig *config, GvTensor *patches)
{
  float eps = (float) config->norm_eps;
  GvTensor *x, *y;

  gv_graph_push (g, "embeddings");
  x = embed (g, config, patches, true, "position_embedding");
  gv_graph_pop (g);
  for (int i = 0; i < config->n_layers; i++) {
    gv_graph_push (g, "encoder.layers.%d", i);
    x = gv_add (g, x, fused_attention (g, config, gv_layer_norm (g, x, "layer_norm1", eps)));
    y = gv_linear (g, gv_layer_norm (g, x, "layer_norm2", eps), "mlp.fc1", config->mlp_width);
    y = config->quick_gelu ? gv_quick_gelu (g, y) : gv_gelu (g, y);
    x = gv_add (g, x, gv_linear (g, y, "mlp.fc2", config->width));
    gv_graph_pop (g);
  }
  return gv_layer_norm (g, x, "post_layernorm", eps);
}
