// SPDX-FileCopyrightText: Giverny contributors
// SPDX-License-Identifier: GPL-3.0-or-later
/* Activations, sums, gates, tensors side by side, and views, against their twins. */
#include "net.h"

#include "ops/ops.h"

typedef enum {
  SILU,
  GELU,
  QUICK_GELU,
  RELU,
  ADD,
  ADD_CHANNELS,
  MASK,
  MASK_SUM,
  CONCAT,
  GEGLU,
  POOL,
  POOL_CEIL,
  JOIN,
  JOIN_ONE,
  POSITIONS,
} Op;

static const char *op_names[] = {
  "silu",   "gelu",  "quick-gelu", "relu",      "add",  "add-channels", "mask",     "mask-sum",
  "concat", "geglu", "pool",       "pool-ceil", "join", "join-one",     "positions"
};

typedef struct
{
  Op op;
  int n, h, w, c, c2;
  float scale;
  int before, after;
  double tol;
} Row;

static const Row rows[] = {
  { SILU, 2, 3, 5, 37, .scale = 20, .tol = 3e-7 },
  { SILU, 1, 1, 1, 3, .scale = 1e4f, .before = 1, .tol = 3e-7 },
  { GELU, 1, 1, 77, 40, .scale = 6, .tol = 3e-7 },
  { GELU, 2, 1, 3, 129, .scale = 100, .before = 5, .after = 2, .tol = 3e-7 },
  { QUICK_GELU, 1, 1, 77, 40, .scale = 6, .tol = 3e-7 },
  { QUICK_GELU, 1, 7, 1, 5, .scale = 500, .after = 1, .tol = 3e-7 },
  { RELU, 2, 3, 5, 37, .tol = 0 },
  { ADD, 2, 3, 5, 37, .tol = 1e-7 },
  { ADD, 1, 7, 1, 64, .before = 3, .after = 2, .tol = 1e-7 },
  { ADD_CHANNELS, 2, 3, 5, 37, .tol = 1e-7 },
  { ADD_CHANNELS, 3, 7, 1, 64, .before = 2, .after = 1, .tol = 1e-7 },
  { MASK, 2, 3, 5, 37, .tol = 1e-7 },
  { MASK, 1, 7, 1, 64, .before = 3, .after = 2, .tol = 1e-7 },
  { MASK_SUM, 2, 3, 5, 37, .tol = 1e-6 },
  { MASK_SUM, 1, 1, 9, 320, .before = 1, .after = 7, .tol = 1e-6 },
  { CONCAT, 2, 3, 5, 37, 11, .tol = 0 },
  { CONCAT, 1, 7, 1, 64, 3, .before = 7, .after = 1, .tol = 0 },
  { GEGLU, 2, 1, 77, 80, .scale = 4, .tol = 1e-6 },
  { GEGLU, 1, 1, 3, 10, .scale = 30, .before = 3, .tol = 1e-6 },
  { POOL, 2, 7, 9, 5, 3, .tol = 0 }, /* windows of 3 in steps of 2 */
  { POOL, 1, 8, 6, 37, 2, .before = 2, .tol = 0 },
  { POOL, 1, 3, 3, 1, 3, .tol = 0 },
  { POOL_CEIL, 2, 8, 6, 5, 3, .tol = 0 },
  { POOL_CEIL, 1, 7, 10, 64, 3, .after = 1, .tol = 0 },
  { JOIN, 2, 1, 5, 12, 3, .after = 4, .tol = 0 },
  { JOIN_ONE, 3, 1, 4, 7, 1, .before = 1, .tol = 0 }, /* one sample before each */
  { POSITIONS, 2, 1, 7, 20, 9, .tol = 1e-7 },
};

static char *
name_row (const Row *r)
{
  return g_strdup_printf ("/elementwise/%s-%dx%dx%dx%d-%d-scale-%g-in-%d-%d", op_names[r->op], r->n,
                          r->h, r->w, r->c, r->c2, r->scale, r->before, r->after);
}

