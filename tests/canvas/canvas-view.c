// SPDX-FileCopyrightText: Giverny contributors
// SPDX-License-Identifier: GPL-3.0-or-later
/* Zoom and pan: what is under the pointer stays there, and 1:1 is exact on every screen. */
#include "canvas/canvas-view.h"

#include <glib.h>
#include <math.h>

static GvCanvasView
make_view (double width, double height, double device, int pw, int ph)
{
  GvCanvasView view;

  gv_canvas_view_init (&view);
  gv_canvas_view_set_viewport (&view, width, height, device, 0, 0);
  gv_canvas_view_set_picture (&view, pw, ph);
  return view;
}

static void
test_fit (void)
{
  static const struct
  {
    double width, height, device;
    int pw, ph;
    double zoom;
  } rows[] = {
    { 800, 600, 1, 512, 512, 600 / 512.0 },       { 800, 600, 2, 512, 512, 1200 / 512.0 },
    { 800, 600, 1.25, 1600, 400, 1000 / 1600.0 }, { 360, 640, 1, 1024, 1024, 360 / 1024.0 },
    { 100, 100, 1, 16384, 16, 100 / 16384.0 },    { 4000, 4000, 1, 16, 16, 64 },
  };

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++) {
    GvCanvasView v =
        make_view (rows[i].width, rows[i].height, rows[i].device, rows[i].pw, rows[i].ph);
    GvCanvasRect r = gv_canvas_view_get_rect (&v);

    g_test_message ("row %u: zoom %g", i, v.zoom);
    g_assert_cmpfloat_with_epsilon (v.zoom, rows[i].zoom, 1e-9);
    g_assert_cmpfloat (fabs (r.x + r.width / 2 - rows[i].width / 2), <=, 0.5);
    g_assert_cmpfloat (fabs (r.y + r.height / 2 - rows[i].height / 2), <=, 0.5);
  }
}

/* At 1:1 every picture pixel is a device pixel: corners lie on whole ones, sizes are whole. */
static void
test_exact (void)
{
  static const double devices[] = { 1, 1.25, 1.5, 1.75, 2, 3 };

  for (guint i = 0; i < G_N_ELEMENTS (devices); i++)
    for (int odd = 0; odd < 2; odd++) {
      GvCanvasView v = make_view (801 + odd, 603, devices[i], 513, 511);
      GvCanvasRect r;

      gv_canvas_view_set_viewport (&v, 801 + odd, 603, devices[i], 37, 46.4);
      gv_canvas_view_set_zoom (&v, 1, 10, 10);
      r = gv_canvas_view_get_rect (&v);
      g_assert_cmpfloat_with_epsilon (r.width * devices[i], 513, 1e-9);
      g_assert_cmpfloat_with_epsilon (fmod ((r.x + 37) * devices[i] + 1e-7, 1), 1e-7, 1e-6);
      g_assert_cmpfloat_with_epsilon (fmod ((r.y + 46.4) * devices[i] + 1e-7, 1), 1e-7, 1e-6);
      g_assert_cmpint (gv_canvas_view_get_filter (&v), ==, GV_CANVAS_NEAREST);
    }
}

static void
test_pointer_stays (void)
{
  GvCanvasView v = make_view (640, 480, 1, 1024, 768);
  g_autoptr (GRand) rand = g_rand_new_with_seed (7);

  gv_canvas_view_set_zoom (&v, 6, 320, 240);
  for (int i = 0; i < 1000; i++) {
    double x = g_rand_double_range (rand, 200, 440), y = g_rand_double_range (rand, 150, 330);
    double factor = g_rand_double_range (rand, 0.9, 1.12), px, py, vx, vy;

    gv_canvas_view_to_picture (&v, x, y, &px, &py);
    gv_canvas_view_zoom_by (&v, factor, x, y);
    gv_canvas_view_to_viewport (&v, px, py, &vx, &vy);
    /* Away from the picture's edges, only the step to a whole device pixel may show. */
    if (px > 250 && px < 774 && py > 180 && py < 588 && v.zoom > 2 && v.zoom < 60) {
      g_assert_cmpfloat (fabs (vx - x), <=, 1.01);
      g_assert_cmpfloat (fabs (vy - y), <=, 1.01);
    }
  }
}

