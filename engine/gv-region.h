// SPDX-FileCopyrightText: Giverny contributors
// SPDX-License-Identifier: GPL-3.0-or-later
/* A region: a box of the picture with a prompt of its own. */
#pragma once

#include <glib-object.h>
#include <stdbool.h>

G_BEGIN_DECLS

#define GV_RECIPE_MAX_REGIONS 64
#define GV_REGION_GRID 8 /* pixels of a latent cell: boxes lie on this grid */

#define GV_TYPE_REGION (gv_region_get_type ())

/*
 * Plain data.  A region that a recipe holds is never changed: copy it, change the copy, and set the
 * recipe's list anew.
 */
typedef struct
{
  int x, y, w, h; /* pixels on the grid, w and h at least one cell; may stick out of the picture */
  bool relative; /* the box is `part` instead, and x, y, w, h say nothing                       */
  double part[4]; /* x, y, w, h in parts of the picture, rounded to whole cells when it is drawn */
  double strength; /* at least 0; the prompt around it has 1                                      */
  bool whole; /* imports: the network sees the whole picture, and the edge is hard           */
  char *text; /* (owned): its prompt                                                         */
  char *negative; /* (owned) (nullable): NULL for the recipe's                                   */
} GvRegion;

/* A box in cells, inside the picture. */
typedef struct
{
  int x, y, w, h;
} GvCells;

GType gv_region_get_type (void);

/* Strength 1, empty text; the box is the caller's to set. */
GvRegion *gv_region_new (void);
GvRegion *gv_region_copy (const GvRegion *self);
void gv_region_free (GvRegion *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (GvRegion, gv_region_free)

bool gv_region_equal (const GvRegion *a, const GvRegion *b);

/*
 * Reads "X,Y,W,H[,STRENGTH]:TEXT": pixels on the grid, or all four in percent ("0%,0%,50%,100%").
 * @option begins the error's sentence.  Errors: GV_RECIPE_ERROR_VALUE
 */
GvRegion *gv_region_parse (const char *option, const char *text, GError **error);

/* (transfer full): the box as gv_region_parse() reads it, "0,0,64,64" or "0%,0%,50%,100%". */
char *gv_region_dup_box (const GvRegion *self);

/*
 * The part of the box that lies inside a picture of @width × @height pixels; false if there is
 * none. Parts of the picture are rounded half to even, w and h to at least one cell.
 */
bool gv_region_get_cells (const GvRegion *self, int width, int height, GvCells *cells);

/*
 * A copy whose box is in pixels: that of a relative one as it lies in a picture of this size, or
 * the same if nothing of it is inside.
 */
GvRegion *gv_region_new_placed (const GvRegion *self, int width, int height);

/*
 * Checks everything but the picture's size; with @width and @height above 0 also that some of it is
 * inside. The sentence begins with "--region" and @number, counted from 1.  Errors:
 * GV_RECIPE_ERROR_VALUE
 */
bool gv_region_validate (const GvRegion *self, int number, int width, int height, GError **error);

G_END_DECLS
