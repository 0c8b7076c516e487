// SPDX-FileCopyrightText: Giverny contributors
// SPDX-License-Identifier: GPL-3.0-or-later
/* Boxes from regions and regions from boxes. */
#include "canvas/region-recipe.h"

#include <string.h>

static bool
read_region (const GvRegion *region, int width, int height, GvRegionBox *box)
{
  GvCells cells;

  if (!gv_region_get_cells (region, width, height, &cells))
    return false;
  *box = (GvRegionBox) {
    .rect = { cells.x * GV_REGION_GRID, cells.y * GV_REGION_GRID, cells.w * GV_REGION_GRID,
              cells.h * GV_REGION_GRID },
    .strength = region->strength,
    .text = g_ref_string_new (region->text ? region->text : ""),
    .negative = region->negative ? g_ref_string_new (region->negative) : NULL,
    .whole = region->whole,
  };
  return true;
}

static void
clear_texts (GvRegionBox *box)
{
  g_clear_pointer (&box->text, g_ref_string_release);
  g_clear_pointer (&box->negative, g_ref_string_release);
}

void
gv_region_model_load (GvRegionModel *self,
                      GvRecipe *recipe,
                      int width,
                      int height,
                      GvRegionLoad how)
{
  GPtrArray *regions = gv_recipe_get_regions (recipe);
  g_autoptr (GArray) boxes = g_array_new (FALSE, TRUE, sizeof (GvRegionBox));

  g_array_set_clear_func (boxes, (GDestroyNotify) clear_texts);
  gv_region_model_set_picture (self, width, height, gv_region_model_get_grid (self));
  for (guint i = 0; i < regions->len; i++) {
    GvRegionBox box;

    if (read_region (regions->pdata[i], width, height, &box))
      g_array_append_val (boxes, box);
  }
  if (how == GV_REGION_LOAD_OPEN)
    gv_region_model_reset (self, (const GvRegionBox *) boxes->data, boxes->len);
  else
    gv_region_model_replace (self, (const GvRegionBox *) boxes->data, boxes->len);
}

bool
gv_region_box_counts (const GvRegionBox *box)
{
  return box->text[strspn (box->text, " \t\r\n")] != '\0';
}

GPtrArray *
gv_region_model_dup_regions (GvRegionModel *self)
{
  GPtrArray *regions = gv_recipe_new_region_list ();

  for (guint i = 0; i < gv_region_model_get_n (self); i++) {
    const GvRegionBox *box = gv_region_model_get (self, i);
    GvRegion *region;

    if (!gv_region_box_counts (box))
      continue;
    region = gv_region_new ();
    region->x = box->rect.x;
    region->y = box->rect.y;
    region->w = box->rect.width;
    region->h = box->rect.height;
    region->strength = box->strength;
    region->whole = box->whole;
    g_set_str (&region->text, box->text);
    g_set_str (&region->negative, box->negative);
    g_ptr_array_add (regions, region);
  }
  return regions;
}
