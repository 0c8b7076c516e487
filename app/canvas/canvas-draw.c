// SPDX-FileCopyrightText: Giverny contributors
// SPDX-License-Identifier: GPL-3.0-or-later
/* Textures and checkerboards. */
#include "canvas/canvas-draw.h"

#include <math.h>

#define CHECK 8 /* logical pixels */

graphene_rect_t
gv_canvas_to_graphene (const GvCanvasRect *rect)
{
  return GRAPHENE_RECT_INIT ((float) rect->x, (float) rect->y, (float) rect->width,
                             (float) rect->height);
}

static bool
is_opaque (GdkTexture *texture)
{
  switch ((int) gdk_texture_get_format (texture)) {
  case GDK_MEMORY_R8G8B8:
  case GDK_MEMORY_B8G8R8:
  case GDK_MEMORY_R8G8B8X8:
  case GDK_MEMORY_B8G8R8X8:
  case GDK_MEMORY_X8R8G8B8:
  case GDK_MEMORY_X8B8G8R8:
  case GDK_MEMORY_R16G16B16:
  case GDK_MEMORY_R16G16B16_FLOAT:
  case GDK_MEMORY_R32G32B32_FLOAT:
  case GDK_MEMORY_G8:
  case GDK_MEMORY_G16:
    return true;
  default:
    return false;
  }
}

static void
append_checkers (GtkSnapshot *snapshot, const graphene_rect_t *rect)
{
  static const GdkRGBA light = { 0.8f, 0.8f, 0.8f, 1 }, dark = { 0.6f, 0.6f, 0.6f, 1 };
  float x = rect->origin.x, y = rect->origin.y;

  gtk_snapshot_push_repeat (snapshot, rect, &GRAPHENE_RECT_INIT (x, y, 2 * CHECK, 2 * CHECK));
  gtk_snapshot_append_color (snapshot, &light, &GRAPHENE_RECT_INIT (x, y, 2 * CHECK, 2 * CHECK));
  gtk_snapshot_append_color (snapshot, &dark, &GRAPHENE_RECT_INIT (x, y, CHECK, CHECK));
  gtk_snapshot_append_color (snapshot, &dark,
                             &GRAPHENE_RECT_INIT (x + CHECK, y + CHECK, CHECK, CHECK));
  gtk_snapshot_pop (snapshot);
}

static GskScalingFilter
scaling (GvCanvasFilter filter)
{
  switch (filter) {
  case GV_CANVAS_NEAREST:
    return GSK_SCALING_FILTER_NEAREST;
  case GV_CANVAS_TRILINEAR:
    return GSK_SCALING_FILTER_TRILINEAR;
  default:
    return GSK_SCALING_FILTER_LINEAR;
  }
}

void
gv_canvas_append_texture (GtkSnapshot *snapshot,
                          GdkTexture *texture,
                          const graphene_rect_t *rect,
                          GvCanvasFilter filter)
{
  if (!is_opaque (texture))
    append_checkers (snapshot, rect);
  gtk_snapshot_append_scaled_texture (snapshot, texture, scaling (filter), rect);
}

graphene_rect_t
gv_canvas_contain (const graphene_rect_t *rect, GdkTexture *texture)
{
  float w = (float) gdk_texture_get_width (texture), h = (float) gdk_texture_get_height (texture);
  float scale = fminf (rect->size.width / w, rect->size.height / h);

  return GRAPHENE_RECT_INIT (rect->origin.x + (rect->size.width - w * scale) / 2,
                             rect->origin.y + (rect->size.height - h * scale) / 2, w * scale,
                             h * scale);
}
