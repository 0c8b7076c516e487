// SPDX-FileCopyrightText: Giverny contributors
// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * Tokenizers from hostile files, and what they make of a text.  An input is the bytes of
 * vocab.json, merges.txt, tokenizer.json, tokenizer_config.json, special_tokens_map.json and the
 * text, with NULs between; an empty one of the last three files is one that is not there.
 */
#include "fuzz.h"

#include <string.h>

#include "text/bpe-private.h"

const char gv_fuzz_name[] = "bpe";

const char *const gv_fuzz_tokens[] = {
  "<|startoftext|>",
  "<|endoftext|>",
  "</w>",
  "bos_token",
  "eos_token",
  "unk_token",
  "pad_token",
  "content",
  "normalized",
  "true",
  "null",
  "added_tokens",
  "added_tokens_decoder",
  "model",
  "vocab",
  "merges",
  "\"a\": ",
  "\"b</w>\": ",
  "\"ab\": ",
  "a b",
  "\n",
  "\r\n",
  "#version",
  "[\"a\", \"b</w>\"]",
  "\"model_max_length\": 77",
  "\xcc\xa3",
  "\xec\x88\x98",
  "'s",
  "'re",
  NULL,
};

/* The bytes up to the next NUL, as a string of their own. */
static char *
next_part (const uint8_t **data, size_t *size, size_t *len)
{
  const uint8_t *end = *size ? memchr (*data, 0, *size) : NULL;
  char *part;

  *len = end ? (size_t) (end - *data) : *size;
  part = g_malloc (*len + 1);
  if (*len)
    memcpy (part, *data, *len);
  part[*len] = '\0';
  *size -= *len + (end != NULL);
  *data += *len + (end != NULL);
  return part;
}

/* Whatever is encoded has ids that an embedding of the announced size holds. */
static void
encode (const GvBpe *bpe, const uint8_t *text, size_t size)
{
  g_autoptr (GError) error = NULL;
  size_t n;
  g_autofree int *ids = gv_bpe_encode (bpe, (const char *) text, size, &n, &error);

  gv_fuzz_check_error (ids != NULL, error);
  for (size_t i = 0; ids && i < n; i++)
    g_assert_true (ids[i] >= 0 && ids[i] <= gv_bpe_get_max_id (bpe));
  g_assert_cmpint (gv_bpe_get_pad (bpe), <=, gv_bpe_get_max_id (bpe));
  g_assert_cmpint (gv_bpe_get_start (bpe), <=, gv_bpe_get_max_id (bpe));
  g_assert_cmpint (gv_bpe_get_end (bpe), <=, gv_bpe_get_max_id (bpe));
}

int
gv_fuzz_one (const uint8_t *data, size_t size)
{
  GvBpeFile files[GV_BPE_N_FILES];
  g_autoptr (GError) error = NULL;
  g_autoptr (GvBpe) bpe = NULL;

  for (int i = 0; i < GV_BPE_N_FILES; i++) {
    files[i].path = g_strdup ("fuzz");
    files[i].text = next_part (&data, &size, &files[i].size);
    if (files[i].size == 0 && i >= GV_BPE_TOKENIZER)
      g_clear_pointer (&files[i].text, g_free);
  }
  bpe = gv_bpe_new_from_files (files, &error);
  gv_fuzz_check_error (bpe != NULL, error);
  if (bpe)
    encode (bpe, data, size);
  for (int i = 0; i < GV_BPE_N_FILES; i++) {
    g_free (files[i].path);
    g_free (files[i].text);
  }
  return 0;
}
