// SPDX-FileCopyrightText: Giverny contributors
// SPDX-License-Identifier: GPL-3.0-or-later
/* Boxes, edits and their undo. */
#include "canvas/region-model.h"

#include "canvas/region-private.h"

#include <math.h>
#include <string.h>

#define MAX_UNDO 200
#define MIN_PICTURE 16
#define MAX_PICTURE 16384

G_DEFINE_FINAL_TYPE (GvRegionModel, gv_region_model, G_TYPE_OBJECT)

enum { CHANGED, SELECTION_CHANGED, N_SIGNALS };

static guint signals[N_SIGNALS];

/* States */

static void
clear_box (gpointer data)
{
  GvRegionBox *box = data;

  g_clear_pointer (&box->text, g_ref_string_release);
  g_clear_pointer (&box->negative, g_ref_string_release);
}

/* For another copy of the struct. */
static void
hold_texts (GvRegionBox *box)
{
  g_ref_string_acquire (box->text);
  if (box->negative)
    g_ref_string_acquire (box->negative);
}

static GvRegionState *
state_new (int width, int height, int grid)
{
  GvRegionState *state = g_new0 (GvRegionState, 1);

  state->boxes = g_array_new (FALSE, TRUE, sizeof (GvRegionBox));
  g_array_set_clear_func (state->boxes, clear_box);
  state->width = width;
  state->height = height;
  state->grid = grid;
  return state;
}

static GvRegionBox *
state_get (const GvRegionState *state, guint index)
{
  return &g_array_index (state->boxes, GvRegionBox, index);
}

GvRegionState *
gv_region_state_copy (const GvRegionState *state)
{
  GvRegionState *copy = state_new (state->width, state->height, state->grid);

  g_array_append_vals (copy->boxes, state->boxes->data, state->boxes->len);
  for (guint i = 0; i < copy->boxes->len; i++)
    hold_texts (state_get (copy, i));
  return copy;
}

void
gv_region_state_free (GvRegionState *state)
{
  g_array_unref (state->boxes);
  g_free (state);
}

static bool
box_equal (const GvRegionBox *a, const GvRegionBox *b)
{
  return a->id == b->id && a->look == b->look && a->strength == b->strength &&
         memcmp (&a->rect, &b->rect, sizeof a->rect) == 0 && strcmp (a->text, b->text) == 0 &&
         g_strcmp0 (a->negative, b->negative) == 0 && a->whole == b->whole;
}

bool
gv_region_state_equal (const GvRegionState *a, const GvRegionState *b)
{
  if (a->boxes->len != b->boxes->len)
    return false;
  for (guint i = 0; i < a->boxes->len; i++)
    if (!box_equal (state_get (a, i), state_get (b, i)))
      return false;
  return true;
}

/* What is allowed */

static double
fit_strength (double strength)
{
  if (!isfinite (strength))
    return 1;
  return CLAMP (strength, 0, GV_REGION_MAX_STRENGTH);
}

static GRefString *
fit_text (const char *text)
{
  g_autofree char *valid = g_utf8_make_valid (text ? text : "", -1);
  size_t length = strlen (valid);

  if (length > GV_REGION_MAX_TEXT)
    *g_utf8_find_prev_char (valid, valid + GV_REGION_MAX_TEXT + 1) = '\0';
  return g_ref_string_new (valid);
}

int
gv_region_model_limit (GvRegionModel *self, bool vertical_axis)
{
  int side = vertical_axis ? self->now->height : self->now->width;

  return side / self->now->grid * self->now->grid;
}

/* An interval on the grid inside 0…limit; its start matters more than its length. */
static void
fit_interval (double from, double to, int grid, int limit, int *start, int *length)
{
  double most = limit / grid, first = round (from / grid), last = round (to / grid);

  first = CLAMP (first, 0, most - 1);
  last = CLAMP (last, first + 1, most);
  *start = (int) first * grid;
  *length = (int) (last - first) * grid;
}

