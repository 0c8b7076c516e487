// SPDX-FileCopyrightText: Giverny contributors
// SPDX-License-Identifier: GPL-3.0-or-later
/* What a prompt looks like to a model: tokens of chunks, weights by place, words that say nothing.
 */
#include "giverny.h"
#include "text/bpe.h"
#include "text/chunks.h"

#include <glib/gstdio.h>
#include <string.h>

static GvPromptReader *
starter (void)
{
  g_autoptr (GError) error = NULL;
  GvPromptReader *reader = gv_prompt_reader_load (NULL, &error);

  g_assert_no_error (error);
  return reader;
}

/* A reader with CLIP's vocabulary: a model folder like the starter's, less its tokenizer's words.
 */
static GvPromptReader *
clip (void)
{
  g_autofree char *folder = g_dir_make_tmp ("giverny-words-XXXXXX", NULL);
  g_autofree char *tokenizer = g_build_filename (folder, "tokenizer", NULL);
  g_autofree char *from = gv_model_starter_path ();
  static const char *const parts[] = { "model_index.json", "text_encoder", "unet", "vae",
                                       "scheduler" };
  g_autoptr (GError) error = NULL;
  GvPromptReader *reader;

  for (size_t i = 0; i < G_N_ELEMENTS (parts); i++) {
    g_autofree char *target = g_build_filename (from, parts[i], NULL);
    g_autofree char *link = g_build_filename (folder, parts[i], NULL);
    g_autoptr (GFile) file = g_file_new_for_path (link);

    g_assert_true (g_file_make_symbolic_link (file, target, NULL, NULL));
  }
  reader = gv_prompt_reader_load (folder, &error);
  g_assert_no_error (error);
  for (size_t i = 0; i < G_N_ELEMENTS (parts); i++) {
    g_autofree char *link = g_build_filename (folder, parts[i], NULL);

    g_unlink (link);
  }
  g_rmdir (folder);
  return reader;
}

/* "weight:text|…" of each span. */
static char *
show_spans (const char *prompt)
{
  g_autoptr (GArray) spans = gv_prompt_spans (prompt, -1);
  GString *out = g_string_new (NULL);

  for (guint i = 0; i < spans->len; i++) {
    const GvPromptSpan *s = &g_array_index (spans, GvPromptSpan, i);

    g_string_append_printf (out, "%s%.4g:%.*s", i ? "|" : "", s->weight, (int) (s->end - s->from),
                            prompt + s->from);
  }
  return g_string_free_and_steal (out);
}

static const struct
{
  const char *prompt, *spans;
} weights[] = {
  { "", "" },
  { "a boat", "1:a boat" },
  { "a (boat) on", "1:a |1.1:boat|1: on" },
  { "a (boat:1.4), b", "1:a |1.4:boat|1:, b" },
  { "((a) b)", "1.21:a|1.1: b" },
  { "(a (b:0.5):2)", "2:a |0.5:b" },
  { "\\(a\\) (b\\))", "1:\\(a\\) |1.1:b\\)" },
  { "(a", "1:(a" },
  { "(호수:1.2) 배", "1.2:호수|1: 배" },
};

static void
test_spans (void)
{
  for (size_t i = 0; i < G_N_ELEMENTS (weights); i++) {
    g_autofree char *shown = show_spans (weights[i].prompt);

    g_assert_cmpstr (shown, ==, weights[i].spans);
  }
}

static void
check_unreadable (GvPromptReader *reader, const char *prompt, const char *expected)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GvPromptReading) reading = gv_prompt_reader_read (reader, prompt, -1, &error);
  g_auto (GStrv) words = NULL;
  g_autofree char *list = NULL;

  g_assert_no_error (error);
  words = gv_prompt_reading_dup_unreadable (reading, prompt, 100);
  list = g_strjoinv (" ", words);
  if (strcmp (list, expected) != 0)
    g_test_message ("of “%s”", prompt);
  g_assert_cmpstr (list, ==, expected);
}

static void
test_starter_words (void)
{
  g_autoptr (GvPromptReader) reader = starter ();
  size_t n;
  const char *const *words = gv_prompt_reader_get_words (reader, &n);

  g_assert_nonnull (words);
  g_assert_cmpuint (n, >, 60);
  g_assert_cmpuint (n, ==, g_strv_length ((char **) words));
  g_assert_true (g_strv_contains (words, "boat"));
  g_assert_true (g_strv_contains (words, "lake"));
  g_assert_true (g_strv_contains (words, "sunset"));
  g_assert_false (g_strv_contains (words, "oat"));
  g_assert_false (g_strv_contains (words, "ighthouse"));
  for (size_t i = 1; i < n; i++)
    g_assert_cmpstr (words[i - 1], <, words[i]);

  check_unreadable (reader, "a red boat on a lake at sunset", "");
  check_unreadable (reader, "A Red BOAT, 3 houses; the lake's shore", "shore");
  check_unreadable (reader, "a castle and a (castle:1.2) dragon", "castle dragon");
  check_unreadable (reader, "호수 위의 boat", "호수 위의");
  check_unreadable (reader, "(노을:1.2) b\\(oat", "노을 oat");
}

