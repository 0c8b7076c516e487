// SPDX-FileCopyrightText: Giverny contributors
// SPDX-License-Identifier: GPL-3.0-or-later
/* Reads pictures away from the window's thread. */
#include "jobs/load.h"

static void
load (GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
  GError *error = NULL;
  GvImage *image = gv_image_load (data, &error);

  if (image)
    g_task_return_pointer (task, image, (GDestroyNotify) gv_image_unref);
  else
    g_task_return_error (task, error);
}

void
gv_load_async (const char *path,
               GCancellable *cancellable,
               GAsyncReadyCallback callback,
               gpointer data)
{
  g_autoptr (GTask) task = g_task_new (NULL, cancellable, callback, data);

  g_task_set_source_tag (task, gv_load_async);
  g_task_set_task_data (task, g_strdup (path), g_free);
  g_task_run_in_thread (task, load);
}

GvImage *
gv_load_finish (GAsyncResult *result, GError **error)
{
  return g_task_propagate_pointer (G_TASK (result), error);
}
