// SPDX-FileCopyrightText: Giverny contributors
// SPDX-License-Identifier: GPL-3.0-or-later
/* Whole models in both layouts: what is read from configs and from shapes, and the bytes of every
 * tensor. */
#include "tiny.h"

#include "base/errors.h"

#include <glib/gstdio.h>
#include <string.h>
#include <unistd.h>

static const Tiny structures[] = {
  { .n_levels = 1,
    .channels = { 32 },
    .layers = 2,
    .cross = 64,
    .depth = 1,
    .down_attention = { true },
    .up_attention = { true },
    .n_vae_levels = 1,
    .vae_channels = { 64 },
    .vae_layers = 1,
    .no_vae_attention = true,
    .text_layers = 1,
    .vocabulary = 10 },
  { .n_levels = 3,
    .channels = { 32, 64, 64 },
    .layers = 3,
    .cross = 128,
    .depth = 2,
    .down_attention = { false, true, true },
    .up_attention = { true, true, false },
    .n_vae_levels = 4,
    .vae_channels = { 32, 32, 64, 64 },
    .vae_layers = 2,
    .no_quant_conv = true,
    .text_layers = 3,
    .vocabulary = 1000 },
};

static void
assert_unet (const GvUnetConfig *c, const Tiny *s)
{
  g_assert_cmpint (c->n_levels, ==, s->n_levels);
  g_assert_cmpint (c->layers_per_block, ==, s->layers);
  g_assert_cmpint (c->cross_attention_dim, ==, s->cross);
  g_assert_cmpint (c->in_channels, ==, 4);
  g_assert_cmpint (c->out_channels, ==, 4);
  g_assert_true (c->mid_attention && c->flip_sin_to_cos && !c->linear_projection);
  g_assert_cmpint (c->norm_groups, ==, 32);
  g_assert_cmpfloat (c->norm_eps, ==, 1e-5);
  for (int i = 0; i < s->n_levels; i++) {
    g_assert_cmpint (c->channels[i], ==, s->channels[i]);
    g_assert_cmpint (c->down_attention[i], ==, s->down_attention[i]);
    g_assert_cmpint (c->up_attention[i], ==, s->up_attention[i]);
    g_assert_cmpint (c->n_heads[i], ==, 8);
    if (s->down_attention[i])
      g_assert_cmpint (c->transformer_depth[i], ==, s->depth);
  }
}

static void
assert_vae (const GvVaeConfig *c, const Tiny *s)
{
  g_assert_cmpint (c->n_levels, ==, s->n_vae_levels);
  g_assert_cmpint (c->layers_per_block, ==, s->vae_layers);
  g_assert_cmpint (c->latent_channels, ==, 4);
  g_assert_cmpint (c->out_channels, ==, 3);
  g_assert_cmpint (c->mid_attention, ==, !s->no_vae_attention);
  g_assert_cmpint (c->post_quant_conv, ==, !s->no_quant_conv);
  g_assert_cmpfloat (c->scaling_factor, ==, 0.18215);
  g_assert_cmpfloat (c->shift_factor, ==, 0);
  for (int i = 0; i < s->n_vae_levels; i++)
    g_assert_cmpint (c->channels[i], ==, s->vae_channels[i]);
}

static void
assert_text (const GvClipTextConfig *c, const Tiny *s, int n_heads, int eos_id)
{
  g_assert_cmpint (c->vocab_size, ==, s->vocabulary);
  g_assert_cmpint (c->width, ==, s->cross);
  g_assert_cmpint (c->mlp_width, ==, 4 * s->cross);
  g_assert_cmpint (c->n_layers, ==, s->text_layers);
  g_assert_cmpint (c->n_positions, ==, 77);
  g_assert_cmpint (c->n_heads, ==, n_heads);
  g_assert_cmpint (c->eos_id, ==, eos_id);
  g_assert_true (c->quick_gelu);
  g_assert_cmpfloat (c->norm_eps, ==, 1e-5);
}

static void
assert_scheduler (const GvSchedulerConfig *c, bool v_prediction)
{
  g_assert_cmpint (c->n_timesteps, ==, 1000);
  g_assert_cmpfloat (c->beta_start, ==, 0.00085);
  g_assert_cmpfloat (c->beta_end, ==, 0.012);
  g_assert_cmpstr (c->beta_schedule, ==, "scaled_linear");
  g_assert_null (c->trained_betas);
  g_assert_cmpint (c->v_prediction, ==, v_prediction);
  g_assert_false (c->zero_snr);
}

