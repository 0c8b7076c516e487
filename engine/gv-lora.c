// SPDX-FileCopyrightText: Giverny contributors
// SPDX-License-Identifier: GPL-3.0-or-later
/* What a LoRA file tells about itself, by its tensors and by what its training program wrote. */
#include "gv-lora.h"

#include "base/i18n.h"
#include "formats/json.h"
#include "gv-model.h"
#include "weights/describe.h"
#include "weights/lora.h"

#include <string.h>

#define MAX_TRIGGER_WORDS 8
#define MAX_METADATA_BYTES ((size_t) 4 << 20)
#define MAX_PREVIEW_BYTES ((size_t) 8 << 20)

void
gv_lora_info_free (GvLoraInfo *self)
{
  g_free (self->path);
  g_free (self->name);
  g_free (self->names);
  g_free (self->kinds);
  g_free (self->base);
  g_free (self->trained_on);
  g_free (self->first_unknown);
  g_strfreev (self->trigger_words);
  g_clear_pointer (&self->preview, g_bytes_unref);
  g_free (self->preview_path);
  g_free (self);
}

/* Layers */

static void
count_layer (GvLoraInfo *self, const GvLoraModule *module)
{
  double alpha = module->tensors[GV_LORA_ALPHA] ? module->scale * (double) module->rank : 0;
  int rank = (int) MIN (module->rank, G_MAXINT);

  if (module->target == GV_LORA_UNET)
    self->n_unet++;
  else if (module->target == GV_LORA_TEXT || module->target == GV_LORA_TEXT_2 ||
           module->target == GV_LORA_TEXT_3)
    self->n_text++;
  else
    self->n_other++;
  if (rank > 0) {
    self->min_rank = self->min_rank ? MIN (self->min_rank, rank) : rank;
    self->max_rank = MAX (self->max_rank, rank);
  }
  if (alpha > 0) {
    self->min_alpha = self->min_alpha > 0 ? MIN (self->min_alpha, alpha) : alpha;
    self->max_alpha = MAX (self->max_alpha, alpha);
  }
}

/* The kinds' labels, those of most layers first. */
static char *
list_kinds (const GvLora *lora)
{
  const char *labels[16];
  int counts[16] = { 0 }, n = 0;
  GString *out = g_string_new (NULL);

  for (guint i = 0; i < lora->modules->len; i++) {
    const char *label = gv_lora_kind_label (lora->modules->pdata[i]);
    int k = 0;

    while (k < n && labels[k] != label)
      k++;
    if (k == n)
      labels[n++] = label;
    counts[k]++;
  }
  for (int done = 0; done < n; done++) {
    int most = 0;

    for (int k = 1; k < n; k++)
      if (counts[k] > counts[most])
        most = k;
    g_string_append_printf (out, "%s%s", out->len ? ", " : "", labels[most]);
    counts[most] = -1;
  }
  return g_string_free_and_steal (out);
}

/* Metadata */

static const char *
get_text (const GvLora *lora, const char *key)
{
  const char *text = gv_safetensors_get_metadata (lora->file, key);

  return text && *text && strcmp (text, "None") != 0 && strcmp (text, "null") != 0 ? text : NULL;
}

typedef struct
{
  const char *tag;
  int64_t count;
} Tag;

static int
by_count (const void *a, const void *b)
{
  const Tag *x = a, *y = b;

  if (x->count != y->count)
    return x->count < y->count ? 1 : -1;
  return strcmp (x->tag, y->tag);
}

/* Adds "{ folder: { tag: count } }" of kohya's ss_tag_frequency. */
static void
collect_tags (yyjson_val *root, GArray *tags)
{
  size_t i, j, n_folders, n_tags;
  yyjson_val *folder, *counts, *tag, *count;

  yyjson_obj_foreach (root, i, n_folders, folder, counts)
  {
    yyjson_obj_foreach (counts, j, n_tags, tag, count)
    {
      Tag t = { yyjson_get_str (tag), yyjson_get_sint (count) };

      if (t.count > 0 && *t.tag)
        g_array_append_val (tags, t);
    }
  }
}

