// SPDX-FileCopyrightText: Giverny contributors
// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * How region boxes are told apart: a colour, a dash and a number, so that colour is never the only
 * sign.  The colours are Okabe and Ito's ("Color Universal Design", 2008).
 */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

#define GV_REGION_LOOKS 70 /* pairs of colour and dash that all differ */
#define GV_REGION_MAX_DASH 6

typedef struct
{
  guint8 red, green, blue;
  float dash[GV_REGION_MAX_DASH]; /* on, off, on… in line widths; none: a solid line */
  int n_dash;
  int number;                     /* what people call it, from 1 */
} GvRegionLook;

/* The look of that index; they start again after GV_REGION_LOOKS, but for the number. */
GvRegionLook gv_region_look (int index);

/* Whether black text is easier to read on the colour than white text. */
gboolean gv_region_look_wants_black (const GvRegionLook *self);

G_END_DECLS
