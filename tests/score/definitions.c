// SPDX-FileCopyrightText: Giverny contributors
// SPDX-License-Identifier: GPL-3.0-or-later
/* The formulas at their corners, and what missing scores do. */
#include "score/definitions.h"

#include <math.h>

static const struct
{
  double clip, blip2, lpips, clip_norm, blip2_norm, lpips_norm, total;
  bool passed;
} rows[] = {
  { 0.4, 0.4, 0.6, 1, 1, 1, 1, true },
  { 0.2, 0.3, 0.8, 0.5, 0.75, 0.5, 0.2 * 0.5 + 0.3 * 0.5 + 0.5 * 0.75, false },
  { -0.1, 0.0, 1.3, 0, 0, 0, 0, false },
  { 0.9, 0.9, 0.0, 1, 1, 1, 1, true },
  { 0.39999, 0.9, 0.0, 0.39999 / 0.4, 1, 1, 0.2 * 0.39999 / 0.4 + 0.8, false },
  { 0.9, 0.39999, 0.0, 1, 0.39999 / 0.4, 1, 0.5 + 0.5 * 0.39999 / 0.4, false },
  { 0.9, 0.9, 0.60001, 1, 1, (1 - 0.60001) / 0.4, 0.7 + 0.3 * (1 - 0.60001) / 0.4, false },
};

static void
test_rows (void)
{
  for (size_t i = 0; i < G_N_ELEMENTS (rows); i++) {
    GvScores s = gv_scores_none;
    GvVerdict v;

    s.clip = rows[i].clip;
    s.blip2 = rows[i].blip2;
    s.lpips = rows[i].lpips;
    gv_score_judge (&gv_score_rules_default, &s, &v);
    g_assert_cmpfloat_with_epsilon (v.clip_norm, rows[i].clip_norm, 1e-12);
    g_assert_cmpfloat_with_epsilon (v.blip2_norm, rows[i].blip2_norm, 1e-12);
    g_assert_cmpfloat_with_epsilon (v.lpips_norm, rows[i].lpips_norm, 1e-12);
    g_assert_cmpfloat_with_epsilon (v.total, rows[i].total, 1e-12);
    g_assert_true (v.has_verdict);
    g_assert_cmpint (v.passed, ==, rows[i].passed);
  }
}

static void
test_missing (void)
{
  for (int missing = 0; missing < 3; missing++) {
    GvScores s = { 0.9, 0.9, 0.9, 0.9, 0.9, 0.1 };
    GvVerdict v;

    *(double *[]) { &s.clip, &s.blip2, &s.lpips }[missing] = NAN;
    gv_score_judge (&gv_score_rules_default, &s, &v);
    g_assert_cmpint (isnan (v.clip_norm) != 0, ==, missing == 0);
    g_assert_cmpint (isnan (v.blip2_norm) != 0, ==, missing == 1);
    g_assert_cmpint (isnan (v.lpips_norm) != 0, ==, missing == 2);
    g_assert_true (isnan (v.total));
    g_assert_false (v.has_verdict);
    g_assert_false (v.passed);
  }
}

static void
test_rules (void)
{
  GvScoreRules rules = gv_score_rules_default;
  GvScores s = { 0.25, NAN, NAN, 0.5, NAN, 0.9 };
  GvVerdict v;

  g_assert_true (gv_score_rules_are_valid (&rules));
  rules.clip_target = 0.5;
  rules.blip2_target = 1;
  rules.lpips_target = 0.8;
  rules.clip_weight = 1;
  rules.blip2_weight = rules.lpips_weight = 0;
  g_assert_true (gv_score_rules_are_valid (&rules));
  s.blip2 = 0.5;
  gv_score_judge (&rules, &s, &v);
  g_assert_cmpfloat_with_epsilon (v.total, 0.5, 1e-12);
  g_assert_cmpfloat_with_epsilon (v.lpips_norm, 0.5, 1e-12);
  rules.clip_target = 0;
  g_assert_false (gv_score_rules_are_valid (&rules));
  rules = gv_score_rules_default;
  rules.lpips_target = 1;
  g_assert_false (gv_score_rules_are_valid (&rules));
  rules = gv_score_rules_default;
  rules.blip2_weight = NAN;
  g_assert_false (gv_score_rules_are_valid (&rules));
}

static void
test_others (void)
{
  double values[] = { 1, NAN, 3 }, z[3];
  const float a[] = { 1, 0, 2 }, b[] = { 2, 0, 4 }, c[] = { 0, 1, 0 };

  g_assert_cmpfloat_with_epsilon (gv_clipscore (0.3), 0.75, 1e-12);
  g_assert_cmpfloat (gv_clipscore (-0.3), ==, 0);
  g_assert_true (isnan (gv_clipscore (NAN)));
  gv_z_scores (values, 3, z);
  g_assert_cmpfloat_with_epsilon (z[0], -1, 1e-12);
  g_assert_true (isnan (z[1]));
  g_assert_cmpfloat_with_epsilon (z[2], 1, 1e-12);
  values[2] = 1;
  gv_z_scores (values, 3, z);
  g_assert_true (isnan (z[0]));
  g_assert_cmpfloat_with_epsilon (gv_cosine (a, b, 3), 1, 1e-12);
  g_assert_cmpfloat_with_epsilon (gv_cosine (a, c, 3), 0, 1e-12);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/definitions/rows", test_rows);
  g_test_add_func ("/definitions/missing", test_missing);
  g_test_add_func ("/definitions/rules", test_rules);
  g_test_add_func ("/definitions/others", test_others);
  return g_test_run ();
}
