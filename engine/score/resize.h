// SPDX-FileCopyrightText: Giverny contributors
// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * Bicubic resizing of 8-bit pictures, antialiased when they become smaller, with the very bits that
 * Pillow 13 gives: published scores were measured on pictures that Pillow resized, and another
 * rounding moves them.
 */
#pragma once

#include <glib.h>
#include <stdbool.h>

/* A part of the resized picture: only this much of it is computed and kept. */
typedef struct
{
  int x, y, width, height;
} GvWindow;

/**
 * gv_resize_bicubic:
 * @rgb: @width · @height pixels of 8-bit RGB, without padding
 * @new_width, @new_height: of the whole resized picture
 * @window: (nullable): what is wanted of it; all if %NULL
 *
 * Every size is at least 1.  Memory grows with the window and with the longer side of the source,
 * never with the whole resized picture, so that a strip of one pixel's height may be enlarged.
 *
 * Returns: (transfer full): the window's pixels, to be freed with g_free()
 */
guint8 *gv_resize_bicubic (const guint8 *rgb,
                           int width,
                           int height,
                           int new_width,
                           int new_height,
                           const GvWindow *window);
