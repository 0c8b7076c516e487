// SPDX-FileCopyrightText: Giverny contributors
// SPDX-License-Identifier: GPL-3.0-or-later
/* Writing small models: every tensor's two names and shape, and the configs that belong to them. */
#include "tiny.h"

#include "formats/safetensors.h"

#include <ftw.h>
#include <glib/gstdio.h>
#include <stdlib.h>
#include <string.h>

#define WIDTH 32
#define HEADS 4

const Tiny tiny_default = {
  .n_levels = 2,
  .channels = { 32, 64 },
  .layers = 1,
  .cross = WIDTH,
  .depth = 1,
  .down_attention = { true, false },
  .up_attention = { false, true },
  .n_vae_levels = 2,
  .vae_channels = { 32, 32 },
  .vae_layers = 1,
  .text_layers = 2,
  .vocabulary = 100,
};

typedef struct
{
  GPtrArray *list;
  GvPart part;
  const char *prefix; /* the original layout's */
} Writer;

static void
tensor_free (void *data)
{
  TinyTensor *t = data;

  g_free (t->name);
  g_free (t->original);
  g_free (t);
}

/* Both names are the beginning of one layer's; @leaf is common. */
static void
add (Writer *w,
     const char *name,
     const char *original,
     const char *leaf,
     int rank,
     const int *shape)
{
  TinyTensor *t = g_new0 (TinyTensor, 1);

  t->part = w->part;
  t->name = g_strconcat (name, leaf, NULL);
  t->original = g_strconcat (w->prefix, original, leaf, NULL);
  t->dtype = GV_F32;
  t->rank = rank;
  for (int i = 0; i < rank; i++)
    t->shape[i] = shape[i];
  g_ptr_array_add (w->list, t);
}

static void
add_norm (Writer *w, const char *name, const char *original, int width)
{
  add (w, name, original, ".weight", 1, &width);
  add (w, name, original, ".bias", 1, &width);
}

static void
add_linear (Writer *w, const char *name, const char *original, int out, int in)
{
  add (w, name, original, ".weight", 2, (int[]) { out, in });
  add (w, name, original, ".bias", 1, &out);
}

static void
add_conv (Writer *w, const char *name, const char *original, int out, int in, int k)
{
  add (w, name, original, ".weight", 4, (int[]) { out, in, k, k });
  add (w, name, original, ".bias", 1, &out);
}

/* Names are put together faster than anybody could free them: each is kept once, for good. */
G_GNUC_PRINTF (1, 2)
static const char *
fmt (const char *format, ...)
{
  g_autofree char *text = NULL;
  va_list args;

  va_start (args, format);
  text = g_strdup_vprintf (format, args);
  va_end (args);
  return g_intern_string (text);
}

/* The U-Net. */

static void
add_unet_res (Writer *w, const char *n, const char *o, int in, int out, int time)
{
  add_norm (w, fmt ("%s.norm1", n), fmt ("%s.in_layers.0", o), in);
  add_conv (w, fmt ("%s.conv1", n), fmt ("%s.in_layers.2", o), out, in, 3);
  add_linear (w, fmt ("%s.time_emb_proj", n), fmt ("%s.emb_layers.1", o), out, time);
  add_norm (w, fmt ("%s.norm2", n), fmt ("%s.out_layers.0", o), out);
  add_conv (w, fmt ("%s.conv2", n), fmt ("%s.out_layers.3", o), out, out, 3);
  if (in != out)
    add_conv (w, fmt ("%s.conv_shortcut", n), fmt ("%s.skip_connection", o), out, in, 1);
}

static void
add_attention (Writer *w, const char *n, const char *o, int width, int context)
{
  static const char *const in[] = { "to_q", "to_k", "to_v" };

  for (int i = 0; i < 3; i++)
    add (w, fmt ("%s.%s", n, in[i]), fmt ("%s.%s", o, in[i]), ".weight", 2,
         (int[]) { width, i ? context : width });
  add_linear (w, fmt ("%s.to_out.0", n), fmt ("%s.to_out.0", o), width, width);
}

