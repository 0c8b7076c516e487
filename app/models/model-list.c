// SPDX-FileCopyrightText: Giverny contributors
// SPDX-License-Identifier: GPL-3.0-or-later
/* The models that can be chosen. */
#include "models/model-list.h"

#include <string.h>

#define STARTER_CFG 5
#define USUAL_CFG 7
#define MAX_FOUND 500

struct _GvModel
{
  GObject parent_instance;
  GvFileInfo *info; /* (owned) */
  bool starter;
};

G_DEFINE_FINAL_TYPE (GvModel, gv_model, G_TYPE_OBJECT)

struct _GvModelList
{
  GObject parent_instance;
  GSettings *settings; /* (owned) */
  GListStore *models;  /* (owned) */
};

G_DEFINE_FINAL_TYPE (GvModelList, gv_model_list, G_TYPE_OBJECT)

static void
gv_model_finalize (GObject *object)
{
  gv_file_info_free (GV_MODEL (object)->info);
  G_OBJECT_CLASS (gv_model_parent_class)->finalize (object);
}

static void
gv_model_class_init (GvModelClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = gv_model_finalize;
}

static void
gv_model_init (GvModel *self)
{
}

/* @info: (transfer full) */
static GvModel *
model_new (GvFileInfo *info, bool starter)
{
  GvModel *self = g_object_new (GV_TYPE_MODEL, NULL);

  self->info = info;
  self->starter = starter;
  return self;
}

const char *
gv_model_get_path (GvModel *self)
{
  return self->starter ? "" : self->info->path;
}

const char *
gv_model_get_name (GvModel *self)
{
  return self->starter ? _("Starter") : self->info->name;
}

int
gv_model_get_side (GvModel *self)
{
  return self->info->side;
}

double
gv_model_get_cfg (GvModel *self)
{
  return self->starter ? STARTER_CFG : USUAL_CFG;
}

char *
gv_model_dup_details (GvModel *self)
{
  g_autofree char *size = g_format_size (self->info->size_bytes);
  g_autofree char *folder = g_path_get_dirname (self->info->path);
  g_autofree char *shown = g_filename_display_name (folder);
  const char *type = self->info->dtype ? self->info->dtype : "";

  if (self->starter)
    return g_strdup_printf (_("Comes with Giverny · %s · %s"), size, type);
  return g_strdup_printf ("%s · %s · %s\n%s", self->info->family, size, type, shown);
}

/* Finding */

static void
look_at (GPtrArray *found, const char *path)
{
  g_autoptr (GvFileInfo) info = NULL;

  if (found->len >= MAX_FOUND)
    return;
  info = gv_file_info_new (path, NULL);
  if (info && info->kind == GV_FILE_MODEL)
    g_ptr_array_add (found, model_new (g_steal_pointer (&info), false));
}

static void
look_into (GPtrArray *found, const char *folder)
{
  g_autoptr (GDir) dir = g_dir_open (folder, 0, NULL);
  const char *name;

  while (dir && (name = g_dir_read_name (dir))) {
    g_autofree char *path = g_build_filename (folder, name, NULL);

    look_at (found, path);
  }
}

/* A task's data: the paths that were added. */
static void
find (GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
  g_autofree char *folder = gv_model_list_dup_folder ();
  GPtrArray *found = g_ptr_array_new_with_free_func (g_object_unref);

  look_into (found, folder);
  for (char **path = data; *path; path++)
    look_at (found, *path);
  g_task_return_pointer (task, found, (GDestroyNotify) g_ptr_array_unref);
}

static int
by_name (gconstpointer a, gconstpointer b, gpointer data)
{
  GvModel *x = (GvModel *) a, *y = (GvModel *) b;

  if (x->starter != y->starter)
    return x->starter ? -1 : 1;
  return g_utf8_collate (x->info->name, y->info->name);
}

static void
insert (GvModelList *self, GvModel *model)
{
  if (!gv_model_list_find (self, gv_model_get_path (model)))
    g_list_store_insert_sorted (self->models, model, by_name, NULL);
}

static void
on_found (GObject *source, GAsyncResult *result, gpointer data)
{
  GvModelList *self = GV_MODEL_LIST (source);
  g_autoptr (GPtrArray) found = g_task_propagate_pointer (G_TASK (result), NULL);

  for (guint i = 0; found && i < found->len; i++)
    insert (self, found->pdata[i]);
}

