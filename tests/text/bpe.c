// SPDX-FileCopyrightText: Giverny contributors
// SPDX-License-Identifier: GPL-3.0-or-later
/* CLIP's tokens: the ids of Hugging Face's tokenizers, hostile vocabularies, very long words. */
#include "base/errors.h"
#include "text/bpe.h"
#include "text/unicode.h"
#include "../formats/temp.h"
#include "fixture.h"

#include <string.h>
#include <time.h>

/* The ids as "1 2 3". */
static char *
encode (const GvBpe *bpe, const char *text, size_t len)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GString) out = g_string_new (NULL);
  size_t n;
  g_autofree int *ids = gv_bpe_encode (bpe, text, len, &n, &error);

  g_assert_no_error (error);
  for (size_t i = 0; i < n; i++) {
    g_assert_cmpint (ids[i], <=, gv_bpe_get_max_id (bpe));
    g_string_append_printf (out, "%s%d", i ? " " : "", ids[i]);
  }
  return g_string_free_and_steal (g_steal_pointer (&out));
}

static char *
expected (yyjson_val *row, const char *key)
{
  g_autoptr (GString) out = g_string_new (NULL);
  size_t i, n;
  yyjson_val *id;

  yyjson_arr_foreach (yyjson_obj_get (row, key), i, n, id)
      g_string_append_printf (out, "%s%d", i ? " " : "", yyjson_get_int (id));
  return g_string_free_and_steal (g_steal_pointer (&out));
}

static void
check_texts (const GvBpe *bpe, const char *key)
{
  yyjson_doc *doc = fixture_rows ("texts.json");
  size_t i, n, len;
  yyjson_val *row;

  yyjson_arr_foreach (yyjson_doc_get_root (doc), i, n, row)
  {
    const char *text = fixture_text (row, "text", &len);
    g_autofree char *ours = encode (bpe, text, len);
    g_autofree char *theirs = expected (row, key);

    if (strcmp (ours, theirs) != 0)
      g_test_message ("%s, row %zu: %s", key, i, text);
    g_assert_cmpstr (ours, ==, theirs);
  }
  yyjson_doc_free (doc);
}

static GvBpe *
from_fixture (const char *name)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *folder = fixture_path (name);
  GvBpe *bpe = gv_bpe_new_from_folder (folder, &error);

  g_assert_no_error (error);
  return bpe;
}

static GvBpe *
clip (void)
{
  g_autoptr (GError) error = NULL;
  GvBpe *bpe = gv_bpe_new_clip (&error);

  g_assert_no_error (error);
  return bpe;
}

static void
test_clip (void)
{
  g_autoptr (GvBpe) bpe = clip ();

  g_assert_cmpint (gv_bpe_get_start (bpe), ==, 49406);
  g_assert_cmpint (gv_bpe_get_end (bpe), ==, 49407);
  g_assert_cmpint (gv_bpe_get_pad (bpe), ==, 49407);
  g_assert_cmpint (gv_bpe_get_unknown (bpe), ==, 49407);
  g_assert_cmpint (gv_bpe_get_max_id (bpe), ==, 49407);
  g_assert_cmpint (gv_bpe_get_max_length (bpe), ==, 77);
  check_texts (bpe, "clip");
}

static void
test_small (const void *folder)
{
  g_autoptr (GvBpe) bpe = from_fixture (folder);

  g_assert_cmpint (gv_bpe_get_pad (bpe), ==, 0);
  g_assert_cmpint (gv_bpe_get_unknown (bpe), ==, 1);
  g_assert_cmpint (gv_bpe_get_end (bpe), ==, 2);
  g_assert_cmpint (gv_bpe_get_start (bpe), ==, gv_bpe_get_max_id (bpe));
  g_assert_cmpint (gv_bpe_get_max_length (bpe), ==, 77);
  check_texts (bpe, "small");
}

static void
test_nul (void)
{
  g_autoptr (GvBpe) bpe = clip ();
  g_autofree char *ids = encode (bpe, "a\0b", 3);
  g_autofree char *none = encode (bpe, "", 0);

  g_assert_cmpstr (ids, ==, "320 444 321"); /* a</w> Ā</w> b</w> */
  g_assert_cmpstr (none, ==, "");
}

static void
test_invalid (void)
{
  static const char *const texts[] = { "\xff",     "a\xc3",  "\xed\xa0\x80", "\xf4\x90\x80\x80",
                                       "\xc0\x80", "a\0\xff" };
  static const size_t lens[] = { 1, 2, 3, 4, 2, 3 };
  g_autoptr (GvBpe) bpe = clip ();

  for (size_t i = 0; i < G_N_ELEMENTS (texts); i++) {
    g_autoptr (GError) error = NULL;
    size_t n;

    g_assert_null (gv_bpe_encode (bpe, texts[i], lens[i], &n, &error));
    g_assert_error (error, GV_TEXT_ERROR, GV_TEXT_ERROR_INVALID_UTF8);
  }
}

