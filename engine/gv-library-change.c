// SPDX-FileCopyrightText: Giverny contributors
// SPDX-License-Identifier: GPL-3.0-or-later
/* Changes of the gallery: new pictures, notes, deleting and bringing back. */
#include "gv-library.h"

#include "library/private.h"

#include "base/errors.h"
#include "base/i18n.h"
#include "base/names.h"
#include "formats/file.h"

#include <errno.h>
#include <glib/gstdio.h>
#include <string.h>

/* A new picture */

typedef struct
{
  char *path;
  gint64 id; /* the result */
} Add;

static void
add_free (gpointer data)
{
  g_free (((Add *) data)->path);
  g_free (data);
}

static bool
add (gpointer object, gpointer data, GCancellable *cancellable, GError **error)
{
  GvLibrary *self = object;
  Add *work = data;
  g_autofree char *file = g_path_get_basename (work->path);
  g_autoptr (GvEntry) entry = NULL;

  if (gv_catalogue_is_read_only (self->writer))
    return gv_library_check_writable (self, error);
  if (!gv_entry_is_name (file)) {
    g_autofree char *shown = gv_dup_shown (work->path);

    g_set_error (error, GV_FORMAT_ERROR, GV_FORMAT_ERROR_UNSUPPORTED,
                 _("%s: the gallery takes PNG files only"), shown);
    return false;
  }
  entry = gv_entry_read (self->folder, file, error);
  return entry && gv_catalogue_put (self->writer, entry, &work->id, error);
}

static void
after_add (GvLibrary *self, gpointer work)
{
  gv_library_emit_changed (self);
}

void
gv_library_add_async (GvLibrary *self,
                      const char *path,
                      GCancellable *cancellable,
                      GAsyncReadyCallback callback,
                      gpointer data)
{
  Add *work = g_new0 (Add, 1);

  work->path = g_strdup (path);
  gv_library_run (self, add, work, add_free, after_add, cancellable, callback, data);
}

gint64
gv_library_add_finish (GvLibrary *self, GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (g_task_is_valid (result, self), 0);

  if (!g_task_propagate_boolean (G_TASK (result), error))
    return 0;
  return ((Add *) gv_library_get_work (result))->id;
}

/* Notes */

typedef enum { SET_STARS, ADD_TAG, REMOVE_TAG, SET_SCORES } ChangeKind;

typedef struct
{
  ChangeKind kind;
  GArray *ids; /* (element-type gint64) */
  int stars;
  char *tag;
  GvLibraryScores scores;
} Change;

static void
change_free (gpointer data)
{
  Change *change = data;

  g_array_unref (change->ids);
  g_free (change->tag);
  g_free (change);
}

static void
change_marks (const Change *change, GvMarks *marks)
{
  switch (change->kind) {
  case SET_STARS:
    marks->stars = change->stars;
    break;
  case ADD_TAG:
    gv_marks_add_tag (marks, change->tag);
    break;
  case REMOVE_TAG:
    gv_marks_remove_tag (marks, change->tag);
    break;
  case SET_SCORES:
    marks->scores[GV_MARK_CLIP] = change->scores.clip;
    marks->scores[GV_MARK_BLIP2] = change->scores.blip2;
    marks->scores[GV_MARK_LPIPS] = change->scores.lpips;
    marks->scores[GV_MARK_TOTAL] = change->scores.total;
  }
}

/* The note is durable before the row is: the row can be made again from it. */
static bool
change_one (GvLibrary *self, const Change *change, gint64 id, GError **error)
{
  g_autoptr (GError) local = NULL;
  g_autoptr (GvEntry) entry = gv_catalogue_get (self->writer, id, &local);

  if (!entry) { /* deleted meanwhile, unless something broke */
    if (local)
      g_propagate_error (error, g_steal_pointer (&local));
    return !error || !*error;
  }
  change_marks (change, &entry->marks);
  return gv_marks_save (&entry->marks, self->folder, entry->file, error) &&
         gv_catalogue_put (self->writer, entry, &id, error);
}

static bool
change (gpointer object, gpointer data, GCancellable *cancellable, GError **error)
{
  GvLibrary *self = object;
  const Change *work = data;
  bool ok = true;

  if (!gv_library_check_writable (self, error) || !gv_catalogue_begin (self->writer, error))
    return false;
  for (guint i = 0; ok && i < work->ids->len; i++)
    ok = change_one (self, work, g_array_index (work->ids, gint64, i), error);
  /* What was noted so far stays noted, whatever happened to the next. */
  if (!gv_catalogue_commit (self->writer, ok ? error : NULL)) {
    gv_catalogue_rollback (self->writer);
    return false;
  }
  return ok;
}

