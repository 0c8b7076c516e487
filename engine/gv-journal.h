// SPDX-FileCopyrightText: Giverny contributors
// SPDX-License-Identifier: GPL-3.0-or-later
/* The queue of jobs, kept on disk so that it outlives the program, however that ends. */
#pragma once

#include "gv-recipe.h"

#include <gio/gio.h>
#include <stdbool.h>

G_BEGIN_DECLS

#define GV_JOURNAL_MAX_JOBS 10000

typedef enum {
  GV_JOURNAL_WAITING,
  GV_JOURNAL_RUNNING, /* at the next start it waits again, at the head of the others */
  GV_JOURNAL_FAILED,  /* stays until it is tried again or removed                    */
} GvJournalState;

#define GV_TYPE_JOURNAL_STATE (gv_journal_state_get_type ())
GType gv_journal_state_get_type (void);

/*
 * One job.  Properties, all to be read and bound only: id (uint64, never given twice), recipe
 * (GvRecipe; NULL where the file's can't be used, which fails the job), state (GvJournalState),
 * done (int, pictures of the recipe's count that are on disk), error (string, nullable, why it
 * failed).
 */
#define GV_TYPE_JOURNAL_JOB (gv_journal_job_get_type ())
G_DECLARE_FINAL_TYPE (GvJournalJob, gv_journal_job, GV, JOURNAL_JOB, GObject)

guint64 gv_journal_job_get_id (GvJournalJob *self);
GvRecipe *gv_journal_job_get_recipe (GvJournalJob *self);
GvJournalState gv_journal_job_get_state (GvJournalJob *self);
int gv_journal_job_get_done (GvJournalJob *self);
const char *gv_journal_job_get_error (GvJournalJob *self);

/*
 * The queue is a GListModel of GvJournalJob, in the order in which jobs run.  Every change is in
 * memory at once and on its way to the disk; writing happens in a thread, and the newest state
 * wins. Properties: paused (boolean, also kept on disk), error (string, nullable: why the last
 * change is not on disk).
 */
#define GV_TYPE_JOURNAL (gv_journal_get_type ())
G_DECLARE_FINAL_TYPE (GvJournal, gv_journal, GV, JOURNAL, GObject)

/**
 * gv_journal_open:
 * @path: the queue's file; its folder exists
 * @notice: (out) (optional) (transfer full) (nullable): a sentence for a person if the file could
 *   not be used and the queue begins empty
 *
 * Reads the queue.  A file that can't be read is moved aside, never written over.
 */
GvJournal *gv_journal_open (const char *path, char **notice);

/* The usual place, "queue.json" in the user's data folder, which is made if need be. (transfer
 * full)
 */
char *gv_journal_default_path (void);

/**
 * gv_journal_add:
 * @recipe: copied; valid
 *
 * Puts a job at the end. Returns: (transfer none) (nullable): NULL if there are
 * %GV_JOURNAL_MAX_JOBS already
 */
GvJournalJob *gv_journal_add (GvJournal *self, GvRecipe *recipe);

/**
 * gv_journal_get_next:
 *
 * Returns: (transfer none) (nullable): the first job that waits and is safely on disk; NULL while
 * the queue is paused, and while the last change could not be written: what is queued then stays
 * where it is. Look again at "durable" and at "notify::paused".
 */
GvJournalJob *gv_journal_get_next (GvJournal *self);

/* True if the job would be there after a crash right now. */
bool gv_journal_is_durable (GvJournal *self, GvJournalJob *job);

/* @error: (nullable): a sentence, for failed jobs */
void
gv_journal_set_state (GvJournal *self, GvJournalJob *job, GvJournalState state, const char *error);

/* Counts pictures; tell it of one as soon as that is on disk. */
void gv_journal_set_done (GvJournal *self, GvJournalJob *job, int n_pictures);

/* To @position of the list, beyond its end for the last. */
void gv_journal_move (GvJournal *self, GvJournalJob *job, guint position);

/* Takes away what is done or cancelled. */
void gv_journal_remove (GvJournal *self, GvJournalJob *job);

void gv_journal_set_paused (GvJournal *self, bool paused);
bool gv_journal_get_paused (GvJournal *self);

/* Why the newest state is not on disk; NULL if it is, or is on its way there. */
const char *gv_journal_get_error (GvJournal *self);

/* Writes what waits, right here; for the program's end.  Errors: GV_FORMAT_ERROR_IO */
bool gv_journal_flush (GvJournal *self, GError **error);

/* The same in the worker thread; also tries again after an error. */
void gv_journal_flush_async (GvJournal *self,
                             GCancellable *cancellable,
                             GAsyncReadyCallback callback,
                             gpointer data);
bool gv_journal_flush_finish (GvJournal *self, GAsyncResult *result, GError **error);

G_END_DECLS
