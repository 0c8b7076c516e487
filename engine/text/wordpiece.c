// SPDX-FileCopyrightText: Giverny contributors
// SPDX-License-Identifier: GPL-3.0-or-later
/* BERT's tokenizer: its vocabulary from a folder, and words cut into the longest known pieces. */
#include "text/wordpiece.h"

#include "base/errors.h"
#include "base/i18n.h"
#include "formats/file.h"
#include "formats/json.h"
#include "text/unicode.h"

#include <string.h>

#define MAX_FILE ((size_t) 16 << 20)
#define MAX_ENTRIES (1 << 20)
#define MAX_WORD 100 /* characters; a longer one is unknown */
#define MAX_DECOMPOSED 18

enum { UNKNOWN, START, END, PAD, MASK, N_SPECIALS };

static const char *const special_names[] = { "[UNK]", "[CLS]", "[SEP]", "[PAD]", "[MASK]" };

struct _GvWordpiece
{
  GHashTable *ids; /* piece → id */
  GStringChunk *strings;
  size_t longest;  /* bytes of the longest piece, without "##" */
  int specials[N_SPECIALS];
  int max_id;
};

static GvWordpiece *
wordpiece_new (void)
{
  GvWordpiece *self = g_new0 (GvWordpiece, 1);

  self->ids = g_hash_table_new (g_str_hash, g_str_equal);
  self->strings = g_string_chunk_new (4096);
  return self;
}

void
gv_wordpiece_free (GvWordpiece *self)
{
  g_hash_table_unref (self->ids);
  g_string_chunk_free (self->strings);
  g_free (self);
}

static void
add_piece (GvWordpiece *self, const char *piece, size_t len, int id)
{
  size_t mark = len > 2 && piece[0] == '#' && piece[1] == '#' ? 2 : 0;

  if (len == 0)
    return;
  g_hash_table_insert (self->ids, g_string_chunk_insert_len (self->strings, piece, (gssize) len),
                       GINT_TO_POINTER (id + 1));
  self->longest = MAX (self->longest, len - mark);
  self->max_id = MAX (self->max_id, id);
}

/* -1 for what the vocabulary lacks. */
static int
look_up (const GvWordpiece *self, const char *piece)
{
  return GPOINTER_TO_INT (g_hash_table_lookup (self->ids, piece)) - 1;
}

/* A vocabulary must be able to say that it does not know, and where a text begins and ends. */
static GvWordpiece *
finish (GvWordpiece *self, const char *name, GError **error)
{
  for (int i = 0; i < N_SPECIALS; i++) {
    self->specials[i] = look_up (self, special_names[i]);
    if (self->specials[i] < 0 && i <= END) {
      g_autofree char *shown = gv_dup_shown (name);

      g_set_error (error, GV_TEXT_ERROR, GV_TEXT_ERROR_INVALID,
                   _("%s: the vocabulary lacks “%s”"), shown, special_names[i]);
      gv_wordpiece_free (self);
      return NULL;
    }
  }
  return self;
}

GvWordpiece *
gv_wordpiece_new_from_text (const char *name, const char *text, size_t size, GError **error)
{
  GvWordpiece *self;
  int id = 0;

  if (memchr (text, 0, size)) {
    g_autofree char *shown = gv_dup_shown (name);

    g_set_error (error, GV_FORMAT_ERROR, GV_FORMAT_ERROR_INVALID, _("%s: has a NUL inside"), shown);
    return NULL;
  }
  self = wordpiece_new ();
  for (const char *line = text, *end = text + size; line < end && id < MAX_ENTRIES; id++) {
    const char *stop = memchr (line, '\n', (size_t) (end - line));
    size_t len = (size_t) ((stop ? stop : end) - line);

    add_piece (self, line, len && line[len - 1] == '\r' ? len - 1 : len, id);
    line += len + 1;
  }
  return finish (self, name, error);
}

static bool
read_vocabulary (GvWordpiece *self, const GvJsonNode *object, GError **error)
{
  yyjson_obj_iter iter = yyjson_obj_iter_with (object->value);
  const char *piece;
  GvJsonNode entry;

  if (gv_json_get_n (object) > MAX_ENTRIES)
    return gv_json_fail (object, NULL, _("has more than 1048576 symbols"), error);
  while (gv_json_next (object, &iter, &piece, &entry)) {
    int id = -1;

    if (!gv_json_get_int (&entry, NULL, 0, MAX_ENTRIES - 1, &id, error))
      return false;
    if (id >= 0)
      add_piece (self, piece, strlen (piece), id);
  }
  return true;
}

