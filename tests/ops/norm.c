// SPDX-FileCopyrightText: Giverny contributors
// SPDX-License-Identifier: GPL-3.0-or-later
/* Group norm, alone and with SiLU, and layer norm, against their twins. */
#include "net.h"

#include "ops/ops.h"

typedef struct
{
  int n, h, w, c, groups; /* groups = 0: layer norm */
  bool silu;
  float mean, scale, eps;
  int before, after;
  double tol;
} Row;

static const Row rows[] = {
  { 1, 8, 8, 64, 32, .eps = 1e-5f, .tol = 2e-6 },
  { 2, 9, 7, 96, 32, .silu = true, .eps = 1e-5f, .tol = 2e-6 }, /* odd groups of 3   */
  { 1, 7, 1, 6, 3, .eps = 1e-6f, .tol = 2e-6 },
  { 1, 1, 1, 32, 32, .eps = 1e-5f, .tol = 2e-6 }, /* groups of 1 number */
  { 2, 5, 3, 5, 1, .silu = true, .eps = 1e-6f, .tol = 2e-6 },
  { 2, 4, 5, 32, 8, .eps = 1e-5f, .before = 4, .after = 2, .tol = 2e-6 },
  { 2, 4, 5, 32, 8, .silu = true, .eps = 1e-5f, .before = 3, .after = 5,
    .tol = 2e-6 }, /* words cut */
  { 1, 16, 16, 16, 4, .mean = 1000, .eps = 1e-5f, .tol = 1e-3 }, /* must not cancel   */
  { 1, 4, 4, 8, 4, .scale = 1e-4f, .eps = 1e-6f, .tol = 2e-6 }, /* eps counts        */
  { 1, 3, 3, 8, 2, .scale = 1e5f, .eps = 1e-6f, .tol = 2e-6 },
  { 1, 1, 77, 64, 0, .eps = 1e-5f, .tol = 2e-6 },
  { 2, 1, 9, 37, 0, .eps = 1e-5f, .before = 3, .after = 1, .tol = 2e-6 },
  { 1, 1, 1, 5, 0, .eps = 1e-5f, .tol = 2e-6 },
  { 1, 1, 3, 320, 0, .mean = 1000, .eps = 1e-5f, .tol = 1e-3 },
  { 1, 1, 4, 1, 0, .eps = 1e-5f, .tol = 2e-6 }, /* nothing but beta  */
  { 1, 1, 4, 64, 0, .scale = 1e-3f, .eps = 1e-5f, .tol = 2e-6 },
};

static char *
name_row (const Row *r)
{
  return g_strdup_printf ("/norm/%s-%dx%dx%dx%d-%d%s-mean-%g-scale-%g-eps-%g-in-%d-%d",
                          r->groups ? "group" : "layer", r->n, r->h, r->w, r->c, r->groups,
                          r->silu ? "-silu" : "", r->mean, r->scale, r->eps, r->before, r->after);
}

static void
run_row (const Row *r, bool fused)
{
  g_autoptr (Net) net = net_new (harness_get_device (), GV_F32);
  Spread spread = { r->scale, r->mean, r->before, r->after };
  const Ref *x_twin;
  GvTensor *x = net_input (net, r->n, r->h, r->w, r->c, spread, &x_twin), *y;
  g_autoptr (Ref) expected = NULL;
  const double *gamma, *beta;

  y = r->groups ? gv_group_norm (net->g, x, "norm", r->groups, r->eps)
                : gv_layer_norm (net->g, x, "norm", r->eps);
  if (!fused)
    gv_graph_output (net->g, y);
  if (r->silu)
    y = gv_silu (net->g, y);
  gv_graph_output (net->g, y);
  net_run (net);
  gamma = test_params_get (net->params, "norm.weight");
  beta = test_params_get (net->params, "norm.bias");
  expected = r->groups ? ref_group_norm (x_twin, gamma, beta, r->groups, r->eps)
                       : ref_layer_norm (x_twin, gamma, beta, r->eps);
  for (size_t i = 0; r->silu && i < ref_count (expected); i++)
    expected->v[i] = ref_activate (expected->v[i], GV_ACT_SILU);
  net_expect (y, expected, r->tol);
}

static void
test_row (gconstpointer data)
{
  const Row *r = data;

  run_row (r, true);
  if (r->silu)
    run_row (r, false);
}

static void
add_tests (void)
{
  for (size_t i = 0; i < G_N_ELEMENTS (rows); i++) {
    g_autofree char *name = name_row (rows + i);

    g_test_add_data_func (name, rows + i, test_row);
  }
}

int
main (int argc, char **argv)
{
  return harness_main (argc, argv, add_tests);
}
