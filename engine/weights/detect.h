// SPDX-FileCopyrightText: Giverny contributors
// SPDX-License-Identifier: GPL-3.0-or-later
/* Telling the family of a single-file checkpoint by the names of its tensors. */
#pragma once

#include "formats/safetensors.h"

/* What stands before the names of each part; static strings. */
typedef struct
{
  const char *text, *unet, *vae;
} GvPrefixes;

/*
 * Finds the parts of a Stable Diffusion 1 checkpoint.
 * Errors: GV_WEIGHTS_ERROR_UNSUPPORTED, with the family's name, for all other files that are known;
 * GV_WEIGHTS_ERROR_MISSING if parts are missing
 */
bool gv_detect_sd1 (GvSafetensors *file, GvPrefixes *out, GError **error);
