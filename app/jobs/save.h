// SPDX-FileCopyrightText: Giverny contributors
// SPDX-License-Identifier: GPL-3.0-or-later
/* Puts pictures into the folder for pictures, away from the window's thread. */
#pragma once

#include "giverny.h"

#include <gdk/gdk.h>

G_BEGIN_DECLS

/*
 * Saves @image as a new file in @folder, named by prompt and seed; the folder is made if it is missing.
 * @callback comes when the file is durable.  Tasks run one after the other, so two never choose one name.
 */
void gv_save_async (GvImage *image,
                    GvRecipe *recipe,
                    const char *folder,
                    GAsyncReadyCallback callback,
                    gpointer data);

/*
 * Returns: (transfer full): the path, and a thumbnail in @thumbnail; NULL with GV_FORMAT_ERROR_IO naming file
 * or folder
 */
char *gv_save_finish (GAsyncResult *result, GdkTexture **thumbnail, GError **error);

/* @image no larger than GV_THUMBNAIL_SIZE on its longer side.  Any thread. */
#define GV_THUMBNAIL_SIZE 256
GdkTexture *gv_image_make_thumbnail (GvImage *image);
GvImage *gv_image_make_small (GvImage *image);

G_END_DECLS
