// SPDX-FileCopyrightText: Giverny contributors
// SPDX-License-Identifier: GPL-3.0-or-later
/* CLIP tokenizers from a model's folder, or from the vocabulary that ships inside the library. */
#include "text/bpe-private.h"

#include "base/errors.h"
#include "base/i18n.h"
#include "formats/file.h"
#include "formats/json.h"
#include "text/gv-vocabularies.h"
#include "text/unicode.h"

#include <gio/gio.h>
#include <string.h>

#define MAX_FILE ((size_t) 64 << 20)
#define MAX_ENTRIES (1 << 20)
#define MAX_SPECIALS 1024
#define MAX_SPECIAL_TEXT 128
#define WORD_END "</w>"

/* The special tokens that a tokenizer gives a part to play. */
typedef enum { START, END, UNKNOWN, PAD, N_ROLES } Role;

static const char *const role_keys[N_ROLES] = { "bos_token", "eos_token", "unk_token",
                                                "pad_token" };
static const char *const role_names[N_ROLES] = { "<|startoftext|>", "<|endoftext|>",
                                                 "<|endoftext|>", "<|endoftext|>" };

/* A tokenizer being read.  Strings live in @strings or in the JSON documents beside it. */
typedef struct
{
  GHashTable *ids;       /* (owned) symbol to id; 0 is kept apart from "none" by adding 1 */
  GHashTable *added; /* (owned) the same for tokens that the files add, the vocabulary's or not */
  GHashTable *folded; /* (owned) tokens to be found after folding, a set */
  GStringChunk *strings; /* (owned) */
  GArray *merges; /* (owned) of GvBpeMerge */
  const char *roles[N_ROLES];
  int max_length;
  bool listed; /* tokenizer_config.json lists the added tokens, and so replaces
                  special_tokens_map.json */
} Draft;

static Draft *
draft_new (void)
{
  Draft *draft = g_new0 (Draft, 1);

  draft->ids = g_hash_table_new (g_str_hash, g_str_equal);
  draft->added = g_hash_table_new (g_str_hash, g_str_equal);
  draft->folded = g_hash_table_new (g_str_hash, g_str_equal);
  draft->strings = g_string_chunk_new (1 << 16);
  draft->merges = g_array_new (false, false, sizeof (GvBpeMerge));
  for (Role r = 0; r < N_ROLES; r++)
    draft->roles[r] = role_names[r];
  return draft;
}

static void
draft_free (Draft *draft)
{
  g_hash_table_unref (draft->ids);
  g_hash_table_unref (draft->added);
  g_hash_table_unref (draft->folded);
  g_string_chunk_free (draft->strings);
  g_array_unref (draft->merges);
  g_free (draft);
}
G_DEFINE_AUTOPTR_CLEANUP_FUNC (Draft, draft_free)

static int
lookup (GHashTable *ids, const char *symbol)
{
  return GPOINTER_TO_INT (g_hash_table_lookup (ids, symbol)) - 1;
}

static void
insert (GHashTable *ids, const char *symbol, int id)
{
  g_hash_table_insert (ids, (void *) symbol, GINT_TO_POINTER (id + 1));
}

/* A place in merges.txt, for errors. */
typedef struct
{
  const char *path;
  int line;
} Place;

static bool
fail_at (const Place *place, const char *sentence, GError **error)
{
  g_autofree char *shown = gv_dup_shown (place->path);

  g_set_error (error, GV_TEXT_ERROR, GV_TEXT_ERROR_INVALID,
               _("%s: line %d %s"), shown, place->line, sentence);
  return false;
}

/* {"symbol": id, …} */
static bool
read_vocabulary (Draft *draft, const GvJsonNode *object, GError **error)
{
  yyjson_obj_iter iter = yyjson_obj_iter_with (object->value);
  const char *symbol;
  GvJsonNode entry;

  if (gv_json_get_n (object) > MAX_ENTRIES)
    return gv_json_fail (object, NULL, _("has more than 1048576 symbols"), error);
  while (gv_json_next (object, &iter, &symbol, &entry)) {
    int id = -1;

    if (!gv_json_get_int (&entry, NULL, 0, MAX_ENTRIES - 1, &id, error))
      return false;
    if (id >= 0)
      insert (draft->ids, symbol, id);
  }
  return true;
}

