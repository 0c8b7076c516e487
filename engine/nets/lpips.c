// SPDX-FileCopyrightText: Giverny contributors
// SPDX-License-Identifier: GPL-3.0-or-later
/* Three convolutional stacks as tables, and the one loop that runs them. */
#include "nets/lpips.h"

static const GvLpipsLayer alex[] = {
  { 0, GV_LPIPS_CONV, 11, 4, 2, true }, { 2, GV_LPIPS_POOL, 3, 2, 0, false },
  { 3, GV_LPIPS_CONV, 5, 1, 2, true },  { 5, GV_LPIPS_POOL, 3, 2, 0, false },
  { 6, GV_LPIPS_CONV, 3, 1, 1, true },  { 8, GV_LPIPS_CONV, 3, 1, 1, true },
  { 10, GV_LPIPS_CONV, 3, 1, 1, true }, { 0 },
};

#define VGG(index, tap) { index, GV_LPIPS_CONV, 3, 1, 1, tap }
#define HALVE(index) { index, GV_LPIPS_POOL, 2, 2, 0, false }
static const GvLpipsLayer vgg[] = {
  VGG (0, false),  VGG (2, true),   HALVE (4),       VGG (5, false), VGG (7, true),
  HALVE (9),       VGG (10, false), VGG (12, false), VGG (14, true), HALVE (16),
  VGG (17, false), VGG (19, false), VGG (21, true),  HALVE (23),     VGG (24, false),
  VGG (26, false), VGG (28, true),  { 0 },
};

#define FIRE(index, tap) { index, GV_LPIPS_FIRE, 3, 1, 1, tap }
#define HANG(index) { index, GV_LPIPS_POOL, 3, 2, 1, false }
static const GvLpipsLayer squeeze[] = {
  { 0, GV_LPIPS_CONV, 3, 2, 0, true },
  HANG (2),
  FIRE (3, false),
  FIRE (4, true),
  HANG (5),
  FIRE (6, false),
  FIRE (7, true),
  HANG (8),
  FIRE (9, true),
  FIRE (10, true),
  FIRE (11, true),
  FIRE (12, true),
  { 0 },
};

const GvLpipsLayer *
gv_lpips_get_layers (GvLpipsKind kind)
{
  return kind == GV_LPIPS_ALEX ? alex : kind == GV_LPIPS_VGG ? vgg : squeeze;
}

static GvTensor *
fire (GvGraph *g, GvTensor *x, const int *channels)
{
  GvTensor *s = gv_relu (g, gv_linear (g, x, "squeeze", channels[0]));
  GvTensor *a = gv_relu (g, gv_linear (g, s, "expand1x1", channels[1]));
  GvTensor *b = gv_relu (g, gv_conv2d (g, s, "expand3x3", channels[2]));

  return gv_concat (g, a, b);
}

static GvTensor *
apply (GvGraph *g, GvTensor *x, const GvLpipsLayer *l, const int *channels)
{
  g_autofree char *name = g_strdup_printf ("features.%d", l->index);

  if (l->kind == GV_LPIPS_POOL)
    return gv_max_pool (g, x, l->size, l->stride, l->pad != 0);
  if (l->kind == GV_LPIPS_CONV)
    return gv_relu (g, gv_conv (g, x, name, channels[0], l->size, l->stride, l->pad));
  gv_graph_push (g, "%s", name);
  x = fire (g, x, channels);
  gv_graph_pop (g);
  return x;
}

int
gv_lpips_features (GvGraph *g,
                   const GvLpipsConfig *config,
                   GvTensor *x,
                   GvTensor *taps[GV_LPIPS_MAX_TAPS])
{
  const GvLpipsLayer *layers = gv_lpips_get_layers (config->kind);
  int n = 0;

  for (int i = 0; layers[i].kind != GV_LPIPS_END; i++) {
    x = apply (g, x, layers + i, config->channels[i]);
    if (layers[i].tap)
      taps[n++] = x;
  }
  return n;
}
