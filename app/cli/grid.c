// SPDX-FileCopyrightText: Giverny contributors
// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * `giverny-cli grid`: one picture for each combination of values, on a contact sheet.  Each cell is
 * a file of its own beside the sheet, so that a run which was cut off goes on where it was.
 */
#include "command.h"

#include "generate-options.h"
#include "job.h"
#include "recipe.h"
#include "sheet.h"

#include "base/names.h"
#include "formats/atomic-file.h"
#include "formats/file.h"

#include <string.h>
#include <yyjson.h>

#define MAX_VALUES 256
#define MAX_CELLS 4096
#define MAX_LIST_BYTES ((size_t) 1 << 20)

typedef struct
{
  char *name;    /* of the option, or "lora:PATH"; NULL for an axis that is not asked for */
  char **values; /* one of "" for an axis that is not asked for                           */
  int n;
} Axis;

typedef struct
{
  const GvGenerateOptions *options;
  Axis axes[3];
  int halves; /* of a cell: 2 with --before-after */
  GvSheet *sheet;
  GvEngine *engine;
  GString *csv;
  yyjson_mut_doc *doc;
  yyjson_mut_val *cells;
  /* the cell under way */
  int at[3];
  char *paths[2];
} Grid;

static void
grid_clear (Grid *self)
{
  for (int i = 0; i < 3; i++) {
    g_free (self->axes[i].name);
    g_strfreev (self->axes[i].values);
  }
  g_clear_pointer (&self->sheet, gv_sheet_free);
  g_clear_object (&self->engine);
  g_string_free (self->csv, TRUE);
  yyjson_mut_doc_free (self->doc);
  for (int i = 0; i < 2; i++)
    g_free (self->paths[i]);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Grid, grid_clear)

/* Axes */

/* The lines of a file that hold something. */
static char **
read_lines (const char *path, GError **error)
{
  g_autoptr (GStrvBuilder) out = g_strv_builder_new ();
  size_t size;
  g_autofree char *text = gv_read_small_file (path, MAX_LIST_BYTES, &size, error);
  g_auto (GStrv) lines = NULL;

  if (!text)
    return NULL;
  if (!g_utf8_validate (text, (gssize) size, NULL)) {
    g_set_error (error, GV_FORMAT_ERROR, GV_FORMAT_ERROR_INVALID,
                 _("%s: the text is not valid UTF-8"), path);
    return NULL;
  }
  lines = g_strsplit (text, "\n", -1);
  for (char **line = lines; *line; line++)
    if (*g_strstrip (*line))
      g_strv_builder_add (out, *line);
  return g_strv_builder_end (out);
}

/* Values with commas between; "\," is a comma of a value's own. */
static char **
split_values (const char *text)
{
  g_autoptr (GStrvBuilder) out = g_strv_builder_new ();
  g_autoptr (GString) value = g_string_new (NULL);

  for (const char *p = text;; p++) {
    if (*p == '\\' && p[1] == ',') {
      g_string_append_c (value, *++p);
    } else if (*p && *p != ',') {
      g_string_append_c (value, *p);
    } else {
      g_strv_builder_add (out, value->str);
      g_string_truncate (value, 0);
    }
    if (!*p)
      return g_strv_builder_end (out);
  }
}

static bool
read_axis (Axis *self, const char *letter, const char *text, GError **error)
{
  const char *equals = text ? strchr (text, '=') : NULL;

  if (!text) {
    self->values = g_strdupv ((char *[]) { "", NULL });
    self->n = 1;
    return true;
  }
  if (!equals || equals == text || !equals[1]) {
    gv_usage_error (error, _("--%s: “%s” is not AXIS=V1,V2…"), letter, text);
    return false;
  }
  self->name = g_strndup (text, (gsize) (equals - text));
  self->values = equals[1] == '@' ? read_lines (equals + 2, error) : split_values (equals + 1);
  self->n = self->values ? (int) g_strv_length (self->values) : 0;
  if (self->values && (self->n < 1 || self->n > MAX_VALUES))
    gv_usage_error (error, _("--%s: an axis has 1 to %d values"), letter, MAX_VALUES);
  return self->n >= 1 && self->n <= MAX_VALUES;
}

