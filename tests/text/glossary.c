// SPDX-FileCopyrightText: Giverny contributors
// SPDX-License-Identifier: GPL-3.0-or-later
/* Korean prompts into English words, and a person's own words before the shipped ones. */
#include "giverny.h"

#include <glib/gstdio.h>
#include <string.h>

static const struct
{
  const char *korean, *english; /* NULL: nothing is known */
} rows[] = {
  { "호수", "lake" },
  { "호수 위의 빨간 배", "red boat on the lake" },
  { "노을 지는 호수 위의 빨간 배, 안개", "sunset red boat on the lake, fog" },
  { "(노을:1.3), (작은 집:0.8)", "(sunset:1.3), (small house:0.8)" },
  { "등대가 바닷가에 서 있는", "lighthouse seaside standing" },
  { "달과 별", "moon stars" },
  { "a 작은 house, 나무", "a small house, tree" },
  { "눈 덮인 산 아래의 오두막", "snowy cottage under the mountains" },
  { "\u1112\u1169\u1109\u116e", "lake" },
  { "  호수  \n 배 ", "  lake  \n boat " },
  { "알 수 없는 것", NULL },
  { "알 수 없는 호수", "알 수 없는 lake" },
  { "a red boat, (fog:1.2)", NULL },
  { "", NULL },
  { ",:() 12", NULL },
};

static void
test_rows (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GvGlossary) glossary = gv_glossary_new (NULL, &error);

  g_assert_no_error (error);
  for (size_t i = 0; i < G_N_ELEMENTS (rows); i++) {
    g_autofree char *english = gv_glossary_apply (glossary, rows[i].korean);

    g_assert_cmpstr (english, ==, rows[i].english);
  }
}

static char *
write_own (const char *json)
{
  g_autoptr (GError) error = NULL;
  char *path = NULL;
  int fd = g_file_open_tmp ("giverny-glossary-XXXXXX", &path, &error);

  g_assert_no_error (error);
  g_close (fd, NULL);
  g_assert_true (g_file_set_contents (path, json, -1, NULL));
  return path;
}

static void
test_own (void)
{
  g_autofree char *path = write_own ("{\"words\": {\"호수\": \"mirror lake\", \"배\": \"\"},"
                                     " \"particles\": [\"너머\"]}");
  g_autoptr (GvGlossary) glossary = gv_glossary_new (path, NULL);
  g_autofree char *english = gv_glossary_apply (glossary, "호수너머 배, 안개");

  g_assert_cmpstr (english, ==, "mirror lake 배, fog");
  g_unlink (path);
}

/* A new one is empty, and what a person wrote is not touched. */
static void
test_make_own (void)
{
  g_autofree char *folder = g_dir_make_tmp ("giverny-glossary-XXXXXX", NULL);
  g_autofree char *path = g_build_filename (folder, "a", "b", "ko.json", NULL);
  g_autoptr (GvGlossary) glossary = NULL;
  g_autofree char *text = NULL;

  g_assert_true (gv_glossary_make_own (path, NULL));
  glossary = gv_glossary_new (path, NULL);
  g_assert_nonnull (glossary);
  g_assert_true (g_file_set_contents (path, "{}", -1, NULL));
  g_assert_true (gv_glossary_make_own (path, NULL));
  g_assert_true (g_file_get_contents (path, &text, NULL, NULL));
  g_assert_cmpstr (text, ==, "{}");
  g_assert_false (gv_glossary_make_own ("/proc/nowhere/ko.json", NULL));
}

static void
test_refused (void)
{
  static const char *const files[] = { "", "[]", "{\"words\": []}", "{\"words\": {\"a\": 1}}",
                                       "{\"particles\": \"a\"}" };

  for (size_t i = 0; i < G_N_ELEMENTS (files); i++) {
    g_autofree char *path = write_own (files[i]);
    g_autoptr (GError) error = NULL;

    g_assert_null (gv_glossary_new (path, &error));
    g_assert_cmpuint (error->domain, ==, GV_FORMAT_ERROR);
    g_assert_nonnull (strstr (error->message, "giverny-glossary"));
    g_unlink (path);
  }
}

/* The longest prompt takes time in proportion. */
static void
test_long (void)
{
  g_autoptr (GvGlossary) glossary = gv_glossary_new (NULL, NULL);
  g_autoptr (GString) prompt = g_string_new (NULL);
  g_autofree char *english = NULL;
  gint64 start;

  while (prompt->len < GV_RECIPE_MAX_PROMPT_BYTES)
    g_string_append (prompt, "가 호수 ");
  start = g_get_monotonic_time ();
  english = gv_glossary_apply (glossary, prompt->str);
  g_assert_nonnull (english);
  g_test_message ("%.1f ms", (double) (g_get_monotonic_time () - start) / 1000);
  g_assert_cmpint (g_get_monotonic_time () - start, <, 3 * G_USEC_PER_SEC);
}

/* The history: the newest first, each once, also after the file is read again. */
static void
test_history (void)
{
  g_autofree char *folder = g_dir_make_tmp ("giverny-history-XXXXXX", NULL);
  g_autofree char *path = g_build_filename (folder, "prompts.json", NULL);
  g_autoptr (GvPromptHistory) first = gv_prompt_history_open (path), again = NULL, broken = NULL;

  g_assert_null (gv_prompt_history_get (first, 0));
  gv_prompt_history_add (first, "a");
  gv_prompt_history_add (first, "");
  gv_prompt_history_add (first, "호수\n\"b\"");
  gv_prompt_history_add (first, "a");
  g_assert_true (gv_prompt_history_flush (first, NULL));
  again = gv_prompt_history_open (path);
  g_assert_cmpstr (gv_prompt_history_get (again, 0), ==, "a");
  g_assert_cmpstr (gv_prompt_history_get (again, 1), ==, "호수\n\"b\"");
  g_assert_null (gv_prompt_history_get (again, 2));
  for (int i = 0; i < 2 * GV_PROMPT_HISTORY_MAX; i++) {
    g_autofree char *text = g_strdup_printf ("%d", i);

    gv_prompt_history_add (again, text);
  }
  g_assert_nonnull (gv_prompt_history_get (again, GV_PROMPT_HISTORY_MAX - 1));
  g_assert_null (gv_prompt_history_get (again, GV_PROMPT_HISTORY_MAX));
  g_assert_true (gv_prompt_history_flush (again, NULL));
  g_assert_true (g_file_set_contents (path, "{\"prompts\": 5}", -1, NULL));
  broken = gv_prompt_history_open (path);
  g_assert_null (gv_prompt_history_get (broken, 0));
  g_assert_false (g_file_test (path, G_FILE_TEST_EXISTS)); /* put aside */
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/text/glossary/rows", test_rows);
  g_test_add_func ("/text/glossary/own", test_own);
  g_test_add_func ("/text/glossary/make-own", test_make_own);
  g_test_add_func ("/text/glossary/refused", test_refused);
  g_test_add_func ("/text/glossary/long", test_long);
  g_test_add_func ("/text/history", test_history);
  return g_test_run ();
}
