// SPDX-FileCopyrightText: Giverny contributors
// SPDX-License-Identifier: GPL-3.0-or-later
/* The decoder of latent diffusion's autoencoder (Rombach et al. 2022). */
#include "nets/vae.h"

#include "nets/blocks.h"

#define NORM_EPS 1e-6f

static GvTensor *
resnet (GvGraph *g, const GvVaeConfig *config, GvTensor *x, int i, int cout)
{
  gv_graph_push (g, "resnets.%d", i);
  x = gv_res_block (g, x, NULL, cout, config->norm_groups, NORM_EPS);
  gv_graph_pop (g);
  return x;
}

/* One head over all positions and channels.  x [n, h, w, c]. */
static GvTensor *
mid_attention (GvGraph *g, const GvVaeConfig *config, GvTensor *x)
{
  int h = gv_dim (x, GV_H), w = gv_dim (x, GV_W), c = gv_dim (x, GV_C);
  GvTensor *y, *q, *k, *v;

  gv_graph_push (g, "attentions.0");
  y = gv_as_tokens (gv_group_norm (g, x, "group_norm", config->norm_groups, NORM_EPS));
  q = gv_linear (g, y, "to_q", c);                               /* [n, 1, h · w, c]     */
  k = gv_linear (g, y, "to_k", c);
  v = gv_linear (g, y, "to_v", c);
  y = gv_attention (g, q, k, v, 1, false);
  y = gv_linear (g, gv_as_picture (y, h, w), "to_out.0", c);
  gv_graph_pop (g);
  return gv_add (g, y, x);
}

static GvTensor *
mid_block (GvGraph *g, const GvVaeConfig *config, GvTensor *x)
{
  int c = config->channels[config->n_levels - 1];

  gv_graph_push (g, "mid_block");
  x = resnet (g, config, x, 0, c);
  if (config->mid_attention)
    x = mid_attention (g, config, x);
  x = resnet (g, config, x, 1, c);
  gv_graph_pop (g);
  return x;
}

/* @block counts from the deepest level. */
static GvTensor *
up_block (GvGraph *g, const GvVaeConfig *config, GvTensor *x, int block)
{
  int level = config->n_levels - 1 - block, c = config->channels[level];

  gv_graph_push (g, "up_blocks.%d", block);
  for (int i = 0; i < config->layers_per_block + 1; i++)
    x = resnet (g, config, x, i, c);
  if (level > 0)
    x = gv_conv2d_up (g, x, "upsamplers.0.conv", c, 2 * gv_dim (x, GV_H), 2 * gv_dim (x, GV_W));
  gv_graph_pop (g);
  return x;
}

GvTensor *
gv_vae_decoder (GvGraph *g, const GvVaeConfig *config, GvTensor *z)
{
  GvTensor *x = z;

  if (config->post_quant_conv)
    x = gv_linear (g, x, "post_quant_conv", config->latent_channels);
  gv_graph_push (g, "decoder");
  x = gv_conv2d (g, x, "conv_in", config->channels[config->n_levels - 1]);
  x = mid_block (g, config, x);
  for (int block = 0; block < config->n_levels; block++)
    x = up_block (g, config, x, block);
  x = gv_silu (g, gv_group_norm (g, x, "conv_norm_out", config->norm_groups, NORM_EPS));
  x = gv_conv2d (g, x, "conv_out", config->out_channels);
  gv_graph_pop (g);
  return x;
}