/* 64 KiB without a border, and the normal form's own worst case, must both be quick. */
static void
test_long (void)
{
  static const char *const units[] = { "a",  "ab", "!", "수", "\xcc\xa3\xcc\x87", "\xe0\xbd\xb3",
                                       "🌸", "'",  "<|" };
  g_autoptr (GvBpe) bpe = clip ();

  for (size_t i = 0; i < G_N_ELEMENTS (units); i++) {
    g_autoptr (GString) text = g_string_new (NULL);
    clock_t start = clock ();
    g_autofree char *ids = NULL;

    while (text->len + strlen (units[i]) <= 65536)
      g_string_append (text, units[i]);
    ids = encode (bpe, text->str, text->len);
    g_assert_cmpint (clock () - start, <, CLOCKS_PER_SEC);
  }
}

#define ENDS "\"<|startoftext|>\": 0, \"<|endoftext|>\": 1"
#define SYMBOLS "\"a\": 2, \"b\": 3, \"ab\": 4"

/* Files of a folder that is refused; NULL leaves one out.  The sentence names file and place. */
static const struct
{
  const char *vocab, *merges, *config, *tokenizer;
  const char *says;
} refused[] = {
  { NULL, NULL, NULL, NULL, "vocab.json" },
  { "{" ENDS "}", NULL, NULL, NULL, "merges.txt" },
  { "", "", NULL, NULL, "vocab.json" },
  { "[]", "", NULL, NULL, "vocab.json" },
  { "{" ENDS, "", NULL, NULL, "vocab.json" },
  { "{}", "", NULL, NULL, "bos_token" },
  { "{\"<|startoftext|>\": 0}", "", NULL, NULL, "eos_token" },
  { "{" ENDS ", \"a\": -1}", "", NULL, NULL, "a" },
  { "{" ENDS ", \"a\": 1.5}", "", NULL, NULL, "a" },
  { "{" ENDS ", \"a\": \"2\"}", "", NULL, NULL, "a" },
  { "{" ENDS ", \"a\": 4294967296}", "", NULL, NULL, "a" },
  { "{" ENDS ", \"a\": 1048576}", "", NULL, NULL, "a" },
  { "{" ENDS ", \"a\": 2, \"a\": 3}", "", NULL, NULL, "vocab.json" },
  { "{" ENDS ", " SYMBOLS "}", "#version: 0.2\na b\na c\n", NULL, NULL, "merges.txt: line 3" },
  { "{" ENDS ", " SYMBOLS "}", "b a\n", NULL, NULL, "merges.txt: line 1" },
  { "{" ENDS ", " SYMBOLS "}", "a b\n\na\n", NULL, NULL, "merges.txt: line 3" },
  { "{" ENDS ", " SYMBOLS "}", "a b c\n", NULL, NULL, "merges.txt: line 1" },
  { "{" ENDS ", " SYMBOLS "}", "a  b\n", NULL, NULL, "merges.txt: line 1" },
  { "{" ENDS "}", "", "[]", NULL, "tokenizer_config.json" },
  { "{" ENDS "}", "", "{\"pad_token\": \"<pad>\"}", NULL, "pad_token" },
  { "{" ENDS "}", "", "{\"pad_token\": \"\"}", NULL, "pad_token" },
  { "{" ENDS "}", "", "{\"pad_token\": \"<a\\n>\"}", NULL, "<a\\x0a>" },
  { "{" ENDS "}", "", "{\"pad_token\": 7}", NULL, "pad_token" },
  { "{" ENDS "}", "", "{\"pad_token\": {}}", NULL, "pad_token" },
  { "{" ENDS "}", "", "{\"added_tokens_decoder\": {\"x\": {\"content\": \"y\"}}}", NULL,
    "added_tokens_decoder" },
  { "{" ENDS "}", "", "{\"added_tokens_decoder\": {\"7\": 7}}", NULL, "added_tokens_decoder" },
  { NULL, NULL, NULL, "{}", "tokenizer.json" },
  { NULL, NULL, NULL, "{\"model\": {\"type\": \"Unigram\", \"vocab\": {}}}", "tokenizer.json" },
  { NULL, NULL, NULL,
    "{\"model\": {\"type\": \"BPE\", \"end_of_word_suffix\": \"</w>\", \"vocab\": {" ENDS "}}}",
    "merges" },
  { NULL, NULL, NULL,
    "{\"model\": {\"type\": \"BPE\", \"end_of_word_suffix\": \"</w>\", \"vocab\": {" ENDS
    "}, \"merges\": [[\"a\"]]}}",
    "merges[0]" },
  { NULL, NULL, NULL,
    "{\"model\": {\"type\": \"BPE\", \"end_of_word_suffix\": \"</w>\", \"vocab\": {" ENDS
    "}, \"merges\": [\"a b\"]}}",
    "merges[0]" },
};

static void
put (const char *folder, const char *name, const char *text)
{
  g_autofree char *path = g_build_filename (folder, name, NULL);

  if (text)
    g_assert_true (g_file_set_contents (path, text, -1, NULL));
}

