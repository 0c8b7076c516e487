// SPDX-FileCopyrightText: Giverny contributors
// SPDX-License-Identifier: GPL-3.0-or-later
/* Recipes: limits, JSON both ways, what hostile JSON gets, and A1111's infotext. */
#include "giverny.h"
#include "formats/infotext.h"

#include <string.h>

static void
test_json_there_and_back (void)
{
  g_autoptr (GvRecipe) recipe = gv_recipe_new ();
  g_autoptr (GvRecipe) back = NULL;
  g_autoptr (GError) error = NULL;
  g_autofree char *json = NULL, *again = NULL;

  g_object_set (recipe, "model", "/models/a \"b\".safetensors", "prompt",
                "배 한 척\n(red:1.2) \\(x\\)", "negative", "fog", "prompt-original", "빨간 배",
                "width", 512, "height", 768, "steps", 1000, "cfg", -2.25, "sampler", "dpmpp_2m",
                "schedule", "karras", "seed", G_MAXUINT64, "count", 3, "clip-skip", 2, NULL);
  json = gv_recipe_to_json (recipe);
  back = gv_recipe_from_json ("test.json", json, -1, &error);
  g_assert_no_error (error);
  again = gv_recipe_to_json (back);
  g_assert_cmpstr (json, ==, again);
  g_assert_cmpstr (gv_recipe_get_prompt (back), ==, gv_recipe_get_prompt (recipe));
  g_assert_cmpstr (gv_recipe_get_prompt_original (back), ==, "빨간 배");
  g_assert_cmpuint (gv_recipe_get_seed (back), ==, G_MAXUINT64);
  g_assert_cmpfloat (gv_recipe_get_cfg (back), ==, -2.25);
  g_assert_cmpint (gv_recipe_get_clip_skip (back), ==, 2);
}

static void
test_json_defaults (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GvRecipe) recipe =
      gv_recipe_from_json ("test.json", "{\"giverny\":\"9\",\"model\":\"starter\",\"later\":[1]}",
                           -1, &error);
  g_autofree char *json = NULL;

  g_assert_no_error (error);
  json = gv_recipe_to_json (recipe);
  g_assert_cmpstr (gv_recipe_get_model (recipe), ==, "");
  g_assert_false (gv_recipe_has_cfg (recipe));
  g_assert_cmpstr (json, ==,
                   "{\"giverny\":\"" GV_VERSION
                   "\",\"model\":\"starter\",\"prompt\":\"\",\"negative\":\"\","
                   "\"steps\":20,\"sampler\":\"euler\",\"schedule\":\"normal\",\"seed\":0,"
                   "\"count\":1,"
                   "\"clip_skip\":1}");
}

/* Each is refused with a sentence that holds the word. */
static const struct
{
  const char *json, *word;
} bad_json[] = {
  { "", "test.json" },
  { "[]", "object" },
  { "{}", "giverny" },
  { "{\"giverny\":1", "test.json" },
  { "{\"giverny\":1,\"seed\":-1}", "seed" },
  { "{\"giverny\":1,\"seed\":1.5}", "seed" },
  { "{\"giverny\":1,\"seed\":18446744073709551616}", "seed" },
  { "{\"giverny\":1,\"seed\":\"1\"}", "seed" },
  { "{\"giverny\":1,\"steps\":0}", "steps" },
  { "{\"giverny\":1,\"steps\":1001}", "steps" },
  { "{\"giverny\":1,\"steps\":2e1}", "steps" },
  { "{\"giverny\":1,\"width\":17}", "width" },
  { "{\"giverny\":1,\"width\":16392}", "width" },
  { "{\"giverny\":1,\"height\":8}", "height" },
  { "{\"giverny\":1,\"height\":99999999999999999999}", "height" },
  { "{\"giverny\":1,\"cfg\":1e999}", "test.json" },
  { "{\"giverny\":1,\"cfg\":\"7\"}", "cfg" },
  { "{\"giverny\":1,\"count\":0}", "count" },
  { "{\"giverny\":1,\"clip_skip\":0}", "clip_skip" },
  { "{\"giverny\":1,\"sampler\":\"plms\"}", "sampler" },
  { "{\"giverny\":1,\"sampler\":\"uni_pc\"}", "sampler" },
  { "{\"giverny\":1,\"sampler\":7}", "sampler" },
  { "{\"giverny\":1,\"schedule\":\"\"}", "schedule" },
  { "{\"giverny\":1,\"prompt\":\"\xff\"}", "test.json" },
  { "{\"giverny\":1,\"prompt\":\"a\\u0000b\"}", "prompt" },
  { "{\"giverny\":1,\"prompt\":\"a\",\"prompt\":\"b\"}", "prompt" },
  { "[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[", "test.json" },
};

