// SPDX-FileCopyrightText: Giverny contributors
// SPDX-License-Identifier: GPL-3.0-or-later
/* The pictures of this session: those that wait, the one being painted, those that are done. */
#pragma once

#include "jobs/job.h"

G_BEGIN_DECLS

#define GV_TYPE_QUEUE (gv_queue_get_type ())
G_DECLARE_FINAL_TYPE (GvQueue, gv_queue, GV, QUEUE, GObject)

/*
 * Signals, all with the GvJob:
 *   started: it goes to the engine now
 *   painted: its picture is there, though perhaps not on disk
 *   saved, failed: as they say
 *   cancelled: it has left the list
 * Properties: "n-open" (uint): how many are waiting, running or being saved, live ones aside;
 *   "busy" (bool): the engine is painting.
 */
GvQueue *gv_queue_new (GvEngine *engine, GvJournal *journal);

/* (transfer none): where the open jobs are kept on disk */
GvJournal *gv_queue_get_journal (GvQueue *self);

/* Begins to paint, with what an earlier session has left; until then jobs are only gathered. */
void gv_queue_begin (GvQueue *self);

/*
 * Has the engine open the device and the model and prepare for pictures like @recipe's, by a step that nobody
 * sees.  Ends at once when there is a job.
 */
void gv_queue_warm (GvQueue *self, GvRecipe *recipe);

/* (transfer none) (element-type GvJob): in the order of painting; live jobs are not among them */
GListModel *gv_queue_get_jobs (GvQueue *self);

/* Where pictures go from now on. */
void gv_queue_set_folder (GvQueue *self, const char *folder);
const char *gv_queue_get_folder (GvQueue *self);

/*
 * One job for each of @recipe's pictures, behind all others; each is on disk before it begins.
 * Returns: (transfer none) (nullable): the first; NULL if the queue is full
 */
GvJob *gv_queue_add (GvQueue *self, GvRecipe *recipe);

/* Puts a finished job back into the list, before all open ones. */
void gv_queue_restore (GvQueue *self, GvJob *job);

/*
 * Paints @recipe before all others, to be looked at only.  It takes the place of an earlier live job; a job
 * that is being painted waits again meanwhile.
 */
GvJob *gv_queue_add_live (GvQueue *self, GvRecipe *recipe);

/* Keeps the picture of a live job: it is saved and takes its place in the list. */
void gv_queue_keep (GvQueue *self, GvJob *live);

/* Takes @job out; one that is being painted ends within a fraction of a second. */
void gv_queue_cancel (GvQueue *self, GvJob *job);
void gv_queue_cancel_live (GvQueue *self);
void gv_queue_cancel_all (GvQueue *self);

/* Gives a failed job another chance, in its place. */
void gv_queue_retry (GvQueue *self, GvJob *job);

/* Moves a waiting job by @places among the waiting ones; false if it stays where it is. */
bool gv_queue_move (GvQueue *self, GvJob *job, int places);

/* Takes a finished or failed job out of the list; its file stays. */
void gv_queue_forget (GvQueue *self, GvJob *job);

/* (transfer none) (nullable): the one that is being painted, live or not */
GvJob *gv_queue_get_running (GvQueue *self);

guint gv_queue_get_n_open (GvQueue *self);

/* Whether the engine has something in hand, also if it was cancelled; whether pictures are being written. */
bool gv_queue_is_engine_busy (GvQueue *self);
bool gv_queue_is_saving (GvQueue *self);

/* Starts nothing more, stops what runs, and leaves the list as it is: the window is closing. */
void gv_queue_close (GvQueue *self);

G_END_DECLS
