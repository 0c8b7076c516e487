// SPDX-FileCopyrightText: Giverny contributors
// SPDX-License-Identifier: GPL-3.0-or-later
/* The folder of pictures, and keeping the database's rows like it. */
#pragma once

#include "library/catalogue.h"

/* (transfer full): where the database of @folder is; its own folder is made */
char *gv_folder_database_path (const char *folder);

/*
 * Makes @folder if need be, and keeps other programs from it as long as the descriptor is open.
 * Returns: -1 with GV_LIBRARY_ERROR_IN_USE; -1 with GV_LIBRARY_ERROR_READ_ONLY where nothing can be
 * written and so nothing be locked
 */
int gv_folder_lock (const char *folder, GError **error);

/*
 * Opens the database for writing.  A broken one is renamed, and an empty one takes its place;
 * @aside (out) (transfer full) (nullable) tells where the old one is now.
 */
GvCatalogue *gv_folder_open_catalogue (const char *folder, char **aside, GError **error);

/* Renames a database with all that belongs to it.  (transfer full) (nullable) */
char *gv_folder_set_database_aside (const char *path);

typedef struct
{
  GvLibraryProgress progress; /* (nullable): in the calling thread */
  gpointer data;
  GCancellable *cancellable;  /* (nullable) */
} GvFolderWatcher;

/* Takes in what changed: new, other and missing files. */
bool gv_folder_refresh (GvCatalogue *catalogue,
                        const char *folder,
                        const GvFolderWatcher *watcher,
                        GvLibraryReport *report,
                        GError **error);

/* The same from nothing, in one transaction. */
bool gv_folder_rebuild (GvCatalogue *catalogue,
                        const char *folder,
                        const GvFolderWatcher *watcher,
                        GvLibraryReport *report,
                        GError **error);

/* One file: its row is made, renewed or taken away.  @changed tells whether anything was done. */
bool gv_folder_refresh_file (GvCatalogue *catalogue,
                             const char *folder,
                             const char *file,
                             bool *changed,
                             GError **error);

/* Counts how rows and files differ. */
bool gv_folder_compare (GvCatalogue *catalogue,
                        const char *folder,
                        GvLibraryReport *report,
                        GError **error);

/* Deleted files wait here: FOLDER/.giverny/trash. */
char *gv_folder_trash_path (const char *folder);

/* Gives everything that waits there to the desktop's trash, as far as it takes it. */
void gv_folder_empty_trash (const char *folder);

/* Gives one of them.  @name is its name there, @file the one that it had. */
void gv_folder_bury (const char *folder, const char *name, const char *file);
