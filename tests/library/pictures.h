// SPDX-FileCopyrightText: Giverny contributors
// SPDX-License-Identifier: GPL-3.0-or-later
/* A folder of small pictures that carry recipes. */
#pragma once

#include "gv-library.h"

/* An empty folder of its own, and one for the database, which ends up in $XDG_DATA_HOME. */
char *gv_pictures_folder (void);

/* Takes away a folder with all that is in it. */
void gv_pictures_remove_folder (char *folder);

/* Writes a PNG of 8 by 8 pixels with this recipe, and gives its path. */
char *gv_pictures_write (const char *folder, const char *name, GvRecipe *recipe);

/* The @i th of many that differ in prompt, seed, sampler and model; its file is "picture-0012.png".
 */
char *gv_pictures_write_nth (const char *folder, guint i);
