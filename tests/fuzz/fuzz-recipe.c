// SPDX-FileCopyrightText: Giverny contributors
// SPDX-License-Identifier: GPL-3.0-or-later
/* A recipe's JSON: what is taken comes out the same once more. */
#include "fuzz.h"

#include "gv-recipe.h"

#include <string.h>

const char gv_fuzz_name[] = "recipe";

extern const char *const gv_fuzz_tokens[];
const char *const gv_fuzz_tokens[] = {
  "\"giverny\":",
  "\"model\":",
  "\"prompt\":",
  "\"negative\":",
  "\"prompt_original\":",
  "\"width\":",
  "\"height\":",
  "\"steps\":",
  "\"cfg\":",
  "\"sampler\":",
  "\"schedule\":",
  "\"seed\":",
  "\"count\":",
  "\"euler_a\"",
  "\"karras\"",
  "\"clip_skip\":",
  "\"starter\"",
  "\"regions\":[{",
  "\"box\":[0,0,64,64]",
  "\"part\":[0,0,0.5,1]",
  "\"region_mode\":\"attention\"",
  "18446744073709551615",
  "-1",
  "1e308",
  "\\u0000",
  "null",
  "16384",
  NULL,
};

int
gv_fuzz_one (const uint8_t *data, size_t size)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GvRecipe) recipe =
      gv_recipe_from_json ("fuzz", (const char *) data, (gssize) size, &error);
  g_autoptr (GvRecipe) again = NULL;
  g_autofree char *first = NULL, *second = NULL;

  gv_fuzz_check_error (recipe != NULL, error);
  if (!recipe)
    return 0;
  g_assert_true (gv_recipe_validate (recipe, NULL));
  first = gv_recipe_to_json (recipe);
  again = gv_recipe_from_json ("again", first, -1, &error);
  g_assert_no_error (error);
  second = gv_recipe_to_json (again);
  return strcmp (first, second);
}
