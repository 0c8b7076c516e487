// SPDX-FileCopyrightText: Giverny contributors
// SPDX-License-Identifier: GPL-3.0-or-later
/* From 3 bytes a pixel to the 4 that every renderer takes without another copy. */
#include "widgets/texture.h"

static GdkTexture *
texture_from_bgrx (int width, int height, guint8 *pixels)
{
  gsize stride = (gsize) width * 4;
  g_autoptr (GBytes) bytes = g_bytes_new_take (pixels, stride * (gsize) height);

  return gdk_memory_texture_new (width, height, GDK_MEMORY_B8G8R8X8, bytes, stride);
}

GdkTexture *
gv_texture_new (GvImage *image)
{
  int width = gv_image_get_width (image), height = gv_image_get_height (image);
  gsize n = (gsize) width * (gsize) height;
  const guint8 *rgb = gv_image_get_rgb (image);
  guint8 *out = g_malloc_n (n, 4);

  for (gsize i = 0; i < n; i++) {
    out[4 * i] = rgb[3 * i + 2];
    out[4 * i + 1] = rgb[3 * i + 1];
    out[4 * i + 2] = rgb[3 * i];
    out[4 * i + 3] = 255;
  }
  return texture_from_bgrx (width, height, out);
}

/* What was read from a file. */
typedef struct
{
  GvImage *image;
  GdkTexture *texture;
} Loaded;

static void
loaded_free (Loaded *loaded)
{
  g_clear_pointer (&loaded->image, gv_image_unref);
  g_clear_object (&loaded->texture);
  g_free (loaded);
}

static void
load_texture (GTask *task, gpointer source, gpointer path, GCancellable *cancellable)
{
  GError *error = NULL;
  g_autoptr (GvImage) image = gv_image_load (path, &error);
  Loaded *loaded;

  if (!image) {
    g_task_return_error (task, error);
    return;
  }
  loaded = g_new0 (Loaded, 1);
  loaded->texture = gv_texture_new (image);
  loaded->image = g_steal_pointer (&image);
  g_task_return_pointer (task, loaded, (GDestroyNotify) loaded_free);
}

void
gv_texture_load_async (const char *path,
                       GCancellable *cancellable,
                       GAsyncReadyCallback callback,
                       gpointer data)
{
  g_autoptr (GTask) task = g_task_new (NULL, cancellable, callback, data);

  g_task_set_source_tag (task, gv_texture_load_async);
  g_task_set_task_data (task, g_strdup (path), g_free);
  g_task_run_in_thread (task, load_texture);
}

GdkTexture *
gv_texture_load_finish (GAsyncResult *result, GvImage **image, GError **error)
{
  Loaded *loaded = g_task_propagate_pointer (G_TASK (result), error);
  GdkTexture *texture;

  if (!loaded)
    return NULL;
  texture = g_steal_pointer (&loaded->texture);
  if (image)
    *image = g_steal_pointer (&loaded->image);
  loaded_free (loaded);
  return texture;
}
