// SPDX-FileCopyrightText: Giverny contributors
// SPDX-License-Identifier: GPL-3.0-or-later
/* Settings that other programs wrote: whatever is taken is a recipe that we can write and read. */
#include "fuzz.h"

#include "gv-import.h"

#include <string.h>

const char gv_fuzz_name[] = "infotext";

extern const char *const gv_fuzz_tokens[];
const char *const gv_fuzz_tokens[] = {
  "\n",
  "Negative prompt: ",
  "Steps: 20, ",
  "Sampler: ",
  "DPM++ 2M SDE",
  " Karras",
  "Schedule type: Automatic, ",
  "CFG scale: 1e308, ",
  "Seed: 18446744073709551615, ",
  "Size: 16384x16",
  "Model hash: ",
  "Clip skip: 2, ",
  "Lora hashes: \"a: b, c: d\"",
  "<lora:a:te=1:unet=0.5>",
  "\"\\u0000\"",
  "\"\\ud800\"",
  ", ",
  ": ",
  NULL,
};

int
gv_fuzz_one (const uint8_t *data, size_t size)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GvImport) import =
      gv_import_from_text ("fuzz", (const char *) data, (gssize) size, &error);
  g_autofree char *json = NULL;

  gv_fuzz_check_error (import != NULL, error);
  if (!import)
    return 0;
  g_assert_true (gv_recipe_validate (import->recipe, NULL));
  json = gv_recipe_to_json (import->recipe);
  for (char **line = import->unmatched; *line; line++)
    g_assert_true (g_utf8_validate (*line, -1, NULL) && !strchr (*line, '\n'));
  return json == NULL;
}
