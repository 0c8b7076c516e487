// SPDX-FileCopyrightText: Giverny contributors
// SPDX-License-Identifier: GPL-3.0-or-later
/* Boxes on the canvas under a real mouse and keyboard, and what they look and sound like. */
#include "mouse.h"
#include "stage.h"

#include "canvas/canvas.h"
#include "canvas/region-frame.h"
#include "canvas/region-look.h"
#include "compose/region-row.h"
#include "compose/regions-panel.h"
#include "widgets/texture.h"

#include <math.h>

typedef struct
{
  GtkWindow *window;
  GvCanvas *canvas;
  GvRegionModel *model;
} Scene;

static Scene
scene_new (int side)
{
  Scene s = { .canvas = GV_CANVAS (gv_canvas_new ()), .model = gv_region_model_new () };

  gv_region_model_set_picture (s.model, side, side, 8);
  gv_canvas_set_regions (s.canvas, s.model);
  gv_canvas_set_drawing (s.canvas, true);
  s.window = gv_stage_show (GTK_WIDGET (s.canvas), 700, 700);
  gtk_widget_grab_focus (GTK_WIDGET (s.canvas));
  gv_stage_pass (50);
  return s;
}

static void
scene_free (Scene *s)
{
  gtk_window_destroy (s->window);
  g_object_unref (s->model);
}

/* Picture pixels to the canvas's. */
static double
at_x (Scene *s, double x)
{
  graphene_rect_t r = gv_canvas_get_picture_rect (s->canvas);

  return r.origin.x + x * r.size.width / gv_region_model_get_width (s->model);
}

static double
at_y (Scene *s, double y)
{
  graphene_rect_t r = gv_canvas_get_picture_rect (s->canvas);

  return r.origin.y + y * r.size.height / gv_region_model_get_height (s->model);
}

static void
drag (Scene *s, double x0, double y0, double x1, double y1)
{
  gv_mouse_drag (GTK_WIDGET (s->canvas), at_x (s, x0), at_y (s, y0), at_x (s, x1), at_y (s, y1));
}

static void
assert_rect (Scene *s, guint index, int x, int y, int width, int height)
{
  const GvRegionBox *box = gv_region_model_get (s->model, index);

  g_test_message ("%u: %d,%d %dx%d", index, box->rect.x, box->rect.y, box->rect.width,
                  box->rect.height);
  g_assert_cmpint (box->rect.x, ==, x);
  g_assert_cmpint (box->rect.y, ==, y);
  g_assert_cmpint (box->rect.width, ==, width);
  g_assert_cmpint (box->rect.height, ==, height);
}

static void
test_draw_and_move (void)
{
  Scene s;

  if (!gv_mouse_is_there ())
    return;
  s = scene_new (512);
  drag (&s, 66, 66, 198, 258);
  g_assert_cmpuint (gv_region_model_get_n (s.model), ==, 1);
  assert_rect (&s, 0, 64, 64, 136, 192);
  /* By its middle. */
  drag (&s, 130, 160, 194, 224);
  assert_rect (&s, 0, 128, 128, 136, 192);
  /* By a corner, past the opposite one: it does not turn inside out. */
  drag (&s, 264, 320, 20, 20);
  assert_rect (&s, 0, 128, 128, 8, 8);
  gv_mouse_key ("ctrl+z");
  assert_rect (&s, 0, 128, 128, 136, 192);
  /* Out of the picture: it stays inside. */
  drag (&s, 190, 220, 900, 220);
  assert_rect (&s, 0, 512 - 136, 128, 136, 192);
  scene_free (&s);
}

static void
test_escape (void)
{
  Scene s;
  GtkWidget *canvas;

  if (!gv_mouse_is_there ())
    return;
  s = scene_new (512);
  canvas = GTK_WIDGET (s.canvas);
  gv_region_model_add (s.model, &(GvRegionRect) { 64, 64, 128, 128 }, "", 1);
  gv_stage_pass (50);
  gv_mouse_move (canvas, at_x (&s, 128), at_y (&s, 128));
  gv_mouse_button (true, 1);
  gv_mouse_move (canvas, at_x (&s, 300), at_y (&s, 300));
  g_assert_cmpint (gv_region_model_get (s.model, 0)->rect.x, !=, 64);
  gv_mouse_key ("Escape");
  assert_rect (&s, 0, 64, 64, 128, 128);
  gv_mouse_move (canvas, at_x (&s, 350), at_y (&s, 350));
  gv_mouse_button (false, 1);
  assert_rect (&s, 0, 64, 64, 128, 128);
  scene_free (&s);
}

