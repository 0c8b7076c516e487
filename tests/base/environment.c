// SPDX-FileCopyrightText: Giverny contributors
// SPDX-License-Identifier: GPL-3.0-or-later
/* What the environment changes: where data are found, and the debug switches. */
#include <glib.h>

#include "base/debug.h"
#include "base/paths.h"

static void
test_data_path (void)
{
  g_autofree char *chosen = NULL, *tree = NULL, *empty = NULL;

  g_setenv ("GV_DATA_DIR", "/some/where", true);
  chosen = gv_data_path ("starter");
  g_assert_cmpstr (chosen, ==, "/some/where/starter");
  g_setenv ("GV_DATA_DIR", "", true);
  empty = gv_data_path ("starter");
  g_unsetenv ("GV_DATA_DIR");
  tree = gv_data_path ("starter");
  g_assert_cmpstr (tree, ==, empty);
  g_assert_true (g_path_is_absolute (tree));
  g_assert_true (g_str_has_suffix (tree, "/data/starter"));
}

static void
test_debug (void)
{
  g_setenv ("GV_DEBUG", "graph,unknown,timing", true);
  g_assert_true (gv_debug (GV_DEBUG_GRAPH));
  g_assert_true (gv_debug (GV_DEBUG_TIMING | GV_DEBUG_SYNC));
  g_assert_false (gv_debug (GV_DEBUG_PROFILE | GV_DEBUG_MEMORY));
  g_setenv ("GV_DEBUG", "profile", true);
  g_assert_false (gv_debug (GV_DEBUG_PROFILE));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/environment/data-path", test_data_path);
  g_test_add_func ("/environment/debug", test_debug);
  return g_test_run ();
}
