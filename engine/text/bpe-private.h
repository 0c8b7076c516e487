// SPDX-FileCopyrightText: Giverny contributors
// SPDX-License-Identifier: GPL-3.0-or-later
/* What the files of this room share of a tokenizer. */
#pragma once

#include "text/bpe.h"

#include <stdbool.h>
#include <stdint.h>

/* Two neighbours that join. */
typedef struct
{
  int left, right;
  int rank; /* the smaller, the earlier */
  int whole;
} GvBpeMerge;

/* A token that is found as it is typed. */
typedef struct
{
  char *text; /* (owned) */
  size_t len;
  int id;
  bool folded; /* looked for after gv_unicode_fold(), and itself folded; else in the text as it came
                */
} GvBpeSpecial;

struct _GvBpe
{
  int symbol[256]; /* id of each byte; -1 if the vocabulary lacks it */
  int last[256]; /* the same for a byte that ends its piece */
  GArray *merges; /* (owned) of GvBpeMerge, sorted by left, then right */
  GArray *specials; /* (owned) of GvBpeSpecial, longest first */
  GPtrArray *words; /* (owned) (nullable) of whole words, sorted; NULL for a large vocabulary */
  int start, end, pad, unknown;
  int max_id;
  int max_length;
};

/* Orders merges by what they join. */
int gv_bpe_merge_compare (const void *a, const void *b, void *user_data);

/* The files of a tokenizer's folder. */
typedef enum {
  GV_BPE_VOCAB,
  GV_BPE_MERGES,
  GV_BPE_TOKENIZER, /* read instead of the two above where it has text */
  GV_BPE_CONFIG,
  GV_BPE_SPECIAL_MAP,
  GV_BPE_N_FILES,
} GvBpeFileKind;

typedef struct
{
  char *path;
  char *text; /* NUL-terminated; NULL for a file that is not there */
  size_t size;
} GvBpeFile;

/* gv_bpe_new_from_folder() with the files' bytes: tokenizer.json's, or vocab.json's and
 * merges.txt's, and perhaps the configs'.  Cuts the text of merges.txt to pieces. */
GvBpe *gv_bpe_new_from_files (GvBpeFile *files, GError **error);
