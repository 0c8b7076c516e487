// SPDX-FileCopyrightText: Giverny contributors
// SPDX-License-Identifier: GPL-3.0-or-later
/* The gallery: three connections to one database, two threads, and an eye on the folder. */
#include "gv-library.h"

#include "library/item.h"
#include "library/private.h"

#include "base/errors.h"
#include "base/i18n.h"
#include "base/post.h"
#include "formats/file.h"

#include <errno.h>
#include <glib/gstdio.h>
#include <string.h>
#include <unistd.h>

/* Other programs write a file in many steps; we look when they have been quiet for so long. */
#define QUIET_MS 1000
#define MAX_TOUCHED 500

G_DEFINE_FINAL_TYPE (GvLibrary, gv_library, G_TYPE_OBJECT)

enum { PROP_PROGRESS = 1, N_PROPS };
static GParamSpec *props[N_PROPS];

enum { CHANGED, ITEM_CHANGED, FAILED, N_SIGNALS };
static guint signals[N_SIGNALS];

/* Tasks */

typedef struct
{
  gpointer work;
  GDestroyNotify destroy;
  GvWorkerFunc func;
  void (*after) (GvLibrary *self, gpointer work);
  GAsyncReadyCallback callback; /* (nullable) */
  gpointer data;
} Call;

static void
call_free (gpointer data)
{
  Call *call = data;

  if (call->destroy)
    call->destroy (call->work);
  g_free (call);
}

gpointer
gv_library_get_work (GAsyncResult *result)
{
  Call *call = g_task_get_task_data (G_TASK (result));

  return call->work;
}

bool
gv_library_note_error (GvLibrary *self, const GError *error)
{
  if (g_error_matches (error, GV_LIBRARY_ERROR, GV_LIBRARY_ERROR_CORRUPT))
    g_atomic_int_set (&self->broken, 1);
  return false;
}

static bool
run_call (gpointer object, gpointer data, GCancellable *cancellable, GError **error)
{
  Call *call = data;
  g_autoptr (GError) local = NULL;

  if (call->func (object, call->work, cancellable, &local))
    return true;
  gv_library_note_error (object, local);
  g_propagate_error (error, g_steal_pointer (&local));
  return false;
}

static void
on_called (GObject *object, GAsyncResult *result, gpointer data)
{
  GvLibrary *self = GV_LIBRARY (object);
  Call *call = g_task_get_task_data (G_TASK (result));

  if (!g_task_had_error (G_TASK (result)) && call->after)
    call->after (self, call->work);
  if (call->callback)
    call->callback (object, result, call->data);
  else {
    g_autoptr (GError) error = NULL;

    if (!g_task_propagate_boolean (G_TASK (result), &error))
      g_signal_emit (self, signals[FAILED], 0, error);
  }
}

void
gv_library_run (GvLibrary *self,
                GvWorkerFunc func,
                gpointer work,
                GDestroyNotify destroy,
                void (*after) (GvLibrary *self, gpointer work),
                GCancellable *cancellable,
                GAsyncReadyCallback callback,
                gpointer data)
{
  g_autoptr (GTask) task = g_task_new (self, cancellable, on_called, NULL);
  Call *call = g_new (Call, 1);

  *call = (Call) { work, destroy, func, after, callback, data };
  g_task_set_check_cancellable (task, FALSE); /* what is on disk is done, even if cancelled since */
  g_task_set_task_data (task, call, call_free);
  gv_worker_run (self->worker, task, run_call);
}

bool
gv_library_check_writable (GvLibrary *self, GError **error)
{
  g_autofree char *shown = gv_dup_shown (self->folder);

  if (!self->read_only)
    return true;
  g_set_error (error, GV_LIBRARY_ERROR, GV_LIBRARY_ERROR_READ_ONLY,
               _("The gallery of “%s” can only be looked at"), shown);
  return false;
}

void
gv_library_emit_changed (GvLibrary *self)
{
  g_signal_emit (self, signals[CHANGED], 0);
}

void
gv_library_emit_item_changed (GvLibrary *self, gint64 id)
{
  g_signal_emit (self, signals[ITEM_CHANGED], 0, id);
}

/* Looking through the folder */

typedef struct
{
  GvLibraryReport report;
  bool rebuild;
  gint64 last_us; /* when progress was told last */
} Look;

typedef struct
{
  GvLibrary *self; /* not owned: the task that runs keeps it */
  double progress;
} Progress;

static void
set_progress (GvLibrary *self, double progress)
{
  if (self->progress == progress)
    return;
  self->progress = progress;
  g_object_notify_by_pspec (G_OBJECT (self), props[PROP_PROGRESS]);
}

static void
on_progress (gpointer data)
{
  Progress *p = data;

  set_progress (p->self, p->progress);
}