static GvRegionRect
fit_edges (GvRegionModel *self, double left, double top, double right, double bottom)
{
  GvRegionRect fit;
  int grid = self->now->grid;

  fit_interval (left, right, grid, gv_region_model_limit (self, false), &fit.x, &fit.width);
  fit_interval (top, bottom, grid, gv_region_model_limit (self, true), &fit.y, &fit.height);
  return fit;
}

static GvRegionRect
fit_rect (GvRegionModel *self, const GvRegionRect *rect)
{
  return fit_edges (self, rect->x, rect->y, (double) rect->x + rect->width,
                    (double) rect->y + rect->height);
}

/* Edits and their undo */

void
gv_region_model_emit_changed (GvRegionModel *self)
{
  g_signal_emit (self, signals[CHANGED], 0);
}

void
gv_region_model_push (GvRegionModel *self, GvRegionState *before)
{
  g_ptr_array_add (self->undo, before);
  if (self->undo->len > MAX_UNDO)
    g_ptr_array_remove_index (self->undo, 0);
  g_ptr_array_set_size (self->redo, 0);
  g_clear_pointer (&self->basis, gv_region_state_free);
}

static void
begin_edit (GvRegionModel *self, GvRegionEdit kind, guint id)
{
  bool goes_on = kind != GV_REGION_EDIT_ONE && kind == self->open_edit && id == self->open_id;

  gv_region_model_drag_end (self);
  if (!goes_on)
    gv_region_model_push (self, gv_region_state_copy (self->now));
  self->open_edit = kind;
  self->open_id = id;
}

static void
set_selected (GvRegionModel *self, guint id)
{
  if (self->selected == id)
    return;
  self->selected = id;
  self->open_edit = GV_REGION_EDIT_ONE;
  g_signal_emit (self, signals[SELECTION_CHANGED], 0);
}

static void
rescale (GvRegionModel *self, const GvRegionState *from)
{
  double sx = (double) self->now->width / from->width;
  double sy = (double) self->now->height / from->height;

  for (guint i = 0; i < self->now->boxes->len; i++) {
    const GvRegionRect *r = &state_get (from, i)->rect;

    state_get (self->now, i)->rect =
        fit_edges (self, r->x * sx, r->y * sy, (r->x + r->width) * sx, (r->y + r->height) * sy);
  }
}

/* Makes @state the present one; it may have been made for a picture of another size. */
static void
enter_state (GvRegionModel *self, GvRegionState *state)
{
  int width = self->now->width, height = self->now->height, grid = self->now->grid;

  gv_region_state_free (self->now);
  self->now = state;
  g_clear_pointer (&self->basis, gv_region_state_free);
  if (state->width != width || state->height != height || state->grid != grid) {
    self->basis = gv_region_state_copy (state);
    state->width = width;
    state->height = height;
    state->grid = grid;
    rescale (self, self->basis);
  }
  self->open_edit = GV_REGION_EDIT_ONE;
  if (!gv_region_model_find (self, self->selected))
    set_selected (self, 0);
  gv_region_model_emit_changed (self);
}

static bool
travel (GvRegionModel *self, GPtrArray *from, GPtrArray *to)
{
  GvRegionState *state;

  gv_region_model_drag_end (self);
  if (from->len == 0)
    return false;
  g_ptr_array_add (to, gv_region_state_copy (self->now));
  state = g_ptr_array_steal_index (from, from->len - 1);
  enter_state (self, state);
  return true;
}

bool
gv_region_model_undo (GvRegionModel *self)
{
  return travel (self, self->undo, self->redo);
}

bool
gv_region_model_redo (GvRegionModel *self)
{
  return travel (self, self->redo, self->undo);
}

bool
gv_region_model_can_undo (GvRegionModel *self)
{
  return self->undo->len > 0;
}

bool
gv_region_model_can_redo (GvRegionModel *self)
{
  return self->redo->len > 0;
}

/* Object */

static void
gv_region_model_finalize (GObject *object)
{
  GvRegionModel *self = GV_REGION_MODEL (object);

  gv_region_state_free (self->now);
  g_clear_pointer (&self->basis, gv_region_state_free);
  g_clear_pointer (&self->drag.before, gv_region_state_free);
  g_ptr_array_unref (self->undo);
  g_ptr_array_unref (self->redo);
  G_OBJECT_CLASS (gv_region_model_parent_class)->finalize (object);
}

