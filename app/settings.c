// SPDX-FileCopyrightText: Giverny contributors
// SPDX-License-Identifier: GPL-3.0-or-later
/* What the studio remembers between sessions. */
#include "settings.h"

#include "giverny.h"

GSettings *
gv_settings_new (void)
{
  GSettingsSchemaSource *installed = g_settings_schema_source_get_default ();
  g_autofree char *folder = gv_build_path ("data/desktop");
  g_autoptr (GSettingsSchemaSource) built = NULL;
  g_autoptr (GSettingsSchema) schema = NULL;

  if (folder)
    built = g_settings_schema_source_new_from_directory (folder, installed, FALSE, NULL);
  if (!built && !installed)
    g_error ("The settings' schema %s is not installed", GV_APP_ID);
  schema = g_settings_schema_source_lookup (built ? built : installed, GV_APP_ID, TRUE);
  if (!schema)
    g_error ("The settings' schema %s is not installed", GV_APP_ID);
  return g_settings_new_full (schema, NULL, NULL);
}

char *
gv_settings_dup_pictures_folder (GSettings *settings)
{
  g_autofree char *chosen = g_settings_get_string (settings, "pictures-folder");
  const char *pictures = g_get_user_special_dir (G_USER_DIRECTORY_PICTURES);
  g_autofree char *usual = NULL;

  if (g_path_is_absolute (chosen))
    return g_steal_pointer (&chosen);
  usual = pictures ? NULL : g_build_filename (g_get_home_dir (), "Pictures", NULL);
  return g_build_filename (pictures ? pictures : usual, "Giverny", NULL);
}
