// SPDX-FileCopyrightText: Giverny contributors
// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * A network as a graph of tensors.  It is built once for each shape by plain functions that take
 * tensors and return tensors; building only writes nodes.  gv_graph_compile() fuses, places every
 * intermediate in an arena by its lifetime, loads weights and records commands; gv_graph_run() then
 * runs them as often as wanted.
 *
 * Activations are float32, [n, h, w, c] with channels innermost; tokens are [n, 1, t, c].  Builders
 * do not fail one by one: the graph keeps the first error with the path of its layer,
 * gv_graph_compile() reports it, and until then builders go on with what they have.
 */
#pragma once

#include "base/dtype.h"
#include "vulkan/recorder.h"

#define GV_MAX_SOURCES 8

typedef struct _GvGraph GvGraph;
typedef struct _GvTensor GvTensor;
typedef struct _GvOpClass GvOpClass;

enum { GV_N, GV_H, GV_W, GV_C };

/* In the order that shaders/lib/activation.glsl counts them. */
typedef enum { GV_ACT_NONE, GV_ACT_SILU, GV_ACT_GELU, GV_ACT_QUICK_GELU, GV_ACT_RELU } GvActivation;

/* In which form a kernel wants a parameter; its dims are those of the file's tensor. */
typedef enum {
  GV_PARAM_MATRIX, /* [n, k] as panels, see shaders/conv/pack.comp; of [n, c, s, s] k is c s s */
  GV_PARAM_CONV,   /* [n, k, s, s] as panels                                         */
  GV_PARAM_VECTOR, /* [n], or [n, k] row by row, as floats                           */
  GV_PARAM_TABLE,  /* [n, k] row by row in the file's type                           */
} GvParamForm;

/* A parameter on the device, in one of the types f32, f16, bf16. */
typedef struct
{
  GvDtype dtype;
  GvRange range;
} GvParam;

/* Where parameters come from; the graph never sees a file. */
typedef struct
{
  /* Checks that a parameter is there with this shape, and tells its type on the device. */
  bool (*check) (gpointer source,
                 const char *name,
                 GvParamForm form,
                 const int *dims,
                 GvDtype *dtype,
                 GError **error);
  /* Has it on the device; the range lives as long as the source. */
  bool (*load) (gpointer source,
                const char *name,
                GvParamForm form,
                const int *dims,
                GvParam *out,
                GError **error);
  /* Called after the last load() of a graph: everything is on the device when it returns. */
  bool (*finish) (gpointer source, GError **error);
  /* (nullable) The rank of the factors "low_rank_down" and "low_rank_up" that stand beside
   * @layer's weight, 0 for none.  @first: where the layer's begin among all of the source's. */
  int (*low_rank) (gpointer source, const char *layer, int *first);
} GvParamSource;

struct _GvTensor
{
  GvGraph *graph;
  const GvOpClass *op;      /* NULL: an input or a parameter                                  */
  GvTensor *src[GV_MAX_SOURCES];
  GvTensor *alias;          /* (nullable): shares this tensor's memory, `skip` elements in    */
  size_t skip;
  int dim[4];
  int ld;                   /* elements from one position to the next                         */
  int index;                /* in the graph, in the order of building                         */
  bool output, keep;        /* read by the host; has memory of its own                        */
  bool dead;                /* fused into another                                             */
  /* parameters */
  const char *name;
  GvParamForm form;
  int shape[4];             /* the file's, 0 where there is no axis                           */
  GvDtype dtype;
  /* an op's own settings: see its file */
  union {
    struct
    {
      int size, stride, pad;
      bool upsample, scale;
      GvActivation act;
    } conv;
    struct
    {
      int groups;
      float eps;
      GvActivation act;
    } norm;
    struct
    {
      int heads;
      bool causal;
      float scale;
    } attention;
    struct
    {
      GvActivation act;
    } map;
    struct
    {
      int size, stride;
    } pool;
  } u;
  /* set by the planner */
  GvRange range;
  int n_uses, last_use;
};

