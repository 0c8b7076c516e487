// SPDX-FileCopyrightText: Giverny contributors
// SPDX-License-Identifier: GPL-3.0-or-later
/* LoRAs beside a model's weights: which layer has which, and their numbers on the device. */
#include "weights/lora-store.h"

#include "base/errors.h"
#include "base/i18n.h"
#include "formats/file.h"
#include "ops/ops.h"
#include "weights/lora-blocks.h"

#include <string.h>

#define DOWN ".low_rank_down"
#define UP ".low_rank_up"
#define COLUMNS "low_rank_columns"

/* More than any trained file has; a layer's sums stay exact enough, and memory small. */
#define MAX_RANK 4096

/* A LoRA's part in a layer. */
typedef struct
{
  int entry, slot;
  const GvLoraFitting *fitting;
} Change;

/* A parameter of a changed copy that is on the device. */
typedef struct
{
  bool asked, placed; /* by a graph; on the device with the present strengths */
  GvParamForm form;
  int dims[4];
  GvParam param;
} Copy;

/* A layer that LoRAs change. */
typedef struct
{
  const char *name;
  GArray *changes; /* of Change, in the list's order                     */
  bool copied;     /* a changed copy instead of factors                  */
  bool bias;       /* the copy's bias is changed too                     */
  int first, rank; /* of its factors, among all                          */
  bool loaded;     /* they are on the device                             */
  GvParam down, up;
  Copy weight, bias_copy;
} Layer;

struct _GvLoraStore
{
  GvDevice *device;
  GvWeightStore *base, *own;
  GvModelFiles *files;
  GvPart part;
  const GvLoraEntry *entries;
  int n_entries;
  GPtrArray *order;   /* of Layer, owned                     */
  GHashTable *layers; /* name → Layer                        */
  GArray *slots;      /* of GvLoraSlot                       */
  double *strengths;  /* of the slots, as the copies have it */
  bool *active;       /* of the entries: not all zero        */
  int n_ranks;
  bool has_copies, columns_loaded;
  GvParam columns;
};

/* Planning */

static void
layer_free (gpointer data)
{
  Layer *self = data;

  g_array_unref (self->changes);
  g_free (self);
}

static int
get_slot (GvLoraStore *self, int entry, int block)
{
  GvLoraSlot slot = { entry, block };

  for (guint i = 0; i < self->slots->len; i++) {
    const GvLoraSlot *s = &g_array_index (self->slots, GvLoraSlot, i);

    if (s->entry == entry && s->block == block)
      return (int) i;
  }
  g_array_append_val (self->slots, slot);
  return (int) self->slots->len - 1;
}

static Layer *
get_layer (GvLoraStore *self, const char *name)
{
  Layer *layer = g_hash_table_lookup (self->layers, name);

  if (layer)
    return layer;
  layer = g_new0 (Layer, 1);
  layer->name = name;
  layer->changes = g_array_new (FALSE, FALSE, sizeof (Change));
  g_ptr_array_add (self->order, layer);
  g_hash_table_insert (self->layers, (gpointer) name, layer);
  return layer;
}

static void
add_change (GvLoraStore *self, int entry, const GvLoraFitting *fitting, bool merge)
{
  const GvUnetConfig *config = gv_model_files_get_unet_config (self->files);
  int block = self->entries[entry].by_block
      ? gv_lora_block_of (config, self->part, fitting->layer)
      : 0;
  Layer *layer = get_layer (self, fitting->layer);
  Change change = { entry, get_slot (self, entry, block), fitting };

  g_array_append_val (layer->changes, change);
  layer->copied = layer->copied || merge || !gv_lora_is_low_rank (fitting->module);
  layer->bias = layer->bias || (fitting->bias && fitting->module->tensors[GV_LORA_DIFF_B]);
}