static void
test_keys (void)
{
  static const struct
  {
    const char *key;
    int x, y, width, height;
  } rows[] = {
    { "Right", 72, 64, 128, 128 },        { "Down", 72, 72, 128, 128 },
    { "shift+Right", 136, 72, 128, 128 }, { "ctrl+Right", 136, 72, 136, 128 },
    { "ctrl+Up", 136, 72, 136, 120 },     { "ctrl+shift+Down", 136, 72, 136, 184 },
    { "ctrl+z", 136, 72, 136, 120 },      { "ctrl+shift+z", 136, 72, 136, 184 },
  };
  Scene s;

  if (!gv_mouse_is_there ())
    return;
  s = scene_new (512);
  gv_region_model_add (s.model, &(GvRegionRect) { 64, 64, 128, 128 }, "a", 1);
  gv_region_model_add (s.model, &(GvRegionRect) { 320, 320, 64, 64 }, "b", 1);
  gv_stage_pass (50);
  gtk_widget_grab_focus (GTK_WIDGET (s.canvas));
  gv_mouse_key ("Tab");
  g_assert_cmpuint (gv_region_model_get_selected (s.model), ==, 1);
  for (guint i = 0; i < G_N_ELEMENTS (rows); i++) {
    gv_mouse_key (rows[i].key);
    assert_rect (&s, 0, rows[i].x, rows[i].y, rows[i].width, rows[i].height);
  }
  gv_mouse_key ("Page_Up");
  g_assert_cmpuint (gv_region_model_get (s.model, 1)->id, ==, 1);
  gv_mouse_key ("Tab");
  g_assert_cmpuint (gv_region_model_get_selected (s.model), ==, 2);
  gv_mouse_key ("ctrl+d");
  g_assert_cmpuint (gv_region_model_get_n (s.model), ==, 3);
  gv_mouse_key ("Delete");
  gv_mouse_key ("Delete");
  gv_mouse_key ("Delete");
  g_assert_cmpuint (gv_region_model_get_n (s.model), ==, 0);
  gv_mouse_key ("ctrl+z");
  g_assert_cmpuint (gv_region_model_get_n (s.model), ==, 1);
  scene_free (&s);
}

static void
test_numbers (void)
{
  Scene s;

  if (!gv_mouse_is_there ())
    return;
  s = scene_new (512);
  gv_region_model_add (s.model, &(GvRegionRect) { 64, 64, 128, 128 }, "a", 1);
  gv_stage_pass (50);
  gtk_widget_grab_focus (GTK_WIDGET (s.canvas));
  gv_mouse_key ("Tab");
  gv_mouse_key ("Return");
  gv_stage_pass (300);
  g_object_unref (gv_stage_snapshot (GTK_WIDGET (s.window), "regions-numbers"));
  gv_mouse_key ("ctrl+a");
  gv_mouse_type ("200\t");
  assert_rect (&s, 0, 200, 64, 128, 128);
  gv_mouse_key ("Escape");
  gv_stage_pass (100);
  scene_free (&s);
}

static void
test_accessible (void)
{
  const char *label = "Region 1: a red ball, share 75 %"; /* the macro takes % for a format */
  Scene s = scene_new (512);
  GtkWidget *frame;

  gv_region_model_add (s.model, &(GvRegionRect) { 64, 64, 128, 128 }, "a red ball", 3);
  gv_stage_pass (50);
  frame = gv_stage_find (GTK_WIDGET (s.canvas), GV_TYPE_REGION_FRAME, NULL);
  g_assert_nonnull (frame);
  gtk_test_accessible_assert_role (frame, GTK_ACCESSIBLE_ROLE_OPTION);
  gtk_test_accessible_assert_property (frame, GTK_ACCESSIBLE_PROPERTY_LABEL, label);
  gtk_test_accessible_assert_property (frame, GTK_ACCESSIBLE_PROPERTY_DESCRIPTION,
                                       "64 from the left, 64 from the top, 128 wide, 128 high");
  gv_stage_check_names (GTK_WIDGET (s.window));
  scene_free (&s);
}

