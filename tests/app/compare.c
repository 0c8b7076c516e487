// SPDX-FileCopyrightText: Giverny contributors
// SPDX-License-Identifier: GPL-3.0-or-later
/* Two pictures against each other: each way of looking, to the pixel, by mouse, keys and ear. */
#include "mouse.h"
#include "stage.h"

#include "canvas/compare.h"
#include "widgets/texture.h"

#include <math.h>
#include <string.h>

#define FIRST 0x603010
#define SECOND 0x503090

static GdkTexture *
plain (int width, int height, guint32 colour)
{
  guint8 *rgb = g_malloc_n ((gsize) width * (gsize) height, 3);
  g_autoptr (GvImage) image = gv_image_new_take (width, height, rgb);

  for (int i = 0; i < width * height; i++) {
    rgb[3 * i] = (guint8) (colour >> 16);
    rgb[3 * i + 1] = (guint8) (colour >> 8);
    rgb[3 * i + 2] = (guint8) colour;
  }
  return gv_texture_new (image);
}

typedef struct
{
  GtkWindow *window;
  GvCompare *compare;
  GvCompareView *view;
} Scene;

static Scene
scene_new (int second_width)
{
  Scene s = { .compare = GV_COMPARE (gv_compare_new ()) };
  g_autoptr (GdkTexture) a = plain (64, 64, FIRST), b = plain (second_width, 64, SECOND);
  g_autoptr (GvRecipe) before = gv_recipe_new (), after = gv_recipe_new ();

  g_object_set (after, "steps", 30, "prompt", "a blue ball", NULL);
  s.view = gv_compare_get_view (s.compare);
  s.window = gv_stage_show (GTK_WIDGET (s.compare), 640, 640);
  gv_compare_set_first (s.compare, a, "before", before);
  gv_compare_set_second (s.compare, b, "after", after);
  gtk_widget_grab_focus (GTK_WIDGET (s.view));
  gv_stage_pass (50);
  return s;
}

/* The colour at parts of the picture's width and height. */
static guint32
colour_at (Scene *s, double x, double y, const char *name)
{
  g_autoptr (GdkTexture) shot = gv_stage_snapshot (GTK_WIDGET (s->view), name);
  graphene_rect_t r = gv_compare_view_get_picture_rect (s->view);
  gsize width = (gsize) gdk_texture_get_width (shot),
        height = (gsize) gdk_texture_get_height (shot);
  g_autofree guint32 *pixels = g_new (guint32, width * height);
  gsize px = (gsize) (r.origin.x + x * r.size.width), py = (gsize) (r.origin.y + y * r.size.height);

  gdk_texture_download (shot, (guchar *) pixels, width * 4);
  return pixels[py * width + px] & 0xffffff;
}

static void
test_slider (void)
{
  Scene s = scene_new (64);

  gv_compare_view_set_position (s.view, 0);
  g_assert_cmphex (colour_at (&s, 0.05, 0.8, "compare-0"), ==, SECOND);
  g_assert_cmphex (colour_at (&s, 0.95, 0.8, NULL), ==, SECOND);
  gv_compare_view_set_position (s.view, 0.5);
  g_assert_cmphex (colour_at (&s, 0.48, 0.8, "compare-50"), ==, FIRST);
  g_assert_cmphex (colour_at (&s, 0.52, 0.8, NULL), ==, SECOND);
  g_assert_cmphex (colour_at (&s, 0.5, 0.8, NULL), ==, 0xffffff);
  gv_compare_view_set_position (s.view, 1);
  g_assert_cmphex (colour_at (&s, 0.05, 0.8, "compare-100"), ==, FIRST);
  g_assert_cmphex (colour_at (&s, 0.95, 0.8, NULL), ==, FIRST);
  g_object_set (s.view, "vertical", TRUE, "position", 0.5, NULL);
  g_assert_cmphex (colour_at (&s, 0.8, 0.48, "compare-vertical"), ==, FIRST);
  g_assert_cmphex (colour_at (&s, 0.8, 0.52, NULL), ==, SECOND);
  gtk_window_destroy (s.window);
}

static void
test_modes (void)
{
  Scene s = scene_new (64);
  guint32 mixed;

  gv_compare_view_set_mode (s.view, GV_COMPARE_SIDE_BY_SIDE);
  gv_stage_pass (50);
  g_assert_cmphex (colour_at (&s, 0.5, 0.5, "compare-side-by-side"), ==, FIRST);
  gv_compare_view_set_mode (s.view, GV_COMPARE_FADE);
  gv_stage_pass (50);
  mixed = colour_at (&s, 0.5, 0.5, "compare-fade");
  g_assert_cmpint (abs ((int) (mixed >> 16) - 0x58), <=, 1);
  g_assert_cmpint (abs ((int) (mixed & 0xff) - 0x50), <=, 1);
  gv_compare_view_set_mode (s.view, GV_COMPARE_FLICKER);
  g_assert_cmphex (colour_at (&s, 0.5, 0.5, "compare-flicker"), ==, FIRST);
  gtk_window_destroy (s.window);
}

/* 0x60 - 0x50 and 0x10 - 0x90, made stronger: 0x10 and 0x80, then 0x20 and 0xff. */
static void
test_difference (void)
{
  Scene s = scene_new (64);

  gv_compare_view_set_mode (s.view, GV_COMPARE_DIFFERENCE);
  g_object_set (s.view, "gain", 1.0, NULL);
  gv_stage_pass (50);
  g_assert_cmphex (colour_at (&s, 0.5, 0.5, NULL), ==, 0x100080);
  g_object_set (s.view, "gain", 2.0, NULL);
  g_assert_cmphex (colour_at (&s, 0.5, 0.5, "compare-difference"), ==, 0x2000ff);
  gtk_window_destroy (s.window);
}

