// SPDX-FileCopyrightText: Giverny contributors
// SPDX-License-Identifier: GPL-3.0-or-later
/* What written files are called, and whether they can be written at all. */
#include "base/names.h"

#include "base/errors.h"
#include "base/i18n.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define MAX_SLUG_BYTES 60 /* of the 255 that file systems allow */

/* Letters and digits of any script, in lower case, with single dashes for all else; cut between
 * words. */
static char *
slug (const char *text)
{
  g_autofree char *normal = g_utf8_normalize (text, -1, G_NORMALIZE_NFC);
  g_autofree char *lower = g_utf8_strdown (normal ? normal : "", -1);
  g_autoptr (GString) out = g_string_new (NULL);
  gsize word_end = 0;
  const char *p;

  for (p = lower; *p && out->len <= MAX_SLUG_BYTES; p = g_utf8_next_char (p)) {
    gunichar c = g_utf8_get_char (p);

    if (g_unichar_isalnum (c) || g_unichar_ismark (c)) {
      g_string_append_unichar (out, c);
    } else if (out->len > 0 && out->str[out->len - 1] != '-') {
      word_end = out->len;
      g_string_append_c (out, '-');
    }
  }
  if (out->len > MAX_SLUG_BYTES && word_end > 0)
    g_string_truncate (out, word_end);
  while (out->len > MAX_SLUG_BYTES)
    g_string_truncate (out, (gsize) (g_utf8_prev_char (out->str + out->len) - out->str));
  if (out->len > 0 && out->str[out->len - 1] == '-')
    g_string_truncate (out, out->len - 1);
  return g_strdup (out->len > 0 ? out->str : "picture");
}

char *
gv_name_for_prompt (const char *prompt, guint64 seed)
{
  g_autofree char *words = slug (prompt);

  return g_strdup_printf ("%s-%" G_GUINT64_FORMAT ".png", words, seed);
}

/* Where @path's ending starts. */
static size_t
stem_length (const char *path)
{
  size_t length = strlen (path);

  return length > 4 && g_ascii_strcasecmp (path + length - 4, ".png") == 0 ? length - 4 : length;
}

char *
gv_name_numbered (const char *path, int index)
{
  return g_strdup_printf ("%.*s-%d.png", (int) stem_length (path), path, index);
}

char *
gv_name_with (const char *path, const char *word)
{
  return g_strdup_printf ("%.*s-%s.png", (int) stem_length (path), path, word);
}

char *
gv_name_unused (const char *path)
{
  char *name = g_strdup (path);
  struct stat status;

  for (int i = 2; lstat (name, &status) == 0; i++) {
    g_free (name);
    name = gv_name_numbered (path, i);
  }
  return name;
}

static bool
fail (const char *option, const char *path, const char *why, GError **error)
{
  g_set_error (error, GV_FORMAT_ERROR, GV_FORMAT_ERROR_IO, "%s: “%s”: %s", option, path, why);
  return false;
}

bool
gv_check_folder (const char *option, const char *folder, GError **error)
{
  struct stat status;

  if (stat (folder, &status) != 0 && errno == ENOENT)
    return fail (option, folder, _("there is no such folder"), error);
  if (stat (folder, &status) != 0)
    return fail (option, folder, g_strerror (errno), error);
  if (!S_ISDIR (status.st_mode))
    return fail (option, folder, _("this is no folder"), error);
  if (access (folder, W_OK | X_OK) != 0)
    return fail (option, folder, g_strerror (errno), error);
  return true;
}

bool
gv_check_target (const char *option, const char *path, GError **error)
{
  g_autofree char *folder = g_path_get_dirname (path);
  struct stat status;
  bool exists = stat (path, &status) == 0;

  if (!exists && errno != ENOENT && errno != ENOTDIR)
    return fail (option, path, g_strerror (errno), error);
  if (!gv_check_folder (option, folder, error))
    return false;
  if (g_str_has_suffix (path, "/") || (exists && S_ISDIR (status.st_mode)))
    return fail (option, path, _("this is a folder, not a file"), error);
  if (exists && !S_ISREG (status.st_mode))
    return fail (option, path, _("this is no regular file"), error);
  return true;
}

char *
gv_absolute_path (const char *path)
{
  g_autofree char *here = g_get_current_dir ();

  if (g_path_is_absolute (path))
    return g_strdup (path);
  while (g_str_has_prefix (path, "./"))
    path += 2;
  return g_build_filename (here, path, NULL);
}
