// SPDX-FileCopyrightText: Giverny contributors
// SPDX-License-Identifier: GPL-3.0-or-later
/* A recipe's values to ComfyUI's nodes. */
#include "gv-export.h"

#include "base/i18n.h"
#include "formats/atomic-file.h"
#include "formats/comfy-write.h"

#include <string.h>

#define DEFAULT_SIDE 512
#define DEFAULT_CFG 7

/* An output of a node. */
typedef struct
{
  int node, slot;
} Port;

typedef struct
{
  GvRecipe *recipe;
  GvComfyWriter *writer;
  GStrvBuilder *unmatched;
  int width, height;
  Port model, clip;
  int vae;
} Export;

static void
leave (Export *e, const char *sentence)
{
  g_strv_builder_add (e->unmatched, sentence);
}

void
gv_comfy_export_free (GvComfyExport *self)
{
  g_free (self->prompt);
  g_free (self->workflow);
  g_strfreev (self->unmatched);
  g_free (self);
}

static void
link_port (Export *e, const char *name, Port from)
{
  gv_comfy_writer_link (e->writer, name, from.node, from.slot);
}

/* The model */

static void
add_model (Export *e)
{
  const char *path = gv_recipe_get_model (e->recipe);
  g_autofree char *name = *path ? g_path_get_basename (path) : g_strdup ("giverny-starter");

  if (!*path)
    leave (e, _("the starter model is not one of ComfyUI’s: choose another there"));
  e->vae = gv_comfy_writer_node (e->writer, "CheckpointLoaderSimple", "MODEL,CLIP,VAE");
  gv_comfy_writer_text (e->writer, "ckpt_name", name);
  e->model = (Port) { e->vae, 0 };
  e->clip = (Port) { e->vae, 1 };
}

static void
add_loras (Export *e)
{
  GPtrArray *loras = gv_recipe_get_loras (e->recipe);

  for (guint i = 0; i < loras->len; i++) {
    const GvLoraUse *lora = loras->pdata[i];
    g_autofree char *name = g_path_get_basename (lora->path);
    int node = gv_comfy_writer_node (e->writer, "LoraLoader", "MODEL,CLIP");

    link_port (e, "model", e->model);
    link_port (e, "clip", e->clip);
    gv_comfy_writer_text (e->writer, "lora_name", name);
    gv_comfy_writer_number (e->writer, "strength_model", lora->strength);
    gv_comfy_writer_number (e->writer, "strength_clip", lora->text_strength);
    e->model = (Port) { node, 0 };
    e->clip = (Port) { node, 1 };
    if (lora->blocks)
      leave (e, _("a LoRA’s strengths by block"));
  }
}

static void
add_clip_skip (Export *e)
{
  int node;

  if (gv_recipe_get_clip_skip (e->recipe) == 1)
    return;
  node = gv_comfy_writer_node (e->writer, "CLIPSetLastLayer", "CLIP");
  link_port (e, "clip", e->clip);
  gv_comfy_writer_number (e->writer, "stop_at_clip_layer", -gv_recipe_get_clip_skip (e->recipe));
  e->clip = (Port) { node, 0 };
}

static Port
add_text (Export *e, const char *text)
{
  int node = gv_comfy_writer_node (e->writer, "CLIPTextEncode", "CONDITIONING");

  link_port (e, "clip", e->clip);
  gv_comfy_writer_text (e->writer, "text", text);
  return (Port) { node, 0 };
}

/* Regions */

static Port
combine (Export *e, Port a, Port b)
{
  int node;

  if (!a.node || !b.node)
    return a.node ? a : b;
  node = gv_comfy_writer_node (e->writer, "ConditioningCombine", "CONDITIONING");
  link_port (e, "conditioning_1", a);
  link_port (e, "conditioning_2", b);
  return (Port) { node, 0 };
}

static int
add_solid_mask (Export *e, double value, int width, int height)
{
  int node = gv_comfy_writer_node (e->writer, "SolidMask", "MASK");

  gv_comfy_writer_number (e->writer, "value", value);
  gv_comfy_writer_number (e->writer, "width", width);
  gv_comfy_writer_number (e->writer, "height", height);
  return node;
}

