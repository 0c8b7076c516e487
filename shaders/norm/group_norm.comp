// SPDX-FileCopyrightText: Giverny contributors
// SPDX-License-Identifier: GPL-3.0-or-later
// y = (x - mean) * rstd * gamma[c] + beta[c], then SiLU if asked, from the statistics of group_norm_stats.
// One workgroup per position, its lanes along the channels.
#version 460
#extension GL_GOOGLE_include_directive : require
#include "lib/prelude.glsl"
#include "lib/activation.glsl"

layout (local_size_x_id = 0) in;
layout (constant_id = 1) const int ACTIVATION = 0;

layout (push_constant, scalar) uniform Push {
  uint64_t x, y;             // [n * area, ldx], [n * area, ldy]
  Floats gamma, beta, stats; // [c], [c], [n, groups, 2]
  uint rows, area, channels, groups;
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
  uint stats = row / push.area * push.groups, width = push.channels / push.groups;
  for (uint c = gl_LocalInvocationID.x; c < push.channels; c += gl_WorkGroupSize.x)
    {
      uint s = (stats + c / width) * 2u;
      float scale = push.stats.v[s + 1u] * push.gamma.v[c];

      y.v[c] = activate ((x.v[c] - push.stats.v[s]) * scale + push.beta.v[c], ACTIVATION);
    }
}
