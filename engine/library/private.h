// SPDX-FileCopyrightText: Giverny contributors
// SPDX-License-Identifier: GPL-3.0-or-later
/* The library's insides, for the files that change pictures through its thread. */
#pragma once

#include "library/folder.h"
#include "library/worker.h"

struct _GvLibrary
{
  GObject parent_instance;
  char *folder;          /* (owned): never changes                                       */
  int lock;              /* a descriptor; -1: none                                       */
  bool read_only;
  GvCatalogue *reader;   /* (owned): the maker's thread                                  */
  GvCatalogue *writer;   /* (owned): the worker's thread                                 */
  GvCatalogue *searcher; /* (owned): the finder's thread                                 */
  GvWorker *worker, *finder;
  int broken;            /* atomic: the database was found corrupt                       */
  GMainContext *context; /* (owned): the maker's                                         */
  double progress;
  GFileMonitor *monitor; /* (owned) (nullable)                                           */
  GHashTable *touched;   /* (element-type utf8): what the monitor told of                */
  guint touched_source;
};

/* In the worker's thread, before anything is written. */
bool gv_library_check_writable (GvLibrary *self, GError **error);

/* Remembers that the database is broken, if that is what @error says.  Any thread; always false. */
bool gv_library_note_error (GvLibrary *self, const GError *error);

/*
 * Starts a task in the worker's thread.  @data is freed by @destroy; without a @callback, errors
 * are emitted as "failed". @after runs in the maker's context before the callback, if all went
 * well.
 */
void gv_library_run (GvLibrary *self,
                     GvWorkerFunc func,
                     gpointer work,
                     GDestroyNotify destroy,
                     void (*after) (GvLibrary *self, gpointer work),
                     GCancellable *cancellable,
                     GAsyncReadyCallback callback,
                     gpointer data);

/* What was handed to gv_library_run(), from a callback's result. */
gpointer gv_library_get_work (GAsyncResult *result);

void gv_library_emit_changed (GvLibrary *self);
void gv_library_emit_item_changed (GvLibrary *self, gint64 id);
