// SPDX-FileCopyrightText: Giverny contributors
// SPDX-License-Identifier: GPL-3.0-or-later
/* Hostile prompts, down to their chunks.  The first byte says how long a chunk is. */
#include "fuzz.h"

#include <math.h>

#include "text/chunks.h"
#include "text/prompt.h"

const char gv_fuzz_name[] = "prompt";

const char *const gv_fuzz_tokens[] = {
  "(",
  ")",
  "\\(",
  "\\)",
  ":",
  ":1.5)",
  "(a:",
  "((",
  "))",
  "1e9",
  "1_0",
  "inf",
  " ",
  "\xe3\x80\x80",
  "\xd9\xa2",
  "a boat",
  "\xec\x88\x98\xeb\xa0\xa8",
  "\xcc\x87\xcc\xa3",
  "<|endoftext|>",
  NULL,
};

/* What a prompt is cut to never grows, and each piece says something. */
static void
check_pieces (const char *text, size_t size)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GvPrompt) prompt = gv_prompt_parse (text, size, &error);
  size_t sum = 0, before = 0;

  gv_fuzz_check_error (prompt != NULL, error);
  for (size_t i = 0; prompt && i < prompt->n_pieces; i++) {
    g_assert_cmpuint (prompt->pieces[i].len, >, 0);
    g_assert_cmpuint (prompt->pieces[i].from, >=, before);
    before = prompt->pieces[i].end;
    g_assert_cmpuint (before - prompt->pieces[i].from, >=, prompt->pieces[i].len);
    sum += prompt->pieces[i].len;
  }
  g_assert_cmpuint (sum, <=, size);
  g_assert_cmpuint (before, <=, size);
}

static void
check_tokens (const GvBpe *bpe, const GvTokens *tokens)
{
  g_assert_cmpint (tokens->n_chunks, >, 0);
  for (int i = 0; i < tokens->n_chunks * tokens->length; i++) {
    g_assert_true (isfinite (tokens->weights[i]));
    g_assert_true (tokens->weighted || tokens->weights[i] == 1);
    if (i % tokens->length == 0)
      g_assert_true (tokens->ids[i] == gv_bpe_get_start (bpe) && tokens->weights[i] == 1);
    if (i % tokens->length == tokens->length - 1)
      g_assert_true (tokens->ids[i] == gv_bpe_get_end (bpe) && tokens->weights[i] == 1);
  }
}

static GvBpe *bpe;

void
gv_fuzz_prepare (void)
{
  bpe = gv_bpe_new_clip (NULL);
}

int
gv_fuzz_one (const uint8_t *data, size_t size)
{
  g_autoptr (GvTokens) tokens = NULL;
  g_autoptr (GError) error = NULL;
  int length = size ? data[0] : 0;

  if (size) {
    data++;
    size--;
  }
  check_pieces ((const char *) data, size);
  tokens = gv_tokens_new (bpe, (const char *) data, size, length, &error);
  gv_fuzz_check_error (tokens != NULL, error);
  if (tokens)
    check_tokens (bpe, tokens);
  return 0;
}