/* What the graph knows of an op; see ops/. */
struct _GvOpClass
{
  const char *name; /* also its line in GV_DEBUG=graph                                        */
  /* dispatches its kernels */
  void (*record) (GvRecorder *recorder, GvTensor *y);
  /* Bytes of scratch memory that it needs beside its output, which gv_tensor_get_scratch() gives.
   * (nullable) */
  size_t (*scratch) (const GvTensor *y);
  /* Gradients of its sources as more nodes, from the gradient of y; NULL where training never goes
   * through it. */
  void (*backward) (GvTensor *y, GvTensor *dy, GvTensor **dsrc);
};

/* @source: (nullable) with @data: whence parameters come; both outlive the graph */
GvGraph *gv_graph_new (GvDevice *device, const GvParamSource *source, gpointer data);
void gv_graph_free (GvGraph *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (GvGraph, gv_graph_free)

GvDevice *gv_graph_get_device (GvGraph *self);

/* Layers' names stand below a path: "down_blocks.0" + "." + "resnets.1". */
void gv_graph_push (GvGraph *self, const char *format, ...) G_GNUC_PRINTF (2, 3);
void gv_graph_pop (GvGraph *self);

/* Keeps the first error; later ones are dropped. */
void gv_graph_fail (GvGraph *self, const char *format, ...) G_GNUC_PRINTF (2, 3);

/* A tensor that the host fills before each run: floats [n, h, w, c], or (gv_input_ids) ints [n, t].
 */
GvTensor *gv_input (GvGraph *self, int n, int h, int w, int c);
GvTensor *gv_input_ids (GvGraph *self, int n, int t);

/* The parameter @name below the graph's path; @dims has 1, 2 or (kernels: n, k, s, s) 4
 * numbers. */
GvTensor *gv_param (GvGraph *self, const char *name, GvParamForm form, const int *dims, int rank);

/* For ops: a new node.  @ld is the number of channels. */
GvTensor *gv_node (GvGraph *self, const GvOpClass *op, int n, int h, int w, int c);
void gv_node_add_source (GvTensor *self, int slot, GvTensor *src);

/* A part of a tensor that shares its memory: channels [first, first + c), or positions of a sample.
 */
GvTensor *gv_view_channels (GvTensor *x, int first, int c);
GvTensor *gv_view_positions (GvTensor *x, int sample, int first, int count);

/* The first token of each sample: x [n, 1, t, c] → [n, 1, 1, c]. */
GvTensor *gv_view_first_tokens (GvTensor *x);

/* The same memory seen as tokens [n, 1, h · w, c], or as [n, h, w, c]. */
GvTensor *gv_as_tokens (GvTensor *x);
GvTensor *gv_as_picture (GvTensor *x, int h, int w);

static inline int
gv_dim (const GvTensor *x, int axis)
{
  return x->dim[axis];
}

/* n · h · w */
uint32_t gv_tensor_get_rows (const GvTensor *self);

/* How strongly low-rank factors act: [n, 1, 1, ranks of the whole source], for each sample. */
void gv_graph_set_strengths (GvGraph *self, GvTensor *strengths);

/* For ops: the rank beside the weight of the layer at the path, and its part of the strengths; 0
 * where there is nothing. */
int gv_graph_get_low_rank (GvGraph *self, GvTensor **strengths);

/* Marks a tensor as one that the host reads after a run. */
void gv_graph_output (GvGraph *self, GvTensor *x);

/*
 * Plans, loads and records.  Errors: the first of the builders', %GV_WEIGHTS_ERROR,
 * %GV_FORMAT_ERROR, %GV_VULKAN_ERROR.
 */
bool gv_graph_compile (GvGraph *self, GError **error);

/* Host views of inputs and outputs, valid once compiled; rows have ld = c, without gaps. */
float *gv_tensor_get_floats (GvTensor *self);
int *gv_tensor_get_ids (GvTensor *self);

bool gv_graph_run (GvGraph *self, GCancellable *cancellable, GError **error);

/* Bytes that the planned intermediates take together. */
size_t gv_graph_get_arena_bytes (GvGraph *self);

/* The recorded program, for tests. */
GvProgram *gv_graph_get_program (GvGraph *self);

/* For ops, while recording. */
VkDeviceAddress gv_tensor_get_address (const GvTensor *self);
GvRange gv_tensor_get_scratch (const GvTensor *self);
void gv_dispatch_reads (GvDispatch *d, const GvTensor *x);
void gv_dispatch_writes (GvDispatch *d, const GvTensor *x);
