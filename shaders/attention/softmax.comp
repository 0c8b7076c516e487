// SPDX-FileCopyrightText: Giverny contributors
// SPDX-License-Identifier: GPL-3.0-or-later
// x[row] = softmax (x[row] * scale), in place.  One workgroup per row.
#version 460
#extension GL_GOOGLE_include_directive : require
#include "lib/prelude.glsl"
#include "lib/reduce.glsl"

layout (local_size_x_id = 0) in;

layout (push_constant, scalar) uniform Push {
  uint64_t x;            // [rows, ld]
  uint rows, columns, ld;
  float scale;
} push;

void
main ()
{
  uint row = gl_WorkGroupID.x + gl_WorkGroupID.y * 32768u;
  float most = -3e38, total = 0.0;

  if (row >= push.rows)
    return;
  Floats x = Floats (push.x + uint64_t (row) * uint64_t (push.ld * 4u));
  for (uint i = gl_LocalInvocationID.x; i < push.columns; i += gl_WorkGroupSize.x)
    most = max (most, x.v[i]);
  most = workgroup_max (most);
  for (uint i = gl_LocalInvocationID.x; i < push.columns; i += gl_WorkGroupSize.x)
    {
      float e = exp ((x.v[i] - most) * push.scale);

      x.v[i] = e;
      total += e;
    }
  total = 1.0 / workgroup_sum (total);
  for (uint i = gl_LocalInvocationID.x; i < push.columns; i += gl_WorkGroupSize.x)
    x.v[i] *= total;
}
