// SPDX-FileCopyrightText: Giverny contributors
// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * JSON from outside.  A first look over the text, without recursion, bounds depth and number of
 * values, so that the tree that yyjson then makes can't be much larger than the text.
 */
#include "formats/json.h"

#include <inttypes.h>
#include <stdarg.h>
#include <math.h>
#include <string.h>

#include "base/errors.h"
#include "base/i18n.h"
#include "formats/file.h"

struct _GvJson
{
  char *shown; /* the file's name, for errors */
  char *text;  /* the tree's strings point into it */
  yyjson_doc *doc;
};

/* Bytes that yyjson takes for each value. */
#define VALUE_BYTES 16
#define FREE_TREE_BYTES ((size_t) 8 << 20)

static bool
fail_limit (const GvJson *self, const char *sentence, GError **error)
{
  g_set_error (error, GV_FORMAT_ERROR, GV_FORMAT_ERROR_LIMIT, "%s: %s", self->shown, sentence);
  return false;
}

/* The end of the string that starts at @i, or of the text. */
static size_t
skip_string (const char *text, size_t size, size_t i)
{
  for (i++; i < size && text[i] != '"'; i++)
    if (text[i] == '\\')
      i++;
  return i;
}

static bool
check_limits (const GvJson *self, size_t size, GError **error)
{
  size_t n_values = 1, depth = 0;

  for (size_t i = 0; i < size; i++)
    switch (self->text[i]) {
    case '"':
      i = skip_string (self->text, size, i);
      break;
    case '[':
    case '{':
      n_values++;
      if (++depth > GV_JSON_MAX_DEPTH)
        return fail_limit (self, _("its lists and objects are nested too deeply"), error);
      break;
    case ']':
    case '}':
      depth -= depth > 0;
      break;
    case ',':
    case ':':
      n_values++;
      break;
    default:
      break;
    }
  if (n_values > (2 * size + FREE_TREE_BYTES) / VALUE_BYTES)
    return fail_limit (self, _("it has too many values"), error);
  return true;
}

static int
compare_keys (const void *a, const void *b)
{
  yyjson_val *x = *(yyjson_val *const *) a, *y = *(yyjson_val *const *) b;
  size_t x_size = yyjson_get_len (x), y_size = yyjson_get_len (y);
  int order = memcmp (yyjson_get_str (x), yyjson_get_str (y), MIN (x_size, y_size));

  return order != 0 ? order : (x_size > y_size) - (x_size < y_size);
}

static bool
check_object_keys (const GvJson *self, yyjson_val *object, GError **error)
{
  size_t n = yyjson_obj_size (object);
  g_autofree yyjson_val **keys = g_try_new (yyjson_val *, MAX (n, 1));
  yyjson_obj_iter iter = yyjson_obj_iter_with (object);

  if (!keys)
    return fail_limit (self, _("there is not enough memory for it"), error);
  for (size_t i = 0; i < n; i++)
    keys[i] = yyjson_obj_iter_next (&iter);
  qsort (keys, n, sizeof *keys, compare_keys);
  for (size_t i = 1; i < n; i++)
    if (compare_keys (keys + i - 1, keys + i) == 0) {
      g_autofree char *shown = gv_dup_shown (yyjson_get_str (keys[i]));

      g_set_error (error, GV_FORMAT_ERROR, GV_FORMAT_ERROR_INVALID,
                   _("%s: “%s” is there twice"), self->shown, shown);
      return false;
    }
  return true;
}

/* Looks at every object below @value too; the depth is bounded. */
static bool
check_keys (const GvJson *self, yyjson_val *value, GError **error)
{
  yyjson_obj_iter object = yyjson_obj_iter_with (value);
  yyjson_arr_iter list = yyjson_arr_iter_with (value);
  yyjson_val *key, *entry;

  if (yyjson_is_obj (value) && !check_object_keys (self, value, error))
    return false;
  while ((key = yyjson_obj_iter_next (&object)))
    if (!check_keys (self, yyjson_obj_iter_get_val (key), error))
      return false;
  while ((entry = yyjson_arr_iter_next (&list)))
    if (!check_keys (self, entry, error))
      return false;
  return true;
}