static GvTensor *
build (const Row *r, Net *net, Ref **expected)
{
  Spread spread = { r->scale, 0, r->before, r->after };
  const Ref *a, *b, *mask;
  GvTensor *x = net_input (net, r->n, r->h, r->w, r->c, spread, &a), *y, *sum;

  switch (r->op) {
  case SILU:
    *expected = ref_activation (a, GV_ACT_SILU);
    return gv_silu (net->g, x);
  case GELU:
    *expected = ref_activation (a, GV_ACT_GELU);
    return gv_gelu (net->g, x);
  case QUICK_GELU:
    *expected = ref_activation (a, GV_ACT_QUICK_GELU);
    return gv_quick_gelu (net->g, x);
  case ADD:
    y = net_input (net, r->n, r->h, r->w, r->c, (Spread) { .after = 3 }, &b);
    *expected = ref_add (a, b);
    return gv_add (net->g, x, y);
  case ADD_CHANNELS:
    y = net_input (net, r->n, 1, 1, r->c, spread, &b);
    *expected = ref_add_channels (a, b);
    return gv_add_channels (net->g, x, y);
  case MASK:
  case MASK_SUM:
    y = net_input (net, r->n, r->h, r->w, 1, (Spread) { .before = 2, .after = 1 }, &mask);
    if (r->op == MASK) {
      *expected = ref_mask (a, mask, NULL);
      return gv_mask (net->g, x, y, NULL);
    }
    sum = net_input (net, r->n, r->h, r->w, r->c, spread, &b);
    *expected = ref_mask (a, mask, b);
    return gv_mask (net->g, x, y, sum);
  case CONCAT:
    y = net_input (net, r->n, r->h, r->w, r->c2, (Spread) { .before = 1 }, &b);
    *expected = ref_concat (a, b);
    return gv_concat (net->g, x, y);
  case RELU:
    *expected = ref_activation (a, GV_ACT_RELU);
    return gv_relu (net->g, x);
  case POOL:
  case POOL_CEIL:
    *expected = ref_max_pool (a, r->c2, 2, r->op == POOL_CEIL);
    return gv_max_pool (net->g, x, r->c2, 2, r->op == POOL_CEIL);
  case JOIN:
  case JOIN_ONE:
    y = net_input (net, r->op == JOIN ? r->n : 1, 1, r->c2, r->c, (Spread) { .before = 1 }, &b);
    *expected = ref_join_tokens (b, a);
    return gv_join_tokens (net->g, y, x);
  case POSITIONS:
    y = gv_add_positions (net->g, x, "table", r->c2);
    *expected = ref_add_positions (a, test_params_get (net->params, "table"));
    return y;
  default:
    *expected = ref_geglu (a);
    return gv_geglu (net->g, x);
  }
}

static void
test_row (gconstpointer data)
{
  const Row *r = data;
  g_autoptr (Net) net = net_new (harness_get_device (), GV_F32);
  g_autoptr (Ref) expected = NULL;
  GvTensor *y = build (r, net, &expected);

  gv_graph_output (net->g, y);
  net_run (net);
  net_expect (y, expected, r->tol);
}

/* A sample's positions, a picture as tokens and back: other shapes of the same memory. */
static void
test_views (void)
{
  g_autoptr (Net) net = net_new (harness_get_device (), GV_F32);
  const Ref *twin;
  GvTensor *x = net_input (net, 2, 3, 4, 5, (Spread) { .before = 1, .after = 1 }, &twin);
  GvTensor *middle = gv_silu (net->g, x); /* without gaps, in the arena */
  GvTensor *part = gv_silu (net->g, gv_view_positions (middle, 1, 2, 7));
  GvTensor *channels =
      gv_silu (net->g, gv_view_channels (gv_as_picture (gv_as_tokens (middle), 4, 3), 2, 3));
  g_autoptr (Ref) once = ref_activation (twin, GV_ACT_SILU);
  g_autoptr (Ref) part_twin = ref_new (1, 1, 7, 5), channels_twin = ref_new (2, 4, 3, 3);

  gv_graph_output (net->g, part);
  gv_graph_output (net->g, channels);
  net_run (net);
  for (int i = 0; i < 7 * 5; i++)
    part_twin->v[i] = ref_activate (ref_at (once, 1, 0, 2)[i], GV_ACT_SILU);
  for (int i = 0; i < 24 * 3; i++)
    channels_twin->v[i] = ref_activate (once->v[i / 3 * 5 + 2 + i % 3], GV_ACT_SILU);
  net_expect (part, part_twin, 3e-7);
  net_expect (channels, channels_twin, 3e-7);
}

static void
add_tests (void)
{
  for (size_t i = 0; i < G_N_ELEMENTS (rows); i++) {
    g_autofree char *name = name_row (rows + i);

    g_test_add_data_func (name, rows + i, test_row);
  }
  g_test_add_func ("/elementwise/views", test_views);
}

int
main (int argc, char **argv)
{
  return harness_main (argc, argv, add_tests);
}
