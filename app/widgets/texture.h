// SPDX-FileCopyrightText: Giverny contributors
// SPDX-License-Identifier: GPL-3.0-or-later
/* Pictures of the engine as textures of the toolkit. */
#pragma once

#include "giverny.h"

#include <gdk/gdk.h>

G_BEGIN_DECLS

/* (transfer full): a texture with the pixels of @image.  Any thread; a copy of 4 bytes a pixel. */
GdkTexture *gv_texture_new (GvImage *image);

/* Reads the PNG at @path in a worker.  @image (out) (optional) (transfer full): with its text. */
void gv_texture_load_async (const char *path,
                            GCancellable *cancellable,
                            GAsyncReadyCallback callback,
                            gpointer data);
GdkTexture *gv_texture_load_finish (GAsyncResult *result, GvImage **image, GError **error);

G_END_DECLS