/* tokenizer.json's "model": {"type": "WordPiece", "continuing_subword_prefix": "##", "vocab": {…}}
 */
static bool
read_model (GvWordpiece *self, const GvJsonNode *model, GError **error)
{
  const char *type = NULL, *prefix = "##";
  GvJsonNode vocab;

  if (!gv_json_get_string (model, "type", &type, error) ||
      !gv_json_get_string (model, "continuing_subword_prefix", &prefix, error) ||
      !gv_json_require (model, "vocab", error) ||
      !gv_json_get_object (model, "vocab", &vocab, error))
    return false;
  if (g_strcmp0 (type, "WordPiece") != 0 || strcmp (prefix, "##") != 0)
    return gv_json_fail (model, NULL, _("is no WordPiece of BERT's kind"), error);
  return read_vocabulary (self, &vocab, error);
}

GvWordpiece *
gv_wordpiece_new_from_json (const char *name, const char *text, size_t size, GError **error)
{
  g_autoptr (GvJson) json = gv_json_new_from_bytes (name, text, size, GV_JSON_UNIQUE_KEYS, error);
  g_autoptr (GvWordpiece) self = wordpiece_new ();
  GvJsonNode root, model;

  if (!json || !gv_json_root_object (json, &root, error) ||
      !gv_json_require (&root, "model", error) ||
      !gv_json_get_object (&root, "model", &model, error) || !read_model (self, &model, error))
    return NULL;
  return finish (g_steal_pointer (&self), name, error);
}

GvWordpiece *
gv_wordpiece_new_from_folder (const char *folder, GError **error)
{
  g_autofree char *plain = g_build_filename (folder, "vocab.txt", NULL);
  g_autofree char *json = g_build_filename (folder, "tokenizer.json", NULL);
  bool is_json = !g_file_test (plain, G_FILE_TEST_EXISTS) && g_file_test (json, G_FILE_TEST_EXISTS);
  const char *path = is_json ? json : plain;
  size_t size;
  g_autofree char *text = gv_read_small_file (path, MAX_FILE, &size, error);

  if (!text)
    return NULL;
  return is_json ? gv_wordpiece_new_from_json (path, text, size, error)
                 : gv_wordpiece_new_from_text (path, text, size, error);
}

int
gv_wordpiece_get_max_id (const GvWordpiece *self)
{
  return self->max_id;
}

/* Characters. */

static bool
is_ideograph (gunichar c)
{
  static const gunichar ranges[][2] = {
    { 0x4e00, 0x9fff },   { 0x3400, 0x4dbf },   { 0x20000, 0x2a6df }, { 0x2a700, 0x2b73f },
    { 0x2b740, 0x2b81f }, { 0x2b820, 0x2ceaf }, { 0xf900, 0xfaff },   { 0x2f800, 0x2fa1f },
  };

  for (size_t i = 0; i < G_N_ELEMENTS (ranges); i++)
    if (c >= ranges[i][0] && c <= ranges[i][1])
      return true;
  return false;
}

/* All of ASCII that is neither letter, digit nor space counts as punctuation. */
static bool
is_punctuation (gunichar c)
{
  if (c < 128)
    return g_ascii_ispunct ((char) c);
  switch (g_unichar_type (c)) {
  case G_UNICODE_CONNECT_PUNCTUATION:
  case G_UNICODE_DASH_PUNCTUATION:
  case G_UNICODE_OPEN_PUNCTUATION:
  case G_UNICODE_CLOSE_PUNCTUATION:
  case G_UNICODE_INITIAL_PUNCTUATION:
  case G_UNICODE_FINAL_PUNCTUATION:
  case G_UNICODE_OTHER_PUNCTUATION:
    return true;
  default:
    return false;
  }
}

static bool
is_dropped (gunichar c)
{
  if (c == '\t' || c == '\n' || c == '\r') /* control characters too, but spaces first */
    return false;
  switch (g_unichar_type (c)) {
  case G_UNICODE_CONTROL:
  case G_UNICODE_FORMAT:
  case G_UNICODE_PRIVATE_USE:
  case G_UNICODE_SURROGATE:
    return true;
  default:
    return c == 0xfffd;
  }
}

