// SPDX-FileCopyrightText: Giverny contributors
// SPDX-License-Identifier: GPL-3.0-or-later
/* The querying transformer: BERT's layers, whose norms stand behind the sums, with halves for
 * queries and text. */
#include "nets/qformer.h"

/* What every layer needs to know. */
typedef struct
{
  const GvQformerConfig *config;
  int queries;       /* that stand before the text        */
  GvTensor *picture; /* (nullable): [n, 1, p, d]          */
} Net;

static GvTensor *
attention (GvGraph *g, const Net *net, GvTensor *x, GvTensor *context, const char *name)
{
  int width = net->config->width;
  GvTensor *q, *k, *v, *y;

  gv_graph_push (g, "%s", name);
  q = gv_linear (g, x, "attention.query", width);
  k = gv_linear (g, context, "attention.key", width);
  v = gv_linear (g, context, "attention.value", width);
  y = gv_linear (g, gv_attention (g, q, k, v, net->config->n_heads, false), "output.dense", width);
  y = gv_layer_norm (g, gv_add (g, y, x), "output.LayerNorm", (float) net->config->norm_eps);
  gv_graph_pop (g);
  return y;
}

/* @half: "" for text, "_query" for queries */
static GvTensor *
feed_forward (GvGraph *g, const Net *net, GvTensor *x, const char *half)
{
  GvTensor *y;

  gv_graph_push (g, "intermediate%s", half);
  y = gv_gelu (g, gv_linear (g, x, "dense", net->config->mlp_width));
  gv_graph_pop (g);
  gv_graph_push (g, "output%s", half);
  y = gv_linear (g, y, "dense", net->config->width);
  y = gv_layer_norm (g, gv_add (g, y, x), "LayerNorm", (float) net->config->norm_eps);
  gv_graph_pop (g);
  return y;
}

static GvTensor *
layer (GvGraph *g, const Net *net, GvTensor *x, int i)
{
  int text = gv_dim (x, GV_W) - net->queries;
  GvTensor *y = attention (g, net, x, x, "attention"), *q = y;

  if (!net->queries)
    return feed_forward (g, net, y, "");
  if (text)
    q = gv_view_positions (y, 0, 0, net->queries);
  if (i % net->config->cross_frequency == 0)
    q = attention (g, net, q, net->picture, "crossattention");
  q = feed_forward (g, net, q, "_query");
  if (!text)
    return q;
  return gv_join_tokens (g, q,
                         feed_forward (g, net, gv_view_positions (y, 0, net->queries, text), ""));
}

static GvTensor *
transform (GvGraph *g, const Net *net, GvTensor *x)
{
  gv_graph_push (g, "qformer");
  x = gv_layer_norm (g, x, "layernorm", (float) net->config->norm_eps);
  for (int i = 0; i < net->config->n_layers; i++) {
    gv_graph_push (g, "encoder.layer.%d", i);
    x = layer (g, net, x, i);
    gv_graph_pop (g);
  }
  gv_graph_pop (g);
  return x;
}

static GvTensor *
embed_text (GvGraph *g, const GvQformerConfig *config, GvTensor *ids)
{
  return gv_embed (g, ids, "embeddings.word_embeddings", config->vocab_size,
                   "embeddings.position_embeddings", config->n_positions, config->width);
}

static GvTensor *
get_queries (GvGraph *g, const GvQformerConfig *config)
{
  int dims[2] = { config->n_queries, config->width };

  return gv_param (g, "query_tokens", GV_PARAM_VECTOR, dims, 2);
}

GvTensor *
gv_qformer_see (GvGraph *g, const GvQformerConfig *config, GvTensor *picture)
{
  Net net = { config, config->n_queries, picture };
  int n = gv_dim (picture, GV_N);
  GvTensor *x = gv_repeat_tokens (g, get_queries (g, config), n);

  return gv_linear (g, transform (g, &net, x), "vision_projection", config->shared_width);
}

GvTensor *
gv_qformer_read (GvGraph *g, const GvQformerConfig *config, GvTensor *ids)
{
  Net net = { config, 0, NULL };
  GvTensor *x = transform (g, &net, embed_text (g, config, ids));

  return gv_linear (g, gv_view_first_tokens (x), "text_projection", config->shared_width);
}

GvTensor *
gv_qformer_match (GvGraph *g, const GvQformerConfig *config, GvTensor *picture, GvTensor *ids)
{
  Net net = { config, config->n_queries, picture };
  GvTensor *x = gv_join_tokens (g, get_queries (g, config), embed_text (g, config, ids));

  x = gv_view_positions (transform (g, &net, x), 0, 0, config->n_queries);
  return gv_linear (g, x, "itm_head", 2);
}
