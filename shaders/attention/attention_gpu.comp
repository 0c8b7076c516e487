// SPDX-FileCopyrightText: Giverny contributors
// SPDX-License-Identifier: GPL-3.0-or-later
// y = softmax (q k^T * scale) v for GPUs, heads of at most 160 channels: 256 invocations make 16 queries, 16 keys
// at a time, with the running maximum of Dao et al. 2022 (arXiv:2205.14135).  Invocation (r, c) owns the score of
// query r and key c, then the channels c, c + 16… of query r's output.
#version 460
#extension GL_GOOGLE_include_directive : require
#include "lib/prelude.glsl"
#include "attention/attention.glsl"

layout (local_size_x = 256) in;

shared float qs[16][161];
shared float kv[16][161];
shared float scores[16][17];

void
main ()
{
  uint id = gl_LocalInvocationID.x, r = id / 16u, c = id % 16u;
  uint head = gl_WorkGroupID.y, n = gl_WorkGroupID.z;
  uint i = gl_WorkGroupID.x * 16u + r;
  Floats q = row_of (push.q, n * push.tq + min (i, push.tq - 1u), push.ldq, head);
  float most = -3e38, total = 0.0;
  float sums[10] = float[10] (0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0);

  for (uint d = c; d < D; d += 16u)
    qs[r][d] = q.v[d] * push.scale;
  for (uint first = 0u; first < push.tk; first += 16u)
    {
      uint row = n * push.tk + min (first + r, push.tk - 1u);
      Floats k = row_of (push.k, row, push.ldk, head), v = row_of (push.v, row, push.ldv, head);
      bool seen = first + c < push.tk && !(CAUSAL && first + c > i);
      float s = 0.0, next = most, shrink;

      for (uint d = c; d < D; d += 16u)
        kv[r][d] = k.v[d];
      barrier ();
      for (uint d = 0u; d < D; d++)
        s += qs[r][d] * kv[c][d];
      scores[r][c] = seen ? s : -3e38;
      barrier ();
      for (uint d = c; d < D; d += 16u)
        kv[r][d] = v.v[d];
      for (uint j = 0u; j < 16u; j++)
        next = max (next, scores[r][j]);
      barrier ();
      shrink = exp (most - next);
      most = next;
      total *= shrink;
      for (uint d = 0u; d < 10u; d++)
        sums[d] *= shrink;
      for (uint j = 0u; j < 16u; j++)
        {
          float e = scores[r][j] <= -3e38 ? 0.0 : exp (scores[r][j] - next);

          total += e;
          for (uint d = 0u; d < (D + 15u) / 16u; d++)
            if (c + 16u * d < D)
              sums[d] += e * kv[j][c + 16u * d];
        }
      barrier ();
    }
  if (i >= push.tq)
    return;
  Floats y = row_of (push.y, n * push.tq + i, push.ldy, head);
  for (uint d = 0u; d < (D + 15u) / 16u; d++)
    if (c + 16u * d < D)
      y.v[c + 16u * d] = sums[d] / total;
}