static int
count_rank (const Layer *layer)
{
  gint64 rank = 0;

  for (guint i = 0; i < layer->changes->len; i++) {
    const GvLoraModule *m = g_array_index (layer->changes, Change, i).fitting->module;
    const GvSafetensor *top = m->tensors[GV_LORA_MID] ? m->tensors[GV_LORA_MID]
                                                      : m->tensors[GV_LORA_DOWN];

    rank += top->shape[0];
  }
  return (int) MIN (rank, G_MAXINT);
}

/* Low-rank factors are only for the layers of products; norms and tables, and stacks too high, get
 * copies. */
static void
plan (GvLoraStore *self)
{
  for (guint i = 0; i < self->order->len; i++) {
    Layer *layer = self->order->pdata[i];
    const GvLoraFitting *f = g_array_index (layer->changes, Change, 0).fitting;

    if (!layer->copied && (f->weight->rank < 2 || count_rank (layer) > MAX_RANK ||
                           g_str_has_suffix (layer->name, "_embedding")))
      layer->copied = true;
    self->has_copies = self->has_copies || layer->copied;
    if (layer->copied)
      continue;
    layer->first = self->n_ranks;
    layer->rank = count_rank (layer);
    self->n_ranks += layer->rank;
  }
}

GvLoraStore *
gv_lora_store_new (GvDevice *device,
                   GvWeightStore *base,
                   GvModelFiles *files,
                   GvPart part,
                   const GvLoraEntry *entries,
                   int n_entries,
                   bool merge)
{
  g_autoptr (GvLoraStore) self = g_new0 (GvLoraStore, 1);
  size_t size = 0;

  self->device = device;
  self->base = base;
  self->files = files;
  self->part = part;
  self->entries = entries;
  self->n_entries = n_entries;
  self->order = g_ptr_array_new_with_free_func (layer_free);
  self->layers = g_hash_table_new (g_str_hash, g_str_equal);
  self->slots = g_array_new (FALSE, FALSE, sizeof (GvLoraSlot));
  self->active = g_new0 (bool, n_entries);
  for (int e = 0; e < n_entries; e++)
    for (guint i = 0; i < entries[e].fittings->len; i++) {
      const GvLoraFitting *fitting = entries[e].fittings->pdata[i];

      if (fitting->part == part)
        add_change (self, e, fitting, merge);
    }
  if (self->order->len == 0)
    return NULL;
  plan (self);
  for (guint i = 0; i < self->order->len; i++) {
    const Layer *layer = self->order->pdata[i];
    const GvWeight *w = g_array_index (layer->changes, Change, 0).fitting->weight;

    size += 4 * (layer->copied ? w->n_elements
                               : ((size_t) w->shape[0] + gv_weight_row_elements (w)) *
                                     (size_t) layer->rank);
  }
  self->own = gv_weight_store_new_for_host (device, size);
  self->strengths = g_new0 (double, self->slots->len);
  return g_steal_pointer (&self);
}

void
gv_lora_store_free (GvLoraStore *self)
{
  g_clear_pointer (&self->own, gv_weight_store_free);
  g_ptr_array_unref (self->order);
  g_hash_table_unref (self->layers);
  g_array_unref (self->slots);
  g_free (self->strengths);
  g_free (self->active);
  g_free (self);
}

int
gv_lora_store_get_n_slots (GvLoraStore *self)
{
  return (int) self->slots->len;
}

const GvLoraSlot *
gv_lora_store_get_slot (GvLoraStore *self, int i)
{
  return &g_array_index (self->slots, GvLoraSlot, i);
}

int
gv_lora_store_get_n_ranks (GvLoraStore *self)
{
  return self->n_ranks;
}

bool
gv_lora_store_has_copies (GvLoraStore *self)
{
  return self->has_copies;
}

bool
gv_lora_store_is_zero (GvLoraStore *self, int entry)
{
  return !self->active[entry];
}

