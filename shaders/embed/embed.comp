// SPDX-FileCopyrightText: Giverny contributors
// SPDX-License-Identifier: GPL-3.0-or-later
// y[n, t] = table[ids[n, t]] + positions[t]: what a text encoder starts from.  One workgroup per token.
#version 460
#extension GL_GOOGLE_include_directive : require
#include "lib/prelude.glsl"

layout (local_size_x_id = 0) in;

layout (push_constant, scalar) uniform Push {
  Ints ids;              // [n, t]
  uint64_t table;        // [vocabulary, width]
  Floats positions;      // [t, width]
  uint64_t y;            // [n * t, ldy]
  uint rows, tokens, width, vocabulary, ldy;
} push;

void
main ()
{
  uint row = gl_WorkGroupID.x + gl_WorkGroupID.y * 32768u;

  if (row >= push.rows)
    return;
  uint id = min (uint (push.ids.v[row]), push.vocabulary - 1u);
  uint place = row % push.tokens * push.width;
  Floats y = Floats (push.y + uint64_t (row) * uint64_t (push.ldy * 4u));
  for (uint c = gl_LocalInvocationID.x; c < push.width; c += gl_WorkGroupSize.x)
    {
      uint64_t index = uint64_t (id) * uint64_t (push.width) + uint64_t (c);
#if WEIGHT == TYPE_F32
      float value = Floats (push.table + index * 4ul).v[0];
#elif WEIGHT == TYPE_F16
      float value = widen_half (Halves (push.table + index * 2ul).v[0]);
#else
      float value = widen_bf16 (Halves (push.table + index * 2ul).v[0]);
#endif
      y.v[c] = value + push.positions.v[place + c];
    }
}
