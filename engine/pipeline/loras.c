// SPDX-FileCopyrightText: Giverny contributors
// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * The LoRAs of a recipe: opened once, kept with their numbers on the device while recipes go on
 * using them, and told their strengths before each run.
 */
#include "pipeline/sd1-private.h"

#include "base/errors.h"
#include "base/i18n.h"
#include "formats/file.h"
#include "weights/lora-blocks.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>

/* Lists of LoRAs that are kept, each with its programs. */
#define MAX_SETS 4

/* What a float can hold with room for a layer's sums. */
#define MAX_STRENGTH 1e30

static void
entry_clear (gpointer data)
{
  GvLoraEntry *entry = data;

  g_clear_pointer (&entry->fittings, g_ptr_array_unref);
  g_clear_pointer (&entry->lora, gv_lora_free);
}

void
gv_lora_set_free (GvLoraSet *self)
{
  for (int part = 0; part < GV_N_PARTS; part++)
    g_clear_pointer (&self->stores[part], gv_lora_store_free);
  g_array_unref (self->entries);
  g_free (self->key);
  g_free (self);
}

/* What a set was made from: files as they are now, their order, and what decides the graphs. */
static char *
make_key (GvRecipe *recipe, GError **error)
{
  GPtrArray *loras = gv_recipe_get_loras (recipe);
  g_autoptr (GString) key = g_string_new (gv_recipe_get_merge_lora (recipe) ? "merged" : "beside");

  for (guint i = 0; i < loras->len; i++) {
    const GvLoraUse *use = loras->pdata[i];
    struct stat info;

    if (stat (use->path, &info) != 0) {
      g_autofree char *shown = gv_dup_shown (use->path);

      g_set_error (error, GV_FORMAT_ERROR, GV_FORMAT_ERROR_IO,
                   _("%s: can't be opened: %s"), shown, g_strerror (errno));
      return NULL;
    }
    g_string_append_printf (key, "\n%s\n%d %lld.%ld %lld %llu", use->path, use->blocks != NULL,
                            (long long) info.st_mtim.tv_sec, (long) info.st_mtim.tv_nsec,
                            (long long) info.st_size, (unsigned long long) info.st_ino);
  }
  return g_string_free_and_steal (g_steal_pointer (&key));
}

static bool
open_entry (GvSd1 *model, const GvLoraUse *use, GvLoraEntry *out, GError **error)
{
  GvLoraReport report;

  *out = (GvLoraEntry) { .by_block = use->blocks != NULL };
  out->lora = gv_lora_open (use->path, error);
  if (!out->lora)
    return false;
  if (!model->lora_index)
    model->lora_index = gv_lora_index_new (model->files);
  out->fittings = gv_lora_fit (out->lora, model->lora_index, &report, error);
  return out->fittings != NULL;
}

static GvLoraSet *
new_set (GvSd1 *model, GvRecipe *recipe, char *key, GError **error)
{
  g_autoptr (GvLoraSet) self = g_new0 (GvLoraSet, 1);
  GPtrArray *loras = gv_recipe_get_loras (recipe);

  self->key = key;
  self->entries = g_array_new (FALSE, TRUE, sizeof (GvLoraEntry));
  g_array_set_clear_func (self->entries, entry_clear);
  g_array_set_size (self->entries, loras->len);
  for (guint i = 0; i < loras->len; i++)
    if (!open_entry (model, loras->pdata[i], &g_array_index (self->entries, GvLoraEntry, i), error))
      return NULL;
  for (int part = 0; part < GV_N_PARTS; part++)
    self->stores[part] = gv_lora_store_new (
        model->device, model->stores[part], model->files, (GvPart) part,
        (const GvLoraEntry *) (const void *) self->entries->data, (int) self->entries->len,
        gv_recipe_get_merge_lora (recipe));
  return g_steal_pointer (&self);
}

/* The recipe's list, from those that are kept or a new one. */
static GvLoraSet *
get_set (GvSd1 *model, GvRecipe *recipe, GError **error)
{
  g_autofree char *key = make_key (recipe, error);
  GvLoraSet *set;

  if (!key)
    return NULL;
  for (guint i = 0; i < model->lora_sets->len; i++) {
    set = model->lora_sets->pdata[i];
    if (strcmp (set->key, key) == 0) {
      g_ptr_array_add (model->lora_sets, g_ptr_array_steal_index (model->lora_sets, i));
      return set;
    }
  }
  set = new_set (model, recipe, g_steal_pointer (&key), error);
  if (!set)
    return NULL;
  while (model->lora_sets->len >= MAX_SETS) {
    gv_sd1_drop_programs (model, model->lora_sets->pdata[0]);
    g_ptr_array_remove_index (model->lora_sets, 0);
  }
  g_ptr_array_add (model->lora_sets, set);
  return set;
}

