// SPDX-FileCopyrightText: Giverny contributors
// SPDX-License-Identifier: GPL-3.0-or-later
/* Models that are wrong in one place: each is refused in one line that names file and place. */
#include "tiny.h"

#include "base/errors.h"

#include <glib/gstdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define UNET "unet/config.json"
#define VAE "vae/config.json"
#define TEXT "text_encoder/config.json"
#define NOISE "scheduler/scheduler_config.json"
#define INDEX "model_index.json"

/* A config of the smallest folder with one field set; what the sentence must have besides file and
 * field. */
static const struct
{
  const char *file, *field, *value, *words;
} fields[] = {
  { UNET, "_class_name", "\"UNet3DConditionModel\"", "UNet3DConditionModel" },
  { UNET, "act_fn", "\"gelu\"", "only “silu”" },
  { UNET, "act_fn", "null", "null" },
  { UNET, "act_fn", "7", "" },
  { UNET, "time_embedding_type", "\"fourier\"", "fourier" },
  { UNET, "resnet_time_scale_shift", "\"scale_shift\"", "scale_shift" },
  { UNET, "class_embed_type", "\"timestep\"", "timestep" },
  { UNET, "addition_embed_type", "\"text_time\"", "text_time" },
  { UNET, "addition_embed_type", "[1]", "" },
  { UNET, "encoder_hid_dim_type", "\"text_proj\"", "text_proj" },
  { UNET, "encoder_hid_dim", "64", "" },
  { UNET, "num_class_embeds", "1000", "" },
  { UNET, "time_cond_proj_dim", "256", "" },
  { UNET, "time_embedding_act_fn", "\"silu\"", "" },
  { UNET, "timestep_post_act", "\"silu\"", "" },
  { UNET, "time_embedding_dim", "512", "" },
  { UNET, "cross_attention_norm", "\"group_norm\"", "" },
  { UNET, "attention_type", "\"gated\"", "gated" },
  { UNET, "only_cross_attention", "true", "" },
  { UNET, "only_cross_attention", "[true, false]", "" },
  { UNET, "dual_cross_attention", "true", "" },
  { UNET, "center_input_sample", "true", "" },
  { UNET, "class_embeddings_concat", "true", "" },
  { UNET, "resnet_skip_time_act", "true", "" },
  { UNET, "mid_block_only_cross_attention", "true", "" },
  { UNET, "mid_block_type", "\"UNetMidBlock2DSimpleCrossAttn\"", "Simple" },
  { UNET, "mid_block_type", "null", "null" },
  { UNET, "conv_in_kernel", "1", "" },
  { UNET, "conv_out_kernel", "5", "" },
  { UNET, "downsample_padding", "0", "" },
  { UNET, "mid_block_scale_factor", "1.4", "" },
  { UNET, "mid_block_scale_factor", "\"1\"", "" },
  { UNET, "resnet_out_scale_factor", "2", "" },
  { UNET, "down_block_types", "[\"DownBlock2D\", \"AttnDownBlock2D\"]", "AttnDownBlock2D" },
  { UNET, "down_block_types", "[\"DownBlock2D\"]", "has 1 entries" },
  { UNET, "down_block_types", "[]", "" },
  { UNET, "down_block_types", "[1, 2]", "" },
  { UNET, "down_block_types", "\"DownBlock2D\"", "" },
  { UNET, "up_block_types", "[\"UpBlock2D\", \"AttnUpBlock2D\"]", "AttnUpBlock2D" },
  { UNET, "up_block_types", "[\"UpBlock2D\", \"UpBlock2D\", \"UpBlock2D\"]", "has 3 entries" },
  { UNET, "block_out_channels", "[32, 0]", "" },
  { UNET, "block_out_channels", "[32, -64]", "" },
  { UNET, "block_out_channels", "[32, 64.5]", "" },
  { UNET, "block_out_channels", "[32, 9007199254740993]", "" },
  { UNET, "block_out_channels", "[32, 1e300]", "" },
  { UNET, "block_out_channels", "[1, 1, 1, 1, 1, 1, 1, 1, 1]", "" },
  { UNET, "block_out_channels", "32", "" },
  { UNET, "block_out_channels", "null", "" },
  { UNET, "layers_per_block", "[1, 2]", "every level" },
  { UNET, "layers_per_block", "0", "" },
  { UNET, "layers_per_block", "[1]", "each of the 2 levels" },
  { UNET, "layers_per_block", "[]", "each of the 2 levels" },
  { UNET, "cross_attention_dim", "[32, 64]", "every level" },
  { UNET, "cross_attention_dim", "{}", "" },
  { UNET, "attention_head_dim", "0", "" },
  { UNET, "attention_head_dim", "[8]", "each of the 2 levels" },
  { UNET, "attention_head_dim", "[8, 8, 8]", "" },
  { UNET, "num_attention_heads", "\"8\"", "" },
  { UNET, "transformer_layers_per_block", "[[1, 1], [1, 1]]", "" },
  { UNET, "reverse_transformer_layers_per_block", "[1, 1]", "" },
  { UNET, "norm_num_groups", "null", "null" },
  { UNET, "norm_num_groups", "0", "" },
  { UNET, "norm_eps", "-1", "" },
  { UNET, "norm_eps", "true", "" },
  { UNET, "in_channels", "100000", "" },
  { UNET, "sample_size", "0", "" },
  { UNET, "sample_size", "[8, 16]", "same" },
  { UNET, "sample_size", "[8, 8, 8]", "" },
  { UNET, "flip_sin_to_cos", "1", "" },
  { UNET, "use_linear_projection", "\"yes\"", "" },
  { UNET, "freq_shift", "[]", "" },
  { VAE, "_class_name", "\"AutoencoderTiny\"", "AutoencoderTiny" },
  { VAE, "act_fn", "\"relu\"", "relu" },
  { VAE, "latents_mean", "[0, 0, 0, 0]", "" },
  { VAE, "latents_std", "[1, 1, 1, 1]", "" },
  { VAE, "block_out_channels", "[]", "" },
  { VAE, "block_out_channels", "[32]", "" },
  { VAE, "up_block_types", "[\"UpDecoderBlock2D\", \"AttnUpDecoderBlock2D\"]",
    "AttnUpDecoderBlock2D" },
  { VAE, "down_block_types", "[\"DownEncoderBlock2D\"]", "has 1 entries" },
  { VAE, "layers_per_block", "[2]", "" },
  { VAE, "latent_channels", "0", "" },
  { VAE, "scaling_factor", "0", "" },
  { VAE, "scaling_factor", "null", "" },
  { VAE, "scaling_factor", "1e300", "" },
  { VAE, "shift_factor", "\"a\"", "" },
  { VAE, "mid_block_add_attention", "null", "" },
  { VAE, "use_post_quant_conv", "0", "" },
  { TEXT, "model_type", "\"t5\"", "t5" },
  { TEXT, "hidden_act", "\"relu\"", "relu" },
  { TEXT, "hidden_act", "\"gelu_new\\n\\u001b[31m\"", "gelu_new\\x0a\\x1b" },
  { TEXT, "hidden_size", "0", "" },
  { TEXT, "hidden_size", "-32", "" },
  { TEXT, "num_attention_heads", "0", "" },
  { TEXT, "num_hidden_layers", "1000000", "" },
  { TEXT, "vocab_size", "4294967396", "" },
  { TEXT, "layer_norm_eps", "null", "" },
  { TEXT, "eos_token_id", "[2]", "" },
  { NOISE, "_class_name", "\"FlowMatchEulerDiscreteScheduler\"", "FlowMatch" },
  { NOISE, "_class_name", "\"EDMEulerScheduler\"", "EDM" },
  { NOISE, "beta_schedule", "\"sigmoid\"", "sigmoid" },
  { NOISE, "beta_start", "-1", "" },
  { NOISE, "beta_start", "\"0.1\"", "" },
  { NOISE, "beta_end", "1", "" },
  { NOISE, "num_train_timesteps", "1", "" },
  { NOISE, "num_train_timesteps", "1e3", "" },
  { NOISE, "prediction_type", "\"sample\"", "sample" },
  { NOISE, "trained_betas", "[0.5]", "" },
  { NOISE, "trained_betas", "[0.5, 1.5]", "" },
  { NOISE, "trained_betas", "[0.5, \"a\"]", "" },
  { NOISE, "rescale_betas_zero_snr", "2", "" },
};

