// SPDX-FileCopyrightText: Giverny contributors
// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * The original layout's names against diffusers': for every tensor of Stable Diffusion 1's
 * structure, as the two programs name them, and for other structures built up block by block.
 */
#include "tiny.h"
#include "weights/names.h"

#include <string.h>

static const char *const prefixes[GV_N_PARTS] = {
  [GV_PART_TEXT] = "cond_stage_model.transformer.text_model.",
  [GV_PART_UNET] = "model.diffusion_model.",
  [GV_PART_VAE] = "first_stage_model.",
};

static char *
canonical (int part, const char *original, GvLdmUnet unet, int n_vae_levels)
{
  g_assert_true (g_str_has_prefix (original, prefixes[part]));
  original += strlen (prefixes[part]);
  if (part == GV_PART_UNET)
    return gv_ldm_unet_name (original, unet);
  return part == GV_PART_VAE ? gv_ldm_vae_name (original, n_vae_levels) : g_strdup (original);
}

static int
part_named (const char *name)
{
  for (int part = 0; part < GV_N_PARTS; part++)
    if (strcmp (gv_part_name ((GvPart) part), name) == 0)
      return part;
  g_error ("no part %s", name);
}

/* The list was written by walking the modules of the two programs' own networks. */
static void
test_every_name_of_sd1 (void)
{
  g_autofree char *path =
      g_test_build_filename (G_TEST_DIST, "fixtures", "models", "sd-tiny.tsv", NULL);
  g_autofree char *text = NULL;
  g_auto (GStrv) lines = NULL;
  int n[GV_N_PARTS] = { 0 };

  g_assert_true (g_file_get_contents (path, &text, NULL, NULL));
  lines = g_strsplit (text, "\n", -1);
  g_assert_true (g_str_has_prefix (lines[0], "part\tname\tshape\tsingle_name\t"));
  for (int i = 1; lines[i] && lines[i][0]; i++) {
    g_auto (GStrv) fields = g_strsplit (lines[i], "\t", -1);
    int part = part_named (fields[0]);
    g_autofree char *name = canonical (part, fields[3], (GvLdmUnet) { 4, 2 }, 4);

    g_assert_cmpstr (name, ==, fields[1]);
    n[part]++;
  }
  g_assert_cmpint (n[GV_PART_UNET], ==, 686);
  g_assert_cmpint (n[GV_PART_VAE], ==, 248);
}

static const Tiny structures[] = {
  { .n_levels = 1,
    .channels = { 32 },
    .layers = 1,
    .depth = 1,
    .n_vae_levels = 1,
    .vae_channels = { 32 },
    .vae_layers = 1 },
  { .n_levels = 3,
    .channels = { 32, 64, 64 },
    .layers = 3,
    .depth = 2,
    .down_attention = { false, true, true },
    .up_attention = { true, true, false },
    .n_vae_levels = 3,
    .vae_channels = { 32, 64, 32 },
    .vae_layers = 2 },
  { .n_levels = 8,
    .channels = { 32, 32, 32, 64, 64, 64, 96, 96 },
    .layers = 1,
    .depth = 1,
    .up_attention = { true, false, true },
    .n_vae_levels = 5,
    .vae_channels = { 32, 32, 32, 32, 64 },
    .vae_layers = 3,
    .no_quant_conv = true },
};

static void
test_other_structures (void)
{
  for (size_t i = 0; i < G_N_ELEMENTS (structures); i++) {
    const Tiny *s = &structures[i];
    g_autoptr (GPtrArray) tensors = tiny_tensors (s);

    for (guint j = 0; j < tensors->len; j++) {
      const TinyTensor *t = tensors->pdata[j];
      g_autofree char *name =
          canonical (t->part, t->original, (GvLdmUnet) { s->n_levels, s->layers }, s->n_vae_levels);

      g_assert_cmpstr (name, ==, t->name);
    }
  }
}

/* Names that the layout doesn't have, for two levels of one layer. */
static void
test_unknown_names (void)
{
  static const char *const unet[] = {
    "",
    "input_blocks",
    "input_blocks.",
    "input_blocks.1",
    "input_blocks.1.",
    "input_blocks.1.0",
    "input_blocks.1.0.",
    "input_blocks.1.0.op.weight",
    "input_blocks.2.0.in_layers.0.weight",
    "input_blocks.4.0.in_layers.0.weight",
    "input_blocks.1.2.norm.weight",
    "input_blocks.-1.0.in_layers.0.weight",
    "input_blocks.99999999999999999999.0.in_layers.0.weight",
    "input_blocks.0001.0.in_layers.0.weight",
    "input_blocks.1.0.in_layers.1.weight",
    "middle_block.3.in_layers.0.weight",
    "middle_block.1",
    "output_blocks.4.0.in_layers.0.weight",
    "output_blocks.0.3.conv.weight",
    "output_blocks.0.2.norm.weight",
    "time_embed.1.weight",
    "out.1.weight",
    "label_emb.0.0.weight",
  };
  static const char *const vae[] = {
    "",
    "encoder.",
    "decoder.up.2.block.0.norm1.weight",
    "decoder.up.0.block.x.norm1.weight",
    "decoder.up.0.attn.0.q.weight",
    "decoder.mid.block_3.norm1.weight",
    "decoder.mid.attn_1.r.weight",
    "encoder.down.0.upsample.conv.weight",
    "loss.logvar",
    "decoder.up.0.block.0.norm3.weight",
  };

  for (size_t i = 0; i < G_N_ELEMENTS (unet); i++) {
    g_autofree char *name = gv_ldm_unet_name (unet[i], (GvLdmUnet) { 2, 1 });
    g_assert_cmpstr (name, ==, NULL);
  }
  for (size_t i = 0; i < G_N_ELEMENTS (vae); i++) {
    g_autofree char *name = gv_ldm_vae_name (vae[i], 2);
    g_assert_cmpstr (name, ==, NULL);
  }
}

static void
test_old_folder_names (void)
{
  static const char *const vae[][2] = {
    { "decoder.mid_block.attentions.0.query.weight", "decoder.mid_block.attentions.0.to_q.weight" },
    { "decoder.mid_block.attentions.0.key.bias", "decoder.mid_block.attentions.0.to_k.bias" },
    { "encoder.mid_block.attentions.0.value.weight", "encoder.mid_block.attentions.0.to_v.weight" },
    { "decoder.mid_block.attentions.0.proj_attn.bias",
      "decoder.mid_block.attentions.0.to_out.0.bias" },
    { "decoder.mid_block.attentions.0.to_out.0.bias",
      "decoder.mid_block.attentions.0.to_out.0.bias" },
    { "decoder.key.weight", "decoder.key.weight" },
  };

  for (size_t i = 0; i < G_N_ELEMENTS (vae); i++) {
    g_autofree char *name = gv_canonical_vae_name (vae[i][0]);
    g_assert_cmpstr (name, ==, vae[i][1]);
  }
  g_autofree char *with = gv_canonical_text_name ("text_model.encoder.layers.0.mlp.fc1.bias");
  g_autofree char *without = gv_canonical_text_name ("encoder.layers.0.mlp.fc1.bias");
  g_assert_cmpstr (with, ==, without);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/weights/names/every-name-of-sd1", test_every_name_of_sd1);
  g_test_add_func ("/weights/names/other-structures", test_other_structures);
  g_test_add_func ("/weights/names/unknown", test_unknown_names);
  g_test_add_func ("/weights/names/old-folders", test_old_folder_names);
  return g_test_run ();
}
