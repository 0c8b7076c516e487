// SPDX-FileCopyrightText: Giverny contributors
// SPDX-License-Identifier: GPL-3.0-or-later
/* The program. */
#include "application.h"

#include "dialogs/dialogs.h"
#include "settings.h"
#include "window.h"

struct _GvApplication
{
  AdwApplication parent_instance;
  GvEngine *engine;    /* (owned) (nullable): until startup, and after shutdown, there is none */
  GvQueue *queue;      /* (owned) (nullable) */
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
  self->queue = gv_queue_new (self->engine);
  g_signal_connect (self->settings, "changed::pictures-folder", G_CALLBACK (on_folder_changed),
                    self);
  on_folder_changed (self->settings, NULL, self);
  g_signal_connect (self->settings, "changed::color-scheme", G_CALLBACK (on_scheme_changed), self);
  on_scheme_changed (self->settings, "color-scheme", self);
}

static void
gv_application_activate (GApplication *application)
{
  gtk_window_present (get_window (GV_APPLICATION (application)));
}

/* The engine's thread ends before the program does; it looks at the cancelled job a few times a
 * second. */
static void
gv_application_shutdown (GApplication *application)
{
  GvApplication *self = GV_APPLICATION (application);

  if (self->queue)
    gv_queue_close (self->queue);
  g_clear_object (&self->queue);
  g_clear_object (&self->engine);
  g_clear_object (&self->settings);
  G_APPLICATION_CLASS (gv_application_parent_class)->shutdown (application);
}

static void
gv_application_class_init (GvApplicationClass *klass)
{
  GApplicationClass *application_class = G_APPLICATION_CLASS (klass);

  application_class->startup = gv_application_startup;
  application_class->activate = gv_application_activate;
  application_class->shutdown = gv_application_shutdown;
}

static void
gv_application_init (GvApplication *self)
{
}

GvApplication *
gv_application_new (void)
{
  return g_object_new (GV_TYPE_APPLICATION, "application-id", GV_APP_ID, "resource-base-path",
                       "/app/giverny/Giverny", NULL);
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
