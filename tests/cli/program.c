// SPDX-FileCopyrightText: Giverny contributors
// SPDX-License-Identifier: GPL-3.0-or-later
/* Runs the real giverny-cli, as a shell would. */
#include "program.h"

#include <gio/gio.h>
#include <glib/gstdio.h>
#include <string.h>

#define MAX_SECONDS 10

void
ended_clear (Ended *self)
{
  g_clear_pointer (&self->out, g_free);
  g_clear_pointer (&self->err, g_free);
}

static char *
text_of (GBytes *bytes)
{
  gsize size;
  const char *data = g_bytes_get_data (bytes, &size);

  return size > 0 ? g_strndup (data, size) : g_strdup ("");
}

Ended
program_run (const char *folder, const char *const *words)
{
  g_autoptr (GSubprocessLauncher) launcher =
      g_subprocess_launcher_new (G_SUBPROCESS_FLAGS_STDOUT_PIPE | G_SUBPROCESS_FLAGS_STDERR_PIPE);
  g_autoptr (GPtrArray) argv = g_ptr_array_new ();
  g_autoptr (GSubprocess) process = NULL;
  g_autoptr (GBytes) out = NULL, err = NULL;
  g_autoptr (GError) error = NULL;
  Ended ended = { 0 };
  gint64 start = g_get_monotonic_time ();

  g_ptr_array_add (argv, (gpointer) g_getenv ("GV_CLI"));
  for (; *words; words++)
    g_ptr_array_add (argv, (gpointer) *words);
  g_ptr_array_add (argv, NULL);
  g_subprocess_launcher_set_cwd (launcher, folder);
  process = g_subprocess_launcher_spawnv (launcher, (const char *const *) argv->pdata, &error);
  g_assert_no_error (error);
  g_assert_true (g_subprocess_communicate (process, NULL, NULL, &out, &err, &error));
  ended.out = text_of (out);
  ended.err = text_of (err);
  ended.code = g_subprocess_get_if_exited (process) ? g_subprocess_get_exit_status (process)
                                                    : -g_subprocess_get_term_sig (process);
  ended.took_us = g_get_monotonic_time () - start;
  return ended;
}

Ended
program_run_line (const char *folder, const char *line)
{
  g_auto (GStrv) words = g_strsplit (line, " ", -1);

  return program_run (folder, (const char *const *) words);
}

void
program_check_failed (const Ended *ended, int code, const char *word, const char *what)
{
  const char *newline = strchr (ended->err, '\n');

  if (ended->code != code || *ended->out || !newline || newline[1] ||
      !g_str_has_prefix (ended->err, "giverny-cli: ") || !strstr (ended->err, word) ||
      !g_utf8_validate (ended->err, -1, NULL))
    g_error ("%s: ended with %d, stdout “%s”, stderr “%s”", what, ended->code, ended->out,
             ended->err);
  if (ended->took_us > MAX_SECONDS * G_USEC_PER_SEC)
    g_error ("%s: took %.1f s", what, (double) ended->took_us / 1e6);
}

int
folder_count (const char *folder)
{
  g_autoptr (GDir) dir = g_dir_open (folder, 0, NULL);
  int n = 0;

  while (g_dir_read_name (dir))
    n++;
  return n;
}

void
folder_remove (char *folder)
{
  g_autoptr (GDir) dir = g_dir_open (folder, 0, NULL);
  const char *name;

  while ((name = g_dir_read_name (dir))) {
    char *entry = g_build_filename (folder, name, NULL);

    if (g_file_test (entry, G_FILE_TEST_IS_DIR) && !g_file_test (entry, G_FILE_TEST_IS_SYMLINK)) {
      folder_remove (entry);
    } else {
      g_assert_cmpint (g_remove (entry), ==, 0);
      g_free (entry);
    }
  }
  g_assert_cmpint (g_rmdir (folder), ==, 0);
  g_free (folder);
}