static void
add_starter (GvModelList *self)
{
  g_autofree char *path = gv_model_starter_path ();
  g_autoptr (GvFileInfo) info = gv_file_info_new (path, NULL);
  g_autoptr (GvModel) model = NULL;

  if (!info)
    return;
  model = model_new (g_steal_pointer (&info), true);
  insert (self, model);
}

static void
gv_model_list_finalize (GObject *object)
{
  GvModelList *self = GV_MODEL_LIST (object);

  g_clear_object (&self->settings);
  g_clear_object (&self->models);
  G_OBJECT_CLASS (gv_model_list_parent_class)->finalize (object);
}

static void
gv_model_list_class_init (GvModelListClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = gv_model_list_finalize;
}

static void
gv_model_list_init (GvModelList *self)
{
  self->models = g_list_store_new (GV_TYPE_MODEL);
}

GvModelList *
gv_model_list_new (GSettings *settings)
{
  GvModelList *self = g_object_new (GV_TYPE_MODEL_LIST, NULL);
  g_autoptr (GTask) task = g_task_new (self, NULL, on_found, NULL);

  self->settings = g_object_ref (settings);
  add_starter (self);
  g_task_set_source_tag (task, gv_model_list_new);
  g_task_set_task_data (task, g_settings_get_strv (settings, "models"),
                        (GDestroyNotify) g_strfreev);
  g_task_run_in_thread (task, find);
  return self;
}

GListModel *
gv_model_list_get_models (GvModelList *self)
{
  return G_LIST_MODEL (self->models);
}

GvModel *
gv_model_list_find (GvModelList *self, const char *path)
{
  GListModel *models = G_LIST_MODEL (self->models);

  for (guint i = 0; i < g_list_model_get_n_items (models); i++) {
    g_autoptr (GvModel) model = g_list_model_get_item (models, i);

    if (strcmp (gv_model_get_path (model), path) == 0)
      return model; /* the store holds it */
  }
  return NULL;
}

char *
gv_model_list_dup_folder (void)
{
  return g_build_filename (g_get_user_data_dir (), "giverny", "models", NULL);
}

/* Adding */

static void
look_for_add (GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
  GError *error = NULL;
  GvFileInfo *info = gv_file_info_new (data, &error);

  if (!info) {
    g_task_return_error (task, error);
  } else if (info->kind != GV_FILE_MODEL) {
    g_task_return_new_error (task, GV_WEIGHTS_ERROR, GV_WEIGHTS_ERROR_UNSUPPORTED,
                             _("“%s” is not a model"), info->name);
    gv_file_info_free (info);
  } else {
    g_task_return_pointer (task, model_new (info, false), g_object_unref);
  }
}

static void
remember (GvModelList *self, const char *path)
{
  g_auto (GStrv) paths = g_settings_get_strv (self->settings, "models");
  g_autoptr (GStrvBuilder) builder = g_strv_builder_new ();
  g_auto (GStrv) longer = NULL;

  if (g_strv_contains ((const char *const *) paths, path))
    return;
  g_strv_builder_addv (builder, (const char **) paths);
  g_strv_builder_add (builder, path);
  longer = g_strv_builder_end (builder);
  g_settings_set_strv (self->settings, "models", (const char *const *) longer);
}

void
gv_model_list_add_async (GvModelList *self,
                         const char *path,
                         GAsyncReadyCallback callback,
                         gpointer data)
{
  g_autoptr (GTask) task = g_task_new (self, NULL, callback, data);

  g_task_set_source_tag (task, gv_model_list_add_async);
  g_task_set_task_data (task, g_canonicalize_filename (path, NULL), g_free);
  g_task_run_in_thread (task, look_for_add);
}

GvModel *
gv_model_list_add_finish (GvModelList *self, GAsyncResult *result, GError **error)
{
  GvModel *model = g_task_propagate_pointer (G_TASK (result), error);

  if (!model)
    return NULL;
  insert (self, model);
  if (g_utf8_validate (model->info->path, -1, NULL))
    remember (self, model->info->path);
  return model;
}
