// SPDX-FileCopyrightText: Giverny contributors
// SPDX-License-Identifier: GPL-3.0-or-later
/* Token and position embeddings against their twin. */
#include "net.h"

#include "ops/ops.h"

#include <string.h>

typedef struct
{
  int n, t, vocabulary, positions, width;
  GvDtype dtype;
} Row;

static const Row rows[] = {
  { 2, 77, 100, 77, 64, GV_F32 },
  { 2, 77, 100, 77, 37, GV_F16 },
  { 1, 3, 7, 5, 5, GV_BF16 },
  { 1, 1, 1, 1, 1, GV_F32 },
};

static void
test_row (gconstpointer data)
{
  const Row *r = data;
  g_autoptr (Net) net = net_new (harness_get_device (), r->dtype);
  GvTensor *ids = gv_input_ids (net->g, r->n, r->t), *y;
  g_autofree int *values = g_new0 (int, r->n * r->t);
  g_autoptr (Ref) expected = NULL;
  g_autoptr (GError) error = NULL;

  y = gv_embed (net->g, ids, "token", r->vocabulary, "position", r->positions, r->width);
  gv_graph_output (net->g, y);
  net_compile (net, &error);
  g_assert_no_error (error);
  for (int i = 0; i < r->n * r->t; i++)
    values[i] = i % 7 == 3    ? G_MAXINT
                : i % 11 == 5 ? -i
                              : i * 37 % r->vocabulary; /* some beyond the table */
  memcpy (gv_tensor_get_ids (ids), values, (size_t) (r->n * r->t) * sizeof values[0]);
  net_run (net);
  expected = ref_embed (values, r->n, r->t, test_params_get (net->params, "token.weight"),
                        r->vocabulary, test_params_get (net->params, "position.weight"), r->width);
  net_expect (y, expected, 1e-7);
}

static void
add_tests (void)
{
  for (size_t i = 0; i < G_N_ELEMENTS (rows); i++) {
    const Row *r = rows + i;
    g_autofree char *name =
        g_strdup_printf ("/embed/%dx%d-of-%d-%d-width-%d-%s", r->n, r->t, r->vocabulary,
                         r->positions, r->width, gv_dtype_name (r->dtype));

    g_test_add_data_func (name, r, test_row);
  }
}

int
main (int argc, char **argv)
{
  return harness_main (argc, argv, add_tests);
}
