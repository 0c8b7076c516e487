// SPDX-FileCopyrightText: Giverny contributors
// SPDX-License-Identifier: GPL-3.0-or-later
/* LoRA files: every way of naming a layer, what is refused and in which words, and the counts. */
#include "tiny.h"

#include "base/errors.h"
#include "formats/safetensors.h"
#include "gv-lora.h"
#include "weights/lora.h"

#include <string.h>

static char *temp;
static GvModelFiles *model;
static GvLoraIndex *index_;

/* Writes tensors of ones: "name 4 32", a line each, and returns the file's path. */
static char *
write_lora (const char *text)
{
  g_auto (GStrv) lines = g_strsplit (text, "\n", -1);
  guint n = g_strv_length (lines);
  g_autofree GvSafetensorsItem *items = g_new0 (GvSafetensorsItem, n);
  g_autofree int64_t *shapes = g_new0 (int64_t, 4 * n);
  g_autofree float *ones = g_new (float, 1 << 16);
  g_autoptr (GError) error = NULL;
  char *path = g_build_filename (temp, "style.safetensors", NULL);

  for (int i = 0; i < 1 << 16; i++)
    ones[i] = 1;
  for (guint i = 0; i < n; i++) {
    char *shape = strchr (lines[i], ' ');
    int64_t *sizes = shapes + 4 * i;
    int rank = 0;

    if (shape)
      *shape++ = '\0';
    while (shape && *shape)
      sizes[rank++] = (int64_t) g_ascii_strtoull (shape, &shape, 10);
    items[i] = (GvSafetensorsItem) { lines[i], GV_F32, rank, sizes, ones };
  }
  gv_safetensors_write (path, items, n, &error);
  g_assert_no_error (error);
  return path;
}

static const char *const names[][2] = {
  { "lora_unet_down_blocks_0_attentions_0_proj_in.lora_%s.weight",
    "unet:down_blocks.0.attentions.0.proj_in" },
  { "lora_unet_input_blocks_1_1_proj_in.lora_%s.weight",
    "unet:down_blocks.0.attentions.0.proj_in" },
  { "diffusion_model.input_blocks.1.1.proj_in.lora_%s.weight",
    "unet:down_blocks.0.attentions.0.proj_in" },
  { "lycoris_down_blocks_0_attentions_0_proj_in.lora_%s.weight",
    "unet:down_blocks.0.attentions.0.proj_in" },
  { "unet.down_blocks.0.attentions.0.proj_in.lora.%s.weight",
    "unet:down_blocks.0.attentions.0.proj_in" },
  { "unet.down_blocks.0.attentions.0.transformer_blocks.0.attn1.processor.to_out_lora.%s.weight",
    "unet:down_blocks.0.attentions.0.transformer_blocks.0.attn1.to_out.0" },
  { "down_blocks.0.attentions.0.transformer_blocks.0.attn1.processor.to_q_lora.%s.weight",
    "unet:down_blocks.0.attentions.0.transformer_blocks.0.attn1.to_q" },
  { "base_model.model.down_blocks.0.attentions.0.proj_in.lora.%s.weight",
    "unet:down_blocks.0.attentions.0.proj_in" },
  { "lora_te_text_model_encoder_layers_1_self_attn_q_proj.lora_%s.weight",
    "text_encoder:encoder.layers.1.self_attn.q_proj" },
  { "lora_te1_text_model_encoder_layers_1_self_attn_q_proj.lora_%s.weight",
    "text_encoder:encoder.layers.1.self_attn.q_proj" },
  { "text_encoder.text_model.encoder.layers.0.self_attn.k_proj.lora_linear_layer.%s.weight",
    "text_encoder:encoder.layers.0.self_attn.k_proj" },
};

/* "part:layer" of the only layer that a file changes. */
static void
check_layer (const char *path, const char *wanted)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GvLora) lora = gv_lora_open (path, &error);
  g_autoptr (GPtrArray) fittings =
      lora ? gv_lora_fit (lora, index_, &(GvLoraReport) { 0 }, &error) : NULL;
  g_autofree char *found = NULL;

  g_assert_no_error (error);
  g_assert_cmpuint (fittings->len, ==, 1);
  const GvLoraFitting *f = fittings->pdata[0];
  found = g_strdup_printf ("%s:%s", gv_part_name (f->part), f->layer);
  g_assert_cmpstr (found, ==, wanted);
}

static void
test_names (void)
{
  for (size_t i = 0; i < G_N_ELEMENTS (names); i++) {
    g_auto (GStrv) around = g_strsplit (names[i][0], "%s", 2);
    g_autofree char *text =
        g_strdup_printf ("%sdown%s 4 32\n%sup%s 32 4", around[0], around[1], around[0], around[1]);
    g_autofree char *path = write_lora (text);

    check_layer (path, names[i][1]);
  }
}

