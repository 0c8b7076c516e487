// SPDX-FileCopyrightText: Giverny contributors
// SPDX-License-Identifier: GPL-3.0-or-later
/* Content providers and "save as". */
#include "canvas/canvas-export.h"

#define ICON_SIDE 96.0f

GdkContentProvider *
gv_export_provider (GdkTexture *texture, const char *path)
{
  GdkContentProvider *providers[2] = { NULL };
  gsize n = 0;

  /* The file comes first: a file manager should get the PNG with its recipe, not bare pixels. */
  if (path) {
    g_autoptr (GFile) file = g_file_new_for_path (path);
    g_autoptr (GSList) files = g_slist_append (NULL, file);
    GdkFileList *list = gdk_file_list_new_from_list (files);

    providers[n++] = gdk_content_provider_new_typed (GDK_TYPE_FILE_LIST, list);
    g_boxed_free (GDK_TYPE_FILE_LIST, list);
  }
  providers[n++] = gdk_content_provider_new_typed (GDK_TYPE_TEXTURE, texture);
  return gdk_content_provider_new_union (providers, n);
}

void
gv_export_set_drag_icon (GtkDragSource *source, GdkTexture *texture)
{
  float w = (float) gdk_texture_get_width (texture), h = (float) gdk_texture_get_height (texture);
  float scale = MIN (ICON_SIDE / MAX (w, h), 1);
  g_autoptr (GtkSnapshot) snapshot = gtk_snapshot_new ();
  g_autoptr (GdkPaintable) icon = NULL;

  gtk_snapshot_append_texture (snapshot, texture, &GRAPHENE_RECT_INIT (0, 0, w * scale, h * scale));
  icon = gtk_snapshot_to_paintable (snapshot, NULL);
  gtk_drag_source_set_icon (source, icon, (int) (w * scale / 2), (int) (h * scale / 2));
}

/* A picture that is being saved. */
typedef struct
{
  GvImage *image; /* (nullable) */
  char *from, *to;
} Save;

static void
save_free (Save *save)
{
  g_clear_pointer (&save->image, gv_image_unref);
  g_free (save->from);
  g_free (save->to);
  g_free (save);
}

static void
write_picture (GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
  Save *save = data;
  GError *error = NULL;

  if (!save->image)
    save->image = gv_image_load (save->from, &error);
  if (save->image && gv_image_save (save->image, save->to, &error))
    g_task_return_pointer (task, g_strdup (save->to), g_free);
  else
    g_task_return_error (task, error);
}

static void
on_chosen (GObject *dialog, GAsyncResult *result, gpointer data)
{
  g_autoptr (GTask) task = data;
  Save *save = g_task_get_task_data (task);
  GError *error = NULL;
  g_autoptr (GFile) file = gtk_file_dialog_save_finish (GTK_FILE_DIALOG (dialog), result, &error);

  if (g_error_matches (error, GTK_DIALOG_ERROR, GTK_DIALOG_ERROR_DISMISSED)) {
    g_error_free (error);
    g_task_return_new_error (task, G_IO_ERROR, G_IO_ERROR_CANCELLED, "%s", _("Nothing was saved"));
    return;
  }
  if (!file) {
    g_task_return_error (task, error);
    return;
  }
  save->to = g_file_get_path (file);
  if (save->to)
    g_task_run_in_thread (task, write_picture);
  else
    g_task_return_new_error (task, G_IO_ERROR, G_IO_ERROR_NOT_SUPPORTED, "%s",
                             _("Pictures can be saved in folders of this computer only"));
}

static GListModel *
png_filter (void)
{
  GListStore *filters = g_list_store_new (GTK_TYPE_FILE_FILTER);
  g_autoptr (GtkFileFilter) filter = gtk_file_filter_new ();

  gtk_file_filter_set_name (filter, _("PNG pictures"));
  gtk_file_filter_add_mime_type (filter, "image/png");
  g_list_store_append (filters, filter);
  return G_LIST_MODEL (filters);
}

void
gv_export_save_as (GtkWidget *parent,
                   GvImage *image,
                   const char *path,
                   GAsyncReadyCallback callback,
                   gpointer data)
{
  g_autoptr (GtkFileDialog) dialog = gtk_file_dialog_new ();
  g_autoptr (GListModel) filters = png_filter ();
  g_autofree char *name = path ? g_path_get_basename (path) : g_strdup (_("picture.png"));
  GtkRoot *root = gtk_widget_get_root (parent);
  GTask *task = g_task_new (NULL, NULL, callback, data);
  Save *save = g_new0 (Save, 1);

  save->image = image ? gv_image_ref (image) : NULL;
  save->from = g_strdup (path);
  g_task_set_source_tag (task, gv_export_save_as);
  g_task_set_task_data (task, save, (GDestroyNotify) save_free);
  gtk_file_dialog_set_title (dialog, _("Save Picture"));
  gtk_file_dialog_set_initial_name (dialog, name);
  gtk_file_dialog_set_filters (dialog, filters);
  gtk_file_dialog_save (dialog, GTK_IS_WINDOW (root) ? GTK_WINDOW (root) : NULL, NULL, on_chosen,
                        task);
}

char *
gv_export_save_as_finish (GAsyncResult *result, GError **error)
{
  return g_task_propagate_pointer (G_TASK (result), error);
}
