// SPDX-FileCopyrightText: Giverny contributors
// SPDX-License-Identifier: GPL-3.0-or-later
/* Building a graph, and the way from nodes to a recorded program. */
#include "graph/graph-private.h"

#include "base/debug.h"
#include "base/errors.h"
#include "base/i18n.h"

#include <string.h>

GvGraph *
gv_graph_new (GvDevice *device, const GvParamSource *source, gpointer data)
{
  GvGraph *self = g_new0 (GvGraph, 1);

  self->device = device;
  self->source = source;
  self->source_data = data;
  self->tensors = g_ptr_array_new_with_free_func (g_free);
  self->params = g_hash_table_new (g_str_hash, g_str_equal);
  self->names = g_string_chunk_new (4096);
  self->path = g_string_new (NULL);
  self->path_ends = g_array_new (FALSE, FALSE, sizeof (gsize));
  self->arena = g_ptr_array_new_with_free_func ((GDestroyNotify) gv_buffer_free);
  self->scratch = g_hash_table_new_full (NULL, NULL, NULL, g_free);
  return self;
}

void
gv_graph_free (GvGraph *self)
{
  g_clear_pointer (&self->program, gv_program_free);
  g_clear_pointer (&self->io, gv_buffer_free);
  g_ptr_array_unref (self->arena);
  g_hash_table_unref (self->scratch);
  g_hash_table_unref (self->params);
  g_ptr_array_unref (self->tensors);
  g_string_chunk_free (self->names);
  g_string_free (self->path, TRUE);
  g_array_unref (self->path_ends);
  g_clear_error (&self->error);
  g_free (self);
}

GvDevice *
gv_graph_get_device (GvGraph *self)
{
  return self->device;
}

void
gv_graph_push (GvGraph *self, const char *format, ...)
{
  va_list args;
  gsize end = self->path->len;

  g_array_append_val (self->path_ends, end);
  if (self->path->len)
    g_string_append_c (self->path, '.');
  va_start (args, format);
  g_string_append_vprintf (self->path, format, args);
  va_end (args);
}

void
gv_graph_pop (GvGraph *self)
{
  gsize end = g_array_index (self->path_ends, gsize, self->path_ends->len - 1);

  g_string_truncate (self->path, end);
  g_array_set_size (self->path_ends, self->path_ends->len - 1);
}

void
gv_graph_fail (GvGraph *self, const char *format, ...)
{
  g_autofree char *what = NULL;
  va_list args;

  if (self->error)
    return;
  va_start (args, format);
  what = g_strdup_vprintf (format, args);
  va_end (args);
  self->error = g_error_new (GV_GRAPH_ERROR, GV_GRAPH_ERROR_SHAPE,
                             self->path->len ? "%s: %s" : "%s%s", self->path->str, what);
}

static GvTensor *
new_tensor (GvGraph *self, int n, int h, int w, int c)
{
  GvTensor *x = g_new0 (GvTensor, 1);

  x->graph = self;
  x->dim[GV_N] = n;
  x->dim[GV_H] = h;
  x->dim[GV_W] = w;
  x->dim[GV_C] = c;
  x->ld = c;
  x->index = (int) self->tensors->len;
  g_ptr_array_add (self->tensors, x);
  return x;
}

GvTensor *
gv_input (GvGraph *self, int n, int h, int w, int c)
{
  GvTensor *x = new_tensor (self, n, h, w, c);

  x->keep = true;
  return x;
}

GvTensor *
gv_input_ids (GvGraph *self, int n, int t)
{
  GvTensor *x = gv_input (self, n, 1, t, 1);

  x->dtype = GV_I32;
  return x;
}

GvTensor *
gv_param (GvGraph *self, const char *name, GvParamForm form, const int *dims, int rank)
{
  g_autofree char *full =
      self->path->len ? g_strconcat (self->path->str, ".", name, NULL) : g_strdup (name);
  g_autofree char *key = g_strdup_printf ("%s#%d", full, form);
  GvTensor *x = g_hash_table_lookup (self->params, key);

  if (x)
    return x;
  x = new_tensor (self, 1, 1, rank > 1 ? dims[0] : 1, rank > 1 ? dims[1] : dims[0]);
  x->name = g_string_chunk_insert (self->names, full);
  x->form = form;
  for (int i = 0; i < rank; i++)
    x->shape[i] = dims[i];
  g_hash_table_insert (self->params, g_string_chunk_insert (self->names, key), x);
  if (!self->error)
    self->source->check (self->source_data, full, form, x->shape, &x->dtype, &self->error);
  return x;
}

GvTensor *
gv_node (GvGraph *self, const GvOpClass *op, int n, int h, int w, int c)
{
  GvTensor *x = new_tensor (self, n, h, w, c);

  x->op = op;
  return x;
}

void
gv_node_add_source (GvTensor *self, int slot, GvTensor *src)
{
  self->src[slot] = src;
}

static GvTensor *
new_view (GvTensor *x, size_t skip, int n, int h, int w, int c)
{
  GvTensor *view = new_tensor (x->graph, n, h, w, c);

  view->alias = x;
  view->skip = skip;
  view->ld = x->ld;
  return view;
}

GvTensor *
gv_view_channels (GvTensor *x, int first, int c)
{
  g_assert (first >= 0 && first + c <= x->ld);
  return new_view (x, (size_t) first, x->dim[GV_N], x->dim[GV_H], x->dim[GV_W], c);
}

GvTensor *
gv_view_positions (GvTensor *x, int sample, int first, int count)
{
  size_t area = (size_t) x->dim[GV_H] * (size_t) x->dim[GV_W];

  return new_view (x, ((size_t) sample * area + (size_t) first) * (size_t) x->ld, 1, 1, count,
                   x->dim[GV_C]);
}

