// SPDX-FileCopyrightText: Giverny contributors
// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * A1111's settings to a recipe.  Its names for samplers changed over the years: "DPM++ 2M Karras"
 * was one name, then sampler and schedule came apart, and "Automatic" chooses the schedule by the
 * sampler.  Whatever our recipe has no place for is listed.
 */
#include "gv-import-private.h"

#include "base/errors.h"
#include "base/i18n.h"
#include "formats/file.h"
#include "formats/infotext-read.h"

#include <math.h>
#include <string.h>

typedef struct
{
  GvImport *import;
  GStrvBuilder *unmatched; /* (owned) */
  GHashTable *hashes;      /* (owned): of LoRAs, by name */
  bool schedule_known;     /* the sampler's name or a setting said it */
  bool cpu_noise;
  const char *noise; /* (nullable): what the text says about it */
} Reader;

static void G_GNUC_PRINTF (2, 3) leave (Reader *r, const char *format, ...)
{
  g_autofree char *sentence = NULL, *shown = NULL;
  va_list args;

  va_start (args, format);
  sentence = g_strdup_vprintf (format, args);
  va_end (args);
  shown = gv_dup_shown (sentence);
  g_strv_builder_add (r->unmatched, shown);
}

static void
leave_pair (Reader *r, const GvInfotextPair *pair)
{
  leave (r, "%s: %s", pair->key, pair->value);
}

/* Names */

/* Other names of samplers than their labels and ours, without regard to case. */
static const struct
{
  const char *label, *name;
} sampler_aliases[] = {
  { "k_euler", "euler" },
  { "k_euler_a", "euler_a" },
  { "Euler Ancestral", "euler_a" },
  { "euler_ancestral", "euler_a" },
  { "k_heun", "heun" },
  { "k_dpm_2", "dpm_2" },
  { "k_dpm_2_a", "dpm_2_a" },
  { "dpm_2_ancestral", "dpm_2_a" },
  { "k_dpmpp_2m", "dpmpp_2m" },
  { "DPM++ 2Mv1", "dpmpp_2m" },
  { "uni_pc_bh2", "uni_pc" },
};

static const struct
{
  const char *label, *name;
} schedule_aliases[] = {
  { "Uniform", "normal" },
  { "SGMUniform", "sgm_uniform" },
  { "DDIM Uniform", "ddim_uniform" },
};

/* What "Automatic" means, and a text that says nothing. */
static const struct
{
  const char *sampler, *schedule;
} automatic[] = {
  { "dpmpp_2m", "karras" }, { "dpmpp_sde", "karras" },         { "dpm_2", "karras" },
  { "dpm_2_a", "karras" },  { "dpmpp_2m_sde", "exponential" }, { "dpmpp_3m_sde", "exponential" },
};

static const GvRecipeChoice *
find_choice (const GvRecipeChoice *choices, const char *name)
{
  for (const GvRecipeChoice *c = choices; c->name; c++)
    if (g_ascii_strcasecmp (c->label, name) == 0 || g_ascii_strcasecmp (c->name, name) == 0)
      return c;
  return NULL;
}

static const GvRecipeChoice *
find_sampler (const char *name)
{
  for (size_t i = 0; i < G_N_ELEMENTS (sampler_aliases); i++)
    if (g_ascii_strcasecmp (sampler_aliases[i].label, name) == 0)
      name = sampler_aliases[i].name;
  return find_choice (gv_recipe_list_samplers (), name);
}

static const GvRecipeChoice *
find_schedule (const char *name)
{
  for (size_t i = 0; i < G_N_ELEMENTS (schedule_aliases); i++)
    if (g_ascii_strcasecmp (schedule_aliases[i].label, name) == 0)
      name = schedule_aliases[i].name;
  return find_choice (gv_recipe_list_schedules (), name);
}

