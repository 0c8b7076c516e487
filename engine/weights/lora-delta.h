// SPDX-FileCopyrightText: Giverny contributors
// SPDX-License-Identifier: GPL-3.0-or-later
/* The numbers of a LoRA: low-rank factors for running beside a layer, or a layer's changed weight. */
#pragma once

#include "weights/lora.h"

/* A layer's change as up · down, alpha / rank multiplied into `up`. */
typedef struct
{
  int rank;
  float *down; /* [rank, a row of the weight]  */
  float *up;   /* [rows of the weight, rank]   */
  bool zero;   /* changes nothing              */
} GvLoraFactors;

void gv_lora_factors_clear (GvLoraFactors *self);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (GvLoraFactors, gv_lora_factors_clear)

/* True if a module is nothing but a low-rank product (with a core or without). */
bool gv_lora_is_low_rank (const GvLoraModule *module);

/*
 * Reads such a module.  Errors: GV_FORMAT_ERROR; GV_WEIGHTS_ERROR_UNSUPPORTED for NaN and infinity,
 * naming file and tensor
 */
bool gv_lora_read_factors (GvLora *self,
                           const GvLoraFitting *fitting,
                           GvLoraFactors *out,
                           GError **error);

/**
 * gv_lora_change:
 * @weight: the layer's, in the order of the file; changed in place
 * @bias: (nullable)
 * @zero: set if the module changes nothing at any strength
 *
 * Applies a module of any kind.  Errors: as gv_lora_read_factors()
 */
bool gv_lora_change (GvLora *self,
                     const GvLoraFitting *fitting,
                     double strength,
                     float *weight,
                     float *bias,
                     bool *zero,
                     GError **error);
