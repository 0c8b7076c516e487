// SPDX-FileCopyrightText: Giverny contributors
// SPDX-License-Identifier: GPL-3.0-or-later
/* The denoising U-Net of latent diffusion (Rombach et al. 2022). */
#include "nets/unet.h"

#include "nets/blocks.h"

#include <math.h>

/* What every block needs to know. */
typedef struct
{
  const GvUnetConfig *config;
  GvTensor *emb;    /* silu (time embedding) [n, 1, 1, 4 · channels[0]] */
  GvUnetTexts texts;
  GPtrArray *skips; /* outputs of the way down, for the way up          */
} Net;

static GvTensor *
cross_attention (GvGraph *g, GvTensor *x, GvTensor *context, int heads, const char *name)
{
  int width = gv_dim (x, GV_C);
  GvTensor *q, *k, *v, *y;

  gv_graph_push (g, "%s", name);
  q = gv_linear_no_bias (g, x, "to_q", width);                   /* [n, 1, h · w, width] */
  k = gv_linear_no_bias (g, context, "to_k", width);             /* [n, 1, t, width]     */
  v = gv_linear_no_bias (g, context, "to_v", width);
  y = gv_attention (g, q, k, v, heads, false);
  y = gv_linear (g, y, "to_out.0", width);
  gv_graph_pop (g);
  return y;
}

/* One text's answers to the queries; @q [n, 1, h · w, width]. */
static GvTensor *
ask (GvGraph *g, GvTensor *q, GvTensor *text, int heads)
{
  int width = gv_dim (q, GV_C);
  GvTensor *k = gv_linear_no_bias (g, text, "to_k", width);      /* [n, 1, t, width]     */
  GvTensor *v = gv_linear_no_bias (g, text, "to_v", width);

  return gv_attention (g, q, k, v, heads, false);
}

/* Cross-attention to each text of its own, their answers weighted by place. */
static GvTensor *
masked_attention (GvGraph *g, GvTensor *x, const GvUnetTexts *texts, int level, int heads)
{
  int width = gv_dim (x, GV_C);
  GvTensor *masks = gv_as_tokens (texts->masks[level]);          /* [n, 1, h · w, texts] */
  GvTensor *q, *y = NULL;

  gv_graph_push (g, "attn2");
  q = gv_linear_no_bias (g, x, "to_q", width);
  for (int i = 0; i < texts->n; i++)
    y = gv_mask (g, ask (g, q, texts->texts[i], heads), gv_view_channels (masks, i, 1), y);
  y = gv_linear (g, y, "to_out.0", width);
  gv_graph_pop (g);
  return y;
}

static GvTensor *
feed_forward (GvGraph *g, GvTensor *x)
{
  int width = gv_dim (x, GV_C);
  GvTensor *y = gv_linear (g, x, "ff.net.0.proj", 8 * width);    /* value and gate       */

  return gv_linear (g, gv_geglu (g, y), "ff.net.2", width);
}

static GvTensor *
text_attention (GvGraph *g, Net *net, GvTensor *x, int level)
{
  int heads = net->config->n_heads[level];

  if (net->texts.masks)
    return masked_attention (g, x, &net->texts, level, heads);
  return cross_attention (g, x, net->texts.texts[0], heads, "attn2");
}

static GvTensor *
transformer_block (GvGraph *g, Net *net, GvTensor *x, int level)
{
  GvTensor *y = gv_layer_norm (g, x, "norm1", 1e-5f);

  x = gv_add (g, x, cross_attention (g, y, y, net->config->n_heads[level], "attn1"));
  y = gv_layer_norm (g, x, "norm2", 1e-5f);
  x = gv_add (g, x, text_attention (g, net, y, level));
  y = gv_layer_norm (g, x, "norm3", 1e-5f);
  return gv_add (g, x, feed_forward (g, y));
}

/* A transformer over the positions of a picture, with text to look at.  x [n, h, w, c]. */
static GvTensor *
spatial_transformer (GvGraph *g, Net *net, GvTensor *x, int level)
{
  int h = gv_dim (x, GV_H), w = gv_dim (x, GV_W), c = gv_dim (x, GV_C);
  GvTensor *y = gv_group_norm (g, x, "norm", net->config->norm_groups, 1e-6f);

  y = gv_as_tokens (gv_linear (g, y, "proj_in", c));             /* [n, 1, h · w, c]     */
  for (int i = 0; i < net->config->transformer_depth[level]; i++) {
    gv_graph_push (g, "transformer_blocks.%d", i);
    y = transformer_block (g, net, y, level);
    gv_graph_pop (g);
  }
  return gv_add (g, gv_linear (g, gv_as_picture (y, h, w), "proj_out", c), x);
}

