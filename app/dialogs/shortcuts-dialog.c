// SPDX-FileCopyrightText: Giverny contributors
// SPDX-License-Identifier: GPL-3.0-or-later
/* The keys, listed from the table of commands. */
#include "dialogs/dialogs.h"

#include "actions.h"

#include <string.h>

static void
add_key (GtkWidget *box, const char *accel)
{
  guint key;
  GdkModifierType modifiers;
  g_autofree char *name = NULL;
  GtkWidget *label;

  if (!gtk_accelerator_parse (accel, &key, &modifiers))
    return;
  name = gtk_accelerator_get_label (key, modifiers);
  label = gtk_label_new (name);
  gtk_widget_add_css_class (label, "keycap");
  gtk_box_append (GTK_BOX (box), label);
}

static GtkWidget *
make_row (const GvAction *action)
{
  GtkWidget *row = adw_action_row_new (), *keys = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 6);

  for (int i = 0; i < 3 && action->accels[i]; i++)
    add_key (keys, action->accels[i]);
  gtk_widget_set_valign (keys, GTK_ALIGN_CENTER);
  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (row), _ (action->label));
  adw_action_row_add_suffix (ADW_ACTION_ROW (row), keys);
  return row;
}

static AdwPreferencesPage *
make_page (void)
{
  AdwPreferencesPage *page = ADW_PREFERENCES_PAGE (adw_preferences_page_new ());
  AdwPreferencesGroup *group = NULL;
  const char *heading = NULL;

  for (const GvAction *a = gv_actions; a->name; a++) {
    if (!a->accels[0])
      continue;
    if (!heading || strcmp (heading, a->group) != 0) {
      heading = a->group;
      group = ADW_PREFERENCES_GROUP (adw_preferences_group_new ());
      adw_preferences_group_set_title (group, _ (heading));
      adw_preferences_page_add (page, group);
    }
    adw_preferences_group_add (group, make_row (a));
  }
  return page;
}

AdwDialog *
gv_shortcuts_dialog_new (void)
{
  AdwDialog *dialog = adw_dialog_new ();
  GtkWidget *view = adw_toolbar_view_new ();

  adw_toolbar_view_add_top_bar (ADW_TOOLBAR_VIEW (view), adw_header_bar_new ());
  adw_toolbar_view_set_content (ADW_TOOLBAR_VIEW (view), GTK_WIDGET (make_page ()));
  adw_dialog_set_title (dialog, _("Keyboard Shortcuts"));
  adw_dialog_set_content_width (dialog, 520);
  adw_dialog_set_content_height (dialog, 640);
  adw_dialog_set_child (dialog, view);
  return dialog;
}
