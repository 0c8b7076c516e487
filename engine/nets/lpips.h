// SPDX-FileCopyrightText: Giverny contributors
// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * The feature stacks that LPIPS compares pictures by (Zhang et al. 2018, arXiv:1801.03924), named
 * as in torchvision: AlexNet (Krizhevsky 2014), VGG16 (Simonyan & Zisserman 2015), SqueezeNet 1.1
 * (Iandola et al. 2016).
 */
#pragma once

#include "ops/ops.h"

#define GV_LPIPS_MAX_TAPS 7
#define GV_LPIPS_MAX_LAYERS 18

typedef enum { GV_LPIPS_ALEX, GV_LPIPS_VGG, GV_LPIPS_SQUEEZE, GV_N_LPIPS } GvLpipsKind;

/* A layer of a stack. */
typedef struct
{
  int index;              /* its place in torchvision's "features"                              */
  enum { GV_LPIPS_END, GV_LPIPS_CONV, GV_LPIPS_FIRE, GV_LPIPS_POOL } kind;
  int size, stride, pad;  /* of the window; a pool's pad is whether it may hang over the border */
  bool tap;               /* its output, activated, is compared                                 */
} GvLpipsLayer;

/* Ends with an entry of kind GV_LPIPS_END. */
const GvLpipsLayer *gv_lpips_get_layers (GvLpipsKind kind);

/* Channels of each layer; of a fire layer: squeezed, and each half of what is expanded. */
typedef struct
{
  GvLpipsKind kind;
  int channels[GV_LPIPS_MAX_LAYERS][3];
} GvLpipsConfig;

/* x [n, h, w, 3], normalised → @taps, in order.  The number of them. */
int gv_lpips_features (GvGraph *g,
                       const GvLpipsConfig *config,
                       GvTensor *x,
                       GvTensor *taps[GV_LPIPS_MAX_TAPS]);