static GvTensor *
resnet (GvGraph *g, Net *net, GvTensor *x, int i, int cout)
{
  gv_graph_push (g, "resnets.%d", i);
  x = gv_res_block (g, x, net->emb, cout, net->config->norm_groups, (float) net->config->norm_eps);
  gv_graph_pop (g);
  return x;
}

static GvTensor *
attention (GvGraph *g, Net *net, GvTensor *x, int i, int level)
{
  gv_graph_push (g, "attentions.%d", i);
  x = spatial_transformer (g, net, x, level);
  gv_graph_pop (g);
  return x;
}

static GvTensor *
down_block (GvGraph *g, Net *net, GvTensor *x, int level)
{
  const GvUnetConfig *config = net->config;

  gv_graph_push (g, "down_blocks.%d", level);
  for (int i = 0; i < config->layers_per_block; i++) {
    x = resnet (g, net, x, i, config->channels[level]);
    if (config->down_attention[level])
      x = attention (g, net, x, i, level);
    g_ptr_array_add (net->skips, x);
  }
  if (level < config->n_levels - 1) {
    x = gv_conv2d_down (g, x, "downsamplers.0.conv", config->channels[level]);
    g_ptr_array_add (net->skips, x);
  }
  gv_graph_pop (g);
  return x;
}

static GvTensor *
mid_block (GvGraph *g, Net *net, GvTensor *x)
{
  int level = net->config->n_levels - 1;

  gv_graph_push (g, "mid_block");
  x = resnet (g, net, x, 0, net->config->channels[level]);
  if (net->config->mid_attention) {
    x = attention (g, net, x, 0, level);
    x = resnet (g, net, x, 1, net->config->channels[level]);
  }
  gv_graph_pop (g);
  return x;
}

/* @block counts from the deepest. */
static GvTensor *
up_block (GvGraph *g, Net *net, GvTensor *x, int block)
{
  const GvUnetConfig *config = net->config;
  int level = config->n_levels - 1 - block;

  gv_graph_push (g, "up_blocks.%d", block);
  for (int i = 0; i < config->layers_per_block + 1; i++) {
    GvTensor *skip = g_ptr_array_steal_index (net->skips, net->skips->len - 1);

    x = resnet (g, net, gv_concat (g, x, skip), i, config->channels[level]);
    if (config->up_attention[block])
      x = attention (g, net, x, i, level);
  }
  if (level > 0) {
      /* The next block's skip connection may be of odd size: it says how large x becomes. */
    GvTensor *skip = g_ptr_array_index (net->skips, net->skips->len - 1);

    x = gv_conv2d_up (g, x, "upsamplers.0.conv", config->channels[level], gv_dim (skip, GV_H),
                      gv_dim (skip, GV_W));
  }
  gv_graph_pop (g);
  return x;
}

GvTensor *
gv_unet (GvGraph *g, const GvUnetConfig *config, GvTensor *x, GvTensor *time, GvTensor *text)
{
  return gv_unet_masked (g, config, x, time, &(GvUnetTexts) { 1, &text, NULL });
}

GvTensor *
gv_unet_masked (GvGraph *g,
                const GvUnetConfig *config,
                GvTensor *x,
                GvTensor *time,
                const GvUnetTexts *texts)
{
  g_autoptr (GPtrArray) skips = g_ptr_array_new ();
  Net net = { config, NULL, *texts, skips };
  int width = 4 * config->channels[0];
  GvTensor *emb = gv_silu (g, gv_linear (g, time, "time_embedding.linear_1", width));

  net.emb = gv_silu (g, gv_linear (g, emb, "time_embedding.linear_2", width));
  x = gv_conv2d (g, x, "conv_in", config->channels[0]);
  g_ptr_array_add (skips, x);
  for (int level = 0; level < config->n_levels; level++)
    x = down_block (g, &net, x, level);
  x = mid_block (g, &net, x);
  for (int block = 0; block < config->n_levels; block++)
    x = up_block (g, &net, x, block);
  x = gv_silu (g, gv_group_norm (g, x, "conv_norm_out", config->norm_groups,
                                 (float) config->norm_eps));
  return gv_conv2d (g, x, "conv_out", config->out_channels);
}

void
gv_timestep_embedding (const GvUnetConfig *config, double timestep, int width, float *out)
{
  int half = width / 2;
  float *sines = config->flip_sin_to_cos ? out + half : out;
  float *cosines = config->flip_sin_to_cos ? out : out + half;

  out[width - 1] = 0; /* stays where the width is odd */
  for (int i = 0; i < half; i++) {
    double frequency = exp (-log (10000) * i / (half - config->freq_shift));

    sines[i] = (float) sin (timestep * frequency);
    cosines[i] = (float) cos (timestep * frequency);
  }
}
