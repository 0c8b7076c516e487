// SPDX-FileCopyrightText: Giverny contributors
// SPDX-License-Identifier: GPL-3.0-or-later
/* A folder of its own for each test, taken away with all that is in it. */
#pragma once

#include <gio/gio.h>
#include <glib/gstdio.h>

static inline char *
temp_folder (void)
{
  char *folder = g_dir_make_tmp ("giverny-test-XXXXXX", NULL);

  g_assert_nonnull (folder);
  return folder;
}

/* Also asserts how many entries, hidden ones too, the folder has. */
static inline void
temp_remove (char *folder, unsigned n_entries)
{
  g_autoptr (GDir) dir = g_dir_open (folder, 0, NULL);
  const char *name;
  unsigned n = 0;

  while ((name = g_dir_read_name (dir))) {
    g_autofree char *path = g_build_filename (folder, name, NULL);

    g_assert_no_errno (g_remove (path));
    n++;
  }
  g_assert_cmpuint (n, ==, n_entries);
  g_assert_no_errno (g_rmdir (folder));
  g_free (folder);
}
