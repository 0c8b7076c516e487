// SPDX-FileCopyrightText: Giverny contributors
// SPDX-License-Identifier: GPL-3.0-or-later
/* The canvas: what it draws where, what keys do, and what it tells those who do not see it. */
#include "stage.h"

#include "canvas/canvas.h"
#include "widgets/texture.h"

#include <string.h>

/* Left half red, right half blue, a white pixel in the top left corner. */
static GvImage *
make_image (int width, int height)
{
  guint8 *rgb = g_malloc0_n ((gsize) width * (gsize) height, 3);

  for (int y = 0; y < height; y++)
    for (int x = 0; x < width; x++)
      rgb[3 * (y * width + x) + (x < width / 2 ? 0 : 2)] = 255;
  memset (rgb, 255, 3);
  return gv_image_new_take (width, height, rgb);
}

static GvCanvas *
canvas_with (int width, int height, GtkWindow **window)
{
  GvCanvas *canvas = GV_CANVAS (gv_canvas_new ());
  g_autoptr (GvImage) image = make_image (width, height);
  g_autoptr (GdkTexture) texture = gv_texture_new (image);

  *window = gv_stage_show (GTK_WIDGET (canvas), 400, 300);
  gv_canvas_set_texture (canvas, texture);
  gv_canvas_set_source (canvas, image, NULL);
  gv_stage_pass (50);
  return canvas;
}

static guint32
pixel (GdkTexture *shot, int x, int y)
{
  gsize width = (gsize) gdk_texture_get_width (shot),
        height = (gsize) gdk_texture_get_height (shot);
  g_autofree guint32 *pixels = g_new (guint32, width * height);

  g_assert_cmpint (x, <, width);
  g_assert_cmpint (y, <, height);
  gdk_texture_download (shot, (guchar *) pixels, width * 4);
  return pixels[(gsize) y * width + (gsize) x] & 0xffffff;
}

#define RED 0xff0000
#define BLUE 0x0000ff
#define WHITE 0xffffff

static void
test_fits (void)
{
  GtkWindow *window;
  GvCanvas *canvas = canvas_with (64, 32, &window);
  graphene_rect_t rect = gv_canvas_get_picture_rect (canvas);
  int middle = (int) (rect.origin.x + rect.size.width / 2);
  g_autoptr (GdkTexture) shot = gv_stage_snapshot (GTK_WIDGET (canvas), "canvas-fit");

  g_assert_cmpfloat_with_epsilon (rect.size.width, gtk_widget_get_width (GTK_WIDGET (canvas)) - 24,
                                  0.5);
  g_assert_cmpfloat_with_epsilon (rect.size.width, 2 * rect.size.height, 0.5);
  /* Far above 200 %, every pixel is a sharp square: no purple in the middle, a white corner. */
  g_assert_cmphex (pixel (shot, middle - 2, 150), ==, RED);
  g_assert_cmphex (pixel (shot, middle + 1, 150), ==, BLUE);
  g_assert_cmphex (pixel (shot, 15, (int) rect.origin.y + 3), ==, WHITE);
  g_assert_cmphex (pixel (shot, 21, (int) rect.origin.y + 3), ==, RED);
  gtk_window_destroy (window);
}

/* 1:1 shows the very bytes of the picture. */
static void
test_actual_size (void)
{
  GtkWindow *window;
  GvCanvas *canvas = canvas_with (65, 31, &window);
  g_autoptr (GdkTexture) shot = NULL;
  graphene_rect_t rect;
  int x, y;

  gtk_widget_activate_action (GTK_WIDGET (canvas), "canvas.actual-size", NULL);
  gv_stage_pass (50);
  rect = gv_canvas_get_picture_rect (canvas);
  shot = gv_stage_snapshot (GTK_WIDGET (canvas), "canvas-actual-size");
  x = (int) rect.origin.x;
  y = (int) rect.origin.y;
  g_assert_cmpfloat (rect.origin.x, ==, x);
  g_assert_cmphex (pixel (shot, x, y), ==, WHITE);
  g_assert_cmphex (pixel (shot, x + 1, y), ==, RED);
  g_assert_cmphex (pixel (shot, x, y + 1), ==, RED);
  g_assert_cmphex (pixel (shot, x + 31, y + 30), ==, RED);
  g_assert_cmphex (pixel (shot, x + 32, y + 30), ==, BLUE);
  g_assert_cmphex (pixel (shot, x + 64, y), ==, BLUE);
  g_assert_cmphex (pixel (shot, x + 65, y), !=, BLUE);
  gtk_window_destroy (window);
}

static void
test_zoom (void)
{
  GtkWindow *window;
  GvCanvas *canvas = canvas_with (512, 512, &window);

  gv_canvas_set_zoom (canvas, 1);
  gv_canvas_zoom_in (canvas);
  g_assert_cmpfloat (gv_canvas_get_zoom (canvas), ==, 1.5);
  gv_canvas_zoom_out (canvas);
  gv_canvas_zoom_out (canvas);
  g_assert_cmpfloat_with_epsilon (gv_canvas_get_zoom (canvas), 2 / 3.0, 1e-9);
  gv_canvas_fit (canvas);
  g_assert_cmpfloat_with_epsilon (gv_canvas_get_zoom (canvas),
                                  (gtk_widget_get_height (GTK_WIDGET (canvas)) - 24) / 512.0, 1e-9);
  gtk_window_destroy (window);
}

