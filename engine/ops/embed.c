// SPDX-FileCopyrightText: Giverny contributors
// SPDX-License-Identifier: GPL-3.0-or-later
/* Token and position embeddings.  shaders/embed/. */
#include "ops/ops-private.h"

enum { IDS, TABLE, POSITIONS };

static void
embed_record (GvRecorder *recorder, GvTensor *y)
{
  static const GvKernelId kernels[] = {
    [GV_F32] = GV_KERNEL_EMBED_F32,
    [GV_F16] = GV_KERNEL_EMBED_F16,
    [GV_BF16] = GV_KERNEL_EMBED_BF16,
  };
  GvTensor *table = y->src[TABLE];
  GvDispatch d = { .kernel = kernels[table->dtype] };
  GvPushEmbed push = {
    .ids = gv_tensor_get_address (y->src[IDS]),
    .table = gv_tensor_get_address (table),
    .positions = gv_tensor_get_address (y->src[POSITIONS]),
    .y = gv_tensor_get_address (y),
    .rows = gv_tensor_get_rows (y),
    .tokens = (uint32_t) y->dim[GV_W],
    .width = (uint32_t) y->dim[GV_C],
    .vocabulary = (uint32_t) table->dim[GV_W],
    .ldy = (uint32_t) y->ld,
  };

  gv_dispatch_rows (&d, gv_graph_get_device (y->graph), push.rows);
  d.bytes = 12.0 * push.rows * push.width;
  for (int i = 0; i < 3; i++)
    gv_dispatch_reads (&d, y->src[i]);
  gv_dispatch_writes (&d, y);
  gv_dispatch_set_push (&d, &push, sizeof push);
  gv_recorder_add (recorder, &d);
}

const GvOpClass gv_op_embed = { .name = "embed", .record = embed_record };

static GvTensor *
get_table (GvGraph *g, const char *name, GvParamForm form, int rows, int width)
{
  int dims[2] = { rows, width };
  GvTensor *table;

  gv_graph_push (g, "%s", name);
  table = gv_param (g, "weight", form, dims, 2);
  gv_graph_pop (g);
  return table;
}

GvTensor *
gv_embed (GvGraph *g,
          GvTensor *ids,
          const char *table,
          int vocabulary,
          const char *positions,
          int n_positions,
          int width)
{
  GvTensor *y = gv_node (g, &gv_op_embed, ids->dim[GV_N], 1, ids->dim[GV_W], width);

  if (ids->dim[GV_W] > n_positions)
    gv_graph_fail (g, "%d tokens, but only %d positions", ids->dim[GV_W], n_positions);
  gv_node_add_source (y, IDS, ids);
  gv_node_add_source (y, TABLE, get_table (g, table, GV_PARAM_TABLE, vocabulary, width));
  gv_node_add_source (y, POSITIONS, get_table (g, positions, GV_PARAM_VECTOR, n_positions, width));
  return y;
}