typedef struct
{
  GvLibrary *self;
  Look *look;
} Watch;

/* The worker's thread; at most ten times a second. */
static void
tell_progress (guint done, guint of, gpointer data)
{
  Watch *watch = data;
  gint64 now = g_get_monotonic_time ();
  Progress *p;

  if (now - watch->look->last_us < G_USEC_PER_SEC / 10)
    return;
  watch->look->last_us = now;
  p = g_new (Progress, 1);
  *p = (Progress) { watch->self, (double) done / of };
  gv_post (watch->self->context, on_progress, p, g_free);
}

static bool
look (gpointer object, gpointer data, GCancellable *cancellable, GError **error)
{
  GvLibrary *self = object;
  Look *work = data;
  Watch watch = { self, work };
  GvFolderWatcher watcher = { tell_progress, &watch, cancellable };

  work->last_us = g_get_monotonic_time ();
  if (gv_catalogue_is_read_only (self->writer))
    return !work->rebuild || gv_library_check_writable (self, error);
  if (work->rebuild)
    return gv_folder_rebuild (self->writer, self->folder, &watcher, &work->report, error);
  return gv_folder_refresh (self->writer, self->folder, &watcher, &work->report, error);
}

static void
after_look (GvLibrary *self, gpointer data)
{
  const Look *work = data;

  set_progress (self, -1);
  if (work->rebuild || work->report.n_added || work->report.n_changed || work->report.n_removed)
    gv_library_emit_changed (self);
}

void
gv_library_refresh_async (GvLibrary *self, GAsyncReadyCallback callback, gpointer data)
{
  gv_library_run (self, look, g_new0 (Look, 1), g_free, after_look, NULL, callback, data);
}

void
gv_library_rebuild_async (GvLibrary *self,
                          GCancellable *cancellable,
                          GAsyncReadyCallback callback,
                          gpointer data)
{
  Look *work = g_new0 (Look, 1);

  work->rebuild = true;
  set_progress (self, 0);
  gv_library_run (self, look, work, g_free, after_look, cancellable, callback, data);
}

/* Files of which the monitor told */

static bool
look_at_touched (gpointer object, gpointer data, GCancellable *cancellable, GError **error)
{
  GvLibrary *self = object;
  GPtrArray *files = data;
  bool any = false;

  if (gv_catalogue_is_read_only (self->writer))
    return true;
  for (guint i = 0; i < files->len; i++) {
    bool changed;

    if (!gv_folder_refresh_file (self->writer, self->folder, files->pdata[i], &changed, error))
      return false;
    any |= changed;
  }
  if (!any)
    g_ptr_array_set_size (files, 0);
  return true;
}

static void
after_touched (GvLibrary *self, gpointer data)
{
  if (((GPtrArray *) data)->len > 0)
    gv_library_emit_changed (self);
}

static gboolean
on_quiet (gpointer data)
{
  GvLibrary *self = data;

  self->touched_source = 0;
  if (g_hash_table_size (self->touched) > MAX_TOUCHED)
    gv_library_refresh_async (self, NULL, NULL);
  else
    gv_library_run (self, look_at_touched, g_hash_table_steal_all_keys (self->touched),
                    (GDestroyNotify) g_ptr_array_unref, after_touched, NULL, NULL, NULL);
  g_hash_table_remove_all (self->touched);
  return G_SOURCE_REMOVE;
}

static void
touch (GvLibrary *self, GFile *file)
{
  g_autofree char *name = file ? g_file_get_basename (file) : NULL;

  if (!name || !gv_entry_is_name (name))
    return;
  g_hash_table_add (self->touched, g_steal_pointer (&name));
  g_clear_handle_id (&self->touched_source, g_source_remove);
  self->touched_source = g_timeout_add (QUIET_MS, on_quiet, self);
}

static void
on_folder_event (GvLibrary *self, GFile *file, GFile *other, GFileMonitorEvent event)
{
  touch (self, file);
  touch (self, other);
}

static void
watch_folder (GvLibrary *self)
{
  g_autoptr (GFile) folder = g_file_new_for_path (self->folder);

  self->monitor = g_file_monitor_directory (folder, G_FILE_MONITOR_WATCH_MOVES, NULL, NULL);
  if (self->monitor)
    g_signal_connect_swapped (self->monitor, "changed", G_CALLBACK (on_folder_event), self);
}

/* The object */

static void
gv_library_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  if (id == PROP_PROGRESS)
    g_value_set_double (value, GV_LIBRARY (object)->progress);
  else
    G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
}

/* A database that turned out broken is put out of the next start's way. */
static void
close_catalogues (GvLibrary *self)
{
  g_clear_pointer (&self->reader, gv_catalogue_free);
  g_clear_pointer (&self->searcher, gv_catalogue_free);
  g_clear_pointer (&self->writer, gv_catalogue_free);
  if (g_atomic_int_get (&self->broken)) {
    g_autofree char *path = gv_folder_database_path (self->folder);

    g_free (gv_folder_set_database_aside (path));
  }
}

