// SPDX-FileCopyrightText: Giverny contributors
// SPDX-License-Identifier: GPL-3.0-or-later
/* Text to tokens: special tokens, pieces, and the joining of pairs. */
#include "text/bpe-private.h"

#include "base/errors.h"
#include "base/i18n.h"
#include "text/unicode.h"

#include <string.h>

#define MAX_TEXT ((size_t) 16 << 20) /* keeps every count of symbols an int */

/* A symbol of the piece being joined, in a list from left to right. */
typedef struct
{
  int id; /* -1 once it has been joined to its left neighbour */
  int previous, next;
} Symbol;

/* A pair that could be joined.  It may have gone out of date by the time it is taken from the heap.
 */
typedef struct
{
  int rank;
  int at; /* index of the left symbol */
  int whole;
} Candidate;

/* What one call of gv_bpe_encode() works with. */
typedef struct
{
  const GvBpe *bpe;
  GArray *ids; /* (owned) of int: the result so far */
  GArray *symbols; /* (owned) of Symbol */
  GArray *heap; /* (owned) of Candidate, the best first */
} Encoder;

int
gv_bpe_merge_compare (const void *a, const void *b, void *user_data)
{
  const GvBpeMerge *x = a, *y = b;

  if (x->left != y->left)
    return x->left < y->left ? -1 : 1;
  return x->right < y->right ? -1 : x->right > y->right;
}

static const GvBpeMerge *
find_merge (const GvBpe *self, int left, int right)
{
  const GvBpeMerge *merges = (const GvBpeMerge *) (const void *) self->merges->data;
  GvBpeMerge key = { .left = left, .right = right };
  guint low = 0, high = self->merges->len;

  while (low < high) {
    guint middle = low + (high - low) / 2;
    int side = gv_bpe_merge_compare (&key, &merges[middle], NULL);

    if (side == 0)
      return &merges[middle];
    if (side < 0)
      high = middle;
    else
      low = middle + 1;
  }
  return NULL;
}

static bool
goes_before (const Candidate *a, const Candidate *b)
{
  return a->rank < b->rank || (a->rank == b->rank && a->at < b->at);
}

static void
heap_push (GArray *heap, Candidate new)
{
  Candidate *c;
  guint i = heap->len;

  g_array_append_val (heap, new);
  c = (Candidate *) (void *) heap->data;
  for (; i > 0 && goes_before (&new, &c[(i - 1) / 2]); i = (i - 1) / 2)
    c[i] = c[(i - 1) / 2];
  c[i] = new;
}

/* Takes the best candidate; the heap must not be empty. */
static Candidate
heap_pop (GArray *heap)
{
  Candidate *c = (Candidate *) (void *) heap->data;
  Candidate best = c[0];
  guint n = heap->len - 1;
  Candidate moved = c[n];
  guint i = 0;

  for (guint child = 1; child < n; child = 2 * i + 1) {
    if (child + 1 < n && goes_before (&c[child + 1], &c[child]))
      child++;
    if (!goes_before (&c[child], &moved))
      break;
    c[i] = c[child];
    i = child;
  }
  c[i] = moved;
  g_array_set_size (heap, n);
  return best;
}

/* Remembers that the symbol at @at and the one after it can be joined, if they can. */
static void
consider (Encoder *e, int at)
{
  const Symbol *symbols = (const Symbol *) (const void *) e->symbols->data;
  const GvBpeMerge *merge;

  if (at < 0 || symbols[at].next < 0)
    return;
  merge = find_merge (e->bpe, symbols[at].id, symbols[symbols[at].next].id);
  if (merge)
    heap_push (e->heap, (Candidate) { merge->rank, at, merge->whole });
}

/* True if the pair is still there: both its symbols, or others that join to the same. */
static bool
still_holds (const Encoder *e, const Candidate *c)
{
  const Symbol *symbols = (const Symbol *) (const void *) e->symbols->data;
  const Symbol *left = &symbols[c->at];
  const GvBpeMerge *merge;

  if (left->id < 0 || left->next < 0)
    return false;
  merge = find_merge (e->bpe, left->id, symbols[left->next].id);
  return merge && merge->whole == c->whole;
}

static void
join (Encoder *e, const Candidate *c)
{
  Symbol *symbols = (Symbol *) (void *) e->symbols->data;
  Symbol *left = &symbols[c->at];
  Symbol *right = &symbols[left->next];

  left->id = c->whole;
  left->next = right->next;
  right->id = -1;
  if (left->next >= 0)
    symbols[left->next].previous = c->at;
  consider (e, left->previous);
  consider (e, c->at);
}

/* One piece, @len > 0 bytes.  A heap and a list keep even a word of 64 KiB at n log n. */
static void
encode_piece (Encoder *e, const char *bytes, size_t len)
{
  const GvBpe *self = e->bpe;

  g_array_set_size (e->symbols, 0);
  for (size_t i = 0; i < len; i++) {
    unsigned char byte = (unsigned char) bytes[i];
    int id = i + 1 < len ? self->symbol[byte] : self->last[byte];
    Symbol symbol = { id >= 0 ? id : self->unknown, (int) i - 1, i + 1 < len ? (int) i + 1 : -1 };

    g_array_append_val (e->symbols, symbol);
  }
  for (size_t i = 0; i + 1 < len; i++)
    consider (e, (int) i);
  while (e->heap->len > 0) {
    Candidate best = heap_pop (e->heap);

    if (still_holds (e, &best))
      join (e, &best);
  }
  for (int i = 0; i >= 0; i = g_array_index (e->symbols, Symbol, i).next)
    g_array_append_val (e->ids, g_array_index (e->symbols, Symbol, i).id);
}

typedef enum { SPACE, LETTER, NUMBER, OTHER } Class;

