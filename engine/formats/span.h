// SPDX-FileCopyrightText: Giverny contributors
// SPDX-License-Identifier: GPL-3.0-or-later
/* A reader of little-endian bytes that never looks past their end. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The bytes that are left; every reader below takes from the front, or changes nothing and says
 * false. */
typedef struct
{
  const uint8_t *p;
  size_t left;
} GvSpan;

bool gv_span_u8 (GvSpan *self, uint8_t *out);
bool gv_span_u16 (GvSpan *self, uint16_t *out);
bool gv_span_u32 (GvSpan *self, uint32_t *out);
bool gv_span_u64 (GvSpan *self, uint64_t *out);

/* Lends the next @size bytes. */
bool gv_span_bytes (GvSpan *self, size_t size, const uint8_t **out);