/* A hard edge: a rectangle as a mask. */
static Port
add_masked (Export *e, const GvRegion *region, const GvCells *cells, Port text)
{
  int ground = add_solid_mask (e, 0, e->width, e->height);
  int box = add_solid_mask (e, 1, 8 * cells->w, 8 * cells->h);
  int mask = gv_comfy_writer_node (e->writer, "MaskComposite", "MASK"), node;

  gv_comfy_writer_link (e->writer, "destination", ground, 0);
  gv_comfy_writer_link (e->writer, "source", box, 0);
  gv_comfy_writer_number (e->writer, "x", 8 * cells->x);
  gv_comfy_writer_number (e->writer, "y", 8 * cells->y);
  gv_comfy_writer_text (e->writer, "operation", "add");
  node = gv_comfy_writer_node (e->writer, "ConditioningSetMask", "CONDITIONING");
  link_port (e, "conditioning", text);
  gv_comfy_writer_link (e->writer, "mask", mask, 0);
  gv_comfy_writer_number (e->writer, "strength", region->strength);
  gv_comfy_writer_text (e->writer, "set_cond_area", "default");
  return (Port) { node, 0 };
}

/* The whole frame at a strength, which MultiAreaConditioning would ignore. */
static Port
add_frame (Export *e, const GvRegion *region, Port text)
{
  int node = gv_comfy_writer_node (e->writer, "ConditioningSetArea", "CONDITIONING");

  link_port (e, "conditioning", text);
  gv_comfy_writer_number (e->writer, "width", e->width);
  gv_comfy_writer_number (e->writer, "height", e->height);
  gv_comfy_writer_number (e->writer, "x", 0);
  gv_comfy_writer_number (e->writer, "y", 0);
  gv_comfy_writer_number (e->writer, "strength", region->strength);
  return (Port) { node, 0 };
}

static bool
fills_frame (Export *e, const GvCells *cells)
{
  return 8 * cells->w == e->width && 8 * cells->h == e->height;
}

/* What goes into the MultiAreaConditioning. */
typedef struct
{
  Port text;
  double row[5];
} Box;

static Port
add_boxes (Export *e, const GArray *boxes)
{
  int node;

  if (boxes->len == 0)
    return (Port) { 0 };
  node = gv_comfy_writer_node (e->writer, "MultiAreaConditioning", "CONDITIONING,INT,INT");
  gv_comfy_writer_resolution (e->writer, e->width, e->height);
  for (guint i = 0; i < boxes->len; i++) {
    const Box *box = &g_array_index (boxes, Box, i);
    g_autofree char *name = g_strdup_printf ("conditioning%u", i);

    link_port (e, g_intern_string (name), box->text);
    gv_comfy_writer_box (e->writer, box->row);
  }
  return (Port) { node, 0 };
}

static const char *
get_side_text (const GvRegion *region, int side, const char *own)
{
  if (side == 0)
    return region->text;
  return region->negative ? region->negative : own;
}

/* One side's texts with their boxes; those that are no plain boxes are combined with the rest. */
static Port
add_regions (Export *e, int side, const char *own)
{
  GPtrArray *regions = gv_recipe_get_regions (e->recipe);
  g_autoptr (GArray) boxes = g_array_new (FALSE, FALSE, sizeof (Box));
  bool rest = side == 0 && gv_recipe_get_background_rest (e->recipe);
  Box ground = { add_text (e, own), { 0, 0, e->width, e->height, 1 } };
  Port others = { 0 }, all;
  int node;

  if (!rest)
    g_array_append_val (boxes, ground);
  for (guint i = 0; i < regions->len; i++) {
    const GvRegion *region = regions->pdata[i];
    GvCells cells;
    Box box = { 0 };

    if (!gv_region_get_cells (region, e->width, e->height, &cells))
      continue;
    box = (Box) { add_text (e, get_side_text (region, side, own)),
                  { 8 * cells.x, 8 * cells.y, 8 * cells.w, 8 * cells.h, region->strength } };
    if (region->whole)
      others = combine (e, others, add_masked (e, region, &cells, box.text));
    else if (fills_frame (e, &cells) && region->strength != 1)
      others = combine (e, others, add_frame (e, region, box.text));
    else
      g_array_append_val (boxes, box);
  }
  all = combine (e, add_boxes (e, boxes), others);
  if (!rest)
    return all;
  node = gv_comfy_writer_node (e->writer, "ConditioningSetDefaultCombine", "CONDITIONING");
  link_port (e, "cond", all.node ? all : ground.text);
  link_port (e, "cond_DEFAULT", ground.text);
  return (Port) { node, 0 };
}

/* ComfyUI gives each box the negative prompt by itself, unless one has its own. */
static bool
has_own_negatives (GvRecipe *recipe)
{
  GPtrArray *regions = gv_recipe_get_regions (recipe);

  for (guint i = 0; i < regions->len; i++)
    if (((const GvRegion *) regions->pdata[i])->negative)
      return true;
  return false;
}

/* Sampling */

static const char *
get_sampler (GvRecipe *recipe)
{
  const char *name = gv_recipe_get_sampler (recipe);

  if (strcmp (name, "euler_a") == 0)
    return "euler_ancestral";
  return strcmp (name, "dpm_2_a") == 0 ? "dpm_2_ancestral" : name;
}

