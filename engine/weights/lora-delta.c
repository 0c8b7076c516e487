// SPDX-FileCopyrightText: Giverny contributors
// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * What each kind of LoRA adds to a weight W [out, in · taps], in floats:
 *
 *   low rank   up · down, with a core: up · mid · down        (Hu et al. 2021, arXiv:2106.09685)
 *   Hadamard   (w1a · w1b) ∘ (w2a · w2b)                      (Hyeon-Woo et al. 2021, 2108.06098)
 *   Kronecker  w1 ⊗ w2                                        (Yeh et al. 2023, 2309.14859)
 *   full       the difference itself
 *
 * each times alpha / rank.  DoRA (Liu et al. 2024, 2402.09353) then gives rows or columns a length.
 */
#include "weights/lora-delta.h"

#include "base/errors.h"
#include "base/i18n.h"
#include "formats/file.h"

#include <float.h>
#include <math.h>
#include <string.h>

/* A weight's sizes. */
typedef struct
{
  size_t out, in, taps; /* a row has in · taps numbers */
} Size;

static Size
get_size (const GvWeight *weight)
{
  Size size = { (size_t) weight->shape[0], 1, 1 };

  if (weight->rank > 1)
    size.in = (size_t) weight->shape[1];
  if (weight->rank == 4)
    size.taps = (size_t) (weight->shape[2] * weight->shape[3]);
  return size;
}

static size_t
rows_of (const GvSafetensor *tensor)
{
  return (size_t) tensor->shape[0];
}

/* A tensor as floats, (transfer full). */
static float *
read_floats (GvLora *self, const GvSafetensor *tensor, GError **error)
{
  g_autofree void *bytes = g_try_malloc (tensor->size_bytes + 1);
  g_autofree float *values = g_try_malloc_n (tensor->n_elements + 1, sizeof *values);
  g_autofree char *path = NULL, *shown = NULL;

  if (!bytes || !values) {
    g_set_error_literal (error, GV_FORMAT_ERROR, GV_FORMAT_ERROR_LIMIT,
                         _("there is not enough memory for the LoRA"));
    return NULL;
  }
  if (!gv_safetensors_read (self->file, tensor, 0, tensor->size_bytes, bytes, error))
    return NULL;
  gv_widen (tensor->dtype, bytes, values, tensor->n_elements);
  for (size_t i = 0; i < tensor->n_elements; i++)
    if (!isfinite (values[i])) {
      path = gv_dup_shown (gv_safetensors_get_path (self->file));
      shown = gv_dup_shown (tensor->name);
      g_set_error (error, GV_WEIGHTS_ERROR, GV_WEIGHTS_ERROR_UNSUPPORTED,
                   _("%s: “%s” holds NaN or infinity"), path, shown);
      return NULL;
    }
  return g_steal_pointer (&values);
}

static bool
is_zero (const float *values, size_t n)
{
  for (size_t i = 0; i < n; i++)
    if (values[i] != 0)
      return false;
  return true;
}

/* c [n, m] += a [n, k] · b [k, m] */
static void
add_product (float *c, const float *a, const float *b, size_t n, size_t k, size_t m)
{
  for (size_t i = 0; i < n; i++)
    for (size_t j = 0; j < k; j++) {
      float factor = a[i * k + j];
      const float *row = b + j * m;
      float *to = c + i * m;

      for (size_t l = 0; l < m; l++)
        to[l] += factor * row[l];
    }
}

/* Low rank */

void
gv_lora_factors_clear (GvLoraFactors *self)
{
  g_clear_pointer (&self->down, g_free);
  g_clear_pointer (&self->up, g_free);
}

bool
gv_lora_is_low_rank (const GvLoraModule *module)
{
  return module->kind == GV_LORA_KIND_LOW_RANK && !module->decomposed &&
         !module->tensors[GV_LORA_DIFF] && !module->tensors[GV_LORA_DIFF_B] &&
         !module->tensors[GV_LORA_SET_WEIGHT];
}

/* down [r, in] seen through a core [top, r, taps]: [top, in, taps], as a convolution's. */
static float *
fold_core (const float *mid, const float *down, size_t top, size_t r, Size size)
{
  float *out = g_new0 (float, top * size.in * size.taps);

  for (size_t t = 0; t < top; t++)
    for (size_t j = 0; j < r; j++)
      for (size_t i = 0; i < size.in; i++)
        for (size_t tap = 0; tap < size.taps; tap++)
          out[(t * size.in + i) * size.taps + tap] +=
              mid[(t * r + j) * size.taps + tap] * down[j * size.in + i];
  return out;
}

