// SPDX-FileCopyrightText: Giverny contributors
// SPDX-License-Identifier: GPL-3.0-or-later
/* The pointer's side of the box model: what is under it, and what a drag makes of a box. */
#include "canvas/region-private.h"

#include <math.h>
#include <string.h>

/* One axis of a box. */
typedef struct
{
  int start, length, limit, grid;
} Axis;

static Axis
axis_of (GvRegionModel *self, const GvRegionRect *rect, bool vertical)
{
  return (Axis) {
    vertical ? rect->y : rect->x,
    vertical ? rect->height : rect->width,
    gv_region_model_limit (self, vertical),
    self->now->grid,
  };
}

static GvRegionRect
rect_of (const Axis *x, const Axis *y)
{
  return (GvRegionRect) { x->start, y->start, x->length, y->length };
}

/* Which edge a part moves: -1 the low one, 1 the high one, 0 none. */
static int
side_x (GvRegionPart part)
{
  switch (part) {
  case GV_REGION_NORTH_EAST:
  case GV_REGION_EAST:
  case GV_REGION_SOUTH_EAST:
    return 1;
  case GV_REGION_NORTH_WEST:
  case GV_REGION_WEST:
  case GV_REGION_SOUTH_WEST:
    return -1;
  default:
    return 0;
  }
}

static int
side_y (GvRegionPart part)
{
  switch (part) {
  case GV_REGION_SOUTH_EAST:
  case GV_REGION_SOUTH:
  case GV_REGION_SOUTH_WEST:
    return 1;
  case GV_REGION_NORTH_EAST:
  case GV_REGION_NORTH:
  case GV_REGION_NORTH_WEST:
    return -1;
  default:
    return 0;
  }
}

static const GvRegionPart parts[3][3] = {
  { GV_REGION_NORTH_WEST, GV_REGION_NORTH, GV_REGION_NORTH_EAST },
  { GV_REGION_WEST, GV_REGION_BODY, GV_REGION_EAST },
  { GV_REGION_SOUTH_WEST, GV_REGION_SOUTH, GV_REGION_SOUTH_EAST },
};

/* Hit test */

/*
 * Where @at is along an axis of logical length @length: -1 at the low edge's handles, 1 at the high
 * one's, 0 between, 2 elsewhere.  Small boxes push their handles outward, so that there is always
 * something left in the middle to take them by.
 */
static int
zone (double at, double length)
{
  double inner = fmin (GV_REGION_HIT / 2, length / 4), outer = GV_REGION_HIT - inner;

  if (at < -outer || at > length + outer)
    return 2;
  if (at < inner)
    return -1;
  return at > length - inner ? 1 : 0;
}

static GvRegionPart
hit_selected (const GvRegionRect *rect, double x, double y, double zoom)
{
  int zx = zone ((x - rect->x) * zoom, rect->width * zoom);
  int zy = zone ((y - rect->y) * zoom, rect->height * zoom);

  return zx == 2 || zy == 2 ? GV_REGION_NOTHING : parts[zy + 1][zx + 1];
}

static bool
inside (const GvRegionRect *rect, double x, double y)
{
  return x >= rect->x && y >= rect->y && x < rect->x + rect->width && y < rect->y + rect->height;
}

GvRegionHit
gv_canvas_hit (GvRegionModel *self, double x, double y, double zoom)
{
  const GvRegionBox *selected = gv_region_model_find (self, self->selected);
  GvRegionPart part = GV_REGION_NOTHING;

  if (!isfinite (x) || !isfinite (y) || !(zoom > 0))
    return (GvRegionHit) { 0, GV_REGION_NOTHING };
  if (selected)
    part = hit_selected (&selected->rect, x, y, zoom);
  if (part != GV_REGION_NOTHING && part != GV_REGION_BODY)
    return (GvRegionHit) { selected->id, part };
  for (guint i = gv_region_model_get_n (self); i > 0; i--) {
    const GvRegionBox *box = gv_region_model_get (self, i - 1);

    if (inside (&box->rect, x, y))
      return (GvRegionHit) { box->id, GV_REGION_BODY };
  }
  return (GvRegionHit) { 0, GV_REGION_NOTHING };
}

/* Snapping */

