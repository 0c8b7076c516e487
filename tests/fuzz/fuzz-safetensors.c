// SPDX-FileCopyrightText: Giverny contributors
// SPDX-License-Identifier: GPL-3.0-or-later
/* safetensors: whole files, half of them made from a well-formed header in which up to two things
 * are wrong. */
#include "fuzz.h"

#include <string.h>

#include "formats/safetensors.h"

const char gv_fuzz_name[] = "safetensors";

const char *const gv_fuzz_tokens[] = { "\"dtype\":",
                                       "\"shape\":",
                                       "\"data_offsets\":",
                                       "\"__metadata__\":{",
                                       "\"F32\"",
                                       "\"BF16\"",
                                       "\"F4\"",
                                       "[0,0]",
                                       "[]",
                                       "\\ud83c\\udf3b",
                                       NULL };

typedef struct
{
  const char *dtype;
  int bits;
} Type;

static const Type types[] = {
  { "F32", 32 }, { "F16", 16 }, { "BF16", 16 },   { "F8_E4M3", 8 }, { "F8_E5M2", 8 }, { "I64", 64 },
  { "U8", 8 },   { "BOOL", 8 }, { "F6_E2M3", 6 }, { "F4", 4 },      { "C64", 64 },    { "F99", 99 },
};

/* A small number, and seldom an edge. */
static uint64_t
number (uint64_t *rng)
{
  return gv_fuzz_one_in (rng, 40) ? gv_fuzz_edge (rng) : gv_fuzz_below (rng, 5);
}

static void
append_number (GString *out, uint64_t value, uint64_t *rng)
{
  static const char *const others[] = { "-1", "1.0", "1e2", "01", "null", "\"1\"", "[1]", "" };

  if (gv_fuzz_one_in (rng, 200))
    g_string_append (out, others[gv_fuzz_below (rng, G_N_ELEMENTS (others))]);
  else
    g_string_append_printf (out, "%" G_GUINT64_FORMAT, value);
}

/* Appends a shape; returns the bytes that it needs. */
static uint64_t
append_shape (GString *out, const Type *type, uint64_t *rng)
{
  size_t rank = gv_fuzz_below (rng, gv_fuzz_one_in (rng, 30) ? 12 : 4);
  uint64_t n = 1;

  g_string_append (out, "\"shape\":[");
  for (size_t i = 0; i < rank; i++) {
    uint64_t size = number (rng);

    if (i > 0)
      g_string_append_c (out, ',');
    append_number (out, size, rng);
    n *= size;
  }
  g_string_append_c (out, ']');
  return n * (uint64_t) type->bits / 8;
}

static void
append_name (GString *out, size_t i, uint64_t *rng)
{
  static const char *const odd[] = { "\"\"",        "\"__metadata__\"", "\"\\u0061\"",
                                     "\"\\u0000\"", "\"\\ud800\"",      "\"\\ud83c\\udf3b\"",
                                     "\"\xff\"",    "\"a\\\\b\"" };

  if (gv_fuzz_one_in (rng, 30))
    g_string_append (out, odd[gv_fuzz_below (rng, G_N_ELEMENTS (odd))]);
  else
    g_string_append_printf (out, "\"tensor.%zu\"", gv_fuzz_one_in (rng, 60) ? 0 : i);
  g_string_append_c (out, ':');
}

/* One tensor that should start at @begin; returns where the next one should. */
static uint64_t
append_tensor (GString *out, size_t i, uint64_t begin, uint64_t *rng)
{
  const Type *type = types + gv_fuzz_below (rng, G_N_ELEMENTS (types) - !gv_fuzz_one_in (rng, 50));
  uint64_t size, moved = begin;

  append_name (out, i, rng);
  g_string_append_printf (out, "{\"dtype\":\"%s\",", type->dtype);
  size = append_shape (out, type, rng);
  if (gv_fuzz_one_in (rng, 60))
    size += number (rng);
  if (gv_fuzz_one_in (rng, 30))
    moved = begin > 0 && gv_fuzz_one_in (rng, 2) ? gv_fuzz_random (rng) % begin : number (rng);
  g_string_append (out, ",\"data_offsets\":[");
  append_number (out, moved, rng);
  g_string_append_c (out, ',');
  append_number (out, moved + size, rng);
  g_string_append (out, gv_fuzz_one_in (rng, 100) ? "],\"x\":[[[]]]}" : "]}");
  return begin + size;
}

