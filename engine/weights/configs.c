// SPDX-FileCopyrightText: Giverny contributors
// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * The configs of a diffusers folder.  A field that is missing has the value that diffusers and
 * transformers give it; a field that would change the arithmetic in a way that the networks don't
 * know is refused by name.
 */
#include "weights/configs.h"

#include "base/i18n.h"
#include "formats/file.h"

#include <math.h>
#include <string.h>

#define MAX_WIDTH 65536
#define MAX_LAYERS 256
#define MAX_TIMESTEPS 100000

static void
only_class (GvConfig *c, const char *only)
{
  gv_config_only_string (c, "_class_name", only);
}

/* The text encoder. */

static bool
text_activation_is_quick (GvConfig *c)
{
  const char *act = gv_config_string (c, "hidden_act", "quick_gelu");

  if (strcmp (act, "quick_gelu") != 0 && strcmp (act, "gelu") != 0) {
    g_autofree char *shown = gv_dup_shown (act);
    gv_config_fail (c, "hidden_act", _("is “%s”; only “quick_gelu” and “gelu” can be run"), shown);
  }
  return strcmp (act, "quick_gelu") == 0;
}

static void
only_clip_text (GvConfig *c)
{
  const char *type = gv_config_string (c, "model_type", "clip_text_model");

  if (strcmp (type, "clip") == 0)
    gv_config_enter (c, "text_config");
  else
    gv_config_only_string (c, "model_type", "clip_text_model");
}

void
gv_clip_text_config_read (GvClipTextConfig *self, GvConfig *c)
{
  only_clip_text (c);
  *self = (GvClipTextConfig) {
    .vocab_size = gv_config_int (c, "vocab_size", 49408, 1, 1 << 24),
    .width = gv_config_int (c, "hidden_size", 512, 1, MAX_WIDTH),
    .mlp_width = gv_config_int (c, "intermediate_size", 2048, 1, MAX_WIDTH),
    .n_layers = gv_config_int (c, "num_hidden_layers", 12, 1, MAX_LAYERS),
    .n_heads = gv_config_int (c, "num_attention_heads", 8, 1, MAX_WIDTH),
    .n_positions = gv_config_int (c, "max_position_embeddings", 77, 1, MAX_WIDTH),
    .quick_gelu = text_activation_is_quick (c),
    .norm_eps = gv_config_double (c, "layer_norm_eps", 1e-5, 0, 1),
    .eos_id = 49407,
  };
  if (gv_config_has (c, "eos_token_id"))
    self->eos_id = gv_config_int (c, "eos_token_id", 49407, 0, 1 << 24);
}

bool
gv_clip_text_config_check (const GvClipTextConfig *self, const char *name, GError **error)
{
  if (self->width % self->n_heads != 0)
    g_set_error (error, GV_WEIGHTS_ERROR, GV_WEIGHTS_ERROR_UNSUPPORTED,
                 _("%s: the text encoder's width %d can't be divided among %d heads"), name,
                   self->width, self->n_heads);
  else if (self->n_positions < 77)
    g_set_error (error, GV_WEIGHTS_ERROR, GV_WEIGHTS_ERROR_UNSUPPORTED,
                 _("%s: the text encoder has %d positions; 77 are needed"), name,
                   self->n_positions);
  else
    return true;
  return false;
}

/* The U-Net. */

/* Types of the blocks on one side: @plain, or @attention with cross-attention.  The count, 0 after
 * an error. */
static int
read_block_types (GvConfig *c,
                  const char *field,
                  const char *const *fallback,
                  const char *plain,
                  const char *attention,
                  bool *has_attention)
{
  const char *types[GV_MAX_LEVELS];
  int n = gv_config_strings (c, field, types, GV_MAX_LEVELS);

  if (n == 0)
    gv_config_fail (c, field, _("is empty"));
  if (n < 0)
    for (n = 0; n < 4; n++)
      types[n] = fallback[n];
  for (int i = 0; i < n; i++) {
    has_attention[i] = strcmp (types[i], attention) == 0;
    if (has_attention[i] || strcmp (types[i], plain) == 0)
      continue;
    g_autofree char *shown = gv_dup_shown (types[i]);
    gv_config_fail (c, field,
                    _("has “%s”; only “%s” and “%s” can be run"), shown, plain, attention);
  }
  return n;
}

