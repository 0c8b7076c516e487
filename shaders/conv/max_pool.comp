// SPDX-FileCopyrightText: Giverny contributors
// SPDX-License-Identifier: GPL-3.0-or-later
// y[n, i, j, c] = the largest x[n, i stride … + size, j stride … + size, c]; what hangs over the border of x does
// not count.  One workgroup per position of y.
#version 460
#extension GL_GOOGLE_include_directive : require
#include "lib/prelude.glsl"

layout (local_size_x_id = 0) in;

layout (push_constant, scalar) uniform Push {
  uint64_t x, y;         // [n, hin, win, ldx], [rows, ldy]
  uint rows;             // n * hout * wout
  uint hin, win, hout, wout;
  uint channels, ldx, ldy;
  uint size, stride;
} push;

void
main ()
{
  uint row = gl_WorkGroupID.x + gl_WorkGroupID.y * 32768u;

  if (row >= push.rows)
    return;
  uint area = push.hout * push.wout, rest = row % area;
  uint top = rest / push.wout * push.stride, left = rest % push.wout * push.stride;
  uint bottom = min (top + push.size, push.hin), right = min (left + push.size, push.win);
  uint64_t picture = push.x + uint64_t (row / area) * uint64_t (push.hin * push.win) * uint64_t (push.ldx * 4u);
  Floats y = Floats (push.y + uint64_t (row) * uint64_t (push.ldy * 4u));

  for (uint c = gl_LocalInvocationID.x; c < push.channels; c += gl_WorkGroupSize.x)
    {
      float most = Floats (picture + uint64_t (top * push.win + left) * uint64_t (push.ldx * 4u)).v[c];

      for (uint i = top; i < bottom; i++)
        for (uint j = left; j < right; j++)
          most = max (most, Floats (picture + uint64_t (i * push.win + j) * uint64_t (push.ldx * 4u)).v[c]);
      y.v[c] = most;
    }
}