static guint32
pixel (GdkTexture *shot, int x, int y)
{
  gsize width = (gsize) gdk_texture_get_width (shot),
        height = (gsize) gdk_texture_get_height (shot);
  g_autofree guint32 *pixels = g_new (guint32, width * height);

  gdk_texture_download (shot, (guchar *) pixels, width * 4);
  return pixels[(gsize) y * width + (gsize) x] & 0xffffff;
}

/* Handles are white on dark, lines have their colour and their dash over a dark line. */
static void
test_looks (void)
{
  Scene s = scene_new (512);
  g_autoptr (GdkTexture) shot = NULL;
  GvRegionLook look = gv_region_look (1);
  guint32 colour = (guint32) look.red << 16 | (guint32) look.green << 8 | look.blue;
  guint on = 0, off = 0;
  int x, y;

  for (int i = 0; i < 4; i++)
    gv_region_model_add (s.model,
                         &(GvRegionRect) { 16 + 248 * (i % 2), 24 + 248 * (i / 2), 208, 176 },
                         "a very small boat with a very long name on a lake", 1 + i);
  gv_region_model_select (s.model, 1);
  gv_stage_pass (50);
  shot = gv_stage_snapshot (GTK_WIDGET (s.canvas), "regions");
  x = (int) round (at_x (&s, 16));
  y = (int) round (at_y (&s, 24));
  g_assert_cmphex (pixel (shot, x, y), ==, 0xffffff);
  g_assert_cmphex (pixel (shot, x - 5, y - 5), <, 0x303030);
  /* Along the second box's right side. */
  x = (int) round (at_x (&s, 472));
  for (y = (int) at_y (&s, 60); y < (int) at_y (&s, 180); y++) {
    if (pixel (shot, x, y) == colour)
      on++;
    else
      off++;
  }
  g_assert_cmpuint (on, >, 40);
  g_assert_cmpuint (off, >, 20);
  scene_free (&s);
}

/* The overlay has each cell's colour in proportion to its share: none outside, 3/4 inside. */
static void
test_shares (void)
{
  Scene s = scene_new (512);
  g_autoptr (GdkTexture) shot = NULL;
  guint32 inside, outside;

  gv_region_model_add (s.model, &(GvRegionRect) { 128, 128, 256, 256 }, "a", 3);
  gv_canvas_set_show_shares (s.canvas, true);
  gv_stage_pass (50);
  shot = gv_stage_snapshot (GTK_WIDGET (s.canvas), "regions-shares");
  inside = pixel (shot, (int) at_x (&s, 256), (int) at_y (&s, 256));
  outside = pixel (shot, (int) at_x (&s, 64), (int) at_y (&s, 64));
  g_assert_cmphex (inside, !=, outside);
  g_assert_cmpint ((int) (inside >> 16), >, 150);
  g_assert_cmpint ((int) (inside & 0xff), <, 90);
  scene_free (&s);
}

