// SPDX-FileCopyrightText: Giverny contributors
// SPDX-License-Identifier: GPL-3.0-or-later
/* Regions: what a command line may say, where a box lies in a picture, and JSON both ways. */
#include "giverny.h"

#include <math.h>
#include <string.h>

/* In a picture of @width × @height pixels, in cells; w 0: wholly outside. */
static const struct
{
  const char *words;
  int width, height;
  GvCells cells;
  double strength;
  const char *text;
} good[] = {
  { "0,0,64,64:a cat", 64, 64, { 0, 0, 8, 8 }, 1, "a cat" },
  { "8,16,24,32,0.8:a: b:c", 64, 64, { 1, 2, 3, 4 }, 0.8, "a: b:c" },
  { "8,8,8,8:", 64, 64, { 1, 1, 1, 1 }, 1, "" },
  { "8,8,8,8,0:x", 64, 64, { 1, 1, 1, 1 }, 0, "x" },
  { "8,8,8,8,1.5e1:x,y", 64, 64, { 1, 1, 1, 1 }, 15, "x,y" },
  { "0,0,128,16:x", 64, 64, { 0, 0, 8, 2 }, 1, "x" },
  { "-16,-8,32,32:x", 64, 64, { 0, 0, 2, 3 }, 1, "x" },
  { "56,48,800,800:x", 64, 64, { 7, 6, 1, 2 }, 1, "x" },
  { "64,0,8,8:x", 64, 64, { 0 }, 1, "x" },
  { "0,64,8,8:x", 64, 64, { 0 }, 1, "x" },
  { "-8,0,8,8:x", 64, 64, { 0 }, 1, "x" },
  { "16777216,0,16777216,8:x", 64, 64, { 0 }, 1, "x" },
  { "-16777216,0,16777216,8:x", 64, 64, { 0 }, 1, "x" },
  { "-16777208,0,16777216,8:x", 64, 64, { 0, 0, 1, 1 }, 1, "x" },
  { "0%,0%,50%,100%:x", 104, 56, { 0, 0, 6, 7 }, 1, "x" },  /* 6.5 cells: half to even */
  { "50%,50%,50%,50%:x", 104, 56, { 6, 4, 6, 3 }, 1, "x" }, /* 6.5 and 3.5             */
  { "12.5%,25.0%,0.1%,1e-9%,2:x", 64, 64, { 1, 2, 1, 1 }, 2, "x" },
  { "-10%,0%,110%,100%:x", 64, 64, { 0, 0, 8, 8 }, 1, "x" },
  { "99%,0%,10%,10%:x", 64, 64, { 0 }, 1, "x" },
  { "1e308%,0%,1e308%,10%:x", 64, 64, { 0 }, 1, "x" },
  { "-1e308%,0%,1e308%,10%:x", 64, 64, { 0 }, 1, "x" },
};

static void
test_good (void)
{
  for (size_t i = 0; i < G_N_ELEMENTS (good); i++) {
    g_autoptr (GError) error = NULL;
    g_autoptr (GvRegion) region = gv_region_parse ("--region", good[i].words, &error);
    GvCells cells = { 0 };
    bool inside;

    if (!region)
      g_error ("%s: %s", good[i].words, error->message);
    inside = gv_region_get_cells (region, good[i].width, good[i].height, &cells);
    if (inside != (good[i].cells.w > 0) ||
        (inside && memcmp (&cells, &good[i].cells, sizeof cells) != 0))
      g_error ("%s: %d, %d, %d, %d", good[i].words, cells.x, cells.y, cells.w, cells.h);
    if (region->strength != good[i].strength || strcmp (region->text, good[i].text) != 0)
      g_error ("%s: %g, %s", good[i].words, region->strength, region->text);
    g_assert_true (inside == gv_region_validate (region, 1, good[i].width, good[i].height, NULL));
    g_assert_true (gv_region_validate (region, 1, 0, good[i].height, NULL));
  }
}

