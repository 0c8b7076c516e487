// SPDX-FileCopyrightText: Giverny contributors
// SPDX-License-Identifier: GPL-3.0-or-later
/* Convolutions and linear layers, and how their weights are laid out for the kernels. */
#include "reference.h"

#include <string.h>

/* One output before bias and all that follows. */
static double
sum_taps (const Ref *x, const RefConv *p, int n, int y0, int x0, int out)
{
  int h = p->upsample ? p->h : x->h, w = p->upsample ? p->w : x->w;
  double sum = 0;

  for (int i = 0; i < p->size; i++)
    for (int j = 0; j < p->size; j++) {
      int row = y0 * p->stride + i - p->pad, column = x0 * p->stride + j - p->pad;
      const double *at;

      if (row < 0 || row >= h || column < 0 || column >= w)
        continue;
      at = ref_at (x, n, p->upsample ? row / 2 : row, p->upsample ? column / 2 : column);
      for (int c = 0; c < x->c; c++)
        sum += at[c] * p->weight[((out * x->c + c) * p->size + i) * p->size + j];
    }
  return sum;
}

Ref *
ref_conv (const Ref *x, const RefConv *p)
{
  int around = 2 * p->pad - p->size;
  Ref *y = ref_new (x->n, p->upsample ? p->h : (x->h + around) / p->stride + 1,
                    p->upsample ? p->w : (x->w + around) / p->stride + 1, p->cout);

  for (int n = 0; n < y->n; n++)
    for (int i = 0; i < y->h; i++)
      for (int j = 0; j < y->w; j++)
        for (int c = 0; c < y->c; c++) {
          double sum = sum_taps (x, p, n, i, j, c);

          sum += p->low ? ref_at (p->low, n, i, j)[c] : 0;
          sum += p->bias ? p->bias[c] : 0;
          sum += p->emb ? ref_at (p->emb, n, 0, 0)[c] : 0;
          sum = ref_activate (sum, p->act);
          sum += p->add ? ref_at (p->add, n, i, j)[c] : 0;
          ref_at (y, n, i, j)[c] = sum;
        }
  return y;
}

void
ref_pack (const void *src, void *dst, const RefPack *p)
{
  size_t panels = (p->n + 15) / 16, quads = (p->k + 3) / 4, size = p->element_bytes;

  memset (dst, 0, panels * p->taps * quads * 64 * size);
  for (size_t n = 0; n < p->n; n++)
    for (size_t tap = 0; tap < p->taps; tap++)
      for (size_t k = 0; k < p->k; k++) {
        size_t from = n * p->stride_n + k * p->stride_k + tap * p->stride_tap;
        size_t to = ((n / 16 * p->taps + tap) * quads + k / 4) * 64 + n % 16 * 4 + k % 4;

        memcpy ((char *) dst + to * size, (const char *) src + from * size, size);
      }
}