/* Adds the next merge, whose place in the list is its rank; a sentence if that can't be. */
static const char *
add_merge (Draft *draft, const char *left, const char *right)
{
  g_autofree char *whole = g_strconcat (left, right, NULL);
  GvBpeMerge merge = { lookup (draft->ids, left), lookup (draft->ids, right),
                       (int) draft->merges->len, lookup (draft->ids, whole) };

  if (draft->merges->len >= MAX_ENTRIES)
    return _("is one merge more than the 1048576 that are read");
  if (merge.left < 0 || merge.right < 0 || merge.whole < 0)
    return _("joins what is not in the vocabulary");
  g_array_append_val (draft->merges, merge);
  return NULL;
}

/* Cuts "left right" in two where it stands; NULL if it is anything else. */
static char *
cut_in_two (char *pair)
{
  char *space = strchr (pair, ' ');

  if (!space || space == pair || !space[1] || strchr (space + 1, ' '))
    return NULL;
  *space = '\0';
  return space + 1;
}

/* merges.txt: a line a merge, "#version" first. */
static bool
read_merge_lines (Draft *draft, char *text, const char *path, GError **error)
{
  Place place = { path, 0 };

  for (char *pair = text, *next; pair; pair = next) {
    size_t len = strcspn (pair, "\n");
    const char *right, *problem;

    place.line++;
    next = pair[len] ? pair + len + 1 : NULL;
    if (len > 0 && pair[len - 1] == '\r')
      len--;
    pair[len] = '\0';
    if (len == 0 || g_str_has_prefix (pair, "#version"))
      continue;
    right = cut_in_two (pair);
    if (!right)
      return fail_at (&place, _("is not two symbols"), error);
    problem = add_merge (draft, pair, right);
    if (problem)
      return fail_at (&place, problem, error);
  }
  return true;
}

/* One of tokenizer.json's merges: ["left", "right"], in older files "left right". */
static bool
read_merge (Draft *draft, const GvJsonNode *entry, GError **error)
{
  const char *parts[2] = { NULL, NULL };
  g_autofree char *pair = NULL;
  const char *problem;
  size_t n = 0;

  if (gv_json_is_array (entry, NULL)) {
    if (!gv_json_get_strings (entry, NULL, parts, 2, &n, error))
      return false;
  } else {
    if (!gv_json_get_string (entry, NULL, &parts[0], error))
      return false;
    parts[0] = pair = g_strdup (parts[0]);
    parts[1] = pair ? cut_in_two (pair) : NULL;
  }
  if (!parts[0] || !parts[1])
    return gv_json_fail (entry, NULL, _("is not two symbols"), error);
  problem = add_merge (draft, parts[0], parts[1]);
  return problem ? gv_json_fail (entry, NULL, problem, error) : true;
}

static bool
read_merges (Draft *draft, const GvJsonNode *model, GError **error)
{
  GvJsonNode list;
  yyjson_arr_iter iter;
  yyjson_val *item;

  if (!gv_json_require (model, "merges", error) ||
      !gv_json_get_array (model, "merges", &list, error))
    return false;
  iter = yyjson_arr_iter_with (list.value); /* elements by number would take the square of their
                                               count */
  for (size_t i = 0; (item = yyjson_arr_iter_next (&iter)); i++) {
    GvJsonNode entry = { .json = list.json, .value = item };

    g_snprintf (entry.where, sizeof entry.where, "%s[%zu]", list.where, i);
    if (!read_merge (draft, &entry, error))
      return false;
  }
  return true;
}

/* A special token's text, which @node has under @key (or is).  NULL in @text if it is missing or
 * null. */
