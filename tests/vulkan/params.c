// SPDX-FileCopyrightText: Giverny contributors
// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * Parameters for tests.  Their numbers follow from their names.  Panels are written by the kernel
 * that packs, or by its twin: every second one each.  What lies behind a parameter is NaN.
 */
#include "harness.h"

#include "ops/ops-private.h"
#include "reference.h"

#include <math.h>
#include <string.h>

#define MARGIN 256

typedef struct
{
  GvParamForm form;
  GvDtype dtype;
  int dims[4];
  size_t n;
  double *values;
  void *elements; /* the values in their type */
  GvBuffer *buffer;
  size_t size;
} Entry;

static void
entry_free (gpointer data)
{
  Entry *self = data;

  g_clear_pointer (&self->buffer, gv_buffer_free);
  g_free (self->values);
  g_free (self->elements);
  g_free (self);
}

TestParams *
test_params_new (GvDevice *device, GvDtype dtype)
{
  TestParams *self = g_new0 (TestParams, 1);

  self->device = device;
  self->dtype = dtype;
  self->entries = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, entry_free);
  self->staging = g_ptr_array_new_with_free_func ((GDestroyNotify) gv_buffer_free);
  return self;
}

void
test_params_free (TestParams *self)
{
  g_clear_pointer (&self->recorder, gv_recorder_free);
  g_ptr_array_unref (self->staging);
  g_hash_table_unref (self->entries);
  g_free (self);
}

const double *
test_params_get (TestParams *self, const char *name)
{
  Entry *entry = g_hash_table_lookup (self->entries, name);

  g_assert_nonnull (entry);
  return entry->values;
}

/* Rounds a value to the entry's type, keeps both. */
static void
set_value (Entry *self, size_t i, float value)
{
  uint16_t *halves = self->elements;

  if (self->dtype == GV_F32)
    ((float *) self->elements)[i] = value;
  else
    halves[i] = self->dtype == GV_F16 ? gv_float_to_half (value) : gv_float_to_bf16 (value);
  if (self->dtype == GV_F16)
    value = gv_half_to_float (halves[i]);
  if (self->dtype == GV_BF16)
    value = gv_bf16_to_float (halves[i]);
  self->values[i] = value;
}

/* Small where many are summed up, around 1 where a norm multiplies. */
static Entry *
entry_new (const char *name, GvParamForm form, const int *dims, GvDtype dtype)
{
  Entry *self = g_new0 (Entry, 1);
  Random random = { g_str_hash (name) };
  size_t k = (size_t) MAX (dims[1], 1) * (size_t) MAX (dims[2] * dims[3], 1);
  bool panels = form == GV_PARAM_CONV || form == GV_PARAM_MATRIX;
  bool gamma = form == GV_PARAM_VECTOR && g_str_has_suffix (name, "weight") && !dims[1];

  self->form = form;
  self->dtype = dtype;
  memcpy (self->dims, dims, sizeof self->dims);
  self->n = (size_t) dims[0] * k;
  self->values = g_new0 (double, self->n);
  self->elements = g_malloc0 (self->n * gv_dtype_size (dtype));
  for (size_t i = 0; i < self->n; i++) {
    float r = random_next (&random);

    set_value (self, i, panels ? r * 1.5f / sqrtf ((float) k) : gamma ? 1 + r / 4 : r / 2);
  }
  return self;
}

static bool
params_check (gpointer source,
              const char *name,
              GvParamForm form,
              const int *dims,
              GvDtype *dtype,
              GError **error)
{
  TestParams *self = source;
  Entry *entry = g_hash_table_lookup (self->entries, name);

  if (!entry) {
    bool floats = form == GV_PARAM_VECTOR || g_str_has_suffix (name, "low_rank_up");

    entry = entry_new (name, form, dims, floats ? GV_F32 : self->dtype);
    g_hash_table_insert (self->entries, g_strdup (name), entry);
  }
  *dtype = entry->dtype;
  return true;
}