/* Every tensor is found, with its shape, and its bytes are those of its number in the file. */
static void
assert_tensors (GvModelFiles *model, GPtrArray *tensors)
{
  for (guint i = 0; i < tensors->len; i++) {
    const TinyTensor *t = tensors->pdata[i];
    const GvWeight *w = NULL;
    g_autoptr (GError) error = NULL;
    g_autofree uint8_t *bytes = NULL;

    gv_model_files_require (model, t->part, t->name, t->rank, t->shape, &w, &error);
    g_assert_no_error (error);
    g_assert_cmpstr (w->name, ==, t->name);
    g_assert_cmpint (w->dtype, ==, t->dtype);
    g_assert_cmpuint (w->size_bytes, ==, w->n_elements * gv_dtype_size (t->dtype));
    bytes = g_malloc (w->size_bytes);
    gv_model_files_read (model, w, 0, 1, bytes, &error);
    g_assert_no_error (error);
    gv_model_files_read (model, w, 1, w->size_bytes - 1, bytes + 1, &error);
    g_assert_no_error (error);
    for (size_t j = 0; j < w->size_bytes; j++)
      if (bytes[j] != tiny_byte (i, j))
        g_error ("%s: byte %zu differs", t->name, j);
  }
}

static GvModelFiles *
open_model (const char *path)
{
  g_autoptr (GError) error = NULL;
  GvModelFiles *model = gv_model_files_open (path, &error);

  g_assert_no_error (error);
  g_assert_nonnull (model);
  return model;
}

static void
test_folder (gconstpointer data)
{
  const Tiny *s = data;
  char *temp = tiny_make_temp ();
  g_autoptr (GPtrArray) tensors = tiny_tensors (s);
  g_autoptr (GvModelFiles) model = NULL;

  tiny_write_folder (s, tensors, temp);
  model = open_model (temp);
  g_assert_true (gv_model_files_is_folder (model));
  assert_unet (gv_model_files_get_unet_config (model), s);
  g_assert_cmpint (gv_model_files_get_unet_config (model)->sample_size, ==, 16);
  assert_vae (gv_model_files_get_vae_config (model), s);
  assert_text (gv_model_files_get_text_config (model), s, 4, 49407);
  assert_scheduler (gv_model_files_get_scheduler_config (model), false);
  assert_tensors (model, tensors);
  g_assert_true (g_str_has_suffix (gv_model_files_get_tokenizer_folder (model), "/tokenizer"));
  tiny_remove_temp (temp);
}

static void
test_single_file (gconstpointer data)
{
  const Tiny *s = data;
  char *temp = tiny_make_temp ();
  g_autofree char *path = g_build_filename (temp, "model.safetensors", NULL);
  g_autoptr (GPtrArray) tensors = tiny_tensors (s);
  g_autoptr (GvModelFiles) model = NULL;

  for (guint i = 0; i < tensors->len; i++) /* mixed types */
    ((TinyTensor *) tensors->pdata[i])->dtype = (GvDtype[]) { GV_F16, GV_F32, GV_BF16 }[i % 3];
  tiny_write_single (tensors, path);
  model = open_model (path);
  g_assert_false (gv_model_files_is_folder (model));
  assert_unet (gv_model_files_get_unet_config (model), s);
  g_assert_cmpint (gv_model_files_get_unet_config (model)->sample_size, ==, 64);
  assert_vae (gv_model_files_get_vae_config (model), s);
  assert_text (gv_model_files_get_text_config (model), s, MAX (s->cross / 64, 1), 2);
  assert_scheduler (gv_model_files_get_scheduler_config (model), false);
  assert_tensors (model, tensors);
  g_assert_null (gv_model_files_get_tokenizer_folder (model));
  tiny_remove_temp (temp);
}

/* What files carry besides: averages, schedules, marks; and the text encoder's names without
 * "text_model.". */
