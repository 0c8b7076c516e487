// SPDX-FileCopyrightText: Giverny contributors
// SPDX-License-Identifier: GPL-3.0-or-later
/* Crops, soft edges, batches of equal shape, and the weighted mean of what came out. */
#include "sample/areas.h"

#include <string.h>

#define MAX_FEATHER 8 /* cells */
#define MAX_BATCH 32  /* runs  */

/* Weights */

static double *
new_ones (int n)
{
  double *v = g_new (double, n);

  for (int i = 0; i < n; i++)
    v[i] = 1;
  return v;
}

/* Softens the ends of an axis of @n cells that begins at cell @first of @size. */
static void
feather (double *v, int first, int n, int size)
{
  int r = MIN (MAX_FEATHER, n / 4);

  for (int t = 0; t < r; t++) {
    if (first > 0)
      v[t] *= (double) (t + 1) / r;
    if (first + n < size)
      v[n - 1 - t] *= (double) (t + 1) / r;
  }
}

static void
keep_only (double *v, int size, int first, int n)
{
  for (int i = 0; i < size; i++)
    if (i < first || i >= first + n)
      v[i] = 0;
}

static void
area_init (GvArea *self, const GvAreaWish *wish, int width, int height, double scale)
{
  self->crop = wish->whole ? (GvBox) { 0, 0, width, height } : wish->box;
  self->rows = new_ones (self->crop.h);
  self->columns = new_ones (self->crop.w);
  self->map = NULL;
  if (wish->whole) {
    keep_only (self->rows, height, wish->box.y, wish->box.h);
    keep_only (self->columns, width, wish->box.x, wish->box.w);
  } else {
    feather (self->rows, wish->box.y, wish->box.h, height);
    feather (self->columns, wish->box.x, wish->box.w, width);
  }
  for (int i = 0; i < self->crop.h; i++)
    self->rows[i] *= wish->strength * scale;
}

double
gv_area_weight (const GvArea *self, int y, int x)
{
  double weight = self->rows[y] * self->columns[x];

  return self->map ? weight * self->map[(size_t) y * (size_t) self->crop.w + (size_t) x] : weight;
}

/* Adds an area's weights to @sums [height, width]. */
static void
add_weights (const GvAreas *self, const GvArea *area, double *sums)
{
  for (int y = 0; y < area->crop.h; y++)
    for (int x = 0; x < area->crop.w; x++)
      sums[(size_t) (area->crop.y + y) * (size_t) self->width + (size_t) (area->crop.x + x)] +=
          gv_area_weight (area, y, x);
}

/* The background fills up what the others leave of a weight of 1, which is @one here. */
static void
leave_rest (GvAreas *self, double one)
{
  size_t n = (size_t) self->width * (size_t) self->height;
  double *map = g_new0 (double, n);

  for (int i = 1; i < self->n; i++)
    add_weights (self, self->areas + i, map);
  for (size_t i = 0; i < n; i++)
    map[i] = MAX (1 - map[i] / one, 0);
  self->areas[0].map = map;
}

GvAreas *
gv_areas_new (int width, int height, const GvAreaWish *wishes, int n_wishes, bool rest)
{
  GvAreas *self = g_new (GvAreas, 1);
  GvAreaWish background = { { 0, 0, width, height }, 1, false };
  double most = 1;

  /* Only ratios count; none of these sums overflows. */
  for (int i = 0; i < n_wishes; i++)
    most = MAX (most, wishes[i].strength);
  *self = (GvAreas) { width, height, n_wishes + 1, g_new0 (GvArea, n_wishes + 1) };
  area_init (self->areas, &background, width, height, 1 / most);
  for (int i = 0; i < n_wishes; i++)
    area_init (self->areas + 1 + i, wishes + i, width, height, 1 / most);
  if (rest)
    leave_rest (self, 1 / most);
  return self;
}

void
gv_areas_free (GvAreas *self)
{
  for (int i = 0; i < self->n; i++) {
    g_free (self->areas[i].rows);
    g_free (self->areas[i].columns);
    g_free (self->areas[i].map);
  }
  g_free (self->areas);
  g_free (self);
}

