// SPDX-FileCopyrightText: Giverny contributors
// SPDX-License-Identifier: GPL-3.0-or-later
/* Noise levels and schedules against NumPy's and SciPy's. */
#include "sample/schedules.h"

#include <glib.h>
#include <math.h>

#include "base/errors.h"
#include "fixture.h"

static GvSigmas *
default_model (void)
{
  GError *error = NULL;
  GvSigmas *model = gv_sigmas_new (&GV_NOISE_CONFIG_DEFAULT, &error);

  g_assert_no_error (error);
  return model;
}

static bool
near (double a, double b)
{
  return fabs (a - b) <= 1e-11 * fabs (b);
}

static void
check_table (const char *name, const GvNoiseConfig *config)
{
  yyjson_val *table = fixture_array (fixture_part ("tables"), name);
  yyjson_val *places = fixture_array (table, "places"), *sigmas = fixture_array (table, "sigmas");
  g_autoptr (GError) error = NULL;
  g_autoptr (GvSigmas) model = gv_sigmas_new (config, &error);

  g_assert_no_error (error);
  for (size_t i = 0; i < yyjson_arr_size (places); i++) {
    int t = (int) fixture_number (places, i);

    if (!near (model->sigmas[t], fixture_number (sigmas, i)))
      g_error ("%s: sigma of timestep %d is %.17g", name, t, model->sigmas[t]);
    g_assert_cmpint (gv_sigmas_timestep (model, model->sigmas[t]), ==, t);
  }
}

static void
test_tables (void)
{
  yyjson_val *trained = fixture_array (fixture_part ("tables"), "trained");
  yyjson_val *numbers = fixture_array (trained, "betas");
  double betas[8];
  GvNoiseConfig config = GV_NOISE_CONFIG_DEFAULT;

  check_table ("scaled_linear", &config);
  config.rescale_zero_snr = true;
  check_table ("zero_snr", &config);
  check_table ("linear", &(GvNoiseConfig) { GV_BETAS_LINEAR, 0.0001, 0.02, 1000 });
  check_table ("squaredcos_cap_v2", &(GvNoiseConfig) { GV_BETAS_SQUARED_COS, .n_timesteps = 1000 });
  for (size_t i = 0; i < G_N_ELEMENTS (betas); i++)
    betas[i] = fixture_number (numbers, i);
  check_table ("trained", &(GvNoiseConfig) { .n_timesteps = 8, .trained_betas = betas });
}

static void
test_bad_tables (void)
{
  static const double holes[] = { 0.1, 0, 0.1 }, beyond[] = { 0.1, 0.2, 1.5 },
                      nan_beta[] = { 0.1, NAN, 0.1 };
  const GvNoiseConfig rows[] = {
    { GV_BETAS_LINEAR, 0.1, 0.2, 1 },
    { GV_BETAS_LINEAR, 0.1, 0.2, -5 },
    { GV_BETAS_LINEAR, 0.1, 0.2, GV_MAX_TIMESTEPS + 1 },
    { GV_BETAS_LINEAR, -0.1, 0.2, 10 },
    { GV_BETAS_LINEAR, 0.1, 1.0, 10 },
    { GV_BETAS_LINEAR, 0.5, 0.9, GV_MAX_TIMESTEPS },
    { GV_BETAS_LINEAR, 0.1, INFINITY, 10 },
    { GV_BETAS_SCALED_LINEAR, -1, 0.2, 10 },
    { GV_BETAS_SCALED_LINEAR, NAN, 0.2, 10 },
    { GV_BETAS_SCALED_LINEAR, 0, 0, 10 },
    { .n_timesteps = 3, .trained_betas = holes },
    { .n_timesteps = 3, .trained_betas = beyond },
    { .n_timesteps = 3, .trained_betas = nan_beta },
    { .n_timesteps = 3, .trained_betas = beyond, .rescale_zero_snr = true },
  };

  for (size_t i = 0; i < G_N_ELEMENTS (rows); i++) {
    g_autoptr (GError) error = NULL;
    g_autoptr (GvSigmas) model = gv_sigmas_new (&rows[i], &error);

    g_test_message ("row %d: %s", (int) i, error ? error->message : "accepted");
    g_assert_null (model);
    g_assert_error (error, GV_FORMAT_ERROR, GV_FORMAT_ERROR_INVALID);
  }
}

static void
test_names (void)
{
  GvSchedule schedule;
  GvBetas betas;
  GvPrediction prediction;

  for (int i = 0; i < GV_N_SCHEDULES; i++) {
    g_assert_true (gv_schedule_from_name (gv_schedule_name ((GvSchedule) i), &schedule));
    g_assert_cmpint ((int) schedule, ==, i);
  }
  g_assert_false (gv_schedule_from_name ("Karras", &schedule));
  g_assert_false (gv_schedule_from_name ("", &schedule));
  g_assert_true (gv_betas_from_name ("squaredcos_cap_v2", &betas) && betas == GV_BETAS_SQUARED_COS);
  g_assert_false (gv_betas_from_name ("sigmoid", &betas));
  g_assert_true (gv_prediction_from_name ("v_prediction", &prediction) &&
                 prediction == GV_PREDICTION_V);
  g_assert_false (gv_prediction_from_name ("sample", &prediction));
}

/* Halfway between two timesteps the last bit of a logarithm decides; either is right. */
static bool
same_timestep (const GvSigmas *model, double sigma, int ours, int theirs)
{
  double a = fabs (model->log_sigmas[ours] - log (sigma));
  double b = fabs (model->log_sigmas[theirs] - log (sigma));

  return ours == theirs || (abs (ours - theirs) == 1 && fabs (a - b) < 1e-12);
}

