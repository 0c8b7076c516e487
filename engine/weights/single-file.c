// SPDX-FileCopyrightText: Giverny contributors
// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * A single-file checkpoint in the original layout.  It has no configs: what the networks look like
 * is read from the tensors' names and shapes, and the little that they don't show is what the
 * family has always had.
 */
#include "weights/model-private.h"

#include "base/errors.h"
#include "base/i18n.h"
#include "formats/file.h"
#include "weights/configs.h"
#include "weights/detect.h"
#include "weights/names.h"

#include <string.h>

#define MAX_WIDTH 65536
#define MAX_VOCABULARY (1 << 24)
#define MAX_LAYERS 256

/* How blocks are numbered. */

static bool
has (GvSafetensors *file, const char *prefix, const char *middle, int i, const char *end)
{
  g_autofree char *name = g_strdup_printf ("%s%s%d%s", prefix, middle, i, end);

  return gv_safetensors_find (file, name) != NULL;
}

static bool
refuse_structure (GvModelFiles *self, const char *part, GError **error)
{
  g_autofree char *shown = gv_dup_shown (self->path);

  g_set_error (error, GV_WEIGHTS_ERROR, GV_WEIGHTS_ERROR_UNSUPPORTED,
               _("%s: the blocks of the %s don't follow each other as in any model that we know"),
                 shown, part);
  return false;
}

/*
 * Blocks 1, 2 ... of the way down are res blocks, and one that makes the picture smaller ends each
 * level but the last: the first of these tells how long a level is.  The way up has as many blocks.
 */
static bool
find_unet_layout (GvModelFiles *self,
                  GvSafetensors *file,
                  const char *prefix,
                  GvLdmUnet *out,
                  GError **error)
{
  int n = 1, per_level = 0;

  for (; n < MAX_LAYERS; n++) {
    bool shrinks = has (file, prefix, "input_blocks.", n, ".0.op.weight");

    if (!shrinks && !has (file, prefix, "input_blocks.", n, ".0.in_layers.0.weight"))
      break;
    if (shrinks && per_level == 0)
      per_level = n;
    if (per_level > 0 && shrinks != (n % per_level == 0))
      return refuse_structure (self, "U-Net", error);
  }
  if (per_level == 0)
    per_level = n;
  *out = (GvLdmUnet) { .n_levels = n / per_level, .layers_per_block = per_level - 1 };
  if (per_level < 2 || n % per_level != 0 || out->n_levels > GV_MAX_LEVELS ||
      !has (file, prefix, "output_blocks.", n - 1, ".0.in_layers.0.weight") ||
      has (file, prefix, "output_blocks.", n, ".0.in_layers.0.weight"))
    return refuse_structure (self, "U-Net", error);
  return true;
}

static bool
count_vae_levels (GvModelFiles *self,
                  GvSafetensors *file,
                  const char *prefix,
                  int *out,
                  GError **error)
{
  for (*out = 0; has (file, prefix, "decoder.up.", *out, ".block.0.norm1.weight"); ++*out)
    if (*out == GV_MAX_LEVELS || has (file, prefix, "decoder.up.", *out, ".attn.0.norm.weight"))
      return refuse_structure (self, "VAE", error);
  return *out > 0 || refuse_structure (self, "VAE", error);
}

/* Canonical names. */

static bool
add_part (GvModelFiles *self,
          GvPart part,
          GvSafetensors *file,
          const char *prefix,
          GvLdmUnet layout,
          GError **error)
{
  for (size_t i = 0; i < gv_safetensors_get_n (file); i++) {
    const GvSafetensor *tensor = gv_safetensors_get (file, i);
    const char *rest = tensor->name + strlen (prefix);
    g_autofree char *name = NULL;

    if (!g_str_has_prefix (tensor->name, prefix))
      continue;
    if (part == GV_PART_TEXT)
      name = g_strdup (rest);
    else if (part == GV_PART_VAE)
      name = gv_ldm_vae_name (rest, layout.n_levels);
    else
      name = gv_ldm_unet_name (rest, layout);
    if (name && !gv_model_files_add (self, part, name, file, tensor, error))
      return false;
  }
  self->part_paths[part] = g_strdup (self->path);
  return true;
}

