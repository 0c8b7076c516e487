// SPDX-FileCopyrightText: Giverny contributors
// SPDX-License-Identifier: GPL-3.0-or-later
/* Normal form C (Unicode Standard Annex 15), white space and lower case for tokenizers. */
#include "text/unicode.h"

typedef struct
{
  gunichar c;
  int order; /* canonical combining class; 0 starts a new character */
} Mark;

bool
gv_unicode_is_space (gunichar c)
{
  return (c >= 0x9 && c <= 0xd) || c == ' ' || c == 0x85 || c == 0xa0 || c == 0x1680 ||
         (c >= 0x2000 && c <= 0x200a) || c == 0x2028 || c == 0x2029 || c == 0x202f || c == 0x205f ||
         c == 0x3000;
}

bool
gv_unicode_valid (const char *utf8, size_t len)
{
  const char *end = utf8 + len;

  while (utf8 < end && !g_utf8_validate_len (utf8, (size_t) (end - utf8), &utf8)) {
    if (*utf8)
      return false;
    utf8++;
  }
  return true;
}

static int
by_order (const void *a, const void *b, void *user_data)
{
  return ((const Mark *) a)->order - ((const Mark *) b)->order;
}

/* Sorts the marks from @first on; marks of the same order keep theirs. */
static void
sort_marks (GArray *marks, guint first)
{
  if (marks->len - first > 1)
    g_sort_array (&g_array_index (marks, Mark, first), marks->len - first, sizeof (Mark), by_order,
                  NULL);
}

/* All characters taken apart, each starter's marks in canonical order. */
static GArray *
decompose (const char *utf8, size_t len)
{
  GArray *marks = g_array_sized_new (false, false, sizeof (Mark), (guint) len);
  guint run = 0; /* where the marks of the last starter begin */

  for (const char *p = utf8; p < utf8 + len; p = g_utf8_next_char (p)) {
    gunichar parts[G_UNICHAR_MAX_DECOMPOSITION_LENGTH];
    size_t n = g_unichar_fully_decompose (g_utf8_get_char (p), false, parts, G_N_ELEMENTS (parts));

    for (size_t i = 0; i < n; i++) {
      Mark mark = { parts[i], g_unichar_combining_class (parts[i]) };

      if (mark.order == 0) {
        sort_marks (marks, run);
        run = marks->len + 1;
      }
      g_array_append_val (marks, mark);
    }
  }
  sort_marks (marks, run);
  return marks;
}

/* Puts starters and marks together where Unicode has one character for both. */
static void
compose (GArray *marks)
{
  Mark *m = (Mark *) (void *) marks->data;
  guint n = 0;
  guint starter = G_MAXUINT;

  for (guint i = 0; i < marks->len; i++) {
    /* A mark of the same or a higher order in between keeps this one from its starter. */
    bool near = starter != G_MAXUINT && (n == starter + 1 || m[n - 1].order < m[i].order);
    gunichar whole;

    if (near && g_unichar_compose (m[starter].c, m[i].c, &whole)) {
      m[starter].c = whole;
      continue;
    }
    if (m[i].order == 0)
      starter = n;
    m[n++] = m[i];
  }
  g_array_set_size (marks, n);
}

GString *
gv_unicode_nfc (const char *utf8, size_t len)
{
  g_autoptr (GArray) marks = decompose (utf8, len);
  GString *out = g_string_sized_new (len);

  compose (marks);
  for (guint i = 0; i < marks->len; i++)
    g_string_append_unichar (out, g_array_index (marks, Mark, i).c);
  return out;
}

/* The lower case of one character by itself; GLib leaves out the capitals that are no letters. */
static gunichar
to_lower (gunichar c)
{
  if (c >= 0x2160 && c <= 0x216f) /* Roman numerals */
    return c + 0x10;
  if (c >= 0x24b6 && c <= 0x24cf) /* letters in circles */
    return c + 0x1a;
  return g_unichar_tolower (c);
}

GString *
gv_unicode_fold (const char *utf8, size_t len)
{
  g_autoptr (GString) nfc = gv_unicode_nfc (utf8, len);
  GString *out = g_string_sized_new (nfc->len);
  bool after_space = false;

  for (const char *p = nfc->str; p < nfc->str + nfc->len; p = g_utf8_next_char (p)) {
    gunichar c = g_utf8_get_char (p);
    bool space = gv_unicode_is_space (c);

    if (!space)
      g_string_append_unichar (out, to_lower (c));
    else if (!after_space)
      g_string_append_c (out, ' ');
    if (c == 0x130) /* the one character whose lower case is two, in every language */
      g_string_append_unichar (out, 0x307);
    after_space = space;
  }
  return out;
}
