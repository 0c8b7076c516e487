// SPDX-FileCopyrightText: Giverny contributors
// SPDX-License-Identifier: GPL-3.0-or-later
/* Activations, sums, gates, and tensors side by side. */
#include "reference.h"

#include <math.h>
#include <string.h>

double
ref_activate (double x, GvActivation act)
{
  switch (act) {
  case GV_ACT_SILU:
    return x / (1 + exp (-x));
  case GV_ACT_GELU:
    return x * 0.5 * erfc (-x / sqrt (2));
  case GV_ACT_QUICK_GELU:
    return x / (1 + exp (-1.702 * x));
  case GV_ACT_RELU:
    return MAX (x, 0);
  default:
    return x;
  }
}

Ref *
ref_activation (const Ref *x, GvActivation act)
{
  Ref *y = ref_new (x->n, x->h, x->w, x->c);

  for (size_t i = 0; i < ref_count (x); i++)
    y->v[i] = ref_activate (x->v[i], act);
  return y;
}

Ref *
ref_add (const Ref *a, const Ref *b)
{
  Ref *y = ref_new (a->n, a->h, a->w, a->c);

  for (size_t i = 0; i < ref_count (a); i++)
    y->v[i] = a->v[i] + b->v[i];
  return y;
}

Ref *
ref_add_channels (const Ref *x, const Ref *e)
{
  Ref *y = ref_new (x->n, x->h, x->w, x->c);

  for (int n = 0; n < x->n; n++)
    for (int i = 0; i < x->h * x->w; i++)
      for (int c = 0; c < x->c; c++)
        ref_at (y, n, 0, i)[c] = ref_at (x, n, 0, i)[c] + ref_at (e, n, 0, 0)[c];
  return y;
}

Ref *
ref_mask (const Ref *x, const Ref *mask, const Ref *sum)
{
  Ref *y = ref_new (x->n, x->h, x->w, x->c);

  for (int i = 0; i < x->n * x->h * x->w; i++)
    for (int c = 0; c < x->c; c++)
      ref_at (y, 0, 0, i)[c] =
          ref_at (x, 0, 0, i)[c] * mask->v[i] + (sum ? ref_at (sum, 0, 0, i)[c] : 0);
  return y;
}

Ref *
ref_concat (const Ref *a, const Ref *b)
{
  Ref *y = ref_new (a->n, a->h, a->w, a->c + b->c);

  for (int i = 0; i < a->n * a->h * a->w; i++) {
    memcpy (ref_at (y, 0, 0, i), ref_at (a, 0, 0, i), (size_t) a->c * sizeof (double));
    memcpy (ref_at (y, 0, 0, i) + a->c, ref_at (b, 0, 0, i), (size_t) b->c * sizeof (double));
  }
  return y;
}

Ref *
ref_geglu (const Ref *x)
{
  Ref *y = ref_new (x->n, x->h, x->w, x->c / 2);

  for (int i = 0; i < x->n * x->h * x->w; i++)
    for (int c = 0; c < y->c; c++)
      ref_at (y, 0, 0, i)[c] =
          ref_at (x, 0, 0, i)[c] * ref_activate (ref_at (x, 0, 0, i)[y->c + c], GV_ACT_GELU);
  return y;
}
