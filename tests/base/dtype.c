// SPDX-FileCopyrightText: Giverny contributors
// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * Conversions of numbers, every value of every small type, against the formulas of their
 * definitions in double precision: IEEE 754-2019 for binary16, the OCP 8-bit floats of Micikevicius
 * et al. 2022, arXiv:2209.05433.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/dtype.h"

/* A float with one sign bit, as its definition gives the value. */
typedef struct
{
  int exponent_bits, mantissa_bits;
  bool has_infinity; /* the highest exponent is for infinity and NaN; else only all ones are NaN */
} Form;

static const Form half = { 5, 10, true }, bf16 = { 8, 7, true }, e4m3 = { 4, 3, false },
                  e5m2 = { 5, 2, true };

static double
value_of (const Form *form, uint32_t bits)
{
  int bias = (1 << (form->exponent_bits - 1)) - 1, top = (1 << form->exponent_bits) - 1;
  int ones = (1 << form->mantissa_bits) - 1;
  int mantissa = (int) bits & ones, exponent = (int) (bits >> form->mantissa_bits) & top;
  double sign = bits >> (form->mantissa_bits + form->exponent_bits) & 1 ? -1 : 1;

  if (exponent == top && form->has_infinity)
    return mantissa == 0 ? sign * INFINITY : NAN;
  if (exponent == top && mantissa == ones)
    return NAN;
  if (exponent == 0)
    return sign * ldexp (mantissa, 1 - bias - form->mantissa_bits);
  return sign * ldexp (mantissa + ones + 1, exponent - bias - form->mantissa_bits);
}

/* The same number, zeros by sign too, or both NaN. */
static void
assert_same (double found, double expected, uint32_t bits)
{
  if (isnan (expected) ? !isnan (found)
                       : found != expected || signbit (found) != signbit (expected))
    g_error ("%#x: %a instead of %a", bits, found, expected);
}

static void
test_widening (void)
{
  for (uint32_t bits = 0; bits < 0x10000; bits++) {
    assert_same (gv_half_to_float ((uint16_t) bits), value_of (&half, bits), bits);
    assert_same (gv_bf16_to_float ((uint16_t) bits), value_of (&bf16, bits), bits);
  }
  for (uint32_t bits = 0; bits < 0x100; bits++) {
    assert_same (gv_e4m3_to_float ((uint8_t) bits), value_of (&e4m3, bits), bits);
    assert_same (gv_e5m2_to_float ((uint8_t) bits), value_of (&e5m2, bits), bits);
  }
}

/* Values that anybody can look up. */
static void
test_known (void)
{
  g_assert_cmpfloat (gv_half_to_float (0x3c00), ==, 1);
  g_assert_cmpfloat (gv_half_to_float (0x7bff), ==, 65504);
  g_assert_cmpfloat (gv_half_to_float (0x0001), ==, 0x1p-24f);
  g_assert_cmpfloat (gv_bf16_to_float (0x3f80), ==, 1);
  g_assert_cmpfloat (gv_e4m3_to_float (0x38), ==, 1);
  g_assert_cmpfloat (gv_e4m3_to_float (0x7e), ==, 448);
  g_assert_cmpfloat (gv_e4m3_to_float (0x01), ==, 0x1p-9f);
  g_assert_cmpfloat (gv_e5m2_to_float (0x3c), ==, 1);
  g_assert_cmpfloat (gv_e5m2_to_float (0x7b), ==, 57344);
  g_assert_cmpfloat (gv_e5m2_to_float (0x01), ==, 0x1p-16f);
  g_assert_cmphex (gv_float_to_half (65504), ==, 0x7bff);
  g_assert_cmphex (gv_float_to_half (65519.996f), ==, 0x7bff);
  g_assert_cmphex (gv_float_to_half (65520), ==, 0x7c00);
  g_assert_cmphex (gv_float_to_half (0x1p-25f), ==, 0x0000);
  g_assert_cmphex (gv_float_to_half (0x1.000002p-25f), ==, 0x0001);
  g_assert_cmphex (gv_float_to_half (-0.0f), ==, 0x8000);
  g_assert_cmphex (gv_float_to_bf16 (3.4028235e38f), ==, 0x7f80);
  g_assert_cmphex (gv_float_to_bf16 (-0x1p-149f), ==, 0x8000);
}

typedef uint16_t (*Narrow) (float value);

/* A float between @low and the next value up must become the nearer of both, the even one at a tie.
 */
static void
check_narrowing (const Form *form, Narrow narrow, uint16_t low)
{
  double below = value_of (form, low), above = value_of (form, low + 1u);
  float middle;

  g_assert_cmphex (narrow ((float) below), ==, low);
  g_assert_cmphex (narrow ((float) -below), ==, low | 0x8000);
  if (isinf (above)) /* as if the exponent went on */
    above = 2 * below - value_of (form, low - 1u);
  middle = (float) ((below + above) / 2);
  if (below == middle) /* no float lies between */
    return;
  g_assert_cmphex (narrow (nextafterf (middle, -INFINITY)), ==, low);
  g_assert_cmphex (narrow (middle), ==, low + (low & 1));
  g_assert_cmphex (narrow (nextafterf (middle, INFINITY)), ==, low + 1);
  g_assert_cmphex (narrow (-middle), ==, (low + (low & 1)) | 0x8000);
}