/* Fields that are fine alone but don't go together, or a family that can't be run. */
static const struct
{
  const char *file, *field, *value, *words;
} sentences[] = {
  { INDEX, "_class_name", "\"StableDiffusionXLPipeline\"", "Stable Diffusion XL" },
  { INDEX, "_class_name", "\"StableDiffusion3Pipeline\"", "Stable Diffusion 3" },
  { INDEX, "_class_name", "\"FluxPipeline\"", "Flux" },
  { INDEX, "_class_name", "\"WuerstchenDecoderPipeline\"", "Wuerstchen" },
  { UNET, "in_channels", "9", "inpainting" },
  { UNET, "in_channels", "8", "instruction" },
  { UNET, "in_channels", "5", "differ" },
  { UNET, "norm_num_groups", "7", "7 groups" },
  { UNET, "attention_head_dim", "5", "5 heads" },
  { UNET, "cross_attention_dim", "64", "width 64" },
  { VAE, "norm_num_groups", "5", "5 groups" },
  { VAE, "latent_channels", "16", "16" },
  { VAE, "out_channels", "4", "4 channels" },
  { TEXT, "num_attention_heads", "5", "5 heads" },
  { TEXT, "max_position_embeddings", "76", "76" },
  { TEXT, "model_type", "\"clip\"", "text_config" },
};

