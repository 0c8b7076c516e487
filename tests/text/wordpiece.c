// SPDX-FileCopyrightText: Giverny contributors
// SPDX-License-Identifier: GPL-3.0-or-later
/* WordPiece against transformers' BertTokenizer, and vocabularies that won't do. */
#include "text/wordpiece.h"

#include "base/errors.h"
#include "formats/json.h"

#include <string.h>

#define MAX_IDS 4096

static GvJson *fixture;

static GvWordpiece *
load_vocabulary (void)
{
  GvJsonNode root = gv_json_root (fixture), list;
  g_autoptr (GString) text = g_string_new (NULL);
  g_autoptr (GError) error = NULL;
  GvWordpiece *self;

  g_assert_true (gv_json_get_array (&root, "vocabulary", &list, NULL));
  for (size_t i = 0; i < gv_json_get_n (&list); i++) {
    GvJsonNode entry = gv_json_get_element (&list, i);
    const char *piece = NULL;

    g_assert_true (gv_json_get_string (&entry, NULL, &piece, NULL));
    g_string_append_printf (text, "%s\n", piece);
  }
  self = gv_wordpiece_new_from_text ("vocab.txt", text->str, text->len, &error);
  g_assert_no_error (error);
  return self;
}

static void
check_row (const GvWordpiece *self, const GvJsonNode *row)
{
  static int expected[MAX_IDS];
  const char *text = NULL;
  g_autofree int *found = NULL;
  size_t n = 0, n_found = 0;

  g_assert_true (gv_json_get_string (row, "text", &text, NULL));
  g_assert_true (gv_json_get_ints (row, "ids", 0, 100000, expected, MAX_IDS, &n, NULL));
  found = gv_wordpiece_encode (self, text, strlen (text), MAX_IDS, &n_found, NULL);
  for (size_t i = 0; i < MIN (n, n_found); i++)
    if (found[i] != expected[i])
      g_test_fail_printf ("“%s”: token %zu is %d instead of %d", text, i, found[i], expected[i]);
  if (n != n_found)
    g_test_fail_printf ("“%s”: %zu tokens instead of %zu", text, n_found, n);
}

static void
test_rows (void)
{
  g_autoptr (GvWordpiece) self = load_vocabulary ();
  GvJsonNode root = gv_json_root (fixture), rows;

  g_assert_true (gv_json_get_array (&root, "rows", &rows, NULL));
  g_assert_cmpuint (gv_json_get_n (&rows), >, 20);
  for (size_t i = 0; i < gv_json_get_n (&rows); i++) {
    GvJsonNode row = gv_json_get_element (&rows, i);

    check_row (self, &row);
  }
}

static void
test_limits (void)
{
  g_autoptr (GvWordpiece) self = load_vocabulary ();
  g_autoptr (GError) error = NULL;
  g_autofree int *cut = NULL, *wrong = NULL;
  size_t n;

  cut = gv_wordpiece_encode (self, "a boat a boat a boat", 20, 4, &n, NULL);
  g_assert_cmpuint (n, ==, 4);
  g_assert_cmpint (cut[0], ==, 2);
  g_assert_cmpint (cut[3], ==, 3);
  wrong = gv_wordpiece_encode (self, "a \xff", 3, 4, &n, &error);
  g_assert_null (wrong);
  g_assert_error (error, GV_TEXT_ERROR, GV_TEXT_ERROR_INVALID_UTF8);
}

static const struct
{
  const char *text, *needle;
} broken[] = {
  { "a\nb\n", "[UNK]" },
  { "[UNK]\n[CLS]\n", "[SEP]" },
  { "", "[UNK]" },
  { "{", "vocab" },
  { "{\"model\": {\"type\": \"BPE\", \"vocab\": {}}}", "WordPiece" },
  { "{\"model\": {\"type\": \"WordPiece\", \"vocab\": {\"a\": -1}}}", "model.vocab" },
};

static void
test_broken (void)
{
  for (size_t i = 0; i < G_N_ELEMENTS (broken); i++) {
    const char *text = broken[i].text;
    g_autoptr (GError) error = NULL;
    GvWordpiece *self = *text == '{'
                            ? gv_wordpiece_new_from_json ("vocab", text, strlen (text), &error)
                            : gv_wordpiece_new_from_text ("vocab", text, strlen (text), &error);

    g_assert_null (self);
    g_assert_nonnull (strstr (error->message, broken[i].needle));
  }
}

int
main (int argc, char **argv)
{
  g_autofree char *path = NULL;
  int status;

  g_test_init (&argc, &argv, NULL);
  path = g_test_build_filename (G_TEST_DIST, "fixtures", "text", "wordpiece.json", NULL);
  fixture = gv_json_open (path, 1 << 20, GV_JSON_PLAIN, NULL);
  g_assert_nonnull (fixture);
  g_test_add_func ("/wordpiece/transformers", test_rows);
  g_test_add_func ("/wordpiece/limits", test_limits);
  g_test_add_func ("/wordpiece/broken", test_broken);
  status = g_test_run ();
  gv_json_free (fixture);
  return status;
}