static void
gv_library_finalize (GObject *object)
{
  GvLibrary *self = GV_LIBRARY (object);

  g_clear_handle_id (&self->touched_source, g_source_remove);
  g_clear_object (&self->monitor);
  g_clear_pointer (&self->worker, gv_worker_free);
  g_clear_pointer (&self->finder, gv_worker_free);
  close_catalogues (self);
  if (self->lock >= 0)
    close (self->lock);
  g_hash_table_unref (self->touched);
  g_main_context_unref (self->context);
  g_free (self->folder);
  G_OBJECT_CLASS (gv_library_parent_class)->finalize (object);
}

static void
gv_library_class_init (GvLibraryClass *class)
{
  GObjectClass *object_class = G_OBJECT_CLASS (class);

  object_class->get_property = gv_library_get_property;
  object_class->finalize = gv_library_finalize;
  props[PROP_PROGRESS] = g_param_spec_double ("progress", NULL, NULL, -1, 1, -1,
                                              G_PARAM_READABLE | G_PARAM_STATIC_STRINGS);
  g_object_class_install_properties (object_class, N_PROPS, props);

  signals[CHANGED] = g_signal_new ("changed", GV_TYPE_LIBRARY, G_SIGNAL_RUN_LAST, 0, NULL, NULL,
                                   NULL, G_TYPE_NONE, 0);
  signals[ITEM_CHANGED] = g_signal_new ("item-changed", GV_TYPE_LIBRARY, G_SIGNAL_RUN_LAST, 0, NULL,
                                        NULL, NULL, G_TYPE_NONE, 1, G_TYPE_INT64);
  signals[FAILED] = g_signal_new ("failed", GV_TYPE_LIBRARY, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                                  G_TYPE_NONE, 1, G_TYPE_ERROR);
}

static void
gv_library_init (GvLibrary *self)
{
  self->lock = -1;
  self->progress = -1;
  self->context = g_main_context_ref_thread_default ();
  self->touched = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
}

/* Opening */

static char *
notice_for (GvLibrary *self, const char *aside, const GError *lock_error)
{
  g_autofree char *shown = aside ? gv_dup_shown (aside) : NULL;

  if (shown)
    return g_strdup_printf (_("The gallery's database was broken and is being made anew from the "
                              "pictures. The old one was kept as %s."),
                              shown);
  if (lock_error)
    return g_strdup (lock_error->message);
  if (self->read_only)
    return g_strdup (_("A later version of Giverny made the gallery's database. Pictures can be "
                       "looked at, but not marked or deleted."));
  return NULL;
}

static bool
lock_folder (GvLibrary *self, GError **read_only, GError **error)
{
  g_autoptr (GError) local = NULL;

  self->lock = gv_folder_lock (self->folder, &local);
  if (self->lock >= 0)
    return true;
  if (g_error_matches (local, GV_LIBRARY_ERROR, GV_LIBRARY_ERROR_READ_ONLY) &&
      g_file_test (self->folder, G_FILE_TEST_IS_DIR)) {
    self->read_only = true;
    *read_only = g_steal_pointer (&local);
    return true;
  }
  g_propagate_error (error, g_steal_pointer (&local));
  return false;
}

static bool
open_catalogues (GvLibrary *self, char **aside, GError **error)
{
  g_autofree char *path = gv_folder_database_path (self->folder);

  self->writer = gv_folder_open_catalogue (self->folder, aside, error);
  if (!self->writer)
    return false;
  self->read_only |= gv_catalogue_is_read_only (self->writer);
  self->reader = gv_catalogue_open (path, GV_CATALOGUE_READ, error);
  self->searcher = self->reader ? gv_catalogue_open (path, GV_CATALOGUE_READ, error) : NULL;
  return self->searcher;
}

static bool
empty_trash (gpointer object, gpointer data, GCancellable *cancellable, GError **error)
{
  GvLibrary *self = object;

  if (!self->read_only)
    gv_folder_empty_trash (self->folder);
  return true;
}

GvLibrary *
gv_library_open (const char *folder, char **notice, GError **error)
{
  g_autoptr (GvLibrary) self = g_object_new (GV_TYPE_LIBRARY, NULL);
  g_autoptr (GError) read_only = NULL;
  g_autofree char *aside = NULL;

  if (notice)
    *notice = NULL;
  self->folder = g_strdup (folder);
  if (!lock_folder (self, &read_only, error) || !open_catalogues (self, &aside, error))
    return NULL;
  if (notice)
    *notice = notice_for (self, aside, read_only);
  self->worker = gv_worker_new ("gallery");
  self->finder = gv_worker_new ("gallery-search");
  watch_folder (self);
  gv_library_run (self, empty_trash, NULL, NULL, NULL, NULL, NULL, NULL);
  gv_library_refresh_async (self, NULL, NULL);
  return g_steal_pointer (&self);
}

