// SPDX-FileCopyrightText: Giverny contributors
// SPDX-License-Identifier: GPL-3.0-or-later
/* LoRAs of a recipe: their words on a command line, their limits, their JSON. */
#include "gv-lora-json.h"

#include "base/errors.h"
#include "base/i18n.h"
#include "formats/file.h"
#include "gv-recipe.h"
#include "weights/lora-blocks.h"

#include <math.h>
#include <string.h>

G_DEFINE_BOXED_TYPE (GvLoraUse, gv_lora_use, gv_lora_use_copy, gv_lora_use_free)

GvLoraUse *
gv_lora_use_new (const char *path)
{
  GvLoraUse *self = g_new0 (GvLoraUse, 1);

  self->path = g_strdup (path);
  self->strength = self->text_strength = 1;
  return self;
}

GvLoraUse *
gv_lora_use_copy (const GvLoraUse *self)
{
  GvLoraUse *copy = g_memdup2 (self, sizeof *self);

  copy->path = g_strdup (self->path);
  copy->blocks = g_strdup (self->blocks);
  return copy;
}

void
gv_lora_use_free (GvLoraUse *self)
{
  g_free (self->path);
  g_free (self->blocks);
  g_free (self);
}

bool
gv_lora_use_equal (const GvLoraUse *a, const GvLoraUse *b)
{
  return strcmp (a->path, b->path) == 0 && a->strength == b->strength &&
         a->text_strength == b->text_strength && g_strcmp0 (a->blocks, b->blocks) == 0;
}

char *
gv_lora_use_dup_name (const GvLoraUse *self)
{
  char *name = g_path_get_basename (self->path);

  if (g_str_has_suffix (name, ".safetensors"))
    name[strlen (name) - strlen (".safetensors")] = '\0';
  return name;
}

/* Words */

/* Digits with a point and an exponent, finite: not what strtod() knows besides. */
static bool
read_number (const char *text, double *value)
{
  char *end;

  if (!*text || strspn (text, "+-.0123456789eE") != strlen (text))
    return false;
  *value = g_ascii_strtod (text, &end);
  return !*end && isfinite (*value);
}

static void
refuse (const char *option, const char *text, const char *why, GError **error)
{
  g_autofree char *shown = gv_dup_shown (text);

  g_set_error (error, GV_RECIPE_ERROR, GV_RECIPE_ERROR_VALUE, "%s: “%s”: %s", option, shown, why);
}

/* Cuts ":NUMBER" off the end of @text. */
static bool
take_number (char *text, double *value)
{
  char *colon = strrchr (text, ':');

  if (!colon || !read_number (colon + 1, value))
    return false;
  *colon = '\0';
  return true;
}

GvLoraUse *
gv_lora_use_parse (const char *option, const char *text, GError **error)
{
  g_autoptr (GvLoraUse) self = gv_lora_use_new (text);
  double last, before;

  if (!g_file_test (text, G_FILE_TEST_EXISTS) && take_number (self->path, &last)) {
    self->strength = self->text_strength = last;
    if (!g_file_test (self->path, G_FILE_TEST_EXISTS) && take_number (self->path, &before))
      self->strength = before;
  }
  if (!*self->path) {
    refuse (option, text, _("the path is empty"), error);
    return NULL;
  }
  if (strchr (self->path, ':') && !g_file_test (self->path, G_FILE_TEST_EXISTS)) {
    refuse (option, text,
            _("a LoRA is PATH[:STRENGTH[:TEXT_STRENGTH]] with finite decimal numbers"), error);
    return NULL;
  }
  return g_steal_pointer (&self);
}

bool
gv_lora_use_check_blocks (const char *option, const char *blocks, GError **error)
{
  double factors[GV_LORA_N_BLOCKS];
  g_autofree char *wrong = gv_lora_blocks_parse (blocks, factors);

  if (wrong)
    refuse (option, wrong,
            _("strengths by block are 17 or 26 numbers, or NAME=NUMBER with base, in, in00…, mid, "
              "out, out00…"),
              error);
  return !wrong;
}

bool
gv_lora_use_validate (const GvLoraUse *self, int number, GError **error)
{
  g_autofree char *option = g_strdup_printf ("--lora %d", number);

  if (!g_utf8_validate (self->path, -1, NULL) || !*self->path) {
    refuse (option, self->path, _("the path is empty or not valid UTF-8"), error);
    return false;
  }
  if (!isfinite (self->strength) || !isfinite (self->text_strength)) {
    refuse (option, self->path, _("the strength is not a finite number"), error);
    return false;
  }
  return !self->blocks || gv_lora_use_check_blocks (option, self->blocks, error);
}

/* JSON */

yyjson_mut_val *
gv_loras_to_json (GPtrArray *loras, yyjson_mut_doc *doc)
{
  yyjson_mut_val *list = yyjson_mut_arr (doc);

  for (guint i = 0; i < loras->len; i++) {
    const GvLoraUse *use = loras->pdata[i];
    yyjson_mut_val *to = yyjson_mut_arr_add_obj (doc, list);

    yyjson_mut_obj_add_str (doc, to, "path", use->path);
    yyjson_mut_obj_add_val (doc, to, "strength", gv_json_new_real (doc, use->strength));
    if (use->text_strength != use->strength)
      yyjson_mut_obj_add_val (doc, to, "text_strength", gv_json_new_real (doc, use->text_strength));
    if (use->blocks)
      yyjson_mut_obj_add_str (doc, to, "blocks", use->blocks);
  }
  return list;
}

static bool
read_use (const GvJsonNode *node, GvLoraUse *use, GError **error)
{
  const char *path = NULL, *blocks = NULL;

  if (!yyjson_is_obj (node->value))
    return gv_json_fail (node, NULL, _("must be an object"), error);
  if (!gv_json_require (node, "path", error) || !gv_json_get_string (node, "path", &path, error) ||
      !gv_json_get_double (node, "strength", &use->strength, error))
    return false;
  use->text_strength = use->strength;
  if (!gv_json_get_double (node, "text_strength", &use->text_strength, error) ||
      !gv_json_get_string (node, "blocks", &blocks, error))
    return false;
  g_set_str (&use->path, path);
  g_set_str (&use->blocks, blocks);
  return true;
}

GPtrArray *
gv_loras_from_json (const GvJsonNode *node, const char *key, GError **error)
{
  g_autoptr (GPtrArray) loras = gv_recipe_new_lora_list ();
  GvJsonNode list;

  if (!gv_json_get_array (node, key, &list, error))
    return NULL;
  if (list.value && gv_json_get_n (&list) > GV_RECIPE_MAX_LORAS) {
    gv_json_fail (node, key, _("has too many LoRAs, 64 are the most"), error);
    return NULL;
  }
  for (size_t i = 0; list.value && i < gv_json_get_n (&list); i++) {
    GvJsonNode item = gv_json_get_element (&list, i);
    GvLoraUse *use = gv_lora_use_new ("");

    g_ptr_array_add (loras, use);
    if (!read_use (&item, use, error))
      return NULL;
  }
  return g_steal_pointer (&loras);
}