/* Each slot's strength: that of its LoRA for the part, times its block's factor. */
static double *
make_strengths (GvLoraStore *store, GvPart part, GvRecipe *recipe)
{
  GPtrArray *loras = gv_recipe_get_loras (recipe);
  int n = gv_lora_store_get_n_slots (store);
  double *strengths = g_new0 (double, n);

  for (int i = 0; i < n; i++) {
    const GvLoraSlot *slot = gv_lora_store_get_slot (store, i);
    const GvLoraUse *use = loras->pdata[slot->entry];
    double factors[GV_LORA_N_BLOCKS];

    strengths[i] = part == GV_PART_TEXT ? use->text_strength : use->strength;
    if (use->blocks) {
      g_free (gv_lora_blocks_parse (use->blocks, factors));
      strengths[i] *= factors[slot->block];
    }
    strengths[i] = CLAMP (strengths[i], -MAX_STRENGTH, MAX_STRENGTH);
  }
  return strengths;
}

bool
gv_run_open_loras (GvRun *run, GError **error)
{
  if (gv_recipe_get_loras (run->recipe)->len == 0)
    return true;
  run->loras = get_set (run->model, run->recipe, error);
  if (!run->loras)
    return false;
  for (int part = 0; part < GV_N_PARTS; part++) {
    GvLoraStore *store = run->loras->stores[part];

    if (!store)
      continue;
    run->strengths[part] = make_strengths (store, (GvPart) part, run->recipe);
    if (!gv_lora_store_set_strengths (store, run->strengths[part], run->cancellable, error))
      return false;
  }
  return true;
}

void
gv_run_close_loras (GvRun *run)
{
  for (int part = 0; part < GV_N_PARTS; part++)
    g_clear_pointer (&run->strengths[part], g_free);
}

bool
gv_run_has_loras (const GvRun *run, GvPart part)
{
  return run->loras && run->loras->stores[part];
}

bool
gv_run_has_copies (const GvRun *run)
{
  return gv_run_has_loras (run, GV_PART_UNET) &&
         gv_lora_store_has_copies (run->loras->stores[GV_PART_UNET]);
}

void
gv_run_fill_strengths (GvRun *run, GvStageProgram *program, int sample, bool on)
{
  float *row;
  int n;

  if (!program->strengths)
    return;
  n = gv_dim (program->strengths, GV_C);
  row = gv_tensor_get_floats (program->strengths) + sample * n;
  for (int i = 0; i < n; i++)
    row[i] = on ? (float) run->strengths[program->part][i] : 0;
}

static bool
is_all_zero (const GvRun *run, int entry)
{
  for (int part = 0; part < GV_N_PARTS; part++)
    if (gv_run_has_loras (run, (GvPart) part) &&
        !gv_lora_store_is_zero (run->loras->stores[part], entry))
      return false;
  return true;
}

static bool
is_silent (const GvRun *run, int entry)
{
  for (int part = 0; part < GV_N_PARTS; part++) {
    GvLoraStore *store = run->loras->stores[part];

    for (int i = 0; store && i < gv_lora_store_get_n_slots (store); i++)
      if (gv_lora_store_get_slot (store, i)->entry == entry && run->strengths[part][i] != 0)
        return false;
  }
  return true;
}

void
gv_run_warn_of_loras (GvRun *run)
{
  GPtrArray *loras = gv_recipe_get_loras (run->recipe);

  for (guint i = 0; run->loras && run->events->warning && i < loras->len; i++) {
    const GvLoraUse *use = loras->pdata[i];
    g_autofree char *shown = gv_dup_shown (use->path), *sentence = NULL;

    if (is_silent (run, (int) i))
      sentence = g_strdup_printf (_("%s: this LoRA changes nothing, its strength is 0"), shown);
    else if (is_all_zero (run, (int) i))
      sentence = g_strdup_printf (_("%s: this LoRA changes nothing, all its values are 0"), shown);
    if (sentence)
      run->events->warning (sentence, run->data);
  }
}
