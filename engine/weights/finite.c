// SPDX-FileCopyrightText: Giverny contributors
// SPDX-License-Identifier: GPL-3.0-or-later
/* Looking for NaN and infinity: in every float type but one they have all exponent bits set. */
#include "weights/finite.h"

#include <string.h>

#define BLOCK_BYTES ((size_t) 1 << 20)

static size_t
count_8 (const uint8_t *v, size_t n, uint8_t mask)
{
  size_t count = 0;

  for (size_t i = 0; i < n; i++)
    count += (v[i] & mask) == mask;
  return count;
}

static size_t
count_16 (const uint16_t *v, size_t n, uint16_t mask)
{
  size_t count = 0;

  for (size_t i = 0; i < n; i++)
    count += (v[i] & mask) == mask;
  return count;
}

static size_t
count_32 (const uint32_t *v, size_t n)
{
  size_t count = 0;

  for (size_t i = 0; i < n; i++)
    count += (v[i] & 0x7f800000) == 0x7f800000;
  return count;
}

static size_t
count_64 (const uint64_t *v, size_t n)
{
  const uint64_t mask = UINT64_C (0x7ff0000000000000);
  size_t count = 0;

  for (size_t i = 0; i < n; i++)
    count += (v[i] & mask) == mask;
  return count;
}

size_t
gv_count_not_finite (GvDtype dtype, const void *bytes, size_t n)
{
  switch (dtype) {
  case GV_F32:
    return count_32 (bytes, n);
  case GV_F16:
    return count_16 (bytes, n, 0x7c00);
  case GV_BF16:
    return count_16 (bytes, n, 0x7f80);
  case GV_F64:
    return count_64 (bytes, n);
  case GV_F8_E4M3: /* this one has no infinity, and one NaN of each sign */
    return count_8 (bytes, n, 0x7f);
  case GV_F8_E5M2:
    return count_8 (bytes, n, 0x7c);
  default:
    return 0;
  }
}

bool
gv_tensor_count_not_finite (GvSafetensors *file,
                            const GvSafetensor *tensor,
                            size_t *out,
                            GError **error)
{
  g_autofree void *block = NULL;

  *out = 0;
  if (!tensor->known || !gv_dtype_is_float (tensor->dtype))
    return true;
  block = g_malloc (MIN (BLOCK_BYTES, tensor->size_bytes + 1));
  for (size_t at = 0; at < tensor->size_bytes; at += BLOCK_BYTES) {
    size_t size = MIN (BLOCK_BYTES, tensor->size_bytes - at);

    if (!gv_safetensors_read (file, tensor, at, size, block, error))
      return false;
    *out += gv_count_not_finite (tensor->dtype, block, size / gv_dtype_size (tensor->dtype));
  }
  return true;
}
