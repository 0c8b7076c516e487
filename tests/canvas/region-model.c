// SPDX-FileCopyrightText: Giverny contributors
// SPDX-License-Identifier: GPL-3.0-or-later
/* The box model: single edits, and what must hold whatever a hand does in whatever order. */
#include "canvas/region-model.h"

#include <math.h>
#include <string.h>

static GvRegionModel *
model_with (int n, const GvRegionRect *rects)
{
  GvRegionModel *model = gv_region_model_new ();

  for (int i = 0; i < n; i++)
    g_assert_cmpuint (gv_region_model_add (model, &rects[i], "x", 1), !=, 0);
  return model;
}

static void
assert_rect (const GvRegionBox *box, int x, int y, int width, int height)
{
  g_assert_nonnull (box);
  g_assert_cmpint (box->rect.x, ==, x);
  g_assert_cmpint (box->rect.y, ==, y);
  g_assert_cmpint (box->rect.width, ==, width);
  g_assert_cmpint (box->rect.height, ==, height);
}

/* Everything that undo has to bring back. */
static char *
describe (GvRegionModel *model)
{
  GString *out = g_string_new (NULL);

  for (guint i = 0; i < gv_region_model_get_n (model); i++) {
    const GvRegionBox *b = gv_region_model_get (model, i);

    g_string_append_printf (out, "%u:%d:%d,%d,%d,%d:%.17g:%s:%s:%d\n", b->id, b->look, b->rect.x,
                            b->rect.y, b->rect.width, b->rect.height, b->strength, b->text,
                            b->negative ? b->negative : "-", b->whole);
  }
  return g_string_free (out, FALSE);
}

static void
assert_sound (GvRegionModel *model)
{
  int width = gv_region_model_get_width (model), height = gv_region_model_get_height (model);
  int grid = gv_region_model_get_grid (model);
  guint n = gv_region_model_get_n (model), selected = gv_region_model_get_selected (model);

  g_assert_cmpuint (n, <=, GV_REGION_MAX);
  g_assert_true (selected == 0 || gv_region_model_find (model, selected));
  for (guint i = 0; i < n; i++) {
    const GvRegionBox *b = gv_region_model_get (model, i);

    g_assert_true (b->rect.x >= 0 && b->rect.y >= 0);
    g_assert_true (b->rect.width >= grid && b->rect.height >= grid);
    g_assert_true (b->rect.x + b->rect.width <= width && b->rect.y + b->rect.height <= height);
    g_assert_true (b->rect.x % grid == 0 && b->rect.y % grid == 0);
    g_assert_true (b->rect.width % grid == 0 && b->rect.height % grid == 0);
    g_assert_true (b->strength >= 0 && b->strength <= GV_REGION_MAX_STRENGTH);
    g_assert_true (g_utf8_validate (b->text, -1, NULL));
    for (guint j = 0; j < i; j++) {
      g_assert_cmpuint (gv_region_model_get (model, j)->id, !=, b->id);
      g_assert_cmpint (gv_region_model_get (model, j)->look, !=, b->look);
    }
  }
}

static void
drag (GvRegionModel *model,
      GvRegionHit hit,
      double x0,
      double y0,
      double x1,
      double y1,
      unsigned flags)
{
  gv_region_model_drag_begin (model, hit, x0, y0);
  gv_region_model_drag_update (model, (x0 + x1) / 2, (y0 + y1) / 2, 1, flags);
  gv_region_model_drag_update (model, x1, y1, 1, flags);
  gv_region_model_drag_end (model);
}

static void
test_clamped (void)
{
  static const struct
  {
    GvRegionRect given, fit;
  } rows[] = {
    { { 0, 0, 64, 64 }, { 0, 0, 64, 64 } },
    { { 3, 5, 64, 64 }, { 0, 8, 64, 64 } },
    { { 10, 20, 0, 0 }, { 8, 24, 8, 8 } },
    { { -100, -8, 50, 500 }, { 0, 0, 8, 496 } },
    { { 500, 600, 100, 100 }, { 504, 504, 8, 8 } },
    { { 480, 0, 1000, 8 }, { 480, 0, 32, 8 } },
    { { G_MAXINT, G_MININT, G_MAXINT, G_MININT }, { 504, 0, 8, 8 } },
  };

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++) {
    g_autoptr (GvRegionModel) model = model_with (1, &rows[i].given);
    const GvRegionRect *f = &rows[i].fit;

    g_test_message ("row %u", i);
    assert_rect (gv_region_model_get (model, 0), f->x, f->y, f->width, f->height);
  }
}

