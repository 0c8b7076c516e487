#!/usr/bin/env python3
# SPDX-FileCopyrightText: Giverny contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Writes an attention kernel for CPU drivers, for heads of up to WIDTH channels.

usage: rows_cpu.py WIDTH KEYS OUTPUT

As in tile_cpu.py the text is straight-line code over named scalars.  KEYS keys are taken at a time: more
of them spare loads of the query and of the sums, but the code must stay within the instruction cache.
"""

import sys

HEAD = """\
// Written by rows_cpu.py.
// y = softmax (q k^T * scale) v for heads of at most %(width)d channels, with the running maximum of Milakov &
// Gimelshein 2018 (arXiv:1805.02867), so that no row of scores is ever stored.  Each of the 8 lanes owns a query:
// then keys and values stand at uniform addresses, and the softmax needs no exchange between lanes.
#version 460
#extension GL_GOOGLE_include_directive : require
#include "lib/prelude.glsl"
#include "attention/attention.glsl"

layout (local_size_x = 8) in;

#define MINUS_INFINITY uintBitsToFloat (0xff800000u)

void
main ()
{
  uint i = gl_WorkGroupID.x * 8u + gl_LocalInvocationID.x, head = gl_WorkGroupID.y, n = gl_WorkGroupID.z;
  Floats q = row_of (push.q, n * push.tq + min (i, push.tq - 1u), push.ldq, head);
  float most = -3e38, total = 0.0;
"""


def main():
    width, keys = int(sys.argv[1]), int(sys.argv[2])
    out = [HEAD % {"width": width}]
    for c in range(width):
        out.append(f"  float q{c} = 0.0, o{c} = 0.0;")
        out.append(f"  if (D > {c}u)\n    q{c} = q.v[{c}] * push.scale;")
    out.append(f"  for (uint j = 0u; j < push.tk; j += {keys}u)\n    {{")
    for k in range(keys):
        out.append(f"      uint j{k} = n * push.tk + min (j + {k}u, push.tk - 1u);")
        out.append(f"      Floats k{k} = row_of (push.k, j{k}, push.ldk, head);")
        out.append(f"      Floats v{k} = row_of (push.v, j{k}, push.ldv, head);")
        out.append(f"      float s{k} = 0.0;")
    for c in range(width):
        out.append(f"      if (D > {c}u)\n        {{")
        out += [f"          s{k} += q{c} * k{k}.v[{c}];" for k in range(keys)]
        out.append("        }")
    out.append(f"      if (j + {keys}u > push.tk)\n        {{")
    out += [f"          if (j + {k}u >= push.tk)\n            s{k} = MINUS_INFINITY;" for k in range(keys)]
    out.append("        }\n      if (CAUSAL)\n        {")
    out += [f"          s{k} = j + {k}u > i ? MINUS_INFINITY : s{k};" for k in range(keys)]
    out.append("        }\n      float next = most;")
    out += [f"      next = max (next, s{k});" for k in range(keys)]
    out.append("      float shrink = exp (most - next);")
    out += [f"      float e{k} = exp (s{k} - next);" for k in range(keys)]
    out.append("      most = next;")
    out.append("      total = total * shrink + (" + " + ".join(f"e{k}" for k in range(keys)) + ");")
    for c in range(width):
        out.append(f"      if (D > {c}u)\n        {{\n          float t = o{c} * shrink;")
        out += [f"          t += e{k} * v{k}.v[{c}];" for k in range(keys)]
        out.append(f"          o{c} = t;\n        }}")
    out.append("    }\n  if (i >= push.tq)\n    return;")
    out.append("  Floats y = row_of (push.y, n * push.tq + i, push.ldy, head);\n  float share = 1.0 / total;")
    out += [f"  if (D > {c}u)\n    y.v[{c}] = o{c} * share;" for c in range(width)]
    out.append("}")
    with open(sys.argv[3], "w") as f:
        f.write("\n".join(out) + "\n")


main()