static char *
config_of (const char *file)
{
  if (strcmp (file, INDEX) == 0)
    return g_strdup ("{ \"_class_name\": \"StableDiffusionPipeline\" }");
  return tiny_config (&tiny_default, strcmp (file, UNET) == 0   ? GV_PART_UNET
                                     : strcmp (file, VAE) == 0  ? GV_PART_VAE
                                     : strcmp (file, TEXT) == 0 ? GV_PART_TEXT
                                                                : GV_N_PARTS);
}

/* Writes the config with @field set to @value; a value that was there stays under another name. */
static void
set_field (const char *folder, const char *file, const char *field, const char *value)
{
  g_autofree char *before = config_of (file);
  g_autofree char *quoted = g_strdup_printf ("\"%s\":", field);
  g_autofree char *renamed = g_strdup_printf ("\"old_%s\":", field);
  g_autoptr (GString) text = g_string_new (before);
  g_autofree char *added = g_strdup_printf ("{ \"%s\": %s, ", field, value);

  g_string_replace (text, quoted, renamed, 0);
  g_string_replace (text, "{", added, 1);
  tiny_write_text (folder, file, text->str);
}

/* Fails if the model opens, or the sentence is no single line with all of @words. */
static void
assert_refused (const char *path, const char *const *words)
{
  g_autoptr (GError) error = NULL;
  GvModelFiles *model = gv_model_files_open (path, &error);

  if (model)
    g_error ("taken, though it should be refused for %s", words[1] ? words[1] : words[0]);
  g_assert_true (error->domain == GV_FORMAT_ERROR || error->domain == GV_WEIGHTS_ERROR);
  g_assert_null (strpbrk (error->message, "\n\r\033"));
  for (int i = 0; words[i]; i++)
    if (!strstr (error->message, words[i]))
      g_error ("“%s” lacks “%s”", error->message, words[i]);
}

static void
test_fields (void)
{
  char *temp = tiny_make_temp ();
  g_autoptr (GPtrArray) tensors = tiny_tensors (&tiny_default);

  tiny_write_folder (&tiny_default, tensors, temp);
  for (size_t i = 0; i < G_N_ELEMENTS (fields); i++) {
    g_autofree char *intact = config_of (fields[i].file);

    set_field (temp, fields[i].file, fields[i].field, fields[i].value);
    assert_refused (temp,
                    (const char *[]) { fields[i].file, fields[i].field, fields[i].words, NULL });
    tiny_write_text (temp, fields[i].file, intact);
  }
  for (size_t i = 0; i < G_N_ELEMENTS (sentences); i++) {
    g_autofree char *intact = config_of (sentences[i].file);

    set_field (temp, sentences[i].file, sentences[i].field, sentences[i].value);
    assert_refused (temp, (const char *[]) { temp, sentences[i].words, NULL });
    tiny_write_text (temp, sentences[i].file, intact);
  }
  tiny_remove_temp (temp);
}

