// SPDX-FileCopyrightText: Giverny contributors
// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * The one way in which a user's file is written: at every moment, also after a crash or a power
 * cut, the path holds either what was there before or all of the new file.
 */
#pragma once

#include <glib.h>
#include <stdbool.h>
#include <stddef.h>

typedef struct _GvAtomicFile GvAtomicFile;

/**
 * gv_atomic_file_new:
 *
 * Starts a file that will stand at @path.  Its bytes have no name until it is committed, where the
 * file system can do that, so even a killed program leaves nothing behind.  Folders are never
 * created. Errors: GV_FORMAT_ERROR_IO, naming file or folder Returns: (transfer full): free with
 * gv_atomic_file_free()
 */
GvAtomicFile *gv_atomic_file_new (const char *path, GError **error);

/* Appends bytes.  Errors: GV_FORMAT_ERROR_IO; the file can then only be freed. */
bool gv_atomic_file_write (GvAtomicFile *self, const void *data, size_t size, GError **error);

/*
 * Makes the bytes durable and gives them their name, in place of a regular file or a link that has
 * it. Errors: GV_FORMAT_ERROR_IO; what stood at the path before is then still there
 */
bool gv_atomic_file_commit (GvAtomicFile *self, GError **error);

/* Drops what was not committed. */
void gv_atomic_file_free (GvAtomicFile *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (GvAtomicFile, gv_atomic_file_free)
