// SPDX-FileCopyrightText: Giverny contributors
// SPDX-License-Identifier: GPL-3.0-or-later
// y = (x - mean) / sqrt (var + eps) * gamma[c] + beta[c] over the channels of each row.  One workgroup per row.
// Ba et al. 2016, arXiv:1607.06450.
#version 460
#extension GL_GOOGLE_include_directive : require
#include "lib/prelude.glsl"
#include "lib/reduce.glsl"

layout (local_size_x_id = 0) in;

layout (push_constant, scalar) uniform Push {
  uint64_t x, y;             // [rows, ldx], [rows, ldy]
  Floats gamma, beta;        // [channels]
  uint rows, channels;
  uint ldx, ldy;
  float eps;
} push;

void
main ()
{
  uint row = gl_WorkGroupID.x + gl_WorkGroupID.y * 32768u;
  float sum = 0.0, squares = 0.0, mean, scale;

  if (row >= push.rows)
    return;
  Floats x = Floats (push.x + uint64_t (row) * uint64_t (push.ldx * 4u));
  Floats y = Floats (push.y + uint64_t (row) * uint64_t (push.ldy * 4u));
  for (uint c = gl_LocalInvocationID.x; c < push.channels; c += gl_WorkGroupSize.x)
    sum += x.v[c];
  mean = workgroup_sum (sum) / float (push.channels);
  for (uint c = gl_LocalInvocationID.x; c < push.channels; c += gl_WorkGroupSize.x)
    squares += (x.v[c] - mean) * (x.v[c] - mean);
  scale = inversesqrt (workgroup_sum (squares) / float (push.channels) + push.eps);
  for (uint c = gl_LocalInvocationID.x; c < push.channels; c += gl_WorkGroupSize.x)
    y.v[c] = (x.v[c] - mean) * scale * push.gamma.v[c] + push.beta.v[c];
}
