// SPDX-FileCopyrightText: Giverny contributors
// SPDX-License-Identifier: GPL-3.0-or-later
/* Every command of the studio. */
#include "actions.h"

#include "giverny.h"

#include <string.h>

#define PAINTING N_ ("Painting")
#define PICTURE N_ ("Picture")
#define VIEW N_ ("View")
#define PROGRAM N_ ("Program")

const GvAction gv_actions[] = {
  { "win.generate", N_ ("Generate"), { "<Control>Return", "<Control>KP_Enter" }, 0, PAINTING },
  { "win.cancel", N_ ("Cancel"), { "Escape" }, GV_WHEN_JOBS, PAINTING, .yields = true },
  { "win.cancel-all",
    N_ ("Cancel Everything"),
    { "<Shift>Escape" },
    GV_WHEN_JOBS,
    PAINTING,
    .yields = true },

  { "win.sidebar", N_ ("Show Recipe"), { "F9" }, 0, VIEW },
  { "win.fullscreen", N_ ("Full Screen"), { "F11" }, 0, VIEW },

  { "win.menu", N_ ("Main Menu"), { "F10" }, 0, PROGRAM },
  { "window.close", N_ ("Close Window"), { "<Control>w" }, 0, PROGRAM },
  { "app.about", N_ ("About Giverny"), { NULL }, 0, PROGRAM },
  { "app.quit", N_ ("Quit"), { "<Control>q" }, 0, PROGRAM },
  { NULL },
};

const GvAction *
gv_action_find (const char *name)
{
  for (const GvAction *a = gv_actions; a->name; a++)
    if (strcmp (a->name, name) == 0)
      return a;
  return NULL;
}

static void
add_yielding_keys (GtkWindow *window)
{
  GtkEventController *controller = gtk_shortcut_controller_new ();

  for (const GvAction *a = gv_actions; a->name; a++)
    for (int i = 0; a->yields && i < 3 && a->accels[i]; i++)
      gtk_shortcut_controller_add_shortcut (
          GTK_SHORTCUT_CONTROLLER (controller),
          gtk_shortcut_new (gtk_shortcut_trigger_parse_string (a->accels[i]),
                            gtk_named_action_new (a->name)));
  gtk_event_controller_set_propagation_phase (controller, GTK_PHASE_BUBBLE);
  gtk_widget_add_controller (GTK_WIDGET (window), controller);
}

void
gv_actions_add_keys (GtkApplication *application, GtkWindow *window)
{
  for (const GvAction *a = gv_actions; a->name; a++)
    if (!a->yields)
      gtk_application_set_accels_for_action (application, a->name, a->accels);
  add_yielding_keys (window);
}

void
gv_actions_update (GActionMap *map, const char *prefix, GvWhen holds)
{
  for (const GvAction *a = gv_actions; a->name; a++) {
    GAction *action = g_str_has_prefix (a->name, prefix)
                          ? g_action_map_lookup_action (map, a->name + strlen (prefix))
                          : NULL;

    if (a->when && G_IS_SIMPLE_ACTION (action))
      g_simple_action_set_enabled (G_SIMPLE_ACTION (action), (a->when & ~holds) == 0);
  }
}

void
gv_actions_append (GMenu *menu, const char *name)
{
  const GvAction *action = gv_action_find (name);

  g_return_if_fail (action != NULL);
  g_menu_append (menu, _(action->label), name);
}