static void
test_sizes_differ (void)
{
  Scene s = scene_new (96);
  GtkWidget *notice;

  gv_compare_view_set_mode (s.view, GV_COMPARE_DIFFERENCE);
  gv_stage_pass (50);
  notice = gtk_widget_get_first_child (GTK_WIDGET (s.view));
  g_assert_true (gtk_widget_get_visible (notice));
  g_assert_nonnull (strstr (gtk_label_get_label (GTK_LABEL (notice)), "64 × 64 and 96 × 64"));
  g_object_unref (gv_stage_snapshot (GTK_WIDGET (s.window), "compare-sizes"));
  gtk_window_destroy (s.window);
}

static void
test_keys (void)
{
  Scene s;

  if (!gv_mouse_is_there ())
    return;
  s = scene_new (64);
  gv_mouse_key ("Left");
  g_assert_cmpfloat_with_epsilon (gv_compare_view_get_position (s.view), 0.49, 1e-9);
  gv_mouse_key ("End");
  g_assert_cmpfloat (gv_compare_view_get_position (s.view), ==, 1);
  gv_mouse_key ("Home");
  g_assert_cmpfloat (gv_compare_view_get_position (s.view), ==, 0);
  gv_mouse_key ("Page_Up");
  g_assert_cmpfloat_with_epsilon (gv_compare_view_get_position (s.view), 0.1, 1e-9);
  gv_compare_view_set_mode (s.view, GV_COMPARE_FLICKER);
  gv_mouse_hold ("space", true);
  g_assert_cmphex (colour_at (&s, 0.5, 0.5, NULL), ==, SECOND);
  gv_mouse_hold ("space", false);
  g_assert_cmphex (colour_at (&s, 0.5, 0.5, NULL), ==, FIRST);
  gtk_window_destroy (s.window);
}

static void
note_step (GvCompare *compare, gboolean second, int direction, int *steps)
{
  *steps = *steps * 10 + (second ? 2 : 1) * (direction > 0 ? 1 : 2);
}

static void
test_steps (void)
{
  Scene s;
  int steps = 0;

  if (!gv_mouse_is_there ())
    return;
  s = scene_new (64);
  g_signal_connect (s.compare, "step", G_CALLBACK (note_step), &steps);
  gv_mouse_key ("shift+Right");
  gv_mouse_key ("shift+Left");
  gv_mouse_key ("ctrl+shift+Right");
  g_assert_cmpint (steps, ==, 241);
  gtk_window_destroy (s.window);
}

static void
test_mouse (void)
{
  Scene s;
  GtkWidget *view;
  graphene_rect_t r;

  if (!gv_mouse_is_there ())
    return;
  s = scene_new (64);
  view = GTK_WIDGET (s.view);
  r = gv_compare_view_get_picture_rect (s.view);
  gv_mouse_drag (view, r.origin.x + 10, r.origin.y + 40, r.origin.x + r.size.width / 4,
                 r.origin.y + 300);
  g_assert_cmpfloat_with_epsilon (gv_compare_view_get_position (s.view), 0.25, 0.01);
  gv_mouse_double_click (view, 300, 300);
  g_assert_cmpfloat (gv_compare_view_get_position (s.view), ==, 0.5);
  gtk_window_destroy (s.window);
}

static void
test_accessible (void)
{
  const char *value = "40 % before"; /* the macro takes % for a format */
  Scene s = scene_new (64);

  gv_compare_view_set_position (s.view, 0.4);
  gtk_test_accessible_assert_role (s.view, GTK_ACCESSIBLE_ROLE_SLIDER);
  gtk_test_accessible_assert_property (s.view, GTK_ACCESSIBLE_PROPERTY_VALUE_TEXT, value);
  gtk_test_accessible_assert_property (s.view, GTK_ACCESSIBLE_PROPERTY_VALUE_NOW, 40.0);
  gv_stage_check_names (GTK_WIDGET (s.window));
  gtk_window_destroy (s.window);
}

static void
test_changes (void)
{
  Scene s = scene_new (64);
  g_autoptr (GdkTexture) whole = NULL;

  whole = gv_stage_snapshot (GTK_WIDGET (s.window), "compare-window");
  g_assert_nonnull (gv_stage_find (GTK_WIDGET (s.compare), GTK_TYPE_LABEL, "Steps  20 → 30"));
  g_assert_nonnull (gv_stage_find (GTK_WIDGET (s.compare), GTK_TYPE_LABEL,
                                   "Prompt  – → a blue ball"));
  gtk_window_destroy (s.window);
}

int
main (int argc, char **argv)
{
  gv_stage_init (&argc, &argv);
  g_test_add_func ("/compare/slider", test_slider);
  g_test_add_func ("/compare/modes", test_modes);
  g_test_add_func ("/compare/difference", test_difference);
  g_test_add_func ("/compare/sizes-differ", test_sizes_differ);
  g_test_add_func ("/compare/keys", test_keys);
  g_test_add_func ("/compare/steps", test_steps);
  g_test_add_func ("/compare/mouse", test_mouse);
  g_test_add_func ("/compare/accessible", test_accessible);
  g_test_add_func ("/compare/changes", test_changes);
  return g_test_run ();
}
