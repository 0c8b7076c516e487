// SPDX-FileCopyrightText: Giverny contributors
// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * A small file that a program keeps its state in: written whole or not at all, by a worker thread,
 * and only where something changed.  Of several texts that wait, the newest is written.
 */
#pragma once

#include <gio/gio.h>
#include <stdbool.h>

#define GV_TYPE_STATE_FILE (gv_state_file_get_type ())
G_DECLARE_FINAL_TYPE (GvStateFile, gv_state_file, GV, STATE_FILE, GObject)

/*
 * Signals, in the context of the object's maker: "written" (), when all that was handed over is
 * durable; "failed" (GError), when a text could not be written.  It then waits for the next text or
 * for a flush, which tries it again.
 */
GvStateFile *gv_state_file_new (const char *path);

/**
 * gv_state_file_load:
 *
 * Reads at most @max_bytes.  Returns: (transfer full) (nullable): the text, with a NUL behind its
 * @size bytes; NULL without an error where there is no file yet. Errors: GV_FORMAT_ERROR
 */
char *gv_state_file_load (GvStateFile *self, size_t max_bytes, size_t *size, GError **error);

/*
 * Renames the file, so that a fresh start does not write over what could not be understood.  If
 * that can't be done either, nothing is ever written to it. Returns: (transfer full) (nullable):
 * where it is now
 */
char *gv_state_file_set_aside (GvStateFile *self);

/* Hands over a text.  Returns: a number for it, which grows from text to text. */
guint64 gv_state_file_write (GvStateFile *self, const char *text);

/* The number of the newest text that is durable. */
guint64 gv_state_file_get_durable (GvStateFile *self);

/* Writes what waits, right here.  Errors: GV_FORMAT_ERROR_IO, naming the file */
bool gv_state_file_flush (GvStateFile *self, GError **error);

/* The same from the worker thread; finishes when everything handed over so far is durable. */
void gv_state_file_flush_async (GvStateFile *self,
                                GCancellable *cancellable,
                                GAsyncReadyCallback callback,
                                gpointer data);
bool gv_state_file_flush_finish (GvStateFile *self, GAsyncResult *result, GError **error);