static bool
read_axes (Grid *self, GError **error)
{
  static const char *const letters[] = { "x", "y", "z" };

  for (int i = 0; i < 3; i++)
    if (!read_axis (&self->axes[i], letters[i], self->options->axes[i], error))
      return false;
  if ((gint64) self->axes[0].n * self->axes[1].n * self->axes[2].n <= MAX_CELLS)
    return true;
  gv_usage_error (error, _("--x: the grid has more than %d pictures"), MAX_CELLS);
  return false;
}

/* The word that an axis' value is on the command line of `generate`. */
static char *
make_word (const Axis *axis, const char *value)
{
  if (g_str_has_prefix (axis->name, "lora:"))
    return g_strdup_printf ("--lora=%s:%s", axis->name + strlen ("lora:"), value);
  return g_strdup_printf ("--%s=%s", axis->name, value);
}

/* The recipe of the cell under way: the options, then what the axes say. */
static GvRecipe *
make_recipe (Grid *self, GvGenerateOptions *options, GPtrArray *words, GError **error)
{
  g_autoptr (GPtrArray) argv = g_ptr_array_new (), rest = g_ptr_array_new ();
  bool help;

  *options = *self->options;
  for (int i = 0; i < 3; i++)
    if (self->axes[i].name) {
      g_ptr_array_add (words, make_word (&self->axes[i], self->axes[i].values[self->at[i]]));
      g_ptr_array_add (argv, words->pdata[words->len - 1]);
    }
  g_ptr_array_add (argv, NULL);
  if (!gv_options_parse (gv_generate_options, (char **) argv->pdata, options, rest, &help, error))
    return NULL;
  if (options->count != 1 || options->preview || options->latents_out || options->seed.random) {
    gv_usage_error (error,
                    _("--count, --preview, --latents-out and random seeds are not for grids"));
    return NULL;
  }
  return gv_cli_make_recipe (options, error);
}

/* Cells */

/* "FILE-x1-y0-before.png" */
static char *
cell_path (Grid *self, int half)
{
  g_autoptr (GString) place = g_string_new (NULL);
  static const char *const halves[] = { "before", "after" };

  for (int i = 0; i < 3; i++)
    if (self->axes[i].name)
      g_string_append_printf (place, "%s%c%d", place->len ? "-" : "", "xyz"[i], self -> at[i]);
  if (self->halves == 2)
    g_string_append_printf (place, "%s%s", place->len ? "-" : "", halves[half]);
  if (place->len == 0)
    g_string_append (place, "cell");
  return gv_name_with (self->options->out, place->str);
}

static int
get_column (const Grid *self, int half)
{
  return self->at[0] * self->halves + half;
}

static int
get_row (const Grid *self)
{
  return self->at[2] * self->axes[1].n + self->at[1];
}

static void
append_csv (GString *csv, const char *value, char end)
{
  g_auto (GStrv) pieces = g_strsplit (value, "\"", -1);
  g_autofree char *doubled = g_strjoinv ("\"\"", pieces);

  if (strpbrk (value, ",\"\n\r"))
    g_string_append_printf (csv, "\"%s\"%c", doubled, end);
  else
    g_string_append_printf (csv, "%s%c", value, end);
}

static void
note_cell (Grid *self, int half, GvImage *image)
{
  static const char *const halves[] = { "before", "after" };
  yyjson_mut_val *cell = yyjson_mut_arr_add_obj (self->doc, self->cells);

  gv_sheet_set (self->sheet, get_column (self, half), get_row (self), image);
  for (int i = 0; i < 3; i++) {
    const char *letters[] = { "x", "y", "z" };

    append_csv (self->csv, self->axes[i].values[self->at[i]], ',');
    if (self->axes[i].name)
      yyjson_mut_obj_add_strcpy (self->doc, cell, letters[i], self->axes[i].values[self->at[i]]);
  }
  append_csv (self->csv, self->halves == 2 ? halves[half] : "", ',');
  append_csv (self->csv, self->paths[half], '\n');
  if (self->halves == 2)
    yyjson_mut_obj_add_str (self->doc, cell, "half", halves[half]);
  yyjson_mut_obj_add_strcpy (self->doc, cell, "file", self->paths[half]);
}

static bool
on_picture (const GvPicture *picture, gpointer data, GError **error)
{
  Grid *self = data;
  int half = picture->half == GV_HALF_AFTER;

  if (!gv_image_save (picture->image, self->paths[half], error))
    return false;
  note_cell (self, half, picture->image);
  return true;
}

