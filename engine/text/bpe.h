// SPDX-FileCopyrightText: Giverny contributors
// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * CLIP's byte-level byte-pair encoding: text to token ids (Sennrich et al. 2016, arXiv:1508.07909;
 * Radford et al. 2021, arXiv:2103.00020).  Gives the ids of Hugging Face's tokenizers library.
 *
 * Text is brought to normal form C, white space made single, every character lowered by itself.  It
 * is cut into pieces: 's 't 're 've 'm 'll 'd, runs of letters, single digits, runs of anything
 * else.  A piece's bytes are symbols of the vocabulary, the last one marked "</w>"; of all
 * neighbours the pair that the vocabulary learnt first is joined, the leftmost first, until no pair
 * is left.
 *
 * Special tokens (start, end, padding, and those that a tokenizer's files add) are found where they
 * are typed.  A token of one plain character, such as the "!" with which SDXL's second tokenizer
 * pads, is text where it is typed.  A symbol that a small vocabulary lacks becomes its unknown
 * token.
 */
#pragma once

#include <glib.h>
#include <stdbool.h>
#include <stddef.h>

typedef struct _GvBpe GvBpe;

/**
 * gv_bpe_new_from_folder:
 * @folder: a model's tokenizer folder
 *
 * Reads vocab.json and merges.txt, or tokenizer.json where one of them is missing, and the special
 * tokens' names from tokenizer_config.json and special_tokens_map.json where those exist (CLIP's
 * names otherwise). Fails with %GV_FORMAT_ERROR_IO for a file that is missing or no regular file,
 * %GV_FORMAT_ERROR_INVALID for broken JSON, %GV_FORMAT_ERROR_LIMIT for files over 64 MiB,
 * %GV_FORMAT_ERROR_UNSUPPORTED for another kind of tokenizer and %GV_TEXT_ERROR_INVALID for a
 * vocabulary that contradicts itself.
 *
 * Returns: (transfer full): a tokenizer that never changes, so that threads may share it
 */
GvBpe *gv_bpe_new_from_folder (const char *folder, GError **error);

/**
 * gv_bpe_new_clip:
 *
 * The vocabulary of CLIP ViT-L/14, which ships inside the library: for checkpoints in one file,
 * which have none of their own.  Ids 0...49407, start 49406, end, padding and unknown 49407.
 *
 * Returns: (transfer full)
 */
GvBpe *gv_bpe_new_clip (GError **error);

void gv_bpe_free (GvBpe *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (GvBpe, gv_bpe_free)

/**
 * gv_bpe_encode:
 * @utf8: text of @len bytes; NULs are text like any other
 * @n: (out): how many ids
 *
 * Encodes a text without start and end token.  Fails with %GV_TEXT_ERROR_INVALID_UTF8,
 * and with %GV_TEXT_ERROR_LIMIT for more than 16 MiB.
 *
 * Returns: (transfer full): @n ids, to be freed with g_free(); not %NULL even if @n is 0
 */
int *gv_bpe_encode (const GvBpe *self, const char *utf8, size_t len, size_t *n, GError **error);

/* The ids that frame and fill a chunk, and the one that stands for what the vocabulary lacks. */
int gv_bpe_get_start (const GvBpe *self);
int gv_bpe_get_end (const GvBpe *self);
int gv_bpe_get_pad (const GvBpe *self);
int gv_bpe_get_unknown (const GvBpe *self);

/*
 * The whole words of two letters and more that a vocabulary of at most GV_BPE_MAX_WORDS symbols that
 * end words was learnt from, folded and sorted; NULL for a larger vocabulary, which reads most words
 * by their parts.  (element-type utf8)
 */
#define GV_BPE_MAX_WORDS 4096
const GPtrArray *gv_bpe_get_words (const GvBpe *self);

/* True if @folded (as by gv_unicode_fold()) is one of them, or if the vocabulary is a large one. */
bool gv_bpe_knows_word (const GvBpe *self, const char *folded);

/* The largest id that encoding or padding can give: an embedding needs at least one row more. */
int gv_bpe_get_max_id (const GvBpe *self);

/* The number of tokens that tokenizer_config.json says the model takes; 0 if it says none. */
int gv_bpe_get_max_length (const GvBpe *self);
