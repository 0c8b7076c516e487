// SPDX-FileCopyrightText: Giverny contributors
// SPDX-License-Identifier: GPL-3.0-or-later
/* How to paint, on one page. */
#include "dialogs/dialogs.h"

static const struct
{
  const char *title, *text;
} topics[] = {
  { N_ ("Paint"),
    N_ ("Say in English what the picture shows, and press Generate. The picture appears step by "
        "step, and is saved as soon as it is finished.") },
  { N_ ("Stress Words"),
    N_ ("(words) weigh 1.1 times as much as others, (words:1.5) as much as you say, [words] less. "
        "Ctrl+Up and Ctrl+Down change the weight of the word under the cursor.") },
  { N_ ("Try Variations"),
    N_ ("The seed is the noise that a picture starts from: the same seed and recipe give the same "
        "picture. Keep the seed to see what another word or setting changes; take a new one for "
        "another picture.") },
  { N_ ("Live"),
    N_ ("While Live is on, the picture is painted again after every edit, with few steps. Keep "
        "saves what you like.") },
  { N_ ("The Row Below"),
    N_ ("All pictures of this session, those that wait included. Drag waiting ones to another "
        "place, and finished ones into other programs.") },
  { N_ ("Recipes Travel"),
    N_ ("Every picture holds its recipe. Drop one on the window, also from other programs, to "
        "paint on from there.") },
  { N_ ("Other Models"),
    N_ ("Drop a .safetensors file on the window, or add it in the list of models at the top left. "
        "Stable Diffusion 1.5 and its relatives can paint.") },
};

static GtkWidget *
make_topic (const char *title, const char *text)
{
  GtkWidget *row = adw_action_row_new ();

  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (row), title);
  adw_action_row_set_subtitle (ADW_ACTION_ROW (row), text);
  return row;
}

AdwDialog *
gv_help_dialog_new (void)
{
  AdwDialog *dialog = adw_dialog_new ();
  GtkWidget *view = adw_toolbar_view_new ();
  AdwPreferencesPage *page = ADW_PREFERENCES_PAGE (adw_preferences_page_new ());
  AdwPreferencesGroup *group = ADW_PREFERENCES_GROUP (adw_preferences_group_new ());

  for (gsize i = 0; i < G_N_ELEMENTS (topics); i++)
    adw_preferences_group_add (group, make_topic (_ (topics[i].title), _ (topics[i].text)));
  adw_preferences_page_add (page, group);
  adw_toolbar_view_add_top_bar (ADW_TOOLBAR_VIEW (view), adw_header_bar_new ());
  adw_toolbar_view_set_content (ADW_TOOLBAR_VIEW (view), GTK_WIDGET (page));
  adw_dialog_set_title (dialog, _("How to Paint"));
  adw_dialog_set_content_width (dialog, 560);
  adw_dialog_set_content_height (dialog, 620);
  adw_dialog_set_child (dialog, view);
  return dialog;
}
