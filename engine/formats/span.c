// SPDX-FileCopyrightText: Giverny contributors
// SPDX-License-Identifier: GPL-3.0-or-later
/* A reader of little-endian bytes that never looks past their end. */
#include "formats/span.h"

bool
gv_span_bytes (GvSpan *self, size_t size, const uint8_t **out)
{
  if (size > self->left)
    return false;
  *out = self->p;
  self->p += size;
  self->left -= size;
  return true;
}

static bool
take (GvSpan *self, size_t size, uint64_t *out)
{
  const uint8_t *bytes;

  if (!gv_span_bytes (self, size, &bytes))
    return false;
  *out = 0;
  for (size_t i = 0; i < size; i++)
    *out |= (uint64_t) bytes[i] << 8 * i;
  return true;
}

bool
gv_span_u8 (GvSpan *self, uint8_t *out)
{
  uint64_t value;

  if (!take (self, 1, &value))
    return false;
  *out = (uint8_t) value;
  return true;
}

bool
gv_span_u16 (GvSpan *self, uint16_t *out)
{
  uint64_t value;

  if (!take (self, 2, &value))
    return false;
  *out = (uint16_t) value;
  return true;
}

bool
gv_span_u32 (GvSpan *self, uint32_t *out)
{
  uint64_t value;

  if (!take (self, 4, &value))
    return false;
  *out = (uint32_t) value;
  return true;
}

bool
gv_span_u64 (GvSpan *self, uint64_t *out)
{
  return take (self, 8, out);
}
