// SPDX-FileCopyrightText: Giverny contributors
// SPDX-License-Identifier: GPL-3.0-or-later
/* A recipe's properties, its limits, and its JSON. */
#include "gv-recipe.h"

#include "base/errors.h"
#include "base/i18n.h"
#include "formats/file.h"
#include "formats/json.h"
#include "gv-lora-json.h"
#include "gv-region-json.h"

#include <math.h>
#include <string.h>

struct _GvRecipe
{
  GObject parent_instance;
  char *model; /* (owned), as all strings; never NULL */
  char *prompt;
  char *negative;
  char *prompt_original; /* "" if the prompt was written as it is */
  int width, height; /* pixels; 0 = the model's */
  int steps;
  double cfg;
  char *sampler;
  char *schedule;
  guint64 seed;
  int count;
  int clip_skip;
  char *region_mode;
  bool background_rest;
  GPtrArray *regions; /* (owned) (element-type GvRegion): shared with copies, never changed */
  GPtrArray *loras;   /* (owned) (element-type GvLoraUse): likewise                         */
  bool merge_lora, before_after;
};
G_DEFINE_FINAL_TYPE (GvRecipe, gv_recipe, G_TYPE_OBJECT)

enum {
  PROP_MODEL = 1,
  PROP_PROMPT,
  PROP_NEGATIVE,
  PROP_PROMPT_ORIGINAL,
  PROP_WIDTH,
  PROP_HEIGHT,
  PROP_STEPS,
  PROP_CFG,
  PROP_SAMPLER,
  PROP_SCHEDULE,
  PROP_SEED,
  PROP_COUNT,
  PROP_CLIP_SKIP,
  PROP_REGION_MODE,
  PROP_REGIONS,
  PROP_LORAS,
  PROP_MERGE_LORA,
  PROP_BEFORE_AFTER,
  PROP_BACKGROUND_REST,
  N_PROPS
};

static GParamSpec *props[N_PROPS];

static const GvRecipeChoice samplers[] = {
  { "euler", "Euler", true },
  { "euler_a", "Euler a", true },
  { "heun", "Heun", true },
  { "dpm_2", "DPM2", false },
  { "dpm_2_a", "DPM2 a", false },
  { "dpmpp_2m", "DPM++ 2M", true },
  { "dpmpp_2m_sde", "DPM++ 2M SDE", false },
  { "dpmpp_sde", "DPM++ SDE", false },
  { "dpmpp_3m_sde", "DPM++ 3M SDE", false },
  { "ddim", "DDIM", true },
  { "uni_pc", "UniPC", false },
  { "lcm", "LCM", true },
  { NULL },
};

static const GvRecipeChoice schedules[] = {
  { "normal", "Normal", true },
  { "karras", "Karras", true },
  { "exponential", "Exponential", true },
  { "simple", "Simple", true },
  { "sgm_uniform", "SGM Uniform", true },
  { "ddim_uniform", "DDIM", false },
  { "beta", "Beta", true },
  { NULL },
};

static const GvRecipeChoice region_modes[] = {
  { "area", N_ ("Areas"), true },
  { "attention", N_ ("Attention"), true },
  { NULL },
};

static const GvRecipeChoice *
find_choice (const GvRecipeChoice *choices, const char *name)
{
  for (const GvRecipeChoice *c = choices; c->name; c++)
    if (strcmp (c->name, name) == 0)
      return c;
  return NULL;
}

/* Properties */

static void
set_text (GvRecipe *self, char **field, const char *value, int prop)
{
  if (g_set_str (field, value ? value : ""))
    g_object_notify_by_pspec (G_OBJECT (self), props[prop]);
}

static void
set_number (GvRecipe *self, int *field, int value, int prop)
{
  if (*field == value)
    return;
  *field = value;
  g_object_notify_by_pspec (G_OBJECT (self), props[prop]);
}

