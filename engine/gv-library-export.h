// SPDX-FileCopyrightText: Giverny contributors
// SPDX-License-Identifier: GPL-3.0-or-later
/* Chosen pictures as a folder for others: copies, and a table about them. */
#pragma once

#include "gv-library.h"

G_BEGIN_DECLS

/**
 * gv_library_export_async:
 * @items: (element-type GvLibraryItem): what to export
 * @folder: exists; what is there is never replaced
 *
 * Copies the pictures, each with its recipe, and writes “pictures.csv” and “pictures.json” beside
 * them, which name the copies in the order of @items. Runs in a thread.
 */
void gv_library_export_async (GPtrArray *items,
                              const char *folder,
                              GCancellable *cancellable,
                              GAsyncReadyCallback callback,
                              gpointer data);

/* Errors: GV_FORMAT_ERROR naming the file; what was copied before stays */
bool gv_library_export_finish (GAsyncResult *result, GError **error);

G_END_DECLS
