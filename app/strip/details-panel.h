// SPDX-FileCopyrightText: Giverny contributors
// SPDX-License-Identifier: GPL-3.0-or-later
/* What is known of the picture that is shown: its recipe, its file. */
#pragma once

#include "giverny.h"

#include <adwaita.h>

G_BEGIN_DECLS

#define GV_TYPE_DETAILS_PANEL (gv_details_panel_get_type ())
G_DECLARE_FINAL_TYPE (GvDetailsPanel, gv_details_panel, GV, DETAILS_PANEL, AdwBin)

/* @recipe: (nullable): NULL shows that there is no picture; @path: (nullable): of its file */
void gv_details_panel_show (GvDetailsPanel *self, GvRecipe *recipe, const char *path);

G_END_DECLS
