#!/usr/bin/env python3
# SPDX-FileCopyrightText: Giverny contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Writes conv_cpu.comp: the product of rows and weight panels for drivers that run on a CPU.

Such a driver keeps every GLSL array in memory and indexes it, which costs ten times the arithmetic.  So
the kernel is straight-line code over named scalars, and it is this script that names them.
"""

import sys

ROWS = 16     # positions of a tile
GROUPS = 2    # columns of a tile, in groups of 8 lanes
ROWS_AT_ONCE = 4
TRIP = 16     # input channels of a trip through the main loop


def weights(out, n_k, first):
    """Loads n_k weights of each column; `first` is the GLSL index of their group of four."""
    for g in range(GROUPS):
        for q in range(n_k // 4):
            out.append(f"      load4 (panel, ({first} + {q}) * 16 + lane + {8 * g}, "
                       + ", ".join(f"w{g}_{4 * q + i}" for i in range(4)) + ");")


def products(out, n_k, index):
    """Adds the products of n_k channels; index(i) is the GLSL index of channel i."""
    for r0 in range(0, ROWS, ROWS_AT_ONCE):
        for k in range(n_k):
            for r in range(r0, r0 + ROWS_AT_ONCE):
                out.append(f"      a = Floats (p{r}).v[{index(k)}];")
                for g in range(GROUPS):
                    out.append(f"      s{r}_{g} += a * w{g}_{k};")


def main():
    out = [HEAD]
    for r in range(ROWS):
        out.append(f"  float s{r}_0 = 0.0, s{r}_1 = 0.0;")
        out.append(f"  uint m{r} = min (m + {r}u, push.rows - 1u);")
        out.append(f"  uint64_t p{r};")
    for g in range(GROUPS):
        out.append("  float " + ", ".join(f"w{g}_{k}" for k in range(TRIP)) + ";")
    out.append("  for (uint tap = 0u; tap < TAPS; tap++)")
    out.append("    {")
    for r in range(ROWS):
        out.append(f"      p{r} = row_address (m{r}, tap);")
    out.append("      uint k = 0u;")
    out.append(f"      for (; k + {TRIP}u <= push.cin; k += {TRIP}u)")
    out.append("        {")
    weights(out, TRIP, "k / 4u")
    products(out, TRIP, lambda i: f"k + {i}u")
    out.append("        }")
    out.append("      for (; k < push.cin; k += 4u)")
    out.append("        {")
    out.append("          uint last = push.cin - 1u;")
    for i in range(4):
        out.append(f"          uint k{i} = min (k + {i}u, last);")
    weights(out, 4, "k / 4u")
    products(out, 4, lambda i: f"k{i}")
    out.append("        }")
    out.append("      panel += uint64_t (groups_of_four * 16u * 4u * WEIGHT_BYTES);")
    out.append("    }")
    for r in range(ROWS):
        for g in range(GROUPS):
            out.append(f"  store (m + {r}u, n + {8 * g}u, s{r}_{g});")
    out.append("}")
    with open(sys.argv[1], "w") as f:
        f.write("\n".join(out) + "\n")


HEAD = """\
// Written by tile_cpu.py.
// y[m, n] = act (sum_k x[m, k] w[n, k] + bias[n] + emb[sample, n]) + add[m, n], where k runs over the input
// channels of each of the KSIZE x KSIZE taps around position m (an implicit matrix product over NHWC; a plain
// linear layer is KSIZE 1).  One workgroup of 8 lanes makes 16 positions by 16 channels; each lane owns two
// columns.  Positions are read at uniform addresses, weights from panels [n/16][tap][k/4][16][4], so that one
// 64-bit word is four consecutive k of a column (f16, bf16) or two (f32).  Sums in float32.
#version 460
#extension GL_GOOGLE_include_directive : require
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
load4 (uint64_t panel, uint column, out float a, out float b, out float c, out float d)
{
#if WEIGHT == TYPE_F32
  uvec2 low = unpack32 (Longs (panel).v[column * 2u]), high = unpack32 (Longs (panel).v[column * 2u + 1u]);
  a = uintBitsToFloat (low.x);
  b = uintBitsToFloat (low.y);
  c = uintBitsToFloat (high.x);
  d = uintBitsToFloat (high.y);
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
  uint m = (gl_WorkGroupID.x + gl_WorkGroupID.y * FOLD) * 16u, n = gl_WorkGroupID.z * 16u + lane;
  uint groups_of_four = (push.cin + 3u) / 4u;
  uint64_t panel = push.w + uint64_t (gl_WorkGroupID.z) *
                   uint64_t (TAPS * groups_of_four * 16u * 4u * WEIGHT_BYTES);
  float a;

  if (m >= push.rows)
    return;
"""

main()
