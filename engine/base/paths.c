// SPDX-FileCopyrightText: Giverny contributors
// SPDX-License-Identifier: GPL-3.0-or-later
/* Where the files that ship with Giverny are. */
#include "base/paths.h"

#include <glib.h>
#include <stdbool.h>

static bool
runs_from_build_tree (void)
{
  g_autofree char *program = g_file_read_link ("/proc/self/exe", NULL);

  return program && g_str_has_prefix (program, GV_BUILD_ROOT "/");
}

/* The source tree's data folder, when the program runs from its build folder. */
static char *
build_tree_data (void)
{
  g_autofree char *data = NULL;

  if (!runs_from_build_tree ())
    return NULL;
  data = g_build_filename (GV_SOURCE_ROOT, "data", NULL);
  return g_file_test (data, G_FILE_TEST_IS_DIR) ? g_steal_pointer (&data) : NULL;
}

char *
gv_data_path (const char *name)
{
  const char *chosen = g_getenv ("GV_DATA_DIR");
  g_autofree char *tree = NULL;

  if (chosen && *chosen)
    return g_build_filename (chosen, name, NULL);
  tree = build_tree_data ();
  return g_build_filename (tree ? tree : GV_DATA_DIR, name, NULL);
}

char *
gv_locale_path (void)
{
  return g_strdup (runs_from_build_tree () ? GV_BUILD_ROOT "/po" : GV_LOCALE_DIR);
}

char *
gv_build_path (const char *name)
{
  return runs_from_build_tree () ? g_build_filename (GV_BUILD_ROOT, name, NULL) : NULL;
}
