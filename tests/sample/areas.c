// SPDX-FileCopyrightText: Giverny contributors
// SPDX-License-Identifier: GPL-3.0-or-later
/* Areas: soft edges, shares, batches of equal shape, and the blend of a made-up network's answers.
 */
#include "sample/areas.h"

#include <math.h>
#include <string.h>

static GvAreas *
new_one (int width, int height, GvBox box, double strength)
{
  GvAreaWish wish = { box, strength, false };

  return gv_areas_new (width, height, &wish, 1, false);
}

/* One axis of 64 cells at a time: ramps only inside the picture, a fourth of the box at most. */
static void
test_feather (void)
{
  static const struct
  {
    int first, n;
    double weights[10]; /* of the first ten cells */
    double last;
  } rows[] = {
    { 0, 64, { 1, 1, 1, 1, 1, 1, 1, 1, 1, 1 }, 1 },
    { 8, 40, { .125, .25, .375, .5, .625, .75, .875, 1, 1, 1 }, .125 },
    { 0, 40, { 1, 1, 1, 1, 1, 1, 1, 1, 1, 1 }, .125 },
    { 24, 40, { .125, .25, .375, .5, .625, .75, .875, 1, 1, 1 }, 1 },
    { 8, 12, { 1. / 3, 2. / 3, 1, 1, 1, 1, 1, 1, 1, 1 }, 1. / 3 },
    { 8, 10, { .5, 1, 1, 1, 1, 1, 1, 1, 1, .5 }, .5 },
    { 8, 4, { 1, 1, 1, 1 }, 1 },
    { 8, 3, { 1, 1, 1 }, 1 },
    { 63, 1, { 1 }, 1 },
  };

  for (size_t i = 0; i < G_N_ELEMENTS (rows); i++) {
    int n = rows[i].n;
    g_autoptr (GvAreas) across = new_one (64, 3, (GvBox) { rows[i].first, 0, n, 3 }, 2);
    g_autoptr (GvAreas) down = new_one (2, 64, (GvBox) { 0, rows[i].first, 2, n }, 2);

    for (int t = 0; t < MIN (n, 10); t++) {
      g_assert_cmpfloat_with_epsilon (gv_area_weight (across->areas + 1, 1, t), rows[i].weights[t],
                                      1e-12);
      g_assert_cmpfloat_with_epsilon (gv_area_weight (down->areas + 1, t, 1), rows[i].weights[t],
                                      1e-12);
    }
    g_assert_cmpfloat_with_epsilon (gv_area_weight (across->areas + 1, 2, n - 1), rows[i].last,
                                    1e-12);
    g_assert_cmpfloat (gv_area_weight (across->areas, 0, 0), ==, 0.5); /* against strength 2 */
  }
}

static void
test_corners (void)
{
  g_autoptr (GvAreas) areas = new_one (64, 64, (GvBox) { 8, 16, 40, 12 }, 1);

  g_assert_cmpfloat_with_epsilon (gv_area_weight (areas->areas + 1, 0, 0), 1. / 24, 1e-12);
  g_assert_cmpfloat_with_epsilon (gv_area_weight (areas->areas + 1, 11, 39), 1. / 24, 1e-12);
  g_assert_cmpfloat_with_epsilon (gv_area_weight (areas->areas + 1, 1, 38), 2. / 3 / 4, 1e-12);
}

/* A strength s over the background has s / (1 + s); shares are whole everywhere. */
static void
test_shares (void)
{
  static const double strengths[] = { 0, 0.5, 1, 3, 9, 1e300, 1.7976931348623157e308 };

  for (size_t i = 0; i < G_N_ELEMENTS (strengths); i++) {
    GvAreaWish wishes[] = { { { 8, 8, 16, 16 }, strengths[i] }, { { 30, 0, 2, 32 }, 1 } };
    g_autoptr (GvAreas) areas = gv_areas_new (32, 32, wishes, 2, false);
    g_autofree float *shares = gv_areas_shares (areas);
    double wanted = strengths[i] > 1e200 ? 1 : strengths[i] / (1 + strengths[i]);

    g_assert_cmpfloat_with_epsilon (shares[1024 + 16 * 32 + 16], wanted, 1e-6);
    g_assert_cmpfloat_with_epsilon (shares[16 * 32 + 16], 1 - wanted, 1e-6);
    g_assert_cmpfloat (shares[1024], ==, 0);
    for (int at = 0; at < 1024; at++)
      g_assert_cmpfloat_with_epsilon (shares[at] + shares[1024 + at] + shares[2048 + at], 1, 1e-6);
  }
}

