// SPDX-FileCopyrightText: Giverny contributors
// SPDX-License-Identifier: GPL-3.0-or-later
/* The three scorers together, opened when they are first needed.  Belongs to the thread that owns
 * the device. */
#pragma once

#include "score/definitions.h"
#include "gv-image.h"
#include "vulkan/device.h"

#include <gio/gio.h>

/* Pictures at once. */
#define GV_SCORER_BATCH 8

typedef struct _GvScorer GvScorer;

typedef struct
{
  char *clip, *blip2, *lpips; /* (nullable) */
  bool match;
  int blip2_tokens;
} GvScorerPaths;

/* @device: borrowed.  @paths: copied */
GvScorer *gv_scorer_new (GvDevice *device, const GvScorerPaths *paths);
void gv_scorer_free (GvScorer *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (GvScorer, gv_scorer_free)

/* True if a scorer of @paths can serve @other, too. */
bool gv_scorer_fits (GvScorer *self, const GvScorerPaths *paths);

/* What one picture is compared with. */
typedef struct
{
  GvImage *image;
  const char *prompt;  /* (nullable) */
  GvImage *reference;  /* (nullable) */
} GvScorerItem;

/* Scores @n pictures, at most %GV_SCORER_BATCH. */
bool gv_scorer_run (GvScorer *self,
                    const GvScorerItem *items,
                    int n,
                    GvScores *out,
                    GCancellable *cancellable,
                    GError **error);