#define FARTHEST 1e6 /* beyond any picture; a pointer may be reported anywhere */

static int
to_grid (double value, int grid)
{
  return (int) round (fmax (-FARTHEST, fmin (value, FARTHEST)) / grid) * grid;
}

static guint
collect_targets (GvRegionModel *self, bool vertical, int *targets)
{
  int limit = gv_region_model_limit (self, vertical), grid = self->now->grid;
  guint n = 0;

  targets[n++] = 0;
  targets[n++] = limit;
  targets[n++] = to_grid (limit / 3.0, grid);
  targets[n++] = to_grid (limit * 2 / 3.0, grid);
  for (guint i = 0; i < gv_region_model_get_n (self); i++) {
    const GvRegionBox *box = gv_region_model_get (self, i);

    if (box->id == self->drag.id)
      continue;
    targets[n++] = vertical ? box->rect.y : box->rect.x;
    targets[n++] = vertical ? box->rect.y + box->rect.height : box->rect.x + box->rect.width;
  }
  return n;
}

#define MAX_TARGETS (4 + 2 * GV_REGION_MAX)

/* What pulls on one axis: how far in picture pixels, towards where; nothing where reach is 0. */
typedef struct
{
  double reach;
  int targets[MAX_TARGETS];
  guint n;
} Pull;

static void
pull_init (Pull *pull, GvRegionModel *self, bool vertical, double zoom, GvRegionDragFlags flags)
{
  bool free = flags & (GV_REGION_DRAG_FREE | GV_REGION_DRAG_RATIO);

  pull->reach = free || !(zoom > 0) ? 0 : GV_REGION_SNAP / zoom;
  pull->n = pull->reach > 0 ? collect_targets (self, vertical, pull->targets) : 0;
}

/* How far @edge is from the nearest target, which goes to @at. */
static double
nearest (const Pull *pull, double edge, int *at)
{
  double best = INFINITY;

  for (guint i = 0; i < pull->n; i++) {
    double distance = fabs (pull->targets[i] - edge);

    if (distance <= pull->reach && distance < best) {
      best = distance;
      *at = pull->targets[i];
    }
  }
  return best;
}

static int
snap (const Pull *pull, double edge, int grid)
{
  int at = 0;

  return isfinite (nearest (pull, edge, &at)) ? at : to_grid (edge, grid);
}

/* Moving and resizing, an axis at a time */

static void
move_axis (Axis *a, double delta, const Pull *pull)
{
  double start = a->start + delta;
  int low = 0, high = 0, at;
  double to_low = nearest (pull, start, &low), to_high = nearest (pull, start + a->length, &high);

  if (isfinite (to_low) && to_low <= to_high)
    at = low;
  else if (isfinite (to_high))
    at = high - a->length;
  else
    at = to_grid (start, a->grid);
  a->start = CLAMP (at, 0, a->limit - a->length);
}

/* How long the axis may become when @side's edge, or both edges, move. */
static int
longest (const Axis *a, int side, bool centre)
{
  if (centre)
    return a->length + 2 * MIN (a->start, a->limit - a->start - a->length);
  return side > 0 ? a->limit - a->start : a->start + a->length;
}

/* Gives the axis another length, the other edge or the middle staying where it is. */
static void
set_length (Axis *a, int side, bool centre, int length)
{
  int start = a->start;

  if (centre || side == 0)
    start += to_grid ((a->length - length) / 2.0, a->grid);
  else if (side < 0)
    start += a->length - length;
  a->start = CLAMP (start, 0, a->limit - length);
  a->length = length;
}

static void
resize_axis (Axis *a, int side, double delta, bool centre, const Pull *pull)
{
  double edge = (side > 0 ? a->start + a->length : a->start) + delta;
  int at, grown;

  if (side == 0)
    return;
  at = snap (pull, edge, a->grid);
  grown = side > 0 ? at - a->start - a->length : a->start - at;
  if (centre)
    grown *= 2;
  set_length (a, side, centre, CLAMP (a->length + grown, a->grid, longest (a, side, centre)));
}

/* The factor that a pointer's way asks of an axis. */
static double
wanted_factor (const Axis *a, int side, double delta, bool centre)
{
  return side == 0 ? 0 : (a->length + side * delta * (centre ? 2 : 1)) / a->length;
}

