// SPDX-FileCopyrightText: Giverny contributors
// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * The boxes over the picture, and the hands that draw and move them.
 *
 * Pointer: drag on the picture draws, on a box moves it, on a handle or edge resizes it; Shift
 * keeps the proportions, Alt works from the centre and lets go of guides, Esc brings back what was.
 * Keys on a box: arrows (Shift: 8 steps; Ctrl: size), Tab, Page Up and Down, Delete, Ctrl+D,
 * Ctrl+Z, Shift+Ctrl+Z, Enter for its numbers, F2 for its words.
 *
 * Signals: "drawn" (uint: the new box), "edit-text" (uint: whose words are wanted).
 */
#pragma once

#include "canvas/navigator.h"
#include "canvas/region-model.h"

#include "giverny.h"

G_BEGIN_DECLS

#define GV_TYPE_REGION_LAYER (gv_region_layer_get_type ())
G_DECLARE_FINAL_TYPE (GvRegionLayer, gv_region_layer, GV, REGION_LAYER, GtkWidget)

/* @navigator: whose view places the boxes; it must outlive the layer */
GtkWidget *gv_region_layer_new (GvRegionModel *model, GvNavigator *navigator);

/* Over the boxes: how much of each cell the selected one, or without one all of them, really have.
 */
void gv_region_layer_set_show_shares (GvRegionLayer *self, bool show);

/* Whose way of painting regions the shares are of; it is listened to. */
void gv_region_layer_set_recipe (GvRegionLayer *self, GvRecipe *recipe);

/* The numbers of the selected box; false if none is selected. */
bool gv_region_layer_show_numbers (GvRegionLayer *self);

/* Esc: calls a drag off, else lets go of the selected box; false if there was neither. */
bool gv_region_layer_let_go (GvRegionLayer *self);

G_END_DECLS