static void
test_narrowing (void)
{
  for (uint16_t bits = 0; bits < 0x7c00; bits++)
    check_narrowing (&half, gv_float_to_half, bits);
  for (uint16_t bits = 0; bits < 0x7f80; bits++)
    check_narrowing (&bf16, gv_float_to_bf16, bits);
}

/* Not a number stays so, also where its bits lie below those that are kept. */
static void
test_special (void)
{
  static const uint32_t nans[] = { 0x7f800001, 0x7fc00000, 0xff800001, 0xffffffff, 0x7f802000 };

  for (size_t i = 0; i < G_N_ELEMENTS (nans); i++) {
    float value;

    memcpy (&value, nans + i, sizeof value);
    g_assert_true (isnan (gv_half_to_float (gv_float_to_half (value))));
    g_assert_true (isnan (gv_bf16_to_float (gv_float_to_bf16 (value))));
  }
  g_assert_cmphex (gv_float_to_half (INFINITY), ==, 0x7c00);
  g_assert_cmphex (gv_float_to_half (-INFINITY), ==, 0xfc00);
  g_assert_cmphex (gv_float_to_half (-1e30f), ==, 0xfc00);
  g_assert_cmphex (gv_float_to_bf16 (INFINITY), ==, 0x7f80);
  g_assert_cmphex (gv_float_to_bf16 (-INFINITY), ==, 0xff80);
}

/* The compiler's own half floats, over floats at random. */
static void
test_random_halves (void)
{
#ifdef __FLT16_MAX__
  uint64_t state = 1;

  for (int i = 0; i < 1000000; i++) {
    uint32_t bits;
    uint16_t expected;
    float value;
    _Float16 compiled;

    state = state * UINT64_C (6364136223846793005) + 1;
    bits = (uint32_t) (state >> 32);
    if (i % 2) /* near what a half can be */
      bits = (bits & 0x80ffffff) | (0x33u + (bits >> 24) % 0x15) << 24;
    memcpy (&value, &bits, sizeof value);
    if (isnan (value))
      continue;
    compiled = (_Float16) value;
    memcpy (&expected, &compiled, sizeof expected);
    g_assert_cmphex (gv_float_to_half (value), ==, expected);
  }
#else
  g_test_skip ("the compiler has no half floats");
#endif
}

static void
test_names (void)
{
  static const struct
  {
    const char *name;
    size_t size;
    bool is_float;
  } rows[GV_N_DTYPES] = {
    { "F32", 4, true },     { "F16", 2, true },  { "BF16", 2, true },  { "F8_E4M3", 1, true },
    { "F8_E5M2", 1, true }, { "F64", 8, true },  { "I8", 1, false },   { "U8", 1, false },
    { "I16", 2, false },    { "U16", 2, false }, { "I32", 4, false },  { "U32", 4, false },
    { "I64", 8, false },    { "U64", 8, false }, { "BOOL", 1, false },
  };
  GvDtype dtype;

  for (int i = 0; i < GV_N_DTYPES; i++) {
    g_assert_true (gv_dtype_from_name (rows[i].name, &dtype) && (int) dtype == i);
    g_assert_cmpstr (gv_dtype_name (dtype), ==, rows[i].name);
    g_assert_cmpuint (gv_dtype_size (dtype), ==, rows[i].size);
    g_assert_true (gv_dtype_is_float (dtype) == rows[i].is_float);
  }
  g_assert_false (gv_dtype_from_name ("f32", &dtype));
  g_assert_false (gv_dtype_from_name ("", &dtype));
}

/* From any address: one byte off. */
static void
test_widen (void)
{
  static const struct
  {
    GvDtype dtype;
    uint64_t one, minus_two;
  } rows[] = {
    { GV_F32, 0x3f800000, 0xc0000000 },
    { GV_F16, 0x3c00, 0xc000 },
    { GV_BF16, 0x3f80, 0xc000 },
    { GV_F8_E4M3, 0x38, 0xc0 },
    { GV_F8_E5M2, 0x3c, 0xc0 },
    { GV_F64, UINT64_C (0x3ff0000000000000), UINT64_C (0xc000000000000000) },
  };

  for (size_t i = 0; i < G_N_ELEMENTS (rows); i++) {
    size_t size = gv_dtype_size (rows[i].dtype);
    g_autofree uint8_t *bytes = g_malloc (1 + 2 * size);
    uint64_t one = GUINT64_TO_LE (rows[i].one), minus_two = GUINT64_TO_LE (rows[i].minus_two);
    float values[3] = { 0, 0, 5 };

    memcpy (bytes + 1, &one, size);
    memcpy (bytes + 1 + size, &minus_two, size);
    gv_widen (rows[i].dtype, bytes + 1, values, 2);
    g_assert_true (values[0] == 1 && values[1] == -2 && values[2] == 5);
  }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/dtype/widening", test_widening);
  g_test_add_func ("/dtype/known", test_known);
  g_test_add_func ("/dtype/narrowing", test_narrowing);
  g_test_add_func ("/dtype/special", test_special);
  g_test_add_func ("/dtype/random-halves", test_random_halves);
  g_test_add_func ("/dtype/names", test_names);
  g_test_add_func ("/dtype/widen", test_widen);
  return g_test_run ();
}
