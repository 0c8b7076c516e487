// SPDX-FileCopyrightText: Giverny contributors
// SPDX-License-Identifier: GPL-3.0-or-later
/* The arithmetic of zoom and pan. */
#include "canvas/canvas-view.h"

#include <math.h>

/* A zoomed picture may be pulled this far past the viewport's edge, so that what sits on its own
 * edge can be taken hold of. */
#define MARGIN 24.0

static const double round_zooms[] = { 1 / 32.0, 1 / 16.0, 1 / 8.0, 1 / 4.0, 1 / 3.0,
                                      1 / 2.0,  2 / 3.0,  1,       1.5,     2,
                                      3,        4,        6,       8,       12,
                                      16,       24,       32,      48,      64 };

void
gv_canvas_view_init (GvCanvasView *self)
{
  *self = (GvCanvasView) { .device = 1, .zoom = 1, .fit = true };
}

static bool
is_empty (const GvCanvasView *self)
{
  return self->picture_width <= 0 || self->picture_height <= 0 || self->width <= 0 ||
         self->height <= 0;
}

static double
fitting_zoom (const GvCanvasView *self)
{
  double width = fmax (self->width - 2 * self->padding, 1);
  double height = fmax (self->height - 2 * self->padding, 1);
  double zoom = self->device * fmin (width / self->picture_width, height / self->picture_height);

  return fmin (zoom, GV_CANVAS_MAX_ZOOM); /* the whole picture, however small that makes it */
}

/* One axis: a picture smaller than the viewport is centred, a larger one covers it but for the
 * margin. */
static double
keep_in_sight (double centre, double picture, double viewport, double scale)
{
  double half = viewport / 2 / scale, margin = MARGIN / scale;

  if (picture * scale <= viewport)
    return picture / 2;
  return CLAMP (centre, fmin (half - margin, picture / 2),
                fmax (picture - half + margin, picture / 2));
}

static void
settle (GvCanvasView *self)
{
  double scale;

  if (is_empty (self))
    return;
  if (self->fit)
    self->zoom = fitting_zoom (self);
  scale = gv_canvas_view_get_scale (self);
  self->centre_x = keep_in_sight (self->centre_x, self->picture_width, self->width, scale);
  self->centre_y = keep_in_sight (self->centre_y, self->picture_height, self->height, scale);
}

void
gv_canvas_view_set_viewport (GvCanvasView *self,
                             double width,
                             double height,
                             double device,
                             double origin_x,
                             double origin_y)
{
  self->width = width;
  self->height = height;
  self->device = device > 0 ? device : 1;
  self->origin_x = origin_x;
  self->origin_y = origin_y;
  settle (self);
}

/* 8 px are what sizes are rounded to, so shapes that are this close are the same to an artist. */
static bool
same_shape (int w1, int h1, int w2, int h2)
{
  return w1 > 0 && h1 > 0 && fabs ((double) w1 * h2 - (double) w2 * h1) <= 0.01 * w1 * h2;
}

void
gv_canvas_view_set_picture (GvCanvasView *self, int width, int height)
{
  if (width == self->picture_width && height == self->picture_height)
    return;
  if (!self->fit && same_shape (self->picture_width, self->picture_height, width, height)) {
    double ratio = (double) width / self->picture_width;

    self->zoom = CLAMP (self->zoom / ratio, GV_CANVAS_MIN_ZOOM, GV_CANVAS_MAX_ZOOM);
    self->centre_x *= ratio;
    self->centre_y *= ratio;
  } else {
    self->fit = true;
  }
  self->picture_width = MAX (width, 0);
  self->picture_height = MAX (height, 0);
  settle (self);
}

void
gv_canvas_view_fit (GvCanvasView *self)
{
  self->fit = true;
  settle (self);
}

void
gv_canvas_view_set_zoom (GvCanvasView *self, double zoom, double x, double y)
{
  double px, py, scale;

  if (is_empty (self) || !isfinite (zoom))
    return;
  gv_canvas_view_to_picture (self, x, y, &px, &py);
  self->fit = false;
  self->zoom = CLAMP (zoom, GV_CANVAS_MIN_ZOOM, GV_CANVAS_MAX_ZOOM);
  scale = gv_canvas_view_get_scale (self);
  self->centre_x = px - (x - self->width / 2) / scale;
  self->centre_y = py - (y - self->height / 2) / scale;
  settle (self);
}

void
gv_canvas_view_zoom_by (GvCanvasView *self, double factor, double x, double y)
{
  gv_canvas_view_set_zoom (self, self->zoom * factor, x, y);
}

double
gv_canvas_view_next_zoom (const GvCanvasView *self, int direction)
{
  guint n = G_N_ELEMENTS (round_zooms);

  if (direction > 0) {
    for (guint i = 0; i < n; i++)
      if (round_zooms[i] > self->zoom * 1.01)
        return round_zooms[i];
    return GV_CANVAS_MAX_ZOOM;
  }
  for (guint i = n; i > 0; i--)
    if (round_zooms[i - 1] < self->zoom * 0.99)
      return round_zooms[i - 1];
  return GV_CANVAS_MIN_ZOOM;
}

void
gv_canvas_view_pan (GvCanvasView *self, double dx, double dy)
{
  double scale = gv_canvas_view_get_scale (self);

  if (is_empty (self) || self->fit)
    return;
  self->centre_x -= dx / scale;
  self->centre_y -= dy / scale;
  settle (self);
}

double
gv_canvas_view_get_scale (const GvCanvasView *self)
{
  return self->zoom / self->device;
}

/* The nearest place that falls on a whole device pixel of the surface. */
static double
on_device_pixel (double at, double origin, double device)
{
  return round ((at + origin) * device) / device - origin;
}

GvCanvasRect
gv_canvas_view_get_rect (const GvCanvasView *self)
{
  double scale = gv_canvas_view_get_scale (self);
  double x = self->width / 2 - self->centre_x * scale;
  double y = self->height / 2 - self->centre_y * scale;

  return (GvCanvasRect) {
    on_device_pixel (x, self->origin_x, self->device),
    on_device_pixel (y, self->origin_y, self->device),
    self->picture_width * scale,
    self->picture_height * scale,
  };
}

GvCanvasFilter
gv_canvas_view_get_filter (const GvCanvasView *self)
{
  if (self->zoom > GV_CANVAS_NEAREST_ABOVE || self->zoom == 1)
    return GV_CANVAS_NEAREST;
  return self->zoom < 0.75 ? GV_CANVAS_TRILINEAR : GV_CANVAS_LINEAR;
}

void
gv_canvas_view_to_picture (const GvCanvasView *self, double x, double y, double *px, double *py)
{
  GvCanvasRect rect = gv_canvas_view_get_rect (self);
  double scale = gv_canvas_view_get_scale (self);

  *px = (x - rect.x) / scale;
  *py = (y - rect.y) / scale;
}

void
gv_canvas_view_to_viewport (const GvCanvasView *self, double px, double py, double *x, double *y)
{
  GvCanvasRect rect = gv_canvas_view_get_rect (self);
  double scale = gv_canvas_view_get_scale (self);

  *x = rect.x + px * scale;
  *y = rect.y + py * scale;
}
