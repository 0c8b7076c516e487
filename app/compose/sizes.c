// SPDX-FileCopyrightText: Giverny contributors
// SPDX-License-Identifier: GPL-3.0-or-later
/* Seeds by chance, and sizes by aspect. */
#include "compose/sizes.h"

#include <math.h>
#include <stddef.h>

const GvAspect gv_aspects[] = {
  { "1:1", 1, 1 }, { "4:3", 4, 3 }, { "3:4", 3, 4 }, { "16:9", 16, 9 }, { "9:16", 9, 16 }, { NULL },
};

guint64
gv_random_seed (void)
{
  return g_random_int ();
}

static int
on_grid (double length, int grid)
{
  return MAX ((int) lround (length / grid), 1) * grid;
}

void
gv_aspect_get_size (const GvAspect *aspect, int side, int *width, int *height)
{
  double root = sqrt ((double) aspect->w / aspect->h);
  int grid = side >= 512 ? 64 : side >= 128 ? 32 : 8;

  *width = on_grid (side * root, grid);
  *height = on_grid (side / root, grid);
}

const GvAspect *
gv_aspect_find (int side, int width, int height)
{
  for (const GvAspect *a = gv_aspects; a->name; a++) {
    int w, h;

    gv_aspect_get_size (a, side, &w, &h);
    if (w == width && h == height)
      return a;
  }
  return NULL;
}
