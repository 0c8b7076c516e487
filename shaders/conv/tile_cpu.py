#!/usr/bin/env python3
# SPDX-FileCopyrightText: Giverny contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Writes a kernel for the product of rows and weight panels on drivers that run on a CPU.

usage: tile_cpu.py uniform|shared OUTPUT

Such a driver keeps every GLSL array in memory and indexes it, which costs ten times the arithmetic.  So
the kernel is straight-line code over named scalars, and it is this script that names them.

uniform: positions are read at addresses that all lanes share, which newer drivers turn into one load.
shared: where a driver gathers lane by lane whatever the address, the lanes fetch two positions' channels
together and hand each value around.  Both add in the same order, so they give the same bits.
"""

import sys

LANES = 8
ROWS = 16  # positions of a tile

# kind: columns of a tile in groups of LANES, positions at once, input channels of a trip
SHAPES = {"uniform": (2, 4, 16), "shared": (4, 1, 8)}


class Tile:
    def __init__(self, kind):
        self.kind = kind
        self.groups, self.rows_at_once, self.trip = SHAPES[kind]
        self.out = []

    def add(self, *lines):
        self.out += lines

    def weights(self, n_k, load="load4"):
        """Loads n_k weights of each column, from channel k on."""
        for g in range(self.groups):
            for q in range(n_k // 4):
                names = ", ".join(f"w{g}_{4 * q + i}" for i in range(4))
                self.add(f"      {load} (panel{g // 2}, (k / 4u + {q}u) * 16u + lane + {g % 2 * LANES}u, {names});")

    def multiply(self, row, k):
        for g in range(self.groups):
            self.add(f"      s{row}_{g} += a * w{g}_{k};")

    def uniform_products(self, n_k, index):
        """Adds the products of n_k channels; index(i) is the GLSL index of channel i."""
        for first in range(0, ROWS, self.rows_at_once):
            for k in range(n_k):
                for row in range(first, first + self.rows_at_once):
                    self.add(f"      a = Floats (p{row}).v[{index(k)}];")
                    self.multiply(row, k)

    def shared_products(self):
        """Eight channels of two rows in one gather: lane l reads channels 2 (l mod 4)… of row l / 4."""
        for pair in range(ROWS // 2):
            self.add(f"      x{pair} = uintBitsToFloat (unpack32 (Longs (t{pair} + uint64_t (k * 4u)).v[0]));")
        for row in range(ROWS):
            for k in range(8):
                part = "xy"[k % 2]
                self.add(f"      a = subgroupBroadcast (x{row // 2}.{part}, {row % 2 * 4 + k // 2}u);")
                self.multiply(row, k)

    def declare(self):
        for r in range(ROWS):
            sums = ", ".join(f"s{r}_{g} = 0.0" for g in range(self.groups))
            self.add(f"  float {sums};", f"  uint m{r} = min (m + {r}u, push.rows - 1u);", f"  uint64_t p{r};")
        for g in range(self.groups):
            self.add("  float " + ", ".join(f"w{g}_{k}" for k in range(self.trip)) + ";")
        if self.kind == "shared":
            for pair in range(ROWS // 2):
                self.add(f"  uint64_t t{pair};", f"  vec2 x{pair};")

    def tap(self):
        for r in range(ROWS):
            self.add(f"      p{r} = row_address (m{r}, tap);")
        self.add("      uint k = 0u;")
        if self.kind == "shared":
            for pair in range(ROWS // 2):
                self.add(f"      t{pair} = (lane < 4u ? p{2 * pair} : p{2 * pair + 1}) + uint64_t (lane % 4u * 8u);")
            # Two channels are one 64-bit word, which must stand at a multiple of 8.
            self.add("      if (push.ldx % 2u == 0u)")
        self.add(f"      for (; k + {self.trip}u <= push.cin; k += {self.trip}u)", "        {")
        self.weights(self.trip)
        if self.kind == "shared":
            self.shared_products()
        else:
            self.uniform_products(self.trip, lambda i: f"k + {i}u")
        self.add("        }", "      for (; k < push.cin; k += 4u)", "        {")
        for i in range(4):
            self.add(f"          uint k{i} = min (k + {i}u, push.cin - 1u);")
        self.weights(4)
        self.uniform_products(4, lambda i: f"k{i}")
        self.add("        }")
        for p in range(self.groups // 2):
            self.add(f"      panel{p} += tap_bytes;")

    def low(self):
        """The second product, on top of the first: few channels, so four at a time will do."""
        self.add("  if (LOW)", "    {",
                 "      uint64_t low_bytes = uint64_t ((push.rank + 3u) / 4u * 256u);")
        for r in range(ROWS):
            self.add(f"      p{r} = low_address (m{r});")
        for p in range(self.groups // 2):
            self.add(f"      panel{p} = push.low_w + uint64_t ({self.panel(p)}) * low_bytes;")
        self.add("      for (uint k = 0u; k < push.rank; k += 4u)", "        {")
        for i in range(4):
            self.add(f"          uint k{i} = min (k + {i}u, push.rank - 1u);")
        self.weights(4, "load4_float")
        self.uniform_products(4, lambda i: f"k{i}")
        self.add("        }", "    }")

    def panel(self, p):
        return f"min (tile_of ().y * {self.groups // 2}u + {p}u, last_panel)"

    def text(self):
        panels = self.groups // 2
        self.add(HEAD % {"kind": self.kind, "columns": self.groups * LANES})
        for p in range(panels):
            self.add(f"  uint64_t panel{p} = push.w + uint64_t ({self.panel(p)} * TAPS) * tap_bytes;")
        self.declare()
        self.add("  for (uint tap = 0u; tap < TAPS; tap++)", "    {")
        self.tap()
        self.add("    }")
        self.low()
        for r in range(ROWS):
            for g in range(self.groups):
                self.add(f"  store (m + {r}u, n + {LANES * g}u, s{r}_{g});")
        self.add("}")
        return "\n".join(self.out) + "\n"


HEAD = """\
// Written by tile_cpu.py %(kind)s.
// y[m, n] = act (sum_k x[m, k] w[n, k] + sum_r low[m, r] low_w[n, r] + bias[n] + emb[sample, n]) + add[m, n], where
// k runs over the input channels of each of the KSIZE x KSIZE taps around position m (an implicit matrix product over NHWC; a plain
// linear layer is KSIZE 1).  One workgroup of 8 lanes makes 16 positions by %(columns)d channels.  Weights come in
// panels [n/16][tap][k/4][16][4], so that one 64-bit word is four consecutive k of a column (f16, bf16) or two
// (f32).  Sums in float32, k by k.
#version 460
#extension GL_GOOGLE_include_directive : require
#extension GL_KHR_shader_subgroup_ballot : require
#include "lib/prelude.glsl"
#include "lib/activation.glsl"
#include "conv/conv.glsl"

