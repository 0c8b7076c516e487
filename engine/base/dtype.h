// SPDX-FileCopyrightText: Giverny contributors
// SPDX-License-Identifier: GPL-3.0-or-later
/* Number types of tensors, their names in files, and conversions of single values. */
#pragma once

#include <glib.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef enum {
  GV_F32,
  GV_F16,
  GV_BF16,
  GV_F8_E4M3, /* "fn": no infinity, 448 is the largest */
  GV_F8_E5M2,
  GV_F64,
  GV_I8,
  GV_U8,
  GV_I16,
  GV_U16,
  GV_I32,
  GV_U32,
  GV_I64,
  GV_U64,
  GV_BOOL,
  GV_N_DTYPES,
} GvDtype;

/* Bytes of one element. */
size_t gv_dtype_size (GvDtype dtype);

/* The name that safetensors files use, "F16" for instance. */
const char *gv_dtype_name (GvDtype dtype);

/* Finds a safetensors name; false if it is none that we know. */
bool gv_dtype_from_name (const char *name, GvDtype *out);

/* True for the types whose values are read as real numbers. */
bool gv_dtype_is_float (GvDtype dtype);

/* IEEE 754 binary16, rounded to the nearest even; infinities and NaN kept. */
float gv_half_to_float (uint16_t half);
uint16_t gv_float_to_half (float value);

/* The upper half of a float, rounded to the nearest even. */
float gv_bf16_to_float (uint16_t bits);
uint16_t gv_float_to_bf16 (float value);

/* OCP 8-bit floats (Micikevicius et al. 2022, arXiv:2209.05433). */
float gv_e4m3_to_float (uint8_t bits);
float gv_e5m2_to_float (uint8_t bits);

/* Widens @n values of a float type at @src (any alignment) to floats. */
void gv_widen (GvDtype dtype, const void *src, float *dst, size_t n);
