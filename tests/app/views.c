// SPDX-FileCopyrightText: Giverny contributors
// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * Every view in every size: nothing that can be focused is without a name, nothing is squeezed.
 * With $GV_SCREENSHOTS set, a picture of each is put into that folder.
 */
#include "studio.h"

static const struct
{
  int width, height;
} sizes[] = { { 360, 640 }, { 800, 600 }, { 1280, 800 } };

static void
look (GvStudio *studio, const char *name)
{
  g_autoptr (GdkTexture) shot = NULL;

  gv_stage_pass (250);
  gv_stage_check_names (GTK_WIDGET (studio->window));
  gv_stage_check_room (GTK_WIDGET (studio->window));
  shot = gv_stage_snapshot (GTK_WIDGET (studio->window), name);
  g_assert_nonnull (shot);
}

static void
look_at_sizes (GvStudio *studio, const char *name)
{
  for (gsize i = 0; i < G_N_ELEMENTS (sizes); i++) {
    g_autofree char *full = g_strdup_printf ("%s-%dx%d", name, sizes[i].width, sizes[i].height);

    gtk_window_set_default_size (GTK_WINDOW (studio->window), sizes[i].width, sizes[i].height);
    gv_stage_pass (100);
    look (studio, full);
  }
}

static void
test_first (GvStudio *studio)
{
  look_at_sizes (studio, "first");
}

static void
test_painted (GvStudio *studio)
{
  g_object_set (gv_window_get_recipe (studio->window), "steps", g_test_slow () ? 20 : 2, "count",
                g_test_slow () ? 3 : 1, NULL);
  gv_studio_do (studio, "win.generate");
  gv_studio_wait_until_idle (studio);
  look_at_sizes (studio, "painted");
  gv_studio_do (studio, "win.details");
  look (studio, "details");
  g_settings_set_string (studio->settings, "color-scheme", "dark");
  look (studio, "details-dark");
  gv_studio_do (studio, "win.details");
  look_at_sizes (studio, "painted-dark");
  g_settings_set_string (studio->settings, "color-scheme", "system");
}

static void
close_dialog (GvStudio *studio)
{
  AdwDialog *dialog =
      adw_application_window_get_visible_dialog (ADW_APPLICATION_WINDOW (studio->window));

  g_assert_nonnull (dialog);
  adw_dialog_force_close (dialog);
  gv_stage_pass (50);
}

static void
test_dialogs (GvStudio *studio)
{
  static const char *const names[] = { "preferences", "shortcuts", "help", "about" };

  for (gsize i = 0; i < G_N_ELEMENTS (names); i++) {
    g_action_group_activate_action (G_ACTION_GROUP (studio->application), names[i], NULL);
    look (studio, names[i]);
    close_dialog (studio);
  }
}

int
main (int argc, char **argv)
{
  gv_stage_init (&argc, &argv);
  gv_studio_add_test ("/views/first", test_first);
  gv_studio_add_test ("/views/painted", test_painted);
  gv_studio_add_test ("/views/dialogs", test_dialogs);
  return g_test_run ();
}
