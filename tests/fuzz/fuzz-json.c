// SPDX-FileCopyrightText: Giverny contributors
// SPDX-License-Identifier: GPL-3.0-or-later
/* JSON: reading, and every getter on every entry, whatever its type. */
#include "fuzz.h"

#include <math.h>

#include "formats/json.h"

const char gv_fuzz_name[] = "json";

const char *const gv_fuzz_tokens[] = { "\"a\":", "[[",   "{\"a\":{", "[1,2]", "[true]", "[\"\"]",
                                       "1e308",  "-0.0", "\\u0000",  "NaN",   "/**/",   NULL };

static void
try_numbers (const GvJsonNode *node, const char *key)
{
  int small = 3;
  int64_t wide = 3;
  double real = 3;
  g_autoptr (GError) small_error = NULL, wide_error = NULL, real_error = NULL;
  bool small_ok = gv_json_get_int (node, key, -5, 10, &small, &small_error);
  bool wide_ok = gv_json_get_int64 (node, key, 0, INT64_MAX, &wide, &wide_error);
  bool real_ok = gv_json_get_double (node, key, &real, &real_error);

  gv_fuzz_check_error (small_ok, small_error);
  gv_fuzz_check_error (wide_ok, wide_error);
  gv_fuzz_check_error (real_ok, real_error);
  g_assert_true (small >= -5 && small <= 10);
  g_assert_true (wide >= 0);
  g_assert_true (isfinite (real));
}

static void
try_others (const GvJsonNode *node, const char *key)
{
  bool flag = true;
  const char *text = "";
  g_autoptr (GError) flag_error = NULL, text_error = NULL, missing_error = NULL;
  bool flag_ok = gv_json_get_bool (node, key, &flag, &flag_error);
  bool text_ok = gv_json_get_string (node, key, &text, &text_error);
  bool there = gv_json_require (node, key, &missing_error);

  gv_fuzz_check_error (flag_ok, flag_error);
  gv_fuzz_check_error (text_ok, text_error);
  gv_fuzz_check_error (there, missing_error);
  g_assert_true (g_utf8_validate (text, -1, NULL));
}

static void
try_number_lists (const GvJsonNode *node, const char *key)
{
  int ints[4];
  double doubles[4];
  size_t n_ints = 0, n_doubles = 0;
  g_autoptr (GError) ints_error = NULL, doubles_error = NULL;
  bool ints_ok = gv_json_get_ints (node, key, 1, 9, ints, 4, &n_ints, &ints_error);
  bool doubles_ok = gv_json_get_doubles (node, key, doubles, 4, &n_doubles, &doubles_error);

  gv_fuzz_check_error (ints_ok, ints_error);
  gv_fuzz_check_error (doubles_ok, doubles_error);
  g_assert_cmpuint (MAX (n_ints, n_doubles), <=, 4);
  for (size_t i = 0; i < n_ints; i++)
    g_assert_true (ints[i] >= 1 && ints[i] <= 9);
}

static void
try_other_lists (const GvJsonNode *node, const char *key)
{
  bool flags[4];
  const char *texts[4];
  size_t n_flags = 0, n_texts = 0;
  g_autoptr (GError) flags_error = NULL, texts_error = NULL;
  bool flags_ok = gv_json_get_bools (node, key, flags, 4, &n_flags, &flags_error);
  bool texts_ok = gv_json_get_strings (node, key, texts, 4, &n_texts, &texts_error);

  gv_fuzz_check_error (flags_ok, flags_error);
  gv_fuzz_check_error (texts_ok, texts_error);
  g_assert_cmpuint (MAX (n_flags, n_texts), <=, 4);
}

static void
try_all (const GvJsonNode *node, const char *key)
{
  try_numbers (node, key);
  try_others (node, key);
  try_number_lists (node, key);
  try_other_lists (node, key);
}

/* Tries at most @budget places or so. */
static void
walk (const GvJsonNode *node, int depth, int *budget)
{
  yyjson_obj_iter iter = yyjson_obj_iter_with (node->value);
  const char *key;
  GvJsonNode entry;

  g_assert_cmpint (depth, <=, GV_JSON_MAX_DEPTH);
  try_all (node, NULL);
  try_all (node, "a");
  while (--*budget > 0 && gv_json_next (node, &iter, &key, &entry))
    walk (&entry, depth + 1, budget);
  for (size_t i = 0; yyjson_is_arr (node->value) && i < MIN (gv_json_get_n (node), 16); i++) {
    entry = gv_json_get_element (node, i);
    walk (&entry, depth + 1, budget);
  }
}

static void
parse (const uint8_t *data, size_t size, GvJsonFlags flags)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GvJson) json = gv_json_new_from_bytes ("fuzz", data, size, flags, &error);
  GvJsonNode root;
  int budget = 300;

  gv_fuzz_check_error (json != NULL, error);
  if (!json)
    return;
  root = gv_json_root (json);
  walk (&root, 0, &budget);
}

int
gv_fuzz_one (const uint8_t *data, size_t size)
{
  parse (data, size, GV_JSON_PLAIN);
  parse (data, size, GV_JSON_UNIQUE_KEYS);
  return 0;
}
