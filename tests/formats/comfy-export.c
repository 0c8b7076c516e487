// SPDX-FileCopyrightText: Giverny contributors
// SPDX-License-Identifier: GPL-3.0-or-later
/* Recipes to ComfyUI's workflows, and back from either form. */
#include "giverny.h"

#include <string.h>

/* Regions of `giverny-cli generate`, with "!" before a negative prompt of their own. */
static const struct
{
  const char *name, *regions[4];
  bool rest, hard;
} rows[] = {
  { "none", { NULL } },
  { "two", { "0,0,256,512,1.2:a boat", "192,64,320,448,0.8:a (cat:1.3)\n고양이" } },
  { "outside", { "-64,0,256,256:a", "448,448,800,800:b" } },
  { "part", { "0%,0%,50%,100%:a" } },
  { "frame", { "0,0,512,512,0.5:a", "0,0,64,64:b" } },
  { "frame-alone", { "0,0,512,512:a" } },
  { "negatives", { "0,0,64,64,2:a!b", "64,64,64,64:c" } },
  { "rest", { "0,0,64,64:a", "64,0,64,64,3:b" }, .rest = true },
  { "hard", { "8,16,64,72,0.7:a", "64,0,64,64:b" }, .hard = true },
};

static GvRecipe *
make_recipe (size_t row)
{
  g_autoptr (GPtrArray) list = gv_recipe_new_region_list ();
  GvRecipe *recipe = gv_recipe_new ();

  for (int i = 0; rows[row].regions[i]; i++) {
    g_auto (GStrv) words = g_strsplit (rows[row].regions[i], "!", 2);
    g_autoptr (GvRegion) region = gv_region_parse ("--region", words[0], NULL);

    region->negative = g_strdup (words[1]);
    region->whole = rows[row].hard && i == 0;
    g_ptr_array_add (list, gv_region_new_placed (region, 512, 512));
  }
  g_object_set (recipe, "model", "/m/any.safetensors", "prompt", "a \"lake\"", "negative", "fog",
                "width", 512, "height", 512, "steps", 24, "cfg", 6.5, "sampler", "euler_a",
                "schedule", "karras", "seed", G_MAXUINT64, "clip-skip", 2, "regions", list,
                "background-rest", rows[row].rest, NULL);
  return recipe;
}

static void
expect_values (GvRecipe *wanted, GvRecipe *got)
{
  g_assert_cmpstr (gv_recipe_get_prompt (got), ==, gv_recipe_get_prompt (wanted));
  g_assert_cmpstr (gv_recipe_get_negative (got), ==, gv_recipe_get_negative (wanted));
  g_assert_cmpint (gv_recipe_get_width (got), ==, 512);
  g_assert_cmpint (gv_recipe_get_height (got), ==, 512);
  g_assert_cmpint (gv_recipe_get_steps (got), ==, 24);
  g_assert_cmpfloat (gv_recipe_get_cfg (got), ==, 6.5);
  g_assert_cmpstr (gv_recipe_get_sampler (got), ==, "euler_a");
  g_assert_cmpstr (gv_recipe_get_schedule (got), ==, "karras");
  g_assert_cmpuint (gv_recipe_get_seed (got), ==, G_MAXUINT64);
  g_assert_cmpint (gv_recipe_get_clip_skip (got), ==, 2);
  g_assert_true (gv_recipe_get_background_rest (got) == gv_recipe_get_background_rest (wanted));
}

/* The same weights everywhere, whatever the order that regions came back in. */
static void
expect_regions (GvRecipe *wanted, GvRecipe *got)
{
  GPtrArray *a = gv_recipe_get_regions (wanted), *b = gv_recipe_get_regions (got);
  g_autofree float *shares = gv_recipe_dup_shares (wanted, 512, 512);
  g_autofree float *others = gv_recipe_dup_shares (got, 512, 512);

  g_assert_cmpuint (a->len, ==, b->len);
  for (guint i = 0; i < a->len; i++) {
    const GvRegion *one = a->pdata[i];
    bool found = false;

    for (guint k = 0; k < b->len; k++) {
      const GvRegion *other = b->pdata[k];

      if (strcmp (one->text, other->text) == 0) {
        const char *refused = one->negative ? one->negative : gv_recipe_get_negative (wanted);

        found = true;
        g_assert_cmpstr (other->negative ? other->negative : gv_recipe_get_negative (got), ==,
                         refused);
        g_assert_cmpmem (shares + (i + 1) * 4096, 4096 * sizeof (float), others + (k + 1) * 4096,
                         4096 * sizeof (float));
      }
    }
    g_assert_true (found);
  }
}

static void
test_row (gconstpointer data)
{
  g_autoptr (GvRecipe) recipe = make_recipe (GPOINTER_TO_SIZE (data));
  g_autoptr (GError) error = NULL;
  g_autoptr (GvComfyExport) workflow = gv_export_comfy (recipe, &error);
  g_autoptr (GvComfyExport) again = gv_export_comfy (recipe, NULL);
  g_autoptr (GvImage) image = gv_image_new_take (1, 1, g_malloc0 (3));
  g_autoptr (GvImport) both = NULL;
  g_autoptr (GvImport) editor = NULL;

  g_assert_no_error (error);
  g_assert_cmpuint (g_strv_length (workflow->unmatched), ==, 0);
  g_assert_cmpstr (workflow->workflow, ==, again->workflow);
  gv_image_set_comfy (image, workflow);
  both = gv_import_from_image (image, "a.png", &error);
  g_assert_no_error (error);
  editor = gv_import_from_text ("a.json", workflow->workflow, -1, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (g_strv_length (both->unmatched), ==, 1); /* the model's path */
  g_assert_cmpstr (both->model, ==, "any.safetensors");
  expect_values (recipe, both->recipe);
  expect_regions (recipe, both->recipe);
  expect_values (recipe, editor->recipe);
  expect_regions (recipe, editor->recipe);
}

/* What ComfyUI has no place for is listed. */
static void
test_listed (void)
{
  g_autoptr (GvRecipe) recipe = make_recipe (1);
  g_autoptr (GvComfyExport) workflow = NULL;

  g_object_set (recipe, "model", "", "count", 3, "region-mode", "attention", NULL);
  workflow = gv_export_comfy (recipe, NULL);
  g_assert_cmpuint (g_strv_length (workflow->unmatched), ==, 3);
  g_object_set (recipe, "steps", 0, NULL);
  g_assert_null (gv_export_comfy (recipe, NULL));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  for (size_t i = 0; i < G_N_ELEMENTS (rows); i++) {
    g_autofree char *path = g_strconcat ("/comfy-export/", rows[i].name, NULL);

    g_test_add_data_func (path, GSIZE_TO_POINTER (i), test_row);
  }
  g_test_add_func ("/comfy-export/listed", test_listed);
  return g_test_run ();
}