/* Things that aren't JSON objects, in place of each config. */
static void
test_broken_json (void)
{
  static const char *const files[] = { INDEX, UNET, VAE, TEXT, NOISE };
  static const char *const texts[] = { "",
                                       "{",
                                       "[]",
                                       "null",
                                       "{ \"a\": 1, \"a\": 1 }",
                                       "{ 'a': 1 }",
                                       "\xff",
                                       "{ \"_class_name\": NaN }",
                                       "{ \"_class_name\": 1 }" };
  char *temp = tiny_make_temp ();
  g_autoptr (GPtrArray) tensors = tiny_tensors (&tiny_default);

  tiny_write_folder (&tiny_default, tensors, temp);
  for (size_t i = 0; i < G_N_ELEMENTS (files); i++) {
    g_autofree char *intact = config_of (files[i]);

    for (size_t j = 0; j < G_N_ELEMENTS (texts); j++) {
      if (strcmp (files[i], TEXT) == 0 && strstr (texts[j], ": 1 }") && !strstr (texts[j], ","))
        continue; /* a class name means nothing there */
      tiny_write_text (temp, files[i], texts[j]);
      assert_refused (temp, (const char *[]) { files[i], NULL });
    }
    tiny_write_text (temp, files[i], intact);
  }
  tiny_remove_temp (temp);
}

/* What stands at a file's place instead of it. */

static void
put_nothing (const char *path)
{
}

static void
put_folder (const char *path)
{
  g_assert_cmpint (g_mkdir (path, 0755), ==, 0);
}

static void
put_pipe (const char *path)
{
  g_assert_cmpint (mkfifo (path, 0644), ==, 0);
}

static void
put_device (const char *path)
{
  g_assert_cmpint (symlink ("/dev/zero", path), ==, 0);
}

static void
put_loop (const char *path)
{
  g_autofree char *name = g_path_get_basename (path);

  g_assert_cmpint (symlink (name, path), ==, 0);
}

static void
put_dangling (const char *path)
{
  g_assert_cmpint (symlink ("nowhere", path), ==, 0);
}

static void
put_empty (const char *path)
{
  g_assert_true (g_file_set_contents (path, "", 0, NULL));
}

static void
put_noise (const char *path)
{
  g_autofree char *bytes = g_malloc (4096);

  for (int i = 0; i < 4096; i++)
    bytes[i] = (char) (i * 89 + 5);
  g_assert_true (g_file_set_contents (path, bytes, 4096, NULL));
}

static const struct
{
  const char *name;
  void (*put) (const char *path);
} instead[] = {
  { "nothing", put_nothing }, { "folder", put_folder }, { "pipe", put_pipe },
  { "device", put_device },   { "loop", put_loop },     { "dangling", put_dangling },
  { "empty", put_empty },     { "noise", put_noise },
};

static void
test_instead_of_files (void)
{
  static const char *const files[] = { "unet/config.json",
                                       "vae/config.json",
                                       "text_encoder/config.json",
                                       "scheduler/scheduler_config.json",
                                       "text_encoder/model.safetensors",
                                       "unet/diffusion_pytorch_model.safetensors",
                                       "vae/diffusion_pytorch_model.safetensors" };
  char *temp = tiny_make_temp ();
  g_autoptr (GPtrArray) tensors = tiny_tensors (&tiny_default);

  tiny_write_folder (&tiny_default, tensors, temp);
  for (size_t i = 0; i < G_N_ELEMENTS (files); i++) {
    g_autofree char *path = g_build_filename (temp, files[i], NULL);
    g_autofree char *kept = g_strconcat (path, ".kept", NULL);
    g_autofree char *folder = g_path_get_dirname (files[i]);

    g_assert_cmpint (g_rename (path, kept), ==, 0);
    for (size_t j = 0; j < G_N_ELEMENTS (instead); j++) {
      instead[j].put (path);
      assert_refused (temp, (const char *[]) { folder, NULL });
      remove (path);
    }
    g_assert_cmpint (g_rename (kept, path), ==, 0);
  }
  tiny_remove_temp (temp);
}

static void
test_instead_of_models (void)
{
  char *temp = tiny_make_temp ();
  g_autofree char *path = g_build_filename (temp, "a model\n.safetensors", NULL);

  for (size_t j = 0; j < G_N_ELEMENTS (instead); j++) {
    instead[j].put (path);
    assert_refused (path, (const char *[]) { "a model\\x0a.safetensors", NULL });
    remove (path);
  }
  tiny_remove_temp (temp);
}