static void
test_rest (void)
{
  GvAreaWish wishes[] = { { { 0, 0, 16, 32 }, 0.25, true }, { { 8, 0, 24, 32 }, 2, true } };
  g_autoptr (GvAreas) areas = gv_areas_new (32, 32, wishes, 2, true);
  g_autofree float *shares = gv_areas_shares (areas);

  g_assert_cmpfloat_with_epsilon (shares[0], 0.75, 1e-6);
  g_assert_cmpfloat_with_epsilon (shares[1024], 0.25, 1e-6);
  g_assert_cmpfloat_with_epsilon (shares[8], 0, 1e-6);
  g_assert_cmpfloat_with_epsilon (shares[1024 + 8], 0.25 / 2.25, 1e-6);
  g_assert_cmpfloat_with_epsilon (shares[2048 + 31], 1, 1e-6);
}

/* Every run is in exactly one batch, whose shape and text are its own. */
static void
test_plan (void)
{
  GvAreaWish wishes[] = { { { 0, 0, 8, 8 }, 1 },  { { 4, 4, 8, 8 }, 1 }, { { 0, 0, 8, 4 }, 1 },
                          { { 8, 8, 8, 8 }, 1 },  { { 0, 0, 4, 8 }, 1 }, { { 1, 1, 1, 1 }, 1 },
                          { { 0, 8, 16, 8 }, 1 }, { { 3, 3, 8, 8 }, 1 } };
  static const int tokens[] = { 77, 77, 77, 77, 77, 77, 154, 77, 154 };
  g_autoptr (GvAreas) areas = gv_areas_new (16, 16, wishes, 8, false);
  g_autoptr (GvAreaPlan) plan = NULL;
  GvAreaRun runs[18];
  int seen[18] = { 0 };

  for (int i = 0; i < 18; i++)
    runs[i] = (GvAreaRun) { i / 2, i, i % 2 ? 77 : tokens[i / 2], i % 2, 0 };
  plan = gv_area_plan_new (areas, runs, 18, 2 * 16 * 16);
  for (guint i = 0; i < plan->batches->len; i++) {
    const GvAreaBatch *b = &g_array_index (plan->batches, GvAreaBatch, i);

    g_assert_true (b->n == 1 || b->n * b->h * b->w <= 512);
    for (int k = 0; k < b->n; k++) {
      const GvBox *crop = &areas->areas[b->runs[k].area].crop;

      g_assert_true (crop->h == b->h && crop->w == b->w && b->runs[k].tokens == b->tokens);
      g_assert_cmpint (b->tokens, ==, runs[b->runs[k].text].tokens);
      seen[b->runs[k].text]++;
    }
  }
  for (int i = 0; i < 18; i++)
    g_assert_cmpint (seen[i], ==, 1);
  /* 16x16: 2; 8x16: 2; 8x8: 7 + 1 long; 4x8 and 8x4: 2 each; one cell: 1 + 1 long. */
  g_assert_cmpuint (plan->batches->len, ==, 8);
  g_assert_cmpint (plan->n_shapes, ==, 8);
}

/* 10 runs where 4 fit: 3, 3 and 4 of them. */
static void
test_batch_limit (void)
{
  GvAreaWish wishes[10];
  GvAreaRun runs[10];
  g_autoptr (GvAreas) areas = NULL;
  g_autoptr (GvAreaPlan) plan = NULL;

  for (int i = 0; i < 10; i++) {
    wishes[i] = (GvAreaWish) { { i, i, 4, 4 }, 1, false };
    runs[i] = (GvAreaRun) { i + 1, i, 77, 0, 0 };
  }
  areas = gv_areas_new (16, 16, wishes, 10, false);
  plan = gv_area_plan_new (areas, runs, 10, 4 * 16 + 15);
  g_assert_cmpuint (plan->batches->len, ==, 3);
  g_assert_cmpint (plan->n_shapes, ==, 2);
  g_assert_cmpint (plan->most, ==, 64);
}

/* The "network": x0 = x + 100 · text + its row in the crop. */
static bool
run (const GvAreaBatch *batch,
     const float *x,
     double sigma,
     float *x0,
     gpointer data,
     GError **error)
{
  int *calls = data;

  ++*calls;
  for (int k = 0; k < batch->n; k++)
    for (int c = 0; c < 2; c++)
      for (int y = 0; y < batch->h; y++)
        for (int i = 0; i < batch->w; i++)
          *x0++ = *x++ + 100 * (float) batch->runs[k].text + (float) y;
  return true;
}

