// SPDX-FileCopyrightText: Giverny contributors
// SPDX-License-Identifier: GPL-3.0-or-later
/* Between a recipe's regions and the boxes on the canvas. */
#pragma once

#include "canvas/region-model.h"

#include "giverny.h"

G_BEGIN_DECLS

/* What happens to boxes that are there already. */
typedef enum {
  GV_REGION_LOAD_EDIT, /* the recipe's take their place; that can be undone */
  GV_REGION_LOAD_OPEN, /* as an opened document: nothing to undo            */
} GvRegionLoad;

/*
 * Puts @recipe's regions onto the canvas, for a picture of @width × @height: what sticks out is
 * cut, what lies outside is left out.
 */
void gv_region_model_load (GvRegionModel *self,
                           GvRecipe *recipe,
                           int width,
                           int height,
                           GvRegionLoad how);

/* Whether a box has words: without, it is a sketch that decides nothing. */
bool gv_region_box_counts (const GvRegionBox *box);

/* (transfer full): for the recipe's property "regions": the boxes that count, in their order */
GPtrArray *gv_region_model_dup_regions (GvRegionModel *self);

G_END_DECLS
