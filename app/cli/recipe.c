// SPDX-FileCopyrightText: Giverny contributors
// SPDX-License-Identifier: GPL-3.0-or-later
/* From the words of a command line to a recipe. */
#include "recipe.h"

#include <errno.h>
#include <string.h>
#include <sys/random.h>

/* 32 bits, since the noise depends on no more. */
static bool
draw_seed (guint64 *seed, GError **error)
{
  guint32 bits;

  if (getrandom (&bits, sizeof bits, 0) != sizeof bits) {
    g_set_error (error, GV_FORMAT_ERROR, GV_FORMAT_ERROR_IO,
                 _("--seed: no random number can be had: %s"), g_strerror (errno));
    return false;
  }
  *seed = bits;
  return true;
}

/* Each was looked at when it was read. */
static GPtrArray *
make_regions (const GvGenerateOptions *o)
{
  GPtrArray *regions = gv_recipe_new_region_list ();

  for (int i = 0; i < o->regions.n; i++)
    g_ptr_array_add (regions, gv_region_parse ("--region", o->regions.values[i], NULL));
  return regions;
}

/* LoRAs */

bool
gv_cli_check_lora (const char *text, GError **error)
{
  g_autoptr (GvLoraUse) use = gv_lora_use_parse ("--lora", text, error);

  return use != NULL;
}

/* "PATH:SPEC", the specification behind the last colon. */
static char *
split_blocks (const char *text, const char **spec)
{
  const char *colon = strrchr (text, ':');

  *spec = colon ? colon + 1 : NULL;
  return colon ? g_strndup (text, (gsize) (colon - text)) : NULL;
}

bool
gv_cli_check_lora_blocks (const char *text, GError **error)
{
  const char *spec;
  g_autofree char *path = split_blocks (text, &spec);

  if (path && *path)
    return gv_lora_use_check_blocks ("--lora-blocks", spec, error);
  gv_usage_error (error, _("--lora-blocks: “%s” is not PATH:SPEC"), text);
  return false;
}

/* Gives the strengths by block to the LoRAs of that path, of which there must be one. */
static bool
set_blocks (GPtrArray *loras, const char *text, GError **error)
{
  const char *spec;
  g_autofree char *given = split_blocks (text, &spec);
  g_autofree char *path = gv_absolute_path (given);
  bool found = false;

  for (guint i = 0; i < loras->len; i++) {
    GvLoraUse *use = loras->pdata[i];

    if (strcmp (use->path, path) != 0)
      continue;
    g_set_str (&use->blocks, spec);
    found = true;
  }
  if (!found)
    gv_usage_error (error, _("--lora-blocks: “%s” is the path of no --lora"), given);
  return found;
}

static GPtrArray *
make_loras (const GvGenerateOptions *o, GError **error)
{
  g_autoptr (GPtrArray) loras = gv_recipe_new_lora_list ();

  for (int i = 0; i < o->loras.n; i++) {
    GvLoraUse *use = gv_lora_use_parse ("--lora", o->loras.values[i], error);
    g_autofree char *given = use ? use->path : NULL;

    if (!use)
      return NULL;
    use->path = gv_absolute_path (given);
    g_ptr_array_add (loras, use);
  }
  for (int i = 0; i < o->lora_blocks.n; i++)
    if (!set_blocks (loras, o->lora_blocks.values[i], error))
      return NULL;
  return g_steal_pointer (&loras);
}

GvRecipe *
gv_cli_make_recipe (const GvGenerateOptions *o, GError **error)
{
  g_autoptr (GvRecipe) recipe = gv_recipe_new ();
  g_autoptr (GPtrArray) regions = make_regions (o), loras = make_loras (o, error);
  g_autofree char *model = o->model ? gv_absolute_path (o->model) : NULL;
  guint64 seed = o->seed.value;

  if (!loras || (o->seed.random && !draw_seed (&seed, error)))
    return NULL;
  g_object_set (recipe, "model", model, "prompt", o->prompt, "negative", o->negative, "width",
                o->width, "height", o->height, "steps", o->steps, "cfg", o->cfg, "sampler",
                o->sampler, "schedule", o->schedule, "seed", seed, "count", o->count, "clip-skip",
                o->clip_skip, "region-mode", o->region_mode, "regions", regions, "loras", loras,
                "merge-lora", o->merge_lora, "before-after", o->before_after, NULL);
  return gv_recipe_validate (recipe, error) ? g_steal_pointer (&recipe) : NULL;
}
