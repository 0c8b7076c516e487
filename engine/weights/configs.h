// SPDX-FileCopyrightText: Giverny contributors
// SPDX-License-Identifier: GPL-3.0-or-later
/* The configs of a diffusers folder's parts, and what must hold for any config before a network is
 * built. */
#pragma once

#include "weights/config.h"
#include "weights/model-files.h"

/* Each reads the fields of one part; the caller ends @c, which holds the first wrong field. */
void gv_clip_text_config_read (GvClipTextConfig *self, GvConfig *c);
void gv_unet_config_read (GvUnetConfig *self, GvConfig *c);
void gv_vae_config_read (GvVaeConfig *self, GvConfig *c);
void gv_scheduler_config_read (GvSchedulerConfig *self, GvConfig *c);

/* What Stable Diffusion 1.x was trained with: for files that don't say. */
void gv_scheduler_config_init_sd1 (GvSchedulerConfig *self);

/*
 * Sizes that contradict each other, whatever they were read from; @name is the file's, fit to be
 * shown. Errors: GV_WEIGHTS_ERROR_UNSUPPORTED
 */
bool gv_clip_text_config_check (const GvClipTextConfig *self, const char *name, GError **error);
bool gv_unet_config_check (const GvUnetConfig *self, const char *name, GError **error);
bool gv_vae_config_check (const GvVaeConfig *self, const char *name, GError **error);