bool
gv_lora_read_factors (GvLora *self, const GvLoraFitting *f, GvLoraFactors *out, GError **error)
{
  GvSafetensor const *const *t = f->module->tensors;
  Size size = get_size (f->weight);
  size_t rank = rows_of (t[GV_LORA_DOWN]);
  g_autofree float *mid = NULL;

  *out = (GvLoraFactors) { 0 };
  out->down = read_floats (self, t[GV_LORA_DOWN], error);
  out->up = out->down ? read_floats (self, t[GV_LORA_UP], error) : NULL;
  if (!out->up || (t[GV_LORA_MID] && !(mid = read_floats (self, t[GV_LORA_MID], error)))) {
    gv_lora_factors_clear (out);
    return false;
  }
  if (mid) {
    float *folded = fold_core (mid, out->down, rows_of (t[GV_LORA_MID]), rank, size);

    g_free (out->down);
    out->down = folded;
    rank = rows_of (t[GV_LORA_MID]);
  }
  out->rank = (int) rank;
  for (size_t i = 0; i < size.out * rank; i++)
    out->up[i] = (float) (out->up[i] * f->module->scale);
  out->zero = is_zero (out->down, rank * size.in * size.taps) || is_zero (out->up, size.out * rank);
  return true;
}

static bool
add_low_rank (GvLora *self, const GvLoraFitting *f, float *delta, GError **error)
{
  g_auto (GvLoraFactors) factors = { 0 };
  Size size = get_size (f->weight);

  if (!gv_lora_read_factors (self, f, &factors, error))
    return false;
  add_product (delta, factors.up, factors.down, size.out, (size_t) factors.rank,
               size.in * size.taps);
  return true;
}

/* Hadamard */

/* core [ra, rb, taps] with a [ra, n] on its first side and b [rb, m] on its second: [n, m, taps] */
static void
add_core_product (float *out,
                  const float *core,
                  const float *a,
                  const float *b,
                  const size_t ranks[2],
                  size_t n,
                  size_t m,
                  size_t taps)
{
  g_autofree float *side = g_new0 (float, ranks[0] * m * taps); /* [ra, m, taps] */

  for (size_t i = 0; i < ranks[0]; i++)
    for (size_t j = 0; j < ranks[1]; j++)
      for (size_t l = 0; l < m; l++)
        for (size_t tap = 0; tap < taps; tap++)
          side[(i * m + l) * taps + tap] +=
              core[(i * ranks[1] + j) * taps + tap] * b[j * m + l];
  for (size_t i = 0; i < ranks[0]; i++)
    for (size_t k = 0; k < n; k++) {
      float factor = a[i * n + k];

      for (size_t l = 0; l < m * taps; l++)
        out[k * m * taps + l] += factor * side[i * m * taps + l];
    }
}

/* One factor of @size; @a is the role of its first matrix, which the second follows. */
static float *
read_hadamard_side (GvLora *self,
                    const GvLoraFitting *f,
                    GvLoraRole a,
                    GvLoraRole core,
                    GError **error)
{
  GvSafetensor const *const *t = f->module->tensors;
  Size size = get_size (f->weight);
  g_autofree float *first = read_floats (self, t[a], error);
  g_autofree float *second = first ? read_floats (self, t[a + 1], error) : NULL;
  g_autofree float *middle = second && t[core] ? read_floats (self, t[core], error) : NULL;
  float *out;

  if (!second || (t[core] && !middle))
    return NULL;
  out = g_new0 (float, size.out * size.in * size.taps);
  if (middle)
    add_core_product (out, middle, first, second, (size_t[]) { rows_of (t[a]), rows_of (t[a + 1]) },
                      size.out, size.in, size.taps);
  else
    add_product (out, first, second, size.out, rows_of (t[a + 1]), size.in * size.taps);
  return out;
}

