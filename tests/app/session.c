// SPDX-FileCopyrightText: Giverny contributors
// SPDX-License-Identifier: GPL-3.0-or-later
/* The queue and live pictures, and what comes back after a window has closed. */
#include "studio.h"

#include <string.h>

static guint
n_jobs (GvStudio *studio)
{
  return g_list_model_get_n_items (gv_queue_get_jobs (studio->queue));
}

static void
set_quick (GvStudio *studio, int count)
{
  g_object_set (gv_window_get_recipe (studio->window), "steps", 2, "count", count, NULL);
}

/* Several pictures take seeds in turn, change places while they wait, and leave one by one. */
static void
test_queue (GvStudio *studio)
{
  g_autoptr (GvJob) last = NULL;

  set_quick (studio, 4);
  gv_studio_do (studio, "win.generate");
  g_assert_cmpuint (n_jobs (studio), ==, 4);
  g_assert_cmpuint (g_list_model_get_n_items (G_LIST_MODEL (gv_queue_get_journal (studio->queue))),
                    ==, 4);
  last = g_object_ref (gv_studio_get_job (studio, 3));
  g_assert_true (gv_queue_move (studio->queue, last, -1));
  g_assert_true (gv_studio_get_job (studio, 2) == last);
  g_assert_false (gv_queue_move (studio->queue, last, 5));
  gv_queue_cancel (studio->queue, gv_studio_get_job (studio, 3));
  g_assert_cmpuint (n_jobs (studio), ==, 3);
  gv_studio_wait_until_idle (studio);
  for (guint i = 0; i < 3; i++)
    g_assert_true (g_file_test (gv_job_get_path (gv_studio_get_job (studio, i)),
                                G_FILE_TEST_IS_REGULAR));
  g_assert_cmpuint (g_list_model_get_n_items (G_LIST_MODEL (gv_queue_get_journal (studio->queue))),
                    ==, 0);
}

static GvJob *live_job;

static void
on_painted (GvQueue *queue, GvJob *job, gpointer data)
{
  if (gv_job_is_live (job))
    g_set_object (&live_job, job);
}

static bool
has_live (gpointer prompt)
{
  return live_job && strcmp (gv_recipe_get_prompt (gv_job_get_recipe (live_job)), prompt) == 0;
}

/* Every edit is painted with the same seed; what is not kept leaves nothing behind. */
static void
test_live (GvStudio *studio)
{
  GvRecipe *recipe = gv_window_get_recipe (studio->window);
  guint64 seed = gv_recipe_get_seed (recipe);
  gint64 start;

  g_settings_set_int (studio->settings, "live-steps", 8);
  g_signal_connect (studio->queue, "painted", G_CALLBACK (on_painted), NULL);
  gv_studio_do (studio, "win.live");
  g_object_set (recipe, "prompt", "a lily pond", NULL);
  g_assert_true (gv_stage_wait (has_live, (gpointer) "a lily pond", 60));
  for (int i = 0; i < 5; i++) { /* an edit while the last one is painted */
    g_autofree char *prompt = g_strdup_printf ("a lighthouse %d", i);

    g_object_set (recipe, "prompt", prompt, NULL);
    gv_stage_pass (100);
  }
  start = g_get_monotonic_time ();
  g_assert_true (gv_stage_wait (has_live, (gpointer) "a lighthouse 4", 60));
  g_test_message ("a live picture after %.1f s",
                  (double) (g_get_monotonic_time () - start) / G_USEC_PER_SEC);
  g_assert_cmpuint (gv_recipe_get_seed (gv_job_get_recipe (live_job)), ==, seed);
  g_assert_cmpuint (n_jobs (studio), ==, 0);
  gv_stage_pass (50);
  gv_studio_do (studio, "win.keep");
  gv_studio_do (studio, "win.live");
  gv_studio_wait_until_idle (studio);
  g_assert_cmpuint (n_jobs (studio), ==, 1);
  g_assert_nonnull (gv_job_get_path (gv_studio_get_job (studio, 0)));
  g_clear_object (&live_job);
}

/* A window that closes over its work … */
static void
test_leave (GvStudio *studio)
{
  GvRecipe *recipe = gv_window_get_recipe (studio->window);

  g_object_set (recipe, "prompt", "a bridge in the fog", "negative", "people", "seed", (guint64) 99,
                NULL);
  set_quick (studio, 3);
  gv_studio_do (studio, "win.generate");
  g_object_set (recipe, "prompt", "호수 위의 배", NULL);
}

/* … is followed by one that goes on with it. */
static void
test_return (GvStudio *studio)
{
  GvRecipe *recipe = gv_window_get_recipe (studio->window);

  g_assert_cmpstr (gv_recipe_get_prompt (recipe), ==, "호수 위의 배");
  g_assert_cmpstr (gv_recipe_get_negative (recipe), ==, "people");
  g_assert_cmpuint (gv_recipe_get_seed (recipe), ==, 99);
  g_assert_cmpuint (n_jobs (studio), ==, 3);
  gv_studio_wait_until_idle (studio);
  for (guint i = 0; i < 3; i++) {
    GvJob *job = gv_studio_get_job (studio, i);

    g_assert_cmpstr (gv_recipe_get_prompt (gv_job_get_recipe (job)), ==, "a bridge in the fog");
    g_assert_cmpuint (gv_recipe_get_seed (gv_job_get_recipe (job)), ==, 99 + i);
    g_assert_nonnull (gv_job_get_path (job));
  }
}

static bool
has_prompt (gpointer data)
{
  GvRecipe *recipe = gv_window_get_recipe (((GvStudio *) data)->window);

  return strcmp (gv_recipe_get_prompt (recipe), "a harbour in the rain") == 0;
}

/* A picture that is opened brings its recipe. */
static void
test_open (GvStudio *studio)
{
  GvRecipe *recipe = gv_window_get_recipe (studio->window);
  g_autofree char *path = NULL;

  g_object_set (recipe, "prompt", "a harbour in the rain", NULL);
  set_quick (studio, 1);
  gv_studio_do (studio, "win.generate");
  gv_studio_wait_until_idle (studio);
  path = g_strdup (gv_job_get_path (gv_studio_get_job (studio, 0)));
  gv_studio_do (studio, "win.new-recipe");
  g_assert_cmpstr (gv_recipe_get_prompt (recipe), ==, "");
  gv_window_open_file (studio->window, path);
  g_assert_true (gv_stage_wait (has_prompt, studio, 20));
}

int
main (int argc, char **argv)
{
  gv_stage_init (&argc, &argv);
  gv_studio_add_test ("/session/queue", test_queue);
  gv_studio_add_test ("/session/live", test_live);
  gv_studio_add_test ("/session/leave", test_leave);
  gv_studio_add_test ("/session/return", test_return);
  gv_studio_add_test ("/session/open", test_open);
  return g_test_run ();
}
