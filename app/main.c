// SPDX-FileCopyrightText: Giverny contributors
// SPDX-License-Identifier: GPL-3.0-or-later
/* The studio. */
#include "application.h"
#include "setup.h"

#include <unistd.h>

int
main (int argc, char **argv)
{
  g_autoptr (GvApplication) application = NULL;

  int status;

  gv_setup ();
  application = gv_application_new ();
  status = g_application_run (G_APPLICATION (application), argc, argv);
  if (gv_application_is_stuck (application))
    _exit (status); /* not past a thread that is inside of the driver */
  return status;
}