/* A slot's strength goes to all rows of its factors: a product with a matrix of zeros and ones. */
GvTensor *
gv_lora_store_declare (GvLoraStore *self, GvGraph *g, int n)
{
  GvTensor *table;

  if (self->n_ranks == 0)
    return NULL;
  table = gv_input (g, n, 1, 1, (int) self->slots->len);
  gv_graph_set_strengths (g, gv_linear_no_bias (g, table, COLUMNS, self->n_ranks));
  return table;
}

/* Factors */

/* The factors of a layer's changes below and beside each other: down [rank, row], up [out, rank]. */
static bool
stack_factors (GvLoraStore *self, Layer *layer, float *down, float *up, GError **error)
{
  const GvWeight *w = g_array_index (layer->changes, Change, 0).fitting->weight;
  size_t out = (size_t) w->shape[0], row = gv_weight_row_elements (w), at = 0;
  size_t rank = (size_t) layer->rank;

  for (guint i = 0; i < layer->changes->len; i++) {
    const Change *c = &g_array_index (layer->changes, Change, i);
    g_auto (GvLoraFactors) f = { 0 };
    size_t r;

    if (!gv_lora_read_factors (self->entries[c->entry].lora, c->fitting, &f, error))
      return false;
    r = (size_t) f.rank;
    memcpy (down + at * row, f.down, r * row * sizeof *down);
    for (size_t o = 0; o < out; o++)
      memcpy (up + o * rank + at, f.up + o * r, r * sizeof *up);
    self->active[c->entry] = self->active[c->entry] || !f.zero;
    at += r;
  }
  return true;
}

static bool
load_factors (GvLoraStore *self, Layer *layer, GError **error)
{
  const GvWeight *w = g_array_index (layer->changes, Change, 0).fitting->weight;
  int out = (int) w->shape[0];
  bool conv = w->rank == 4 && w->shape[2] > 1;
  int down_dims[4] = { layer->rank, (int) w->shape[1], conv ? (int) w->shape[2] : 0,
                       conv ? (int) w->shape[3] : 0 };
  g_autofree float *down =
      g_try_malloc_n ((size_t) layer->rank * gv_weight_row_elements (w), sizeof *down);
  g_autofree float *up = g_try_malloc_n ((size_t) layer->rank * (size_t) out, sizeof *up);

  if (!down || !up) {
    g_set_error_literal (error, GV_FORMAT_ERROR, GV_FORMAT_ERROR_LIMIT,
                         _("there is not enough memory for the LoRA"));
    return false;
  }
  return stack_factors (self, layer, down, up, error) &&
         gv_weight_store_put (self->own, conv ? GV_PARAM_CONV : GV_PARAM_MATRIX,
                              down_dims, down, &layer->down, error) &&
         gv_weight_store_put (self->own, GV_PARAM_MATRIX, (int[4]) { out, layer->rank }, up,
                              &layer->up, error);
}

static bool
load_columns (GvLoraStore *self, GError **error)
{
  int n_slots = (int) self->slots->len;
  g_autofree float *values = g_new0 (float, (size_t) self->n_ranks *(size_t) n_slots);

  for (guint i = 0; i < self->order->len; i++) {
    const Layer *layer = self->order->pdata[i];
    int at = layer->first;

    for (guint j = 0; !layer->copied && j < layer->changes->len; j++) {
      const Change *c = &g_array_index (layer->changes, Change, j);
      const GvLoraModule *m = c->fitting->module;
      const GvSafetensor *top = m->tensors[GV_LORA_MID] ? m->tensors[GV_LORA_MID]
                                                        : m->tensors[GV_LORA_DOWN];

      for (int64_t r = 0; r < top->shape[0]; r++)
        values[(size_t) at++ * (size_t) n_slots + (size_t) c->slot] = 1;
    }
  }
  return gv_weight_store_put (self->own, GV_PARAM_MATRIX, (int[4]) { self->n_ranks, n_slots },
                              values, &self->columns, error);
}