/* Pickles are told by content, whatever they are called; other containers by name. */
static void
test_containers (void)
{
  static const struct
  {
    const char *name, *bytes;
    size_t size;
    const char *words;
  } containers[] = {
    { "a.ckpt", "PK\003\004\0\0\0\0archive/data.pkl", 24, "safe_serialization=True" },
    { "a.safetensors", "PK\003\004\0\0\0\0archive/data.pkl", 24, "safe_serialization=True" },
    { "a", "\200\002}q\001", 5, "safe_serialization=True" },
    { "a.pt", "\200\004\225\020\0\0\0\0\0\0\0}", 12, "safe_serialization=True" },
    { "a.bin", "anything", 8, "safe_serialization=True" },
    { "a.gguf", "GGUF\003\0\0\0\0\0\0\0", 12, "GGUF" },
    { "a.png", "\211PNG\r\n\032\n\0\0\0\015IHDR", 16, "picture" },
  };
  char *temp = tiny_make_temp ();

  for (size_t i = 0; i < G_N_ELEMENTS (containers); i++) {
    g_autofree char *path = g_build_filename (temp, containers[i].name, NULL);

    g_assert_true (g_file_set_contents (path, containers[i].bytes, (gssize) containers[i].size,
                                        NULL));
    assert_refused (path, (const char *[]) { containers[i].name, containers[i].words, NULL });
  }
  tiny_remove_temp (temp);
}

static void
test_pickled_folder (void)
{
  static const char *const parts[][2] = {
    { "text_encoder/model.safetensors", "text_encoder/pytorch_model.bin" },
    { "unet/diffusion_pytorch_model.safetensors", "unet/diffusion_pytorch_model.bin" },
    { "vae/diffusion_pytorch_model.safetensors", "vae/diffusion_pytorch_model.bin" },
  };
  char *temp = tiny_make_temp ();
  g_autoptr (GPtrArray) tensors = tiny_tensors (&tiny_default);

  tiny_write_folder (&tiny_default, tensors, temp);
  for (size_t i = 0; i < G_N_ELEMENTS (parts); i++) {
    g_autofree char *safe = g_build_filename (temp, parts[i][0], NULL);
    g_autofree char *pickle = g_build_filename (temp, parts[i][1], NULL);

    g_assert_cmpint (g_rename (safe, pickle), ==, 0);
    assert_refused (temp, (const char *[]) { parts[i][1], "safe_serialization=True", NULL });
    g_assert_cmpint (g_rename (pickle, safe), ==, 0);
  }
  tiny_remove_temp (temp);
}

/* Indices of shards that lead elsewhere. */
static void
test_indices (void)
{
  static const struct
  {
    const char *map, *words;
  } indices[] = {
    { "{ \"conv_in.weight\": \"../vae/diffusion_pytorch_model.safetensors\" }", "plain name" },
    { "{ \"conv_in.weight\": \"/etc/passwd\" }", "plain name" },
    { "{ \"conv_in.weight\": \"..\" }", "plain name" },
    { "{ \"conv_in.weight\": \"\" }", "plain name" },
    { "{ \"conv_in.weight\": \"a\\\\b\" }", "plain name" },
    { "{ \"conv_in.weight\": \"nowhere.safetensors\" }", "nowhere.safetensors" },
    { "{ \"conv_in.weight\": \"config.json\" }", "config.json" },
    { "{ \"nothing\": \"shard.safetensors\" }", "nothing" },
    { "{ \"conv_in.weight\": 3 }", "conv_in.weight" },
    { "{ \"conv_in.weight\": null }", "conv_in.weight" },
    { "{ \"conv_in.weight\": {} }", "conv_in.weight" },
    { "[]", "weight_map" },
    { "null", "weight_map" },
  };
  char *temp = tiny_make_temp ();
  g_autoptr (GPtrArray) tensors = tiny_tensors (&tiny_default);
  g_autofree char *whole =
      g_build_filename (temp, "unet", "diffusion_pytorch_model.safetensors", NULL);
  g_autofree char *shard = g_build_filename (temp, "unet", "shard.safetensors", NULL);

  tiny_write_folder (&tiny_default, tensors, temp);
  g_assert_cmpint (g_rename (whole, shard), ==, 0);
  for (size_t i = 0; i < G_N_ELEMENTS (indices); i++) {
    g_autofree char *text = g_strdup_printf ("{ \"weight_map\": %s }", indices[i].map);

    tiny_write_text (temp, "unet/diffusion_pytorch_model.safetensors.index.json", text);
    assert_refused (temp, (const char *[]) { "unet", indices[i].words, NULL });
  }
  tiny_remove_temp (temp);
}

