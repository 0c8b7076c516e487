// SPDX-FileCopyrightText: Giverny contributors
// SPDX-License-Identifier: GPL-3.0-or-later
/* The gallery from its maker's side: opening, finding, noting, deleting, rebuilding. */
#include "gv-library-model.h"

#include <errno.h>
#include <glib/gstdio.h>
#include <math.h>
#include <sqlite3.h>
#include <string.h>
#include <unistd.h>
#include <utime.h>

#include "base/errors.h"
#include "faults.h"
#include "library/folder.h"
#include "pictures.h"

static bool
prove (void)
{
  return g_getenv ("GV_PROVE") != NULL;
}

/* Waiting */

static void
on_done (GObject *object, GAsyncResult *result, gpointer data)
{
  *(GAsyncResult **) data = g_object_ref (result);
}

static GAsyncResult *
wait_for (GAsyncResult **result)
{
  while (!*result)
    g_main_context_iteration (NULL, TRUE);
  return g_steal_pointer (result);
}

static void
pass (void)
{
  while (g_main_context_iteration (NULL, FALSE))
    ;
}

static GvLibrary *
open_library (const char *folder)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *notice = NULL;
  GvLibrary *library = gv_library_open (folder, &notice, &error);

  g_assert_no_error (error);
  g_assert_null (notice);
  gv_library_finish_pending (library);
  pass ();
  return library;
}

static void
close_library (GvLibrary *library)
{
  gv_library_finish_pending (library);
  pass ();
  g_assert_finalize_object (library);
}

static gint64
add (GvLibrary *library, const char *path)
{
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;
  GAsyncResult *got = NULL;
  gint64 id;

  gv_library_add_async (library, path, NULL, on_done, &got);
  result = wait_for (&got);
  id = gv_library_add_finish (library, result, &error);
  g_assert_no_error (error);
  return id;
}

static GArray *
query (GvLibrary *library, const GvLibraryFilter *filter)
{
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;
  GAsyncResult *got = NULL;
  GArray *ids;

  gv_library_query_async (library, filter, NULL, on_done, &got);
  result = wait_for (&got);
  ids = gv_library_query_finish (library, result, &error);
  g_assert_no_error (error);
  return ids;
}

/* How many pictures the words find. */
static guint
count_words (GvLibrary *library, const char *text)
{
  g_autoptr (GvLibraryFilter) filter = gv_library_filter_new ();
  g_autoptr (GArray) ids = NULL;

  filter->text = g_strdup (text);
  ids = query (library, filter);
  return ids->len;
}

static GvLibraryItem *
load (GvLibrary *library, gint64 id)
{
  g_autoptr (GPtrArray) items = g_ptr_array_new ();
  g_autoptr (GError) error = NULL;

  gv_library_load (library, &id, 1, items, &error);
  g_assert_no_error (error);
  return items->pdata[0];
}

static void
set_stars (GvLibrary *library, gint64 id, int stars)
{
  gv_library_set_stars_async (library, &id, 1, stars, NULL, NULL);
}

/* Opening, adding, finding */

static void
test_add (void)
{
  char *folder = gv_pictures_folder ();
  GvLibrary *library = open_library (folder);
  g_autofree char *path = gv_pictures_write_nth (folder, 3);
  gint64 id = add (library, path);
  g_autoptr (GvLibraryItem) item = load (library, id);

  g_assert_cmpstr (gv_library_item_get_file (item), ==, "picture-0003.png");
  g_assert_cmpstr (gv_library_item_get_path (item), ==, path);
  g_assert_cmpstr (gv_library_item_get_prompt (item), ==, "a 낚싯배, lake, number3");
  g_assert_cmpstr (gv_library_item_get_model (item), ==, "starter");
  g_assert_cmpstr (gv_library_item_get_sampler (item), ==, "euler");
  g_assert_cmpuint (gv_library_item_get_seed (item), ==,
                    3 * G_GUINT64_CONSTANT (0x123456789abcdef));
  g_assert_cmpint (gv_library_item_get_width (item), ==, 8);
  g_assert_cmpint (gv_library_item_get_steps (item), ==, 4);
  g_assert_cmpfloat (gv_library_item_get_cfg (item), ==, 5);
  g_assert_cmpint (gv_library_item_get_stars (item), ==, 0);
  g_assert_true (isnan (gv_library_item_get_scores (item).total));
  g_assert_cmpint (add (library, path), ==, id); /* the same again is the same row */
  close_library (library);
  gv_pictures_remove_folder (folder);
}

static GvLibrary *
library_of (char **folder, guint n)
{
  *folder = gv_pictures_folder ();
  for (guint i = 0; i < n; i++) {
    g_autofree char *path = gv_pictures_write_nth (*folder, i);
    struct utimbuf times = { 1700000000 + (time_t) i, 1700000000 + (time_t) i };

    g_assert_no_errno (utime (path, &times));
  }
  return open_library (*folder);
}