typedef struct
{
  char *folder;
  char *notice; /* the result */
} Open;

static void
open_free (gpointer data)
{
  Open *work = data;

  g_free (work->folder);
  g_free (work->notice);
  g_free (work);
}

static void
run_open (GTask *task, gpointer unused, gpointer data, GCancellable *cancellable)
{
  Open *work = data;
  GError *error = NULL;
  GvLibrary *library = gv_library_open (work->folder, &work->notice, &error);

  if (library)
    g_task_return_pointer (task, library, g_object_unref);
  else
    g_task_return_error (task, error);
}

void
gv_library_open_async (const char *folder,
                       GCancellable *cancellable,
                       GAsyncReadyCallback callback,
                       gpointer data)
{
  g_autoptr (GTask) task = g_task_new (NULL, cancellable, callback, data);
  Open *work = g_new0 (Open, 1);

  work->folder = g_strdup (folder);
  g_task_set_task_data (task, work, open_free);
  g_task_run_in_thread (task, run_open);
}

GvLibrary *
gv_library_open_finish (GAsyncResult *result, char **notice, GError **error)
{
  Open *work = g_task_get_task_data (G_TASK (result));
  GvLibrary *library = g_task_propagate_pointer (G_TASK (result), error);

  if (notice)
    *notice = g_steal_pointer (&work->notice);
  return library;
}

const char *
gv_library_get_folder (GvLibrary *self)
{
  return self->folder;
}

bool
gv_library_is_read_only (GvLibrary *self)
{
  return self->read_only;
}

char *
gv_library_default_folder (void)
{
  const char *pictures = g_get_user_special_dir (G_USER_DIRECTORY_PICTURES);
  g_autofree char *usual = pictures ? NULL : g_build_filename (g_get_home_dir (), "Pictures", NULL);

  return g_build_filename (pictures ? pictures : usual, "Giverny", NULL);
}

void
gv_library_finish_pending (GvLibrary *self)
{
  gv_worker_finish_pending (self->worker);
}

/* Reading */

bool
gv_library_load (GvLibrary *self, const gint64 *ids, gsize n_ids, GPtrArray *items, GError **error)
{
  for (gsize i = 0; i < n_ids; i++) {
    g_autoptr (GError) local = NULL;
    GvEntry *entry = gv_catalogue_get (self->reader, ids[i], &local);

    g_ptr_array_add (items, entry ? gv_library_item_new (ids[i], self->folder, entry) : NULL);
    if (local) {
      gv_library_note_error (self, local);
      g_propagate_error (error, g_steal_pointer (&local));
      return false;
    }
  }
  return true;
}

GStrv
gv_library_list_names (GvLibrary *self, GvLibraryNames which)
{
  return gv_catalogue_list_names (self->reader, which);
}

bool
gv_library_has_scores (GvLibrary *self)
{
  return gv_catalogue_has_scores (self->reader);
}

typedef struct
{
  GvLibraryFilter *filter;
  GArray *ids; /* the result */
} Search;

static void
search_free (gpointer data)
{
  Search *search = data;

  gv_library_filter_free (search->filter);
  g_clear_pointer (&search->ids, g_array_unref);
  g_free (search);
}

static bool
find (gpointer object, gpointer data, GCancellable *cancellable, GError **error)
{
  GvLibrary *self = object;
  Search *search = data;
  g_autoptr (GError) local = NULL;

  search->ids = gv_catalogue_query (self->searcher, search->filter, cancellable, &local);
  if (search->ids)
    return true;
  gv_library_note_error (self, local);
  g_propagate_error (error, g_steal_pointer (&local));
  return false;
}

void
gv_library_query_async (GvLibrary *self,
                        const GvLibraryFilter *filter,
                        GCancellable *cancellable,
                        GAsyncReadyCallback callback,
                        gpointer data)
{
  g_autoptr (GTask) task = g_task_new (self, cancellable, callback, data);
  Search *search = g_new0 (Search, 1);

  search->filter = gv_library_filter_copy (filter);
  g_task_set_task_data (task, search, search_free);
  gv_worker_run (self->finder, task, find);
}

GArray *
gv_library_query_finish (GvLibrary *self, GAsyncResult *result, GError **error)
{
  Search *search = g_task_get_task_data (G_TASK (result));

  g_return_val_if_fail (g_task_is_valid (result, self), NULL);

  return g_task_propagate_boolean (G_TASK (result), error) ? g_steal_pointer (&search->ids) : NULL;
}
