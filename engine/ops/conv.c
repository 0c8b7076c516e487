// SPDX-FileCopyrightText: Giverny contributors
// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * Linear layers and convolutions: one op, an implicit matrix product over rows of channels, with
 * the epilogue act (· + bias + emb) + add.  shaders/conv/.
 *
 * Where low-rank factors A and B stand beside a layer's weight, the op computes W x + B (s ∘ A x):
 * A x is an op of its own, of the layer's size and stride, and B's product goes on top of W's
 * (Hu et al. 2021, arXiv:2106.09685).  s has a number for each sample and row of A, read as the
 * program runs.
 */
#include "ops/ops-private.h"

#define FOLD 32768

/* Weights up to this size stay in a core's cache while rows go by. */
#define CACHED_WEIGHTS ((size_t) 512 << 10)

void
gv_dispatch_fold (GvDispatch *d, uint64_t n)
{
  d->groups[0] = (uint32_t) MIN (n, FOLD);
  d->groups[1] = (uint32_t) ((n + FOLD - 1) / FOLD);
  d->groups[2] = 1;
}

void
gv_dispatch_rows (GvDispatch *d, GvDevice *device, uint32_t rows)
{
  uint32_t subgroup = MAX (device->physical.subgroup_size, 1);
  uint32_t size = device->physical.family == GV_KERNELS_CPU ? subgroup : MAX (subgroup, 64);

  d->spec[0] = size;
  d->spec[1] = size == subgroup;
  d->n_spec = 2;
  gv_dispatch_fold (d, rows);
}

size_t
gv_panel_bytes (GvDtype dtype, size_t n, size_t k, size_t taps)
{
  return (n + 15) / 16 * taps * ((k + 3) / 4) * 64 * gv_dtype_size (dtype);
}

/* The variants of tile_cpu.py give the same bits, so a driver's version may choose among them. */
static GvKernelId
choose_kernel (GvDevice *device, GvDtype weight)
{
  static const GvKernelId gpu[] = {
    [GV_F32] = GV_KERNEL_CONV_GPU_F32,
    [GV_F16] = GV_KERNEL_CONV_GPU_F16,
    [GV_BF16] = GV_KERNEL_CONV_GPU_BF16,
  };
  static const GvKernelId cpu[] = {
    [GV_F32] = GV_KERNEL_CONV_CPU_F32,
    [GV_F16] = GV_KERNEL_CONV_CPU_F16,
    [GV_BF16] = GV_KERNEL_CONV_CPU_BF16,
  };
  static const GvKernelId cpu_shared[] = {
    [GV_F32] = GV_KERNEL_CONV_CPU_SHARED_F32,
    [GV_F16] = GV_KERNEL_CONV_CPU_SHARED_F16,
    [GV_BF16] = GV_KERNEL_CONV_CPU_SHARED_BF16,
  };

  g_assert (weight <= GV_BF16);
  if (device->physical.family == GV_KERNELS_GPU)
    return gpu[weight];
  return device->physical.uniform_loads ? cpu[weight] : cpu_shared[weight];
}

/* Columns of a tile, see tile_cpu.py. */
static uint32_t
get_columns (GvDevice *device)
{
  return device->physical.uniform_loads ? 16 : 32;
}

void
gv_record_product (GvRecorder *recorder, GvDevice *device, const GvProduct *p, GvDispatch *d)
{
  bool cpu = device->physical.family == GV_KERNELS_CPU;
  uint32_t rows = cpu ? 16 : 64, columns = cpu ? get_columns (device) : 64;
  int taps = p->size * p->size;
  size_t weights = gv_panel_bytes (p->weight_dtype, p->push.cout, p->push.cin, (size_t) taps);
  bool channels_first = cpu && weights <= CACHED_WEIGHTS;

  d->kernel = choose_kernel (device, p->weight_dtype);
  d->spec[0] = 0;
  d->spec[1] = (uint32_t) p->size;
  d->spec[2] = (uint32_t) p->stride;
  d->spec[3] = p->upsample;
  d->spec[4] = p->act;
  d->spec[5] = p->has_bias;
  d->spec[6] = p->has_emb;
  d->spec[7] = p->has_add;
  d->spec[8] = channels_first;
  d->spec[9] = (uint32_t) p->pad;
  d->spec[10] = p->has_low;
  d->spec[11] = p->scale;
  d->n_spec = 12;
  gv_dispatch_set_push (d, &p->push, sizeof p->push);
  gv_dispatch_fold (d, ((uint64_t) p->push.rows + rows - 1) / rows);
  d->groups[2] = (p->push.cout + columns - 1) / columns;
  if (channels_first) {
    uint32_t channels = d->groups[2];

    d->groups[2] = d->groups[1];
    d->groups[1] = d->groups[0];
    d->groups[0] = channels;
  }
  d->flops = 2.0 * p->push.rows * p->push.cout * (1.0 * p->push.cin * taps + p->push.rank);
  d->bytes = 4.0 * p->push.rows * (p->push.cin + p->push.cout);
  gv_recorder_add (recorder, d);
}