/* Rows and boxes are two views of one thing. */
static void
test_panel (void)
{
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 0), *panel = gv_regions_panel_new ();
  GtkWidget *canvas = gv_canvas_new (), *row;
  g_autoptr (GvRegionModel) model = gv_region_model_new ();
  g_autofree char *path =
      g_test_build_filename (G_TEST_DIST, "..", "data/starter/scenes.png", NULL);
  g_autoptr (GvImage) image = gv_image_load (path, NULL);
  g_autoptr (GdkTexture) texture = gv_texture_new (image);
  GtkWindow *window;
  guint first, second;

  gtk_widget_set_size_request (panel, 320, -1);
  gtk_widget_set_hexpand (canvas, TRUE);
  gtk_box_append (GTK_BOX (box), panel);
  gtk_box_append (GTK_BOX (box), canvas);
  gv_canvas_set_regions (GV_CANVAS (canvas), model);
  gv_regions_panel_connect (GV_REGIONS_PANEL (panel), model, GV_CANVAS (canvas));
  window = gv_stage_show (box, 1100, 760);
  g_assert_null (gv_stage_find (panel, GV_TYPE_REGION_ROW, NULL));

  gv_canvas_set_texture (GV_CANVAS (canvas), texture);
  gv_canvas_set_drawing (GV_CANVAS (canvas), true);
  first = gv_region_model_add (model, &(GvRegionRect) { 32, 256, 240, 192 }, "a red boat", 3);
  second = gv_region_model_add (model, &(GvRegionRect) { 288, 32, 160, 160 }, "달과 별", 1);
  gv_stage_pass (300);
  row = gv_stage_find (panel, GV_TYPE_REGION_ROW, "Region 2");
  g_assert_nonnull (row);
  g_assert_true (gtk_widget_has_css_class (row, "selected"));
  gv_region_row_edit_text (GV_REGION_ROW (gv_stage_find (panel, GV_TYPE_REGION_ROW, "Region 1")));
  gv_stage_pass (50);
  g_assert_cmpuint (gv_region_model_get_selected (model), ==, first);
  gtk_range_set_value (GTK_RANGE (gv_stage_find (row, GTK_TYPE_SCALE, NULL)), 90);
  g_assert_cmpfloat (gv_region_model_find (model, second)->strength, ==, 9);
  gv_stage_check_names (GTK_WIDGET (window));
  g_object_unref (gv_stage_snapshot (GTK_WIDGET (window), "regions-panel"));
  gtk_widget_activate_action (canvas, "canvas.fit", NULL);
  g_signal_emit_by_name (gv_stage_find (row, GTK_TYPE_BUTTON, "Remove Region 2"), "clicked");
  g_assert_null (gv_region_model_find (model, second));
  g_assert_null (gv_stage_find (panel, GV_TYPE_REGION_ROW, "Region 2"));
  gv_region_model_undo (model);
  g_assert_nonnull (gv_stage_find (panel, GV_TYPE_REGION_ROW, "Region 2"));
  gtk_window_destroy (window);
}

/* What is typed after drawing is the new box's prompt. */
static void
test_words (void)
{
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 0), *panel = gv_regions_panel_new ();
  Scene s = { .canvas = GV_CANVAS (gv_canvas_new ()), .model = gv_region_model_new () };

  if (!gv_mouse_is_there ())
    return;
  gtk_widget_set_size_request (panel, 300, -1);
  gtk_widget_set_hexpand (GTK_WIDGET (s.canvas), TRUE);
  gtk_box_append (GTK_BOX (box), panel);
  gtk_box_append (GTK_BOX (box), GTK_WIDGET (s.canvas));
  gv_canvas_set_regions (s.canvas, s.model);
  gv_regions_panel_connect (GV_REGIONS_PANEL (panel), s.model, s.canvas);
  gv_canvas_set_drawing (s.canvas, true);
  s.window = gv_stage_show (box, 900, 600);
  drag (&s, 64, 64, 200, 200);
  gv_stage_pass (100);
  gv_mouse_type ("a ball");
  g_assert_cmpstr (gv_region_model_get (s.model, 0)->text, ==, "a ball");
  scene_free (&s);
}

int
main (int argc, char **argv)
{
  gv_stage_init (&argc, &argv);
  g_test_add_func ("/regions/draw-and-move", test_draw_and_move);
  g_test_add_func ("/regions/escape", test_escape);
  g_test_add_func ("/regions/keys", test_keys);
  g_test_add_func ("/regions/numbers", test_numbers);
  g_test_add_func ("/regions/accessible", test_accessible);
  g_test_add_func ("/regions/looks", test_looks);
  g_test_add_func ("/regions/shares", test_shares);
  g_test_add_func ("/regions/panel", test_panel);
  g_test_add_func ("/regions/words", test_words);
  return g_test_run ();
}
