// SPDX-FileCopyrightText: Giverny contributors
// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * LoRA files against the starter model: an input is a list of tensors, a line each, name and shape.
 * Their values are zeros; those that would be large come without any.
 */
#include "fuzz.h"

#include <string.h>

#include "gv-model.h"
#include "weights/lora.h"

#define MAX_TENSORS 1024
#define MAX_ELEMENTS ((size_t) 1 << 18)

const char gv_fuzz_name[] = "lora";

const char *const gv_fuzz_tokens[] = { "lora_unet_",
                                       "lora_te_text_model_encoder_layers_0_self_attn_q_proj",
                                       "down_blocks_0_attentions_0_transformer_blocks_0_attn1_to_q",
                                       "input_blocks_1_1_proj_in",
                                       "middle_block_1_",
                                       "unet.down_blocks.0.resnets.0.conv1",
                                       ".processor.to_q_lora.down.weight",
                                       ".lora_linear_layer.up.weight",
                                       "transformer.transformer_blocks.0.attn.add_k_proj",
                                       "double_blocks.0.processor.qkv_lora1.down.weight",
                                       "base_model.model.",
                                       "bundle_emb.cat.string_to_param.*",
                                       ".lora_down.weight 4 32\n",
                                       ".lora_up.weight 32 4\n",
                                       ".lora_mid.weight 4 4 3 3\n",
                                       ".lora_A.weight",
                                       ".lora_magnitude_vector",
                                       ".hada_w1_a",
                                       ".hada_t1",
                                       ".lokr_w2_b",
                                       ".lokr_t2",
                                       ".dora_scale 32 1\n",
                                       ".alpha\n",
                                       ".diff_b 32\n",
                                       ".set_weight",
                                       NULL };

static GvLoraIndex *
get_index (void)
{
  static GvModelFiles *model;
  static GvLoraIndex *index;

  if (!index) {
    g_autofree char *path = gv_model_starter_path ();

    model = gv_model_files_open (path, NULL);
    g_assert_nonnull (model);
    index = gv_lora_index_new (model);
  }
  return index;
}

/* Appends the header's entry for "name 32 4"; nothing if a name like it is there already. */
static void
append_entry (GString *header, GHashTable *names, char *line, size_t *n_bytes)
{
  char *shape = strchr (line, ' ');
  g_autoptr (GString) sizes = g_string_new (NULL);
  size_t n = 1, begin = *n_bytes;

  for (char *c = line; *c; c++)
    if ((unsigned char) *c < 0x20 || (unsigned char) *c > 0x7e || *c == '"' || *c == '\\')
      *c = '_';
  if (shape)
    *shape++ = '\0';
  for (int rank = 0; shape && *shape && rank < 7; rank++) {
    guint64 size = g_ascii_strtoull (shape, &shape, 10);

    if (__builtin_mul_overflow (n, size, &n))
      n = G_MAXSIZE;
    g_string_append_printf (sizes, "%s%" G_GUINT64_FORMAT, rank ? "," : "", size);
  }
  if (!g_hash_table_add (names, line))
    return;
  if (begin / 4 + n > MAX_ELEMENTS || n > MAX_ELEMENTS) {
    n = 0;
    g_string_append (sizes, sizes->len ? ",0" : "0");
  }
  *n_bytes += 4 * n;
  g_string_append_printf (header,
                          "%s\"%s\":{\"dtype\":\"F32\",\"shape\":[%s],\"data_offsets\":[%zu,%zu]}",
                          header->len > 9 ? "," : "", line, sizes->str, begin, *n_bytes);
}

static GString *
make_file (char *text)
{
  g_autoptr (GHashTable) names = g_hash_table_new (g_str_hash, g_str_equal);
  GString *file = g_string_new_len ("\0\0\0\0\0\0\0\0{", 9);
  char *line, *next = text;
  size_t n_bytes = 0;
  uint64_t length;

  for (int n = 0; n < MAX_TENSORS && (line = strsep (&next, "\n")); n++)
    append_entry (file, names, line, &n_bytes);
  g_string_append_c (file, '}');
  length = GUINT64_TO_LE (file->len - 8);
  memcpy (file->str, &length, sizeof length);
  length = file->len;
  g_string_set_size (file, length + n_bytes);
  memset (file->str + length, 0, n_bytes);
  return file;
}

static void
check_report (const GvLoraReport *r, const GPtrArray *fittings)
{
  g_assert_cmpint (r->n_used, <=, r->n_mapped);
  g_assert_cmpint (r->n_mapped + r->n_not_there + r->n_unknown + r->n_embeddings, ==, r->n_tensors);
  g_assert_true (r->n_used > 0 && fittings->len > 0);
  g_assert_true (r->n_used == r->n_tensors || r->first_skipped);
}

int
gv_fuzz_one (const uint8_t *data, size_t size)
{
  GvLoraIndex *index = get_index ();
  g_autofree char *text = g_strndup ((const char *) data, size);
  g_autoptr (GString) bytes = make_file (text);
  g_autoptr (GError) error = NULL;
  GvSafetensors *file = gv_safetensors_new_from_bytes ("fuzz", bytes->str, bytes->len, &error);
  g_autoptr (GvLora) lora = file ? gv_lora_new_from_safetensors (file, &error) : NULL;
  g_autoptr (GPtrArray) fittings = NULL;
  GvLoraReport report;

  gv_fuzz_check_error (lora != NULL, error);
  if (!lora)
    return 0;
  fittings = gv_lora_fit (lora, index, &report, &error);
  gv_fuzz_check_error (fittings != NULL, error);
  if (fittings)
    check_report (&report, fittings);
  return 0;
}
