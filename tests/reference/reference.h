// SPDX-FileCopyrightText: Giverny contributors
// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * Every op once more, in plain C and double, written for reading: what the kernels are compared
 * with.  Tensors are [n, h, w, c] without gaps; tokens have h = 1.  Each function returns a new
 * tensor.
 */
#pragma once

#include "graph/graph.h"

typedef struct
{
  int n, h, w, c;
  double *v;
} Ref;

Ref *ref_new (int n, int h, int w, int c);
void ref_free (Ref *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (Ref, ref_free)

size_t ref_count (const Ref *self);

/* The c numbers of a position. */
double *ref_at (const Ref *self, int n, int y, int x);

/* act (x * weight + low + bias + emb) + add; @upsample: of x made twice as large, nearest neighbour. */
typedef struct
{
  int size, stride, pad;
  bool upsample;
  int h, w;               /* of the result where it is enlarged                      */
  int cout;
  const double *weight;   /* [cout, c, size, size]                                   */
  const Ref *low;         /* (nullable): as the result                               */
  const double *bias;     /* (nullable): [cout]                                      */
  const Ref *emb;         /* (nullable): [n, 1, 1, cout]                             */
  GvActivation act;
  const Ref *add;         /* (nullable): as the result                               */
} RefConv;

Ref *ref_conv (const Ref *x, const RefConv *p);

Ref *ref_group_norm (const Ref *x, const double *gamma, const double *beta, int groups, double eps);
Ref *ref_layer_norm (const Ref *x, const double *gamma, const double *beta, double eps);

double ref_activate (double x, GvActivation act);
Ref *ref_activation (const Ref *x, GvActivation act);
Ref *ref_add (const Ref *a, const Ref *b);
Ref *ref_add_channels (const Ref *x, const Ref *e);
Ref *ref_mask (const Ref *x, const Ref *mask, const Ref *sum); /* @sum: (nullable) */
Ref *ref_concat (const Ref *a, const Ref *b);
Ref *ref_geglu (const Ref *x);

/* The largest of each window; of those that hang over the border if @ceil. */
Ref *ref_max_pool (const Ref *x, int size, int stride, bool ceil);

/* Tokens of a, then of b; a single sample serves all.  Tokens and the first rows of @table. */
Ref *ref_join_tokens (const Ref *a, const Ref *b);
Ref *ref_add_positions (const Ref *x, const double *table);

Ref *ref_attention (const Ref *q, const Ref *k, const Ref *v, int heads, bool causal);

/* @ids: n · t of them; @table [vocabulary, width], @positions [at least t, width] */
Ref *ref_embed (const int *ids,
                int n,
                int t,
                const double *table,
                int vocabulary,
                const double *positions,
                int width);

/* Elements of 2 or 4 bytes into panels [n/16][tap][k/4][16][4]; strides in elements. */
typedef struct
{
  size_t n, k, taps, stride_n, stride_k, stride_tap, element_bytes;
} RefPack;

void ref_pack (const void *src, void *dst, const RefPack *p);
