// SPDX-FileCopyrightText: Giverny contributors
// SPDX-License-Identifier: GPL-3.0-or-later
/* Prompts word by word into English. */
#include "gv-glossary.h"

#include "base/i18n.h"
#include "base/paths.h"
#include "formats/atomic-file.h"
#include "formats/json.h"
#include "text/unicode.h"

#include <string.h>

#define MAX_FILE_BYTES ((size_t) 4 << 20)
#define MAX_ENTRIES 20000
#define MAX_WORD_BYTES 200
#define MAX_PHRASE 4 /* words */

struct _GvGlossary
{
  GHashTable *words; /* (owned): phrase to English */
  GHashTable *after; /* (owned): what stands behind a word in Korean and before it in English */
  GPtrArray *particles; /* (owned) (element-type utf8): the longest first */
};

/* Reading */

static char *
normal (const char *text)
{
  g_autoptr (GString) folded = gv_unicode_fold (text, strlen (text));

  return g_strdup (folded->str);
}

static bool
read_words (GHashTable *table, const GvJsonNode *root, const char *field, GError **error)
{
  GvJsonNode object, entry;
  yyjson_obj_iter iter;
  const char *key;

  if (!gv_json_get_object (root, field, &object, error))
    return false;
  if (!object.value)
    return true;
  if (gv_json_get_n (&object) > MAX_ENTRIES)
    return gv_json_fail (root, field, _("has more than 20000 words"), error);
  iter = yyjson_obj_iter_with (object.value);
  while (gv_json_next (&object, &iter, &key, &entry)) {
    const char *english = "";

    if (!gv_json_get_string (&entry, NULL, &english, error))
      return false;
    if (strlen (key) > MAX_WORD_BYTES || strlen (english) > MAX_WORD_BYTES)
      return gv_json_fail (&entry, NULL, _("is longer than 200 bytes"), error);
    g_hash_table_replace (table, normal (key), g_strdup (english));
  }
  return true;
}

static int
longest_first (const void *a, const void *b)
{
  size_t x = strlen (*(const char *const *) a), y = strlen (*(const char *const *) b);

  return x < y ? 1 : x > y ? -1 : 0;
}

static bool
read_particles (GvGlossary *self, const GvJsonNode *root, GError **error)
{
  const char *values[256];
  size_t n = 0;

  if (!gv_json_get_strings (root, "particles", values, G_N_ELEMENTS (values), &n, error))
    return false;
  for (size_t i = 0; i < n; i++)
    if (*values[i])
      g_ptr_array_add (self->particles, normal (values[i]));
  return true;
}

static bool
read_file (GvGlossary *self, const char *path, GError **error)
{
  g_autoptr (GvJson) json = gv_json_open (path, MAX_FILE_BYTES, GV_JSON_UNIQUE_KEYS, error);
  GvJsonNode root;

  return json && gv_json_root_object (json, &root, error) &&
         read_words (self->words, &root, "words", error) &&
         read_words (self->after, &root, "after", error) && read_particles (self, &root, error);
}

GvGlossary *
gv_glossary_new (const char *own, GError **error)
{
  g_autoptr (GvGlossary) self = g_new0 (GvGlossary, 1);
  g_autofree char *shipped = gv_data_path ("glossary/ko.json");

  self->words = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  self->after = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  self->particles = g_ptr_array_new_with_free_func (g_free);
  if (!read_file (self, shipped, error))
    return NULL;
  if (own && g_file_test (own, G_FILE_TEST_EXISTS) && !read_file (self, own, error))
    return NULL;
  g_ptr_array_sort (self->particles, longest_first);
  return g_steal_pointer (&self);
}

void
gv_glossary_free (GvGlossary *self)
{
  g_hash_table_unref (self->words);
  g_hash_table_unref (self->after);
  g_ptr_array_unref (self->particles);
  g_free (self);
}

char *
gv_glossary_default_path (void)
{
  return g_build_filename (g_get_user_config_dir (), "giverny", "glossary-ko.json", NULL);
}

bool
gv_glossary_make_own (const char *path, GError **error)
{
  static const char empty[] = "{\n  \"words\": {\n  }\n}\n";
  g_autofree char *folder = g_path_get_dirname (path);
  g_autoptr (GvAtomicFile) file = NULL;

  if (g_file_test (path, G_FILE_TEST_EXISTS))
    return true;
  g_mkdir_with_parents (folder, 0700); /* what fails here fails below, with a name */
  file = gv_atomic_file_new (path, error);
  return file && gv_atomic_file_write (file, empty, strlen (empty), error) &&
         gv_atomic_file_commit (file, error);
}

