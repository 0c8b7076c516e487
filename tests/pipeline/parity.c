// SPDX-FileCopyrightText: Giverny contributors
// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * The engine's pictures against those of diffusers' networks.  tests/fixtures/parity/sd-tiny.tsv
 * has a recipe a row, sd-tiny.safetensors what tests/oracle/make_parity.py got for it.  The mutants
 * are engines, so to speak, with a mistake: the same recipes with a wrong model or prompt, which
 * the same comparison must refuse.
 */
#include "giverny.h"

#include <math.h>

#include "formats/safetensors.h"
#include "outcome.h"
#include "tiny-model.h"

enum {
  NAME,
  LAYOUT,
  DTYPE,
  SETTINGS,
  PROMPT,
  NEGATIVE,
  WIDTH,
  HEIGHT,
  STEPS,
  CFG,
  SAMPLER,
  SCHEDULE,
  SEED,
  COUNT,
  CLIP_SKIP,
  N_COLUMNS
};

typedef struct
{
  double error, psnr;
} Distance;

typedef struct
{
  const char *name;
  const char *row;       /* of the table                                     */
  const char *settings;  /* (nullable): instead of the row's                 */
  const char *from, *to; /* (nullable): a change of the prompt               */
} Mutant;

static const Mutant mutants[] = {
  { "epsilon-text", "text-eps", "" },
  { "epsilon-unet", "unet-eps", "" },
  { "groups-vae", "folder-f32", "vae/config.json:norm_num_groups=16" },
  { "heads-unet", "heads", "" },
  { "heads-text", "text-heads", "" },
  { "head-order-self", "folder-f32", "rotate:attn1.to_v.weight=4" },
  { "head-order-cross", "folder-f32", "rotate:attn2.to_q.weight=4" },
  { "head-order-text", "folder-f32", "rotate:v_proj.weight=64" },
  { "activation-text", "text-gelu", "" },
  { "gate-first", "folder-f32", "rotate:ff.net.0.proj.weight=128" },
  { "prediction", "v-euler", "" },
  { "betas", "linear-betas", "" },
  { "word", "skip-2", NULL, "morning", "night" },
  { "one-letter", "skip-2", NULL, "water", "watef" },
  { "weight", "weights-0", NULL, "1.5", "1.4" },
  { "second-chunk", "long", NULL, "two cats in a window", "two cats in a river" },
  { "channels-vae", "folder-f32", "rotate:conv_in.weight=1" },
};

static GvEngine *engine;
static GvSafetensors *expected;
static GPtrArray *table;    /* of char **                         */
static GHashTable *models;  /* "layout dtype settings" to a path  */
static char *scratch;

/* The table */