/* Copies */

static float *
read_base (GvLoraStore *self, const GvWeight *weight, GError **error)
{
  g_autofree void *bytes = g_try_malloc (weight->size_bytes + 1);
  g_autofree float *values = g_try_malloc_n (weight->n_elements + 1, sizeof *values);

  if (!bytes || !values) {
    g_set_error_literal (error, GV_FORMAT_ERROR, GV_FORMAT_ERROR_LIMIT,
                         _("there is not enough memory for the LoRA"));
    return NULL;
  }
  if (!gv_model_files_read (self->files, weight, 0, weight->size_bytes, bytes, error))
    return NULL;
  gv_widen (weight->dtype, bytes, values, weight->n_elements);
  return g_steal_pointer (&values);
}

/* Puts those parameters of a layer's copy on the device that a graph has asked for. */
static bool
put_copies (GvLoraStore *self, Layer *layer, GError **error)
{
  const GvLoraFitting *f = g_array_index (layer->changes, Change, 0).fitting;
  g_autofree float *weight = read_base (self, f->weight, error);
  g_autofree float *bias = weight && layer->bias ? read_base (self, f->bias, error) : NULL;

  if (!weight || (layer->bias && !bias))
    return false;
  for (guint i = 0; i < layer->changes->len; i++) {
    const Change *c = &g_array_index (layer->changes, Change, i);
    bool zero = false;

    if (!gv_lora_change (self->entries[c->entry].lora, c->fitting, self->strengths[c->slot],
                         weight, bias, &zero, error))
      return false;
    self->active[c->entry] = self->active[c->entry] || !zero;
  }
  if (layer->weight.asked && !gv_weight_store_put (self->own, layer->weight.form,
                                                    layer->weight.dims, weight,
                                                    &layer->weight.param, error))
    return false;
  if (layer->bias_copy.asked &&
      !gv_weight_store_put (self->own, layer->bias_copy.form, layer->bias_copy.dims, bias,
                            &layer->bias_copy.param, error))
    return false;
  layer->weight.placed = layer->weight.asked;
  layer->bias_copy.placed = layer->bias_copy.asked;
  return true;
}

static bool
load_copy (GvLoraStore *self,
           Layer *layer,
           Copy *copy,
           GvParamForm form,
           const int *dims,
           GvParam *out,
           GError **error)
{
  if (!copy->placed) {
    copy->asked = true;
    copy->form = form;
    memcpy (copy->dims, dims, sizeof copy->dims);
    if (!put_copies (self, layer, error))
      return false;
  }
  *out = copy->param;
  return true;
}

/* After a failure nobody knows what has arrived on the device: everything is put there anew. */
static bool
settle (GvLoraStore *self, bool ok)
{
  for (guint i = 0; !ok && i < self->order->len; i++) {
    Layer *layer = self->order->pdata[i];

    layer->loaded = layer->weight.placed = layer->bias_copy.placed = false;
  }
  self->columns_loaded = self->columns_loaded && ok;
  return ok;
}

static bool
depends_on (const Layer *layer, const bool *changed)
{
  for (guint i = 0; i < layer->changes->len; i++)
    if (changed[g_array_index (layer->changes, Change, i).slot])
      return true;
  return false;
}

bool
gv_lora_store_set_strengths (GvLoraStore *self,
                             const double *strengths,
                             GCancellable *cancellable,
                             GError **error)
{
  g_autofree bool *changed = g_new0 (bool, self->slots->len);

  for (guint i = 0; i < self->slots->len; i++) {
    changed[i] = self->strengths[i] != strengths[i];
    self->strengths[i] = strengths[i];
  }
  gv_weight_store_watch (self->own, cancellable, NULL, NULL);
  for (guint i = 0; i < self->order->len; i++) {
    Layer *layer = self->order->pdata[i];

    if (!depends_on (layer, changed))
      continue;
    layer->weight.placed = layer->bias_copy.placed = false;
  }
  for (guint i = 0; i < self->order->len; i++) {
    Layer *layer = self->order->pdata[i];
    bool stale = (layer->weight.asked && !layer->weight.placed) ||
                 (layer->bias_copy.asked && !layer->bias_copy.placed);

    if (stale && !put_copies (self, layer, error))
      return settle (self, false);
  }
  return settle (self, gv_weight_store_finish (self->own, error));
}

