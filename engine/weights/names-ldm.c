// SPDX-FileCopyrightText: Giverny contributors
// SPDX-License-Identifier: GPL-3.0-or-later
/* Names of the original latent diffusion code, turned into diffusers' names by rule. */
#include "weights/names.h"

#include <string.h>

typedef struct
{
  const char *from, *to;
} Rename;

static const Rename unet_ends[] = {
  { "time_embed.0.", "time_embedding.linear_1." },
  { "time_embed.2.", "time_embedding.linear_2." },
  { "input_blocks.0.0.", "conv_in." },
  { "out.0.", "conv_norm_out." },
  { "out.2.", "conv_out." },
};

static const Rename unet_res_block[] = {
  { "in_layers.0.", "norm1." },          { "in_layers.2.", "conv1." },
  { "emb_layers.1.", "time_emb_proj." }, { "out_layers.0.", "norm2." },
  { "out_layers.3.", "conv2." },         { "skip_connection.", "conv_shortcut." },
};

static const Rename vae_res_block[] = {
  { "norm1.", "norm1." },
  { "conv1.", "conv1." },
  { "norm2.", "norm2." },
  { "conv2.", "conv2." },
  { "nin_shortcut.", "conv_shortcut." },
};

static const Rename vae_attention[] = {
  { "norm.", "group_norm." },   { "q.", "to_q." }, { "k.", "to_k." }, { "v.", "to_v." },
  { "proj_out.", "to_out.0." },
};

/* The same in both layouts, but for norm_out. */
static const Rename vae_ends[] = {
  { "conv_in.", "conv_in." },
  { "conv_out.", "conv_out." },
  { "norm_out.", "conv_norm_out." },
};

/* Steps over @prefix if *@name starts with it. */
static bool
skip (const char **name, const char *prefix)
{
  if (!g_str_has_prefix (*name, prefix))
    return false;
  *name += strlen (prefix);
  return true;
}

/* Steps over a number of at most three digits and the dot after it. */
static bool
skip_number (const char **name, int *out)
{
  const char *p = *name;

  for (*out = 0; g_ascii_isdigit (*p) && p - *name < 3; p++)
    *out = *out * 10 + (*p - '0');
  if (p == *name || *p != '.')
    return false;
  *name = p + 1;
  return true;
}

/* @before, then @name with its beginning renamed; frees @before. */
static char *
rename_start (char *before, const char *name, const Rename *table, size_t n)
{
  g_autofree char *owned = before;

  for (size_t i = 0; i < n; i++)
    if (g_str_has_prefix (name, table[i].from))
      return g_strconcat (before, table[i].to, name + strlen (table[i].from), NULL);
  return NULL;
}

static char *
unet_res_name (char *before, const char *rest)
{
  return rename_start (before, rest, unet_res_block, G_N_ELEMENTS (unet_res_block));
}

static char *
unet_input_name (const char *name, GvLdmUnet layout)
{
  int per_level = layout.layers_per_block + 1, i, sub;

  if (!skip_number (&name, &i) || !skip_number (&name, &sub) || i < 1 ||
      i >= layout.n_levels * per_level)
    return NULL;

  int level = (i - 1) / per_level, layer = (i - 1) % per_level;

  if (layer == layout.layers_per_block)
    return sub == 0 && skip (&name, "op.")
               ? g_strdup_printf ("down_blocks.%d.downsamplers.0.conv.%s", level, name)
               : NULL;
  if (sub == 0)
    return unet_res_name (g_strdup_printf ("down_blocks.%d.resnets.%d.", level, layer), name);
  return sub == 1 ? g_strdup_printf ("down_blocks.%d.attentions.%d.%s", level, layer, name) : NULL;
}

static char *
unet_middle_name (const char *name)
{
  int sub;

  if (!skip_number (&name, &sub) || sub > 2)
    return NULL;
  if (sub == 1)
    return g_strconcat ("mid_block.attentions.0.", name, NULL);
  return unet_res_name (g_strdup_printf ("mid_block.resnets.%d.", sub / 2), name);
}

