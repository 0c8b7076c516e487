// SPDX-FileCopyrightText: Giverny contributors
// SPDX-License-Identifier: GPL-3.0-or-later
/* Stable Diffusion 1.x: opening a model, its compiled programs, and the order of the stages. */
#include "pipeline/sd1-private.h"

#include "base/debug.h"
#include "base/errors.h"
#include "base/i18n.h"
#include "formats/json.h"
#include "gv-model.h"
#include "vulkan/profile.h"

#include <string.h>

/* Shapes whose programs are kept, if a run does not need more; each holds its arena. */
#define MAX_PROGRAMS 6

#define DEFAULT_CFG 7.0
#define STARTER_CFG 5.0

static void
stage_program_free (GvStageProgram *self)
{
  gv_graph_free (self->graph);
  g_clear_pointer (&self->more, g_ptr_array_unref);
  g_free (self);
}

/* Widths and channels of the parts were compared when the files were opened. */
static bool
check_size (GvSd1 *self, GError **error)
{
  const GvVaeConfig *vae = gv_model_files_get_vae_config (self->files);

  if (vae->out_channels == 3 && vae->n_levels == 4)
    return true;
  g_set_error (error, GV_WEIGHTS_ERROR, GV_WEIGHTS_ERROR_UNSUPPORTED,
               _("“%s”: the VAE gives %d channels, %d times enlarged; it must be 3 and 8"),
                 gv_model_files_get_path (self->files), vae->out_channels,
                 1 << (vae->n_levels - 1));
  return false;
}

static bool
open_sigmas (GvSd1 *self, GError **error)
{
  const GvSchedulerConfig *c = gv_model_files_get_scheduler_config (self->files);
  GvNoiseConfig config = {
    .beta_start = c->beta_start,
    .beta_end = c->beta_end,
    .n_timesteps = c->n_timesteps,
    .trained_betas = c->trained_betas,
    .rescale_zero_snr = c->zero_snr,
    .prediction = c->v_prediction ? GV_PREDICTION_V : GV_PREDICTION_EPSILON,
  };

  if (!gv_betas_from_name (c->beta_schedule, &config.betas) && !c->trained_betas) {
    g_set_error (error, GV_WEIGHTS_ERROR, GV_WEIGHTS_ERROR_UNSUPPORTED,
                 _("“%s”: scheduler/scheduler_config.json: “beta_schedule” is “%s”, which is not "
                     "supported"),
                   gv_model_files_get_path (self->files), c->beta_schedule);
    return false;
  }
  self->sigmas = gv_sigmas_new (&config, error);
  if (!self->sigmas)
    g_prefix_error (error, "%s: ", gv_model_files_get_path (self->files));
  return self->sigmas != NULL;
}

/* A model may bring factors of its own for previews, as the starter does. */
static bool
open_preview (GvSd1 *self, const char *folder, GError **error)
{
  g_autofree char *path = g_build_filename (folder, "preview.json", NULL);
  g_autoptr (GvJson) json = NULL;
  GvJsonNode root, rows;
  double row[3] = { 0 };
  size_t n = 0;

  self->preview = gv_preview_factors_sd15;
  if (!gv_model_files_is_folder (self->files) || !g_file_test (path, G_FILE_TEST_EXISTS))
    return true;
  json = gv_json_open (path, 1 << 16, GV_JSON_PLAIN, error);
  if (!json || !gv_json_root_object (json, &root, error) ||
      !gv_json_require (&root, "factors", error) ||
      !gv_json_get_array (&root, "factors", &rows, error))
    return false;
  for (size_t i = 0; i < GV_PREVIEW_CHANNELS; i++) {
    GvJsonNode line;

    if (i >= gv_json_get_n (&rows))
      return gv_json_fail (&root, "factors", _("must have four rows"), error);
    line = gv_json_get_element (&rows, i);
    if (!gv_json_get_doubles (&line, NULL, row, 3, &n, error))
      return false;
    for (int c = 0; c < 3; c++)
      self->preview.factors[i][c] = (float) row[c];
  }
  memset (row, 0, sizeof row);
  if (!gv_json_get_doubles (&root, "bias", row, 3, &n, error))
    return false;
  for (int c = 0; c < 3; c++)
    self->preview.bias[c] = (float) row[c];
  return true;
}

