// SPDX-FileCopyrightText: Giverny contributors
// SPDX-License-Identifier: GPL-3.0-or-later
/* Linear layers and convolutions with everything that fuses into them, against their twins. */
#include "net.h"

#include "ops/ops.h"

#include <math.h>

typedef enum { LINEAR, LINEAR_NO_BIAS, CONV, DOWN, UP, FREE, PATCHES } Kind;

typedef struct
{
  Kind kind;
  int n, h, w, c, cout;
  GvDtype dtype;
  bool emb, add;
  GvActivation act;
  int before, after; /* x is a part of a wider tensor */
  int rank;          /* of factors beside the weight  */
  double tol;
  int size, stride, pad; /* FREE */
} Row;

static const Row rows[] = {
  { LINEAR, 1, 1, 77, 64, 48, GV_F32, .tol = 2e-6 },
  { LINEAR, 1, 1, 1, 37, 5, GV_F32, .tol = 2e-6 }, /* nothing divides  */
  { LINEAR, 2, 1, 17, 37, 5, GV_F16, .before = 3, .after = 2, .tol = 2e-6 },
  { LINEAR, 1, 1, 65, 100, 129, GV_BF16, .add = true, .tol = 2e-6 },
  { LINEAR, 1, 1, 1, 1, 1, GV_F32, .tol = 2e-6 },
  { LINEAR, 2, 1, 1, 64, 256, GV_F16, .act = GV_ACT_SILU, .tol = 2e-6 }, /* a time embedding */
  { LINEAR, 1, 1, 77, 96, 68, GV_F32, .act = GV_ACT_QUICK_GELU, .tol = 2e-6 },
  { LINEAR, 1, 1, 9, 33, 31, GV_BF16, .act = GV_ACT_GELU, .add = true, .tol = 2e-6 },
  { LINEAR, 1, 3, 5, 2560, 20, GV_F16, .tol = 5e-6 }, /* a long sum       */
  { LINEAR_NO_BIAS, 2, 1, 77, 40, 24, GV_F16, .tol = 2e-6 },
  { LINEAR_NO_BIAS, 1, 7, 1, 18, 16, GV_F32, .before = 6, .add = true, .tol = 2e-6 },
  { LINEAR, 1, 7, 9, 24, 40, GV_BF16, .add = true, .after = 8, .tol = 2e-6 }, /* 1 × 1 shortcut   */
  { CONV, 1, 8, 8, 16, 16, GV_F32, .tol = 2e-6 },
  { CONV, 1, 7, 1, 6, 5, GV_F32, .tol = 2e-6 }, /* nothing divides  */
  { CONV, 1, 1, 1, 3, 4, GV_F16, .tol = 2e-6 },
  { CONV, 2, 5, 9, 37, 17, GV_F16, .before = 1, .tol = 2e-6 },
  { CONV, 2, 6, 5, 32, 33, GV_F16, .emb = true, .tol = 2e-6 }, /* a residual block */
  { CONV, 2, 6, 5, 32, 33, GV_F16, .add = true, .tol = 2e-6 },
  { CONV, 2, 3, 4, 20, 16, GV_BF16, .emb = true, .act = GV_ACT_SILU, .add = true, .tol = 2e-6 },
  { CONV, 1, 4, 4, 4, 70, GV_BF16, .act = GV_ACT_SILU, .tol = 2e-6 },
  { CONV, 1, 3, 3, 320, 4, GV_F32, .tol = 3e-6 },
  { DOWN, 2, 8, 6, 16, 16, GV_F16, .tol = 2e-6 },
  { DOWN, 1, 7, 5, 12, 20, GV_F32, .after = 4, .tol = 2e-6 }, /* odd: ceil        */
  { DOWN, 1, 1, 1, 4, 4, GV_F32, .tol = 2e-6 },
  { UP, 2, 8, 6, 16, 16, GV_F16, .tol = 2e-6 },
  { UP, 1, 7, 5, 12, 20, GV_F32, .before = 5, .tol = 2e-6 }, /* odd: cut off     */
  { UP, 2, 1, 3, 8, 8, GV_BF16, .tol = 2e-6 },
  { FREE, 1, 31, 37, 3, 20, GV_F32, .act = GV_ACT_RELU, .tol = 3e-6, .size = 11, .stride = 4,
    .pad = 2 },
  { FREE, 2, 7, 5, 16, 33, GV_F16, .act = GV_ACT_RELU, .tol = 3e-6, .size = 5, .stride = 1,
    .pad = 2 },
  { FREE, 1, 8, 9, 3, 16, GV_BF16, .tol = 2e-6, .size = 3, .stride = 2, .pad = 0 },
  { FREE, 1, 11, 11, 3, 4, GV_F32, .tol = 2e-6, .size = 11, .stride = 4, .pad = 0 },
  { PATCHES, 2, 1, 9, 48, 24, GV_F32, .tol = 2e-6, .size = 4 },
  { PATCHES, 1, 1, 5, 27, 7, GV_F16, .tol = 2e-6, .size = 3 },
  { LINEAR, 2, 1, 17, 37, 5, GV_F16, .rank = 4, .tol = 3e-6 },
  { LINEAR, 3, 1, 19, 40, 70, GV_F32, .rank = 16, .add = true, .tol = 3e-6 },
  { LINEAR_NO_BIAS, 1, 1, 33, 24, 33, GV_BF16, .rank = 37, .before = 2, .tol = 3e-6 },
  { LINEAR, 2, 1, 1, 64, 96, GV_F16, .rank = 1, .act = GV_ACT_SILU, .tol = 3e-6 },
  { CONV, 2, 5, 9, 37, 17, GV_F16, .rank = 3, .emb = true, .add = true, .tol = 3e-6 },
  { CONV, 2, 3, 4, 20, 16, GV_BF16, .rank = 9, .act = GV_ACT_GELU, .tol = 3e-6 },
  { DOWN, 2, 7, 5, 12, 20, GV_F32, .rank = 6, .tol = 3e-6 },
  { UP, 2, 7, 5, 12, 20, GV_F16, .rank = 5, .tol = 3e-6 },
};

