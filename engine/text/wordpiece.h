// SPDX-FileCopyrightText: Giverny contributors
// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * BERT's WordPiece (Devlin et al. 2019, arXiv:1810.04805): text to token ids, for the texts that
 * BLIP-2 compares pictures with.  Gives the ids of Hugging Face's tokenizers library for an uncased
 * vocabulary.
 *
 * Control characters go, white space becomes spaces, ideographs and punctuation stand alone,
 * accents are dropped and letters lowered.  Of each word the longest piece that the vocabulary has
 * is taken, then the longest of the rest, marked "##"; a word that can't be taken apart so is one
 * [UNK].
 */
#pragma once

#include <glib.h>
#include <stddef.h>

typedef struct _GvWordpiece GvWordpiece;

/**
 * gv_wordpiece_new_from_folder:
 * @folder: a model's folder
 *
 * Reads vocab.txt, or tokenizer.json where that is missing.  Fails with %GV_FORMAT_ERROR for files
 * that can't be read, %GV_FORMAT_ERROR_UNSUPPORTED for another kind of tokenizer and
 * %GV_TEXT_ERROR_INVALID for a vocabulary without [UNK], [CLS] or [SEP].
 *
 * Returns: (transfer full): never changes, so that threads may share it
 */
GvWordpiece *gv_wordpiece_new_from_folder (const char *folder, GError **error);

/* The same from the text of a vocab.txt; @name stands for the file. */
GvWordpiece *
gv_wordpiece_new_from_text (const char *name, const char *text, size_t size, GError **error);

/* The same from the text of a tokenizer.json. */
GvWordpiece *
gv_wordpiece_new_from_json (const char *name, const char *text, size_t size, GError **error);

void gv_wordpiece_free (GvWordpiece *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (GvWordpiece, gv_wordpiece_free)

/*
 * Encodes @len bytes of text between [CLS] and [SEP], at most @max_tokens in all; what is longer is
 * cut before the [SEP].  Fails with %GV_TEXT_ERROR_INVALID_UTF8.
 * Returns: (transfer full): @n ids, at least two
 */
int *gv_wordpiece_encode (const GvWordpiece *self,
                          const char *utf8,
                          size_t len,
                          size_t max_tokens,
                          size_t *n,
                          GError **error);

/* The largest id: an embedding needs at least one row more. */
int gv_wordpiece_get_max_id (const GvWordpiece *self);
