// SPDX-FileCopyrightText: Giverny contributors
// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * The region boxes of a picture: what can be done with them, without any widget.
 *
 * Boxes are in picture pixels, on the grid that the model's latents ask for, inside the picture, at
 * least one grid cell large.  Nothing that a person does can break that, and everything can be
 * undone exactly.
 */
#pragma once

#include <glib-object.h>
#include <stdbool.h>

G_BEGIN_DECLS

#define GV_REGION_MAX 64 /* as many as a recipe takes                                   */
#define GV_REGION_MAX_STRENGTH 1000.0
#define GV_REGION_MAX_TEXT 65536 /* bytes; longer text is cut at a character                    */
#define GV_REGION_SNAP 6.0 /* logical pixels on the screen                                */
#define GV_REGION_HIT 24.0 /* width of a handle's hit area, likewise                      */
#define GV_REGION_CELL 8 /* the usual grid: picture pixels in a latent cell             */

typedef struct
{
  int x, y, width, height; /* picture pixels */
} GvRegionRect;

typedef struct
{
  guint id; /* never 0, never used again */
  int look; /* gv_region_look() */
  GvRegionRect rect;
  double strength; /* against the background's 1 */
  GRefString *text; /* (owned by the model) */
  /* What came with a recipe and is carried along: its own negative prompt (nullable), and whether
   * the network sees the whole picture, with a hard edge. */
  GRefString *negative;
  bool whole;
} GvRegionBox;

/* What of a box is under the pointer. */
typedef enum {
  GV_REGION_NOTHING,
  GV_REGION_BODY,
  GV_REGION_NORTH,
  GV_REGION_NORTH_EAST,
  GV_REGION_EAST,
  GV_REGION_SOUTH_EAST,
  GV_REGION_SOUTH,
  GV_REGION_SOUTH_WEST,
  GV_REGION_WEST,
  GV_REGION_NORTH_WEST,
} GvRegionPart;

typedef struct
{
  guint id; /* 0: none */
  GvRegionPart part;
} GvRegionHit;

typedef enum {
  GV_REGION_DRAG_PLAIN = 0,
  GV_REGION_DRAG_RATIO = 1 << 0, /* keep the proportions; a new box becomes a square        */
  GV_REGION_DRAG_CENTRE = 1 << 1, /* both sides at once                                      */
  GV_REGION_DRAG_FREE = 1 << 2, /* only to the grid, not to edges, thirds and other boxes  */
} GvRegionDragFlags;

/* A line that the dragged box has snapped to. */
typedef struct
{
  bool vertical;
  int position; /* picture pixels: x of a vertical one, y of the other */
} GvRegionGuide;

#define GV_TYPE_REGION_MODEL (gv_region_model_get_type ())
G_DECLARE_FINAL_TYPE (GvRegionModel, gv_region_model, GV, REGION_MODEL, GObject)

/*
 * Signals: "changed" (boxes, their order or the picture's size; also during a drag),
 * "selection-changed".
 */
GvRegionModel *gv_region_model_new (void);

/* The picture, from 16 to 16384 pixels, and the grid, 8 or 16.  Boxes keep their share of it. */
void gv_region_model_set_picture (GvRegionModel *self, int width, int height, int grid);
int gv_region_model_get_width (GvRegionModel *self);
int gv_region_model_get_height (GvRegionModel *self);
int gv_region_model_get_grid (GvRegionModel *self);

/* In z-order, the lowest first.  Lent until the next change. */
guint gv_region_model_get_n (GvRegionModel *self);
const GvRegionBox *gv_region_model_get (GvRegionModel *self, guint index);
const GvRegionBox *gv_region_model_find (GvRegionModel *self, guint id); /* (nullable) */

guint gv_region_model_get_selected (GvRegionModel *self); /* 0: none */
void gv_region_model_select (GvRegionModel *self, guint id);
/* Selects the next or (@direction -1) previous box in reading order of numbers; false past the end.
 */
bool gv_region_model_select_next (GvRegionModel *self, int direction);

/*
 * Edits.  Each is one step of undo; text and strength of the same box, typed or slid in one go, are
 * one together.  Rectangles, strengths and text are fitted to what is allowed.
 */
guint gv_region_model_add (GvRegionModel *self,
                           const GvRegionRect *rect,
                           const char *text,
                           double strength); /* 0: full */
void gv_region_model_remove (GvRegionModel *self, guint id);
guint gv_region_model_duplicate (GvRegionModel *self, guint id); /* 0: full */
void gv_region_model_set_rect (GvRegionModel *self, guint id, const GvRegionRect *rect);
void gv_region_model_set_text (GvRegionModel *self, guint id, const char *text);
void gv_region_model_set_strength (GvRegionModel *self, guint id, double strength);
void gv_region_model_nudge (GvRegionModel *self, guint id, int dx, int dy); /* in grid steps */
void gv_region_model_grow (GvRegionModel *self, guint id, int dw, int dh); /* in grid steps */
void gv_region_model_raise (GvRegionModel *self, guint id, int levels); /* below 0: lower */
void gv_region_model_clear (GvRegionModel *self);

/* Puts these boxes (ids and looks are given anew) in place of all: one step of undo. */
void gv_region_model_replace (GvRegionModel *self, const GvRegionBox *boxes, guint n);

/* As replace, but for a session or picture just opened: there is nothing to undo after it. */
void gv_region_model_reset (GvRegionModel *self, const GvRegionBox *boxes, guint n);

bool gv_region_model_can_undo (GvRegionModel *self);
bool gv_region_model_can_redo (GvRegionModel *self);
bool gv_region_model_undo (GvRegionModel *self);
bool gv_region_model_redo (GvRegionModel *self);

/*
 * What is at (@x, @y) of the picture, @zoom being logical pixels in a picture pixel: handles and
 * edges of the selected box first, then bodies from the top of the z-order.
 */
GvRegionHit gv_canvas_hit (GvRegionModel *self, double x, double y, double zoom);

/*
 * A drag from (@x, @y) of the picture: of a box's part, or with id 0 of a new box.  It ends as one
 * step of undo, or is called off without a trace.  Any other edit ends it first.
 */
void gv_region_model_drag_begin (GvRegionModel *self, GvRegionHit hit, double x, double y);
void gv_region_model_drag_update (GvRegionModel *self,
                                  double x,
                                  double y,
                                  double zoom,
                                  GvRegionDragFlags flags);
guint gv_region_model_drag_end (GvRegionModel *self); /* the dragged box, 0 if there was no drag */
void gv_region_model_drag_cancel (GvRegionModel *self);
bool gv_region_model_is_dragging (GvRegionModel *self);
const GvRegionGuide *gv_region_model_get_guides (GvRegionModel *self, guint *n);

/* The share that a strength has over a background of 1, 0…1: s / (1 + s). */
double gv_region_share (double strength);

G_END_DECLS
