// SPDX-FileCopyrightText: Giverny contributors
// SPDX-License-Identifier: GPL-3.0-or-later
/* `giverny-cli replay`: generates a PNG's recipe again and says whether the pixels are the same. */
#include "command.h"

#include "job.h"

#include <stdio.h>

typedef struct
{
  const char *model, *device, *out;
} ReplayOptions;

typedef struct
{
  const ReplayOptions *options;
  GvImage *before; /* (owned): what the file holds */
  GvImage *after; /* (owned) (nullable): what came out now */
} Replay;

static void
replay_clear (Replay *self)
{
  g_clear_pointer (&self->before, gv_image_unref);
  g_clear_pointer (&self->after, gv_image_unref);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Replay, replay_clear)

static bool
on_picture (const GvPicture *picture, gpointer data, GError **error)
{
  Replay *self = data;

  self->after = gv_image_ref (picture->image);
  return !self->options->out || gv_image_save (picture->image, self->options->out, error);
}

static GvRecipe *
read_recipe (Replay *self, const char *file, GError **error)
{
  g_autoptr (GvRecipe) recipe = NULL;
  g_autofree char *model = NULL;

  self->before = gv_image_load (file, error);
  if (!self->before)
    return NULL;
  recipe = gv_image_dup_recipe (self->before, file, error);
  if (recipe && self->options->model) {
    model = gv_absolute_path (self->options->model);
    g_object_set (recipe, "model", model, NULL);
  }
  return g_steal_pointer (&recipe);
}

/* What is wrong with a recipe is here the file's fault, not bad usage. */
static bool
blame_file (GError **error)
{
  if (error && (*error)->domain == GV_RECIPE_ERROR) {
    g_autoptr (GError) recipe_error = g_steal_pointer (error);

    g_set_error_literal (error, GV_FORMAT_ERROR, GV_FORMAT_ERROR_INVALID, recipe_error->message);
  }
  return false;
}

static bool
report (Replay *self, const char *file, GError **error)
{
  GvImageDifference difference;

  if (!gv_image_compare (self->before, self->after, &difference)) {
    g_set_error (error, GV_RECIPE_ERROR, GV_RECIPE_ERROR_DIFFERENT,
                 _("“%s” has %d×%d pixels, but its recipe gives %d×%d"), file,
                   gv_image_get_width (self->before), gv_image_get_height (self->before),
                   gv_image_get_width (self->after), gv_image_get_height (self->after));
    return false;
  }
  if (difference.max == 0) {
    printf (_("%s: the same\n"), file);
    return true;
  }
  g_set_error (error, GV_RECIPE_ERROR, GV_RECIPE_ERROR_DIFFERENT,
               _("“%s” is not the same: pixels differ by at most %d of 255, %.4f on average, PSNR %.2f dB"),
                 file, difference.max, difference.mean, difference.psnr);
  return false;
}

static bool
replay_run (const void *values, const GPtrArray *words, GError **error)
{
  const char *file = words->pdata[0];
  g_auto (Replay) self = { .options = values };
  g_autoptr (GvRecipe) recipe = NULL;
  GvCliJob job = { NULL, self.options->device, NULL, on_picture, &self };

  if (self.options->out && !gv_check_target ("--out", self.options->out, error))
    return false;
  job.recipe = recipe = read_recipe (&self, file, error);
  if (!recipe || !gv_cli_job_run (&job, error))
    return blame_file (error);
  return report (&self, file, error);
}

static const GvOption options[] = {
  { .name = "out",
    .value = N_ ("FILE.png"),
    .type = GV_OPTION_STRING,
    .offset = offsetof (ReplayOptions, out),
    .group = N_ ("Options"),
    .help = N_ ("Keep the new picture, too.") },
  { .name = "model",
    .value = N_ ("PATH"),
    .type = GV_OPTION_STRING,
    .offset = offsetof (ReplayOptions, model),
    .help = N_ ("Where the model is now, if it was moved.") },
  { .name = "device",
    .value = N_ ("N|NAME"),
    .type = GV_OPTION_STRING,
    .offset = offsetof (ReplayOptions, device),
    .normal = N_ ("$GV_DEVICE, else the best one"),
    .help = N_ ("A number or part of a name from “giverny-cli devices”.") },
  { .name = NULL },
};

static const char *const examples[] = {
  "giverny-cli replay boat.png",
  "giverny-cli replay boat.png --out again.png",
  NULL,
};

const GvCommand gv_command_replay = {
  .name = "replay",
  .words = N_ ("FILE.png"),
  .summary = N_ ("Paint a picture's recipe again and compare"),
  .description = N_ ("Ends well if every pixel is the same, and else says how far off they are."),
  .options = options,
  .values_size = sizeof (ReplayOptions),
  .min_words = 1,
  .max_words = 1,
  .run = replay_run,
  .examples = examples,
};
