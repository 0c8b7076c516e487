// SPDX-FileCopyrightText: Giverny contributors
// SPDX-License-Identifier: GPL-3.0-or-later
/* Prompt weights: one pass finds the parentheses' partners, a second walks the groups with a stack
 * of its own. */
#include "text/prompt.h"

#include "base/errors.h"
#include "base/i18n.h"
#include "text/unicode.h"

#include <math.h>
#include <string.h>

#define GROUP_WEIGHT 1.1
#define NONE ((size_t) -1)

/* What the first pass learns of each byte. */
typedef struct
{
  size_t partner; /* of a "(": its ")"; NONE if it is never closed, or for any other byte */
  size_t colon;   /* the last colon up to here, NONE if there is none */
  size_t paren;   /* the last parenthesis up to here, escaped or not */
} Note;

/* A stretch of the prompt with the weight that holds in it. */
typedef struct
{
  size_t from, end;
  double weight;
} Range;

typedef struct
{
  const char *text;
  size_t len;
  Note *notes;    /* (owned) */
  GArray *ranges; /* (owned) of Range: what is still to be read, the next one last */
  GArray *pieces; /* (owned) of GvPromptPiece */
} Parser;

/* True for a backslash that makes a character of the parenthesis after it. */
static bool
escapes (const Parser *p, size_t i)
{
  return p->text[i] == '\\' && i + 1 < p->len && (p->text[i + 1] == '(' || p->text[i + 1] == ')');
}

static void
take_notes (Parser *p)
{
  g_autoptr (GArray) open = g_array_new (false, false, sizeof (size_t));
  size_t colon = NONE, paren = NONE;
  bool escaped = false;

  for (size_t i = 0; i < p->len; i++) {
    char c = p->text[i];

    if (c == ':')
      colon = i;
    if (c == '(' || c == ')')
      paren = i;
    p->notes[i] = (Note) { NONE, colon, paren };
    if (c == '(' && !escaped)
      g_array_append_val (open, i);
    if (c == ')' && !escaped && open->len > 0) {
      p->notes[g_array_index (open, size_t, open->len - 1)].partner = i;
      g_array_set_size (open, open->len - 1);
    }
    escaped = escapes (p, i);
  }
}

/* Adds text as it is, less the backslashes that have done their work. */
static void
add_piece (Parser *p, size_t from, size_t end, double weight)
{
  g_autoptr (GString) text = g_string_sized_new (end - from);
  GvPromptPiece piece = { .from = from, .end = end, .weight = weight };

  for (size_t i = from; i < end; i++)
    if (!escapes (p, i))
      g_string_append_c (text, p->text[i]);
  if (text->len == 0)
    return;
  piece.len = text->len;
  piece.text = g_string_free_and_steal (g_steal_pointer (&text));
  g_array_append_val (p->pieces, piece);
}

/* Goes past digits, with single underscores between them as Python allows; returns how many. */
static int
skip_digits (const char **s)
{
  int n = 0;

  while (g_ascii_isdigit (**s) || (**s == '_' && n > 0 && g_ascii_isdigit ((*s)[1]))) {
    n += **s != '_';
    (*s)++;
  }
  return n;
}

/* True if the whole of @s is [sign] digits [. digits] [e [sign] digits], with digits on one side of
 * the point. */
static bool
is_number (const char *s)
{
  int digits;

  s += *s == '+' || *s == '-';
  digits = skip_digits (&s);
  if (*s == '.') {
    s++;
    digits += skip_digits (&s);
  }
  if (digits > 0 && (*s == 'e' || *s == 'E')) {
    s++;
    s += *s == '+' || *s == '-';
    digits = skip_digits (&s);
  }
  return digits > 0 && *s == '\0';
}

/* A finite number with white space around it, and nothing else, between two places; digits of any
 * script.  Where there is none, @number stays as it is. */
