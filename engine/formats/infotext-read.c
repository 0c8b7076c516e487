// SPDX-FileCopyrightText: Giverny contributors
// SPDX-License-Identifier: GPL-3.0-or-later
/* A1111's infotext to prompt, negative prompt and pairs. */
#include "formats/infotext-read.h"

#include "base/errors.h"
#include "base/i18n.h"
#include "formats/file.h"
#include "formats/json.h"

#include <string.h>

#define MIN_PAIRS 3 /* fewer are a sentence with colons in it */
#define NEGATIVE "Negative prompt:"

static void
pair_free (GvInfotextPair *self)
{
  g_free (self->key);
  g_free (self->value);
  g_free (self);
}

void
gv_infotext_parts_free (GvInfotextParts *self)
{
  g_free (self->prompt);
  g_free (self->negative);
  g_free (self->rest);
  g_ptr_array_unref (self->pairs);
  g_free (self);
}

static bool
is_word (gunichar c)
{
  return g_unichar_isalnum (c) || c == '_';
}

/* The colon behind a key that begins at @p, or NULL.  A key has two characters and more. */
static const char *
key_end (const char *p, const char *end)
{
  const char *start = p;

  if (p == end || !is_word (g_utf8_get_char (p)))
    return NULL;
  while (p < end && (is_word (g_utf8_get_char (p)) || strchr (" -/", *p)))
    p = g_utf8_next_char (p);
  return p < end && *p == ':' && p - start > 1 ? p : NULL;
}

/* Behind the closing quote of the JSON string at @p, or NULL if it does not end as a value does. */
static const char *
string_end (const char *p, const char *end)
{
  for (p++; p < end && *p != '"'; p++)
    if (*p == '\\' && p + 1 < end)
      p++;
  if (p >= end)
    return NULL;
  p++;
  return p == end || *p == ',' ? p : NULL;
}

static const char *
value_end (const char *p, const char *end)
{
  const char *quoted = p < end && *p == '"' ? string_end (p, end) : NULL;
  const char *comma = quoted ? NULL : memchr (p, ',', (size_t) (end - p));

  return quoted ? quoted : comma ? comma : end;
}

/* What is no JSON string stays as it was written. */
static char *
unpack (const char *p, const char *end)
{
  g_autoptr (GvJson) json = NULL;
  const char *text = NULL;
  GvJsonNode root;

  if (p < end && *p == '"') {
    json = gv_json_new_from_bytes ("", p, (size_t) (end - p), GV_JSON_PLAIN, NULL);
    if (json) {
      root = gv_json_root (json);
      if (gv_json_get_string (&root, NULL, &text, NULL) && text)
        return g_strdup (text);
    }
  }
  return g_strstrip (g_strndup (p, (gsize) (end - p)));
}

/* Adds the pairs of a line, of which at most @max are looked for.  What stands between commas and
 * is no pair is passed over. */
static void
read_pairs (const char *line, size_t len, GPtrArray *out, guint max)
{
  const char *end = line + len;

  for (const char *p = line; p < end && out->len < max;) {
    const char *colon, *value, *stop;
    GvInfotextPair *pair;

    while (p < end && (g_ascii_isspace (*p) || *p == ','))
      p++;
    colon = key_end (p, end);
    if (!colon) {
      p = memchr (p, ',', (size_t) (end - p));
      if (!p)
        return;
      continue;
    }
    for (value = colon + 1; value < end && g_ascii_isspace (*value);)
      value++;
    stop = value_end (value, end);
    pair = g_new (GvInfotextPair, 1);
    *pair =
        (GvInfotextPair) { g_strstrip (g_strndup (p, (gsize) (colon - p))), unpack (value, stop) };
    g_ptr_array_add (out, pair);
    p = stop;
  }
}

