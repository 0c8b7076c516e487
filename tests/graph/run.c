// SPDX-FileCopyrightText: Giverny contributors
// SPDX-License-Identifier: GPL-3.0-or-later
/* A network's program however it is cut, ordered, watched or stopped: always the same bits. */
#include "net.h"

#include "base/errors.h"
#include "ops/ops.h"
#include "vulkan/profile.h"

#include <stdio.h>

/* Operations a second that make a piece of every few workgroups. */
#define SLOW 5e5

static uint64_t
run_unet (GvDevice *device, bool twice)
{
  g_autoptr (Net) net = net_new (device, GV_F16);
  GvTensor *y = net_unet (net);
  uint64_t digest;

  gv_graph_output (net->g, y);
  net_run (net);
  digest = net_digest (y);
  if (twice) {
    net_run (net);
    g_assert_cmphex (net_digest (y), ==, digest);
  }
  return digest;
}

static void
test_split (void)
{
  GvDevice *device = harness_get_device ();
  uint64_t expected = run_unet (device, true);
  g_autoptr (Net) net = net_new (device, GV_F16);
  GvTensor *y = net_unet (net);
  g_autoptr (GError) error = NULL;
  const GvCommand *commands;
  const GvDispatch *dispatches;
  int n_commands, n_dispatches;

  gv_graph_output (net->g, y);
  net->params->on_host = true;
  device->cost_per_second = SLOW;
  net_compile (net, &error);
  g_assert_no_error (error);
  dispatches = gv_program_get_dispatches (gv_graph_get_program (net->g), &n_dispatches);
  commands = gv_program_get_commands (gv_graph_get_program (net->g), &n_commands);
  g_assert_cmpint (n_commands, >, 3 * n_dispatches);
  g_assert_cmpint (gv_find_hazard (dispatches, commands, n_commands), ==, -1);
  net_run (net);
  g_assert_cmphex (net_digest (y), ==, expected);
}

/* The pieces of each dispatch cover its grid once. */
static void
test_cover (void)
{
  GvDevice *device = harness_get_device ();
  static const uint32_t grids[][3] = {
    { 5, 1, 1 }, { 3, 4, 5 }, { 7, 1, 3 }, { 1, 6, 1 }, { 2, 3, 1 }
  };
  static const double costs[] = { 1, 100, 3000, 1e9 };

  for (size_t g = 0; g < G_N_ELEMENTS (grids); g++)
    for (size_t c = 0; c < G_N_ELEMENTS (costs); c++) {
      g_autoptr (GvRecorder) recorder = gv_recorder_new (device);
      g_autoptr (GvProgram) program = NULL;
      g_autoptr (GError) error = NULL;
      GvPushWiden push = { device->zeros->address, device->zeros->address, 0 };
      GvDispatch d = { .kernel = GV_KERNEL_WIDEN_F32, .flops = 10 * costs[c] };
      int counts[100] = { 0 }, n;
      const GvCommand *commands;

      for (int i = 0; i < 3; i++)
        d.groups[i] = grids[g][i];
      gv_dispatch_set_push (&d, &push, sizeof push);
      gv_recorder_add (recorder, &d);
      device->cost_per_second = SLOW;
      program = gv_recorder_finish (recorder, &error);
      g_assert_no_error (error);
      commands = gv_program_get_commands (program, &n);
      for (int i = 0; i < n; i++)
        for (uint32_t z = commands[i].base[2]; z < commands[i].base[2] + commands[i].count[2]; z++)
          for (uint32_t y = commands[i].base[1]; y < commands[i].base[1] + commands[i].count[1];
               y++)
            for (uint32_t x = commands[i].base[0]; x < commands[i].base[0] + commands[i].count[0];
                 x++)
              counts[(z * d.groups[1] + y) * d.groups[0] + x]++;
      for (uint32_t i = 0; i < d.groups[0] * d.groups[1] * d.groups[2]; i++)
        g_assert_cmpint (counts[i], ==, 1);
    }
}

