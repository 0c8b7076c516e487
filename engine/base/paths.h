// SPDX-FileCopyrightText: Giverny contributors
// SPDX-License-Identifier: GPL-3.0-or-later
/* Where the files that ship with Giverny are. */
#pragma once

/*
 * The path of a file or folder that ships with the program, "starter" for instance: under $GV_DATA_DIR
 * where that is set, beside the program in a build tree, else under the installed data folder.
 * Returns: (transfer full): an absolute path, whether or not something is there
 */
char *gv_data_path (const char *name);

/*
 * The folder with the translations: that of the build tree if the program runs from there, else the installed
 * one.  Returns: (transfer full)
 */
char *gv_locale_path (void);

/*
 * The path of something that was built, "data/desktop" for instance, if the program runs from its build tree.
 * Returns: (transfer full) (nullable)
 */
char *gv_build_path (const char *name);