static void
set_regions (GvRecipe *self, GPtrArray *regions)
{
  if (regions == self->regions)
    return;
  g_ptr_array_unref (self->regions);
  self->regions = regions ? g_ptr_array_ref (regions) : gv_recipe_new_region_list ();
  g_object_notify_by_pspec (G_OBJECT (self), props[PROP_REGIONS]);
}

static void
set_loras (GvRecipe *self, GPtrArray *loras)
{
  if (loras == self->loras)
    return;
  g_ptr_array_unref (self->loras);
  self->loras = loras ? g_ptr_array_ref (loras) : gv_recipe_new_lora_list ();
  g_object_notify_by_pspec (G_OBJECT (self), props[PROP_LORAS]);
}

static void
set_flag (GvRecipe *self, bool *field, bool value, int prop)
{
  if (*field == value)
    return;
  *field = value;
  g_object_notify_by_pspec (G_OBJECT (self), props[prop]);
}

static void
gv_recipe_set_property (GObject *object, guint id, const GValue *value, GParamSpec *pspec)
{
  GvRecipe *self = GV_RECIPE (object);

  switch (id) {
  case PROP_MODEL:
    set_text (self, &self->model, g_value_get_string (value), PROP_MODEL);
    break;
  case PROP_PROMPT:
    set_text (self, &self->prompt, g_value_get_string (value), PROP_PROMPT);
    break;
  case PROP_NEGATIVE:
    set_text (self, &self->negative, g_value_get_string (value), PROP_NEGATIVE);
    break;
  case PROP_PROMPT_ORIGINAL:
    set_text (self, &self->prompt_original, g_value_get_string (value), PROP_PROMPT_ORIGINAL);
    break;
  case PROP_WIDTH:
    set_number (self, &self->width, g_value_get_int (value), PROP_WIDTH);
    break;
  case PROP_HEIGHT:
    set_number (self, &self->height, g_value_get_int (value), PROP_HEIGHT);
    break;
  case PROP_STEPS:
    set_number (self, &self->steps, g_value_get_int (value), PROP_STEPS);
    break;
  case PROP_CFG:
    if (self->cfg != g_value_get_double (value)) {
      self->cfg = g_value_get_double (value);
      g_object_notify_by_pspec (object, pspec);
    }
    break;
  case PROP_SAMPLER:
    set_text (self, &self->sampler, g_value_get_string (value), PROP_SAMPLER);
    break;
  case PROP_SCHEDULE:
    set_text (self, &self->schedule, g_value_get_string (value), PROP_SCHEDULE);
    break;
  case PROP_SEED:
    if (self->seed != g_value_get_uint64 (value)) {
      self->seed = g_value_get_uint64 (value);
      g_object_notify_by_pspec (object, pspec);
    }
    break;
  case PROP_COUNT:
    set_number (self, &self->count, g_value_get_int (value), PROP_COUNT);
    break;
  case PROP_CLIP_SKIP:
    set_number (self, &self->clip_skip, g_value_get_int (value), PROP_CLIP_SKIP);
    break;
  case PROP_REGION_MODE:
    set_text (self, &self->region_mode, g_value_get_string (value), PROP_REGION_MODE);
    break;
  case PROP_BACKGROUND_REST:
    if (self->background_rest != !!g_value_get_boolean (value)) {
      self->background_rest = g_value_get_boolean (value);
      g_object_notify_by_pspec (object, pspec);
    }
    break;
  case PROP_REGIONS:
    set_regions (self, g_value_get_boxed (value));
    break;
  case PROP_LORAS:
    set_loras (self, g_value_get_boxed (value));
    break;
  case PROP_MERGE_LORA:
    set_flag (self, &self->merge_lora, g_value_get_boolean (value), PROP_MERGE_LORA);
    break;
  case PROP_BEFORE_AFTER:
    set_flag (self, &self->before_after, g_value_get_boolean (value), PROP_BEFORE_AFTER);
    break;
  default:
    G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
  }
}

