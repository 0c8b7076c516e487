// SPDX-FileCopyrightText: Giverny contributors
// SPDX-License-Identifier: GPL-3.0-or-later
/* Messages to a thread and back.  The thread owns nothing: whatever a task keeps alive is given up
 * where the task was made, so nothing of the library's is ever freed over there. */
#include "library/worker.h"

#include "base/post.h"

struct _GvWorker
{
  GAsyncQueue *queue; /* (element-type Job) */
  GThread *thread;
};

typedef struct
{
  GTask *task; /* (owned) (nullable): NULL for a job that only shows how far the thread is */
  GvWorkerFunc func;
  GError *error;
  bool ok, last;
  GMutex *lock; /* (nullable) */
  GCond *reached;
  bool *is_reached;
} Job;

static void
job_free (gpointer data)
{
  Job *job = data;

  g_clear_object (&job->task);
  g_clear_error (&job->error);
  g_free (job);
}

static void
deliver (gpointer data)
{
  Job *job = data;

  if (job->ok)
    g_task_return_boolean (job->task, TRUE);
  else
    g_task_return_error (job->task, g_steal_pointer (&job->error));
}

static void
run_job (Job *job)
{
  job->ok = job->func (g_task_get_source_object (job->task), g_task_get_task_data (job->task),
                       g_task_get_cancellable (job->task), &job->error);
  gv_post (g_task_get_context (job->task), deliver, job, job_free);
}

static void
tell_reached (Job *job)
{
  g_mutex_lock (job->lock);
  *job->is_reached = true;
  g_cond_signal (job->reached);
  g_mutex_unlock (job->lock);
  job_free (job);
}

static gpointer
run (gpointer data)
{
  GvWorker *self = data;
  Job *job;

  for (;;) {
    job = g_async_queue_pop (self->queue);
    if (job->last)
      break;
    if (job->task)
      run_job (job);
    else
      tell_reached (job);
  }
  job_free (job);
  return NULL;
}

GvWorker *
gv_worker_new (const char *name)
{
  GvWorker *self = g_new0 (GvWorker, 1);

  self->queue = g_async_queue_new_full (job_free);
  self->thread = g_thread_new (name, run, self);
  return self;
}

void
gv_worker_free (GvWorker *self)
{
  Job *job = g_new0 (Job, 1);

  job->last = true;
  g_async_queue_push (self->queue, job);
  g_thread_join (self->thread);
  g_async_queue_unref (self->queue);
  g_free (self);
}

void
gv_worker_run (GvWorker *self, GTask *task, GvWorkerFunc func)
{
  Job *job = g_new0 (Job, 1);

  job->task = g_object_ref (task);
  job->func = func;
  g_async_queue_push (self->queue, job);
}

void
gv_worker_finish_pending (GvWorker *self)
{
  GMutex lock;
  GCond reached;
  bool is_reached = false;
  Job *job = g_new0 (Job, 1);

  g_mutex_init (&lock);
  g_cond_init (&reached);
  job->lock = &lock;
  job->reached = &reached;
  job->is_reached = &is_reached;
  g_async_queue_push (self->queue, job);
  g_mutex_lock (&lock);
  while (!is_reached)
    g_cond_wait (&reached, &lock);
  g_mutex_unlock (&lock);
  g_cond_clear (&reached);
  g_mutex_clear (&lock);
}
