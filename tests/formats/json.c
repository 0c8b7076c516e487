// SPDX-FileCopyrightText: Giverny contributors
// SPDX-License-Identifier: GPL-3.0-or-later
/* JSON: what is read and refused, and what each getter makes of each kind of value. */
#include <string.h>
#include <sys/stat.h>

#include "base/errors.h"
#include "formats/json.h"
#include "temp.h"

static GvJson *
parse (const char *text, GvJsonFlags flags, GError **error)
{
  size_t size = strlen (text);
  g_autofree char *copy = g_memdup2 (text, size);

  return gv_json_new_from_bytes ("unet/config.json", copy, size, flags, error);
}

static void
test_documents (void)
{
  static const struct
  {
    const char *text;
    GvJsonFlags flags;
    int code;
    const char *words;
  } rows[] = {
    { "{}", GV_JSON_UNIQUE_KEYS, 0, NULL },
    { " [1, 2.5e-3, \"\\u00e9\", null]\n", GV_JSON_UNIQUE_KEYS, 0, NULL },
    { "3", GV_JSON_UNIQUE_KEYS, 0, NULL },
    { "{\"a\":1,\"a\":2}", GV_JSON_PLAIN, 0, NULL },
    { "[[[[[[[[[[[[[[[[]]]]]]]]]]]]]]]]", GV_JSON_UNIQUE_KEYS, 0, NULL },
    { "\"[[[[[[[[[[[[[[[[[[[[[[\\\"[[[[[[[[[[\"", GV_JSON_UNIQUE_KEYS, 0, NULL },
    { "{\"a\":1,\"a\":2}", GV_JSON_UNIQUE_KEYS, GV_FORMAT_ERROR_INVALID, "“a” is there twice" },
    { "{\"a\":1,\"\\u0061\":2}", GV_JSON_UNIQUE_KEYS, GV_FORMAT_ERROR_INVALID,
      "“a” is there twice" },
    { "[{\"b\":{\"c\":1,\"a\":2,\"c\":3}}]", GV_JSON_UNIQUE_KEYS, GV_FORMAT_ERROR_INVALID,
      "“c” is" },
    { "", GV_JSON_PLAIN, GV_FORMAT_ERROR_INVALID, "not valid JSON at byte 0" },
    { "{\"a\":1,}", GV_JSON_PLAIN, GV_FORMAT_ERROR_INVALID, "not valid JSON at byte 6" },
    { "{\"a\":1} x", GV_JSON_PLAIN, GV_FORMAT_ERROR_INVALID, "not valid JSON at byte 8" },
    { "[NaN]", GV_JSON_PLAIN, GV_FORMAT_ERROR_INVALID, "not valid JSON" },
    { "[1e999]", GV_JSON_PLAIN, GV_FORMAT_ERROR_INVALID, "not valid JSON" },
    { "// x\n{}", GV_JSON_PLAIN, GV_FORMAT_ERROR_INVALID, "not valid JSON" },
    { "[\"\xff\"]", GV_JSON_PLAIN, GV_FORMAT_ERROR_INVALID, "not valid JSON" },
    { "[\"\\ud800\"]", GV_JSON_PLAIN, GV_FORMAT_ERROR_INVALID, "not valid JSON" },
    { "[\"", GV_JSON_PLAIN, GV_FORMAT_ERROR_INVALID, "not valid JSON" },
    { "[\"\\", GV_JSON_PLAIN, GV_FORMAT_ERROR_INVALID, "not valid JSON" },
    { "]]]]{}", GV_JSON_PLAIN, GV_FORMAT_ERROR_INVALID, "not valid JSON" },
    { "[[[[[[[[[[[[[[[[[]]]]]]]]]]]]]]]]]", GV_JSON_PLAIN, GV_FORMAT_ERROR_LIMIT, "too deeply" },
  };

  for (size_t i = 0; i < G_N_ELEMENTS (rows); i++) {
    g_autoptr (GError) error = NULL;
    g_autoptr (GvJson) json = parse (rows[i].text, rows[i].flags, &error);

    g_test_message ("row %zu", i);
    if (!rows[i].words) {
      g_assert_no_error (error);
      continue;
    }
    g_assert_error (error, GV_FORMAT_ERROR, rows[i].code);
    if (!strstr (error->message, rows[i].words) ||
        !g_str_has_prefix (error->message, "unet/config.json: "))
      g_error ("“%s” does not say “%s”", error->message, rows[i].words);
  }
}

