// SPDX-FileCopyrightText: Giverny contributors
// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * What regions cost: a guided step without any, with three boxes as areas, and with the same three
 * by masked attention, in turns.  GV_BENCH_MODEL names the model, else it is the starter;
 * GV_BENCH_SIDE is the picture's, else 256.  Beside the clock's time stands the processor's, which
 * neighbours change less: on a CPU driver that is all there is.
 */
#include "giverny.h"

#include <stdio.h>
#include <time.h>

#define ROUNDS 2
#define STEPS                                                                                      \
  3 /* of a picture; its first one, with which programs are compiled, does not count               \
     */

static const char *const boxes[] = { "0%,25%,50%,75%:a red boat", "50%,0%,50%,50%:the moon",
                                     "37.5%,50%,62.5%,50%:a tree" };

enum { PLAIN, AREA, ATTENTION, N_KINDS };

static const char *const names[N_KINDS] = { "no regions", "three areas", "three by attention" };

typedef struct
{
  GMainLoop *loop;
  GCancellable *cancellable;
  GArray *seconds, *cpu; /* double: of the steps */
  double last, last_cpu;
} Bench;

static double
cpu_seconds (void)
{
  struct timespec t;

  clock_gettime (CLOCK_PROCESS_CPUTIME_ID, &t);
  return (double) t.tv_sec + 1e-9 * (double) t.tv_nsec;
}

static void
on_progress (const GvProgress *progress, gpointer data)
{
  Bench *bench = data;
  double now = (double) g_get_monotonic_time () * 1e-6, now_cpu = cpu_seconds ();
  double seconds = now - bench->last, cpu = now_cpu - bench->last_cpu;

  if (progress->stage == GV_STAGE_SAMPLING && progress->step > 1 && progress->step <= STEPS) {
    g_array_append_val (bench->seconds, seconds);
    g_array_append_val (bench->cpu, cpu);
  }
  if (progress->step == STEPS)
    g_cancellable_cancel (bench->cancellable); /* decoding is not what is measured */
  bench->last = now;
  bench->last_cpu = now_cpu;
}

static void
on_finished (GObject *source, GAsyncResult *result, gpointer data)
{
  Bench *bench = data;
  g_autoptr (GError) error = NULL;

  if (!gv_engine_generate_finish (GV_ENGINE (source), result, &error) &&
      !g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    g_error ("%s", error->message);
  g_main_loop_quit (bench->loop);
}

static GvRecipe *
new_recipe (int kind)
{
  GvRecipe *recipe = gv_recipe_new ();
  const char *side = g_getenv ("GV_BENCH_SIDE");
  int pixels = side ? atoi (side) : 256;
  g_autoptr (GPtrArray) regions = gv_recipe_new_region_list ();

  for (size_t i = 0; kind != PLAIN && i < G_N_ELEMENTS (boxes); i++)
    g_ptr_array_add (regions, gv_region_parse ("--region", boxes[i], NULL));
  g_object_set (recipe, "model", g_getenv ("GV_BENCH_MODEL"), "prompt", "a lake at sunset", "width",
                pixels, "height", pixels, "steps", STEPS, "regions", regions, "region-mode",
                kind == ATTENTION ? "attention" : "area", NULL);
  return recipe;
}

static int
compare (const void *a, const void *b)
{
  double d = *(const double *) a - *(const double *) b;

  return d < 0 ? -1 : d > 0;
}

static double
median (GArray *values)
{
  qsort (values->data, values->len, sizeof (double), compare);
  return g_array_index (values, double, values->len / 2);
}

int
main (int argc, char **argv)
{
  g_autoptr (GMainLoop) loop = g_main_loop_new (NULL, FALSE);
  g_autoptr (GvEngine) engine = gv_engine_new (NULL);
  const GvJobEvents events = { .progress = on_progress };
  GArray *seconds[N_KINDS], *cpu[N_KINDS];

  for (int kind = 0; kind < N_KINDS; kind++) {
    seconds[kind] = g_array_new (FALSE, FALSE, sizeof (double));
    cpu[kind] = g_array_new (FALSE, FALSE, sizeof (double));
  }
  for (int round = 0; round < ROUNDS; round++)
    for (int kind = 0; kind < N_KINDS; kind++) {
      g_autoptr (GvRecipe) recipe = new_recipe (kind);
      g_autoptr (GCancellable) cancellable = g_cancellable_new ();
      Bench bench = { loop, cancellable, seconds[kind], cpu[kind], 0, 0 };

      gv_engine_generate_async (engine, recipe, &events, cancellable, on_finished, &bench);
      g_main_loop_run (loop);
    }
  for (int kind = 0; kind < N_KINDS; kind++)
    printf ("%-20s %8.3f s a step, %8.3f s of processors, %.2f times a step without regions\n",
            names[kind], median (seconds[kind]), median (cpu[kind]),
            median (cpu[kind]) / median (cpu[PLAIN]));
  for (int kind = 0; kind < N_KINDS; kind++) {
    g_array_unref (seconds[kind]);
    g_array_unref (cpu[kind]);
  }
  return 0;
}