/* @self owns the text, which has YYJSON_PADDING_SIZE zeros behind it. */
static bool
parse (GvJson *self, size_t size, GvJsonFlags flags, GError **error)
{
  yyjson_read_err fault;
  yyjson_read_flag read =
      YYJSON_READ_INSITU | (flags & GV_JSON_NAN ? YYJSON_READ_ALLOW_INF_AND_NAN : 0);

  if (!check_limits (self, size, error))
    return false;
  self->doc = yyjson_read_opts (self->text, size, read, NULL, &fault);
  if (self->doc)
    return !(flags & GV_JSON_UNIQUE_KEYS) ||
           check_keys (self, yyjson_doc_get_root (self->doc), error);
  if (fault.code == YYJSON_READ_ERROR_MEMORY_ALLOCATION)
    return fail_limit (self, _("there is not enough memory for it"), error);
  g_set_error (error, GV_FORMAT_ERROR, GV_FORMAT_ERROR_INVALID,
               _("%s: is not valid JSON at byte %zu: %s"), self->shown, fault.pos, fault.msg);
  return false;
}

GvJson *
gv_json_open (const char *path, size_t max_bytes, GvJsonFlags flags, GError **error)
{
  size_t size;
  g_autofree char *text = gv_read_small_file (path, max_bytes, &size, error);

  return text ? gv_json_new_from_bytes (path, text, size, flags, error) : NULL;
}

GvJson *
gv_json_new_from_bytes (const char *name,
                        const void *data,
                        size_t size,
                        GvJsonFlags flags,
                        GError **error)
{
  g_autoptr (GvJson) self = g_new0 (GvJson, 1);

  self->shown = gv_dup_shown (name);
  self->text = size < G_MAXSSIZE / 4 ? g_try_malloc (size + YYJSON_PADDING_SIZE) : NULL;
  if (!self->text) {
    fail_limit (self, _("there is not enough memory for it"), error);
    return NULL;
  }
  if (size > 0)
    memcpy (self->text, data, size);
  memset (self->text + size, 0, YYJSON_PADDING_SIZE);
  if (!parse (self, size, flags, error))
    return NULL;
  return g_steal_pointer (&self);
}

void
gv_json_free (GvJson *self)
{
  yyjson_doc_free (self->doc);
  g_free (self->shown);
  g_free (self->text);
  g_free (self);
}

GvJsonNode
gv_json_root (const GvJson *self)
{
  return (GvJsonNode) { .json = self, .value = yyjson_doc_get_root (self->doc) };
}

bool
gv_json_root_object (const GvJson *self, GvJsonNode *out, GError **error)
{
  *out = gv_json_root (self);
  if (yyjson_is_obj (out->value))
    return true;
  g_set_error (error, GV_FORMAT_ERROR, GV_FORMAT_ERROR_INVALID,
               _("%s: must be a JSON object"), self->shown);
  return false;
}

bool
gv_json_fail (const GvJsonNode *node, const char *key, const char *sentence, GError **error)
{
  g_autofree char *path = g_strconcat (node->where, *node->where && key ? "." : "", key, NULL);
  g_autofree char *shown = gv_dup_shown (path);

  if (*shown)
    g_set_error (error, GV_FORMAT_ERROR, GV_FORMAT_ERROR_INVALID, "%s: “%s” %s", node->json->shown,
                 shown, sentence);
  else
    g_set_error (error, GV_FORMAT_ERROR, GV_FORMAT_ERROR_INVALID, "%s: %s", node->json->shown,
                 sentence);
  return false;
}

/* As gv_json_fail(), for a sentence with values in it. */
G_GNUC_PRINTF (4, 5)
static bool
fail_format (const GvJsonNode *node, const char *key, GError **error, const char *format, ...)
{
  g_autofree char *sentence = NULL;
  va_list args;

  va_start (args, format);
  sentence = g_strdup_vprintf (format, args);
  va_end (args);
  return gv_json_fail (node, key, sentence, error);
}

