// SPDX-FileCopyrightText: Giverny contributors
// SPDX-License-Identifier: GPL-3.0-or-later
/* The largest value of each window.  shaders/conv/max_pool.comp. */
#include "ops/ops-private.h"

static void
pool_record (GvRecorder *recorder, GvTensor *y)
{
  GvTensor *x = y->src[0];
  GvDispatch d = { .kernel = GV_KERNEL_MAX_POOL };
  GvPushMaxPool push = {
    .x = gv_tensor_get_address (x),
    .y = gv_tensor_get_address (y),
    .rows = gv_tensor_get_rows (y),
    .hin = (uint32_t) x->dim[GV_H],
    .win = (uint32_t) x->dim[GV_W],
    .hout = (uint32_t) y->dim[GV_H],
    .wout = (uint32_t) y->dim[GV_W],
    .channels = (uint32_t) y->dim[GV_C],
    .ldx = (uint32_t) x->ld,
    .ldy = (uint32_t) y->ld,
    .size = (uint32_t) y->u.pool.size,
    .stride = (uint32_t) y->u.pool.stride,
  };

  gv_dispatch_rows (&d, gv_graph_get_device (y->graph), push.rows);
  d.n_spec = 1;
  d.bytes = 4.0 * (gv_tensor_get_rows (x) + push.rows) * push.channels;
  gv_dispatch_reads (&d, x);
  gv_dispatch_writes (&d, y);
  gv_dispatch_set_push (&d, &push, sizeof push);
  gv_recorder_add (recorder, &d);
}

const GvOpClass gv_op_max_pool = { .name = "max_pool", .record = pool_record };

/* A window that hangs over the border must begin before it. */
static int
count_windows (int n, int size, int stride, bool ceil)
{
  int count = (n - size + (ceil ? stride - 1 : 0)) / stride + 1;

  return (count - 1) * stride >= n ? count - 1 : count;
}

GvTensor *
gv_max_pool (GvGraph *g, GvTensor *x, int size, int stride, bool ceil)
{
  int h = x->dim[GV_H], w = x->dim[GV_W];
  bool fits = h >= size && w >= size;
  GvTensor *y =
      gv_node (g, &gv_op_max_pool, x->dim[GV_N], fits ? count_windows (h, size, stride, ceil) : 1,
               fits ? count_windows (w, size, stride, ceil) : 1, x->dim[GV_C]);

  if (!fits)
    gv_graph_fail (g, "%d × %d is too small for a window of %d", w, h, size);
  gv_node_add_source (y, 0, x);
  y->u.pool.size = size;
  y->u.pool.stride = stride;
  return y;
}
