// SPDX-FileCopyrightText: Giverny contributors
// SPDX-License-Identifier: GPL-3.0-or-later
/* Names of LoRA tensors, taken apart by two tables: what they begin with and what they end with. */
#include "weights/lora-key.h"

#include "weights/names.h"

#include <string.h>

static const struct
{
  const char *end;
  GvLoraRole role;
  GvLoraNames names;
} ends[] = {
  { ".lora_down.weight", GV_LORA_DOWN, GV_LORA_NAMES_KOHYA },
  { ".lora_up.weight", GV_LORA_UP, GV_LORA_NAMES_KOHYA },
  { ".lora_mid.weight", GV_LORA_MID, GV_LORA_NAMES_KOHYA },
  { ".lora_A.weight", GV_LORA_DOWN, GV_LORA_NAMES_PEFT },
  { ".lora_B.weight", GV_LORA_UP, GV_LORA_NAMES_PEFT },
  { ".lora_A.default.weight", GV_LORA_DOWN, GV_LORA_NAMES_PEFT },
  { ".lora_B.default.weight", GV_LORA_UP, GV_LORA_NAMES_PEFT },
  { ".lora_magnitude_vector", GV_LORA_MAGNITUDE, GV_LORA_NAMES_PEFT },
  { ".lora_magnitude_vector.weight", GV_LORA_MAGNITUDE, GV_LORA_NAMES_PEFT },
  { ".lora_magnitude_vector.default.weight", GV_LORA_MAGNITUDE, GV_LORA_NAMES_PEFT },
  { ".lora.down.weight", GV_LORA_DOWN, GV_LORA_NAMES_DIFFUSERS },
  { ".lora.up.weight", GV_LORA_UP, GV_LORA_NAMES_DIFFUSERS },
  { ".lora_linear_layer.down.weight", GV_LORA_DOWN, GV_LORA_NAMES_DIFFUSERS },
  { ".lora_linear_layer.up.weight", GV_LORA_UP, GV_LORA_NAMES_DIFFUSERS },
  { "_lora.down.weight", GV_LORA_DOWN, GV_LORA_NAMES_DIFFUSERS },
  { "_lora.up.weight", GV_LORA_UP, GV_LORA_NAMES_DIFFUSERS },
  { "_lora1.down.weight", GV_LORA_DOWN, GV_LORA_NAMES_X_FLUX },
  { "_lora1.up.weight", GV_LORA_UP, GV_LORA_NAMES_X_FLUX },
  { "_lora2.down.weight", GV_LORA_DOWN, GV_LORA_NAMES_X_FLUX },
  { "_lora2.up.weight", GV_LORA_UP, GV_LORA_NAMES_X_FLUX },
  { ".alpha", GV_LORA_ALPHA, GV_LORA_NAMES_OTHER },
  { ".dora_scale", GV_LORA_DORA_SCALE, GV_LORA_NAMES_OTHER },
  { ".hada_w1_a", GV_LORA_HADA_W1_A, GV_LORA_NAMES_OTHER },
  { ".hada_w1_b", GV_LORA_HADA_W1_B, GV_LORA_NAMES_OTHER },
  { ".hada_w2_a", GV_LORA_HADA_W2_A, GV_LORA_NAMES_OTHER },
  { ".hada_w2_b", GV_LORA_HADA_W2_B, GV_LORA_NAMES_OTHER },
  { ".hada_t1", GV_LORA_HADA_T1, GV_LORA_NAMES_OTHER },
  { ".hada_t2", GV_LORA_HADA_T2, GV_LORA_NAMES_OTHER },
  { ".lokr_w1", GV_LORA_LOKR_W1, GV_LORA_NAMES_OTHER },
  { ".lokr_w1_a", GV_LORA_LOKR_W1_A, GV_LORA_NAMES_OTHER },
  { ".lokr_w1_b", GV_LORA_LOKR_W1_B, GV_LORA_NAMES_OTHER },
  { ".lokr_w2", GV_LORA_LOKR_W2, GV_LORA_NAMES_OTHER },
  { ".lokr_w2_a", GV_LORA_LOKR_W2_A, GV_LORA_NAMES_OTHER },
  { ".lokr_w2_b", GV_LORA_LOKR_W2_B, GV_LORA_NAMES_OTHER },
  { ".lokr_t2", GV_LORA_LOKR_T2, GV_LORA_NAMES_OTHER },
  { ".diff", GV_LORA_DIFF, GV_LORA_NAMES_OTHER },
  { ".diff_b", GV_LORA_DIFF_B, GV_LORA_NAMES_OTHER },
  { ".w_norm", GV_LORA_DIFF, GV_LORA_NAMES_OTHER },
  { ".b_norm", GV_LORA_DIFF_B, GV_LORA_NAMES_OTHER },
  { ".set_weight", GV_LORA_SET_WEIGHT, GV_LORA_NAMES_OTHER },
  { ".oft_blocks", GV_LORA_UNSUPPORTED, GV_LORA_NAMES_OTHER },
  { ".oft_diag", GV_LORA_UNSUPPORTED, GV_LORA_NAMES_OTHER },
  { ".rescale", GV_LORA_UNSUPPORTED, GV_LORA_NAMES_OTHER },
  { ".on_input", GV_LORA_UNSUPPORTED, GV_LORA_NAMES_OTHER },
  { ".reshape_weight", GV_LORA_UNSUPPORTED, GV_LORA_NAMES_OTHER },
  { ".a1.weight", GV_LORA_UNSUPPORTED, GV_LORA_NAMES_OTHER },
  { ".a2.weight", GV_LORA_UNSUPPORTED, GV_LORA_NAMES_OTHER },
  { ".b1.weight", GV_LORA_UNSUPPORTED, GV_LORA_NAMES_OTHER },
  { ".b2.weight", GV_LORA_UNSUPPORTED, GV_LORA_NAMES_OTHER },
};

