// SPDX-FileCopyrightText: Giverny contributors
// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * The hazard checker.  Validation layers cannot see races through device addresses, so every
 * recorded program is checked here against the ranges that its dispatches declare.
 */
#include "vulkan/recorder.h"

static bool
any_overlap (const GvRange *a, int n_a, const GvRange *b, int n_b)
{
  for (int i = 0; i < n_a; i++)
    for (int j = 0; j < n_b; j++)
      if (a[i].buffer == b[j].buffer && a[i].offset < b[j].offset + b[j].size &&
          b[j].offset < a[i].offset + a[i].size)
        return true;
  return false;
}

/* Must @later wait for @earlier? */
static bool
depends (const GvDispatch *earlier, const GvDispatch *later)
{
  return any_overlap (earlier->writes, earlier->n_writes, later->reads, later->n_reads) ||
         any_overlap (earlier->writes, earlier->n_writes, later->writes, later->n_writes) ||
         any_overlap (earlier->reads, earlier->n_reads, later->writes, later->n_writes);
}

int
gv_find_hazard (const GvDispatch *dispatches, const GvCommand *commands, int n_commands)
{
  int since = 0;

  for (int i = 0; i < n_commands; i++) {
    if (commands[i].dispatch < 0) {
      since = i + 1;
      continue;
    }
    for (int j = since; j < i; j++)
      if (commands[j].dispatch != commands[i].dispatch &&
          depends (dispatches + commands[j].dispatch, dispatches + commands[i].dispatch))
        return i;
  }
  return -1;
}
