// SPDX-FileCopyrightText: Giverny contributors
// SPDX-License-Identifier: GPL-3.0-or-later
/* Symbols and merges by their text to a tokenizer that works with ids. */
#include "text/bpe-draft.h"

#include "base/errors.h"
#include "base/i18n.h"
#include "formats/file.h"
#include "text/unicode.h"

#include <string.h>

const char *const gv_bpe_role_keys[GV_BPE_N_ROLES] = { "bos_token", "eos_token", "unk_token",
                                                       "pad_token" };
const char *const gv_bpe_role_names[GV_BPE_N_ROLES] = { "<|startoftext|>", "<|endoftext|>",
                                                        "<|endoftext|>", "<|endoftext|>" };

/* A file can't know the seed, so it can't bring symbols that all fall into one place. */
static guint
hash (const void *text)
{
  static size_t seed;
  uint64_t h;

  if (g_once_init_enter (&seed))
    g_once_init_leave (&seed, ((size_t) g_random_int () << 32) | g_random_int () | 1);
  h = seed;
  for (const unsigned char *c = text; *c; c++) {
    h = (h ^ *c) * 0x9e3779b97f4a7c15;
    h ^= h >> 29;
  }
  return (guint) (h >> 32);
}

GvBpeDraft *
gv_bpe_draft_new (void)
{
  GvBpeDraft *draft = g_new0 (GvBpeDraft, 1);

  draft->ids = g_hash_table_new (hash, g_str_equal);
  draft->added = g_hash_table_new (hash, g_str_equal);
  draft->folded = g_hash_table_new (hash, g_str_equal);
  draft->strings = g_string_chunk_new (1 << 12);
  draft->merges = g_array_new (false, false, sizeof (GvBpeMerge));
  draft->whole = g_string_new (NULL);
  draft->next_id = -1;
  for (GvBpeRole r = 0; r < GV_BPE_N_ROLES; r++)
    draft->roles[r] = gv_bpe_role_names[r];
  return draft;
}

void
gv_bpe_draft_free (GvBpeDraft *draft)
{
  if (!draft)
    return;
  g_hash_table_unref (draft->ids);
  g_hash_table_unref (draft->added);
  g_hash_table_unref (draft->folded);
  g_string_chunk_free (draft->strings);
  g_array_unref (draft->merges);
  g_string_free (draft->whole, true);
  g_free (draft);
}

/* Ids are kept plus 1, so that 0 is not taken for none. */
int
gv_bpe_lookup (GHashTable *ids, const char *text)
{
  return GPOINTER_TO_INT (g_hash_table_lookup (ids, text)) - 1;
}

void
gv_bpe_insert (GHashTable *ids, const char *text, int id)
{
  g_hash_table_insert (ids, (void *) text, GINT_TO_POINTER (id + 1));
}

const char *
gv_bpe_draft_add_merge (GvBpeDraft *draft, const char *left, const char *right)
{
  GvBpeMerge merge = { gv_bpe_lookup (draft->ids, left), gv_bpe_lookup (draft->ids, right),
                       (int) draft->merges->len, -1 };

  g_string_assign (draft->whole, left);
  g_string_append (draft->whole, right);
  if (draft->next_id >= 0)
    gv_bpe_insert (draft->ids,
                   g_string_chunk_insert_len (draft->strings, draft->whole->str,
                                              (gssize) draft->whole->len),
                   draft->next_id++);
  merge.whole = gv_bpe_lookup (draft->ids, draft->whole->str);
  if (draft->merges->len >= GV_BPE_MAX_ENTRIES)
    return _("is one merge more than the 1048576 that are read");
  if (merge.left < 0 || merge.right < 0 || merge.whole < 0)
    return _("joins what is not in the vocabulary");
  g_array_append_val (draft->merges, merge);
  return NULL;
}

