// SPDX-FileCopyrightText: Giverny contributors
// SPDX-License-Identifier: GPL-3.0-or-later
// Sums and maxima over a workgroup.  The order of additions is fixed by the workgroup's size alone, so a device
// gives the same bits each time.
#extension GL_KHR_shader_subgroup_basic : require
#extension GL_KHR_shader_subgroup_arithmetic : require

// One subgroup is the whole workgroup: no shared memory, no barrier, which CPU drivers make slow.
layout (constant_id = 1) const bool ONE_SUBGROUP = true;

shared float reduce_parts[64];

float
workgroup_sum (float x)
{
  float part = subgroupAdd (x), sum = 0.0;

  if (ONE_SUBGROUP)
    return part;
  barrier ();
  if (subgroupElect ())
    reduce_parts[gl_SubgroupID] = part;
  barrier ();
  for (uint i = 0u; i < gl_NumSubgroups; i++)
    sum += reduce_parts[i];
  return sum;
}

float
workgroup_max (float x)
{
  float part = subgroupMax (x), most;

  if (ONE_SUBGROUP)
    return part;
  barrier ();
  if (subgroupElect ())
    reduce_parts[gl_SubgroupID] = part;
  barrier ();
  most = reduce_parts[0];
  for (uint i = 1u; i < gl_NumSubgroups; i++)
    most = max (most, reduce_parts[i]);
  return most;
}