static void
add_transformer (Writer *w, const Tiny *s, const char *n, const char *o, int width)
{
  add_norm (w, fmt ("%s.norm", n), fmt ("%s.norm", o), width);
  add_conv (w, fmt ("%s.proj_in", n), fmt ("%s.proj_in", o), width, width, 1);
  for (int i = 0; i < s->depth; i++) {
    g_autofree char *bn = g_strdup_printf ("%s.transformer_blocks.%d", n, i);
    g_autofree char *bo = g_strdup_printf ("%s.transformer_blocks.%d", o, i);

    for (int j = 1; j <= 3; j++)
      add_norm (w, fmt ("%s.norm%d", bn, j), fmt ("%s.norm%d", bo, j), width);
    add_attention (w, fmt ("%s.attn1", bn), fmt ("%s.attn1", bo), width, width);
    add_attention (w, fmt ("%s.attn2", bn), fmt ("%s.attn2", bo), width, s->cross);
    add_linear (w, fmt ("%s.ff.net.0.proj", bn), fmt ("%s.ff.net.0.proj", bo), 8 * width, width);
    add_linear (w, fmt ("%s.ff.net.2", bn), fmt ("%s.ff.net.2", bo), width, 4 * width);
  }
  add_conv (w, fmt ("%s.proj_out", n), fmt ("%s.proj_out", o), width, width, 1);
}

/* A res block, and attention behind it; the original numbers them 0 and 1 inside block @o. */
static void
add_unet_layer (Writer *w,
                const Tiny *s,
                const char *block,
                int layer,
                const char *o,
                int in,
                int out,
                bool attention)
{
  g_autofree char *res = g_strdup_printf ("%s.resnets.%d", block, layer);
  g_autofree char *att = g_strdup_printf ("%s.attentions.%d", block, layer);

  add_unet_res (w, res, fmt ("%s.0", o), in, out, 4 * s->channels[0]);
  if (attention)
    add_transformer (w, s, att, fmt ("%s.1", o), out);
}

/* The widths that the way up takes over are pushed on @skips. */
static int
add_unet_down (Writer *w, const Tiny *s, GArray *skips)
{
  int width = s->channels[0], n = 0;

  add_conv (w, "conv_in", fmt ("input_blocks.%d.0", n++), width, 4, 3);
  g_array_append_val (skips, width);
  for (int i = 0; i < s->n_levels; i++) {
    g_autofree char *block = g_strdup_printf ("down_blocks.%d", i);

    for (int j = 0; j < s->layers; j++) {
      add_unet_layer (w, s, block, j, fmt ("input_blocks.%d", n++), width, s->channels[i],
                      s->down_attention[i]);
      width = s->channels[i];
      g_array_append_val (skips, width);
    }
    if (i == s->n_levels - 1)
      break;
    add_conv (w, fmt ("%s.downsamplers.0.conv", block), fmt ("input_blocks.%d.0.op", n++), width,
              width, 3);
    g_array_append_val (skips, width);
  }
  return width;
}

static void
add_unet_up (Writer *w, const Tiny *s, GArray *skips, int width)
{
  int n = 0;

  for (int i = 0; i < s->n_levels; i++) {
    g_autofree char *block = g_strdup_printf ("up_blocks.%d", i);
    int out = s->channels[s->n_levels - 1 - i];

    for (int j = 0; j <= s->layers; j++) {
      int skip = g_array_index (skips, int, skips->len - 1);

      g_array_set_size (skips, skips->len - 1);
      add_unet_layer (w, s, block, j, fmt ("output_blocks.%d", n++), width + skip, out,
                      s->up_attention[i]);
      width = out;
    }
    if (i < s->n_levels - 1)
      add_conv (w, fmt ("%s.upsamplers.0.conv", block),
                fmt ("output_blocks.%d.%d.conv", n - 1, s->up_attention[i] ? 2 : 1), width, width,
                3);
  }
}

static void
add_unet (GPtrArray *list, const Tiny *s)
{
  Writer w = { list, GV_PART_UNET, "model.diffusion_model." };
  g_autoptr (GArray) skips = g_array_new (false, false, sizeof (int));
  int first = s->channels[0], width;

  add_linear (&w, "time_embedding.linear_1", "time_embed.0", 4 * first, first);
  add_linear (&w, "time_embedding.linear_2", "time_embed.2", 4 * first, 4 * first);
  width = add_unet_down (&w, s, skips);
  add_unet_res (&w, "mid_block.resnets.0", "middle_block.0", width, width, 4 * first);
  add_transformer (&w, s, "mid_block.attentions.0", "middle_block.1", width);
  add_unet_res (&w, "mid_block.resnets.1", "middle_block.2", width, width, 4 * first);
  add_unet_up (&w, s, skips, width);
  add_norm (&w, "conv_norm_out", "out.0", first);
  add_conv (&w, "conv_out", "out.2", 4, first, 3);
}

/* The VAE. */

