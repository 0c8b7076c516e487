// SPDX-FileCopyrightText: Giverny contributors
// SPDX-License-Identifier: GPL-3.0-or-later
/* The list of prompts, hostile like every file; the state of a run; the finals. */
#include "evaluate-files.h"

#include "formats/atomic-file.h"
#include "formats/file.h"
#include "formats/json.h"

#include <errno.h>
#include <glib/gstdio.h>
#include <math.h>
#include <string.h>
#include <sys/stat.h>

#define MAX_LIST ((size_t) 64 << 20)
#define MAX_ENTRIES 1000000
#define MAX_COPY ((size_t) 512 << 20)

void
gv_evaluate_entry_free (GvEvaluateEntry *self)
{
  g_free (self->file);
  g_free (self->prompt);
  g_free (self->reference);
  g_free (self->path);
  g_free (self->reference_path);
  g_free (self);
}

/* Errors that name file and line. */
static bool
fail (const char *name, int line, const char *sentence, GError **error)
{
  g_autofree char *shown = gv_dup_shown (name);

  g_set_error (error, GV_FORMAT_ERROR, GV_FORMAT_ERROR_INVALID,
               _ ("%s: line %d: %s"), shown, line, sentence);
  return false;
}

/* Paths that are not absolute are those of the folder. */
static char *
resolve (const char *folder, const char *file)
{
  return g_path_is_absolute (file) ? g_strdup (file) : g_build_filename (folder, file, NULL);
}

static bool
add_entry (GPtrArray *entries,
           const char *name,
           int line,
           const char *folder,
           const char *file,
           const char *prompt,
           const char *reference,
           GError **error)
{
  GvEvaluateEntry *e;

  if (!file || !*file)
    return fail (name, line, _ ("“file” is missing"), error);
  if (!prompt)
    return fail (name, line, _ ("“prompt” is missing"), error);
  if (entries->len >= MAX_ENTRIES)
    return fail (name, line, _ ("there are more than 1000000 entries"), error);
  if (!gv_recipe_check_prompt ("prompt", prompt, NULL))
    return fail (name, line, _ ("the prompt is too long, or not UTF-8"), error);
  e = g_new0 (GvEvaluateEntry, 1);
  e->file = g_strdup (file);
  e->prompt = g_strdup (prompt);
  e->path = resolve (folder, file);
  if (reference && *reference) {
    e->reference = g_strdup (reference);
    e->reference_path = resolve (folder, reference);
  }
  g_ptr_array_add (entries, e);
  return true;
}

/* CSV: fields may stand in quotes, inside of which a quote is doubled (RFC 4180). */

typedef struct
{
  const char *at, *end;
  int line;
} Reader;

/* The next field; *last tells whether a line ends behind it.  NULL for a quote that is never
 * closed. */
static char *
read_field (Reader *r, bool *last)
{
  GString *out = g_string_new (NULL);
  bool quoted = r->at < r->end && *r->at == '"';

  if (quoted)
    r->at++;
  for (; r->at < r->end; r->at++) {
    if (quoted && *r->at == '"') {
      if (r->at + 1 < r->end && r->at[1] == '"')
        r->at++;
      else {
        quoted = false;
        continue;
      }
    } else if (!quoted && (*r->at == ',' || *r->at == '\n'))
      break;
    else if (!quoted && *r->at == '\r' && (r->at + 1 == r->end || r->at[1] == '\n'))
      continue;
    if (*r->at == '\n')
      r->line++;
    g_string_append_c (out, *r->at);
  }
  *last = r->at >= r->end || *r->at == '\n';
  if (r->at < r->end)
    r->at++;
  return g_string_free (out, quoted);
}

/* A line's fields.  NULL for a quote that is never closed. */
static GPtrArray *
read_line (Reader *r)
{
  g_autoptr (GPtrArray) fields = g_ptr_array_new_with_free_func (g_free);
  bool last = false;

  while (!last) {
    char *field = read_field (r, &last);

    if (!field)
      return NULL;
    g_ptr_array_add (fields, field);
  }
  return g_steal_pointer (&fields);
}

static const char *
get_field (GPtrArray *fields, int column)
{
  return column >= 0 && column < (int) fields->len ? fields->pdata[column] : NULL;
}

