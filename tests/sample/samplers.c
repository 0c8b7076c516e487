// SPDX-FileCopyrightText: Giverny contributors
// SPDX-License-Identifier: GPL-3.0-or-later
/* Samplers over a denoiser in closed form, against NumPy's versions in double. */
#include "sample/samplers.h"

#include <math.h>

#include "base/errors.h"
#include "fixture.h"
#include "sample/denoise.h"
#include "sample/schedules.h"

#define N 20

typedef struct
{
  int calls, steps;   /* so far                                   */
  int fail_at;        /* the call that fails; 0: none             */
  int nan_at;         /* the call that gives a NaN; 0: none       */
  double last_sigma;  /* of the last call; they must fall         */
  float x0[N];        /* of the last step                         */
} World;

/* The expected picture when each element has a normal distribution, plus a bend. */
static bool
denoise (const float *x, double sigma, float *x0, gpointer data, GError **error)
{
  World *world = data;

  world->calls++;
  if (world->calls == world->fail_at) {
    g_set_error_literal (error, GV_VULKAN_ERROR, GV_VULKAN_ERROR_DEVICE_LOST, "gone");
    return false;
  }
  g_assert_cmpfloat (sigma, >, 0);
  g_assert_cmpfloat (sigma, <=, world->last_sigma);
  world->last_sigma = sigma;
  for (int i = 0; i < N; i++) {
    double mean = 0.3 * sin (1.7 * i), spread = (0.5 + 0.05 * i) * (0.5 + 0.05 * i);
    double posterior = (mean * sigma * sigma + x[i] * spread) / (sigma * sigma + spread);

    x0[i] = (float) (posterior + 0.1 * sin (3 * x[i] / sqrt (1 + sigma * sigma)));
  }
  if (world->calls == world->nan_at)
    x0[N / 2] = NAN;
  return true;
}

static void
on_step (int step, int n_steps, double sigma, const float *x, const float *x0, gpointer data)
{
  World *world = data;

  g_assert_cmpint (step, ==, world->steps++);
  g_assert_cmpint (step, <, n_steps);
  g_assert_true ((sigma == 0) == (step == n_steps - 1));
  memcpy (world->x0, x0, sizeof world->x0);
}

static bool
run (GvSampler sampler, const double *sigmas, int n_sigmas, World *world, float *x, GError **error)
{
  g_autoptr (GvSigmas) model = gv_sigmas_new (&GV_NOISE_CONFIG_DEFAULT, NULL);
  GvRng first, second;

  gv_rng_init (&first, 7);
  gv_rng_init (&second, 8);
  gv_rng_randn (&first, x, N);
  gv_scale_noise (x, gv_noise_scale (model, sigmas[0]), N, x);
  world->last_sigma = INFINITY;
  return gv_sample (sampler, sigmas, n_sigmas, x, N, 1,
                    gv_sampler_adds_noise (sampler) ? &second : NULL, denoise, on_step, world,
                    error);
}

static double *
sigmas_of (GvSchedule schedule, int n, int *n_sigmas)
{
  g_autoptr (GvSigmas) model = gv_sigmas_new (&GV_NOISE_CONFIG_DEFAULT, NULL);

  return gv_schedule_sigmas (schedule, model, n, n_sigmas);
}

static void
check_case (yyjson_val *one)
{
  const char *name = fixture_string (one, "sampler"), *grid = fixture_string (one, "schedule");
  yyjson_val *wanted = fixture_array (one, "x");
  int n = fixture_int (one, "n"), n_sigmas;
  g_autofree double *sigmas = NULL;
  g_autoptr (GError) error = NULL;
  World world = { 0 };
  GvSampler sampler;
  GvSchedule schedule;
  float x[N];

  g_assert_true (gv_sampler_from_name (name, &sampler) && gv_schedule_from_name (grid, &schedule));
  sigmas = sigmas_of (schedule, n, &n_sigmas);
  run (sampler, sigmas, n_sigmas, &world, x, &error);
  g_assert_no_error (error);
  g_assert_cmpint (world.calls, ==, gv_sampler_n_calls (sampler, n_sigmas));
  g_assert_cmpint (world.steps, ==, n_sigmas - 1);
  for (int i = 0; i < N; i++) {
    double theirs = fixture_number (wanted, (size_t) i);

    if (!(fabs (x[i] - theirs) < 1e-5))
      g_error ("%s, %s, %d steps, element %d: %.9g, not %.9g", name, grid, n, i, x[i], theirs);
    g_assert_cmpfloat_with_epsilon (x[i], world.x0[i], 1e-5); /* at sigma 0 all of them end on x0 */
  }
}

static void
test_numpy (void)
{
  yyjson_val *cases = fixture_part ("samples"), *one;
  size_t i, max;

  yyjson_arr_foreach (cases, i, max, one) check_case (one);
  g_assert_cmpuint (yyjson_arr_size (cases), ==, GV_N_SAMPLERS * (4 + GV_N_SCHEDULES - 1));
}

static void
test_calls (void)
{
  g_assert_cmpint (gv_sampler_n_calls (GV_SAMPLER_EULER, 21), ==, 20);
  g_assert_cmpint (gv_sampler_n_calls (GV_SAMPLER_HEUN, 21), ==, 39);
  g_assert_cmpint (gv_sampler_n_calls (GV_SAMPLER_HEUN, 2), ==, 1);
}

static void
test_names (void)
{
  GvSampler sampler;

  for (int i = 0; i < GV_N_SAMPLERS; i++) {
    g_assert_true (gv_sampler_from_name (gv_sampler_name ((GvSampler) i), &sampler));
    g_assert_cmpint ((int) sampler, ==, i);
  }
  g_assert_false (gv_sampler_from_name ("plms", &sampler));
}

/* An error of any call, heun's second included, comes through, and nothing is called after it. */
static void
test_failing (void)
{
  int n_sigmas;
  g_autofree double *sigmas = sigmas_of (GV_SCHEDULE_KARRAS, 3, &n_sigmas);

  for (int s = 0; s < GV_N_SAMPLERS; s++)
    for (int call = 1; call <= gv_sampler_n_calls ((GvSampler) s, n_sigmas); call++) {
      g_autoptr (GError) error = NULL;
      World world = { .fail_at = call };
      float x[N];

      g_assert_false (run ((GvSampler) s, sigmas, n_sigmas, &world, x, &error));
      g_assert_error (error, GV_VULKAN_ERROR, GV_VULKAN_ERROR_DEVICE_LOST);
      g_assert_cmpint (world.calls, ==, call);
    }
}

static void
test_not_finite (void)
{
  int n_sigmas;
  g_autofree double *sigmas = sigmas_of (GV_SCHEDULE_NORMAL, 4, &n_sigmas);

  for (int s = 0; s < GV_N_SAMPLERS; s++)
    for (int call = 1; call <= gv_sampler_n_calls ((GvSampler) s, n_sigmas); call++) {
      g_autoptr (GError) error = NULL;
      World world = { .nan_at = call };
      float x[N];

      g_assert_false (run ((GvSampler) s, sigmas, n_sigmas, &world, x, &error));
      g_assert_error (error, GV_RECIPE_ERROR, GV_RECIPE_ERROR_NUMERIC);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/sample/samplers/names", test_names);
  g_test_add_func ("/sample/samplers/calls", test_calls);
  g_test_add_func ("/sample/samplers/numpy", test_numpy);
  g_test_add_func ("/sample/samplers/failing", test_failing);
  g_test_add_func ("/sample/samplers/not-finite", test_not_finite);
  return g_test_run ();
}
