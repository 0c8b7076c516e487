// SPDX-FileCopyrightText: Giverny contributors
// SPDX-License-Identifier: GPL-3.0-or-later
// dst = src as floats: small vectors (biases, norms) as the kernels want them.
#version 460
#extension GL_GOOGLE_include_directive : require
#include "lib/prelude.glsl"

layout (local_size_x = 64) in;

layout (push_constant, scalar) uniform Push {
  uint64_t src;
  Floats dst;
  uint n;
} push;

void
main ()
{
  uint i = (gl_WorkGroupID.x + gl_WorkGroupID.y * 32768u) * 64u + gl_LocalInvocationID.x;

  if (i >= push.n)
    return;
#if WEIGHT == TYPE_F32
  Ints (uint64_t (push.dst)).v[i] = Ints (push.src).v[i]; // bits, whatever they are: also a plain copy
#elif WEIGHT == TYPE_F16
  push.dst.v[i] = widen_half (Halves (push.src).v[i]);
#else
  push.dst.v[i] = widen_bf16 (Halves (push.src).v[i]);
#endif
}