void
gv_record_pack (GvRecorder *recorder, const GvPushPack *push, GvDtype dtype, GvDispatch *d)
{
  uint64_t jobs = (uint64_t) (push->n + 15) / 16 * push->taps;

  d->kernel = gv_dtype_size (dtype) == 4 ? GV_KERNEL_PACK_32 : GV_KERNEL_PACK_16;
  gv_dispatch_set_push (d, push, sizeof *push);
  gv_dispatch_fold (d, jobs);
  d->bytes = 128.0 * (double) jobs * ((push->k + 3) / 4) * (double) gv_dtype_size (dtype);
  gv_recorder_add (recorder, d);
}

static void
conv_record (GvRecorder *recorder, GvTensor *y)
{
  GvTensor *x = y->src[GV_CONV_X], *w = y->src[GV_CONV_WEIGHT], *bias = y->src[GV_CONV_BIAS];
  GvTensor *emb = y->src[GV_CONV_EMB], *add = y->src[GV_CONV_ADD];
  GvTensor *low = y->src[GV_CONV_LOW], *low_weight = y->src[GV_CONV_LOW_WEIGHT];
  GvDevice *device = gv_graph_get_device (y->graph);
  GvDispatch d = { 0 };
  GvProduct p = {
    .push = {
      .x = gv_tensor_get_address (x),
      .w = gv_tensor_get_address (w),
      .bias = bias ? gv_tensor_get_address (bias) : 0,
      .emb = emb ? gv_tensor_get_address (emb) : 0,
      .add = add ? gv_tensor_get_address (add) : 0,
      .y = gv_tensor_get_address (y),
      .zeros = device->zeros->address,
      .low = low ? gv_tensor_get_address (low) : 0,
      .low_w = low ? gv_tensor_get_address (low_weight) : 0,
      .rows = gv_tensor_get_rows (y),
      .hin = (uint32_t) x->dim[GV_H],
      .win = (uint32_t) x->dim[GV_W],
      .hout = (uint32_t) y->dim[GV_H],
      .wout = (uint32_t) y->dim[GV_W],
      .cin = (uint32_t) x->dim[GV_C],
      .cout = (uint32_t) y->dim[GV_C],
      .ldx = (uint32_t) x->ld,
      .ldy = (uint32_t) y->ld,
      .ld_add = add ? (uint32_t) add->ld : 0,
      .ld_emb = emb ? (uint32_t) emb->ld : 0,
      .rank = low ? (uint32_t) low->dim[GV_C] : 0,
      .ld_low = low ? (uint32_t) low->ld : 0,
    },
    .size = y->u.conv.size,
    .stride = y->u.conv.stride,
    .pad = y->u.conv.pad,
    .upsample = y->u.conv.upsample,
    .has_bias = bias != NULL,
    .has_emb = emb != NULL,
    .has_add = add != NULL,
    .has_low = low != NULL,
    .scale = y->u.conv.scale,
    .act = y->u.conv.act,
    .weight_dtype = w->dtype,
  };

  for (int i = 0; i < GV_MAX_SOURCES; i++)
    if (y->src[i])
      gv_dispatch_reads (&d, y->src[i]);
  gv_dispatch_writes (&d, y);
  gv_record_product (recorder, device, &p, &d);
}

const GvOpClass gv_op_conv = { .name = "conv", .record = conv_record };

/* A layer that conv() declares. */
typedef struct
{
  int h, w, cout; /* of the output */
  int size, stride, pad;
  bool upsample, bias;
} Layer;

static GvTensor *
new_product (GvGraph *g, GvTensor *x, const Layer *layer, int cout, const char *weight)
{
  int dims[4] = { cout, x->dim[GV_C], layer->size, layer->size };
  GvTensor *y = gv_node (g, &gv_op_conv, x->dim[GV_N], layer->h, layer->w, cout);

  gv_node_add_source (y, GV_CONV_X, x);
  gv_node_add_source (y, GV_CONV_WEIGHT,
                      gv_param (g, weight, layer->size == 1 ? GV_PARAM_MATRIX : GV_PARAM_CONV, dims,
                                layer->size == 1 ? 2 : 4));
  y->u.conv.size = layer->size;
  y->u.conv.stride = layer->stride;
  y->u.conv.pad = layer->pad;
  y->u.conv.upsample = layer->upsample;
  return y;
}