/* The first that fits counts.  @kept: bytes at the prefix's end that are part of the layer's path.
 */
static const struct
{
  const char *start;
  GvLoraTarget target;
  GvLoraNames names;
  int kept;
} starts[] = {
  { "lora_unet_", GV_LORA_UNET, GV_LORA_NAMES_KOHYA, 0 },
  { "lora_te1_", GV_LORA_TEXT, GV_LORA_NAMES_KOHYA, 0 },
  { "lora_te2_", GV_LORA_TEXT_2, GV_LORA_NAMES_KOHYA, 0 },
  { "lora_te3_", GV_LORA_TEXT_3, GV_LORA_NAMES_KOHYA, 0 },
  { "lora_te_", GV_LORA_TEXT, GV_LORA_NAMES_KOHYA, 0 },
  { "lora_transformer_", GV_LORA_TRANSFORMER, GV_LORA_NAMES_ONETRAINER, 0 },
  { "lycoris_text_model_", GV_LORA_TEXT, GV_LORA_NAMES_LYCORIS, 11 },
  { "lycoris_transformer_blocks_", GV_LORA_TRANSFORMER, GV_LORA_NAMES_LYCORIS, 19 },
  { "lycoris_single_transformer_blocks_", GV_LORA_TRANSFORMER, GV_LORA_NAMES_LYCORIS, 26 },
  { "lycoris_", GV_LORA_UNET, GV_LORA_NAMES_LYCORIS, 0 },
  { "unet.", GV_LORA_UNET, GV_LORA_NAMES_OTHER, 0 },
  { "text_encoder.", GV_LORA_TEXT, GV_LORA_NAMES_OTHER, 0 },
  { "text_encoder_2.", GV_LORA_TEXT_2, GV_LORA_NAMES_OTHER, 0 },
  { "text_encoder_3.", GV_LORA_TEXT_3, GV_LORA_NAMES_OTHER, 0 },
  { "transformer.", GV_LORA_TRANSFORMER, GV_LORA_NAMES_OTHER, 0 },
  { "diffusion_model.double_blocks.", GV_LORA_TRANSFORMER, GV_LORA_NAMES_OTHER, 14 },
  { "diffusion_model.single_blocks.", GV_LORA_TRANSFORMER, GV_LORA_NAMES_OTHER, 14 },
  { "diffusion_model.joint_blocks.", GV_LORA_TRANSFORMER, GV_LORA_NAMES_OTHER, 13 },
  { "diffusion_model.", GV_LORA_UNET, GV_LORA_NAMES_OTHER, 0 },
  { "double_blocks.", GV_LORA_TRANSFORMER, GV_LORA_NAMES_OTHER, 14 },
  { "single_blocks.", GV_LORA_TRANSFORMER, GV_LORA_NAMES_OTHER, 14 },
  { "transformer_blocks.", GV_LORA_TRANSFORMER, GV_LORA_NAMES_OTHER, 19 },
  { "single_transformer_blocks.", GV_LORA_TRANSFORMER, GV_LORA_NAMES_OTHER, 26 },
  { "down_blocks.", GV_LORA_UNET, GV_LORA_NAMES_OTHER, 12 },
  { "mid_block.", GV_LORA_UNET, GV_LORA_NAMES_OTHER, 10 },
  { "up_blocks.", GV_LORA_UNET, GV_LORA_NAMES_OTHER, 10 },
  { "text_model.", GV_LORA_TEXT, GV_LORA_NAMES_OTHER, 11 },
};

