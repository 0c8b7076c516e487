// SPDX-FileCopyrightText: Giverny contributors
// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * Pictures with LoRAs against merges in float64: tests/fixtures/parity/lora.tsv has a recipe a row,
 * lora.safetensors the latents that tests/oracle/make_lora.py got for it, fixtures/lora the files.
 * The mutants are the same recipes with one thing changed, which the same comparison must refuse.
 * Then what the engine promises beside: pairs, strengths that cost nothing, exact nothing at 0.
 */
#include "giverny.h"

#include <math.h>
#include <string.h>

#include "formats/safetensors.h"
#include "outcome.h"
#include "tiny-model.h"

enum { NAME, DTYPE, LORAS, MERGE, CFG, SAMPLER, STEPS, SEED, N_COLUMNS };

#define PROMPT "a red boat on a lake at sunset, oil painting"
#define NEGATIVE "blurry, ugly, low quality"

typedef struct
{
  const char *name, *row, *loras;
} Mutant;

static const Mutant mutants[] = {
  { "none", "kohya", "" },
  { "strength", "kohya-weak", "kohya:0.5" },
  { "sign", "kohya-away", "kohya:0.7" },
  { "without-alpha", "kohya", "kohya:2" },
  { "one-of-two", "two-f16", "kohya:0.8" },
  { "other-way-round", "two-f16", "kohya:-0.5 convolutions:0.8" },
  { "text-strength", "texts", "text:0.3:1" },
  { "only-text", "text-away", "text:0:-0.4" },
  { "root-of-rank", "rank-stabilised", "rank-stabilised:0.5" },
  { "core", "tucker", "tucker:1.3" },
  { "rows", "dora-rows", "dora-rows:0.6" },
  { "columns", "dora-columns", "dora-peft:1" },
  { "order", "order", "dora-columns:0.8 kohya:0.7" },
  { "hadamard", "hadamard", "hadamard:1.5" },
  { "kronecker", "kronecker", "kronecker:0.5" },
  { "bias", "full", "full:0.8" },
};

static GvEngine *engine;
static GvSafetensors *expected;
static GPtrArray *table; /* of char ** */
static char *scratch;
static GHashTable *models; /* type → path */

