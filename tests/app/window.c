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

/* The same recipe from the command line. */
static void
paint_outside (GvRecipe *recipe, const char *path)
{
  g_autofree char *steps = g_strdup_printf ("%d", gv_recipe_get_steps (recipe));
  g_autofree char *seed = g_strdup_printf ("%" G_GUINT64_FORMAT, gv_recipe_get_seed (recipe));
  const char *argv[] = { g_getenv ("GV_CLI"),
                         "generate",
                         "--prompt",
                         gv_recipe_get_prompt (recipe),
                         "--steps",
                         steps,
                         "--seed",
                         seed,
                         "--out",
                         path,
                         NULL };
  g_autoptr (GError) error = NULL;
  int status;

  g_spawn_sync (NULL, (char **) argv, NULL, G_SPAWN_DEFAULT, NULL, NULL, NULL, NULL, &status,
                &error);
  g_assert_no_error (error);
  g_assert_true (g_spawn_check_wait_status (status, NULL));
}

/* One press paints and saves; the main loop keeps going round; the command line makes the same
 * bytes. */
static void
test_paint (GvStudio *studio)
{
  GvRecipe *recipe = gv_window_get_recipe (studio->window);
  g_autofree char *outside = g_build_filename (studio->folder, "outside.png", NULL);
  g_autofree char *bytes = NULL, *expected = NULL;
  gsize n, n_expected;
  GvJob *job;

  g_object_set (recipe, "steps", 4, NULL);
  gv_watchdog_start (GTK_WIDGET (studio->window));
  gv_studio_do (studio, "win.generate");
  gv_studio_wait_until_idle (studio);
  gv_stage_pass (100);
  gv_watchdog_check ();
  job = gv_studio_get_job (studio, 0);
  g_assert_cmpint (gv_job_get_phase (job), ==, GV_PHASE_DONE);
  g_assert_true (g_str_has_prefix (gv_job_get_path (job), studio->folder));
  paint_outside (recipe, outside);
  g_assert_true (g_file_get_contents (gv_job_get_path (job), &bytes, &n, NULL));
  g_assert_true (g_file_get_contents (outside, &expected, &n_expected, NULL));
  g_assert_cmpmem (bytes, n, expected, n_expected);
}

static bool
is_sampling (gpointer data)
{
  GvJob *job = gv_queue_get_running (((GvStudio *) data)->queue);

  return job && gv_job_get_texture (job);
}

static bool
is_quiet (gpointer data)
{
  return !gv_queue_is_engine_busy (((GvStudio *) data)->queue);
}

/* What is cancelled is gone at once, and the engine soon. */
static void
test_cancel (GvStudio *studio)
{
  gint64 start;

  gv_studio_do (studio, "win.generate");
  g_assert_true (gv_stage_wait (is_sampling, studio, 60));
  start = g_get_monotonic_time ();
  gv_studio_do (studio, "win.cancel");
  g_assert_cmpuint (g_list_model_get_n_items (gv_queue_get_jobs (studio->queue)), ==, 0);
  g_assert_null (gv_queue_get_running (studio->queue));
  g_assert_true (gv_stage_wait (is_quiet, studio, 10));
  g_test_message ("the engine stopped after %d ms",
                  (int) ((g_get_monotonic_time () - start) / 1000));
}

/* Closing while a picture is painted does not wait for it. */
static void
test_close (GvStudio *studio)
{
  gv_studio_do (studio, "win.generate");
  g_assert_true (gv_stage_wait (is_sampling, studio, 60));
  gtk_window_close (GTK_WINDOW (studio->window));
}

int
main (int argc, char **argv)
{
  gv_stage_init (&argc, &argv);
  gv_studio_add_test ("/window/commands", test_commands);
  gv_studio_add_test ("/window/names", test_names);
  gv_studio_add_test ("/window/paint", test_paint);
  gv_studio_add_test ("/window/cancel", test_cancel);
  gv_studio_add_test ("/window/close", test_close);
  return g_test_run ();
}
