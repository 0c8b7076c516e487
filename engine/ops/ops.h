// SPDX-FileCopyrightText: Giverny contributors
// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * The builders that networks are written with.  Each declares, names and applies a layer; @name is
 * the checkpoint's, below the graph's path.  Tensors are [n, h, w, c]; tokens are [n, 1, t, c].
 */
#pragma once

#include "graph/graph.h"

/* x [n, h, w, cin] → [n, h, w, cout]: name.weight [cout, cin] (or [cout, cin, 1, 1]) and name.bias
 * [cout]. */
GvTensor *gv_linear (GvGraph *g, GvTensor *x, const char *name, int cout);
GvTensor *gv_linear_no_bias (GvGraph *g, GvTensor *x, const char *name, int cout);

/* 3 × 3, one cell of zeros around the picture: name.weight [cout, cin, 3, 3] and name.bias. */
GvTensor *gv_conv2d (GvGraph *g, GvTensor *x, const char *name, int cout);

/* The same in steps of two: h → ceil (h / 2). */
GvTensor *gv_conv2d_down (GvGraph *g, GvTensor *x, const char *name, int cout);

/* The same on x enlarged to h × w by nearest neighbour; x must have half of each, rounded up. */
GvTensor *gv_conv2d_up (GvGraph *g, GvTensor *x, const char *name, int cout, int h, int w);

/* Any window, with @pad cells of zeros around the picture: h → floor ((h + 2 pad - size) / stride)
 * + 1. */
GvTensor *
gv_conv (GvGraph *g, GvTensor *x, const char *name, int cout, int size, int stride, int pad);

/*
 * x [n, 1, t, 3 · size · size], patches of pixels channel by channel → [n, 1, t, cout]: a
 * convolution whose windows do not overlap.  name.weight [cout, 3, size, size], and name.bias if
 * @bias.
 */
GvTensor *
gv_linear_patches (GvGraph *g, GvTensor *x, const char *name, int cout, int size, bool bias);

/* The largest of each window of @size × @size; @ceil: a window may hang over the border. */
GvTensor *gv_max_pool (GvGraph *g, GvTensor *x, int size, int stride, bool ceil);

/* name.weight and name.bias [c] after each group of c / groups channels has mean 0 and variance 1.
 */
GvTensor *gv_group_norm (GvGraph *g, GvTensor *x, const char *name, int groups, float eps);

/* The same over all the channels of each position. */
GvTensor *gv_layer_norm (GvGraph *g, GvTensor *x, const char *name, float eps);

GvTensor *gv_silu (GvGraph *g, GvTensor *x);
GvTensor *gv_gelu (GvGraph *g, GvTensor *x); /* the exact one, by erf      */
GvTensor *gv_quick_gelu (GvGraph *g, GvTensor *x); /* x · sigmoid (1.702 x)      */

GvTensor *gv_relu (GvGraph *g, GvTensor *x);

/* Equal shapes. */
GvTensor *gv_add (GvGraph *g, GvTensor *a, GvTensor *b);

/* x [n, h, w, c] + e [n, 1, 1, c] at every position. */
GvTensor *gv_add_channels (GvGraph *g, GvTensor *x, GvTensor *e);

/*
 * x · mask [+ sum]: each position of x [n, h, w, c] times its own number in mask [n, h, w, 1].
 * @sum: (nullable): as x
 */
GvTensor *gv_mask (GvGraph *g, GvTensor *x, GvTensor *mask, GvTensor *sum);

/* Side by side along the channels, a first. */
GvTensor *gv_concat (GvGraph *g, GvTensor *a, GvTensor *b);

/* One behind the other: a [n or 1, 1, ta, c], b [n or 1, 1, tb, c] → [n, 1, ta + tb, c]; a single
 * sample stands before, or behind, each of the other's. */
GvTensor *gv_join_tokens (GvGraph *g, GvTensor *a, GvTensor *b);

/* x [1, 1, t, c] → [n, 1, t, c] */
GvTensor *gv_repeat_tokens (GvGraph *g, GvTensor *x, int n);

/* x [n, 1, t, c] + the first t rows of the table @name [rows, c], for each sample. */
GvTensor *gv_add_positions (GvGraph *g, GvTensor *x, const char *name, int rows);

/* x [.., 2 · c] → [.., c]: the first half times gelu of the second. */
GvTensor *gv_geglu (GvGraph *g, GvTensor *x);

/*
 * softmax (q kᵀ / √d) v for each of @heads parts of the channels: q [n, 1, tq, c], k and v [n, 1,
 * tk, c].
 * @causal: a query sees the keys up to its own place.  Vaswani et al. 2017, arXiv:1706.03762.
 */
GvTensor *gv_attention (GvGraph *g, GvTensor *q, GvTensor *k, GvTensor *v, int heads, bool causal);

/*
 * ids [n, t] → table.weight[ids] + positions.weight[0…t-1], [n, 1, t, width].
 * @vocabulary, @n_positions: the tables' rows
 */
GvTensor *gv_embed (GvGraph *g,
                    GvTensor *ids,
                    const char *table,
                    int vocabulary,
                    const char *positions,
                    int n_positions,
                    int width);