static bool
get_token_text (Draft *draft,
                const GvJsonNode *node,
                const char *key,
                const char **text,
                GError **error)
{
  const char *found = NULL;

  *text = NULL;
  if (!gv_json_get_string (node, key, &found, error))
    return false;
  if (!found)
    return true;
  if (!*found || strlen (found) > MAX_SPECIAL_TEXT)
    return gv_json_fail (node, key, _("must be a text of 1 to 128 bytes"), error);
  *text = g_string_chunk_insert_const (draft->strings, found);
  return true;
}

/* A token that a file adds, {"content", "normalized", …}; @id is -1 where the vocabulary must know
 * it. */
static bool
add_token (Draft *draft, const GvJsonNode *token, int id, const char **text, GError **error)
{
  bool folded = false;

  if (!gv_json_require (token, "content", error) ||
      !get_token_text (draft, token, "content", text, error) ||
      !gv_json_get_bool (token, "normalized", &folded, error))
    return false;
  if (folded)
    g_hash_table_add (draft->folded, (void *) *text);
  else
    g_hash_table_remove (draft->folded, *text);
  if (lookup (draft->ids, *text) >= 0) /* the vocabulary's own id counts */
    id = lookup (draft->ids, *text);
  if (id >= 0)
    insert (draft->added, *text, id);
  if (g_hash_table_size (draft->added) > MAX_SPECIALS)
    return gv_json_fail (token, NULL,
                         _("is one added token more than the 1024 that are read"), error);
  return true;
}

/* bos_token and the others: a text, or an object; where there is none, what was known before stays.
 */
static bool
read_role (Draft *draft, const GvJsonNode *config, Role role, GError **error)
{
  yyjson_val *value = yyjson_obj_get (config->value, role_keys[role]);
  const char *text = NULL;
  GvJsonNode token;

  if (yyjson_is_obj (value)) {
    if (!gv_json_get_object (config, role_keys[role], &token, error) ||
        !add_token (draft, &token, -1, &text, error))
      return false;
  } else {
    if (!get_token_text (draft, config, role_keys[role], &text, error))
      return false;
    if (text)
      g_hash_table_remove (draft->folded, text); /* the last that is said of a token counts */
  }
  if (text)
    draft->roles[role] = text;
  return true;
}

/* tokenizer_config.json's "added_tokens_decoder": ids as keys, tokens as values. */
static bool
read_added_by_id (Draft *draft, const GvJsonNode *object, GError **error)
{
  yyjson_obj_iter iter = yyjson_obj_iter_with (object->value);
  const char *key, *text;
  GvJsonNode token;

  while (gv_json_next (object, &iter, &key, &token)) {
    guint64 id;

    if (!g_ascii_string_to_unsigned (key, 10, 0, MAX_ENTRIES - 1, &id, NULL))
      return gv_json_fail (object, key, _("is no token's id"), error);
    if (!add_token (draft, &token, (int) id, &text, error))
      return false;
  }
  return true;
}

/* tokenizer_config.json or special_tokens_map.json; a folder may do without. */
static bool
read_config_file (Draft *draft, const char *folder, const char *name, GError **error)
{
  g_autofree char *path = g_build_filename (folder, name, NULL);
  g_autoptr (GvJson) json = NULL;
  GvJsonNode root, added;
  yyjson_val *length;

  if (!g_file_test (path, G_FILE_TEST_EXISTS))
    return true;
  json = gv_json_open (path, MAX_FILE, GV_JSON_PLAIN, error);
  if (!json || !gv_json_root_object (json, &root, error) ||
      !gv_json_get_object (&root, "added_tokens_decoder", &added, error))
    return false;
  length = yyjson_obj_get (root.value, "model_max_length"); /* 1e30 where nobody knew */
  if (yyjson_is_uint (length) && yyjson_get_uint (length) <= MAX_ENTRIES)
    draft->max_length = (int) yyjson_get_uint (length);
  draft->listed = gv_json_get_n (&added) > 0;
  for (Role r = 0; r < N_ROLES; r++)
    if (!read_role (draft, &root, r, error))
      return false;
  return read_added_by_id (draft, &added, error);
}