static int
find_column (GPtrArray *header, const char *name)
{
  for (guint i = 0; i < header->len; i++)
    if (strcmp (header->pdata[i], name) == 0)
      return (int) i;
  return -1;
}

static bool
parse_csv (GPtrArray *entries,
           const char *name,
           const char *text,
           size_t size,
           const char *folder,
           GError **error)
{
  Reader r = { text, text + size, 1 };
  g_autoptr (GPtrArray) header = read_line (&r);
  int file = header ? find_column (header, "file") : -1;
  int prompt = header ? find_column (header, "prompt") : -1;
  int reference = header ? find_column (header, "reference") : -1;

  if (file < 0 || prompt < 0)
    return fail (name, 1, _ ("the columns “file” and “prompt” are needed"), error);
  while (r.at < r.end) {
    int line = ++r.line;
    g_autoptr (GPtrArray) fields = read_line (&r);

    if (!fields)
      return fail (name, line, _ ("a quote is never closed"), error);
    if (fields->len == 1 && !*(const char *) fields->pdata[0])
      continue;
    if (!add_entry (entries, name, line, folder, get_field (fields, file),
                    get_field (fields, prompt), get_field (fields, reference), error))
      return false;
  }
  return true;
}

static bool
parse_json_line (GPtrArray *entries,
                 const char *name,
                 int line,
                 const char *text,
                 size_t size,
                 const char *folder,
                 GError **error)
{
  const char *file = NULL, *prompt = NULL, *reference = NULL;
  g_autoptr (GvJson) json = NULL;
  g_autoptr (GError) failure = NULL;
  GvJsonNode root;

  json = gv_json_new_from_bytes (name, text, size, GV_JSON_UNIQUE_KEYS, &failure);
  if (!json || !gv_json_root_object (json, &root, &failure) ||
      !gv_json_get_string (&root, "file", &file, &failure) ||
      !gv_json_get_string (&root, "prompt", &prompt, &failure) ||
      !gv_json_get_string (&root, "reference", &reference, &failure))
    return fail (name, line, failure->message, error);
  return add_entry (entries, name, line, folder, file, prompt, reference, error);
}

static bool
parse_json_lines (GPtrArray *entries,
                  const char *name,
                  const char *text,
                  size_t size,
                  const char *folder,
                  GError **error)
{
  const char *end = text + size;
  int line = 1;

  for (const char *at = text; at < end; line++) {
    const char *stop = memchr (at, '\n', (size_t) (end - at));
    size_t len = (size_t) ((stop ? stop : end) - at);

    if (strspn (at, " \t\r") < len &&
        !parse_json_line (entries, name, line, at, len, folder, error))
      return false;
    at += len + 1;
  }
  return true;
}

GPtrArray *
gv_evaluate_parse_list (const char *name,
                        const char *text,
                        size_t size,
                        const char *folder,
                        GError **error)
{
  g_autoptr (GPtrArray) entries =
      g_ptr_array_new_with_free_func ((GDestroyNotify) gv_evaluate_entry_free);
  size_t mark = size >= 3 && memcmp (text, "\xef\xbb\xbf", 3) == 0 ? 3 : 0; /* a byte order mark */
  bool ok;

  text += mark;
  size -= mark;
  if (memchr (text, 0, size))
    ok = fail (name, 1, _ ("has a NUL inside"), error);
  else if (text[strspn (text, " \t\r\n")] == '{')
    ok = parse_json_lines (entries, name, text, size, folder, error);
  else
    ok = parse_csv (entries, name, text, size, folder, error);
  if (ok && !entries->len)
    ok = fail (name, 1, _ ("there is no picture to score"), error);
  return ok ? g_steal_pointer (&entries) : NULL;
}

static bool
check_file (const char *path, GError **error)
{
  g_autofree char *shown = NULL;

  if (g_file_test (path, G_FILE_TEST_IS_REGULAR))
    return true;
  shown = gv_dup_shown (path);
  g_set_error (error, GV_FORMAT_ERROR, GV_FORMAT_ERROR_IO, _ ("%s: there is no such file"), shown);
  return false;
}

