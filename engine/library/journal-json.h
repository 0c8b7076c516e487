// SPDX-FileCopyrightText: Giverny contributors
// SPDX-License-Identifier: GPL-3.0-or-later
/* Jobs of the queue as objects, and the queue as JSON. */
#pragma once

#include "gv-journal.h"

/* Two prompts a job at their longest would be far more; a real queue is some kilobytes. */
#define GV_JOURNAL_MAX_BYTES ((size_t) 64 << 20)

/* Keeps @recipe, which may not change any more. */
GvJournalJob *gv_journal_job_new (guint64 id, GvRecipe *recipe);
void gv_journal_job_set_state (GvJournalJob *self, GvJournalState state, const char *error);
void gv_journal_job_set_done (GvJournalJob *self, int done);

/* Under which number of the state file the job is there for the first time. */
void gv_journal_job_set_number (GvJournalJob *self, guint64 number);
guint64 gv_journal_job_get_number (GvJournalJob *self);

/* (transfer full) */
char *gv_journal_to_json (const GPtrArray *jobs, guint64 next_id, bool paused);

/*
 * Fills @jobs.  A job whose recipe can't be used, because another version wrote it for instance, is
 * kept as a failed one. Errors: GV_FORMAT_ERROR, naming file and field
 */
bool gv_journal_from_json (const char *name,
                           const char *json,
                           size_t size,
                           GPtrArray *jobs,
                           guint64 *next_id,
                           bool *paused,
                           GError **error);
