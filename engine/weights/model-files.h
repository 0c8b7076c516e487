// SPDX-FileCopyrightText: Giverny contributors
// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * A model on disk: a diffusers folder or a single-file checkpoint, seen in one way.  Opening reads
 * and checks headers and configs only; weights are read tensor by tensor.  Tensor names are those
 * of diffusers' and transformers' current layouts ("down_blocks.0.resnets.0.conv1.weight"),
 * whatever the file calls them.
 */
#pragma once

#include "base/dtype.h"

#define GV_MAX_RANK 8
#define GV_MAX_LEVELS 8

typedef enum {
  GV_FAMILY_SD1, /* one CLIP text encoder, cross-attention U-Net, four-channel VAE */
  GV_FAMILY_NETWORK, /* one network by itself, such as a scorer */
} GvFamily;

typedef enum { GV_PART_TEXT, GV_PART_UNET, GV_PART_VAE, GV_N_PARTS } GvPart;

/* Of what gv_model_files_open_network() opens: all of it. */
#define GV_PART_WHOLE GV_PART_TEXT

/* The text encoder, transformers' CLIPTextConfig. */
typedef struct
{
  int vocab_size;
  int width;        /* hidden_size               */
  int mlp_width;    /* intermediate_size         */
  int n_layers;
  int n_heads;
  int n_positions;  /* max_position_embeddings   */
  bool quick_gelu;  /* hidden_act: quick_gelu, else gelu (exact) */
  double norm_eps;
  int eos_id;       /* eos_token_id as written; 2 in old configs */
} GvClipTextConfig;

/* The U-Net, diffusers' UNet2DConditionModel as far as Stable Diffusion 1.x layouts use it. */
typedef struct
{
  int in_channels, out_channels;
  int n_levels;
  int channels[GV_MAX_LEVELS]; /* block_out_channels                                           */
  bool down_attention[GV_MAX_LEVELS]; /* CrossAttnDownBlock2D against DownBlock2D */
  bool up_attention[GV_MAX_LEVELS]; /* by up block, the deepest first                            */
  bool mid_attention;
  int layers_per_block;
  int n_heads[GV_MAX_LEVELS]; /* heads of each level, by down block; diffusers' "attention_head_dim"
                                 names the number of heads in these models; num_attention_heads wins
                               */
  int transformer_depth[GV_MAX_LEVELS];
  int cross_attention_dim;
  int norm_groups;
  double norm_eps;
  bool linear_projection; /* use_linear_projection */
  bool flip_sin_to_cos;
  double freq_shift;
  int sample_size; /* latent cells of the default picture */
} GvUnetConfig;

/* The decoder half of diffusers' AutoencoderKL. */
typedef struct
{
  int latent_channels, out_channels;
  int n_levels;
  int channels[GV_MAX_LEVELS];
  int layers_per_block;
  int norm_groups;
  bool mid_attention;
  bool post_quant_conv;
  double scaling_factor, shift_factor;
} GvVaeConfig;

typedef struct
{
  int n_timesteps;
  double beta_start, beta_end;
  char beta_schedule[32]; /* "scaled_linear", "linear", "squaredcos_cap_v2" */
  double *trained_betas; /* (nullable) (owned by the model): n_timesteps of them */
  bool v_prediction;
  bool zero_snr; /* rescale_betas_zero_snr */
} GvSchedulerConfig;

typedef struct _GvModelFiles GvModelFiles;

/* One tensor of a file; lives as long as the model. */
typedef struct
{
  const char *name; /* as asked for   */
  GvDtype dtype;
  int rank;
  int64_t shape[GV_MAX_RANK];
  size_t n_elements, size_bytes;
  /* private */
  void *file;
  const void *tensor;
  size_t offset; /* in elements, for a slice of a fused tensor */
} GvWeight;

/**
 * gv_model_files_open:
 * @path: a folder with model_index.json, or a .safetensors file; links are followed
 *
 * Opens a model, reads its configs and the names, types and shapes of its tensors.  Thread-safe
 * afterwards. Errors: GV_FORMAT_ERROR for bytes that break their format, GV_WEIGHTS_ERROR for
 * well-formed files that are no model we can run (pickles get a sentence that names the safe
 * conversion); both name file and field. Returns: (transfer full): free with gv_model_files_free()
 */
GvModelFiles *gv_model_files_open (const char *path, GError **error);
/**
 * gv_model_files_open_network:
 * @path: a folder with model.safetensors, or its shards, or a .safetensors file
 *
 * Opens a network that is no diffusion model.  All its tensors are of %GV_PART_WHOLE and keep their
 * names; axes of size 1 in front of three or more are dropped.  There are no configs.  Errors: as
 * gv_model_files_open()
 */
GvModelFiles *gv_model_files_open_network (const char *path, GError **error);
void gv_model_files_free (GvModelFiles *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (GvModelFiles, gv_model_files_free)

const char *gv_model_files_get_path (GvModelFiles *self);
GvFamily gv_model_files_get_family (GvModelFiles *self);
bool gv_model_files_is_folder (GvModelFiles *self);
const GvClipTextConfig *gv_model_files_get_text_config (GvModelFiles *self);
const GvUnetConfig *gv_model_files_get_unet_config (GvModelFiles *self);
const GvVaeConfig *gv_model_files_get_vae_config (GvModelFiles *self);
const GvSchedulerConfig *gv_model_files_get_scheduler_config (GvModelFiles *self);

/* The folder of the tokenizer's files, or NULL where the shipped CLIP vocabulary is to be used. */
const char *gv_model_files_get_tokenizer_folder (GvModelFiles *self);

/*
 * Finds a tensor of a part by its diffusers or transformers name (text encoder: without the
 * "text_model." prefix, "encoder.layers.0.layer_norm1.weight").  NULL if the model has none of that
 * name.
 */
const GvWeight *gv_model_files_find (GvModelFiles *self, GvPart part, const char *name);

/**
 * gv_model_files_require:
 * @rank, @shape: what the network needs; sizes of 1 at the end count for nothing, on either side
 *
 * As gv_model_files_find(), for a tensor that is going to be read as numbers.
 * Errors: GV_WEIGHTS_ERROR_MISSING, GV_WEIGHTS_ERROR_SHAPE, GV_WEIGHTS_ERROR_UNSUPPORTED if its
 * type is none of the floating ones; all name file and tensor
 */
bool gv_model_files_require (GvModelFiles *self,
                             GvPart part,
                             const char *name,
                             int rank,
                             const int64_t *shape,
                             const GvWeight **out,
                             GError **error);

/* The names of a part's tensors in no order.  (transfer container): NULL-terminated; free with
 * g_free() */
const char **gv_model_files_get_names (GvModelFiles *self, GvPart part, size_t *n);

/* What a part is called in sentences and folders: "text_encoder", "unet", "vae". */
const char *gv_part_name (GvPart part);

/*
 * Reads @size bytes of a tensor, from its byte @offset on, into @dst.
 * Errors: GV_FORMAT_ERROR_TRUNCATED, GV_FORMAT_ERROR_IO, naming file and tensor.
 */
bool gv_model_files_read (GvModelFiles *self,
                          const GvWeight *weight,
                          size_t offset,
                          size_t size,
                          void *dst,
                          GError **error);
