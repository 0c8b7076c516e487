// SPDX-FileCopyrightText: Giverny contributors
// SPDX-License-Identifier: GPL-3.0-or-later
/* Number types of tensors: sizes, names, conversions. */
#include "base/dtype.h"

#include <math.h>
#include <string.h>

static const struct
{
  const char *name;
  uint8_t size;
  bool is_float;
} types[GV_N_DTYPES] = {
  [GV_F32] = { "F32", 4, true },
  [GV_F16] = { "F16", 2, true },
  [GV_BF16] = { "BF16", 2, true },
  [GV_F8_E4M3] = { "F8_E4M3", 1, true },
  [GV_F8_E5M2] = { "F8_E5M2", 1, true },
  [GV_F64] = { "F64", 8, true },
  [GV_I8] = { "I8", 1, false },
  [GV_U8] = { "U8", 1, false },
  [GV_I16] = { "I16", 2, false },
  [GV_U16] = { "U16", 2, false },
  [GV_I32] = { "I32", 4, false },
  [GV_U32] = { "U32", 4, false },
  [GV_I64] = { "I64", 8, false },
  [GV_U64] = { "U64", 8, false },
  [GV_BOOL] = { "BOOL", 1, false },
};

size_t
gv_dtype_size (GvDtype dtype)
{
  return types[dtype].size;
}

const char *
gv_dtype_name (GvDtype dtype)
{
  return types[dtype].name;
}

bool
gv_dtype_from_name (const char *name, GvDtype *out)
{
  for (int i = 0; i < GV_N_DTYPES; i++)
    if (strcmp (name, types[i].name) == 0)
      {
        *out = (GvDtype) i;
        return true;
      }
  return false;
}

bool
gv_dtype_is_float (GvDtype dtype)
{
  return types[dtype].is_float;
}

static float
float_from_bits (uint32_t bits)
{
  float f;

  memcpy (&f, &bits, sizeof f);
  return f;
}

static uint32_t
bits_from_float (float f)
{
  uint32_t bits;

  memcpy (&bits, &f, sizeof bits);
  return bits;
}

float
gv_half_to_float (uint16_t half)
{
  uint32_t sign = (uint32_t) (half & 0x8000) << 16;
  uint32_t exponent = (half >> 10) & 31;
  uint32_t mantissa = half & 0x3ff;

  if (exponent == 31)
    return float_from_bits (sign | 0x7f800000 | mantissa << 13);
  if (exponent == 0)
    {
      float f = (float) mantissa * 0x1p-24f;

      return sign ? -f : f;
    }
  return float_from_bits (sign | (exponent + 112) << 23 | mantissa << 13);
}

uint16_t
gv_float_to_half (float value)
{
  uint32_t bits = bits_from_float (value);
  uint16_t sign = (uint16_t) (bits >> 16 & 0x8000);
  uint32_t magnitude = bits & 0x7fffffff;

  if (magnitude > 0x7f800000)
    return sign | 0x7e00;
  if (magnitude >= 0x477ff000) /* 65520 and more round to infinity */
    return sign | 0x7c00;
  if (magnitude < 0x38800000) /* below 2^-14: steps of 2^-24, which rintf rounds to even */
    return sign | (uint16_t) rintf (float_from_bits (magnitude) * 0x1p24f);
  magnitude += 0xfff + (magnitude >> 13 & 1);
  return sign | (uint16_t) ((magnitude >> 13) - (112 << 10));
}

float
gv_bf16_to_float (uint16_t bits)
{
  return float_from_bits ((uint32_t) bits << 16);
}

uint16_t
gv_float_to_bf16 (float value)
{
  uint32_t bits = bits_from_float (value);

  if ((bits & 0x7fffffff) > 0x7f800000)
    return (uint16_t) (bits >> 16 | 0x40);
  return (uint16_t) ((bits + 0x7fff + (bits >> 16 & 1)) >> 16);
}

float
gv_e4m3_to_float (uint8_t bits)
{
  int exponent = bits >> 3 & 15, mantissa = bits & 7;
  float f;

  if ((bits & 0x7f) == 0x7f)
    return NAN;
  f = exponent ? ldexpf ((float) (8 + mantissa), exponent - 10) : (float) mantissa * 0x1p-9f;
  return bits & 0x80 ? -f : f;
}

float
gv_e5m2_to_float (uint8_t bits)
{
  return gv_half_to_float ((uint16_t) (bits << 8));
}

void
gv_widen (GvDtype dtype, const void *src, float *dst, size_t n)
{
  const uint8_t *bytes = src;

  for (size_t i = 0; i < n; i++)
    {
      uint16_t half;
      double wide;

      switch (dtype)
        {
        case GV_F32:
          memcpy (dst + i, bytes + 4 * i, 4);
          break;
        case GV_F16:
          memcpy (&half, bytes + 2 * i, 2);
          dst[i] = gv_half_to_float (half);
          break;
        case GV_BF16:
          memcpy (&half, bytes + 2 * i, 2);
          dst[i] = gv_bf16_to_float (half);
          break;
        case GV_F8_E4M3:
          dst[i] = gv_e4m3_to_float (bytes[i]);
          break;
        case GV_F8_E5M2:
          dst[i] = gv_e5m2_to_float (bytes[i]);
          break;
        case GV_F64:
          memcpy (&wide, bytes + 8 * i, 8);
          dst[i] = (float) wide;
          break;
        default:
          g_assert_not_reached ();
        }
    }
}