static void
gv_recipe_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  GvRecipe *self = GV_RECIPE (object);

  switch (id) {
  case PROP_MODEL:
    g_value_set_string (value, self->model);
    break;
  case PROP_PROMPT:
    g_value_set_string (value, self->prompt);
    break;
  case PROP_NEGATIVE:
    g_value_set_string (value, self->negative);
    break;
  case PROP_PROMPT_ORIGINAL:
    g_value_set_string (value, self->prompt_original);
    break;
  case PROP_WIDTH:
    g_value_set_int (value, self->width);
    break;
  case PROP_HEIGHT:
    g_value_set_int (value, self->height);
    break;
  case PROP_STEPS:
    g_value_set_int (value, self->steps);
    break;
  case PROP_CFG:
    g_value_set_double (value, self->cfg);
    break;
  case PROP_SAMPLER:
    g_value_set_string (value, self->sampler);
    break;
  case PROP_SCHEDULE:
    g_value_set_string (value, self->schedule);
    break;
  case PROP_SEED:
    g_value_set_uint64 (value, self->seed);
    break;
  case PROP_COUNT:
    g_value_set_int (value, self->count);
    break;
  case PROP_CLIP_SKIP:
    g_value_set_int (value, self->clip_skip);
    break;
  case PROP_REGION_MODE:
    g_value_set_string (value, self->region_mode);
    break;
  case PROP_BACKGROUND_REST:
    g_value_set_boolean (value, self->background_rest);
    break;
  case PROP_REGIONS:
    g_value_set_boxed (value, self->regions);
    break;
  case PROP_LORAS:
    g_value_set_boxed (value, self->loras);
    break;
  case PROP_MERGE_LORA:
    g_value_set_boolean (value, self->merge_lora);
    break;
  case PROP_BEFORE_AFTER:
    g_value_set_boolean (value, self->before_after);
    break;
  default:
    G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
  }
}

static void
gv_recipe_finalize (GObject *object)
{
  GvRecipe *self = GV_RECIPE (object);

  g_free (self->model);
  g_free (self->prompt);
  g_free (self->negative);
  g_free (self->prompt_original);
  g_free (self->sampler);
  g_free (self->schedule);
  g_free (self->region_mode);
  g_ptr_array_unref (self->regions);
  g_ptr_array_unref (self->loras);
  G_OBJECT_CLASS (gv_recipe_parent_class)->finalize (object);
}

