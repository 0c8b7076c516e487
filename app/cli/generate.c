// SPDX-FileCopyrightText: Giverny contributors
// SPDX-License-Identifier: GPL-3.0-or-later
/* `giverny-cli generate`: a prompt becomes pictures. */
#include "command.h"

#include "generate-options.h"
#include "generate-score.h"
#include "hint.h"
#include "job.h"
#include "recipe.h"

#include <inttypes.h>
#include <string.h>
#include <yyjson.h>

/* A picture that is on disk. */
typedef struct
{
  char *file;
  guint64 seed;
  int width, height;
  GvHalf half;
} Written;

typedef struct
{
  const GvGenerateOptions *options;
  GvRecipe *recipe;
  GvRecipe *resolved;    /* (owned) (nullable): with the model's defaults filled in */
  GvLatents *latents;    /* (owned) (nullable) */
  GPtrArray *written;    /* (owned) (element-type Written) */
  GArray *scored;        /* (owned) (nullable): of GvScoredFile, as written */
  gint64 start_us;
} Generate;

static void
written_free (Written *self)
{
  g_free (self->file);
  g_free (self);
}

static void
generate_clear (Generate *self)
{
  g_clear_object (&self->recipe);
  g_clear_object (&self->resolved);
  g_clear_pointer (&self->latents, gv_latents_free);
  g_clear_pointer (&self->written, g_ptr_array_unref);
  g_clear_pointer (&self->scored, g_array_unref);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Generate, generate_clear)

/* "FILE-before.png" for half of a pair. */
static char *
half_path (const char *path, GvHalf half)
{
  return half == GV_HALF_NONE ? g_strdup (path)
                              : gv_name_with (path, half == GV_HALF_BEFORE ? "before" : "after");
}

/* Where picture @index goes if --out says so. */
static char *
out_path (const GvGenerateOptions *o, int index, GvHalf half)
{
  g_autofree char *path = o->count > 1 ? gv_name_numbered (o->out, index) : g_strdup (o->out);

  return half_path (path, half);
}

static bool
check_path (const GvGenerateOptions *o, int index, GvHalf half, GError **error)
{
  g_autofree char *path = out_path (o, index, half);

  if (!gv_check_target ("--out", path, error))
    return false;
  if (o->latents_out && strcmp (path, o->latents_out) == 0) {
    gv_usage_error (error, _("--latents-out: “%s” is already the picture's name"), path);
    return false;
  }
  return true;
}

static bool
check_out (const GvGenerateOptions *o, GError **error)
{
  for (int i = 0; o->out && i < o->count; i++) {
    if (!o->before_after && !check_path (o, i, GV_HALF_NONE, error))
      return false;
    if (o->before_after &&
        (!check_path (o, i, GV_HALF_BEFORE, error) || !check_path (o, i, GV_HALF_AFTER, error)))
      return false;
  }
  return true;
}

static bool
check_reference (const GvGenerateOptions *o, GError **error)
{
  g_autoptr (GvImage) image = NULL;

  if (!o->score) {
    gv_usage_error (error, _ ("--reference: needs --score"));
    return false;
  }
  image = gv_image_load (o->reference, error);
  return image != NULL;
}

/* What can be known to fail before the work begins fails now. */
static bool
check_targets (const GvGenerateOptions *o, GError **error)
{
  if (!check_out (o, error))
    return false;
  if (!o->out && !gv_check_folder ("--out", ".", error))
    return false;
  if (o->latents_out && !gv_check_target ("--latents-out", o->latents_out, error))
    return false;
  if (o->reference && !check_reference (o, error))
    return false;
  return !o->preview || gv_check_folder ("--preview", o->preview, error);
}

static char *
picture_path (Generate *self, const GvPicture *picture)
{
  g_autofree char *name = NULL, *half = NULL;

  if (self->options->out)
    return out_path (self->options, picture->index, picture->half);
  name = gv_name_for_prompt (self->options->prompt, picture->seed);
  half = half_path (name, picture->half);
  return gv_name_unused (half);
}

