// SPDX-FileCopyrightText: Giverny contributors
// SPDX-License-Identifier: GPL-3.0-or-later
/* What differs between two recipes, as people read it. */
#include "giverny.h"

#include <string.h>

static GPtrArray *
lora_list (const char *path, double strength)
{
  GPtrArray *list = gv_recipe_new_lora_list ();
  GvLoraUse *use = gv_lora_use_new (path);

  use->strength = use->text_strength = strength;
  g_ptr_array_add (list, use);
  return list;
}

static void
assert_change (GPtrArray *changes,
               guint at,
               const char *label,
               const char *before,
               const char *after)
{
  const GvRecipeChange *change = changes->pdata[at];

  g_assert_cmpuint (at, <, changes->len);
  g_assert_cmpstr (change->label, ==, label);
  g_assert_cmpstr (change->before, ==, before);
  g_assert_cmpstr (change->after, ==, after);
}

static void
test_same (void)
{
  g_autoptr (GvRecipe) a = gv_recipe_new (), b = gv_recipe_new ();
  g_autoptr (GPtrArray) changes = NULL;

  g_object_set (b, "count", 4, NULL);
  changes = gv_recipe_diff (a, b);
  g_assert_cmpuint (changes->len, ==, 0);
}

static void
test_settings (void)
{
  g_autoptr (GvRecipe) a = gv_recipe_new (), b = gv_recipe_new ();
  g_autoptr (GPtrArray) regions = gv_recipe_new_region_list (), changes = NULL;

  g_ptr_array_add (regions, gv_region_parse ("--region", "64,0,128,96,3:a house", NULL));
  g_object_set (b, "prompt", "a lake", "steps", 30, "cfg", 5.5, "sampler", "dpmpp_2m", "seed",
                G_GUINT64_CONSTANT (18446744073709551615), "width", 512, "height", 768, "regions",
                regions, NULL);
  changes = gv_recipe_diff (a, b);
  g_assert_cmpuint (changes->len, ==, 7);
  assert_change (changes, 0, "Prompt", "–", "a lake");
  assert_change (changes, 1, "Region 1", "–", "a house (128 × 96 + 64 + 0, 3)");
  assert_change (changes, 2, "Size", "the model’s", "512 × 768");
  assert_change (changes, 3, "Steps", "20", "30");
  assert_change (changes, 4, "Guidance", "the model’s", "5.5");
  assert_change (changes, 5, "Sampler", "Euler", "DPM++ 2M");
  assert_change (changes, 6, "Seed", "0", "18446744073709551615");
}

static void
test_loras (void)
{
  g_autoptr (GvRecipe) a = gv_recipe_new (), b = gv_recipe_new ();
  g_autoptr (GPtrArray) strong = lora_list ("/models/ink.safetensors", 0.8), changes = NULL;
  g_autoptr (GPtrArray) weak = lora_list ("/models/ink.safetensors", 0.25), back = NULL;

  g_object_set (b, "loras", strong, NULL);
  changes = gv_recipe_diff (a, b);
  g_assert_cmpuint (changes->len, ==, 1);
  assert_change (changes, 0, "LoRA ink", "0", "0.8");
  g_object_set (a, "loras", weak, NULL);
  back = gv_recipe_diff (b, a);
  g_assert_cmpuint (back->len, ==, 1);
  assert_change (back, 0, "LoRA ink", "0.8", "0.25");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/recipe-diff/same", test_same);
  g_test_add_func ("/recipe-diff/settings", test_settings);
  g_test_add_func ("/recipe-diff/loras", test_loras);
  return g_test_run ();
}
