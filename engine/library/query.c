// SPDX-FileCopyrightText: Giverny contributors
// SPDX-License-Identifier: GPL-3.0-or-later
/* Finding pictures: what a person typed, as FTS5 and SQL understand it. */
#include "library/catalogue.h"

#include <math.h>
#include <sqlite3.h>
#include <string.h>

#define MAX_WORDS 32
#define MAX_NAMES 200
#define OPS_BETWEEN_LOOKS 2000

GvLibraryFilter *
gv_library_filter_new (void)
{
  GvLibraryFilter *self = g_new0 (GvLibraryFilter, 1);

  self->min_total = NAN;
  return self;
}

GvLibraryFilter *
gv_library_filter_copy (const GvLibraryFilter *self)
{
  GvLibraryFilter *copy = g_memdup2 (self, sizeof *self);

  copy->text = g_strdup (self->text);
  copy->model = g_strdup (self->model);
  copy->lora = g_strdup (self->lora);
  copy->tag = g_strdup (self->tag);
  return copy;
}

void
gv_library_filter_free (GvLibraryFilter *self)
{
  g_free (self->text);
  g_free (self->model);
  g_free (self->lora);
  g_free (self->tag);
  g_free (self);
}

static bool
is_set (const char *text)
{
  return text && *text;
}

bool
gv_library_filter_is_narrow (const GvLibraryFilter *self)
{
  g_autofree char *match = is_set (self->text) ? gv_catalogue_match_for (self->text) : NULL;

  return match || is_set (self->model) || is_set (self->lora) || is_set (self->tag) ||
         self->has_seeds || self->min_stars > 0 || !isnan (self->min_total) || self->from_us ||
         self->before_us;
}

/* Words */

typedef struct
{
  bool without, in_tags, phrase;
  char *text; /* (owned) */
} Word;

static void
word_clear (Word *word)
{
  g_free (word->text);
}

/* FTS5 would refuse a word in which its tokenizer finds nothing. */
static bool
has_letters (const char *text)
{
  for (; *text; text = g_utf8_next_char (text))
    if (g_unichar_isalnum (g_utf8_get_char (text)))
      return true;
  return false;
}

/* Cuts the next word off, with its marks; NULL at the end. */
static const char *
next_word (const char *p, Word *word)
{
  const char *end;

  *word = (Word) { 0 };
  while (g_ascii_isspace (*p))
    p++;
  if (!*p)
    return NULL;
  if (*p == '-') {
    word->without = true;
    p++;
  }
  if (g_str_has_prefix (p, "tag:")) {
    word->in_tags = true;
    p += 4;
  }
  word->phrase = *p == '"';
  if (word->phrase) {
    end = strchr (++p, '"');
    end = end ? end : p + strlen (p);
  } else
    for (end = p; *end && !g_ascii_isspace (*end);)
      end++;
  word->text = g_strndup (p, (gsize) (end - p));
  return *end == '"' ? end + 1 : end;
}

static void
append_word (GString *out, const Word *word)
{
  g_autofree char *normal = g_utf8_normalize (word->text, -1, G_NORMALIZE_NFKC);

  if (word->in_tags)
    g_string_append (out, "tags : ");
  g_string_append_c (out, '"');
  for (const char *c = normal; *c; c++) {
    if (*c == '"') /* doubled, as in SQL */
      g_string_append_c (out, '"');
    g_string_append_c (out, *c);
  }
  g_string_append (out, word->phrase ? "\"" : "\" *");
}

/* All words that must be there, then those that may not: FTS5 knows "a NOT b" but no bare NOT. */
char *
gv_catalogue_match_for (const char *text)
{
  g_autoptr (GString) with = g_string_new (NULL), without = g_string_new (NULL);
  g_autofree char *valid = g_utf8_make_valid (text, -1);
  const char *p = valid;
  Word word;

  for (int n = 0; n < MAX_WORDS && (p = next_word (p, &word)); n++) {
    GString *out = word.without ? without : with;

    if (has_letters (word.text)) {
      if (out->len > 0)
        g_string_append (out, word.without ? " OR " : " AND ");
      append_word (out, &word);
    }
    word_clear (&word);
  }
  if (without->len > 0 && with->len > 0)
    return g_strdup_printf ("(%s) NOT (%s)", with->str, without->str);
  if (without->len > 0)
    return g_strconcat ("-", without->str, NULL);
  return with->len > 0 ? g_strdup (with->str) : NULL;
}

/* SQL */

typedef struct
{
  GString *sql;
  GPtrArray *texts;  /* (element-type utf8) (owned): bound in this order */
  bool has_where;
} Query;

static void
add_condition (Query *q, const char *condition)
{
  g_string_append (q->sql, q->has_where ? " AND " : " WHERE ");
  g_string_append (q->sql, condition);
  q->has_where = true;
}

static void
add_text (Query *q, const char *condition, const char *text)
{
  if (!is_set (text))
    return;
  add_condition (q, condition);
  g_ptr_array_add (q->texts, g_strdup (text));
}

static void
add_number (Query *q, const char *condition, gint64 number)
{
  g_autofree char *text = g_strdup_printf ("%s %" G_GINT64_FORMAT, condition, number);

  add_condition (q, text);
}

static gint64
seed_key (guint64 seed)
{
  return (gint64) (seed ^ ((guint64) 1 << 63));
}

