// SPDX-FileCopyrightText: Giverny contributors
// SPDX-License-Identifier: GPL-3.0-or-later
/* How much of each latent cell a region decides, feathered as the sampler mixes areas. */
#include "canvas/region-private.h"

#define FEATHER 8 /* cells, of regions that are long enough */

double
gv_region_share (double strength)
{
  return strength / (1 + strength);
}

/* One axis of the feather at cell @at of @n; edges on the picture's border have none. */
static double
ramp (int at, int n, bool from_border, bool to_border)
{
  int r = MIN (FEATHER, n / 4);
  double value = 1;

  if (!from_border && at < r)
    value *= (at + 1) / (double) r;
  if (!to_border && n - 1 - at < r)
    value *= (n - at) / (double) r;
  return value;
}

/* Adds the box's weights to @sum; @sum has @w cells in a row, @h rows. */
static void
add_weights (const GvRegionBox *box, int w, int h, float *sum)
{
  int x0 = box->rect.x / GV_REGION_CELL, y0 = box->rect.y / GV_REGION_CELL;
  int nx = box->rect.width / GV_REGION_CELL, ny = box->rect.height / GV_REGION_CELL;

  for (int y = 0; y < ny; y++) {
    double row = box->strength * ramp (y, ny, y0 == 0, y0 + ny >= h);

    for (int x = 0; x < nx; x++)
      sum[(y0 + y) * w + x0 + x] += (float) (row * ramp (x, nx, x0 == 0, x0 + nx >= w));
  }
}

float *
gv_region_model_dup_shares (GvRegionModel *self, guint id)
{
  int w = self->now->width / GV_REGION_CELL, h = self->now->height / GV_REGION_CELL;
  const GvRegionBox *box = gv_region_model_find (self, id);
  g_autofree float *all = NULL;
  float *own;

  if (!box)
    return NULL;
  all = g_new0 (float, (gsize) w *(gsize) h);
  own = g_new0 (float, (gsize) w *(gsize) h);
  for (guint i = 0; i < gv_region_model_get_n (self); i++)
    add_weights (gv_region_model_get (self, i), w, h, all);
  add_weights (box, w, h, own);
  for (int i = 0; i < w * h; i++)
    own[i] /= 1 + all[i];
  return own;
}
