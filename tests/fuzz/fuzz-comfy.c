// SPDX-FileCopyrightText: Giverny contributors
// SPDX-License-Identifier: GPL-3.0-or-later
/* ComfyUI's workflows: what is taken is a valid recipe, whose own JSON is taken as well. */
#include "fuzz.h"

#include "gv-import.h"

const char gv_fuzz_name[] = "comfy";

extern const char *const gv_fuzz_tokens[];
const char *const gv_fuzz_tokens[] = {
  "\"class_type\":",
  "\"inputs\":",
  "\"nodes\":[",
  "\"links\":[",
  "\"values\":[[",
  "\"properties\":{",
  "\"widgets_values\":[",
  "\"KSampler\"",
  "\"KSamplerAdvanced\"",
  "\"CLIPTextEncode\"",
  "\"ConditioningCombine\"",
  "\"ConditioningSetArea\"",
  "\"ConditioningSetAreaPercentage\"",
  "\"ConditioningSetMask\"",
  "\"ConditioningSetDefaultCombine\"",
  "\"MultiAreaConditioning\"",
  "\"SolidMask\"",
  "\"MaskComposite\"",
  "\"EmptyLatentImage\"",
  "\"Reroute\"",
  "\"LoraLoader\"",
  "\"CLIPSetLastLayer\"",
  "[\"3\",0]",
  "[\"20\",0]",
  "NaN",
  "-Infinity",
  "1e308",
  "-1",
  "18446744073709551616",
  "null",
  "\\u0000",
  NULL,
};

int
gv_fuzz_one (const uint8_t *data, size_t size)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GvImport) import =
      gv_import_from_text ("fuzz", (const char *) data, (gssize) size, &error);
  g_autoptr (GvRecipe) again = NULL;
  g_autofree char *json = NULL;

  gv_fuzz_check_error (import != NULL, error);
  if (!import)
    return 0;
  g_assert_true (gv_recipe_validate (import->recipe, NULL));
  for (char **line = import->unmatched; *line; line++)
    g_assert_true (g_utf8_validate (*line, -1, NULL));
  json = gv_recipe_to_json (import->recipe);
  again = gv_recipe_from_json ("again", json, -1, &error);
  g_assert_no_error (error);
  return 0;
}