static int
add_latent (Export *e)
{
  int node = gv_comfy_writer_node (e->writer, "EmptyLatentImage", "LATENT");

  gv_comfy_writer_number (e->writer, "width", e->width);
  gv_comfy_writer_number (e->writer, "height", e->height);
  gv_comfy_writer_number (e->writer, "batch_size", 1);
  return node;
}

static void
add_sampling (Export *e, Port positive, Port negative)
{
  int latent = add_latent (e);
  int sampler = gv_comfy_writer_node (e->writer, "KSampler", "LATENT"), decoder;

  link_port (e, "model", e->model);
  link_port (e, "positive", positive);
  link_port (e, "negative", negative);
  gv_comfy_writer_link (e->writer, "latent_image", latent, 0);
  gv_comfy_writer_seed (e->writer, "seed", gv_recipe_get_seed (e->recipe));
  gv_comfy_writer_number (e->writer, "steps", gv_recipe_get_steps (e->recipe));
  gv_comfy_writer_number (e->writer, "cfg",
                          gv_recipe_has_cfg (e->recipe) ? gv_recipe_get_cfg (e->recipe)
                                                        : DEFAULT_CFG);
  gv_comfy_writer_text (e->writer, "sampler_name", get_sampler (e->recipe));
  gv_comfy_writer_text (e->writer, "scheduler", gv_recipe_get_schedule (e->recipe));
  gv_comfy_writer_number (e->writer, "denoise", 1);
  decoder = gv_comfy_writer_node (e->writer, "VAEDecode", "IMAGE");
  gv_comfy_writer_link (e->writer, "samples", sampler, 0);
  gv_comfy_writer_link (e->writer, "vae", e->vae, 2);
  gv_comfy_writer_node (e->writer, "SaveImage", "");
  gv_comfy_writer_link (e->writer, "images", decoder, 0);
  gv_comfy_writer_text (e->writer, "filename_prefix", "giverny");
}

static void
list_differences (Export *e)
{
  GvRecipe *r = e->recipe;

  if (gv_recipe_get_regions (r)->len > 0 &&
      strcmp (gv_recipe_get_region_mode (r), "attention") == 0)
    leave (e, _("regions by attention: there they are areas"));
  if (gv_recipe_get_count (r) > 1)
    leave (e, _("several pictures: there each is started by hand, with the next seed"));
  if (gv_recipe_get_before_after (r))
    leave (e, _("pairs without and with LoRAs"));
}

static void
add_all (Export *e)
{
  const char *refused = gv_recipe_get_negative (e->recipe);
  Port positive, negative;

  add_model (e);
  add_loras (e);
  add_clip_skip (e);
  positive = gv_recipe_get_regions (e->recipe)->len > 0
                 ? add_regions (e, 0, gv_recipe_get_prompt (e->recipe))
                 : add_text (e, gv_recipe_get_prompt (e->recipe));
  negative = has_own_negatives (e->recipe) ? add_regions (e, 1, refused) : add_text (e, refused);
  add_sampling (e, positive, negative);
  list_differences (e);
}

GvComfyExport *
gv_export_comfy (GvRecipe *recipe, GError **error)
{
  g_autoptr (GvComfyWriter) writer = NULL;
  g_autoptr (GStrvBuilder) unmatched = NULL;
  Export e = { .recipe = recipe };
  GvComfyExport *self;

  if (!gv_recipe_validate (recipe, error))
    return NULL;
  e.writer = writer = gv_comfy_writer_new ();
  e.unmatched = unmatched = g_strv_builder_new ();
  e.width = gv_recipe_get_width (recipe) ? gv_recipe_get_width (recipe) : DEFAULT_SIDE;
  e.height = gv_recipe_get_height (recipe) ? gv_recipe_get_height (recipe) : DEFAULT_SIDE;
  add_all (&e);
  self = g_new0 (GvComfyExport, 1);
  self->prompt = gv_comfy_writer_to_prompt (writer);
  self->workflow = gv_comfy_writer_to_workflow (writer);
  self->unmatched = g_strv_builder_end (unmatched);
  return self;
}

void
gv_image_set_comfy (GvImage *image, const GvComfyExport *workflow)
{
  gv_image_set_text (image, "prompt", workflow->prompt);
  gv_image_set_text (image, "workflow", workflow->workflow);
}

bool
gv_comfy_export_save (const GvComfyExport *self, const char *path, GError **error)
{
  g_autoptr (GvAtomicFile) file = gv_atomic_file_new (path, error);

  return file && gv_atomic_file_write (file, self->workflow, strlen (self->workflow), error) &&
         gv_atomic_file_commit (file, error);
}
