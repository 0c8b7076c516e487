// SPDX-FileCopyrightText: Giverny contributors
// SPDX-License-Identifier: GPL-3.0-or-later
/* Rows of tokens one behind the other, and positions added to them.  shaders/elementwise/map.comp.
 */
#include "ops/ops-private.h"

/* @rows rows of y from @skip_y on are those of a, plus those of b if there is one. */
static void
record_rows (GvRecorder *recorder,
             GvTensor *y,
             size_t skip_y,
             GvTensor *a,
             size_t skip_a,
             GvTensor *b,
             int rows)
{
  GvDispatch d = { .kernel = GV_KERNEL_MAP };
  GvPushMap push = {
    .a = gv_tensor_get_address (a) + 4 * skip_a * (size_t) a->ld,
    .b = gv_tensor_get_address (b ? b : a),
    .y = gv_tensor_get_address (y) + 4 * skip_y * (size_t) y->ld,
    .rows = (uint32_t) rows,
    .columns = (uint32_t) y->dim[GV_C],
    .lda = (uint32_t) a->ld,
    .ldb = (uint32_t) (b ? b->ld : 0),
    .ldy = (uint32_t) y->ld,
  };

  gv_dispatch_rows (&d, gv_graph_get_device (y->graph), push.rows);
  d.spec[1] = GV_ACT_NONE;
  d.spec[2] = b != NULL;
  d.n_spec = 3;
  d.bytes = 8.0 * push.rows * push.columns;
  gv_dispatch_reads (&d, a);
  if (b)
    gv_dispatch_reads (&d, b);
  gv_dispatch_writes (&d, y);
  gv_dispatch_set_push (&d, &push, sizeof push);
  gv_recorder_add (recorder, &d);
}

static void
join_record (GvRecorder *recorder, GvTensor *y)
{
  GvTensor *parts[] = { y->src[0], y->src[1] };
  size_t tokens = (size_t) y->dim[GV_W];

  for (int n = 0; n < y->dim[GV_N]; n++) {
    size_t at = (size_t) n * tokens;

    for (int i = 0; i < 2 && parts[i]; i++) {
      int t = parts[i]->dim[GV_W], sample = parts[i]->dim[GV_N] == 1 ? 0 : n;

      record_rows (recorder, y, at, parts[i], (size_t) sample * (size_t) t, NULL, t);
      at += (size_t) t;
    }
  }
}

const GvOpClass gv_op_join_tokens = { .name = "join_tokens", .record = join_record };

static void
positions_record (GvRecorder *recorder, GvTensor *y)
{
  int t = y->dim[GV_W];

  for (int n = 0; n < y->dim[GV_N]; n++)
    record_rows (recorder, y, (size_t) n * (size_t) t, y->src[0], (size_t) n * (size_t) t,
                 y->src[1], t);
}

const GvOpClass gv_op_add_positions = { .name = "add_positions", .record = positions_record };

GvTensor *
gv_join_tokens (GvGraph *g, GvTensor *a, GvTensor *b)
{
  int n = MAX (a->dim[GV_N], b->dim[GV_N]);
  GvTensor *y = gv_node (g, &gv_op_join_tokens, n, 1, a->dim[GV_W] + b->dim[GV_W], a->dim[GV_C]);

  if (a->dim[GV_C] != b->dim[GV_C] || (a->dim[GV_N] != n && a->dim[GV_N] != 1) ||
      (b->dim[GV_N] != n && b->dim[GV_N] != 1))
    gv_graph_fail (g, "tokens of different widths one behind the other");
  gv_node_add_source (y, 0, a);
  gv_node_add_source (y, 1, b);
  return y;
}

GvTensor *
gv_repeat_tokens (GvGraph *g, GvTensor *x, int n)
{
  GvTensor *y = gv_node (g, &gv_op_join_tokens, n, 1, x->dim[GV_W], x->dim[GV_C]);

  if (x->dim[GV_N] != 1)
    gv_graph_fail (g, "only a single sample can be repeated");
  gv_node_add_source (y, 0, x);
  return y;
}

GvTensor *
gv_add_positions (GvGraph *g, GvTensor *x, const char *name, int rows)
{
  int dims[2] = { rows, x->dim[GV_C] };
  GvTensor *y = gv_node (g, &gv_op_add_positions, x->dim[GV_N], 1, x->dim[GV_W], x->dim[GV_C]);

  if (x->dim[GV_W] > rows)
    gv_graph_fail (g, "%d tokens, but only %d positions", x->dim[GV_W], rows);
  gv_node_add_source (y, 0, x);
  gv_node_add_source (y, 1, gv_param (g, name, GV_PARAM_VECTOR, dims, 2));
  return y;
}