/* A recipe's JSON with nothing that a model fills in left to it, and not more than one picture. */
static bool
is_same_recipe (GvRecipe *wanted, GvImage *image, const char *path, int half, int halves)
{
  g_autoptr (GvRecipe) found = gv_image_dup_recipe (image, path, NULL);
  g_autoptr (GvRecipe) asked = gv_recipe_copy (wanted);
  g_autofree char *a = NULL, *b = NULL;

  if (!found)
    return false;
  g_object_set (asked, "before-after", FALSE, NULL);
  if (halves == 2 && half == 0)
    g_object_set (asked, "loras", NULL, "merge-lora", FALSE, NULL);
  if (!gv_recipe_get_width (asked))
    g_object_set (asked, "width", gv_recipe_get_width (found), NULL);
  if (!gv_recipe_get_height (asked))
    g_object_set (asked, "height", gv_recipe_get_height (found), NULL);
  if (!gv_recipe_has_cfg (asked))
    g_object_set (asked, "cfg", gv_recipe_get_cfg (found), NULL);
  a = gv_recipe_to_json (asked);
  b = gv_recipe_to_json (found);
  return strcmp (a, b) == 0;
}

/* Half a cell from an earlier run, if it has the same recipe. */
static GvImage *
load_finished (Grid *self, GvRecipe *recipe, int half)
{
  const char *path = self->paths[half];
  g_autoptr (GvImage) image =
      g_file_test (path, G_FILE_TEST_EXISTS) ? gv_image_load (path, NULL) : NULL;

  return image && is_same_recipe (recipe, image, path, half, self->halves)
             ? g_steal_pointer (&image)
             : NULL;
}

/* Takes a cell's pictures from an earlier run, if all are there. */
static bool
take_finished (Grid *self, GvRecipe *recipe)
{
  g_autoptr (GvImage) first = load_finished (self, recipe, 0);
  g_autoptr (GvImage) second = first && self->halves == 2 ? load_finished (self, recipe, 1) : NULL;

  if (!first || (self->halves == 2 && !second))
    return false;
  note_cell (self, 0, first);
  if (second)
    note_cell (self, 1, second);
  return true;
}

static bool
paint_cell (Grid *self, GError **error)
{
  g_autoptr (GPtrArray) words = g_ptr_array_new_with_free_func (g_free);
  GvGenerateOptions options;
  g_autoptr (GvRecipe) recipe = make_recipe (self, &options, words, error);
  GvCliJob job = { recipe, options.device, NULL, on_picture, self, self->engine };

  if (!recipe)
    return false;
  for (int half = 0; half < self->halves; half++) {
    g_free (self->paths[half]);
    self->paths[half] = cell_path (self, half);
  }
  return take_finished (self, recipe) || gv_cli_job_run (&job, error);
}

/* Every cell must be one that can be painted, before the first one is. */
static bool
each_cell (Grid *self, bool (*use) (Grid *self, GError **error), GError **error)
{
  for (self->at[2] = 0; self->at[2] < self->axes[2].n; self->at[2]++)
    for (self->at[1] = 0; self->at[1] < self->axes[1].n; self->at[1]++)
      for (self->at[0] = 0; self->at[0] < self->axes[0].n; self->at[0]++)
        if (!use (self, error))
          return false;
  return true;
}

static bool
check_cell (Grid *self, GError **error)
{
  g_autoptr (GPtrArray) words = g_ptr_array_new_with_free_func (g_free);
  GvGenerateOptions options;
  g_autoptr (GvRecipe) recipe = make_recipe (self, &options, words, error);

  return recipe != NULL;
}

/* Sheet */

static char *
make_label (const Axis *axis, int i)
{
  const char *name = axis->name;

  if (!name)
    return g_strdup ("");
  if (strcmp (name, "prompt") == 0 || strcmp (name, "negative") == 0)
    return g_strdup (axis->values[i]);
  if (g_str_has_prefix (name, "lora:")) {
    g_autofree char *file = g_path_get_basename (name + strlen ("lora:"));

    if (g_str_has_suffix (file, ".safetensors"))
      file[strlen (file) - strlen (".safetensors")] = '\0';
    return g_strdup_printf ("%s %s", file, axis->values[i]);
  }
  return g_strdup_printf ("%s %s", name, axis->values[i]);
}

