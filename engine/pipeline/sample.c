// SPDX-FileCopyrightText: Giverny contributors
// SPDX-License-Identifier: GPL-3.0-or-later
/* Noise to latents: the sampler's denoiser is the U-Net, for both prompts at once where they are
 * equally long. */
#include "pipeline/sd1-private.h"

#include "base/debug.h"
#include "base/errors.h"
#include "base/i18n.h"
#include "nets/unet.h"
#include "sample/denoise.h"

#include <string.h>

typedef struct
{
  GvRun *run;
  int h, w, c; /* of the latent */
  double cfg;
  const GvTextStates *texts[2]; /* positive, negative; n_texts of them */
  int n_texts;
  GvStageProgram *programs[2]; /* one for both, or one each */
  int n_programs;
  float *scaled, *prediction; /* [c, h, w] */
  float *x0[2];
} Denoiser;

/* The U-Net for key[0] samples of key[1] × key[2] cells with key[3] tokens of text each. */
static void
describe (GvStageProgram *program, gpointer data)
{
  const GvUnetConfig *config = data;
  const int *key = program->key;
  GvGraph *g = program->graph;

  program->in[0] = gv_input (g, key[0], key[1], key[2], config->in_channels);
  program->in[1] = gv_input (g, key[0], 1, 1, config->channels[0]);
  program->in[2] = gv_input (g, key[0], 1, key[3], config->cross_attention_dim);
  program->out = gv_unet (g, config, program->in[0], program->in[1], program->in[2]);
}

/* Programs for all texts. */
static bool
prepare (Denoiser *d, GError **error)
{
  GvSd1 *model = d->run->model;
  gpointer config = (gpointer) gv_model_files_get_unet_config (model->files);
  bool together = d->n_texts == 1 || d->texts[0]->tokens == d->texts[1]->tokens;
  int key[4] = { together ? d->n_texts : 1, d->h, d->w };

  d->n_programs = together ? 1 : 2;
  for (int p = 0; p < d->n_programs; p++) {
    key[3] = d->texts[p]->tokens;
    d->programs[p] = gv_run_get_program (d->run, GV_PART_UNET, key, describe, config, error);
    if (!d->programs[p])
      return false;
  }
  /* The second one may have needed the memory of the first. */
  key[3] = d->texts[0]->tokens;
  if (gv_sd1_find_program (model, GV_PART_UNET, key) == d->programs[0])
    return true;
  g_set_error (error, GV_VULKAN_ERROR, GV_VULKAN_ERROR_OUT_OF_MEMORY,
               _("“%s” has no room for prompts of different lengths at this size"),
                 model->device->physical.name);
  return false;
}

static void
fill_texts (Denoiser *d)
{
  for (int i = 0; i < d->n_texts; i++) {
    GvStageProgram *program = d->programs[d->n_programs == 1 ? 0 : i];
    size_t n = (size_t) d->texts[i]->tokens * (size_t) d->texts[i]->width;
    float *to = gv_tensor_get_floats (program->in[2]);

    memcpy (to + (d->n_programs == 1 ? (size_t) i * n : 0), d->texts[i]->states,
            n * sizeof (float));
  }
}

/* [c, area] → [area, c] */
static void
to_channels_last (const float *from, int c, int area, float *to)
{
  for (int i = 0; i < c; i++)
    for (int p = 0; p < area; p++)
      to[p * c + i] = from[i * area + p];
}

static void
to_channels_first (const float *from, int c, int area, float *to)
{
  for (int i = 0; i < c; i++)
    for (int p = 0; p < area; p++)
      to[i * area + p] = from[p * c + i];
}

/* Runs one program for its samples and takes their x0. */
static bool
run_program (Denoiser *d, int p, const float *x, double sigma, GError **error)
{
  const GvUnetConfig *config = gv_model_files_get_unet_config (d->run->model->files);
  const GvSigmas *sigmas = d->run->model->sigmas;
  GvStageProgram *program = d->programs[p];
  int samples = d->n_programs == 1 ? d->n_texts : 1, area = d->h * d->w;
  int timestep = gv_sigmas_timestep (sigmas, sigma), width = config->channels[0];
  size_t n = (size_t) d->c * (size_t) area;

  for (int i = 0; i < samples; i++) {
    to_channels_last (d->scaled, d->c, area,
                      gv_tensor_get_floats (program->in[0]) + (size_t) i * n);
    gv_timestep_embedding (config, timestep, width,
                           gv_tensor_get_floats (program->in[1]) + i * width);
  }
  if (!gv_graph_run (program->graph, d->run->cancellable, error))
    return false;
  for (int i = 0; i < samples; i++) {
    to_channels_first (gv_tensor_get_floats (program->out) + (size_t) i * n, d->c, area,
                       d->prediction);
    gv_x0_from_prediction (sigmas->prediction, x, d->prediction, sigma, n, d->x0[p + i]);
  }
  return true;
}

