// SPDX-FileCopyrightText: Giverny contributors
// SPDX-License-Identifier: GPL-3.0-or-later
// Weights into panels [n/16][tap][k/4][16][4] of the same type, zeros where n or k run over the edge.
// The source is any matrix with strides: a linear layer's [n, k], a convolution's [n, k, tap], or the transpose
// of an activation.  One workgroup makes a panel's tap; an invocation writes four k of a column at a time.
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
  uint job = gl_WorkGroupID.x + gl_WorkGroupID.y * 32768u;
  uint panel = job / push.taps, tap = job % push.taps;
  uint quads = (push.k + 3u) / 4u;
  uint column = gl_LocalInvocationID.x % 16u, n = panel * 16u + column;
  uint64_t row = push.src + (uint64_t (min (n, push.n - 1u)) * uint64_t (push.stride_n) +
                             uint64_t (tap * push.stride_tap)) * ELEMENT_BYTES;
  uint64_t out_base = push.dst + uint64_t (job) * uint64_t (quads) * 64ul * ELEMENT_BYTES;

  if (panel * 16u >= push.n)
    return;
  for (uint quad = gl_LocalInvocationID.x / 16u; quad < quads; quad += 4u)
    {
      Elements dst = Elements (out_base + uint64_t (quad * 64u + column * 4u) * ELEMENT_BYTES);

#if BITS == 16
      // Four neighbours in one 64-bit word each way.
      if (push.stride_k == 1u && push.k % 4u == 0u && push.stride_n % 4u == 0u)
        {
          Longs word = Longs (row + uint64_t (quad * 8u));
          Longs (uint64_t (dst)).v[0] = n < push.n ? word.v[0] : 0ul;
          continue;
        }
#endif
      for (uint i = 0u; i < 4u; i++)
        {
          uint k = quad * 4u + i;
          Elements src = Elements (row + uint64_t (min (k, push.k - 1u)) * uint64_t (push.stride_k) * ELEMENT_BYTES);

          dst.v[i] = n < push.n && k < push.k ? src.v[0] : ZERO;
        }
    }
}
