// SPDX-FileCopyrightText: Giverny contributors
// SPDX-License-Identifier: GPL-3.0-or-later
/* One glossary for all editors, read in whatever thread needs it first. */
#include "compose/suggestion.h"

#include <sys/stat.h>

static GMutex lock; /* guards what follows */
static GvGlossary *glossary;
static char *glossary_problem;
static struct timespec glossary_time;

/* With the lock held. */
static void
refresh (void)
{
  g_autofree char *path = gv_glossary_default_path ();
  g_autoptr (GError) error = NULL;
  struct stat s = { 0 };

  if (stat (path, &s) != 0)
    s.st_mtim = (struct timespec) { 0 };
  if (glossary && s.st_mtim.tv_sec == glossary_time.tv_sec &&
      s.st_mtim.tv_nsec == glossary_time.tv_nsec)
    return;
  glossary_time = s.st_mtim;
  g_clear_pointer (&glossary, gv_glossary_free);
  g_clear_pointer (&glossary_problem, g_free);
  glossary = gv_glossary_new (path, &error);
  if (glossary)
    return;
  glossary_problem = g_strdup (error->message);
  glossary = gv_glossary_new (NULL, NULL);
}

char *
gv_suggest_english (const char *text, char **problem)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&lock);

  refresh ();
  *problem = g_strdup (glossary_problem);
  return glossary ? gv_glossary_apply (glossary, text) : NULL;
}

static void
make_thread (GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
  g_autofree char *path = gv_glossary_default_path ();
  GError *error = NULL;

  if (gv_glossary_make_own (path, &error))
    g_task_return_boolean (task, TRUE);
  else
    g_task_return_error (task, error);
}

static void
on_made (GObject *source, GAsyncResult *result, gpointer data)
{
  GtkRoot *root = gtk_widget_get_root (GTK_WIDGET (source));
  g_autofree char *path = gv_glossary_default_path ();
  g_autoptr (GError) error = NULL;
  g_autoptr (GFile) file = g_file_new_for_path (path);
  g_autoptr (GtkFileLauncher) launcher = gtk_file_launcher_new (file);
  GtkAlertDialog *dialog;

  if (g_task_propagate_boolean (G_TASK (result), &error)) {
    gtk_file_launcher_launch (launcher, GTK_IS_WINDOW (root) ? GTK_WINDOW (root) : NULL, NULL, NULL,
                              NULL);
    return;
  }
  dialog = gtk_alert_dialog_new ("%s", error->message);
  gtk_alert_dialog_show (dialog, GTK_IS_WINDOW (root) ? GTK_WINDOW (root) : NULL);
  g_object_unref (dialog);
}

void
gv_glossary_edit (GtkWidget *widget)
{
  g_autoptr (GTask) task = g_task_new (widget, NULL, on_made, NULL);

  g_task_run_in_thread (task, make_thread);
}
