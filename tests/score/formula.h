// SPDX-FileCopyrightText: Giverny contributors
// SPDX-License-Identifier: GPL-3.0-or-later
/* Test pictures from a formula: the same bytes as `picture` in tests/oracle/make_score.py. */
#pragma once

#include <glib.h>

/* (transfer full): width · height pixels of RGB */
static inline guint8 *
formula_picture (int width, int height, int seed)
{
  guint8 *out = g_malloc ((size_t) width * (size_t) height * 3), *p = out;

  for (guint32 y = 0; y < (guint32) height; y++)
    for (guint32 x = 0; x < (guint32) width; x++)
      for (guint32 c = 0; c < 3; c++) {
        guint32 v =
            x * 2654435761u + y * 2246822519u + ((guint32) seed * 3266489917u + c * 668265263u);
        guint32 wave = ((x * (3 + c) + y * (5 - c)) >> 2) & 127;

        v ^= v >> 15;
        v *= 2246822519u;
        v ^= v >> 13;
        *p++ = (guint8) ((v >> 24) / 2 + wave);
      }
  return out;
}