static void
test_single_file_extras (void)
{
  static const char *const extras[] = { "model_ema.decay",
                                        "model_ema.diffusion_modelinput_blocks00weight",
                                        "betas",
                                        "alphas_cumprod",
                                        "cond_stage_model.transformer.embeddings.position_ids",
                                        "v_pred",
                                        "first_stage_model.loss.logvar",
                                        "cond_stage_model.logit_scale" };
  char *temp = tiny_make_temp ();
  g_autofree char *path = g_build_filename (temp, "odd name.ckpt", NULL);
  g_autoptr (GPtrArray) tensors = tiny_tensors (&tiny_default);
  g_autoptr (GvModelFiles) model = NULL;
  size_t n_text;

  for (guint i = 0; i < tensors->len; i++) {
    TinyTensor *t = tensors->pdata[i];

    if (t->part == GV_PART_TEXT) {
      g_free (t->original);
      t->original = g_strconcat ("cond_stage_model.transformer.", t->name, NULL);
    }
  }
  for (size_t i = 0; i < G_N_ELEMENTS (extras); i++) {
    TinyTensor *t = g_memdup2 (tensors->pdata[0], sizeof (TinyTensor));

    *t = (TinyTensor) { .part = GV_PART_VAE,
                        .name = g_strdup (extras[i]),
                        .original = g_strdup (extras[i]),
                        .dtype = GV_I64,
                        .rank = 1,
                        .shape = { i % 2 } };
    g_ptr_array_add (tensors, t);
  }
  tiny_write_single (tensors, path);
  model = open_model (path);
  assert_scheduler (gv_model_files_get_scheduler_config (model), true);
  g_ptr_array_set_size (tensors, (int) (tensors->len - G_N_ELEMENTS (extras)));
  assert_tensors (model, tensors);
  g_free (gv_model_files_get_names (model, GV_PART_TEXT, &n_text));
  g_assert_cmpuint (n_text, ==, 2 + 16 * 2 + 2 + 1); /* position_ids is the one more */
  tiny_remove_temp (temp);
}

/* The U-Net in two shards, the VAE as fp16 variant only, everything a link into a store of blobs.
 */
static void
test_shards_variants_links (void)
{
  char *temp = tiny_make_temp ();
  g_autoptr (GPtrArray) tensors = tiny_tensors (&tiny_default);
  g_autofree char *unet =
      g_build_filename (temp, "unet", "diffusion_pytorch_model.safetensors", NULL);
  g_autofree char *vae =
      g_build_filename (temp, "vae", "diffusion_pytorch_model.safetensors", NULL);
  g_autofree char *half =
      g_build_filename (temp, "vae", "diffusion_pytorch_model.fp16.safetensors", NULL);
  g_autofree char *blob = g_build_filename (temp, "blob", NULL);
  g_autofree char *shard = g_build_filename (temp, "unet", "part-1.safetensors", NULL);
  g_autoptr (GString) index =
      g_string_new ("{ \"metadata\": { \"total_size\": 1 }, \"weight_map\": {");
  g_autoptr (GvModelFiles) model = NULL;

  tiny_write_folder (&tiny_default, tensors, temp);
  g_assert_cmpint (g_rename (unet, blob), ==, 0);
  g_assert_cmpint (symlink ("../blob", shard), ==, 0);
  g_assert_cmpint (g_rename (vae, half), ==, 0);
  for (guint i = 0; i < tensors->len; i++) {
    const TinyTensor *t = tensors->pdata[i];

    if (t->part == GV_PART_UNET)
      g_string_append_printf (index, "%s\"%s\": \"part-1.safetensors\"",
                              index->str[index->len - 1] == '{' ? "" : ",", t->name);
  }
  g_string_append (index, "} }");
  tiny_write_text (temp, "unet/diffusion_pytorch_model.safetensors.index.json", index->str);
  model = open_model (temp);
  assert_tensors (model, tensors);
  tiny_remove_temp (temp);
}

/* A folder put together by hand: no index, no scheduler, no tokenizer, an old VAE, "text_model."
 * before names. */