static const char *const bad[] = {
  "",
  "x",
  ":",
  "0,0,64,64",
  "0,0,64:x",
  "0,0,64,64,1,1:x",
  "0,0,64,64,:x",
  "0,0,0,64:x",
  "0,0,64,0:x",
  "0,0,-8,64:x",
  "0,0,4,64:x",
  "1,0,64,64:x",
  "0,4,64,64:x",
  "0,0,64,63:x",
  "0.0,0,64,64:x",
  "+8,0,64,64:x",
  " 0,0,64,64:x",
  "0 ,0,64,64:x",
  "0,0,64,64 :x",
  "0x8,0,64,64:x",
  "nan,0,64,64:x",
  "0,0,inf,64:x",
  "0,0,64,64,nan:x",
  "0,0,64,64,inf:x",
  "0,0,64,64,1e999:x",
  "0,0,64,64,-0.1:x",
  "0,0,64,64,0x1:x",
  "0,0,64,64,50%:x",
  "0,0,99999999999999999999,64:x",
  "0,0,33554432,64:x",
  "0%,0,64,64:x",
  "0,0%,64,64:x",
  "0%,0%,50%,50:x",
  "0%,0%,0%,50%:x",
  "0%,0%,50%,-1%:x",
  "0%,0%,nan%,50%:x",
  "0%,%,50%,50%:x",
  "0%,0%,50%%,50%:x",
  "0%,0%,1e999%,50%:x",
  ",,,:x",
  "0;0;8;8:x",
};

static void
test_bad (void)
{
  for (size_t i = 0; i < G_N_ELEMENTS (bad); i++) {
    g_autoptr (GError) error = NULL;
    g_autoptr (GvRegion) region = gv_region_parse ("--region", bad[i], &error);

    if (region)
      g_error ("%s: taken", bad[i]);
    g_assert_error (error, GV_RECIPE_ERROR, GV_RECIPE_ERROR_VALUE);
    if (!g_str_has_prefix (error->message, "--region: ") || strchr (error->message, '\n'))
      g_error ("%s: %s", bad[i], error->message);
  }
}

static void
test_hostile_text (void)
{
  g_autofree char *megabyte = g_strnfill (1 << 20, '8');
  g_autofree char *long_text = g_strconcat ("0,0,8,8:", megabyte, NULL);
  g_autoptr (GError) error = NULL;
  g_autoptr (GvRegion) region = NULL;

  g_assert_null (gv_region_parse ("--region", megabyte, &error));
  g_assert_cmpuint (strlen (error->message), <, 1000);
  g_clear_error (&error);
  g_assert_null (gv_region_parse ("--region", long_text, &error));
  g_assert_cmpuint (strlen (error->message), <, 1000);
  g_clear_error (&error);
  g_assert_null (gv_region_parse ("--region", "0,0,8,8:\xc3\x28", &error));
  g_assert_null (gv_region_parse ("--region", "0,\xff,8,8:x", NULL));
  long_text[8 + GV_RECIPE_MAX_PROMPT_BYTES] = '\0';
  region = gv_region_parse ("--region", long_text, NULL);
  g_assert_nonnull (region);
}

/* @n copies of one region. */
static GPtrArray *
new_list (const char *words, int n)
{
  GPtrArray *list = gv_recipe_new_region_list ();

  for (int i = 0; i < n; i++)
    g_ptr_array_add (list, gv_region_parse ("--region", words, NULL));
  return list;
}

static void
test_recipe_limits (void)
{
  g_autoptr (GvRecipe) recipe = gv_recipe_new ();
  g_autoptr (GPtrArray) most = new_list ("0,0,8,8:x", 64);
  g_autoptr (GPtrArray) many = new_list ("0,0,8,8:x", 65);
  g_autoptr (GPtrArray) outside = new_list ("64,0,8,8:x", 1);
  g_autoptr (GPtrArray) odd = new_list ("0,0,8,8:x", 2);
  g_autoptr (GError) error = NULL;

  g_object_set (recipe, "regions", most, NULL);
  g_assert_true (gv_recipe_validate (recipe, NULL));
  g_object_set (recipe, "regions", many, NULL);
  g_assert_false (gv_recipe_validate (recipe, NULL));
  g_object_set (recipe, "regions", outside, NULL);
  g_assert_true (gv_recipe_validate (recipe, NULL));
  g_object_set (recipe, "width", 64, "height", 64, NULL);
  g_assert_false (gv_recipe_validate (recipe, NULL));
  ((GvRegion *) odd->pdata[1])->strength = NAN;
  g_object_set (recipe, "regions", odd, NULL);
  g_assert_false (gv_recipe_validate (recipe, &error));
  g_assert_true (g_str_has_prefix (error->message, "--region 2: "));
  g_object_set (recipe, "regions", NULL, NULL);
  g_assert_true (gv_recipe_validate (recipe, NULL));
  g_object_set (recipe, "region-mode", "elsewhere", NULL);
  g_assert_false (gv_recipe_validate (recipe, NULL));
}

