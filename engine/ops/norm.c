// SPDX-FileCopyrightText: Giverny contributors
// SPDX-License-Identifier: GPL-3.0-or-later
/* Group norm (Wu & He 2018) and layer norm (Ba et al. 2016).  shaders/norm/. */
#include "ops/ops-private.h"

enum { X, GAMMA, BETA };

/* Positions of a workgroup in shaders/norm/group_norm.comp. */
#define ROWS 16

static size_t
group_norm_scratch (const GvTensor *y)
{
  return (size_t) y->dim[GV_N] * (size_t) y->u.norm.groups * 2 * sizeof (float);
}

static void
record_stats (GvRecorder *recorder, GvTensor *y, GvRange stats)
{
  GvTensor *x = y->src[X];
  GvDevice *device = gv_graph_get_device (y->graph);
  bool cpu = device->physical.family == GV_KERNELS_CPU;
  GvDispatch d = { .kernel = GV_KERNEL_GROUP_NORM_STATS };
  GvPushGroupNormStats push = {
    .x = gv_tensor_get_address (x),
    .stats = stats.buffer->address + stats.offset,
    .area = (uint32_t) (x->dim[GV_H] * x->dim[GV_W]),
    .groups = (uint32_t) y->u.norm.groups,
    .width = (uint32_t) (x->dim[GV_C] / y->u.norm.groups),
    .ldx = (uint32_t) x->ld,
    .eps = y->u.norm.eps,
  };

  gv_dispatch_rows (&d, device, 1);
  if (!cpu) {
    d.spec[0] = 256;
    d.spec[1] = false;
  }
  d.spec[2] = cpu;
  d.spec[3] = push.width % 2 == 0 && push.ldx % 2 == 0 && push.x % 8 == 0;
  d.n_spec = 4;
  d.groups[0] = push.groups;
  d.groups[1] = (uint32_t) x->dim[GV_N];
  d.groups[2] = 1;
  d.bytes = 8.0 * gv_tensor_get_rows (x) * x->dim[GV_C];
  gv_dispatch_reads (&d, x);
  gv_dispatch_write (&d, stats);
  gv_dispatch_set_push (&d, &push, sizeof push);
  gv_recorder_add (recorder, &d);
}

static void
group_norm_record (GvRecorder *recorder, GvTensor *y)
{
  GvTensor *x = y->src[X];
  GvRange stats = gv_tensor_get_scratch (y);
  GvDispatch d = { .kernel = GV_KERNEL_GROUP_NORM };
  GvPushGroupNorm push = {
    .x = gv_tensor_get_address (x),
    .y = gv_tensor_get_address (y),
    .gamma = gv_tensor_get_address (y->src[GAMMA]),
    .beta = gv_tensor_get_address (y->src[BETA]),
    .stats = stats.buffer->address + stats.offset,
    .area = (uint32_t) (x->dim[GV_H] * x->dim[GV_W]),
    .channels = (uint32_t) x->dim[GV_C],
    .groups = (uint32_t) y->u.norm.groups,
    .ldx = (uint32_t) x->ld,
    .ldy = (uint32_t) y->ld,
  };

  record_stats (recorder, y, stats);
  gv_dispatch_rows (&d, gv_graph_get_device (y->graph), (push.area + ROWS - 1) / ROWS);
  d.groups[2] = (uint32_t) x->dim[GV_N];
  d.spec[1] = y->u.norm.act;
  d.spec[2] = push.channels % 2 == 0 && push.ldx % 2 == 0 && push.ldy % 2 == 0 && push.x % 8 == 0 &&
              push.y % 8 == 0;
  d.n_spec = 3;
  d.bytes = 8.0 * gv_tensor_get_rows (x) * push.channels;
  for (int i = 0; i < 3; i++)
    gv_dispatch_reads (&d, y->src[i]);
  gv_dispatch_read (&d, stats);
  gv_dispatch_writes (&d, y);
  gv_dispatch_set_push (&d, &push, sizeof push);
  gv_recorder_add (recorder, &d);
}

const GvOpClass gv_op_group_norm = {
  .name = "group_norm",
  .record = group_norm_record,
  .scratch = group_norm_scratch,
};

static void
layer_norm_record (GvRecorder *recorder, GvTensor *y)
{
  GvTensor *x = y->src[X];
  GvDispatch d = { .kernel = GV_KERNEL_LAYER_NORM };
  GvPushLayerNorm push = {
    .x = gv_tensor_get_address (x),
    .y = gv_tensor_get_address (y),
    .gamma = gv_tensor_get_address (y->src[GAMMA]),
    .beta = gv_tensor_get_address (y->src[BETA]),
    .rows = gv_tensor_get_rows (x),
    .channels = (uint32_t) x->dim[GV_C],
    .ldx = (uint32_t) x->ld,
    .ldy = (uint32_t) y->ld,
    .eps = y->u.norm.eps,
  };

  gv_dispatch_rows (&d, gv_graph_get_device (y->graph), push.rows);
  d.bytes = 16.0 * push.rows * push.channels;
  for (int i = 0; i < 3; i++)
    gv_dispatch_reads (&d, y->src[i]);
  gv_dispatch_writes (&d, y);
  gv_dispatch_set_push (&d, &push, sizeof push);
  gv_recorder_add (recorder, &d);
}

const GvOpClass gv_op_layer_norm = { .name = "layer_norm", .record = layer_norm_record };

static GvTensor *
norm (GvGraph *g, const GvOpClass *op, GvTensor *x, const char *name, float eps)
{
  GvTensor *y = gv_node (g, op, x->dim[GV_N], x->dim[GV_H], x->dim[GV_W], x->dim[GV_C]);

  gv_graph_push (g, "%s", name);
  gv_node_add_source (y, X, x);
  gv_node_add_source (y, GAMMA, gv_param (g, "weight", GV_PARAM_VECTOR, &x->dim[GV_C], 1));
  gv_node_add_source (y, BETA, gv_param (g, "bias", GV_PARAM_VECTOR, &x->dim[GV_C], 1));
  gv_graph_pop (g);
  y->u.norm.eps = eps;
  return y;
}

GvTensor *
gv_group_norm (GvGraph *g, GvTensor *x, const char *name, int groups, float eps)
{
  GvTensor *y = norm (g, &gv_op_group_norm, x, name, eps);

  y->u.norm.groups = groups;
  if (groups < 1 || x->dim[GV_C] % groups != 0)
    gv_graph_fail (g, "%s: %d channels do not make %d groups", name, x->dim[GV_C], groups);
  return y;
}

GvTensor *
gv_layer_norm (GvGraph *g, GvTensor *x, const char *name, float eps)
{
  return norm (g, &gv_op_layer_norm, x, name, eps);
}
