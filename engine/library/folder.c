// SPDX-FileCopyrightText: Giverny contributors
// SPDX-License-Identifier: GPL-3.0-or-later
/* What is in the folder, against what the database says about it. */
#include "library/folder.h"

#include "base/errors.h"
#include "base/i18n.h"
#include "formats/file.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#define ROWS_A_COMMIT 200
#define MAX_ASIDE 100

char *
gv_folder_database_path (const char *folder)
{
  g_autoptr (GFile) file = g_file_new_for_path (folder);
  g_autofree char *absolute = g_file_get_path (file);
  char *real = realpath (absolute, NULL);
  g_autofree char *hash =
      g_compute_checksum_for_string (G_CHECKSUM_SHA256, real ? real : absolute, -1);
  g_autofree char *name = g_strdup_printf ("%.16s.db", hash);
  g_autofree char *databases =
      g_build_filename (g_get_user_data_dir (), "giverny", "library", NULL);

  free (real);
  g_mkdir_with_parents (databases, 0700);
  return g_build_filename (databases, name, NULL);
}

int
gv_folder_lock (const char *folder, GError **error)
{
  g_autofree char *hidden = g_build_filename (folder, ".giverny", NULL);
  g_autofree char *shown = gv_dup_shown (folder);
  int fd = -1;

  if (g_mkdir_with_parents (hidden, 0755) == 0)
    fd = open (hidden, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (fd < 0) {
    g_set_error (error, GV_LIBRARY_ERROR, GV_LIBRARY_ERROR_READ_ONLY,
                 _("The folder “%s” can't be written to: %s"), shown, g_strerror (errno));
    return -1;
  }
  if (flock (fd, LOCK_EX | LOCK_NB) == 0)
    return fd;
  g_set_error (error, GV_LIBRARY_ERROR, GV_LIBRARY_ERROR_IN_USE,
               _("The folder “%s” is open in another Giverny"), shown);
  close (fd);
  return -1;
}

char *
gv_folder_set_database_aside (const char *path)
{
  static const char *const parts[] = { "-wal", "-shm" };

  for (int i = 1; i <= MAX_ASIDE; i++) {
    g_autofree char *aside = g_strdup_printf ("%s.bad-%d", path, i);

    if (i < MAX_ASIDE && g_file_test (aside, G_FILE_TEST_EXISTS))
      continue;
    if (g_rename (path, aside) < 0)
      return NULL;
    for (gsize k = 0; k < G_N_ELEMENTS (parts); k++) {
      g_autofree char *from = g_strconcat (path, parts[k], NULL);

      g_unlink (from);
    }
    return g_steal_pointer (&aside);
  }
  return NULL;
}

GvCatalogue *
gv_folder_open_catalogue (const char *folder, char **aside, GError **error)
{
  g_autofree char *path = gv_folder_database_path (folder);
  g_autoptr (GError) local = NULL;
  GvCatalogue *catalogue = gv_catalogue_open (path, GV_CATALOGUE_WRITE, &local);

  *aside = NULL;
  if (g_error_matches (local, GV_LIBRARY_ERROR, GV_LIBRARY_ERROR_CORRUPT)) {
    *aside = gv_folder_set_database_aside (path);
    if (*aside) {
      g_clear_error (&local);
      catalogue = gv_catalogue_open (path, GV_CATALOGUE_WRITE, &local);
    }
  }
  if (local)
    g_propagate_error (error, g_steal_pointer (&local));
  return catalogue;
}

/* Files */

static gint64
time_of (const struct stat *info)
{
  return (gint64) info->st_mtim.tv_sec * G_USEC_PER_SEC + info->st_mtim.tv_nsec / 1000;
}

/* All pictures' names; Returns: (element-type utf8) (transfer full) (nullable) */
static GPtrArray *
list_names (const char *folder, GError **error)
{
  g_autoptr (GPtrArray) names = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (GDir) dir = g_dir_open (folder, 0, error);
  const char *name;

  if (!dir)
    return NULL;
  while ((name = g_dir_read_name (dir)))
    if (gv_entry_is_name (name))
      g_ptr_array_add (names, g_strdup (name));
  g_ptr_array_sort_values (names, (GCompareFunc) strcmp);
  return g_steal_pointer (&names);
}

/* 1: there is no such file; 0: it is as the row says; -1: it is another, or new */
static int
compare_file (const char *folder, const char *file, const GvCatalogueFile *known, struct stat *info)
{
  g_autofree char *path = g_build_filename (folder, file, NULL);

  if (stat (path, info) < 0 || !S_ISREG (info->st_mode))
    return 1;
  return known && known->time_us == time_of (info) && known->size == info->st_size ? 0 : -1;
}

/* A file that can't be read is remembered as such; only the database's own errors count. */
static bool
take_in (GvCatalogue *catalogue,
         const char *folder,
         const char *file,
         const struct stat *info,
         bool *readable,
         GError **error)
{
  g_autoptr (GvEntry) entry = gv_entry_read (folder, file, NULL);
  gint64 id;

  *readable = entry != NULL;
  if (entry)
    return gv_catalogue_put (catalogue, entry, &id, error);
  return gv_catalogue_put_unreadable (catalogue, file, time_of (info), info->st_size, error);
}

static bool
visit (GvCatalogue *catalogue,
       const char *folder,
       const char *file,
       const GvCatalogueFile *known,
       bool write,
       GvLibraryReport *report,
       GError **error)
{
  struct stat info;
  int difference = compare_file (folder, file, known, &info);
  bool readable = !known || !known->unreadable;

  if (difference > 0)
    return true; /* gone since the folder was listed, or no file; its row goes with the missing */
  if (difference < 0 && !write) {
    g_autoptr (GvEntry) entry = gv_entry_read (folder, file, NULL);

    readable = entry != NULL;
  } else if (difference < 0 && !take_in (catalogue, folder, file, &info, &readable, error))
    return false;
  if (difference < 0 && (readable || (known && !known->unreadable)))
    *(known && !known->unreadable ? &report->n_changed : &report->n_added) += 1;
  report->n_unreadable += !readable;
  return true;
}

static bool
commit_some (GvCatalogue *catalogue, guint i, GError **error)
{
  return i % ROWS_A_COMMIT != ROWS_A_COMMIT - 1 ||
         (gv_catalogue_commit (catalogue, error) && gv_catalogue_begin (catalogue, error));
}

static bool
remove_missing (GvCatalogue *catalogue,
                GHashTable *known,
                GPtrArray *names,
                bool write,
                GvLibraryReport *report,
                GError **error)
{
  GHashTableIter iter;
  gpointer file, row;

  for (guint i = 0; i < names->len; i++)
    g_hash_table_remove (known, names->pdata[i]);
  g_hash_table_iter_init (&iter, known);
  while (g_hash_table_iter_next (&iter, &file, &row)) {
    if (write && !gv_catalogue_remove (catalogue, file, error))
      return false;
    report->n_removed += !((GvCatalogueFile *) row)->unreadable;
  }
  return true;
}

static bool
compare_all (GvCatalogue *catalogue,
             const char *folder,
             bool write,
             bool in_pieces,
             const GvFolderWatcher *watcher,
             GvLibraryReport *report,
             GError **error)
{
  g_autoptr (GHashTable) known = gv_catalogue_list_files (catalogue, error);
  g_autoptr (GPtrArray) names = known ? list_names (folder, error) : NULL;

  if (!names)
    return false;
  for (guint i = 0; i < names->len; i++) {
    const char *file = names->pdata[i];

    if (g_cancellable_set_error_if_cancelled (watcher->cancellable, error) ||
        !visit (catalogue, folder, file, g_hash_table_lookup (known, file), write, report, error) ||
        (in_pieces && !commit_some (catalogue, i, error)))
      return false;
    if (watcher->progress)
      watcher->progress (i + 1, names->len, watcher->data);
  }
  return remove_missing (catalogue, known, names, write, report, error);
}

static bool
run (GvCatalogue *catalogue,
     const char *folder,
     bool from_nothing,
     const GvFolderWatcher *watcher,
     GvLibraryReport *report,
     GError **error)
{
  *report = (GvLibraryReport) { 0 };
  if (!gv_catalogue_begin (catalogue, error))
    return false;
  if ((from_nothing && !gv_catalogue_clear (catalogue, error)) ||
      !compare_all (catalogue, folder, true, !from_nothing, watcher, report, error) ||
      !gv_catalogue_commit (catalogue, error)) {
    gv_catalogue_rollback (catalogue);
    return false;
  }
  report->n_pictures = gv_catalogue_count (catalogue);
  return true;
}

bool
gv_folder_refresh (GvCatalogue *catalogue,
                   const char *folder,
                   const GvFolderWatcher *watcher,
                   GvLibraryReport *report,
                   GError **error)
{
  return run (catalogue, folder, false, watcher, report, error);
}

bool
gv_folder_rebuild (GvCatalogue *catalogue,
                   const char *folder,
                   const GvFolderWatcher *watcher,
                   GvLibraryReport *report,
                   GError **error)
{
  return run (catalogue, folder, true, watcher, report, error);
}

bool
gv_folder_compare (GvCatalogue *catalogue,
                   const char *folder,
                   GvLibraryReport *report,
                   GError **error)
{
  GvFolderWatcher nobody = { 0 };

  *report = (GvLibraryReport) { .n_pictures = gv_catalogue_count (catalogue) };
  return compare_all (catalogue, folder, false, false, &nobody, report, error);
}

bool
gv_folder_refresh_file (GvCatalogue *catalogue,
                        const char *folder,
                        const char *file,
                        bool *changed,
                        GError **error)
{
  gint64 id = gv_catalogue_find (catalogue, file);
  g_autoptr (GvEntry) row = id ? gv_catalogue_get (catalogue, id, error) : NULL;
  GvCatalogueFile known = { row ? row->time_us : 0, row ? row->size : -1, false };
  struct stat info;
  bool readable;

  *changed = false;
  switch (compare_file (folder, file, row ? &known : NULL, &info)) {
  case 0:
    return true;
  case 1:
    *changed = row != NULL;
    return !row || gv_catalogue_remove (catalogue, file, error);
  default:
    if (!take_in (catalogue, folder, file, &info, &readable, error))
      return false;
    *changed = row || readable;
    return true;
  }
}

/* Trash */

char *
gv_folder_trash_path (const char *folder)
{
  return g_build_filename (folder, ".giverny", "trash", NULL);
}

void
gv_folder_bury (const char *folder, const char *name, const char *file)
{
  g_autofree char *trash = gv_folder_trash_path (folder);
  g_autofree char *path = g_build_filename (trash, name, NULL);
  g_autoptr (GFile) object = g_file_new_for_path (path);
  g_autofree char *marks = gv_marks_path (folder, file);
  g_autofree char *picture = g_build_filename (folder, file, NULL);

  if (g_file_trash (object, NULL, NULL) && !g_file_test (picture, G_FILE_TEST_EXISTS))
    g_unlink (marks);
}

void
gv_folder_empty_trash (const char *folder)
{
  g_autofree char *trash = gv_folder_trash_path (folder);
  g_autoptr (GDir) dir = g_dir_open (trash, 0, NULL);
  const char *name;

  while (dir && (name = g_dir_read_name (dir)))
    if (gv_entry_is_name (name))
      gv_folder_bury (folder, name, name);
}
