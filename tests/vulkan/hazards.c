// SPDX-FileCopyrightText: Giverny contributors
// SPDX-License-Identifier: GPL-3.0-or-later
/* The hazard checker: small programs by hand, and a network's that lacks one barrier after the
 * other. */
#include "net.h"

typedef struct
{
  char kind; /* 'r' reads, 'w' writes */
  int buffer;
  size_t offset, size;
} Access;

static const struct
{
  const char *name;
  Access first, second;
  bool hazard;
} pairs[] = {
  { "read-after-write", { 'w', 0, 0, 64 }, { 'r', 0, 32, 64 }, true },
  { "write-after-read", { 'r', 0, 32, 64 }, { 'w', 0, 0, 64 }, true },
  { "write-after-write", { 'w', 0, 0, 64 }, { 'w', 0, 63, 1 }, true },
  { "inside", { 'w', 0, 0, 64 }, { 'r', 0, 10, 4 }, true },
  { "read-after-read", { 'r', 0, 0, 64 }, { 'r', 0, 0, 64 }, false },
  { "neighbours", { 'w', 0, 0, 64 }, { 'r', 0, 64, 64 }, false },
  { "neighbours-backwards", { 'w', 0, 64, 64 }, { 'r', 0, 0, 64 }, false },
  { "other-buffer", { 'w', 0, 0, 64 }, { 'r', 1, 0, 64 }, false },
};

static GvDispatch
get_dispatch (const Access *a)
{
  static GvBuffer buffers[2];
  GvDispatch d = { 0 };
  GvRange range = { buffers + a->buffer, a->offset, a->size };

  if (a->kind == 'r')
    gv_dispatch_read (&d, range);
  else
    gv_dispatch_write (&d, range);
  return d;
}

static void
test_pair (gconstpointer data)
{
  int i = GPOINTER_TO_INT (data);
  GvDispatch dispatches[2] = { get_dispatch (&pairs[i].first), get_dispatch (&pairs[i].second) };
  GvCommand plain[] = { { 0 }, { 1 } }, ordered[] = { { 0 }, { -1 }, { 1 } };
  GvCommand pieces[] = { { 0 }, { 0 }, { -1 }, { 1 }, { 1 } },
            late[] = { { 0 }, { 1 }, { -1 }, { 1 } };

  g_assert_cmpint (gv_find_hazard (dispatches, plain, 2), ==, pairs[i].hazard ? 1 : -1);
  g_assert_cmpint (gv_find_hazard (dispatches, ordered, 3), ==, -1);
  g_assert_cmpint (gv_find_hazard (dispatches, pieces, 5), ==, -1);
  g_assert_cmpint (gv_find_hazard (dispatches, late, 4), ==, pairs[i].hazard ? 1 : -1);
}

static void
test_drop_each (void)
{
  g_autoptr (Net) net = net_new (harness_get_device (), GV_F16);
  g_autoptr (GError) error = NULL;
  const GvDispatch *dispatches;
  const GvCommand *commands;
  g_autofree GvCommand *fewer = NULL;
  int n, n_dispatches, n_barriers = 0;

  gv_graph_output (net->g, net_unet (net));
  net_compile (net, &error);
  g_assert_no_error (error);
  dispatches = gv_program_get_dispatches (gv_graph_get_program (net->g), &n_dispatches);
  commands = gv_program_get_commands (gv_graph_get_program (net->g), &n);
  g_assert_cmpint (gv_find_hazard (dispatches, commands, n), ==, -1);
  fewer = g_new (GvCommand, n);
  for (int dropped = 0; dropped < n; dropped++) {
    if (commands[dropped].dispatch >= 0)
      continue;
    for (int i = 0; i < n - 1; i++)
      fewer[i] = commands[i < dropped ? i : i + 1];
    g_assert_cmpint (gv_find_hazard (dispatches, fewer, n - 1), >=, 0);
    n_barriers++;
  }
  /* Some dispatches do run side by side. */
  g_test_message ("%d barriers for %d dispatches", n_barriers, n_dispatches);
  g_assert_cmpint (n_barriers, >, n_dispatches / 2);
  g_assert_cmpint (n_barriers, <, n_dispatches - 10);
}

static void
add_tests (void)
{
  for (size_t i = 0; i < G_N_ELEMENTS (pairs); i++) {
    g_autofree char *name = g_strdup_printf ("/vulkan/hazards/%s", pairs[i].name);

    g_test_add_data_func (name, GSIZE_TO_POINTER (i), test_pair);
  }
  g_test_add_func ("/vulkan/hazards/drop-each-barrier", test_drop_each);
}

int
main (int argc, char **argv)
{
  return harness_main (argc, argv, add_tests);
}
