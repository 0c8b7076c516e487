// SPDX-FileCopyrightText: Giverny contributors
// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * The whole words of a small vocabulary, told from the steps on the way to them.
 *
 * Both end in "</w>": learning "boat" leaves "oat" behind.  But merges stand in the order of how
 * often they were met, and frequencies of words fall off about as 1 / rank.  So a symbol that was
 * learnt at rank r was met about 1 / r times, and 1 / p of them went into the symbol that it became
 * the end of at rank p.  Of a word most is left over ("boat", that also ends "sailboat"), of a step
 * nothing.  A symbol that ends many others is more likely an ending than a word.
 */
#include "text/bpe-draft.h"

#include <string.h>

#define WORD_SHARE 0.5    /* of a symbol that must be left over if it is a word by itself */
#define PARENT_PRICE 0.01 /* more for each symbol that it ends */

typedef struct
{
  const char *symbol;
  int rank; /* 1 for the first merge; 0 for a byte */
  int parents;
  double share; /* that went into longer symbols */
} Candidate;

/* The bytes that a symbol stands for, without its end; NULL if they are no text. */
static char *
decode (GHashTable *bytes, const char *symbol)
{
  size_t len = strlen (symbol) - strlen (GV_BPE_WORD_END);
  g_autoptr (GString) text = g_string_sized_new (len);

  for (const char *p = symbol; p < symbol + len; p = g_utf8_next_char (p)) {
    gpointer byte = g_hash_table_lookup (bytes, GUINT_TO_POINTER (g_utf8_get_char (p)));

    if (!byte)
      return NULL;
    g_string_append_c (text, (char) (GPOINTER_TO_INT (byte) - 1));
  }
  return g_utf8_validate_len (text->str, text->len, NULL)
             ? g_string_free_and_steal (g_steal_pointer (&text))
             : NULL;
}

/* True for two letters and more; every single byte is a symbol, learnt or not. */
static bool
is_word (const char *text)
{
  for (const char *p = text; *p; p = g_utf8_next_char (p))
    if (!g_unichar_isalpha (g_utf8_get_char (p)))
      return false;
  return g_utf8_strlen (text, -1) >= 2;
}

static GHashTable *
bytes_by_character (void)
{
  GHashTable *bytes = g_hash_table_new (NULL, NULL);
  gunichar alphabet[256];

  gv_bpe_byte_alphabet (alphabet);
  for (int byte = 0; byte < 256; byte++)
    g_hash_table_insert (bytes, GUINT_TO_POINTER (alphabet[byte]), GINT_TO_POINTER (byte + 1));
  return bytes;
}

/* The symbols that end a piece, by their id; NULL if they are more than a small vocabulary has. */
static GHashTable *
find_candidates (GvBpeDraft *draft)
{
  g_autoptr (GHashTable) found = g_hash_table_new_full (NULL, NULL, NULL, g_free);
  GHashTableIter iter;
  void *symbol, *value;

  g_hash_table_iter_init (&iter, draft->ids);
  while (g_hash_table_iter_next (&iter, &symbol, &value)) {
    Candidate *c;

    if (!g_str_has_suffix (symbol, GV_BPE_WORD_END))
      continue;
    if (g_hash_table_size (found) > GV_BPE_MAX_WORDS)
      return NULL;
    c = g_new0 (Candidate, 1);
    c->symbol = symbol;
    g_hash_table_insert (found, GINT_TO_POINTER (GPOINTER_TO_INT (value) - 1), c);
  }
  return g_steal_pointer (&found);
}

static void
weigh (GvBpeDraft *draft, GHashTable *candidates)
{
  const GvBpeMerge *merges = (const GvBpeMerge *) (const void *) draft->merges->data;

  for (guint i = 0; i < draft->merges->len; i++) {
    Candidate *whole = g_hash_table_lookup (candidates, GINT_TO_POINTER (merges[i].whole));
    Candidate *end = g_hash_table_lookup (candidates, GINT_TO_POINTER (merges[i].right));

    if (whole && whole->rank == 0)
      whole->rank = (int) i + 1;
    if (!whole || !end || end->rank == 0)
      continue;
    end->parents++;
    end->share += (double) end->rank / (double) (i + 1);
  }
}

static bool
stands_alone (const Candidate *c)
{
  return c->rank > 0 && (c->parents == 0 || 1 - c->share >= WORD_SHARE + PARENT_PRICE * c->parents);
}

static int
by_text (const void *a, const void *b)
{
  return strcmp (*(const char *const *) a, *(const char *const *) b);
}

void
gv_bpe_draft_find_words (GvBpeDraft *draft, GvBpe *bpe)
{
  g_autoptr (GHashTable) bytes = bytes_by_character ();
  g_autoptr (GHashTable) candidates = find_candidates (draft);
  GHashTableIter iter;
  Candidate *c;

  if (!candidates)
    return;
  weigh (draft, candidates);
  bpe->words = g_ptr_array_new_with_free_func (g_free);
  g_hash_table_iter_init (&iter, candidates);
  while (g_hash_table_iter_next (&iter, NULL, (void **) &c)) {
    g_autofree char *text = stands_alone (c) ? decode (bytes, c->symbol) : NULL;

    if (text && is_word (text))
      g_ptr_array_add (bpe->words, g_steal_pointer (&text));
  }
  g_ptr_array_sort (bpe->words, by_text);
}

const GPtrArray *
gv_bpe_get_words (const GvBpe *self)
{
  return self->words;
}

bool
gv_bpe_knows_word (const GvBpe *self, const char *folded)
{
  return !self->words || bsearch (&folded, self->words->pdata, self->words->len,
                                  sizeof self->words->pdata[0], by_text) != NULL;
}
