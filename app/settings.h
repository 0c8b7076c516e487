// SPDX-FileCopyrightText: Giverny contributors
// SPDX-License-Identifier: GPL-3.0-or-later
/* What the studio remembers between sessions. */
#pragma once

#include <gio/gio.h>

/* (transfer full): from the schema of the build tree where the program runs from there */
GSettings *gv_settings_new (void);

/* (transfer full): the folder for new pictures */
char *gv_settings_dup_pictures_folder (GSettings *settings);