static bool
add_hadamard (GvLora *self, const GvLoraFitting *f, float *delta, GError **error)
{
  Size size = get_size (f->weight);
  g_autofree float *a = read_hadamard_side (self, f, GV_LORA_HADA_W1_A, GV_LORA_HADA_T1, error);
  g_autofree float *b =
      a ? read_hadamard_side (self, f, GV_LORA_HADA_W2_A, GV_LORA_HADA_T2, error) : NULL;

  if (!b)
    return false;
  for (size_t i = 0; i < size.out * size.in * size.taps; i++)
    delta[i] += (float) (f->module->scale * a[i] * b[i]);
  return true;
}

/* Kronecker */

typedef struct
{
  size_t rows, columns;
  float *values; /* (owned) */
} Matrix;

static void
matrix_clear (Matrix *self)
{
  g_free (self->values);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Matrix, matrix_clear)

static bool
read_whole (GvLora *self, const GvSafetensor *tensor, Matrix *out, GError **error)
{
  out->rows = rows_of (tensor);
  out->columns = tensor->n_elements / out->rows;
  out->values = read_floats (self, tensor, error);
  return out->values != NULL;
}

/* The factor whose role is @whole: as it is, or from two matrices behind that role. */
static bool
read_kronecker_factor (GvLora *self,
                       const GvLoraFitting *f,
                       GvLoraRole whole,
                       Matrix *out,
                       GError **error)
{
  GvSafetensor const *const *t = f->module->tensors;
  const GvSafetensor *core = whole == GV_LORA_LOKR_W2 ? t[GV_LORA_LOKR_T2] : NULL;
  Size size = get_size (f->weight);
  g_auto (Matrix) a = { 0 };
  g_auto (Matrix) b = { 0 };
  g_auto (Matrix) middle = { 0 };

  if (t[whole])
    return read_whole (self, t[whole], out, error);
  if (!read_whole (self, t[whole + 1], &a, error) || !read_whole (self, t[whole + 2], &b, error) ||
      (core && !read_whole (self, core, &middle, error)))
    return false;
  out->rows = core ? a.columns : a.rows;
  out->columns = b.columns * (core ? size.taps : 1);
  out->values = g_new0 (float, out->rows * out->columns);
  if (core)
    add_core_product (out->values, middle.values, a.values, b.values,
                      (size_t[]) { a.rows, b.rows }, a.columns, b.columns, size.taps);
  else
    add_product (out->values, a.values, b.values, a.rows, b.rows, b.columns);
  return true;
}

static bool
add_kronecker (GvLora *self, const GvLoraFitting *f, float *delta, GError **error)
{
  g_auto (Matrix) w1 = { 0 };
  g_auto (Matrix) w2 = { 0 };

  if (!read_kronecker_factor (self, f, GV_LORA_LOKR_W1, &w1, error) ||
      !read_kronecker_factor (self, f, GV_LORA_LOKR_W2, &w2, error))
    return false;
  for (size_t i = 0; i < w1.rows; i++)
    for (size_t j = 0; j < w2.rows; j++)
      for (size_t p = 0; p < w1.columns; p++) {
        float factor = (float) (f->module->scale * w1.values[i * w1.columns + p]);
        float *to = delta + ((i * w2.rows + j) * w1.columns + p) * w2.columns;

        for (size_t q = 0; q < w2.columns; q++)
          to[q] += factor * w2.values[j * w2.columns + q];
      }
  return true;
}

/* All kinds */

static bool
add_tensor (GvLora *self, const GvSafetensor *tensor, float *to, GError **error)
{
  g_autofree float *values = tensor ? read_floats (self, tensor, error) : NULL;

  for (size_t i = 0; values && i < tensor->n_elements; i++)
    to[i] += values[i];
  return !tensor || values;
}

/* @delta starts as zeros. */
static bool
make_delta (GvLora *self, const GvLoraFitting *f, float *delta, GError **error)
{
  bool ok = true;

  if (f->module->kind == GV_LORA_KIND_LOW_RANK)
    ok = add_low_rank (self, f, delta, error);
  else if (f->module->kind == GV_LORA_KIND_HADAMARD)
    ok = add_hadamard (self, f, delta, error);
  else if (f->module->kind == GV_LORA_KIND_KRONECKER)
    ok = add_kronecker (self, f, delta, error);
  return ok && add_tensor (self, f->module->tensors[GV_LORA_DIFF], delta, error);
}

/* The lengths of the rows of a matrix [out, n]. */
static void
measure_rows (const float *w, Size size, double *lengths)
{
  size_t n = size.in * size.taps;

  for (size_t o = 0; o < size.out; o++) {
    lengths[o] = 0;
    for (size_t i = 0; i < n; i++)
      lengths[o] += (double) w[o * n + i] * w[o * n + i];
    lengths[o] = sqrt (lengths[o]);
  }
}

