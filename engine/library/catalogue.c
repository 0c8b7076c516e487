// SPDX-FileCopyrightText: Giverny contributors
// SPDX-License-Identifier: GPL-3.0-or-later
/* Rows in and out of the gallery's database. */
#include "library/catalogue.h"

#include "base/errors.h"
#include "base/i18n.h"
#include "formats/file.h"

#include <math.h>
#include <sqlite3.h>
#include <string.h>

#define APPLICATION_ID 0x47764c31 /* “GvL1” */
#define BUSY_MS 5000
#define MAX_VALUE_BYTES (4 << 20)

/* Statements that are prepared once. */
enum {
  PUT,
  PUT_LORA,
  PUT_TAG,
  PUT_WORDS,
  REMOVE_LORAS,
  REMOVE_TAGS,
  REMOVE_WORDS,
  REMOVE,
  REMOVE_UNREADABLE,
  PUT_UNREADABLE,
  FIND,
  GET,
  GET_LORAS,
  N_STATEMENTS
};

static const char *const statements[N_STATEMENTS] = {
  [PUT] = "INSERT INTO picture (file, time, size, width, height, prompt, negative, model, sampler, "
          "schedule, steps, cfg, seed, stars, tags, clip, blip2, lpips, total) VALUES (?1, ?2, ?3, "
          "?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19) ON CONFLICT "
          "(file) DO UPDATE SET time = ?2, size = ?3, width = ?4, height = ?5, prompt = ?6, "
          "negative = ?7, model = ?8, sampler = ?9, schedule = ?10, steps = ?11, cfg = ?12, seed = "
          "?13, stars = ?14, tags = ?15, clip = ?16, blip2 = ?17, lpips = ?18, total = ?19 "
          "RETURNING id",
  [PUT_LORA] = "INSERT INTO lora (picture, name, strength) VALUES (?1, ?2, ?3)",
  [PUT_TAG] = "INSERT INTO tag (picture, name) VALUES (?1, ?2)",
  [PUT_WORDS] = "INSERT INTO words (rowid, prompt, negative, tags, file) VALUES (?1, ?2, ?3, ?4, "
                "?5)",
  [REMOVE_LORAS] = "DELETE FROM lora WHERE picture = ?1",
  [REMOVE_TAGS] = "DELETE FROM tag WHERE picture = ?1",
  [REMOVE_WORDS] = "DELETE FROM words WHERE rowid = ?1",
  [REMOVE] = "DELETE FROM picture WHERE id = ?1",
  [REMOVE_UNREADABLE] = "DELETE FROM unreadable WHERE file = ?1",
  [PUT_UNREADABLE] = "INSERT OR REPLACE INTO unreadable (file, time, size) VALUES (?1, ?2, ?3)",
  [FIND] = "SELECT id FROM picture WHERE file = ?1",
  [GET] = "SELECT file, time, size, width, height, prompt, negative, model, sampler, schedule, "
          "steps, cfg, seed, stars, tags, clip, blip2, lpips, total FROM picture WHERE id = ?1",
  [GET_LORAS] = "SELECT name, strength FROM lora WHERE picture = ?1 ORDER BY rowid",
};

/*
 * What brings a database from each version to the next.  The words of pictures are an index without
 * a copy of its text; Hangul is found by the beginnings of words, since endings follow them.
 */
static const char *const migrations[] = {
  "CREATE TABLE picture (id INTEGER PRIMARY KEY, file TEXT NOT NULL UNIQUE, time INTEGER NOT NULL, "
  "size INTEGER NOT NULL, width INTEGER NOT NULL, height INTEGER NOT NULL, prompt TEXT NOT NULL, "
  "negative TEXT NOT NULL, model TEXT NOT NULL, sampler TEXT NOT NULL, schedule TEXT NOT NULL, "
  "steps INTEGER NOT NULL, cfg REAL, seed INTEGER NOT NULL, stars INTEGER NOT NULL CHECK (stars "
  "BETWEEN 0 AND 5), tags TEXT NOT NULL, clip REAL, blip2 REAL, lpips REAL, total REAL) STRICT;"
  "CREATE INDEX picture_time ON picture (time);"
  "CREATE INDEX picture_model ON picture (model, time);"
  "CREATE INDEX picture_stars ON picture (stars, time);"
  "CREATE INDEX picture_seed ON picture (seed);"
  "CREATE INDEX picture_total ON picture (total) WHERE total IS NOT NULL;"
  "CREATE TABLE lora (picture INTEGER NOT NULL, name TEXT NOT NULL, strength REAL NOT NULL) STRICT;"
  "CREATE INDEX lora_picture ON lora (picture);"
  "CREATE INDEX lora_name ON lora (name, picture);"
  "CREATE TABLE tag (picture INTEGER NOT NULL, name TEXT NOT NULL, PRIMARY KEY (picture, name)) "
  "STRICT, WITHOUT ROWID;"
  "CREATE INDEX tag_name ON tag (name, picture);"
  "CREATE TABLE unreadable (file TEXT PRIMARY KEY, time INTEGER NOT NULL, size INTEGER NOT NULL) "
  "STRICT;"
  "CREATE VIRTUAL TABLE words USING fts5 (prompt, negative, tags, file, content='', "
  "contentless_delete=1, prefix='1 2 3', tokenize='unicode61 remove_diacritics 2')",
};
#define VERSION ((int) G_N_ELEMENTS (migrations))

