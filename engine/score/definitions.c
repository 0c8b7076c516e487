// SPDX-FileCopyrightText: Giverny contributors
// SPDX-License-Identifier: GPL-3.0-or-later
/* The formulas of the scores, without any network. */
#include "score/definitions.h"

#include <math.h>

const GvScoreRules gv_score_rules_default = {
  .clip_target = 0.4,
  .blip2_target = 0.4,
  .lpips_target = 0.6,
  .clip_weight = 0.2,
  .blip2_weight = 0.5,
  .lpips_weight = 0.3,
};

const GvScores gv_scores_none = { NAN, NAN, NAN, NAN, NAN, NAN };

bool
gv_score_rules_are_valid (const GvScoreRules *self)
{
  const double weights[] = { self->clip_weight, self->blip2_weight, self->lpips_weight };

  for (size_t i = 0; i < G_N_ELEMENTS (weights); i++)
    if (!(weights[i] >= 0 && weights[i] <= 1))
      return false;
  return self->clip_target > 0 && self->clip_target <= 1 && self->blip2_target > 0 &&
         self->blip2_target <= 1 && self->lpips_target >= 0 && self->lpips_target < 1;
}

/* clamp() of the C library's kind would turn NaN into a bound. */
static double
share (double value, double target)
{
  double x = value / target;

  return isnan (x) ? NAN : CLAMP (x, 0.0, 1.0);
}

void
gv_score_judge (const GvScoreRules *rules, const GvScores *scores, GvVerdict *out)
{
  *out = (GvVerdict) {
    .clip_norm = share (scores->clip, rules->clip_target),
    .blip2_norm = share (scores->blip2, rules->blip2_target),
    .lpips_norm = share (1 - scores->lpips, 1 - rules->lpips_target),
  };
  out->total = rules->clip_weight * out->clip_norm + rules->lpips_weight * out->lpips_norm +
               rules->blip2_weight * out->blip2_norm;
  out->has_verdict = !isnan (out->total);
  out->passed = out->has_verdict && scores->clip >= rules->clip_target &&
                scores->blip2 >= rules->blip2_target && scores->lpips <= rules->lpips_target;
}

double
gv_clipscore (double cosine)
{
  return isnan (cosine) ? NAN : 2.5 * MAX (cosine, 0.0);
}

void
gv_z_scores (const double *values, size_t n, double *out)
{
  double sum = 0, squares = 0, mean, deviation;
  size_t count = 0;

  for (size_t i = 0; i < n; i++)
    if (!isnan (values[i])) {
      sum += values[i];
      count++;
    }
  mean = sum / (double) MAX (count, 1);
  for (size_t i = 0; i < n; i++)
    if (!isnan (values[i]))
      squares += (values[i] - mean) * (values[i] - mean);
  deviation = sqrt (squares / (double) MAX (count, 1));
  for (size_t i = 0; i < n; i++)
    out[i] = deviation > 0 ? (values[i] - mean) / deviation : NAN;
}

double
gv_cosine (const float *a, const float *b, size_t n)
{
  double ab = 0, aa = 0, bb = 0;

  for (size_t i = 0; i < n; i++) {
    ab += (double) a[i] * b[i];
    aa += (double) a[i] * a[i];
    bb += (double) b[i] * b[i];
  }
  return ab / sqrt (aa * bb);
}
