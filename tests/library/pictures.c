// SPDX-FileCopyrightText: Giverny contributors
// SPDX-License-Identifier: GPL-3.0-or-later
/* Small pictures to fill galleries with. */
#include "pictures.h"

#include <glib/gstdio.h>

#include "formats/png.h"

char *
gv_pictures_folder (void)
{
  char *folder = g_dir_make_tmp ("giverny-gallery-XXXXXX", NULL);

  g_assert_nonnull (folder);
  return folder;
}

static void
remove_tree (const char *path)
{
  g_autoptr (GDir) dir =
      g_file_test (path, G_FILE_TEST_IS_SYMLINK) ? NULL : g_dir_open (path, 0, NULL);
  const char *name;

  while (dir && (name = g_dir_read_name (dir))) {
    g_autofree char *entry = g_build_filename (path, name, NULL);

    remove_tree (entry);
  }
  g_remove (path);
}

void
gv_pictures_remove_folder (char *folder)
{
  remove_tree (folder);
  g_free (folder);
}

static bool
append (gpointer bytes, const void *data, size_t size, GError **error)
{
  g_byte_array_append (bytes, data, (guint) size);
  return true;
}

/* Without waiting for the disk, which would take longer than all else. */
char *
gv_pictures_write (const char *folder, const char *name, GvRecipe *recipe)
{
  guint8 rgb[8 * 8 * 3] = { 0 };
  g_autoptr (GPtrArray) texts = g_ptr_array_new_with_free_func ((GDestroyNotify) gv_png_text_free);
  GvPng png = { 8, 8, rgb, texts };
  g_autoptr (GByteArray) bytes = g_byte_array_new ();
  char *path = g_build_filename (folder, name, NULL);

  g_ptr_array_add (texts, gv_png_text_new (g_strdup ("giverny"), gv_recipe_to_json (recipe)));
  g_assert_true (gv_png_write (&png, append, bytes, NULL));
  g_assert_true (g_file_set_contents_full (path, (char *) bytes->data, bytes->len,
                                           G_FILE_SET_CONTENTS_NONE, 0644, NULL));
  return path;
}

char *
gv_pictures_write_nth (const char *folder, guint i)
{
  static const char *const things[] = { "boat", "house", "bridge", "낚싯배", "water lily" };
  static const char *const places[] = { "lake", "garden", "바닷가에서", "river", "pond" };
  static const char *const samplers[] = { "euler", "dpmpp_2m", "heun" };
  g_autofree char *prompt =
      g_strdup_printf ("a %s, %s, number%u", things[i % 5], places[i / 5 % 5], i);
  g_autofree char *name = g_strdup_printf ("picture-%04u.png", i);
  g_autoptr (GvRecipe) recipe =
      g_object_new (GV_TYPE_RECIPE, "prompt", prompt, "negative", i % 7 ? "" : "blurry night",
                    "seed", (guint64) i * G_GUINT64_CONSTANT (0x123456789abcdef), "sampler",
                    samplers[i % 3], "steps", 1 + (int) i % 40, "model",
                    i % 4 ? "" : "/models/monet-v2.safetensors", "width", 8 * (2 + (int) i % 9),
                    "cfg", 5.0, NULL);

  return gv_pictures_write (folder, name, recipe);
}
