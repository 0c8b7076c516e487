// SPDX-FileCopyrightText: Giverny contributors
// SPDX-License-Identifier: GPL-3.0-or-later
/* A tokenizer while it is being read: symbols, merges and special tokens by their text. */
#pragma once

#include "text/bpe-private.h"

#define GV_BPE_MAX_ENTRIES (1 << 20) /* symbols, and merges, and one more than the largest id */
#define GV_BPE_WORD_END "</w>"

/* The special tokens that have a part to play. */
typedef enum {
  GV_BPE_START,
  GV_BPE_END,
  GV_BPE_UNKNOWN,
  GV_BPE_PAD,
  GV_BPE_N_ROLES,
} GvBpeRole;

extern const char
    *const gv_bpe_role_keys[GV_BPE_N_ROLES];  /* bos_token and so on, as files have them */
extern const char *const gv_bpe_role_names[GV_BPE_N_ROLES]; /* what CLIP calls them */

typedef struct
{
  GHashTable *ids;       /* (owned) symbols; strings live in @strings or with the caller */
  GHashTable *added;     /* (owned) special tokens, the vocabulary's or not */
  GHashTable *folded;    /* (owned) a set: tokens to be found after gv_unicode_fold() */
  GStringChunk *strings; /* (owned) */
  GArray *merges;        /* (owned) of GvBpeMerge, by rank */
  GString *whole;        /* (owned) what a merge joins to, while it is read */
  const char *roles[GV_BPE_N_ROLES];
  int next_id; /* what the next merge joins to, where the merges number the symbols; else -1 */
  int max_length;
  bool listed; /* tokenizer_config.json lists the added tokens, and so replaces
                  special_tokens_map.json */
} GvBpeDraft;

GvBpeDraft *gv_bpe_draft_new (void);
void gv_bpe_draft_free (GvBpeDraft *draft);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (GvBpeDraft, gv_bpe_draft_free)

/* The id of a text, -1 if it has none; @id is at least 0. */
int gv_bpe_lookup (GHashTable *ids, const char *text);
void gv_bpe_insert (GHashTable *ids, const char *text, int id);

/* Adds the next merge, whose place in the list is its rank.  Returns NULL, or what is wrong with
 * it. */
const char *gv_bpe_draft_add_merge (GvBpeDraft *draft, const char *left, const char *right);

/* Cuts "left right" in two where it stands; NULL if it is anything else. */
char *gv_bpe_cut_in_two (char *pair);

/* Adds the merges of a merges.txt: a line each, "#version" first.  Cuts @text to pieces. */
bool gv_bpe_draft_read_merges (GvBpeDraft *draft, char *text, const char *path, GError **error);

/* The characters that stand for bytes: the printing ones for themselves, the other 68 from U+0100
 * on. */
void gv_bpe_byte_alphabet (gunichar alphabet[256]);

/* A byte's symbol, or the one that it has at the end of a piece. */
char *gv_bpe_byte_symbol (gunichar c, bool last);

/* Fills bpe->words, where the vocabulary is small enough for its words to be told. */
void gv_bpe_draft_find_words (GvBpeDraft *draft, GvBpe *bpe);

/* The tokenizer.  Fails if a role has no id; @path is where it should have been. */
GvBpe *gv_bpe_draft_finish (GvBpeDraft *draft, const char *path, GError **error);