static void
gv_recipe_class_init (GvRecipeClass *class)
{
  GObjectClass *object_class = G_OBJECT_CLASS (class);
  GParamFlags flags = G_PARAM_READWRITE | G_PARAM_EXPLICIT_NOTIFY | G_PARAM_STATIC_STRINGS;

  object_class->set_property = gv_recipe_set_property;
  object_class->get_property = gv_recipe_get_property;
  object_class->finalize = gv_recipe_finalize;

  props[PROP_MODEL] = g_param_spec_string ("model", NULL, NULL, "", flags);
  props[PROP_PROMPT] = g_param_spec_string ("prompt", NULL, NULL, "", flags);
  props[PROP_NEGATIVE] = g_param_spec_string ("negative", NULL, NULL, "", flags);
  props[PROP_PROMPT_ORIGINAL] =
      g_param_spec_string ("prompt-original", NULL, NULL, "", flags);
  props[PROP_WIDTH] = g_param_spec_int ("width", NULL, NULL, G_MININT, G_MAXINT, 0, flags);
  props[PROP_HEIGHT] = g_param_spec_int ("height", NULL, NULL, G_MININT, G_MAXINT, 0, flags);
  props[PROP_STEPS] = g_param_spec_int ("steps", NULL, NULL, G_MININT, G_MAXINT, 20, flags);
  props[PROP_CFG] = g_param_spec_double ("cfg", NULL, NULL, -G_MAXDOUBLE, G_MAXDOUBLE,
                                         GV_RECIPE_CFG_DEFAULT, flags);
  props[PROP_SAMPLER] = g_param_spec_string ("sampler", NULL, NULL, "euler", flags);
  props[PROP_SCHEDULE] = g_param_spec_string ("schedule", NULL, NULL, "normal", flags);
  props[PROP_SEED] = g_param_spec_uint64 ("seed", NULL, NULL, 0, G_MAXUINT64, 0, flags);
  props[PROP_COUNT] = g_param_spec_int ("count", NULL, NULL, G_MININT, G_MAXINT, 1, flags);
  props[PROP_CLIP_SKIP] = g_param_spec_int ("clip-skip", NULL, NULL, G_MININT, G_MAXINT, 1, flags);
  props[PROP_REGION_MODE] = g_param_spec_string ("region-mode", NULL, NULL, "area", flags);
  props[PROP_BACKGROUND_REST] = g_param_spec_boolean ("background-rest", NULL, NULL, FALSE, flags);
  props[PROP_REGIONS] = g_param_spec_boxed ("regions", NULL, NULL, G_TYPE_PTR_ARRAY, flags);
  props[PROP_LORAS] = g_param_spec_boxed ("loras", NULL, NULL, G_TYPE_PTR_ARRAY, flags);
  props[PROP_MERGE_LORA] = g_param_spec_boolean ("merge-lora", NULL, NULL, FALSE, flags);
  props[PROP_BEFORE_AFTER] = g_param_spec_boolean ("before-after", NULL, NULL, FALSE, flags);
  g_object_class_install_properties (object_class, N_PROPS, props);
}

static void
gv_recipe_init (GvRecipe *self)
{
  self->model = g_strdup ("");
  self->prompt = g_strdup ("");
  self->negative = g_strdup ("");
  self->prompt_original = g_strdup ("");
  self->sampler = g_strdup ("euler");
  self->schedule = g_strdup ("normal");
  self->steps = 20;
  self->cfg = GV_RECIPE_CFG_DEFAULT;
  self->count = 1;
  self->clip_skip = 1;
  self->region_mode = g_strdup ("area");
  self->regions = gv_recipe_new_region_list ();
  self->loras = gv_recipe_new_lora_list ();
}

GvRecipe *
gv_recipe_new (void)
{
  return g_object_new (GV_TYPE_RECIPE, NULL);
}

GvRecipe *
gv_recipe_copy (GvRecipe *self)
{
  GvRecipe *copy = gv_recipe_new ();

  g_return_val_if_fail (GV_IS_RECIPE (self), copy);
  g_set_str (&copy->model, self->model);
  g_set_str (&copy->prompt, self->prompt);
  g_set_str (&copy->negative, self->negative);
  g_set_str (&copy->prompt_original, self->prompt_original);
  g_set_str (&copy->sampler, self->sampler);
  g_set_str (&copy->schedule, self->schedule);
  g_set_str (&copy->region_mode, self->region_mode);
  copy->background_rest = self->background_rest;
  set_regions (copy, self->regions);
  set_loras (copy, self->loras);
  copy->merge_lora = self->merge_lora;
  copy->before_after = self->before_after;
  copy->width = self->width;
  copy->height = self->height;
  copy->steps = self->steps;
  copy->cfg = self->cfg;
  copy->seed = self->seed;
  copy->count = self->count;
  copy->clip_skip = self->clip_skip;
  return copy;
}

const char *
gv_recipe_get_model (GvRecipe *self)
{
  return self->model;
}

const char *
gv_recipe_get_prompt (GvRecipe *self)
{
  return self->prompt;
}

const char *
gv_recipe_get_negative (GvRecipe *self)
{
  return self->negative;
}

const char *
gv_recipe_get_prompt_original (GvRecipe *self)
{
  return self->prompt_original;
}

int
gv_recipe_get_width (GvRecipe *self)
{
  return self->width;
}