layout (local_size_x = 8) in;

#if WEIGHT == TYPE_F32
#define WEIGHT_BYTES 4u
#else
#define WEIGHT_BYTES 2u
#endif

void
load4_float (uint64_t panel, uint column, out float a, out float b, out float c, out float d)
{
  uvec2 low = unpack32 (Longs (panel).v[column * 2u]), high = unpack32 (Longs (panel).v[column * 2u + 1u]);
  a = uintBitsToFloat (low.x);
  b = uintBitsToFloat (low.y);
  c = uintBitsToFloat (high.x);
  d = uintBitsToFloat (high.y);
}

void
load4 (uint64_t panel, uint column, out float a, out float b, out float c, out float d)
{
#if WEIGHT == TYPE_F32
  load4_float (panel, column, a, b, c, d);
#else
  uvec2 word = unpack32 (Longs (panel).v[column]);
#if WEIGHT == TYPE_F16
  vec2 low = unpackHalf2x16 (word.x), high = unpackHalf2x16 (word.y);
  a = low.x;
  b = low.y;
  c = high.x;
  d = high.y;
#else
  a = uintBitsToFloat (word.x << 16);
  b = uintBitsToFloat (word.x & 0xffff0000u);
  c = uintBitsToFloat (word.y << 16);
  d = uintBitsToFloat (word.y & 0xffff0000u);
#endif
#endif
}

void
main ()
{
  uint lane = gl_LocalInvocationID.x;
  uint m = tile_of ().x * 16u, n = tile_of ().y * %(columns)du + lane;
  uint64_t tap_bytes = uint64_t ((push.cin + 3u) / 4u * 64u * WEIGHT_BYTES);
  uint last_panel = (push.cout - 1u) / 16u;
  float a;

  if (m >= push.rows)
    return;
"""

if __name__ == "__main__":
    with open(sys.argv[2], "w") as f:
        f.write(Tile(sys.argv[1]).text())
