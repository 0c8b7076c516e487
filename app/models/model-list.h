// SPDX-FileCopyrightText: Giverny contributors
// SPDX-License-Identifier: GPL-3.0-or-later
/* The models that can be chosen: the starter, those in the models' folder, and those that were added. */
#pragma once

#include "giverny.h"

#include <gio/gio.h>

G_BEGIN_DECLS

#define GV_TYPE_MODEL (gv_model_get_type ())
G_DECLARE_FINAL_TYPE (GvModel, gv_model, GV, MODEL, GObject)

const char *gv_model_get_path (GvModel *self); /* as in a recipe: "" for the starter */
const char *gv_model_get_name (GvModel *self);
int gv_model_get_side (GvModel *self);         /* pixels of the picture that it was made for */
double gv_model_get_cfg (GvModel *self);       /* its default */
char *gv_model_dup_details (GvModel *self);    /* (transfer full): family, size, type, folder */

#define GV_TYPE_MODEL_LIST (gv_model_list_get_type ())
G_DECLARE_FINAL_TYPE (GvModelList, gv_model_list, GV, MODEL_LIST, GObject)

/* Holds the starter at once; finds the others in a worker. */
GvModelList *gv_model_list_new (GSettings *settings);

GListModel *gv_model_list_get_models (GvModelList *self); /* (transfer none) (element-type GvModel) */

/* (transfer none) (nullable): by its path in a recipe */
GvModel *gv_model_list_find (GvModelList *self, const char *path);

/* (transfer full): where models are looked for, whether or not it exists */
char *gv_model_list_dup_folder (void);

/*
 * Looks at a file in a worker, and remembers it if it is a model that can be run.  @callback has the list as
 * its source.
 */
void gv_model_list_add_async (GvModelList *self,
                              const char *path,
                              GAsyncReadyCallback callback,
                              gpointer data);

/* (transfer full): the model; NULL with what gv_file_info_new() says, GV_WEIGHTS_ERROR_UNSUPPORTED for others */
GvModel *gv_model_list_add_finish (GvModelList *self, GAsyncResult *result, GError **error);

G_END_DECLS