static bool
add_parts (GvModelFiles *self, GvSafetensors *file, const GvPrefixes *prefixes, GError **error)
{
  GvLdmUnet unet, vae = { 0 };

  if (!find_unet_layout (self, file, prefixes->unet, &unet, error) ||
      !count_vae_levels (self, file, prefixes->vae, &vae.n_levels, error))
    return false;
  self->unet.n_levels = unet.n_levels;
  self->unet.layers_per_block = unet.layers_per_block;
  self->vae.n_levels = vae.n_levels;
  return add_part (self, GV_PART_TEXT, file, prefixes->text, unet, error) &&
         add_part (self, GV_PART_UNET, file, prefixes->unet, unet, error) &&
         add_part (self, GV_PART_VAE, file, prefixes->vae, vae, error);
}

/* Sizes, from shapes. */

/* The size of a tensor along an axis; 1 after an error, of which @first keeps the first. */
static int
size_of (GvModelFiles *self, GvPart part, const char *name, int axis, int max, GError **first)
{
  const GvWeight *weight = gv_model_files_find (self, part, name);
  g_autofree char *shown = gv_dup_shown (self->path);

  if (*first)
    return 1;
  if (weight && weight->rank > axis && weight->shape[axis] >= 1 && weight->shape[axis] <= max)
    return (int) weight->shape[axis];
  if (weight)
    g_set_error (first, GV_WEIGHTS_ERROR, GV_WEIGHTS_ERROR_SHAPE,
                 _("%s: “%s” of the %s has a shape that can't be"), shown, name,
                   gv_part_name (part));
  else
    g_set_error (first, GV_WEIGHTS_ERROR, GV_WEIGHTS_ERROR_MISSING,
                 _("%s: “%s” of the %s is missing"), shown, name, gv_part_name (part));
  return 1;
}

/* The number of N, from 0, for which the part has the tensor @before N @after. */
static int
count (GvModelFiles *self, GvPart part, const char *before, const char *after)
{
  int n = 0;

  for (bool found = true; found && n < MAX_LAYERS; n += found) {
    g_autofree char *name = g_strdup_printf ("%s%d%s", before, n, after);

    found = gv_model_files_find (self, part, name) != NULL;
  }
  return n;
}

static bool
read_text_sizes (GvModelFiles *self, GError **error)
{
  const GvPart part = GV_PART_TEXT;
  GError *first = NULL;
  GvClipTextConfig *c = &self->text;

  c->vocab_size =
      size_of (self, part, "embeddings.token_embedding.weight", 0, MAX_VOCABULARY, &first);
  c->width = size_of (self, part, "embeddings.token_embedding.weight", 1, MAX_WIDTH, &first);
  c->n_positions =
      size_of (self, part, "embeddings.position_embedding.weight", 0, MAX_WIDTH, &first);
  c->mlp_width = size_of (self, part, "encoder.layers.0.mlp.fc1.weight", 0, MAX_WIDTH, &first);
  c->n_layers = count (self, part, "encoder.layers.", ".layer_norm1.weight");
  c->n_heads = MAX (c->width / 64, 1);
  c->quick_gelu = true;
  c->norm_eps = 1e-5;
  c->eos_id = 2;
  if (first)
    g_propagate_error (error, first);
  return !first;
}

static int
read_depth (GvModelFiles *self, const char *block)
{
  g_autofree char *before = g_strconcat (block, ".attentions.0.transformer_blocks.", NULL);

  return count (self, GV_PART_UNET, before, ".norm1.weight");
}

