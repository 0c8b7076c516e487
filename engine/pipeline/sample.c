// SPDX-FileCopyrightText: Giverny contributors
// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * Noise to latents: the sampler's denoiser is the U-Net, run for the prompt, the negative prompt
 * and each region; what has the same shape is run together.
 */
#include "pipeline/sd1-private.h"

#include "base/debug.h"
#include "gv-region-areas.h"
#include "nets/unet.h"
#include "sample/areas.h"
#include "sample/denoise.h"

#include <string.h>

typedef struct
{
  GvRun *run;
  int h, w, c; /* of the latent */
  double cfg;
  GvRunTexts *const *texts; /* of each half */
  int halves;               /* 1, or 2 for a pair whose first half has no LoRAs */
  GvAreas *areas;
  GvAreaPlan *plan;
  GvMasked *masked[2]; /* (nullable): of each half, instead of areas and plan */
  float *scratch;      /* [c, h, w] */
  float *negative;     /* (nullable): x0 of the negative prompts, [halves, c, h, w] */
} Denoiser;

/* The weights of a batch: with the LoRAs, or the model's own. */
enum { WITH_LORAS, PLAIN };

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

void
gv_unet_fill (GvRun *run,
              GvStageProgram *program,
              int i,
              const float *x,
              double sigma,
              float *scratch)
{
  GvTensor *in = program->in[0];
  const GvUnetConfig *config = gv_model_files_get_unet_config (run->model->files);
  int area = gv_dim (in, GV_H) * gv_dim (in, GV_W), c = gv_dim (in, GV_C);
  int width = config->channels[0];
  size_t n = (size_t) c * (size_t) area;

  gv_scale_input (x, sigma, n, scratch);
  to_channels_last (scratch, c, area, gv_tensor_get_floats (in) + (size_t) i * n);
  gv_timestep_embedding (config, gv_sigmas_timestep (run->model->sigmas, sigma), width,
                         gv_tensor_get_floats (program->in[1]) + i * width);
}

void
gv_unet_take (GvRun *run,
              GvStageProgram *program,
              int i,
              const float *x,
              double sigma,
              float *scratch,
              float *x0)
{
  GvTensor *out = program->out;
  int area = gv_dim (out, GV_H) * gv_dim (out, GV_W), c = gv_dim (out, GV_C);
  size_t n = (size_t) c * (size_t) area;

  to_channels_first (gv_tensor_get_floats (out) + (size_t) i * n, c, area, scratch);
  gv_x0_from_prediction (run->model->sigmas->prediction, x, scratch, sigma, n, x0);
}

/* A program may have had to make room for the one before, so it is asked for each time. */
static bool
run_batch (const GvAreaBatch *batch,
           const float *x,
           double sigma,
           float *x0,
           gpointer data,
           GError **error)
{
  Denoiser *d = data;
  gpointer config = (gpointer) gv_model_files_get_unet_config (d->run->model->files);
  int key[4] = { batch->n, batch->h, batch->w, batch->tokens };
  size_t n = (size_t) d->c * (size_t) (batch->h * batch->w);
  GvStageProgram *program;

  d->run->plain = batch->weights == PLAIN;
  program = gv_run_get_program (d->run, GV_PART_UNET, key, describe, config, error);
  d->run->plain = false;
  if (!program)
    return false;
  for (int i = 0; i < batch->n; i++) {
    int half = batch->runs[i].side / 2;
    const GvTextStates *text = d->texts[half]->states->pdata[batch->runs[i].text];
    size_t text_size = (size_t) text->tokens * (size_t) text->width;

    gv_unet_fill (d->run, program, i, x + (size_t) i * n, sigma, d->scratch);
    memcpy (gv_tensor_get_floats (program->in[2]) + (size_t) i * text_size, text->states,
            text_size * sizeof (float));
    gv_run_fill_strengths (d->run, program, i, half == d->halves - 1);
  }
  if (!gv_graph_run (program->graph, d->run->cancellable, error))
    return false;
  for (int i = 0; i < batch->n; i++)
    gv_unet_take (d->run, program, i, x + (size_t) i * n, sigma, d->scratch, x0 + (size_t) i * n);
  return true;
}

/* Each half by itself: the first of a pair without the LoRAs. */
static bool
denoise_masked (Denoiser *d, const float *x, double sigma, float *const *sides, GError **error)
{
  size_t n = (size_t) d->c * (size_t) (d->h * d->w);
  bool ok = true;

  for (int half = 0; ok && half < d->halves; half++) {
    d->run->plain = half < d->halves - 1;
    ok = gv_masked_denoise (d->masked[half], x + (size_t) half * n, sigma, sides + 2 * half, error);
  }
  d->run->plain = false;
  return ok;
}

/* x0 of each side: by masks, or by areas. */
static bool
denoise_sides (Denoiser *d, const float *x, double sigma, float *const *sides, GError **error)
{
  if (d->masked[0])
    return denoise_masked (d, x, sigma, sides, error);
  return gv_areas_denoise (d->areas, d->plan, d->c, x, sigma, sides, run_batch, d, error);
}

