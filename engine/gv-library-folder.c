// SPDX-FileCopyrightText: Giverny contributors
// SPDX-License-Identifier: GPL-3.0-or-later
/* Rebuilding and checking a gallery's database without a main loop. */
#include "gv-library.h"

#include "library/folder.h"

#include "base/errors.h"
#include "base/i18n.h"
#include "formats/file.h"

#include <unistd.h>

static bool
fail_read_only (const char *folder, GError **error)
{
  g_autofree char *shown = gv_dup_shown (folder);

  g_set_error (error, GV_LIBRARY_ERROR, GV_LIBRARY_ERROR_READ_ONLY,
               _("The gallery of “%s” can only be looked at"), shown);
  return false;
}

/* A database that breaks only when it is written to is put aside, too; once. */
static bool
rebuild (const char *folder,
         const GvFolderWatcher *watcher,
         GvLibraryReport *report,
         GError **error)
{
  for (int attempt = 0;; attempt++) {
    g_autofree char *path = gv_folder_database_path (folder), *aside = NULL;
    g_autoptr (GvCatalogue) catalogue = gv_folder_open_catalogue (folder, &aside, error);
    g_autoptr (GError) local = NULL;

    if (!catalogue)
      return false;
    if (gv_catalogue_is_read_only (catalogue))
      return fail_read_only (folder, error);
    if (gv_folder_rebuild (catalogue, folder, watcher, report, &local) &&
        gv_catalogue_check (catalogue, &local))
      return true;
    if (attempt > 0 || !g_error_matches (local, GV_LIBRARY_ERROR, GV_LIBRARY_ERROR_CORRUPT)) {
      g_propagate_error (error, g_steal_pointer (&local));
      return false;
    }
    g_clear_pointer (&catalogue, gv_catalogue_free);
    g_free (gv_folder_set_database_aside (path));
  }
}

bool
gv_library_rebuild_folder (const char *folder,
                           GvLibraryProgress progress,
                           gpointer data,
                           GvLibraryReport *report,
                           GError **error)
{
  GvFolderWatcher watcher = { progress, data, NULL };
  int lock = gv_folder_lock (folder, error);
  bool ok;

  if (lock < 0)
    return false;
  ok = rebuild (folder, &watcher, report, error);
  close (lock);
  return ok;
}

bool
gv_library_check_folder (const char *folder, GvLibraryReport *report, GError **error)
{
  g_autofree char *path = gv_folder_database_path (folder), *shown = gv_dup_shown (folder);
  g_autoptr (GvCatalogue) catalogue = NULL;

  *report = (GvLibraryReport) { 0 };
  if (!g_file_test (path, G_FILE_TEST_EXISTS)) {
    g_set_error (error, GV_LIBRARY_ERROR, GV_LIBRARY_ERROR_DIFFERENT,
                 _("“%s” has no database yet; “giverny-cli library rebuild” makes it"), shown);
    return false;
  }
  catalogue = gv_catalogue_open (path, GV_CATALOGUE_READ, error);
  if (!catalogue || !gv_catalogue_check (catalogue, error) ||
      !gv_folder_compare (catalogue, folder, report, error))
    return false;
  if (report->n_added + report->n_changed + report->n_removed == 0)
    return true;
  g_set_error (error, GV_LIBRARY_ERROR, GV_LIBRARY_ERROR_DIFFERENT,
               _("The gallery's database differs from “%s”: %u pictures are new, %u changed, %u "
                 "missing; “giverny-cli library rebuild” renews it"),
                 shown, report->n_added, report->n_changed, report->n_removed);
  return false;
}
