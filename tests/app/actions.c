// SPDX-FileCopyrightText: Giverny contributors
// SPDX-License-Identifier: GPL-3.0-or-later
/* The table of commands against the program: each is there, has a name, and its keys are its own.
 */
#include "stage.h"

#include "actions.h"
#include "application.h"

#include <string.h>

static void
test_labels (void)
{
  for (const GvAction *a = gv_actions; a->name; a++) {
    g_assert_nonnull (strchr (a->name, '.'));
    g_assert_true (a->label && *a->label);
    g_assert_true (a->group && *a->group);
    g_assert_true (gv_action_find (a->name) == a);
  }
}

static void
test_keys (void)
{
  g_autoptr (GHashTable) seen = g_hash_table_new (g_str_hash, g_str_equal);

  for (const GvAction *a = gv_actions; a->name; a++)
    for (int i = 0; i < 3 && a->accels[i]; i++) {
      g_autoptr (GtkShortcutTrigger) trigger = gtk_shortcut_trigger_parse_string (a->accels[i]);

      g_assert_nonnull (trigger);
      g_test_message ("%s: %s", a->name, a->accels[i]);
      g_assert_true (g_hash_table_add (seen, (gpointer) a->accels[i]));
    }
}

/* The keys that people know from other programs. */
static void
test_standard_keys (void)
{
  static const struct
  {
    const char *key, *action;
  } standard[] = {
    { "<Control>Return", "win.generate" },
    { "Escape", "win.cancel" },
    { "F9", "win.sidebar" },
    { "F10", "win.menu" },
    { "F11", "win.fullscreen" },
    { "<Control>q", "app.quit" },
    { "<Control>w", "window.close" },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (standard); i++)
    g_assert_cmpstr (gv_action_find (standard[i].action)->accels[0], ==, standard[i].key);
}

int
main (int argc, char **argv)
{
  gv_stage_init (&argc, &argv);
  g_test_add_func ("/actions/labels", test_labels);
  g_test_add_func ("/actions/keys", test_keys);
  g_test_add_func ("/actions/standard-keys", test_standard_keys);
  return g_test_run ();
}