int
gv_recipe_get_height (GvRecipe *self)
{
  return self->height;
}

int
gv_recipe_get_steps (GvRecipe *self)
{
  return self->steps;
}

bool
gv_recipe_has_cfg (GvRecipe *self)
{
  return self->cfg != GV_RECIPE_CFG_DEFAULT;
}

double
gv_recipe_get_cfg (GvRecipe *self)
{
  return self->cfg;
}

const char *
gv_recipe_get_sampler (GvRecipe *self)
{
  return self->sampler;
}

const char *
gv_recipe_get_schedule (GvRecipe *self)
{
  return self->schedule;
}

guint64
gv_recipe_get_seed (GvRecipe *self)
{
  return self->seed;
}

int
gv_recipe_get_count (GvRecipe *self)
{
  return self->count;
}

int
gv_recipe_get_clip_skip (GvRecipe *self)
{
  return self->clip_skip;
}

const char *
gv_recipe_get_region_mode (GvRecipe *self)
{
  return self->region_mode;
}

bool
gv_recipe_get_background_rest (GvRecipe *self)
{
  return self->background_rest;
}

GPtrArray *
gv_recipe_get_regions (GvRecipe *self)
{
  return self->regions;
}

GPtrArray *
gv_recipe_get_loras (GvRecipe *self)
{
  return self->loras;
}

bool
gv_recipe_get_merge_lora (GvRecipe *self)
{
  return self->merge_lora;
}

bool
gv_recipe_get_before_after (GvRecipe *self)
{
  return self->before_after;
}

GPtrArray *
gv_recipe_new_lora_list (void)
{
  return g_ptr_array_new_with_free_func ((GDestroyNotify) gv_lora_use_free);
}

GPtrArray *
gv_recipe_new_region_list (void)
{
  return g_ptr_array_new_with_free_func ((GDestroyNotify) gv_region_free);
}

const char *
gv_recipe_get_sampler_label (GvRecipe *self)
{
  const GvRecipeChoice *choice = find_choice (samplers, self->sampler);

  return choice ? choice->label : NULL;
}

const char *
gv_recipe_get_schedule_label (GvRecipe *self)
{
  const GvRecipeChoice *choice = find_choice (schedules, self->schedule);

  return choice ? choice->label : NULL;
}

const GvRecipeChoice *
gv_recipe_list_samplers (void)
{
  return samplers;
}

const GvRecipeChoice *
gv_recipe_list_schedules (void)
{
  return schedules;
}

const GvRecipeChoice *
gv_recipe_list_region_modes (void)
{
  return region_modes;
}

/* Limits */

bool
gv_recipe_check_prompt (const char *option, const char *text, GError **error)
{
  if (strlen (text) > GV_RECIPE_MAX_PROMPT_BYTES) {
    g_set_error (error, GV_RECIPE_ERROR, GV_RECIPE_ERROR_VALUE,
                 _("%s: the text has %zu bytes, but %d are the most"), option, strlen (text),
                   GV_RECIPE_MAX_PROMPT_BYTES);
    return false;
  }
  if (g_utf8_validate (text, -1, NULL))
    return true;
  g_set_error (error, GV_RECIPE_ERROR, GV_RECIPE_ERROR_VALUE,
               _("%s: the text is not valid UTF-8"), option);
  return false;
}

static bool
check_range (const char *option, int value, int min, int max, GError **error)
{
  if (value >= min && value <= max)
    return true;
  g_set_error (error, GV_RECIPE_ERROR, GV_RECIPE_ERROR_VALUE,
               _("%s: %d is not a whole number from %d to %d"), option, value, min, max);
  return false;
}

static bool
check_size (const char *option, int value, GError **error)
{
  if (value == 0)
    return true;
  if (!check_range (option, value, GV_RECIPE_MIN_SIZE, GV_RECIPE_MAX_SIZE, error))
    return false;
  if (value % 8 == 0)
    return true;
  g_set_error (error, GV_RECIPE_ERROR, GV_RECIPE_ERROR_VALUE,
               _("%s: %d is not a multiple of 8"), option, value);
  return false;
}