static void
test_words (void)
{
  char *folder;
  GvLibrary *library = library_of (&folder, 50);

  g_assert_cmpuint (count_words (library, ""), ==, 50);
  g_assert_cmpuint (count_words (library, "   \t"), ==, 50);
  g_assert_cmpuint (count_words (library, "boat"), ==, 10);
  g_assert_cmpuint (count_words (library, "BOAT"), ==, 10);
  g_assert_cmpuint (count_words (library, "bo"), ==, 10);
  g_assert_cmpuint (count_words (library, "boat lake"), ==, 2);
  g_assert_cmpuint (count_words (library, "boat -lake"), ==, 8);
  g_assert_cmpuint (count_words (library, "-boat"), ==, 40);
  g_assert_cmpuint (count_words (library, "-boat -house"), ==, 30);
  g_assert_cmpuint (count_words (library, "\"water lily\""), ==, 10);
  g_assert_cmpuint (count_words (library, "\"lily water\""), ==, 0);
  g_assert_cmpuint (count_words (library, "바닷가"), ==, 10); /* an ending follows */
  g_assert_cmpuint (count_words (library, "낚싯배 바닷가"), ==, 2);
  g_assert_cmpuint (count_words (library, "\u1102\u1161\u11a9\u1109\u1175\u11ba"), ==, 10);
  g_assert_cmpuint (count_words (library, "number7"), ==, 1);
  g_assert_cmpuint (count_words (library, "night"), ==, 8);
  g_assert_cmpuint (count_words (library, "picture-0041"), ==, 1);
  close_library (library);
  gv_pictures_remove_folder (folder);
}

/* What FTS5's language would mean by it is only words to us. */
static void
test_odd_words (void)
{
  static const char *const texts[] = {
    "\"",
    "\"\"",
    "*",
    "-",
    "--",
    "( AND",
    "NEAR(a b)",
    "prompt:boat",
    "a\"b",
    "^boat",
    "{x} : y",
    "tag:",
    "tag:\"",
    "-tag:",
    "+",
    "OR",
    "NOT boat",
    "\\",
    "'; DROP TABLE picture; --",
    "\xff\xfe",
    "🎨",
    "a\nb",
    "boat\" OR \"house",
  };
  char *folder;
  GvLibrary *library = library_of (&folder, 10);
  g_autofree char *many = g_strnfill (5000, '-');
  g_autoptr (GString) words = g_string_new (NULL);

  for (gsize i = 0; i < G_N_ELEMENTS (texts); i++)
    g_assert_cmpuint (count_words (library, texts[i]), <=, 10);
  g_assert_cmpuint (count_words (library, many), ==, 10);
  for (int i = 0; i < 2000; i++)
    g_string_append (words, "-x ");
  g_assert_cmpuint (count_words (library, words->str), ==, 10);
  close_library (library);
  gv_pictures_remove_folder (folder);
}

static guint
count_filter (GvLibrary *library, const GvLibraryFilter *filter)
{
  g_autoptr (GArray) ids = query (library, filter);

  return ids->len;
}

static void
test_filters (void)
{
  char *folder;
  GvLibrary *library = library_of (&folder, 20);
  g_autoptr (GvLibraryFilter) filter = gv_library_filter_new ();
  g_autoptr (GArray) ids = query (library, filter);
  g_auto (GStrv) models = gv_library_list_names (library, GV_LIBRARY_MODELS);
  gint64 first = g_array_index (ids, gint64, 0);
  GvLibraryScores scores = { 0.4, 0.5, NAN, 0.75 };

  g_assert_cmpstr (models[0], ==, "starter");
  g_assert_cmpstr (models[1], ==, "monet-v2");
  g_assert_null (models[2]);
  g_assert_false (gv_library_filter_is_narrow (filter));
  g_set_str (&filter->model, "monet-v2");
  g_assert_true (gv_library_filter_is_narrow (filter));
  g_assert_cmpuint (count_filter (library, filter), ==, 5);
  g_set_str (&filter->model, NULL);

  filter->has_seeds = true;
  filter->min_seed = G_GUINT64_CONSTANT (0x123456789abcdef);
  filter->max_seed = G_GUINT64_CONSTANT (0x123456789abcdef) * 15; /* beyond 2^63 */
  g_assert_cmpuint (count_filter (library, filter), ==, 15);
  filter->has_seeds = false;

  filter->from_us = (gint64) 1700000005 * G_USEC_PER_SEC;
  filter->before_us = (gint64) 1700000007 * G_USEC_PER_SEC;
  g_assert_cmpuint (count_filter (library, filter), ==, 2);
  filter->from_us = filter->before_us = 0;

  g_assert_false (gv_library_has_scores (library));
  set_stars (library, first, 4);
  gv_library_add_tag_async (library, &first, 1, "  sea side ", NULL, NULL);
  gv_library_set_scores_async (library, first, &scores, NULL, NULL);
  gv_library_finish_pending (library);
  g_assert_true (gv_library_has_scores (library));
  filter->min_stars = 4;
  g_assert_cmpuint (count_filter (library, filter), ==, 1);
  filter->min_stars = 5;
  g_assert_cmpuint (count_filter (library, filter), ==, 0);
  filter->min_stars = 0;
  filter->min_total = 0.75;
  g_assert_cmpuint (count_filter (library, filter), ==, 1);
  filter->min_total = NAN;
  g_set_str (&filter->tag, "sea side");
  g_assert_cmpuint (count_filter (library, filter), ==, 1);
  g_assert_cmpuint (count_words (library, "tag:sea"), ==, 1);
  g_assert_cmpuint (count_words (library, "tag:boat"), ==, 0);
  close_library (library);
  gv_pictures_remove_folder (folder);
}