/* NULL if it is missing or null. */
static yyjson_val *
find (const GvJsonNode *node, const char *key)
{
  yyjson_val *value = key ? yyjson_obj_get (node->value, key) : node->value;

  return yyjson_is_null (value) ? NULL : value;
}

bool
gv_json_has (const GvJsonNode *node, const char *key)
{
  return find (node, key) != NULL;
}

bool
gv_json_require (const GvJsonNode *node, const char *key, GError **error)
{
  return find (node, key) || gv_json_fail (node, key, _("is missing"), error);
}

bool
gv_json_is_array (const GvJsonNode *node, const char *key)
{
  return yyjson_is_arr (find (node, key));
}

/* Reads a value that may be out of every range. */
static bool
read_int64 (yyjson_val *value, int64_t min, int64_t max, int64_t *out)
{
  if (!yyjson_is_int (value) || (yyjson_is_uint (value) && yyjson_get_uint (value) > INT64_MAX))
    return false;
  *out = yyjson_get_sint (value);
  return *out >= min && *out <= max;
}

bool
gv_json_get_int64 (const GvJsonNode *node,
                   const char *key,
                   int64_t min,
                   int64_t max,
                   int64_t *value,
                   GError **error)
{
  yyjson_val *found = find (node, key);
  int64_t number;

  if (!found)
    return true;
  if (!read_int64 (found, min, max, &number))
    return fail_format (node, key, error,
                        _("must be a whole number from %" PRId64 " to %" PRId64), min, max);
  *value = number;
  return true;
}

bool
gv_json_get_int (const GvJsonNode *node,
                 const char *key,
                 int min,
                 int max,
                 int *value,
                 GError **error)
{
  int64_t wide = *value;

  if (!gv_json_get_int64 (node, key, min, max, &wide, error))
    return false;
  *value = (int) wide;
  return true;
}

bool
gv_json_get_double (const GvJsonNode *node, const char *key, double *value, GError **error)
{
  yyjson_val *found = find (node, key);

  if (!found)
    return true;
  if (!yyjson_is_num (found))
    return gv_json_fail (node, key, _("must be a number"), error);
  *value = yyjson_get_num (found);
  return true;
}

bool
gv_json_get_bool (const GvJsonNode *node, const char *key, bool *value, GError **error)
{
  yyjson_val *found = find (node, key);

  if (!found)
    return true;
  if (!yyjson_is_bool (found))
    return gv_json_fail (node, key, _("must be true or false"), error);
  *value = yyjson_get_bool (found);
  return true;
}

static bool
read_string (yyjson_val *value, const char **out)
{
  *out = yyjson_get_str (value);
  return *out && strlen (*out) == yyjson_get_len (value);
}

bool
gv_json_get_string (const GvJsonNode *node, const char *key, const char **value, GError **error)
{
  yyjson_val *found = find (node, key);
  const char *text;

  if (!found)
    return true;
  if (!read_string (found, &text))
    return gv_json_fail (node, key, _("must be a text"), error);
  *value = text;
  return true;
}

/* A list of at most @max_n entries, or NULL in @list where there is none. */
static bool
find_list (const GvJsonNode *node, const char *key, size_t max_n, yyjson_val **list, GError **error)
{
  *list = find (node, key);
  if (*list && !yyjson_is_arr (*list))
    return gv_json_fail (node, key, _("must be a list"), error);
  if (*list && yyjson_arr_size (*list) > max_n)
    return fail_format (node, key, error, _("must be a list of at most %zu entries"), max_n);
  return true;
}

bool
gv_json_get_ints (const GvJsonNode *node,
                  const char *key,
                  int min,
                  int max,
                  int *values,
                  size_t max_n,
                  size_t *n,
                  GError **error)
{
  yyjson_val *list, *entry;
  size_t i, n_entries;
  int64_t number;

  if (!find_list (node, key, max_n, &list, error))
    return false;
  yyjson_arr_foreach (list, i, n_entries, entry)
  {
    if (!read_int64 (entry, min, max, &number))
      return fail_format (node, key, error,
                          _("must be a list of whole numbers from %d to %d"), min, max);
    values[i] = (int) number;
  }
  if (list)
    *n = n_entries;
  return true;
}

