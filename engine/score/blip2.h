// SPDX-FileCopyrightText: Giverny contributors
// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * BLIP-2 as a scorer (Li et al. 2023): how well a text fits a picture, by contrast (the largest
 * cosine over the queries) and by the matching head.  Reads transformers' folders of
 * Blip2ForImageTextRetrieval.  Belongs to the thread that owns the device.
 */
#pragma once

#include "gv-image.h"
#include "vulkan/device.h"

#include <gio/gio.h>

/* Pictures at once. */
#define GV_BLIP2_BATCH 4

typedef struct _GvBlip2 GvBlip2;

/* @device: borrowed, outlives the scorer.  Errors: GV_FORMAT_ERROR, GV_WEIGHTS_ERROR,
 * GV_TEXT_ERROR, each naming the file */
GvBlip2 *gv_blip2_new (GvDevice *device, const char *folder, GError **error);
void gv_blip2_free (GvBlip2 *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (GvBlip2, gv_blip2_free)

/* Texts are cut at so many tokens, start and end included: 32 is what the model was trained with
 * and what LAVIS does; the default is the model's own limit, as in transformers. */
void gv_blip2_set_max_tokens (GvBlip2 *self, int max_tokens);

/* A text that was read. */
typedef struct
{
  int n;        /* tokens            */
  int *ids;     /* (owned)           */
  float *state; /* (owned): its vector */
} GvBlip2Text;

GvBlip2Text *
gv_blip2_read_text (GvBlip2 *self, const char *text, GCancellable *cancellable, GError **error);
void gv_blip2_text_free (GvBlip2Text *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (GvBlip2Text, gv_blip2_text_free)

/* What the model saw of a picture. */
typedef struct
{
  float *queries; /* (owned): [queries, width]                                     */
  float *tokens;  /* (owned) (nullable): the image tower's, for gv_blip2_match()   */
} GvBlip2Picture;

/* @n pictures, at most %GV_BLIP2_BATCH.  @out: [n], each to be cleared */
bool gv_blip2_see (GvBlip2 *self,
                   GvImage *const *images,
                   int n,
                   bool keep_tokens,
                   GvBlip2Picture *out,
                   GCancellable *cancellable,
                   GError **error);
void gv_blip2_picture_clear (GvBlip2Picture *self);

/* The largest cosine over the queries. */
double gv_blip2_contrast (GvBlip2 *self, const GvBlip2Picture *picture, const GvBlip2Text *text);

/* The matching head's probability; the picture's tokens were kept. */
bool gv_blip2_match (GvBlip2 *self,
                     const GvBlip2Picture *picture,
                     const GvBlip2Text *text,
                     double *probability,
                     GCancellable *cancellable,
                     GError **error);