GvSd1 *
gv_sd1_new (GvDevice *device, const char *path, GError **error)
{
  g_autoptr (GvSd1) self = g_new0 (GvSd1, 1);
  const char *tokenizer;

  self->device = device;
  self->programs = g_ptr_array_new_with_free_func ((GDestroyNotify) stage_program_free);
  self->layouts = g_ptr_array_new_with_free_func (g_free);
  self->lora_sets = g_ptr_array_new_with_free_func ((GDestroyNotify) gv_lora_set_free);
  self->files = gv_model_files_open (path, error);
  if (!self->files || !check_size (self, error) || !open_sigmas (self, error) ||
      !open_preview (self, path, error))
    return NULL;
  tokenizer = gv_model_files_get_tokenizer_folder (self->files);
  self->bpe = tokenizer ? gv_bpe_new_from_folder (tokenizer, error) : gv_bpe_new_clip (error);
  if (!self->bpe)
    return NULL;
  for (int part = 0; part < GV_N_PARTS; part++)
    self->stores[part] = gv_weight_store_new (device, self->files, (GvPart) part);
  return g_steal_pointer (&self);
}

void
gv_sd1_free (GvSd1 *self)
{
  g_clear_pointer (&self->programs, g_ptr_array_unref);
  g_clear_pointer (&self->layouts, g_ptr_array_unref);
  g_clear_pointer (&self->lora_sets, g_ptr_array_unref);
  g_clear_pointer (&self->lora_index, gv_lora_index_free);
  for (int part = 0; part < GV_N_PARTS; part++)
    g_clear_pointer (&self->stores[part], gv_weight_store_free);
  g_clear_pointer (&self->sigmas, gv_sigmas_free);
  g_clear_pointer (&self->bpe, gv_bpe_free);
  g_clear_pointer (&self->files, gv_model_files_free);
  g_free (self);
}

void
gv_run_report (GvRun *run, GvStage stage, double fraction)
{
  run->progress.stage = stage;
  run->progress.fraction = fraction;
  if (run->events->progress)
    run->events->progress (&run->progress, run->data);
}

static GvStageProgram *
find_program (GvSd1 *self, GvPart part, const int key[4], const GvLoraStore *loras)
{
  for (guint i = 0; i < self->programs->len; i++) {
    GvStageProgram *program = g_ptr_array_index (self->programs, i);

    if (program->part == part && program->loras == loras &&
        memcmp (program->key, key, sizeof program->key) == 0)
      return program;
  }
  return NULL;
}

void
gv_sd1_drop_programs (GvSd1 *self, const GvLoraSet *set)
{
  for (guint i = self->programs->len; i-- > 0;) {
    GvStageProgram *program = g_ptr_array_index (self->programs, i);

    if (program->loras && program->loras == set->stores[program->part])
      g_ptr_array_remove_index (self->programs, i);
  }
}

static void
on_load (size_t bytes_read, size_t bytes_in_all, gpointer data)
{
  gv_run_report (data, GV_STAGE_LOADING, (double) bytes_read / (double) MAX (bytes_in_all, 1));
}

static GvLoraStore *
get_loras (const GvRun *run, GvPart part)
{
  return run->loras && !run->plain ? run->loras->stores[part] : NULL;
}