#define FIRST_RANK 3 /* where the layer's strengths begin among all */

static char *
name_row (const Row *r)
{
  static const char *kinds[] = {
    "linear", "linear-no-bias", "conv", "down", "up", "free", "patches"
  };
  static const char *acts[] = { "", "-silu", "-gelu", "-quick-gelu", "-relu" };

  return g_strdup_printf ("/conv/%s-%dx%dx%dx%d-to-%d-%s%s%s%s-in-%d-%d-of-%d-rank-%d",
                          kinds[r->kind], r->n, r->h, r->w, r->c, r->cout, gv_dtype_name (r->dtype),
                          r->emb ? "-emb" : "", acts[r->act], r->add ? "-add" : "", r->before,
                          r->after, r->size, r->rank);
}

static GvTensor *
build_core (const Row *r, GvGraph *g, GvTensor *x)
{
  switch (r->kind) {
  case LINEAR:
    return gv_linear (g, x, "layer", r->cout);
  case LINEAR_NO_BIAS:
    return gv_linear_no_bias (g, x, "layer", r->cout);
  case CONV:
    return gv_conv2d (g, x, "layer", r->cout);
  case DOWN:
    return gv_conv2d_down (g, x, "layer", r->cout);
  case FREE:
    return gv_conv (g, x, "layer", r->cout, r->size, r->stride, r->pad);
  case PATCHES:
    return gv_linear_patches (g, x, "layer", r->cout, r->size, true);
  default:
    return gv_conv2d_up (g, x, "layer", r->cout, r->h, r->w);
  }
}

static GvTensor *
build_activation (GvGraph *g, GvTensor *x, GvActivation act)
{
  return act == GV_ACT_SILU   ? gv_silu (g, x)
         : act == GV_ACT_GELU ? gv_gelu (g, x)
         : act == GV_ACT_RELU ? gv_relu (g, x)
                              : gv_quick_gelu (g, x);
}

/* Whatever the host reads cannot be fused away. */
static GvTensor *
step (GvGraph *g, GvTensor *y, bool fused)
{
  if (!fused)
    gv_graph_output (g, y);
  return y;
}

