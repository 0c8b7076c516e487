// SPDX-FileCopyrightText: Giverny contributors
// SPDX-License-Identifier: GPL-3.0-or-later
/* Two recipes side by side. */
#include "gv-recipe-diff.h"

#include "base/i18n.h"

#include <string.h>

#define NOTHING "–"

void
gv_recipe_change_free (GvRecipeChange *self)
{
  g_free (self->label);
  g_free (self->before);
  g_free (self->after);
  g_free (self);
}

/* Takes both texts, and keeps them if they differ. */
static void
take_pair (GPtrArray *changes, const char *label, char *before, char *after)
{
  GvRecipeChange *change;

  if (strcmp (before, after) == 0) {
    g_free (before);
    g_free (after);
    return;
  }
  change = g_new (GvRecipeChange, 1);
  *change = (GvRecipeChange) { g_strdup (label), before, after };
  g_ptr_array_add (changes, change);
}

static char *
text_or_nothing (const char *text)
{
  return g_strdup (text && *text ? text : NOTHING);
}

static void
add_texts (GPtrArray *changes, const char *label, const char *before, const char *after)
{
  take_pair (changes, label, text_or_nothing (before), text_or_nothing (after));
}

static void
add_numbers (GPtrArray *changes, const char *label, int before, int after)
{
  take_pair (changes, label, g_strdup_printf ("%d", before), g_strdup_printf ("%d", after));
}

static char *
dup_model (GvRecipe *recipe)
{
  const char *path = gv_recipe_get_model (recipe);

  return *path ? g_path_get_basename (path) : g_strdup (_("Starter"));
}

static char *
dup_size (GvRecipe *recipe)
{
  int width = gv_recipe_get_width (recipe), height = gv_recipe_get_height (recipe);

  if (width == 0 || height == 0)
    return g_strdup (_("the model’s"));
  return g_strdup_printf ("%d × %d", width, height);
}

/* @format: short for people, "%.3g" */
static char *
dup_real (double value, const char *format)
{
  char text[G_ASCII_DTOSTR_BUF_SIZE];

  return g_strdup (g_ascii_formatd (text, sizeof text, format, value));
}

static char *
dup_cfg (GvRecipe *recipe)
{
  if (!gv_recipe_has_cfg (recipe))
    return g_strdup (_("the model’s"));
  return dup_real (gv_recipe_get_cfg (recipe), "%g");
}

static char *
dup_seed (GvRecipe *recipe)
{
  return g_strdup_printf ("%" G_GUINT64_FORMAT, gv_recipe_get_seed (recipe));
}

static const char *
or_name (const char *label, const char *name)
{
  return label ? label : name;
}

static void
add_settings (GPtrArray *changes, GvRecipe *a, GvRecipe *b)
{
  take_pair (changes, _("Size"), dup_size (a), dup_size (b));
  add_numbers (changes, _("Steps"), gv_recipe_get_steps (a), gv_recipe_get_steps (b));
  take_pair (changes, _("Guidance"), dup_cfg (a), dup_cfg (b));
  add_texts (changes, _("Sampler"),
                        or_name (gv_recipe_get_sampler_label (a), gv_recipe_get_sampler (a)),
                        or_name (gv_recipe_get_sampler_label (b), gv_recipe_get_sampler (b)));
  add_texts (changes, _("Schedule"),
                        or_name (gv_recipe_get_schedule_label (a), gv_recipe_get_schedule (a)),
                        or_name (gv_recipe_get_schedule_label (b), gv_recipe_get_schedule (b)));
  take_pair (changes, _("Seed"), dup_seed (a), dup_seed (b));
  add_numbers (changes, _("CLIP skip"), gv_recipe_get_clip_skip (a), gv_recipe_get_clip_skip (b));
}

