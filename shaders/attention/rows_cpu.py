#!/usr/bin/env python3
# SPDX-FileCopyrightText: Giverny contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Writes an attention kernel for CPU drivers, for heads of up to WIDTH channels.

usage: rows_cpu.py uniform|shared WIDTH KEYS OUTPUT

As in tile_cpu.py the text is straight-line code over named scalars.  KEYS keys are taken at a time: more
of them spare loads of the query and of the sums, but the code must stay within the instruction cache.

uniform: keys and values are read at addresses that all lanes share, which newer drivers turn into one load.
shared: where a driver gathers lane by lane whatever the address, the lanes fetch 16 channels together and
hand each value around.  Both add in the same order, so they give the same bits.
"""

import sys

LANES = 8

HEAD = """\
// Written by rows_cpu.py %(kind)s.
// y = softmax (q k^T * scale) v for heads of at most %(width)d channels, with the running maximum of Milakov &
// Gimelshein 2018 (arXiv:1805.02867), so that no row of scores is ever stored.  Each of the 8 lanes owns a query:
// then all lanes want the same keys and values, and the softmax needs no exchange between lanes.
#version 460
#extension GL_GOOGLE_include_directive : require
#extension GL_KHR_shader_subgroup_ballot : require
#include "lib/prelude.glsl"
#include "attention/attention.glsl"

layout (local_size_x = 8) in;

#define MINUS_INFINITY uintBitsToFloat (0xff800000u)

// The two channels from c on, of which D - 2 is the last pair.
vec2
load_pair (Floats row, uint c)
{
  return uintBitsToFloat (unpack32 (Longs (uint64_t (row) + uint64_t (min (c, D - 2u) * 4u)).v[0]));
}

void
main ()
{
  uint lane = gl_LocalInvocationID.x;
  uint i = gl_WorkGroupID.x * 8u + lane, head = gl_WorkGroupID.y, n = gl_WorkGroupID.z;
  Floats q = row_of (push.q, n * push.tq + min (i, push.tq - 1u), push.ldq, head);
  float most = -3e38, total = 0.0;
"""


class Rows:
    def __init__(self, kind, width, keys):
        self.shared, self.width, self.keys = kind == "shared", width, keys
        self.out = [HEAD % {"kind": kind, "width": width}]

    def add(self, *lines):
        self.out += lines

    def load(self, name):
        """Fetches the rows of all keys (or values), 16 channels in each gather."""
        for first in range(0, self.width if self.shared else 0, 2 * LANES):
            for k in range(self.keys):
                self.add(f"      vec2 {name}{k}_{first} = vec2 (0.0);")
            self.add(f"      if (D > {first}u)", "        {")
            for k in range(self.keys):
                self.add(f"          {name}{k}_{first} = load_pair ({name}{k}, {first}u + lane * 2u);")
            self.add("        }")

    def value(self, name, k, c):
        if not self.shared:
            return f"{name}{k}.v[{c}]"
        first = c // (2 * LANES) * 2 * LANES
        return f"subgroupBroadcast ({name}{k}_{first}.{'xy'[c % 2]}, {(c - first) // 2}u)"

    def scores(self):
        for k in range(self.keys):
            self.add(f"      uint j{k} = n * push.tk + min (j + {k}u, push.tk - 1u);",
                     f"      Floats k{k} = row_of (push.k, j{k}, push.ldk, head);",
                     f"      Floats v{k} = row_of (push.v, j{k}, push.ldv, head);",
                     f"      float s{k} = 0.0;")
        self.load("k")
        for c in range(self.width):
            self.add(f"      if (D > {c}u)", "        {")
            self.add(*[f"          s{k} += q{c} * {self.value('k', k, c)};" for k in range(self.keys)])
            self.add("        }")
        self.add(f"      if (j + {self.keys}u > push.tk)", "        {")
        self.add(*[f"          if (j + {k}u >= push.tk)\n            s{k} = MINUS_INFINITY;"
                   for k in range(self.keys)])
        self.add("        }", "      if (CAUSAL)", "        {")
        self.add(*[f"          s{k} = j + {k}u > i ? MINUS_INFINITY : s{k};" for k in range(self.keys)])
        self.add("        }")

    def softmax(self):
        self.add("      float next = most;")
        self.add(*[f"      next = max (next, s{k});" for k in range(self.keys)])
        self.add("      float shrink = exp (most - next);")
        self.add(*[f"      float e{k} = exp (s{k} - next);" for k in range(self.keys)])
        self.add("      most = next;",
                 "      total = total * shrink + (" + " + ".join(f"e{k}" for k in range(self.keys)) + ");")

    def sums(self):
        self.load("v")
        for c in range(self.width):
            self.add(f"      if (D > {c}u)", "        {", f"          float t = o{c} * shrink;")
            self.add(*[f"          t += e{k} * {self.value('v', k, c)};" for k in range(self.keys)])
            self.add(f"          o{c} = t;", "        }")

    def text(self):
        for c in range(self.width):
            self.add(f"  float q{c} = 0.0, o{c} = 0.0;", f"  if (D > {c}u)\n    q{c} = q.v[{c}] * push.scale;")
        self.add(f"  for (uint j = 0u; j < push.tk; j += {self.keys}u)", "    {")
        self.scores()
        self.softmax()
        self.sums()
        self.add("    }", "  if (i >= push.tq)\n    return;",
                 "  Floats y = row_of (push.y, n * push.tq + i, push.ldy, head);", "  float share = 1.0 / total;")
        self.add(*[f"  if (D > {c}u)\n    y.v[{c}] = o{c} * share;" for c in range(self.width)])
        self.add("}")
        return "\n".join(self.out) + "\n"


if __name__ == "__main__":
    with open(sys.argv[4], "w") as f:
        f.write(Rows(sys.argv[1], int(sys.argv[2]), int(sys.argv[3])).text())
