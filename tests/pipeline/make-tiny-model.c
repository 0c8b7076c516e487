// SPDX-FileCopyrightText: Giverny contributors
// SPDX-License-Identifier: GPL-3.0-or-later
/* The small model for scripts: make-tiny-model FOLDER [LAYOUT [DTYPE [SETTINGS]]] prints the
 * model's path. */
#include <glib/gstdio.h>

#include "tiny-model.h"

int
main (int argc, char **argv)
{
  g_autofree char *path = NULL;

  g_test_init (&argc, &argv, NULL);
  if (argc < 2) {
    g_printerr ("Usage: %s FOLDER [folder|single [f16|f32|bf16 [SETTINGS]]]\n", argv[0]);
    return 2;
  }
  g_mkdir_with_parents (argv[1], 0755);
  path = tiny_model_make (argv[1], argc > 2 ? argv[2] : "folder", argc > 3 ? argv[3] : "f16",
                          argc > 4 ? argv[4] : "");
  g_print ("%s\n", path);
  return 0;
}
