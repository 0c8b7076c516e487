// SPDX-FileCopyrightText: Giverny contributors
// SPDX-License-Identifier: GPL-3.0-or-later
// y = act (a) or act (a + b), row by row, each with its own distance between rows: sums, activations, and the
// copies that put tensors side by side.  One workgroup per row.
#version 460
#extension GL_GOOGLE_include_directive : require
#include "lib/prelude.glsl"
#include "lib/activation.glsl"

layout (local_size_x_id = 0) in;
layout (constant_id = 1) const int ACTIVATION = 0;
layout (constant_id = 2) const bool ADD = false;

layout (push_constant, scalar) uniform Push {
  uint64_t a, b, y;      // [rows, lda], [rows, ldb], [rows, ldy]
  uint rows, columns;
  uint lda, ldb, ldy;
} push;

void
main ()
{
  uint row = gl_WorkGroupID.x + gl_WorkGroupID.y * 32768u;

  if (row >= push.rows)
    return;
  Floats a = Floats (push.a + uint64_t (row) * uint64_t (push.lda * 4u));
  Floats b = Floats (push.b + uint64_t (row) * uint64_t (push.ldb * 4u));
  Floats y = Floats (push.y + uint64_t (row) * uint64_t (push.ldy * 4u));
  for (uint c = gl_LocalInvocationID.x; c < push.columns; c += gl_WorkGroupSize.x)
    {
      float value = a.v[c];

      if (ADD)
        value += b.v[c];
      y.v[c] = activate (value, ACTIVATION);
    }
}
