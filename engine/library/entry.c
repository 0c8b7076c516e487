// SPDX-FileCopyrightText: Giverny contributors
// SPDX-License-Identifier: GPL-3.0-or-later
/* What a PNG says about itself. */
#include "library/entry.h"

#include "gv-import.h"

#include "base/errors.h"
#include "formats/file.h"
#include "formats/json.h"

#include <errno.h>
#include <glib/gstdio.h>
#include <math.h>
#include <string.h>
#include <sys/stat.h>

#define MAX_LORAS 64

static void
lora_free (gpointer data)
{
  GvEntryLora *lora = data;

  g_free (lora->name);
  g_free (lora);
}

GvEntry *
gv_entry_new (void)
{
  GvEntry *self = g_new0 (GvEntry, 1);

  self->file = g_strdup ("");
  self->prompt = g_strdup ("");
  self->negative = g_strdup ("");
  self->model = g_strdup ("");
  self->sampler = g_strdup ("");
  self->schedule = g_strdup ("");
  self->cfg = NAN;
  self->loras = g_ptr_array_new_with_free_func (lora_free);
  gv_marks_init (&self->marks);
  return self;
}

GvEntry *
gv_entry_copy (const GvEntry *self)
{
  GvEntry *copy = g_memdup2 (self, sizeof *self);

  copy->file = g_strdup (self->file);
  copy->prompt = g_strdup (self->prompt);
  copy->negative = g_strdup (self->negative);
  copy->model = g_strdup (self->model);
  copy->sampler = g_strdup (self->sampler);
  copy->schedule = g_strdup (self->schedule);
  copy->loras = g_ptr_array_new_with_free_func (lora_free);
  for (guint i = 0; i < self->loras->len; i++) {
    const GvEntryLora *lora = self->loras->pdata[i];

    gv_entry_add_lora (copy, lora->name, lora->strength);
  }
  copy->marks.tags = g_ptr_array_new_with_free_func (g_free);
  for (guint i = 0; i < self->marks.tags->len; i++)
    g_ptr_array_add (copy->marks.tags, g_strdup (self->marks.tags->pdata[i]));
  return copy;
}

void
gv_entry_free (GvEntry *self)
{
  g_free (self->file);
  g_free (self->prompt);
  g_free (self->negative);
  g_free (self->model);
  g_free (self->sampler);
  g_free (self->schedule);
  g_ptr_array_unref (self->loras);
  gv_marks_clear (&self->marks);
  g_free (self);
}

void
gv_entry_add_lora (GvEntry *self, const char *name, double strength)
{
  GvEntryLora *lora;

  if (self->loras->len >= MAX_LORAS || !*name || !g_utf8_validate (name, -1, NULL))
    return;
  lora = g_new (GvEntryLora, 1);
  *lora = (GvEntryLora) { g_strdup (name), isfinite (strength) ? strength : 1 };
  g_ptr_array_add (self->loras, lora);
}

bool
gv_entry_is_name (const char *file)
{
  size_t size = strlen (file);

  return size > 4 && *file != '.' && !strchr (file, '/') &&
         g_ascii_strcasecmp (file + size - 4, ".png") == 0 && g_utf8_validate (file, -1, NULL);
}

/* "dream" for "/models/dream.safetensors". */
static char *
short_name (const char *path)
{
  g_autofree char *base = NULL;

  if (!*path)
    return g_strdup ("");
  base = g_path_get_basename (path);
  if (g_str_has_suffix (base, ".safetensors") || g_str_has_suffix (base, ".gguf"))
    *strrchr (base, '.') = '\0';
  return g_steal_pointer (&base);
}

/* One of a recipe's LoRAs, which may be a path alone. */
static void
take_lora (GvEntry *self, const GvJsonNode *node)
{
  g_autofree char *name = NULL;
  const char *path = NULL;
  double strength = 1;

  if (yyjson_is_obj (node->value)) {
    gv_json_get_string (node, "path", &path, NULL);
    gv_json_get_double (node, "strength", &strength, NULL);
  } else
    gv_json_get_string (node, NULL, &path, NULL);
  if (!path)
    return;
  name = short_name (path);
  gv_entry_add_lora (self, name, strength);
}

static void
take_loras (GvEntry *self, GvRecipe *recipe)
{
  g_autofree char *json = gv_recipe_to_json (recipe);
  g_autoptr (GvJson) document =
      gv_json_new_from_bytes (self->file, json, strlen (json), GV_JSON_PLAIN, NULL);
  GvJsonNode root, list = { 0 };

  if (!document || !gv_json_root_object (document, &root, NULL) ||
      !gv_json_get_array (&root, "loras", &list, NULL) || !list.value)
    return;
  for (size_t i = 0; i < gv_json_get_n (&list); i++) {
    GvJsonNode node = gv_json_get_element (&list, i);

    take_lora (self, &node);
  }
}

