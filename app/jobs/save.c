// SPDX-FileCopyrightText: Giverny contributors
// SPDX-License-Identifier: GPL-3.0-or-later
/* Puts pictures into the folder for pictures. */
#include "jobs/save.h"

#include "jobs/job.h"

#include <errno.h>

typedef struct
{
  GvImage *image;
  char *prompt, *folder;
  guint64 seed;
  char *path;            /* the result */
  GdkTexture *thumbnail; /* the result */
} Save;

static void
save_free (Save *self)
{
  gv_image_unref (self->image);
  g_free (self->prompt);
  g_free (self->folder);
  g_free (self->path);
  g_clear_object (&self->thumbnail);
  g_free (self);
}

/* Mean of the pixels of @from that fall onto each of @to's. */
static void
shrink (const guint8 *from, int w, int h, guint8 *to, int tw, int th)
{
  for (int y = 0; y < th; y++)
    for (int x = 0; x < tw; x++) {
      int x0 = x * w / tw, x1 = MAX ((x + 1) * w / tw, x0 + 1);
      int y0 = y * h / th, y1 = MAX ((y + 1) * h / th, y0 + 1);
      guint sum[3] = { 0 }, n = (guint) ((x1 - x0) * (y1 - y0));

      for (int v = y0; v < y1; v++)
        for (int u = x0; u < x1; u++)
          for (int c = 0; c < 3; c++)
            sum[c] += from[((gsize) v * (gsize) w + (gsize) u) * 3 + (gsize) c];
      for (int c = 0; c < 3; c++)
        *to++ = (guint8) (sum[c] / n);
    }
}

GvImage *
gv_image_make_small (GvImage *image)
{
  int w = gv_image_get_width (image), h = gv_image_get_height (image), longer = MAX (w, h);
  int tw = MAX (w * GV_THUMBNAIL_SIZE / longer, 1), th = MAX (h * GV_THUMBNAIL_SIZE / longer, 1);
  guint8 *rgb;

  if (longer <= GV_THUMBNAIL_SIZE)
    return gv_image_ref (image);
  rgb = g_malloc ((gsize) tw * (gsize) th * 3);
  shrink (gv_image_get_rgb (image), w, h, rgb, tw, th);
  return gv_image_new_take (tw, th, rgb);
}

GdkTexture *
gv_image_make_thumbnail (GvImage *image)
{
  g_autoptr (GvImage) small = gv_image_make_small (image);

  return gv_image_to_texture (small);
}

static bool
save (Save *self, GError **error)
{
  g_autofree char *name = gv_name_for_prompt (self->prompt, self->seed);
  g_autofree char *wanted = g_build_filename (self->folder, name, NULL);

  if (g_mkdir_with_parents (self->folder, 0755) != 0) {
    g_set_error (error, GV_FORMAT_ERROR, GV_FORMAT_ERROR_IO,
                 _("The folder “%s” can't be made: %s"), self->folder, g_strerror (errno));
    return false;
  }
  self->path = gv_name_unused (wanted);
  if (!gv_image_save (self->image, self->path, error))
    return false;
  self->thumbnail = gv_image_make_thumbnail (self->image);
  return true;
}

static void
run (gpointer item, gpointer unused)
{
  g_autoptr (GTask) task = item;
  GError *error = NULL;

  if (save (g_task_get_task_data (task), &error))
    g_task_return_boolean (task, TRUE);
  else
    g_task_return_error (task, error);
}

/* One thread for all. */
static GThreadPool *
get_pool (void)
{
  static GThreadPool *pool;

  if (g_once_init_enter_pointer (&pool))
    g_once_init_leave_pointer (&pool, g_thread_pool_new (run, NULL, 1, FALSE, NULL));
  return pool;
}

void
gv_save_async (GvImage *image,
               GvRecipe *recipe,
               const char *folder,
               GAsyncReadyCallback callback,
               gpointer data)
{
  GTask *task = g_task_new (NULL, NULL, callback, data);
  Save *self = g_new0 (Save, 1);

  self->image = gv_image_ref (image);
  self->prompt = g_strdup (gv_recipe_get_prompt (recipe));
  self->seed = gv_recipe_get_seed (recipe);
  self->folder = g_strdup (folder);
  g_task_set_source_tag (task, gv_save_async);
  g_task_set_task_data (task, self, (GDestroyNotify) save_free);
  g_thread_pool_push (get_pool (), task, NULL);
}

char *
gv_save_finish (GAsyncResult *result, GdkTexture **thumbnail, GError **error)
{
  Save *self = g_task_get_task_data (G_TASK (result));

  if (!g_task_propagate_boolean (G_TASK (result), error))
    return NULL;
  *thumbnail = g_object_ref (self->thumbnail);
  return g_strdup (self->path);
}