static void
check_schedule (const GvSigmas *model, yyjson_val *one)
{
  const char *name = fixture_string (one, "schedule");
  yyjson_val *places = fixture_array (one, "places"), *sigmas = fixture_array (one, "sigmas");
  yyjson_val *timesteps = fixture_array (one, "timesteps");
  int n = fixture_int (one, "n"), count;
  g_autofree double *ours = NULL;
  GvSchedule schedule;

  g_assert_true (gv_schedule_from_name (name, &schedule));
  ours = gv_schedule_sigmas (schedule, model, n, &count);
  g_assert_cmpint (count, ==, fixture_int (one, "count"));
  g_assert_cmpfloat (ours[count - 1], ==, 0);
  for (size_t i = 0; i < yyjson_arr_size (places); i++) {
    double sigma = ours[(int) fixture_number (places, i)];
    double wanted = fixture_number (sigmas, i);

    if (sigma != wanted && !near (sigma, wanted))
      g_error ("%s, %d steps, sigma %d: %.17g, not %.17g", name, n, (int) i, sigma, wanted);
    if (sigma > 0) {
      int t = gv_sigmas_timestep (model, sigma);

      if (!same_timestep (model, sigma, t, (int) fixture_number (timesteps, i)))
        g_error ("%s, %d steps, sigma %d: timestep %d", name, n, (int) i, t);
    }
  }
}

static void
test_schedules (void)
{
  yyjson_val *cases = fixture_part ("schedules"), *one;
  g_autoptr (GvSigmas) model = default_model ();
  size_t i, max;

  yyjson_arr_foreach (cases, i, max, one) check_schedule (model, one);
  g_assert_cmpuint (yyjson_arr_size (cases), ==, 8 * GV_N_SCHEDULES);
}

/* Every length that can be asked for falls strictly from the largest sigma to 0. */
static void
test_falling (void)
{
  double few[] = { 0.1, 0.2, 0.3 };
  g_autoptr (GvSigmas) model = default_model ();
  g_autoptr (GvSigmas) tiny =
      gv_sigmas_new (&(GvNoiseConfig) { .n_timesteps = 3, .trained_betas = few }, NULL);

  for (int s = 0; s < GV_N_SCHEDULES; s++)
    for (int n = 1; n <= 1000; n += n < 60 ? 1 : 47) {
      const GvSigmas *models[] = { model, tiny };

      for (int m = 0; m < 2; m++) {
        int count;
        g_autofree double *sigmas = gv_schedule_sigmas ((GvSchedule) s, models[m], n, &count);

        g_assert_cmpint (count, <=, n + 1);
        g_assert_true (near (sigmas[0], gv_sigmas_max (models[m])));
        for (int i = 1; i < count; i++)
          g_assert_cmpfloat (sigmas[i], <, sigmas[i - 1]);
        g_assert_cmpfloat (sigmas[count - 1], ==, 0);
      }
    }
}

static void
test_between (void)
{
  g_autoptr (GvSigmas) model = default_model ();

  g_assert_true (near (gv_sigmas_at (model, 10.25),
                       pow (model->sigmas[10], 0.75) * pow (model->sigmas[11], 0.25)));
  g_assert_cmpfloat (gv_sigmas_at (model, 0), ==, gv_sigmas_min (model));
  g_assert_cmpfloat (gv_sigmas_at (model, 999), ==, gv_sigmas_max (model));
  g_assert_cmpint (gv_sigmas_timestep (model, gv_sigmas_at (model, 10.4)), ==, 10);
  g_assert_cmpint (gv_sigmas_timestep (model, gv_sigmas_at (model, 10.6)), ==, 11);
  g_assert_cmpint (gv_sigmas_timestep (model, 1e-9), ==, 0);
  g_assert_cmpint (gv_sigmas_timestep (model, 1e9), ==, 999);
}

/* rint (999 q) of all 500 500 quantiles that up to 1000 steps ask for. */
static void
test_beta_quantile (void)
{
  guint64 hash = 0xcbf29ce484222325u; /* FNV-1a */
  g_autofree char *text = NULL;

  for (int n = 1; n <= 1000; n++)
    for (int i = 0; i < n; i++)
      hash = (hash ^ (guint64) rint (999 * gv_beta_quantile (1 - (double) i / n, 0.6, 0.6))) *
             0x100000001b3u;
  text = g_strdup_printf ("%016" G_GINT64_MODIFIER "x", hash);
  g_assert_cmpstr (text, ==, yyjson_get_str (fixture_part ("beta_hash")));

  for (int i = 0; i <= 16; i++) /* uniform, and the arcsine law */
  {
    double p = i / 16.0, s = sin (G_PI / 2 * p);

    g_assert_cmpfloat_with_epsilon (gv_beta_quantile (p, 1, 1), p, 1e-14);
    g_assert_cmpfloat_with_epsilon (gv_beta_quantile (p, 0.5, 0.5), s * s, 1e-14);
    g_assert_cmpfloat_with_epsilon (gv_beta_quantile (p, 0.25, 1), p * p * p * p, 1e-14);
  }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/sample/schedules/tables", test_tables);
  g_test_add_func ("/sample/schedules/bad-tables", test_bad_tables);
  g_test_add_func ("/sample/schedules/names", test_names);
  g_test_add_func ("/sample/schedules/between", test_between);
  g_test_add_func ("/sample/schedules/lists", test_schedules);
  g_test_add_func ("/sample/schedules/falling", test_falling);
  g_test_add_func ("/sample/schedules/beta-quantile", test_beta_quantile);
  return g_test_run ();
}
