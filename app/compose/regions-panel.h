// SPDX-FileCopyrightText: Giverny contributors
// SPDX-License-Identifier: GPL-3.0-or-later
/* The sidebar's list of regions, linked with the boxes on the canvas both ways. */
#pragma once

#include "canvas/canvas.h"

#include <adwaita.h>

G_BEGIN_DECLS

#define GV_TYPE_REGIONS_PANEL (gv_regions_panel_get_type ())
G_DECLARE_FINAL_TYPE (GvRegionsPanel, gv_regions_panel, GV, REGIONS_PANEL, AdwBin)

/*
 * Property "mode" (string): a name of gv_recipe_list_region_modes(); its switch is shown where this
 * version knows more than one.
 */
GtkWidget *gv_regions_panel_new (void);

/* Lists @regions and drives @canvas, which has them too: once. */
void gv_regions_panel_connect (GvRegionsPanel *self, GvRegionModel *regions, GvCanvas *canvas);

/* Takes over what is being typed, also a syllable that is not finished. */
void gv_regions_panel_commit (GvRegionsPanel *self);

/* The model (path) whose tokenizer will read the regions' words. */
void gv_regions_panel_set_model_path (GvRegionsPanel *self, const char *path);

const char *gv_regions_panel_get_mode (GvRegionsPanel *self);
void gv_regions_panel_set_mode (GvRegionsPanel *self, const char *mode);

G_END_DECLS