static bool
read_config (Draft *draft, const char *folder, GError **error)
{
  return read_config_file (draft, folder, "tokenizer_config.json", error) &&
         (draft->listed || read_config_file (draft, folder, "special_tokens_map.json", error));
}

/* The characters that stand for bytes: the printing ones for themselves, the other 68 from U+0100
 * on. */
static void
byte_alphabet (gunichar alphabet[256])
{
  gunichar other = 0x100;

  for (int byte = 0; byte < 256; byte++) {
    bool prints = (byte >= 33 && byte <= 126) || (byte >= 161 && byte <= 172) || byte >= 174;

    alphabet[byte] = prints ? (gunichar) byte : other++;
  }
}

/* A byte's symbol, and the one it has at the end of a piece. */
static char *
byte_symbol (gunichar c, bool last)
{
  char symbol[16];

  strcpy (symbol + g_unichar_to_utf8 (c, symbol), last ? WORD_END : "");
  return g_strdup (symbol);
}

static void
find_bytes (Draft *draft, GvBpe *bpe)
{
  gunichar alphabet[256];

  byte_alphabet (alphabet);
  for (int byte = 0; byte < 256; byte++) {
    g_autofree char *symbol = byte_symbol (alphabet[byte], false);
    g_autofree char *last = byte_symbol (alphabet[byte], true);

    bpe->symbol[byte] = lookup (draft->ids, symbol);
    bpe->last[byte] = lookup (draft->ids, last);
    bpe->max_id = MAX (bpe->max_id, MAX (bpe->symbol[byte], bpe->last[byte]));
  }
}

static int
by_pair_then_rank (const void *a, const void *b, void *user_data)
{
  int order = gv_bpe_merge_compare (a, b, NULL);

  return order ? order : ((const GvBpeMerge *) a)->rank - ((const GvBpeMerge *) b)->rank;
}

/* Sorts the merges; of a pair that is listed twice the later line counts. */
static void
sort_merges (Draft *draft, GvBpe *bpe)
{
  GArray *merges = g_array_ref (draft->merges);
  GvBpeMerge *m = (GvBpeMerge *) (void *) merges->data;
  guint n = 0;

  g_array_sort_with_data (merges, by_pair_then_rank, NULL);
  for (guint i = 0; i < merges->len; i++) {
    if (n > 0 && gv_bpe_merge_compare (&m[n - 1], &m[i], NULL) == 0)
      n--;
    m[n++] = m[i];
    bpe->max_id = MAX (bpe->max_id, m[i].whole);
  }
  g_array_set_size (merges, n);
  bpe->merges = merges;
}

static void
clear_special (void *data)
{
  g_free (((GvBpeSpecial *) data)->text);
}

static int
longest_first (const void *a, const void *b)
{
  const GvBpeSpecial *x = a, *y = b;

  return x->len != y->len ? (x->len < y->len ? 1 : -1) : strcmp (x->text, y->text);
}

static void
find_specials (Draft *draft, GvBpe *bpe)
{
  GHashTableIter iter;
  void *text, *value;

  g_hash_table_iter_init (&iter, draft->added);
  while (g_hash_table_iter_next (&iter, &text, &value)) {
    bool folded = g_hash_table_contains (draft->folded, text);
    g_autoptr (GString) form = folded ? gv_unicode_fold (text, strlen (text)) : g_string_new (text);
    GvBpeSpecial special = { NULL, form->len, GPOINTER_TO_INT (value) - 1, folded };

    bpe->max_id = MAX (bpe->max_id, special.id);
    if (g_utf8_strlen (form->str, -1) < 2) /* a plain character is text where it is typed */
      continue;
    special.text = g_string_free_and_steal (g_steal_pointer (&form));
    g_array_append_val (bpe->specials, special);
  }
  g_array_sort (bpe->specials, longest_first);
}

