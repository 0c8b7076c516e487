// SPDX-FileCopyrightText: Giverny contributors
// SPDX-License-Identifier: GPL-3.0-or-later
/* `giverny-cli export`: a picture's recipe for another program. */
#include "command.h"

#include "terminal.h"

#include <stdio.h>
#include <string.h>

typedef struct
{
  const char *format, *out;
} ExportOptions;

static bool
is_png (const char *path)
{
  size_t length = strlen (path);

  return length > 4 && g_ascii_strcasecmp (path + length - 4, ".png") == 0;
}

/* Diagnostics: the run goes well all the same. */
static void
print_unmatched (const char *path, char **sentences)
{
  for (; *sentences; sentences++) {
    g_autofree char *line = gv_one_line (*sentences);

    fprintf (stderr, _("%s: not taken over: %s\n"), path, line);
  }
}

static bool
write_file (GvImage *image, const GvComfyExport *workflow, const char *path, GError **error)
{
  if (!is_png (path))
    return gv_comfy_export_save (workflow, path, error);
  if (!image) {
    gv_usage_error (error, _("--out: “%s” would be a picture, but the recipe comes without one"),
                             path);
    return false;
  }
  gv_image_set_comfy (image, workflow);
  return gv_image_save (image, path, error);
}

static bool
export_run (const void *values, const GPtrArray *words, GError **error)
{
  const ExportOptions *options = values;
  const char *path = words->pdata[0];
  g_autoptr (GvImage) image = NULL;
  g_autoptr (GvImport) import = NULL;
  g_autoptr (GvComfyExport) workflow = NULL;

  if (options->format && strcmp (options->format, "comfyui") != 0) {
    gv_usage_error (error, _("--format: “%s” is not “comfyui”"), options->format);
    return false;
  }
  if (!options->out) {
    gv_usage_error (error, _("--out: the file to write is missing"));
    return false;
  }
  if (!gv_check_target ("--out", options->out, error))
    return false;
  import = gv_import_from_file (path, &image, error);
  workflow = import ? gv_export_comfy (import->recipe, error) : NULL;
  if (!workflow || !write_file (image, workflow, options->out, error))
    return false;
  print_unmatched (path, import->unmatched);
  print_unmatched (options->out, workflow->unmatched);
  return true;
}

static const GvOption options[] = {
  { .name = "format",
    .value = N_ ("NAME"),
    .type = GV_OPTION_STRING,
    .offset = offsetof (ExportOptions, format),
    .group = N_ ("Options"),
    .normal = "comfyui",
    .help = N_ ("Whose form it takes: comfyui.") },
  { .name = "out",
    .value = N_ ("FILE"),
    .type = GV_OPTION_STRING,
    .offset = offsetof (ExportOptions, out),
    .help = N_ ("A .json for the workflow, or a .png: the picture with the workflow inside.") },
  { .name = NULL },
};

static const char *const examples[] = {
  "giverny-cli export boat.png --out boat.json",
  "giverny-cli export boat.png --format comfyui --out boat-for-comfyui.png",
  NULL,
};

const GvCommand gv_command_export = {
  .name = "export",
  .words = N_ ("FILE"),
  .summary = N_ ("Write a picture's recipe for another program"),
  .description = N_ ("Reads what “giverny-cli info” reads as a recipe, other programs' included, "
                     "and says what could not be taken over."),
  .options = options,
  .values_size = sizeof (ExportOptions),
  .min_words = 1,
  .max_words = 1,
  .run = export_run,
  .examples = examples,
};
