// SPDX-FileCopyrightText: Giverny contributors
// SPDX-License-Identifier: GPL-3.0-or-later
/* Where the planner puts tensors, what fusion leaves, and which error a graph reports. */
#include "net.h"

#include "base/errors.h"
#include "graph/graph-private.h"
#include "ops/ops.h"

#include <math.h>
#include <string.h>

/* Memory that an op or what it writes holds from one op to another. */
typedef struct
{
  GvRange range;
  int from, to;
} Life;

/* The last op that reads @x, itself or through a view. */
static int
find_last_use (GvGraph *g, GvTensor *x)
{
  int last = x->index;

  for (guint i = 0; i < g->tensors->len; i++) {
    GvTensor *y = g_ptr_array_index (g->tensors, i);

    for (int s = 0; s < GV_MAX_SOURCES && y->op && !y->dead; s++)
      if (y->src[s] && gv_tensor_get_root (y->src[s]) == x)
        last = y->index;
  }
  return last;
}

static GArray *
collect_lives (GvGraph *g)
{
  GArray *lives = g_array_new (FALSE, FALSE, sizeof (Life));

  for (guint i = 0; i < g->tensors->len; i++) {
    GvTensor *y = g_ptr_array_index (g->tensors, i);
    GvRange *scratch = g_hash_table_lookup (g->scratch, y);
    Life of_tensor = { y->range, y->index, find_last_use (g, y) };

    if (!y->op || y->dead)
      continue;
    if (y->keep)
      of_tensor.to = G_MAXINT;
    g_array_append_val (lives, of_tensor);
    if (scratch) {
      Life of_scratch = { *scratch, y->index, y->index };

      g_array_append_val (lives, of_scratch);
    }
  }
  return lives;
}

static bool
overlap (const Life *a, const Life *b)
{
  return a->from <= b->to && b->from <= a->to && a->range.buffer == b->range.buffer &&
         a->range.offset < b->range.offset + b->range.size &&
         b->range.offset < a->range.offset + a->range.size;
}

static void
test_lives (void)
{
  g_autoptr (Net) net = net_new (harness_get_device (), GV_F16);
  g_autoptr (GArray) lives = NULL;
  size_t sum = 0;

  gv_graph_output (net->g, net_unet (net));
  net_run (net);
  lives = collect_lives (net->g);
  g_assert_cmpuint (lives->len, >, 50);
  for (guint i = 0; i < lives->len; i++) {
    const Life *a = &g_array_index (lives, Life, i);

    sum += a->range.size;
    g_assert_cmpuint (a->range.offset + a->range.size, <=, a->range.buffer->size);
    for (guint j = i + 1; j < lives->len; j++)
      if (overlap (a, &g_array_index (lives, Life, j)))
        g_test_fail_printf ("memory %u and %u overlap while both are needed", i, j);
  }
  /* Handing memory on must pay. */
  g_assert_cmpuint (gv_graph_get_arena_bytes (net->g), <, sum / 4);
}

static void
test_chain (void)
{
  g_autoptr (Net) net = net_new (harness_get_device (), GV_F32);
  GvTensor *x = net_input (net, 1, 1, 100, 64, (Spread) { 0 }, NULL);

  for (int i = 0; i < 7; i++)
    x = gv_silu (net->g, x);
  gv_graph_output (net->g, x);
  net_run (net);
  g_assert_cmpuint (gv_graph_get_arena_bytes (net->g), ==, 2 * 100 * 64 * 4);
}

/* What is read before it is written would be NaN now, and would show the second time, after other
 * data. */
static void
test_again (void)
{
  g_autoptr (Net) net = net_new (harness_get_device (), GV_F16),
                  other = net_new (harness_get_device (), GV_F16);
  GvTensor *y = net_unet (net), *z = net_unet (other);
  uint64_t first;

  gv_graph_output (net->g, y);
  gv_graph_output (other->g, z);
  net_run (net);
  first = net_digest (y);
  for (size_t i = 0; i < gv_tensor_get_rows (y) * (size_t) y->dim[GV_C]; i++)
    g_assert_true (isfinite (gv_tensor_get_floats (y)[i]));
  net_run (net);
  g_assert_cmphex (net_digest (y), ==, first);
  net_run (other);
  g_assert_cmphex (net_digest (z), ==, first);
}

/* With every tensor read by the host nothing fuses and nothing is handed on; the result is nearly
 * the same. */
