// SPDX-FileCopyrightText: Giverny contributors
// SPDX-License-Identifier: GPL-3.0-or-later
/* The rows that tests/oracle/make_text.py wrote. */
#pragma once

#include <glib.h>
#include <yyjson.h>

static inline char *
fixture_path (const char *name)
{
  return g_test_build_filename (G_TEST_DIST, "fixtures", "text", name, NULL);
}

/* A list of objects; free with yyjson_doc_free(). */
static inline yyjson_doc *
fixture_rows (const char *name)
{
  g_autofree char *path = fixture_path (name);
  yyjson_read_err problem;
  yyjson_doc *doc = yyjson_read_file (path, 0, NULL, &problem);

  if (!doc)
    g_error ("%s: %s", path, problem.msg);
  g_assert_cmpuint (yyjson_arr_size (yyjson_doc_get_root (doc)), >, 0);
  return doc;
}

static inline const char *
fixture_text (yyjson_val *row, const char *key, size_t *len)
{
  yyjson_val *value = yyjson_obj_get (row, key);

  g_assert_true (yyjson_is_str (value));
  *len = yyjson_get_len (value);
  return yyjson_get_str (value);
}
