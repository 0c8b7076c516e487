// SPDX-FileCopyrightText: Giverny contributors
// SPDX-License-Identifier: GPL-3.0-or-later
/* Attention in its three forms (narrow and wide heads, with and without a mask) against its twin.
 */
#include "net.h"

#include "ops/ops.h"

typedef struct
{
  int n, tq, tk, heads, width;
  bool causal, beside; /* q, k and v lie beside other channels */
  float scale;
  double tol;
} Row;

static const Row rows[] = {
  { 1, 64, 77, 8, 8, .tol = 2e-6 },
  { 2, 9, 77, 2, 40, .tol = 2e-6 }, /* a picture looks at its prompt       */
  { 1, 33, 33, 3, 4, .beside = true, .tol = 2e-6 },
  { 1, 1, 1, 1, 8, .tol = 2e-6 },
  { 2, 77, 77, 2, 64, .causal = true, .beside = true, .tol = 2e-6 }, /* CLIP                   */
  { 1, 5, 5, 1, 8, .causal = true, .tol = 2e-6 },
  { 1, 3, 9, 2, 40, .causal = true, .tol = 2e-6 }, /* more keys than any query sees       */
  { 2, 17, 23, 2, 80, .tol = 2e-6 },
  { 1, 20, 20, 2, 160, .tol = 2e-6 },
  { 1, 18, 7, 1, 159, .tol = 2e-6 },
  { 1, 33, 18, 2, 8, .scale = 40, .tol = 5e-5 }, /* nearly one key takes all            */
  { 2, 19, 21, 1, 161, .tol = 2e-6 }, /* the first that is wide              */
  { 1, 16, 5, 2, 200, .tol = 2e-6 },
  { 1, 48, 48, 1, 512, .beside = true, .tol = 2e-6 }, /* a VAE's middle                      */
  { 1, 1, 3, 1, 512, .scale = 20, .tol = 5e-5 },
};

static char *
name_row (const Row *r)
{
  return g_strdup_printf ("/attention/%dx%dx%d-%d-heads-of-%d%s%s-scale-%g", r->n, r->tq, r->tk,
                          r->heads, r->width, r->causal ? "-causal" : "",
                          r->beside ? "-beside" : "", r->scale);
}

static void
test_row (gconstpointer data)
{
  const Row *r = data;
  g_autoptr (Net) net = net_new (harness_get_device (), GV_F32);
  int c = r->heads * r->width;
  const Ref *q, *k, *v;
  GvTensor *tensors[3], *y;
  g_autoptr (Ref) expected = NULL;

  /* Apart, or beside other channels, whose distance from row to row is not their number. */
  tensors[0] = net_input (net, r->n, 1, r->tq, c,
                          (Spread) { .scale = r->scale, .after = r->beside ? 2 * c : 0 }, &q);
  tensors[1] = net_input (net, r->n, 1, r->tk, c,
                          (Spread) { .before = r->beside ? c : 0, .after = r->beside ? 3 : 0 }, &k);
  tensors[2] = net_input (net, r->n, 1, r->tk, c, (Spread) { .before = r->beside ? 2 * c : 0 }, &v);
  y = gv_attention (net->g, tensors[0], tensors[1], tensors[2], r->heads, r->causal);
  gv_graph_output (net->g, y);
  net_run (net);
  expected = ref_attention (q, k, v, r->heads, r->causal);
  net_expect (y, expected, r->tol);
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
