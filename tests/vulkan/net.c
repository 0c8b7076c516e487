// SPDX-FileCopyrightText: Giverny contributors
// SPDX-License-Identifier: GPL-3.0-or-later
/* Graphs for tests: inputs beside NaN, outputs against twins. */
#include "net.h"

#include "graph/graph-private.h"
#include "nets/unet.h"

#include <math.h>
#include <string.h>

typedef struct
{
  GvTensor *tensor;
  Ref *values;
  int before;
} Input;

static void
input_free (gpointer data)
{
  Input *self = data;

  ref_free (self->values);
  g_free (self);
}

Net *
net_new (GvDevice *device, GvDtype weights)
{
  Net *self = g_new0 (Net, 1);

  self->params = test_params_new (device, weights);
  self->g = gv_graph_new (device, &test_param_source, self->params);
  self->inputs = g_ptr_array_new_with_free_func (input_free);
  return self;
}

void
net_free (Net *self)
{
  gv_graph_free (self->g);
  test_params_free (self->params);
  g_ptr_array_unref (self->inputs);
  g_free (self);
}

GvTensor *
net_input (Net *self, int n, int h, int w, int c, Spread spread, const Ref **twin)
{
  Input *input = g_new0 (Input, 1);
  int wide = spread.before + c + spread.after;

  input->tensor = gv_input (self->g, n, h, w, wide);
  input->values = ref_new (n, h, w, c);
  input->before = spread.before;
  for (size_t i = 0; i < ref_count (input->values); i++)
    input->values->v[i] =
        (float) (spread.mean + (spread.scale ? spread.scale : 1) * random_next (&self->random));
  g_ptr_array_add (self->inputs, input);
  if (twin)
    *twin = input->values;
  return wide == c ? input->tensor : gv_view_channels (input->tensor, spread.before, c);
}

static void
fill (const Input *input)
{
  const Ref *values = input->values;
  float *floats = gv_tensor_get_floats (input->tensor);
  size_t wide = (size_t) input->tensor->dim[GV_C], c = (size_t) values->c;

  for (size_t row = 0; row < ref_count (values) / c; row++)
    for (size_t i = 0; i < c; i++)
      floats[row * wide + (size_t) input->before + i] = (float) values->v[row * c + i];
}

GvTensor *
net_unet (Net *self)
{
  static const GvUnetConfig config = {
    .in_channels = 4,
    .out_channels = 4,
    .n_levels = 2,
    .channels = { 16, 32 },
    .down_attention = { true, false },
    .up_attention = { false, true },
    .mid_attention = true,
    .layers_per_block = 1,
    .n_heads = { 2, 4 },
    .transformer_depth = { 1, 1 },
    .cross_attention_dim = 12,
    .norm_groups = 8,
    .norm_eps = 1e-5,
    .flip_sin_to_cos = true,
  };
  GvTensor *x = net_input (self, 2, 5, 7, 4, (Spread) { 0 }, NULL);
  GvTensor *time = net_input (self, 2, 1, 1, 16, (Spread) { 0 }, NULL);
  GvTensor *text = net_input (self, 2, 1, 9, 12, (Spread) { 0 }, NULL);

  return gv_unet (self->g, &config, x, time, text);
}

void
net_fill (Net *self)
{
  memset (self->g->io->map, 0xff, self->g->io->size);
  for (guint i = 0; i < self->inputs->len; i++)
    fill (g_ptr_array_index (self->inputs, i));
}

bool
net_compile (Net *self, GError **error)
{
  if (!gv_graph_compile (self->g, error))
    return false;
  harness_poison (self->g);
  net_fill (self);
  return true;
}

void
net_run (Net *self)
{
  g_autoptr (GError) error = NULL;

  if (!gv_graph_get_program (self->g))
    net_compile (self, &error);
  g_assert_no_error (error);
  gv_graph_run (self->g, NULL, &error);
  g_assert_no_error (error);
}

/* What lies behind a tensor up to the next one still is NaN. */
static void
expect_nothing_behind (GvTensor *y)
{
  size_t n = (size_t) gv_tensor_get_rows (y) * (size_t) y->dim[GV_C];
  const float *floats = gv_tensor_get_floats (y);

  for (size_t i = n; i < y->range.size / 4; i++)
    if (!isnan (floats[i])) {
      g_test_fail_printf ("something was written %zu floats behind the tensor", i - n);
      return;
    }
}

void
net_expect (GvTensor *y, const Ref *expected, double tolerance)
{
  const float *floats = gv_tensor_get_floats (y);
  size_t n = ref_count (expected);
  double squares = 0;

  for (int i = 0; i < 4; i++)
    g_assert_cmpint (y->dim[i], ==,
                     ((int[]) { expected->n, expected->h, expected->w, expected->c })[i]);
  for (size_t i = 0; i < n; i++)
    squares += expected->v[i] * expected->v[i] / (double) n;
  for (size_t i = 0; i < n; i++) {
    double error = fabs (floats[i] - expected->v[i]) / fmax (sqrt (squares), 1);

    if (error <= tolerance)
      continue;
    g_test_fail_printf ("number %zu of %zu is %.9g instead of %.9g: off by %.2g where %.2g are "
                        "allowed",
                        i, n, floats[i], expected->v[i], error, tolerance);
    return;
  }
  expect_nothing_behind (y);
}

uint64_t
net_digest (GvTensor *y)
{
  const float *floats = gv_tensor_get_floats (y);
  size_t n = (size_t) gv_tensor_get_rows (y) * (size_t) y->dim[GV_C];
  uint64_t sum = 14695981039346656037u;

  for (size_t i = 0; i < n; i++) {
    uint32_t bits;

    memcpy (&bits, floats + i, sizeof bits);
    sum = (sum ^ bits) * 1099511628211u;
  }
  return sum;
}