/* A preview of 8 × 4 pixels lies exactly where its picture will. */
static void
test_preview (void)
{
  GtkWindow *window;
  GvCanvas *canvas = canvas_with (64, 32, &window);
  g_autoptr (GvImage) small = make_image (8, 4);
  g_autoptr (GdkTexture) preview = gv_texture_new (small), shot = NULL;
  graphene_rect_t before = gv_canvas_get_picture_rect (canvas), after;

  gv_canvas_set_preview (canvas, preview, 64, 32);
  gv_canvas_set_progress (canvas, 0.25, "Step 5 of 20");
  gv_stage_pass (50);
  after = gv_canvas_get_picture_rect (canvas);
  g_assert_true (graphene_rect_equal (&before, &after));
  shot = gv_stage_snapshot (GTK_WIDGET (canvas), "canvas-preview");
  g_assert_cmphex (pixel (shot, 60, 150), ==, RED);
  gv_canvas_set_preview (canvas, NULL, 0, 0);
  gtk_window_destroy (window);
}

static void
count (GvCanvas *canvas, const char *text, guint *n)
{
  (*n)++;
}

/* A screen reader is not flooded: twenty steps in a moment are one sentence, and one at the end. */
static void
test_announcements (void)
{
  GtkWindow *window;
  GvCanvas *canvas = canvas_with (64, 32, &window);
  guint n = 0;

  g_signal_connect (canvas, "announce", G_CALLBACK (count), &n);
  for (int i = 1; i <= 20; i++) {
    g_autofree char *text = g_strdup_printf ("Step %d of 20", i);

    gv_canvas_set_progress (canvas, i / 20.0, text);
  }
  g_assert_cmpuint (n, ==, 1);
  gv_canvas_set_progress (canvas, -1, NULL);
  g_assert_cmpuint (n, ==, 2);
  gtk_window_destroy (window);
}

static void
test_accessible (void)
{
  GtkWindow *window;
  GvCanvas *canvas = canvas_with (64, 32, &window);

  gtk_test_accessible_assert_role (canvas, GTK_ACCESSIBLE_ROLE_IMG);
  gtk_test_accessible_assert_property (canvas, GTK_ACCESSIBLE_PROPERTY_LABEL,
                                       "Picture, 64 by 32 pixels");
  gv_canvas_set_description (canvas, "a red ball");
  gtk_test_accessible_assert_property (canvas, GTK_ACCESSIBLE_PROPERTY_DESCRIPTION, "a red ball");
  gv_canvas_set_texture (canvas, NULL);
  gtk_test_accessible_assert_property (canvas, GTK_ACCESSIBLE_PROPERTY_LABEL,
                                       "Canvas without a picture");
  gv_stage_check_names (GTK_WIDGET (window));
  gtk_window_destroy (window);
}

static void
test_copy (void)
{
  GtkWindow *window;
  GvCanvas *canvas = canvas_with (64, 32, &window);
  GdkContentProvider *content;
  g_autoptr (GdkContentFormats) formats = NULL;

  gv_canvas_set_source (canvas, NULL, "/tmp/a picture.png");
  gv_canvas_copy (canvas);
  content = gdk_clipboard_get_content (gtk_widget_get_clipboard (GTK_WIDGET (canvas)));
  g_assert_nonnull (content);
  formats = gdk_content_provider_ref_formats (content);
  g_assert_true (gdk_content_formats_contain_gtype (formats, GDK_TYPE_TEXTURE));
  g_assert_true (gdk_content_formats_contain_gtype (formats, GDK_TYPE_FILE_LIST));
  gtk_window_destroy (window);
}

/* What may be transparent shows the checkerboard. */
static void
test_alpha (void)
{
  static const guint8 clear[4] = { 0 };
  GtkWindow *window;
  GvCanvas *canvas = canvas_with (64, 32, &window);
  g_autoptr (GBytes) bytes = g_bytes_new_static (clear, 4);
  g_autoptr (GdkTexture) texture =
      gdk_memory_texture_new (1, 1, GDK_MEMORY_R8G8B8A8_PREMULTIPLIED, bytes, 4);
  g_autoptr (GdkTexture) shot = NULL;
  graphene_rect_t rect;
  int x, y;

  gv_canvas_set_texture (canvas, texture);
  gv_canvas_fit (canvas);
  gv_stage_pass (50);
  shot = gv_stage_snapshot (GTK_WIDGET (canvas), "canvas-alpha");
  rect = gv_canvas_get_picture_rect (canvas);
  x = (int) rect.origin.x + 2;
  y = (int) rect.origin.y + 2;
  g_assert_cmphex (pixel (shot, x, y), !=, pixel (shot, x + 8, y));
  g_assert_cmphex (pixel (shot, x, y), ==, pixel (shot, x + 8, y + 8));
  gtk_window_destroy (window);
}

static void
test_empty (void)
{
  GvCanvas *canvas = GV_CANVAS (gv_canvas_new ());
  GtkWindow *window = gv_stage_show (GTK_WIDGET (canvas), 600, 500);
  g_autoptr (GdkTexture) shot = gv_stage_snapshot (GTK_WIDGET (canvas), "canvas-empty");

  gv_stage_check_room (GTK_WIDGET (window));
  gtk_window_destroy (window);
}

int
main (int argc, char **argv)
{
  gv_stage_init (&argc, &argv);
  g_test_add_func ("/canvas/fits", test_fits);
  g_test_add_func ("/canvas/actual-size", test_actual_size);
  g_test_add_func ("/canvas/zoom", test_zoom);
  g_test_add_func ("/canvas/preview", test_preview);
  g_test_add_func ("/canvas/announcements", test_announcements);
  g_test_add_func ("/canvas/accessible", test_accessible);
  g_test_add_func ("/canvas/copy", test_copy);
  g_test_add_func ("/canvas/alpha", test_alpha);
  g_test_add_func ("/canvas/empty", test_empty);
  return g_test_run ();
}
