// SPDX-FileCopyrightText: Giverny contributors
// SPDX-License-Identifier: GPL-3.0-or-later
// What the kernels of convolutions and linear layers share: arguments, where a tap's row stands, the epilogue.

// 0 is the workgroup's size where a kernel lets it be chosen.
layout (constant_id = 1) const uint KSIZE = 1;       // taps along each axis
layout (constant_id = 2) const uint STRIDE = 1;
layout (constant_id = 3) const bool UPSAMPLE = false; // x is first made twice as large, nearest neighbour
layout (constant_id = 4) const int ACTIVATION = 0;
layout (constant_id = 5) const bool BIAS = false;
layout (constant_id = 6) const bool EMB = false;
layout (constant_id = 7) const bool ADD = false;
layout (constant_id = 8) const bool CHANNELS_FIRST = false; // which tiles follow each other: see tile_of
layout (constant_id = 9) const uint PAD = 0;         // zeros around x; KSIZE / 2 keeps its size
layout (constant_id = 10) const bool LOW = false;     // a second product is added to the first: low * low_w
layout (constant_id = 11) const bool SCALE = false;   // emb is a factor, not a summand

#define TAPS (KSIZE * KSIZE)
#define FOLD 32768u // tiles of rows along one axis; the rest goes to the next, as a device may allow only 65535

layout (push_constant, scalar) uniform Push {
  uint64_t x, w;             // [n, hin, win, ldx] of which cin channels are read; panels
  Floats bias;               // [cout]
  Floats emb;                // [n, ld_emb]
  Floats add;                // [rows, ld_add]
  Floats y;                  // [rows, ldy]
  uint64_t zeros;            // at least cin zeros
  uint64_t low, low_w;       // [rows, ld_low] of which rank channels are read; panels of floats
  uint rows;                 // n * hout * wout
  uint hin, win, hout, wout;
  uint cin, cout;
  uint ldx, ldy, ld_add, ld_emb;
  uint rank, ld_low;
} push;

// This workgroup's tile of rows and of channels.  Tiles along x run one after the other: rows, while a panel of
// weights stays in the cache, or channels, where all weights fit and it is the rows that should be read once.
uvec2
tile_of ()
{
  uvec3 id = gl_WorkGroupID;

  return CHANNELS_FIRST ? uvec2 (id.y + id.z * FOLD, id.x) : uvec2 (id.x + id.y * FOLD, id.z);
}

// The address of what tap `tap` of output position m reads; zeros beyond the border.
uint64_t
row_address (uint m, uint tap)
{
  if (KSIZE == 1u && STRIDE == 1u && !UPSAMPLE)
    return push.x + uint64_t (m) * uint64_t (push.ldx * 4u);

  uint area = push.hout * push.wout;
  uint sample_index = m / area, rest = m % area;
  int y = int (rest / push.wout * STRIDE + tap / KSIZE) - int (PAD);
  int x = int (rest % push.wout * STRIDE + tap % KSIZE) - int (PAD);
  int h = int (UPSAMPLE ? push.hout : push.hin), w = int (UPSAMPLE ? push.wout : push.win);
  bool inside = y >= 0 && y < h && x >= 0 && x < w;

  if (UPSAMPLE)
    {
      y >>= 1;
      x >>= 1;
    }
  uint64_t position = uint64_t (sample_index) * uint64_t (push.hin * push.win) +
                      uint64_t (uint (y) * push.win + uint (x));
  return inside ? push.x + position * uint64_t (push.ldx * 4u) : push.zeros;
}

// The address of position m's channels of the second product.
uint64_t
low_address (uint m)
{
  return push.low + uint64_t (m) * uint64_t (push.ld_low * 4u);
}

void
store (uint m, uint n, float value)
{
  if (m >= push.rows || n >= push.cout)
    return;
  if (BIAS)
    value += push.bias.v[n];
  if (EMB && !SCALE)
    value += push.emb.v[m / (push.hout * push.wout) * push.ld_emb + n];
  if (EMB && SCALE)
    {
      float factor = push.emb.v[m / (push.hout * push.wout) * push.ld_emb + n];

      value = factor == 0.0 ? 0.0 : value * factor; // nothing, whatever the value
    }
  value = activate (value, ACTIVATION);
  if (ADD)
    value += Floats (uint64_t (push.add) + uint64_t (m) * uint64_t (push.ld_add * 4u)).v[n];
  Floats (uint64_t (push.y) + uint64_t (m) * uint64_t (push.ldy * 4u)).v[n] = value;
}