static bool
check_choice (const char *option, const GvRecipeChoice *choices, const char *name, GError **error)
{
  const GvRecipeChoice *choice = find_choice (choices, name);
  g_autofree char *shown = gv_dup_shown (name);
  g_autoptr (GString) known = g_string_new (NULL);

  if (choice && choice->ready)
    return true;
  if (choice) {
    g_set_error (error, GV_RECIPE_ERROR, GV_RECIPE_ERROR_NOT_YET,
                 _("%s: %s is not in this version yet"), option, shown);
    return false;
  }
  for (const GvRecipeChoice *c = choices; c->name; c++)
    if (c->ready)
      g_string_append_printf (known, "%s%s", known->len > 0 ? ", " : "", c->name);
  g_set_error (error, GV_RECIPE_ERROR, GV_RECIPE_ERROR_VALUE,
               _("%s: “%s” is none of %s"), option, shown, known->str);
  return false;
}

static bool
check_cfg (double cfg, GError **error)
{
  if (isfinite (cfg))
    return true;
  g_set_error (error, GV_RECIPE_ERROR, GV_RECIPE_ERROR_VALUE,
               _("%s: not a finite number"), "--cfg");
  return false;
}

static bool
check_model (const char *model, GError **error)
{
  if (g_utf8_validate (model, -1, NULL))
    return true;
  g_set_error (error, GV_RECIPE_ERROR, GV_RECIPE_ERROR_VALUE,
               _("%s: the path is not valid UTF-8"), "--model");
  return false;
}

static bool
check_regions (GvRecipe *self, GError **error)
{
  if (self->regions->len > GV_RECIPE_MAX_REGIONS) {
    g_set_error (error, GV_RECIPE_ERROR, GV_RECIPE_ERROR_VALUE,
                 _("--region: %u regions are more than %d"), self->regions->len,
                   GV_RECIPE_MAX_REGIONS);
    return false;
  }
  for (guint i = 0; i < self->regions->len; i++)
    if (!gv_region_validate (self->regions->pdata[i], (int) i + 1, self->width, self->height,
                             error))
      return false;
  return check_choice ("--region-mode", region_modes, self->region_mode, error);
}

static bool
check_loras (GvRecipe *self, GError **error)
{
  if (self->loras->len > GV_RECIPE_MAX_LORAS) {
    g_set_error (error, GV_RECIPE_ERROR, GV_RECIPE_ERROR_VALUE,
                 _("--lora: %u LoRAs are more than %d"), self->loras->len, GV_RECIPE_MAX_LORAS);
    return false;
  }
  for (guint i = 0; i < self->loras->len; i++)
    if (!gv_lora_use_validate (self->loras->pdata[i], (int) i + 1, error))
      return false;
  if (!self->before_after || self->loras->len > 0)
    return true;
  g_set_error (error, GV_RECIPE_ERROR, GV_RECIPE_ERROR_VALUE,
               _("--before-after: there is no LoRA to compare with"));
  return false;
}

bool
gv_recipe_validate (GvRecipe *self, GError **error)
{
  g_return_val_if_fail (GV_IS_RECIPE (self), false);

  return check_model (self->model, error) &&
         gv_recipe_check_prompt ("--prompt", self->prompt, error) &&
         gv_recipe_check_prompt ("--negative", self->negative, error) &&
         gv_recipe_check_prompt ("prompt-original", self->prompt_original, error) &&
         check_size ("--width", self->width, error) &&
         check_size ("--height", self->height, error) &&
         check_range ("--steps", self->steps, 1, GV_RECIPE_MAX_STEPS, error) &&
         check_cfg (self->cfg, error) &&
         check_choice ("--sampler", samplers, self->sampler, error) &&
         check_choice ("--schedule", schedules, self->schedule, error) &&
         check_range ("--count", self->count, 1, GV_RECIPE_MAX_COUNT, error) &&
         check_range ("--clip-skip", self->clip_skip, 1, GV_RECIPE_MAX_CLIP_SKIP, error) &&
         check_regions (self, error) && check_loras (self, error);
}