bool
gv_json_get_doubles (const GvJsonNode *node,
                     const char *key,
                     double *values,
                     size_t max_n,
                     size_t *n,
                     GError **error)
{
  yyjson_val *list, *entry;
  size_t i, n_entries;

  if (!find_list (node, key, max_n, &list, error))
    return false;
  yyjson_arr_foreach (list, i, n_entries, entry)
  {
    if (!yyjson_is_num (entry))
      return gv_json_fail (node, key, _("must be a list of numbers"), error);
    values[i] = yyjson_get_num (entry);
  }
  if (list)
    *n = n_entries;
  return true;
}

bool
gv_json_get_bools (const GvJsonNode *node,
                   const char *key,
                   bool *values,
                   size_t max_n,
                   size_t *n,
                   GError **error)
{
  yyjson_val *list, *entry;
  size_t i, n_entries;

  if (!find_list (node, key, max_n, &list, error))
    return false;
  yyjson_arr_foreach (list, i, n_entries, entry)
  {
    if (!yyjson_is_bool (entry))
      return gv_json_fail (node, key, _("must be a list of true and false"), error);
    values[i] = yyjson_get_bool (entry);
  }
  if (list)
    *n = n_entries;
  return true;
}

bool
gv_json_get_strings (const GvJsonNode *node,
                     const char *key,
                     const char **values,
                     size_t max_n,
                     size_t *n,
                     GError **error)
{
  yyjson_val *list, *entry;
  size_t i, n_entries;

  if (!find_list (node, key, max_n, &list, error))
    return false;
  yyjson_arr_foreach (list, i, n_entries, entry) if (
      !read_string (entry, values + i)) return gv_json_fail (node, key,
                                                             _("must be a list of texts"), error);
  if (list)
    *n = n_entries;
  return true;
}

static GvJsonNode
child (const GvJsonNode *node, const char *key, yyjson_val *value)
{
  GvJsonNode out = *node;

  out.value = value;
  if (key)
    g_snprintf (out.where, sizeof out.where, "%s%s%s", node->where, *node->where ? "." : "", key);
  return out;
}

bool
gv_json_get_object (const GvJsonNode *node, const char *key, GvJsonNode *out, GError **error)
{
  yyjson_val *found = find (node, key);

  *out = child (node, key, found);
  return !found || yyjson_is_obj (found) || gv_json_fail (node, key, _("must be an object"), error);
}

bool
gv_json_get_array (const GvJsonNode *node, const char *key, GvJsonNode *out, GError **error)
{
  yyjson_val *found = find (node, key);

  *out = child (node, key, found);
  return !found || yyjson_is_arr (found) || gv_json_fail (node, key, _("must be a list"), error);
}

size_t
gv_json_get_n (const GvJsonNode *node)
{
  return yyjson_is_obj (node->value) ? yyjson_obj_size (node->value)
                                     : yyjson_arr_size (node->value);
}

GvJsonNode
gv_json_get_element (const GvJsonNode *list, size_t i)
{
  GvJsonNode out = *list;

  out.value = yyjson_arr_get (list->value, i);
  g_snprintf (out.where, sizeof out.where, "%s[%zu]", list->where, i);
  return out;
}

bool
gv_json_next (const GvJsonNode *node, yyjson_obj_iter *iter, const char **key, GvJsonNode *entry)
{
  yyjson_val *found = yyjson_obj_iter_next (iter);

  if (!found)
    return false;
  *key = yyjson_get_str (found);
  *entry = child (node, *key, yyjson_obj_iter_get_val (found));
  return true;
}

yyjson_mut_val *
gv_json_new_real (yyjson_mut_doc *doc, double value)
{
  if (value == rint (value) && fabs (value) < 1e15)
    return yyjson_mut_sint (doc, (int64_t) value);
  return yyjson_mut_real (doc, value);
}
