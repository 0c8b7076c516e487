// SPDX-FileCopyrightText: Giverny contributors
// SPDX-License-Identifier: GPL-3.0-or-later
/* Looking at files: what they are, told by their content. */
#include "gv-model.h"

#include "gv-image.h"
#include "gv-import.h"
#include "gv-lora.h"
#include "gv-prompt.h"
#include "gv-recipe.h"
#include "base/errors.h"
#include "base/i18n.h"
#include "base/paths.h"
#include "formats/file.h"
#include "weights/container.h"
#include "weights/describe.h"
#include "weights/lora.h"

#include <string.h>

#define MAX_RECIPE_BYTES ((size_t) 4 << 20)

char *
gv_model_starter_path (void)
{
  return gv_data_path ("starter");
}

/* Recipes. */

static void
add_region (const GvRegion *region, int number, GString *out)
{
  g_autofree char *key = g_strdup_printf (_("region %d"), number);
  g_autofree char *box = gv_region_dup_box (region);

  gv_describe_line (out, key, "%s × %g: %s", box, region->strength, region->text);
  if (region->negative)
    gv_describe_line (out, _("its negative"), "%s", region->negative);
}

static void
add_regions (GvRecipe *recipe, GString *out)
{
  GPtrArray *regions = gv_recipe_get_regions (recipe);

  for (guint i = 0; i < regions->len; i++)
    add_region (regions->pdata[i], (int) i + 1, out);
  if (regions->len > 0)
    gv_describe_line (out, _("regions by"), "%s", gv_recipe_get_region_mode (recipe));
}

static void
add_loras (GvRecipe *recipe, GString *out)
{
  GPtrArray *loras = gv_recipe_get_loras (recipe);

  for (guint i = 0; i < loras->len; i++) {
    const GvLoraUse *use = loras->pdata[i];

    if (use->text_strength == use->strength)
      gv_describe_line (out, "LoRA", "%s: %g", use->path, use->strength);
    else
      gv_describe_line (out, "LoRA", "%s: %g, %g", use->path, use->strength, use->text_strength);
  }
}

static void
add_recipe (GvRecipe *recipe, GString *out)
{
  const char *model = gv_recipe_get_model (recipe);
  int width = gv_recipe_get_width (recipe), height = gv_recipe_get_height (recipe);

  gv_describe_line (out, _("prompt"), "%s", gv_recipe_get_prompt (recipe));
  if (*gv_recipe_get_negative (recipe))
    gv_describe_line (out, _("negative"), "%s", gv_recipe_get_negative (recipe));
  add_regions (recipe, out);
  gv_describe_line (out, _("model"), "%s", *model ? model : _("the starter model"));
  if (width > 0 && height > 0)
    gv_describe_line (out, _("size"), "%d × %d", width, height);
  gv_describe_line (out, _("steps"), "%d", gv_recipe_get_steps (recipe));
  if (gv_recipe_has_cfg (recipe))
    gv_describe_line (out, _("cfg"), "%g", gv_recipe_get_cfg (recipe));
  gv_describe_line (out, _("sampler"), "%s", gv_recipe_get_sampler (recipe));
  gv_describe_line (out, _("schedule"), "%s", gv_recipe_get_schedule (recipe));
  gv_describe_line (out, _("seed"), "%" G_GUINT64_FORMAT, gv_recipe_get_seed (recipe));
  if (gv_recipe_get_count (recipe) != 1)
    gv_describe_line (out, _("count"), "%d", gv_recipe_get_count (recipe));
  if (gv_recipe_get_clip_skip (recipe) != 1)
    gv_describe_line (out, _("clip skip"), "%d", gv_recipe_get_clip_skip (recipe));
  add_loras (recipe, out);
}

static bool
describe_recipe_text (const char *path,
                      const char *json,
                      gssize length,
                      GString *out,
                      GError **error)
{
  g_autoptr (GvRecipe) recipe = gv_recipe_from_json (path, json, length, error);

  if (recipe)
    add_recipe (recipe, out);
  return recipe != NULL;
}

/* Another program's recipe as ours would be, and what it had besides. */
static void
add_import (GvImport *import, GString *out)
{
  if (strcmp (import->format, "Giverny") != 0)
    gv_describe_line (out, _("made by"), "%s", import->format);
  add_recipe (import->recipe, out);
  for (char **line = import->unmatched; *line; line++)
    gv_describe_line (out, _("not taken over"), "%s", *line);
}

static bool
describe_json (const char *path, GString *out, GError **error)
{
  size_t size;
  g_autofree char *text = gv_read_small_file (path, MAX_RECIPE_BYTES, &size, error);
  g_autoptr (GvImport) import = NULL;

  if (!text)
    return false;
  import = gv_import_from_text (path, text, (gssize) size, error);
  if (!import)
    return false;
  gv_describe_line (out, _("kind"), _("recipe"));
  add_import (import, out);
  return true;
}

