// SPDX-FileCopyrightText: Giverny contributors
// SPDX-License-Identifier: GPL-3.0-or-later
// y = x * mask or x * mask + sum, with one number of the mask for each row: what a region's text says counts
// there as much as the region does.  One workgroup per row.
#version 460
#extension GL_GOOGLE_include_directive : require
#include "lib/prelude.glsl"

layout (local_size_x_id = 0) in;
layout (constant_id = 1) const bool ADD = false;

layout (push_constant, scalar) uniform Push {
  uint64_t x, mask, sum, y;   // [rows, ldx], [rows, ldm] of 1, [rows, lds], [rows, ldy]
  uint rows, columns;
  uint ldx, ldm, lds, ldy;
} push;

void
main ()
{
  uint row = gl_WorkGroupID.x + gl_WorkGroupID.y * 32768u;

  if (row >= push.rows)
    return;
  Floats x = Floats (push.x + uint64_t (row) * uint64_t (push.ldx * 4u));
  Floats sum = Floats (push.sum + uint64_t (row) * uint64_t (push.lds * 4u));
  Floats y = Floats (push.y + uint64_t (row) * uint64_t (push.ldy * 4u));
  float mask = Floats (push.mask + uint64_t (row) * uint64_t (push.ldm * 4u)).v[0];

  for (uint c = gl_LocalInvocationID.x; c < push.columns; c += gl_WorkGroupSize.x)
    {
      float value = x.v[c] * mask;

      if (ADD)
        value += sum.v[c];
      y.v[c] = value;
    }
}