struct _GvCatalogue
{
  sqlite3 *db;
  char *shown; /* the file's name for errors */
  bool read_only;
  sqlite3_stmt *statements[N_STATEMENTS];
};

sqlite3 *
gv_catalogue_get_db (GvCatalogue *self)
{
  return self->db;
}

bool
gv_catalogue_fail (GvCatalogue *self, GError **error)
{
  int code = sqlite3_errcode (self->db) & 0xff;

  if (code == SQLITE_INTERRUPT) {
    g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_CANCELLED, _("Cancelled"));
    return false;
  }
  g_set_error (error, GV_LIBRARY_ERROR,
               code == SQLITE_CORRUPT || code == SQLITE_NOTADB ? GV_LIBRARY_ERROR_CORRUPT
               : code == SQLITE_READONLY                       ? GV_LIBRARY_ERROR_READ_ONLY
                                                               : GV_LIBRARY_ERROR_FAILED,
               _("The gallery's database %s: %s"), self->shown, sqlite3_errmsg (self->db));
  return false;
}

static bool
run (GvCatalogue *self, const char *sql, GError **error)
{
  return sqlite3_exec (self->db, sql, NULL, NULL, NULL) == SQLITE_OK ||
         gv_catalogue_fail (self, error);
}

/* One whole number from a statement. */
static bool
ask (GvCatalogue *self, const char *sql, gint64 *value, GError **error)
{
  sqlite3_stmt *statement = NULL;
  bool ok = sqlite3_prepare_v2 (self->db, sql, -1, &statement, NULL) == SQLITE_OK &&
            sqlite3_step (statement) == SQLITE_ROW;

  if (ok)
    *value = sqlite3_column_int64 (statement, 0);
  else
    gv_catalogue_fail (self, error);
  sqlite3_finalize (statement);
  return ok;
}

