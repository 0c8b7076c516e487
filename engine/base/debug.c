// SPDX-FileCopyrightText: Giverny contributors
// SPDX-License-Identifier: GPL-3.0-or-later
/* GV_DEBUG, read once. */
#include "base/debug.h"

#include <glib.h>

static const GDebugKey keys[] = {
  { "profile", GV_DEBUG_PROFILE }, { "graph", GV_DEBUG_GRAPH },
  { "memory", GV_DEBUG_MEMORY },   { "validate", GV_DEBUG_VALIDATE },
  { "sync", GV_DEBUG_SYNC },       { "gpu-kernels", GV_DEBUG_GPU_KERNELS },
  { "timing", GV_DEBUG_TIMING },   { "shared-loads", GV_DEBUG_SHARED_LOADS },
};

static gpointer
read_flags (gpointer unused)
{
  return GUINT_TO_POINTER (g_parse_debug_string (g_getenv ("GV_DEBUG"), keys, G_N_ELEMENTS (keys)));
}

bool
gv_debug (GvDebugFlags flags)
{
  static GOnce once = G_ONCE_INIT;

  return (GPOINTER_TO_UINT (g_once (&once, read_flags, NULL)) & flags) != 0;
}