static void
add_words (Query *q, const char *text)
{
  g_autofree char *match = is_set (text) ? gv_catalogue_match_for (text) : NULL;

  if (match && *match == '-')
    add_text (q, "id NOT IN (SELECT rowid FROM words WHERE words MATCH ?)", match + 1);
  else
    add_text (q, "id IN (SELECT rowid FROM words WHERE words MATCH ?)", match);
}

static void
add_conditions (Query *q, const GvLibraryFilter *filter)
{
  char total[G_ASCII_DTOSTR_BUF_SIZE];

  add_words (q, filter->text);
  add_text (q, "model = ?", filter->model);
  add_text (q, "id IN (SELECT picture FROM lora WHERE name = ?)", filter->lora);
  add_text (q, "id IN (SELECT picture FROM tag WHERE name = ?)", filter->tag);
  if (filter->has_seeds) {
    add_number (q, "seed >=", seed_key (filter->min_seed));
    add_number (q, "seed <=", seed_key (filter->max_seed));
  }
  if (filter->min_stars > 0)
    add_number (q, "stars >=", filter->min_stars);
  if (filter->from_us)
    add_number (q, "time >=", filter->from_us);
  if (filter->before_us)
    add_number (q, "time <", filter->before_us);
  if (isfinite (filter->min_total)) {
    g_autofree char *condition =
        g_strconcat ("total >= ", g_ascii_dtostr (total, sizeof total, filter->min_total), NULL);

    add_condition (q, condition);
  }
}

static void
add_order (Query *q, const GvLibraryFilter *filter)
{
  static const char *const columns[GV_LIBRARY_N_ORDERS] = {
    "time", "file COLLATE NOCASE", "stars", "seed", "total", "clip", "blip2", "lpips",
  };
  const char *way = filter->ascending ? "ASC" : "DESC";

  g_string_append_printf (q->sql, " ORDER BY %s %s%s", columns[filter->order], way,
                          filter->order >= GV_LIBRARY_BY_TOTAL ? " NULLS LAST" : "");
  if (filter->order == GV_LIBRARY_BY_STARS)
    g_string_append_printf (q->sql, ", time %s", way);
  g_string_append_printf (q->sql, ", id %s", way);
}

static int
on_progress (void *cancellable)
{
  return g_cancellable_is_cancelled (cancellable);
}

static GArray *
collect (GvCatalogue *self, const Query *q, GError **error)
{
  sqlite3 *db = gv_catalogue_get_db (self);
  g_autoptr (GArray) ids = g_array_new (FALSE, FALSE, sizeof (gint64));
  sqlite3_stmt *s = NULL;
  int code = sqlite3_prepare_v2 (db, q->sql->str, -1, &s, NULL);

  for (guint i = 0; code == SQLITE_OK && i < q->texts->len; i++)
    code = sqlite3_bind_text (s, (int) i + 1, q->texts->pdata[i], -1, SQLITE_STATIC);
  if (code == SQLITE_OK)
    while ((code = sqlite3_step (s)) == SQLITE_ROW) {
      gint64 id = sqlite3_column_int64 (s, 0);

      g_array_append_val (ids, id);
    }
  if (code != SQLITE_DONE)
    gv_catalogue_fail (self, error);
  sqlite3_finalize (s);
  return code == SQLITE_DONE ? g_steal_pointer (&ids) : NULL;
}

GArray *
gv_catalogue_query (GvCatalogue *self,
                    const GvLibraryFilter *filter,
                    GCancellable *cancellable,
                    GError **error)
{
  sqlite3 *db = gv_catalogue_get_db (self);
  g_autoptr (GString) sql = g_string_new ("SELECT id FROM picture");
  g_autoptr (GPtrArray) texts = g_ptr_array_new_with_free_func (g_free);
  Query q = { sql, texts, false };
  GArray *ids;

  if (g_cancellable_set_error_if_cancelled (cancellable, error))
    return NULL;
  add_conditions (&q, filter);
  add_order (&q, filter);
  sqlite3_progress_handler (db, OPS_BETWEEN_LOOKS, cancellable ? on_progress : NULL, cancellable);
  ids = collect (self, &q, error);
  sqlite3_progress_handler (db, 0, NULL, NULL);
  return ids;
}

GStrv
gv_catalogue_list_names (GvCatalogue *self, GvLibraryNames which)
{
  static const char *const queries[] = {
    "SELECT model FROM picture WHERE model != '' GROUP BY model ORDER BY count(*) DESC, model",
    "SELECT name FROM lora GROUP BY name ORDER BY count(*) DESC, name",
    "SELECT name FROM tag GROUP BY name ORDER BY count(*) DESC, name",
  };
  g_autoptr (GStrvBuilder) names = g_strv_builder_new ();
  sqlite3_stmt *s = NULL;
  int n = 0;

  if (sqlite3_prepare_v2 (gv_catalogue_get_db (self), queries[which], -1, &s, NULL) == SQLITE_OK)
    while (n++ < MAX_NAMES && sqlite3_step (s) == SQLITE_ROW)
      g_strv_builder_take (names,
                           g_utf8_make_valid ((const char *) sqlite3_column_text (s, 0), -1));
  sqlite3_finalize (s);
  return g_strv_builder_end (names);
}
