// SPDX-FileCopyrightText: Giverny contributors
// SPDX-License-Identifier: GPL-3.0-or-later
// Weights into panels [n/16][tap][k/4][16][4] of the same type, zeros where n or k run over the edge.
// The source is any matrix with strides: a linear layer's [n, k], a convolution's
// [n, k, tap], or the transpose of an activation.  One invocation writes four k of a column.
#version 460
#extension GL_GOOGLE_include_directive : require
#include "lib/prelude.glsl"

layout (local_size_x = 64) in;

layout (push_constant, scalar) uniform Push {
  uint64_t src, dst;
  uint n, k, taps;
  uint stride_n, stride_k, stride_tap; // in elements
} push;

#if BITS == 32
#define Elements Floats
#define ELEMENT_BYTES 4ul
#define ZERO 0.0
#else
#define Elements Halves
#define ELEMENT_BYTES 2ul
#define ZERO uint16_t (0)
#endif

void
main ()
{
  uint quads = (push.k + 3u) / 4u;
  uint64_t id = uint64_t (gl_WorkGroupID.x + gl_WorkGroupID.y * 32768u) * 64ul +
                uint64_t (gl_LocalInvocationID.x);
  uint column = uint (id % 16ul);
  uint64_t rest = id / 16ul;
  uint quad = uint (rest % uint64_t (quads));
  rest /= uint64_t (quads);
  uint tap = uint (rest % uint64_t (push.taps));
  uint n = uint (rest / uint64_t (push.taps)) * 16u + column;
  Elements dst = Elements (push.dst + id * 4ul * ELEMENT_BYTES);

  if (n >= (push.n + 15u) / 16u * 16u)
    return;
  for (uint i = 0u; i < 4u; i++)
    {
      uint k = quad * 4u + i;
      uint64_t index = uint64_t (n) * uint64_t (push.stride_n) + uint64_t (k) * uint64_t (push.stride_k) +
                       uint64_t (tap * push.stride_tap);

      dst.v[i] = n < push.n && k < push.k ? Elements (push.src + index * ELEMENT_BYTES).v[0] : ZERO;
    }
}
