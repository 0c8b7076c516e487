// SPDX-FileCopyrightText: Giverny contributors
// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * Pictures with regions against those of diffusers' networks: tests/fixtures/parity/regions.tsv has
 * a recipe a row, regions.safetensors what tests/oracle/make_regions.py got for it.  The mutants
 * are the same recipes with one thing about a region changed, which the same comparison must
 * refuse.
 */
#include "giverny.h"

#include <math.h>
#include <string.h>

#include "formats/safetensors.h"
#include "outcome.h"
#include "tiny-model.h"

enum {
  NAME,
  PROMPT,
  NEGATIVE,
  WIDTH,
  HEIGHT,
  STEPS,
  CFG,
  SAMPLER,
  SCHEDULE,
  SEED,
  MODE,
  REGIONS,
  N_COLUMNS
};

typedef struct
{
  const char *name, *row, *from, *to; /* a change of the row's regions */
  const char *mode;                   /* (nullable): another mode       */
} Mutant;

static const Mutant mutants[] = {
  { "area-strength", "area-euler", "1.2", "1.4" },
  { "area-weaker", "area-euler", "0.8", "0.7" },
  { "area-text", "area-euler", "cat", "dog" },
  { "area-one-cell-left", "area-euler", "32, 16", "24, 16" },
  { "area-one-cell-less", "area-three", "64, 40]", "64, 32]" },
  { "area-hard-edge", "area-euler", "\"strength\": 1.2", "\"whole\": true, \"strength\": 1.2" },
  { "area-soft-edge", "area-hard", "\"whole\": true", "\"whole\": false" },
  { "area-negative", "area-negatives", "dogs", "cats" },
  { "area-axes", "area-tall", "0.25, 0.0", "0.0, 0.25" },
  { "area-part", "area-tall", "0.6659999999999999", "0.75" },
  { "area-last-of-batch", "area-same-shape", "\"e\"", "\"f\"" },
  { "area-whole-frame", "area-whole-frame", "0.5", "1" },
  { "attention-as-attention", "area-euler", NULL, NULL, "attention" },
  { "attention-strength", "attention-three", "1.2", "0.6" },
  { "attention-text", "attention-euler", "cat", "dog" },
  { "attention-one-cell-left", "attention-edges", "[32, 0", "[24, 0" },
  { "attention-hard-edge", "attention-large", "\"strength\": 1.5",
    "\"whole\": true, \"strength\": 1.5" },
  { "attention-negative", "attention-negatives", "dogs", "cats" },
  { "attention-axes", "attention-tall", "0.25, 0.0", "0.0, 0.25" },
  { "attention-as-area", "attention-euler", NULL, NULL, "area" },
};

static GvEngine *engine;
static GvSafetensors *expected;
static GPtrArray *table; /* of char ** */
static char *scratch, *model;

static void
read_table (void)
{
  g_autofree char *path =
      g_test_build_filename (G_TEST_DIST, "fixtures", "parity", "regions.tsv", NULL);
  g_autofree char *text = NULL;
  g_auto (GStrv) lines = NULL;
  g_autoptr (GError) error = NULL;

  g_file_get_contents (path, &text, NULL, &error);
  g_assert_no_error (error);
  lines = g_strsplit (text, "\n", -1);
  table = g_ptr_array_new_with_free_func ((GDestroyNotify) g_strfreev);
  for (char **line = lines + 1; *line && **line; line++) {
    g_ptr_array_add (table, g_strsplit (*line, "\t", -1));
    g_assert_cmpuint (g_strv_length (table->pdata[table->len - 1]), ==, N_COLUMNS);
  }
}

static char **
find_row (const char *name)
{
  for (guint i = 0; i < table->len; i++) {
    char **row = table->pdata[i];

    if (g_str_equal (row[NAME], name))
      return row;
  }
  g_error ("no row is called %s", name);
}

static void *
read_expected (const char *row, const char *what, size_t *n)
{
  g_autofree char *name = g_strconcat (row, ".", what, NULL);
  const GvSafetensor *tensor = gv_safetensors_find (expected, name);
  g_autoptr (GError) error = NULL;
  void *out;

  g_assert_nonnull (tensor);
  out = g_malloc (tensor->size_bytes);
  gv_safetensors_read (expected, tensor, 0, tensor->size_bytes, out, &error);
  g_assert_no_error (error);
  *n = tensor->n_elements;
  return out;
}