static void
test_json_refused (void)
{
  for (size_t i = 0; i < G_N_ELEMENTS (bad_json); i++) {
    g_autoptr (GError) error = NULL;
    g_autoptr (GvRecipe) recipe = gv_recipe_from_json ("test.json", bad_json[i].json, -1, &error);

    if (recipe || !error || !strstr (error->message, bad_json[i].word) ||
        strchr (error->message, '\n'))
      g_error ("%s: %s", bad_json[i].json, error ? error->message : "taken");
  }
}

static void
test_prompt_limit (void)
{
  g_autofree char *text = g_strnfill (GV_RECIPE_MAX_PROMPT_BYTES + 1, 'a');
  g_autoptr (GvRecipe) recipe = gv_recipe_new ();

  g_object_set (recipe, "prompt", text, NULL);
  g_assert_false (gv_recipe_validate (recipe, NULL));
  g_object_set (recipe, "prompt", text + 1, NULL);
  g_assert_true (gv_recipe_validate (recipe, NULL));
  g_object_set (recipe, "negative", "\xc3\x28", NULL);
  g_assert_false (gv_recipe_validate (recipe, NULL));
}

static void
on_notify (GObject *object, GParamSpec *pspec, gpointer n)
{
  (*(int *) n)++;
}

static void
test_notify (void)
{
  g_autoptr (GvRecipe) recipe = gv_recipe_new ();
  int n = 0;

  g_signal_connect (recipe, "notify", G_CALLBACK (on_notify), &n);
  g_object_set (recipe, "steps", 20, "prompt", "", "cfg", GV_RECIPE_CFG_DEFAULT, NULL);
  g_assert_cmpint (n, ==, 0);
  g_object_set (recipe, "steps", 21, "prompt", "x", "cfg", 1.0, "seed", (guint64) 2, NULL);
  g_assert_cmpint (n, ==, 4);
}

static void
test_copy (void)
{
  g_autoptr (GvRecipe) recipe = gv_recipe_new (), copy = NULL;
  g_autofree char *a = NULL, *b = NULL;

  g_object_set (recipe, "model", "/m", "prompt", "p", "negative", "n", "width", 64, "height", 72,
                "steps", 3, "cfg", 2.5, "sampler", "lcm", "schedule", "beta", "seed", (guint64) 4,
                "count", 5, "clip-skip", 6, NULL);
  copy = gv_recipe_copy (recipe);
  a = gv_recipe_to_json (recipe);
  b = gv_recipe_to_json (copy);
  g_assert_cmpstr (a, ==, b);
}

static void
test_infotext (void)
{
  GvInfotext info = {
    .prompt = "a lake,\nat dawn",
    .negative = "",
    .steps = 20,
    .sampler = "DPM++ 2M",
    .schedule = "Karras",
    .cfg = 7,
    .seed = G_MAXUINT64,
    .width = 512,
    .height = 768,
    .model = "lake",
    .clip_skip = 1,
    .version = "Giverny v1",
  };
  g_autofree char *plain = gv_infotext_write (&info);
  g_autofree char *quoted = NULL;

  g_assert_cmpstr (
      plain, ==,
      "a lake,\nat dawn\nSteps: 20, Sampler: DPM++ 2M, Schedule type: Karras, CFG scale: 7, "
      "Seed: 18446744073709551615, Size: 512x768, Model: lake, RNG: CPU, Version: Giverny v1");
  info.negative = "fog";
  info.model = "a, \"b\": c\\d\ne";
  info.cfg = 7.1;
  info.clip_skip = 2;
  info.schedule = NULL;
  quoted = gv_infotext_write (&info);
  g_assert_cmpstr (
      quoted, ==,
      "a lake,\nat dawn\nNegative prompt: fog\nSteps: 20, Sampler: DPM++ 2M, CFG scale: 7.1, "
      "Seed: 18446744073709551615, Size: 512x768, "
      "Model: \"a, \\\"b\\\": c\\\\d\\u000ae\", Clip skip: 2, RNG: CPU, Version: Giverny v1");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/recipe/json", test_json_there_and_back);
  g_test_add_func ("/recipe/json-defaults", test_json_defaults);
  g_test_add_func ("/recipe/json-refused", test_json_refused);
  g_test_add_func ("/recipe/prompt-limit", test_prompt_limit);
  g_test_add_func ("/recipe/notify", test_notify);
  g_test_add_func ("/recipe/copy", test_copy);
  g_test_add_func ("/recipe/infotext", test_infotext);
  return g_test_run ();
}