static void
test_json (void)
{
  g_autoptr (GvRecipe) recipe = gv_recipe_new ();
  g_autoptr (GvRecipe) back = NULL;
  g_autoptr (GvRecipe) copy = NULL;
  g_autoptr (GPtrArray) list = gv_recipe_new_region_list ();
  g_autoptr (GError) error = NULL;
  g_autofree char *json = NULL, *again = NULL;
  GvRegion *first = gv_region_parse ("--region", "-8,16,24,32,0.8:물 \"a\"\n", NULL);
  GvRegion *second = gv_region_parse ("--region", "0%,12.5%,50%,100%:b", NULL);

  first->negative = g_strdup ("fog");
  second->whole = true;
  g_ptr_array_add (list, first);
  g_ptr_array_add (list, second);
  g_object_set (recipe, "regions", list, NULL);
  json = gv_recipe_to_json (recipe);
  g_assert_nonnull (strstr (json, "\"region_mode\":\"area\",\"regions\":[{\"box\":[-8,16,24,32],"
                                  "\"strength\":0.8,\"text\":\"물 \\\"a\\\"\\n\",\"negative\":"
                                  "\"fog\"},{\"part\":[0,0.125,0.5,1],\"strength\":1,\"whole\":"
                                  "true,\"text\":\"b\"}]"));
  back = gv_recipe_from_json ("test.json", json, -1, &error);
  g_assert_no_error (error);
  again = gv_recipe_to_json (back);
  g_assert_cmpstr (json, ==, again);
  g_assert_cmpuint (gv_recipe_get_regions (back)->len, ==, 2);
  for (int i = 0; i < 2; i++)
    g_assert_true (gv_region_equal (gv_recipe_get_regions (back)->pdata[i], list->pdata[i]));
  g_assert_false (gv_region_equal (first, second));
  copy = gv_recipe_copy (back);
  g_assert_true (gv_recipe_get_regions (copy) == gv_recipe_get_regions (back));
}

/* Each stands for "regions" in a recipe, and is refused with a sentence that holds the word. */
static const struct
{
  const char *json, *word;
} bad_json[] = {
  { "{}", "regions" },
  { "[1]", "regions[0]" },
  { "[{}]", "box" },
  { "[{\"box\":[0,0,8]}]", "box" },
  { "[{\"box\":[0,0,8,8,8]}]", "box" },
  { "[{\"box\":[0,0,8,4]}]", "--region 1" },
  { "[{\"box\":[0,0,8,8]},{\"box\":[0,0,0,8]}]", "--region 2" },
  { "[{\"box\":[0,0,8,8.0]}]", "box" },
  { "[{\"box\":[0,0,8,1e999]}]", "test.json" },
  { "[{\"part\":[0,0,1]}]", "part" },
  { "[{\"part\":[0,0,0,1]}]", "--region 1" },
  { "[{\"box\":[0,0,8,8],\"strength\":-1}]", "strength" },
  { "[{\"box\":[0,0,8,8],\"strength\":\"1\"}]", "strength" },
  { "[{\"box\":[0,0,8,8],\"text\":7}]", "text" },
  { "[{\"box\":[0,0,8,8],\"text\":\"a\\u0000b\"}]", "text" },
};

