// SPDX-FileCopyrightText: Giverny contributors
// SPDX-License-Identifier: GPL-3.0-or-later
/* What written files are called, and whether they can be written at all. */
#pragma once

#include <glib.h>
#include <stdbool.h>

/* "a-red-boat-on-a-lake-7.png" for a prompt and its seed: short, and fit for every file system. */
char *gv_name_for_prompt (const char *prompt, guint64 seed);

/* @path, or with "-2", "-3" … before its ending the first one where no file is yet. */
char *gv_name_unused (const char *path);

/* "FILE-3.png" for "FILE.png" and 3. */
char *gv_name_numbered (const char *path, int index);

/* "FILE-before.png" for "FILE.png" and "before". */
char *gv_name_with (const char *path, const char *word);

/*
 * Checks that a file can be put at @path: its folder is there and can be written to, and @path
 * itself is free or a regular file.  Errors: GV_FORMAT_ERROR_IO; the sentence begins with @option
 */
bool gv_check_target (const char *option, const char *path, GError **error);

/* The same for files inside @folder. */
bool gv_check_folder (const char *option, const char *folder, GError **error);

/*
 * @path from the root on.  Dots in it stay: what they lead to depends on the links before them.
 */
char *gv_absolute_path (const char *path);