static void
add_vae_res (Writer *w, const char *n, const char *o, int in, int out)
{
  add_norm (w, fmt ("%s.norm1", n), fmt ("%s.norm1", o), in);
  add_conv (w, fmt ("%s.conv1", n), fmt ("%s.conv1", o), out, in, 3);
  add_norm (w, fmt ("%s.norm2", n), fmt ("%s.norm2", o), out);
  add_conv (w, fmt ("%s.conv2", n), fmt ("%s.conv2", o), out, out, 3);
  if (in != out)
    add_conv (w, fmt ("%s.conv_shortcut", n), fmt ("%s.nin_shortcut", o), out, in, 1);
}

static void
add_vae_mid (Writer *w, const Tiny *s, const char *half, int width)
{
  static const char *const names[][2] = {
    { "to_q", "q" }, { "to_k", "k" }, { "to_v", "v" }, { "to_out.0", "proj_out" }
  };

  add_vae_res (w, fmt ("%s.mid_block.resnets.0", half), fmt ("%s.mid.block_1", half), width, width);
  if (!s->no_vae_attention) {
    add_norm (w, fmt ("%s.mid_block.attentions.0.group_norm", half),
              fmt ("%s.mid.attn_1.norm", half), width);
    for (int i = 0; i < 4; i++)
      add_conv (w, fmt ("%s.mid_block.attentions.0.%s", half, names[i][0]),
                fmt ("%s.mid.attn_1.%s", half, names[i][1]), width, width, 1);
  }
  add_vae_res (w, fmt ("%s.mid_block.resnets.1", half), fmt ("%s.mid.block_2", half), width, width);
}

static void
add_encoder (Writer *w, const Tiny *s)
{
  int width = s->vae_channels[0];

  add_conv (w, "encoder.conv_in", "encoder.conv_in", width, 3, 3);
  for (int i = 0; i < s->n_vae_levels; i++) {
    for (int j = 0; j < s->vae_layers; j++) {
      g_autofree char *n = g_strdup_printf ("encoder.down_blocks.%d.resnets.%d", i, j);

      add_vae_res (w, n, fmt ("encoder.down.%d.block.%d", i, j), width, s->vae_channels[i]);
      width = s->vae_channels[i];
    }
    if (i < s->n_vae_levels - 1)
      add_conv (w, fmt ("encoder.down_blocks.%d.downsamplers.0.conv", i),
                fmt ("encoder.down.%d.downsample.conv", i), width, width, 3);
  }
  add_vae_mid (w, s, "encoder", width);
  add_norm (w, "encoder.conv_norm_out", "encoder.norm_out", width);
  add_conv (w, "encoder.conv_out", "encoder.conv_out", 8, width, 3);
}

static void
add_decoder (Writer *w, const Tiny *s)
{
  int width = s->vae_channels[s->n_vae_levels - 1];

  add_conv (w, "decoder.conv_in", "decoder.conv_in", width, 4, 3);
  add_vae_mid (w, s, "decoder", width);
  for (int level = s->n_vae_levels - 1; level >= 0; level--) {
    int block = s->n_vae_levels - 1 - level;

    for (int j = 0; j <= s->vae_layers; j++) {
      g_autofree char *n = g_strdup_printf ("decoder.up_blocks.%d.resnets.%d", block, j);

      add_vae_res (w, n, fmt ("decoder.up.%d.block.%d", level, j), width, s->vae_channels[level]);
      width = s->vae_channels[level];
    }
    if (level > 0)
      add_conv (w, fmt ("decoder.up_blocks.%d.upsamplers.0.conv", block),
                fmt ("decoder.up.%d.upsample.conv", level), width, width, 3);
  }
  add_norm (w, "decoder.conv_norm_out", "decoder.norm_out", width);
  add_conv (w, "decoder.conv_out", "decoder.conv_out", 3, width, 3);
}

static void
add_vae (GPtrArray *list, const Tiny *s)
{
  Writer w = { list, GV_PART_VAE, "first_stage_model." };

  add_encoder (&w, s);
  if (!s->no_quant_conv) {
    add_conv (&w, "quant_conv", "quant_conv", 8, 8, 1);
    add_conv (&w, "post_quant_conv", "post_quant_conv", 4, 4, 1);
  }
  add_decoder (&w, s);
}

/* The text encoder: the names are the same but for the prefix. */

