// SPDX-FileCopyrightText: Giverny contributors
// SPDX-License-Identifier: GPL-3.0-or-later
/* Reading a command line by a table, strictly: what is not understood is refused, never guessed. */
#include "options.h"

#include "terminal.h"

#include <math.h>
#include <string.h>

G_DEFINE_QUARK (gv-usage-error-quark, gv_usage_error)

void
gv_usage_error (GError **error, const char *format, ...)
{
  g_autofree char *message = NULL, *line = NULL;
  va_list args;

  va_start (args, format);
  message = g_strdup_vprintf (format, args);
  va_end (args);
  line = gv_one_line (message);
  g_set_error_literal (error, GV_USAGE_ERROR, 0, line);
}

/* Near names */

/* Letters to insert, drop or change between two short names. Levenshtein 1966. */
static size_t
edit_distance (const char *a, const char *b)
{
  size_t row[64], n = strlen (b);

  if (n >= G_N_ELEMENTS (row))
    return G_MAXSIZE;
  for (size_t j = 0; j <= n; j++)
    row[j] = j;
  for (size_t i = 1; a[i - 1]; i++) {
    size_t diagonal = row[0];

    row[0] = i;
    for (size_t j = 1; j <= n; j++) {
      size_t changed = diagonal + (a[i - 1] != b[j - 1]);

      diagonal = row[j];
      row[j] = MIN (changed, MIN (row[j], row[j - 1]) + 1);
    }
  }
  return row[n];
}

const char *
gv_nearest_name (const char *name, const char *const *names)
{
  const char *best = NULL;
  size_t best_distance = 3;

  if (strlen (name) > 40)
    return NULL;
  for (; *names; names++) {
    size_t distance = edit_distance (name, *names);

    if (distance < best_distance && distance < strlen (*names)) {
      best = *names;
      best_distance = distance;
    }
  }
  return best;
}

/* Values */

/* Digits only, as 64 bits; false if it is anything else or too large. */
static bool
read_whole (const char *text, guint64 *value)
{
  if (!*text || strspn (text, "0123456789") != strlen (text))
    return false;
  return g_ascii_string_to_unsigned (text, 10, 0, G_MAXUINT64, value, NULL);
}

/* Digits with a point and an exponent: what strtod() knows besides (hexadecimal, names) is refused.
 */
static bool
read_real (const char *text, double *value)
{
  const char *p = text + (*text == '-' || *text == '+');
  size_t whole = strspn (p, "0123456789"), part = 0;

  p += whole;
  if (*p == '.') {
    part = strspn (p + 1, "0123456789");
    p += 1 + part;
  }
  if (whole + part == 0)
    return false;
  if (*p == 'e' || *p == 'E') {
    size_t exponent;

    p += 1 + (p[1] == '-' || p[1] == '+');
    exponent = strspn (p, "0123456789");
    p += exponent;
    if (exponent == 0)
      return false;
  }
  *value = g_ascii_strtod (text, NULL);
  return !*p && isfinite (*value);
}

static bool
take_int (const GvOption *option, const char *text, int *value, GError **error)
{
  guint64 number;

  if (!read_whole (text, &number) || number < (guint64) option->min ||
      number > (guint64) option->max) {
    gv_usage_error (error, _("--%s: “%s” is not a whole number from %d to %d"), option->name, text,
                             option->min, option->max);
    return false;
  }
  if (option->multiple > 1 && number % (guint64) option->multiple) {
    gv_usage_error (error, _("--%s: %s is not a multiple of %d"), option->name, text,
                             option->multiple);
    return false;
  }
  *value = (int) number;
  return true;
}

static bool
take_real (const GvOption *option, const char *text, double *value, GError **error)
{
  if (read_real (text, value))
    return true;
  gv_usage_error (error, _("--%s: “%s” is not a finite decimal number"), option->name, text);
  return false;
}

static bool
take_seed (const GvOption *option, const char *text, GvSeed *seed, GError **error)
{
  *seed = (GvSeed) { .random = strcmp (text, "random") == 0 };
  if (seed->random || read_whole (text, &seed->value))
    return true;
  gv_usage_error (error, _("--%s: “%s” is neither a whole number from 0 to 18446744073709551615 nor “random”"),
                           option->name, text);
  return false;
}

static bool
take_string (const GvOption *option, const char *text, const char **value, GError **error)
{
  if (!*text) {
    gv_usage_error (error, _("--%s: the value is empty"), option->name);
    return false;
  }
  *value = text;
  return true;
}

static bool
take_prompt (const GvOption *option, const char *text, const char **value, GError **error)
{
  g_autofree char *shown = g_strconcat ("--", option->name, NULL);

  *value = text;
  return gv_recipe_check_prompt (shown, text, error);
}

static bool
take_choice (const GvOption *option, const char *text, const char **value, GError **error)
{
  g_autoptr (GString) known = g_string_new (NULL);

  for (const GvRecipeChoice *c = option->list (); c->name; c++) {
    if (strcmp (c->name, text) == 0 && !c->ready) {
      gv_usage_error (error, _("--%s: %s is not in this version yet"), option->name, text);
      return false;
    }
    if (strcmp (c->name, text) == 0) {
      *value = c->name;
      return true;
    }
    if (c->ready)
      g_string_append_printf (known, "%s%s", known->len > 0 ? ", " : "", c->name);
  }
  gv_usage_error (error, _("--%s: “%s” is none of %s"), option->name, text, known->str);
  return false;
}