static void
check_order (GvLibrary *library, GvLibraryOrder order, bool ascending, const char *first_file)
{
  g_autoptr (GvLibraryFilter) filter = gv_library_filter_new ();
  g_autoptr (GArray) ids = NULL;
  g_autoptr (GvLibraryItem) item = NULL;

  filter->order = order;
  filter->ascending = ascending;
  ids = query (library, filter);
  g_assert_cmpuint (ids->len, ==, 20);
  item = load (library, g_array_index (ids, gint64, 0));
  g_assert_cmpstr (gv_library_item_get_file (item), ==, first_file);
}

static void
test_order (void)
{
  char *folder;
  GvLibrary *library = library_of (&folder, 20);
  g_autoptr (GvLibraryFilter) filter = gv_library_filter_new ();
  g_autoptr (GArray) ids = query (library, filter);
  GvLibraryScores good = { 0.4, 0.5, 0.1, 0.75 }, bad = { 0.1, 0.1, 0.9, 0.25 };

  /* Newest first, so the 5th and 6th are pictures 15 and 14. */
  gv_library_set_scores_async (library, g_array_index (ids, gint64, 4), &good, NULL, NULL);
  gv_library_set_scores_async (library, g_array_index (ids, gint64, 5), &bad, NULL, NULL);
  set_stars (library, g_array_index (ids, gint64, 6), 5);
  gv_library_finish_pending (library);
  check_order (library, GV_LIBRARY_BY_TIME, false, "picture-0019.png");
  check_order (library, GV_LIBRARY_BY_TIME, true, "picture-0000.png");
  check_order (library, GV_LIBRARY_BY_NAME, true, "picture-0000.png");
  check_order (library, GV_LIBRARY_BY_SEED, false, "picture-0019.png");
  check_order (library, GV_LIBRARY_BY_STARS, false, "picture-0013.png");
  check_order (library, GV_LIBRARY_BY_TOTAL, false, "picture-0015.png");
  check_order (library, GV_LIBRARY_BY_TOTAL, true, "picture-0014.png");
  check_order (library, GV_LIBRARY_BY_LPIPS, true, "picture-0015.png");
  close_library (library);
  gv_pictures_remove_folder (folder);
}

/* Rebuilding */

static GPtrArray *
all_rows (const char *folder)
{
  g_autofree char *path = gv_folder_database_path (folder);
  g_autoptr (GvCatalogue) catalogue = gv_catalogue_open (path, GV_CATALOGUE_READ, NULL);
  g_autoptr (GvLibraryFilter) filter = gv_library_filter_new ();
  g_autoptr (GArray) ids = NULL;
  GPtrArray *rows = g_ptr_array_new_with_free_func ((GDestroyNotify) gv_entry_free);

  g_assert_nonnull (catalogue);
  filter->order = GV_LIBRARY_BY_NAME;
  ids = gv_catalogue_query (catalogue, filter, NULL, NULL);
  for (guint i = 0; i < ids->len; i++)
    g_ptr_array_add (rows, gv_catalogue_get (catalogue, g_array_index (ids, gint64, i), NULL));
  return rows;
}

static void
assert_same_rows (GPtrArray *a, GPtrArray *b)
{
  g_assert_cmpuint (a->len, ==, b->len);
  for (guint i = 0; i < a->len; i++)
    g_assert_true (gv_entry_equal (a->pdata[i], b->pdata[i]));
}

/* Stars, tags and scores here and there. */
static void
mark_some (GvLibrary *library, GArray *ids)
{
  for (guint i = 0; i < ids->len; i += 97) {
    gint64 id = g_array_index (ids, gint64, i);
    GvLibraryScores scores = { 0.1 + i * 1e-4, NAN, 0.3, 1 / 3.0 };

    set_stars (library, id, 1 + (int) i % 5);
    gv_library_add_tag_async (library, &id, 1, i % 2 ? "하늘" : "sky", NULL, NULL);
    gv_library_add_tag_async (library, &id, 1, "final", NULL, NULL);
    gv_library_set_scores_async (library, id, &scores, NULL, NULL);
  }
}