static void
gv_region_model_class_init (GvRegionModelClass *class)
{
  G_OBJECT_CLASS (class)->finalize = gv_region_model_finalize;

  signals[CHANGED] = g_signal_new ("changed", GV_TYPE_REGION_MODEL, G_SIGNAL_RUN_LAST, 0, NULL,
                                   NULL, NULL, G_TYPE_NONE, 0);
  signals[SELECTION_CHANGED] =
      g_signal_new ("selection-changed", GV_TYPE_REGION_MODEL, G_SIGNAL_RUN_LAST, 0, NULL, NULL,
                    NULL, G_TYPE_NONE, 0);
}

static void
gv_region_model_init (GvRegionModel *self)
{
  self->now = state_new (512, 512, GV_REGION_CELL);
  self->undo = g_ptr_array_new_with_free_func ((GDestroyNotify) gv_region_state_free);
  self->redo = g_ptr_array_new_with_free_func ((GDestroyNotify) gv_region_state_free);
  self->next_id = 1;
}

GvRegionModel *
gv_region_model_new (void)
{
  return g_object_new (GV_TYPE_REGION_MODEL, NULL);
}

/* The picture */

void
gv_region_model_set_picture (GvRegionModel *self, int width, int height, int grid)
{
  width = CLAMP (width, MIN_PICTURE, MAX_PICTURE);
  height = CLAMP (height, MIN_PICTURE, MAX_PICTURE);
  grid = grid == 16 ? 16 : 8;
  if (width == self->now->width && height == self->now->height && grid == self->now->grid)
    return;
  gv_region_model_drag_end (self);
  if (!self->basis)
    self->basis = gv_region_state_copy (self->now);
  self->now->width = width;
  self->now->height = height;
  self->now->grid = grid;
  self->open_edit = GV_REGION_EDIT_ONE;
  /* From where they were before any change of size: going back and forth wears nothing off. */
  rescale (self, self->basis);
  gv_region_model_emit_changed (self);
}

int
gv_region_model_get_width (GvRegionModel *self)
{
  return self->now->width;
}

int
gv_region_model_get_height (GvRegionModel *self)
{
  return self->now->height;
}

int
gv_region_model_get_grid (GvRegionModel *self)
{
  return self->now->grid;
}

/* Looking */

guint
gv_region_model_get_n (GvRegionModel *self)
{
  return self->now->boxes->len;
}

const GvRegionBox *
gv_region_model_get (GvRegionModel *self, guint index)
{
  g_return_val_if_fail (index < self->now->boxes->len, NULL);
  return state_get (self->now, index);
}

GvRegionBox *
gv_region_model_edit (GvRegionModel *self, guint id)
{
  for (guint i = 0; i < self->now->boxes->len; i++)
    if (state_get (self->now, i)->id == id)
      return state_get (self->now, i);
  return NULL;
}

const GvRegionBox *
gv_region_model_find (GvRegionModel *self, guint id)
{
  return gv_region_model_edit (self, id);
}

guint
gv_region_model_get_selected (GvRegionModel *self)
{
  return self->selected;
}

void
gv_region_model_select (GvRegionModel *self, guint id)
{
  set_selected (self, gv_region_model_find (self, id) ? id : 0);
}

bool
gv_region_model_select_next (GvRegionModel *self, int direction)
{
  const GvRegionBox *from = gv_region_model_find (self, self->selected), *best = NULL;
  int at = from ? from->look : direction > 0 ? -1 : G_MAXINT;

  for (guint i = 0; i < self->now->boxes->len; i++) {
    const GvRegionBox *box = state_get (self->now, i);

    if ((box->look - (gint64) at) * direction > 0 &&
        (!best || (best->look - box->look) * direction > 0))
      best = box;
  }
  if (!best)
    return false;
  set_selected (self, best->id);
  return true;
}

/* Edits */

static int
free_look (GvRegionModel *self)
{
  bool taken[GV_REGION_MAX + 1] = { false };
  int look = 0;

  for (guint i = 0; i < self->now->boxes->len; i++)
    taken[state_get (self->now, i)->look] = true;
  while (taken[look])
    look++;
  return look;
}