/* Pictures. */

/* Other programs' settings, as they wrote them. */
static void
add_parameters (const char *text, GString *out)
{
  g_auto (GStrv) lines = g_strsplit (text, "\n", 0);

  for (int i = 0; lines[i]; i++)
    gv_describe_line (out, _("parameters"), "%s", lines[i]);
}

static bool
has_workflow (GvImage *image)
{
  return gv_image_get_text (image, "workflow") || gv_image_get_text (image, "prompt");
}

/* A workflow that can't be read is told with the reason; the picture is one all the same. */
static void
add_workflow (GvImage *image, const char *path, GString *out)
{
  g_autoptr (GError) reason = NULL;
  g_autoptr (GvImport) import = gv_import_from_image (image, path, &reason);

  if (import)
    add_import (import, out);
  else
    gv_describe_line (out, _("recipe"), "%s", reason->message);
}

static bool
describe_picture (const char *path, GString *out, GError **error)
{
  g_autoptr (GvImage) image = gv_image_load (path, error);
  const char *recipe, *parameters;

  if (!image)
    return false;
  recipe = gv_image_get_text (image, "giverny");
  parameters = gv_image_get_text (image, "parameters");
  gv_describe_line (out, _("kind"), _("picture"));
  gv_describe_line (out, _("pixels"), "%d × %d", gv_image_get_width (image),
                           gv_image_get_height (image));
  if (recipe)
    return describe_recipe_text (path, recipe, -1, out, error);
  if (parameters)
    add_parameters (parameters, out);
  else if (has_workflow (image))
    add_workflow (image, path, out);
  else
    gv_describe_line (out, _("recipe"), _("none"));
  return true;
}

/* Weights. */

/* Only a small vocabulary is worth listing; a tokenizer that is broken says so. */
static void
add_words (const char *path, GString *out)
{
  g_autoptr (GError) problem = NULL;
  g_autoptr (GvPromptReader) reader = gv_prompt_reader_load (path, &problem);
  const char *const *words = reader ? gv_prompt_reader_get_words (reader, NULL) : NULL;
  g_autofree char *list = words ? g_strjoinv (", ", (char **) words) : NULL;

  if (problem)
    gv_describe_line (out, _("words"), "%s", problem->message);
  else if (list)
    gv_describe_line (out, _("words it knows"), "%s", list);
}

static bool
describe_model (const char *path, GString *out, GError **error)
{
  g_autoptr (GvModelFiles) model = gv_model_files_open (path, error);

  if (!model || !gv_describe_model (model, out, error))
    return false;
  add_words (path, out);
  return true;
}

/* A sentence about @path, without the path at its beginning. */
static const char *
without_name (const char *sentence, const char *path)
{
  g_autofree char *shown = gv_dup_shown (path);
  g_autofree char *start = g_strconcat (shown, ": ", NULL);

  return g_str_has_prefix (sentence, start) ? sentence + strlen (start) : sentence;
}

static bool
describe_lora (const char *path, GvSafetensors *file, GString *out, GError **error)
{
  g_autoptr (GvLoraInfo) info = gv_lora_info_new (path, error);

  if (!info)
    return false;
  gv_lora_info_describe (info, out);
  return gv_describe_safetensors (file, out, error);
}

/* A file of tensors is looked at even if it can't be run; then the reason comes last. */
static bool
describe_safetensors (const char *path, GString *out, GError **error)
{
  g_autoptr (GvSafetensors) file = gv_safetensors_open (path, error);
  g_autoptr (GvModelFiles) model = NULL;
  g_autoptr (GError) reason = NULL;

  if (!file)
    return false;
  if (gv_lora_recognise (file))
    return describe_lora (path, file, out, error);
  model = gv_model_files_open (path, &reason);
  if (model)
    return gv_describe_model (model, out, error);
  gv_describe_line (out, _("kind"), "%s", _("tensors (safetensors)"));
  if (!gv_describe_safetensors (file, out, error))
    return false;
  gv_describe_line (out, _("as a model"), "%s", without_name (reason->message, path));
  return true;
}

bool
gv_file_describe (const char *path, GString *out, GError **error)
{
  g_autoptr (GString) lines = g_string_new (NULL);
  GvContainer container;
  bool ok;

  if (g_file_test (path, G_FILE_TEST_IS_DIR))
    ok = describe_model (path, lines, error);
  else if (!gv_tell_container (path, &container, error))
    return false;
  else if (container == GV_CONTAINER_PNG)
    ok = describe_picture (path, lines, error);
  else if (container == GV_CONTAINER_JSON)
    ok = describe_json (path, lines, error);
  else
    ok = gv_refuse_other_containers (path, error) && describe_safetensors (path, lines, error);
  if (ok)
    g_string_append_len (out, lines->str, (gssize) lines->len);
  return ok;
}
