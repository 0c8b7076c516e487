// SPDX-FileCopyrightText: Giverny contributors
// SPDX-License-Identifier: GPL-3.0-or-later
/* Weights of words: what one step makes of a prompt, and what no step may change. */
#include "compose/prompt-weights.h"

#include "giverny.h"

#include <math.h>
#include <string.h>

/* In @text, "[" and "]" are the selection's borders, "|" is a cursor; they are taken out. */
static char *
take_out_marks (const char *text, size_t *from, size_t *end)
{
  GString *plain = g_string_new (NULL);

  for (const char *p = text; *p; p++) {
    if (*p == '[' || *p == '|')
      *from = plain->len;
    if (*p == ']' || *p == '|')
      *end = plain->len;
    if (!strchr ("[]|", *p))
      g_string_append_c (plain, *p);
  }
  return g_string_free_and_steal (plain);
}

static char *
put_in (const char *prompt, const GvWeightEdit *edit)
{
  g_autofree char *before = g_strndup (prompt, edit->from);

  return g_strconcat (before, edit->text, prompt + edit->end, NULL);
}

static const struct
{
  const char *prompt;
  double delta;
  const char *expected; /* with the new selection; NULL where nothing can be done */
} rows[] = {
  { "a red| boat", 0.05, "a ([red]:1.05) boat" },
  { "a red boat|", 0.05, "a red ([boat]:1.05)" },
  { "|a", 0.05, "([a]:1.05)" },
  { "a [red boat] b", 0.05, "a ([red boat]:1.05) b" },
  { "a[ red boat ]b", -0.05, "a ([red boat]:0.95) b" },
  { "a ([red boat]:1.05) b", 0.05, "a ([red boat]:1.1) b" },
  { "a ([red boat]:1.05) b", -0.05, "a [red boat] b" },
  { "a (re|d boat:0.95) b", 0.05, "a [red boat] b" },
  { "a (red boat:0.9|5) b", 0.05, "a [red boat] b" },
  { "a [(red boat)] b", 0.05, "a ([red boat]:1.15) b" },
  { "(re|d)", -0.05, "([red]:1.05)" },
  { "((re|d) boat)", 0.05, "(([red]:1.26) boat)" },
  { "((re|d:1.15) boat)", -0.05, "([red] boat)" },
  { "((red:1.2) b|oat)", 0.05, "([(red:1.2) boat]:1.15)" },
  { "(a (b:0.5):1.3), c|", 0.05, "(a (b:0.5):1.3), ([c]:1.05)" },
  { "호수 위의| 배", 0.05, "호수 ([위의]:1.05) 배" },
  { "\\(a\\)| b", 0.05, "([\\(a\\)]:1.05) b" },
  { "16:9|", 0.05, "16:([9]:1.05)" },
  { "[16:9]", 0.05, "([16:9]:1.05)" },
  { "(a:2.98|)", 0.05, NULL },
  { "(a:0.02|)", -0.05, NULL },
  { "(a:0.05|)", -0.05, "([a]:0)" },
  { "|", 0.05, NULL },
  { "a , | b", 0.05, NULL },
  { "[a (b] c)", 0.05, NULL },
  { "(a b[:1.2) c]", 0.05, NULL },
  { "(a|", 0.05, NULL }, /* "((a:1.05)" would be read as the text "(a" */
};

static void
test_rows (void)
{
  for (size_t i = 0; i < G_N_ELEMENTS (rows); i++) {
    size_t from = 0, end = 0, select_from = 0, select_end = 0;
    g_autofree char *prompt = take_out_marks (rows[i].prompt, &from, &end);
    g_auto (GvWeightEdit) edit = { 0 };
    bool ok = gv_weights_adjust (prompt, from, end, rows[i].delta, &edit);
    g_autofree char *expected = NULL, *changed = NULL;

    g_test_message ("%s", rows[i].prompt);
    g_assert_true (ok == (rows[i].expected != NULL));
    if (!ok)
      continue;
    expected = take_out_marks (rows[i].expected, &select_from, &select_end);
    changed = put_in (prompt, &edit);
    g_assert_cmpstr (changed, ==, expected);
    g_assert_cmpuint (edit.select_from, ==, select_from);
    g_assert_cmpuint (edit.select_end, ==, select_end);
  }
}

/* What the encoder sees: each character with its weight, and "\n" between. */
typedef struct
{
  GString *text;
  GArray *weights; /* of double, one a byte */
} Seen;

