// SPDX-FileCopyrightText: Giverny contributors
// SPDX-License-Identifier: GPL-3.0-or-later
// The mean and 1 / sqrt (var + eps) of each (sample, group) of x [n, area, ldx].  One workgroup per pair.  The mean
// comes before the variance, so that large activations do not cancel.  Wu & He 2018, arXiv:1803.08494.
#version 460
#extension GL_GOOGLE_include_directive : require
#include "lib/prelude.glsl"
#include "lib/reduce.glsl"

layout (local_size_x_id = 0) in;
layout (constant_id = 2) const bool BY_POSITION = true; // a lane walks whole positions: no divisions (CPU)
layout (constant_id = 3) const bool PAIRS = true;       // two channels, a 64-bit word, at a time

layout (push_constant, scalar) uniform Push {
  uint64_t x;
  Floats stats;              // [n, groups, 2]
  uint area, groups, width;  // channels of a group
  uint ldx;
  float eps;
} push;

uint64_t base;

float
sum_of (float mean, bool squares)
{
  float sum = 0.0;

  if (BY_POSITION)
    for (uint p = gl_LocalInvocationID.x; p < push.area; p += gl_WorkGroupSize.x)
      {
        Floats x = Floats (base + uint64_t (p) * uint64_t (push.ldx * 4u));
        Longs pairs = Longs (base + uint64_t (p) * uint64_t (push.ldx * 4u));
        float part = 0.0;

        if (PAIRS)
          for (uint c = 0u; c < push.width / 2u; c++)
            {
              vec2 d = uintBitsToFloat (unpack32 (pairs.v[c])) - mean;
              part += squares ? d.x * d.x + d.y * d.y : d.x + d.y;
            }
        else
          for (uint c = 0u; c < push.width; c++)
            {
              float d = x.v[c] - mean;
              part += squares ? d * d : d;
            }
        sum += part;
      }
  else
    for (uint e = gl_LocalInvocationID.x; e < push.area * push.width; e += gl_WorkGroupSize.x)
      {
        uint p = e / push.width;
        float d = Floats (base + uint64_t (p) * uint64_t (push.ldx * 4u)).v[e - p * push.width] - mean;

        sum += squares ? d * d : d;
      }
  return workgroup_sum (sum);
}

void
main ()
{
  uint group = gl_WorkGroupID.x, n = gl_WorkGroupID.y;
  float count = float (push.area) * float (push.width);
  float mean, variance;

  base = push.x + (uint64_t (n) * uint64_t (push.area) * uint64_t (push.ldx) +
                   uint64_t (group * push.width)) * 4ul;
  mean = sum_of (0.0, false) / count;
  variance = sum_of (mean, true) / count;
  if (gl_LocalInvocationID.x == 0u)
    {
      push.stats.v[(n * push.groups + group) * 2u] = mean;
      push.stats.v[(n * push.groups + group) * 2u + 1u] = inversesqrt (variance + push.eps);
    }
}