/* Looking up */

/* (transfer none) (nullable): what a phrase is in English, also without the particle behind it */
static const char *
look_up (GvGlossary *self, GHashTable *table, const char *phrase)
{
  const char *english = g_hash_table_lookup (table, phrase);

  if (english)
    return *english ? english : NULL;
  for (guint i = 0; i < self->particles->len; i++) {
    const char *particle = self->particles->pdata[i];
    g_autofree char *stem = NULL;

    if (!g_str_has_suffix (phrase, particle) || strlen (phrase) == strlen (particle))
      continue;
    stem = g_strndup (phrase, strlen (phrase) - strlen (particle));
    english = g_hash_table_lookup (table, stem);
    if (english && *english)
      return english;
  }
  return NULL;
}

/* The longest phrase from @words on that is known; how many words it takes. */
static const char *
look_up_phrase (GvGlossary *self, char **words, int *taken)
{
  int n = 0;

  while (n < MAX_PHRASE && words[n])
    n++;
  for (; n > 0; n--) {
    g_autofree char *last = g_steal_pointer (&words[n]), *phrase = g_strjoinv (" ", words);
    const char *english = look_up (self, self->words, phrase);

    words[n] = g_steal_pointer (&last);
    if (english) {
      *taken = n;
      return english;
    }
  }
  return NULL;
}

/* Stretches */

typedef struct
{
  GString *front, *back; /* (owned): words in their order, and what goes behind them */
  bool known;            /* some word was */
} Stretch;

static void
append_word (GString *out, const char *word)
{
  g_string_append_printf (out, "%s%s", out->len ? " " : "", word);
}

/* "호수 위의": the word before goes behind, with its place. */
static void
place_word (Stretch *s, const char *preposition, const char *english)
{
  g_autofree char *phrase = g_strdup_printf ("%s the %s", preposition, english);

  append_word (s->back, phrase);
}

/* Words between single spaces, of any script. */
static void
translate_words (GvGlossary *self, char **words, Stretch *s)
{
  for (char **w = words; *w;) {
    int taken = 1;
    const char *english = look_up_phrase (self, w, &taken);
    const char *where = english && w[taken] ? look_up (self, self->after, w[taken]) : NULL;

    s->known = s->known || english;
    if (where)
      place_word (s, where, english);
    else
      append_word (s->front, english ? english : *w);
    w += taken + (where != NULL);
  }
}

/* @from up to @end: words and white space only. */
static bool
translate_stretch (GvGlossary *self, const char *from, const char *end, GString *out)
{
  g_autofree char *text = g_strndup (from, (gsize) (end - from)), *folded = normal (text);
  g_auto (GStrv) words = g_strsplit (g_strstrip (folded), " ", -1);
  Stretch s = { g_string_new (NULL), g_string_new (NULL), false };
  size_t before = strspn (text, " \t\n"), after = strlen (text);

  translate_words (self, words, &s);
  while (after > before && strchr (" \t\n", text[after - 1]))
    after--;
  if (s.known) {
    if (s.back->len)
      append_word (s.front, s.back->str);
    g_string_append_len (out, text, (gssize) before);
    g_string_append (out, s.front->str);
    g_string_append (out, text + after);
  } else {
    g_string_append (out, text);
  }
  g_string_free (s.front, true);
  g_string_free (s.back, true);
  return s.known;
}

/* What a stretch of words is made of; everything else parts them. */
static bool
is_in_stretch (gunichar c)
{
  return g_unichar_isalpha (c) || g_unichar_ismark (c) || c == ' ' || c == '-' || c == '\'';
}

char *
gv_glossary_apply (GvGlossary *self, const char *text)
{
  g_autoptr (GString) out = g_string_new (NULL);
  bool known = false;

  g_return_val_if_fail (g_utf8_validate (text, -1, NULL), NULL);

  for (const char *p = text; *p;) {
    const char *from = p;

    while (*p && is_in_stretch (g_utf8_get_char (p)))
      p = g_utf8_next_char (p);
    if (p > from && translate_stretch (self, from, p, out))
      known = true;
    for (from = p; *p && !is_in_stretch (g_utf8_get_char (p));)
      p = g_utf8_next_char (p);
    g_string_append_len (out, from, (gssize) (p - from));
  }
  return known ? g_string_free_and_steal (g_steal_pointer (&out)) : NULL;
}
