// SPDX-FileCopyrightText: Giverny contributors
// SPDX-License-Identifier: GPL-3.0-or-later
/* The classes of the ops, and what their files and the fusion share. */
#pragma once

#include "ops/ops.h"

extern const GvOpClass gv_op_conv, gv_op_group_norm, gv_op_layer_norm, gv_op_map,
    gv_op_add_channels, gv_op_mask, gv_op_concat, gv_op_geglu, gv_op_attention,
    gv_op_attention_wide, gv_op_embed, gv_op_max_pool, gv_op_join_tokens, gv_op_add_positions;

/* Sources of gv_op_conv: all but the first two may be missing. */
enum {
  GV_CONV_X,
  GV_CONV_WEIGHT,
  GV_CONV_BIAS,
  GV_CONV_EMB, /* a factor instead of a summand where u.conv.scale is set */
  GV_CONV_ADD,
  GV_CONV_LOW, /* [n, h, w, rank], and what it is multiplied by */
  GV_CONV_LOW_WEIGHT,
};

/* The arguments of a matrix product or an implicit one, see shaders/conv/conv.glsl. */
typedef struct
{
  GvPushConv push;
  int size, stride, pad;
  bool upsample, has_bias, has_emb, has_add, has_low, scale;
  GvActivation act;
  GvDtype weight_dtype;
} GvProduct;

/* Adds a product to @dispatch, whose ranges the caller has declared. */
void gv_record_product (GvRecorder *recorder,
                        GvDevice *device,
                        const GvProduct *p,
                        GvDispatch *dispatch);

/* Bytes of panels for n columns of k inputs in each of @taps. */
size_t gv_panel_bytes (GvDtype dtype, size_t n, size_t k, size_t taps);

/*
 * Adds the kernel that writes panels.  @push: all but `dst`-independent sizes set; the element is 2
 * or 4 bytes as @dtype says.
 */
void
gv_record_pack (GvRecorder *recorder, const GvPushPack *push, GvDtype dtype, GvDispatch *dispatch);

/* Workgroups of row kernels: as wide as the device likes; sets groups and the constants 0 and 1. */
void gv_dispatch_rows (GvDispatch *d, GvDevice *device, uint32_t rows);

/* Rows in x and y of a grid, as a device may allow only 65535 in x. */
void gv_dispatch_fold (GvDispatch *d, uint64_t n);
