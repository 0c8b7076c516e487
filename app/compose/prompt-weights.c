// SPDX-FileCopyrightText: Giverny contributors
// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * Parentheses around words, and the numbers in them.  Which text has which weight in the end is for
 * the engine to say: every change is tried and compared with what it reads before and after, so
 * that the corners of its rules (groups that are never closed, colons in words) need no second
 * reading here.
 */
#include "compose/prompt-weights.h"

#include "giverny.h"

#include <math.h>
#include <string.h>

#define NO_WEIGHT (-G_MAXDOUBLE) /* of parentheses and numbers */

/* A pair of parentheses: "(" at @open, ")" at @close, the content from @open + 1 to @content_end.
 */
typedef struct
{
  size_t open, close, content_end;
} Group;

void
gv_weight_edit_clear (GvWeightEdit *self)
{
  g_clear_pointer (&self->text, g_free);
}

/* The weight of each byte; (transfer full) */
static double *
weights_of (const char *prompt, size_t len)
{
  g_autoptr (GArray) spans = gv_prompt_spans (prompt, (gssize) len);
  double *weights = g_new (double, len + 1);

  for (size_t i = 0; i <= len; i++)
    weights[i] = NO_WEIGHT;
  for (guint i = 0; i < spans->len; i++) {
    const GvPromptSpan *s = &g_array_index (spans, GvPromptSpan, i);

    for (size_t j = s->from; j < s->end; j++)
      weights[j] = s->weight;
  }
  return weights;
}

static bool
is_escape (const char *prompt, size_t i)
{
  return prompt[i] == '\\' && (prompt[i + 1] == '(' || prompt[i + 1] == ')');
}

/* Where the content of a group ends: at the colon, if a number follows it. */
static size_t
content_end (const char *prompt, size_t open, size_t close)
{
  for (size_t i = close; i > open + 2; i--) {
    char *end;

    if (strchr ("()", prompt[i - 1]))
      break;
    if (prompt[i - 1] != ':')
      continue;
    g_ascii_strtod (prompt + i, &end);
    while (*end == ' ')
      end++;
    return end == prompt + close && end != prompt + i ? i - 1 : close;
  }
  return close;
}

/* (transfer full) (element-type Group): inner ones before those around them */
static GArray *
find_groups (const char *prompt)
{
  GArray *groups = g_array_new (false, false, sizeof (Group));
  g_autoptr (GArray) open = g_array_new (false, false, sizeof (size_t));

  for (size_t i = 0; prompt[i]; i++) {
    if (is_escape (prompt, i)) {
      i++;
    } else if (prompt[i] == '(') {
      g_array_append_val (open, i);
    } else if (prompt[i] == ')' && open->len > 0) {
      Group group = { g_array_index (open, size_t, open->len - 1), i, 0 };

      group.content_end = content_end (prompt, group.open, i);
      g_array_append_val (groups, group);
      g_array_set_size (open, open->len - 1);
    }
  }
  return groups;
}

/* What separates words, besides white space. */
static bool
is_border (const char *p)
{
  return g_unichar_isspace (g_utf8_get_char (p)) || strchr ("(),:", *p) != NULL;
}

/* The word around @at, or the one that ends there. */
static void
find_word (const char *prompt, size_t at, size_t *from, size_t *end)
{
  const char *p = prompt + at, *q = prompt + at;

  while (p > prompt) {
    const char *before = g_utf8_find_prev_char (prompt, p);
    bool escaped = before > prompt && is_escape (prompt, (size_t) (before - prompt) - 1);

    if (is_border (before) && !escaped)
      break;
    p = before;
  }
  while (*q && (!is_border (q) || (q > p && is_escape (prompt, (size_t) (q - prompt) - 1))))
    q = g_utf8_next_char (q);
  *from = (size_t) (p - prompt);
  *end = (size_t) (q - prompt);
}

