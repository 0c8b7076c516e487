// SPDX-FileCopyrightText: Giverny contributors
// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * Two passes, one along each axis, with 8-bit pixels between them.  Coefficients are computed in
 * double and held as whole numbers of 2⁻²², as Pillow does, so the sums are exact.
 */
#include "score/resize.h"

#include <math.h>
#include <string.h>

#define BITS 22

/* Which source pixels make the pixels [first, first + n) along an axis, and how much of each. */
typedef struct
{
  int n;
  int *from, *count;  /* [n] */
  int most;           /* the largest count */
  gint32 *weights;    /* [n, most] */
} Axis;

static void
axis_clear (Axis *self)
{
  g_free (self->from);
  g_free (self->count);
  g_free (self->weights);
}

/* Keys 1981, with a = -1/2. */
static double
cubic (double x)
{
  const double a = -0.5;

  x = fabs (x);
  if (x < 1)
    return ((a + 2) * x - (a + 3)) * x * x + 1;
  if (x < 2)
    return (((x - 5) * x + 8) * x - 4) * a;
  return 0;
}

static void
fill_weights (Axis *self, int i, double centre, double inverse, double *scratch)
{
  gint32 *weights = self->weights + (size_t) i * (size_t) self->most;
  double sum = 0;

  for (int k = 0; k < self->count[i]; k++) {
    scratch[k] = cubic ((k + self->from[i] - centre + 0.5) * inverse);
    sum += scratch[k];
  }
  for (int k = 0; k < self->count[i]; k++) {
    double w = (sum != 0 ? scratch[k] / sum : scratch[k]) * (1 << BITS);

    weights[k] = (gint32) (w < 0 ? w - 0.5 : w + 0.5);
  }
}

static void
axis_init (Axis *self, int size, int new_size, int first, int n)
{
  double scale = (double) size / new_size, widening = MAX (scale, 1.0);
  double support = 2 * widening, inverse = 1.0 / widening;
  g_autofree double *scratch = NULL;

  self->n = n;
  self->most = (int) ceil (support) * 2 + 1;
  self->from = g_new (int, n);
  self->count = g_new (int, n);
  self->weights = g_new (gint32, (size_t) n * (size_t) self->most);
  scratch = g_new (double, self->most);
  for (int i = 0; i < n; i++) {
    double centre = (first + i + 0.5) * scale;
    int low = MAX ((int) (centre - support + 0.5), 0);
    int high = MIN ((int) (centre + support + 0.5), size);

    self->from[i] = low;
    self->count[i] = high - low;
    fill_weights (self, i, centre, inverse, scratch);
  }
}

static guint8
to_byte (gint64 sum)
{
  gint64 value = sum >> BITS;

  return (guint8) CLAMP (value, 0, 255);
}

/* One new pixel from @count old ones, @step bytes apart. */
static void
mix (const guint8 *src, size_t step, const gint32 *weights, int count, guint8 *dst)
{
  gint64 r = 1 << (BITS - 1), g = r, b = r;

  for (int k = 0; k < count; k++, src += step) {
    r += (gint64) src[0] * weights[k];
    g += (gint64) src[1] * weights[k];
    b += (gint64) src[2] * weights[k];
  }
  dst[0] = to_byte (r);
  dst[1] = to_byte (g);
  dst[2] = to_byte (b);
}

/* Rows [0, height) of @src, which are @stride pixels long, become axis->n pixels each. */
static guint8 *
pass_across (const guint8 *src, int stride, int height, const Axis *axis)
{
  guint8 *out = g_malloc ((size_t) axis->n * (size_t) height * 3), *dst = out;

  for (int y = 0; y < height; y++) {
    const guint8 *row = src + (size_t) y * (size_t) stride * 3;

    for (int x = 0; x < axis->n; x++, dst += 3)
      mix (row + (size_t) axis->from[x] * 3, 3, axis->weights + (size_t) x * (size_t) axis->most,
           axis->count[x], dst);
  }
  return out;
}