/* Single files of other families, told by one tensor; the first that is there decides. */
static const struct
{
  const char *tensor;
  int64_t shape[2];
  const char *words;
} marks[] = {
  { "model.diffusion_model.double_blocks.0.img_attn.norm.key_norm.scale", { 128, 1 }, "Flux" },
  { "double_blocks.0.img_attn.norm.key_norm.scale", { 128, 1 }, "Flux" },
  { "transformer_blocks.0.attn.norm_added_k.weight", { 128, 1 }, "Flux" },
  { "model.diffusion_model.joint_blocks.0.context_block.attn.qkv.weight",
    { 8, 8 },
    "Stable Diffusion 3" },
  { "model.diffusion_model.label_emb.0.0.weight", { 2, 2816 }, "Stable Diffusion XL," },
  { "model.diffusion_model.label_emb.0.0.weight", { 2, 2560 }, "refiner" },
  { "model.diffusion_model.label_emb.0.0.weight", { 2, 2048 }, "unCLIP" },
  { "conditioner.embedders.1.model.ln_final.weight", { 2, 2 }, "Stable Diffusion XL" },
  { "cond_stage_model.model.ln_final.weight", { 2, 2 }, "Stable Diffusion 2" },
  { "model.diffusion_model.scaled_fp8", { 1, 2 }, "scales" },
  { "model.diffusion_model.out.2.scale_weight", { 1, 1 }, "scales" },
};

static void
append (GPtrArray *tensors, const char *name, const int64_t *shape)
{
  TinyTensor *t = g_new0 (TinyTensor, 1);

  *t = (TinyTensor) { .part = GV_PART_UNET,
                      .name = g_strdup (name),
                      .original = g_strdup (name),
                      .dtype = GV_F16,
                      .rank = 2,
                      .shape = { shape[0], shape[1] } };
  g_ptr_array_add (tensors, t);
}

static void
test_other_families (void)
{
  char *temp = tiny_make_temp ();
  g_autofree char *path = g_build_filename (temp, "other.safetensors", NULL);

  for (size_t i = 0; i < G_N_ELEMENTS (marks); i++) {
    g_autoptr (GPtrArray) tensors = tiny_tensors (&tiny_default);

    append (tensors, marks[i].tensor, marks[i].shape);
    tiny_write_single (tensors, path);
    assert_refused (path, (const char *[]) { "other.safetensors", marks[i].words, NULL });
  }
  tiny_remove_temp (temp);
}

/* Files that hold something else than a whole model. */
static void
test_other_files (void)
{
  static const struct
  {
    const char *tensor, *words;
  } files[] = {
    { "lora_unet_down_blocks_0_attentions_0_proj_in.lora_down.weight", "LoRA" },
    { "unet.mid_block.attentions.0.proj_in.lora_A.weight", "LoRA" },
    { "down_blocks.0.resnets.0.conv1.weight", "U-Net of a diffusers folder" },
    { "decoder.conv_in.weight", "VAE" },
    { "latents", "no model that we know" },
    { "model.diffusion_model.input_blocks.0.0.weight", "has no VAE" },
  };
  char *temp = tiny_make_temp ();
  g_autofree char *path = g_build_filename (temp, "other.safetensors", NULL);

  for (size_t i = 0; i < G_N_ELEMENTS (files); i++) {
    g_autoptr (GPtrArray) tensors = tiny_tensors (&tiny_default);

    g_ptr_array_set_size (tensors, 0);
    append (tensors, files[i].tensor, (const int64_t[]) { 4, 4 });
    tiny_write_single (tensors, path);
    assert_refused (path, (const char *[]) { "other.safetensors", files[i].words, NULL });
  }
  tiny_remove_temp (temp);
}

/* Single files in which one tensor, by which the structure is told, is missing or of another shape.
 */