/* A file from outside may hold views and triggers that do what they like. */
static void
distrust (GvCatalogue *self)
{
  sqlite3_db_config (self->db, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
  sqlite3_db_config (self->db, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, NULL);
  sqlite3_db_config (self->db, SQLITE_DBCONFIG_ENABLE_TRIGGER, 0, NULL);
  sqlite3_db_config (self->db, SQLITE_DBCONFIG_ENABLE_VIEW, 0, NULL);
  sqlite3_limit (self->db, SQLITE_LIMIT_LENGTH, MAX_VALUE_BYTES);
  sqlite3_limit (self->db, SQLITE_LIMIT_ATTACHED, 0);
  sqlite3_busy_timeout (self->db, BUSY_MS);
}

static bool
migrate (GvCatalogue *self, gint64 version, GError **error)
{
  g_autofree char *mark = g_strdup_printf ("PRAGMA application_id = %d; PRAGMA user_version = %d",
                                           APPLICATION_ID, VERSION);

  if (!run (self, "BEGIN IMMEDIATE", error))
    return false;
  for (; version < VERSION; version++)
    if (!run (self, migrations[version], error)) {
      gv_catalogue_rollback (self);
      return false;
    }
  if (run (self, mark, error) && gv_catalogue_commit (self, error))
    return true;
  gv_catalogue_rollback (self);
  return false;
}

static bool
fail_corrupt (GvCatalogue *self, GError **error)
{
  g_set_error (error, GV_LIBRARY_ERROR, GV_LIBRARY_ERROR_CORRUPT,
               _("The gallery's database %s: this is none of Giverny's"), self->shown);
  return false;
}

static bool
check_version (GvCatalogue *self, GvCatalogueMode mode, GError **error)
{
  gint64 id, version, n_tables;

  if (!ask (self, "PRAGMA application_id", &id, error) ||
      !ask (self, "PRAGMA user_version", &version, error) ||
      !ask (self, "SELECT count(*) FROM sqlite_schema", &n_tables, error))
    return false;
  if (version < 0 || (id != APPLICATION_ID && n_tables > 0))
    return fail_corrupt (self, error);
  if (version > VERSION)
    self->read_only = true;
  if (version >= VERSION)
    return true;
  return mode == GV_CATALOGUE_WRITE ? migrate (self, version, error) : fail_corrupt (self, error);
}

static bool
set_up (GvCatalogue *self, GvCatalogueMode mode, GError **error)
{
  distrust (self);
  self->read_only = mode == GV_CATALOGUE_READ;
  return (mode == GV_CATALOGUE_READ ||
          run (self, "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL", error)) &&
         run (self, "PRAGMA cell_size_check = ON", error) && check_version (self, mode, error);
}

static bool
prepare (GvCatalogue *self, GError **error)
{
  for (int i = 0; i < N_STATEMENTS; i++)
    if (sqlite3_prepare_v3 (self->db, statements[i], -1, SQLITE_PREPARE_PERSISTENT,
                            &self->statements[i], NULL) != SQLITE_OK)
      return fail_corrupt (self, error); /* a table or a column is missing */
  return true;
}

GvCatalogue *
gv_catalogue_open (const char *path, GvCatalogueMode mode, GError **error)
{
  g_autoptr (GvCatalogue) self = g_new0 (GvCatalogue, 1);
  int flags = mode == GV_CATALOGUE_WRITE ? SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE
                                         : SQLITE_OPEN_READWRITE;

  self->shown = gv_dup_shown (path);
  if (sqlite3_open_v2 (path, &self->db, flags | SQLITE_OPEN_NOMUTEX, NULL) != SQLITE_OK) {
    gv_catalogue_fail (self, error);
    return NULL;
  }
  if (!set_up (self, mode, error) || !prepare (self, error))
    return NULL;
  if (self->read_only && !run (self, "PRAGMA query_only = ON", error))
    return NULL;
  return g_steal_pointer (&self);
}

void
gv_catalogue_free (GvCatalogue *self)
{
  for (int i = 0; i < N_STATEMENTS; i++)
    sqlite3_finalize (self->statements[i]);
  sqlite3_close (self->db);
  g_free (self->shown);
  g_free (self);
}

bool
gv_catalogue_is_read_only (GvCatalogue *self)
{
  return self->read_only;
}

bool
gv_catalogue_begin (GvCatalogue *self, GError **error)
{
  return run (self, "BEGIN IMMEDIATE", error);
}

bool
gv_catalogue_commit (GvCatalogue *self, GError **error)
{
  return run (self, "COMMIT", error);
}

void
gv_catalogue_rollback (GvCatalogue *self)
{
  if (!sqlite3_get_autocommit (self->db))
    sqlite3_exec (self->db, "ROLLBACK", NULL, NULL, NULL);
}

/* Statements */

static sqlite3_stmt *
statement_for (GvCatalogue *self, int which)
{
  sqlite3_reset (self->statements[which]);
  sqlite3_clear_bindings (self->statements[which]);
  return self->statements[which];
}

static void
bind_text (sqlite3_stmt *statement, int at, const char *text)
{
  sqlite3_bind_text (statement, at, text, -1, SQLITE_STATIC);
}

/* Composed, so that a word typed with one keyboard finds one typed with another. */
static void
bind_words (sqlite3_stmt *statement, int at, const char *text)
{
  char *normal = g_utf8_normalize (text, -1, G_NORMALIZE_NFKC);

  sqlite3_bind_text (statement, at, normal ? normal : g_strdup (""), -1, g_free);
}

static void
bind_real (sqlite3_stmt *statement, int at, double value)
{
  if (isfinite (value))
    sqlite3_bind_double (statement, at, value);
}

/* To its end, whatever rows it gives; frees it from what was bound. */
static bool
finish (GvCatalogue *self, sqlite3_stmt *statement, GError **error)
{
  int code;

  while ((code = sqlite3_step (statement)) == SQLITE_ROW)
    ;
  if (code != SQLITE_DONE)
    gv_catalogue_fail (self, error);
  sqlite3_reset (statement);
  sqlite3_clear_bindings (statement);
  return code == SQLITE_DONE;
}

static bool
run_for (GvCatalogue *self, int which, gint64 id, GError **error)
{
  sqlite3_stmt *statement = statement_for (self, which);

  sqlite3_bind_int64 (statement, 1, id);
  return finish (self, statement, error);
}

/* Seeds have 64 bits without a sign, SQLite's numbers have one; so that they sort all the same. */
static gint64
seed_to_row (guint64 seed)
{
  return (gint64) (seed ^ ((guint64) 1 << 63));
}

static guint64
seed_from_row (gint64 value)
{
  return (guint64) value ^ ((guint64) 1 << 63);
}

static char *
join_tags (const GvMarks *marks)
{
  GString *out = g_string_new (NULL);

  for (guint i = 0; i < marks->tags->len; i++)
    g_string_append_printf (out, "%s%s", i > 0 ? "\n" : "", (char *) marks->tags->pdata[i]);
  return g_string_free_and_steal (out);
}

static bool
put_row (GvCatalogue *self, const GvEntry *e, const char *tags, gint64 *id, GError **error)
{
  sqlite3_stmt *s = statement_for (self, PUT);

  bind_text (s, 1, e->file);
  sqlite3_bind_int64 (s, 2, e->time_us);
  sqlite3_bind_int64 (s, 3, e->size);
  sqlite3_bind_int (s, 4, e->width);
  sqlite3_bind_int (s, 5, e->height);
  bind_text (s, 6, e->prompt);
  bind_text (s, 7, e->negative);
  bind_text (s, 8, e->model);
  bind_text (s, 9, e->sampler);
  bind_text (s, 10, e->schedule);
  sqlite3_bind_int (s, 11, e->steps);
  bind_real (s, 12, e->cfg);
  sqlite3_bind_int64 (s, 13, seed_to_row (e->seed));
  sqlite3_bind_int (s, 14, e->marks.stars);
  bind_text (s, 15, tags);
  for (int i = 0; i < GV_MARK_N_SCORES; i++)
    bind_real (s, 16 + i, e->marks.scores[i]);
  if (sqlite3_step (s) != SQLITE_ROW) {
    gv_catalogue_fail (self, error);
    sqlite3_reset (s);
    return false;
  }
  *id = sqlite3_column_int64 (s, 0);
  return finish (self, s, error);
}

static bool
put_words (GvCatalogue *self, const GvEntry *e, const char *tags, gint64 id, GError **error)
{
  sqlite3_stmt *s = statement_for (self, PUT_WORDS);

  sqlite3_bind_int64 (s, 1, id);
  bind_words (s, 2, e->prompt);
  bind_words (s, 3, e->negative);
  bind_words (s, 4, tags);
  bind_words (s, 5, e->file);
  return finish (self, s, error);
}

static bool
put_lists (GvCatalogue *self, const GvEntry *e, gint64 id, GError **error)
{
  for (guint i = 0; i < e->loras->len; i++) {
    const GvEntryLora *lora = e->loras->pdata[i];
    sqlite3_stmt *s = statement_for (self, PUT_LORA);

    sqlite3_bind_int64 (s, 1, id);
    bind_text (s, 2, lora->name);
    sqlite3_bind_double (s, 3, lora->strength);
    if (!finish (self, s, error))
      return false;
  }
  for (guint i = 0; i < e->marks.tags->len; i++) {
    sqlite3_stmt *s = statement_for (self, PUT_TAG);

    sqlite3_bind_int64 (s, 1, id);
    bind_text (s, 2, e->marks.tags->pdata[i]);
    if (!finish (self, s, error))
      return false;
  }
  return true;
}

static bool
remove_lists (GvCatalogue *self, gint64 id, GError **error)
{
  return run_for (self, REMOVE_LORAS, id, error) && run_for (self, REMOVE_TAGS, id, error) &&
         run_for (self, REMOVE_WORDS, id, error);
}

static bool
remove_unreadable (GvCatalogue *self, const char *file, GError **error)
{
  sqlite3_stmt *s = statement_for (self, REMOVE_UNREADABLE);

  bind_text (s, 1, file);
  return finish (self, s, error);
}

/*
 * A row with all that hangs on it: in the caller's transaction where there is one, else in its own.
 * A commit that fails leaves its transaction open, in which later rows would seem to be safe.
 */
static bool
begin_row (GvCatalogue *self, bool *own, GError **error)
{
  *own = sqlite3_get_autocommit (self->db);
  return run (self, *own ? "BEGIN IMMEDIATE" : "SAVEPOINT row", error);
}

static bool
end_row (GvCatalogue *self, bool own, bool ok, GError **error)
{
  if (ok && run (self, own ? "COMMIT" : "RELEASE row", error))
    return true;
  if (own)
    gv_catalogue_rollback (self);
  else if (!sqlite3_get_autocommit (self->db))
    sqlite3_exec (self->db, "ROLLBACK TO row; RELEASE row", NULL, NULL, NULL);
  return false;
}

bool
gv_catalogue_put (GvCatalogue *self, const GvEntry *entry, gint64 *id, GError **error)
{
  g_autofree char *tags = join_tags (&entry->marks);
  bool own;

  if (!begin_row (self, &own, error))
    return false;
  return end_row (self, own,
                  put_row (self, entry, tags, id, error) && remove_lists (self, *id, error) &&
                      put_words (self, entry, tags, *id, error) &&
                      put_lists (self, entry, *id, error) &&
                      remove_unreadable (self, entry->file, error),
                  error);
}

bool
gv_catalogue_remove (GvCatalogue *self, const char *file, GError **error)
{
  gint64 id = gv_catalogue_find (self, file);
  bool own;

  if (!begin_row (self, &own, error))
    return false;
  return end_row (self, own,
                  remove_unreadable (self, file, error) &&
                      (id == 0 ||
                       (remove_lists (self, id, error) && run_for (self, REMOVE, id, error))),
                  error);
}

bool
gv_catalogue_clear (GvCatalogue *self, GError **error)
{
  return run (self,
              "DELETE FROM lora; DELETE FROM tag; DELETE FROM unreadable; DELETE FROM picture;"
              "INSERT INTO words (words) VALUES ('delete-all')",
              error);
}

bool
gv_catalogue_put_unreadable (GvCatalogue *self,
                             const char *file,
                             gint64 time_us,
                             gint64 size,
                             GError **error)
{
  sqlite3_stmt *s;

  if (!gv_catalogue_remove (self, file, error))
    return false;
  s = statement_for (self, PUT_UNREADABLE);
  bind_text (s, 1, file);
  sqlite3_bind_int64 (s, 2, time_us);
  sqlite3_bind_int64 (s, 3, size);
  return finish (self, s, error);
}

/* Reading */

/* Text from a file that anybody may have written. */
static char *
column_text (sqlite3_stmt *statement, int column)
{
  const char *text = (const char *) sqlite3_column_text (statement, column);

  return text ? g_utf8_make_valid (text, -1) : g_strdup ("");
}

static void
take_text (sqlite3_stmt *statement, int column, char **field)
{
  g_free (*field);
  *field = column_text (statement, column);
}

static double
column_real (sqlite3_stmt *statement, int column)
{
  return sqlite3_column_type (statement, column) == SQLITE_NULL
             ? NAN
             : sqlite3_column_double (statement, column);
}

static void
read_row (sqlite3_stmt *s, GvEntry *e)
{
  g_autofree char *tags = column_text (s, 14);
  g_auto (GStrv) list = g_strsplit (tags, "\n", GV_MARKS_MAX_TAGS + 1);

  take_text (s, 0, &e->file);
  e->time_us = sqlite3_column_int64 (s, 1);
  e->size = sqlite3_column_int64 (s, 2);
  e->width = sqlite3_column_int (s, 3);
  e->height = sqlite3_column_int (s, 4);
  take_text (s, 5, &e->prompt);
  take_text (s, 6, &e->negative);
  take_text (s, 7, &e->model);
  take_text (s, 8, &e->sampler);
  take_text (s, 9, &e->schedule);
  e->steps = sqlite3_column_int (s, 10);
  e->cfg = column_real (s, 11);
  e->seed = seed_from_row (sqlite3_column_int64 (s, 12));
  e->marks.stars = CLAMP (sqlite3_column_int (s, 13), 0, GV_MARKS_MAX_STARS);
  for (char **tag = list; *tag; tag++)
    gv_marks_add_tag (&e->marks, *tag);
  for (int i = 0; i < GV_MARK_N_SCORES; i++)
    e->marks.scores[i] = column_real (s, 15 + i);
}

static bool
read_loras (GvCatalogue *self, GvEntry *e, gint64 id, GError **error)
{
  sqlite3_stmt *s = statement_for (self, GET_LORAS);

  sqlite3_bind_int64 (s, 1, id);
  while (sqlite3_step (s) == SQLITE_ROW) {
    g_autofree char *name = column_text (s, 0);

    gv_entry_add_lora (e, name, sqlite3_column_double (s, 1));
  }
  return sqlite3_reset (s) == SQLITE_OK || gv_catalogue_fail (self, error);
}

GvEntry *
gv_catalogue_get (GvCatalogue *self, gint64 id, GError **error)
{
  g_autoptr (GvEntry) entry = gv_entry_new ();
  sqlite3_stmt *s = statement_for (self, GET);
  int code;

  sqlite3_bind_int64 (s, 1, id);
  code = sqlite3_step (s);
  if (code == SQLITE_ROW)
    read_row (s, entry);
  else if (code != SQLITE_DONE)
    gv_catalogue_fail (self, error);
  sqlite3_reset (s);
  /* A name with a path in it would lead out of the folder. */
  if (code != SQLITE_ROW || !gv_entry_is_name (entry->file) || !read_loras (self, entry, id, error))
    return NULL;
  return g_steal_pointer (&entry);
}

gint64
gv_catalogue_find (GvCatalogue *self, const char *file)
{
  sqlite3_stmt *s = statement_for (self, FIND);
  gint64 id = 0;

  bind_text (s, 1, file);
  if (sqlite3_step (s) == SQLITE_ROW)
    id = sqlite3_column_int64 (s, 0);
  sqlite3_reset (s);
  return id;
}

guint
gv_catalogue_count (GvCatalogue *self)
{
  gint64 n = 0;

  ask (self, "SELECT count(*) FROM picture", &n, NULL);
  return (guint) CLAMP (n, 0, G_MAXINT);
}

bool
gv_catalogue_has_scores (GvCatalogue *self)
{
  gint64 n = 0;

  ask (self, "SELECT EXISTS (SELECT 1 FROM picture WHERE total IS NOT NULL)", &n, NULL);
  return n != 0;
}

GHashTable *
gv_catalogue_list_files (GvCatalogue *self, GError **error)
{
  g_autoptr (GHashTable) files = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  sqlite3_stmt *s = NULL;
  int code = sqlite3_prepare_v2 (self->db,
                                 "SELECT file, time, size, 0 FROM picture UNION ALL SELECT file, "
                                 "time, size, 1 FROM unreadable",
                                 -1, &s, NULL);

  while (code == SQLITE_OK && (code = sqlite3_step (s)) == SQLITE_ROW) {
    GvCatalogueFile *file = g_new (GvCatalogueFile, 1);

    *file = (GvCatalogueFile) { sqlite3_column_int64 (s, 1), sqlite3_column_int64 (s, 2),
                                sqlite3_column_int (s, 3) };
    g_hash_table_insert (files, column_text (s, 0), file);
    code = SQLITE_OK;
  }
  if (code != SQLITE_DONE)
    gv_catalogue_fail (self, error);
  sqlite3_finalize (s);
  return code == SQLITE_DONE ? g_steal_pointer (&files) : NULL;
}

/* SQLite gives a row "ok", or its first complaint. */
static bool
check_integrity (GvCatalogue *self, GError **error)
{
  sqlite3_stmt *s = NULL;
  bool ok = false;

  if (sqlite3_prepare_v2 (self->db, "PRAGMA integrity_check (1)", -1, &s, NULL) == SQLITE_OK &&
      sqlite3_step (s) == SQLITE_ROW) {
    g_autofree char *words = column_text (s, 0);

    ok = strcmp (words, "ok") == 0;
    if (!ok)
      g_set_error (error, GV_LIBRARY_ERROR, GV_LIBRARY_ERROR_CORRUPT,
                   _("The gallery's database %s: %s"), self->shown,
                     g_strdelimit (words, "\n", ' '));
  } else
    gv_catalogue_fail (self, error);
  sqlite3_finalize (s);
  return ok;
}

bool
gv_catalogue_check (GvCatalogue *self, GError **error)
{
  gint64 n_orphans = 0;

  if (!check_integrity (self, error) ||
      !ask (self,
            "SELECT (SELECT count(*) FROM words WHERE rowid NOT IN (SELECT id FROM picture)) + "
            "(SELECT count(*) FROM picture WHERE id NOT IN (SELECT rowid FROM words)) + "
            "(SELECT count(*) FROM lora WHERE picture NOT IN (SELECT id FROM picture)) + "
            "(SELECT count(*) FROM tag WHERE picture NOT IN (SELECT id FROM picture))",
            &n_orphans, error))
    return false;
  if (n_orphans == 0)
    return true;
  g_set_error (error, GV_LIBRARY_ERROR, GV_LIBRARY_ERROR_CORRUPT,
               _("The gallery's database %s: its tables don't fit each other"), self->shown);
  return false;
}