static void
read_unet_levels (GvUnetConfig *self, GvConfig *c)
{
  static const int channels[] = { 320, 640, 1280, 1280 };
  static const char *const down[] = { "CrossAttnDownBlock2D", "CrossAttnDownBlock2D",
                                      "CrossAttnDownBlock2D", "DownBlock2D" };
  static const char *const up[] = { "UpBlock2D", "CrossAttnUpBlock2D", "CrossAttnUpBlock2D",
                                    "CrossAttnUpBlock2D" };
  int n_down = read_block_types (c, "down_block_types", down, "DownBlock2D", "CrossAttnDownBlock2D",
                                 self->down_attention);
  int n_up = read_block_types (c, "up_block_types", up, "UpBlock2D", "CrossAttnUpBlock2D",
                               self->up_attention);
  int n = gv_config_ints (c, "block_out_channels", self->channels, GV_MAX_LEVELS, 1, MAX_WIDTH);

  if (n < 0) {
    memcpy (self->channels, channels, sizeof channels);
    n = 4;
  }
  if (n_down != n)
    gv_config_fail (c, "down_block_types", _("has %d entries, “block_out_channels” %d"), n_down, n);
  if (n_up != n)
    gv_config_fail (c, "up_block_types", _("has %d entries, “block_out_channels” %d"), n_up, n);
  self->n_levels = n;
}

/* A field with a number for each level that can only be the same number everywhere. */
static int
read_same_per_level (GvConfig *c, const char *field, int fallback, int max, int n_levels)
{
  int values[GV_MAX_LEVELS] = { fallback };

  gv_config_per_level (c, field, fallback, 1, max, values, n_levels);
  for (int i = 1; i < n_levels; i++)
    if (values[i] != values[0])
      gv_config_fail (c, field, _("must be the same for every level; nothing else can be run"));
  return values[0];
}

/* diffusers calls the number of heads "attention_head_dim" in these models. */
static void
read_unet_heads (GvUnetConfig *self, GvConfig *c)
{
  const char *field =
      gv_config_has (c, "num_attention_heads") ? "num_attention_heads" : "attention_head_dim";

  gv_config_per_level (c, field, 8, 1, MAX_WIDTH, self->n_heads, self->n_levels);
}

/* A number, or a list of two equal ones; 64 where the config leaves it out. */
static int
read_sample_size (GvConfig *c)
{
  int size[2] = { 64, 64 };

  if (gv_config_has (c, "sample_size"))
    gv_config_per_level (c, "sample_size", 64, 2, 2048, size, 2);
  if (size[0] != size[1])
    gv_config_fail (c, "sample_size", _("must be the same number twice"));
  return size[0];
}

/* A middle without attention is a single res block. */
static bool
read_mid_attention (GvConfig *c)
{
  const char *field = "mid_block_type", *attention = "UNetMidBlock2DCrossAttn";

  if (strcmp (gv_config_string (c, field, attention), "UNetMidBlock2D") == 0)
    return false;
  gv_config_only_string (c, field, attention);
  return true;
}

static void
refuse_other_unets (GvConfig *c)
{
  static const char *const must_be_null[] = { "encoder_hid_dim_type",
                                              "encoder_hid_dim",
                                              "class_embed_type",
                                              "addition_embed_type",
                                              "num_class_embeds",
                                              "time_embedding_act_fn",
                                              "timestep_post_act",
                                              "time_cond_proj_dim",
                                              "cross_attention_norm",
                                              "time_embedding_dim",
                                              "reverse_transformer_layers_per_block" };
  static const char *const must_be_false[] = {
    "center_input_sample",  "only_cross_attention",    "dual_cross_attention",
    "resnet_skip_time_act", "class_embeddings_concat", "mid_block_only_cross_attention"
  };

  only_class (c, "UNet2DConditionModel");
  if (strcmp (gv_config_string (c, "act_fn", "silu"), "swish") != 0)
    gv_config_only_string (c, "act_fn", "silu");
  gv_config_only_string (c, "resnet_time_scale_shift", "default");
  gv_config_only_string (c, "time_embedding_type", "positional");
  gv_config_only_string (c, "attention_type", "default");
  gv_config_only_number (c, "downsample_padding", 1);
  gv_config_only_number (c, "mid_block_scale_factor", 1);
  gv_config_only_number (c, "resnet_out_scale_factor", 1);
  gv_config_only_number (c, "conv_in_kernel", 3);
  gv_config_only_number (c, "conv_out_kernel", 3);
  for (size_t i = 0; i < G_N_ELEMENTS (must_be_null); i++)
    gv_config_only_null (c, must_be_null[i]);
  for (size_t i = 0; i < G_N_ELEMENTS (must_be_false); i++)
    gv_config_only_false (c, must_be_false[i]);
}