/* A sampler whose name ends with a schedule's, "DPM++ 2M SDE Karras". */
static const GvRecipeChoice *
split_sampler (const char *value, const GvRecipeChoice **schedule)
{
  for (const GvRecipeChoice *c = gv_recipe_list_schedules (); c->name; c++) {
    size_t len = strlen (value), tail = strlen (c->label);
    g_autofree char *head = NULL;

    if (len <= tail + 1 || value[len - tail - 1] != ' ' ||
        g_ascii_strcasecmp (value + len - tail, c->label) != 0)
      continue;
    head = g_strndup (value, len - tail - 1);
    *schedule = c;
    return find_sampler (head);
  }
  return NULL;
}

static bool
take_choice (Reader *r, const char *property, const GvRecipeChoice *choice)
{
  if (choice && choice->ready)
    g_object_set (r->import->recipe, property, choice->name, NULL);
  return choice && choice->ready;
}

static bool
take_schedule (Reader *r, const char *value)
{
  if (g_ascii_strcasecmp (value, "Automatic") == 0)
    return true;
  r->schedule_known = true;
  return take_choice (r, "schedule", find_schedule (value));
}

static bool
take_sampler (Reader *r, const char *value)
{
  const GvRecipeChoice *schedule = NULL;
  const GvRecipeChoice *sampler = find_sampler (value);

  if (!sampler)
    sampler = split_sampler (value, &schedule);
  if (schedule && !r->schedule_known) {
    r->schedule_known = true;
    if (!take_choice (r, "schedule", schedule))
      leave (r, "Schedule type: %s", schedule->label);
  }
  return take_choice (r, "sampler", sampler);
}

static void
choose_schedule (Reader *r)
{
  const char *sampler = gv_recipe_get_sampler (r->import->recipe);

  for (size_t i = 0; i < G_N_ELEMENTS (automatic) && !r->schedule_known; i++)
    if (strcmp (automatic[i].sampler, sampler) == 0)
      g_object_set (r->import->recipe, "schedule", automatic[i].schedule, NULL);
}

/* Numbers */

static bool
take_int (Reader *r, const char *property, const char *value, int min, int max)
{
  gint64 number;

  if (!g_ascii_string_to_signed (value, 10, min, max, &number, NULL))
    return false;
  g_object_set (r->import->recipe, property, (int) number, NULL);
  return true;
}

static bool
take_steps (Reader *r, const char *value)
{
  return take_int (r, "steps", value, 1, GV_RECIPE_MAX_STEPS);
}

static bool
take_clip_skip (Reader *r, const char *value)
{
  return take_int (r, "clip-skip", value, 1, GV_RECIPE_MAX_CLIP_SKIP);
}

static bool
take_seed (Reader *r, const char *value)
{
  guint64 seed;

  if (!g_ascii_string_to_unsigned (value, 10, 0, G_MAXUINT64, &seed, NULL))
    return false;
  g_object_set (r->import->recipe, "seed", seed, NULL);
  return true;
}

static bool
parse_real (const char *value, double *number)
{
  char *end;

  *number = g_ascii_strtod (value, &end);
  return end != value && !*end && isfinite (*number);
}

static bool
take_cfg (Reader *r, const char *value)
{
  double cfg;

  if (!parse_real (value, &cfg))
    return false;
  g_object_set (r->import->recipe, "cfg", cfg, NULL);
  return true;
}

/* One side, on our grid of 8 pixels. */
static int
side_from (const char *text)
{
  gint64 side;

  if (!g_ascii_string_to_signed (text, 10, GV_RECIPE_MIN_SIZE, GV_RECIPE_MAX_SIZE, &side, NULL))
    return 0;
  return (int) side / 8 * 8;
}

static bool
take_size (Reader *r, const char *value)
{
  g_auto (GStrv) sides = g_strsplit (value, "x", 3);
  g_autofree char *taken = NULL;
  int width, height;

  if (g_strv_length (sides) != 2)
    return false;
  width = side_from (sides[0]);
  height = side_from (sides[1]);
  if (width == 0 || height == 0)
    return false;
  g_object_set (r->import->recipe, "width", width, "height", height, NULL);
  taken = g_strdup_printf ("%dx%d", width, height);
  if (strcmp (taken, value) != 0)
    leave (r, _("Size: %s (the nearest that can be painted is %s)"), value, taken);
  return true;
}

