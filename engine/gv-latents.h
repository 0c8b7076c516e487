// SPDX-FileCopyrightText: Giverny contributors
// SPDX-License-Identifier: GPL-3.0-or-later
/* The latents of a job's pictures, gathered into one file. */
#pragma once

#include "gv-engine.h"

G_BEGIN_DECLS

typedef struct _GvLatents GvLatents;

/* For @n pictures of one job. */
GvLatents *gv_latents_new (int n);
void gv_latents_free (GvLatents *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (GvLatents, gv_latents_free)

/*
 * Copies @picture's latents to its place.
 * Errors: GV_FORMAT_ERROR_LIMIT if memory is short, GV_FORMAT_ERROR_INVALID if it is of another
 * shape than the first
 */
bool gv_latents_add (GvLatents *self, const GvPicture *picture, GError **error);

/*
 * Writes a safetensors file with one f32 tensor "latents" [n, c, h, w], whole or not at all.
 * Errors: GV_FORMAT_ERROR_IO naming the file; GV_FORMAT_ERROR_INVALID if a picture is missing
 */
bool gv_latents_save (GvLatents *self, const char *path, GError **error);

G_END_DECLS
