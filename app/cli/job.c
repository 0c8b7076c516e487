// SPDX-FileCopyrightText: Giverny contributors
// SPDX-License-Identifier: GPL-3.0-or-later
/* Runs one recipe to its end, with a progress line, previews, and Ctrl+C. */
#include "job.h"

#include "progress.h"
#include "terminal.h"

#include <gio/gio.h>
#include <glib-unix.h>

#define PREVIEW_FACTOR 8 /* latent cells to pixels */

typedef struct
{
  const GvCliJob *job;
  GvEngine *engine;
  GMainLoop *loop;
  GCancellable *cancellable;
  GvProgressLine *line;
  guint interrupt, terminate; /* signal sources; 0 once they fired */
  GError *error;              /* (owned): what ended the job from here */
  GPtrArray *warnings;        /* (owned) (element-type char*): a run that goes well prints them */
  bool ok;
} Run;

static void
stop_with (Run *self, GError *error)
{
  if (self->error)
    g_error_free (error);
  else
    self->error = error;
  g_cancellable_cancel (self->cancellable);
}

static void
save_preview (Run *self, const GvProgress *p)
{
  g_autoptr (GvImage) large = gv_image_enlarge (p->preview, PREVIEW_FACTOR);
  g_autofree char *picture =
      p->n_pictures > 1 ? g_strdup_printf ("%d-", p->picture) : g_strdup ("");
  g_autofree char *name = g_strdup_printf ("%sstep-%03d.png", picture, p->step);
  g_autofree char *path = g_build_filename (self->job->preview, name, NULL);
  GError *error = NULL;

  if (!gv_image_save (large, path, &error))
    stop_with (self, error);
}

static void
on_progress (const GvProgress *progress, gpointer data)
{
  Run *self = data;

  gv_progress_line_update (self->line, progress);
  if (self->job->preview && progress->preview && !self->error)
    save_preview (self, progress);
}

static void
on_picture (const GvPicture *picture, gpointer data)
{
  Run *self = data;
  GError *error = NULL;

  if (!self->error && !self->job->picture (picture, self->job->data, &error))
    stop_with (self, error);
}

/* On a line of its own, behind whatever the progress line left. */
static void
on_warning (const char *sentence, gpointer data)
{
  Run *self = data;

  g_ptr_array_add (self->warnings, gv_one_line (sentence));
}

static void
on_done (GObject *source, GAsyncResult *result, gpointer data)
{
  Run *self = data;
  g_autoptr (GError) error = NULL;

  self->ok = gv_engine_generate_finish (self->engine, result, &error);
  if (!self->ok && !self->error)
    self->error = g_steal_pointer (&error);
  g_main_loop_quit (self->loop);
}

static gboolean
on_interrupt (gpointer data)
{
  Run *self = data;

  self->interrupt = 0;
  stop_with (self, g_error_new_literal (G_IO_ERROR, G_IO_ERROR_CANCELLED, _("cancelled")));
  return G_SOURCE_REMOVE;
}

static gboolean
on_terminate (gpointer data)
{
  Run *self = data;

  self->terminate = 0;
  stop_with (self, g_error_new_literal (G_IO_ERROR, G_IO_ERROR_CANCELLED, _("cancelled")));
  return G_SOURCE_REMOVE;
}

static void
run (Run *self)
{
  static const GvJobEvents events = { on_progress, on_picture, on_warning };
  g_autoptr (GvEngine) engine = self->job->engine ? g_object_ref (self->job->engine)
                                                  : gv_engine_new (self->job->device);

  self->engine = engine;
  self->interrupt = g_unix_signal_add (SIGINT, on_interrupt, self);
  self->terminate = g_unix_signal_add (SIGTERM, on_terminate, self);
  gv_engine_generate_async (engine, self->job->recipe, &events, self->cancellable, on_done, self);
  g_main_loop_run (self->loop);
  g_clear_handle_id (&self->interrupt, g_source_remove);
  g_clear_handle_id (&self->terminate, g_source_remove);
}

bool
gv_cli_job_run (const GvCliJob *job, GError **error)
{
  g_autoptr (GMainLoop) loop = g_main_loop_new (NULL, FALSE);
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (GvProgressLine) line = gv_progress_line_new ();
  g_autoptr (GPtrArray) warnings = g_ptr_array_new_with_free_func (g_free);
  Run self = { .job = job, .loop = loop, .cancellable = cancellable, .line = line };

  self.warnings = warnings;
  run (&self);
  g_clear_pointer (&line, gv_progress_line_free);
  if (self.error)
    g_propagate_error (error, self.error);
  for (guint i = 0; self.ok && !self.error && i < warnings->len; i++)
    fprintf (stderr, _("Warning: %s\n"), (char *) warnings->pdata[i]);
  return self.ok && !self.error;
}
