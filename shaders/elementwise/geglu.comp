// SPDX-FileCopyrightText: Giverny contributors
// SPDX-License-Identifier: GPL-3.0-or-later
// y[c] = x[c] * gelu (x[width + c]): the first half is the value, the second its gate.  One workgroup per row.
// Shazeer 2020, arXiv:2002.05202.
#version 460
#extension GL_GOOGLE_include_directive : require
#include "lib/prelude.glsl"
#include "lib/activation.glsl"

layout (local_size_x_id = 0) in;

layout (push_constant, scalar) uniform Push {
  uint64_t x, y;         // [rows, ldx] of 2 * width, [rows, ldy] of width
  uint rows, width;
  uint ldx, ldy;
} push;

void
main ()
{
  uint row = gl_WorkGroupID.x + gl_WorkGroupID.y * 32768u;

  if (row >= push.rows)
    return;
  Floats x = Floats (push.x + uint64_t (row) * uint64_t (push.ldx * 4u));
  Floats y = Floats (push.y + uint64_t (row) * uint64_t (push.ldy * 4u));
  for (uint c = gl_LocalInvocationID.x; c < push.width; c += gl_WorkGroupSize.x)
    y.v[c] = x.v[c] * gelu (x.v[push.width + c]);
}
