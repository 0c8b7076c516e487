// SPDX-FileCopyrightText: Giverny contributors
// SPDX-License-Identifier: GPL-3.0-or-later
// What every kernel starts with: pointers to numbers.  Tensors come by device address.
#extension GL_EXT_buffer_reference : require
#extension GL_EXT_buffer_reference2 : require
#extension GL_EXT_scalar_block_layout : require
#extension GL_EXT_shader_explicit_arithmetic_types_int64 : require
#extension GL_EXT_shader_16bit_storage : require
#extension GL_EXT_shader_explicit_arithmetic_types_int16 : require

layout (buffer_reference, scalar, buffer_reference_align = 4) buffer Floats { float v[]; };
layout (buffer_reference, scalar, buffer_reference_align = 4) buffer Ints { int v[]; };
layout (buffer_reference, scalar, buffer_reference_align = 2) buffer Halves { uint16_t v[]; };
layout (buffer_reference, scalar, buffer_reference_align = 8) buffer Longs { uint64_t v[]; };

// The types that weights may be stored in.
#define TYPE_F32 0
#define TYPE_F16 1
#define TYPE_BF16 2

float widen_half (uint16_t bits) { return unpackHalf2x16 (uint (bits)).x; }
float widen_bf16 (uint16_t bits) { return uintBitsToFloat (uint (bits) << 16); }
