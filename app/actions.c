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
  { "win.live", N_ ("Live"), { "<Control>l" }, 0, PAINTING },
  { "win.keep", N_ ("Keep Live Picture"), { "<Control>k" }, GV_WHEN_KEEPABLE, PAINTING },
  { "win.new-seed", N_ ("New Seed"), { "<Control>r" }, 0, PAINTING },
  { "win.lock-seed", N_ ("Keep the Seed"), { "<Shift><Control>r" }, 0, PAINTING },
  { "win.swap-size", N_ ("Swap Width and Height"), { "<Shift><Control>x" }, 0, PAINTING },
  { "win.focus-prompt", N_ ("Edit Prompt"), { "<Control>e" }, 0, PAINTING },
  { "win.new-recipe", N_ ("New Recipe"), { "<Control>n" }, 0, PAINTING },
  { "win.choose-model", N_ ("Choose Model"), { "<Control>m" }, 0, PAINTING },
  { "win.draw-regions", N_ ("Draw Regions"), { "<Control>b" }, 0, PAINTING },
  { "win.show-shares", N_ ("Show What Regions Decide"), { "<Shift><Control>b" }, 0, PAINTING },
  { "win.add-model", N_ ("Add Model…"), { NULL }, 0, PAINTING },

  { "win.retry", N_ ("Try Again"), { NULL }, GV_WHEN_FAILED, PICTURE },
  { "win.earlier", N_ ("Paint Earlier"), { "<Alt>Up" }, GV_WHEN_WAITING, PICTURE, .yields = true },
  { "win.later", N_ ("Paint Later"), { "<Alt>Down" }, GV_WHEN_WAITING, PICTURE, .yields = true },
  { "win.cancel-this", N_ ("Cancel This Picture"), { NULL }, GV_WHEN_OPEN, PICTURE },
  { "win.open", N_ ("Open Picture or Recipe…"), { "<Control>o" }, 0, PICTURE },
  { "win.save-as", N_ ("Save a Copy…"), { "<Control>s" }, GV_WHEN_PICTURE, PICTURE },
  { "win.copy", N_ ("Copy"), { "<Control>c" }, GV_WHEN_PICTURE, PICTURE, .yields = true },
  { "win.paste", N_ ("Paste Recipe"), { "<Control>v" }, 0, PICTURE, .yields = true },
  { "win.use-settings", N_ ("Use These Settings"), { "<Control>u" }, GV_WHEN_SHOWN, PICTURE },
  { "win.use-seed", N_ ("Use This Seed"), { "<Shift><Control>u" }, GV_WHEN_SHOWN, PICTURE },
  { "win.show-in-files", N_ ("Show in Files"), { NULL }, GV_WHEN_SAVED, PICTURE },
  { "win.trash",
    N_ ("Move to Trash"),
    { "Delete", "KP_Delete" },
    GV_WHEN_SAVED,
    PICTURE,
    .yields = true },
  { "win.previous", N_ ("Previous Picture"), { "<Alt>Left" }, 0, PICTURE, .yields = true },
  { "win.next", N_ ("Next Picture"), { "<Alt>Right" }, 0, PICTURE, .yields = true },

  { "win.zoom-in", N_ ("Zoom In"), { "<Control>plus", "<Control>equal" }, 0, VIEW },
  { "win.zoom-out", N_ ("Zoom Out"), { "<Control>minus" }, 0, VIEW },
  { "win.zoom-fit", N_ ("Fit to Window"), { "<Control>0" }, 0, VIEW },
  { "win.zoom-original", N_ ("Actual Size"), { "<Control>1" }, 0, VIEW },
  { "win.compare", N_ ("Compare Two Pictures"), { "<Control>d" }, GV_WHEN_SHOWN, VIEW },
  { "win.compare-from",
    N_ ("Compare with This One"),
    { "<Shift><Control>d" },
    GV_WHEN_SAVED,
    VIEW },
  { "win.sidebar", N_ ("Show Recipe"), { "F9" }, 0, VIEW },
  { "win.details", N_ ("Show Details"), { "F8", "<Alt>Return" }, 0, VIEW },
  { "win.fullscreen", N_ ("Full Screen"), { "F11" }, 0, VIEW },

  { "win.menu", N_ ("Main Menu"), { "F10" }, 0, PROGRAM },
  { "app.preferences", N_ ("Preferences"), { "<Control>comma" }, 0, PROGRAM },
  { "app.shortcuts", N_ ("Keyboard Shortcuts"), { "<Control>question" }, 0, PROGRAM },
  { "app.help", N_ ("Help"), { "F1" }, 0, PROGRAM },
  { "app.about", N_ ("About Giverny"), { NULL }, 0, PROGRAM },
  { "window.close", N_ ("Close Window"), { "<Control>w" }, 0, PROGRAM },
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