static void
test_rebuild (void)
{
  char *folder;
  GvLibrary *library = library_of (&folder, prove () ? 10000 : 1000);
  g_autofree char *path = gv_folder_database_path (folder);
  g_autoptr (GvLibraryFilter) filter = gv_library_filter_new ();
  g_autoptr (GArray) ids = query (library, filter);
  g_autoptr (GPtrArray) original = NULL, again = NULL, anew = NULL;
  g_autoptr (GError) error = NULL;
  GvLibraryReport report;

  mark_some (library, ids);
  close_library (library);
  original = all_rows (folder);
  g_assert_cmpuint (original->len, ==, prove () ? 10000 : 1000);
  g_assert_true (gv_library_check_folder (folder, &report, &error));
  g_assert_no_error (error);

  g_assert_true (gv_library_rebuild_folder (folder, NULL, NULL, &report, &error));
  g_assert_no_error (error);
  g_assert_cmpuint (report.n_pictures, ==, original->len);
  again = all_rows (folder);
  assert_same_rows (original, again);

  g_assert_no_errno (g_unlink (path)); /* and where there is no database at all */
  g_assert_false (gv_library_check_folder (folder, &report, &error));
  g_assert_error (error, GV_LIBRARY_ERROR, GV_LIBRARY_ERROR_DIFFERENT);
  close_library (open_library (folder));
  anew = all_rows (folder);
  assert_same_rows (original, anew);
  gv_pictures_remove_folder (folder);
}

/* What others do to the folder is seen at the next start, and by "check". */
static void
test_refresh (void)
{
  char *folder;
  GvLibrary *library = library_of (&folder, 30);
  g_autofree char *gone = g_build_filename (folder, "picture-0001.png", NULL);
  g_autofree char *other = g_build_filename (folder, "picture-0002.png", NULL);
  g_autofree char *broken = g_build_filename (folder, "broken.png", NULL);
  g_autofree char *hidden = g_build_filename (folder, ".hidden.png", NULL);
  g_autofree char *link = g_build_filename (folder, "nowhere.png", NULL);
  g_autofree char *inner = g_build_filename (folder, "folder.png", NULL);
  g_autofree char *added = NULL, *copy = NULL;
  g_autoptr (GvRecipe) recipe = g_object_new (GV_TYPE_RECIPE, "prompt", "another", NULL);
  g_autoptr (GError) error = NULL;
  GvLibraryReport report;

  close_library (library);
  g_assert_no_errno (g_unlink (gone));
  copy = gv_pictures_write (folder, "picture-0002.png", recipe);
  added = gv_pictures_write_nth (folder, 77);
  g_assert_true (g_file_set_contents (broken, "\x89PNG\r\n", -1, NULL));
  g_assert_true (g_file_set_contents (hidden, "x", -1, NULL));
  g_assert_no_errno (symlink ("/nowhere", link));
  g_assert_no_errno (g_mkdir (inner, 0700));
  g_assert_false (gv_library_check_folder (folder, &report, &error));
  g_assert_error (error, GV_LIBRARY_ERROR, GV_LIBRARY_ERROR_DIFFERENT);
  g_assert_cmpuint (report.n_added, ==, 1);
  g_assert_cmpuint (report.n_changed, ==, 1);
  g_assert_cmpuint (report.n_removed, ==, 1);
  g_assert_cmpuint (report.n_unreadable, ==, 1);

  library = open_library (folder);
  g_assert_cmpuint (count_words (library, ""), ==, 30);
  g_assert_cmpuint (count_words (library, "another"), ==, 1);
  g_assert_cmpuint (count_words (library, "number77"), ==, 1);
  g_assert_cmpuint (count_words (library, "number1"), ==, 10); /* 10…19 */
  close_library (library);
  g_clear_error (&error);
  gv_library_check_folder (folder, &report, &error);
  g_assert_no_error (error);
  gv_pictures_remove_folder (folder);
}

/* Deleting */

static GvLibraryDeleted *
delete_pictures (GvLibrary *library, const gint64 *ids, gsize n_ids)
{
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;
  GAsyncResult *got = NULL;
  GvLibraryDeleted *deleted;

  gv_library_delete_async (library, ids, n_ids, on_done, &got);
  result = wait_for (&got);
  deleted = gv_library_delete_finish (library, result, &error);
  g_assert_no_error (error);
  return deleted;
}