/* Models and LoRAs */

static bool
take_model (Reader *r, const char *value)
{
  if (strcmp (value, "giverny-starter") != 0)
    g_set_str (&r->import->model, value);
  return true;
}

static bool
take_model_hash (Reader *r, const char *value)
{
  g_set_str (&r->import->model_hash, value);
  return true;
}

/* "name: hash, other: hash" */
static bool
take_lora_hashes (Reader *r, const char *value)
{
  g_auto (GStrv) entries = g_strsplit (value, ",", GV_INFOTEXT_MAX_PAIRS);

  for (int i = 0; entries[i]; i++) {
    char *colon = strrchr (entries[i], ':');

    if (!colon)
      continue;
    *colon = '\0';
    g_hash_table_insert (r->hashes, g_strdup (g_strstrip (entries[i])),
                         g_strdup (g_strstrip (colon + 1)));
  }
  return true;
}

static void
lora_free (GvImportLora *self)
{
  g_free (self->name);
  g_free (self->hash);
  g_free (self);
}

/* "name", "name:0.8", "name:0.5:0.8" (text encoder, U-Net), "name:te=0.5:unet=0.8" */
static GvImportLora *
parse_lora (const char *inside)
{
  g_auto (GStrv) words = g_strsplit (inside, ":", 8);
  double text = 1, unet = 1;
  bool has_unet = false;
  int place = 0;
  GvImportLora *lora;

  if (!words[0] || !*words[0])
    return NULL;
  for (int i = 1; words[i]; i++) {
    const char *equals = strchr (words[i], '=');
    double number;

    if (!parse_real (equals ? equals + 1 : words[i], &number))
      return NULL;
    if (g_str_has_prefix (words[i], "te=") || (!equals && place++ == 0)) {
      text = number;
    } else if (g_str_has_prefix (words[i], "unet=") || (!equals && place == 2)) {
      unet = number;
      has_unet = true;
    }
  }
  lora = g_new0 (GvImportLora, 1);
  lora->name = g_strdup (words[0]);
  lora->text_strength = text;
  lora->strength = has_unet ? unet : text;
  return lora;
}

/* Takes "<lora:…>" out of a prompt, with one of the spaces around it. */
static char *
take_loras (Reader *r, const char *prompt)
{
  g_autoptr (GString) out = g_string_new (NULL);

  for (const char *p = prompt; *p;) {
    const char *stop = g_str_has_prefix (p, "<lora:") ? strchr (p, '>') : NULL;
    g_autofree char *inside = stop ? g_strndup (p + 6, (gsize) (stop - p - 6)) : NULL;
    GvImportLora *lora = inside && !strchr (inside, '<') ? parse_lora (inside) : NULL;

    if (!lora) {
      g_string_append_c (out, *p++);
      continue;
    }
    g_ptr_array_add (r->import->loras, lora);
    p = stop + 1;
    if (*p == ' ' && (out->len == 0 || out->str[out->len - 1] == ' '))
      p++;
  }
  return g_strstrip (g_string_free_and_steal (g_steal_pointer (&out)));
}

static void
list_loras (Reader *r)
{
  for (guint i = 0; i < r->import->loras->len; i++) {
    GvImportLora *lora = r->import->loras->pdata[i];

    g_set_str (&lora->hash, g_hash_table_lookup (r->hashes, lora->name));
    leave (r, _("LoRA: %s (strength %g)"), lora->name, lora->strength);
  }
}

/* What is drawn otherwise */

static bool
take_rng (Reader *r, const char *value)
{
  r->noise = value;
  r->cpu_noise = g_ascii_strcasecmp (value, "CPU") == 0;
  return true;
}