static int
scaled (const Axis *a, double factor, int most)
{
  return CLAMP (to_grid (a->length * factor, a->grid), a->grid, most);
}

/* Both axes by one factor, as large as the pointer asks and the picture has room for. */
static void
resize_ratio (Axis *x, Axis *y, GvRegionPart part, double dx, double dy, bool centre)
{
  int sx = side_x (part), sy = side_y (part);
  int most_x = longest (x, sx, centre || sx == 0), most_y = longest (y, sy, centre || sy == 0);
  double factor = fmax (wanted_factor (x, sx, dx, centre), wanted_factor (y, sy, dy, centre));

  factor = fmin (factor, fmin ((double) most_x / x->length, (double) most_y / y->length));
  set_length (x, sx, centre, scaled (x, factor, most_x));
  set_length (y, sy, centre, scaled (y, factor, most_y));
}

/* A new box: from where the pointer went down to where it is, whichever way that is. */
static Axis
span (const Axis *a, double from, double to, bool centre, const Pull *pull)
{
  int anchor = CLAMP (snap (pull, from, a->grid), 0, a->limit);
  int end = CLAMP (snap (pull, to, a->grid), 0, a->limit);
  int low = MIN (anchor, end), high = MAX (anchor, end);

  if (centre) {
    int reach = MIN (high - low, MIN (anchor, a->limit - anchor));

    low = anchor - reach;
    high = anchor + reach;
  }
  if (high == low && (to < from || high == a->limit))
    low = MAX (low - a->grid, 0);
  high = CLAMP (high, low + a->grid, a->limit);
  return (Axis) { low, high - low, a->limit, a->grid };
}

/* The shorter side grows to the longer one's length, away from the anchor, as far as there is room.
 */
static void
make_square (Axis *x, Axis *y, int towards_x, int towards_y, bool centre)
{
  int most_x = longest (x, towards_x, centre), most_y = longest (y, towards_y, centre);
  int length = MIN (MAX (x->length, y->length), MIN (most_x, most_y));

  set_length (x, towards_x, centre, length);
  set_length (y, towards_y, centre, length);
}

/* Drags */

static void
draw_box (GvRegionModel *self, double x, double y, const Pull *px, const Pull *py, unsigned flags)
{
  GvRegionDrag *drag = &self->drag;
  GvRegionRect whole = { 0, 0, gv_region_model_limit (self, false),
                         gv_region_model_limit (self, true) };
  bool centre = flags & GV_REGION_DRAG_CENTRE;
  Axis ax = axis_of (self, &whole, false), ay = axis_of (self, &whole, true);
  GvRegionRect rect;
  GvRegionBox *box;

  ax = span (&ax, drag->x, x, centre, px);
  ay = span (&ay, drag->y, y, centre, py);
  if (flags & GV_REGION_DRAG_RATIO)
    make_square (&ax, &ay, x < drag->x ? -1 : 1, y < drag->y ? -1 : 1, centre);
  rect = rect_of (&ax, &ay);
  if (drag->id == 0) {
    box = gv_region_model_append (self, &rect, "", 1);
    if (!box)
      return;
    drag->id = box->id;
    gv_region_model_emit_changed (self);
    gv_region_model_select (self, drag->id);
  } else {
    gv_region_model_edit (self, drag->id)->rect = rect;
  }
}

static void
change_box (GvRegionModel *self,
            double dx,
            double dy,
            const Pull *px,
            const Pull *py,
            unsigned flags)
{
  GvRegionDrag *drag = &self->drag;
  Axis x = axis_of (self, &drag->start, false), y = axis_of (self, &drag->start, true);
  bool centre = flags & GV_REGION_DRAG_CENTRE;

  if (drag->part == GV_REGION_BODY) {
    move_axis (&x, dx, px);
    move_axis (&y, dy, py);
  } else if (flags & GV_REGION_DRAG_RATIO) {
    resize_ratio (&x, &y, drag->part, dx, dy, centre);
  } else {
    resize_axis (&x, side_x (drag->part), dx, centre, px);
    resize_axis (&y, side_y (drag->part), dy, centre, py);
  }
  gv_region_model_edit (self, drag->id)->rect = rect_of (&x, &y);
}