static bool
on_picture (const GvPicture *picture, gpointer data, GError **error)
{
  Generate *self = data;
  g_autofree char *path = picture_path (self, picture);
  Written *written;

  if (self->latents && !gv_latents_add (self->latents, picture, error))
    return false;
  if (!gv_image_save (picture->image, path, error))
    return false;
  if (!self->resolved && picture->half != GV_HALF_BEFORE)
    self->resolved = gv_image_dup_recipe (picture->image, path, NULL);
  written = g_new (Written, 1);
  *written =
      (Written) { g_steal_pointer (&path), picture->seed, gv_image_get_width (picture->image),
                  gv_image_get_height (picture->image), picture->half };
  g_ptr_array_add (self->written, written);
  return true;
}

static void
print_plain (Generate *self)
{
  if (self->options->seed.random)
    printf (_("seed: %" PRIu64 "\n"), gv_recipe_get_seed (self->recipe));
  for (guint i = 0; !self->options->out && i < self->written->len; i++)
    puts (((Written *) self->written->pdata[i])->file);
}

static void
add_scores (yyjson_mut_doc *doc, yyjson_mut_val *picture, const char *json)
{
  yyjson_doc *scores = yyjson_read (json, strlen (json), 0);

  yyjson_mut_obj_add_val (doc, picture, "scores",
                          yyjson_val_mut_copy (doc, yyjson_doc_get_root (scores)));
  yyjson_doc_free (scores);
}

static void
add_pictures (Generate *self, yyjson_mut_doc *doc, yyjson_mut_val *root)
{
  yyjson_mut_val *files = yyjson_mut_obj_add_arr (doc, root, "files");
  yyjson_mut_val *seeds = yyjson_mut_obj_add_arr (doc, root, "seeds");
  yyjson_mut_val *pictures = yyjson_mut_obj_add_arr (doc, root, "pictures");

  for (guint i = 0; i < self->written->len; i++) {
    const Written *w = self->written->pdata[i];
    yyjson_mut_val *picture = yyjson_mut_arr_add_obj (doc, pictures);

    yyjson_mut_arr_add_strcpy (doc, files, w->file);
    yyjson_mut_arr_add_uint (doc, seeds, w->seed);
    yyjson_mut_obj_add_strcpy (doc, picture, "file", w->file);
    yyjson_mut_obj_add_uint (doc, picture, "seed", w->seed);
    yyjson_mut_obj_add_int (doc, picture, "width", w->width);
    yyjson_mut_obj_add_int (doc, picture, "height", w->height);
    if (w->half != GV_HALF_NONE)
      yyjson_mut_obj_add_str (doc, picture, "half", w->half == GV_HALF_BEFORE ? "before" : "after");
    if (self->scored)
      add_scores (doc, picture, g_array_index (self->scored, GvScoredFile, i).json);
  }
}

static void
add_loras (GvRecipe *recipe, yyjson_mut_doc *doc, yyjson_mut_val *root)
{
  GPtrArray *loras = gv_recipe_get_loras (recipe);
  yyjson_mut_val *list;

  if (loras->len == 0)
    return;
  list = yyjson_mut_obj_add_arr (doc, root, "loras");
  for (guint i = 0; i < loras->len; i++) {
    const GvLoraUse *use = loras->pdata[i];
    yyjson_mut_val *lora = yyjson_mut_arr_add_obj (doc, list);

    yyjson_mut_obj_add_strcpy (doc, lora, "path", use->path);
    yyjson_mut_obj_add_real (doc, lora, "strength", use->strength);
    yyjson_mut_obj_add_real (doc, lora, "text_strength", use->text_strength);
  }
}

static void
add_recipe (GvRecipe *recipe, yyjson_mut_doc *doc, yyjson_mut_val *root)
{
  const char *model = gv_recipe_get_model (recipe);

  yyjson_mut_obj_add_strcpy (doc, root, "model", *model ? model : GV_RECIPE_STARTER);
  yyjson_mut_obj_add_strcpy (doc, root, "prompt", gv_recipe_get_prompt (recipe));
  yyjson_mut_obj_add_strcpy (doc, root, "negative", gv_recipe_get_negative (recipe));
  yyjson_mut_obj_add_int (doc, root, "width", gv_recipe_get_width (recipe));
  yyjson_mut_obj_add_int (doc, root, "height", gv_recipe_get_height (recipe));
  yyjson_mut_obj_add_int (doc, root, "steps", gv_recipe_get_steps (recipe));
  yyjson_mut_obj_add_real (doc, root, "cfg", gv_recipe_get_cfg (recipe));
  yyjson_mut_obj_add_strcpy (doc, root, "sampler", gv_recipe_get_sampler (recipe));
  yyjson_mut_obj_add_strcpy (doc, root, "schedule", gv_recipe_get_schedule (recipe));
  yyjson_mut_obj_add_int (doc, root, "clip_skip", gv_recipe_get_clip_skip (recipe));
  yyjson_mut_obj_add_uint (doc, root, "seed", gv_recipe_get_seed (recipe));
  add_loras (recipe, doc, root);
}