/* Known, and without consequence for a picture. */
static bool
take_nothing (Reader *r, const char *value)
{
  return true;
}

/* True for a "[" that is no escaped character: less weight there, plain text here. */
static bool
has_brackets (const char *prompt)
{
  for (const char *p = prompt; *p; p++) {
    if (*p == '\\' && p[1])
      p++;
    else if (*p == '[')
      return true;
  }
  return false;
}

static void
list_differences (Reader *r)
{
  const char *prompt = gv_recipe_get_prompt (r->import->recipe);
  const char *negative = gv_recipe_get_negative (r->import->recipe);

  if (has_brackets (prompt) || has_brackets (negative))
    leave (r, "%s", _("Square brackets in the prompt: they are plain text here"));
  if (!r->cpu_noise)
    leave (r, _("RNG: %s (the noise is drawn otherwise here, so the picture will be another)"),
                r->noise ? r->noise : "GPU");
}

/* Everything */

static const struct
{
  const char *key;
  bool (*take) (Reader *r, const char *value);
} fields[] = {
  { "Schedule type", take_schedule },
  { "Sampler", take_sampler },
  { "Steps", take_steps },
  { "CFG scale", take_cfg },
  { "Seed", take_seed },
  { "Size", take_size },
  { "Clip skip", take_clip_skip },
  { "Model", take_model },
  { "Model hash", take_model_hash },
  { "Lora hashes", take_lora_hashes },
  { "RNG", take_rng },
  { "Version", take_nothing },
};

#define N_FIELDS G_N_ELEMENTS (fields)

/* Takes a pair if it is the first of its key; the order of @fields decides, not the text's. */
static void
take_field (Reader *r, const GvInfotextParts *parts, size_t field, bool *taken)
{
  for (guint i = 0; i < parts->pairs->len; i++) {
    const GvInfotextPair *pair = parts->pairs->pdata[i];

    if (g_ascii_strcasecmp (pair->key, fields[field].key) != 0)
      continue;
    taken[i] = fields[field].take (r, pair->value);
    return;
  }
}

static void
take_pairs (Reader *r, const GvInfotextParts *parts)
{
  g_autofree bool *taken = g_new0 (bool, parts->pairs->len + 1);

  for (size_t i = 0; i < N_FIELDS; i++)
    take_field (r, parts, i, taken);
  for (guint i = 0; i < parts->pairs->len; i++)
    if (!taken[i])
      leave_pair (r, parts->pairs->pdata[i]);
  if (*parts->rest)
    leave (r, "%s", parts->rest);
}

static void
reader_clear (Reader *self)
{
  g_clear_pointer (&self->unmatched, g_strv_builder_unref);
  g_clear_pointer (&self->hashes, g_hash_table_unref);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Reader, reader_clear)

GvImport *
gv_import_infotext (const char *name, const char *text, size_t length, GError **error)
{
  g_autoptr (GvInfotextParts) parts = gv_infotext_read (name, text, length, error);
  g_autoptr (GvImport) self = NULL;
  g_autofree char *prompt = NULL, *shown = gv_dup_shown (name);
  g_auto (Reader) r = { 0 };

  if (!parts)
    return NULL;
  self = g_new0 (GvImport, 1);
  self->recipe = gv_recipe_new ();
  self->format = "A1111";
  self->loras = g_ptr_array_new_with_free_func ((GDestroyNotify) lora_free);
  r.import = self;
  r.unmatched = g_strv_builder_new ();
  r.hashes = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  prompt = take_loras (&r, parts->prompt);
  g_object_set (self->recipe, "prompt", prompt, "negative", parts->negative, NULL);
  take_pairs (&r, parts);
  choose_schedule (&r);
  list_loras (&r);
  list_differences (&r);
  self->unmatched = g_strv_builder_end (r.unmatched);
  if (gv_recipe_validate (self->recipe, error))
    return g_steal_pointer (&self);
  g_prefix_error (error, "%s: ", shown);
  return NULL;
}
