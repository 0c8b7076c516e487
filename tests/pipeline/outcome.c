// SPDX-FileCopyrightText: Giverny contributors
// SPDX-License-Identifier: GPL-3.0-or-later
/* Running a job to its end, and comparing. */
#include "outcome.h"

#include <math.h>

static void
on_picture (const GvPicture *picture, gpointer data)
{
  Outcome *outcome = data;
  int n = picture->latent_channels * picture->latent_height * picture->latent_width;
  int width = gv_image_get_width (picture->image), height = gv_image_get_height (picture->image);

  g_array_append_vals (outcome->latents, picture->latents, (guint) n);
  g_byte_array_append (outcome->pictures, gv_image_get_rgb (picture->image),
                       (guint) (width * height * 3));
}

static void
on_finished (GObject *source, GAsyncResult *result, gpointer data)
{
  Outcome *outcome = data;

  gv_engine_generate_finish (GV_ENGINE (source), result, &outcome->error);
  g_main_loop_quit (outcome->loop);
}

void
outcome_generate (GvEngine *engine, GvRecipe *recipe, Outcome *outcome)
{
  const GvJobEvents events = { .picture = on_picture };

  *outcome = (Outcome) { g_main_loop_new (NULL, FALSE), NULL,
                         g_array_new (FALSE, FALSE, sizeof (float)), g_byte_array_new () };
  gv_engine_generate_async (engine, recipe, &events, NULL, on_finished, outcome);
  g_main_loop_run (outcome->loop);
  g_main_loop_unref (outcome->loop);
  g_assert_no_error (outcome->error);
  g_clear_error (&outcome->error);
}

void
outcome_clear (Outcome *outcome)
{
  g_array_unref (outcome->latents);
  g_byte_array_unref (outcome->pictures);
}

double
outcome_latent_error (const float *got, const float *wanted, size_t n)
{
  double sum = 0, squares = 0, largest = 0;

  for (size_t i = 0; i < n; i++) {
    double off = fabs ((double) got[i] - wanted[i]);

    sum += wanted[i];
    squares += (double) wanted[i] * wanted[i];
    largest = isfinite (off) ? MAX (largest, off) : INFINITY;
  }
  return largest / sqrt ((squares - sum * sum / (double) n) / (double) n);
}

double
outcome_psnr (const guint8 *got, const guint8 *wanted, size_t n)
{
  double squares = 0;

  for (size_t i = 0; i < n; i++)
    squares += (got[i] - wanted[i]) * (got[i] - wanted[i]);
  return squares > 0 ? 10 * log10 (255.0 * 255.0 * (double) n / squares) : INFINITY;
}