/* A guide for each edge that lies on a target. */
static void
find_guides (GvRegionModel *self,
             const Pull *pull,
             bool vertical_line,
             int low,
             int high,
             int start)
{
  GvRegionDrag *drag = &self->drag;
  int edges[2] = { low, high };

  for (int e = 0; e < 2; e++)
    for (guint i = 0; i < pull->n; i++)
      if (pull->targets[i] == edges[e] && edges[e] != start) {
        drag->guides[drag->n_guides++] = (GvRegionGuide) { vertical_line, edges[e] };
        break;
      }
}

static void
show_guides (GvRegionModel *self, const Pull *px, const Pull *py)
{
  const GvRegionBox *box = gv_region_model_find (self, self->drag.id);
  GvRegionRect r, s = self->drag.start;
  bool moving = self->drag.drawing || self->drag.part == GV_REGION_BODY;

  if (!box)
    return;
  r = box->rect;
  /* An edge that a handle leaves alone has not snapped to anything. */
  find_guides (self, px, true, moving || r.x != s.x ? r.x : -1,
               moving || r.x + r.width != s.x + s.width ? r.x + r.width : -1, -1);
  find_guides (self, py, false, moving || r.y != s.y ? r.y : -1,
               moving || r.y + r.height != s.y + s.height ? r.y + r.height : -1, -1);
}

void
gv_region_model_drag_begin (GvRegionModel *self, GvRegionHit hit, double x, double y)
{
  const GvRegionBox *box = gv_region_model_find (self, hit.id);

  gv_region_model_drag_end (self);
  if (!isfinite (x) || !isfinite (y))
    return;
  self->drag = (GvRegionDrag) {
    .before = gv_region_state_copy (self->now),
    .selected_before = self->selected,
    .id = box ? hit.id : 0,
    .drawing = !box,
    .part = hit.part,
    .x = x,
    .y = y,
  };
  if (box) {
    self->drag.start = box->rect;
    gv_region_model_select (self, hit.id);
  }
}

void
gv_region_model_drag_update (GvRegionModel *self,
                             double x,
                             double y,
                             double zoom,
                             GvRegionDragFlags flags)
{
  GvRegionDrag *drag = &self->drag;
  double far = 4.0 * MAX (self->now->width, self->now->height);
  Pull px, py;

  if (!drag->before || !isfinite (x) || !isfinite (y))
    return;
  x = CLAMP (x, -far, far);
  y = CLAMP (y, -far, far);
  pull_init (&px, self, false, zoom, flags);
  pull_init (&py, self, true, zoom, flags);
  if (drag->drawing)
    draw_box (self, x, y, &px, &py, flags);
  else
    change_box (self, x - drag->x, y - drag->y, &px, &py, flags);
  drag->n_guides = 0;
  show_guides (self, &px, &py);
  gv_region_model_emit_changed (self);
}

guint
gv_region_model_drag_end (GvRegionModel *self)
{
  GvRegionState *before = g_steal_pointer (&self->drag.before);
  guint id = self->drag.id;

  if (!before)
    return 0;
  self->drag = (GvRegionDrag) { 0 };
  if (gv_region_state_equal (before, self->now)) {
    gv_region_state_free (before);
  } else {
    gv_region_model_push (self, before);
    self->open_edit = GV_REGION_EDIT_ONE;
  }
  gv_region_model_emit_changed (self);
  return id;
}

void
gv_region_model_drag_cancel (GvRegionModel *self)
{
  GvRegionState *before = g_steal_pointer (&self->drag.before);
  guint selected = self->drag.selected_before;

  if (!before)
    return;
  self->drag = (GvRegionDrag) { 0 };
  gv_region_state_free (self->now);
  self->now = before;
  gv_region_model_select (self, selected);
  gv_region_model_emit_changed (self);
}

bool
gv_region_model_is_dragging (GvRegionModel *self)
{
  return self->drag.before != NULL;
}

const GvRegionGuide *
gv_region_model_get_guides (GvRegionModel *self, guint *n)
{
  *n = self->drag.n_guides;
  return self->drag.guides;
}