GvTensor *
gv_view_first_tokens (GvTensor *x)
{
  GvTensor *view = new_view (x, 0, x->dim[GV_N], 1, 1, x->dim[GV_C]);

  view->ld = x->ld * x->dim[GV_H] * x->dim[GV_W];
  return view;
}

GvTensor *
gv_as_tokens (GvTensor *x)
{
  return new_view (x, 0, x->dim[GV_N], 1, x->dim[GV_H] * x->dim[GV_W], x->dim[GV_C]);
}

GvTensor *
gv_as_picture (GvTensor *x, int h, int w)
{
  g_assert (h * w == x->dim[GV_H] * x->dim[GV_W]);
  return new_view (x, 0, x->dim[GV_N], h, w, x->dim[GV_C]);
}

uint32_t
gv_tensor_get_rows (const GvTensor *self)
{
  return (uint32_t) self->dim[GV_N] * (uint32_t) self->dim[GV_H] * (uint32_t) self->dim[GV_W];
}

void
gv_graph_set_strengths (GvGraph *self, GvTensor *strengths)
{
  self->strengths = strengths;
}

int
gv_graph_get_low_rank (GvGraph *self, GvTensor **strengths)
{
  int first = 0, rank;

  if (!self->strengths || !self->source->low_rank)
    return 0;
  rank = self->source->low_rank (self->source_data, self->path->str, &first);
  if (rank > 0)
    *strengths = gv_view_channels (self->strengths, first, rank);
  return rank;
}

void
gv_graph_output (GvGraph *self, GvTensor *x)
{
  x->output = x->keep = true;
}

GvTensor *
gv_tensor_get_root (GvTensor *x)
{
  while (x->alias)
    x = x->alias;
  return x;
}

static size_t
get_skip (const GvTensor *x)
{
  size_t skip = 0;

  for (; x->alias; x = x->alias)
    skip += x->skip;
  return skip;
}

VkDeviceAddress
gv_tensor_get_address (const GvTensor *self)
{
  const GvTensor *root = gv_tensor_get_root ((GvTensor *) self);

  return root->range.buffer->address + root->range.offset + 4 * get_skip (self);
}

GvRange
gv_tensor_get_scratch (const GvTensor *self)
{
  return *(GvRange *) g_hash_table_lookup (self->graph->scratch, self);
}

/* The bytes from a tensor's first element to its last. */
static GvRange
get_extent (const GvTensor *x)
{
  const GvTensor *root = gv_tensor_get_root ((GvTensor *) x);
  size_t rows = gv_tensor_get_rows (x);

  if (root->name)
    return root->range;
  return (GvRange) {
    .buffer = root->range.buffer,
    .offset = root->range.offset + 4 * get_skip (x),
    .size = 4 * ((rows - 1) * (size_t) x->ld + (size_t) x->dim[GV_C]),
  };
}

void
gv_dispatch_reads (GvDispatch *d, const GvTensor *x)
{
  gv_dispatch_read (d, get_extent (x));
}

void
gv_dispatch_writes (GvDispatch *d, const GvTensor *x)
{
  gv_dispatch_write (d, get_extent (x));
}

static bool
load_params (GvGraph *self, GError **error)
{
  for (guint i = 0; i < self->tensors->len; i++) {
    GvTensor *x = g_ptr_array_index (self->tensors, i);
    GvParam param;

    if (!x->name || x->n_uses == 0)
      continue;
    if (!self->source->load (self->source_data, x->name, x->form, x->shape, &param, error))
      return false;
    x->dtype = param.dtype;
    x->range = param.range;
  }
  return !self->source || self->source->finish (self->source_data, error);
}

static void
print_node (const GvTensor *x)
{
  g_printerr ("%5d %-14s [%d, %d, %d, %d] from", x->index, x->op->name, x->dim[0], x->dim[1],
              x->dim[2], x->dim[3]);
  for (int i = 0; i < GV_MAX_SOURCES; i++)
    if (x->src[i] && x->src[i]->name)
      g_printerr (" %s", x->src[i]->name);
    else if (x->src[i])
      g_printerr (" %d", gv_tensor_get_root (x->src[i])->index);
  g_printerr ("\n");
}

static bool
record (GvGraph *self, GError **error)
{
  g_autoptr (GvRecorder) recorder = gv_recorder_new (self->device);

  for (guint i = 0; i < self->tensors->len; i++) {
    GvTensor *x = g_ptr_array_index (self->tensors, i);

    if (!x->op || x->dead)
      continue;
    if (gv_debug (GV_DEBUG_GRAPH))
      print_node (x);
    x->op->record (recorder, x);
  }
  if (self->error) {
    g_propagate_error (error, g_steal_pointer (&self->error));
    return false;
  }
  self->program = gv_recorder_finish (recorder, error);
  return self->program != NULL;
}

bool
gv_graph_compile (GvGraph *self, GError **error)
{
  if (self->error) {
    g_propagate_error (error, g_steal_pointer (&self->error));
    return false;
  }
  gv_graph_fuse (self);
  return gv_graph_plan (self, error) && load_params (self, error) && record (self, error);
}

float *
gv_tensor_get_floats (GvTensor *self)
{
  return (float *) (void *) ((char *) self->range.buffer->map + self->range.offset);
}

int *
gv_tensor_get_ids (GvTensor *self)
{
  return (int *) (void *) ((char *) self->range.buffer->map + self->range.offset);
}

bool
gv_graph_run (GvGraph *self, GCancellable *cancellable, GError **error)
{
  return gv_program_run (self->program, cancellable, error);
}

size_t
gv_graph_get_arena_bytes (GvGraph *self)
{
  return self->arena_bytes;
}

GvProgram *
gv_graph_get_program (GvGraph *self)
{
  return self->program;
}
