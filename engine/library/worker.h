// SPDX-FileCopyrightText: Giverny contributors
// SPDX-License-Identifier: GPL-3.0-or-later
/* A thread that does tasks one after the other, in the order in which they were handed over. */
#pragma once

#include <gio/gio.h>
#include <stdbool.h>

typedef struct _GvWorker GvWorker;

GvWorker *gv_worker_new (const char *name);

/* Waits for the task that runs; there may be no others. */
void gv_worker_free (GvWorker *self);

/*
 * Runs @func in the thread with the task's source object and data; its result ends the task in the
 * context in which it was made.
 */
typedef bool (*GvWorkerFunc) (gpointer object,
                              gpointer data,
                              GCancellable *cancellable,
                              GError **error);
void gv_worker_run (GvWorker *self, GTask *task, GvWorkerFunc func);

/* Waits until all that was handed over is done. */
void gv_worker_finish_pending (GvWorker *self);