/* The character's base letters in lower case, without its accents. */
static void
append_folded (GString *word, gunichar c)
{
  gunichar parts[MAX_DECOMPOSED];
  gsize n = g_unichar_fully_decompose (c, FALSE, parts, G_N_ELEMENTS (parts));

  for (gsize i = 0; i < MIN (n, G_N_ELEMENTS (parts)); i++)
    if (g_unichar_type (parts[i]) != G_UNICODE_NON_SPACING_MARK)
      g_string_append_unichar (word, g_unichar_tolower (parts[i]));
}

/* Words. */

typedef struct
{
  const GvWordpiece *self;
  GArray *ids;
  GString *word; /* so far   */
  GString *piece; /* scratch  */
  size_t max;
} Run;

/* Bytes of the longest piece at @at; its id in @id, -1 if there is none. */
static size_t
find_piece (Run *run, size_t at, int *id)
{
  const char *word = run->word->str;
  size_t end = MIN (run->word->len, at + run->self->longest);

  for (; end > at; end--) {
    if (((guchar) word[end] & 0xc0) == 0x80) /* inside a character */
      continue;
    g_string_assign (run->piece, at ? "##" : "");
    g_string_append_len (run->piece, word + at, (gssize) (end - at));
    *id = look_up (run->self, run->piece->str);
    if (*id >= 0)
      return end - at;
  }
  *id = -1;
  return 0;
}

static void
end_word (Run *run)
{
  guint first = run->ids->len;
  bool known = g_utf8_strlen (run->word->str, (gssize) run->word->len) <= MAX_WORD;

  for (size_t at = 0; at < run->word->len && known;) {
    int id;

    at += find_piece (run, at, &id);
    known = id >= 0;
    if (known)
      g_array_append_val (run->ids, id);
  }
  if (!known) {
    g_array_set_size (run->ids, first);
    g_array_append_val (run->ids, run->self->specials[UNKNOWN]);
  }
  g_string_truncate (run->word, 0);
}

static void
end_word_if_any (Run *run)
{
  if (run->word->len)
    end_word (run);
}

static void
take (Run *run, gunichar c)
{
  if (is_dropped (c))
    return;
  if (gv_unicode_is_space (c))
    end_word_if_any (run);
  else if (is_ideograph (c) || is_punctuation (c)) {
    end_word_if_any (run);
    append_folded (run->word, c);
    end_word_if_any (run);
  } else
    append_folded (run->word, c);
}

/* Special tokens count where they are typed.  The bytes of the one at @text, 0 if there is none. */
static size_t
take_special (Run *run, const char *text, size_t len)
{
  for (int i = 0; i < N_SPECIALS && *text == '['; i++) {
    size_t n = strlen (special_names[i]);

    if (run->self->specials[i] < 0 || n > len || memcmp (text, special_names[i], n) != 0)
      continue;
    end_word_if_any (run);
    g_array_append_val (run->ids, run->self->specials[i]);
    return n;
  }
  return 0;
}

static void
encode (Run *run, const char *utf8, size_t len)
{
  const char *end = utf8 + len;

  while (utf8 < end && run->ids->len < run->max) {
    size_t special = take_special (run, utf8, (size_t) (end - utf8));

    if (special) {
      utf8 += special;
      continue;
    }
    take (run, g_utf8_get_char (utf8));
    utf8 = g_utf8_next_char (utf8);
  }
  end_word_if_any (run);
}

int *
gv_wordpiece_encode (const GvWordpiece *self,
                     const char *utf8,
                     size_t len,
                     size_t max_tokens,
                     size_t *n,
                     GError **error)
{
  Run run = { self, g_array_new (FALSE, FALSE, sizeof (int)), NULL, NULL, max_tokens };

  g_return_val_if_fail (max_tokens >= 2, NULL);

  if (!gv_unicode_valid (utf8, len)) {
    g_array_unref (run.ids);
    g_set_error (error, GV_TEXT_ERROR, GV_TEXT_ERROR_INVALID_UTF8,
                 _("the text is not valid UTF-8"));
    return NULL;
  }
  run.word = g_string_new (NULL);
  run.piece = g_string_new (NULL);
  g_array_append_val (run.ids, self->specials[START]);
  encode (&run, utf8, len);
  g_array_set_size (run.ids, MIN (run.ids->len, (guint) max_tokens - 1));
  g_array_append_val (run.ids, self->specials[END]);
  g_string_free (run.word, TRUE);
  g_string_free (run.piece, TRUE);
  *n = run.ids->len;
  return (int *) (void *) g_array_free (run.ids, FALSE);
}
