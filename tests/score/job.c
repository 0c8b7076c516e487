// SPDX-FileCopyrightText: Giverny contributors
// SPDX-License-Identifier: GPL-3.0-or-later
/* Scoring jobs on the engine: order, results, cancelling, failing files, and painting that comes
 * first. */
#include "formula.h"

#include "giverny.h"

#include <gio/gio.h>
#include <math.h>
#include <string.h>

typedef struct
{
  GMainLoop *loop;
  GvEngine *engine;
  GCancellable *cancel_after_first; /* (nullable) */
  int n_scores, last, order, painted_at, scored_at;
  int waiting; /* jobs */
  GError *error;
} Run;

static void
on_score (const GvScoreResult *result, gpointer data)
{
  Run *self = data;

  g_assert_cmpint (result->index, ==, self->n_scores);
  g_assert_false (isnan (result->scores.clip));
  g_assert_nonnull (result->clip_model);
  g_assert_null (result->lpips_model);
  g_assert_false (result->verdict.has_verdict);
  self->n_scores++;
  if (self->cancel_after_first)
    g_cancellable_cancel (self->cancel_after_first);
}

static void
end (Run *self)
{
  if (--self->waiting == 0)
    g_main_loop_quit (self->loop);
}

static void
on_scored (GObject *source, GAsyncResult *result, gpointer data)
{
  Run *self = data;

  gv_engine_score_finish (self->engine, result, &self->error);
  self->scored_at = ++self->order;
  end (self);
}

static void
on_painted (GObject *source, GAsyncResult *result, gpointer data)
{
  Run *self = data;
  g_autoptr (GError) error = NULL;

  g_assert_false (gv_engine_generate_finish (self->engine, result, &error));
  self->painted_at = ++self->order;
  end (self);
}

static void
score (Run *self, int n, const char *file, GCancellable *cancellable)
{
  g_autofree char *clip = g_test_build_filename (G_TEST_DIST, "fixtures", "scorers", "clip", NULL);
  g_autofree GvScoreItem *items = g_new0 (GvScoreItem, n);
  g_autoptr (GvImage) image = gv_image_new_take (40, 40, formula_picture (40, 40, 1));
  GvScoreSetup setup;

  gv_score_setup_init (&setup);
  setup.clip = clip;
  for (int i = 0; i < n; i++)
    items[i] = (GvScoreItem) { .image = file ? NULL : image, .file = file, .prompt = "a boat" };
  self->waiting++;
  gv_engine_score_async (self->engine, &setup, items, n, on_score, cancellable, on_scored, self);
}

static Run
run_new (void)
{
  return (Run) { .loop = g_main_loop_new (NULL, FALSE), .engine = gv_engine_new (NULL) };
}

static void
run_clear (Run *self)
{
  g_main_loop_unref (self->loop);
  g_object_unref (self->engine);
  g_clear_error (&self->error);
}

static void
test_all (void)
{
  Run self = run_new ();

  score (&self, 19, NULL, NULL);
  g_main_loop_run (self.loop);
  g_assert_no_error (self.error);
  g_assert_cmpint (self.n_scores, ==, 19);
  run_clear (&self);
}

/* The picture is asked for last and done with first; its model does not exist. */
static void
test_overtaken (void)
{
  Run self = run_new ();
  g_autoptr (GvRecipe) recipe = gv_recipe_new ();

  g_object_set (recipe, "model", "/no/such/model", NULL);
  score (&self, 64, NULL, NULL);
  self.waiting++;
  gv_engine_generate_async (self.engine, recipe, NULL, NULL, on_painted, &self);
  g_main_loop_run (self.loop);
  g_assert_no_error (self.error);
  g_assert_cmpint (self.painted_at, <, self.scored_at);
  g_assert_cmpint (self.n_scores, ==, 64);
  run_clear (&self);
}

static void
test_cancelled (void)
{
  Run self = run_new ();
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();

  self.cancel_after_first = cancellable;
  score (&self, 400, NULL, cancellable);
  g_main_loop_run (self.loop);
  g_assert_error (self.error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_assert_cmpint (self.n_scores, <, 400);
  run_clear (&self);
}

static void
test_missing (void)
{
  Run self = run_new ();

  score (&self, 1, "/no/such/picture.png", NULL);
  g_main_loop_run (self.loop);
  g_assert_error (self.error, GV_FORMAT_ERROR, GV_FORMAT_ERROR_IO);
  g_assert_cmpint (self.n_scores, ==, 0);
  run_clear (&self);
}

/* What is said about the numbers. */
static void
test_words (void)
{
  GvScores s = gv_scores_none;
  g_autofree char *plain = gv_score_plain_prompt ("a (red boat:1.3) on ((water))");

  s.clip = 0.4;
  s.lpips = 0.61;
  for (int k = 0; k < GV_N_SCORES; k++)
    g_assert_cmpuint (strlen (gv_score_kind_explain ((GvScoreKind) k)), >, 20);
  g_assert_cmpstr (gv_score_kind_judge (GV_SCORE_CLIP, &s, &gv_score_rules_default), ==,
                   "target reached");
  g_assert_cmpstr (gv_score_kind_judge (GV_SCORE_BLIP2, &s, &gv_score_rules_default), ==,
                   "not measured");
  g_assert_cmpstr (gv_score_kind_judge (GV_SCORE_LPIPS, &s, &gv_score_rules_default), ==,
                   "target missed");
  g_assert_cmpstr (plain, ==, "a red boat on water");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/score-job/all", test_all);
  g_test_add_func ("/score-job/overtaken", test_overtaken);
  g_test_add_func ("/score-job/cancelled", test_cancelled);
  g_test_add_func ("/score-job/missing", test_missing);
  g_test_add_func ("/score-job/words", test_words);
  return g_test_run ();
}
