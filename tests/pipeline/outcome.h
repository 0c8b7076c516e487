// SPDX-FileCopyrightText: Giverny contributors
// SPDX-License-Identifier: GPL-3.0-or-later
/* What a job of the engine gives, and how far it is from what was expected. */
#pragma once

#include "giverny.h"

/* Bars: the largest error of a latent in parts of the latents' standard deviation, and the
 * pictures' PSNR. */
#define OUTCOME_MAX_ERROR 0.02
#define OUTCOME_MIN_PSNR 40.0

typedef struct
{
  GMainLoop *loop;
  GError *error;
  GArray *latents;      /* float                           */
  GByteArray *pictures; /* 8-bit RGB, one after the other  */
} Outcome;

/* Runs a job that must succeed. */
void outcome_generate (GvEngine *engine, GvRecipe *recipe, Outcome *outcome);
void outcome_clear (Outcome *outcome);

double outcome_latent_error (const float *got, const float *wanted, size_t n);
double outcome_psnr (const guint8 *got, const guint8 *wanted, size_t n);
