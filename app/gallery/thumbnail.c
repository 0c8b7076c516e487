// SPDX-FileCopyrightText: Giverny contributors
// SPDX-License-Identifier: GPL-3.0-or-later
/* Thumbnails from the user's cache, or made and put there. */
#include "gallery/thumbnail.h"

#include "jobs/job.h"
#include "jobs/save.h"

#include <string.h>

#define MAX_THREADS 2

typedef struct
{
  char *path;
  gint64 time_us;
  guint number; /* of asking */
} Wish;

static void
wish_free (gpointer data)
{
  Wish *wish = data;

  g_free (wish->path);
  g_free (wish);
}

/* "large" are those of 256 pixels. */
static char *
cache_path (const char *uri)
{
  g_autofree char *hash = g_compute_checksum_for_string (G_CHECKSUM_MD5, uri, -1);
  g_autofree char *name = g_strconcat (hash, ".png", NULL);

  return g_build_filename (g_get_user_cache_dir (), "thumbnails", "large", name, NULL);
}

static bool
is_current (GvImage *small, const char *uri, const char *time)
{
  return g_strcmp0 (gv_image_get_text (small, "Thumb::URI"), uri) == 0 &&
         g_strcmp0 (gv_image_get_text (small, "Thumb::MTime"), time) == 0 &&
         gv_image_get_width (small) <= GV_THUMBNAIL_SIZE &&
         gv_image_get_height (small) <= GV_THUMBNAIL_SIZE;
}

static GvImage *
find_cached (const char *path, const char *uri, const char *time)
{
  g_autoptr (GvImage) header = NULL, small = NULL;

  if (!g_file_test (path, G_FILE_TEST_EXISTS))
    return NULL;
  header = gv_image_load_texts (path, NULL); /* another program's may have any size */
  if (!header || !is_current (header, uri, time))
    return NULL;
  small = gv_image_load (path, NULL);
  return g_steal_pointer (&small);
}

/* A cache that can't be written to is none. */
static void
put_into_cache (GvImage *small, const char *path, const char *uri, const char *time)
{
  g_autofree char *folder = g_path_get_dirname (path);
  int w = gv_image_get_width (small), h = gv_image_get_height (small);
  gsize size = (gsize) w * (gsize) h * 3;
  g_autoptr (GvImage) copy =
      gv_image_new_take (w, h, g_memdup2 (gv_image_get_rgb (small), size)); /* without a recipe */

  gv_image_set_text (copy, "Thumb::URI", uri);
  gv_image_set_text (copy, "Thumb::MTime", time);
  gv_image_set_text (copy, "Software", "Giverny");
  if (g_mkdir_with_parents (folder, 0700) == 0)
    gv_image_save (copy, path, NULL);
}

static GdkTexture *
make (const Wish *wish, GError **error)
{
  g_autofree char *uri = g_filename_to_uri (wish->path, NULL, error), *path = NULL, *time = NULL;
  g_autoptr (GvImage) small = NULL, image = NULL;

  if (!uri)
    return NULL;
  path = cache_path (uri);
  time = g_strdup_printf ("%" G_GINT64_FORMAT, wish->time_us / G_USEC_PER_SEC);
  small = find_cached (path, uri, time);
  if (!small) {
    image = gv_image_load (wish->path, error);
    if (!image)
      return NULL;
    small = gv_image_make_small (image);
    put_into_cache (small, path, uri, time);
  }
  return gv_image_to_texture (small);
}

static void
run (gpointer item, gpointer unused)
{
  g_autoptr (GTask) task = item;
  GError *error = NULL;
  GdkTexture *texture;

  if (g_task_return_error_if_cancelled (task))
    return;
  texture = make (g_task_get_task_data (task), &error);
  if (texture)
    g_task_return_pointer (task, texture, g_object_unref);
  else
    g_task_return_error (task, error);
}

/* What was asked for last is what somebody looks at. */
static int
newest_first (gconstpointer a, gconstpointer b, gpointer unused)
{
  const Wish *x = g_task_get_task_data ((GTask *) a), *y = g_task_get_task_data ((GTask *) b);

  return x->number < y->number ? 1 : -1;
}

static GThreadPool *
get_pool (void)
{
  static GThreadPool *pool;

  if (g_once_init_enter_pointer (&pool)) {
    GThreadPool *new_pool = g_thread_pool_new (run, NULL, MAX_THREADS, FALSE, NULL);

    g_thread_pool_set_sort_function (new_pool, newest_first, NULL);
    g_once_init_leave_pointer (&pool, new_pool);
  }
  return pool;
}

void
gv_thumbnail_load_async (const char *path,
                         gint64 time_us,
                         GCancellable *cancellable,
                         GAsyncReadyCallback callback,
                         gpointer data)
{
  static guint number;
  GTask *task = g_task_new (NULL, cancellable, callback, data);
  Wish *wish = g_new (Wish, 1);

  *wish = (Wish) { g_strdup (path), time_us, ++number };
  g_task_set_task_data (task, wish, wish_free);
  g_thread_pool_push (get_pool (), task, NULL);
}

GdkTexture *
gv_thumbnail_load_finish (GAsyncResult *result, GError **error)
{
  return g_task_propagate_pointer (G_TASK (result), error);
}
