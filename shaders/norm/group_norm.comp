// SPDX-FileCopyrightText: Giverny contributors
// SPDX-License-Identifier: GPL-3.0-or-later
// y = (x - mean) * rstd * gamma[c] + beta[c], then SiLU if asked, from the statistics of group_norm_stats.
// One workgroup for ROWS positions of a sample; a lane keeps what belongs to its channels while it goes down the
// positions, two channels (one 64-bit word) at a time where they are even.
#version 460
#extension GL_GOOGLE_include_directive : require
#include "lib/prelude.glsl"
#include "lib/activation.glsl"

layout (local_size_x_id = 0) in;
layout (constant_id = 1) const int ACTIVATION = 0;
layout (constant_id = 2) const bool PAIRS = true;

#define ROWS 16u

layout (push_constant, scalar) uniform Push {
  uint64_t x, y;             // [n, area, ldx], [n, area, ldy]
  Floats gamma, beta, stats; // [c], [c], [n, groups, 2]
  uint area, channels, groups;
  uint ldx, ldy;
} push;

// mean, scale and shift of a channel
vec3
get_terms (uint n, uint c)
{
  uint s = (n * push.groups + c / (push.channels / push.groups)) * 2u;

  return vec3 (push.stats.v[s], push.stats.v[s + 1u] * push.gamma.v[c], push.beta.v[c]);
}

void
main ()
{
  uint first = (gl_WorkGroupID.x + gl_WorkGroupID.y * 32768u) * ROWS, n = gl_WorkGroupID.z;
  uint end = min (first + ROWS, push.area);
  uint64_t x = push.x + uint64_t (n) * uint64_t (push.area) * uint64_t (push.ldx * 4u);
  uint64_t y = push.y + uint64_t (n) * uint64_t (push.area) * uint64_t (push.ldy * 4u);

  if (PAIRS)
    for (uint c = gl_LocalInvocationID.x * 2u; c < push.channels; c += gl_WorkGroupSize.x * 2u)
      {
        vec3 a = get_terms (n, c), b = get_terms (n, c + 1u);

        for (uint row = first; row < end; row++)
          {
            vec2 v = uintBitsToFloat (unpack32 (Longs (x + uint64_t (row) * uint64_t (push.ldx * 4u)).v[c / 2u]));

            v.x = activate ((v.x - a.x) * a.y + a.z, ACTIVATION);
            v.y = activate ((v.y - b.x) * b.y + b.z, ACTIVATION);
            Longs (y + uint64_t (row) * uint64_t (push.ldy * 4u)).v[c / 2u] = pack64 (floatBitsToUint (v));
          }
      }
  else
    for (uint c = gl_LocalInvocationID.x; c < push.channels; c += gl_WorkGroupSize.x)
      {
        vec3 a = get_terms (n, c);

        for (uint row = first; row < end; row++)
          {
            float v = Floats (x + uint64_t (row) * uint64_t (push.ldx * 4u)).v[c];

            Floats (y + uint64_t (row) * uint64_t (push.ldy * 4u)).v[c] =
                activate ((v - a.x) * a.y + a.z, ACTIVATION);
          }
      }
}