/* The source */

/* The layer that @name, without @end, is; NULL if it is none or does not end so. */
static Layer *
find_layer (GvLoraStore *self, const char *name, const char *end)
{
  g_autofree char *layer = NULL;

  if (!g_str_has_suffix (name, end))
    return NULL;
  layer = g_strndup (name, strlen (name) - strlen (end));
  return g_hash_table_lookup (self->layers, layer);
}

/* The changed copy that stands for a parameter of the model. */
static Copy *
find_copy (GvLoraStore *self, const char *name, Layer **layer)
{
  *layer = find_layer (self, name, ".weight");
  if (*layer && (*layer)->copied)
    return &(*layer)->weight;
  *layer = find_layer (self, name, ".bias");
  return *layer && (*layer)->copied && (*layer)->bias ? &(*layer)->bias_copy : NULL;
}

static bool
is_own (GvLoraStore *self, const char *name)
{
  return g_str_has_prefix (name, COLUMNS) || find_layer (self, name, DOWN) ||
         find_layer (self, name, UP);
}

static bool
source_check (gpointer source,
              const char *name,
              GvParamForm form,
              const int *dims,
              GvDtype *dtype,
              GError **error)
{
  GvLoraStore *self = source;
  Layer *layer;

  if (!is_own (self, name) &&
      !gv_weight_store_source.check (self->base, name, form, dims, dtype, error))
    return false;
  if (is_own (self, name) || find_copy (self, name, &layer))
    *dtype = GV_F32;
  return true;
}

static bool
load_own (GvLoraStore *self, const char *name, GvParam *out, GError **error)
{
  Layer *layer = find_layer (self, name, DOWN);
  bool down = layer != NULL;

  if (!layer)
    layer = find_layer (self, name, UP);
  if (!layer) {
    if (!self->columns_loaded && !load_columns (self, error))
      return false;
    self->columns_loaded = true;
    *out = self->columns;
    return true;
  }
  if (!layer->loaded && !load_factors (self, layer, error))
    return false;
  layer->loaded = true;
  *out = down ? layer->down : layer->up;
  return true;
}

static bool
load (GvLoraStore *self,
      const char *name,
      GvParamForm form,
      const int *dims,
      GvParam *out,
      GError **error)
{
  Layer *layer;
  Copy *copy;

  if (is_own (self, name))
    return load_own (self, name, out, error);
  copy = find_copy (self, name, &layer);
  if (copy)
    return load_copy (self, layer, copy, form, dims, out, error);
  return gv_weight_store_source.load (self->base, name, form, dims, out, error);
}

static bool
source_load (gpointer source,
             const char *name,
             GvParamForm form,
             const int *dims,
             GvParam *out,
             GError **error)
{
  return settle (source, load (source, name, form, dims, out, error));
}

static bool
source_finish (gpointer source, GError **error)
{
  GvLoraStore *self = source;

  if (!gv_weight_store_source.finish (self->base, error))
    return false;
  return settle (self, gv_weight_store_finish (self->own, error));
}

static int
source_low_rank (gpointer source, const char *layer, int *first)
{
  GvLoraStore *self = source;
  const Layer *found = g_hash_table_lookup (self->layers, layer);

  if (!found || found->copied)
    return 0;
  *first = found->first;
  return found->rank;
}

const GvParamSource gv_lora_store_source = { source_check, source_load, source_finish,
                                             source_low_rank };