/* B (s ∘ A x), the first sample with strengths of 0. */
static Ref *
low_twin (Net *net, const Ref *x, const RefConv *layer, const Ref *strengths, int rank)
{
  RefConv down = *layer, up = { .size = 1, .stride = 1, .cout = layer->cout };
  g_autoptr (Ref) low = NULL;

  down.cout = rank;
  down.weight = test_params_get (net->params, "layer.low_rank_down");
  down.bias = NULL;
  down.emb = down.add = NULL;
  down.act = GV_ACT_NONE;
  low = ref_conv (x, &down);
  for (size_t i = 0; i < ref_count (low); i++) {
    int n = (int) (i / ((size_t) low->h * (size_t) low->w * (size_t) rank));

    low->v[i] *= ref_at (strengths, n, 0, 0)[FIRST_RANK + (int) (i % (size_t) rank)];
  }
  up.weight = test_params_get (net->params, "layer.low_rank_up");
  return ref_conv (low, &up);
}

static void
add_strengths (Net *net, const Row *r, const Ref **twin)
{
  net->params->rank = r->rank;
  net->params->first_rank = FIRST_RANK;
  gv_graph_set_strengths (net->g, net_input (net, r->n, 1, 1, FIRST_RANK + r->rank + 2,
                                             (Spread) { 0 }, twin));
  for (int i = 0; i < r->rank; i++)
    ref_at (*twin, 0, 0, 0)[FIRST_RANK + i] = 0;
}

static void
run_row (const Row *r, bool fused, float **copy)
{
  g_autoptr (Net) net = net_new (harness_get_device (), r->dtype);
  int up = r->kind == UP ? 2 : 1, down = r->kind == DOWN ? 2 : 1;
  int hout = (r->h + down - 1) / down, wout = (r->w + down - 1) / down;
  RefConv p = {
    .size = r->kind == FREE                    ? r->size
            : r->kind >= CONV && r->kind <= UP ? 3
                                               : 1,
    .stride = r->kind == FREE ? r->stride : down,
    .pad = r->kind == FREE ? r->pad : r->kind >= CONV && r->kind <= UP,
    .upsample = r->kind == UP,
    .h = r->h,
    .w = r->w,
    .cout = r->cout,
    .act = r->act,
  };
  const Ref *x_twin, *strengths = NULL;
  g_autoptr (Ref) expected = NULL, low = NULL;
  GvTensor *x = net_input (net, r->n, (r->h + up - 1) / up, (r->w + up - 1) / up, r->c,
                           (Spread) { .before = r->before, .after = r->after }, &x_twin);
  GvTensor *y;
  int n_dispatches;

  if (r->rank)
    add_strengths (net, r, &strengths);
  y = step (net->g, build_core (r, net->g, x), fused);
  if (r->emb)
    y = step (net->g,
              gv_add_channels (net->g, y,
                               net_input (net, r->n, 1, 1, r->cout, (Spread) { 0 }, &p.emb)),
              fused);
  if (r->act)
    y = step (net->g, build_activation (net->g, y, r->act), fused);
  if (r->add)
    y = gv_add (net->g,
                net_input (net, r->n, hout, wout, r->cout, (Spread) { .before = 3 }, &p.add), y);
  gv_graph_output (net->g, y);
  net_run (net);
  gv_program_get_dispatches (gv_graph_get_program (net->g), &n_dispatches);
  if (fused)
    g_assert_cmpint (n_dispatches, ==, r->rank ? 2 : 1);
  p.weight = test_params_get (net->params, "layer.weight");
  p.bias = r->kind == LINEAR_NO_BIAS ? NULL : test_params_get (net->params, "layer.bias");
  if (r->rank)
    p.low = low = low_twin (net, x_twin, &p, strengths, r->rank);
  expected = ref_conv (x_twin, &p);
  net_expect (y, expected, r->tol);
  *copy = g_memdup2 (gv_tensor_get_floats (y), ref_count (expected) * sizeof (float));
}

static void
test_row (gconstpointer data)
{
  const Row *r = data;
  g_autofree float *fused = NULL, *apart = NULL;
  size_t n = (size_t) r->n * (size_t) r->cout;

  run_row (r, true, &fused);
  run_row (r, false, &apart);
  for (size_t i = 0; i < n; i++)
    if (fabsf (fused[i] - apart[i]) > 4e-7f * fmaxf (fabsf (apart[i]), 1)) {
      g_test_fail_printf ("number %zu is %.9g fused, %.9g in steps", i, fused[i], apart[i]);
      return;
    }
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