static void
seen_clear (Seen *self)
{
  g_string_free (self->text, true);
  g_array_unref (self->weights);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Seen, seen_clear)

static Seen
see (const char *prompt)
{
  Seen seen = { g_string_new (NULL), g_array_new (false, false, sizeof (double)) };
  g_autoptr (GArray) spans = gv_prompt_spans (prompt, -1);

  for (guint i = 0; i < spans->len; i++) {
    const GvPromptSpan *s = &g_array_index (spans, GvPromptSpan, i);

    for (size_t j = s->from; j < s->end; j++) {
      g_string_append_c (seen.text, prompt[j]);
      g_array_append_val (seen.weights, s->weight);
    }
  }
  return seen;
}

static char *
random_prompt (GRand *rng)
{
  static const char *const bits[] = { "a",  "b ",    " ",    "(",     ")",   "(",   ")",
                                      ":",  "1.2",   "0",    ",",     "\\(", "\\)", "\\",
                                      "한", "한글 ", "boat", ":1.1)", "((" };
  GString *prompt = g_string_new (NULL);

  for (int n = g_rand_int_range (rng, 0, 24); n > 0; n--)
    g_string_append (prompt, bits[g_rand_int_range (rng, 0, G_N_ELEMENTS (bits))]);
  return g_string_free_and_steal (prompt);
}

static size_t
random_place (GRand *rng, const char *prompt)
{
  glong n = g_utf8_strlen (prompt, -1);

  return (size_t) (g_utf8_offset_to_pointer (prompt, g_rand_int_range (rng, 0, (int) n + 1)) -
                   prompt);
}

/* Any step: the same text is seen, the selection is in it, one stretch has another weight. */
static void
check_step (const char *prompt, const char *changed, const GvWeightEdit *edit, size_t *n_changed)
{
  g_auto (Seen) before = see (prompt), after = see (changed);

  g_assert_cmpstr (before.text->str, ==, after.text->str);
  g_assert_true (g_utf8_validate (changed, -1, NULL));
  g_assert_cmpuint (edit->select_from, <, edit->select_end);
  g_assert_cmpuint (edit->select_end, <=, strlen (changed));
  *n_changed = 0;
  for (guint i = 0; i < before.weights->len; i++)
    if (fabs (g_array_index (before.weights, double, i) -
              g_array_index (after.weights, double, i)) > 1e-4)
      ++*n_changed;
  g_assert_cmpuint (*n_changed, >, 0);
  g_assert_cmpuint (*n_changed, <=, edit->end - edit->from);
}

/* Up and down again leads back, wherever the first step was possible. */
static void
check_back (const char *prompt, const char *changed, const GvWeightEdit *edit, double delta)
{
  g_auto (GvWeightEdit) back = { 0 };
  g_autofree char *again = NULL;
  g_auto (Seen) before = see (prompt), after = { 0 };

  g_assert_true (gv_weights_adjust (changed, edit->select_from, edit->select_end, -delta, &back));
  again = put_in (changed, &back);
  after = see (again);
  g_assert_cmpstr (after.text->str, ==, before.text->str);
  for (guint i = 0; i < before.weights->len; i++)
    g_assert_cmpfloat_with_epsilon (g_array_index (before.weights, double, i),
                                    g_array_index (after.weights, double, i), 0.0101);
}

static void
test_random (void)
{
  g_autoptr (GRand) rng = g_rand_new_with_seed (5);
  int done = 0;

  for (int i = 0; i < 20000; i++) {
    g_autofree char *prompt = random_prompt (rng);
    size_t a = random_place (rng, prompt), b = i % 2 ? a : random_place (rng, prompt), n_changed;
    double delta = i % 4 < 2 ? GV_WEIGHT_STEP : -GV_WEIGHT_STEP;
    g_auto (GvWeightEdit) edit = { 0 };
    g_autofree char *changed = NULL;

    if (!gv_weights_adjust (prompt, MIN (a, b), MAX (a, b), delta, &edit))
      continue;
    changed = put_in (prompt, &edit);
    g_test_message ("%s -> %s", prompt, changed);
    check_step (prompt, changed, &edit, &n_changed);
    check_back (prompt, changed, &edit, delta);
    done++;
  }
  g_assert_cmpint (done, >, 4000);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/compose/weights/rows", test_rows);
  g_test_add_func ("/compose/weights/random", test_random);
  return g_test_run ();
}