#define WRAPPER "base_model.model."

static bool
find_end (const char *name, size_t length, size_t *end, GvLoraKey *out)
{
  for (size_t i = 0; i < G_N_ELEMENTS (ends); i++) {
    size_t n = strlen (ends[i].end);

    if (n >= length || strcmp (name + length - n, ends[i].end) != 0)
      continue;
    out->role = ends[i].role;
    out->names = ends[i].names;
    *end = length - n;
    return true;
  }
  return false;
}

/* Replaces @from by @to wherever it stands. */
static void
replace_all (char **text, const char *from, const char *to)
{
  g_auto (GStrv) pieces = g_strsplit (*text, from, -1);

  g_free (*text);
  *text = g_strjoinv (to, pieces);
}

/* What older programs called otherwise: attention processors, and out projections without their
 * place in a list. */
static void
modernize (GvLoraKey *key)
{
  replace_all (&key->path, "_processor_", "_");
  if (key->target == GV_LORA_UNET && g_str_has_suffix (key->path, "_to_out")) {
    char *longer = g_strconcat (key->path, "_0", NULL);

    g_free (key->path);
    key->path = longer;
  }
}

static void
set_path (const char *name, size_t first, size_t end, GvLoraKey *out)
{
  out->path = g_strndup (name + MIN (first, end), end - MIN (first, end));
  g_strdelimit (out->path, ".", '_');
  modernize (out);
}

static bool
parse_embedding (const char *name, GvLoraKey *out)
{
  if (!g_str_has_prefix (name, "bundle_emb."))
    return false;
  *out = (GvLoraKey) {
    .names = GV_LORA_NAMES_OTHER,
    .target = GV_LORA_EMBEDDING,
    .role = GV_LORA_SET_WEIGHT,
    .module_bytes = strlen (name),
    .path = g_strdup (name + strlen ("bundle_emb.")),
  };
  return true;
}

bool
gv_lora_key_parse (const char *name, GvLoraKey *out)
{
  size_t length = strlen (name), end, first = 0;

  *out = (GvLoraKey) { .target = GV_LORA_UNKNOWN };
  if (parse_embedding (name, out))
    return true;
  if (!find_end (name, length, &end, out))
    return false;
  out->module_bytes = end;
  if (g_str_has_prefix (name, WRAPPER))
    first = strlen (WRAPPER);
  for (size_t i = 0; i < G_N_ELEMENTS (starts); i++)
    if (g_str_has_prefix (name + first, starts[i].start)) {
      out->target = starts[i].target;
      if (starts[i].names != GV_LORA_NAMES_OTHER)
        out->names = starts[i].names;
      first += strlen (starts[i].start) - (size_t) starts[i].kept;
      break;
    }
  set_path (name, first, end, out);
  return true;
}

