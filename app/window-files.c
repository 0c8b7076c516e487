// SPDX-FileCopyrightText: Giverny contributors
// SPDX-License-Identifier: GPL-3.0-or-later
/* Files and texts that come to the window: dropped, pasted, chosen.  What they are is told by their
 * content. */
#include "window-private.h"

#define MAX_RECIPE_BYTES ((gsize) 16 << 20)

/* What a worker found in a file. */
typedef struct
{
  char *path;
  bool only_show; /* the recipe stays as it is */
  GvFileInfo *info;
  GvImport *import; /* (nullable): a recipe */
  GvImage *image; /* (nullable) */
} Found;

static void
found_free (Found *self)
{
  g_free (self->path);
  g_clear_pointer (&self->info, gv_file_info_free);
  g_clear_pointer (&self->import, gv_import_free);
  g_clear_pointer (&self->image, gv_image_unref);
  g_free (self);
}

/* A picture without a recipe is still a picture. */
static bool
read_picture (Found *self, GError **error)
{
  self->image = gv_image_load (self->info->path, error);
  if (self->image)
    self->import = gv_import_from_image (self->image, self->info->path, NULL);
  return self->image != NULL;
}

static bool
read_recipe (Found *self, GError **error)
{
  g_autoptr (GFile) file = g_file_new_for_path (self->info->path);
  g_autofree char *text = NULL;
  gsize size;

  if (!g_file_load_contents (file, NULL, &text, &size, NULL, error))
    return false;
  if (size > MAX_RECIPE_BYTES) {
    g_set_error (error, GV_FORMAT_ERROR, GV_FORMAT_ERROR_LIMIT,
                 _("“%s” is too large for a recipe"), self->info->name);
    return false;
  }
  self->import = gv_import_from_text (self->info->path, text, (gssize) size, error);
  return self->import != NULL;
}

static bool
read_file (Found *self, GError **error)
{
  self->info = gv_file_info_new (self->path, error);
  if (!self->info)
    return false;
  if (self->info->kind == GV_FILE_PICTURE)
    return read_picture (self, error);
  return self->info->kind != GV_FILE_RECIPE || read_recipe (self, error);
}

/* The task's data is also its result: it is the main thread's again then. */
static void
look (GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
  GError *error = NULL;

  if (read_file (data, &error))
    g_task_return_boolean (task, TRUE);
  else
    g_task_return_error (task, error);
}

/* A model that cannot be found here is not taken: the one that is chosen stays. */
static void
use_import (GvWindow *self, GvImport *import)
{
  g_autofree char *list = g_strjoinv ("\n", import->unmatched);
  g_autofree char *model = NULL;

  if (import->model) {
    g_object_set (import->recipe, "model", gv_recipe_get_model (self->recipe), NULL);
    model = g_strdup_printf (_("Its model “%s” is not here."), import->model);
  }
  gv_recipe_assign (self->recipe, import->recipe);
  if (model || *list) {
    g_autofree char *details =
        g_strjoin (model && *list ? "\n" : "", model ? model : "", list, NULL);

    gv_window_say (self, _("Recipe taken, but for some of it"), details);
  } else {
    gv_window_say (self, _("Recipe taken"), NULL);
  }
}

static void
show_file (GvWindow *self, Found *found)
{
  g_autoptr (GvRecipe) empty = gv_recipe_new ();
  g_autoptr (GdkTexture) texture = gv_image_to_texture (found->image);
  g_autoptr (GvJob) job =
      gv_job_new_done (found->import ? found->import->recipe : empty, found->info->path, texture);

  gv_job_set_picture (job, found->image);
  gv_window_show_job (self, job);
}

static void
on_model_added (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (GvWindow) self = data;
  g_autoptr (GError) error = NULL;
  g_autoptr (GvModel) model = gv_model_list_add_finish (GV_MODEL_LIST (source), result, &error);
  g_autofree char *sentence = NULL;

  if (!model) {
    gv_window_say (self, _("The model could not be added"), error->message);
    return;
  }
  g_object_set (self->recipe, "model", gv_model_get_path (model), "width", 0, "height", 0, "cfg",
                GV_RECIPE_CFG_DEFAULT, NULL);
  sentence = g_strdup_printf (_("Model: %s"), gv_model_get_name (model));
  gv_window_say (self, sentence, NULL);
}

static void
use_found (GvWindow *self, Found *found)
{
  if (found->info->kind == GV_FILE_MODEL)
    gv_model_list_add_async (self->models, found->info->path, on_model_added, g_object_ref (self));
  else if (found->info->kind == GV_FILE_LORA)
    gv_window_say (self, _("This is a LoRA, not a model or a picture"), NULL);
  if (found->image)
    show_file (self, found);
  if (found->import)
    use_import (self, found->import);
}

static void
on_looked (GObject *source, GAsyncResult *result, gpointer data)
{
  GvWindow *self = GV_WINDOW (source);
  Found *found = g_task_get_task_data (G_TASK (result));
  g_autoptr (GError) error = NULL;
  bool ok = g_task_propagate_boolean (G_TASK (result), &error);

  if (!self->queue)
    return; /* the window has closed meanwhile */
  if (ok && found->only_show && found->image)
    show_file (self, found);
  else if (ok && !found->only_show)
    use_found (self, found);
  else if (!ok)
    gv_window_say (self, _("This file can’t be used"), error->message);
}