static void
after_change (GvLibrary *self, gpointer data)
{
  const Change *work = data;

  for (guint i = 0; i < work->ids->len; i++)
    gv_library_emit_item_changed (self, g_array_index (work->ids, gint64, i));
}

static Change *
change_new (ChangeKind kind, const gint64 *ids, gsize n_ids)
{
  Change *work = g_new0 (Change, 1);

  work->kind = kind;
  work->ids = g_array_sized_new (FALSE, FALSE, sizeof *ids, (guint) n_ids);
  g_array_append_vals (work->ids, ids, (guint) n_ids);
  return work;
}

static void
run_change (GvLibrary *self, Change *work, GAsyncReadyCallback callback, gpointer data)
{
  gv_library_run (self, change, work, change_free, after_change, NULL, callback, data);
}

void
gv_library_set_stars_async (GvLibrary *self,
                            const gint64 *ids,
                            gsize n_ids,
                            int stars,
                            GAsyncReadyCallback callback,
                            gpointer data)
{
  Change *work = change_new (SET_STARS, ids, n_ids);

  work->stars = CLAMP (stars, 0, GV_LIBRARY_MAX_STARS);
  run_change (self, work, callback, data);
}

void
gv_library_add_tag_async (GvLibrary *self,
                          const gint64 *ids,
                          gsize n_ids,
                          const char *tag,
                          GAsyncReadyCallback callback,
                          gpointer data)
{
  Change *work = change_new (ADD_TAG, ids, n_ids);

  work->tag = g_strdup (tag);
  run_change (self, work, callback, data);
}

void
gv_library_remove_tag_async (GvLibrary *self,
                             const gint64 *ids,
                             gsize n_ids,
                             const char *tag,
                             GAsyncReadyCallback callback,
                             gpointer data)
{
  Change *work = change_new (REMOVE_TAG, ids, n_ids);

  work->tag = g_strdup (tag);
  run_change (self, work, callback, data);
}

void
gv_library_set_scores_async (GvLibrary *self,
                             gint64 id,
                             const GvLibraryScores *scores,
                             GAsyncReadyCallback callback,
                             gpointer data)
{
  Change *work = change_new (SET_SCORES, &id, 1);

  work->scores = *scores;
  run_change (self, work, callback, data);
}

bool
gv_library_change_finish (GvLibrary *self, GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (g_task_is_valid (result, self), false);

  return g_task_propagate_boolean (G_TASK (result), error);
}

/* Deleting */

typedef struct
{
  char *file;  /* what it was called */
  char *trash; /* what it is called among the deleted ones */
} Deleted;

struct _GvLibraryDeleted
{
  GPtrArray *files; /* (element-type Deleted) */
};

static void
deleted_one_free (gpointer data)
{
  Deleted *one = data;

  g_free (one->file);
  g_free (one->trash);
  g_free (one);
}

static void
deleted_free (gpointer data)
{
  GvLibraryDeleted *self = data;

  g_ptr_array_unref (self->files);
  g_free (self);
}

guint
gv_library_deleted_get_n (GvLibraryDeleted *self)
{
  return self->files->len;
}

typedef struct
{
  GArray *ids;
  GvLibraryDeleted *deleted; /* the result */
} Delete;

static void
delete_free (gpointer data)
{
  Delete *work = data;

  g_array_unref (work->ids);
  g_clear_pointer (&work->deleted, deleted_free);
  g_free (work);
}

static bool
fail_move (const char *path, int number, GError **error)
{
  g_autofree char *shown = gv_dup_shown (path);

  g_set_error (error, GV_LIBRARY_ERROR, GV_LIBRARY_ERROR_FAILED,
               _("%s: can't be moved: %s"), shown, g_strerror (number));
  return false;
}

