// SPDX-FileCopyrightText: Giverny contributors
// SPDX-License-Identifier: GPL-3.0-or-later
/* Reading a config field by field, with one sentence for the first field that is wrong. */
#include "weights/config.h"

#include "base/i18n.h"
#include "formats/file.h"
#include "formats/json.h"

#include <string.h>

struct _GvConfig
{
  char *name;
  GvJson *json;
  GvJsonNode object;
  GError *error;
};

/* @json: (transfer full) (nullable) */
static GvConfig *
config_take (const char *name, GvJson *json, GError **error)
{
  GvConfig *self = g_new0 (GvConfig, 1);

  self->name = gv_dup_shown (name);
  self->json = json;
  if (json && gv_json_root_object (json, &self->object, error))
    return self;
  gv_config_free (self);
  return NULL;
}

GvConfig *
gv_config_new (const char *name, const char *text, size_t size, GError **error)
{
  return config_take (name, gv_json_new_from_bytes (name, text, size, GV_JSON_UNIQUE_KEYS, error),
                      error);
}

GvConfig *
gv_config_open (const char *path, GError **error)
{
  return config_take (path, gv_json_open (path, GV_CONFIG_MAX_BYTES, GV_JSON_UNIQUE_KEYS, error),
                      error);
}

void
gv_config_free (GvConfig *self)
{
  g_clear_error (&self->error);
  g_clear_pointer (&self->json, gv_json_free);
  g_free (self->name);
  g_free (self);
}

const char *
gv_config_get_name (GvConfig *self)
{
  return self->name;
}

bool
gv_config_end (GvConfig *self, GError **error)
{
  if (!self->error)
    return true;
  g_propagate_error (error, g_steal_pointer (&self->error));
  return false;
}

void
gv_config_fail (GvConfig *self, const char *field, const char *format, ...)
{
  g_autofree char *what = NULL;
  va_list args;

  if (self->error)
    return;
  va_start (args, format);
  what = g_strdup_vprintf (format, args);
  va_end (args);
  g_set_error (&self->error, GV_WEIGHTS_ERROR, GV_WEIGHTS_ERROR_UNSUPPORTED, "%s: “%s” %s",
               self->name, field, what);
}

static yyjson_val *
lookup (GvConfig *self, const char *field)
{
  return self->error ? NULL : yyjson_obj_get (self->object.value, field);
}

/* True for a field that is there, with a value; false where the fallback is to be taken. */
static bool
is_given (GvConfig *self, const char *field)
{
  yyjson_val *value = lookup (self, field);

  if (yyjson_is_null (value))
    gv_config_fail (self, field, _("is null; a value is needed"));
  return value && !self->error;
}

bool
gv_config_has (GvConfig *self, const char *field)
{
  yyjson_val *value = lookup (self, field);

  return value && !yyjson_is_null (value);
}

void
gv_config_enter (GvConfig *self, const char *field)
{
  GvJsonNode inner;

  if (!is_given (self, field))
    gv_config_fail (self, field, _("is missing"));
  else if (gv_json_get_object (&self->object, field, &inner, &self->error))
    self->object = inner;
}

int
gv_config_int (GvConfig *self, const char *field, int fallback, int min, int max)
{
  int n = fallback;

  if (is_given (self, field))
    gv_json_get_int (&self->object, field, min, max, &n, &self->error);
  return self->error ? fallback : n;
}

double
gv_config_double (GvConfig *self, const char *field, double fallback, double min, double max)
{
  double x = fallback;

  if (!is_given (self, field))
    return fallback;
  if (gv_json_get_double (&self->object, field, &x, &self->error) && !(x >= min && x <= max))
    gv_config_fail (self, field, _("must be a number from %g to %g"), min, max);
  return self->error ? fallback : x;
}

bool
gv_config_bool (GvConfig *self, const char *field, bool fallback)
{
  bool on = fallback;

  if (is_given (self, field))
    gv_json_get_bool (&self->object, field, &on, &self->error);
  return on;
}

const char *
gv_config_string (GvConfig *self, const char *field, const char *fallback)
{
  const char *string = fallback;

  if (is_given (self, field))
    gv_json_get_string (&self->object, field, &string, &self->error);
  return string;
}

int
gv_config_ints (GvConfig *self, const char *field, int *out, int capacity, int min, int max)
{
  size_t n = 0;

  if (!is_given (self, field))
    return -1;
  gv_json_get_ints (&self->object, field, min, max, out, (size_t) capacity, &n, &self->error);
  return self->error ? -1 : (int) n;
}

int
gv_config_doubles (GvConfig *self, const char *field, double *out, int capacity)
{
  size_t n = 0;

  if (!is_given (self, field))
    return -1;
  gv_json_get_doubles (&self->object, field, out, (size_t) capacity, &n, &self->error);
  return self->error ? -1 : (int) n;
}

int
gv_config_strings (GvConfig *self, const char *field, const char **out, int capacity)
{
  size_t n = 0;

  if (!is_given (self, field))
    return -1;
  gv_json_get_strings (&self->object, field, out, (size_t) capacity, &n, &self->error);
  return self->error ? -1 : (int) n;
}

void
gv_config_per_level (GvConfig *self,
                     const char *field,
                     int fallback,
                     int min,
                     int max,
                     int *out,
                     int n)
{
  bool is_list = yyjson_is_arr (lookup (self, field));
  int same = is_list ? fallback : gv_config_int (self, field, fallback, min, max);

  for (int i = 0; i < n; i++)
    out[i] = same;
  if (is_list && gv_config_ints (self, field, out, n, min, max) != n)
    gv_config_fail (self, field, _("must have one entry for each of the %d levels"), n);
}

void
gv_config_only_string (GvConfig *self, const char *field, const char *only)
{
  const char *value = gv_config_string (self, field, only);

  if (strcmp (value, only) == 0)
    return;
  g_autofree char *shown = gv_dup_shown (value);
  gv_config_fail (self, field, _("is “%s”; only “%s” can be run"), shown, only);
}

void
gv_config_only_number (GvConfig *self, const char *field, double only)
{
  double value = only;

  if (is_given (self, field) && gv_json_get_double (&self->object, field, &value, &self->error) &&
      value != only)
    gv_config_fail (self, field, _("is %g; only %g can be run"), value, only);
}

void
gv_config_only_null (GvConfig *self, const char *field)
{
  yyjson_val *value = lookup (self, field);

  if (!value || yyjson_is_null (value))
    return;
  if (yyjson_is_str (value)) {
    g_autofree char *shown = gv_dup_shown (yyjson_get_str (value));
    gv_config_fail (self, field, _("is “%s”, which can't be run"), shown);
  } else
    gv_config_fail (self, field, _("is set, to something that can't be run"));
}

void
gv_config_only_false (GvConfig *self, const char *field)
{
  if (!yyjson_is_false (lookup (self, field)))
    gv_config_only_null (self, field);
}