static void
test_limits (void)
{
  GvCanvasView v = make_view (640, 480, 1, 512, 512);
  GvCanvasRect r;

  gv_canvas_view_set_zoom (&v, 1e9, 1, 1);
  g_assert_cmpfloat (v.zoom, ==, GV_CANVAS_MAX_ZOOM);
  gv_canvas_view_pan (&v, 1e9, -1e9);
  r = gv_canvas_view_get_rect (&v);
  g_assert_cmpfloat_with_epsilon (r.x, 24, 0.6);
  g_assert_cmpfloat_with_epsilon (r.y + r.height, 480 - 24, 0.6);
  gv_canvas_view_set_zoom (&v, NAN, 1, 1);
  g_assert_cmpfloat (v.zoom, ==, GV_CANVAS_MAX_ZOOM);
  gv_canvas_view_zoom_by (&v, 0, 1, 1);
  g_assert_cmpfloat (v.zoom, ==, GV_CANVAS_MIN_ZOOM);
  r = gv_canvas_view_get_rect (&v);
  g_assert_cmpfloat_with_epsilon (r.x + r.width / 2, 320, 0.5);
  gv_canvas_view_fit (&v);
  g_assert_cmpfloat_with_epsilon (v.zoom, 480 / 512.0, 1e-9);
}

static void
test_steps (void)
{
  GvCanvasView v = make_view (600, 600, 1, 512, 512);
  double last = v.zoom;

  for (int i = 0; i < 40; i++) {
    gv_canvas_view_set_zoom (&v, gv_canvas_view_next_zoom (&v, 1), 300, 300);
    g_assert_true (v.zoom > last || v.zoom == GV_CANVAS_MAX_ZOOM);
    last = v.zoom;
  }
  for (int i = 0; i < 40; i++)
    gv_canvas_view_set_zoom (&v, gv_canvas_view_next_zoom (&v, -1), 300, 300);
  g_assert_cmpfloat (v.zoom, ==, GV_CANVAS_MIN_ZOOM);
}

/* A finer version of the same picture must not move; another shape is fitted anew. */
static void
test_other_picture (void)
{
  GvCanvasView v = make_view (640, 480, 1, 512, 512);
  GvCanvasRect before, after;

  gv_canvas_view_set_zoom (&v, 3, 100, 50);
  before = gv_canvas_view_get_rect (&v);
  gv_canvas_view_set_picture (&v, 1024, 1024);
  after = gv_canvas_view_get_rect (&v);
  g_assert_cmpfloat_with_epsilon (before.x, after.x, 1);
  g_assert_cmpfloat_with_epsilon (before.y, after.y, 1);
  g_assert_cmpfloat_with_epsilon (before.width, after.width, 1e-6);
  gv_canvas_view_set_picture (&v, 512, 768);
  g_assert_true (v.fit);
}

static void
test_filter (void)
{
  static const struct
  {
    double zoom;
    GvCanvasFilter filter;
  } rows[] = {
    { 0.2, GV_CANVAS_TRILINEAR }, { 0.9, GV_CANVAS_LINEAR }, { 1, GV_CANVAS_NEAREST },
    { 1.5, GV_CANVAS_LINEAR },    { 2, GV_CANVAS_LINEAR },   { 2.01, GV_CANVAS_NEAREST },
  };

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++) {
    GvCanvasView v = make_view (640, 480, 1, 512, 512);

    gv_canvas_view_set_zoom (&v, rows[i].zoom, 320, 240);
    g_assert_cmpint (gv_canvas_view_get_filter (&v), ==, rows[i].filter);
  }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/canvas-view/fit", test_fit);
  g_test_add_func ("/canvas-view/exact", test_exact);
  g_test_add_func ("/canvas-view/pointer-stays", test_pointer_stays);
  g_test_add_func ("/canvas-view/limits", test_limits);
  g_test_add_func ("/canvas-view/steps", test_steps);
  g_test_add_func ("/canvas-view/other-picture", test_other_picture);
  g_test_add_func ("/canvas-view/filter", test_filter);
  return g_test_run ();
}