static void
test_old_folder (void)
{
  static const char *const old[][2] = {
    { "to_q", "query" }, { "to_k", "key" }, { "to_v", "value" }, { "to_out.0", "proj_attn" }
  };
  char *temp = tiny_make_temp ();
  g_autoptr (GPtrArray) tensors = tiny_tensors (&tiny_default),
                        renamed = tiny_tensors (&tiny_default);
  g_autoptr (GvModelFiles) model = NULL;
  const GvWeight *w;
  g_autofree char *index = g_build_filename (temp, "model_index.json", NULL);
  g_autofree char *vocab = g_build_filename (temp, "tokenizer", "vocab.json", NULL);
  g_autofree char *tokenizer = g_build_filename (temp, "tokenizer", NULL);
  g_autofree char *config = g_build_filename (temp, "scheduler", "scheduler_config.json", NULL);
  g_autofree char *scheduler = g_build_filename (temp, "scheduler", NULL);

  for (int i = 0; i < 4; i++) {
    g_autofree char *name = g_strdup_printf ("decoder.mid_block.attentions.0.%s.weight", old[i][0]);
    TinyTensor *t = tiny_find (renamed, GV_PART_VAE, name);

    g_free (t->name);
    t->name = g_strdup_printf ("decoder.mid_block.attentions.0.%s.weight", old[i][1]);
    t->rank = 2;
  }
  for (guint i = 0; i < renamed->len; i++) {
    TinyTensor *t = renamed->pdata[i];
    g_autofree char *name = t->name;

    t->name = g_strconcat (t->part == GV_PART_TEXT ? "text_model." : "", name, NULL);
  }
  tiny_write_folder (&tiny_default, renamed, temp);
  g_assert_cmpint (g_remove (index) | g_remove (vocab) | g_remove (tokenizer) | g_remove (config) |
                       g_remove (scheduler),
                   ==, 0);
  model = open_model (temp);
  assert_tensors (model, tensors);
  assert_scheduler (gv_model_files_get_scheduler_config (model), false);
  g_assert_null (gv_model_files_get_tokenizer_folder (model));
  w = gv_model_files_find (model, GV_PART_VAE, "decoder.mid_block.attentions.0.to_q.weight");
  g_assert_cmpint (w->rank, ==, 2);
  tiny_remove_temp (temp);
}

/* Fields with other forms: lists for numbers, heads of each level, a config inside a config. */
static void
test_config_forms (void)
{
  char *temp = tiny_make_temp ();
  g_autoptr (GPtrArray) tensors = tiny_tensors (&tiny_default);
  g_autoptr (GvModelFiles) model = NULL;
  const GvUnetConfig *unet;
  const GvSchedulerConfig *scheduler;

  tiny_write_folder (&tiny_default, tensors, temp);
  tiny_write_text (
      temp, "unet/config.json",
      "{ \"block_out_channels\": [32, 64], \"down_block_types\": [\"CrossAttnDownBlock2D\","
      " \"DownBlock2D\"], \"up_block_types\": [\"UpBlock2D\", \"CrossAttnUpBlock2D\"],"
      " \"layers_per_block\": [1, 1], \"cross_attention_dim\": [32, 32], \"sample_size\": null,"
      " \"attention_head_dim\": [4, 16], \"num_attention_heads\": null, \"norm_eps\": 1e-6,"
      " \"transformer_layers_per_block\": [1, 1], \"act_fn\": \"swish\", \"freq_shift\": 1,"
      " \"use_linear_projection\": true, \"flip_sin_to_cos\": false, \"dropout\": 0.1,"
      " \"upcast_attention\": true, \"only_cross_attention\": false, \"mid_block_type\": "
      "\"UNetMidBlock2D\", \"norm_num_groups\": 8 }");
  tiny_write_text (
      temp, "text_encoder/config.json",
      "{ \"model_type\": \"clip\", \"text_config\": { \"vocab_size\": 100, \"hidden_size\": 32,"
      " \"intermediate_size\": 128, \"num_hidden_layers\": 2, \"hidden_act\": \"gelu\","
      " \"eos_token_id\": 2, \"layer_norm_eps\": 1e-6 } }");
  tiny_write_text (temp, "scheduler/scheduler_config.json",
                   "{ \"trained_betas\": [0.1, 0.2, 0.3], \"prediction_type\": \"v_prediction\","
                   " \"rescale_betas_zero_snr\": true }");
  model = open_model (temp);
  unet = gv_model_files_get_unet_config (model);
  g_assert_cmpint (unet->n_heads[0], ==, 4);
  g_assert_cmpint (unet->n_heads[1], ==, 16);
  g_assert_cmpint (unet->sample_size, ==, 64);
  g_assert_cmpint (unet->norm_groups, ==, 8);
  g_assert_cmpfloat (unet->norm_eps, ==, 1e-6);
  g_assert_cmpfloat (unet->freq_shift, ==, 1);
  g_assert_false (unet->mid_attention);
  g_assert_true (unet->linear_projection && !unet->flip_sin_to_cos);
  g_assert_false (gv_model_files_get_text_config (model)->quick_gelu);
  g_assert_cmpint (gv_model_files_get_text_config (model)->eos_id, ==, 2);
  g_assert_cmpint (gv_model_files_get_text_config (model)->n_heads, ==, 8);
  scheduler = gv_model_files_get_scheduler_config (model);
  g_assert_cmpint (scheduler->n_timesteps, ==, 3);
  g_assert_cmpfloat (scheduler->trained_betas[2], ==, 0.3);
  g_assert_true (scheduler->v_prediction && scheduler->zero_snr);
  g_assert_cmpstr (scheduler->beta_schedule, ==, "linear");
  tiny_remove_temp (temp);
}

