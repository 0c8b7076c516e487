// SPDX-FileCopyrightText: Giverny contributors
// SPDX-License-Identifier: GPL-3.0-or-later
/* Where a picture lies in a viewport: zoom, pan and the way between their coordinates, without
 * widgets. */
#pragma once

#include <glib.h>
#include <stdbool.h>

G_BEGIN_DECLS

#define GV_CANVAS_MIN_ZOOM (1 / 32.0)
#define GV_CANVAS_MAX_ZOOM 64.0
#define GV_CANVAS_NEAREST_ABOVE 2.0 /* from here on an artist wants to see pixels, not a blur */

/* A rectangle in logical pixels. */
typedef struct
{
  double x, y, width, height;
} GvCanvasRect;

/*
 * All that decides where the picture is.  "Logical" pixels are the toolkit's; a device pixel is one
 * dot of the screen, and zoom 1 puts one picture pixel on one of them.
 */
typedef struct
{
  double width, height;             /* of the viewport, logical                               */
  double device;                    /* device pixels in a logical one                         */
  double padding;                    /* kept free around a fitting picture, logical           */
  double origin_x, origin_y;        /* of the viewport on its surface, logical                */
  int picture_width, picture_height; /* 0 where there is no picture                           */
  bool fit;                         /* the zoom follows the viewport's size                   */
  double zoom;                      /* device pixels in a picture pixel                       */
  double centre_x, centre_y;        /* the picture's point in the middle of the viewport      */
} GvCanvasView;

/* How to scale: each pixel as a square, smooth, or smooth from smaller copies. */
typedef enum { GV_CANVAS_NEAREST, GV_CANVAS_LINEAR, GV_CANVAS_TRILINEAR } GvCanvasFilter;

void gv_canvas_view_init (GvCanvasView *self);

/* Says where and how large the viewport is; a fitting zoom follows. */
void gv_canvas_view_set_viewport (GvCanvasView *self,
                                  double width,
                                  double height,
                                  double device,
                                  double origin_x,
                                  double origin_y);

/*
 * Another picture.  One of the same shape keeps its place on the screen (a finer version of what is
 * looked at must not jump); any other one is fitted.
 */
void gv_canvas_view_set_picture (GvCanvasView *self, int width, int height);

void gv_canvas_view_fit (GvCanvasView *self);

/* Sets or multiplies the zoom; the picture's point at (x, y) of the viewport stays there. */
void gv_canvas_view_set_zoom (GvCanvasView *self, double zoom, double x, double y);
void gv_canvas_view_zoom_by (GvCanvasView *self, double factor, double x, double y);

/* The next of the round zooms (…50 %, 67 %, 100 %, 150 %…) above (@direction 1) or below (-1). */
double gv_canvas_view_next_zoom (const GvCanvasView *self, int direction);

/* Moves the picture by logical pixels, as far as it stays in sight. */
void gv_canvas_view_pan (GvCanvasView *self, double dx, double dy);

/* Logical pixels in a picture pixel. */
double gv_canvas_view_get_scale (const GvCanvasView *self);

/* Where the picture is, its corner on a whole device pixel so that zoom 1 is exact. */
GvCanvasRect gv_canvas_view_get_rect (const GvCanvasView *self);

GvCanvasFilter gv_canvas_view_get_filter (const GvCanvasView *self);

/* Between the viewport's logical pixels and the picture's. */
void
gv_canvas_view_to_picture (const GvCanvasView *self, double x, double y, double *px, double *py);
void
gv_canvas_view_to_viewport (const GvCanvasView *self, double px, double py, double *x, double *y);

G_END_DECLS