static void
test_peft_names (void)
{
  g_autofree char *path =
      write_lora ("text_encoder.text_model.encoder.layers.0.mlp.fc1.lora_B.weight 128 2\n"
                  "text_encoder.text_model.encoder.layers.0.mlp.fc1.lora_A.weight 2 32");

  check_layer (path, "text_encoder:encoder.layers.0.mlp.fc1");
}

#define PROJ "lora_unet_down_blocks_0_attentions_0_proj_in"
#define CONV "lora_unet_down_blocks_0_resnets_0_conv1"
#define GOOD PROJ ".lora_down.weight 4 32\n" PROJ ".lora_up.weight 32 4\n"

/* What is refused, and a word of the sentence, which begins with the file. */
static const char *const refused[][2] = {
  { PROJ ".lora_down.weight 4 32", PROJ ".lora_up.weight" },
  { PROJ ".lora_up.weight 32 4", PROJ ".lora_down.weight" },
  { "unet.conv_in.lora_A.weight 4 4 3 3", "unet.conv_in.lora_B.weight" },
  { "unet.conv_in.lora.down.weight 4 4 3 3", "unet.conv_in.lora.up.weight" },
  { GOOD CONV ".hada_w1_a 32 2\n" CONV ".hada_w1_b 2 288", CONV ".hada_w2_a" },
  { GOOD CONV ".lokr_w1 4 4", CONV ".lokr_w2" },
  { GOOD CONV ".lokr_w2_b 4 4", CONV ".lokr_w2_a" },
  { PROJ ".lora_down.weight 4 33\n" PROJ ".lora_up.weight 32 4", PROJ ".lora_down.weight" },
  { PROJ ".lora_down.weight 4 32\n" PROJ ".lora_up.weight 31 4", PROJ ".lora_up.weight" },
  { PROJ ".lora_down.weight 4 32\n" PROJ ".lora_up.weight 32 3", "32 × 3" },
  { PROJ ".lora_down.weight 0 32\n" PROJ ".lora_up.weight 32 0", PROJ ".lora_down.weight" },
  { GOOD PROJ ".dora_scale 31", PROJ ".dora_scale" },
  { GOOD PROJ ".alpha 2", PROJ ".alpha" },
  { GOOD CONV ".diff 32 32 3 2", CONV ".diff" },
  { CONV ".lokr_w1 4 4\n" CONV ".lokr_w2 8 9 3 3", CONV ".lokr_w2" },
  { CONV ".hada_w1_a 32 2\n" CONV ".hada_w1_b 2 288\n" CONV ".hada_w2_a 32 2\n" CONV
         ".hada_w2_b 2 287",
    CONV ".hada_w2_b" },
  { "lora_unet_down_blocks_7_proj_in.lora_down.weight 4 32\n"
    "lora_unet_down_blocks_7_proj_in.lora_up.weight 32 4",
    "none of its 2 tensors" },
  { "first 4\nsecond 4", "none of its 2 tensors is one of a LoRA" },
  { PROJ ".oft_blocks 4 8 8", "OFT" },
  { "lora_unet_input_blocks_7_1_transformer_blocks_9_attn1_to_q.lora_down.weight 4 32\n"
    "lora_unet_input_blocks_7_1_transformer_blocks_9_attn1_to_q.lora_up.weight 32 4",
    "Stable Diffusion XL" },
  { GOOD "lora_te2_text_model_encoder_layers_0_mlp_fc1.lora_down.weight 4 32\n"
         "lora_te2_text_model_encoder_layers_0_mlp_fc1.lora_up.weight 32 4",
    "Stable Diffusion XL" },
  { "transformer.single_transformer_blocks.0.attn.to_q.lora_A.weight 4 32\n"
    "transformer.single_transformer_blocks.0.attn.to_q.lora_B.weight 32 4",
    "for Flux" },
  { "double_blocks.0.processor.qkv_lora1.down.weight 4 32\n"
    "double_blocks.0.processor.qkv_lora1.up.weight 96 4",
    "for Flux" },
  { "lora_transformer_double_blocks_0_img_attn_qkv.lora_down.weight 4 32\n"
    "lora_transformer_double_blocks_0_img_attn_qkv.lora_up.weight 96 4",
    "for Flux" },
  { "transformer.transformer_blocks.0.attn.add_k_proj.lora_A.weight 4 32\n"
    "transformer.transformer_blocks.0.attn.add_k_proj.lora_B.weight 32 4",
    "Stable Diffusion 3" },
  { "lora_unet_down_blocks_0_attentions_0_transformer_blocks_0_attn2_to_k.lora_down.weight 4 1024\n"
    "lora_unet_down_blocks_0_attentions_0_transformer_blocks_0_attn2_to_k.lora_up.weight 32 4",
    "Stable Diffusion 2" },
  { GOOD "unet.down_blocks.0.attentions.0.proj_in.lora_A.weight 4 32\n"
         "unet.down_blocks.0.attentions.0.proj_in.lora_A.default.weight 4 32",
    "twice" },
};

