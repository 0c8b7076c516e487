// SPDX-FileCopyrightText: Giverny contributors
// SPDX-License-Identifier: GPL-3.0-or-later
/* The arithmetic around a model call, on pictures and noise that are known. */
#include "sample/denoise.h"

#include <glib.h>
#include <math.h>

#include "sample/noise.h"

#define N 32

/*
 * A network that knows both picture and noise.  What it is given must be the mixture of training,
 * sqrt (abar) picture + sqrt (1 - abar) noise, and whichever way it answers, the picture must come
 * out.
 */
static void
test_perfect_network (void)
{
  static const double sigmas[] = { 0.03, 0.5, 1, 14.6 };
  float picture[N], noise[N], x[N], input[N], prediction[N], x0[N];
  GvRng rng;

  gv_rng_init (&rng, 11);
  gv_rng_randn (&rng, picture, N);
  gv_rng_randn (&rng, noise, N);
  for (size_t s = 0; s < G_N_ELEMENTS (sigmas); s++) {
    double sigma = sigmas[s], abar = 1 / (1 + sigma * sigma);

    for (int i = 0; i < N; i++)
      x[i] = (float) (picture[i] + sigma * noise[i]);
    gv_scale_input (x, sigma, N, input);
    for (int i = 0; i < N; i++)
      g_assert_cmpfloat_with_epsilon (input[i],
                                      sqrt (abar) * picture[i] + sqrt (1 - abar) * noise[i], 1e-5);

    gv_x0_from_prediction (GV_PREDICTION_EPSILON, x, noise, sigma, N, x0);
    for (int i = 0; i < N; i++)
      g_assert_cmpfloat_with_epsilon (x0[i], picture[i], 1e-5);

    for (int i = 0; i < N; i++)
      prediction[i] = (float) (sqrt (abar) * noise[i] - sqrt (1 - abar) * picture[i]);
    gv_x0_from_prediction (GV_PREDICTION_V, x, prediction, sigma, N, prediction);
    for (int i = 0; i < N; i++)
      g_assert_cmpfloat_with_epsilon (prediction[i], picture[i], 1e-5);
  }
}

static void
test_guide (void)
{
  float positive[] = { 1, -2, 0.5f }, negative[] = { 0.5f, 1, 0.5f }, out[3];

  gv_guide (positive, negative, 7, 3, out);
  g_assert_cmpfloat (out[0], ==, 4);
  g_assert_cmpfloat (out[1], ==, -20);
  g_assert_cmpfloat (out[2], ==, 0.5f);
  gv_guide (positive, negative, 0, 3, positive);
  g_assert_cmpfloat (positive[1], ==, 1);
}

static void
test_noise_scale (void)
{
  g_autoptr (GvSigmas) model = gv_sigmas_new (&GV_NOISE_CONFIG_DEFAULT, NULL);
  double top = gv_sigmas_max (model);

  g_assert_cmpfloat_with_epsilon (gv_noise_scale (model, top), sqrt (1 + top * top), 1e-12);
  g_assert_cmpfloat_with_epsilon (gv_noise_scale (model, top * (1 - 1e-6)), sqrt (1 + top * top),
                                  1e-3);
  g_assert_cmpfloat_with_epsilon (gv_noise_scale (model, 20), sqrt (401), 1e-12);
  g_assert_cmpfloat (gv_noise_scale (model, 11.0283), ==, 11.0283);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/sample/denoise/perfect-network", test_perfect_network);
  g_test_add_func ("/sample/denoise/guide", test_guide);
  g_test_add_func ("/sample/denoise/noise-scale", test_noise_scale);
  return g_test_run ();
}
