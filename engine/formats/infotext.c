// SPDX-FileCopyrightText: Giverny contributors
// SPDX-License-Identifier: GPL-3.0-or-later
/* A1111's infotext, written so that its own reader finds every pair again. */
#include "formats/infotext.h"

#include <string.h>

/* A value that would be mistaken for several pairs is written as a JSON string. */
static void
append_value (GString *out, const char *value)
{
  if (!strpbrk (value, ",:\n")) {
    g_string_append (out, value);
    return;
  }
  g_string_append_c (out, '"');
  for (const char *p = value; *p; p++) {
    if (*p == '"' || *p == '\\')
      g_string_append_printf (out, "\\%c", *p);
    else if ((guchar) *p < 0x20)
      g_string_append_printf (out, "\\u%04x", *p);
    else
      g_string_append_c (out, *p);
  }
  g_string_append_c (out, '"');
}

static void
append_pair (GString *out, const char *key, const char *value)
{
  if (!value)
    return;
  g_string_append_printf (out, "%s%s: ", g_str_has_suffix (out->str, "\n") ? "" : ", ", key);
  append_value (out, value);
}

static void
append_number (GString *out, const char *key, int value)
{
  char digits[16];

  g_snprintf (digits, sizeof digits, "%d", value);
  append_pair (out, key, digits);
}

/* The shortest digits that read back as the same number, 7.5 rather than 7.50. */
static void
append_real (GString *out, const char *key, double value)
{
  char digits[G_ASCII_DTOSTR_BUF_SIZE];

  for (int precision = 6; precision <= 17; precision++) {
    char format[8];

    g_snprintf (format, sizeof format, "%%.%dg", precision);
    g_ascii_formatd (digits, sizeof digits, format, value);
    if (g_ascii_strtod (digits, NULL) == value)
      break;
  }
  append_pair (out, key, digits);
}

char *
gv_infotext_write (const GvInfotext *info)
{
  GString *out = g_string_new (info->prompt);
  g_autofree char *seed = g_strdup_printf ("%" G_GUINT64_FORMAT, info->seed);
  g_autofree char *size = g_strdup_printf ("%dx%d", info->width, info->height);

  g_string_append_c (out, '\n');
  if (*info->negative)
    g_string_append_printf (out, "Negative prompt: %s\n", info->negative);
  append_number (out, "Steps", info->steps);
  append_pair (out, "Sampler", info->sampler);
  append_pair (out, "Schedule type", info->schedule);
  append_real (out, "CFG scale", info->cfg);
  append_pair (out, "Seed", seed);
  append_pair (out, "Size", size);
  append_pair (out, "Model", info->model);
  if (info->clip_skip != 1)
    append_number (out, "Clip skip", info->clip_skip);
  append_pair (out, "RNG", "CPU");
  append_pair (out, "Version", info->version);
  return g_string_free (out, FALSE);
}
