// SPDX-FileCopyrightText: Giverny contributors
// SPDX-License-Identifier: GPL-3.0-or-later
/* What files call tensors, against the canonical names of diffusers and transformers. */
#pragma once

#include <glib.h>
#include <stdbool.h>

/* Canonical names for a folder's: old attention names in VAEs, text encoders' "text_model.".
 * (transfer full) */
char *gv_canonical_text_name (const char *name);
char *gv_canonical_vae_name (const char *name);

/*
 * The original layout of Stable Diffusion 1 (Rombach et al. 2022, arXiv:2112.10752) numbers the
 * U-Net's blocks through, whatever they hold; which is which follows from the depth of a level.
 */
typedef struct
{
  int n_levels, layers_per_block;
} GvLdmUnet;

/*
 * Canonical names for the original ones, which come without their part's prefix.
 * Returns: (transfer full) (nullable): NULL for names that the layout doesn't know
 */
char *gv_ldm_unet_name (const char *name, GvLdmUnet layout);
char *gv_ldm_vae_name (const char *name, int n_levels);
