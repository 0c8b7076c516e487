// SPDX-FileCopyrightText: Giverny contributors
// SPDX-License-Identifier: GPL-3.0-or-later
/* Loading parameters: file to staging memory, then packed by the device into what the kernels want.
 */
#include "weights/store.h"

#include "base/errors.h"
#include "base/i18n.h"
#include "ops/ops-private.h"

#include <string.h>

#define STAGING_BYTES ((size_t) 32 << 20)
#define BLOCK_BYTES ((size_t) 256 << 20)
#define ALIGNMENT 256

struct _GvWeightStore
{
  GvDevice *device;
  GvModelFiles *files;
  GvPart part;
  GHashTable *params; /* "name#form" → GvParam                    */
  GPtrArray *blocks; /* of GvBuffer: where parameters stay       */
  size_t block_used; /* of the last block                        */
  size_t bytes_in_all, bytes_read;
  /* while loading */
  GPtrArray *waiting; /* keys of parameters that are not on the device yet */
  GvBuffer *staging;
  size_t staging_used;
  GvRecorder *recorder;
  GCancellable *cancellable;
  GvLoadFunc progress;
  gpointer progress_data;
};

static size_t
count_bytes (GvModelFiles *files, GvPart part)
{
  size_t n, sum = 0;
  g_autofree const char **names = gv_model_files_get_names (files, part, &n);

  for (size_t i = 0; i < n; i++)
    sum += gv_model_files_find (files, part, names[i])->size_bytes;
  return sum;
}

GvWeightStore *
gv_weight_store_new (GvDevice *device, GvModelFiles *files, GvPart part)
{
  GvWeightStore *self = g_new0 (GvWeightStore, 1);

  self->device = device;
  self->files = files;
  self->part = part;
  self->params = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  self->waiting = g_ptr_array_new ();
  self->blocks = g_ptr_array_new_with_free_func ((GDestroyNotify) gv_buffer_free);
  self->bytes_in_all = count_bytes (files, part);
  return self;
}

GvWeightStore *
gv_weight_store_new_for_host (GvDevice *device, size_t size_bytes)
{
  GvWeightStore *self = g_new0 (GvWeightStore, 1);

  self->device = device;
  self->params = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  self->waiting = g_ptr_array_new ();
  self->blocks = g_ptr_array_new_with_free_func ((GDestroyNotify) gv_buffer_free);
  self->bytes_in_all = size_bytes;
  return self;
}

void
gv_weight_store_free (GvWeightStore *self)
{
  g_clear_pointer (&self->recorder, gv_recorder_free);
  g_clear_pointer (&self->staging, gv_buffer_free);
  g_ptr_array_unref (self->waiting);
  g_hash_table_unref (self->params);
  g_ptr_array_unref (self->blocks);
  g_free (self);
}

void
gv_weight_store_watch (GvWeightStore *self,
                       GCancellable *cancellable,
                       GvLoadFunc progress,
                       gpointer data)
{
  self->cancellable = cancellable;
  self->progress = progress;
  self->progress_data = data;
}

/* The tensor of the file that a parameter is made of. */
static bool
find_weight (GvWeightStore *self,
             const char *name,
             GvParamForm form,
             const int *dims,
             const GvWeight **out,
             GError **error)
{
  int64_t shape[4] = { dims[0], dims[1], dims[2], dims[3] };
  int rank = dims[2] ? 4 : dims[1] ? 2 : 1;

  return gv_model_files_require (self->files, self->part, name, rank, shape, out, error);
}

/* What a file's type is on the device. */
static GvDtype
get_device_dtype (GvDtype dtype)
{
  switch (dtype) {
  case GV_F16:
  case GV_F8_E4M3:
  case GV_F8_E5M2:
    return GV_F16;
  case GV_BF16:
    return GV_BF16;
  default:
    return GV_F32;
  }
}

static bool
source_check (gpointer source,
              const char *name,
              GvParamForm form,
              const int *dims,
              GvDtype *dtype,
              GError **error)
{
  const GvWeight *weight;

  if (!find_weight (source, name, form, dims, &weight, error))
    return false;
  *dtype = form == GV_PARAM_VECTOR ? GV_F32 : get_device_dtype (weight->dtype);
  return true;
}

/* After a failure nobody knows how far it came: the next graph loads what was under way anew. */
static void
settle (GvWeightStore *self, bool ok)
{
  for (guint i = 0; !ok && i < self->waiting->len; i++)
    g_hash_table_remove (self->params, self->waiting->pdata[i]);
  g_ptr_array_set_size (self->waiting, 0);
}

/* Runs what is recorded, so that the staging memory is free again. */
static bool
flush (GvWeightStore *self, GError **error)
{
  g_autoptr (GvRecorder) recorder = g_steal_pointer (&self->recorder);
  g_autoptr (GvProgram) program = NULL;
  bool ok;

  self->staging_used = 0;
  if (!recorder)
    return true;
  program = gv_recorder_finish (recorder, error);
  ok = program && gv_program_run (program, self->cancellable, error);
  settle (self, ok);
  if (ok && self->progress)
    self->progress (self->bytes_read, self->bytes_in_all, self->progress_data);
  return ok;
}

