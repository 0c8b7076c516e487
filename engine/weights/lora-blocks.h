// SPDX-FileCopyrightText: Giverny contributors
// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * A LoRA's strengths by block, in the numbering of the original U-Net: BASE (the text encoder and
 * what belongs to no block), IN00 … on the way down, M00 in the middle, OUT00 … on the way up.
 */
#pragma once

#include "weights/model-files.h"

#define GV_LORA_SIDE_BLOCKS 32

enum {
  GV_LORA_BLOCK_BASE,
  GV_LORA_BLOCK_IN,
  GV_LORA_BLOCK_MID = GV_LORA_BLOCK_IN + GV_LORA_SIDE_BLOCKS,
  GV_LORA_BLOCK_OUT,
  GV_LORA_N_BLOCKS = GV_LORA_BLOCK_OUT + GV_LORA_SIDE_BLOCKS,
};

/**
 * gv_lora_blocks_parse:
 * @spec: 17 or 26 numbers with commas between, as web interfaces' block weights for Stable
 *   Diffusion 1 (BASE, the blocks with attention or all of IN, M00, OUT), or "NAME=NUMBER" with
 *   commas between: base, in, mid, out, in04, out11; what is not named stays 1
 * @factors: gets GV_LORA_N_BLOCKS of them
 *
 * Returns: NULL, or the part of @spec that can't be read: (transfer full)
 */
char *gv_lora_blocks_parse (const char *spec, double *factors);

/* The block of a layer, "down_blocks.0.attentions.1.proj_in". */
int gv_lora_block_of (const GvUnetConfig *config, GvPart part, const char *layer);