static void
read_table (void)
{
  g_autofree char *path =
      g_test_build_filename (G_TEST_DIST, "fixtures", "parity", "lora.tsv", NULL);
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

/* "kohya:0.8 text:1:0.3" */
static GPtrArray *
read_loras (const char *words)
{
  g_auto (GStrv) list = g_strsplit (words, " ", -1);
  GPtrArray *loras = gv_recipe_new_lora_list ();

  for (char **word = list; *word && **word; word++) {
    g_auto (GStrv) parts = g_strsplit (*word, ":", 3);
    g_autofree char *file = g_strconcat (parts[0], ".safetensors", NULL);
    g_autofree char *path = g_test_build_filename (G_TEST_DIST, "fixtures", "lora", file, NULL);
    GvLoraUse *use = gv_lora_use_new (path);

    use->strength = g_ascii_strtod (parts[1], NULL);
    use->text_strength = parts[2] ? g_ascii_strtod (parts[2], NULL) : use->strength;
    g_ptr_array_add (loras, use);
  }
  return loras;
}

static const char *
model_for (const char *dtype)
{
  char *path = g_hash_table_lookup (models, dtype);

  if (path)
    return path;
  path = tiny_model_make (scratch, "folder", dtype, "");
  g_hash_table_insert (models, g_strdup (dtype), path);
  return path;
}

static GvRecipe *
recipe_for (char **row, const char *words)
{
  g_autoptr (GPtrArray) loras = read_loras (words);
  GvRecipe *recipe = gv_recipe_new ();

  g_object_set (recipe, "model", model_for (row[DTYPE]), "prompt", PROMPT, "negative", NEGATIVE,
                "width", 64, "height", 48, "schedule", "karras", "loras", loras, "merge-lora",
                atoi (row[MERGE]) != 0, "cfg", g_ascii_strtod (row[CFG], NULL), "sampler",
                row[SAMPLER], "steps", atoi (row[STEPS]), "seed",
                g_ascii_strtoull (row[SEED], NULL, 10), NULL);
  return recipe;
}

static bool
is_near (char **row, GvRecipe *recipe)
{
  const GvSafetensor *tensor = gv_safetensors_find (expected, row[NAME]);
  g_autofree float *wanted = g_malloc (tensor->size_bytes);
  g_autoptr (GError) error = NULL;
  Outcome outcome;
  double off;

  gv_safetensors_read (expected, tensor, 0, tensor->size_bytes, wanted, &error);
  g_assert_no_error (error);
  outcome_generate (engine, recipe, &outcome);
  g_assert_cmpuint (outcome.latents->len, ==, tensor->n_elements);
  off = outcome_latent_error ((float *) (void *) outcome.latents->data, wanted, tensor->n_elements);
  g_test_message ("largest error %.5f of the standard deviation", off);
  outcome_clear (&outcome);
  return off <= OUTCOME_MAX_ERROR; /* not for NaN */
}

static void
test_row (gconstpointer data)
{
  char **row = (char **) data;
  g_autoptr (GvRecipe) recipe = recipe_for (row, row[LORAS]);

  g_assert_true (is_near (row, recipe));
}

static void
test_mutant (gconstpointer data)
{
  const Mutant *mutant = data;
  char **row = find_row (mutant->row);
  g_autoptr (GvRecipe) recipe = recipe_for (row, mutant->loras);

  g_assert_false (is_near (row, recipe));
}

static void
expect_same (const Outcome *a, const float *latents, const guint8 *picture)
{
  guint n = a->latents->len, n_bytes = a->pictures->len;

  g_assert_cmpmem (a->latents->data, n * sizeof (float), latents, n * sizeof (float));
  g_assert_cmpmem (a->pictures->data, n_bytes, picture, n_bytes);
}

/* Both halves of a pair are to the bit what they are alone, with factors and with copies. */
static void
test_pair (gconstpointer data)
{
  static char *row[] = { "pair", "f16", "", "0", "7", "euler_a", "2", "11" };
  g_autoptr (GvRecipe) plain = recipe_for (row, ""), with = recipe_for (row, data);
  g_autoptr (GvRecipe) pair = recipe_for (row, data);
  Outcome before, after, both;

  g_object_set (pair, "before-after", TRUE, NULL);
  outcome_generate (engine, plain, &before);
  outcome_generate (engine, with, &after);
  outcome_generate (engine, pair, &both);
  g_assert_cmpuint (both.latents->len, ==, 2 * before.latents->len);
  expect_same (&before, (float *) (void *) both.latents->data, both.pictures->data);
  expect_same (&after, (float *) (void *) both.latents->data + before.latents->len,
               both.pictures->data + before.pictures->len);
  g_assert_cmpfloat (outcome_psnr (before.pictures->data, after.pictures->data,
                                   before.pictures->len),
                     <, 40);
  outcome_clear (&before);
  outcome_clear (&after);
  outcome_clear (&both);
}

/* Strength 0, however it comes, leaves every bit alone. */
static void
test_silent (void)
{
  static char *row[] = { "silent", "f16", "", "0", "3", "euler", "2", "12" };
  g_autoptr (GvRecipe) plain = recipe_for (row, ""), with = recipe_for (row, "kohya:0 text:0");
  Outcome a, b;

  outcome_generate (engine, plain, &a);
  outcome_generate (engine, with, &b);
  expect_same (&a, (float *) (void *) b.latents->data, b.pictures->data);
  outcome_clear (&a);
  outcome_clear (&b);
}

/* Blocks named one by one are the same as all at once, and leave out what they leave out. */
static void
test_blocks (void)
{
  static char *row[] = { "blocks", "f16", "", "0", "3", "euler", "2", "12" };
  g_autoptr (GvRecipe) all = recipe_for (row, "kohya:0.5"), split = recipe_for (row, "kohya:1");
  g_autoptr (GvRecipe) none = recipe_for (row, ""), silent = recipe_for (row, "kohya:1");
  GPtrArray *loras = gv_recipe_get_loras (split);
  Outcome a, b;

  ((GvLoraUse *) loras->pdata[0])->blocks = g_strdup ("in=0.5,mid=0.5,out=0.5,base=0.5");
  ((GvLoraUse *) gv_recipe_get_loras (silent)->pdata[0])->blocks = g_strdup ("IN=0, M00=0, OUT=0");
  outcome_generate (engine, all, &a);
  outcome_generate (engine, split, &b);
  expect_same (&a, (float *) (void *) b.latents->data, b.pictures->data);
  outcome_clear (&a);
  outcome_clear (&b);
  outcome_generate (engine, none, &a);
  outcome_generate (engine, silent, &b);
  expect_same (&a, (float *) (void *) b.latents->data, b.pictures->data);
  outcome_clear (&a);
  outcome_clear (&b);
}

static void
open_fixtures (void)
{
  g_autofree char *path =
      g_test_build_filename (G_TEST_DIST, "fixtures", "parity", "lora.safetensors", NULL);
  g_autoptr (GError) error = NULL;

  read_table ();
  expected = gv_safetensors_open (path, &error);
  g_assert_no_error (error);
  scratch = g_dir_make_tmp ("giverny-lora-XXXXXX", &error);
  g_assert_no_error (error);
  models = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  engine = gv_engine_new (NULL);
}

static void
close_fixtures (void)
{
  g_object_unref (engine);
  gv_safetensors_free (expected);
  g_ptr_array_unref (table);
  g_hash_table_unref (models);
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
    g_autofree char *path = g_strconcat ("/lora/", row[NAME], NULL);

    g_test_add_data_func (path, row, test_row);
  }
  for (size_t i = 0; i < G_N_ELEMENTS (mutants); i++) {
    g_autofree char *path = g_strconcat ("/mutant/", mutants[i].name, NULL);

    g_test_add_data_func (path, &mutants[i], test_mutant);
  }
  g_test_add_data_func ("/use/pair-factors", "kohya:0.8 text:0.7", test_pair);
  g_test_add_data_func ("/use/pair-copies", "kohya:0.8 hadamard:1", test_pair);
  g_test_add_func ("/use/silent", test_silent);
  g_test_add_func ("/use/blocks", test_blocks);
  result = g_test_run ();
  close_fixtures ();
  return result;
}
