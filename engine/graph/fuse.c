// SPDX-FileCopyrightText: Giverny contributors
// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * Fusion: what follows a convolution, a linear layer or a group norm and is read by nobody else
 * becomes part of its epilogue, in the order bias, time embedding, activation, sum.
 */
#include "graph/graph-private.h"

#include "ops/ops.h"
#include "ops/ops-private.h"

static void
count_uses (GvGraph *self, int *uses)
{
  for (guint i = 0; i < self->tensors->len; i++) {
    GvTensor *y = g_ptr_array_index (self->tensors, i);

    if (y->alias)
      uses[y->alias->index]++;
    for (int s = 0; s < GV_MAX_SOURCES; s++)
      if (y->src[s])
        uses[y->src[s]->index]++;
  }
}

/* Is @x a convolution that only @y reads, with nothing yet where @slot would go or after it? */
static bool
can_join (const GvTensor *x, const int *uses)
{
  return x->op == &gv_op_conv && uses[x->index] == 1 && !x->keep && !x->dead;
}

/* @y takes the place of @x: its settings and sources, its own memory. */
static void
absorb (GvTensor *y, GvTensor *x)
{
  y->op = x->op;
  y->u = x->u;
  for (int i = 0; i < GV_MAX_SOURCES; i++)
    y->src[i] = x->src[i];
  x->dead = true;
}

static bool
same_shape (const GvTensor *a, const GvTensor *b)
{
  return gv_tensor_get_rows (a) == gv_tensor_get_rows (b) && a->dim[GV_C] == b->dim[GV_C];
}

static void
fuse_activation (GvTensor *y, const int *uses)
{
  GvTensor *x = y->src[0];
  GvActivation act = y->u.map.act;

  if (y->src[1] || act == GV_ACT_NONE || !x->op || uses[x->index] != 1 || x->keep)
    return;
  if (x->op == &gv_op_group_norm && x->u.norm.act == GV_ACT_NONE) {
    absorb (y, x);
    y->u.norm.act = act;
  } else if (can_join (x, uses) && x->u.conv.act == GV_ACT_NONE && !x->src[GV_CONV_ADD]) {
    absorb (y, x);
    y->u.conv.act = act;
  }
}

static void
fuse_sum (GvTensor *y, const int *uses)
{
  for (int side = 0; side < 2; side++) {
    GvTensor *x = y->src[side], *other = y->src[1 - side];

    if (!other || y->u.map.act != GV_ACT_NONE || !can_join (x, uses) || x->src[GV_CONV_ADD])
      continue;
    if (!same_shape (x, other))
      continue;
    absorb (y, x);
    y->src[GV_CONV_ADD] = other;
    return;
  }
}

static void
fuse_embedding (GvTensor *y, const int *uses)
{
  GvTensor *x = y->src[0], *emb = y->src[1];

  if (!can_join (x, uses) || x->src[GV_CONV_EMB] || x->u.conv.act != GV_ACT_NONE ||
      x->src[GV_CONV_ADD])
    return;
  absorb (y, x);
  y->src[GV_CONV_EMB] = emb;
}

void
gv_graph_fuse (GvGraph *self)
{
  g_autofree int *uses = g_new0 (int, self->tensors->len + 1);

  count_uses (self, uses);
  for (guint i = 0; i < self->tensors->len; i++) {
    GvTensor *y = g_ptr_array_index (self->tensors, i);

    if (y->op == &gv_op_map) {
      fuse_activation (y, uses);
      if (y->op == &gv_op_map)
        fuse_sum (y, uses);
    } else if (y->op == &gv_op_add_channels)
      fuse_embedding (y, uses);
  }
}