static void
look_at (GvWindow *self, char *path, bool only_show)
{
  g_autoptr (GTask) task = g_task_new (self, NULL, on_looked, NULL);
  Found *found = g_new0 (Found, 1);

  found->path = path;
  found->only_show = only_show;
  g_task_set_source_tag (task, look_at);
  g_task_set_task_data (task, found, (GDestroyNotify) found_free);
  g_task_run_in_thread (task, look);
}

/* A diffusers folder is named by its index in file dialogs, which choose files only. */
void
gv_window_open_file (GvWindow *self, const char *path)
{
  bool index = g_str_has_suffix (path, "/model_index.json");

  look_at (self, index ? g_path_get_dirname (path) : g_strdup (path), false);
}

void
gv_window_show_file (GvWindow *self, const char *path)
{
  look_at (self, g_strdup (path), true);
}

static void
use_text (GvWindow *self, const char *text)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GvImport) import = gv_import_from_text (_("The pasted text"), text, -1, &error);

  if (import)
    use_import (self, import);
  else
    gv_window_say (self, _("There is no recipe in this text"), error->message);
}

static void
use_files (GvWindow *self, GdkFileList *list)
{
  g_autoptr (GSList) files = gdk_file_list_get_files (list);

  for (GSList *f = files; f; f = f->next) {
    g_autofree char *path = g_file_get_path (f->data);

    if (path)
      gv_window_open_file (self, path);
    else
      gv_window_say (self, _("Only files on this computer can be opened"), NULL);
  }
}

static bool
use_value (GvWindow *self, const GValue *value)
{
  if (G_VALUE_HOLDS (value, GDK_TYPE_FILE_LIST) && g_value_get_boxed (value))
    use_files (self, g_value_get_boxed (value));
  else if (G_VALUE_HOLDS_STRING (value) && g_value_get_string (value))
    use_text (self, g_value_get_string (value));
  else
    return false;
  return true;
}

/* Dropping */

static gboolean
on_drop (GtkDropTarget *target, const GValue *value, double x, double y, gpointer data)
{
  return use_value (data, value);
}

/* A tile of the strip that is dragged about is nothing new. */
static gboolean
on_drop_accept (GtkDropTarget *target, GdkDrop *drop, gpointer data)
{
  return gdk_drop_get_drag (drop) == NULL;
}

void
gv_window_accept_drops (GvWindow *self)
{
  GType types[] = { GDK_TYPE_FILE_LIST, G_TYPE_STRING };
  GtkDropTarget *target = gtk_drop_target_new (G_TYPE_INVALID, GDK_ACTION_COPY);

  gtk_drop_target_set_gtypes (target, types, G_N_ELEMENTS (types));
  g_signal_connect (target, "drop", G_CALLBACK (on_drop), self);
  g_signal_connect (target, "accept", G_CALLBACK (on_drop_accept), self);
  gtk_widget_add_controller (GTK_WIDGET (self), GTK_EVENT_CONTROLLER (target));
}

/* Pasting */

static void
on_pasted (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (GvWindow) self = data;
  const GValue *value = gdk_clipboard_read_value_finish (GDK_CLIPBOARD (source), result, NULL);

  if (!value || !use_value (self, value))
    gv_window_say (self, _("There is no recipe on the clipboard"), NULL);
}

void
gv_window_paste (GvWindow *self)
{
  GdkClipboard *clipboard = gtk_widget_get_clipboard (GTK_WIDGET (self));
  GdkContentFormats *formats = gdk_clipboard_get_formats (clipboard);
  GType type = gdk_content_formats_contain_gtype (formats, GDK_TYPE_FILE_LIST) ||
                       gdk_content_formats_contain_mime_type (formats, "text/uri-list")
                   ? GDK_TYPE_FILE_LIST
                   : G_TYPE_STRING;

  gdk_clipboard_read_value_async (clipboard, type, G_PRIORITY_DEFAULT, NULL, on_pasted,
                                  g_object_ref (self));
}

/* Choosing */

static void
on_chosen (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (GvWindow) self = data;
  g_autoptr (GFile) file = gtk_file_dialog_open_finish (GTK_FILE_DIALOG (source), result, NULL);
  g_autofree char *path = file ? g_file_get_path (file) : NULL;

  if (path)
    gv_window_open_file (self, path);
}

static void
choose (GvWindow *self, const char *title, const char *kind, const char *const *suffixes)
{
  g_autoptr (GtkFileDialog) dialog = gtk_file_dialog_new ();
  g_autoptr (GtkFileFilter) filter = gtk_file_filter_new ();
  g_autoptr (GListStore) filters = g_list_store_new (GTK_TYPE_FILE_FILTER);

  gtk_file_filter_set_name (filter, kind);
  for (; *suffixes; suffixes++)
    gtk_file_filter_add_suffix (filter, *suffixes);
  g_list_store_append (filters, filter);
  gtk_file_dialog_set_title (dialog, title);
  gtk_file_dialog_set_filters (dialog, G_LIST_MODEL (filters));
  gtk_file_dialog_open (dialog, GTK_WINDOW (self), NULL, on_chosen, g_object_ref (self));
}

void
gv_window_choose_file (GvWindow *self)
{
  static const char *const suffixes[] = { "png", "json", "txt", NULL };

  choose (self, _("Open Picture or Recipe"), _("Pictures and recipes"), suffixes);
}

void
gv_window_choose_model (GvWindow *self)
{
  static const char *const suffixes[] = { "safetensors", "json", NULL };

  choose (self, _("Add Model"), _("Models (.safetensors, or a folder’s model_index.json)"),
                                  suffixes);
}
