// SPDX-FileCopyrightText: Giverny contributors
// SPDX-License-Identifier: GPL-3.0-or-later
/* What the files of the box model share. */
#pragma once

#include "canvas/region-model.h"

/* The boxes as they are at one time, with the picture that they were made for. */
typedef struct
{
  GArray *boxes; /* GvRegionBox */
  int width, height, grid;
} GvRegionState;

/* An edit of the same kind on the same box goes on with the step of undo that is open. */
typedef enum { GV_REGION_EDIT_ONE, GV_REGION_EDIT_TEXT, GV_REGION_EDIT_STRENGTH } GvRegionEdit;

typedef struct
{
  GvRegionState *before; /* (owned); NULL: no drag */
  guint selected_before;
  guint id;              /* 0: a new box that is not there yet */
  bool drawing;
  GvRegionPart part;
  double x, y;           /* where it began */
  GvRegionRect start;
  GvRegionGuide guides[4];
  guint n_guides;
} GvRegionDrag;

struct _GvRegionModel
{
  GObject parent_instance;
  GvRegionState *now;   /* (owned) */
  GvRegionState
      *basis; /* (owned) (nullable): before the picture's size changed, until the next edit */
  GPtrArray *undo, *redo;
  guint next_id, selected;
  GvRegionEdit open_edit;
  guint open_id;
  GvRegionDrag drag;
};

GvRegionState *gv_region_state_copy (const GvRegionState *state);
void gv_region_state_free (GvRegionState *state);
bool gv_region_state_equal (const GvRegionState *a, const GvRegionState *b);

GvRegionBox *gv_region_model_edit (GvRegionModel *self, guint id); /* (nullable) */

/* Adds a box as it is, on top; NULL if there are too many. */
GvRegionBox *gv_region_model_append (GvRegionModel *self,
                                     const GvRegionRect *rect,
                                     const char *text,
                                     double strength);

/* Takes @before as the state to come back to. */
void gv_region_model_push (GvRegionModel *self, GvRegionState *before);
void gv_region_model_emit_changed (GvRegionModel *self);

/* The part of the picture's side that whole grid cells fill. */
int gv_region_model_limit (GvRegionModel *self, bool vertical_axis);