static void
take_recipe (GvEntry *self, GvRecipe *recipe)
{
  g_free (self->model);
  self->model =
      *gv_recipe_get_model (recipe) ? short_name (gv_recipe_get_model (recipe)) : g_strdup ("");
  g_set_str (&self->prompt, gv_recipe_get_prompt (recipe));
  g_set_str (&self->negative, gv_recipe_get_negative (recipe));
  g_set_str (&self->sampler, gv_recipe_get_sampler (recipe));
  g_set_str (&self->schedule, gv_recipe_get_schedule (recipe));
  self->steps = gv_recipe_get_steps (recipe);
  self->cfg = gv_recipe_has_cfg (recipe) ? gv_recipe_get_cfg (recipe) : NAN;
  self->seed = gv_recipe_get_seed (recipe);
}

/* A picture whose recipe is not for us is in the gallery all the same. */
static void
take_import (GvEntry *self, GvImage *image)
{
  g_autoptr (GvImport) import = gv_import_from_image (image, self->file, NULL);

  if (!import)
    return;
  take_recipe (self, import->recipe);
  if (import->model)
    g_set_str (&self->model, import->model);
  else if (!*self->model)
    g_set_str (&self->model, GV_RECIPE_STARTER);
  take_loras (self, import->recipe);
  for (guint i = 0; import->loras && i < import->loras->len; i++) {
    const GvImportLora *lora = import->loras->pdata[i];

    gv_entry_add_lora (self, lora->name, lora->strength);
  }
}

/* Scores that were measured when it was painted. */
static void
take_scores (GvEntry *self, GvImage *image)
{
  static const char *const names[GV_MARK_N_SCORES] = { "clip", "blip2", "lpips", "total" };
  const char *text = gv_image_get_text (image, "giverny-scores");
  g_autoptr (GvJson) document =
      text ? gv_json_new_from_bytes (self->file, text, strlen (text), GV_JSON_PLAIN, NULL) : NULL;
  GvJsonNode root;

  if (!document || !gv_json_root_object (document, &root, NULL))
    return;
  for (int i = 0; i < GV_MARK_N_SCORES; i++)
    gv_json_get_double (&root, names[i], &self->marks.scores[i], NULL);
}

GvEntry *
gv_entry_read (const char *folder, const char *file, GError **error)
{
  g_autofree char *path = g_build_filename (folder, file, NULL);
  g_autoptr (GvEntry) self = gv_entry_new ();
  g_autoptr (GvImage) image = NULL;
  struct stat info;

  if (stat (path, &info) < 0) {
    g_autofree char *shown = gv_dup_shown (path);

    g_set_error (error, GV_FORMAT_ERROR, GV_FORMAT_ERROR_IO, "%s: %s", shown, g_strerror (errno));
    return NULL;
  }
  image = gv_image_load_texts (path, error);
  if (!image)
    return NULL;
  g_set_str (&self->file, file);
  self->time_us = (gint64) info.st_mtim.tv_sec * G_USEC_PER_SEC + info.st_mtim.tv_nsec / 1000;
  self->size = info.st_size;
  self->width = gv_image_get_width (image);
  self->height = gv_image_get_height (image);
  take_import (self, image);
  take_scores (self, image);
  gv_marks_load (&self->marks, folder, file, NULL); /* a broken note does not hide its picture */
  return g_steal_pointer (&self);
}

static bool
same_number (double a, double b)
{
  return a == b || (isnan (a) && isnan (b));
}

static bool
same_marks (const GvMarks *a, const GvMarks *b)
{
  if (a->stars != b->stars || a->tags->len != b->tags->len)
    return false;
  for (guint i = 0; i < a->tags->len; i++)
    if (strcmp (a->tags->pdata[i], b->tags->pdata[i]) != 0)
      return false;
  for (int i = 0; i < GV_MARK_N_SCORES; i++)
    if (!same_number (a->scores[i], b->scores[i]))
      return false;
  return true;
}

static bool
has_lora (const GvEntry *self, const GvEntryLora *lora)
{
  for (guint i = 0; i < self->loras->len; i++) {
    const GvEntryLora *other = self->loras->pdata[i];

    if (strcmp (other->name, lora->name) == 0 && other->strength == lora->strength)
      return true;
  }
  return false;
}

bool
gv_entry_equal (const GvEntry *a, const GvEntry *b)
{
  if (a->loras->len != b->loras->len)
    return false;
  for (guint i = 0; i < a->loras->len; i++)
    if (!has_lora (b, a->loras->pdata[i]))
      return false;
  return strcmp (a->file, b->file) == 0 && a->time_us == b->time_us && a->size == b->size &&
         a->width == b->width && a->height == b->height && strcmp (a->prompt, b->prompt) == 0 &&
         strcmp (a->negative, b->negative) == 0 && strcmp (a->model, b->model) == 0 &&
         strcmp (a->sampler, b->sampler) == 0 && strcmp (a->schedule, b->schedule) == 0 &&
         a->steps == b->steps && same_number (a->cfg, b->cfg) && a->seed == b->seed &&
         same_marks (&a->marks, &b->marks);
}
