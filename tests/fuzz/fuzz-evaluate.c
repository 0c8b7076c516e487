// SPDX-FileCopyrightText: Giverny contributors
// SPDX-License-Identifier: GPL-3.0-or-later
/* Lists of pictures and prompts, as CSV or JSON lines, from hostile files. */
#include "fuzz.h"

#include "evaluate-files.h"

#include <string.h>

const char gv_fuzz_name[] = "evaluate";

const char *const gv_fuzz_tokens[] = {
  "file", "prompt",       "reference",
  "\"",   "\"\"",         ",",
  "\r\n", "\n",           "{\"file\": \"a.png\", \"prompt\": \"x\"}",
  "null", "\xef\xbb\xbf", "../",
  "/",    NULL,
};

int
gv_fuzz_one (const uint8_t *data, size_t size)
{
  g_autofree char *text = g_malloc (size + 1);
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) entries = NULL;

  if (size)
    memcpy (text, data, size);
  text[size] = '\0';
  entries = gv_evaluate_parse_list ("fuzz", text, size, "folder", &error);
  gv_fuzz_check_error (entries != NULL, error);
  for (guint i = 0; entries && i < entries->len; i++) {
    const GvEvaluateEntry *e = entries->pdata[i];

    g_assert_true (*e->file && e->prompt && *e->path);
    g_assert_true (g_utf8_validate (e->prompt, -1, NULL));
  }
  return 0;
}
