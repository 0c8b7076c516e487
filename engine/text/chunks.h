// SPDX-FileCopyrightText: Giverny contributors
// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * Chunks: a weighted prompt as the rows of token ids that a text encoder reads, laid out as ComfyUI
 * does.
 *
 * A chunk is the start token, up to length - 2 tokens, the end token, and padding.  A prompt's
 * pieces fill one chunk after the other.  A piece of fewer than 8 tokens that does not fit starts
 * the next chunk, and the one before is padded; a longer piece is cut where the chunk is full.
 */
#pragma once

#include "text/bpe.h"

#include <stdbool.h>

typedef struct
{
  int n_chunks;   /* at least 1: an empty prompt is one chunk of start, end and padding */
  int length;     /* tokens of a chunk, 77 for Stable Diffusion */
  int *n_used;    /* (owned) [n_chunks]: tokens of text, between the start and the end token */
  int *ids;       /* (owned) [n_chunks * length] */
  float *weights; /* (owned) [n_chunks * length]; 1 for start, end and padding */
  bool weighted;  /* some token's weight is not 1 */
} GvTokens;

/**
 * gv_tokens_new:
 * @prompt: @len bytes of UTF-8, with weights as gv_prompt_parse() reads them
 * @length: tokens of a chunk, at least 3: the positions that the text encoder has
 *
 * Fails with %GV_TEXT_ERROR_INVALID_UTF8 for a prompt that is not UTF-8, and with
 * %GV_TEXT_ERROR_LIMIT for one over 16 MiB or a @length below 3.
 *
 * Returns: (transfer full)
 */
GvTokens *
gv_tokens_new (const GvBpe *bpe, const char *prompt, size_t len, int length, GError **error);

void gv_tokens_free (GvTokens *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (GvTokens, gv_tokens_free)