GvRegionBox *
gv_region_model_append (GvRegionModel *self,
                        const GvRegionRect *rect,
                        const char *text,
                        double strength)
{
  GvRegionBox box = {
    .id = self->next_id,
    .look = free_look (self),
    .rect = fit_rect (self, rect),
    .strength = fit_strength (strength),
  };

  if (self->now->boxes->len >= GV_REGION_MAX)
    return NULL;
  box.text = fit_text (text);
  self->next_id++;
  g_array_append_val (self->now->boxes, box);
  return state_get (self->now, self->now->boxes->len - 1);
}

guint
gv_region_model_add (GvRegionModel *self,
                     const GvRegionRect *rect,
                     const char *text,
                     double strength)
{
  guint id;

  gv_region_model_drag_end (self);
  if (self->now->boxes->len >= GV_REGION_MAX)
    return 0;
  begin_edit (self, GV_REGION_EDIT_ONE, 0);
  id = gv_region_model_append (self, rect, text, strength)->id;
  set_selected (self, id);
  gv_region_model_emit_changed (self);
  return id;
}

static guint
index_of (GvRegionModel *self, guint id)
{
  for (guint i = 0; i < self->now->boxes->len; i++)
    if (state_get (self->now, i)->id == id)
      return i;
  return G_MAXUINT;
}

void
gv_region_model_remove (GvRegionModel *self, guint id)
{
  guint index;

  gv_region_model_drag_end (self);
  index = index_of (self, id);
  if (index == G_MAXUINT)
    return;
  begin_edit (self, GV_REGION_EDIT_ONE, id);
  g_array_remove_index (self->now->boxes, index);
  if (self->selected == id)
    set_selected (self, 0);
  gv_region_model_emit_changed (self);
}

/* Two grid steps to the side, back into the picture where there is no room. */
static int
beside (int start, int length, int grid, int limit)
{
  int there = start + 2 * grid;

  return there + length <= limit ? there : MAX (start - 2 * grid, 0);
}

/* What is of a box beside its place. */
static void
copy_nature (GvRegionBox *to, const GvRegionBox *from)
{
  g_clear_pointer (&to->negative, g_ref_string_release);
  if (from->negative)
    to->negative = g_ref_string_new (from->negative);
  to->whole = from->whole;
}

guint
gv_region_model_duplicate (GvRegionModel *self, guint id)
{
  int grid = self->now->grid;
  const GvRegionBox *box;
  GvRegionBox *twin;
  GvRegionRect rect;

  gv_region_model_drag_end (self);
  if (!gv_region_model_find (self, id) || self->now->boxes->len >= GV_REGION_MAX)
    return 0;
  begin_edit (self, GV_REGION_EDIT_ONE, 0);
  box = gv_region_model_find (self, id);
  rect = box->rect;
  rect.x = beside (rect.x, rect.width, grid, gv_region_model_limit (self, false));
  rect.y = beside (rect.y, rect.height, grid, gv_region_model_limit (self, true));
  twin = gv_region_model_append (self, &rect, box->text, box->strength);
  copy_nature (twin, gv_region_model_find (self, id)); /* appending may have moved it */
  id = twin->id;
  set_selected (self, id);
  gv_region_model_emit_changed (self);
  return id;
}

void
gv_region_model_set_rect (GvRegionModel *self, guint id, const GvRegionRect *rect)
{
  GvRegionRect fit;
  GvRegionBox *box;

  gv_region_model_drag_end (self);
  box = gv_region_model_edit (self, id);
  if (!box)
    return;
  fit = fit_rect (self, rect);
  if (memcmp (&fit, &box->rect, sizeof fit) == 0)
    return;
  begin_edit (self, GV_REGION_EDIT_ONE, id);
  box->rect = fit;
  gv_region_model_emit_changed (self);
}