/* The id of each role; all but the unknown token must be there. */
static bool
find_roles (Draft *draft, GvBpe *bpe, const char *path, GError **error)
{
  int ids[N_ROLES];

  for (Role r = 0; r < N_ROLES; r++) {
    ids[r] = lookup (draft->ids, draft->roles[r]);
    if (ids[r] < 0)
      ids[r] = lookup (draft->added, draft->roles[r]);
    if (ids[r] < 0 && r == UNKNOWN)
      ids[r] = ids[END];
    if (ids[r] < 0) {
      g_set_error (error, GV_TEXT_ERROR, GV_TEXT_ERROR_INVALID,
                   _("“%s” does not have the token “%s” (%s)"), path, draft->roles[r],
                     role_keys[r]);
      return false;
    }
    bpe->max_id = MAX (bpe->max_id, ids[r]);
    if (ids[r] == lookup (draft->ids, draft->roles[r]))
      insert (draft->added, draft->roles[r], ids[r]);
  }
  bpe->start = ids[START];
  bpe->end = ids[END];
  bpe->pad = ids[PAD];
  bpe->unknown = ids[UNKNOWN];
  return true;
}

static GvBpe *
draft_finish (Draft *draft, const char *path, GError **error)
{
  g_autoptr (GvBpe) bpe = g_new0 (GvBpe, 1);

  bpe->max_length = draft->max_length;
  bpe->specials = g_array_new (false, false, sizeof (GvBpeSpecial));
  g_array_set_clear_func (bpe->specials, clear_special);
  find_bytes (draft, bpe);
  sort_merges (draft, bpe);
  if (!find_roles (draft, bpe, path, error))
    return NULL;
  find_specials (draft, bpe);
  return g_steal_pointer (&bpe);
}

static GvBpe *
load_two_files (const char *folder, const char *vocab, const char *merges, GError **error)
{
  g_autoptr (GvJson) json = gv_json_open (vocab, MAX_FILE, GV_JSON_UNIQUE_KEYS, error);
  g_autoptr (Draft) draft = draft_new ();
  g_autofree char *lines = NULL;
  GvJsonNode root;
  size_t size;

  if (!json || !gv_json_root_object (json, &root, error) || !read_vocabulary (draft, &root, error))
    return NULL;
  lines = gv_read_small_file (merges, MAX_FILE, &size, error);
  if (!lines || !read_merge_lines (draft, lines, merges, error) ||
      !read_config (draft, folder, error))
    return NULL;
  return draft_finish (draft, vocab, error);
}

/* tokenizer.json's "model": {"type": "BPE", "vocab": {…}, "merges": […], …} */
static bool
read_model (Draft *draft, const GvJsonNode *model, GError **error)
{
  const char *type = NULL, *suffix = NULL;
  GvJsonNode vocab;

  if (!gv_json_get_string (model, "type", &type, error) ||
      !gv_json_get_string (model, "end_of_word_suffix", &suffix, error) ||
      !gv_json_require (model, "vocab", error) ||
      !gv_json_get_object (model, "vocab", &vocab, error))
    return false;
  if (g_strcmp0 (type, "BPE") != 0 || g_strcmp0 (suffix, WORD_END) != 0)
    return gv_json_fail (model, NULL, _("is no byte-pair encoding of CLIP's kind"), error);
  return read_vocabulary (draft, &vocab, error) && read_merges (draft, model, error);
}

/* tokenizer.json's "added_tokens": [{"id", "content", …}, …] */
static bool
read_added_list (Draft *draft, const GvJsonNode *list, GError **error)
{
  for (size_t i = 0, n = gv_json_get_n (list); i < n; i++) {
    GvJsonNode token = gv_json_get_element (list, i);
    const char *text;
    int id = -1;

    if (!gv_json_get_int (&token, "id", 0, MAX_ENTRIES - 1, &id, error) ||
        !add_token (draft, &token, id, &text, error))
      return false;
  }
  return true;
}