static RefPack
get_layout (const Entry *entry)
{
  size_t area = (size_t) MAX (entry->dims[2] * entry->dims[3], 1);
  size_t taps = entry->form == GV_PARAM_CONV ? area : 1;
  size_t k = (size_t) entry->dims[1] * (area / taps);

  return (RefPack) {
    .n = (size_t) entry->dims[0],
    .k = k,
    .taps = taps,
    .stride_n = k * taps,
    .stride_k = taps,
    .stride_tap = 1,
    .element_bytes = gv_dtype_size (entry->dtype),
  };
}

static bool
record_pack (TestParams *self, Entry *entry, GError **error)
{
  RefPack layout = get_layout (entry);
  size_t size = entry->n * layout.element_bytes;
  GvBuffer *staging = gv_buffer_new (self->device, GV_MEMORY_HOST, size + MARGIN, error);
  GvDispatch d = { 0 };
  GvPushPack push = {
    .dst = entry->buffer->address,
    .n = (uint32_t) layout.n,
    .k = (uint32_t) layout.k,
    .taps = (uint32_t) layout.taps,
    .stride_n = (uint32_t) layout.stride_n,
    .stride_k = (uint32_t) layout.stride_k,
    .stride_tap = (uint32_t) layout.stride_tap,
  };

  if (!staging)
    return false;
  g_ptr_array_add (self->staging, staging);
  memset (staging->map, 0xff, staging->size);
  memcpy (staging->map, entry->elements, size);
  push.src = staging->address;
  gv_dispatch_read (&d, (GvRange) { staging, 0, size });
  gv_dispatch_write (&d, (GvRange) { entry->buffer, 0, entry->size });
  if (!self->recorder)
    self->recorder = gv_recorder_new (self->device);
  gv_record_pack (self->recorder, &push, entry->dtype, &d);
  return true;
}

static bool
place (TestParams *self, Entry *entry, GError **error)
{
  RefPack layout = get_layout (entry);
  bool panels = entry->form == GV_PARAM_CONV || entry->form == GV_PARAM_MATRIX;

  entry->size = panels ? gv_panel_bytes (entry->dtype, layout.n, layout.k, layout.taps)
                       : entry->n * layout.element_bytes;
  entry->buffer = gv_buffer_new (self->device, GV_MEMORY_HOST, entry->size + MARGIN, error);
  if (!entry->buffer)
    return false;
  memset (entry->buffer->map, 0xff, entry->buffer->size);
  if (!panels)
    memcpy (entry->buffer->map, entry->elements, entry->size);
  else if (entry->n % 2 == 0 && !self->on_host)
    return record_pack (self, entry, error);
  else
    ref_pack (entry->elements, entry->buffer->map, &layout);
  return true;
}

static bool
params_load (gpointer source,
             const char *name,
             GvParamForm form,
             const int *dims,
             GvParam *out,
             GError **error)
{
  TestParams *self = source;
  Entry *entry = g_hash_table_lookup (self->entries, name);

  g_assert_nonnull (entry);
  g_assert_cmpint (dims[0], ==, entry->dims[0]);
  g_assert_cmpint (dims[1], ==, entry->dims[1]);
  if (!entry->buffer && !place (self, entry, error))
    return false;
  out->dtype = entry->dtype;
  out->range = (GvRange) { entry->buffer, 0, entry->size };
  return true;
}

static bool
params_finish (gpointer source, GError **error)
{
  TestParams *self = source;
  g_autoptr (GvRecorder) recorder = g_steal_pointer (&self->recorder);
  g_autoptr (GvProgram) program = NULL;
  bool ok = true;

  if (recorder) {
    program = gv_recorder_finish (recorder, error);
    ok = program && gv_program_run (program, NULL, error);
  }
  g_ptr_array_set_size (self->staging, 0);
  return ok;
}

static int
params_low_rank (gpointer source, const char *layer, int *first)
{
  TestParams *self = source;

  *first = self->first_rank;
  return self->rank;
}

const GvParamSource test_param_source = { params_check, params_load, params_finish,
                                          params_low_rank };
