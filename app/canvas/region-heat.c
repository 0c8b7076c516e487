// SPDX-FileCopyrightText: Giverny contributors
// SPDX-License-Identifier: GPL-3.0-or-later
/* Shares as colours. */
#include "canvas/region-heat.h"

#include "canvas/region-look.h"

/* Adds one box's colour, premultiplied by its share of each of @n cells. */
static void
add_box (GvRegionModel *model, const GvRegionBox *box, gsize n, float *rgba)
{
  g_autofree float *shares = gv_region_model_dup_shares (model, box->id);
  GvRegionLook look = gv_region_look (box->look);

  for (gsize i = 0; i < n; i++) {
    rgba[4 * i] += shares[i] * look.red;
    rgba[4 * i + 1] += shares[i] * look.green;
    rgba[4 * i + 2] += shares[i] * look.blue;
    rgba[4 * i + 3] += shares[i] * 255;
  }
}

GdkTexture *
gv_region_heat_new (GvRegionModel *model, guint id)
{
  int width = gv_region_model_get_width (model) / GV_REGION_CELL;
  int height = gv_region_model_get_height (model) / GV_REGION_CELL;
  gsize n = (gsize) width * (gsize) height;
  g_autofree float *rgba = NULL;
  g_autoptr (GBytes) bytes = NULL;
  guint8 *out;

  if (gv_region_model_get_n (model) == 0)
    return NULL;
  rgba = g_new0 (float, 4 * n);
  for (guint i = 0; i < gv_region_model_get_n (model); i++) {
    const GvRegionBox *box = gv_region_model_get (model, i);

    if (id == 0 || box->id == id)
      add_box (model, box, n, rgba);
  }
  out = g_malloc (4 * n);
  for (gsize i = 0; i < 4 * n; i++)
    out[i] = (guint8) (MIN (rgba[i], 255) + 0.5f);
  bytes = g_bytes_new_take (out, 4 * n);
  return gdk_memory_texture_new (width, height, GDK_MEMORY_R8G8B8A8_PREMULTIPLIED, bytes,
                                 4 * (gsize) width);
}
