// SPDX-FileCopyrightText: Giverny contributors
// SPDX-License-Identifier: GPL-3.0-or-later
/* Boxes stay distinguishable for people who see no red and green, by colour or by dash. */
#include "canvas/region-look.h"

#include <math.h>
#include <string.h>

static double
linear (guint8 value)
{
  double v = value / 255.0;

  return v <= 0.04045 ? v / 12.92 : pow ((v + 0.055) / 1.055, 2.4);
}

/* Full deuteranopia in linear RGB.  Machado, Oliveira and Fernandes 2009, table 1. */
static void
deuteranopia (const double *in, double *out)
{
  static const double m[3][3] = {
    { 0.367322, 0.860646, -0.227968 },
    { 0.280085, 0.672501, 0.047413 },
    { -0.011820, 0.042940, 0.968881 },
  };

  for (int i = 0; i < 3; i++)
    out[i] = CLAMP (m[i][0] * in[0] + m[i][1] * in[1] + m[i][2] * in[2], 0, 1);
}

static double
lab_curve (double t)
{
  return t > 216.0 / 24389 ? cbrt (t) : (24389.0 / 27 * t + 16) / 116;
}

/* CIE 1976 L*a*b* of linear sRGB, white D65. */
static void
to_lab (const double *rgb, double *lab)
{
  double x = 0.4124564 * rgb[0] + 0.3575761 * rgb[1] + 0.1804375 * rgb[2];
  double y = 0.2126729 * rgb[0] + 0.7151522 * rgb[1] + 0.0721750 * rgb[2];
  double z = 0.0193339 * rgb[0] + 0.1191920 * rgb[1] + 0.9503041 * rgb[2];
  double fx = lab_curve (x / 0.95047), fy = lab_curve (y), fz = lab_curve (z / 1.08883);

  lab[0] = 116 * fy - 16;
  lab[1] = 500 * (fx - fy);
  lab[2] = 200 * (fy - fz);
}

static double
seen_difference (const GvRegionLook *a, const GvRegionLook *b)
{
  const GvRegionLook *looks[2] = { a, b };
  double lab[2][3], sum = 0;

  for (int i = 0; i < 2; i++) {
    double rgb[3] = { linear (looks[i]->red), linear (looks[i]->green), linear (looks[i]->blue) };
    double seen[3];

    deuteranopia (rgb, seen);
    to_lab (seen, lab[i]);
  }
  for (int i = 0; i < 3; i++)
    sum += (lab[0][i] - lab[1][i]) * (lab[0][i] - lab[1][i]);
  return sqrt (sum);
}

static gboolean
same_dash (const GvRegionLook *a, const GvRegionLook *b)
{
  return a->n_dash == b->n_dash &&
         memcmp (a->dash, b->dash, sizeof (float) * (gsize) a->n_dash) == 0;
}

static void
test_pairs (void)
{
  for (int i = 0; i < GV_REGION_LOOKS; i++)
    for (int j = 0; j < i; j++) {
      GvRegionLook a = gv_region_look (i), b = gv_region_look (j);

      g_assert_cmpint (a.number, !=, b.number);
      if (same_dash (&a, &b) && seen_difference (&a, &b) < 15)
        g_error ("%d and %d look the same: %g", i + 1, j + 1, seen_difference (&a, &b));
    }
}

/* The first ones, which most pictures have, differ in both. */
static void
test_first (void)
{
  for (int i = 0; i < 7; i++)
    for (int j = 0; j < i; j++) {
      GvRegionLook a = gv_region_look (i), b = gv_region_look (j);

      g_assert_false (same_dash (&a, &b));
      g_assert_false (a.red == b.red && a.green == b.green && a.blue == b.blue);
    }
}

static double
luminance (const GvRegionLook *look)
{
  return 0.2126 * linear (look->red) + 0.7152 * linear (look->green) + 0.0722 * linear (look->blue);
}

/* The label's text on its colour: WCAG 2's 4.5. */
static void
test_contrast (void)
{
  for (int i = 0; i < 7; i++) {
    GvRegionLook look = gv_region_look (i);
    double y = luminance (&look);
    double ratio = gv_region_look_wants_black (&look) ? (y + 0.05) / 0.05 : 1.05 / (y + 0.05);

    g_assert_cmpfloat (ratio, >=, 4.5);
  }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/region-look/pairs", test_pairs);
  g_test_add_func ("/region-look/first", test_first);
  g_test_add_func ("/region-look/contrast", test_contrast);
  return g_test_run ();
}