static void
test_unfused (void)
{
  g_autoptr (Net) net = net_new (harness_get_device (), GV_F16),
                  apart = net_new (harness_get_device (), GV_F16);
  GvTensor *y = net_unet (net), *z = net_unet (apart);
  int n, n_apart;

  gv_graph_output (net->g, y);
  for (guint i = 0; i < apart->g->tensors->len; i++) {
    GvTensor *x = g_ptr_array_index (apart->g->tensors, i);

    if (x->op)
      gv_graph_output (apart->g, x);
  }
  net_run (net);
  net_run (apart);
  gv_program_get_dispatches (gv_graph_get_program (net->g), &n);
  gv_program_get_dispatches (gv_graph_get_program (apart->g), &n_apart);
  g_assert_cmpint (n, <, n_apart * 3 / 4);
  for (size_t i = 0; i < gv_tensor_get_rows (y) * (size_t) y->dim[GV_C]; i++)
    g_assert_cmpfloat_with_epsilon (gv_tensor_get_floats (y)[i], gv_tensor_get_floats (z)[i], 1e-4);
}

/* Graphs on x [1, 2, 3, 8], and how many dispatches should be left of them. */
static GvTensor *
linear_silu (GvGraph *g, GvTensor *x)
{
  return gv_silu (g, gv_linear (g, x, "a", 8));
}

static GvTensor *
linear_add (GvGraph *g, GvTensor *x)
{
  return gv_add (g, x, gv_linear (g, x, "a", 8));
}

static GvTensor *
linear_silu_add (GvGraph *g, GvTensor *x)
{
  return gv_add (g, linear_silu (g, x), x);
}

static GvTensor *
linear_add_silu (GvGraph *g, GvTensor *x)
{
  return gv_silu (g, linear_add (g, x));
}

static GvTensor *
linear_read_twice (GvGraph *g, GvTensor *x)
{
  GvTensor *y = gv_linear (g, x, "a", 8);

  return gv_add (g, y, gv_silu (g, y));
}

static GvTensor *
linear_with_itself (GvGraph *g, GvTensor *x)
{
  GvTensor *y = gv_linear (g, x, "a", 8);

  return gv_add (g, y, y);
}

static GvTensor *
linear_seen_by_host (GvGraph *g, GvTensor *x)
{
  GvTensor *y = gv_linear (g, x, "a", 8);

  gv_graph_output (g, y);
  return gv_silu (g, y);
}

static GvTensor *
linear_through_view (GvGraph *g, GvTensor *x)
{
  return gv_silu (g, gv_view_channels (gv_linear (g, x, "a", 8), 4, 4));
}

static GvTensor *
group_norm_silu (GvGraph *g, GvTensor *x)
{
  return gv_silu (g, gv_group_norm (g, x, "a", 4, 1e-5f));
}

static GvTensor *
group_norm_gelu_gelu (GvGraph *g, GvTensor *x)
{
  return gv_gelu (g, gv_gelu (g, gv_group_norm (g, x, "a", 4, 1e-5f)));
}

static GvTensor *
two_linears_added (GvGraph *g, GvTensor *x)
{
  return gv_add (g, gv_linear (g, x, "a", 8), gv_linear (g, x, "b", 8));
}

static const struct
{
  const char *name;
  GvTensor *(*build) (GvGraph *g, GvTensor *x);
  int n_dispatches;
} fusions[] = {
  { "linear-silu", linear_silu, 1 },
  { "linear-add", linear_add, 1 },
  { "linear-silu-add", linear_silu_add, 1 },
  { "linear-add-silu", linear_add_silu, 2 },
  { "linear-read-twice", linear_read_twice, 3 },
  { "linear-with-itself", linear_with_itself, 2 },
  { "linear-seen-by-host", linear_seen_by_host, 2 },
  { "linear-through-view", linear_through_view, 2 },
  { "group-norm-silu", group_norm_silu, 2 },
  { "group-norm-gelu-gelu", group_norm_gelu_gelu, 3 },
  { "two-linears-added", two_linears_added, 2 },
};

static void
test_fusion (gconstpointer data)
{
  int i = GPOINTER_TO_INT (data), n;
  g_autoptr (Net) net = net_new (harness_get_device (), GV_F32);
  g_autoptr (GError) error = NULL;

  gv_graph_output (net->g,
                   fusions[i].build (net->g, net_input (net, 1, 2, 3, 8, (Spread) { 0 }, NULL)));
  net_compile (net, &error);
  g_assert_no_error (error);
  gv_program_get_dispatches (gv_graph_get_program (net->g), &n);
  g_assert_cmpint (n, ==, fusions[i].n_dispatches);
}

