// SPDX-FileCopyrightText: Giverny contributors
// SPDX-License-Identifier: GPL-3.0-or-later
/* Blocks of the U-Net by number, and strengths for them in words. */
#include "weights/lora-blocks.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

/* A finite decimal number and nothing else. */
static bool
read_number (const char *text, double *out)
{
  char *end;

  if (!*text || strspn (text, "+-.0123456789eE") != strlen (text))
    return false;
  *out = g_ascii_strtod (text, &end);
  return !*end && isfinite (*out);
}

/* Stable Diffusion 1 has three layers and a change of size on each of four levels. */
static bool
set_list (double *factors, const double *numbers, guint n)
{
  static const int attention_in[] = { 1, 2, 4, 5, 7, 8 };
  int i = 0;

  if (n != 17 && n != 26)
    return false;
  factors[GV_LORA_BLOCK_BASE] = numbers[i++];
  for (int b = 0; b < (n == 17 ? 6 : 12); b++)
    factors[GV_LORA_BLOCK_IN + (n == 17 ? attention_in[b] : b)] = numbers[i++];
  factors[GV_LORA_BLOCK_MID] = numbers[i++];
  for (int b = n == 17 ? 3 : 0; b < 12; b++)
    factors[GV_LORA_BLOCK_OUT + b] = numbers[i++];
  return true;
}

static bool
read_list (char **words, guint n, double *factors)
{
  double numbers[26];

  if (n > G_N_ELEMENTS (numbers))
    return false;
  for (guint i = 0; i < n; i++)
    if (!read_number (words[i], numbers + i))
      return false;
  return set_list (factors, numbers, n);
}

/* "in04" → 4; -1 for "in" alone, -2 for anything else */
static int
read_block_number (const char *digits)
{
  gint64 number;

  if (!*digits)
    return -1;
  if (strspn (digits, "0123456789") != strlen (digits) || strlen (digits) > 2)
    return -2;
  number = g_ascii_strtoll (digits, NULL, 10);
  return number < GV_LORA_SIDE_BLOCKS ? (int) number : -2;
}

static bool
set_side (double *factors, int first, const char *digits, double value)
{
  int number = read_block_number (digits);

  if (number < -1)
    return false;
  for (int b = 0; b < GV_LORA_SIDE_BLOCKS; b++)
    if (number == -1 || number == b)
      factors[first + b] = value;
  return true;
}

static bool
set_named (double *factors, const char *name, double value)
{
  g_autofree char *lower = g_ascii_strdown (name, -1);

  if (strcmp (lower, "base") == 0 || strcmp (lower, "mid") == 0 || strcmp (lower, "m00") == 0) {
    factors[*lower == 'b' ? GV_LORA_BLOCK_BASE : GV_LORA_BLOCK_MID] = value;
    return true;
  }
  if (g_str_has_prefix (lower, "in"))
    return set_side (factors, GV_LORA_BLOCK_IN, lower + 2, value);
  return g_str_has_prefix (lower, "out") &&
         set_side (factors, GV_LORA_BLOCK_OUT, lower + 3, value);
}

char *
gv_lora_blocks_parse (const char *spec, double *factors)
{
  g_auto (GStrv) words = g_strsplit (spec, ",", 64);
  guint n = g_strv_length (words);

  for (int i = 0; i < GV_LORA_N_BLOCKS; i++)
    factors[i] = 1;
  for (guint i = 0; i < n; i++)
    g_strstrip (words[i]);
  if (!strchr (spec, '='))
    return read_list (words, n, factors) ? NULL : g_strdup (spec);
  for (guint i = 0; i < n; i++) {
    g_auto (GStrv) pair = g_strsplit (words[i], "=", 2);
    double value;

    if (!pair[0] || !pair[1] || !read_number (g_strstrip (pair[1]), &value) ||
        !set_named (factors, g_strstrip (pair[0]), value))
      return g_strdup (words[i]);
  }
  return NULL;
}

int
gv_lora_block_of (const GvUnetConfig *config, GvPart part, const char *layer)
{
  int per_level = config->layers_per_block + 1, level, index;
  char kind[16];

  if (part != GV_PART_UNET)
    return GV_LORA_BLOCK_BASE;
  if (strcmp (layer, "conv_in") == 0)
    return GV_LORA_BLOCK_IN;
  if (g_str_has_prefix (layer, "mid_block."))
    return GV_LORA_BLOCK_MID;
  if (sscanf (layer, "down_blocks.%2d.%15[a-z].%3d", &level, kind, &index) == 3) {
    int b = 1 + level * per_level +
            (strcmp (kind, "downsamplers") == 0 ? config->layers_per_block : index);

    return GV_LORA_BLOCK_IN + CLAMP (b, 0, GV_LORA_SIDE_BLOCKS - 1);
  }
  if (sscanf (layer, "up_blocks.%2d.%15[a-z].%3d", &level, kind, &index) == 3) {
    int b = level * per_level +
            (strcmp (kind, "upsamplers") == 0 ? config->layers_per_block : index);

    return GV_LORA_BLOCK_OUT + CLAMP (b, 0, GV_LORA_SIDE_BLOCKS - 1);
  }
  return GV_LORA_BLOCK_BASE;
}