/* Against the sum written out cell by cell, for both sides. */
static void
test_blend (void)
{
  static const GvAreaWish wishes[] = { { { 2, 1, 9, 5 }, 1.2 }, { { 5, 0, 6, 7 }, 0.8 } };
  static const GvAreaRun runs[] = { { 0, 0, 77, 0 }, { 0, 1, 77, 1 }, { 1, 2, 77, 0 },
                                    { 1, 3, 77, 1 }, { 2, 4, 77, 0 }, { 2, 5, 77, 1 } };
  g_autoptr (GvAreas) areas = gv_areas_new (11, 7, wishes, 2, false);
  g_autoptr (GvAreaPlan) plan = gv_area_plan_new (areas, runs, 6, 1000);
  float x[2 * 77], out[2][2 * 77];
  float *const sides[GV_AREA_SIDES] = { out[0], out[1] };
  int calls = 0;

  for (int i = 0; i < 2 * 77; i++)
    x[i] = (float) i / 7;
  g_assert_true (gv_areas_denoise (areas, plan, 2, x, 1, sides, run, &calls, NULL));
  g_assert_cmpint (calls, ==, 3);
  for (int side = 0; side < 2; side++)
    for (int i = 0; i < 2 * 77; i++) {
      int row = i % 77 / 11, column = i % 11;
      double sum = 0, weights = 0;

      for (int a = 0; a < 3; a++) {
        const GvBox *crop = &areas->areas[a].crop;
        int y = row - crop->y, u = column - crop->x;

        if (y < 0 || u < 0 || y >= crop->h || u >= crop->w)
          continue;
        weights += gv_area_weight (areas->areas + a, y, u);
        sum += gv_area_weight (areas->areas + a, y, u) * (x[i] + 100 * (2 * a + side) + y);
      }
      g_assert_cmpfloat_with_epsilon (out[side][i], sum / weights, 1e-3);
    }
}

/* Without regions the network's answer goes through to the bit. */
static void
test_plain (void)
{
  static const GvAreaRun runs[] = { { 0, 0, 77, 0, 0 } };
  g_autoptr (GvAreas) areas = gv_areas_new (3, 2, NULL, 0, false);
  g_autoptr (GvAreaPlan) plan = gv_area_plan_new (areas, runs, 1, 12);
  float x[12], wanted[12], out[12];
  float *const sides[GV_AREA_SIDES] = { out, NULL };
  int calls = 0;

  for (int i = 0; i < 12; i++)
    x[i] = sinf ((float) i);
  for (int i = 0; i < 12; i++)
    wanted[i] = x[i] + (float) (i % 6 / 3);
  g_assert_true (gv_areas_denoise (areas, plan, 2, x, 1, sides, run, &calls, NULL));
  g_assert_cmpmem (out, sizeof out, wanted, sizeof wanted);
}

static bool
fail (const GvAreaBatch *batch,
      const float *x,
      double sigma,
      float *x0,
      gpointer data,
      GError **error)
{
  g_set_error_literal (error, G_FILE_ERROR, G_FILE_ERROR_FAILED, "stop");
  return false;
}

static void
test_error (void)
{
  static const GvAreaRun runs[] = { { 0, 0, 77, 0, 0 } };
  g_autoptr (GvAreas) areas = gv_areas_new (3, 2, NULL, 0, false);
  g_autoptr (GvAreaPlan) plan = gv_area_plan_new (areas, runs, 1, 12);
  g_autoptr (GError) error = NULL;
  float x[12] = { 0 }, out[12];
  float *const sides[GV_AREA_SIDES] = { out, NULL };

  g_assert_false (gv_areas_denoise (areas, plan, 2, x, 1, sides, fail, NULL, &error));
  g_assert_error (error, G_FILE_ERROR, G_FILE_ERROR_FAILED);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/areas/feather", test_feather);
  g_test_add_func ("/areas/corners", test_corners);
  g_test_add_func ("/areas/shares", test_shares);
  g_test_add_func ("/areas/rest", test_rest);
  g_test_add_func ("/areas/plan", test_plan);
  g_test_add_func ("/areas/batch-limit", test_batch_limit);
  g_test_add_func ("/areas/blend", test_blend);
  g_test_add_func ("/areas/plain", test_plain);
  g_test_add_func ("/areas/error", test_error);
  return g_test_run ();
}
