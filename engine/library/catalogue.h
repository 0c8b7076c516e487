// SPDX-FileCopyrightText: Giverny contributors
// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * The gallery's database, in SQLite: write-ahead log, every commit synchronised, strict tables, and
 * an FTS5 index over the words.  One connection; one thread at a time.
 */
#pragma once

#include "gv-library.h"
#include "library/entry.h"

typedef struct _GvCatalogue GvCatalogue;

typedef enum {
  GV_CATALOGUE_WRITE, /* made if missing, brought up to date */
  GV_CATALOGUE_READ,
} GvCatalogueMode;

/*
 * Errors, here and below: GV_LIBRARY_ERROR_CORRUPT where the file is no database of ours or a
 * broken one, GV_LIBRARY_ERROR_READ_ONLY, GV_LIBRARY_ERROR_FAILED with SQLite's words,
 * G_IO_ERROR_CANCELLED.
 */
GvCatalogue *gv_catalogue_open (const char *path, GvCatalogueMode mode, GError **error);
void gv_catalogue_free (GvCatalogue *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (GvCatalogue, gv_catalogue_free)

/* A later version's database is opened for reading only, whatever was asked for. */
bool gv_catalogue_is_read_only (GvCatalogue *self);

bool gv_catalogue_begin (GvCatalogue *self, GError **error);
bool gv_catalogue_commit (GvCatalogue *self, GError **error);
void gv_catalogue_rollback (GvCatalogue *self);

/* Adds a picture, or replaces the row of its file; gives its id. */
bool gv_catalogue_put (GvCatalogue *self, const GvEntry *entry, gint64 *id, GError **error);
bool gv_catalogue_remove (GvCatalogue *self, const char *file, GError **error);
bool gv_catalogue_clear (GvCatalogue *self, GError **error);

/* Remembers a file that can't be read, so that it is not tried again before it changes. */
bool gv_catalogue_put_unreadable (GvCatalogue *self,
                                  const char *file,
                                  gint64 time_us,
                                  gint64 size,
                                  GError **error);

typedef struct
{
  gint64 time_us, size;
  bool unreadable;
} GvCatalogueFile;

/* Returns: (element-type utf8 GvCatalogueFile) (transfer full) (nullable): all files by name */
GHashTable *gv_catalogue_list_files (GvCatalogue *self, GError **error);

/* (transfer full) (nullable): NULL without an error if there is no such row */
GvEntry *gv_catalogue_get (GvCatalogue *self, gint64 id, GError **error);
gint64 gv_catalogue_find (GvCatalogue *self, const char *file); /* 0: none */
guint gv_catalogue_count (GvCatalogue *self);

/* See gv_library_query_async(). */
GArray *gv_catalogue_query (GvCatalogue *self,
                            const GvLibraryFilter *filter,
                            GCancellable *cancellable,
                            GError **error);

/* Strings with how often each is there, the most frequent first. */
GStrv gv_catalogue_list_names (GvCatalogue *self, GvLibraryNames which);
bool gv_catalogue_has_scores (GvCatalogue *self);

/* SQLite's own look through the whole file, and whether the words fit the rows. */
bool gv_catalogue_check (GvCatalogue *self, GError **error);

/*
 * The query in FTS5's language, behind "-" if it says what may not be there; (nullable): NULL if
 * @text asks for nothing.
 */
char *gv_catalogue_match_for (const char *text);

/* For query.c */
struct sqlite3;
struct sqlite3 *gv_catalogue_get_db (GvCatalogue *self);
bool gv_catalogue_fail (GvCatalogue *self, GError **error);