static void
trim (const char *prompt, size_t *from, size_t *end)
{
  while (*from < *end && g_ascii_isspace (prompt[*from]))
    (*from)++;
  while (*end > *from && g_ascii_isspace (prompt[*end - 1]))
    (*end)--;
}

/* True if a selection is all of the content of a group, as it is left selected by a step. */
static bool
is_content (const Group *g, const char *prompt, size_t from, size_t end)
{
  return from == g->open + 1 && end == g->content_end;
}

/* The same but for white space around, or with the parentheses; or if a cursor is in or at a group.
 */
static bool
is_meant (const Group *g, const char *prompt, size_t from, size_t end)
{
  size_t inner_from = g->open + 1, inner_end = g->content_end;

  if (from == end)
    return from >= g->open && from <= g->close + 1;
  trim (prompt, &inner_from, &inner_end);
  trim (prompt, &from, &end);
  return (from == inner_from && end == inner_end) || (from == g->open && end == g->close + 1);
}

/* The direct text of a stretch, the first byte that is in no group of its own; -1 if there is none.
 */
static gssize
direct_text (const char *prompt, const double *weights, size_t from, size_t end)
{
  int depth = 0;

  for (size_t i = from; i < end; i++) {
    if (is_escape (prompt, i))
      i++;
    else if (prompt[i] == '(' && weights[i] == NO_WEIGHT)
      depth++;
    else if (prompt[i] == ')' && weights[i] == NO_WEIGHT)
      depth--;
    else if (depth == 0 && weights[i] != NO_WEIGHT)
      return (gssize) i;
    if (depth < 0)
      return -1;
  }
  return -1;
}

/* What would be left of the weight of a piece at @at if the group around it were not there. */
static bool
weight_around (const char *prompt, const Group *group, double *weight)
{
  g_autoptr (GString) without = g_string_new_len (prompt, (gssize) group->open);
  g_autofree double *weights = NULL;

  g_string_append_c (without, 'x'); /* stands where the group did */
  g_string_append (without, prompt + group->close + 1);
  weights = weights_of (without->str, without->len);
  *weight = weights[group->open];
  return *weight != NO_WEIGHT;
}

static bool
same (double a, double b)
{
  return a == b || fabs (a - b) < 1e-4;
}

/* True if the encoder sees the same text in both. */
static bool
same_text (const char *a, const double *a_weights, const char *b, const double *b_weights)
{
  for (;; a++, a_weights++, b++, b_weights++) {
    for (; *a && *a_weights == NO_WEIGHT; a_weights++)
      a++;
    for (; *b && *b_weights == NO_WEIGHT; b_weights++)
      b++;
    if (*a != *b || !*a)
      return *a == *b;
  }
}

/* True if @edit gives its text the new weight and leaves everything outside of it as it was.  Text
 * in groups inside follows by its own rules. */
static bool
holds (const char *prompt, const double *before, const GvWeightEdit *edit)
{
  size_t len = strlen (prompt), size = strlen (edit->text);
  g_autoptr (GString) changed = g_string_new_len (prompt, (gssize) edit->from);
  g_autofree double *after = NULL;
  gssize direct;

  g_string_append (changed, edit->text);
  g_string_append (changed, prompt + edit->end);
  after = weights_of (changed->str, changed->len);
  for (size_t i = 0; i < edit->from; i++)
    if (!same (before[i], after[i]))
      return false;
  for (size_t i = edit->end; i < len; i++)
    if (!same (before[i], after[i - edit->end + edit->from + size]))
      return false;
  if (!same_text (prompt, before, changed->str, after))
    return false;
  direct = direct_text (changed->str, after, edit->select_from, edit->select_end);
  return direct >= 0 && same (after[direct], edit->weight);
}

/* "(content:1.05)", or the content alone where @number is false. */
static void
write_edit (GvWeightEdit *out, const char *prompt, size_t from, size_t end, bool number)
{
  g_autofree char *content = g_strndup (prompt + from, end - from);
  char digits[G_ASCII_DTOSTR_BUF_SIZE];

  g_ascii_formatd (digits, sizeof digits, "%.4g", out->weight);
  g_free (out->text);
  out->text = number ? g_strdup_printf ("(%s:%s)", content, digits) : g_strdup (content);
  out->select_from = out->from + number;
  out->select_end = out->select_from + (end - from);
}