/* JSON */

static void
put_text (yyjson_mut_doc *doc, const char *key, const char *value)
{
  yyjson_mut_obj_add_str (doc, yyjson_mut_doc_get_root (doc), key, value);
}

static void
put_int (yyjson_mut_doc *doc, const char *key, int value)
{
  yyjson_mut_obj_add_int (doc, yyjson_mut_doc_get_root (doc), key, value);
}

/* A whole number is written as one: 7, not 7.0. */
static void
put_real (yyjson_mut_doc *doc, const char *key, double value)
{
  yyjson_mut_obj_add_val (doc, yyjson_mut_doc_get_root (doc), key, gv_json_new_real (doc, value));
}

static void
put_regions (yyjson_mut_doc *doc, GvRecipe *self)
{
  if (self->regions->len == 0 && !self->background_rest && strcmp (self->region_mode, "area") == 0)
    return;
  put_text (doc, "region_mode", self->region_mode);
  if (self->background_rest)
    yyjson_mut_obj_add_bool (doc, yyjson_mut_doc_get_root (doc), "background_rest", true);
  yyjson_mut_obj_add_val (doc, yyjson_mut_doc_get_root (doc), "regions",
                          gv_regions_to_json (self->regions, doc));
}

static void
put_loras (yyjson_mut_doc *doc, GvRecipe *self)
{
  yyjson_mut_val *root = yyjson_mut_doc_get_root (doc);

  if (self->loras->len > 0)
    yyjson_mut_obj_add_val (doc, root, "loras", gv_loras_to_json (self->loras, doc));
  if (self->merge_lora && self->loras->len > 0)
    yyjson_mut_obj_add_bool (doc, root, "merge_lora", true);
  if (self->before_after)
    yyjson_mut_obj_add_bool (doc, root, "before_after", true);
}

char *
gv_recipe_to_json (GvRecipe *self)
{
  yyjson_mut_doc *doc;
  char *json;

  g_return_val_if_fail (gv_recipe_validate (self, NULL), NULL);

  doc = yyjson_mut_doc_new (NULL);
  yyjson_mut_doc_set_root (doc, yyjson_mut_obj (doc));
  put_text (doc, "giverny", GV_VERSION);
  put_text (doc, "model", *self->model ? self->model : GV_RECIPE_STARTER);
  put_text (doc, "prompt", self->prompt);
  put_text (doc, "negative", self->negative);
  if (*self->prompt_original)
    put_text (doc, "prompt_original", self->prompt_original);
  if (self->width)
    put_int (doc, "width", self->width);
  if (self->height)
    put_int (doc, "height", self->height);
  put_int (doc, "steps", self->steps);
  if (gv_recipe_has_cfg (self))
    put_real (doc, "cfg", self->cfg);
  put_text (doc, "sampler", self->sampler);
  put_text (doc, "schedule", self->schedule);
  yyjson_mut_obj_add_uint (doc, yyjson_mut_doc_get_root (doc), "seed", self->seed);
  put_int (doc, "count", self->count);
  put_int (doc, "clip_skip", self->clip_skip);
  put_regions (doc, self);
  put_loras (doc, self);
  json = yyjson_mut_write (doc, YYJSON_WRITE_NOFLAG, NULL);
  g_assert (json);
  yyjson_mut_doc_free (doc);
  return json; /* from malloc(), which is what g_free() frees */
}

static bool
read_text (const GvJsonNode *node, const char *key, char **field, GError **error)
{
  const char *value = *field;

  if (!gv_json_get_string (node, key, &value, error))
    return false;
  g_set_str (field, value);
  return true;
}

