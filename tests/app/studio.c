// SPDX-FileCopyrightText: Giverny contributors
// SPDX-License-Identifier: GPL-3.0-or-later
/* The whole studio under test. */
#include "studio.h"

typedef struct
{
  GvStudio studio;
  void (*test) (GvStudio *studio);
  bool ran;
} Run;

static bool
is_drawn (gpointer data)
{
  GvStudio *self = data;

  self->window =
      GV_WINDOW (gtk_application_get_active_window (GTK_APPLICATION (self->application)));
  return self->window && gtk_widget_get_mapped (GTK_WIDGET (self->window)) &&
         gtk_widget_get_width (GTK_WIDGET (self->window)) > 0;
}

static void
on_startup (GApplication *application, gpointer data)
{
  Run *run = data;
  GvStudio *self = &run->studio;

  self->settings = gv_application_get_settings (self->application);
  self->queue = gv_application_get_queue (self->application);
  g_settings_set_string (self->settings, "pictures-folder", self->folder);
}

static gboolean
on_turn (gpointer data)
{
  Run *run = data;

  g_assert_true (gv_stage_wait (is_drawn, &run->studio, 20));
  gv_stage_pass (100);
  run->test (&run->studio);
  run->ran = true;
  if (gtk_application_get_active_window (GTK_APPLICATION (run->studio.application)))
    gtk_window_close (GTK_WINDOW (run->studio.window));
  return G_SOURCE_REMOVE;
}

static void
on_activate (GApplication *application, gpointer data)
{
  g_idle_add (on_turn, data);
}

void
gv_studio_run (void (*test) (GvStudio *studio))
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GvApplication) application = gv_application_new ();
  Run run = { .studio = { .application = application }, .test = test };

  run.studio.folder = g_dir_make_tmp ("giverny-XXXXXX", &error);
  g_assert_no_error (error);
  g_application_set_flags (G_APPLICATION (application),
                           G_APPLICATION_NON_UNIQUE | G_APPLICATION_HANDLES_OPEN);
  g_signal_connect_after (application, "startup", G_CALLBACK (on_startup), &run);
  g_signal_connect_after (application, "activate", G_CALLBACK (on_activate), &run);
  g_assert_cmpint (g_application_run (G_APPLICATION (application), 0, NULL), ==, 0);
  g_assert_true (run.ran);
  if (gv_application_is_stuck (application))
    g_test_message ("the engine was still inside of the driver");
  g_free (run.studio.folder);
}

void
gv_studio_do (GvStudio *self, const char *name)
{
  g_test_message ("%s", name);
  g_assert_true (gtk_widget_activate_action (GTK_WIDGET (self->window), name, NULL));
}

static bool
is_idle (gpointer data)
{
  GvStudio *self = data;

  return gv_queue_get_n_open (self->queue) == 0;
}

void
gv_studio_wait_until_idle (GvStudio *self)
{
  g_assert_true (gv_stage_wait (is_idle, self, 100));
  for (guint i = 0; i < g_list_model_get_n_items (gv_queue_get_jobs (self->queue)); i++)
    g_assert_no_error (gv_job_get_error (gv_studio_get_job (self, i)));
}

GvJob *
gv_studio_get_job (GvStudio *self, guint n)
{
  g_autoptr (GvJob) job = g_list_model_get_item (gv_queue_get_jobs (self->queue), n);

  return job;
}

static void
run_test (gconstpointer test)
{
  void (*const *func) (GvStudio *) = test;

  gv_studio_run (*func);
}

void
gv_studio_add_test (const char *path, void (*test) (GvStudio *studio))
{
  g_test_add_data_func_full (path, g_memdup2 (&test, sizeof test), run_test, g_free);
}