static bool
denoise (const float *x, double sigma, float *x0, gpointer data, GError **error)
{
  Denoiser *d = data;
  size_t n = (size_t) d->c * (size_t) (d->h * d->w);

  gv_scale_input (x, sigma, n, d->scaled);
  for (int p = 0; p < d->n_programs; p++)
    if (!run_program (d, p, x, sigma, error))
      return false;
  if (d->n_texts == 1)
    memcpy (x0, d->x0[0], n * sizeof x0[0]);
  else
    gv_guide (d->x0[0], d->x0[1], d->cfg, n, x0);
  return true;
}

static void
on_step (int step, int n_steps, double sigma, const float *x, const float *x0, gpointer data)
{
  Denoiser *d = data;
  GvRun *run = d->run;
  g_autoptr (GvImage) preview = NULL;

  run->progress.step = step + 1;
  run->progress.n_steps = n_steps;
  if (d->c == GV_PREVIEW_CHANNELS && run->events->progress) {
    guint8 *rgb = g_malloc ((size_t) (d->h * d->w) * 3);

    gv_preview_rgb (&run->model->preview, x0, (size_t) d->h, (size_t) d->w, rgb);
    preview = gv_image_new_take (d->w, d->h, rgb);
  }
  run->progress.preview = preview;
  gv_run_report (run, GV_STAGE_SAMPLING, (double) (step + 1) / n_steps);
  run->progress.preview = NULL;
}

static void
denoiser_clear (Denoiser *d)
{
  g_free (d->scaled);
  g_free (d->prediction);
  g_free (d->x0[0]);
  g_free (d->x0[1]);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Denoiser, denoiser_clear)

static float *
start_latent (Denoiser *d, guint64 seed, double first_sigma)
{
  size_t n = (size_t) d->c * (size_t) (d->h * d->w);
  float *x = g_new (float, n);
  GvRng rng;

  gv_rng_init (&rng, seed);
  gv_rng_randn (&rng, x, n);
  gv_scale_noise (x, gv_noise_scale (d->run->model->sigmas, first_sigma), n, x);
  return x;
}

float *
gv_run_sample (GvRun *run,
               guint64 seed,
               const GvTextStates *positive,
               const GvTextStates *negative,
               GError **error)
{
  GvSampler sampler = GV_SAMPLER_EULER;
  GvSchedule schedule = GV_SCHEDULE_NORMAL;
  gint64 start = g_get_monotonic_time ();
  int n_sigmas;
  g_autofree double *sigmas = NULL;
  g_autofree float *x = NULL;
  GvRng noise;
  g_auto (Denoiser) d = {
    .run = run,
    .h = gv_recipe_get_height (run->recipe) / 8,
    .w = gv_recipe_get_width (run->recipe) / 8,
    .c = gv_model_files_get_unet_config (run->model->files)->in_channels,
    .cfg = gv_recipe_get_cfg (run->recipe),
    .texts = { positive, negative },
    .n_texts = negative ? 2 : 1,
  };
  size_t n = (size_t) d.c * (size_t) (d.h * d.w);

  gv_sampler_from_name (gv_recipe_get_sampler (run->recipe), &sampler);
  gv_schedule_from_name (gv_recipe_get_schedule (run->recipe), &schedule);
  sigmas = gv_schedule_sigmas (schedule, run->model->sigmas, gv_recipe_get_steps (run->recipe),
                               &n_sigmas);
  if (!prepare (&d, error))
    return NULL;
  fill_texts (&d);
  d.scaled = g_new (float, n);
  d.prediction = g_new (float, n);
  d.x0[0] = g_new (float, n);
  d.x0[1] = g_new (float, n);
  x = start_latent (&d, seed, sigmas[0]);
  gv_rng_init (&noise, seed + 1);
  run->progress.n_steps = n_sigmas - 1;
  gv_run_report (run, GV_STAGE_SAMPLING, 0);
  if (!gv_sample (sampler, sigmas, n_sigmas, x, n, &noise, denoise, on_step, &d, error))
    return NULL;
  if (gv_debug (GV_DEBUG_TIMING))
    g_printerr ("sampled in %.3f s\n", (double) (g_get_monotonic_time () - start) * 1e-6);
  return g_steal_pointer (&x);
}
