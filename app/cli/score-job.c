// SPDX-FileCopyrightText: Giverny contributors
// SPDX-License-Identifier: GPL-3.0-or-later
/* A scoring job on an engine of its own, waited for in a main loop. */
#include "score-job.h"

#include "terminal.h"

#include <gio/gio.h>
#include <glib-unix.h>
#include <math.h>

#define BAR 24

typedef struct
{
  GvEngine *engine;
  GMainLoop *loop;
  GCancellable *cancellable;
  GvScoreEvent event;
  gpointer data;
  int n, done;
  bool lively; /* a progress line is shown */
  guint interrupt, terminate; /* signal sources; 0 once they fired */
  GError *error;              /* (owned): what ended the job       */
} Run;

void
gv_score_options_apply (const GvScoreOptions *self, bool match, GvScoreSetup *setup)
{
  gv_score_setup_init (setup);
  setup->clip = self->clip;
  setup->blip2 = self->blip2;
  setup->lpips = self->lpips;
  setup->blip2_tokens = self->blip2_tokens;
  setup->match = match;
}

void
gv_score_say_starter (const GvScoreSetup *setup)
{
  if (gv_score_setup_is_starter (setup))
    g_printerr ("%s\n", gv_score_starter_notice ());
}

char *
gv_score_format (double value)
{
  return isfinite (value) ? g_strdup_printf ("%.6f", value) : g_strdup ("");
}

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
show (Run *self)
{
  int full = self->n ? BAR * self->done / self->n : BAR;

  if (!self->lively)
    return;
  g_printerr ("\r  %s", gv_style (stderr, GV_ACCENT));
  for (int i = 0; i < BAR; i++)
    g_printerr ("%s", i < full ? "█" : "░");
  g_printerr ("%s %d/%d", gv_style (stderr, GV_PLAIN), self->done, self->n);
}

static void
on_score (const GvScoreResult *result, gpointer data)
{
  Run *self = data;
  GError *error = NULL;

  self->done++;
  show (self);
  if (!self->error && !self->event (result, self->data, &error))
    stop_with (self, error);
}

static void
on_done (GObject *source, GAsyncResult *result, gpointer data)
{
  Run *self = data;
  GError *error = NULL;

  if (!gv_engine_score_finish (self->engine, result, &error)) {
    if (self->error)
      g_error_free (error);
    else
      self->error = error;
  }
  g_main_loop_quit (self->loop);
}

static gboolean
on_interrupt (gpointer data)
{
  Run *self = data;

  self->interrupt = 0;
  stop_with (self, g_error_new_literal (G_IO_ERROR, G_IO_ERROR_CANCELLED, _ ("cancelled")));
  return G_SOURCE_REMOVE;
}

static gboolean
on_terminate (gpointer data)
{
  Run *self = data;

  self->terminate = 0;
  stop_with (self, g_error_new_literal (G_IO_ERROR, G_IO_ERROR_CANCELLED, _ ("cancelled")));
  return G_SOURCE_REMOVE;
}

bool
gv_score_job_run (const GvScoreSetup *setup,
                  const GvScoreItem *items,
                  int n,
                  const char *device,
                  GvScoreEvent event,
                  gpointer data,
                  GError **error)
{
  g_autoptr (GMainLoop) loop = g_main_loop_new (NULL, FALSE);
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (GvEngine) engine = gv_engine_new (device);
  Run self = {
    engine, loop, cancellable, event, data, .n = n, .lively = gv_terminal_is_lively (stderr)
  };

  self.interrupt = g_unix_signal_add (SIGINT, on_interrupt, &self);
  self.terminate = g_unix_signal_add (SIGTERM, on_terminate, &self);
  show (&self);
  gv_engine_score_async (engine, setup, items, n, on_score, cancellable, on_done, &self);
  g_main_loop_run (loop);
  if (self.lively)
    g_printerr ("\r\033[K");
  g_clear_handle_id (&self.interrupt, g_source_remove);
  g_clear_handle_id (&self.terminate, g_source_remove);
  if (self.error)
    g_propagate_error (error, self.error);
  return self.error == NULL;
}
