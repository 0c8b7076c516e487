// SPDX-FileCopyrightText: Giverny contributors
// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * From an 8-bit picture to the numbers that an image tower reads, as the preprocessor_config.json
 * beside its weights says: resize, crop, scale, normalise.
 */
#pragma once

#include "gv-image.h"

typedef struct
{
  int shortest_edge;            /* 0: squeezed to resize_width × resize_height */
  int resize_width, resize_height;
  int width, height;            /* of the result: the crop's, or as resized     */
  bool crop;
  double factor;                /* of the bytes, 1/255                          */
  double mean[3], deviation[3]; /* 0 and 1 where nothing is normalised          */
} GvPreprocess;

/* What CLIP and BLIP-2 use where a folder does not say: 224, bicubic, OpenAI's mean and deviation.
 * @squeeze: BLIP-2's way */
void gv_preprocess_init (GvPreprocess *self, int size, bool squeeze);

/**
 * gv_preprocess_open:
 * @folder: of a model
 * @self: initialised; fields that the file does not have stay
 *
 * Reads preprocessor_config.json, or the "image_processor" of processor_config.json, or nothing
 * where neither exists.  Errors: %GV_FORMAT_ERROR, also for what can't be followed, such as another
 * filter than bicubic
 */
bool gv_preprocess_open (GvPreprocess *self, const char *folder, GError **error);

/* The picture as the tower's 8-bit input, before scaling: width · height pixels of RGB.  (transfer
 * full) */
guint8 *gv_preprocess_pixels (const GvPreprocess *self, GvImage *image);

/*
 * The picture in squares of @patch × @patch pixels, left to right and top to bottom: out [patches,
 * 3 · patch · patch], channel after channel, as the kernels of a patch embedding lie in their file.
 * What does not fill a square is left out.
 */
void gv_preprocess_patches (const GvPreprocess *self, GvImage *image, int patch, float *out);
