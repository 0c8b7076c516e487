// SPDX-FileCopyrightText: Giverny contributors
// SPDX-License-Identifier: GPL-3.0-or-later
/* Shares as colours. */
#include "canvas/region-heat.h"

#include "canvas/region-look.h"
#include "canvas/region-recipe.h"

/* Adds a box's colour, premultiplied by its share of each of @n cells. */
static void
add_box (const GvRegionBox *box, const float *shares, gsize n, float *rgba)
{
  GvRegionLook look = gv_region_look (box->look);

  for (gsize i = 0; i < n; i++) {
    rgba[4 * i] += shares[i] * look.red;
    rgba[4 * i + 1] += shares[i] * look.green;
    rgba[4 * i + 2] += shares[i] * look.blue;
    rgba[4 * i + 3] += shares[i] * 255;
  }
}

static GdkTexture *
make_texture (const float *rgba, int width, int height)
{
  gsize n = 4 * (gsize) width * (gsize) height;
  guint8 *out = g_malloc (n);
  g_autoptr (GBytes) bytes = NULL;

  for (gsize i = 0; i < n; i++)
    out[i] = (guint8) (CLAMP (rgba[i], 0, 255) + 0.5f);
  bytes = g_bytes_new_take (out, n);
  return gdk_memory_texture_new (width, height, GDK_MEMORY_R8G8B8A8_PREMULTIPLIED, bytes,
                                 4 * (gsize) width);
}

/* The engine's own shares, of @recipe with the boxes as they are at this moment. */
static float *
dup_shares (GvRegionModel *model, GvRecipe *recipe)
{
  g_autoptr (GvRecipe) now = recipe ? gv_recipe_copy (recipe) : gv_recipe_new ();
  g_autoptr (GPtrArray) regions = gv_region_model_dup_regions (model);

  g_object_set (now, "regions", regions, NULL);
  return gv_recipe_dup_shares (now, gv_region_model_get_width (model),
                               gv_region_model_get_height (model));
}

GdkTexture *
gv_region_heat_new (GvRegionModel *model, guint id, GvRecipe *recipe)
{
  int width = gv_region_model_get_width (model) / GV_REGION_GRID;
  int height = gv_region_model_get_height (model) / GV_REGION_GRID;
  gsize n = (gsize) width * (gsize) height, region = 1; /* behind the prompt's share */
  g_autofree float *shares = NULL, *rgba = NULL;

  if (gv_region_model_get_n (model) == 0)
    return NULL;
  shares = dup_shares (model, recipe);
  rgba = g_new0 (float, 4 * n);
  for (guint i = 0; i < gv_region_model_get_n (model); i++) {
    const GvRegionBox *box = gv_region_model_get (model, i);

    if (!gv_region_box_counts (box))
      continue;
    if (id == 0 || box->id == id)
      add_box (box, shares + region * n, n, rgba);
    region++;
  }
  return make_texture (rgba, width, height);
}