/* Runs this test's child with more words in GV_DEBUG. */
static void
run_child (const char *path, const char *words)
{
  g_auto (GStrv) environment = g_get_environ ();
  const char *before = g_environ_getenv (environment, "GV_DEBUG");
  g_autofree char *debug = g_strconcat (before ? before : "", ",", words, NULL);

  environment = g_environ_setenv (environment, "GV_DEBUG", debug, TRUE);
  g_test_trap_subprocess_with_envp (path, (const char *const *) environment, 0,
                                    G_TEST_SUBPROCESS_DEFAULT);
  g_test_trap_assert_passed ();
}

static void
test_digest (void)
{
  printf ("digest %016" G_GINT64_MODIFIER "x\n", run_unet (harness_get_device (), false));
  fflush (stdout);
}

/* Barriers where they are needed only, against one after each dispatch. */
static void
test_barriers (void)
{
  g_autofree char *expected = g_strdup_printf ("*digest %016" G_GINT64_MODIFIER "x*",
                                               run_unet (harness_get_device (), false));

  run_child ("/graph/run/digest/subprocess", "sync");
  g_test_trap_assert_stdout (expected);
}

static void
test_profiled (void)
{
  GvDevice *device = harness_get_device ();

  device->cost_per_second = SLOW;
  test_digest ();
  gv_profile_print ();
  gv_profile_print (); /* has nothing more to say */
}

static void
test_profile (void)
{
  g_autofree char *expected = g_strdup_printf ("*digest %016" G_GINT64_MODIFIER "x*",
                                               run_unet (harness_get_device (), false));

  run_child ("/graph/run/profiled/subprocess", "profile,graph,memory");
  g_test_trap_assert_stdout (expected);
  g_test_trap_assert_stderr ("*group_norm*GFLOP/s*group_norm_stats*");
}

/* The submissions of the device under test, and after how many of them somebody loses patience. */
static struct
{
  PFN_vkQueueSubmit2 real;
  GCancellable *cancellable;
  int n, cancel_after;
} watch;

static VKAPI_ATTR VkResult VKAPI_CALL
count_submit (VkQueue queue, uint32_t n, const VkSubmitInfo2 *submits, VkFence fence)
{
  watch.n++;
  if (watch.n == watch.cancel_after)
    g_cancellable_cancel (watch.cancellable);
  return watch.real (queue, n, submits, fence);
}

static void
install_watch (GvVk *vk)
{
  watch.real = vk->QueueSubmit2;
  vk->QueueSubmit2 = count_submit;
}

static void
test_cancel (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GvDevice) device = NULL;
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (Net) net = NULL;
  GvTensor *y;
  uint64_t expected;

  gv_vk_table_hook = install_watch;
  device = gv_device_open (NULL, &error);
  gv_vk_table_hook = NULL;
  g_assert_no_error (error);
  watch.cancellable = cancellable;
  device->cost_per_second = SLOW;
  net = net_new (device, GV_F16);
  net->params->on_host = true;
  y = net_unet (net);
  gv_graph_output (net->g, y);
  net_run (net);
  expected = net_digest (y);

  for (int after = 0; after < 5; after++) {
    device->cost_per_second = SLOW; /* the first submissions hold but a few workgroups */
    watch.n = 0;
    watch.cancel_after = after;
    if (after == 0)
      g_cancellable_cancel (cancellable); /* before it begins */
    g_assert_false (gv_graph_run (net->g, cancellable, &error));
    g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
    g_clear_error (&error);
    g_assert_cmpint (watch.n, ==, after); /* not one more */
    g_cancellable_reset (cancellable);
    watch.cancel_after = 0;
    gv_graph_run (net->g, cancellable, &error);
    g_assert_no_error (error);
    g_assert_cmphex (net_digest (y), ==, expected);
  }
}

static void
add_tests (void)
{
  g_test_add_func ("/graph/run/split", test_split);
  g_test_add_func ("/graph/run/cover", test_cover);
  g_test_add_func ("/graph/run/barriers", test_barriers);
  g_test_add_func ("/graph/run/profile", test_profile);
  g_test_add_func ("/graph/run/cancel", test_cancel);
  g_test_add_func ("/graph/run/digest/subprocess", test_digest);
  g_test_add_func ("/graph/run/profiled/subprocess", test_profiled);
}

int
main (int argc, char **argv)
{
  return harness_main (argc, argv, add_tests);
}