static bool
denoise (const float *x, double sigma, float *x0, gpointer data, GError **error)
{
  Denoiser *d = data;
  size_t n = (size_t) d->c * (size_t) (d->h * d->w);
  float *sides[GV_AREA_SIDES] = { NULL };

  for (int half = 0; half < d->halves; half++) {
    sides[2 * half] = x0 + (size_t) half * n;
    sides[2 * half + 1] = d->negative ? d->negative + (size_t) half * n : NULL;
  }
  if (!denoise_sides (d, x, sigma, sides, error))
    return false;
  if (d->negative)
    gv_guide (x0, d->negative, d->cfg, n * (size_t) d->halves, x0);
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

    /* Of a pair the half that the LoRAs change. */
    x0 += (size_t) (d->halves - 1) * (size_t) d->c * (size_t) (d->h * d->w);
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
  g_free (d->scratch);
  g_free (d->negative);
  for (int half = 0; half < 2; half++)
    g_clear_pointer (&d->masked[half], gv_masked_free);
  g_clear_pointer (&d->areas, gv_areas_free);
  g_clear_pointer (&d->plan, gv_area_plan_free);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Denoiser, denoiser_clear)

static float *
start_latent (Denoiser *d, guint64 seed, double first_sigma)
{
  size_t n = (size_t) d->c * (size_t) (d->h * d->w);
  float *x = g_new (float, n *(size_t) d->halves);
  GvRng rng;

  gv_rng_init (&rng, seed);
  gv_rng_randn (&rng, x, n);
  gv_scale_noise (x, gv_noise_scale (d->run->model->sigmas, first_sigma), n, x);
  if (d->halves == 2)
    memcpy (x + n, x, n * sizeof *x);
  return x;
}

/* Half a pair without LoRAs: with the other half's weights at strength 0, where those are factors. */
static int
get_weights (const Denoiser *d, int half)
{
  return half < d->halves - 1 && gv_run_has_copies (d->run) ? PLAIN : WITH_LORAS;
}

static void
add_runs (const Denoiser *d, int area, int half, GArray *runs)
{
  const GvRunTexts *texts = d->texts[half];

  for (int side = 0; side < texts->n_sides; side++) {
    GvAreaRun run = {
      .area = area,
      .text = texts->of[side][area],
      .tokens = gv_run_texts_get (texts, side, area)->tokens,
      .side = 2 * half + side,
      .weights = get_weights (d, half),
    };

    g_array_append_val (runs, run);
  }
}

/* A batch may be as large as both prompts are without regions. */
static GvAreaPlan *
make_plan (Denoiser *d)
{
  GPtrArray *regions = gv_recipe_get_regions (d->run->recipe);
  g_autoptr (GArray) runs = g_array_new (FALSE, FALSE, sizeof (GvAreaRun));

  for (int area = 0; area < d->areas->n; area++)
    for (int half = 0; half < d->halves; half++)
      if (area == 0 || ((const GvRegion *) regions->pdata[area - 1])->strength > 0)
        add_runs (d, area, half, runs);
  return gv_area_plan_new (d->areas, (const GvAreaRun *) (const void *) runs->data, (int) runs->len,
                           2 * d->halves * d->h * d->w);
}

static void
prepare (Denoiser *d)
{
  size_t n = (size_t) d->c * (size_t) (d->h * d->w);

  if (gv_recipe_is_masked (d->run->recipe)) {
    for (int half = 0; half < d->halves; half++)
      d->masked[half] = gv_masked_new (d->run, d->texts[half]);
  } else {
    d->areas = gv_recipe_new_areas (d->run->recipe, 8 * d->w, 8 * d->h);
    d->plan = make_plan (d);
    d->run->n_shapes = d->plan->n_shapes;
  }
  d->scratch = g_new (float, n);
  d->negative = d->texts[0]->n_sides == 2 ? g_new (float, n *(size_t) d->halves) : NULL;
}

float *
gv_run_sample (GvRun *run,
               guint64 seed,
               GvRunTexts *const *texts,
               int n_texts,
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
    .texts = texts,
    .halves = n_texts,
  };
  size_t n = (size_t) d.c * (size_t) (d.h * d.w) * (size_t) n_texts;

  gv_sampler_from_name (gv_recipe_get_sampler (run->recipe), &sampler);
  gv_schedule_from_name (gv_recipe_get_schedule (run->recipe), &schedule);
  sigmas = gv_schedule_sigmas (schedule, run->model->sigmas, gv_recipe_get_steps (run->recipe),
                               &n_sigmas);
  prepare (&d);
  x = start_latent (&d, seed, sigmas[0]);
  gv_rng_init (&noise, seed + 1);
  run->progress.n_steps = n_sigmas - 1;
  gv_run_report (run, GV_STAGE_SAMPLING, 0);
  if (!gv_sample (sampler, sigmas, n_sigmas, x, n, n_texts, &noise, denoise, on_step, &d, error))
    return NULL;
  if (gv_debug (GV_DEBUG_TIMING))
    g_printerr ("sampled in %.3f s\n", (double) (g_get_monotonic_time () - start) * 1e-6);
  return g_steal_pointer (&x);
}
