// SPDX-FileCopyrightText: Giverny contributors
// SPDX-License-Identifier: GPL-3.0-or-later
/* Scoring jobs as the engine's thread sees them: in steps, each of which may be interrupted. */
#pragma once

#include "gv-score.h"
#include "score/scorer.h"

/* True for tasks of gv_engine_score_async(). */
bool gv_score_task_check (GTask *task);

/*
 * Scores the next pictures.  @scorer: (inout): kept between steps and tasks.
 * @interrupt: cancelled by whatever is more urgent; the step is then done again another time
 * @lost: (out): the device is to be opened anew; once a task this is no failure
 * Returns: true while there is more to do; once it is false the task has returned
 */
bool gv_score_task_step (GTask *task,
                         GvDevice *device,
                         GvScorer **scorer,
                         GCancellable *interrupt,
                         bool *lost);

/* Ends a task that never comes to its turn. */
void gv_score_task_fail (GTask *task, GError *error);

/* What gv-engine.c gives gv-score.c: queues a task; what interrupts scoring when it is cancelled.
 */
void gv_engine_push (GvEngine *self, GTask *task);
GCancellable *gv_engine_get_interrupt (GvEngine *self);
