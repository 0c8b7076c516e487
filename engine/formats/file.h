// SPDX-FileCopyrightText: Giverny contributors
// SPDX-License-Identifier: GPL-3.0-or-later
/* Files from outside: only regular ones are opened, and what they are called is made fit for one
 * line. */
#pragma once

#include <glib.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * Opens @path for reading, following links.  Whatever is no regular file (a pipe, a device, a
 * socket, a folder) is refused at once, without waiting for another end. Errors:
 * GV_FORMAT_ERROR_IO, naming the file. Returns: a descriptor that programs started later don't
 * inherit, or -1
 */
int gv_open_regular (const char *path, size_t *size_bytes, GError **error);

/*
 * Reads exactly @size bytes from @offset on.  @shown names the file in errors.
 * Errors: GV_FORMAT_ERROR_TRUNCATED if the file ends first, GV_FORMAT_ERROR_IO
 */
bool gv_pread (int fd, size_t offset, size_t size, void *dst, const char *shown, GError **error);

/*
 * Reads a whole regular file of at most @max_bytes.
 * Errors: GV_FORMAT_ERROR_IO, GV_FORMAT_ERROR_LIMIT, GV_FORMAT_ERROR_TRUNCATED if it shrinks
 * meanwhile Returns: (transfer full): @size bytes and a NUL behind them; free with g_free()
 */
char *gv_read_small_file (const char *path, size_t max_bytes, size_t *size, GError **error);

/*
 * A name from outside as a sentence may show it: on one line, valid UTF-8, control characters as
 * \x1b, the middle of what is longer than about 200 characters left out.
 */
char *gv_dup_shown (const char *name);