static bool
take_list (const GvOption *option, const char *text, GvOptionList *list, GError **error)
{
  if (list->n >= MIN (option->max, GV_OPTION_LIST_MAX)) {
    gv_usage_error (error, _("--%s: it may be given at most %d times"), option->name, option->max);
    return false;
  }
  if (option->check && !option->check (text, error))
    return false;
  list->values[list->n++] = text;
  return true;
}

static bool
take_later (const GvOption *option, const char *text, GError **error)
{
  if (option->only && strcmp (text, option->only) == 0)
    return true;
  if (option->only)
    gv_usage_error (error, _("--%s: only “%s” is in this version, “%s” is not"), option->name,
                             option->only, text);
  else
    gv_usage_error (error, _("--%s: this option is not in this version yet"), option->name);
  return false;
}

static bool
take_value (const GvOption *option, const char *text, void *values, GError **error)
{
  void *value = (char *) values + option->offset;

  if (!g_utf8_validate (text, -1, NULL)) {
    gv_usage_error (error, _("--%s: the value is not valid UTF-8"), option->name);
    return false;
  }
  switch (option->type) {
  case GV_OPTION_INT:
    return take_int (option, text, value, error);
  case GV_OPTION_REAL:
    return take_real (option, text, value, error);
  case GV_OPTION_SEED:
    return take_seed (option, text, value, error);
  case GV_OPTION_CHOICE:
    return take_choice (option, text, value, error);
  case GV_OPTION_PROMPT:
    return take_prompt (option, text, value, error);
  case GV_OPTION_LIST:
    return take_list (option, text, value, error);
  case GV_OPTION_STRING:
    return take_string (option, text, value, error);
  default:
    return take_later (option, text, error);
  }
}

/* The line */

static const GvOption *
find_option (const GvOption *options, const char *name, size_t length)
{
  for (const GvOption *o = options; o->name; o++)
    if (strlen (o->name) == length && strncmp (o->name, name, length) == 0)
      return o;
  return NULL;
}

static void
unknown_option (const GvOption *options, const char *word, size_t length, GError **error)
{
  g_autofree char *name = g_strndup (word, MIN (length, 200));
  g_autoptr (GPtrArray) names = g_ptr_array_new ();
  const char *near;

  for (const GvOption *o = options; o->name; o++)
    g_ptr_array_add (names, (gpointer) o->name);
  g_ptr_array_add (names, NULL);
  near = g_str_has_prefix (name, "--") ? gv_nearest_name (name + 2, (const char **) names->pdata)
                                       : NULL;
  if (near)
    gv_usage_error (error, _("%s: there is no such option; is --%s meant?"), name, near);
  else
    gv_usage_error (error, _("%s: there is no such option"), name);
}

/* True for a word that is an option by itself, and so hardly the value of the one before it. */
static bool
is_option (const GvOption *options, const char *word)
{
  if (strcmp (word, "--help") == 0)
    return true;
  return g_str_has_prefix (word, "--") && find_option (options, word + 2, strcspn (word + 2, "="));
}

static bool
take_flag (const GvOption *option, const char *equals, void *values, GError **error)
{
  if (equals) {
    gv_usage_error (error, _("--%s: this option takes no value"), option->name);
    return false;
  }
  if (option->type == GV_OPTION_LATER)
    return take_later (option, "", error);
  *(bool *) ((char *) values + option->offset) = true;
  return true;
}

/* Reads the option at *@argv, and leaves *@argv at its last word. */
static bool
take_option (const GvOption *options, char ***argv, void *values, GError **error)
{
  const char *word = **argv, *equals = strchr (word, '=');
  size_t length = equals ? (size_t) (equals - word) : strlen (word);
  const GvOption *option =
      g_str_has_prefix (word, "--") ? find_option (options, word + 2, length - 2) : NULL;

  if (!option) {
    unknown_option (options, word, length, error);
    return false;
  }
  if (!option->value)
    return take_flag (option, equals, values, error);
  if (equals)
    return take_value (option, equals + 1, values, error);
  if (!(*argv)[1]) {
    gv_usage_error (error, _("--%s: the value is missing"), option->name);
    return false;
  }
  if (is_option (options, (*argv)[1])) {
    gv_usage_error (error, _("--%s: the value is missing (write --%s=%s if that is the value)"),
                             option->name, option->name, (*argv)[1]);
    return false;
  }
  ++*argv;
  return take_value (option, **argv, values, error);
}

bool
gv_options_parse (const GvOption *options,
                  char **argv,
                  void *values,
                  GPtrArray *words,
                  bool *help,
                  GError **error)
{
  bool only_words = false;

  *help = false;
  for (; *argv; argv++) {
    const char *word = *argv;

    if (only_words || word[0] != '-' || word[1] == '\0') {
      g_ptr_array_add (words, *argv);
    } else if (strcmp (word, "--") == 0) {
      only_words = true;
    } else if (strcmp (word, "--help") == 0 || strcmp (word, "-h") == 0) {
      *help = true;
      return true;
    } else if (!take_option (options, &argv, values, error)) {
      return false;
    }
  }
  return true;
}