/* s ∘ A x for the factors beside the layer at the graph's path; NULL where there are none. */
static GvTensor *
low_product (GvGraph *g, GvTensor *x, const Layer *layer)
{
  GvTensor *strengths, *low;
  int rank = gv_graph_get_low_rank (g, &strengths);

  if (rank == 0)
    return NULL;
  low = new_product (g, x, layer, rank, "low_rank_down");
  gv_node_add_source (low, GV_CONV_EMB, strengths);
  low->u.conv.scale = true;
  return low;
}

static GvTensor *
conv (GvGraph *g, GvTensor *x, const char *name, Layer layer)
{
  GvTensor *low, *y;

  if (x->dim[GV_C] > GV_ZEROS)
    gv_graph_fail (g, "%d channels are more than a convolution can read", x->dim[GV_C]);
  gv_graph_push (g, "%s", name);
  low = low_product (g, x, &layer);
  y = new_product (g, x, &layer, layer.cout, "weight");
  if (layer.bias)
    gv_node_add_source (y, GV_CONV_BIAS, gv_param (g, "bias", GV_PARAM_VECTOR, &layer.cout, 1));
  if (low) {
    int up[2] = { layer.cout, low->dim[GV_C] };

    gv_node_add_source (y, GV_CONV_LOW, low);
    gv_node_add_source (y, GV_CONV_LOW_WEIGHT, gv_param (g, "low_rank_up", GV_PARAM_MATRIX, up, 2));
  }
  gv_graph_pop (g);
  return y;
}

static GvTensor *
linear (GvGraph *g, GvTensor *x, const char *name, int cout, bool bias)
{
  return conv (g, x, name, (Layer) { x->dim[GV_H], x->dim[GV_W], cout, 1, 1, 0, false, bias });
}

GvTensor *
gv_linear (GvGraph *g, GvTensor *x, const char *name, int cout)
{
  return linear (g, x, name, cout, true);
}

GvTensor *
gv_linear_no_bias (GvGraph *g, GvTensor *x, const char *name, int cout)
{
  return linear (g, x, name, cout, false);
}

GvTensor *
gv_conv2d (GvGraph *g, GvTensor *x, const char *name, int cout)
{
  return conv (g, x, name, (Layer) { x->dim[GV_H], x->dim[GV_W], cout, 3, 1, 1, false, true });
}

GvTensor *
gv_conv2d_down (GvGraph *g, GvTensor *x, const char *name, int cout)
{
  int h = (x->dim[GV_H] + 1) / 2, w = (x->dim[GV_W] + 1) / 2;

  return conv (g, x, name, (Layer) { h, w, cout, 3, 2, 1, false, true });
}

GvTensor *
gv_conv2d_up (GvGraph *g, GvTensor *x, const char *name, int cout, int h, int w)
{
  if ((h + 1) / 2 != x->dim[GV_H] || (w + 1) / 2 != x->dim[GV_W])
    gv_graph_fail (g, "%d × %d is not twice %d × %d", w, h, x->dim[GV_W], x->dim[GV_H]);
  return conv (g, x, name, (Layer) { h, w, cout, 3, 1, 1, true, true });
}

/* Places of a window over @n cells with @pad zeros before and after. */
static int
count_steps (int n, int size, int stride, int pad)
{
  return (n + 2 * pad - size) / stride + 1;
}

GvTensor *
gv_conv (GvGraph *g, GvTensor *x, const char *name, int cout, int size, int stride, int pad)
{
  int h = count_steps (x->dim[GV_H], size, stride, pad);
  int w = count_steps (x->dim[GV_W], size, stride, pad);

  if (x->dim[GV_H] + 2 * pad < size || x->dim[GV_W] + 2 * pad < size)
    gv_graph_fail (g, "%d × %d is too small for a window of %d", x->dim[GV_W], x->dim[GV_H], size);
  return conv (g, x, name, (Layer) { MAX (h, 1), MAX (w, 1), cout, size, stride, pad, false, true });
}

GvTensor *
gv_linear_patches (GvGraph *g, GvTensor *x, const char *name, int cout, int size, bool bias)
{
  GvTensor *y = gv_node (g, &gv_op_conv, x->dim[GV_N], x->dim[GV_H], x->dim[GV_W], cout);
  int dims[4] = { cout, x->dim[GV_C] / (size * size), size, size };

  if (x->dim[GV_C] > GV_ZEROS)
    gv_graph_fail (g, "%d numbers are more than a patch can have", x->dim[GV_C]);
  gv_graph_push (g, "%s", name);
  gv_node_add_source (y, GV_CONV_X, x);
  gv_node_add_source (y, GV_CONV_WEIGHT, gv_param (g, "weight", GV_PARAM_MATRIX, dims, 4));
  if (bias)
    gv_node_add_source (y, GV_CONV_BIAS, gv_param (g, "bias", GV_PARAM_VECTOR, dims, 1));
  gv_graph_pop (g);
  y->u.conv.size = y->u.conv.stride = 1;
  return y;
}
