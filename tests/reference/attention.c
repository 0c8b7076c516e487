// SPDX-FileCopyrightText: Giverny contributors
// SPDX-License-Identifier: GPL-3.0-or-later
/* Attention as it is written: scores, softmax, a weighted mean of the values. */
#include "reference.h"

#include <math.h>

/* One query's output for channels [first, first + width). */
static void
attend (const double *q,
        const Ref *k,
        const Ref *v,
        int n,
        int seen,
        int first,
        int width,
        double *y)
{
  g_autofree double *scores = g_new0 (double, seen);
  double most = -INFINITY, total = 0;

  for (int j = 0; j < seen; j++) {
    for (int c = first; c < first + width; c++)
      scores[j] += q[c] * ref_at (k, n, 0, j)[c] / sqrt (width);
    most = fmax (most, scores[j]);
  }
  for (int j = 0; j < seen; j++)
    total += scores[j] = exp (scores[j] - most);
  for (int j = 0; j < seen; j++)
    for (int c = first; c < first + width; c++)
      y[c] += scores[j] / total * ref_at (v, n, 0, j)[c];
}

Ref *
ref_attention (const Ref *q, const Ref *k, const Ref *v, int heads, bool causal)
{
  Ref *y = ref_new (q->n, 1, q->w, q->c);
  int width = q->c / heads;

  for (int n = 0; n < q->n; n++)
    for (int i = 0; i < q->w; i++)
      for (int head = 0; head < heads; head++)
        attend (ref_at (q, n, 0, i), k, v, n, causal ? MIN (i + 1, k->w) : k->w, head * width,
                width, ref_at (y, n, 0, i));
  return y;
}