static GvStageProgram *
compile (GvRun *run,
         GvPart part,
         const int key[4],
         GvDescribeFunc describe,
         gpointer data,
         GError **error)
{
  GvSd1 *model = run->model;
  GvWeightStore *store = model->stores[part];
  GvLoraStore *loras = get_loras (run, part);
  GvStageProgram *program = g_new0 (GvStageProgram, 1);
  gint64 start = g_get_monotonic_time ();

  program->part = part;
  program->loras = loras;
  memcpy (program->key, key, sizeof program->key);
  program->graph = loras ? gv_graph_new (model->device, &gv_lora_store_source, loras)
                         : gv_graph_new (model->device, &gv_weight_store_source, store);
  if (loras)
    program->strengths =
        gv_lora_store_declare (loras, program->graph, part == GV_PART_UNET ? key[0] : 1);
  describe (program, data);
  gv_graph_output (program->graph, program->out);
  gv_weight_store_watch (store, run->cancellable, on_load, run);
  if (!gv_graph_compile (program->graph, error))
    g_clear_pointer (&program, stage_program_free);
  if (gv_debug (GV_DEBUG_TIMING))
    g_printerr ("%s: prepared in %.3f s\n", gv_part_name (part),
                (double) (g_get_monotonic_time () - start) * 1e-6);
  return program;
}

GvStageProgram *
gv_run_get_program (GvRun *run,
                    GvPart part,
                    const int key[4],
                    GvDescribeFunc describe,
                    gpointer data,
                    GError **error)
{
  GPtrArray *programs = run->model->programs;
  GvStageProgram *program = find_program (run->model, part, key, get_loras (run, part));
  GError *failure = NULL;

  if (program)
    return program;
  while (programs->len >= (guint) MAX (MAX_PROGRAMS, run->n_shapes + 2))
    g_ptr_array_remove_index (programs, 0);
  program = compile (run, part, key, describe, data, &failure);
  if (g_error_matches (failure, GV_VULKAN_ERROR, GV_VULKAN_ERROR_OUT_OF_MEMORY) && programs->len) {
    g_clear_error (&failure);
    g_ptr_array_set_size (programs, 0);
    program = compile (run, part, key, describe, data, &failure);
  }
  if (program)
    g_ptr_array_add (programs, program);
  else
    g_propagate_error (error, failure);
  return program;
}

/* Boxes in parts of the picture become boxes in pixels, now that its size is known. */
static void
place_regions (GvRecipe *recipe)
{
  GPtrArray *regions = gv_recipe_get_regions (recipe);
  g_autoptr (GPtrArray) placed = gv_recipe_new_region_list ();
  int width = gv_recipe_get_width (recipe), height = gv_recipe_get_height (recipe);

  for (guint i = 0; i < regions->len; i++)
    g_ptr_array_add (placed, gv_region_new_placed (regions->pdata[i], width, height));
  g_object_set (recipe, "regions", placed, NULL);
}

/* A copy of the recipe with the model's defaults in it. */
static GvRecipe *
fill_in (GvSd1 *self, GvRecipe *recipe)
{
  GvRecipe *full = gv_recipe_copy (recipe);
  int size = 8 * gv_model_files_get_unet_config (self->files)->sample_size;
  g_autofree char *starter = gv_model_starter_path ();
  bool is_starter = strcmp (starter, gv_model_files_get_path (self->files)) == 0;

  if (gv_recipe_get_width (recipe) == 0)
    g_object_set (full, "width", size, NULL);
  if (gv_recipe_get_height (recipe) == 0)
    g_object_set (full, "height", size, NULL);
  if (!gv_recipe_has_cfg (recipe))
    g_object_set (full, "cfg", is_starter ? STARTER_CFG : DEFAULT_CFG, NULL);
  place_regions (full);
  return full;
}

/* The recipe of one picture, so that half of a pair has that of a picture painted alone. */
static GvRecipe *
single_recipe (GvRun *run, guint64 seed, GvHalf half)
{
  GvRecipe *single = gv_recipe_copy (run->recipe);

  g_object_set (single, "seed", seed, "count", 1, "before-after", FALSE, NULL);
  if (half == GV_HALF_BEFORE)
    g_object_set (single, "loras", NULL, "merge-lora", FALSE, NULL);
  return single;
}