static Class
class_at (const char *p)
{
  gunichar c = g_utf8_get_char (p);

  if (gv_unicode_is_space (c))
    return SPACE;
  switch (g_unichar_type (c)) {
  case G_UNICODE_LOWERCASE_LETTER:
  case G_UNICODE_MODIFIER_LETTER:
  case G_UNICODE_OTHER_LETTER:
  case G_UNICODE_TITLECASE_LETTER:
  case G_UNICODE_UPPERCASE_LETTER:
    return LETTER;
  case G_UNICODE_DECIMAL_NUMBER:
  case G_UNICODE_LETTER_NUMBER:
  case G_UNICODE_OTHER_NUMBER:
    return NUMBER;
  default:
    return OTHER;
  }
}

/* The length of the first of @words that the text begins with, or 0. */
static size_t
begins_with (const char *p, const char *end, const char *const *words)
{
  for (; *words; words++) {
    size_t len = strlen (*words);

    if ((size_t) (end - p) >= len && memcmp (p, *words, len) == 0)
      return len;
  }
  return 0;
}

/* Where the piece at @p ends, which must not be white space. */
static const char *
piece_end (const char *p, const char *end)
{
  static const char *const contractions[] = { "'s", "'t", "'re", "'ve", "'m", "'ll", "'d", NULL };
  size_t contraction = begins_with (p, end, contractions);
  Class class = class_at (p);

  if (contraction)
    return p + contraction;
  do
    p = g_utf8_next_char (p);
  while (p < end && class != NUMBER && class_at (p) == class);
  return p;
}

/*
 * Folded text between special tokens.  CLIP's two markers are pieces of their own even where they
 * are no special tokens (typed in capitals, say), and then fall into "<|", the name and "|>".
 */
static void
encode_pieces (Encoder *e, const char *p, size_t len)
{
  static const char *const markers[] = { "<|startoftext|>", "<|endoftext|>", NULL };

  for (const char *end = p + len; p < end;) {
    size_t marker = begins_with (p, end, markers);
    const char *next;

    if (marker) {
      encode_piece (e, p, 2);
      encode_piece (e, p + 2, marker - 4);
      encode_piece (e, p + marker - 2, 2);
      p += marker;
    } else if (class_at (p) == SPACE) {
      p = g_utf8_next_char (p);
    } else {
      next = piece_end (p, end);
      encode_piece (e, p, (size_t) (next - p));
      p = next;
    }
  }
}

/* The longest special token at @p, of those to be found in folded text or in text as it came. */
static const GvBpeSpecial *
special_at (const GvBpe *self, const char *p, const char *end, bool folded)
{
  for (guint i = 0; i < self->specials->len; i++) {
    const GvBpeSpecial *s = &g_array_index (self->specials, GvBpeSpecial, i);

    if (s->folded == folded && (size_t) (end - p) >= s->len && memcmp (p, s->text, s->len) == 0)
      return s;
  }
  return NULL;
}

typedef void (*EncodeFunc) (Encoder *e, const char *p, size_t len);

/* Gives what stands between special tokens to @between, and the tokens' ids to the result. */
static void
split_at_specials (Encoder *e, const char *p, size_t len, bool folded, EncodeFunc between)
{
  const char *end = p + len;
  const char *from = p;

  while (p < end) {
    const GvBpeSpecial *special = special_at (e->bpe, p, end, folded);

    if (!special) {
      p = g_utf8_next_char (p);
      continue;
    }
    between (e, from, (size_t) (p - from));
    g_array_append_val (e->ids, special->id);
    from = p += special->len;
  }
  between (e, from, (size_t) (end - from));
}

static void
encode_plain (Encoder *e, const char *utf8, size_t len)
{
  g_autoptr (GString) folded = gv_unicode_fold (utf8, len);

  split_at_specials (e, folded->str, folded->len, true, encode_pieces);
}

int *
gv_bpe_encode (const GvBpe *self, const char *utf8, size_t len, size_t *n, GError **error)
{
  Encoder e = { .bpe = self };
  int zero = 0;

  if (len > MAX_TEXT) {
    g_set_error (error, GV_TEXT_ERROR, GV_TEXT_ERROR_LIMIT, _("the text is longer than 16 MiB"));
    return NULL;
  }
  if (!gv_unicode_valid (utf8, len)) {
    g_set_error (error, GV_TEXT_ERROR, GV_TEXT_ERROR_INVALID_UTF8,
                 _("the text is not valid UTF-8"));
    return NULL;
  }
  e.ids = g_array_new (false, false, sizeof (int));
  e.symbols = g_array_new (false, false, sizeof (Symbol));
  e.heap = g_array_new (false, false, sizeof (Candidate));
  split_at_specials (&e, utf8, len, false, encode_plain);
  *n = e.ids->len;
  g_array_append_val (e.ids, zero); /* so that there is memory even for no id */
  g_array_unref (e.symbols);
  g_array_unref (e.heap);
  return (int *) (void *) g_array_free (e.ids, false);
}

int
gv_bpe_get_start (const GvBpe *self)
{
  return self->start;
}

int
gv_bpe_get_end (const GvBpe *self)
{
  return self->end;
}

int
gv_bpe_get_pad (const GvBpe *self)
{
  return self->pad;
}

int
gv_bpe_get_unknown (const GvBpe *self)
{
  return self->unknown;
}

int
gv_bpe_get_max_id (const GvBpe *self)
{
  return self->max_id;
}

int
gv_bpe_get_max_length (const GvBpe *self)
{
  return self->max_length;
}

void
gv_bpe_free (GvBpe *self)
{
  if (!self)
    return;
  g_array_unref (self->merges);
  g_array_unref (self->specials);
  g_clear_pointer (&self->words, g_ptr_array_unref);
  g_free (self);
}
