// SPDX-FileCopyrightText: Giverny contributors
// SPDX-License-Identifier: GPL-3.0-or-later
/* What must have happened before the first widget is made. */
#include "setup.h"

#include "giverny.h"
#include "gv-app-resources.h"

#include <adwaita.h>
#include <gtksourceview/gtksource.h>
#include <locale.h>

/* Numbers keep their point whatever the language: some end in files. */
static void
set_language (void)
{
  g_autofree char *folder = gv_locale_path ();

  gtk_disable_setlocale ();
  setlocale (LC_ALL, "");
  setlocale (LC_NUMERIC, "C");
  bindtextdomain (GETTEXT_PACKAGE, folder);
  bind_textdomain_codeset (GETTEXT_PACKAGE, "UTF-8");
  textdomain (GETTEXT_PACKAGE);
}

void
gv_setup (void)
{
  static gsize done;

  if (!g_once_init_enter (&done))
    return;
  set_language ();
  gv_app_register_resource ();
  g_once_init_leave (&done, 1);
}