static void
test_delete (void)
{
  char *folder;
  GvLibrary *library = library_of (&folder, 10);
  g_autofree char *path = g_build_filename (folder, "picture-0009.png", NULL);
  g_autofree char *trashed = g_build_filename (folder, ".giverny/trash/picture-0009.png", NULL);
  g_autoptr (GvLibraryFilter) filter = gv_library_filter_new ();
  g_autoptr (GArray) ids = query (library, filter);
  g_autoptr (GPtrArray) before = NULL, after = NULL;
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;
  GAsyncResult *got = NULL;
  GvLibraryDeleted *deleted;

  set_stars (library, g_array_index (ids, gint64, 0), 3);
  gv_library_finish_pending (library);
  before = all_rows (folder);
  deleted = delete_pictures (library, (gint64 *) ids->data, 4);
  g_assert_cmpuint (gv_library_deleted_get_n (deleted), ==, 4);
  g_assert_cmpuint (count_words (library, ""), ==, 6);
  g_assert_false (g_file_test (path, G_FILE_TEST_EXISTS));
  g_assert_true (g_file_test (trashed, G_FILE_TEST_EXISTS));

  gv_library_undelete_async (library, deleted, on_done, &got);
  result = wait_for (&got);
  g_assert_true (gv_library_change_finish (library, result, &error));
  g_clear_object (&result);
  after = all_rows (folder);
  assert_same_rows (before, after);

  g_array_unref (ids);
  ids = query (library, filter);
  gv_library_bury (library, delete_pictures (library, (gint64 *) ids->data, 4));
  gv_library_finish_pending (library);
  g_assert_cmpuint (count_words (library, ""), ==, 6);
  g_assert_false (g_file_test (path, G_FILE_TEST_EXISTS));
  g_assert_false (g_file_test (trashed, G_FILE_TEST_EXISTS)); /* the desktop has it now */
  close_library (library);
  gv_pictures_remove_folder (folder);
}

/* Somebody took the name meanwhile: both pictures stay. */
static void
test_undelete_beside (void)
{
  char *folder;
  GvLibrary *library = library_of (&folder, 1);
  g_autoptr (GvLibraryFilter) filter = gv_library_filter_new ();
  g_autoptr (GArray) ids = query (library, filter);
  GvLibraryDeleted *deleted = delete_pictures (library, (gint64 *) ids->data, 1);
  g_autofree char *path = gv_pictures_write_nth (folder, 0);
  g_autoptr (GAsyncResult) result = NULL;
  GAsyncResult *got = NULL;

  add (library, path);
  gv_library_undelete_async (library, deleted, on_done, &got);
  result = wait_for (&got);
  g_assert_true (gv_library_change_finish (library, result, NULL));
  g_clear_object (&result);
  g_assert_cmpuint (count_words (library, ""), ==, 2);
  close_library (library);
  gv_pictures_remove_folder (folder);
}

/* Bad ground */

static void
test_in_use (void)
{
  char *folder = gv_pictures_folder ();
  GvLibrary *library = open_library (folder);
  g_autoptr (GError) error = NULL;
  GvLibraryReport report;

  g_assert_null (gv_library_open (folder, NULL, &error));
  g_assert_error (error, GV_LIBRARY_ERROR, GV_LIBRARY_ERROR_IN_USE);
  g_clear_error (&error);
  g_assert_false (gv_library_rebuild_folder (folder, NULL, NULL, &report, &error));
  g_assert_error (error, GV_LIBRARY_ERROR, GV_LIBRARY_ERROR_IN_USE);
  g_clear_error (&error);
  g_assert_true (gv_library_check_folder (folder, &report, &error));
  close_library (library);
  close_library (open_library (folder));
  gv_pictures_remove_folder (folder);
}

static void
spoil (const char *path, gsize offset, const char *bytes, gsize n)
{
  g_autofree char *text = NULL;
  gsize size;

  g_assert_true (g_file_get_contents (path, &text, &size, NULL));
  g_assert_cmpuint (offset + n, <=, size);
  memcpy (text + offset, bytes, n);
  g_assert_true (g_file_set_contents (path, text, (gssize) size, NULL));
}

static void
write_sql (const char *path, const char *sql)
{
  sqlite3 *db = NULL;

  g_assert_cmpint (sqlite3_open (path, &db), ==, SQLITE_OK);
  g_assert_cmpint (sqlite3_exec (db, sql, NULL, NULL, NULL), ==, SQLITE_OK);
  g_assert_cmpint (sqlite3_close (db), ==, SQLITE_OK);
}

