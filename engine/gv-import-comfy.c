// SPDX-FileCopyrightText: Giverny contributors
// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * ComfyUI's workflows to a recipe: from the node that saves the picture back to the sampler, and
 * from there to the model, the size and the conditionings, whose areas become regions.
 */
#include "gv-import-private.h"

#include "base/errors.h"
#include "base/i18n.h"
#include "formats/comfy-conditioning.h"
#include "formats/file.h"

#include <math.h>
#include <string.h>

#define MAX_HOPS 256

typedef struct
{
  const GvComfyGraph *graph;
  const GvComfyNode *sampler;
  GvImport *import;
  GStrvBuilder *unmatched; /* (owned) */
  bool *seen;              /* (owned): of the graph's nodes, the ones whose settings are taken */
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

static bool
is (const GvComfyNode *node, const char *type)
{
  return node && strcmp (gv_comfy_node_get_type (node), type) == 0;
}

static bool
is_sampler (const GvComfyNode *node)
{
  return is (node, "KSampler") || is (node, "KSamplerAdvanced");
}

static bool
is_empty_latent (const GvComfyNode *node)
{
  return is (node, "EmptyLatentImage") || is (node, "EmptySD3LatentImage");
}

static const GvComfyNode *
follow (Reader *r, const GvComfyNode *node, const char *input)
{
  return gv_comfy_node_get_link (r->graph, node, input, NULL);
}

static void
take_node (Reader *r, const GvComfyNode *node)
{
  r->seen[gv_comfy_node_get_index (node)] = true;
}

/* The sampler */

/* What a picture or a latent is made from. */
static const char *const sources[] = { "images",       "image",  "samples", "latent",
                                       "latent_image", "pixels", NULL };

/*
 * Back from @node to the first sampler on the way, the one that starts from an empty latent.
 * Samplers after it refine its picture, which a recipe does not do.
 */
static const GvComfyNode *
find_first_sampler (Reader *r, const GvComfyNode *node)
{
  const GvComfyNode *found = NULL;

  for (int hop = 0; node && hop < MAX_HOPS; hop++) {
    const GvComfyNode *next = NULL;

    if (is_sampler (node))
      found = node;
    for (int i = 0; !next && sources[i]; i++)
      next = follow (r, node, sources[i]);
    node = next;
  }
  return found;
}

static const GvComfyNode *
find_sampler (Reader *r)
{
  const GvComfyNode *any = NULL;

  for (guint i = 0; i < gv_comfy_graph_get_n (r->graph); i++) {
    const GvComfyNode *node = gv_comfy_graph_get (r->graph, i), *found = NULL;

    if (is (node, "SaveImage") || is (node, "PreviewImage"))
      found = find_first_sampler (r, node);
    if (found)
      return found;
    if (!any && is_sampler (node))
      any = node;
  }
  return any;
}

/* Values */

static void
take_int (Reader *r,
          const GvComfyNode *node,
          const char *input,
          const char *property,
          int min,
          int max)
{
  double value;

  if (!gv_comfy_node_get_number (r->graph, node, input, &value) || value < min || value > max ||
      value != rint (value))
    leave (r, _("%s %s: “%s” is not a whole number from %d to %d"), gv_comfy_node_get_type (node),
                gv_comfy_node_get_id (node), input, min, max);
  else
    g_object_set (r->import->recipe, property, (int) value, NULL);
}

/* ComfyUI's names that are not ours. */
static const struct
{
  const char *theirs, *ours;
} sampler_names[] = {
  { "euler_ancestral", "euler_a" },
  { "dpm_2_ancestral", "dpm_2_a" },
};

static void
take_choice (Reader *r, const char *input, const GvRecipeChoice *choices, const char *property)
{
  const char *name = NULL;

  if (!gv_comfy_node_get_text (r->graph, r->sampler, input, &name)) {
    leave (r, _("%s: the sampler does not say it"), input);
    return;
  }
  for (size_t i = 0; i < G_N_ELEMENTS (sampler_names); i++)
    if (strcmp (sampler_names[i].theirs, name) == 0)
      name = sampler_names[i].ours;
  for (; choices->name; choices++)
    if (strcmp (choices->name, name) == 0 && choices->ready) {
      g_object_set (r->import->recipe, property, name, NULL);
      return;
    }
  leave (r, _("%s: “%s” is not in this version"), input, name);
}

static void
take_seed (Reader *r, const char *input)
{
  uint64_t seed;

  if (gv_comfy_node_get_uint64 (r->graph, r->sampler, input, &seed))
    g_object_set (r->import->recipe, "seed", (guint64) seed, NULL);
  else
    leave (r, _("%s: the sampler does not say it"), input);
}

static void
expect_number (Reader *r, const char *input, double expected)
{
  double value = expected;

  if (gv_comfy_node_has (r->sampler, input) &&
      (!gv_comfy_node_get_number (r->graph, r->sampler, input, &value) || value != expected))
    leave (r, "%s: %g", input, value);
}

static void
expect_text (Reader *r, const char *input, const char *expected)
{
  const char *value = expected;

  gv_comfy_node_get_text (r->graph, r->sampler, input, &value);
  if (strcmp (value, expected) != 0)
    leave (r, "%s: %s", input, value);
}

static void
take_sampler (Reader *r)
{
  bool advanced = is (r->sampler, "KSamplerAdvanced");
  double cfg, end = GV_RECIPE_MAX_STEPS;

  take_node (r, r->sampler);
  take_seed (r, advanced ? "noise_seed" : "seed");
  take_int (r, r->sampler, "steps", "steps", 1, GV_RECIPE_MAX_STEPS);
  if (gv_comfy_node_get_number (r->graph, r->sampler, "cfg", &cfg))
    g_object_set (r->import->recipe, "cfg", cfg, NULL);
  else
    leave (r, _("%s: the sampler does not say it"), "cfg");
  take_choice (r, "sampler_name", gv_recipe_list_samplers (), "sampler");
  take_choice (r, "scheduler", gv_recipe_list_schedules (), "schedule");
  expect_number (r, "denoise", 1);
  if (!advanced)
    return;
  expect_number (r, "start_at_step", 0);
  expect_text (r, "add_noise", "enable");
  expect_text (r, "return_with_leftover_noise", "disable");
  if (gv_comfy_node_get_number (r->graph, r->sampler, "end_at_step", &end) &&
      end < gv_recipe_get_steps (r->import->recipe))
    leave (r, "end_at_step: %g", end);
}

/* The model, its LoRAs and its text encoder */

static void
lora_free (GvImportLora *self)
{
  g_free (self->name);
  g_free (self->hash);
  g_free (self);
}

static void
take_lora (Reader *r, const GvComfyNode *node)
{
  const char *name = NULL;
  double strength = 1, text_strength = 0;
  GvImportLora *lora;

  if (!gv_comfy_node_get_text (r->graph, node, "lora_name", &name))
    return;
  gv_comfy_node_get_number (r->graph, node, "strength_model", &strength);
  gv_comfy_node_get_number (r->graph, node, "strength_clip", &text_strength);
  lora = g_new0 (GvImportLora, 1);
  *lora = (GvImportLora) { g_utf8_make_valid (name, -1), strength, text_strength, NULL };
  g_ptr_array_insert (r->import->loras, 0, lora);
  leave (r, _("LoRA: %s, strength %g"), name, strength);
}

static void
take_model (Reader *r)
{
  const GvComfyNode *node = follow (r, r->sampler, "model");
  const char *name = NULL;

  for (int hop = 0; node && hop < MAX_HOPS; hop++) {
    if (is (node, "LoraLoader") || is (node, "LoraLoaderModelOnly")) {
      take_node (r, node);
      take_lora (r, node);
    } else if (is (node, "CheckpointLoaderSimple")) {
      take_node (r, node);
      if (gv_comfy_node_get_text (r->graph, node, "ckpt_name", &name) &&
          strcmp (name, "giverny-starter") != 0) {
        r->import->model = g_strdup (name);
        leave (r, _("model: %s"), name);
      }
      return;
    }
    node = follow (r, node, "model");
  }
  leave (r, _("model: the workflow does not name one that we can load"));
}

static void
take_clip_skip (Reader *r, const GvComfyNode *encoder)
{
  const GvComfyNode *node = follow (r, encoder, "clip");
  double layer;

  for (int hop = 0; node && hop < MAX_HOPS; hop++) {
    if (is (node, "CLIPSetLastLayer")) {
      take_node (r, node);
      if (gv_comfy_node_get_number (r->graph, node, "stop_at_clip_layer", &layer) && layer <= -1 &&
          layer >= -GV_RECIPE_MAX_CLIP_SKIP && layer == rint (layer))
        g_object_set (r->import->recipe, "clip-skip", (int) -layer, NULL);
      else
        leave (r, _("clip skip: it is not a whole number from -1 to -100"));
      return;
    }
    node = follow (r, node, "clip");
  }
}

/* The size */

static int
get_side (Reader *r, const GvComfyNode *latent, const char *input)
{
  const GvComfyNode *area = follow (r, latent, input);
  double value = 0;

  if (is (area, "MultiAreaConditioning"))
    value = gv_comfy_resolution (area, input);
  else
    gv_comfy_node_get_number (r->graph, latent, input, &value);
  if (value >= GV_RECIPE_MIN_SIZE && value <= GV_RECIPE_MAX_SIZE)
    return (int) value / 8 * 8;
  leave (r, _("%s: the workflow does not say it"), input);
  return 512;
}

static void
take_size (Reader *r)
{
  const GvComfyNode *latent = follow (r, r->sampler, "latent_image");
  double batch = 1;

  if (is_empty_latent (latent)) {
    take_node (r, latent);
    g_object_set (r->import->recipe, "width", get_side (r, latent, "width"), "height",
                  get_side (r, latent, "height"), NULL);
    gv_comfy_node_get_number (r->graph, latent, "batch_size", &batch);
    if (batch != 1)
      leave (r, "batch_size: %g", batch);
    return;
  }
  g_object_set (r->import->recipe, "width", 512, "height", 512, NULL);
  if (latent)
    leave (r, _("%s %s: the picture does not start from noise alone"),
                gv_comfy_node_get_type (latent), gv_comfy_node_get_id (latent));
  else
    leave (r, _("%s: the workflow does not say it"), _("size"));
}

/* Conditionings */

static bool
has_box (const GvComfyEntry *entry)
{
  return entry->kind != GV_COMFY_EVERYWHERE;
}

/* True for a text that counts 1 in the whole picture. */
static bool
is_background (Reader *r, const GvComfyEntry *entry)
{
  int width = gv_recipe_get_width (r->import->recipe);
  int height = gv_recipe_get_height (r->import->recipe);

  if (entry->is_default || entry->hard || entry->strength != 1)
    return false;
  if (entry->kind == GV_COMFY_AREA)
    return entry->x == 0 && entry->y == 0 && entry->w >= width && entry->h >= height;
  if (entry->kind == GV_COMFY_PART)
    return entry->x == 0 && entry->y == 0 && entry->w >= 1 && entry->h >= 1;
  return true;
}

/* The entry that stands for the prompt: one that counts everywhere, else a default. */
static const GvComfyEntry *
find_background (Reader *r, const GvComfyConditioning *all)
{
  const GvComfyEntry *fallback = NULL;

  for (guint i = 0; i < all->entries->len; i++) {
    const GvComfyEntry *entry = all->entries->pdata[i];

    if (is_background (r, entry))
      return entry;
    if (!has_box (entry) && entry->is_default && !fallback)
      fallback = entry;
  }
  return fallback;
}

static bool
same_box (const GvComfyEntry *a, const GvComfyEntry *b)
{
  return a->kind == b->kind && a->x == b->x && a->y == b->y && a->w == b->w && a->h == b->h;
}

/* What refuses something in the same box. */
static const GvComfyEntry *
find_negative (GvComfyConditioning *negatives, const GvComfyEntry *entry, bool *used)
{
  for (guint i = 0; i < negatives->entries->len; i++) {
    const GvComfyEntry *other = negatives->entries->pdata[i];

    if (has_box (other) && same_box (entry, other)) {
      used[i] = true;
      return other;
    }
  }
  return NULL;
}

/* Each number is rounded down by itself, as ComfyUI does it. */
static int
to_grid (double pixels)
{
  return (int) floor (CLAMP (pixels, -1e6, 1e6) / GV_REGION_GRID) * GV_REGION_GRID;
}

/* In pixels, each side a whole number of cells, inside the picture; NULL if nothing is left. */
static GvRegion *
new_region (Reader *r, const GvComfyEntry *entry)
{
  g_autoptr (GvRegion) region = gv_region_new ();
  int width = gv_recipe_get_width (r->import->recipe);
  int height = gv_recipe_get_height (r->import->recipe);
  GvCells cells;

  region->relative = entry->kind != GV_COMFY_AREA;
  if (entry->kind == GV_COMFY_EVERYWHERE) {
    region->part[2] = region->part[3] = 1;
  } else if (entry->kind == GV_COMFY_PART) {
    const double part[4] = { entry->x, entry->y, entry->w, entry->h };

    memcpy (region->part, part, sizeof part);
    region->part[2] = MAX (region->part[2], 1e-9); /* one cell at least */
    region->part[3] = MAX (region->part[3], 1e-9);
  } else {
    region->relative = false;
    region->x = to_grid (entry->x);
    region->y = to_grid (entry->y);
    region->w = to_grid (entry->w);
    region->h = to_grid (entry->h);
  }
  region->whole = entry->hard;
  region->strength = entry->strength;
  if (region->w <= 0 && !region->relative)
    return NULL;
  if ((region->h <= 0 && !region->relative) || !gv_region_get_cells (region, width, height, &cells))
    return NULL;
  region->relative = false;
  region->x = cells.x * 8;
  region->y = cells.y * 8;
  region->w = cells.w * 8;
  region->h = cells.h * 8;
  return g_steal_pointer (&region);
}

static void
add_region (Reader *r,
            GPtrArray *regions,
            const GvComfyEntry *entry,
            GvComfyConditioning *negatives,
            bool *used)
{
  g_autoptr (GvRegion) region = NULL;
  const GvComfyEntry *negative = find_negative (negatives, entry, used);

  if (regions->len >= GV_RECIPE_MAX_REGIONS) {
    leave (r, _("a region beyond the 64th: %s"), entry->text);
    return;
  }
  region = new_region (r, entry);
  if (!region) {
    leave (r, _("a region without any part in the picture: %s"), entry->text);
    return;
  }
  if (entry->strength < 0 || !isfinite (entry->strength)) {
    leave (r, _("a region with a strength below 0: %s"), entry->text);
    return;
  }
  region->text = (g_free (region->text), g_strdup (entry->text));
  if (negative)
    region->negative = g_strdup (negative->text);
  g_ptr_array_add (regions, g_steal_pointer (&region));
}

static void
take_prompts (Reader *r, GvComfyConditioning *all, GvComfyConditioning *negatives)
{
  const GvComfyEntry *background = find_background (r, all);
  const GvComfyEntry *refused = find_background (r, negatives);
  g_autoptr (GPtrArray) regions = gv_recipe_new_region_list ();
  g_autofree bool *used = g_new0 (bool, negatives->entries->len + 1);

  for (guint i = 0; i < all->entries->len; i++) {
    const GvComfyEntry *entry = all->entries->pdata[i];

    if (entry == background)
      continue;
    if (entry->is_default)
      leave (r, _("a second prompt for the rest of the picture: %s"), entry->text);
    else
      add_region (r, regions, entry, negatives, used);
  }
  for (guint i = 0; i < negatives->entries->len; i++) {
    const GvComfyEntry *entry = negatives->entries->pdata[i];

    if (entry != refused && !used[i])
      leave (r, _("a negative prompt for another part than any region: %s"), entry->text);
  }
  if (!background)
    leave (r, _("no prompt covers the whole picture; an empty one fills what the regions leave"));
  g_object_set (r->import->recipe, "prompt", background ? background->text : "", "negative",
                refused ? refused->text : "", "regions", regions, "background-rest",
                !background || background->is_default, NULL);
}

static void
take_notes (Reader *r, const GvComfyConditioning *c)
{
  for (guint i = 0; i < c->notes->len; i++)
    leave (r, "%s", (const char *) c->notes->pdata[i]);
  for (guint i = 0; i < gv_comfy_graph_get_n (r->graph); i++)
    r->seen[i] = r->seen[i] || c->seen[i];
}

static bool
take_conditionings (Reader *r, GError **error)
{
  g_autoptr (GvComfyConditioning) positive =
      gv_comfy_conditioning_new (r->graph, r->sampler, "positive", error);
  g_autoptr (GvComfyConditioning) negative = NULL;

  if (!positive)
    return false;
  negative = gv_comfy_conditioning_new (r->graph, r->sampler, "negative", error);
  if (!negative)
    return false;
  take_prompts (r, positive, negative);
  if (positive->encoder)
    take_clip_skip (r, positive->encoder);
  take_notes (r, positive);
  take_notes (r, negative);
  return true;
}

/* What is left over */

/* They do nothing to the picture, or nothing that a recipe would not do as well. */
static const char *const harmless[] = {
  "SaveImage",    "PreviewImage",   "VAEDecode",       "VAEDecodeTiled",
  "Note",         "MarkdownNote",   "Reroute",         "PrimitiveNode",
  "PrimitiveInt", "PrimitiveFloat", "PrimitiveString", "PrimitiveStringMultiline",
  NULL,
};

static void
list_others (Reader *r)
{
  for (guint i = 0; i < gv_comfy_graph_get_n (r->graph); i++) {
    const GvComfyNode *node = gv_comfy_graph_get (r->graph, i);

    if (gv_comfy_node_is_off (node) && r->seen[i])
      leave (r, _("%s %s: it is switched off in the workflow, but taken here"),
                  gv_comfy_node_get_type (node), gv_comfy_node_get_id (node));
    if (!r->seen[i] && !gv_comfy_node_is_off (node) &&
        !g_strv_contains (harmless, gv_comfy_node_get_type (node)))
      leave (r, _("node %s: %s"), gv_comfy_node_get_id (node), gv_comfy_node_get_type (node));
  }
}

static void
reader_clear (Reader *self)
{
  g_clear_pointer (&self->unmatched, g_strv_builder_unref);
  g_free (self->seen);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Reader, reader_clear)

/* Takes what the steps of reading have found. */
static bool
read_all (Reader *r, GError **error)
{
  r->sampler = find_sampler (r);
  if (!r->sampler) {
    g_set_error_literal (error, GV_FORMAT_ERROR, GV_FORMAT_ERROR_UNSUPPORTED,
                         _("the workflow has no KSampler"));
    return false;
  }
  take_sampler (r);
  take_model (r);
  take_size (r);
  if (!take_conditionings (r, error))
    return false;
  list_others (r);
  return gv_recipe_validate (r->import->recipe, error);
}

static GvImport *
import_graph (const char *name, const GvComfyGraph *graph, GError **error)
{
  g_autoptr (GvImport) self = NULL;
  g_autofree char *shown = gv_dup_shown (name);
  g_autoptr (GError) reason = NULL;
  g_auto (Reader) r = { .graph = graph };

  self = g_new0 (GvImport, 1);
  self->recipe = gv_recipe_new ();
  self->format = "ComfyUI";
  self->loras = g_ptr_array_new_with_free_func ((GDestroyNotify) lora_free);
  r.import = self;
  r.unmatched = g_strv_builder_new ();
  r.seen = g_new0 (bool, gv_comfy_graph_get_n (graph) + 1);
  if (read_all (&r, &reason)) {
    self->unmatched = g_strv_builder_end (r.unmatched);
    return g_steal_pointer (&self);
  }
  g_set_error (error, GV_FORMAT_ERROR,
               reason->domain == GV_FORMAT_ERROR ? reason->code : GV_FORMAT_ERROR_INVALID, "%s: %s",
               shown, reason->message);
  return NULL;
}

GvImport *
gv_import_comfy (const char *name, const char *prompt, const char *workflow, GError **error)
{
  g_autoptr (GvComfyGraph) graph = gv_comfy_graph_new (name, prompt, workflow, error);

  return graph ? import_graph (name, graph, error) : NULL;
}

GvImport *
gv_import_comfy_text (const char *name, const char *text, gssize length, GError **error)
{
  g_autoptr (GvComfyGraph) graph = gv_comfy_graph_new_from_text (name, text, length, error);

  return graph ? import_graph (name, graph, error) : NULL;
}