void
gv_lora_key_clear (GvLoraKey *self)
{
  g_clear_pointer (&self->path, g_free);
}

/* How much two endings look alike. */
static size_t
count_alike (const char *a, const char *b)
{
  size_t na = strlen (a), nb = strlen (b), before = 0, behind = 0;

  while (before < MIN (na, nb) && a[before] == b[before])
    before++;
  while (behind < MIN (na, nb) - before && a[na - behind - 1] == b[nb - behind - 1])
    behind++;
  return before + behind;
}

char *
gv_lora_key_sibling (const char *name, GvLoraRole role)
{
  const char *best = "";
  size_t most = 0, end = strlen (name);
  GvLoraKey key;

  if (!find_end (name, end, &end, &key))
    return g_strdup (name);
  for (size_t i = 0; i < G_N_ELEMENTS (ends); i++) {
    size_t alike = count_alike (name + end, ends[i].end) + (ends[i].names == key.names ? 100 : 0);

    if (ends[i].role != role || alike <= most)
      continue;
    best = ends[i].end;
    most = alike;
  }
  return g_strdup_printf ("%.*s%s", (int) end, name, best);
}

const char *
gv_lora_names_label (GvLoraNames names)
{
  static const char *const labels[GV_N_LORA_NAMES] = {
    [GV_LORA_NAMES_OTHER] = "LyCORIS",   [GV_LORA_NAMES_KOHYA] = "kohya",
    [GV_LORA_NAMES_PEFT] = "PEFT",       [GV_LORA_NAMES_DIFFUSERS] = "diffusers",
    [GV_LORA_NAMES_LYCORIS] = "LyCORIS", [GV_LORA_NAMES_ONETRAINER] = "OneTrainer",
    [GV_LORA_NAMES_X_FLUX] = "x-flux",
  };

  return labels[names];
}

/* "in_layers_2" → "in_layers.2", where the number is the last thing. */
static void
dot_before_last_number (char *path)
{
  char *p = strrchr (path, '_');

  if (p && g_ascii_isdigit (p[1]))
    *p = '.';
}

/* "input_blocks_4_1_rest" → "input_blocks.4.1.rest"; the numbers' underscores only. */
static char *
dot_block_numbers (const char *path)
{
  static const char *const blocks[] = { "input_blocks_", "middle_block_", "output_blocks_" };
  char *dotted = g_strdup (path);

  for (size_t i = 0; i < G_N_ELEMENTS (blocks); i++) {
    char *p = dotted + strlen (blocks[i]) - 1;

    if (!g_str_has_prefix (dotted, blocks[i]))
      continue;
    while (*p == '_' && g_ascii_isdigit (p[1])) {
      *p++ = '.';
      while (g_ascii_isdigit (*p))
        p++;
    }
    if (*p == '_')
      *p = '.';
    return dotted;
  }
  return dotted;
}

char *
gv_lora_path_from_ldm (const char *path, int n_levels, int layers_per_block)
{
  g_autofree char *dotted = dot_block_numbers (path), *with_end = NULL;
  g_autofree char *found = NULL;

  /* The rest of an attention's path is the same in both layouts, and need not be taken apart. */
  if (!strstr (dotted, "transformer_blocks"))
    dot_before_last_number (dotted);
  with_end = g_strconcat (dotted, ".weight", NULL);
  found = gv_ldm_unet_name (with_end, (GvLdmUnet) { n_levels, layers_per_block });
  if (!found || !g_str_has_suffix (found, ".weight"))
    return NULL;
  found[strlen (found) - strlen (".weight")] = '\0';
  g_strdelimit (found, ".", '_');
  return g_steal_pointer (&found);
}