/* The columns of @src, which is @width pixels wide, become axis->n pixels high. */
static guint8 *
pass_down (const guint8 *src, int width, const Axis *axis)
{
  size_t step = (size_t) width * 3;
  guint8 *out = g_malloc (step * (size_t) axis->n), *dst = out;

  for (int y = 0; y < axis->n; y++) {
    const guint8 *first = src + (size_t) axis->from[y] * step;

    for (int x = 0; x < width; x++, dst += 3)
      mix (first + (size_t) x * 3, step, axis->weights + (size_t) y * (size_t) axis->most,
           axis->count[y], dst);
  }
  return out;
}

/* The source pixels that an axis reads: [low, high). */
static void
get_reach (const Axis *axis, int *low, int *high)
{
  *low = axis->from[0];
  *high = axis->from[0] + axis->count[0];
  for (int i = 1; i < axis->n; i++) {
    *low = MIN (*low, axis->from[i]);
    *high = MAX (*high, axis->from[i] + axis->count[i]);
  }
}

static void
shift (Axis *axis, int by)
{
  for (int i = 0; i < axis->n; i++)
    axis->from[i] -= by;
}

static guint8 *
cut (const guint8 *rgb, int stride, int x, int y, int width, int height)
{
  guint8 *out = g_malloc ((size_t) width * (size_t) height * 3);

  for (int i = 0; i < height; i++)
    memcpy (out + (size_t) i * (size_t) width * 3,
            rgb + ((size_t) (y + i) * (size_t) stride + (size_t) x) * 3, (size_t) width * 3);
  return out;
}

/* First along x, on those rows only that the second pass reads. */
static guint8 *
across_first (const guint8 *rgb, int stride, const Axis *horizontal, Axis *vertical)
{
  g_autofree guint8 *middle = NULL;
  int low, high;

  get_reach (vertical, &low, &high);
  middle = pass_across (rgb + (size_t) low * (size_t) stride * 3, stride, high - low, horizontal);
  shift (vertical, low);
  return pass_down (middle, horizontal->n, vertical);
}

/* First along y, on those columns only that the second pass reads. */
static guint8 *
down_first (const guint8 *rgb, int stride, int height, Axis *horizontal, const Axis *vertical)
{
  g_autofree guint8 *columns = NULL, *middle = NULL;
  int low, high;

  get_reach (horizontal, &low, &high);
  columns = cut (rgb, stride, low, 0, high - low, height);
  middle = pass_down (columns, high - low, vertical);
  shift (horizontal, low);
  return pass_across (middle, high - low, vertical->n, horizontal);
}

guint8 *
gv_resize_bicubic (const guint8 *rgb,
                   int width,
                   int height,
                   int new_width,
                   int new_height,
                   const GvWindow *window)
{
  GvWindow all = { 0, 0, new_width, new_height }, w = window ? *window : all;
  Axis horizontal = { 0 }, vertical = { 0 };
  guint8 *out;

  g_return_val_if_fail (w.x >= 0 && w.y >= 0 && w.width > 0 && w.height > 0, NULL);
  g_return_val_if_fail (w.width <= new_width - w.x && w.height <= new_height - w.y, NULL);

  if (new_width != width)
    axis_init (&horizontal, width, new_width, w.x, w.width);
  if (new_height != height)
    axis_init (&vertical, height, new_height, w.y, w.height);
  /* Pillow's choice since version 13: whichever order has less to do, as its formula puts it. */
  if (!horizontal.n && !vertical.n)
    out = cut (rgb, width, w.x, w.y, w.width, w.height);
  else if (!vertical.n)
    out = pass_across (rgb + (size_t) w.y * (size_t) width * 3, width, w.height, &horizontal);
  else if (!horizontal.n) {
    g_autofree guint8 *columns = cut (rgb, width, w.x, 0, w.width, height);

    out = pass_down (columns, w.width, &vertical);
  } else if (new_height < height && height - new_height > 2 * ((gint64) width - new_width))
    out = down_first (rgb, width, height, &horizontal, &vertical);
  else
    out = across_first (rgb, width, &horizontal, &vertical);
  axis_clear (&horizontal);
  axis_clear (&vertical);
  return out;
}
