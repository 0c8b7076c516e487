// SPDX-FileCopyrightText: Giverny contributors
// SPDX-License-Identifier: GPL-3.0-or-later
// The arguments of the attention kernels.

layout (constant_id = 1) const uint D = 40;          // channels of a head
layout (constant_id = 2) const bool CAUSAL = false;  // a query sees the keys up to its own place

layout (push_constant, scalar) uniform Push {
  uint64_t q, k, v, y;       // [n, tq, ldq], [n, tk, ldk], [n, tk, ldv], [n, tq, ldy]; head h starts at h * D
  uint tq, tk;
  uint ldq, ldk, ldv, ldy;
  float scale;
} push;

Floats
row_of (uint64_t base, uint row, uint ld, uint head)
{
  return Floats (base + (uint64_t (row) * uint64_t (ld) + uint64_t (head * D)) * 4ul);
}
