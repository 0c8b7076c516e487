// SPDX-FileCopyrightText: Giverny contributors
// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * Attention (Vaswani et al. 2017).  Heads of up to 160 channels never store their scores; wider
 * ones (a VAE's one head of 512) go through matrix products, a strip of queries at a time.
 * shaders/attention/.
 */
#include "ops/ops-private.h"

#include <math.h>

#define MAX_HEAD 160

/* Scores of one strip of queries take about this much memory. */
#define STRIP_BYTES ((size_t) 32 << 20)

enum { Q, K, V };

static int
get_head_width (const GvTensor *y)
{
  return y->dim[GV_C] / y->u.attention.heads;
}

/* The variants of rows_cpu.py give the same bits; the shared ones read two channels at a time. */
static GvKernelId
choose_kernel (const GvTensor *y)
{
  static const GvKernelId cpu[2][3] = {
    { GV_KERNEL_ATTENTION_CPU_UNIFORM_48, GV_KERNEL_ATTENTION_CPU_UNIFORM_96,
      GV_KERNEL_ATTENTION_CPU_UNIFORM_160 },
    { GV_KERNEL_ATTENTION_CPU_SHARED_48, GV_KERNEL_ATTENTION_CPU_SHARED_96,
      GV_KERNEL_ATTENTION_CPU_SHARED_160 },
  };
  const GvPhysical *physical = &gv_graph_get_device (y->graph)->physical;
  int width = get_head_width (y);
  bool pairs = width % 2 == 0 && (y->src[K]->ld | y->src[V]->ld) % 2 == 0 &&
               (gv_tensor_get_address (y->src[K]) | gv_tensor_get_address (y->src[V])) % 8 == 0;

  if (physical->family == GV_KERNELS_GPU)
    return GV_KERNEL_ATTENTION_GPU;
  return cpu[!physical->uniform_loads && pairs][width <= 48 ? 0 : width <= 96 ? 1 : 2];
}

static void
attention_record (GvRecorder *recorder, GvTensor *y)
{
  GvTensor *q = y->src[Q], *k = y->src[K], *v = y->src[V];
  GvDevice *device = gv_graph_get_device (y->graph);
  uint32_t tile = device->physical.family == GV_KERNELS_CPU ? 8 : 16;
  int heads = y->u.attention.heads;
  GvDispatch d = { .kernel = choose_kernel (y) };
  GvPushAttention push = {
    .q = gv_tensor_get_address (q),
    .k = gv_tensor_get_address (k),
    .v = gv_tensor_get_address (v),
    .y = gv_tensor_get_address (y),
    .tq = (uint32_t) q->dim[GV_W],
    .tk = (uint32_t) k->dim[GV_W],
    .ldq = (uint32_t) q->ld,
    .ldk = (uint32_t) k->ld,
    .ldv = (uint32_t) v->ld,
    .ldy = (uint32_t) y->ld,
    .scale = y->u.attention.scale,
  };

  d.spec[1] = (uint32_t) get_head_width (y);
  d.spec[2] = y->u.attention.causal;
  d.n_spec = 3;
  d.groups[0] = (push.tq + tile - 1) / tile;
  d.groups[1] = (uint32_t) heads;
  d.groups[2] = (uint32_t) y->dim[GV_N];
  d.flops = 4.0 * push.tq * push.tk * y->dim[GV_C] * y->dim[GV_N];
  d.bytes = 4.0 * y->dim[GV_N] * (2.0 * push.tq + 2.0 * push.tk) * y->dim[GV_C];
  for (int i = 0; i < 3; i++)
    gv_dispatch_reads (&d, y->src[i]);
  gv_dispatch_writes (&d, y);
  gv_dispatch_set_push (&d, &push, sizeof push);
  gv_recorder_add (recorder, &d);
}

const GvOpClass gv_op_attention = { .name = "attention", .record = attention_record };

/* How a wide head's scratch memory is cut: panels of keys, panels of values, scores of a strip. */
typedef struct
{
  int strip; /* queries at a time */
  size_t keys, values, scores;
} WideScratch;

static WideScratch
cut_scratch (const GvTensor *y)
{
  size_t tk = (size_t) y->src[K]->dim[GV_W], width = (size_t) get_head_width (y);
  size_t strip = MAX (STRIP_BYTES / (4 * tk), 16);
  WideScratch s = { .strip = (int) MIN (strip, (size_t) y->src[Q]->dim[GV_W]) };

  s.keys = gv_panel_bytes (GV_F32, tk, width, 1);
  s.values = gv_panel_bytes (GV_F32, width, tk, 1);
  s.scores = (size_t) s.strip * tk * 4;
  return s;
}

static size_t
wide_scratch (const GvTensor *y)
{
  WideScratch s = cut_scratch (y);

  return s.keys + s.values + s.scores;
}

/* A part of one sample's head in q, k, v or y. */
typedef struct
{
  VkDeviceAddress address;
  GvRange range;
  uint32_t ld;
} Part;

static Part
get_part (GvTensor *x, int n, int head, int width, int first)
{
  size_t skip = ((size_t) n * (size_t) x->dim[GV_W] + (size_t) first) * (size_t) x->ld +
                (size_t) head * (size_t) width;
  GvDispatch whole = { 0 };

  gv_dispatch_reads (&whole, x);
  return (Part) { gv_tensor_get_address (x) + 4 * skip, whole.reads[0], (uint32_t) x->ld };
}

static GvRange
sub_range (GvRange all, size_t skip, size_t size)
{
  return (GvRange) { all.buffer, all.offset + skip, size };
}

static void
record_wide_pack (GvRecorder *recorder,
                  Part src,
                  GvRange dst,
                  uint32_t n,
                  uint32_t k,
                  bool transposed)
{
  GvDispatch d = { 0 };
  GvPushPack push = {
    .src = src.address,
    .dst = dst.buffer->address + dst.offset,
    .n = n,
    .k = k,
    .taps = 1,
    .stride_n = transposed ? 1 : src.ld,
    .stride_k = transposed ? src.ld : 1,
  };

  gv_dispatch_read (&d, src.range);
  gv_dispatch_write (&d, dst);
  gv_record_pack (recorder, &push, GV_F32, &d);
}

/* y [rows, n] = x [rows, k] · panels */
static void
record_wide_product (GvRecorder *recorder,
                     GvDevice *device,
                     Part x,
                     GvRange panels,
                     Part y,
                     uint32_t rows,
                     uint32_t k,
                     uint32_t n)
{
  GvDispatch d = { 0 };
  GvProduct p = {
    .push = {
      .x = x.address,
      .w = panels.buffer->address + panels.offset,
      .y = y.address,
      .zeros = device->zeros->address,
      .rows = rows,
      .hin = 1,
      .win = rows,
      .hout = 1,
      .wout = rows,
      .cin = k,
      .cout = n,
      .ldx = x.ld,
      .ldy = y.ld,
    },
    .size = 1,
    .stride = 1,
    .weight_dtype = GV_F32,
  };

  gv_dispatch_read (&d, x.range);
  gv_dispatch_read (&d, panels);
  gv_dispatch_write (&d, y.range);
  gv_record_product (recorder, device, &p, &d);
}

static void
record_softmax (GvRecorder *recorder,
                GvDevice *device,
                Part x,
                uint32_t rows,
                uint32_t columns,
                float scale)
{
  GvDispatch d = { .kernel = GV_KERNEL_SOFTMAX };
  GvPushSoftmax push = { x.address, rows, columns, x.ld, scale };

  gv_dispatch_rows (&d, device, rows);
  d.bytes = 20.0 * rows * columns;
  gv_dispatch_read (&d, x.range);
  gv_dispatch_write (&d, x.range);
  gv_dispatch_set_push (&d, &push, sizeof push);
  gv_recorder_add (recorder, &d);
}

static void
record_wide_head (GvRecorder *recorder, GvTensor *y, int n, int head)
{
  GvDevice *device = gv_graph_get_device (y->graph);
  GvRange all = gv_tensor_get_scratch (y);
  WideScratch s = cut_scratch (y);
  int width = get_head_width (y), tq = y->src[Q]->dim[GV_W];
  uint32_t tk = (uint32_t) y->src[K]->dim[GV_W];
  GvRange keys = sub_range (all, 0, s.keys), values = sub_range (all, s.keys, s.values);
  GvRange range = sub_range (all, s.keys + s.values, s.scores);
  Part scores = { range.buffer->address + range.offset, range, tk };

  record_wide_pack (recorder, get_part (y->src[K], n, head, width, 0), keys, tk, (uint32_t) width,
                    false);
  record_wide_pack (recorder, get_part (y->src[V], n, head, width, 0), values, (uint32_t) width, tk,
                    true);
  for (int first = 0; first < tq; first += s.strip) {
    uint32_t rows = (uint32_t) MIN (s.strip, tq - first);
    Part q = get_part (y->src[Q], n, head, width, first), out = get_part (y, n, head, width, first);

    record_wide_product (recorder, device, q, keys, scores, rows, (uint32_t) width, tk);
    record_softmax (recorder, device, scores, rows, tk, y->u.attention.scale);
    record_wide_product (recorder, device, scores, values, out, rows, tk, (uint32_t) width);
  }
}

static void
wide_record (GvRecorder *recorder, GvTensor *y)
{
  for (int n = 0; n < y->dim[GV_N]; n++)
    for (int head = 0; head < y->u.attention.heads; head++)
      record_wide_head (recorder, y, n, head);
}

const GvOpClass gv_op_attention_wide = {
  .name = "attention_wide",
  .record = wide_record,
  .scratch = wide_scratch,
};

GvTensor *
gv_attention (GvGraph *g, GvTensor *q, GvTensor *k, GvTensor *v, int heads, bool causal)
{
  int width = q->dim[GV_C] / MAX (heads, 1);
  const GvOpClass *op = width > MAX_HEAD ? &gv_op_attention_wide : &gv_op_attention;
  GvTensor *y = gv_node (g, op, q->dim[GV_N], 1, q->dim[GV_W], q->dim[GV_C]);

  if (heads < 1 || q->dim[GV_C] % heads != 0)
    gv_graph_fail (g, "%d channels do not make %d heads", q->dim[GV_C], heads);
  if (k->dim[GV_C] != q->dim[GV_C] || v->dim[GV_C] != q->dim[GV_C] ||
      k->dim[GV_W] != v->dim[GV_W] || k->dim[GV_N] != q->dim[GV_N] || v->dim[GV_N] != q->dim[GV_N])
    gv_graph_fail (g, "queries, keys and values that do not fit each other");
  if (causal && width > MAX_HEAD)
    gv_graph_fail (g, "causal heads of %d channels are more than %d", width, MAX_HEAD);
  gv_node_add_source (y, Q, q);
  gv_node_add_source (y, K, k);
  gv_node_add_source (y, V, v);
  y->u.attention.heads = heads;
  y->u.attention.causal = causal;
  y->u.attention.scale = 1.0f / sqrtf ((float) width);
  return y;
}
