// SPDX-FileCopyrightText: Giverny contributors
// SPDX-License-Identifier: GPL-3.0-or-later
/* Reads pictures away from the window's thread. */
#pragma once

#include "giverny.h"

#include <gio/gio.h>

void gv_load_async (const char *path,
                    GCancellable *cancellable,
                    GAsyncReadyCallback callback,
                    gpointer data);

/* (transfer full).  Errors: those of gv_image_load() */
GvImage *gv_load_finish (GAsyncResult *result, GError **error);
