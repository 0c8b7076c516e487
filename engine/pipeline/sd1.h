// SPDX-FileCopyrightText: Giverny contributors
// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * Stable Diffusion 1.x from recipe to picture: prompt to text states, noise to latents, latents to
 * pixels. Belongs to the thread that owns the device.
 */
#pragma once

#include "gv-engine.h"
#include "vulkan/device.h"

typedef struct _GvSd1 GvSd1;

/*
 * Opens the model at @path; weights are loaded when they are first needed.
 * @device: borrowed, outlives the pipeline
 * Errors: those of gv_model_files_open(), GV_TEXT_ERROR, GV_WEIGHTS_ERROR
 */
GvSd1 *gv_sd1_new (GvDevice *device, const char *path, GError **error);
void gv_sd1_free (GvSd1 *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (GvSd1, gv_sd1_free)

/*
 * Generates the pictures of a valid @recipe one after the other.  @events are called here, in this
 * thread. Errors: %G_IO_ERROR_CANCELLED, %GV_RECIPE_ERROR_NUMERIC, and those of the rooms below
 */
bool gv_sd1_generate (GvSd1 *self,
                      GvRecipe *recipe,
                      const GvJobEvents *events,
                      gpointer data,
                      GCancellable *cancellable,
                      GError **error);
