// SPDX-FileCopyrightText: Giverny contributors
// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * CLIP as a scorer (Radford et al. 2021): pictures and texts as vectors whose cosine says how well
 * they fit.  Reads transformers' CLIPModel folders: OpenAI's ViT-B/32, B/16, L/14, L/14-336 and
 * OpenCLIP's in that layout.  Belongs to the thread that owns the device.
 */
#pragma once

#include "gv-image.h"
#include "vulkan/device.h"

#include <gio/gio.h>

/* Pictures at once. */
#define GV_CLIP_BATCH 8

typedef struct _GvClip GvClip;

/* @device: borrowed, outlives the scorer.  Errors: GV_FORMAT_ERROR, GV_WEIGHTS_ERROR,
 * GV_TEXT_ERROR, each naming the file */
GvClip *gv_clip_new (GvDevice *device, const char *folder, GError **error);
void gv_clip_free (GvClip *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (GvClip, gv_clip_free)

/* Numbers of a vector. */
int gv_clip_get_width (GvClip *self);

/*
 * A text's vectors, one for each chunk of 75 tokens; the first is CLIP's own idea of the text,
 * which it cuts there. Returns: (transfer full): [n_chunks, width]; NULL on an error
 */
float *gv_clip_read_text (GvClip *self,
                          const char *text,
                          int *n_chunks,
                          GCancellable *cancellable,
                          GError **error);

/* Vectors of @n pictures, at most %GV_CLIP_BATCH: out [n, width]. */
bool gv_clip_see (GvClip *self,
                  GvImage *const *images,
                  int n,
                  float *out,
                  GCancellable *cancellable,
                  GError **error);