static bool
parse_number (const char *from, const char *end, double *number)
{
  g_autoptr (GString) plain = g_string_new (NULL);
  g_autoptr (GString) digits = g_string_new (NULL);
  double value;

  for (const char *s = from; s < end; s = g_utf8_next_char (s)) {
    gunichar c = g_utf8_get_char (s);

    if (g_unichar_type (c) == G_UNICODE_DECIMAL_NUMBER)
      g_string_append_c (plain, (char) ('0' + g_unichar_digit_value (c)));
    else if (gv_unicode_is_space (c))
      g_string_append_c (plain, ' ');
    else if (c < 0x80 && c != 0)
      g_string_append_c (plain, (char) c);
    else
      return false;
  }
  g_strstrip (plain->str);
  if (!is_number (plain->str))
    return false;
  for (const char *s = plain->str; *s; s++)
    if (*s != '_')
      g_string_append_c (digits, *s);
  value = g_ascii_strtod (digits->str, NULL);
  if (isfinite (value))
    *number = value;
  return isfinite (value);
}

/* The inside of a group, to be read next: its weight, and its text without the number. */
static void
enter_group (Parser *p, size_t from, size_t end, double weight)
{
  Range inside = { from, end, weight * GROUP_WEIGHT };
  size_t colon, paren;

  if (from == end)
    return;
  colon = p->notes[end - 1].colon;
  paren = p->notes[end - 1].paren;
  /* A parenthesis after the colon is in no number; so a number is looked at in one group only. */
  if (colon != NONE && colon > from && (paren == NONE || paren < colon) &&
      parse_number (p->text + colon + 1, p->text + end, &inside.weight))
    inside.end = colon;
  g_array_append_val (p->ranges, inside);
}

/* Reads a range up to its first group, and leaves that group and the rest to be read. */
static void
read_range (Parser *p, Range range)
{
  int depth = 0; /* below 0 after a ")" without partner */
  size_t i = range.from;

  for (; i < range.end; i++) {
    if (escapes (p, i)) {
      i++;
      continue;
    }
    if (p->text[i] == '(' && depth == 0)
      break;
    depth += (p->text[i] == '(') - (p->text[i] == ')');
  }
  add_piece (p, range.from, i, range.weight);
  if (i == range.end)
    return;
  if (p->notes[i].partner < range.end) { /* NONE is beyond any end */
    Range rest = { p->notes[i].partner + 1, range.end, range.weight };

    g_array_append_val (p->ranges, rest);
    enter_group (p, i + 1, p->notes[i].partner, range.weight);
  } else if (p->text[range.end - 1] == ')' && !escapes (p, range.end - 2)) {
    enter_group (p, i + 1, range.end - 1, range.weight);
  } else {
    add_piece (p, i, range.end, range.weight);
  }
}

static GvPrompt *
finish (Parser *p)
{
  GvPrompt *prompt = g_new (GvPrompt, 1);

  prompt->n_pieces = p->pieces->len;
  prompt->pieces = (GvPromptPiece *) (void *) g_array_free (p->pieces, false);
  g_array_unref (p->ranges);
  g_free (p->notes);
  return prompt;
}

GvPrompt *
gv_prompt_parse (const char *utf8, size_t len, GError **error)
{
  Parser p = { .text = utf8, .len = len };
  Range all = { 0, len, 1.0 };

  if (!gv_unicode_valid (utf8, len)) {
    g_set_error (error, GV_TEXT_ERROR, GV_TEXT_ERROR_INVALID_UTF8,
                 _("the prompt is not valid UTF-8"));
    return NULL;
  }
  p.notes = g_new (Note, len);
  p.ranges = g_array_new (false, false, sizeof (Range));
  p.pieces = g_array_new (false, false, sizeof (GvPromptPiece));
  take_notes (&p);
  g_array_append_val (p.ranges, all);
  while (p.ranges->len > 0) {
    Range next = g_array_index (p.ranges, Range, p.ranges->len - 1);

    g_array_set_size (p.ranges, p.ranges->len - 1);
    read_range (&p, next);
  }
  return finish (&p);
}

void
gv_prompt_free (GvPrompt *self)
{
  if (!self)
    return;
  for (size_t i = 0; i < self->n_pieces; i++)
    g_free (self->pieces[i].text);
  g_free (self->pieces);
  g_free (self);
}
