// SPDX-FileCopyrightText: Giverny contributors
// SPDX-License-Identifier: GPL-3.0-or-later
/* `giverny-cli info`: what models, LoRAs, pictures and recipes are. */
#include "command.h"

#include "terminal.h"

#include <string.h>

/* Prints "key: value" lines with the values below each other. */
static void
print_lines (const char *text)
{
  g_auto (GStrv) lines = g_strsplit (text, "\n", -1);
  int widest = 0;

  for (char **line = lines; *line; line++) {
    g_autofree char *key = g_strndup (*line, strcspn (*line, ":"));

    if (strstr (*line, ": "))
      widest = MAX (widest, gv_columns (key));
  }
  for (char **line = lines; *line; line++) {
    g_autofree char *key = g_strndup (*line, strcspn (*line, ":") + 1);
    g_autofree char *value = gv_one_line (*line + MIN (strlen (key) + 1, strlen (*line)));

    if (!strstr (*line, ": ")) {
      printf (**line ? "  %s\n" : "%s", *line);
      continue;
    }
    printf ("  %s", gv_style (stdout, GV_DIM));
    gv_print_padded (key, widest + 1);
    printf ("%s %s\n", gv_style (stdout, GV_PLAIN), value);
  }
}

/* What recipes call the starter means it here too, where nothing else has that name. */
static char *
resolve (const char *word)
{
  if (strcmp (word, GV_RECIPE_STARTER) == 0 && !g_file_test (word, G_FILE_TEST_EXISTS))
    return gv_model_starter_path ();
  return g_strdup (word);
}

/* Goes on behind a file that can't be read; the first such one is what the run ends with. */
static bool
info_run (const void *values, const GPtrArray *words, GError **error)
{
  g_autoptr (GError) first = NULL;
  bool printed = false;

  for (guint i = 0; i < words->len; i++) {
    g_autoptr (GString) text = g_string_new (NULL);
    g_autofree char *path = resolve (words->pdata[i]);
    g_autofree char *shown = gv_one_line (words->pdata[i]);

    if (!gv_file_describe (path, text, first ? NULL : &first))
      continue;
    printf ("%s%s%s%s\n", printed ? "\n" : "", gv_style (stdout, GV_BOLD), shown,
            gv_style (stdout, GV_PLAIN));
    print_lines (text->str);
    printed = true;
  }
  if (!first)
    return true;
  g_propagate_error (error, g_steal_pointer (&first));
  return false;
}

static const GvOption options[] = { { .name = NULL } };

static const char *const examples[] = {
  "giverny-cli info boat.png",
  "giverny-cli info anything-v5.safetensors",
  "giverny-cli info starter",
  NULL,
};

const GvCommand gv_command_info = {
  .name = "info",
  .words = N_ ("FILE…"),
  .summary = N_ ("Say what a model, picture or recipe is"),
  .options = options,
  .min_words = 1,
  .max_words = G_MAXINT,
  .run = info_run,
  .examples = examples,
};