static void
test_resize (void)
{
  /* A box at 96,96 of 128 by 64, and drags by (dx, dy) of one of its parts. */
  static const struct
  {
    GvRegionPart part;
    int dx, dy;
    unsigned flags;
    GvRegionRect fit;
  } rows[] = {
    { GV_REGION_BODY, 13, -3, 0, { 112, 96, 128, 64 } },
    { GV_REGION_BODY, -1000, 1000, 0, { 0, 448, 128, 64 } },
    { GV_REGION_EAST, 20, 77, GV_REGION_DRAG_FREE, { 96, 96, 152, 64 } },
    { GV_REGION_EAST, -1000, 0, 0, { 96, 96, 8, 64 } },   /* it does not turn inside out */
    { GV_REGION_WEST, 1000, 0, 0, { 216, 96, 8, 64 } },
    { GV_REGION_NORTH_WEST, -1000, -1000, 0, { 0, 0, 224, 160 } },
    { GV_REGION_SOUTH_EAST,
      16,
      16,
      GV_REGION_DRAG_CENTRE | GV_REGION_DRAG_FREE,
      { 80, 80, 160, 96 } },
    { GV_REGION_SOUTH_EAST, 128, 0, GV_REGION_DRAG_RATIO, { 96, 96, 256, 128 } },
    { GV_REGION_SOUTH_EAST, 9999, 0, GV_REGION_DRAG_RATIO, { 96, 96, 416, 208 } },
    { GV_REGION_SOUTH, 0, 64, GV_REGION_DRAG_RATIO, { 32, 96, 256, 128 } },
    { GV_REGION_SOUTH, 0, -999, GV_REGION_DRAG_CENTRE, { 96, 128, 128, 8 } },
  };

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++) {
    g_autoptr (GvRegionModel) model = model_with (1, &(GvRegionRect) { 96, 96, 128, 64 });
    GvRegionHit hit = { gv_region_model_get (model, 0)->id, rows[i].part };
    const GvRegionRect *f = &rows[i].fit;
    const GvRegionBox *box;

    drag (model, hit, 200, 200, 200 + rows[i].dx, 200 + rows[i].dy, rows[i].flags);
    box = gv_region_model_get (model, 0);
    g_test_message ("row %u: %d,%d %dx%d", i, box->rect.x, box->rect.y, box->rect.width,
                    box->rect.height);
    assert_rect (box, f->x, f->y, f->width, f->height);
    g_assert_true (gv_region_model_undo (model));
    assert_rect (gv_region_model_get (model, 0), 96, 96, 128, 64);
  }
}

static void
test_draw (void)
{
  static const struct
  {
    int x0, y0, x1, y1;
    unsigned flags;
    GvRegionRect fit;
  } rows[] = {
    { 33, 30, 97, 130, GV_REGION_DRAG_FREE, { 32, 32, 64, 96 } },
    { 97, 130, 33, 30, GV_REGION_DRAG_FREE, { 32, 32, 64, 96 } },
    { 40, 40, 41, 41, GV_REGION_DRAG_FREE, { 40, 40, 8, 8 } },
    { 512, 512, 512, 512, GV_REGION_DRAG_FREE, { 504, 504, 8, 8 } },
    { -50, -50, 9999, 9999, 0, { 0, 0, 512, 512 } },
    { 40, 40, 104, 60, GV_REGION_DRAG_RATIO, { 40, 40, 64, 64 } },
    { 104, 104, 40, 80, GV_REGION_DRAG_RATIO, { 40, 40, 64, 64 } },
    { 80, 80, 104, 96, GV_REGION_DRAG_CENTRE | GV_REGION_DRAG_FREE, { 56, 64, 48, 32 } },
  };

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++) {
    g_autoptr (GvRegionModel) model = gv_region_model_new ();
    const GvRegionRect *f = &rows[i].fit;

    drag (model, (GvRegionHit) { 0 }, rows[i].x0, rows[i].y0, rows[i].x1, rows[i].y1,
          rows[i].flags);
    g_test_message ("row %u", i);
    g_assert_cmpuint (gv_region_model_get_n (model), ==, 1);
    assert_rect (gv_region_model_get (model, 0), f->x, f->y, f->width, f->height);
    g_assert_cmpuint (gv_region_model_get_selected (model), ==, gv_region_model_get (model, 0)->id);
    gv_region_model_undo (model);
    g_assert_cmpuint (gv_region_model_get_n (model), ==, 0);
  }
}

