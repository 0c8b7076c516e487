// SPDX-FileCopyrightText: Giverny contributors
// SPDX-License-Identifier: GPL-3.0-or-later
/* The studio. */
#include "application.h"
#include "setup.h"

int
main (int argc, char **argv)
{
  g_autoptr (GvApplication) application = NULL;

  gv_setup ();
  application = gv_application_new ();
  return g_application_run (G_APPLICATION (application), argc, argv);
}
