// SPDX-FileCopyrightText: Giverny contributors
// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * What the numbers mean: from a cosine, a match and a distance to shares of their targets, a total
 * and a verdict.  A score that could not be measured is NaN, and so is whatever needs it.
 */
#pragma once

#include <glib.h>
#include <stdbool.h>
#include <stddef.h>

/* Targets and weights are settings; an export says which ones it was made with. */
typedef struct
{
  double clip_target, blip2_target; /* reached from below */
  double lpips_target;              /* reached from above: a distance */
  double clip_weight, blip2_weight, lpips_weight;
} GvScoreRules;

/* 0.4, 0.4, 0.6; weights 0.2 CLIP, 0.5 BLIP-2, 0.3 LPIPS. */
extern const GvScoreRules gv_score_rules_default;

/* Finite, targets within what the scores can reach, weights not negative. */
bool gv_score_rules_are_valid (const GvScoreRules *self);

/* The scores of one picture as they are measured. */
typedef struct
{
  double clip;              /* cosine of picture and prompt, −1…1                        */
  double clip_chunks_mean;  /* over the chunks of a long prompt                          */
  double clip_chunks_best;
  double blip2;             /* image-text contrast: the best query's cosine              */
  double blip2_itm;         /* the matching head's probability, 0…1                      */
  double lpips;             /* distance to the reference, 0 and up                       */
} GvScores;

/* All NaN. */
extern const GvScores gv_scores_none;

/* What follows from them. */
typedef struct
{
  double clip_norm, blip2_norm, lpips_norm; /* 0…1 */
  double total;
  bool has_verdict; /* all three are there */
  bool passed;
} GvVerdict;

void gv_score_judge (const GvScoreRules *rules, const GvScores *scores, GvVerdict *out);

/* CLIPScore (Hessel et al. 2021): 2.5 · max (cosine, 0); of the prompt behind its prefix. */
#define GV_CLIPSCORE_PREFIX "A photo depicts "
double gv_clipscore (double cosine);

/* How many deviations each value lies from the mean; NaN where there is no value or no spread. */
void gv_z_scores (const double *values, size_t n, double *out);

double gv_cosine (const float *a, const float *b, size_t n);