/* The lengths of its columns, all taps of an input channel together. */
static void
measure_columns (const float *w, Size size, double *lengths)
{
  memset (lengths, 0, size.in * sizeof *lengths);
  for (size_t o = 0; o < size.out; o++)
    for (size_t i = 0; i < size.in; i++)
      for (size_t t = 0; t < size.taps; t++) {
        double v = w[(o * size.in + i) * size.taps + t];

        lengths[i] += v * v;
      }
  for (size_t i = 0; i < size.in; i++)
    lengths[i] = sqrt (lengths[i]);
}

/*
 * Gives W + delta the stored lengths.  PEFT's are of the changed rows; where other programs store
 * one for each row, ComfyUI divides by the length of the unchanged row, and so do we.
 */
static bool
decompose (GvLora *self,
           const GvLoraFitting *f,
           const float *weight,
           float *changed,
           GError **error)
{
  Size size = get_size (f->weight);
  const GvSafetensor *magnitude = f->module->tensors[GV_LORA_MAGNITUDE];
  const GvSafetensor *stored = magnitude ? magnitude : f->module->tensors[GV_LORA_DORA_SCALE];
  bool of_rows = magnitude || rows_of (stored) == size.out;
  g_autofree float *scale = read_floats (self, stored, error);
  g_autofree double *lengths = g_new (double, MAX (size.out, size.in));
  size_t n = size.in * size.taps;

  if (!scale)
    return false;
  if (of_rows)
    measure_rows (magnitude ? changed : weight, size, lengths);
  else
    measure_columns (changed, size, lengths);
  for (size_t i = 0; i < size.out * n; i++) {
    size_t part = of_rows ? i / n : i % n / size.taps;

    changed[i] = (float) (changed[i] * (scale[part] / (lengths[part] + FLT_EPSILON)));
  }
  return true;
}

/* What the weight becomes at strength 1. */
static bool
make_changed (GvLora *self,
              const GvLoraFitting *f,
              const float *weight,
              float *changed,
              GError **error)
{
  Size size = get_size (f->weight);
  size_t n = size.out * size.in * size.taps;
  const GvSafetensor *set = f->module->tensors[GV_LORA_SET_WEIGHT];

  if (set) {
    memset (changed, 0, n * sizeof *changed);
    return add_tensor (self, set, changed, error);
  }
  for (size_t i = 0; i < n; i++)
    changed[i] += weight[i];
  return !f->module->decomposed || decompose (self, f, weight, changed, error);
}

static bool
change_bias (GvLora *self,
             const GvLoraFitting *f,
             double strength,
             float *bias,
             bool *zero,
             GError **error)
{
  size_t n = (size_t) f->weight->shape[0];
  g_autofree float *delta = g_new0 (float, n);

  if (!add_tensor (self, f->module->tensors[GV_LORA_DIFF_B], delta, error))
    return false;
  *zero = *zero && is_zero (delta, n);
  for (size_t i = 0; i < n; i++)
    bias[i] = (float) (bias[i] + strength * delta[i]);
  return true;
}

bool
gv_lora_change (GvLora *self,
                const GvLoraFitting *f,
                double strength,
                float *weight,
                float *bias,
                bool *zero,
                GError **error)
{
  Size size = get_size (f->weight);
  size_t n = size.out * size.in * size.taps;
  bool replaces = f->module->decomposed || f->module->tensors[GV_LORA_SET_WEIGHT];
  g_autofree float *change = g_try_malloc0_n (n, sizeof *change);

  if (!change) {
    g_set_error_literal (error, GV_FORMAT_ERROR, GV_FORMAT_ERROR_LIMIT,
                         _("there is not enough memory for the LoRA"));
    return false;
  }
  if (!make_delta (self, f, change, error))
    return false;
  *zero = !replaces && is_zero (change, n);
  if (replaces) {
    if (!make_changed (self, f, weight, change, error))
      return false;
    for (size_t i = 0; i < n; i++)
      change[i] -= weight[i];
  }
  for (size_t i = 0; i < n; i++)
    weight[i] = (float) (weight[i] + strength * change[i]);
  return !bias || change_bias (self, f, strength, bias, zero, error);
}