void
gv_unet_config_read (GvUnetConfig *self, GvConfig *c)
{
  *self = (GvUnetConfig) { .mid_attention = read_mid_attention (c) };
  refuse_other_unets (c);
  read_unet_levels (self, c);
  read_unet_heads (self, c);
  self->in_channels = gv_config_int (c, "in_channels", 4, 1, MAX_WIDTH);
  self->out_channels = gv_config_int (c, "out_channels", 4, 1, MAX_WIDTH);
  self->layers_per_block =
      read_same_per_level (c, "layers_per_block", 2, MAX_LAYERS, self->n_levels);
  self->cross_attention_dim =
      read_same_per_level (c, "cross_attention_dim", 1280, MAX_WIDTH, self->n_levels);
  gv_config_per_level (c, "transformer_layers_per_block", 1, 1, MAX_LAYERS, self->transformer_depth,
                       self->n_levels);
  self->norm_groups = gv_config_int (c, "norm_num_groups", 32, 1, MAX_WIDTH);
  self->norm_eps = gv_config_double (c, "norm_eps", 1e-5, 0, 1);
  self->linear_projection = gv_config_bool (c, "use_linear_projection", false);
  self->flip_sin_to_cos = gv_config_bool (c, "flip_sin_to_cos", true);
  self->freq_shift = gv_config_double (c, "freq_shift", 0, -1000, 1000);
  self->sample_size = read_sample_size (c);
}

static bool
level_has_attention (const GvUnetConfig *self, int level)
{
  bool deepest = level == self->n_levels - 1;

  return self->down_attention[level] || self->up_attention[self->n_levels - 1 - level] ||
         (deepest && self->mid_attention);
}

static bool
check_unet_io (const GvUnetConfig *self, const char *name, GError **error)
{
  if (self->in_channels == 9 && self->out_channels == 4)
    g_set_error (error, GV_WEIGHTS_ERROR, GV_WEIGHTS_ERROR_UNSUPPORTED,
                 _("%s: this is an inpainting model (9 input channels); it can't be run yet"),
                   name);
  else if (self->in_channels == 8 && self->out_channels == 4)
    g_set_error (error, GV_WEIGHTS_ERROR, GV_WEIGHTS_ERROR_UNSUPPORTED,
                 _("%s: this is an instruction-editing model (8 input channels); it can't be run yet"),
                   name);
  else if (self->in_channels != self->out_channels)
    g_set_error (error, GV_WEIGHTS_ERROR, GV_WEIGHTS_ERROR_UNSUPPORTED,
                 _("%s: the U-Net's “in_channels” %d and “out_channels” %d differ"), name,
                   self->in_channels, self->out_channels);
  else if (self->channels[0] % 2 != 0 || self->channels[0] < 4 ||
           self->freq_shift * 2 == self->channels[0])
    g_set_error (error, GV_WEIGHTS_ERROR, GV_WEIGHTS_ERROR_UNSUPPORTED,
                 _("%s: the time embedding can't have %d channels"), name, self->channels[0]);
  else
    return true;
  return false;
}

bool
gv_unet_config_check (const GvUnetConfig *self, const char *name, GError **error)
{
  for (int i = 0; i < self->n_levels; i++) {
    if (self->channels[i] % self->norm_groups != 0) {
      g_set_error (error, GV_WEIGHTS_ERROR, GV_WEIGHTS_ERROR_UNSUPPORTED,
                   _("%s: the U-Net's %d channels can't be divided into %d groups"), name,
                     self->channels[i], self->norm_groups);
      return false;
    }
    if (level_has_attention (self, i) && self->channels[i] % self->n_heads[i] != 0) {
      g_set_error (error, GV_WEIGHTS_ERROR, GV_WEIGHTS_ERROR_UNSUPPORTED,
                   _("%s: the U-Net's %d channels can't be divided among %d heads"), name,
                     self->channels[i], self->n_heads[i]);
      return false;
    }
  }
  return check_unet_io (self, name, error);
}