/* Whatever stands in the database's place: the gallery comes back from the pictures. */
static void
test_hostile_database (void)
{
  for (int kind = 0; kind < 6; kind++) {
    char *folder;
    GvLibrary *library = library_of (&folder, 5);
    g_autofree char *path = gv_folder_database_path (folder);
    g_autofree char *aside = g_strconcat (path, ".bad-1", NULL), *notice = NULL;
    g_autoptr (GError) error = NULL;

    close_library (library);
    if (kind == 0)
      g_assert_true (g_file_set_contents (path, "not a database, but long enough for one", -1,
                                          NULL));
    else if (kind == 1)
      spoil (path, 0, "XXXXXXXX", 8);
    else if (kind == 2)
      spoil (path, 100, "\xff\xff\xff\xff\xff\xff\xff\xff", 8); /* the schema's page */
    else if (kind == 3)
      write_sql (path, "DROP TABLE picture");
    else if (kind == 4)
      write_sql (path, "PRAGMA application_id = 7");
    else
      write_sql (path, "ALTER TABLE picture RENAME COLUMN prompt TO other");
    library = gv_library_open (folder, &notice, &error);
    g_assert_no_error (error);
    g_assert_nonnull (notice);
    g_assert_nonnull (strstr (notice, aside));
    gv_library_finish_pending (library);
    g_assert_cmpuint (count_words (library, ""), ==, 5);
    close_library (library);
    gv_pictures_remove_folder (folder);
  }
}

/* Rows that lead out of the folder, or are of another kind than they should be, are not followed.
 */
static void
test_hostile_rows (void)
{
  char *folder;
  GvLibrary *library = library_of (&folder, 5);
  g_autofree char *path = gv_folder_database_path (folder);
  g_autoptr (GvLibraryFilter) filter = gv_library_filter_new ();
  g_autoptr (GvCatalogue) catalogue = NULL;
  g_autoptr (GArray) ids = NULL;
  guint n_items = 0;

  close_library (library);
  write_sql (path,
             "UPDATE picture SET file = '../../etc/x.png' WHERE id = 1;"
             "UPDATE picture SET prompt = CAST (x'ff00ff' AS TEXT), width = -1 << 40, stars = "
             "5, tags = char (10, 10, 0, 10) WHERE id = 2;"
             "UPDATE picture SET file = '' WHERE id = 3");
  catalogue = gv_catalogue_open (path, GV_CATALOGUE_READ, NULL);
  ids = gv_catalogue_query (catalogue, filter, NULL, NULL);
  g_assert_cmpuint (ids->len, ==, 5);
  for (guint i = 0; i < ids->len; i++) {
    g_autoptr (GError) error = NULL;
    g_autoptr (GvEntry) entry =
        gv_catalogue_get (catalogue, g_array_index (ids, gint64, i), &error);

    g_assert_no_error (error);
    if (entry) {
      n_items++;
      g_assert_true (gv_entry_is_name (entry->file));
      g_assert_true (g_utf8_validate (entry->prompt, -1, NULL));
    }
  }
  g_assert_cmpuint (n_items, ==, 3);
  g_clear_pointer (&catalogue, gv_catalogue_free);
  library = open_library (folder); /* and the next look puts all right */
  g_assert_cmpuint (count_words (library, ""), ==, 5);
  close_library (library);
  gv_pictures_remove_folder (folder);
}

/* A later version's database is looked at and left as it is. */
static void
test_newer (void)
{
  char *folder;
  GvLibrary *library = library_of (&folder, 5);
  g_autofree char *path = gv_folder_database_path (folder), *notice = NULL, *added = NULL;
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;
  GAsyncResult *got = NULL;
  gint64 one = 1;

  close_library (library);
  write_sql (path, "PRAGMA user_version = 99; ALTER TABLE picture ADD COLUMN novel TEXT");
  added = gv_pictures_write_nth (folder, 50);
  library = gv_library_open (folder, &notice, &error);
  g_assert_no_error (error);
  g_assert_nonnull (notice);
  g_assert_true (gv_library_is_read_only (library));
  gv_library_finish_pending (library);
  g_assert_cmpuint (count_words (library, ""), ==, 5);
  gv_library_set_stars_async (library, &one, 1, 5, on_done, &got);
  result = wait_for (&got);
  g_assert_false (gv_library_change_finish (library, result, &error));
  g_assert_error (error, GV_LIBRARY_ERROR, GV_LIBRARY_ERROR_READ_ONLY);
  g_clear_object (&result);
  close_library (library);
  gv_pictures_remove_folder (folder);
}

static void
on_failed (GvLibrary *library, const GError *error, int *n)
{
  *n += 1;
}

/*
 * A disk that fails at any call while pictures are marked: each picture has its old or its new
 * stars, in its note as in its row, and the error is told.
 */
