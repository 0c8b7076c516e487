// SPDX-FileCopyrightText: Giverny contributors
// SPDX-License-Identifier: GPL-3.0-or-later
/* Latents to a picture: the VAE's decoder, then 8-bit RGB. */
#include "pipeline/sd1-private.h"

#include "base/debug.h"
#include "base/errors.h"
#include "base/i18n.h"
#include "nets/vae.h"

#include <math.h>

static void
describe (GvStageProgram *program, gpointer data)
{
  const GvVaeConfig *config = data;
  const int *key = program->key;

  program->in[0] = gv_input (program->graph, 1, key[0], key[1], config->latent_channels);
  program->out = gv_vae_decoder (program->graph, config, program->in[0]);
}

static GvStageProgram *
get_program (GvRun *run, GError **error)
{
  const GvVaeConfig *config = gv_model_files_get_vae_config (run->model->files);
  int key[4] = { gv_recipe_get_height (run->recipe) / 8, gv_recipe_get_width (run->recipe) / 8 };

  return gv_run_get_program (run, GV_PART_VAE, key, describe, (gpointer) config, error);
}

/* Undoes the scaling; [c, area] → [area, c]. */
static void
fill_input (GvRun *run, const float *latents, GvTensor *z)
{
  const GvVaeConfig *config = gv_model_files_get_vae_config (run->model->files);
  int area = gv_dim (z, GV_H) * gv_dim (z, GV_W), c = gv_dim (z, GV_C);
  float *to = gv_tensor_get_floats (z);

  for (int i = 0; i < c; i++)
    for (int p = 0; p < area; p++)
      to[p * c + i] =
          (float) (latents[i * area + p] / config->scaling_factor + config->shift_factor);
}

/* 255 · clamp (x / 2 + 0.5, 0, 1), rounded; NULL if a value is no number. */
static guint8 *
to_bytes (const float *pixels, size_t n, GError **error)
{
  g_autofree guint8 *rgb = g_malloc (n);

  for (size_t i = 0; i < n; i++) {
    if (!isfinite (pixels[i])) {
      g_set_error (error, GV_RECIPE_ERROR, GV_RECIPE_ERROR_NUMERIC,
                   _("the model’s VAE gave a value that is no number"));
      return NULL;
    }
    rgb[i] = (guint8) lrintf (255 * CLAMP (pixels[i] / 2 + 0.5f, 0, 1));
  }
  return g_steal_pointer (&rgb);
}

GvImage *
gv_run_decode (GvRun *run, const float *latents, GError **error)
{
  gint64 start = g_get_monotonic_time ();
  GvStageProgram *program = get_program (run, error);
  int w = gv_recipe_get_width (run->recipe), h = gv_recipe_get_height (run->recipe);
  guint8 *rgb;

  if (!program)
    return NULL;
  gv_run_report (run, GV_STAGE_DECODING, 0);
  fill_input (run, latents, program->in[0]);
  if (!gv_graph_run (program->graph, run->cancellable, error))
    return NULL;
  rgb = to_bytes (gv_tensor_get_floats (program->out), (size_t) w * (size_t) h * 3, error);
  if (gv_debug (GV_DEBUG_TIMING))
    g_printerr ("decoded in %.3f s\n", (double) (g_get_monotonic_time () - start) * 1e-6);
  return rgb ? gv_image_new_take (w, h, rgb) : NULL;
}
