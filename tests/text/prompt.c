// SPDX-FileCopyrightText: Giverny contributors
// SPDX-License-Identifier: GPL-3.0-or-later
/* Prompt weights against a second reading of the rule, and groups nested as deep as a prompt can.
 */
#include "base/errors.h"
#include "text/prompt.h"
#include "fixture.h"

#include <string.h>
#include <time.h>

/* "weight:text" of each piece, with bars between them. */
static char *
show (const GvPrompt *prompt)
{
  g_autoptr (GString) out = g_string_new (NULL);

  for (size_t i = 0; i < prompt->n_pieces; i++) {
    g_assert_cmpuint (prompt->pieces[i].len, ==, strlen (prompt->pieces[i].text));
    g_string_append_printf (out, "|%.17g:%s", prompt->pieces[i].weight, prompt->pieces[i].text);
  }
  return g_string_free_and_steal (g_steal_pointer (&out));
}

static char *
expected (yyjson_val *row)
{
  g_autoptr (GString) out = g_string_new (NULL);
  size_t i, n;
  yyjson_val *piece;

  yyjson_arr_foreach (yyjson_obj_get (row, "pieces"), i, n, piece)
      g_string_append_printf (out, "|%.17g:%s", yyjson_get_num (yyjson_arr_get (piece, 1)),
                              yyjson_get_str (yyjson_arr_get (piece, 0)));
  return g_string_free_and_steal (g_steal_pointer (&out));
}

static GvPrompt *
parse (const char *text, size_t len)
{
  g_autoptr (GError) error = NULL;
  GvPrompt *prompt = gv_prompt_parse (text, len, &error);

  g_assert_no_error (error);
  return prompt;
}

static void
test_rows (void)
{
  yyjson_doc *doc = fixture_rows ("prompts.json");
  size_t i, n, len;
  yyjson_val *row;

  yyjson_arr_foreach (yyjson_doc_get_root (doc), i, n, row)
  {
    const char *text = fixture_text (row, "prompt", &len);
    g_autoptr (GvPrompt) prompt = parse (text, len);
    g_autofree char *ours = show (prompt);
    g_autofree char *theirs = expected (row);

    if (strcmp (ours, theirs) != 0)
      g_test_message ("row %zu: %s", i, text);
    g_assert_cmpstr (ours, ==, theirs);
  }
  yyjson_doc_free (doc);
}

static void
test_empty (void)
{
  g_autoptr (GvPrompt) prompt = parse ("", 0);

  g_assert_cmpuint (prompt->n_pieces, ==, 0);
}

static void
test_nul (void)
{
  g_autoptr (GvPrompt) prompt = parse ("(a:1\0) b\0", 9);

  g_assert_cmpuint (prompt->n_pieces, ==, 2);
  g_assert_cmpfloat (prompt->pieces[0].weight, ==, 1.1);
  g_assert_cmpmem (prompt->pieces[0].text, prompt->pieces[0].len, "a:1\0", 4);
  g_assert_cmpmem (prompt->pieces[1].text, prompt->pieces[1].len, " b\0", 3);
}

static void
test_invalid (void)
{
  g_autoptr (GError) error = NULL;

  g_assert_null (gv_prompt_parse ("(a\xff)", 4, &error));
  g_assert_error (error, GV_TEXT_ERROR, GV_TEXT_ERROR_INVALID_UTF8);
}

/* @before repeated, @middle, @after repeated: 64 KiB in all. */
static const struct
{
  const char *before, *middle, *after;
  size_t n_pieces;
} deep[] = {
  { "(", "a", ")", 1 },        { "(", "a", "", 1 },        { "", "a", ")", 1 },
  { "(", "a:2", ")", 1 },      { "(", "a", ":1)", 1 },     { "((", "a", ")", 1 },
  { "(a", "b", ":1)", 13107 }, { "(a:1)", "", "", 13107 }, { "(:", "1", ")", 21845 },
  { "\\(", "a", "\\)", 1 },    { ")(", "a", ")", 1 },
};

static void
test_deep (void)
{
  for (size_t i = 0; i < G_N_ELEMENTS (deep); i++) {
    size_t unit = strlen (deep[i].before) + strlen (deep[i].after);
    size_t n = (65536 - strlen (deep[i].middle)) / unit;
    g_autoptr (GString) text = g_string_new (NULL);
    g_autoptr (GvPrompt) prompt = NULL;
    clock_t start = clock ();

    for (size_t j = 0; j < n; j++)
      g_string_append (text, deep[i].before);
    g_string_append (text, deep[i].middle);
    for (size_t j = 0; j < n; j++)
      g_string_append (text, deep[i].after);
    prompt = parse (text->str, text->len);
    g_test_message ("row %zu", i);
    g_assert_cmpuint (prompt->n_pieces, ==, deep[i].n_pieces);
    g_assert_cmpint (clock () - start, <, CLOCKS_PER_SEC);
  }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/text/prompt/rows", test_rows);
  g_test_add_func ("/text/prompt/empty", test_empty);
  g_test_add_func ("/text/prompt/nul", test_nul);
  g_test_add_func ("/text/prompt/invalid", test_invalid);
  g_test_add_func ("/text/prompt/deep", test_deep);
  return g_test_run ();
}