static void
test_faults (void)
{
  static const int numbers[] = { ENOSPC, EIO, EDQUOT };
  char *folder;
  GvLibrary *library = library_of (&folder, 3);
  g_autoptr (GvLibraryFilter) filter = gv_library_filter_new ();
  g_autoptr (GArray) ids = query (library, filter);
  int n_failed = 0, n_faults = 0;
  bool done = false;

  g_signal_connect (library, "failed", G_CALLBACK (on_failed), &n_failed);
  for (int call = 1; !done; call++) {
    int stars = 1 + call % 5;

    gv_faults_set (call, G_MAXINT, numbers[call % 3]);
    gv_library_set_stars_async (library, (gint64 *) ids->data, ids->len, stars, NULL, NULL);
    gv_library_finish_pending (library);
    done = gv_faults_get_calls () < call;
    n_faults += !done;
    gv_faults_clear ();
    pass ();
    g_assert_cmpint (n_failed, ==, n_faults);
    for (guint i = 0; i < ids->len; i++) {
      g_autoptr (GvLibraryItem) item = load (library, g_array_index (ids, gint64, i));
      GvMarks marks;
      g_autoptr (GError) error = NULL;

      gv_marks_init (&marks);
      gv_marks_load (&marks, folder, gv_library_item_get_file (item), &error);
      g_assert_no_error (error);
      if (done)
        g_assert_cmpint (gv_library_item_get_stars (item), ==, stars);
      if (done)
        g_assert_cmpint (marks.stars, ==, stars);
      gv_marks_clear (&marks);
    }
    g_assert_cmpint (call, <, 100);
  }
  g_assert_cmpint (n_faults, >, 5);
  close_library (library);
  gv_pictures_remove_folder (folder);
}

/* A picture is not said to be in the gallery while the disk refuses its row; afterwards it is
 * found. */
static void
test_add_faults (void)
{
  char *folder;
  GvLibrary *library = library_of (&folder, 1);
  bool done = false;

  for (int call = 1; !done; call++) {
    g_autofree char *path = gv_pictures_write_nth (folder, (guint) call);
    g_autoptr (GAsyncResult) result = NULL;
    g_autoptr (GError) error = NULL;
    GAsyncResult *got = NULL;
    gint64 id;

    gv_faults_set (call, G_MAXINT, call % 2 ? ENOSPC : EIO);
    gv_library_add_async (library, path, NULL, on_done, &got);
    gv_library_finish_pending (library);
    done = gv_faults_get_calls () < call;
    gv_faults_clear ();
    result = wait_for (&got);
    id = gv_library_add_finish (library, result, &error);
    g_assert_true ((id != 0) == (error == NULL));
    g_assert_true (done == (id != 0));
    if (!done) {
      g_assert_cmpint (error->domain, ==, GV_LIBRARY_ERROR);
      g_assert_cmpint (add (library, path), !=, 0);
    }
    g_assert_cmpuint (count_words (library, ""), ==, (guint) call + 1);
    g_assert_cmpint (call, <, 100);
  }
  close_library (library);
  gv_pictures_remove_folder (folder);
}

/* The list */

static guint
wait_until_loaded (GvLibraryModel *model)
{
  while (gv_library_model_is_loading (model))
    g_main_context_iteration (NULL, TRUE);
  return g_list_model_get_n_items (G_LIST_MODEL (model));
}

static void
on_items (GListModel *model, guint position, guint removed, guint added, GString *seen)
{
  g_string_append_printf (seen, "%u-%u+%u ", position, removed, added);
}

static void
settle (GvLibrary *library, GvLibraryModel *model)
{
  for (int i = 0; i < 3; i++) {
    g_autoptr (GArray) ids = NULL;

    gv_library_finish_pending (library);
    pass ();
    ids = query (library, gv_library_model_get_filter (model)); /* stands behind the model's */
  }
}

static void
test_model (void)
{
  char *folder;
  GvLibrary *library = library_of (&folder, 450);
  GvLibraryModel *model = gv_library_model_new (library);
  g_autoptr (GvLibraryFilter) filter = gv_library_filter_new ();
  g_autoptr (GvLibraryItem) first = NULL, same = NULL;
  g_autoptr (GString) seen = g_string_new (NULL);
  g_autofree char *path = NULL;
  gint64 id;

  g_assert_cmpuint (wait_until_loaded (model), ==, 450);
  first = g_list_model_get_item (G_LIST_MODEL (model), 0);
  g_assert_cmpstr (gv_library_item_get_file (first), ==, "picture-0449.png");
  for (guint i = 0; i < 450; i += 7) {
    g_autoptr (GvLibraryItem) item = g_list_model_get_item (G_LIST_MODEL (model), i);
    g_autofree char *expected = g_strdup_printf ("picture-%04u.png", 449 - i);

    g_assert_cmpstr (gv_library_item_get_file (item), ==, expected);
    g_assert_cmpuint (gv_library_model_find (model, gv_library_item_get_id (item)), ==, i);
  }
  g_assert_null (g_list_model_get_item (G_LIST_MODEL (model), 450));

  /* An item is renewed in place. */
  set_stars (library, gv_library_item_get_id (first), 4);
  settle (library, model);
  g_assert_cmpint (gv_library_item_get_stars (first), ==, 4);
  same = g_list_model_get_item (G_LIST_MODEL (model), 0);
  g_assert_true (same == first);

  /* One more picture is one more row. */
  g_signal_connect (model, "items-changed", G_CALLBACK (on_items), seen);
  path = gv_pictures_write_nth (folder, 450);
  id = add (library, path);
  settle (library, model);
  g_assert_cmpstr (seen->str, ==, "0-0+1 ");
  g_assert_cmpuint (gv_library_model_find (model, id), ==, 0);

  filter->min_stars = 4;
  gv_library_model_set_filter (model, filter);
  g_assert_true (gv_library_model_is_loading (model));
  g_assert_cmpuint (wait_until_loaded (model), ==, 1);
  set_stars (library, gv_library_item_get_id (first), 0);
  settle (library, model);
  g_assert_cmpuint (g_list_model_get_n_items (G_LIST_MODEL (model)), ==, 0);
  g_clear_object (&first);
  g_clear_object (&same);
  g_assert_finalize_object (model);
  close_library (library);
  gv_pictures_remove_folder (folder);
}