static void
report_picture (GvRun *run, guint64 seed, GvHalf half, GvImage *image, const float *latents)
{
  g_autoptr (GvRecipe) single = single_recipe (run, seed, half);
  GvPicture picture = {
    .index = run->progress.picture,
    .half = half,
    .seed = seed,
    .image = image,
    .latents = latents,
    .latent_channels = gv_model_files_get_vae_config (run->model->files)->latent_channels,
    .latent_height = gv_recipe_get_height (run->recipe) / 8,
    .latent_width = gv_recipe_get_width (run->recipe) / 8,
  };

  gv_image_set_recipe (image, single);
  if (run->events->picture)
    run->events->picture (&picture, run->data);
}

static bool
finish_half (GvRun *run, guint64 seed, GvHalf half, const float *latents, GError **error)
{
  g_autoptr (GvImage) image = gv_run_decode (run, latents, error);

  if (image)
    report_picture (run, seed, half, image, latents);
  return image != NULL;
}

static bool
paint (GvRun *run, guint64 seed, GvRunTexts *const *texts, int n_texts, GError **error)
{
  g_autofree float *latents = gv_run_sample (run, seed, texts, n_texts, error);
  size_t n = (size_t) gv_model_files_get_vae_config (run->model->files)->latent_channels *
             (size_t) (gv_recipe_get_height (run->recipe) / 8) *
             (size_t) (gv_recipe_get_width (run->recipe) / 8);

  if (!latents)
    return false;
  if (n_texts == 1)
    return finish_half (run, seed, GV_HALF_NONE, latents, error);
  return finish_half (run, seed, GV_HALF_BEFORE, latents, error) &&
         finish_half (run, seed, GV_HALF_AFTER, latents + n, error);
}

/* The texts of a picture, or of both halves of a pair: one twice where the LoRAs leave it alone. */
static bool
encode (GvRun *run, GvRunTexts **texts, int n_texts, GError **error)
{
  run->plain = n_texts == 2;
  texts[0] = gv_run_encode_all (run, error);
  run->plain = false;
  if (texts[0] && n_texts == 2)
    texts[1] = gv_run_has_loras (run, GV_PART_TEXT) ? gv_run_encode_all (run, error)
                                                    : gv_run_texts_ref (texts[0]);
  return texts[n_texts - 1] != NULL;
}

static bool
run_all (GvRun *run, GError **error)
{
  int n_texts = gv_recipe_get_before_after (run->recipe) ? 2 : 1;
  GvRunTexts *texts[2] = { NULL };
  bool ok;

  gv_run_report (run, GV_STAGE_LOADING, 0);
  ok = gv_run_open_loras (run, error) && encode (run, texts, n_texts, error);
  for (int i = 0; ok && i < run->progress.n_pictures; i++) {
    run->progress.picture = i;
    run->progress.step = 0;
    ok = paint (run, gv_recipe_get_seed (run->recipe) + (guint64) i, texts, n_texts, error);
  }
  if (ok)
    gv_run_warn_of_loras (run);
  for (int i = 0; i < n_texts; i++)
    g_clear_pointer (&texts[i], gv_run_texts_unref);
  gv_run_close_loras (run);
  return ok;
}

bool
gv_sd1_generate (GvSd1 *self,
                 GvRecipe *recipe,
                 const GvJobEvents *events,
                 gpointer data,
                 GCancellable *cancellable,
                 GError **error)
{
  g_autoptr (GvRecipe) full = fill_in (self, recipe);
  GvRun run = {
    .model = self, .recipe = full, .events = events, .data = data, .cancellable = cancellable,
  };

  if (!gv_recipe_validate (full, error))
    return false;
  run.progress.n_pictures = gv_recipe_get_count (full);
  run.progress.n_steps = gv_recipe_get_steps (full);
  if (!run_all (&run, error))
    return false;
  gv_profile_print ();
  return true;
}