/* “a red ball, 64 × 64 at 0, 128, 75 %” */
static char *
dup_region (const GvRegion *region)
{
  g_autofree char *place = NULL, *strength = dup_real (region->strength, "%.3g");

  if (region->relative)
    place = g_strdup_printf ("%.0f %% × %.0f %% + %.0f %% + %.0f %%", 100 * region->part[2],
                             100 * region->part[3], 100 * region->part[0], 100 * region->part[1]);
  else
    place = g_strdup_printf ("%d × %d + %d + %d", region->w, region->h, region->x, region->y);
  return g_strdup_printf ("%s (%s, %s)", region->text, place, strength);
}

static const char *
mode_label (GvRecipe *recipe)
{
  for (const GvRecipeChoice *m = gv_recipe_list_region_modes (); m->name; m++)
    if (strcmp (m->name, gv_recipe_get_region_mode (recipe)) == 0)
      return _ (m->label);
  return gv_recipe_get_region_mode (recipe);
}

static void
add_regions (GPtrArray *changes, GvRecipe *a, GvRecipe *b)
{
  GPtrArray *before = gv_recipe_get_regions (a), *after = gv_recipe_get_regions (b);

  for (guint i = 0; i < MAX (before->len, after->len); i++) {
    g_autofree char *label = g_strdup_printf (_("Region %u"), i + 1);

    take_pair (changes, label, i < before->len ? dup_region (before->pdata[i]) : g_strdup (NOTHING),
               i < after->len ? dup_region (after->pdata[i]) : g_strdup (NOTHING));
  }
  if (before->len > 0 || after->len > 0)
    add_texts (changes, _("Regions painted by"), mode_label (a), mode_label (b));
}

/* LoRAs: by file, wherever they stand in the lists; one that is absent has the strength 0. */

static const GvLoraUse *
find_lora (GPtrArray *loras, const char *path)
{
  for (guint i = 0; i < loras->len; i++) {
    const GvLoraUse *use = loras->pdata[i];

    if (strcmp (use->path, path) == 0)
      return use;
  }
  return NULL;
}

/* “0.8”, and “0.8, text 0.5” where the text encoder has its own. */
static char *
dup_strength (const GvLoraUse *use)
{
  g_autofree char *strength = dup_real (use ? use->strength : 0, "%.3g"), *text = NULL;

  if (!use || use->strength == use->text_strength)
    return g_steal_pointer (&strength);
  text = dup_real (use->text_strength, "%.3g");
  return g_strdup_printf (_("%s, text %s"), strength, text);
}

static void
add_lora (GPtrArray *changes, const GvLoraUse *a, const GvLoraUse *b)
{
  g_autofree char *name = gv_lora_use_dup_name (a ? a : b);
  g_autofree char *label = g_strdup_printf (_("LoRA %s"), name);

  take_pair (changes, label, dup_strength (a), dup_strength (b));
}

static void
add_loras (GPtrArray *changes, GvRecipe *before, GvRecipe *after)
{
  GPtrArray *a = gv_recipe_get_loras (before), *b = gv_recipe_get_loras (after);

  for (guint i = 0; i < a->len; i++) {
    const GvLoraUse *use = a->pdata[i];

    add_lora (changes, use, find_lora (b, use->path));
  }
  for (guint i = 0; i < b->len; i++) {
    const GvLoraUse *use = b->pdata[i];

    if (!find_lora (a, use->path))
      add_lora (changes, NULL, use);
  }
}

GPtrArray *
gv_recipe_diff (GvRecipe *before, GvRecipe *after)
{
  GPtrArray *changes = g_ptr_array_new_with_free_func ((GDestroyNotify) gv_recipe_change_free);

  g_return_val_if_fail (GV_IS_RECIPE (before) && GV_IS_RECIPE (after), changes);

  take_pair (changes, _("Model"), dup_model (before), dup_model (after));
  add_texts (changes, _("Prompt"), gv_recipe_get_prompt (before), gv_recipe_get_prompt (after));
  add_texts (changes, _("Negative prompt"), gv_recipe_get_negative (before),
                        gv_recipe_get_negative (after));
  add_loras (changes, before, after);
  add_regions (changes, before, after);
  add_settings (changes, before, after);
  return changes;
}