/* Size */

static void
fill (const char *path, int n)
{
  g_autoptr (GvCatalogue) catalogue = gv_catalogue_open (path, GV_CATALOGUE_WRITE, NULL);
  g_autoptr (GvEntry) entry = gv_entry_new ();
  gint64 id;

  g_assert_true (gv_catalogue_begin (catalogue, NULL));
  for (int i = 0; i < n; i++) {
    g_free (entry->file);
    g_free (entry->prompt);
    entry->file = g_strdup_printf ("picture-%06d.png", i);
    entry->prompt =
        g_strdup_printf ("a boat number%d on a %s, oil painting, impasto, morning light", i,
                         i % 3 ? "lake" : "river");
    entry->seed = (guint64) i * G_GUINT64_CONSTANT (0x9e3779b97f4a7c15);
    entry->time_us = (gint64) i * 1000;
    g_assert_true (gv_catalogue_put (catalogue, entry, &id, NULL));
  }
  g_assert_true (gv_catalogue_commit (catalogue, NULL));
}

/* A large gallery is there at once: open, the ids of all, the first page. */
static void
test_size (void)
{
  int n = prove () ? 100000 : 20000;
  char *folder = gv_pictures_folder ();
  g_autofree char *path = gv_folder_database_path (folder);
  g_autoptr (GvLibraryFilter) filter = gv_library_filter_new ();
  GvLibrary *library;
  GvLibraryModel *model;
  double seconds;

  fill (path, n);
  g_test_timer_start ();
  library = gv_library_open (folder, NULL, NULL);
  model = gv_library_model_new (library);
  g_assert_cmpuint (wait_until_loaded (model), ==, (guint) n);
  g_object_unref (g_list_model_get_item (G_LIST_MODEL (model), 0));
  seconds = g_test_timer_elapsed ();
  g_test_minimized_result (seconds, "%d rows open in %.0f ms", n, seconds * 1000);
  g_assert_cmpfloat (seconds, <, 3);

  g_set_str (&filter->text, "boat lake -number1");
  g_test_timer_start ();
  gv_library_model_set_filter (model, filter);
  g_assert_cmpuint (wait_until_loaded (model), >, 0);
  seconds = g_test_timer_elapsed ();
  g_test_minimized_result (seconds, "found in %.0f ms", seconds * 1000);
  g_object_unref (model);
  close_library (library);
  gv_pictures_remove_folder (folder);
}

int
main (int argc, char **argv)
{
  char *home;
  int status;

  /* Waiting for a disk is most of what this would do; memory tells as well whether the calls are
   * made. */
  if (access ("/dev/shm", W_OK) == 0)
    g_setenv ("TMPDIR", "/dev/shm", TRUE);
  /* Both the trash and the databases are in there; the trash has to be on the home folder's disk.
   */
  home = g_dir_make_tmp ("giverny-home-XXXXXX", NULL);
  g_setenv ("HOME", home, TRUE);
  g_setenv ("XDG_DATA_HOME", home, TRUE);
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/library/add", test_add);
  g_test_add_func ("/library/words", test_words);
  g_test_add_func ("/library/odd-words", test_odd_words);
  g_test_add_func ("/library/filters", test_filters);
  g_test_add_func ("/library/order", test_order);
  g_test_add_func ("/library/rebuild", test_rebuild);
  g_test_add_func ("/library/refresh", test_refresh);
  g_test_add_func ("/library/delete", test_delete);
  g_test_add_func ("/library/undelete-beside", test_undelete_beside);
  g_test_add_func ("/library/in-use", test_in_use);
  g_test_add_func ("/library/hostile-database", test_hostile_database);
  g_test_add_func ("/library/hostile-rows", test_hostile_rows);
  g_test_add_func ("/library/newer", test_newer);
  g_test_add_func ("/library/faults", test_faults);
  g_test_add_func ("/library/add-faults", test_add_faults);
  g_test_add_func ("/library/model", test_model);
  g_test_add_func ("/library/size", test_size);
  status = g_test_run ();
  gv_pictures_remove_folder (home);
  return status;
}