static void
read_table (void)
{
  g_autofree char *path =
      g_test_build_filename (G_TEST_DIST, "fixtures", "parity", "sd-tiny.tsv", NULL);
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
read_expected (const char *row, const char *what, GvDtype dtype, size_t *n)
{
  g_autofree char *name = g_strconcat (row, ".", what, NULL);
  const GvSafetensor *tensor = gv_safetensors_find (expected, name);
  g_autoptr (GError) error = NULL;
  void *out;

  g_assert_nonnull (tensor);
  g_assert_cmpint (tensor->dtype, ==, dtype);
  out = g_malloc (tensor->size_bytes);
  gv_safetensors_read (expected, tensor, 0, tensor->size_bytes, out, &error);
  g_assert_no_error (error);
  *n = tensor->n_elements;
  return out;
}

/* The engine */

static const char *
model_for (char **row, const char *settings)
{
  g_autofree char *key = g_strjoin (" ", row[LAYOUT], row[DTYPE], settings, NULL);
  char *path = g_hash_table_lookup (models, key);

  if (!path) {
    path = tiny_model_make (scratch, row[LAYOUT], row[DTYPE], settings);
    g_hash_table_insert (models, g_steal_pointer (&key), path);
  }
  return path;
}

static GvRecipe *
recipe_for (char **row, const char *model, const char *prompt)
{
  GvRecipe *recipe = gv_recipe_new ();

  g_object_set (recipe, "model", model, "prompt", prompt, "negative", row[NEGATIVE], "width",
                atoi (row[WIDTH]), "height", atoi (row[HEIGHT]), "steps", atoi (row[STEPS]), "cfg",
                g_ascii_strtod (row[CFG], NULL), "sampler", row[SAMPLER], "schedule", row[SCHEDULE],
                "seed", g_ascii_strtoull (row[SEED], NULL, 10), "count", atoi (row[COUNT]),
                "clip-skip", atoi (row[CLIP_SKIP]), NULL);
  return recipe;
}

/* Distances */

static Distance
distance_to_row (char **row, GvRecipe *recipe)
{
  size_t n_latents, n_bytes;
  g_autofree float *latents = read_expected (row[NAME], "latents", GV_F32, &n_latents);
  g_autofree guint8 *pictures = read_expected (row[NAME], "pictures", GV_U8, &n_bytes);
  Outcome outcome;
  Distance distance = { NAN, NAN };

  outcome_generate (engine, recipe, &outcome);
  g_assert_cmpuint (outcome.latents->len, ==, n_latents);
  g_assert_cmpuint (outcome.pictures->len, ==, n_bytes);
  if (outcome.latents->len == n_latents)
    distance.error = outcome_latent_error ((float *) outcome.latents->data, latents, n_latents);
  if (outcome.pictures->len == n_bytes)
    distance.psnr = outcome_psnr (outcome.pictures->data, pictures, n_bytes);
  g_test_message ("largest error %.5f of the standard deviation, PSNR %.1f dB", distance.error,
                  distance.psnr);
  outcome_clear (&outcome);
  return distance;
}

/* Tests */

static void
test_row (gconstpointer data)
{
  char **row = (char **) data;
  g_autoptr (GvRecipe) recipe = recipe_for (row, model_for (row, row[SETTINGS]), row[PROMPT]);
  Distance distance = distance_to_row (row, recipe);

  g_assert_cmpfloat (distance.error, <=, OUTCOME_MAX_ERROR);
  g_assert_cmpfloat (distance.psnr, >=, OUTCOME_MIN_PSNR);
}

static void
test_mutant (gconstpointer data)
{
  const Mutant *mutant = data;
  char **row = find_row (mutant->row);
  const char *settings = mutant->settings ? mutant->settings : row[SETTINGS];
  g_autoptr (GString) prompt = g_string_new (row[PROMPT]);
  g_autoptr (GvRecipe) recipe = NULL;
  Distance distance;

  if (mutant->from)
    g_assert_cmpuint (g_string_replace (prompt, mutant->from, mutant->to, 0), >, 0);
  recipe = recipe_for (row, model_for (row, settings), prompt->str);
  distance = distance_to_row (row, recipe);
  g_assert_true (distance.error > OUTCOME_MAX_ERROR ||
                 distance.psnr < OUTCOME_MIN_PSNR); /* not for NaN */
}

static void
open_fixtures (void)
{
  g_autofree char *path =
      g_test_build_filename (G_TEST_DIST, "fixtures", "parity", "sd-tiny.safetensors", NULL);
  g_autoptr (GError) error = NULL;

  read_table ();
  expected = gv_safetensors_open (path, &error);
  g_assert_no_error (error);
  scratch = g_dir_make_tmp ("giverny-parity-XXXXXX", &error);
  g_assert_no_error (error);
  models = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  engine = gv_engine_new (NULL);
}

static void
close_fixtures (void)
{
  g_object_unref (engine);
  g_hash_table_unref (models);
  gv_safetensors_free (expected);
  g_ptr_array_unref (table);
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
    g_autofree char *path = g_strconcat ("/parity/", row[NAME], NULL);

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