float *
gv_areas_shares (const GvAreas *self)
{
  size_t n = (size_t) self->width * (size_t) self->height;
  g_autofree double *sums = g_new0 (double, n);
  float *shares = g_new0 (float, n *(size_t) self->n);

  for (int i = 0; i < self->n; i++)
    add_weights (self, self->areas + i, sums);
  for (int i = 0; i < self->n; i++) {
    const GvArea *area = self->areas + i;
    float *to = shares + (size_t) i * n;

    for (int y = 0; y < area->crop.h; y++)
      for (int x = 0; x < area->crop.w; x++) {
        size_t at =
            (size_t) (area->crop.y + y) * (size_t) self->width + (size_t) (area->crop.x + x);

        to[at] = sums[at] > 0 ? (float) (gv_area_weight (area, y, x) / sums[at]) : 0;
      }
  }
  return shares;
}

/* Of an area over the latent cells of a coarse one; 0 outside its crop.  Not divided by their
 * number. */
static double
sum_weights (const GvArea *area, int y, int x, int side)
{
  int top = MAX (y * side, area->crop.y), left = MAX (x * side, area->crop.x);
  int bottom = MIN ((y + 1) * side, area->crop.y + area->crop.h);
  int right = MIN ((x + 1) * side, area->crop.x + area->crop.w);
  double sum = 0;

  for (int i = top; i < bottom; i++)
    for (int j = left; j < right; j++)
      sum += gv_area_weight (area, i - area->crop.y, j - area->crop.x);
  return sum;
}

float *
gv_areas_masks (const GvAreas *self, int level)
{
  int side = 1 << level;
  int h = (self->height + side - 1) / side, w = (self->width + side - 1) / side;
  float *masks = g_new (float, (size_t) h *(size_t) w *(size_t) self->n), *to = masks;
  g_autofree double *sums = g_new (double, self->n);

  for (int y = 0; y < h; y++)
    for (int x = 0; x < w; x++) {
      double total = 0;

      for (int i = 0; i < self->n; i++)
        total += sums[i] = sum_weights (self->areas + i, y, x, side);
      for (int i = 0; i < self->n; i++)
        *to++ = total > 0 ? (float) (sums[i] / total) : 0;
    }
  return masks;
}

/* Batches */

typedef struct
{
  GvAreaRun run;
  int h, w, order;
} Sortable;

static int
by_shape (const void *a, const void *b)
{
  const Sortable *p = a, *q = b;
  const int first[] = { p->h, p->w, p->run.tokens, p->run.weights, p->order };
  const int second[] = { q->h, q->w, q->run.tokens, q->run.weights, q->order };

  /* The largest first: it is the one that memory may be short for. */
  for (size_t i = 0; i < G_N_ELEMENTS (first); i++)
    if (first[i] != second[i])
      return (i < 2) == (first[i] > second[i]) ? -1 : 1;
  return 0;
}

/* Cuts runs of one shape into batches of nearly the same size. */
static void
add_batches (GvAreaPlan *self, GvAreaBatch all, int max_cells)
{
  int cells = all.h * all.w;
  int fit = CLAMP (max_cells / cells, 1, MAX_BATCH);
  int n_batches = (all.n + fit - 1) / fit;
  int first = 0;

  for (int i = 0; i < n_batches; i++) {
    GvAreaBatch batch = all;
    int end = (int) ((gint64) all.n * (i + 1) / n_batches);

    batch.n = end - first;
    batch.runs = all.runs + first;
    g_array_append_val (self->batches, batch);
    self->most = MAX (self->most, batch.n * cells);
    first = end;
  }
  self->n_shapes += all.n % n_batches ? 2 : 1;
}

GvAreaPlan *
gv_area_plan_new (const GvAreas *areas, const GvAreaRun *runs, int n_runs, int max_cells)
{
  GvAreaPlan *self = g_new0 (GvAreaPlan, 1);
  g_autofree Sortable *sorted = g_new (Sortable, n_runs);
  const GvAreaRun *kept;

  for (int i = 0; i < n_runs; i++) {
    const GvBox *crop = &areas->areas[runs[i].area].crop;

    sorted[i] = (Sortable) { runs[i], crop->h, crop->w, i };
  }
  qsort (sorted, (size_t) n_runs, sizeof *sorted, by_shape);
  self->runs = g_array_new (FALSE, FALSE, sizeof (GvAreaRun));
  self->batches = g_array_new (FALSE, FALSE, sizeof (GvAreaBatch));
  for (int i = 0; i < n_runs; i++)
    g_array_append_val (self->runs, sorted[i].run);
  kept = (const GvAreaRun *) (const void *) self->runs->data;
  for (int i = 0, first = 0; i < n_runs; i++) {
    const Sortable *s = sorted + i;

    if (i + 1 < n_runs && s[1].h == s->h && s[1].w == s->w && s[1].run.tokens == s->run.tokens &&
        s[1].run.weights == s->run.weights)
      continue;
    add_batches (self,
                 (GvAreaBatch) { i + 1 - first, s->h, s->w, s->run.tokens, s->run.weights,
                                 kept + first },
                 max_cells);
    first = i + 1;
  }
  return self;
}

