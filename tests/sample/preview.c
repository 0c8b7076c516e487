// SPDX-FileCopyrightText: Giverny contributors
// SPDX-License-Identifier: GPL-3.0-or-later
/* Previews of latents whose colours are known. */
#include "sample/preview.h"

#include <glib.h>
#include <math.h>

static void
test_sd15 (void)
{
  /* Cells: zero; each channel alone at 1; all at -1. */
  enum { W = 3, H = 2, AREA = W * H };
  float latent[GV_PREVIEW_CHANNELS * AREA] = { 0 };
  static const uint8_t wanted[3 * AREA] = {
    128, 128, 128, 172, 157, 169, 169, 191, 157, 91, 150, 162, 100, 94, 36, 104, 46, 113,
  };
  uint8_t rgb[3 * AREA];

  for (int c = 0; c < GV_PREVIEW_CHANNELS; c++) {
    latent[c * AREA + 1 + c] = 1;
    latent[c * AREA + 5] = -1;
  }
  gv_preview_rgb (&gv_preview_factors_sd15, latent, H, W, rgb);
  g_assert_cmpmem (rgb, sizeof rgb, wanted, sizeof wanted);
}

static void
test_extremes (void)
{
  const GvPreviewFactors factors = { .factors = { { 1, 2, -3 } }, .bias = { 0.5f, -0.5f, 0 } };
  const float latent[GV_PREVIEW_CHANNELS * 4] = { 9, -1e30f, NAN, 0 };
  static const uint8_t wanted[] = { 255, 255, 0, 0, 0, 255, 0, 0, 0, 191, 64, 128 };
  uint8_t rgb[12];

  gv_preview_rgb (&factors, latent, 1, 4, rgb);
  g_assert_cmpmem (rgb, sizeof rgb, wanted, sizeof wanted);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/sample/preview/sd15", test_sd15);
  g_test_add_func ("/sample/preview/extremes", test_extremes);
  return g_test_run ();
}