/* Esc: as if nothing had been touched, the steps of undo included. */
static void
test_cancel (void)
{
  g_autoptr (GvRegionModel) model = model_with (1, &(GvRegionRect) { 96, 96, 128, 64 });
  guint id = gv_region_model_get (model, 0)->id;
  g_autofree char *before = describe (model), *after = NULL;

  gv_region_model_select (model, 0);
  gv_region_model_drag_begin (model, (GvRegionHit) { id, GV_REGION_BODY }, 100, 100);
  gv_region_model_drag_update (model, 300, 300, 1, 0);
  gv_region_model_drag_cancel (model);
  after = describe (model);
  g_assert_cmpstr (before, ==, after);
  g_assert_cmpuint (gv_region_model_get_selected (model), ==, 0);
  gv_region_model_undo (model);
  g_assert_cmpuint (gv_region_model_get_n (model), ==, 0);
  g_assert_false (gv_region_model_can_undo (model));
}

static void
test_snap (void)
{
  static const GvRegionRect rects[] = { { 0, 0, 104, 64 }, { 200, 300, 64, 64 } };
  g_autoptr (GvRegionModel) model = model_with (2, rects);
  GvRegionHit hit = { gv_region_model_get (model, 1)->id, GV_REGION_BODY };
  const GvRegionGuide *guides;
  guint n;

  /* Zoomed out to a quarter, 6 px on the screen are 24 of the picture. */
  gv_region_model_drag_begin (model, hit, 210, 310);
  gv_region_model_drag_update (model, 210 - 200 + 120, 310, 0.25, 0);
  g_assert_cmpint (gv_region_model_get (model, 1)->rect.x, ==, 104);
  guides = gv_region_model_get_guides (model, &n);
  g_assert_cmpuint (n, >=, 1);
  g_assert_true (guides[0].vertical);
  g_assert_cmpint (guides[0].position, ==, 104);
  /* Without pulling, only the grid holds. */
  gv_region_model_drag_update (model, 210 - 200 + 120, 310, 0.25, GV_REGION_DRAG_FREE);
  g_assert_cmpint (gv_region_model_get (model, 1)->rect.x, ==, 120);
  gv_region_model_get_guides (model, &n);
  g_assert_cmpuint (n, ==, 0);
  gv_region_model_drag_end (model);
}

static void
test_hit (void)
{
  static const GvRegionRect rects[] = { { 96, 96, 128, 128 }, { 160, 160, 128, 128 } };
  g_autoptr (GvRegionModel) model = model_with (2, rects);
  guint low = gv_region_model_get (model, 0)->id, high = gv_region_model_get (model, 1)->id;
  static const struct
  {
    double x, y;
    GvRegionPart part;
  } rows[] = {
    { 96, 96, GV_REGION_NORTH_WEST }, { 86, 86, GV_REGION_NORTH_WEST },
    { 160, 90, GV_REGION_NORTH },     { 224, 96, GV_REGION_NORTH_EAST },
    { 230, 160, GV_REGION_EAST },     { 224, 224, GV_REGION_SOUTH_EAST },
    { 150, 224, GV_REGION_SOUTH },    { 96, 230, GV_REGION_SOUTH_WEST },
    { 100, 150, GV_REGION_WEST },     { 150, 150, GV_REGION_BODY },
    { 300, 50, GV_REGION_NOTHING },   { 83, 96, GV_REGION_NOTHING },
  };

  g_assert_cmpuint (gv_canvas_hit (model, 200, 200, 1).id, ==, high);
  gv_region_model_select (model, low);
  for (guint i = 0; i < G_N_ELEMENTS (rows); i++) {
    GvRegionHit hit = gv_canvas_hit (model, rows[i].x, rows[i].y, 1);

    g_test_message ("row %u", i);
    g_assert_cmpint (hit.part, ==, rows[i].part);
  }
  /* Even a box of one cell, zoomed out, has handles of 24 px around something to move it by. */
  gv_region_model_clear (model);
  low = gv_region_model_add (model, &(GvRegionRect) { 256, 256, 8, 8 }, "", 1);
  g_assert_cmpint (gv_canvas_hit (model, 260, 260, 0.5).part, ==, GV_REGION_BODY);
  g_assert_cmpint (gv_canvas_hit (model, 256 - 44, 256 - 44, 0.5).part, ==, GV_REGION_NORTH_WEST);
  g_assert_cmpint (gv_canvas_hit (model, NAN, 0, 1).part, ==, GV_REGION_NOTHING);
  g_assert_cmpint (gv_canvas_hit (model, 0, 0, 0).part, ==, GV_REGION_NOTHING);
}