/* The VAE. */

static void
only_block_types (GvConfig *c, const char *field, const char *only, int n_levels)
{
  const char *types[GV_MAX_LEVELS];
  int n = gv_config_strings (c, field, types, GV_MAX_LEVELS);

  if (n < 0) {
    types[0] = only;
    n = 1;
  }
  for (int i = 0; i < n; i++)
    if (strcmp (types[i], only) != 0) {
      g_autofree char *shown = gv_dup_shown (types[i]);
      gv_config_fail (c, field, _("has “%s”; only “%s” can be run"), shown, only);
    }
  if (n != n_levels)
    gv_config_fail (c, field, _("has %d entries, “block_out_channels” %d"), n, n_levels);
}

void
gv_vae_config_read (GvVaeConfig *self, GvConfig *c)
{
  *self = (GvVaeConfig) { .channels = { 64 } };
  only_class (c, "AutoencoderKL");
  if (strcmp (gv_config_string (c, "act_fn", "silu"), "swish") != 0)
    gv_config_only_string (c, "act_fn", "silu");
  gv_config_only_null (c, "latents_mean");
  gv_config_only_null (c, "latents_std");
  self->n_levels =
      gv_config_ints (c, "block_out_channels", self->channels, GV_MAX_LEVELS, 1, MAX_WIDTH);
  if (self->n_levels == 0)
    gv_config_fail (c, "block_out_channels", _("is empty"));
  if (self->n_levels < 0)
    self->n_levels = 1;
  only_block_types (c, "down_block_types", "DownEncoderBlock2D", self->n_levels);
  only_block_types (c, "up_block_types", "UpDecoderBlock2D", self->n_levels);
  self->latent_channels = gv_config_int (c, "latent_channels", 4, 1, MAX_WIDTH);
  self->out_channels = gv_config_int (c, "out_channels", 3, 1, MAX_WIDTH);
  self->layers_per_block = gv_config_int (c, "layers_per_block", 1, 1, MAX_LAYERS);
  self->norm_groups = gv_config_int (c, "norm_num_groups", 32, 1, MAX_WIDTH);
  self->mid_attention = gv_config_bool (c, "mid_block_add_attention", true);
  self->post_quant_conv = gv_config_bool (c, "use_post_quant_conv", true);
  self->scaling_factor = gv_config_double (c, "scaling_factor", 0.18215, 1e-6, 1e6);
  if (gv_config_has (c, "shift_factor"))
    self->shift_factor = gv_config_double (c, "shift_factor", 0, -1e6, 1e6);
}

bool
gv_vae_config_check (const GvVaeConfig *self, const char *name, GError **error)
{
  if (self->out_channels != 3) {
    g_set_error (error, GV_WEIGHTS_ERROR, GV_WEIGHTS_ERROR_UNSUPPORTED,
                 _("%s: the VAE's pictures have %d channels instead of 3"), name,
                   self->out_channels);
    return false;
  }
  for (int i = 0; i < self->n_levels; i++)
    if (self->channels[i] % self->norm_groups != 0) {
      g_set_error (error, GV_WEIGHTS_ERROR, GV_WEIGHTS_ERROR_UNSUPPORTED,
                   _("%s: the VAE's %d channels can't be divided into %d groups"), name,
                     self->channels[i], self->norm_groups);
      return false;
    }
  return true;
}

/* The scheduler: only the noise that the model was trained with. */

void
gv_scheduler_config_init_sd1 (GvSchedulerConfig *self)
{
  *self = (GvSchedulerConfig) {
    .n_timesteps = 1000,
    .beta_start = 0.00085,
    .beta_end = 0.012,
    .beta_schedule = "scaled_linear",
  };
}