char *
gv_bpe_cut_in_two (char *pair)
{
  char *space = strchr (pair, ' ');

  if (!space || space == pair || !space[1] || strchr (space + 1, ' '))
    return NULL;
  *space = '\0';
  return space + 1;
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

bool
gv_bpe_draft_read_merges (GvBpeDraft *draft, char *text, const char *path, GError **error)
{
  Place place = { path, 0 };
  const char *end = text + strlen (text);

  for (char *pair = text, *next; pair; pair = next) {
    /* Not strcspn(): checked strictly, as in the tests, it would walk to the end for every line. */
    char *newline = memchr (pair, '\n', (size_t) (end - pair));
    size_t len = (size_t) ((newline ? newline : end) - pair);
    const char *right, *problem;

    place.line++;
    next = newline ? newline + 1 : NULL;
    if (len > 0 && pair[len - 1] == '\r')
      len--;
    pair[len] = '\0';
    if (len == 0 || g_str_has_prefix (pair, "#version"))
      continue;
    right = gv_bpe_cut_in_two (pair);
    if (!right)
      return fail_at (&place, _("is not two symbols"), error);
    problem = gv_bpe_draft_add_merge (draft, pair, right);
    if (problem)
      return fail_at (&place, problem, error);
  }
  return true;
}

void
gv_bpe_byte_alphabet (gunichar alphabet[256])
{
  gunichar other = 0x100;

  for (int byte = 0; byte < 256; byte++) {
    bool prints = (byte >= 33 && byte <= 126) || (byte >= 161 && byte <= 172) || byte >= 174;

    alphabet[byte] = prints ? (gunichar) byte : other++;
  }
}

char *
gv_bpe_byte_symbol (gunichar c, bool last)
{
  char symbol[16];

  strcpy (symbol + g_unichar_to_utf8 (c, symbol), last ? GV_BPE_WORD_END : "");
  return g_strdup (symbol);
}

static void
find_bytes (GvBpeDraft *draft, GvBpe *bpe)
{
  gunichar alphabet[256];

  gv_bpe_byte_alphabet (alphabet);
  for (int byte = 0; byte < 256; byte++) {
    g_autofree char *symbol = gv_bpe_byte_symbol (alphabet[byte], false);
    g_autofree char *last = gv_bpe_byte_symbol (alphabet[byte], true);

    bpe->symbol[byte] = gv_bpe_lookup (draft->ids, symbol);
    bpe->last[byte] = gv_bpe_lookup (draft->ids, last);
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
sort_merges (GvBpeDraft *draft, GvBpe *bpe)
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

  if (x->len != y->len)
    return x->len < y->len ? 1 : -1;
  return strcmp (x->text, y->text) ? strcmp (x->text, y->text) : x->id - y->id;
}

static void
find_specials (GvBpeDraft *draft, GvBpe *bpe)
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
find_roles (GvBpeDraft *draft, GvBpe *bpe, const char *path, GError **error)
{
  int ids[GV_BPE_N_ROLES];

  for (GvBpeRole r = 0; r < GV_BPE_N_ROLES; r++) {
    ids[r] = gv_bpe_lookup (draft->ids, draft->roles[r]);
    if (ids[r] < 0)
      ids[r] = gv_bpe_lookup (draft->added, draft->roles[r]);
    if (ids[r] < 0 && r == GV_BPE_UNKNOWN)
      ids[r] = ids[GV_BPE_END];
    if (ids[r] < 0) {
      g_autofree char *shown = gv_dup_shown (path);
      g_autofree char *token = gv_dup_shown (draft->roles[r]);

      g_set_error (error, GV_TEXT_ERROR, GV_TEXT_ERROR_INVALID,
                   _("%s: the %s “%s” is not in the vocabulary"), shown, gv_bpe_role_keys[r],
                     token);
      return false;
    }
    bpe->max_id = MAX (bpe->max_id, ids[r]);
    if (ids[r] == gv_bpe_lookup (draft->ids, draft->roles[r]))
      gv_bpe_insert (draft->added, draft->roles[r], ids[r]);
  }
  bpe->start = ids[GV_BPE_START];
  bpe->end = ids[GV_BPE_END];
  bpe->pad = ids[GV_BPE_PAD];
  bpe->unknown = ids[GV_BPE_UNKNOWN];
  return true;
}

GvBpe *
gv_bpe_draft_finish (GvBpeDraft *draft, const char *path, GError **error)
{
  g_autoptr (GvBpe) bpe = g_new0 (GvBpe, 1);

  bpe->max_length = draft->max_length;
  bpe->specials = g_array_new (false, false, sizeof (GvBpeSpecial));
  g_array_set_clear_func (bpe->specials, clear_special);
  find_bytes (draft, bpe);
  gv_bpe_draft_find_words (draft, bpe); /* goes by the merges' order */
  sort_merges (draft, bpe);
  if (!find_roles (draft, bpe, path, error))
    return NULL;
  find_specials (draft, bpe);
  return g_steal_pointer (&bpe);
}
