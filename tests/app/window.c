// SPDX-FileCopyrightText: Giverny contributors
// SPDX-License-Identifier: GPL-3.0-or-later
/* The whole window: its commands, what it paints and saves, and how it closes. */
#include "studio.h"
#include "watchdog.h"

#include "actions.h"

#include <string.h>

/* Every command of the table is there. */
static void
test_commands (GvStudio *studio)
{
  for (const GvAction *a = gv_actions; a->name; a++) {
    const char *name = strchr (a->name, '.') + 1;
    GActionGroup *group = G_ACTION_GROUP (studio->window);

    g_test_message ("%s", a->name);
    if (g_str_has_prefix (a->name, "app."))
      group = G_ACTION_GROUP (studio->application);
    else if (g_str_has_prefix (a->name, "window."))
      continue; /* the toolkit's own */
    g_assert_true (g_action_group_has_action (group, name));
  }
}

static void
test_names (GvStudio *studio)
{
  gv_stage_check_names (GTK_WIDGET (studio->window));
}

static void
test_paint (GvStudio *studio)
{
  g_autoptr (GvImage) image = NULL;
  g_autoptr (GdkTexture) shot = NULL;
  GvJob *job;

  gv_watchdog_start (GTK_WIDGET (studio->window));
  gv_studio_do (studio, "win.generate");
  gv_studio_wait_until_idle (studio);
  gv_watchdog_check ();
  job = gv_studio_get_job (studio, 0);
  g_assert_cmpint (gv_job_get_phase (job), ==, GV_PHASE_DONE);
  g_assert_true (g_str_has_prefix (gv_job_get_path (job), studio->folder));
  image = gv_image_load (gv_job_get_path (job), NULL);
  g_assert_nonnull (image);
  shot = gv_stage_snapshot (GTK_WIDGET (studio->window), "window");
  g_assert_nonnull (shot);
}

int
main (int argc, char **argv)
{
  gv_stage_init (&argc, &argv);
  gv_studio_add_test ("/window/commands", test_commands);
  gv_studio_add_test ("/window/names", test_names);
  gv_studio_add_test ("/window/paint", test_paint);
  return g_test_run ();
}