static void
add_text_layer (Writer *w, int layer, int width)
{
  static const char *const linear[] = { "q_proj", "k_proj", "v_proj", "out_proj" };
  g_autofree char *n = g_strdup_printf ("encoder.layers.%d", layer);

  for (int i = 0; i < 4; i++) {
    const char *name = fmt ("%s.self_attn.%s", n, linear[i]);
    add_linear (w, name, name, width, width);
  }
  for (int i = 1; i <= 2; i++) {
    const char *name = fmt ("%s.layer_norm%d", n, i);
    add_norm (w, name, name, width);
  }
  add_linear (w, fmt ("%s.mlp.fc1", n), fmt ("%s.mlp.fc1", n), 4 * width, width);
  add_linear (w, fmt ("%s.mlp.fc2", n), fmt ("%s.mlp.fc2", n), width, 4 * width);
}

static void
add_text (GPtrArray *list, const Tiny *s)
{
  Writer w = { list, GV_PART_TEXT, "cond_stage_model.transformer.text_model." };
  const char *tokens = "embeddings.token_embedding", *places = "embeddings.position_embedding";

  add (&w, tokens, tokens, ".weight", 2, (int[]) { s->vocabulary, s->cross });
  add (&w, places, places, ".weight", 2, (int[]) { 77, s->cross });
  for (int i = 0; i < s->text_layers; i++)
    add_text_layer (&w, i, s->cross);
  add_norm (&w, "final_layer_norm", "final_layer_norm", s->cross);
}

GPtrArray *
tiny_tensors (const Tiny *self)
{
  GPtrArray *list = g_ptr_array_new_with_free_func (tensor_free);

  add_text (list, self);
  add_unet (list, self);
  add_vae (list, self);
  return list;
}

TinyTensor *
tiny_find (GPtrArray *tensors, GvPart part, const char *name)
{
  for (guint i = 0; i < tensors->len; i++) {
    TinyTensor *t = tensors->pdata[i];

    if (t->part == part && strcmp (t->name, name) == 0)
      return t;
  }
  g_error ("no tensor %s", name);
}

/* Configs. */

static char *
join (int n, const char *(*entry) (const Tiny *, int), const Tiny *s)
{
  GString *out = g_string_new ("[");

  for (int i = 0; i < n; i++)
    g_string_append_printf (out, "%s%s", i ? ", " : "", entry (s, i));
  return g_string_free (g_string_append_c (out, ']'), FALSE);
}

static const char *
down_type (const Tiny *s, int i)
{
  return s->down_attention[i] ? "\"CrossAttnDownBlock2D\"" : "\"DownBlock2D\"";
}

static const char *
up_type (const Tiny *s, int i)
{
  return s->up_attention[i] ? "\"CrossAttnUpBlock2D\"" : "\"UpBlock2D\"";
}

static const char *
unet_width (const Tiny *s, int i)
{
  return fmt ("%d", s->channels[i]);
}

static const char *
vae_width (const Tiny *s, int i)
{
  return fmt ("%d", s->vae_channels[i]);
}

static const char *
encoder_type (const Tiny *s, int i)
{
  return "\"DownEncoderBlock2D\"";
}

static const char *
decoder_type (const Tiny *s, int i)
{
  return "\"UpDecoderBlock2D\"";
}

static char *
unet_json (const Tiny *s)
{
  g_autofree char *down = join (s->n_levels, down_type, s);
  g_autofree char *up = join (s->n_levels, up_type, s);
  g_autofree char *widths = join (s->n_levels, unet_width, s);

  return g_strdup_printf ("{ \"_class_name\": \"UNet2DConditionModel\", \"block_out_channels\": "
                          "%s,\n"
                          "  \"down_block_types\": %s, \"up_block_types\": %s,\n"
                          "  \"layers_per_block\": %d, \"cross_attention_dim\": %d,\n"
                          "  \"transformer_layers_per_block\": %d, \"attention_head_dim\": 8,\n"
                          "  \"sample_size\": 16 }\n",
                          widths, down, up, s->layers, s->cross, s->depth);
}

static char *
vae_json (const Tiny *s)
{
  g_autofree char *down = join (s->n_vae_levels, encoder_type, s);
  g_autofree char *up = join (s->n_vae_levels, decoder_type, s);
  g_autofree char *widths = join (s->n_vae_levels, vae_width, s);

  return g_strdup_printf ("{ \"_class_name\": \"AutoencoderKL\", \"block_out_channels\": %s,\n"
                          "  \"down_block_types\": %s, \"up_block_types\": %s,\n"
                          "  \"layers_per_block\": %d, \"mid_block_add_attention\": %s,\n"
                          "  \"use_post_quant_conv\": %s, \"shift_factor\": null }\n",
                          widths, down, up, s->vae_layers, s->no_vae_attention ? "false" : "true",
                          s->no_quant_conv ? "false" : "true");
}

