// SPDX-FileCopyrightText: Giverny contributors
// SPDX-License-Identifier: GPL-3.0-or-later
/* Prompts put into English by the shipped glossary: what comes out is text, and stays what it is.
 */
#include "fuzz.h"

#include "gv-glossary.h"

#include <string.h>

const char gv_fuzz_name[] = "glossary";

extern const char *const gv_fuzz_tokens[];
const char *const gv_fuzz_tokens[] = {
  "호수",  "호수 위의 ", "노을 지는", "빨간 ", "에서",     "\u1112\u1169", "(",
  ":1.2)", ", ",         "\n",        "boat ", "\xcc\x81", NULL,
};

int
gv_fuzz_one (const uint8_t *data, size_t size)
{
  static GvGlossary *glossary;
  g_autofree char *text = g_strndup ((const char *) data, size);
  g_autofree char *english = NULL;

  if (!glossary)
    glossary = gv_glossary_new (NULL, NULL);
  g_assert_nonnull (glossary);
  if (!g_utf8_validate (text, -1, NULL))
    return 0;
  english = gv_glossary_apply (glossary, text);
  return english && (!*english || !g_utf8_validate (english, -1, NULL));
}
