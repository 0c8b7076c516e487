// SPDX-FileCopyrightText: Giverny contributors
// SPDX-License-Identifier: GPL-3.0-or-later
/* Seeds by chance, and sizes by aspect. */
#pragma once

#include <glib.h>

/* 32 bits, since the noise depends on no more. */
guint64 gv_random_seed (void);

typedef struct
{
  const char *name; /* "4:3" */
  int w, h;
} GvAspect;

/* Ends with a nameless one; the widest last. */
extern const GvAspect gv_aspects[];

/*
 * A size of about @side² pixels in the proportion of @aspect, on a grid that models of that size were trained on.
 */
void gv_aspect_get_size (const GvAspect *aspect, int side, int *width, int *height);

/* The aspect whose size for @side is just @width × @height, or NULL. */
const GvAspect *gv_aspect_find (int side, int width, int height);