static void
read_unet_level (GvModelFiles *self, int i, GError **first)
{
  GvUnetConfig *c = &self->unet;
  g_autofree char *down = g_strdup_printf ("down_blocks.%d", i);
  g_autofree char *up = g_strdup_printf ("up_blocks.%d", c->n_levels - 1 - i);
  g_autofree char *conv = g_strconcat (down, ".resnets.0.conv1.weight", NULL);
  int down_depth = read_depth (self, down), up_depth = read_depth (self, up);

  c->channels[i] = size_of (self, GV_PART_UNET, conv, 0, MAX_WIDTH, first);
  c->down_attention[i] = down_depth > 0;
  c->up_attention[c->n_levels - 1 - i] = up_depth > 0;
  c->transformer_depth[i] = MAX (down_depth, up_depth);
  if (i == c->n_levels - 1)
    c->transformer_depth[i] = MAX (c->transformer_depth[i], read_depth (self, "mid_block"));
  c->n_heads[i] = 8;
}

static bool
read_unet_sizes (GvModelFiles *self, GError **error)
{
  const GvPart part = GV_PART_UNET;
  GError *first = NULL;
  GvUnetConfig *c = &self->unet;

  c->in_channels = size_of (self, part, "conv_in.weight", 1, MAX_WIDTH, &first);
  c->out_channels = size_of (self, part, "conv_out.weight", 0, MAX_WIDTH, &first);
  for (int i = 0; i < c->n_levels; i++)
    read_unet_level (self, i, &first);
  c->cross_attention_dim =
      size_of (self, part, "mid_block.attentions.0.transformer_blocks.0.attn2.to_k.weight", 1,
               MAX_WIDTH, &first);
  c->mid_attention = true;
  c->norm_groups = 32;
  c->norm_eps = 1e-5;
  c->flip_sin_to_cos = true;
  c->sample_size = 64;
  if (first)
    g_propagate_error (error, first);
  return !first;
}

static bool
read_vae_sizes (GvModelFiles *self, GError **error)
{
  const GvPart part = GV_PART_VAE;
  GError *first = NULL;
  GvVaeConfig *c = &self->vae;

  c->latent_channels = size_of (self, part, "decoder.conv_in.weight", 1, MAX_WIDTH, &first);
  c->out_channels = size_of (self, part, "decoder.conv_out.weight", 0, MAX_WIDTH, &first);
  for (int i = 0; i < c->n_levels; i++) {
    g_autofree char *conv =
        g_strdup_printf ("decoder.up_blocks.%d.resnets.0.conv1.weight", c->n_levels - 1 - i);

    c->channels[i] = size_of (self, part, conv, 0, MAX_WIDTH, &first);
  }
  c->layers_per_block =
      MAX (count (self, part, "decoder.up_blocks.0.resnets.", ".norm1.weight") - 1, 1);
  c->mid_attention =
      gv_model_files_find (self, part, "decoder.mid_block.attentions.0.group_norm.weight");
  c->post_quant_conv = gv_model_files_find (self, part, "post_quant_conv.weight");
  c->norm_groups = 32;
  c->scaling_factor = 0.18215;
  if (first)
    g_propagate_error (error, first);
  return !first;
}

/* Empty tensors are the marks that some trainers leave. */
static void
read_prediction (GvModelFiles *self, GvSafetensors *file)
{
  gv_scheduler_config_init_sd1 (&self->scheduler);
  self->scheduler.v_prediction = gv_safetensors_find (file, "v_pred") != NULL;
  self->scheduler.zero_snr = gv_safetensors_find (file, "ztsnr") != NULL;
}

bool
gv_single_file_read (GvModelFiles *self, GvSafetensors *file, GError **error)
{
  GvPrefixes prefixes;

  self->family = GV_FAMILY_SD1;
  if (!gv_detect_sd1 (file, &prefixes, error) || !add_parts (self, file, &prefixes, error))
    return false;
  read_prediction (self, file);
  return read_text_sizes (self, error) && read_unet_sizes (self, error) &&
         read_vae_sizes (self, error);
}
