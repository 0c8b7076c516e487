// SPDX-FileCopyrightText: Giverny contributors
// SPDX-License-Identifier: GPL-3.0-or-later
/* The image towers' part of a scorer's config.json. */
#pragma once

#include "nets/clip-vision.h"
#include "score/preprocess.h"

typedef enum { GV_VISION_CLIP, GV_VISION_BLIP2 } GvVisionKind;

/* @path: of config.json, whose "vision_config" is read.  Errors name file and field. */
bool
gv_vision_config_open (GvVisionConfig *self, const char *path, GvVisionKind kind, GError **error);

/* Pictures must leave the preprocessing as large as the tower wants them. */
bool gv_vision_config_check_size (const GvVisionConfig *self,
                                  const GvPreprocess *preprocess,
                                  const char *folder,
                                  GError **error);
