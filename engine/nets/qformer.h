// SPDX-FileCopyrightText: Giverny contributors
// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * BLIP-2's querying transformer (Li et al. 2023, arXiv:2301.12597): learnt queries that look at a
 * picture's tokens, beside or together with a text.
 */
#pragma once

#include "ops/ops.h"

/* transformers' Blip2QFormerConfig, and what Blip2Config adds. */
typedef struct
{
  int width, mlp_width, n_layers, n_heads;
  int vocab_size, n_positions;
  int cross_frequency; /* every so many layers the queries look at the picture, the first included
                        */
  int n_queries;
  int shared_width;    /* of the space in which pictures and texts are compared */
  double norm_eps;
} GvQformerConfig;

/* Queries alone: picture [n, 1, p, d] → their vectors in the shared space [n, 1, queries,
 * shared_width], not normalised. */
GvTensor *gv_qformer_see (GvGraph *g, const GvQformerConfig *config, GvTensor *picture);

/* A text alone: ids [1, t] → its first token in the shared space [1, 1, 1, shared_width]. */
GvTensor *gv_qformer_read (GvGraph *g, const GvQformerConfig *config, GvTensor *ids);

/* Both together: does the text match?  One picture [1, 1, p, d] → two logits a query [1, 1,
 * queries, 2], "no" first. */
GvTensor *
gv_qformer_match (GvGraph *g, const GvQformerConfig *config, GvTensor *picture, GvTensor *ids);