void
gv_area_plan_free (GvAreaPlan *self)
{
  g_array_unref (self->runs);
  g_array_unref (self->batches);
  g_free (self);
}

/* One model call */

/* out [c, crop.h, crop.w] = the crop of x [c, height, width] */
static void
copy_crop (const GvAreas *areas, const GvBox *crop, int channels, const float *x, float *out)
{
  size_t width = (size_t) areas->width, area = width * (size_t) areas->height;

  for (int c = 0; c < channels; c++)
    for (int y = 0; y < crop->h; y++) {
      memcpy (out, x + (size_t) c * area + (size_t) (crop->y + y) * width + (size_t) crop->x,
              (size_t) crop->w * sizeof *out);
      out += crop->w;
    }
}

/* sums += weight · x0 of the crop, in [channels, height, width] */
static void
add_crop (const GvAreas *areas, const GvArea *area, int channels, const float *x0, double *sums)
{
  size_t width = (size_t) areas->width, all = width * (size_t) areas->height;
  const GvBox *crop = &area->crop;

  for (int c = 0; c < channels; c++)
    for (int y = 0; y < crop->h; y++) {
      double *to = sums + (size_t) c * all + (size_t) (crop->y + y) * width + (size_t) crop->x;

      for (int x = 0; x < crop->w; x++)
        to[x] += gv_area_weight (area, y, x) * *x0++;
    }
}

typedef struct
{
  double *sums[GV_AREA_SIDES];    /* (owned) (nullable): [channels, height, width] */
  double *weights[GV_AREA_SIDES]; /* (owned) (nullable): [height, width]           */
} Blend;

static void
blend_clear (Blend *self)
{
  for (int side = 0; side < GV_AREA_SIDES; side++) {
    g_free (self->sums[side]);
    g_free (self->weights[side]);
  }
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Blend, blend_clear)

static void
blend_finish (const Blend *self, int side, int channels, size_t n, float *x0)
{
  const double *weights = self->weights[side];

  for (int c = 0; c < channels; c++)
    for (size_t i = 0; i < n; i++) {
      size_t at = (size_t) c * n + i;

      x0[at] = weights[i] > 0 ? (float) (self->sums[side][at] / weights[i]) : 0;
    }
}

bool
gv_areas_denoise (const GvAreas *areas,
                  const GvAreaPlan *plan,
                  int channels,
                  const float *x,
                  double sigma,
                  float *const x0[GV_AREA_SIDES],
                  GvAreaFunc run,
                  gpointer data,
                  GError **error)
{
  size_t n = (size_t) areas->width * (size_t) areas->height;
  size_t most = (size_t) plan->most * (size_t) channels;
  g_autofree float *crops = g_new (float, 2 * most);
  g_auto (Blend) blend = { 0 };

  for (int side = 0; side < GV_AREA_SIDES; side++) {
    blend.sums[side] = x0[side] ? g_new0 (double, n *(size_t) channels) : NULL;
    blend.weights[side] = x0[side] ? g_new0 (double, n) : NULL;
  }
  for (guint i = 0; i < plan->batches->len; i++) {
    const GvAreaBatch *batch = &g_array_index (plan->batches, GvAreaBatch, i);
    size_t size = (size_t) channels * (size_t) batch->h * (size_t) batch->w;

    for (int k = 0; k < batch->n; k++)
      copy_crop (areas, &areas->areas[batch->runs[k].area].crop, channels,
                 x + (size_t) (batch->runs[k].side / 2) * n * (size_t) channels,
                 crops + (size_t) k * size);
    if (!run (batch, crops, sigma, crops + most, data, error))
      return false;
    for (int k = 0; k < batch->n; k++) {
      const GvArea *area = areas->areas + batch->runs[k].area;
      int side = batch->runs[k].side;

      add_crop (areas, area, channels, crops + most + (size_t) k * size, blend.sums[side]);
      add_weights (areas, area, blend.weights[side]);
    }
  }
  for (int side = 0; side < GV_AREA_SIDES; side++)
    if (x0[side])
      blend_finish (&blend, side, channels, n, x0[side]);
  return true;
}
