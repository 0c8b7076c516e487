// SPDX-FileCopyrightText: Giverny contributors
// SPDX-License-Identifier: GPL-3.0-or-later
/* A region in the sidebar: its colour, dash and number, its words, and its share of its area. */
#pragma once

#include "canvas/region-model.h"

#include <gtk/gtk.h>

G_BEGIN_DECLS

#define GV_TYPE_REGION_ROW (gv_region_row_get_type ())
G_DECLARE_FINAL_TYPE (GvRegionRow, gv_region_row, GV, REGION_ROW, GtkWidget)

GtkWidget *gv_region_row_new (GvRegionModel *regions, guint id);
guint gv_region_row_get_id (GvRegionRow *self);

/* The box has changed, or whether it is selected. */
void gv_region_row_update (GvRegionRow *self);

/* Puts the cursor into its words. */
void gv_region_row_edit_text (GvRegionRow *self);

/* Takes over what is being typed, also a syllable that is not finished. */
void gv_region_row_commit (GvRegionRow *self);

/* The model (path) whose tokenizer will read the words. */
void gv_region_row_set_model_path (GvRegionRow *self, const char *path);

G_END_DECLS
