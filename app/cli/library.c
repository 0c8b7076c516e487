// SPDX-FileCopyrightText: Giverny contributors
// SPDX-License-Identifier: GPL-3.0-or-later
/* `giverny-cli library`: makes the gallery's database anew from the pictures, or checks it. */
#include "command.h"

#include "terminal.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

typedef struct
{
  const char *folder;
} LibraryOptions;

static void
show_progress (guint done, guint of, gpointer data)
{
  if (done % 50 == 0 || done == of) {
    fputc ('\r', stderr);
    fprintf (stderr, _("%u of %u pictures"), done, of);
  }
  if (done == of)
    fputc ('\n', stderr);
}

static void
print_report (const GvLibraryReport *report)
{
  printf (ngettext ("%u picture\n", "%u pictures\n", report->n_pictures), report->n_pictures);
  if (report->n_unreadable > 0)
    printf (ngettext ("%u file is called a PNG but can't be read\n",
                      "%u files are called PNGs but can't be read\n", report->n_unreadable),
            report->n_unreadable);
}

static bool
check_folder (const char *folder, GError **error)
{
  if (g_file_test (folder, G_FILE_TEST_IS_DIR))
    return true;
  g_set_error (error, GV_FORMAT_ERROR, GV_FORMAT_ERROR_IO,
               _("--folder: there is no folder “%s”"), folder);
  return false;
}

static bool
library_run (const void *values, const GPtrArray *words, GError **error)
{
  const LibraryOptions *options = values;
  const char *what = words->pdata[0];
  bool is_rebuild = strcmp (what, "rebuild") == 0;
  g_autofree char *folder =
      options->folder ? g_strdup (options->folder) : gv_library_default_folder ();
  GvLibraryReport report;

  if (!is_rebuild && strcmp (what, "check") != 0) {
    gv_usage_error (error, _("library: “%s” is neither “rebuild” nor “check”"), what);
    return false;
  }
  if (!check_folder (folder, error))
    return false;
  if (is_rebuild &&
      !gv_library_rebuild_folder (folder, gv_terminal_is_lively (stderr) ? show_progress : NULL,
                                  NULL, &report, error))
    return false;
  if (!is_rebuild && !gv_library_check_folder (folder, &report, error))
    return false;
  print_report (&report);
  return true;
}

static const GvOption options[] = {
  { .name = "folder",
    .value = N_ ("FOLDER"),
    .type = GV_OPTION_STRING,
    .offset = offsetof (LibraryOptions, folder),
    .normal = N_ ("“Giverny” in your folder for pictures"),
    .group = N_ ("Options"),
    .help = N_ ("The folder with the gallery's pictures.") },
  { .name = NULL },
};

static const char *const examples[] = {
  "giverny-cli library check",
  "giverny-cli library rebuild --folder ~/Pictures/Giverny",
  NULL,
};

const GvCommand gv_command_library = {
  .name = "library",
  .words = N_ ("rebuild|check"),
  .summary = N_ ("Make the gallery's database anew, or check it"),
  .description =
      N_ ("The pictures in the folder are the gallery; the database only finds them quickly. "
          "“rebuild” makes it again from nothing but the folder, “check” says whether the two "
          "fit each other, and changes nothing."),
  .options = options,
  .values_size = sizeof (LibraryOptions),
  .min_words = 1,
  .max_words = 1,
  .run = library_run,
  .examples = examples,
};
