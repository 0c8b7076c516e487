// SPDX-FileCopyrightText: Giverny contributors
// SPDX-License-Identifier: GPL-3.0-or-later
/* What must have happened before the first widget is made. */
#include "setup.h"

#include "giverny.h"
#include "canvas/canvas.h"
#include "canvas/compare.h"
#include "compose/prompt-editor.h"
#include "compose/recipe-panel.h"
#include "gallery/gallery-page.h"
#include "compose/regions-panel.h"
#include "models/model-button.h"
#include "strip/details-panel.h"
#include "strip/film-strip.h"
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
  /* Those that templates name. */
  static GType (*const types[]) (void) = {
    gv_canvas_get_type,        gv_compare_get_type,      gv_regions_panel_get_type,
    gv_details_panel_get_type, gv_film_strip_get_type,   gv_model_button_get_type,
    gv_prompt_editor_get_type, gv_recipe_panel_get_type, gv_gallery_page_get_type,
  };
  static gsize done;

  if (!g_once_init_enter (&done))
    return;
  set_language ();
  gv_app_register_resource ();
  gtk_source_init ();
  for (gsize i = 0; i < G_N_ELEMENTS (types); i++)
    g_type_ensure (types[i]());
  g_once_init_leave (&done, 1);
}
