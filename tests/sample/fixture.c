// SPDX-FileCopyrightText: Giverny contributors
// SPDX-License-Identifier: GPL-3.0-or-later
/* Thin helpers over yyjson for the tests of this room. */
#include "fixture.h"

#include <glib.h>

static yyjson_doc *doc;

static void
close_doc (void)
{
  yyjson_doc_free (doc);
}

static yyjson_val *
member_of (yyjson_val *object, const char *member)
{
  yyjson_val *value = yyjson_obj_get (object, member);

  if (!value)
    g_error ("sample.json: no “%s”", member);
  return value;
}

yyjson_val *
fixture_part (const char *name)
{
  if (!doc) {
    g_autofree char *path = g_test_build_filename (G_TEST_DIST, "fixtures", "sample.json", NULL);
    yyjson_read_err error;

    doc = yyjson_read_file (path, 0, NULL, &error);
    if (!doc)
      g_error ("%s: %s", path, error.msg);
    atexit (close_doc);
  }
  return member_of (yyjson_doc_get_root (doc), name);
}

const char *
fixture_string (yyjson_val *object, const char *member)
{
  return yyjson_get_str (member_of (object, member));
}

int
fixture_int (yyjson_val *object, const char *member)
{
  return yyjson_get_int (member_of (object, member));
}

yyjson_val *
fixture_array (yyjson_val *object, const char *member)
{
  return member_of (object, member);
}

double
fixture_number (yyjson_val *array, size_t i)
{
  return yyjson_get_num (yyjson_arr_get (array, i));
}