/* Classes that don't start from a list of betas. */
static void
refuse_other_schedulers (GvConfig *c)
{
  static const char *const others[] = { "FlowM",        "EDM",      "CosineDPM",
                                        "CMStochastic", "KarrasVe", "ScoreSde",
                                        "VQDiffusion",  "UnCLIP",   "Amused",
                                        "IPNDM",        "SCM",      "Helios",
                                        "LTX",          "PiFlow",   "ConsistencyDecoder" };
  const char *name = gv_config_string (c, "_class_name", "");

  for (size_t i = 0; i < G_N_ELEMENTS (others); i++)
    if (g_str_has_prefix (name, others[i])) {
      g_autofree char *shown = gv_dup_shown (name);
      gv_config_fail (c, "_class_name", _("is “%s”, whose noise can't be made yet"), shown);
    }
}

/* What a class starts from where the config leaves it out; those not listed: linear from 0.0001 to
 * 0.02. */
static void
init_for_class (GvSchedulerConfig *self, GvConfig *c)
{
  static const struct
  {
    const char *name, *schedule;
  } narrow[] = {
    { "LCMScheduler", "scaled_linear" },
    { "TCDScheduler", "scaled_linear" },
    { "HeunDiscreteScheduler", "linear" },
    { "KDPM2DiscreteScheduler", "linear" },
    { "KDPM2AncestralDiscreteScheduler", "linear" },
    { "DPMSolverSDEScheduler", "linear" },
  };
  const char *name = gv_config_string (c, "_class_name", "");

  *self = (GvSchedulerConfig) { .beta_start = 0.0001, .beta_end = 0.02, .beta_schedule = "linear" };
  for (size_t i = 0; i < G_N_ELEMENTS (narrow); i++)
    if (strcmp (name, narrow[i].name) == 0) {
      self->beta_start = 0.00085;
      self->beta_end = 0.012;
      g_strlcpy (self->beta_schedule, narrow[i].schedule, sizeof self->beta_schedule);
    }
}

static void
read_beta_schedule (GvSchedulerConfig *self, GvConfig *c)
{
  static const char *const known[] = { "linear", "scaled_linear", "squaredcos_cap_v2", NULL };
  const char *name = gv_config_string (c, "beta_schedule", self->beta_schedule);

  if (g_strv_contains (known, name))
    g_strlcpy (self->beta_schedule, name, sizeof self->beta_schedule);
  else {
    g_autofree char *shown = gv_dup_shown (name);
    gv_config_fail (c, "beta_schedule", _("is “%s”, which can't be made"), shown);
  }
}

static void
read_trained_betas (GvSchedulerConfig *self, GvConfig *c)
{
  if (!gv_config_has (c, "trained_betas"))
    return;
  self->trained_betas = g_new0 (double, MAX_TIMESTEPS);

  int n = gv_config_doubles (c, "trained_betas", self->trained_betas, MAX_TIMESTEPS);

  if (n < 2)
    gv_config_fail (c, "trained_betas", _("must have two entries at least"));
  for (int i = 0; i < n; i++)
    if (!(self->trained_betas[i] >= 0 && self->trained_betas[i] < 1))
      gv_config_fail (c, "trained_betas", _("has numbers outside 0 … 1"));
  self->n_timesteps = MAX (n, 2);
  self->trained_betas = g_renew (double, self->trained_betas, self->n_timesteps);
}

static bool
read_v_prediction (GvConfig *c)
{
  const char *type = gv_config_string (c, "prediction_type", "epsilon");

  if (strcmp (type, "epsilon") != 0 && strcmp (type, "v_prediction") != 0) {
    g_autofree char *shown = gv_dup_shown (type);
    gv_config_fail (c, "prediction_type",
                    _("is “%s”; only “epsilon” and “v_prediction” can be run"), shown);
  }
  return strcmp (type, "v_prediction") == 0;
}

void
gv_scheduler_config_read (GvSchedulerConfig *self, GvConfig *c)
{
  init_for_class (self, c);
  refuse_other_schedulers (c);
  self->n_timesteps = gv_config_int (c, "num_train_timesteps", 1000, 2, MAX_TIMESTEPS);
  self->beta_start = gv_config_double (c, "beta_start", self->beta_start, 1e-12, 0.999999);
  self->beta_end = gv_config_double (c, "beta_end", self->beta_end, 1e-12, 0.999999);
  read_beta_schedule (self, c);
  read_trained_betas (self, c);
  self->v_prediction = read_v_prediction (c);
  self->zero_snr = gv_config_bool (c, "rescale_betas_zero_snr", false);
}