/* What is typed or slid in one go is undone in one go. */
static void
test_one_go (void)
{
  g_autoptr (GvRegionModel) model = model_with (1, &(GvRegionRect) { 0, 0, 64, 64 });
  guint id = gv_region_model_get (model, 0)->id;

  gv_region_model_set_text (model, id, "a");
  gv_region_model_set_text (model, id, "a b");
  gv_region_model_set_strength (model, id, 2);
  gv_region_model_set_strength (model, id, 3);
  gv_region_model_undo (model);
  g_assert_cmpfloat (gv_region_model_get (model, 0)->strength, ==, 1);
  g_assert_cmpstr (gv_region_model_get (model, 0)->text, ==, "a b");
  gv_region_model_undo (model);
  g_assert_cmpstr (gv_region_model_get (model, 0)->text, ==, "x");
  gv_region_model_redo (model);
  gv_region_model_redo (model);
  g_assert_cmpfloat (gv_region_model_get (model, 0)->strength, ==, 3);
}

static void
test_values (void)
{
  g_autoptr (GvRegionModel) model = model_with (1, &(GvRegionRect) { 0, 0, 64, 64 });
  guint id = gv_region_model_get (model, 0)->id;
  g_autofree char *large = g_strnfill (1 << 20, 'x');

  gv_region_model_set_strength (model, id, NAN);
  g_assert_cmpfloat (gv_region_model_get (model, 0)->strength, ==, 1);
  gv_region_model_set_strength (model, id, 1e300);
  g_assert_cmpfloat (gv_region_model_get (model, 0)->strength, ==, GV_REGION_MAX_STRENGTH);
  gv_region_model_set_strength (model, id, -1);
  g_assert_cmpfloat (gv_region_model_get (model, 0)->strength, ==, 0);
  memcpy (large + GV_REGION_MAX_TEXT - 1, "한", 3);
  gv_region_model_set_text (model, id, large);
  g_assert_cmpuint (strlen (gv_region_model_get (model, 0)->text), ==, GV_REGION_MAX_TEXT - 1);
  gv_region_model_set_text (model, id, "\xff\xfe");
  assert_sound (model);
  for (int i = 0; i < 10000; i++)
    gv_region_model_add (model, &(GvRegionRect) { 0, 0, 8, 8 }, "", 1);
  g_assert_cmpuint (gv_region_model_get_n (model), ==, GV_REGION_MAX);
  g_assert_cmpuint (gv_region_model_duplicate (model, id), ==, 0);
}

/* Numbers and colours belong to a box; its place in the pile does not change them. */
static void
test_order (void)
{
  static const GvRegionRect rects[] = { { 0, 0, 64, 64 }, { 0, 0, 64, 64 }, { 0, 0, 64, 64 } };
  g_autoptr (GvRegionModel) model = model_with (3, rects);
  guint first = gv_region_model_get (model, 0)->id;

  gv_region_model_raise (model, first, 1);
  g_assert_cmpuint (gv_region_model_get (model, 1)->id, ==, first);
  g_assert_cmpint (gv_region_model_get (model, 1)->look, ==, 0);
  gv_region_model_raise (model, first, G_MAXINT);
  g_assert_cmpuint (gv_region_model_get (model, 2)->id, ==, first);
  gv_region_model_raise (model, first, G_MININT);
  g_assert_cmpuint (gv_region_model_get (model, 0)->id, ==, first);
  gv_region_model_select (model, 0);
  for (int i = 0; i < 3; i++) {
    g_assert_true (gv_region_model_select_next (model, 1));
    g_assert_cmpint (gv_region_model_find (model, gv_region_model_get_selected (model))->look, ==,
                     i);
  }
  g_assert_false (gv_region_model_select_next (model, 1));
  g_assert_true (gv_region_model_select_next (model, -1));
}

