// SPDX-FileCopyrightText: Giverny contributors
// SPDX-License-Identifier: GPL-3.0-or-later
/* A picture on its way out of the studio: dragged, copied, saved elsewhere. */
#pragma once

#include "giverny.h"

#include <gtk/gtk.h>

G_BEGIN_DECLS

/* (transfer full): the texture and, where @path is known, the file. */
GdkContentProvider *gv_export_provider (GdkTexture *texture, const char *path);

/* Lets @texture's small copy hang under the pointer. */
void gv_export_set_drag_icon (GtkDragSource *source, GdkTexture *texture);

/*
 * Asks for a place and writes @image (or, where that is NULL, what the PNG at @path holds) there.
 * @callback gets a result for gv_export_save_as_finish().
 */
void gv_export_save_as (GtkWidget *parent,
                        GvImage *image,
                        const char *path,
                        GAsyncReadyCallback callback,
                        gpointer data);

/* (transfer full): the file's path; NULL with an error, G_IO_ERROR_CANCELLED if nobody chose one.
 */
char *gv_export_save_as_finish (GAsyncResult *result, GError **error);

G_END_DECLS