/* The enlargement at a level's end comes after the attention, if there is one. */
static char *
unet_output_name (const char *name, GvLdmUnet layout)
{
  int per_level = layout.layers_per_block + 1, i, sub;

  if (!skip_number (&name, &i) || !skip_number (&name, &sub) || i >= layout.n_levels * per_level)
    return NULL;

  int level = i / per_level, layer = i % per_level;

  if (sub == 0)
    return unet_res_name (g_strdup_printf ("up_blocks.%d.resnets.%d.", level, layer), name);
  if (sub <= 2 && skip (&name, "conv."))
    return g_strdup_printf ("up_blocks.%d.upsamplers.0.conv.%s", level, name);
  return sub == 1 ? g_strdup_printf ("up_blocks.%d.attentions.%d.%s", level, layer, name) : NULL;
}

char *
gv_ldm_unet_name (const char *name, GvLdmUnet layout)
{
  char *end = rename_start (g_strdup (""), name, unet_ends, G_N_ELEMENTS (unet_ends));

  if (end)
    return end;
  if (skip (&name, "input_blocks."))
    return unet_input_name (name, layout);
  if (skip (&name, "middle_block."))
    return unet_middle_name (name);
  return skip (&name, "output_blocks.") ? unet_output_name (name, layout) : NULL;
}

static char *
vae_res_name (char *before, const char *rest)
{
  return rename_start (before, rest, vae_res_block, G_N_ELEMENTS (vae_res_block));
}

static char *
vae_middle_name (const char *half, const char *name)
{
  g_autofree char *before = g_strconcat (half, "mid_block.", NULL);

  if (skip (&name, "block_1."))
    return vae_res_name (g_strconcat (before, "resnets.0.", NULL), name);
  if (skip (&name, "block_2."))
    return vae_res_name (g_strconcat (before, "resnets.1.", NULL), name);
  if (skip (&name, "attn_1."))
    return rename_start (g_strconcat (before, "attentions.0.", NULL), name, vae_attention,
                         G_N_ELEMENTS (vae_attention));
  return NULL;
}

/* A level of one half: @blocks is "down_blocks" or "up_blocks", @resample what follows its res
 * blocks. */
static char *
vae_level_name (const char *blocks, int level, const char *name, const char *resample)
{
  g_autofree char *resample_from = g_strconcat (resample, ".", NULL);
  int layer;

  if (skip (&name, resample_from))
    return g_strdup_printf ("%s.%d.%srs.0.%s", blocks, level, resample, name);
  if (!skip (&name, "block.") || !skip_number (&name, &layer))
    return NULL;
  return vae_res_name (g_strdup_printf ("%s.%d.resnets.%d.", blocks, level, layer), name);
}

char *
gv_ldm_vae_name (const char *name, int n_levels)
{
  const char *half = g_str_has_prefix (name, "encoder.") ? "encoder." : "decoder.";
  int level;

  if (g_str_has_prefix (name, "quant_conv.") || g_str_has_prefix (name, "post_quant_conv."))
    return g_strdup (name);
  if (!skip (&name, half))
    return NULL;
  if (skip (&name, "mid."))
    return vae_middle_name (half, name);
  if (skip (&name, "down."))
    return skip_number (&name, &level) && level < n_levels
               ? vae_level_name ("encoder.down_blocks", level, name, "downsample")
               : NULL;
  /* The original counts the decoder's levels from the picture inwards, diffusers from the latent
   * outwards. */
  if (skip (&name, "up."))
    return skip_number (&name, &level) && level < n_levels
               ? vae_level_name ("decoder.up_blocks", n_levels - 1 - level, name, "upsample")
               : NULL;
  return rename_start (g_strdup (half), name, vae_ends, G_N_ELEMENTS (vae_ends));
}