static void
print_json (Generate *self)
{
  yyjson_mut_doc *doc = yyjson_mut_doc_new (NULL);
  yyjson_mut_val *root = yyjson_mut_obj (doc);
  double seconds = (double) (g_get_monotonic_time () - self->start_us) / 1e6;
  char *json;

  yyjson_mut_doc_set_root (doc, root);
  add_pictures (self, doc, root);
  add_recipe (self->resolved ? self->resolved : self->recipe, doc, root);
  yyjson_mut_obj_add_int (doc, root, "count", self->options->count);
  if (self->options->latents_out)
    yyjson_mut_obj_add_strcpy (doc, root, "latents", self->options->latents_out);
  yyjson_mut_obj_add_real (doc, root, "seconds", seconds);
  json = yyjson_mut_write (doc, YYJSON_WRITE_PRETTY_TWO_SPACES, NULL);
  puts (json);
  free (json);
  yyjson_mut_doc_free (doc);
}

/* The picture that LPIPS compares with: what was said, or the pair's first half. */
static const char *
get_reference (Generate *self, guint i)
{
  const Written *w = self->written->pdata[i];

  if (self->options->reference || w->half != GV_HALF_AFTER)
    return self->options->reference;
  for (guint k = 0; k < self->written->len; k++) {
    const Written *other = self->written->pdata[k];

    if (other->half == GV_HALF_BEFORE && other->seed == w->seed)
      return other->file;
  }
  return NULL;
}

static bool
score (Generate *self, GError **error)
{
  self->scored = g_array_new (FALSE, FALSE, sizeof (GvScoredFile));
  g_array_set_clear_func (self->scored, gv_scored_file_clear);
  for (guint i = 0; i < self->written->len; i++) {
    GvScoredFile file = { ((Written *) self->written->pdata[i])->file, get_reference (self, i) };

    g_array_append_val (self->scored, file);
  }
  return gv_generate_score (&self->options->scorers, self->options->prompt, self->options->device,
                            self->scored, error);
}

static bool
generate_run (const void *values, const GPtrArray *words, GError **error)
{
  const GvGenerateOptions *options = values;
  g_auto (Generate) self = { .options = options, .start_us = g_get_monotonic_time () };
  GvCliJob job = { NULL, options->device, options->preview, on_picture, &self };

  self.written = g_ptr_array_new_with_free_func ((GDestroyNotify) written_free);
  job.recipe = self.recipe = gv_cli_make_recipe (options, error);
  if (!self.recipe || !check_targets (options, error))
    return false;
  if (options->latents_out)
    self.latents = gv_latents_new (options->count * (options->before_after ? 2 : 1));
  if (!gv_cli_job_run (&job, error))
    return false;
  if (self.latents && !gv_latents_save (self.latents, options->latents_out, error))
    return false;
  if (options->score && !score (&self, error))
    return false;
  if (options->json)
    print_json (&self);
  else
    print_plain (&self);
  gv_hint_words (self.recipe);
  return true;
}

static const char *const examples[] = {
  "giverny-cli generate --prompt \"a red boat on a lake at sunset\" --out boat.png",
  "giverny-cli generate --prompt \"a lily pond\" --seed random --count 4",
  "giverny-cli generate --model anything-v5.safetensors --prompt \"(snow:1.2) in a village\" \\\n"
  "      --negative fog --width 512 --height 768 --sampler dpmpp_2m --schedule karras",
  "giverny-cli generate --prompt \"a lily pond\" --lora oils.safetensors:0.8 --before-after",
  NULL,
};

const GvCommand gv_command_generate = {
  .name = "generate",
  .summary = N_ ("Paint pictures from a prompt"),
  .description = N_ ("Every picture is a PNG that carries its whole recipe: “giverny-cli replay” "
                     "paints it again."),
  .options = gv_generate_options,
  .values_size = sizeof (GvGenerateOptions),
  .init = gv_generate_options_init,
  .run = generate_run,
  .examples = examples,
};