char *
tiny_config (const Tiny *self, int part)
{
  if (part == GV_PART_UNET)
    return unet_json (self);
  if (part == GV_PART_VAE)
    return vae_json (self);
  if (part == GV_PART_TEXT)
    return g_strdup_printf ("{ \"model_type\": \"clip_text_model\", \"vocab_size\": %d,\n"
                            "  \"hidden_size\": %d, \"intermediate_size\": %d,\n"
                            "  \"num_hidden_layers\": %d, \"num_attention_heads\": %d }\n",
                            self->vocabulary, self->cross, 4 * self->cross, self->text_layers,
                            HEADS);
  return g_strdup ("{ \"_class_name\": \"PNDMScheduler\", \"beta_start\": 0.00085,\n"
                   "  \"beta_end\": 0.012, \"beta_schedule\": \"scaled_linear\" }\n");
}

/* Files. */

uint8_t
tiny_byte (size_t tensor, size_t i)
{
  return (uint8_t) ((tensor * 31 + i * 7) % 61); /* exponents of no infinity */
}

static void
write_items (GPtrArray *tensors, int part, bool original, const char *path)
{
  g_autofree GvSafetensorsItem *items = g_new0 (GvSafetensorsItem, tensors->len);
  g_autoptr (GPtrArray) data = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (GError) error = NULL;
  size_t n = 0;

  for (guint i = 0; i < tensors->len; i++) {
    TinyTensor *t = tensors->pdata[i];
    size_t size = gv_dtype_size (t->dtype);
    uint8_t *bytes;

    if (part != GV_N_PARTS && (int) t->part != part)
      continue;
    for (int j = 0; j < t->rank; j++)
      size *= (size_t) t->shape[j];
    bytes = g_malloc (size + 1);
    for (size_t j = 0; j < size; j++)
      bytes[j] = tiny_byte (i, j);
    g_ptr_array_add (data, bytes);
    items[n++] = (GvSafetensorsItem) { original ? t->original : t->name, t->dtype, t->rank,
                                       t->shape, bytes };
  }
  gv_safetensors_write (path, items, n, &error);
  g_assert_no_error (error);
}

void
tiny_write_part (GPtrArray *tensors, GvPart part, const char *path)
{
  write_items (tensors, part, false, path);
}

void
tiny_write_single (GPtrArray *tensors, const char *path)
{
  write_items (tensors, GV_N_PARTS, true, path);
}

void
tiny_write_text (const char *folder, const char *name, const char *text)
{
  g_autofree char *path = g_build_filename (folder, name, NULL);
  g_autofree char *parent = g_path_get_dirname (path);
  g_autoptr (GError) error = NULL;

  g_assert_cmpint (g_mkdir_with_parents (parent, 0755), ==, 0);
  g_file_set_contents (path, text, -1, &error);
  g_assert_no_error (error);
}

void
tiny_write_folder (const Tiny *self, GPtrArray *tensors, const char *path)
{
  g_autofree char *scheduler = tiny_config (self, GV_N_PARTS);

  tiny_write_text (path, "model_index.json", "{ \"_class_name\": \"StableDiffusionPipeline\" }\n");
  tiny_write_text (path, "scheduler/scheduler_config.json", scheduler);
  tiny_write_text (path, "tokenizer/vocab.json", "{}");
  for (int part = 0; part < GV_N_PARTS; part++) {
    const char *weights = part == GV_PART_TEXT ? "model" : "diffusion_pytorch_model";
    g_autofree char *folder = g_build_filename (path, gv_part_name ((GvPart) part), NULL);
    g_autofree char *file = g_strconcat (folder, "/", weights, ".safetensors", NULL);
    g_autofree char *config = tiny_config (self, part);

    tiny_write_text (folder, "config.json", config);
    tiny_write_part (tensors, (GvPart) part, file);
  }
}

char *
tiny_make_temp (void)
{
  g_autoptr (GError) error = NULL;
  char *path = g_dir_make_tmp ("giverny-weights-XXXXXX", &error);

  g_assert_no_error (error);
  return path;
}

static int
remove_entry (const char *path, const struct stat *info, int type, struct FTW *walk)
{
  return remove (path);
}

void
tiny_remove_temp (char *path)
{
  nftw (path, remove_entry, 16, FTW_DEPTH | FTW_PHYS);
  g_free (path);
}