/* Another size keeps the composition, and coming back brings back the very same boxes. */
static void
test_picture_size (void)
{
  static const GvRegionRect rects[] = { { 0, 0, 256, 512 }, { 264, 8, 40, 72 } };
  g_autoptr (GvRegionModel) model = model_with (2, rects);
  g_autofree char *before = describe (model), *after = NULL;

  gv_region_model_set_picture (model, 768, 1024, 8);
  assert_rect (gv_region_model_get (model, 0), 0, 0, 384, 1024);
  for (int width = 16; width < 600; width += 24) {
    gv_region_model_set_picture (model, width, 100, width % 48 ? 16 : 8);
    assert_sound (model);
  }
  gv_region_model_set_picture (model, 512, 512, 8);
  after = describe (model);
  g_assert_cmpstr (before, ==, after);
}

static void
test_share (void)
{
  g_assert_cmpfloat_with_epsilon (gv_region_share (1), 0.5, 1e-12);
  g_assert_cmpfloat_with_epsilon (gv_region_share (3), 0.75, 1e-12);
  g_assert_cmpfloat_with_epsilon (gv_region_share (0), 0, 1e-12);
}

/* Random events */

typedef struct
{
  GvRegionModel *model;
  GRand *rand;
} Hand;

static guint
any_id (Hand *h)
{
  guint n = gv_region_model_get_n (h->model);

  if (n == 0 || g_rand_int_range (h->rand, 0, 20) == 0)
    return (guint) g_rand_int_range (h->rand, 0, 50);
  return gv_region_model_get (h->model, (guint) g_rand_int_range (h->rand, 0, (int) n))->id;
}

static int
any_int (Hand *h)
{
  static const int odd[] = { 0, 1, -1, 7, 8, 511, 512, 513, 100000, -100000, G_MAXINT, G_MININT };

  if (g_rand_int_range (h->rand, 0, 8) == 0)
    return odd[g_rand_int_range (h->rand, 0, G_N_ELEMENTS (odd))];
  return g_rand_int_range (h->rand, -40, 560);
}

static double
any_place (Hand *h)
{
  static const double odd[] = { NAN, INFINITY, -INFINITY, 1e300, -1e300, 0, 512 };

  if (g_rand_int_range (h->rand, 0, 30) == 0)
    return odd[g_rand_int_range (h->rand, 0, G_N_ELEMENTS (odd))];
  return g_rand_double_range (h->rand, -60, 600);
}

static GvRegionRect
any_rect (Hand *h)
{
  return (GvRegionRect) { any_int (h), any_int (h), any_int (h), any_int (h) };
}

static const char *
any_text (Hand *h)
{
  static const char *const texts[] = { "", "a red ball", "달과 별", "\xff broken", "x" };

  return texts[g_rand_int_range (h->rand, 0, G_N_ELEMENTS (texts))];
}

static void
edit_something (Hand *h)
{
  GvRegionRect rect = any_rect (h);

  switch (g_rand_int_range (h->rand, 0, 9)) {
  case 0:
  case 1:
    gv_region_model_add (h->model, &rect, any_text (h), any_place (h));
    break;
  case 2:
    gv_region_model_remove (h->model, any_id (h));
    break;
  case 3:
    gv_region_model_duplicate (h->model, any_id (h));
    break;
  case 4:
    gv_region_model_set_rect (h->model, any_id (h), &rect);
    break;
  case 5:
    gv_region_model_nudge (h->model, any_id (h), any_int (h), any_int (h));
    break;
  case 6:
    gv_region_model_grow (h->model, any_id (h), any_int (h), any_int (h));
    break;
  case 7:
    gv_region_model_raise (h->model, any_id (h), any_int (h));
    break;
  default:
    if (g_rand_int_range (h->rand, 0, 20) == 0)
      gv_region_model_clear (h->model);
  }
}

