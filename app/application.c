// SPDX-FileCopyrightText: Giverny contributors
// SPDX-License-Identifier: GPL-3.0-or-later
/* The program. */
#include "application.h"

#include "dialogs/dialogs.h"
#include "settings.h"
#include "window.h"

/* How long closing waits for the engine. */
#define MAX_WAIT_US 1500000

struct _GvApplication
{
  AdwApplication parent_instance;
  GvEngine *engine;    /* (owned) (nullable): until startup, and after shutdown, there is none */
  GvQueue *queue;      /* (owned) (nullable) */
  bool stuck;          /* the engine would not end in time */
  char *notice;        /* (nullable): what is to be said when there is a window */
  GSettings *settings; /* (owned) (nullable) */
};

G_DEFINE_FINAL_TYPE (GvApplication, gv_application, ADW_TYPE_APPLICATION)

static GtkWindow *
get_window (GvApplication *self)
{
  GtkWindow *window = gtk_application_get_active_window (GTK_APPLICATION (self));

  return window ? window : GTK_WINDOW (gv_window_new (self));
}

static void
on_about (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  adw_show_about_dialog (GTK_WIDGET (get_window (data)), "application-name", "Giverny",
                         "application-icon", GV_APP_ID, "developer-name",
                         _("Giverny contributors"), "version", GV_VERSION, "license-type",
                           GTK_LICENSE_GPL_3_0, "comments",
                           _("Paints pictures from words, on your own computer."), NULL);
}

static void
on_show (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  gtk_window_present (get_window (data));
}

static void
present (GvApplication *self, AdwDialog *dialog)
{
  adw_dialog_present (dialog, GTK_WIDGET (get_window (self)));
}

static void
on_preferences (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  present (data, gv_preferences_dialog_new (GV_APPLICATION (data)->settings));
}

static void
on_shortcuts (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  present (data, gv_shortcuts_dialog_new ());
}

static void
on_help (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  present (data, gv_help_dialog_new ());
}

static void
on_quit (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  GtkWindow *window = gtk_application_get_active_window (data);

  if (window)
    gtk_window_close (window);
  else
    g_application_quit (data);
}

static const GActionEntry entries[] = {
  { .name = "show", .activate = on_show },
  { .name = "about", .activate = on_about },
  { .name = "preferences", .activate = on_preferences },
  { .name = "shortcuts", .activate = on_shortcuts },
  { .name = "help", .activate = on_help },
  { .name = "quit", .activate = on_quit },
};

static void
on_folder_changed (GSettings *settings, const char *key, GvApplication *self)
{
  g_autofree char *folder = gv_settings_dup_pictures_folder (settings);

  gv_queue_set_folder (self->queue, folder);
}

static void
on_scheme_changed (GSettings *settings, const char *key, gpointer data)
{
  adw_style_manager_set_color_scheme (adw_style_manager_get_default (),
                                      (AdwColorScheme) g_settings_get_enum (settings, key));
}

static void
open_queue (GvApplication *self)
{
  g_autofree char *path = gv_journal_default_path ();
  g_autoptr (GvJournal) journal = gv_journal_open (path, &self->notice);

  self->queue = gv_queue_new (self->engine, journal);
}

static void
gv_application_startup (GApplication *application)
{
  GvApplication *self = GV_APPLICATION (application);
  g_autofree char *device = NULL;

  G_APPLICATION_CLASS (gv_application_parent_class)->startup (application);
  gtk_window_set_default_icon_name (GV_APP_ID);
  g_action_map_add_action_entries (G_ACTION_MAP (self), entries, G_N_ELEMENTS (entries), self);
  self->settings = gv_settings_new ();
  device = g_settings_get_string (self->settings, "device");
  self->engine = gv_engine_new (*device ? device : NULL);
  open_queue (self);
  g_signal_connect (self->settings, "changed::pictures-folder", G_CALLBACK (on_folder_changed),
                    self);
  on_folder_changed (self->settings, NULL, self);
  g_signal_connect (self->settings, "changed::color-scheme", G_CALLBACK (on_scheme_changed), self);
  on_scheme_changed (self->settings, "color-scheme", self);
}

/* The window is there first; then the engine wakes up. */
static gboolean
on_drawn (gpointer data)
{
  GvApplication *self = data;

  if (self->queue) {
    gv_queue_begin (self->queue);
    gv_queue_warm (self->queue, gv_window_get_recipe (GV_WINDOW (get_window (self))));
  }
  return G_SOURCE_REMOVE;
}

static void
gv_application_activate (GApplication *application)
{
  GvApplication *self = GV_APPLICATION (application);
  bool first = gtk_application_get_active_window (GTK_APPLICATION (self)) == NULL;
  GtkWindow *window = get_window (self);

  gtk_window_present (window);
  if (first)
    g_timeout_add (50, on_drawn, self);
  if (self->notice)
    gv_window_tell (GV_WINDOW (window), self->notice);
  g_clear_pointer (&self->notice, g_free);
}

static void
gv_application_open (GApplication *application, GFile **files, int n, const char *hint)
{
  GvApplication *self = GV_APPLICATION (application);

  g_application_activate (application);
  for (int i = 0; i < n; i++) {
    g_autofree char *path = g_file_get_path (files[i]);

    if (path)
      gv_window_open_file (GV_WINDOW (get_window (self)), path);
  }
}

/*
 * What was cancelled ends within a fraction of a second; a driver that compiles a shader may take
 * longer, and nobody wants to wait for that.  Pictures that are being written are always waited
 * for.
 */
static bool
wait_for_queue (GvQueue *queue)
{
  gint64 end = g_get_monotonic_time () + MAX_WAIT_US;

  while (gv_queue_is_saving (queue) ||
         (gv_queue_is_engine_busy (queue) && g_get_monotonic_time () < end))
    if (!g_main_context_iteration (NULL, FALSE))
      g_usleep (2000);
  return !gv_queue_is_engine_busy (queue);
}

static void
gv_application_shutdown (GApplication *application)
{
  GvApplication *self = GV_APPLICATION (application);

  if (self->queue) {
    gv_queue_close (self->queue);
    gv_journal_flush (gv_queue_get_journal (self->queue), NULL);
    self->stuck = !wait_for_queue (self->queue);
  }
  if (self->settings)
    g_signal_handlers_disconnect_by_data (self->settings, self);
  g_clear_object (&self->queue);
  g_clear_object (&self->engine);
  g_clear_object (&self->settings);
  g_clear_pointer (&self->notice, g_free);
  G_APPLICATION_CLASS (gv_application_parent_class)->shutdown (application);
}

bool
gv_application_is_stuck (GvApplication *self)
{
  return self->stuck;
}

static void
gv_application_class_init (GvApplicationClass *klass)
{
  GApplicationClass *application_class = G_APPLICATION_CLASS (klass);

  application_class->startup = gv_application_startup;
  application_class->activate = gv_application_activate;
  application_class->open = gv_application_open;
  application_class->shutdown = gv_application_shutdown;
}

static void
gv_application_init (GvApplication *self)
{
}

GvApplication *
gv_application_new (void)
{
  return g_object_new (GV_TYPE_APPLICATION, "application-id", GV_APP_ID, "flags",
                       G_APPLICATION_HANDLES_OPEN, "resource-base-path", "/app/giverny/Giverny",
                       NULL);
}

GvEngine *
gv_application_get_engine (GvApplication *self)
{
  return self->engine;
}

GvQueue *
gv_application_get_queue (GvApplication *self)
{
  return self->queue;
}

GSettings *
gv_application_get_settings (GvApplication *self)
{
  return self->settings;
}