/* One of each kind, so that every getter meets every kind. */
static const char kinds[] =
    "{\"none\":null, \"flag\":true, \"int\":7, \"real\":7.0, \"big\":9007199254740993,"
    "\"huge\":18446744073709551615, \"text\":\"t\", \"nul\":\"a\\u0000b\","
    "\"ints\":[1,2], \"reals\":[1,2.5], \"flags\":[true,false],"
    "\"texts\":[\"x\",\"y\"], \"mixed\":[1,\"x\"], \"empty\":[],"
    "\"object\":{\"inner\":[{\"deep\":\"x\"}]}}";

typedef bool (*Getter) (const GvJsonNode *node, const char *key, GError **error);

static bool
get_int (const GvJsonNode *node, const char *key, GError **error)
{
  int value = 5;
  bool ok = gv_json_get_int (node, key, 2, 7, &value, error);

  g_assert_cmpint (value, ==, ok && strcmp (key, "int") == 0 ? 7 : 5);
  return ok;
}

static bool
get_int64 (const GvJsonNode *node, const char *key, GError **error)
{
  int64_t value = 5;
  bool ok = gv_json_get_int64 (node, key, 8, INT64_MAX, &value, error);

  g_assert_cmpint (value, ==, ok && strcmp (key, "big") == 0 ? 9007199254740993 : 5);
  return ok;
}

static bool
get_double (const GvJsonNode *node, const char *key, GError **error)
{
  double value = 5;
  bool ok = gv_json_get_double (node, key, &value, error);

  if (strcmp (key, "int") == 0 || strcmp (key, "real") == 0)
    g_assert_cmpfloat (value, ==, 7);
  return ok;
}

static bool
get_bool (const GvJsonNode *node, const char *key, GError **error)
{
  bool value = false, ok = gv_json_get_bool (node, key, &value, error);

  g_assert_true (value == (strcmp (key, "flag") == 0));
  return ok;
}

static bool
get_string (const GvJsonNode *node, const char *key, GError **error)
{
  const char *value = "default";
  bool ok = gv_json_get_string (node, key, &value, error);

  g_assert_cmpstr (value, ==, strcmp (key, "text") == 0 ? "t" : "default");
  return ok;
}

static bool
get_ints (const GvJsonNode *node, const char *key, GError **error)
{
  int values[2] = { 0 };
  size_t n = 9;
  bool ok = gv_json_get_ints (node, key, 1, 2, values, 2, &n, error);

  if (strcmp (key, "ints") == 0)
    g_assert_true (n == 2 && values[0] == 1 && values[1] == 2);
  return ok;
}

static bool
get_doubles (const GvJsonNode *node, const char *key, GError **error)
{
  double values[2] = { 0 };
  size_t n = 9;
  bool ok = gv_json_get_doubles (node, key, values, 2, &n, error);

  if (strcmp (key, "reals") == 0)
    g_assert_true (n == 2 && values[0] == 1 && values[1] == 2.5);
  return ok;
}

static bool
get_bools (const GvJsonNode *node, const char *key, GError **error)
{
  bool values[2] = { false, true };
  size_t n = 9;
  bool ok = gv_json_get_bools (node, key, values, 2, &n, error);

  if (strcmp (key, "flags") == 0)
    g_assert_true (n == 2 && values[0] && !values[1]);
  return ok;
}

static bool
get_strings (const GvJsonNode *node, const char *key, GError **error)
{
  const char *values[2];
  size_t n = 9;
  bool ok = gv_json_get_strings (node, key, values, 2, &n, error);

  if (strcmp (key, "texts") == 0)
    g_assert_cmpstr (values[1], ==, "y");
  if (strcmp (key, "empty") == 0)
    g_assert_cmpuint (n, ==, 0);
  if (strcmp (key, "none") == 0)
    g_assert_cmpuint (n, ==, 9);
  return ok;
}

static bool
get_object (const GvJsonNode *node, const char *key, GError **error)
{
  GvJsonNode out;

  return gv_json_get_object (node, key, &out, error);
}

static bool
get_array (const GvJsonNode *node, const char *key, GError **error)
{
  GvJsonNode out;

  return gv_json_get_array (node, key, &out, error);
}

