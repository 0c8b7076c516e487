// SPDX-FileCopyrightText: Giverny contributors
// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * Models: an input that starts with a brace is every config of a folder at once; any other is a
 * single file's list of tensors, a line each: name and shape.  Their data are left out by a last
 * size of 0.
 */
#include "fuzz.h"

#include <math.h>
#include <string.h>

#include "weights/configs.h"
#include "weights/model-private.h"
#include "weights/names.h"

#define MAX_TENSORS 4096

const char gv_fuzz_name[] = "model";

const char *const gv_fuzz_tokens[] = { "model.diffusion_model.input_blocks.1.0.op.weight",
                                       "model.diffusion_model.input_blocks.2.0.in_layers.0.weight",
                                       "model.diffusion_model.output_blocks.3.0.in_layers.0.weight",
                                       "first_stage_model.decoder.up.1.block.0.norm1.weight",
                                       "cond_stage_model.transformer.text_model.",
                                       ".attentions.0.transformer_blocks.",
                                       "\"CrossAttnDownBlock2D\"",
                                       "\"block_out_channels\":[32]",
                                       "v_pred 0\n",
                                       "null",
                                       "[8,8]",
                                       "65536",
                                       NULL };

static void
assert_unet (const GvUnetConfig *c)
{
  g_assert_true (c->n_levels >= 1 && c->n_levels <= GV_MAX_LEVELS);
  g_assert_true (c->layers_per_block >= 1 && c->norm_groups >= 1 && c->cross_attention_dim >= 1);
  g_assert_true (isfinite (c->norm_eps) && isfinite (c->freq_shift) && c->sample_size >= 2);
  for (int i = 0; i < c->n_levels; i++)
    g_assert_true (c->channels[i] % c->norm_groups == 0 && c->n_heads[i] >= 1);
}

static void
assert_vae (const GvVaeConfig *c)
{
  g_assert_true (c->n_levels >= 1 && c->n_levels <= GV_MAX_LEVELS && c->latent_channels >= 1);
  g_assert_true (isfinite (c->scaling_factor) && c->scaling_factor > 0);
  for (int i = 0; i < c->n_levels; i++)
    g_assert_cmpint (c->channels[i] % c->norm_groups, ==, 0);
}

static GvConfig *
open_config (const uint8_t *data, size_t size)
{
  g_autoptr (GError) error = NULL;
  GvConfig *c = gv_config_new ("fuzz", (const char *) data, size, &error);

  gv_fuzz_check_error (c != NULL, error);
  return c;
}

static void
try_unet (const uint8_t *data, size_t size)
{
  g_autoptr (GvConfig) c = open_config (data, size);
  g_autoptr (GError) error = NULL;
  GvUnetConfig unet;
  bool ok;

  if (!c)
    return;
  gv_unet_config_read (&unet, c);
  ok = gv_config_end (c, &error) && gv_unet_config_check (&unet, "fuzz", &error);
  gv_fuzz_check_error (ok, error);
  if (ok)
    assert_unet (&unet);
}

static void
try_vae (const uint8_t *data, size_t size)
{
  g_autoptr (GvConfig) c = open_config (data, size);
  g_autoptr (GError) error = NULL;
  GvVaeConfig vae;
  bool ok;

  if (!c)
    return;
  gv_vae_config_read (&vae, c);
  ok = gv_config_end (c, &error) && gv_vae_config_check (&vae, "fuzz", &error);
  gv_fuzz_check_error (ok, error);
  if (ok)
    assert_vae (&vae);
}

static void
try_text (const uint8_t *data, size_t size)
{
  g_autoptr (GvConfig) c = open_config (data, size);
  g_autoptr (GError) error = NULL;
  GvClipTextConfig text;
  bool ok;

  if (!c)
    return;
  gv_clip_text_config_read (&text, c);
  ok = gv_config_end (c, &error) && gv_clip_text_config_check (&text, "fuzz", &error);
  gv_fuzz_check_error (ok, error);
  if (ok)
    g_assert_true (text.width % text.n_heads == 0 && text.n_layers >= 1 && text.n_positions >= 77);
}

static void
try_scheduler (const uint8_t *data, size_t size)
{
  g_autoptr (GvConfig) c = open_config (data, size);
  g_autoptr (GError) error = NULL;
  GvSchedulerConfig noise;
  bool ok;

  if (!c)
    return;
  gv_scheduler_config_read (&noise, c);
  ok = gv_config_end (c, &error);
  gv_fuzz_check_error (ok, error);
  if (ok)
    g_assert_true (noise.n_timesteps >= 2 && noise.beta_start > 0 && noise.beta_end < 1);
  g_free (noise.trained_betas);
}

/* Appends the header's entry for "name 32 4 3"; false if a name like it is there already. */
static bool
append_entry (GString *header, GHashTable *names, char *line)
{
  char *shape = strchr (line, ' ');
  g_autoptr (GString) sizes = g_string_new (NULL);

  for (char *c = line; *c; c++)
    if ((unsigned char) *c < 0x20 || (unsigned char) *c > 0x7e || *c == '"' || *c == '\\')
      *c = '_';
  if (shape)
    *shape++ = '\0';
  for (int rank = 0; shape && *shape && rank < 7; rank++)
    g_string_append_printf (sizes, "%" G_GUINT64_FORMAT ",", g_ascii_strtoull (shape, &shape, 10));
  if (!g_hash_table_add (names, line))
    return false;
  g_string_append_printf (header,
                          "%s\"%s\":{\"dtype\":\"F16\",\"shape\":[%s0],\"data_offsets\":[0,0]}",
                          header->len > 9 ? "," : "", line, sizes->str);
  return true;
}

static GString *
make_header (char *text)
{
  g_autoptr (GHashTable) names = g_hash_table_new (g_str_hash, g_str_equal);
  GString *header = g_string_new_len ("\0\0\0\0\0\0\0\0{", 9);
  char *line, *next = text;
  uint64_t length;

  for (int n = 0; n < MAX_TENSORS && (line = strsep (&next, "\n")); n++)
    append_entry (header, names, line);
  g_string_append_c (header, '}');
  length = GUINT64_TO_LE (header->len - 8);
  memcpy (header->str, &length, sizeof length);
  return header;
}

static void
try_single_file (const uint8_t *data, size_t size)
{
  g_autofree char *text = g_strndup ((const char *) data, size);
  g_autoptr (GString) header = make_header (text);
  g_autoptr (GError) error = NULL;
  GvSafetensors *file = gv_safetensors_new_from_bytes ("fuzz", header->str, header->len, &error);
  g_autoptr (GvModelFiles) model = file ? gv_model_files_new_from_safetensors (file, &error) : NULL;

  gv_fuzz_check_error (model != NULL, error);
  if (!model)
    return;
  assert_unet (gv_model_files_get_unet_config (model));
  assert_vae (gv_model_files_get_vae_config (model));
}

/* Names that neither function may stumble over, whatever they are. */
static void
try_names (const uint8_t *data, size_t size)
{
  g_autofree char *name = g_strndup ((const char *) data, size);

  g_free (gv_ldm_unet_name (name, (GvLdmUnet) { 4, 2 }));
  g_free (gv_ldm_vae_name (name, 4));
  g_free (gv_canonical_vae_name (name));
  g_free (gv_canonical_text_name (name));
}

int
gv_fuzz_one (const uint8_t *data, size_t size)
{
  if (size == 0 || data[0] != '{') {
    try_single_file (data, size);
    try_names (data, size);
    return 0;
  }
  try_unet (data, size);
  try_vae (data, size);
  try_text (data, size);
  try_scheduler (data, size);
  return 0;
}