/* @size bytes of staging memory, after a flush if need be. */
static bool
stage (GvWeightStore *self, size_t size, GvRange *out, GError **error)
{
  size = (size + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
  if (!self->staging || size > self->staging->size) {
    if (!flush (self, error))
      return false;
    g_clear_pointer (&self->staging, gv_buffer_free);
    self->staging = gv_buffer_new (self->device, GV_MEMORY_HOST, MAX (size, STAGING_BYTES), error);
    if (!self->staging)
      return false;
  }
  if (self->staging_used + size > self->staging->size && !flush (self, error))
    return false;
  *out = (GvRange) { self->staging, self->staging_used, size };
  self->staging_used += size;
  if (!self->recorder)
    self->recorder = gv_recorder_new (self->device);
  return true;
}

/* Memory that stays. */
static bool
reserve (GvWeightStore *self, size_t size, GvRange *out, GError **error)
{
  GvBuffer *block =
      self->blocks->len ? g_ptr_array_index (self->blocks, self->blocks->len - 1) : NULL;

  size = (size + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
  if (!block || self->block_used + size > block->size) {
    size_t wish = MIN (self->bytes_in_all + self->bytes_in_all / 8 + (1 << 20), BLOCK_BYTES);

    block = gv_buffer_new (self->device, GV_MEMORY_DEVICE, MAX (wish, size), error);
    if (!block)
      return false;
    g_ptr_array_add (self->blocks, block);
    self->block_used = 0;
  }
  *out = (GvRange) { block, self->block_used, size };
  self->block_used += size;
  return true;
}

/* What a parameter is made of: a tensor of the file, or floats in memory. */
typedef struct
{
  const GvWeight *weight; /* NULL for the latter */
  const float *values;
  size_t n_elements;
} Origin;

static GvDtype
get_origin_dtype (const Origin *origin)
{
  return origin->weight ? get_device_dtype (origin->weight->dtype) : GV_F32;
}

static bool
stage_values (GvWeightStore *self, const float *values, size_t n, GvRange *out, GError **error)
{
  if (g_cancellable_set_error_if_cancelled (self->cancellable, error) ||
      !stage (self, n * sizeof *values + 4, out, error))
    return false;
  memcpy ((char *) out->buffer->map + out->offset, values, n * sizeof *values);
  return true;
}

/* Reads elements of a tensor into staging memory, in the type that they have on the device. */
static bool
read_elements (GvWeightStore *self,
               const Origin *origin,
               size_t first,
               size_t n,
               GvRange *out,
               GError **error)
{
  const GvWeight *weight = origin->weight;

  if (!weight)
    return stage_values (self, origin->values + first, n, out, error);

  GvDtype dtype = get_device_dtype (weight->dtype);
  size_t file_size = gv_dtype_size (weight->dtype), device_size = gv_dtype_size (dtype);
  bool same = dtype == weight->dtype;
  g_autofree uint8_t *bytes = same ? NULL : g_malloc (n * file_size);
  char *staged;

  if (g_cancellable_set_error_if_cancelled (self->cancellable, error) ||
      !stage (self, n * device_size + 4, out, error))
    return false;
  staged = (char *) out->buffer->map + out->offset;
  if (!gv_model_files_read (self->files, weight, first * file_size, n * file_size,
                            same ? (void *) staged : bytes, error))
    return false;
  self->bytes_read += n * file_size;
  if (same)
    return true;
  if (dtype == GV_F32)
    gv_widen (weight->dtype, bytes, (float *) (void *) staged, n);
  else
    for (size_t i = 0; i < n; i++)
      ((uint16_t *) (void *) staged)[i] =
          gv_float_to_half (weight->dtype == GV_F8_E4M3 ? gv_e4m3_to_float (bytes[i])
                                                        : gv_e5m2_to_float (bytes[i]));
  return true;
}

static VkDeviceAddress
address_of (const GvRange *range)
{
  return range->buffer->address + range->offset;
}

/* Panels, some rows of 16 at a time. */
static bool
load_panels (GvWeightStore *self,
             const Origin *origin,
             size_t n,
             size_t k,
             size_t taps,
             GvRange dst,
             GError **error)
{
  GvDtype dtype = get_origin_dtype (origin);
  size_t row_bytes = k * taps * gv_dtype_size (dtype);
  size_t rows = MAX (STAGING_BYTES / 2 / row_bytes / 16, 1) * 16;

  for (size_t first = 0; first < n; first += rows) {
    size_t count = MIN (rows, n - first);
    GvDispatch d = { 0 };
    GvPushPack push = {
      .dst = address_of (&dst) + gv_panel_bytes (dtype, first, k, taps),
      .n = (uint32_t) count,
      .k = (uint32_t) k,
      .taps = (uint32_t) taps,
      .stride_n = (uint32_t) (k * taps),
      .stride_k = (uint32_t) taps,
      .stride_tap = 1,
    };
    GvRange src;

    if (!read_elements (self, origin, first * k * taps, count * k * taps, &src, error))
      return false;
    push.src = address_of (&src);
    gv_dispatch_read (&d, src);
    gv_dispatch_write (&d, dst);
    gv_record_pack (self->recorder, &push, dtype, &d);
  }
  return true;
}

static void
record_widen (GvWeightStore *self, GvDtype from, GvRange src, GvRange dst, size_t skip, size_t n)
{
  static const GvKernelId kernels[] = {
    [GV_F32] = GV_KERNEL_WIDEN_F32,
    [GV_F16] = GV_KERNEL_WIDEN_F16,
    [GV_BF16] = GV_KERNEL_WIDEN_BF16,
  };
  GvDispatch d = { .kernel = kernels[from] };
  GvPushWiden push = { address_of (&src), address_of (&dst) + skip, (uint32_t) n };

  gv_dispatch_fold (&d, (n + 63) / 64);
  d.bytes = 8.0 * (double) n;
  gv_dispatch_read (&d, src);
  gv_dispatch_write (&d, dst);
  gv_dispatch_set_push (&d, &push, sizeof push);
  gv_recorder_add (self->recorder, &d);
}

/* Floats (@widen), or the bytes as they are; either a stretch at a time. */
static bool
load_plain (GvWeightStore *self, const Origin *origin, bool widen, GvRange dst, GError **error)
{
  GvDtype dtype = get_origin_dtype (origin);
  size_t size = gv_dtype_size (dtype), step = STAGING_BYTES / 2 / size;

  for (size_t first = 0; first < origin->n_elements; first += step) {
    size_t count = MIN (step, origin->n_elements - first);
    GvRange src;

    if (!read_elements (self, origin, first, count, &src, error))
      return false;
    if (widen)
      record_widen (self, dtype, src, dst, first * 4, count);
    else
      record_widen (self, GV_F32, src, dst, first * size, (count * size + 3) / 4);
  }
  return true;
}

/* Of a convolution's window. */
static size_t
get_area (const int *dims)
{
  return dims[2] ? (size_t) dims[2] * (size_t) dims[3] : 1;
}

/* Brings a parameter into its form; @out has its type and perhaps a place already. */
static bool
place_param (GvWeightStore *self,
             const Origin *origin,
             GvParamForm form,
             const int *dims,
             GvParam *out,
             GError **error)
{
  size_t n = (size_t) dims[0], area = get_area (dims);
  size_t taps = form == GV_PARAM_CONV ? area : 1;
  size_t k = (size_t) dims[1] * (area / taps); /* a kernel that is multiplied is a row */
  bool panels = form == GV_PARAM_MATRIX || form == GV_PARAM_CONV;
  size_t size = panels ? gv_panel_bytes (out->dtype, n, k, taps)
                       : origin->n_elements * gv_dtype_size (out->dtype) + 4;

  if (!out->range.buffer && !reserve (self, size, &out->range, error))
    return false;
  if (panels)
    return load_panels (self, origin, n, k, taps, out->range, error);
  return load_plain (self, origin, form == GV_PARAM_VECTOR, out->range, error);
}

static bool
load_new (GvWeightStore *self,
          const char *name,
          GvParamForm form,
          const int *dims,
          GvParam *out,
          GError **error)
{
  Origin origin = { 0 };

  if (!find_weight (self, name, form, dims, &origin.weight, error))
    return false;
  origin.n_elements = origin.weight->n_elements;
  *out = (GvParam) { .dtype = form == GV_PARAM_VECTOR ? GV_F32 : get_origin_dtype (&origin) };
  return place_param (self, &origin, form, dims, out, error);
}

bool
gv_weight_store_put (GvWeightStore *self,
                     GvParamForm form,
                     const int *dims,
                     const float *values,
                     GvParam *param,
                     GError **error)
{
  Origin origin = { .values = values };

  origin.n_elements = (size_t) dims[0] * (size_t) MAX (dims[1], 1) * get_area (dims);
  param->dtype = GV_F32;
  return place_param (self, &origin, form, dims, param, error);
}

static bool
source_load (gpointer source,
             const char *name,
             GvParamForm form,
             const int *dims,
             GvParam *out,
             GError **error)
{
  GvWeightStore *self = source;
  g_autofree char *key = g_strdup_printf ("%s#%d", name, form);
  GvParam *param = g_hash_table_lookup (self->params, key);

  if (!param) {
    if (!load_new (self, name, form, dims, out, error))
      return false;
    param = g_memdup2 (out, sizeof *out);
    g_ptr_array_add (self->waiting, key);
    g_hash_table_insert (self->params, g_steal_pointer (&key), param);
  }
  *out = *param;
  return true;
}

static bool
source_finish (gpointer source, GError **error)
{
  return gv_weight_store_finish (source, error);
}

bool
gv_weight_store_finish (GvWeightStore *self, GError **error)
{
  bool ok = flush (self, error);

  g_clear_pointer (&self->staging, gv_buffer_free);
  return ok;
}

const GvParamSource gv_weight_store_source = { source_check, source_load, source_finish, NULL };
