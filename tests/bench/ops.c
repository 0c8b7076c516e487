// SPDX-FileCopyrightText: Giverny contributors
// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * How fast the heavy kernels are, one op a program: the median of several runs and their spread, as
 * GFLOP/s, and beside it the ratio to the same op with float weights and to the other family of
 * kernels.
 */
#include "net.h"

#include "ops/ops.h"

#include <stdio.h>
#include <string.h>

#define RUNS 7

typedef enum { LINEAR, CONV, ATTENTION } Kind;

typedef struct
{
  const char *name;
  Kind kind;
  int h, w, c, cout; /* attention: h · w queries, cout keys */
  int heads;
} Row;

static const Row rows[] = {
  { "conv 3x3, 320 to 320, 32 x 32", CONV, 32, 32, 320, 320 },
  { "conv 3x3, 640 to 640, 16 x 16", CONV, 16, 16, 640, 640 },
  { "conv 3x3, 4 to 320, 64 x 64", CONV, 64, 64, 4, 320 },
  { "linear, 320 to 2560, 1024 rows", LINEAR, 32, 32, 320, 2560 },
  { "linear, 1280 to 1280, 77 rows", LINEAR, 1, 77, 1280, 1280 },
  { "attention, 8 heads of 40, 1024 x 1024", ATTENTION, 32, 32, 320, 1024, 8 },
  { "attention, 8 heads of 80, 1024 x 77", ATTENTION, 32, 32, 640, 77, 8 },
  { "attention, 1 head of 512, 1024 x 1024", ATTENTION, 32, 32, 512, 1024, 1 },
};

/* What runs of one row took. */
typedef struct
{
  double gflops, spread;
} Speed;

static int
compare (gconstpointer a, gconstpointer b)
{
  gint64 x = *(const gint64 *) a, y = *(const gint64 *) b;

  return (x > y) - (x < y);
}

static GvTensor *
build (const Row *r, Net *net)
{
  GvTensor *x = net_input (net, 1, r->h, r->w, r->c, (Spread) { 0 }, NULL), *kv;

  if (r->kind == LINEAR)
    return gv_linear (net->g, x, "layer", r->cout);
  if (r->kind == CONV)
    return gv_conv2d (net->g, x, "layer", r->cout);
  kv = net_input (net, 1, 1, r->cout, r->c, (Spread) { 0 }, NULL);
  return gv_attention (net->g, gv_as_tokens (x), kv, kv, r->heads, false);
}

static Speed
measure (const Row *r, GvDevice *device, GvDtype dtype)
{
  g_autoptr (Net) net = net_new (device, dtype);
  g_autoptr (GError) error = NULL;
  const GvDispatch *dispatches;
  gint64 us[RUNS];
  double flops = 0;
  int n;

  gv_graph_output (net->g, build (r, net));
  net_run (net); /* compiles and warms up */
  dispatches = gv_program_get_dispatches (gv_graph_get_program (net->g), &n);
  for (int i = 0; i < n; i++)
    flops += dispatches[i].flops;
  for (int i = 0; i < RUNS; i++) {
    gint64 start = g_get_monotonic_time ();

    if (!gv_graph_run (net->g, NULL, &error))
      g_error ("%s: %s", r->name, error->message);
    us[i] = g_get_monotonic_time () - start;
  }
  qsort (us, RUNS, sizeof us[0], compare);
  return (Speed) {
    .gflops = flops / (double) us[RUNS / 2] * 1e-3,
    .spread = (double) (us[RUNS - 2] - us[1]) / (double) us[RUNS / 2],
  };
}

static void
print_row (const Row *r, GvDevice *device)
{
  static const GvDtype dtypes[] = { GV_F32, GV_F16, GV_BF16 };
  GvKernelFamily own = device->physical.family;
  Speed f32 = { 0 };

  for (size_t i = 0; i < (r->kind == ATTENTION ? 1 : G_N_ELEMENTS (dtypes)); i++) {
    Speed speed = measure (r, device, dtypes[i]);

    if (i == 0)
      f32 = speed;
    printf ("%-40s %-5s %8.1f %6.0f%% %8.2f", r->name, gv_dtype_name (dtypes[i]), speed.gflops,
            100 * speed.spread, speed.gflops / f32.gflops);
    if (i == 0 && device->physical.type == VK_PHYSICAL_DEVICE_TYPE_CPU) {
      device->physical.family = own == GV_KERNELS_CPU ? GV_KERNELS_GPU : GV_KERNELS_CPU;
      printf (" %8.2f", speed.gflops / measure (r, device, GV_F32).gflops);
      device->physical.family = own;
    }
    printf ("\n");
    fflush (stdout);
  }
}

int
main (int argc, char **argv)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GvDevice) device = gv_device_open (NULL, &error);

  if (!device) {
    g_printerr ("%s\n", error->message);
    return 1;
  }
  printf ("%s, %s\n", device->physical.name, device->physical.driver);
  printf ("%-40s %-5s %8s %7s %8s %8s\n", "op", "", "GFLOP/s", "spread", "to F32", "to other");
  for (size_t i = 0; i < G_N_ELEMENTS (rows); i++)
    if (argc < 2 || strstr (rows[i].name, argv[1]))
      print_row (rows + i, device);
  return 0;
}
