// SPDX-FileCopyrightText: Giverny contributors
// SPDX-License-Identifier: GPL-3.0-or-later
/* Activations, sums, gates, and tensors side by side.  shaders/elementwise/. */
#include "ops/ops-private.h"

/* y = act (a [+ b]); @columns of each row, a at @skip_a and y at @skip_y channels. */
static void
record_map (GvRecorder *recorder, GvTensor *y, GvTensor *a, GvTensor *b, int columns, int skip_y)
{
  GvDispatch d = { .kernel = GV_KERNEL_MAP };
  GvPushMap push = {
    .a = gv_tensor_get_address (a),
    .b = gv_tensor_get_address (b ? b : a),
    .y = gv_tensor_get_address (y) + 4 * (VkDeviceAddress) skip_y,
    .rows = gv_tensor_get_rows (y),
    .columns = (uint32_t) columns,
    .lda = (uint32_t) a->ld,
    .ldb = (uint32_t) (b ? b->ld : 0),
    .ldy = (uint32_t) y->ld,
  };

  gv_dispatch_rows (&d, gv_graph_get_device (y->graph), push.rows);
  d.spec[1] = y->op == &gv_op_map ? y->u.map.act : GV_ACT_NONE;
  d.spec[2] = b != NULL;
  d.n_spec = 3;
  d.bytes = (b ? 12.0 : 8.0) * push.rows * push.columns;
  gv_dispatch_reads (&d, a);
  if (b)
    gv_dispatch_reads (&d, b);
  gv_dispatch_writes (&d, y);
  gv_dispatch_set_push (&d, &push, sizeof push);
  gv_recorder_add (recorder, &d);
}

static void
map_record (GvRecorder *recorder, GvTensor *y)
{
  record_map (recorder, y, y->src[0], y->src[1], y->dim[GV_C], 0);
}

const GvOpClass gv_op_map = { .name = "map", .record = map_record };

static void
concat_record (GvRecorder *recorder, GvTensor *y)
{
  GvTensor *a = y->src[0], *b = y->src[1];

  record_map (recorder, y, a, NULL, a->dim[GV_C], 0);
  record_map (recorder, y, b, NULL, b->dim[GV_C], a->dim[GV_C]);
}

const GvOpClass gv_op_concat = { .name = "concat", .record = concat_record };

/* Where fusion did not take it: one dispatch a sample, the embedding's row repeated by a distance
 * of 0. */
static void
add_channels_record (GvRecorder *recorder, GvTensor *y)
{
  GvTensor *x = y->src[0], *e = y->src[1];
  int area = y->dim[GV_H] * y->dim[GV_W];

  for (int n = 0; n < y->dim[GV_N]; n++) {
    size_t skip = (size_t) n * (size_t) area;
    GvDispatch d = { .kernel = GV_KERNEL_MAP };
    GvPushMap push = {
      .a = gv_tensor_get_address (x) + 4 * skip * (size_t) x->ld,
      .b = gv_tensor_get_address (e) + 4 * (size_t) n * (size_t) e->ld,
      .y = gv_tensor_get_address (y) + 4 * skip * (size_t) y->ld,
      .rows = (uint32_t) area,
      .columns = (uint32_t) y->dim[GV_C],
      .lda = (uint32_t) x->ld,
      .ldy = (uint32_t) y->ld,
    };

    gv_dispatch_rows (&d, gv_graph_get_device (y->graph), push.rows);
    d.spec[1] = GV_ACT_NONE;
    d.spec[2] = true;
    d.n_spec = 3;
    d.bytes = 8.0 * push.rows * push.columns;
    gv_dispatch_reads (&d, x);
    gv_dispatch_reads (&d, e);
    gv_dispatch_writes (&d, y);
    gv_dispatch_set_push (&d, &push, sizeof push);
    gv_recorder_add (recorder, &d);
  }
}

const GvOpClass gv_op_add_channels = { .name = "add_channels", .record = add_channels_record };

static void
mask_record (GvRecorder *recorder, GvTensor *y)
{
  GvTensor *x = y->src[0], *mask = y->src[1], *sum = y->src[2];
  GvDispatch d = { .kernel = GV_KERNEL_MASK };
  GvPushMask push = {
    .x = gv_tensor_get_address (x),
    .mask = gv_tensor_get_address (mask),
    .sum = gv_tensor_get_address (sum ? sum : x),
    .y = gv_tensor_get_address (y),
    .rows = gv_tensor_get_rows (y),
    .columns = (uint32_t) y->dim[GV_C],
    .ldx = (uint32_t) x->ld,
    .ldm = (uint32_t) mask->ld,
    .lds = (uint32_t) (sum ? sum : x)->ld,
    .ldy = (uint32_t) y->ld,
  };

  gv_dispatch_rows (&d, gv_graph_get_device (y->graph), push.rows);
  d.spec[1] = sum != NULL;
  d.n_spec = 2;
  d.bytes = (sum ? 12.0 : 8.0) * push.rows * push.columns;
  for (int i = 0; i < (sum ? 3 : 2); i++)
    gv_dispatch_reads (&d, y->src[i]);
  gv_dispatch_writes (&d, y);
  gv_dispatch_set_push (&d, &push, sizeof push);
  gv_recorder_add (recorder, &d);
}