static void
drag_something (Hand *h)
{
  double x = any_place (h), y = any_place (h), zoom = g_rand_double_range (h->rand, 0.1, 4);
  GvRegionHit hit = gv_canvas_hit (h->model, x, y, zoom);

  gv_region_model_drag_begin (h->model, hit, x, y);
  for (int i = g_rand_int_range (h->rand, 0, 6); i > 0; i--) {
    gv_region_model_drag_update (h->model, any_place (h), any_place (h), zoom,
                                 (unsigned) g_rand_int_range (h->rand, 0, 8));
    assert_sound (h->model);
  }
  if (g_rand_int_range (h->rand, 0, 4) == 0)
    gv_region_model_drag_cancel (h->model);
  else if (g_rand_int_range (h->rand, 0, 4) != 0)
    gv_region_model_drag_end (h->model); /* else the next event meets it under way */
}

static void
do_something (Hand *h)
{
  switch (g_rand_int_range (h->rand, 0, 16)) {
  case 0:
    gv_region_model_undo (h->model);
    break;
  case 1:
    gv_region_model_redo (h->model);
    break;
  case 2:
    gv_region_model_select (h->model, any_id (h));
    break;
  case 3:
    gv_region_model_select_next (h->model, g_rand_boolean (h->rand) ? 1 : -1);
    break;
  case 4:
    gv_region_model_set_text (h->model, any_id (h), any_text (h));
    break;
  case 5:
    gv_region_model_set_strength (h->model, any_id (h), any_place (h));
    break;
  case 6:
    if (g_rand_int_range (h->rand, 0, 10) == 0)
      gv_region_model_set_picture (h->model, any_int (h), any_int (h),
                                   g_rand_boolean (h->rand) ? 8 : 16);
    break;
  case 7:
  case 8:
  case 9:
  case 10:
    drag_something (h);
    break;
  default:
    edit_something (h);
  }
}

/* One edit, taken back and done again. */
static void
check_one_step (Hand *h)
{
  g_autofree char *before = NULL, *after = NULL, *undone = NULL, *redone = NULL;

  gv_region_model_drag_end (h->model);
  before = describe (h->model);
  edit_something (h);
  after = describe (h->model);
  if (strcmp (before, after) == 0)
    return;
  g_assert_true (gv_region_model_undo (h->model));
  undone = describe (h->model);
  g_assert_cmpstr (undone, ==, before);
  g_assert_true (gv_region_model_redo (h->model));
  redone = describe (h->model);
  g_assert_cmpstr (redone, ==, after);
}

/* All the way back and all the way forth, the same states in the same order. */
static void
check_all_steps (Hand *h)
{
  g_autoptr (GPtrArray) states = g_ptr_array_new_with_free_func (g_free);

  gv_region_model_drag_end (h->model);
  while (gv_region_model_can_redo (h->model))
    gv_region_model_redo (h->model);
  do
    g_ptr_array_add (states, describe (h->model));
  while (gv_region_model_undo (h->model));
  for (guint i = states->len - 1; i > 0; i--) {
    g_autofree char *now = describe (h->model);

    g_assert_cmpstr (now, ==, states->pdata[i]);
    g_assert_true (gv_region_model_redo (h->model));
    assert_sound (h->model);
  }
  g_assert_false (gv_region_model_redo (h->model));
}

static void
test_random (void)
{
  int n = g_test_slow () ? 1000000 : 100000;

  for (guint32 seed = 0; seed < 20; seed++) {
    g_autoptr (GvRegionModel) model = gv_region_model_new ();
    g_autoptr (GRand) rand = g_rand_new_with_seed (seed);
    Hand hand = { model, rand };

    for (int i = 0; i < n / 20; i++) {
      do_something (&hand);
      assert_sound (model);
      if (i % 16 == 0)
        check_one_step (&hand);
      if (i % 2500 == 2499)
        check_all_steps (&hand);
    }
  }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/region-model/clamped", test_clamped);
  g_test_add_func ("/region-model/resize", test_resize);
  g_test_add_func ("/region-model/draw", test_draw);
  g_test_add_func ("/region-model/cancel", test_cancel);
  g_test_add_func ("/region-model/snap", test_snap);
  g_test_add_func ("/region-model/hit", test_hit);
  g_test_add_func ("/region-model/one-go", test_one_go);
  g_test_add_func ("/region-model/values", test_values);
  g_test_add_func ("/region-model/order", test_order);
  g_test_add_func ("/region-model/picture-size", test_picture_size);
  g_test_add_func ("/region-model/share", test_share);
  g_test_add_func ("/region-model/random", test_random);
  return g_test_run ();
}
