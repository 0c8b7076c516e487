// SPDX-FileCopyrightText: Giverny contributors
// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * Small pictures for the gallery, made in a few threads and kept where the desktop's programs keep
 * theirs (freedesktop.org's Thumbnail Managing Standard), so that either finds what the other made.
 */
#pragma once

#include "giverny.h"

#include <gdk/gdk.h>

G_BEGIN_DECLS

/*
 * @time_us: when the picture was last written.  What was asked for last is made first; a task that
 * is cancelled before its turn costs nothing.
 */
void gv_thumbnail_load_async (const char *path,
                              gint64 time_us,
                              GCancellable *cancellable,
                              GAsyncReadyCallback callback,
                              gpointer data);

/* (transfer full): no side longer than GV_THUMBNAIL_SIZE.  Errors: those of gv_image_load() */
GdkTexture *gv_thumbnail_load_finish (GAsyncResult *result, GError **error);

G_END_DECLS