const GvOpClass gv_op_mask = { .name = "mask", .record = mask_record };

static void
geglu_record (GvRecorder *recorder, GvTensor *y)
{
  GvTensor *x = y->src[0];
  GvDispatch d = { .kernel = GV_KERNEL_GEGLU };
  GvPushGeglu push = {
    .x = gv_tensor_get_address (x),
    .y = gv_tensor_get_address (y),
    .rows = gv_tensor_get_rows (y),
    .width = (uint32_t) y->dim[GV_C],
    .ldx = (uint32_t) x->ld,
    .ldy = (uint32_t) y->ld,
  };

  gv_dispatch_rows (&d, gv_graph_get_device (y->graph), push.rows);
  d.bytes = 12.0 * push.rows * push.width;
  gv_dispatch_reads (&d, x);
  gv_dispatch_writes (&d, y);
  gv_dispatch_set_push (&d, &push, sizeof push);
  gv_recorder_add (recorder, &d);
}

const GvOpClass gv_op_geglu = { .name = "geglu", .record = geglu_record };

static GvTensor *
like (GvGraph *g, const GvOpClass *op, GvTensor *x, int channels)
{
  GvTensor *y = gv_node (g, op, x->dim[GV_N], x->dim[GV_H], x->dim[GV_W], channels);

  gv_node_add_source (y, 0, x);
  return y;
}

static GvTensor *
activation (GvGraph *g, GvTensor *x, GvActivation act)
{
  GvTensor *y = like (g, &gv_op_map, x, x->dim[GV_C]);

  y->u.map.act = act;
  return y;
}

GvTensor *
gv_silu (GvGraph *g, GvTensor *x)
{
  return activation (g, x, GV_ACT_SILU);
}

GvTensor *
gv_gelu (GvGraph *g, GvTensor *x)
{
  return activation (g, x, GV_ACT_GELU);
}

GvTensor *
gv_quick_gelu (GvGraph *g, GvTensor *x)
{
  return activation (g, x, GV_ACT_QUICK_GELU);
}

GvTensor *
gv_relu (GvGraph *g, GvTensor *x)
{
  return activation (g, x, GV_ACT_RELU);
}

GvTensor *
gv_add (GvGraph *g, GvTensor *a, GvTensor *b)
{
  GvTensor *y = like (g, &gv_op_map, a, a->dim[GV_C]);

  if (gv_tensor_get_rows (a) != gv_tensor_get_rows (b) || a->dim[GV_C] != b->dim[GV_C])
    gv_graph_fail (g, "a sum of tensors with different shapes");
  gv_node_add_source (y, 1, b);
  return y;
}

GvTensor *
gv_add_channels (GvGraph *g, GvTensor *x, GvTensor *e)
{
  GvTensor *y = like (g, &gv_op_add_channels, x, x->dim[GV_C]);

  if (e->dim[GV_N] != x->dim[GV_N] || e->dim[GV_C] != x->dim[GV_C])
    gv_graph_fail (g, "an embedding that does not fit its picture");
  gv_node_add_source (y, 1, e);
  return y;
}

GvTensor *
gv_mask (GvGraph *g, GvTensor *x, GvTensor *mask, GvTensor *sum)
{
  GvTensor *y = like (g, &gv_op_mask, x, x->dim[GV_C]);

  if (gv_tensor_get_rows (mask) != gv_tensor_get_rows (x) || mask->dim[GV_C] != 1)
    gv_graph_fail (g, "a mask that does not fit what it is put on");
  if (sum && (gv_tensor_get_rows (sum) != gv_tensor_get_rows (x) || sum->dim[GV_C] != x->dim[GV_C]))
    gv_graph_fail (g, "a sum of tensors with different shapes");
  gv_node_add_source (y, 1, mask);
  if (sum)
    gv_node_add_source (y, 2, sum);
  return y;
}

GvTensor *
gv_concat (GvGraph *g, GvTensor *a, GvTensor *b)
{
  GvTensor *y = like (g, &gv_op_concat, a, a->dim[GV_C] + b->dim[GV_C]);

  if (gv_tensor_get_rows (a) != gv_tensor_get_rows (b))
    gv_graph_fail (g, "tensors of different sizes side by side");
  gv_node_add_source (y, 1, b);
  return y;
}

GvTensor *
gv_geglu (GvGraph *g, GvTensor *x)
{
  return like (g, &gv_op_geglu, x, x->dim[GV_C] / 2);
}
