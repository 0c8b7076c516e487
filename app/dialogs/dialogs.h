// SPDX-FileCopyrightText: Giverny contributors
// SPDX-License-Identifier: GPL-3.0-or-later
/* The dialogs that belong to the program as a whole.  All: (transfer floating), to be presented. */
#pragma once

#include "giverny.h"

#include <adwaita.h>

/* Every command that has keys, under the headings of the table. */
AdwDialog *gv_shortcuts_dialog_new (void);

/* How to paint, on one page. */
AdwDialog *gv_help_dialog_new (void);

#define GV_TYPE_PREFERENCES_DIALOG (gv_preferences_dialog_get_type ())
G_DECLARE_FINAL_TYPE (GvPreferencesDialog,
                      gv_preferences_dialog,
                      GV,
                      PREFERENCES_DIALOG,
                      AdwPreferencesDialog)

/* Every choice acts at once. */
AdwDialog *gv_preferences_dialog_new (GSettings *settings);
