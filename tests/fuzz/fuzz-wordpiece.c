// SPDX-FileCopyrightText: Giverny contributors
// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * WordPiece vocabularies from hostile files, and what they make of a text.  An input is the bytes
 * of vocab.txt (or of tokenizer.json, if they begin with a brace) and the text, with a NUL between.
 */
#include "fuzz.h"

#include "text/wordpiece.h"

#include <string.h>

const char gv_fuzz_name[] = "wordpiece";

const char *const gv_fuzz_tokens[] = {
  "[UNK]\n", "[CLS]\n", "[SEP]\n",      "[PAD]\n",       "[MASK]",       "##a\n",        "##",
  "a\n",     "\r\n",    "\xcc\xa3",     "\xec\x88\x98",  "\xe7\x9d\xa1", "\xef\xbf\xbd", "!",
  "model",   "vocab",   "\"[UNK]\": 0", "\"WordPiece\"", "\"##b\": 7",   NULL,
};

int
gv_fuzz_one (const uint8_t *data, size_t size)
{
  const uint8_t *end = size ? memchr (data, 0, size) : NULL;
  size_t len = end ? (size_t) (end - data) : size, skip = end ? len + 1 : len, n;
  g_autofree char *file = g_malloc (len + 1);
  g_autoptr (GError) error = NULL;
  g_autoptr (GvWordpiece) wordpiece = NULL;
  g_autofree int *ids = NULL;

  if (len)
    memcpy (file, data, len);
  file[len] = '\0';
  wordpiece = file[0] == '{' ? gv_wordpiece_new_from_json ("fuzz", file, len, &error)
                             : gv_wordpiece_new_from_text ("fuzz", file, len, &error);
  gv_fuzz_check_error (wordpiece != NULL, error);
  if (!wordpiece)
    return 0;
  ids = gv_wordpiece_encode (wordpiece, (const char *) data + skip, size - skip, 512, &n, &error);
  gv_fuzz_check_error (ids != NULL, error);
  if (ids)
    g_assert_true (n >= 2 && n <= 512);
  for (size_t i = 0; ids && i < n; i++)
    g_assert_true (ids[i] >= 0 && ids[i] <= gv_wordpiece_get_max_id (wordpiece));
  return 0;
}
