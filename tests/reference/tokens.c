// SPDX-FileCopyrightText: Giverny contributors
// SPDX-License-Identifier: GPL-3.0-or-later
/* Tokens one behind the other, positions, and the largest of windows. */
#include "reference.h"

#include <math.h>
#include <string.h>

Ref *
ref_join_tokens (const Ref *a, const Ref *b)
{
  Ref *y = ref_new (MAX (a->n, b->n), 1, a->w + b->w, a->c);

  for (int n = 0; n < y->n; n++)
    for (int t = 0; t < y->w; t++) {
      const Ref *part = t < a->w ? a : b;

      memcpy (ref_at (y, n, 0, t), ref_at (part, part->n == 1 ? 0 : n, 0, t < a->w ? t : t - a->w),
              (size_t) y->c * sizeof (double));
    }
  return y;
}

Ref *
ref_add_positions (const Ref *x, const double *table)
{
  Ref *y = ref_new (x->n, 1, x->w, x->c);

  for (int n = 0; n < x->n; n++)
    for (int i = 0; i < x->w * x->c; i++)
      ref_at (y, n, 0, 0)[i] = ref_at (x, n, 0, 0)[i] + table[i];
  return y;
}

static double
find_largest (const Ref *x, int n, int top, int left, int size, int c)
{
  double most = -INFINITY;

  for (int i = top; i < MIN (top + size, x->h); i++)
    for (int j = left; j < MIN (left + size, x->w); j++)
      most = fmax (most, ref_at (x, n, i, j)[c]);
  return most;
}

/* Counts windows one by one, as long as they begin inside. */
static int
count_windows (int n, int size, int stride, bool ceil)
{
  int count = 0;

  while (count * stride + size <= n ||
         (ceil && count * stride < n && (count - 1) * stride + size < n))
    count++;
  return count;
}

Ref *
ref_max_pool (const Ref *x, int size, int stride, bool ceil)
{
  Ref *y = ref_new (x->n, count_windows (x->h, size, stride, ceil),
                    count_windows (x->w, size, stride, ceil), x->c);

  for (int n = 0; n < y->n; n++)
    for (int i = 0; i < y->h; i++)
      for (int j = 0; j < y->w; j++)
        for (int c = 0; c < y->c; c++)
          ref_at (y, n, i, j)[c] = find_largest (x, n, i * stride, j * stride, size, c);
  return y;
}
