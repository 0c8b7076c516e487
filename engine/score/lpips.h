// SPDX-FileCopyrightText: Giverny contributors
// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * LPIPS v0.1 (Zhang et al. 2018): how far two pictures are apart to the eye, 0 for the same.  Reads
 * one safetensors file, "features.N.weight" and "features.N.bias" as in torchvision's AlexNet,
 * VGG16 or SqueezeNet 1.1, "linK.model.1.weight" as in lpips.  Belongs to the thread that owns the
 * device.
 */
#pragma once

#include "gv-image.h"
#include "vulkan/device.h"

#include <gio/gio.h>

typedef struct _GvLpips GvLpips;

/* @device: borrowed, outlives the scorer.  Errors: GV_FORMAT_ERROR, GV_WEIGHTS_ERROR naming file
 * and tensor */
GvLpips *gv_lpips_new (GvDevice *device, const char *path, GError **error);
void gv_lpips_free (GvLpips *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (GvLpips, gv_lpips_free)

/* "alex", "vgg" or "squeeze". */
const char *gv_lpips_get_name (GvLpips *self);

/*
 * The distance of @image from @reference; where sizes differ the image is resized to the
 * reference's.  Large pictures are compared tile by tile, to the same result.  Errors:
 * GV_RECIPE_ERROR_VALUE for a reference that is too small for the network
 */
bool gv_lpips_compare (GvLpips *self,
                       GvImage *reference,
                       GvImage *image,
                       double *distance,
                       GCancellable *cancellable,
                       GError **error);

/* For tests: the side in pixels of what a tile is for, a multiple of 16. */
void gv_lpips_set_tile (GvLpips *self, int tile);