static void
test_first_error (void)
{
  g_autoptr (Net) net = net_new (harness_get_device (), GV_F32);
  g_autoptr (GError) error = NULL;
  GvTensor *x = net_input (net, 1, 2, 3, 6, (Spread) { 0 }, NULL);

  gv_graph_push (net->g, "down_blocks.%d", 1);
  gv_graph_push (net->g, "resnets.0");
  x = gv_group_norm (net->g, x, "norm1", 4, 1e-5f);
  gv_graph_pop (net->g);
  gv_graph_pop (net->g);
  x = gv_add (net->g, x, gv_linear (net->g, x, "later", 7)); /* wrong too */
  gv_graph_output (net->g, x);
  g_assert_false (gv_graph_compile (net->g, &error));
  g_assert_error (error, GV_GRAPH_ERROR, GV_GRAPH_ERROR_SHAPE);
  g_assert_true (g_str_has_prefix (error->message, "down_blocks.1.resnets.0: "));
  g_assert_nonnull (strstr (error->message, "6 channels do not make 4 groups"));
}

static bool
refuse (gpointer source,
        const char *name,
        GvParamForm form,
        const int *dims,
        GvDtype *dtype,
        GError **error)
{
  g_set_error (error, GV_WEIGHTS_ERROR, GV_WEIGHTS_ERROR_MISSING, "no %s", name);
  return false;
}

static void
test_missing_parameter (void)
{
  static const GvParamSource source = { refuse, NULL, NULL };
  g_autoptr (GvGraph) g = gv_graph_new (harness_get_device (), &source, NULL);
  g_autoptr (GError) error = NULL;

  gv_graph_push (g, "mid");
  gv_graph_output (g, gv_linear (g, gv_input (g, 1, 1, 1, 4), "first", 4));
  gv_graph_pop (g);
  g_assert_false (gv_graph_compile (g, &error));
  g_assert_error (error, GV_WEIGHTS_ERROR, GV_WEIGHTS_ERROR_MISSING);
  g_assert_cmpstr (error->message, ==, "no mid.first.weight");
}

typedef void (*Mistake) (GvGraph *g, GvTensor *x);

static void
heads (GvGraph *g, GvTensor *x)
{
  gv_attention (g, x, x, x, 5, false);
}

static void
no_heads (GvGraph *g, GvTensor *x)
{
  gv_attention (g, x, x, x, 0, false);
}

static void
keys (GvGraph *g, GvTensor *x)
{
  gv_attention (g, x, gv_input (g, 1, 1, 4, 4), x, 2, false);
}

static void
causal_wide (GvGraph *g, GvTensor *x)
{
  x = gv_linear (g, x, "a", 400);
  gv_attention (g, x, x, x, 2, true);
}

static void
enlarged (GvGraph *g, GvTensor *x)
{
  gv_conv2d_up (g, x, "a", 8, 3, 6);
}

static void
embedding (GvGraph *g, GvTensor *x)
{
  gv_add_channels (g, x, gv_input (g, 2, 1, 1, 8));
}

static void
beside (GvGraph *g, GvTensor *x)
{
  gv_concat (g, x, gv_input (g, 1, 1, 5, 8));
}

static void
positions (GvGraph *g, GvTensor *x)
{
  gv_embed (g, gv_input_ids (g, 1, 8), "a", 10, "b", 7, 4);
}

static const struct
{
  const char *name;
  Mistake make;
} mistakes[] = {
  { "heads", heads },         { "no-heads", no_heads }, { "causal-wide", causal_wide },
  { "enlarged", enlarged },   { "beside", beside },     { "embedding", embedding },
  { "positions", positions }, { "keys", keys },
};

static void
test_mistake (gconstpointer data)
{
  g_autoptr (Net) net = net_new (harness_get_device (), GV_F32);
  g_autoptr (GError) error = NULL;

  mistakes[GPOINTER_TO_INT (data)].make (net->g, gv_input (net->g, 1, 1, 4, 8));
  g_assert_false (gv_graph_compile (net->g, &error));
  g_assert_error (error, GV_GRAPH_ERROR, GV_GRAPH_ERROR_SHAPE);
}

static void
add_tests (void)
{
  g_test_add_func ("/graph/plan/lives", test_lives);
  g_test_add_func ("/graph/plan/chain", test_chain);
  g_test_add_func ("/graph/plan/again", test_again);
  g_test_add_func ("/graph/fuse/unfused", test_unfused);
  for (size_t i = 0; i < G_N_ELEMENTS (fusions); i++) {
    g_autofree char *name = g_strdup_printf ("/graph/fuse/%s", fusions[i].name);

    g_test_add_data_func (name, GSIZE_TO_POINTER (i), test_fusion);
  }
  g_test_add_func ("/graph/errors/first", test_first_error);
  g_test_add_func ("/graph/errors/missing-parameter", test_missing_parameter);
  for (size_t i = 0; i < G_N_ELEMENTS (mistakes); i++) {
    g_autofree char *name = g_strdup_printf ("/graph/errors/%s", mistakes[i].name);

    g_test_add_data_func (name, GSIZE_TO_POINTER (i), test_mistake);
  }
}

int
main (int argc, char **argv)
{
  return harness_main (argc, argv, add_tests);
}
