// SPDX-FileCopyrightText: Giverny contributors
// SPDX-License-Identifier: GPL-3.0-or-later
/* Regions as areas, and the shares that they have in each place. */
#include "gv-region-areas.h"

#include <string.h>

bool
gv_recipe_is_masked (GvRecipe *self)
{
  return gv_recipe_get_regions (self)->len > 0 &&
         strcmp (gv_recipe_get_region_mode (self), "attention") == 0;
}

GvAreas *
gv_recipe_new_areas (GvRecipe *self, int width, int height)
{
  GPtrArray *regions = gv_recipe_get_regions (self);
  g_autofree GvAreaWish *wishes = g_new0 (GvAreaWish, regions->len + 1);
  bool rest = gv_recipe_is_masked (self) || gv_recipe_get_background_rest (self);

  for (guint i = 0; i < regions->len; i++) {
    const GvRegion *region = regions->pdata[i];
    GvCells cells = { 0, 0, 1, 1 };
    bool inside = gv_region_get_cells (region, width, height, &cells);

    wishes[i] = (GvAreaWish) { { cells.x, cells.y, cells.w, cells.h },
                               inside ? region->strength : 0,
                               region->whole };
  }
  return gv_areas_new (width / GV_REGION_GRID, height / GV_REGION_GRID, wishes, (int) regions->len,
                       rest);
}

float *
gv_recipe_dup_shares (GvRecipe *self, int width, int height)
{
  g_autoptr (GvAreas) areas = NULL;

  g_return_val_if_fail (width >= GV_REGION_GRID && height >= GV_REGION_GRID, NULL);

  areas = gv_recipe_new_areas (self, width, height);
  return gv_areas_shares (areas);
}
