// SPDX-FileCopyrightText: Giverny contributors
// SPDX-License-Identifier: GPL-3.0-or-later
// y = act (x * w + bias + emb) + add, as conv_cpu, for GPUs: 256 invocations make 64 positions by 64 channels
// from tiles of 16 input channels in shared memory, 4 by 4 outputs each.  The next tile is fetched into
// registers while the present one is multiplied.
#version 460
#extension GL_GOOGLE_include_directive : require
#include "lib/prelude.glsl"
#include "lib/activation.glsl"
#include "conv/conv.glsl"

layout (local_size_x = 256) in;

shared float xs[16][64 + 4];
shared float ws[16][64 + 4];

// Four weights of a column, k = 4 * quad…, from the panels [n/16][tap][k/4][16][4].
vec4
load_weights (uint column, uint tap, uint quad, uint quads)
{
  if (column >= (push.cout + 15u) / 16u * 16u || quad >= quads)
    return vec4 (0.0);
  uint64_t index = (uint64_t (column / 16u * TAPS + tap) * uint64_t (quads) + uint64_t (quad)) * 64ul +
                   uint64_t (column % 16u * 4u);
#if WEIGHT == TYPE_F32
  Floats p = Floats (push.w + index * 4ul);
  return vec4 (p.v[0], p.v[1], p.v[2], p.v[3]);
#elif WEIGHT == TYPE_F16
  uvec2 word = unpack32 (Longs (push.w + index * 2ul).v[0]);
  return vec4 (unpackHalf2x16 (word.x), unpackHalf2x16 (word.y));
#else
  uvec2 word = unpack32 (Longs (push.w + index * 2ul).v[0]);
  return uintBitsToFloat (uvec4 (word.x << 16, word.x & 0xffff0000u, word.y << 16, word.y & 0xffff0000u));
#endif
}

// The same of the second product, whose panels are floats.
vec4
load_low_weights (uint column, uint quad)
{
  uint quads = (push.rank + 3u) / 4u;

  if (column >= (push.cout + 15u) / 16u * 16u || quad >= quads)
    return vec4 (0.0);
  uint64_t index = (uint64_t (column / 16u) * uint64_t (quads) + uint64_t (quad)) * 64ul +
                   uint64_t (column % 16u * 4u);
  Floats p = Floats (push.low_w + index * 4ul);
  return vec4 (p.v[0], p.v[1], p.v[2], p.v[3]);
}

// Four of a row's n channels from k on; zeros beyond the last.
vec4
load_row (uint64_t row, uint k, uint n)
{
  Floats p = Floats (row);
  vec4 v = vec4 (0.0);

  if (k + 4u <= n)
    return vec4 (p.v[k], p.v[k + 1u], p.v[k + 2u], p.v[k + 3u]);
  for (uint i = 0u; i < 3u; i++)
    if (k + i < n)
      v[i] = p.v[k + i];
  return v;
}

// Four channels of a position and four weights of a column for a trip: those of the taps, one tap after the other,
// then those of the second product.
void
fetch (uint trip, uint m, uint column, uint part, out vec4 x, out vec4 w)
{
  uint trips = (push.cin + 15u) / 16u;

  if (LOW && trip >= TAPS * trips)
    {
      uint quad = (trip - TAPS * trips) * 4u + part;

      x = load_row (low_address (m), quad * 4u, push.rank);
      w = load_low_weights (column, quad);
      return;
    }
  uint tap = trip / trips, quad = trip % trips * 4u + part;

  x = load_row (row_address (m, tap), quad * 4u, push.cin);
  w = load_weights (column, tap, quad, (push.cin + 3u) / 4u);
}

void
main ()
{
  uint id = gl_LocalInvocationID.x;
  uint m = tile_of ().x * 64u, n = tile_of ().y * 64u;
  uint tx = id % 16u, ty = id / 16u;    // this invocation's outputs: rows 4 ty…, columns 4 tx…
  uint part = id % 4u, line = id / 4u;  // what it fetches: channels 4 part… of row and column `line`
  uint trips = TAPS * ((push.cin + 15u) / 16u) + (LOW ? (push.rank + 15u) / 16u : 0u);
  uint my_row = min (m + line, push.rows - 1u);
  vec4 sums[4] = vec4[4] (vec4 (0.0), vec4 (0.0), vec4 (0.0), vec4 (0.0));
  vec4 x, w;

  fetch (0u, my_row, n + line, part, x, w);
  for (uint trip = 0u; trip < trips; trip++)
    {
      for (uint i = 0u; i < 4u; i++)
        {
          xs[part * 4u + i][line] = x[i];
          ws[part * 4u + i][line] = w[i];
        }
      barrier ();
      if (trip + 1u < trips)
        fetch (trip + 1u, my_row, n + line, part, x, w);
      for (uint k = 0u; k < 16u; k++)
        {
          vec4 b = vec4 (ws[k][tx * 4u], ws[k][tx * 4u + 1u], ws[k][tx * 4u + 2u], ws[k][tx * 4u + 3u]);

          for (uint i = 0u; i < 4u; i++)
            sums[i] += xs[k][ty * 4u + i] * b;
        }
      barrier ();
    }
  for (uint i = 0u; i < 4u; i++)
    for (uint j = 0u; j < 4u; j++)
      store (m + ty * 4u + i, n + tx * 4u + j, sums[i][j]);
}