size_t
gv_fuzz_mutate (uint8_t *data, size_t size, size_t max, uint64_t *rng)
{
  g_autoptr (GString) out = g_string_new ("01234567{");
  size_t n = gv_fuzz_below (rng, 6);
  uint64_t end = 0, length;

  if (gv_fuzz_one_in (rng, 4))
    g_string_append_printf (out, "\"__metadata__\":{\"format\":\"pt\"}%s", n > 0 ? "," : "");
  for (size_t i = 0; i < n; i++) {
    if (i > 0)
      g_string_append_c (out, ',');
    end = append_tensor (out, i, end, rng);
  }
  g_string_append_c (out, '}');
  while (out->len % 8 != 0)
    g_string_append_c (out, ' ');
  length = out->len - 8;
  if (gv_fuzz_one_in (rng, 40))
    length = gv_fuzz_edge (rng);
  length = GUINT64_TO_LE (length);
  memcpy (out->str, &length, sizeof length);
  for (end = MIN (end, 4096) + gv_fuzz_one_in (rng, 30); end > 0; end--)
    g_string_append_c (out, (char) end);
  size = MIN (out->len, max);
  memcpy (data, out->str, size);
  return size;
}

/* What must hold for every tensor of a file that was taken; @covered has a mark for each byte of
 * data. */
static void
check_tensor (GvSafetensors *file, const GvSafetensor *tensor, bool *covered, size_t data_bytes)
{
  g_autofree char *bytes = g_malloc (tensor->size_bytes);
  size_t n = 1;

  g_assert_true (gv_safetensors_find (file, tensor->name) == tensor);
  g_assert_true (g_utf8_validate (tensor->name, -1, NULL));
  g_assert_cmpint (tensor->rank, <=, GV_SAFETENSORS_MAX_RANK);
  for (int i = 0; i < tensor->rank; i++)
    n *= (size_t) tensor->shape[i];
  g_assert_cmpuint (n, ==, tensor->n_elements);
  if (tensor->known)
    g_assert_cmpuint (n * gv_dtype_size (tensor->dtype), ==, tensor->size_bytes);
  g_assert_cmpuint (tensor->begin, <=, data_bytes);
  g_assert_cmpuint (tensor->size_bytes, <=, data_bytes - tensor->begin);
  for (size_t i = 0; i < tensor->size_bytes; i++) {
    g_assert_false (covered[tensor->begin + i]);
    covered[tensor->begin + i] = true;
  }
  g_assert_true (gv_safetensors_read (file, tensor, 0, tensor->size_bytes, bytes, NULL));
}

int
gv_fuzz_one (const uint8_t *data, size_t size)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GvSafetensors) file = gv_safetensors_new_from_bytes ("fuzz", data, size, &error);
  g_autofree const char **keys = NULL;
  g_autofree bool *covered = NULL;
  uint64_t header_bytes;
  size_t data_bytes;

  gv_fuzz_check_error (file != NULL, error);
  if (!file)
    return 0;
  memcpy (&header_bytes, data, 8);
  data_bytes = size - 8 - GUINT64_FROM_LE (header_bytes);
  covered = g_new0 (bool, data_bytes);
  for (size_t i = 0; i < gv_safetensors_get_n (file); i++)
    check_tensor (file, gv_safetensors_get (file, i), covered, data_bytes);
  keys = gv_safetensors_get_metadata_keys (file);
  for (size_t i = 0; keys[i]; i++)
    g_assert_nonnull (gv_safetensors_get_metadata (file, keys[i]));
  return data_bytes > 0 && memchr (covered, false, data_bytes);
}