/* The file goes first: a row without its file is found and taken away at the next look. */
static bool
delete_one (GvLibrary *self, gint64 id, GvLibraryDeleted *deleted, GError **error)
{
  g_autoptr (GvEntry) entry = gv_catalogue_get (self->writer, id, NULL);
  g_autofree char *folder = gv_folder_trash_path (self->folder);
  g_autofree char *wanted = NULL, *from = NULL, *to = NULL;
  Deleted *one;

  if (!entry)
    return true;
  from = g_build_filename (self->folder, entry->file, NULL);
  wanted = g_build_filename (folder, entry->file, NULL);
  to = gv_name_unused (wanted);
  if (g_mkdir_with_parents (folder, 0755) < 0)
    return fail_move (folder, errno, error);
  if (g_rename (from, to) == 0) {
    one = g_new (Deleted, 1);
    *one = (Deleted) { g_strdup (entry->file), g_path_get_basename (to) };
    g_ptr_array_add (deleted->files, one);
  } else if (errno != ENOENT)
    return fail_move (from, errno, error);
  return gv_catalogue_remove (self->writer, entry->file, error);
}

static bool
delete_all (gpointer object, gpointer data, GCancellable *cancellable, GError **error)
{
  GvLibrary *self = object;
  Delete *work = data;
  bool ok = true;

  if (!gv_library_check_writable (self, error) || !gv_catalogue_begin (self->writer, error))
    return false;
  work->deleted = g_new (GvLibraryDeleted, 1);
  work->deleted->files = g_ptr_array_new_with_free_func (deleted_one_free);
  for (guint i = 0; ok && i < work->ids->len; i++)
    ok = delete_one (self, g_array_index (work->ids, gint64, i), work->deleted, error);
  if (!gv_catalogue_commit (self->writer, NULL))
    gv_catalogue_rollback (self->writer);
  if (work->deleted->files->len > 0 && !ok)
    g_clear_error (error); /* some are deleted, the others still there to be seen */
  return ok || work->deleted->files->len > 0;
}

static void
after_files_moved (GvLibrary *self, gpointer work)
{
  gv_library_emit_changed (self);
}

void
gv_library_delete_async (GvLibrary *self,
                         const gint64 *ids,
                         gsize n_ids,
                         GAsyncReadyCallback callback,
                         gpointer data)
{
  Delete *work = g_new0 (Delete, 1);

  work->ids = g_array_sized_new (FALSE, FALSE, sizeof *ids, (guint) n_ids);
  g_array_append_vals (work->ids, ids, (guint) n_ids);
  gv_library_run (self, delete_all, work, delete_free, after_files_moved, NULL, callback, data);
}

GvLibraryDeleted *
gv_library_delete_finish (GvLibrary *self, GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (g_task_is_valid (result, self), NULL);

  if (!g_task_propagate_boolean (G_TASK (result), error))
    return NULL;
  return g_steal_pointer (&((Delete *) gv_library_get_work (result))->deleted);
}

/* Under its old name, or the next free one if somebody took that meanwhile. */
static bool
undelete_one (GvLibrary *self, const Deleted *one, GError **error)
{
  g_autofree char *trash = gv_folder_trash_path (self->folder);
  g_autofree char *from = g_build_filename (trash, one->trash, NULL);
  g_autofree char *wanted = g_build_filename (self->folder, one->file, NULL);
  g_autofree char *to = gv_name_unused (wanted);
  g_autofree char *file = g_path_get_basename (to);
  bool changed;

  if (g_rename (from, to) < 0)
    return fail_move (from, errno, error);
  return gv_catalogue_is_read_only (self->writer) ||
         gv_folder_refresh_file (self->writer, self->folder, file, &changed, error);
}

static bool
undelete (gpointer object, gpointer data, GCancellable *cancellable, GError **error)
{
  const GvLibraryDeleted *deleted = data;
  bool ok = true;

  for (guint i = 0; i < deleted->files->len; i++)
    ok &= undelete_one (object, deleted->files->pdata[i], ok ? error : NULL);
  return ok;
}

void
gv_library_undelete_async (GvLibrary *self,
                           GvLibraryDeleted *deleted,
                           GAsyncReadyCallback callback,
                           gpointer data)
{
  gv_library_run (self, undelete, deleted, deleted_free, after_files_moved, NULL, callback, data);
}

static bool
bury (gpointer object, gpointer data, GCancellable *cancellable, GError **error)
{
  GvLibrary *self = object;
  const GvLibraryDeleted *deleted = data;

  for (guint i = 0; i < deleted->files->len; i++) {
    const Deleted *one = deleted->files->pdata[i];

    gv_folder_bury (self->folder, one->trash, one->file);
  }
  return true;
}

void
gv_library_bury (GvLibrary *self, GvLibraryDeleted *deleted)
{
  gv_library_run (self, bury, deleted, deleted_free, NULL, NULL, NULL, NULL);
}
