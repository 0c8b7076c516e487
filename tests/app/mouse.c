// SPDX-FileCopyrightText: Giverny contributors
// SPDX-License-Identifier: GPL-3.0-or-later
/* Mouse and keyboard of the virtual display. */
#include "mouse.h"

#include <math.h>

bool
gv_mouse_is_there (void)
{
  g_autofree char *path = g_find_program_in_path ("xdotool");

  if (path)
    return true;
  g_test_skip ("there is no xdotool");
  return false;
}

static void
on_process_end (GObject *process, GAsyncResult *result, gpointer data)
{
  g_assert_true (g_subprocess_wait_check_finish (G_SUBPROCESS (process), result, NULL));
  *(bool *) data = true;
}

/* The main loop turns meanwhile, and a little longer: events take their way through the server. */
static void
run (const char *const *words)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GSubprocess) process = g_subprocess_newv (words, G_SUBPROCESS_FLAGS_NONE, &error);
  bool done = false;

  g_assert_no_error (error);
  g_subprocess_wait_check_async (process, NULL, on_process_end, &done);
  while (!done)
    g_main_context_iteration (NULL, TRUE);
  gv_stage_pass (30);
}

/* Without a window manager, windows stand in the screen's corner. */
void
gv_mouse_move (GtkWidget *widget, double x, double y)
{
  GtkNative *native = gtk_widget_get_native (widget);
  graphene_point_t at = GRAPHENE_POINT_INIT ((float) x, (float) y);
  g_autofree char *sx = NULL, *sy = NULL;
  double dx, dy;

  g_assert_true (gtk_widget_compute_point (widget, GTK_WIDGET (native), &at, &at));
  gtk_native_get_surface_transform (native, &dx, &dy);
  sx = g_strdup_printf ("%d", (int) floor (at.x + dx));
  sy = g_strdup_printf ("%d", (int) floor (at.y + dy));
  run ((const char *const[]) { "xdotool", "mousemove", "--sync", sx, sy, NULL });
}

void
gv_mouse_button (bool down, int button)
{
  g_autofree char *number = g_strdup_printf ("%d", button);

  run ((const char *const[]) { "xdotool", down ? "mousedown" : "mouseup", number, NULL });
}

void
gv_mouse_click (GtkWidget *widget, double x, double y, int button)
{
  gv_mouse_move (widget, x, y);
  gv_mouse_button (true, button);
  gv_mouse_button (false, button);
}

void
gv_mouse_double_click (GtkWidget *widget, double x, double y)
{
  gv_mouse_move (widget, x, y);
  run ((const char *const[]) { "xdotool", "click", "--repeat", "2", "--delay", "20", "1", NULL });
}

void
gv_mouse_drag (GtkWidget *widget, double x0, double y0, double x1, double y1)
{
  gv_mouse_move (widget, x0, y0);
  gv_mouse_button (true, 1);
  for (int i = 1; i <= 4; i++)
    gv_mouse_move (widget, x0 + (x1 - x0) * i / 4, y0 + (y1 - y0) * i / 4);
  gv_mouse_button (false, 1);
}

void
gv_mouse_key (const char *key)
{
  run ((const char *const[]) { "xdotool", "key", key, NULL });
}

void
gv_mouse_hold (const char *key, bool down)
{
  run ((const char *const[]) { "xdotool", down ? "keydown" : "keyup", key, NULL });
}

void
gv_mouse_type (const char *text)
{
  run ((const char *const[]) { "xdotool", "type", "--delay", "5", text, NULL });
}