static GvSheet *
new_sheet (Grid *self)
{
  g_autoptr (GStrvBuilder) columns = g_strv_builder_new (), rows = g_strv_builder_new ();
  const char *halves[] = { _("before"), _("after") };
  g_auto (GStrv) c = NULL, r = NULL;

  for (int x = 0; x < self->axes[0].n; x++)
    for (int half = 0; half < self->halves; half++) {
      g_autofree char *label = make_label (&self->axes[0], x);
      g_autofree char *both =
          self->halves == 1 ? g_strdup (label)
                            : g_strdup_printf ("%s%s%s", label, *label ? ", " : "", halves[half]);

      g_strv_builder_add (columns, both);
    }
  for (int z = 0; z < self->axes[2].n; z++)
    for (int y = 0; y < self->axes[1].n; y++) {
      g_autofree char *below = make_label (&self->axes[1], y),
                      *block = make_label (&self->axes[2], z);
      g_autofree char *both =
          g_strdup_printf ("%s%s%s", block, *block && *below ? " · " : "", below);

      g_strv_builder_add (rows, both);
    }
  c = g_strv_builder_end (columns);
  r = g_strv_builder_end (rows);
  return gv_sheet_new ((const char *const *) c, (const char *const *) r);
}

/* "FILE.csv" for "FILE.png". */
static char *
csv_path (const char *out)
{
  g_autofree char *with = gv_name_with (out, "");

  /* "FILE-.png" */
  with[strlen (with) - strlen ("-.png")] = '\0';
  return g_strconcat (with, ".csv", NULL);
}

static bool
save_csv (Grid *self, GError **error)
{
  g_autofree char *path = csv_path (self->options->out);
  g_autoptr (GvAtomicFile) file = gv_atomic_file_new (path, error);

  return file && gv_atomic_file_write (file, self->csv->str, self->csv->len, error) &&
         gv_atomic_file_commit (file, error);
}

static bool
check_out (Grid *self, GError **error)
{
  if (self->options->out)
    return gv_check_target ("--out", self->options->out, error);
  gv_usage_error (error, _("--out: the sheet needs a name"));
  return false;
}

static void
print_json (Grid *self)
{
  char *json;

  yyjson_mut_obj_add_strcpy (self->doc, yyjson_mut_doc_get_root (self->doc), "sheet",
                             self->options->out);
  json = yyjson_mut_write (self->doc, YYJSON_WRITE_PRETTY_TWO_SPACES, NULL);
  puts (json);
  free (json);
}

static bool
grid_run (const void *values, const GPtrArray *words, GError **error)
{
  const GvGenerateOptions *options = values;
  g_auto (Grid) self = { .options = options, .csv = g_string_new ("x,y,z,half,file\n") };
  yyjson_mut_val *root;

  self.doc = yyjson_mut_doc_new (NULL);
  root = yyjson_mut_obj (self.doc);
  yyjson_mut_doc_set_root (self.doc, root);
  self.cells = yyjson_mut_obj_add_arr (self.doc, root, "cells");
  self.halves = options->before_after ? 2 : 1;
  if (!read_axes (&self, error) || !check_out (&self, error) ||
      !each_cell (&self, check_cell, error))
    return false;
  self.sheet = new_sheet (&self);
  self.engine = gv_engine_new (options->device);
  if (!each_cell (&self, paint_cell, error) || !gv_sheet_save (self.sheet, options->out, error) ||
      !save_csv (&self, error))
    return false;
  if (options->json)
    print_json (&self);
  return true;
}

static const char *const examples[] = {
  "giverny-cli grid --prompt \"a lily pond\" --x lora:oils.safetensors=0,0.5,1 --y seed=1,2,3 \\\n"
  "      --out oils.png",
  "giverny-cli grid --y prompt=@prompts.txt --lora oils.safetensors --before-after --out set.png",
  NULL,
};

const GvCommand gv_command_grid = {
  .name = "grid",
  .summary = N_ ("Paint a sheet of pictures that differ in one to three things"),
  .description =
      N_ ("Each picture is a file beside the sheet, FILE-x0-y0.png, and FILE.csv lists them; "
          "a run that was cut off goes on where it was. All options of “generate” apply."),
  .options = gv_grid_options,
  .values_size = sizeof (GvGenerateOptions),
  .init = gv_generate_options_init,
  .run = grid_run,
  .examples = examples,
};
