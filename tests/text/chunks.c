// SPDX-FileCopyrightText: Giverny contributors
// SPDX-License-Identifier: GPL-3.0-or-later
/* Chunks against a second reading of the rule, and text encoders of few positions. */
#include "base/errors.h"
#include "text/chunks.h"
#include "fixture.h"

#include <string.h>

static GvBpe *
small (void)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *folder = fixture_path ("small");
  GvBpe *bpe = gv_bpe_new_from_folder (folder, &error);

  g_assert_no_error (error);
  return bpe;
}

/* "id*weight" of each token. */
static char *
show (const GvTokens *tokens)
{
  g_autoptr (GString) out = g_string_new (tokens->weighted ? "weighted" : "plain");

  for (int i = 0; i < tokens->n_chunks * tokens->length; i++)
    g_string_append_printf (out, " %d*%.6g", tokens->ids[i], tokens->weights[i]);
  return g_string_free_and_steal (g_steal_pointer (&out));
}

static char *
expected (yyjson_val *row)
{
  g_autoptr (GString) out =
      g_string_new (yyjson_get_bool (yyjson_obj_get (row, "weighted")) ? "weighted" : "plain");
  yyjson_arr_iter ids = yyjson_arr_iter_with (yyjson_obj_get (row, "ids"));
  yyjson_arr_iter weights = yyjson_arr_iter_with (yyjson_obj_get (row, "weights"));
  yyjson_val *id;

  while ((id = yyjson_arr_iter_next (&ids)))
    g_string_append_printf (out, " %d*%.6g", yyjson_get_int (id),
                            (double) (float) yyjson_get_num (yyjson_arr_iter_next (&weights)));
  return g_string_free_and_steal (g_steal_pointer (&out));
}

static void
test_rows (void)
{
  g_autoptr (GvBpe) bpe = small ();
  yyjson_doc *doc = fixture_rows ("chunks.json");
  size_t i, n, len;
  yyjson_val *row;

  yyjson_arr_foreach (yyjson_doc_get_root (doc), i, n, row)
  {
    const char *text = fixture_text (row, "prompt", &len);
    int length = yyjson_get_int (yyjson_obj_get (row, "length"));
    g_autoptr (GvTokens) tokens = gv_tokens_new (bpe, text, len, length, NULL);
    g_autofree char *ours = show (tokens);
    g_autofree char *theirs = expected (row);

    if (strcmp (ours, theirs) != 0)
      g_test_message ("row %zu: %s", i, text);
    g_assert_cmpstr (ours, ==, theirs);
  }
  yyjson_doc_free (doc);
}

/* A chunk with room for less than a short piece cuts it, instead of never finding a place. */
static void
test_short_chunks (void)
{
  g_autoptr (GvBpe) bpe = small ();

  for (int length = 3; length < 12; length++) {
    g_autoptr (GvTokens) tokens = gv_tokens_new (bpe, "x x x x x x x", 13, length, NULL);

    g_assert_cmpint (tokens->n_chunks, ==, (7 + length - 3) / (length - 2));
    g_assert_cmpint (tokens->length, ==, length);
    g_assert_cmpint (tokens->ids[0], ==, gv_bpe_get_start (bpe));
    g_assert_cmpint (tokens->ids[length - 1], ==,
                     length - 2 <= 7 ? gv_bpe_get_end (bpe) : gv_bpe_get_pad (bpe));
  }
}

static void
test_refused (void)
{
  g_autoptr (GvBpe) bpe = small ();
  g_autoptr (GError) no_room = NULL;
  g_autoptr (GError) no_text = NULL;

  g_assert_null (gv_tokens_new (bpe, "a", 1, 2, &no_room));
  g_assert_error (no_room, GV_TEXT_ERROR, GV_TEXT_ERROR_LIMIT);
  g_assert_null (gv_tokens_new (bpe, "a\xff", 2, 77, &no_text));
  g_assert_error (no_text, GV_TEXT_ERROR, GV_TEXT_ERROR_INVALID_UTF8);
}

/* Weights that no float holds stay finite. */
static void
test_huge_weight (void)
{
  g_autoptr (GvBpe) bpe = small ();
  g_autoptr (GvTokens) tokens = gv_tokens_new (bpe, "(a:-1e300)", 10, 77, NULL);

  g_assert_true (tokens->weighted);
  g_assert_cmpfloat (tokens->weights[1], ==, -G_MAXFLOAT);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/text/chunks/rows", test_rows);
  g_test_add_func ("/text/chunks/short", test_short_chunks);
  g_test_add_func ("/text/chunks/refused", test_refused);
  g_test_add_func ("/text/chunks/huge-weight", test_huge_weight);
  return g_test_run ();
}