static bool
is_settings (const char *line)
{
  g_autoptr (GPtrArray) pairs = g_ptr_array_new_with_free_func ((GDestroyNotify) pair_free);

  read_pairs (line, strlen (line), pairs, MIN_PAIRS);
  return pairs->len >= MIN_PAIRS;
}

/* The settings' line, or -1. */
static int
find_settings (char **lines, int n)
{
  if (n > 0 && is_settings (lines[n - 1]))
    return n - 1;
  for (int i = n - 1; i >= 0; i--)
    if (g_str_has_prefix (lines[i], "Steps:") && is_settings (lines[i]))
      return i;
  return -1;
}

static void
add_line (GString *out, bool *any, const char *line)
{
  if (*any)
    g_string_append_c (out, '\n');
  *any = true;
  g_string_append (out, line);
}

/* The lines before the settings. */
static void
read_prompts (GvInfotextParts *self, char **lines, int n)
{
  g_autoptr (GString) prompt = g_string_new (NULL), negative = g_string_new (NULL);
  bool any_prompt = false, any_negative = false, behind = false;

  for (int i = 0; i < n; i++) {
    const char *line = lines[i];

    if (g_str_has_prefix (line, NEGATIVE)) {
      behind = true;
      for (line += strlen (NEGATIVE); *line == ' ';)
        line++;
    }
    if (behind)
      add_line (negative, &any_negative, line);
    else
      add_line (prompt, &any_prompt, line);
  }
  self->prompt = g_strstrip (g_string_free_and_steal (g_steal_pointer (&prompt)));
  self->negative = g_strstrip (g_string_free_and_steal (g_steal_pointer (&negative)));
}

static bool
fail (const char *name, int code, const char *sentence, GError **error)
{
  g_autofree char *shown = gv_dup_shown (name);

  g_set_error (error, GV_FORMAT_ERROR, code, "%s: %s", shown, sentence);
  return false;
}

static bool
check_text (const char *name, const char *text, size_t len, GError **error)
{
  if (len > GV_INFOTEXT_MAX_BYTES)
    return fail (name, GV_FORMAT_ERROR_LIMIT, _("the settings are longer than 1 MiB"), error);
  if (!g_utf8_validate_len (text, len, NULL))
    return fail (name, GV_FORMAT_ERROR_INVALID, _("the settings are not valid UTF-8"), error);
  return true;
}

/* The lines with any kind of end, the last ones that are empty left out. */
static char **
split_lines (const char *text, size_t len, int *n)
{
  g_autofree char *copy = g_strndup (text, len);
  char **lines;

  lines = g_strsplit (g_strchomp (copy), "\n", -1);
  *n = (int) g_strv_length (lines);
  for (int i = 0; i < *n; i++)
    g_strchomp (lines[i]);
  return lines;
}

GvInfotextParts *
gv_infotext_read (const char *name, const char *text, size_t len, GError **error)
{
  g_autoptr (GvInfotextParts) self = NULL;
  g_auto (GStrv) lines = NULL;
  int n, settings;

  if (!check_text (name, text, len, error))
    return NULL;
  lines = split_lines (text, len, &n);
  settings = find_settings (lines, n);
  if (settings < 0) {
    fail (name, GV_FORMAT_ERROR_UNSUPPORTED, _("there is no line of settings in the text"), error);
    return NULL;
  }
  self = g_new0 (GvInfotextParts, 1);
  self->pairs = g_ptr_array_new_with_free_func ((GDestroyNotify) pair_free);
  read_prompts (self, lines, settings);
  read_pairs (lines[settings], strlen (lines[settings]), self->pairs, GV_INFOTEXT_MAX_PAIRS + 1);
  self->rest = g_strjoinv ("\n", lines + settings + 1);
  g_strstrip (self->rest);
  if (self->pairs->len > GV_INFOTEXT_MAX_PAIRS) {
    fail (name, GV_FORMAT_ERROR_LIMIT, _("there are more than 1024 settings"), error);
    return NULL;
  }
  return g_steal_pointer (&self);
}