static void
test_refused (void)
{
  for (size_t i = 0; i < G_N_ELEMENTS (refused); i++) {
    g_autoptr (GError) error = NULL;
    char *folder = temp_folder ();
    unsigned n =
        !!refused[i].vocab + !!refused[i].merges + !!refused[i].config + !!refused[i].tokenizer;

    put (folder, "vocab.json", refused[i].vocab);
    put (folder, "merges.txt", refused[i].merges);
    put (folder, "tokenizer_config.json", refused[i].config);
    put (folder, "tokenizer.json", refused[i].tokenizer);
    g_assert_null (gv_bpe_new_from_folder (folder, &error));
    g_assert_nonnull (error);
    if (!strstr (error->message, refused[i].says) || strchr (error->message, '\n'))
      g_error ("row %zu: “%s” does not say “%s” in one line", i, error->message, refused[i].says);
    temp_remove (folder, n);
  }
}

/* What a folder may look like, and what the text "ab <|END|> aba" comes out as. */
static const struct
{
  const char *vocab, *merges, *config, *map;
  const char *ids;
} accepted[] = {
  /* nothing but the two files; what is unknown is the end token: 'a', 'b</w>', '<', … */
  { "{" ENDS ", " SYMBOLS "}", "a b\n", NULL, NULL, "2 1 1 1 1 1 1 1 1 4 1" },
  /* Windows line ends, a later line for the same pair */
  { "{" ENDS ", " SYMBOLS ", \"b</w>\": 5, \"ab</w>\": 6}",
    "#version: 0.2\r\na b\r\na b</w>\r\n\r\n", NULL, NULL, "6 1 1 1 1 1 1 1 4 1" },
  /* a pair that is listed twice has the rank of its later line, so "a b" goes first */
  { "{" ENDS ", " SYMBOLS ", \"a</w>\": 5, \"ba</w>\": 6}", "b a</w>\na b\nb a</w>\n", NULL, NULL,
    "2 1 1 1 1 1 1 1 1 4 5" },
  /* the end token under another name, found in folded text or as typed */
  { "{\"<|startoftext|>\": 0, \"<|END|>\": 1, " SYMBOLS "}", "a b\n",
    "{\"eos_token\": \"<|END|>\"}", "{\"pad_token\": \"a\"}", "2 1 1 4 1" },
  { "{" ENDS ", \"<|end|>\": 9}", "", NULL,
    "{\"pad_token\": {\"content\": \"<|end|>\", \"normalized\": true}}", "1 1 9 1 1 1" },
  { "{" ENDS "}", "",
    "{\"added_tokens_decoder\": {\"7\": {\"content\": \"<|END|>\"}}, \"unk_token\": null}",
    "{\"pad_token\": \"not read\"}", "1 1 7 1 1 1" },
};

static void
test_accepted (void)
{
  for (size_t i = 0; i < G_N_ELEMENTS (accepted); i++) {
    g_autoptr (GError) error = NULL;
    g_autoptr (GvBpe) bpe = NULL;
    g_autofree char *ids = NULL;
    char *folder = temp_folder ();

    put (folder, "vocab.json", accepted[i].vocab);
    put (folder, "merges.txt", accepted[i].merges);
    put (folder, "tokenizer_config.json", accepted[i].config);
    put (folder, "special_tokens_map.json", accepted[i].map);
    bpe = gv_bpe_new_from_folder (folder, &error);
    g_assert_no_error (error);
    ids = encode (bpe, "ab <|END|> aba", 14);
    g_test_message ("row %zu", i);
    g_assert_cmpstr (ids, ==, accepted[i].ids);
    temp_remove (folder, 2 + !!accepted[i].config + !!accepted[i].map);
  }
}

/* GLib's own normal form is the twin. */
static void
test_nfc (void)
{
  yyjson_doc *doc = fixture_rows ("texts.json");
  size_t i, n, len;
  yyjson_val *row;

  yyjson_arr_foreach (yyjson_doc_get_root (doc), i, n, row)
  {
    const char *text = fixture_text (row, "text", &len);
    g_autoptr (GString) ours = gv_unicode_nfc (text, len);
    g_autofree char *theirs = g_utf8_normalize (text, (gssize) len, G_NORMALIZE_NFC);

    g_assert_cmpstr (ours->str, ==, theirs);
  }
  yyjson_doc_free (doc);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/text/bpe/nfc", test_nfc);
  g_test_add_func ("/text/bpe/clip", test_clip);
  g_test_add_data_func ("/text/bpe/small", "small", test_small);
  g_test_add_data_func ("/text/bpe/small-one-file", "small-one-file", test_small);
  g_test_add_func ("/text/bpe/nul", test_nul);
  g_test_add_func ("/text/bpe/invalid", test_invalid);
  g_test_add_func ("/text/bpe/long", test_long);
  g_test_add_func ("/text/bpe/refused", test_refused);
  g_test_add_func ("/text/bpe/accepted", test_accepted);
  return g_test_run ();
}