static void
test_bad_json (void)
{
  for (size_t i = 0; i < G_N_ELEMENTS (bad_json); i++) {
    g_autofree char *json =
        g_strdup_printf ("{\"giverny\":\"1\",\"regions\":%s}", bad_json[i].json);
    g_autoptr (GError) error = NULL;
    g_autoptr (GvRecipe) recipe = gv_recipe_from_json ("test.json", json, -1, &error);

    if (recipe || !strstr (error->message, bad_json[i].word) || strchr (error->message, '\n'))
      g_error ("%s: %s", json, error ? error->message : "taken");
  }
}

/* Ten thousand boxes are refused, and soon. */
static void
test_many_json (void)
{
  g_autoptr (GString) json = g_string_new ("{\"giverny\":\"1\",\"regions\":[");
  g_autoptr (GError) error = NULL;

  for (int i = 0; i < 10000; i++)
    g_string_append_printf (json, "%s{\"box\":[0,0,8,8]}", i ? "," : "");
  g_string_append (json, "]}");
  g_assert_null (gv_recipe_from_json ("test.json", json->str, -1, &error));
  g_assert_nonnull (strstr (error->message, "regions"));
}

/* What a picture carries comes back; what carries nothing says so. */
static void
test_import (void)
{
  g_autoptr (GvImage) image = gv_image_new_take (1, 1, g_malloc0 (3));
  g_autoptr (GvRecipe) recipe = gv_recipe_new ();
  g_autoptr (GvImport) import = NULL;
  g_autoptr (GError) error = NULL;

  g_assert_null (gv_import_from_image (image, "a.png", &error));
  g_assert_error (error, GV_FORMAT_ERROR, GV_FORMAT_ERROR_UNSUPPORTED);
  g_clear_error (&error);
  g_object_set (recipe, "prompt", "a cat", "cfg", 7.0, NULL);
  gv_image_set_recipe (image, recipe);
  import = gv_import_from_image (image, "a.png", &error);
  g_assert_no_error (error);
  g_assert_cmpstr (gv_recipe_get_prompt (import->recipe), ==, "a cat");
  g_assert_cmpstr (import->format, ==, "Giverny");
  g_assert_cmpuint (g_strv_length (import->unmatched), ==, 0);
}

/* What the painting uses: by areas a strength s has s / (1 + s), by attention all above 1. */
static void
test_shares (void)
{
  g_autoptr (GvRecipe) recipe = gv_recipe_new ();
  g_autoptr (GPtrArray) list = gv_recipe_new_region_list ();
  g_autofree float *areas = NULL, *masked = NULL, *rest = NULL;

  g_ptr_array_add (list, gv_region_parse ("--region", "0,0,32,64,3:a", NULL));
  g_ptr_array_add (list, gv_region_parse ("--region", "512,0,8,8:b", NULL)); /* outside */
  g_object_set (recipe, "regions", list, NULL);
  areas = gv_recipe_dup_shares (recipe, 64, 64);
  g_assert_cmpfloat_with_epsilon (areas[0], 0.25, 1e-6);
  g_assert_cmpfloat_with_epsilon (areas[64], 0.75, 1e-6);
  g_assert_cmpfloat (areas[7], ==, 1);
  for (int i = 128; i < 192; i++)
    g_assert_cmpfloat (areas[i], ==, 0);
  g_object_set (recipe, "background-rest", TRUE, NULL);
  rest = gv_recipe_dup_shares (recipe, 64, 64);
  g_assert_cmpfloat (rest[64], ==, 1);
  g_object_set (recipe, "background-rest", FALSE, "region-mode", "attention", NULL);
  masked = gv_recipe_dup_shares (recipe, 64, 64);
  g_assert_cmpfloat (masked[0], ==, 0);
  g_assert_cmpfloat (masked[64], ==, 1);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/region/good", test_good);
  g_test_add_func ("/region/bad", test_bad);
  g_test_add_func ("/region/hostile-text", test_hostile_text);
  g_test_add_func ("/region/recipe-limits", test_recipe_limits);
  g_test_add_func ("/region/json", test_json);
  g_test_add_func ("/region/bad-json", test_bad_json);
  g_test_add_func ("/region/many-json", test_many_json);
  g_test_add_func ("/region/shares", test_shares);
  g_test_add_func ("/region/import", test_import);
  return g_test_run ();
}
