// SPDX-FileCopyrightText: Giverny contributors
// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * What regions cost: a guided step without any, with three boxes as areas, and with the same three
 * by masked attention, in turns.  GV_BENCH_MODEL names the model, else it is the starter.
 */
#include "giverny.h"

#include <stdio.h>

#define SIDE 256
#define ROUNDS 3
#define STEPS 3 /* of a picture; its first one, with which programs are compiled, does not count   \
                 */

static const char *const boxes[] = { "0%,25%,50%,75%:a red boat", "50%,0%,50%,50%:the moon",
                                     "37.5%,50%,62.5%,50%:a tree" };

enum { PLAIN, AREA, ATTENTION, N_KINDS };

static const char *const names[N_KINDS] = { "no regions", "three areas", "three by attention" };

typedef struct
{
  GMainLoop *loop;
  GArray *seconds; /* double: of the steps */
  gint64 last_us;
} Bench;

static void
on_progress (const GvProgress *progress, gpointer data)
{
  Bench *bench = data;
  gint64 now = g_get_monotonic_time ();
  double seconds = (double) (now - bench->last_us) * 1e-6;

  if (progress->stage == GV_STAGE_SAMPLING && progress->step > 1)
    g_array_append_val (bench->seconds, seconds);
  bench->last_us = now;
}

static void
on_finished (GObject *source, GAsyncResult *result, gpointer data)
{
  Bench *bench = data;
  g_autoptr (GError) error = NULL;

  if (!gv_engine_generate_finish (GV_ENGINE (source), result, &error))
    g_error ("%s", error->message);
  g_main_loop_quit (bench->loop);
}

static GvRecipe *
new_recipe (int kind)
{
  GvRecipe *recipe = gv_recipe_new ();
  g_autoptr (GPtrArray) regions = gv_recipe_new_region_list ();

  for (size_t i = 0; kind != PLAIN && i < G_N_ELEMENTS (boxes); i++)
    g_ptr_array_add (regions, gv_region_parse ("--region", boxes[i], NULL));
  g_object_set (recipe, "model", g_getenv ("GV_BENCH_MODEL"), "prompt", "a lake at sunset", "width",
                SIDE, "height", SIDE, "steps", STEPS, "regions", regions, "region-mode",
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
  GArray *seconds[N_KINDS];
  double plain = 0;

  for (int kind = 0; kind < N_KINDS; kind++)
    seconds[kind] = g_array_new (FALSE, FALSE, sizeof (double));
  for (int round = 0; round < ROUNDS; round++)
    for (int kind = 0; kind < N_KINDS; kind++) {
      g_autoptr (GvRecipe) recipe = new_recipe (kind);
      Bench bench = { loop, seconds[kind], 0 };

      gv_engine_generate_async (engine, recipe, &events, NULL, on_finished, &bench);
      g_main_loop_run (loop);
    }
  for (int kind = 0; kind < N_KINDS; kind++) {
    double value = median (seconds[kind]);

    plain = kind == PLAIN ? value : plain;
    printf ("%-20s %8.3f s a step, %.2f times a step without regions\n", names[kind], value,
            value / plain);
    g_array_unref (seconds[kind]);
  }
  return 0;
}