/* Letters with marks upon them are one word, composed or not. */
static void
test_clip_words (void)
{
  g_autoptr (GvPromptReader) reader = clip ();

  g_assert_null (gv_prompt_reader_get_words (reader, NULL));
  check_unreadable (reader, "masterpiece, antidisestablishmentarianism, caf\u00e9, cafe\u0301", "");
  check_unreadable (reader, "호수에 있는 red boat, 노을", "호수에 있는 노을");
  check_unreadable (reader, "\u1112\u1169\u1109\u116e 1girl", "\u1112\u1169\u1109\u116e");
  check_unreadable (reader, "12 + 3 — “a” ★", "");
}

/* The counts are the chunks' that the encoder gets. */
static void
test_counts (void)
{
  static const char *const prompts[] = {
    "",
    "a red boat",
    "(a:1.2) (b c:0.8)",
    "the the the the the the the the the the the the the the the the the the the the the the the "
    "the the the the the the the the the the the the the the the the the the the the the the the "
    "the the the the the the the the the the the the the the the the the the the the the the the "
    "the the the the the (the the the the the the the:1.3) the the",
  };
  static const int expected[][2] = { { 0 }, { 3 }, { 3 }, { 74, 9 } };
  g_autoptr (GvPromptReader) reader = starter ();

  g_assert_cmpint (gv_prompt_reader_get_capacity (reader), ==, 75);
  for (size_t i = 0; i < G_N_ELEMENTS (prompts); i++) {
    g_autoptr (GvPromptReading) reading = gv_prompt_reader_read (reader, prompts[i], -1, NULL);

    g_assert_cmpint (reading->n_chunks, ==, expected[i][1] ? 2 : 1);
    for (int j = 0; j < reading->n_chunks; j++)
      g_assert_cmpint (reading->n_used[j], ==, expected[i][j]);
  }
}

static void
test_refused (void)
{
  g_autoptr (GvPromptReader) reader = starter ();
  g_autoptr (GError) bytes = NULL, missing = NULL;
  g_autoptr (GArray) none = gv_prompt_spans ("a\xff", -1);

  g_assert_null (gv_prompt_reader_read (reader, "a\xff", -1, &bytes));
  g_assert_error (bytes, GV_TEXT_ERROR, GV_TEXT_ERROR_INVALID_UTF8);
  g_assert_cmpuint (none->len, ==, 0);
  g_assert_null (gv_prompt_reader_load ("/nowhere/model", &missing));
  g_assert_nonnull (missing);
}

/* The same tokenizer is not read twice. */
static void
test_kept (void)
{
  g_autoptr (GvPromptReader) a = starter ();
  g_autoptr (GvPromptReader) b = starter ();

  g_assert_true (a == b);
}

static void
on_loaded (GObject *source, GAsyncResult *result, gpointer data)
{
  GvPromptReader **reader = data;

  *reader = gv_prompt_reader_load_finish (result, NULL);
}

static void
test_async (void)
{
  g_autoptr (GvPromptReader) reader = NULL;

  gv_prompt_reader_load_async (NULL, NULL, on_loaded, &reader);
  g_assert_null (reader);
  while (!reader)
    g_main_context_iteration (NULL, true);
}

/* The longest prompt that is accepted takes no longer than a glance, here with room for sanitizers;
 * a square of its length would take minutes. */
static void
test_long (void)
{
  g_autoptr (GvPromptReader) reader = clip ();
  g_autoptr (GString) prompt = g_string_new (NULL);
  gint64 start;

  while (prompt->len < GV_RECIPE_MAX_PROMPT_BYTES - 40)
    g_string_append (prompt, "a (호수:1.1) boat, ");
  start = g_get_monotonic_time ();
  {
    g_autoptr (GvPromptReading) reading = gv_prompt_reader_read (reader, prompt->str, -1, NULL);

    g_assert_cmpuint (reading->n_unreadable, >, 2000);
  }
  g_test_message ("%zu bytes in %.1f ms", prompt->len,
                  (double) (g_get_monotonic_time () - start) / 1000);
  g_assert_cmpint (g_get_monotonic_time () - start, <, 2 * G_USEC_PER_SEC);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/text/words/spans", test_spans);
  g_test_add_func ("/text/words/starter", test_starter_words);
  g_test_add_func ("/text/words/clip", test_clip_words);
  g_test_add_func ("/text/words/counts", test_counts);
  g_test_add_func ("/text/words/refused", test_refused);
  g_test_add_func ("/text/words/kept", test_kept);
  g_test_add_func ("/text/words/async", test_async);
  g_test_add_func ("/text/words/long", test_long);
  return g_test_run ();
}