GPtrArray *
gv_evaluate_read_list (const char *folder, const char *path, GError **error)
{
  size_t size;
  g_autofree char *text = NULL, *shown = NULL;
  g_autoptr (GPtrArray) entries = NULL;

  if (!g_file_test (folder, G_FILE_TEST_IS_DIR)) {
    shown = gv_dup_shown (folder);
    g_set_error (error, GV_FORMAT_ERROR, GV_FORMAT_ERROR_IO, _ ("%s: is no folder"), shown);
    return NULL;
  }
  text = gv_read_small_file (path, MAX_LIST, &size, error);
  entries = text ? gv_evaluate_parse_list (path, text, size, folder, error) : NULL;
  for (guint i = 0; entries && i < entries->len; i++) {
    const GvEvaluateEntry *e = entries->pdata[i];

    if (!check_file (e->path, error) ||
        (e->reference_path && !check_file (e->reference_path, error)))
      return NULL;
  }
  return g_steal_pointer (&entries);
}

bool
gv_evaluate_make_folder (const char *path, GError **error)
{
  g_autofree char *shown = NULL;

  if (g_mkdir (path, 0777) == 0 || (errno == EEXIST && g_file_test (path, G_FILE_TEST_IS_DIR)))
    return true;
  shown = gv_dup_shown (path);
  g_set_error (error, GV_FORMAT_ERROR, GV_FORMAT_ERROR_IO, "--out: %s: %s", shown,
               g_strerror (errno));
  return false;
}

static bool
write_bytes (const char *path, const void *data, size_t size, GError **error)
{
  g_autoptr (GvAtomicFile) file = gv_atomic_file_new (path, error);

  return file && gv_atomic_file_write (file, data, size, error) &&
         gv_atomic_file_commit (file, error);
}

bool
gv_evaluate_write (const char *out, const char *name, const char *text, GError **error)
{
  g_autofree char *path = g_build_filename (out, name, NULL);

  return write_bytes (path, text, strlen (text), error);
}

/* State: a file of lines, each a tab-separated identity and the scores measured on it. */

#define STATE "scores.state"
#define N_VALUES 6

/* What a score depends on, beside the scorers: file contents by size and time, the prompt. */
static void
add_stamp (GString *out, const char *path)
{
  struct stat st;

  if (path && stat (path, &st) == 0)
    g_string_append_printf (out, "%s|%" G_GINT64_FORMAT "|%" G_GINT64_FORMAT ".%09ld\n", path,
                            (gint64) st.st_size, (gint64) st.st_mtim.tv_sec, st.st_mtim.tv_nsec);
}

static char *
identify (const GvEvaluateEntry *e)
{
  g_autoptr (GString) text = g_string_new (NULL);

  add_stamp (text, e->path);
  add_stamp (text, e->reference_path);
  g_string_append (text, e->prompt);
  return g_compute_checksum_for_string (G_CHECKSUM_SHA256, text->str, (gssize) text->len);
}

bool
gv_evaluate_save_state (const char *out,
                        GPtrArray *entries,
                        const GvScoreTable *table,
                        GError **error)
{
  g_autoptr (GString) text = g_string_new (NULL);

  for (int i = 0; i < table->n; i++) {
    const GvScoreRow *row = table->rows + i;
    const GvScores *s = &row->result.scores;
    g_autofree char *id = row->scored ? identify (entries->pdata[i]) : NULL;

    if (!id)
      continue;
    g_string_append_printf (text, "%s\t%.9g\t%.9g\t%.9g\t%.9g\t%.9g\t%.9g\t%s\t%s\t%s\n", id,
                            s->clip, s->clip_chunks_mean, s->clip_chunks_best, s->blip2,
                            s->blip2_itm, s->lpips,
                            row->result.clip_model ? row->result.clip_model : "",
                            row->result.blip2_model ? row->result.blip2_model : "",
                            row->result.lpips_model ? row->result.lpips_model : "");
  }
  return gv_evaluate_write (out, STATE, text->str, error);
}

/* The names that a run's numbers get; a line of other scorers is measured again. */
static bool
same_model (const char *found,
            const char *path,
            bool starter,
            const char *starter_name,
            double value)
{
  const char *wanted = starter ? starter_name : path;

  if (isnan (value))
    return !*found;
  return wanted && strcmp (found, wanted) == 0;
}