/* Words that nearly every training picture had: those that bring the style about. */
static void
add_frequent_tags (const char *text, GStrvBuilder *out)
{
  g_autoptr (GvJson) json = NULL;
  g_autoptr (GArray) tags = g_array_new (FALSE, FALSE, sizeof (Tag));
  GvJsonNode root;

  if (strlen (text) <= MAX_METADATA_BYTES)
    json = gv_json_new_from_bytes ("ss_tag_frequency", text, strlen (text), GV_JSON_PLAIN, NULL);
  if (!json || !gv_json_root_object (json, &root, NULL))
    return;
  collect_tags (root.value, tags);
  if (tags->len == 0)
    return;
  qsort (tags->data, tags->len, sizeof (Tag), by_count);
  for (guint i = 0; i < MIN (tags->len, MAX_TRIGGER_WORDS); i++) {
    const Tag *t = &g_array_index (tags, Tag, i);

    if (t->count >= g_array_index (tags, Tag, 0).count / 2) {
      g_autofree char *word = g_strstrip (g_strdup (t->tag));

      g_strv_builder_add (out, word);
    }
  }
}

static char **
list_trigger_words (const GvLora *lora)
{
  g_autoptr (GStrvBuilder) out = g_strv_builder_new ();
  const char *phrase = get_text (lora, "modelspec.trigger_phrase");
  const char *tags = get_text (lora, "ss_tag_frequency");
  g_auto (GStrv) words = g_strsplit (phrase ? phrase : "", ",", MAX_TRIGGER_WORDS);

  for (char **word = words; *word; word++)
    if (*g_strstrip (*word))
      g_strv_builder_add (out, *word);
  if (!phrase && tags)
    add_frequent_tags (tags, out);
  return g_strv_builder_end (out);
}

/* "data:image/jpeg;base64,…", as the model specification's thumbnails are. */
static GBytes *
read_thumbnail (const char *text)
{
  const char *comma = strchr (text, ',');
  gsize size = 0;
  guchar *data;

  if (!g_str_has_prefix (text, "data:image/") || !comma || strlen (comma) > MAX_PREVIEW_BYTES)
    return NULL;
  data = g_base64_decode (comma + 1, &size);
  if (size > 0)
    return g_bytes_new_take (data, size);
  g_free (data);
  return NULL;
}

/* Names that other programs keep previews under. */
static char *
find_preview (const char *path)
{
  static const char *const ends[] = { ".preview.png", ".png", ".preview.jpg", ".jpg" };
  g_autofree char *stem = g_strdup (path);

  if (g_str_has_suffix (stem, ".safetensors"))
    stem[strlen (stem) - strlen (".safetensors")] = '\0';
  for (size_t i = 0; i < G_N_ELEMENTS (ends); i++) {
    char *file = g_strconcat (stem, ends[i], NULL);

    if (g_file_test (file, G_FILE_TEST_IS_REGULAR))
      return file;
    g_free (file);
  }
  return NULL;
}

static char *
get_name (const GvLora *lora, const char *path)
{
  const char *title = get_text (lora, "modelspec.title");
  char *name;

  if (title)
    return g_strdup (title);
  name = g_path_get_basename (path);
  if (g_str_has_suffix (name, ".safetensors"))
    name[strlen (name) - strlen (".safetensors")] = '\0';
  return name;
}

static void
fill_from_metadata (GvLoraInfo *self, const GvLora *lora)
{
  const char *thumbnail = get_text (lora, "modelspec.thumbnail");
  const char *trained_on = get_text (lora, "ss_sd_model_name");

  self->name = get_name (lora, self->path);
  self->trigger_words = list_trigger_words (lora);
  self->trained_on = g_strdup (trained_on);
  self->preview = thumbnail ? read_thumbnail (thumbnail) : NULL;
  self->preview_path = find_preview (self->path);
}

