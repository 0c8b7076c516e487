// SPDX-FileCopyrightText: Giverny contributors
// SPDX-License-Identifier: GPL-3.0-or-later
/* Tensors of doubles. */
#include "reference.h"

Ref *
ref_new (int n, int h, int w, int c)
{
  Ref *self = g_new0 (Ref, 1);

  *self = (Ref) { n, h, w, c, NULL };
  self->v = g_new0 (double, ref_count (self));
  return self;
}

void
ref_free (Ref *self)
{
  g_free (self->v);
  g_free (self);
}

size_t
ref_count (const Ref *self)
{
  return (size_t) self->n * (size_t) self->h * (size_t) self->w * (size_t) self->c;
}

double *
ref_at (const Ref *self, int n, int y, int x)
{
  return self->v + (((size_t) n * (size_t) self->h + (size_t) y) * (size_t) self->w + (size_t) x) *
                       (size_t) self->c;
}
