// SPDX-FileCopyrightText: Giverny contributors
// SPDX-License-Identifier: GPL-3.0-or-later
/* Token and position embeddings; an id beyond the vocabulary means its last row. */
#include "reference.h"

Ref *
ref_embed (const int *ids,
           int n,
           int t,
           const double *table,
           int vocabulary,
           const double *positions,
           int width)
{
  Ref *y = ref_new (n, 1, t, width);

  for (int i = 0; i < n * t; i++) {
    int id = ids[i] < 0 || ids[i] >= vocabulary ? vocabulary - 1 : ids[i];

    for (int c = 0; c < width; c++)
      y->v[i * width + c] = table[id * width + c] + positions[i % t * width + c];
  }
  return y;
}