static GvRecipe *
recipe_for (char **row, const char *regions, const char *mode)
{
  g_autofree char *json =
      g_strdup_printf ("{\"giverny\":\"1\",\"region_mode\":\"%s\",\"regions\":%s}", mode, regions);
  g_autoptr (GError) error = NULL;
  GvRecipe *recipe = gv_recipe_from_json (row[NAME], json, -1, &error);

  g_assert_no_error (error);
  g_object_set (recipe, "model", model, "prompt", row[PROMPT], "negative", row[NEGATIVE], "width",
                atoi (row[WIDTH]), "height", atoi (row[HEIGHT]), "steps", atoi (row[STEPS]), "cfg",
                g_ascii_strtod (row[CFG], NULL), "sampler", row[SAMPLER], "schedule", row[SCHEDULE],
                "seed", g_ascii_strtoull (row[SEED], NULL, 10), NULL);
  return recipe;
}

static bool
is_near (char **row, GvRecipe *recipe)
{
  size_t n_latents, n_bytes;
  g_autofree float *latents = read_expected (row[NAME], "latents", &n_latents);
  g_autofree guint8 *pictures = read_expected (row[NAME], "pictures", &n_bytes);
  double error, psnr;
  Outcome outcome;

  outcome_generate (engine, recipe, &outcome);
  g_assert_cmpuint (outcome.latents->len, ==, n_latents);
  g_assert_cmpuint (outcome.pictures->len, ==, n_bytes);
  error = outcome_latent_error ((float *) (void *) outcome.latents->data, latents, n_latents);
  psnr = outcome_psnr (outcome.pictures->data, pictures, n_bytes);
  g_test_message ("largest error %.5f of the standard deviation, PSNR %.1f dB", error, psnr);
  outcome_clear (&outcome);
  return error <= OUTCOME_MAX_ERROR && psnr >= OUTCOME_MIN_PSNR; /* not for NaN */
}

static void
test_row (gconstpointer data)
{
  char **row = (char **) data;
  g_autoptr (GvRecipe) recipe = recipe_for (row, row[REGIONS], row[MODE]);

  g_assert_true (is_near (row, recipe));
}

static void
test_mutant (gconstpointer data)
{
  const Mutant *mutant = data;
  char **row = find_row (mutant->row);
  g_autoptr (GString) regions = g_string_new (row[REGIONS]);
  g_autoptr (GvRecipe) recipe = NULL;

  if (mutant->from)
    g_assert_cmpuint (g_string_replace (regions, mutant->from, mutant->to, 0), >, 0);
  recipe = recipe_for (row, regions->str, mutant->mode ? mutant->mode : row[MODE]);
  g_assert_false (is_near (row, recipe));
}

static void
open_fixtures (void)
{
  g_autofree char *path =
      g_test_build_filename (G_TEST_DIST, "fixtures", "parity", "regions.safetensors", NULL);
  g_autoptr (GError) error = NULL;

  read_table ();
  expected = gv_safetensors_open (path, &error);
  g_assert_no_error (error);
  scratch = g_dir_make_tmp ("giverny-regions-XXXXXX", &error);
  g_assert_no_error (error);
  model = tiny_model_make (scratch, "folder", "f16", "");
  engine = gv_engine_new (NULL);
}

static void
close_fixtures (void)
{
  g_object_unref (engine);
  gv_safetensors_free (expected);
  g_ptr_array_unref (table);
  g_free (model);
  tiny_model_remove (scratch);
}

int
main (int argc, char **argv)
{
  int result;

  g_test_init (&argc, &argv, NULL);
  g_test_set_nonfatal_assertions (); /* a row that fails does not keep the others from running */
  open_fixtures ();
  for (guint i = 0; i < table->len; i++) {
    char **row = table->pdata[i];
    g_autofree char *path = g_strconcat ("/", row[MODE], "/", row[NAME], NULL);

    g_test_add_data_func (path, row, test_row);
  }
  for (size_t i = 0; i < G_N_ELEMENTS (mutants); i++) {
    g_autofree char *path = g_strconcat ("/mutant/", mutants[i].name, NULL);

    g_test_add_data_func (path, &mutants[i], test_mutant);
  }
  result = g_test_run ();
  close_fixtures ();
  return result;
}