static void
test_getters (void)
{
  static const struct
  {
    Getter get;
    const char *takes; /* the keys, besides the missing and null ones */
    const char *words;
  } rows[] = {
    { get_int, " int ", "must be a whole number from 2 to 7" },
    { get_int64, " big ", "must be a whole number from 8 to 9223372036854775807" },
    { get_double, " int real big huge ", "must be a number" },
    { get_bool, " flag ", "must be true or false" },
    { get_string, " text ", "must be a text" },
    { get_ints, " ints empty ", "must be a list" },
    { get_doubles, " ints reals empty ", "must be a list" },
    { get_bools, " flags empty ", "must be a list" },
    { get_strings, " texts empty ", "must be a list" },
    { get_object, " object ", "must be an object" },
    { get_array, " ints reals flags texts mixed empty ", "must be a list" },
  };
  g_autoptr (GvJson) json = parse (kinds, GV_JSON_UNIQUE_KEYS, NULL);
  GvJsonNode root, entry;
  const char *key;

  g_assert_true (gv_json_root_object (json, &root, NULL));
  for (size_t i = 0; i < G_N_ELEMENTS (rows); i++) {
    yyjson_obj_iter iter = yyjson_obj_iter_with (root.value);

    g_assert_true (rows[i].get (&root, "missing", NULL));
    g_assert_true (rows[i].get (&root, "none", NULL));
    while (gv_json_next (&root, &iter, &key, &entry)) {
      g_autofree char *word = g_strdup_printf (" %s ", key);
      g_autofree char *prefix = g_strdup_printf ("unet/config.json: “%s” %s", key, rows[i].words);
      bool takes = strcmp (key, "none") == 0 || strstr (rows[i].takes, word);
      g_autoptr (GError) error = NULL;

      g_test_message ("row %zu, %s", i, key);
      g_assert_true (rows[i].get (&root, key, &error) == takes);
      if (!takes) {
        g_assert_error (error, GV_FORMAT_ERROR, GV_FORMAT_ERROR_INVALID);
        g_assert_true (g_str_has_prefix (error->message, prefix));
      }
    }
  }
}

static void
test_places (void)
{
  g_autoptr (GvJson) json = parse (kinds, GV_JSON_UNIQUE_KEYS, NULL);
  GvJsonNode root = gv_json_root (json), object, list, element;
  g_autoptr (GError) error = NULL;
  int values[1];
  size_t n;

  g_assert_true (gv_json_has (&root, "int"));
  g_assert_false (gv_json_has (&root, "none"));
  g_assert_false (gv_json_has (&root, "missing"));
  g_assert_true (gv_json_is_array (&root, "empty"));
  g_assert_false (gv_json_is_array (&root, "int"));
  g_assert_true (gv_json_get_object (&root, "object", &object, NULL));
  g_assert_true (gv_json_get_array (&object, "inner", &list, NULL));
  g_assert_cmpuint (gv_json_get_n (&list), ==, 1);
  element = gv_json_get_element (&list, 0);
  g_assert_false (gv_json_get_int (&element, "deep", 0, 1, values, &error));
  g_assert_nonnull (strstr (error->message, "“object.inner[0].deep” must be"));
  g_clear_error (&error);
  g_assert_false (gv_json_require (&element, "width", &error));
  g_assert_cmpstr (error->message, ==, "unet/config.json: “object.inner[0].width” is missing");
  g_clear_error (&error);
  g_assert_false (gv_json_get_ints (&root, "ints", 0, 9, values, 1, &n, &error));
  g_assert_cmpstr (error->message, ==,
                   "unet/config.json: “ints” must be a list of at most 1 entries");
  g_clear_error (&error);
  g_clear_pointer (&json, gv_json_free);
  json = parse ("[]", GV_JSON_PLAIN, NULL);
  g_assert_false (gv_json_root_object (json, &root, &error));
  g_assert_nonnull (strstr (error->message, "must be a JSON object"));
}

static void
test_files (void)
{
  char *folder = temp_folder ();
  g_autofree char *path = g_build_filename (folder, "x.json", NULL);
  g_autoptr (GError) error = NULL;
  g_autoptr (GvJson) json = NULL;

  g_assert_null (gv_json_open (path, 10, GV_JSON_PLAIN, &error));
  g_assert_error (error, GV_FORMAT_ERROR, GV_FORMAT_ERROR_IO);
  g_clear_error (&error);
  g_assert_no_errno (mkfifo (path, 0600));
  g_assert_null (gv_json_open (path, 10, GV_JSON_PLAIN, &error));
  g_assert_error (error, GV_FORMAT_ERROR, GV_FORMAT_ERROR_IO);
  g_clear_error (&error);
  g_assert_no_errno (g_unlink (path));
  g_assert_true (g_file_set_contents (path, "{\"a\": true}", -1, NULL));
  g_assert_null (gv_json_open (path, 10, GV_JSON_PLAIN, &error));
  g_assert_error (error, GV_FORMAT_ERROR, GV_FORMAT_ERROR_LIMIT);
  g_assert_nonnull (strstr (error->message, "x.json: has 11 bytes, and at most 10"));
  g_clear_error (&error);
  json = gv_json_open (path, 11, GV_JSON_PLAIN, &error);
  g_assert_no_error (error);
  temp_remove (folder, 1);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/json/documents", test_documents);
  g_test_add_func ("/json/getters", test_getters);
  g_test_add_func ("/json/places", test_places);
  g_test_add_func ("/json/files", test_files);
  return g_test_run ();
}