static const struct
{
  GvPart part;
  const char *name;
  int rank; /* -1: the tensor is missing */
  int64_t shape[4];
  const char *words;
} shapes[] = {
  { GV_PART_UNET, "conv_in.weight", -1, { 0 }, "no model that we know" },
  { GV_PART_UNET, "conv_in.weight", 1, { 32 }, "conv_in.weight" },
  { GV_PART_UNET, "conv_in.weight", 4, { 32, 9, 3, 3 }, "inpainting" },
  { GV_PART_UNET, "conv_out.weight", -1, { 0 }, "conv_out.weight" },
  { GV_PART_UNET, "conv_out.weight", 0, { 0 }, "conv_out.weight" },
  { GV_PART_UNET, "down_blocks.0.resnets.0.norm1.weight", -1, { 0 }, "U-Net" },
  { GV_PART_UNET, "down_blocks.0.resnets.0.conv1.weight", 4, { 100000, 0, 3, 3 }, "conv1.weight" },
  { GV_PART_UNET, "down_blocks.0.resnets.0.conv1.weight", 4, { 33, 32, 3, 3 }, "32 groups" },
  { GV_PART_UNET, "down_blocks.0.downsamplers.0.conv.weight", -1, { 0 }, "blocks of the U-Net" },
  { GV_PART_UNET,
    "mid_block.attentions.0.transformer_blocks.0.attn2.to_k.weight",
    -1,
    { 0 },
    "to_k.weight" },
  { GV_PART_UNET,
    "mid_block.attentions.0.transformer_blocks.0.attn2.to_k.weight",
    2,
    { 64, 48 },
    "width 48" },
  { GV_PART_VAE, "decoder.conv_in.weight", 4, { 32, 16, 3, 3 }, "16" },
  { GV_PART_VAE, "decoder.conv_out.weight", -1, { 0 }, "conv_out.weight" },
  { GV_PART_VAE, "decoder.up_blocks.1.resnets.0.norm1.weight", -1, { 0 }, "VAE" },
  { GV_PART_TEXT, "embeddings.token_embedding.weight", -1, { 0 }, "text encoder" },
  { GV_PART_TEXT, "embeddings.token_embedding.weight", 2, { 100, 48 }, "48" },
  { GV_PART_TEXT, "embeddings.position_embedding.weight", 2, { 76, 32 }, "76" },
  { GV_PART_TEXT, "encoder.layers.0.mlp.fc1.weight", -1, { 0 }, "fc1.weight" },
};

static void
test_single_file_shapes (void)
{
  char *temp = tiny_make_temp ();
  g_autofree char *path = g_build_filename (temp, "model.safetensors", NULL);

  for (size_t i = 0; i < G_N_ELEMENTS (shapes); i++) {
    g_autoptr (GPtrArray) tensors = tiny_tensors (&tiny_default);
    TinyTensor *t = tiny_find (tensors, shapes[i].part, shapes[i].name);

    if (shapes[i].rank < 0)
      g_ptr_array_remove (tensors, t);
    else {
      t->rank = shapes[i].rank;
      memcpy (t->shape, shapes[i].shape, sizeof t->shape);
    }
    tiny_write_single (tensors, path);
    assert_refused (path, (const char *[]) { "model.safetensors", shapes[i].words, NULL });
  }
  tiny_remove_temp (temp);
}

/* A file that was cut short on its way here. */
static void
test_cut_file (void)
{
  char *temp = tiny_make_temp ();
  g_autofree char *path = g_build_filename (temp, "model.safetensors", NULL);
  g_autoptr (GPtrArray) tensors = tiny_tensors (&tiny_default);

  tiny_write_single (tensors, path);
  g_assert_cmpint (truncate (path, 100000), ==, 0);
  assert_refused (path, (const char *[]) { "model.safetensors", NULL });
  tiny_remove_temp (temp);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/weights/hostile/fields", test_fields);
  g_test_add_func ("/weights/hostile/broken-json", test_broken_json);
  g_test_add_func ("/weights/hostile/instead-of-files", test_instead_of_files);
  g_test_add_func ("/weights/hostile/instead-of-models", test_instead_of_models);
  g_test_add_func ("/weights/hostile/containers", test_containers);
  g_test_add_func ("/weights/hostile/pickled-folder", test_pickled_folder);
  g_test_add_func ("/weights/hostile/indices", test_indices);
  g_test_add_func ("/weights/hostile/other-families", test_other_families);
  g_test_add_func ("/weights/hostile/other-files", test_other_files);
  g_test_add_func ("/weights/hostile/single-file-shapes", test_single_file_shapes);
  g_test_add_func ("/weights/hostile/cut-file", test_cut_file);
  return g_test_run ();
}