/* What a network asks for and the file doesn't have. */
static void
test_require (void)
{
  char *temp = tiny_make_temp ();
  g_autoptr (GPtrArray) tensors = tiny_tensors (&tiny_default);
  g_autoptr (GvModelFiles) model = NULL;
  const GvWeight *w;
  g_autoptr (GError) shape = NULL, missing = NULL, type = NULL;
  const int64_t square[] = { 32, 4, 3, 3 }, flat[] = { 32, 32 }, ones[] = { 32, 32, 1, 1 };

  tiny_find (tensors, GV_PART_UNET, "conv_in.bias")->dtype = GV_I32;
  tiny_write_folder (&tiny_default, tensors, temp);
  model = open_model (temp);
  g_assert_true (gv_model_files_require (model, GV_PART_UNET, "conv_in.weight", 4, square, &w,
                                         NULL));
  g_assert_true (gv_model_files_require (model, GV_PART_UNET,
                                         "down_blocks.0.attentions.0.proj_in.weight", 2, flat, &w,
                                         NULL));
  g_assert_true (gv_model_files_require (model, GV_PART_TEXT,
                                         "encoder.layers.0.self_attn.q_proj.weight", 4, ones, &w,
                                         NULL));
  g_assert_false (gv_model_files_require (model, GV_PART_UNET, "conv_in.weight", 2, flat, &w,
                                          &shape));
  g_assert_error (shape, GV_WEIGHTS_ERROR, GV_WEIGHTS_ERROR_SHAPE);
  g_assert_nonnull (strstr (shape->message, "conv_in.weight"));
  g_assert_nonnull (strstr (shape->message, "[32, 4, 3, 3] instead of [32, 32]"));
  g_assert_nonnull (strstr (shape->message, "unet/diffusion_pytorch_model.safetensors"));
  g_assert_false (gv_model_files_require (model, GV_PART_UNET, "conv_in.scale", 2, flat, &w,
                                          &missing));
  g_assert_error (missing, GV_WEIGHTS_ERROR, GV_WEIGHTS_ERROR_MISSING);
  g_assert_false (gv_model_files_require (model, GV_PART_UNET, "conv_in.bias", 1, flat, &w, &type));
  g_assert_error (type, GV_WEIGHTS_ERROR, GV_WEIGHTS_ERROR_UNSUPPORTED);
  tiny_remove_temp (temp);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_data_func ("/weights/folder/default", &tiny_default, test_folder);
  g_test_add_data_func ("/weights/folder/one-level", &structures[0], test_folder);
  g_test_add_data_func ("/weights/folder/three-levels", &structures[1], test_folder);
  g_test_add_func ("/weights/folder/shards-variants-links", test_shards_variants_links);
  g_test_add_func ("/weights/folder/old", test_old_folder);
  g_test_add_func ("/weights/folder/config-forms", test_config_forms);
  g_test_add_data_func ("/weights/single-file/default", &tiny_default, test_single_file);
  g_test_add_data_func ("/weights/single-file/one-level", &structures[0], test_single_file);
  g_test_add_data_func ("/weights/single-file/three-levels", &structures[1], test_single_file);
  g_test_add_func ("/weights/single-file/extras", test_single_file_extras);
  g_test_add_func ("/weights/require", test_require);
  return g_test_run ();
}