static GvBpe *
load_one_file (const char *folder, const char *path, GError **error)
{
  g_autoptr (GvJson) json = gv_json_open (path, MAX_FILE, GV_JSON_UNIQUE_KEYS, error);
  g_autoptr (Draft) draft = draft_new ();
  GvJsonNode root, model, added;
  const char *unknown;

  if (!json || !gv_json_root_object (json, &root, error) ||
      !gv_json_require (&root, "model", error) ||
      !gv_json_get_object (&root, "model", &model, error) || !read_model (draft, &model, error) ||
      !gv_json_get_array (&root, "added_tokens", &added, error) ||
      !read_added_list (draft, &added, error) ||
      !get_token_text (draft, &model, "unk_token", &unknown, error))
    return NULL;
  if (unknown)
    draft->roles[UNKNOWN] = unknown;
  return read_config (draft, folder, error) ? draft_finish (draft, path, error) : NULL;
}

GvBpe *
gv_bpe_new_from_folder (const char *folder, GError **error)
{
  g_autofree char *vocab = g_build_filename (folder, "vocab.json", NULL);
  g_autofree char *merges = g_build_filename (folder, "merges.txt", NULL);
  g_autofree char *tokenizer = g_build_filename (folder, "tokenizer.json", NULL);
  bool two = g_file_test (vocab, G_FILE_TEST_EXISTS) && g_file_test (merges, G_FILE_TEST_EXISTS);

  if (!two && g_file_test (tokenizer, G_FILE_TEST_EXISTS))
    return load_one_file (folder, tokenizer, error);
  return load_two_files (folder, vocab, merges, error);
}

static int
by_character (const void *a, const void *b)
{
  return *(const gunichar *) a < *(const gunichar *) b ? -1 : 1;
}

/* CLIP's first 512 symbols: the bytes in the order of their characters, then again as the end of a
 * piece. */
static void
number_clip_bytes (Draft *draft)
{
  gunichar alphabet[256];

  byte_alphabet (alphabet);
  qsort (alphabet, 256, sizeof (gunichar), by_character);
  for (int i = 0; i < 512; i++) {
    g_autofree char *symbol = byte_symbol (alphabet[i % 256], i >= 256);

    insert (draft->ids, g_string_chunk_insert (draft->strings, symbol), i);
  }
}

/* Gives each merge's whole the next id, so that the merges can then be read like a folder's. */
static void
number_clip_merges (Draft *draft, const char *text)
{
  g_auto (GStrv) lines = g_strsplit (text, "\n", -1);
  int id = 512;

  for (char **line = lines; *line; line++) {
    char *right = g_str_has_prefix (*line, "#version") ? NULL : cut_in_two (*line);
    g_autofree char *whole = right ? g_strconcat (*line, right, NULL) : NULL;

    if (whole)
      insert (draft->ids, g_string_chunk_insert (draft->strings, whole), id++);
  }
  insert (draft->ids, role_names[START], id);
  insert (draft->ids, role_names[END], id + 1);
}

GvBpe *
gv_bpe_new_clip (GError **error)
{
  const char *path = "/giverny/vocabularies/clip-merges.txt.gz";
  g_autoptr (Draft) draft = draft_new ();
  g_autoptr (GConverter) unpack =
      G_CONVERTER (g_zlib_decompressor_new (G_ZLIB_COMPRESSOR_FORMAT_GZIP));
  g_autoptr (GBytes) packed = NULL;
  g_autoptr (GBytes) bytes = NULL;
  g_autofree char *text = NULL;

  packed = g_resource_lookup_data (gv_vocabularies_get_resource (), path,
                                   G_RESOURCE_LOOKUP_FLAGS_NONE, error);
  bytes = packed ? g_converter_convert_bytes (unpack, packed, error) : NULL;
  if (!bytes)
    return NULL;
  text = g_strndup (g_bytes_get_data (bytes, NULL), g_bytes_get_size (bytes));
  number_clip_bytes (draft);
  number_clip_merges (draft, text);
  if (!read_merge_lines (draft, text, path, error))
    return NULL;
  draft->max_length = 77;
  return draft_finish (draft, path, error);
}
