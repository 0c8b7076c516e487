// SPDX-FileCopyrightText: Giverny contributors
// SPDX-License-Identifier: GPL-3.0-or-later
/* The one list of debug switches, read once from GV_DEBUG=word,word. */
#pragma once

#include <stdbool.h>

typedef enum {
  GV_DEBUG_PROFILE = 1 << 0,      /* time, FLOP/s and share of each kernel, on stderr           */
  GV_DEBUG_GRAPH = 1 << 1,        /* every node of a compiled graph                             */
  GV_DEBUG_MEMORY = 1 << 2,       /* allocations and the arena's size                           */
  GV_DEBUG_VALIDATE = 1 << 3,     /* turn the Vulkan validation layer's messages into failures  */
  GV_DEBUG_SYNC = 1 << 4,         /* a barrier after every dispatch                             */
  GV_DEBUG_GPU_KERNELS = 1 << 5,  /* the kernels for GPUs, also on a CPU driver                 */
  GV_DEBUG_SHARED_LOADS = 1 << 6, /* the kernels for CPU drivers that gather lane by lane       */
  GV_DEBUG_TIMING = 1 << 7,       /* how long each stage of a picture took, on stderr           */
} GvDebugFlags;

/* True if one of @flags is switched on. */
bool gv_debug (GvDebugFlags flags);