static bool
read_seed (const GvJsonNode *node, guint64 *seed, GError **error)
{
  yyjson_val *value = yyjson_obj_get (node->value, "seed");

  if (!value || yyjson_is_null (value))
    return true;
  if (!yyjson_is_uint (value))
    return gv_json_fail (node, "seed", _("a whole number from 0 to 18446744073709551615"), error);
  *seed = yyjson_get_uint (value);
  return true;
}

static bool
read_regions (GvRecipe *self, const GvJsonNode *node, GError **error)
{
  g_autoptr (GPtrArray) regions = gv_regions_from_json (node, "regions", error);

  if (regions)
    set_regions (self, regions);
  return regions != NULL;
}

static bool
read_loras (GvRecipe *self, const GvJsonNode *node, GError **error)
{
  g_autoptr (GPtrArray) loras = gv_loras_from_json (node, "loras", error);

  if (loras)
    set_loras (self, loras);
  return loras && gv_json_get_bool (node, "merge_lora", &self->merge_lora, error) &&
         gv_json_get_bool (node, "before_after", &self->before_after, error);
}

/* Ranges are looked at afterwards, by gv_recipe_validate(). */
static bool
read_fields (GvRecipe *self, const GvJsonNode *node, GError **error)
{
  return read_text (node, "model", &self->model, error) &&
         read_text (node, "prompt", &self->prompt, error) &&
         read_text (node, "negative", &self->negative, error) &&
         read_text (node, "prompt_original", &self->prompt_original, error) &&
         gv_json_get_int (node, "width", 0, G_MAXINT, &self->width, error) &&
         gv_json_get_int (node, "height", 0, G_MAXINT, &self->height, error) &&
         gv_json_get_int (node, "steps", 1, GV_RECIPE_MAX_STEPS, &self->steps, error) &&
         gv_json_get_double (node, "cfg", &self->cfg, error) &&
         read_text (node, "sampler", &self->sampler, error) &&
         read_text (node, "schedule", &self->schedule, error) &&
         read_seed (node, &self->seed, error) &&
         gv_json_get_int (node, "count", 1, GV_RECIPE_MAX_COUNT, &self->count, error) &&
         gv_json_get_int (node, "clip_skip", 1, GV_RECIPE_MAX_CLIP_SKIP, &self->clip_skip, error) &&
         read_text (node, "region_mode", &self->region_mode, error) &&
         gv_json_get_bool (node, "background_rest", &self->background_rest, error) &&
         read_regions (self, node, error) && read_loras (self, node, error);
}

GvRecipe *
gv_recipe_from_json (const char *name, const char *json, gssize length, GError **error)
{
  g_autoptr (GvRecipe) self = gv_recipe_new ();
  g_autoptr (GvJson) document = NULL;
  g_autoptr (GError) invalid = NULL;
  g_autofree char *shown = gv_dup_shown (name);
  size_t size = length < 0 ? strlen (json) : (size_t) length;
  GvJsonNode root;

  document = gv_json_new_from_bytes (name, json, size, GV_JSON_UNIQUE_KEYS, error);
  if (!document || !gv_json_root_object (document, &root, error) ||
      !gv_json_require (&root, "giverny", error) || !read_fields (self, &root, error))
    return NULL;
  if (strcmp (self->model, GV_RECIPE_STARTER) == 0)
    g_set_str (&self->model, "");
  if (!gv_recipe_validate (self, &invalid)) {
    bool later = g_error_matches (invalid, GV_RECIPE_ERROR, GV_RECIPE_ERROR_NOT_YET);

    g_set_error (error, GV_FORMAT_ERROR,
                 later ? GV_FORMAT_ERROR_UNSUPPORTED : GV_FORMAT_ERROR_INVALID, "%s: %s", shown,
                 invalid->message);
    return NULL;
  }
  return g_steal_pointer (&self);
}
