// SPDX-FileCopyrightText: Giverny contributors
// SPDX-License-Identifier: GPL-3.0-or-later
/* The table of colours and dashes. */
#include "canvas/region-look.h"

#include <math.h>
#include <string.h>

static const guint8 colours[][3] = {
  { 0xe6, 0x9f, 0x00 }, { 0x56, 0xb4, 0xe9 }, { 0x00, 0x9e, 0x73 }, { 0xf0, 0xe4, 0x42 },
  { 0x00, 0x72, 0xb2 }, { 0xd5, 0x5e, 0x00 }, { 0xcc, 0x79, 0xa7 },
};

static const struct
{
  int n;
  float lengths[GV_REGION_MAX_DASH];
} dashes[] = {
  { 0 },
  { 2, { 6, 3 } },
  { 2, { 2, 2 } },
  { 4, { 8, 3, 2, 3 } },
  { 2, { 12, 4 } },
  { 6, { 8, 3, 2, 3, 2, 3 } },
  { 2, { 4, 6 } },
  { 4, { 3, 2, 1, 2 } },
  { 2, { 1, 3 } },
  { 6, { 6, 2, 6, 2, 1, 2 } },
};

GvRegionLook
gv_region_look (int index)
{
  guint n_colours = G_N_ELEMENTS (colours), n_dashes = G_N_ELEMENTS (dashes);
  guint at = (guint) index % GV_REGION_LOOKS;
  guint colour = at % n_colours;
  /* Neighbours differ in both; the same colour comes back with another dash each time. */
  guint dash = (colour + at / n_colours) % n_dashes;
  GvRegionLook look = { colours[colour][0], colours[colour][1], colours[colour][2] };

  look.n_dash = dashes[dash].n;
  memcpy (look.dash, dashes[dash].lengths, sizeof look.dash);
  look.number = index + 1;
  return look;
}

/* WCAG 2's relative luminance of an sRGB channel. */
static double
linear (guint8 value)
{
  double v = value / 255.0;

  return v <= 0.04045 ? v / 12.92 : pow ((v + 0.055) / 1.055, 2.4);
}

gboolean
gv_region_look_wants_black (const GvRegionLook *self)
{
  double y =
      0.2126 * linear (self->red) + 0.7152 * linear (self->green) + 0.0722 * linear (self->blue);

  return (y + 0.05) / 0.05 > 1.05 / (y + 0.05);
}