static void
test_refused (void)
{
  for (size_t i = 0; i < G_N_ELEMENTS (refused); i++) {
    g_autofree char *path = write_lora (refused[i][0]);
    g_autoptr (GError) error = NULL;
    g_autoptr (GvLora) lora = gv_lora_open (path, &error);
    g_autoptr (GPtrArray) fittings = NULL;
    GvLoraReport report;

    if (lora)
      fittings = gv_lora_fit (lora, index_, &report, &error);
    if (!error || !g_str_has_prefix (error->message, path) ||
        !strstr (error->message, refused[i][1]))
      g_error ("%s: “%s”", refused[i][0], error ? error->message : "taken");
  }
}

static void
test_counts (void)
{
  g_autofree char *path =
      write_lora (GOOD PROJ
                  ".alpha\n"
                  "lora_unet_down_blocks_0_attentions_0_transformer_blocks_0_attn1_to_q.diff_b 32\n"
                  "lora_unet_mid_block_attentions_0_proj_out.alpha\n"
                  "lora_unet_down_blocks_7_proj_in.diff 32 4\n"
                  "bundle_emb.cat.string_to_param.* 2 32\n" CONV ".oft_blocks 4 8 8\n"
                  "something.else 4");
  g_autofree char *folder = g_build_filename (temp, "model", NULL);
  g_autoptr (GError) error = NULL;
  g_autoptr (GvLoraKeys) keys = gv_lora_keys_new (path, folder, &error);

  g_assert_no_error (error);
  g_assert_cmpint (keys->n_tensors, ==, 9);
  g_assert_cmpint (keys->n_used, ==, 3);
  g_assert_cmpint (keys->n_mapped, ==, 6);
  g_assert_cmpint (keys->n_not_there, ==, 1);
  g_assert_cmpint (keys->n_unsupported, ==, 1);
  g_assert_cmpint (keys->n_embeddings, ==, 1);
  g_assert_cmpint (keys->n_unknown, ==, 1);
  g_assert_nonnull (keys->first_skipped);
}

static void
test_info (void)
{
  g_autofree char *path =
      write_lora (GOOD PROJ ".alpha\n" CONV ".lora_down.weight 2 32 3 3\n" CONV
                            ".lora_up.weight 32 2 1 1\n"
                            "lora_te_text_model_encoder_layers_0_mlp_fc1.hada_w1_a 128 2\n"
                            "odd 1");
  g_autoptr (GError) error = NULL;
  g_autoptr (GvLoraInfo) info = gv_lora_info_new (path, &error);

  g_assert_no_error (error);
  g_assert_cmpstr (info->name, ==, "style");
  g_assert_cmpstr (info->names, ==, "kohya");
  g_assert_cmpstr (info->kinds, ==, "LoRA, LoCon, LoHa");
  g_assert_cmpstr (info->base, ==, "Stable Diffusion 1");
  g_assert_true (info->usable);
  g_assert_cmpint (info->min_rank, ==, 2);
  g_assert_cmpint (info->max_rank, ==, 4);
  g_assert_cmpfloat (info->max_alpha, ==, 1);
  g_assert_cmpint (info->n_unet, ==, 2);
  g_assert_cmpint (info->n_text, ==, 1);
  g_assert_cmpint (info->n_unknown, ==, 1);
  g_assert_cmpstr (info->first_unknown, ==, "odd");
}

int
main (int argc, char **argv)
{
  g_autoptr (GPtrArray) tensors = tiny_tensors (&tiny_default);
  g_autoptr (GError) error = NULL;
  g_autofree char *folder = NULL;
  int result;

  g_test_init (&argc, &argv, NULL);
  temp = tiny_make_temp ();
  folder = g_build_filename (temp, "model", NULL);
  tiny_write_folder (&tiny_default, tensors, folder);
  model = gv_model_files_open (folder, &error);
  g_assert_no_error (error);
  index_ = gv_lora_index_new (model);
  g_test_add_func ("/lora/names", test_names);
  g_test_add_func ("/lora/peft-names", test_peft_names);
  g_test_add_func ("/lora/refused", test_refused);
  g_test_add_func ("/lora/counts", test_counts);
  g_test_add_func ("/lora/info", test_info);
  result = g_test_run ();
  gv_lora_index_free (index_);
  gv_model_files_free (model);
  tiny_remove_temp (temp);
  return result;
}
