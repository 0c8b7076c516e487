// SPDX-FileCopyrightText: Giverny contributors
// SPDX-License-Identifier: GPL-3.0-or-later
/* What can be set once for all recipes. */
#include "dialogs/dialogs.h"

#include "settings.h"

#include <string.h>

struct _GvPreferencesDialog
{
  AdwPreferencesDialog parent_instance;
  GSettings *settings; /* (owned) */
  GStrv devices;       /* (owned): names in the order of the rows, "" for the best one */
  /* template children */
  AdwActionRow *folder_row;
  GtkButton *folder_button;
  AdwSwitchRow *notify_row;
  AdwSpinRow *live_steps_row, *live_delay_row;
  AdwComboRow *scheme_row, *device_row;
};

G_DEFINE_FINAL_TYPE (GvPreferencesDialog, gv_preferences_dialog, ADW_TYPE_PREFERENCES_DIALOG)

static const char *const schemes[] = { "system", "light", "dark" };

/* Folder */

static void
show_folder (GvPreferencesDialog *self)
{
  g_autofree char *folder = gv_settings_dup_pictures_folder (self->settings);
  g_autofree char *shown = g_filename_display_name (folder);

  adw_action_row_set_subtitle (self->folder_row, shown);
}

static void
on_folder_chosen (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (GvPreferencesDialog) self = data;
  g_autoptr (GFile) file =
      gtk_file_dialog_select_folder_finish (GTK_FILE_DIALOG (source), result, NULL);
  g_autofree char *path = file ? g_file_get_path (file) : NULL;

  if (path && g_utf8_validate (path, -1, NULL))
    g_settings_set_string (self->settings, "pictures-folder", path);
}

static void
on_choose_folder (GvPreferencesDialog *self)
{
  g_autoptr (GtkFileDialog) dialog = gtk_file_dialog_new ();
  GtkRoot *root = gtk_widget_get_root (GTK_WIDGET (self));

  gtk_file_dialog_set_title (dialog, _("Folder for Pictures"));
  gtk_file_dialog_select_folder (dialog, GTK_WINDOW (root), NULL, on_folder_chosen,
                                 g_object_ref (self));
}

/* Style */

static gboolean
scheme_to_row (GValue *value, GVariant *variant, gpointer data)
{
  for (guint i = 0; i < G_N_ELEMENTS (schemes); i++)
    if (strcmp (schemes[i], g_variant_get_string (variant, NULL)) == 0)
      g_value_set_uint (value, i);
  return TRUE;
}

static GVariant *
row_to_scheme (const GValue *value, const GVariantType *type, gpointer data)
{
  guint row = g_value_get_uint (value);

  return row < G_N_ELEMENTS (schemes) ? g_variant_new_string (schemes[row]) : NULL;
}

/* Devices: a driver takes its time to list them. */

static void
list_devices (GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
  GPtrArray *devices = gv_engine_list_devices (NULL);

  g_task_return_pointer (task, devices, (GDestroyNotify) g_ptr_array_unref);
}

static void
on_device_chosen (GvPreferencesDialog *self)
{
  guint row = adw_combo_row_get_selected (self->device_row);

  if (self->devices && row < g_strv_length (self->devices))
    g_settings_set_string (self->settings, "device", self->devices[row]);
}

static void
show_devices (GvPreferencesDialog *self, GPtrArray *devices)
{
  g_autoptr (GStrvBuilder) names = g_strv_builder_new ();
  g_autoptr (GtkStringList) rows = gtk_string_list_new (NULL);
  g_autofree char *chosen = g_settings_get_string (self->settings, "device");
  guint selected = 0;

  gtk_string_list_append (rows, _("The Best One"));
  g_strv_builder_add (names, "");
  for (guint i = 0, row = 1; devices && i < devices->len; i++) {
    GvDeviceInfo *info = devices->pdata[i];

    if (!info->usable)
      continue;
    selected = strcmp (info->name, chosen) == 0 ? row : selected;
    row++;
    gtk_string_list_append (rows, info->name);
    g_strv_builder_add (names, info->name);
  }
  adw_combo_row_set_model (self->device_row, G_LIST_MODEL (rows));
  adw_combo_row_set_selected (self->device_row, selected);
  self->devices = g_strv_builder_end (names);
}

static void
on_devices_listed (GObject *source, GAsyncResult *result, gpointer data)
{
  GvPreferencesDialog *self = GV_PREFERENCES_DIALOG (source);
  g_autoptr (GPtrArray) devices = g_task_propagate_pointer (G_TASK (result), NULL);

  show_devices (self, devices);
  g_signal_connect_swapped (self->device_row, "notify::selected", G_CALLBACK (on_device_chosen),
                            self);
}

/* The type */

static void
gv_preferences_dialog_dispose (GObject *object)
{
  GvPreferencesDialog *self = GV_PREFERENCES_DIALOG (object);

  if (self->settings)
    g_signal_handlers_disconnect_by_data (self->settings, self);
  g_clear_object (&self->settings);
  g_clear_pointer (&self->devices, g_strfreev);
  gtk_widget_dispose_template (GTK_WIDGET (self), GV_TYPE_PREFERENCES_DIALOG);
  G_OBJECT_CLASS (gv_preferences_dialog_parent_class)->dispose (object);
}

#define BIND(name) gtk_widget_class_bind_template_child (widget_class, GvPreferencesDialog, name)

static void
gv_preferences_dialog_class_init (GvPreferencesDialogClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = gv_preferences_dialog_dispose;
  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/app/giverny/Giverny/preferences-dialog.ui");
  BIND (folder_row);
  BIND (folder_button);
  BIND (notify_row);
  BIND (live_steps_row);
  BIND (live_delay_row);
  BIND (scheme_row);
  BIND (device_row);
}

static void
gv_preferences_dialog_init (GvPreferencesDialog *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
}

AdwDialog *
gv_preferences_dialog_new (GSettings *settings)
{
  GvPreferencesDialog *self = g_object_new (GV_TYPE_PREFERENCES_DIALOG, NULL);
  g_autoptr (GTask) task = g_task_new (self, NULL, on_devices_listed, NULL);

  self->settings = g_object_ref (settings);
  g_settings_bind (settings, "notify", self->notify_row, "active", G_SETTINGS_BIND_DEFAULT);
  g_settings_bind (settings, "live-steps", self->live_steps_row, "value", G_SETTINGS_BIND_DEFAULT);
  g_settings_bind (settings, "live-delay", self->live_delay_row, "value", G_SETTINGS_BIND_DEFAULT);
  g_settings_bind_with_mapping (settings, "color-scheme", self->scheme_row, "selected",
                                G_SETTINGS_BIND_DEFAULT, scheme_to_row, row_to_scheme, NULL, NULL);
  g_signal_connect_swapped (settings, "changed::pictures-folder", G_CALLBACK (show_folder), self);
  g_signal_connect_swapped (self->folder_button, "clicked", G_CALLBACK (on_choose_folder), self);
  show_folder (self);
  g_task_run_in_thread (task, list_devices);
  return ADW_DIALOG (self);
}