static bool
fill_row (GvScoreTable *table,
          int i,
          char **parts,
          const GvScoreSetup *setup,
          const GvEvaluateEntry *e)
{
  bool starter = gv_score_setup_is_starter (setup);
  double v[N_VALUES];
  GvScoreResult result = { .index = i, .starter = starter };

  for (int k = 0; k < N_VALUES; k++)
    v[k] = g_ascii_strtod (parts[1 + k], NULL);
  result.scores = (GvScores) { v[0], v[1], v[2], v[3], v[4], v[5] };
  if ((isnan (v[0]) && (starter || setup->clip)) || (isnan (v[3]) && (starter || setup->blip2)) ||
      (isnan (v[5]) && e->reference && (starter || setup->lpips)) ||
      !same_model (parts[7], setup->clip, starter, "giverny-starter-clip", v[0]) ||
      !same_model (parts[8], setup->blip2, starter, "giverny-starter-blip2", v[3]) ||
      !same_model (parts[9], setup->lpips, starter, "giverny-starter-lpips", v[5]))
    return false;
  result.clip_model = *parts[7] ? parts[7] : NULL;
  result.blip2_model = *parts[8] ? parts[8] : NULL;
  result.lpips_model = *parts[9] ? parts[9] : NULL;
  gv_score_judge (&setup->rules, &result.scores, &result.verdict);
  gv_score_table_set (table, &result);
  return true;
}

void
gv_evaluate_load_state (const char *out,
                        GPtrArray *entries,
                        const GvScoreSetup *setup,
                        GvScoreTable *table)
{
  g_autofree char *path = g_build_filename (out, STATE, NULL);
  g_autoptr (GHashTable) rows = g_hash_table_new (g_str_hash, g_str_equal);
  g_autoptr (GPtrArray) kept = g_ptr_array_new_with_free_func ((GDestroyNotify) g_strfreev);
  size_t size;
  g_autofree char *text = gv_read_small_file (path, MAX_LIST, &size, NULL);
  g_auto (GStrv) lines = g_strsplit (text ? text : "", "\n", 0);

  for (int i = 0; lines[i]; i++) {
    char **parts = g_strsplit (lines[i], "\t", 0);

    g_ptr_array_add (kept, parts);
    if (g_strv_length (parts) == 4 + N_VALUES && g_utf8_validate (lines[i], -1, NULL))
      g_hash_table_insert (rows, parts[0], parts);
  }
  for (guint i = 0; i < entries->len; i++) {
    g_autofree char *id = identify (entries->pdata[i]);
    char **parts = g_hash_table_lookup (rows, id);

    if (parts)
      fill_row (table, (int) i, parts, setup, entries->pdata[i]);
  }
}

/* Finals. */

/* Only what an earlier run put there. */
static void
remove_old_finals (const char *folder)
{
  g_autoptr (GDir) dir = g_dir_open (folder, 0, NULL);
  const char *name;

  while (dir && (name = g_dir_read_name (dir)))
    if (g_ascii_isdigit (name[0]) && g_ascii_isdigit (name[1]) && g_ascii_isdigit (name[2]) &&
        strchr (name, '-') && g_str_has_suffix (name, ".png")) {
      g_autofree char *path = g_build_filename (folder, name, NULL);

      g_unlink (path);
    }
}

static bool
copy (const char *from, const char *folder, int rank, GError **error)
{
  g_autofree char *base = g_path_get_basename (from), *name = NULL, *path = NULL, *bytes = NULL;
  size_t size;

  if (g_str_has_suffix (base, ".png"))
    base[strlen (base) - 4] = '\0';
  name = g_strdup_printf ("%03d-%s.png", rank, base);
  path = g_build_filename (folder, name, NULL);
  bytes = gv_read_small_file (from, MAX_COPY, &size, error);
  return bytes && write_bytes (path, bytes, size, error);
}

bool
gv_evaluate_copy_finals (const char *out,
                         GPtrArray *entries,
                         const GvScoreTable *table,
                         GError **error)
{
  g_autofree char *folder = g_build_filename (out, "finals", NULL);

  if (!gv_evaluate_make_folder (folder, error))
    return false;
  remove_old_finals (folder);
  for (int i = 0; i < table->n; i++)
    if (table->rows[i].final &&
        !copy (((GvEvaluateEntry *) entries->pdata[i])->path, folder, table->rows[i].rank, error))
      return false;
  return true;
}