void
gv_region_model_set_text (GvRegionModel *self, guint id, const char *text)
{
  g_autoptr (GRefString) fit = fit_text (text);
  GvRegionBox *box = gv_region_model_edit (self, id);

  if (!box || strcmp (box->text, fit) == 0)
    return;
  begin_edit (self, GV_REGION_EDIT_TEXT, id);
  box = gv_region_model_edit (self, id);
  g_ref_string_release (box->text);
  box->text = g_steal_pointer (&fit);
  gv_region_model_emit_changed (self);
}

void
gv_region_model_set_strength (GvRegionModel *self, guint id, double strength)
{
  GvRegionBox *box = gv_region_model_edit (self, id);
  double fit = fit_strength (strength);

  if (!box || box->strength == fit)
    return;
  begin_edit (self, GV_REGION_EDIT_STRENGTH, id);
  gv_region_model_edit (self, id)->strength = fit;
  gv_region_model_emit_changed (self);
}

/* @n grid steps of any size, without leaving what an int holds. */
static int
steps (int value, int n, int grid, int lowest, int highest)
{
  gint64 moved = value + (gint64) n * grid;

  return (int) CLAMP (moved, lowest, highest);
}

void
gv_region_model_nudge (GvRegionModel *self, guint id, int dx, int dy)
{
  const GvRegionBox *box = gv_region_model_find (self, id);
  int grid = self->now->grid;
  GvRegionRect rect;

  if (!box)
    return;
  rect = box->rect;
  rect.x = steps (rect.x, dx, grid, 0, gv_region_model_limit (self, false) - rect.width);
  rect.y = steps (rect.y, dy, grid, 0, gv_region_model_limit (self, true) - rect.height);
  gv_region_model_set_rect (self, id, &rect);
}

void
gv_region_model_grow (GvRegionModel *self, guint id, int dw, int dh)
{
  const GvRegionBox *box = gv_region_model_find (self, id);
  int grid = self->now->grid;
  GvRegionRect rect;

  if (!box)
    return;
  rect = box->rect;
  rect.width = steps (rect.width, dw, grid, grid, gv_region_model_limit (self, false) - rect.x);
  rect.height = steps (rect.height, dh, grid, grid, gv_region_model_limit (self, true) - rect.y);
  gv_region_model_set_rect (self, id, &rect);
}

void
gv_region_model_raise (GvRegionModel *self, guint id, int levels)
{
  guint from, to;
  GvRegionBox box;

  gv_region_model_drag_end (self);
  from = index_of (self, id);
  if (from == G_MAXUINT)
    return;
  to = (guint) CLAMP ((gint64) from + levels, 0, (gint64) self->now->boxes->len - 1);
  if (to == from)
    return;
  begin_edit (self, GV_REGION_EDIT_ONE, id);
  box = *state_get (self->now, from);
  hold_texts (&box);
  g_array_remove_index (self->now->boxes, from);
  g_array_insert_val (self->now->boxes, to, box);
  gv_region_model_emit_changed (self);
}

void
gv_region_model_clear (GvRegionModel *self)
{
  gv_region_model_replace (self, NULL, 0);
}

static void
put_boxes (GvRegionModel *self, const GvRegionBox *boxes, guint n)
{
  g_array_set_size (self->now->boxes, 0);
  for (guint i = 0; i < MIN (n, GV_REGION_MAX); i++)
    copy_nature (gv_region_model_append (self, &boxes[i].rect, boxes[i].text, boxes[i].strength),
                 &boxes[i]);
  set_selected (self, 0);
  gv_region_model_emit_changed (self);
}

void
gv_region_model_replace (GvRegionModel *self, const GvRegionBox *boxes, guint n)
{
  gv_region_model_drag_end (self);
  if (n == 0 && self->now->boxes->len == 0)
    return;
  begin_edit (self, GV_REGION_EDIT_ONE, 0);
  put_boxes (self, boxes, n);
}

void
gv_region_model_reset (GvRegionModel *self, const GvRegionBox *boxes, guint n)
{
  gv_region_model_drag_cancel (self);
  g_ptr_array_set_size (self->undo, 0);
  g_ptr_array_set_size (self->redo, 0);
  g_clear_pointer (&self->basis, gv_region_state_free);
  self->open_edit = GV_REGION_EDIT_ONE;
  put_boxes (self, boxes, n);
}