GvLoraInfo *
gv_lora_info_new (const char *path, GError **error)
{
  g_autoptr (GvLora) lora = gv_lora_open (path, error);
  GvLoraInfo *self;

  if (!lora)
    return NULL;
  self = g_new0 (GvLoraInfo, 1);
  self->path = g_strdup (path);
  self->names = g_strdup (gv_lora_names_label (lora->names));
  self->kinds = list_kinds (lora);
  self->base = g_strdup (gv_lora_base_label (lora->base));
  self->usable = lora->base == GV_LORA_FOR_SD1 || lora->base == GV_LORA_FOR_UNKNOWN;
  self->n_tensors = (int) gv_safetensors_get_n (lora->file);
  self->n_embeddings = (int) lora->embeddings->len;
  self->n_unknown = (int) lora->unknown->len;
  self->first_unknown = g_strdup (lora->unknown->len ? lora->unknown->pdata[0] : NULL);
  for (guint i = 0; i < lora->modules->len; i++)
    count_layer (self, lora->modules->pdata[i]);
  fill_from_metadata (self, lora);
  return self;
}

static void
describe_numbers (const GvLoraInfo *self, GString *out)
{
  if (self->min_rank > 0 && self->min_rank == self->max_rank)
    gv_describe_line (out, _("rank"), "%d", self->max_rank);
  else if (self->min_rank > 0)
    gv_describe_line (out, _("rank"), "%d…%d", self->min_rank, self->max_rank);
  if (self->max_alpha <= 0)
    gv_describe_line (out, "alpha", "%s", _("none (the rank stands in for it)"));
  else if (self->min_alpha == self->max_alpha)
    gv_describe_line (out, "alpha", "%g", self->max_alpha);
  else
    gv_describe_line (out, "alpha", "%g…%g", self->min_alpha, self->max_alpha);
}

static void
describe_keys (const GvLoraInfo *self, GString *out)
{
  gv_describe_line (out, _("changes"),
                           _("%d weights of the U-Net, %d of the text encoder, %d others"),
                             self->n_unet, self->n_text, self->n_other);
  gv_describe_line (out, _("keys"), _("%d, of layers %d, of embeddings %d, unknown %d"),
                                      self->n_tensors,
                                      self->n_tensors - self->n_embeddings - self->n_unknown,
                                      self->n_embeddings, self->n_unknown);
  if (self->first_unknown)
    gv_describe_line (out, _("first unknown key"), "%s", self->first_unknown);
}

void
gv_lora_info_describe (const GvLoraInfo *self, GString *out)
{
  g_autofree char *words = g_strjoinv (", ", self->trigger_words);

  gv_describe_line (out, _("kind"), "%s", "LoRA");
  gv_describe_line (out, _("names"), "%s", self->names);
  gv_describe_line (out, _("family"), "%s", self->kinds);
  gv_describe_line (out, _("base"), "%s", self->base ? self->base : _("unknown"));
  describe_numbers (self, out);
  describe_keys (self, out);
  if (*words)
    gv_describe_line (out, _("trigger words"), "%s", words);
  if (self->preview || self->preview_path)
    gv_describe_line (out, _("preview"), "%s",
                             self->preview_path ? self->preview_path : _("in the file"));
}

/* Against a model */

GvLoraKeys *
gv_lora_keys_new (const char *path, const char *model, GError **error)
{
  g_autofree char *model_path = model && *model ? g_strdup (model) : gv_model_starter_path ();
  g_autoptr (GvModelFiles) files = gv_model_files_open (model_path, error);
  g_autoptr (GvLora) lora = files ? gv_lora_open (path, error) : NULL;
  g_autoptr (GvLoraIndex) index = lora ? gv_lora_index_new (files) : NULL;
  g_autoptr (GPtrArray) fittings = NULL;
  GvLoraReport report;
  GvLoraKeys *self;

  if (!index)
    return NULL;
  fittings = gv_lora_fit (lora, index, &report, error);
  if (!fittings)
    return NULL;
  self = g_new0 (GvLoraKeys, 1);
  *self = (GvLoraKeys) {
    .n_tensors = report.n_tensors,
    .n_used = report.n_used,
    .n_mapped = report.n_mapped,
    .n_not_there = report.n_not_there,
    .n_unsupported = report.n_unsupported,
    .n_embeddings = report.n_embeddings,
    .n_unknown = report.n_unknown,
    .first_skipped = g_strdup (report.first_skipped),
  };
  return self;
}

void
gv_lora_keys_free (GvLoraKeys *self)
{
  g_free (self->first_skipped);
  g_free (self);
}
