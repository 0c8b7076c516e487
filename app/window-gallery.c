// SPDX-FileCopyrightText: Giverny contributors
// SPDX-License-Identifier: GPL-3.0-or-later
/* The gallery as a page of the window. */
#include "window-private.h"

#include "settings.h"

/* The library */

static void
set_library (GvWindow *self, GvLibrary *library, const char *notice)
{
  if (self->library)
    gv_library_finish_pending (self->library);
  g_set_object (&self->library, library);
  gv_gallery_page_set_library (self->gallery, library, notice);
}

static void
on_opened (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (GvWindow) self = data;
  g_autoptr (GError) error = NULL;
  g_autofree char *notice = NULL;
  g_autoptr (GvLibrary) library = gv_library_open_finish (result, &notice, &error);

  if (g_task_get_cancellable (G_TASK (result)) != self->opening)
    return;
  g_clear_object (&self->opening);
  set_library (self, library, library ? notice : error->message);
}

static void
open_library (GvWindow *self)
{
  g_autofree char *folder = gv_settings_dup_pictures_folder (self->settings);

  if (self->opening)
    g_cancellable_cancel (self->opening);
  g_clear_object (&self->opening);
  set_library (self, NULL, NULL);
  self->opening = g_cancellable_new ();
  gv_library_open_async (folder, self->opening, on_opened, g_object_ref (self));
}

/* The folder's monitor would find it, too, but later. */
static void
on_saved (GvWindow *self, GvJob *job)
{
  if (self->library && gv_job_get_path (job))
    gv_library_add_async (self->library, gv_job_get_path (job), NULL, NULL, NULL);
}

/* To the studio */

static void
show_studio (GvWindow *self)
{
  adw_view_stack_set_visible_child_name (self->pages, "studio");
}

static void
on_open (GvWindow *self, GvLibraryItem *item)
{
  show_studio (self);
  gv_window_show_file (self, gv_library_item_get_path (item));
}

static void
on_use_settings (GvWindow *self, GvLibraryItem *item)
{
  show_studio (self);
  gv_window_open_file (self, gv_library_item_get_path (item));
}

/* From the picture's head alone, some kilobytes.  (transfer full) (nullable) */
static GvRecipe *
read_recipe (const char *path)
{
  g_autoptr (GvImage) image = gv_image_load_texts (path, NULL);
  g_autoptr (GvImport) import = image ? gv_import_from_image (image, path, NULL) : NULL;

  return import ? g_object_ref (import->recipe) : NULL;
}

static void
on_compare (GvWindow *self, GvLibraryItem *first, GvLibraryItem *second)
{
  const char *a = gv_library_item_get_path (first), *b = gv_library_item_get_path (second);
  g_autoptr (GvRecipe) recipe_a = read_recipe (a), recipe_b = read_recipe (b);

  show_studio (self);
  gv_window_compare_files (self, recipe_a, a, recipe_b, b);
}

/* What belongs to the studio alone is not in the way of the other pages. */
static void
on_page (GvWindow *self)
{
  const char *page = adw_view_stack_get_visible_child_name (self->pages);

  if (g_strcmp0 (page, "studio") != 0 && adw_overlay_split_view_get_collapsed (self->split))
    adw_overlay_split_view_set_show_sidebar (self->split, FALSE);
}

void
gv_window_open_gallery (GvWindow *self)
{
  g_signal_connect_swapped (self->gallery, "open", G_CALLBACK (on_open), self);
  g_signal_connect_swapped (self->gallery, "use-settings", G_CALLBACK (on_use_settings), self);
  g_signal_connect_swapped (self->gallery, "compare", G_CALLBACK (on_compare), self);
  g_signal_connect_swapped (self->gallery, "start", G_CALLBACK (show_studio), self);
  g_signal_connect_swapped (self->queue, "saved", G_CALLBACK (on_saved), self);
  g_signal_connect_swapped (self->pages, "notify::visible-child", G_CALLBACK (on_page), self);
  g_signal_connect_object (self->settings, "changed::pictures-folder", G_CALLBACK (open_library),
                           self, G_CONNECT_SWAPPED);
  open_library (self);
}

/* What was noted last is on disk when the window is gone. */
void
gv_window_close_gallery (GvWindow *self)
{
  if (self->opening)
    g_cancellable_cancel (self->opening);
  g_clear_object (&self->opening);
  if (self->gallery)
    set_library (self, NULL, NULL);
}
