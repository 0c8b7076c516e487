// SPDX-FileCopyrightText: Giverny contributors
// SPDX-License-Identifier: GPL-3.0-or-later
/* Scorers' programs: compiled when a shape is first met, kept for the next pictures. */
#include "score/network.h"

#include "base/errors.h"
#include "base/i18n.h"
#include "formats/file.h"

#include <math.h>
#include <string.h>

#define MAX_PROGRAMS 6

static void
score_program_free (GvScoreProgram *self)
{
  gv_graph_free (self->graph);
  g_free (self);
}

GvNetwork *
gv_network_new (GvDevice *device, const char *path, GError **error)
{
  GvModelFiles *files = gv_model_files_open_network (path, error);
  GvNetwork *self;

  if (!files)
    return NULL;
  self = g_new0 (GvNetwork, 1);
  self->device = device;
  self->files = files;
  self->store = gv_weight_store_new (device, files, GV_PART_WHOLE);
  self->programs = g_ptr_array_new_with_free_func ((GDestroyNotify) score_program_free);
  return self;
}

void
gv_network_free (GvNetwork *self)
{
  g_ptr_array_unref (self->programs);
  gv_weight_store_free (self->store);
  gv_model_files_free (self->files);
  g_free (self);
}

static GvScoreProgram *
find (GvNetwork *self, const int key[4])
{
  for (guint i = 0; i < self->programs->len; i++) {
    GvScoreProgram *program = g_ptr_array_index (self->programs, i);

    if (memcmp (program->key, key, sizeof program->key) == 0)
      return program;
  }
  return NULL;
}

static GvScoreProgram *
compile (GvNetwork *self, const int key[4], GvNetworkFunc describe, gpointer data, GError **error)
{
  GvScoreProgram *program = g_new0 (GvScoreProgram, 1);

  memcpy (program->key, key, sizeof program->key);
  program->graph = gv_graph_new (self->device, &gv_weight_store_source, self->store);
  describe (program, data);
  for (int i = 0; i < program->n_out; i++)
    gv_graph_output (program->graph, program->out[i]);
  if (!gv_graph_compile (program->graph, error))
    g_clear_pointer (&program, score_program_free);
  return program;
}

GvScoreProgram *
gv_network_get_program (GvNetwork *self,
                        const int key[4],
                        GvNetworkFunc describe,
                        gpointer data,
                        GCancellable *cancellable,
                        GError **error)
{
  GvScoreProgram *program = find (self, key);
  GError *failure = NULL;

  if (program)
    return program;
  while (self->programs->len >= MAX_PROGRAMS)
    g_ptr_array_remove_index (self->programs, 0);
  gv_weight_store_watch (self->store, cancellable, NULL, NULL);
  program = compile (self, key, describe, data, &failure);
  if (g_error_matches (failure, GV_VULKAN_ERROR, GV_VULKAN_ERROR_OUT_OF_MEMORY) &&
      self->programs->len) {
    g_clear_error (&failure);
    g_ptr_array_set_size (self->programs, 0);
    program = compile (self, key, describe, data, &failure);
  }
  gv_weight_store_watch (self->store, NULL, NULL, NULL);
  if (program)
    g_ptr_array_add (self->programs, program);
  else
    g_propagate_error (error, failure);
  return program;
}

static bool
is_finite (GvTensor *x)
{
  const float *v = gv_tensor_get_floats (x);
  size_t n = (size_t) gv_tensor_get_rows (x) * (size_t) gv_dim (x, GV_C);

  for (size_t i = 0; i < n; i++)
    if (!isfinite (v[i]))
      return false;
  return true;
}

bool
gv_network_run (GvNetwork *self, GvScoreProgram *program, GCancellable *cancellable, GError **error)
{
  if (!gv_graph_run (program->graph, cancellable, error))
    return false;
  for (int i = 0; i < program->n_out; i++)
    if (!is_finite (program->out[i])) {
      g_autofree char *shown = gv_dup_shown (gv_model_files_get_path (self->files));

      g_set_error (error, GV_RECIPE_ERROR, GV_RECIPE_ERROR_NUMERIC,
                   _("%s: the scorer gives NaN or infinity"), shown);
      return false;
    }
  return true;
}
