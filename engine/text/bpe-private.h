// SPDX-FileCopyrightText: Giverny contributors
// SPDX-License-Identifier: GPL-3.0-or-later
/* What bpe-load.c fills in and bpe.c reads. */
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
  int start, end, pad, unknown;
  int max_id;
  int max_length;
};

/* Orders merges by what they join. */
int gv_bpe_merge_compare (const void *a, const void *b, void *user_data);