static bool
change_group (const char *prompt,
              const double *weights,
              const Group *group,
              double delta,
              GvWeightEdit *out)
{
  size_t from = group->open + 1, end = group->content_end;
  gssize direct = direct_text (prompt, weights, from, end);
  double around;

  if (direct < 0 || weights[group->open] != NO_WEIGHT)
    return false;
  out->from = group->open;
  out->end = group->close + 1;
  out->weight = round ((weights[direct] + delta) * 100) / 100;
  if (weight_around (prompt, group, &around) && same (out->weight, around)) {
    write_edit (out, prompt, from, end, false);
    if (holds (prompt, weights, out))
      return true;
  }
  write_edit (out, prompt, from, end, true);
  return holds (prompt, weights, out);
}

/* True if no group begins inside of a stretch and ends outside, or the other way, and no
 * parenthesis in it is without a partner. */
static bool
is_whole (const char *prompt, const GArray *groups, size_t from, size_t end)
{
  int alone = 0;

  for (size_t i = from; i < end; i++) {
    if (is_escape (prompt, i))
      i++;
    else
      alone += prompt[i] == '(' || prompt[i] == ')';
  }
  for (guint i = 0; i < groups->len; i++) {
    const Group *g = &g_array_index (groups, Group, i);
    bool opens = g->open >= from && g->open < end;
    bool closes = g->close >= from && g->close < end;

    if (opens != closes || (!opens && from >= g->content_end && from < g->close))
      return false;
    alone -= 2 * opens;
  }
  return alone == 0;
}

static bool
wrap (const char *prompt,
      const double *weights,
      size_t from,
      size_t end,
      double delta,
      GvWeightEdit *out)
{
  gssize direct = direct_text (prompt, weights, from, end);

  if (direct < 0)
    return false;
  out->from = from;
  out->end = end;
  out->weight = round ((weights[direct] + delta) * 100) / 100;
  write_edit (out, prompt, from, end, true);
  return holds (prompt, weights, out);
}

static bool
is_in_range (double weight, double delta)
{
  return delta < 0 ? weight >= 0 : weight <= GV_WEIGHT_MAX;
}

typedef bool (*IsMeant) (const Group *g, const char *prompt, size_t from, size_t end);

/* The innermost group that is meant and has text of its own; @meant says whether any is. */
static bool
change_groups (const char *prompt,
               const double *weights,
               const GArray *groups,
               IsMeant is,
               size_t from,
               size_t end,
               double delta,
               bool *meant,
               GvWeightEdit *out)
{
  for (guint i = 0; i < groups->len; i++) {
    const Group *group = &g_array_index (groups, Group, i);

    if (!is (group, prompt, from, end))
      continue;
    *meant = true;
    if (change_group (prompt, weights, group, delta, out))
      return true;
  }
  return false;
}

bool
gv_weights_adjust (const char *prompt, size_t from, size_t end, double delta, GvWeightEdit *out)
{
  g_autofree double *weights = weights_of (prompt, strlen (prompt));
  g_autoptr (GArray) groups = find_groups (prompt);
  GvWeightEdit edit = { 0 };
  bool meant = false;
  bool ok = change_groups (prompt, weights, groups, is_content, from, end, delta, &meant, &edit) ||
            change_groups (prompt, weights, groups, is_meant, from, end, delta, &meant, &edit);

  if (!meant) {
    trim (prompt, &from, &end);
    if (from == end)
      find_word (prompt, from, &from, &end);
    ok = from < end && is_whole (prompt, groups, from, end) &&
         wrap (prompt, weights, from, end, delta, &edit);
  }
  if (ok && is_in_range (edit.weight, delta)) {
    *out = edit;
    return true;
  }
  gv_weight_edit_clear (&edit);
  return false;
}
