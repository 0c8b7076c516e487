// SPDX-FileCopyrightText: Giverny contributors
// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * LPIPS over our engine: the stack's features on the device, their comparison here.
 *
 * A feature depends on a window of the picture only, so large pictures are cut into tiles that
 * overlap by more than half a window; of each tile only the features over its own core are counted.
 * Tiles begin at multiples of 16 pixels, the largest step of any stack, so that windows stand where
 * they stand in the whole picture.
 */
#include "score/lpips.h"

#include "base/errors.h"
#include "base/i18n.h"
#include "formats/file.h"
#include "nets/lpips.h"
#include "score/network.h"
#include "score/resize.h"

#include <math.h>
#include <string.h>

#define STEP 16
#define OVERLAP 192 /* half the largest window, VGG's 196, and what a step rounds */
#define TILE 512

struct _GvLpips
{
  GvNetwork *network;
  GvLpipsConfig config;
  int n_taps;
  float *linear[GV_LPIPS_MAX_TAPS]; /* (owned): [channels] */
  int tile;
};

static const struct
{
  const char *name;
  int least; /* pixels along an axis that leave a feature at every tap */
} kinds[GV_N_LPIPS] = { { "alex", 31 }, { "vgg", 16 }, { "squeeze", 17 } };

/* Reading. */

static const GvWeight *
find (GvLpips *self, const char *name)
{
  return gv_model_files_find (self->network->files, GV_PART_WHOLE, name);
}

/* The first number of a kernel's shape; 0 if it is not there, which the graph will tell. */
static int
get_channels (GvLpips *self, int index, const char *part)
{
  g_autofree char *name = g_strdup_printf ("features.%d%s.weight", index, part);
  const GvWeight *w = find (self, name);

  return w && w->rank > 0 && w->shape[0] > 0 && w->shape[0] <= 65536 ? (int) w->shape[0] : 1;
}

/* Which of the three: their first windows differ, or what comes after. */
static GvLpipsKind
detect (GvLpips *self)
{
  const GvWeight *first = find (self, "features.0.weight");

  if (find (self, "features.3.squeeze.weight"))
    return GV_LPIPS_SQUEEZE;
  return first && first->rank == 4 && first->shape[2] == 3 ? GV_LPIPS_VGG : GV_LPIPS_ALEX;
}

static void
read_channels (GvLpips *self)
{
  const GvLpipsLayer *layers = gv_lpips_get_layers (self->config.kind);

  for (int i = 0; layers[i].kind != GV_LPIPS_END; i++) {
    int *channels = self->config.channels[i];

    if (layers[i].kind == GV_LPIPS_CONV)
      channels[0] = get_channels (self, layers[i].index, "");
    if (layers[i].kind == GV_LPIPS_FIRE) {
      channels[0] = get_channels (self, layers[i].index, ".squeeze");
      channels[1] = get_channels (self, layers[i].index, ".expand1x1");
      channels[2] = get_channels (self, layers[i].index, ".expand3x3");
    }
    self->n_taps += layers[i].tap;
  }
}

/* Channels at the tap of that number. */
static int
get_tap_channels (GvLpips *self, int tap)
{
  const GvLpipsLayer *layers = gv_lpips_get_layers (self->config.kind);

  for (int i = 0; layers[i].kind != GV_LPIPS_END; i++)
    if (layers[i].tap && tap-- == 0) {
      const int *c = self->config.channels[i];

      return layers[i].kind == GV_LPIPS_FIRE ? c[1] + c[2] : c[0];
    }
  g_return_val_if_reached (0);
}

static bool
read_linear (GvLpips *self, int tap, GError **error)
{
  g_autofree char *name = g_strdup_printf ("lin%d.model.1.weight", tap);
  int64_t n = get_tap_channels (self, tap);
  g_autofree void *bytes = NULL;
  const GvWeight *w;

  if (!gv_model_files_require (self->network->files, GV_PART_WHOLE, name, 1, &n, &w, error))
    return false;
  bytes = g_malloc (w->size_bytes);
  if (!gv_model_files_read (self->network->files, w, 0, w->size_bytes, bytes, error))
    return false;
  self->linear[tap] = g_new (float, n);
  gv_widen (w->dtype, bytes, self->linear[tap], (size_t) n);
  return true;
}

GvLpips *
gv_lpips_new (GvDevice *device, const char *path, GError **error)
{
  g_autoptr (GvLpips) self = g_new0 (GvLpips, 1);

  self->tile = TILE;
  self->network = gv_network_new (device, path, error);
  if (!self->network)
    return NULL;
  self->config.kind = detect (self);
  read_channels (self);
  for (int i = 0; i < self->n_taps; i++)
    if (!read_linear (self, i, error))
      return NULL;
  return g_steal_pointer (&self);
}

void
gv_lpips_free (GvLpips *self)
{
  g_clear_pointer (&self->network, gv_network_free);
  for (int i = 0; i < self->n_taps; i++)
    g_free (self->linear[i]);
  g_free (self);
}

const char *
gv_lpips_get_name (GvLpips *self)
{
  return kinds[self->config.kind].name;
}

void
gv_lpips_set_tile (GvLpips *self, int tile)
{
  g_return_if_fail (tile > 0 && tile % STEP == 0);

  self->tile = tile;
}

/* Tiles. */

/* A tile along one axis: pixels [first, end) are read, those from core to core_end counted. */
typedef struct
{
  int first, end, core, core_end;
  bool is_last;
} Span;

static Span
get_span (GvLpips *self, int i, int n)
{
  Span s = { .core = i * self->tile, .core_end = (i + 1) * self->tile };

  s.is_last = s.core_end >= n;
  if (s.is_last)
    s.core_end = n;
  s.first = MAX (s.core - OVERLAP, 0);
  s.end = s.is_last ? n : MIN (s.core_end + OVERLAP, n);
  return s;
}

static int
count_tiles (GvLpips *self, int n)
{
  return (n + self->tile - 1) / self->tile;
}

static void
describe (GvScoreProgram *program, gpointer data)
{
  GvLpips *self = data;

  program->in[0] = gv_input (program->graph, 2, program->key[1], program->key[0], 3);
  program->n_out = gv_lpips_features (program->graph, &self->config, program->in[0], program->out);
}

/* Bytes to −1…1, then with the deviations that torchvision's networks were trained with. */
static void
fill (float *out, const guint8 *rgb, int width, const Span *x, const Span *y)
{
  static const float shift[] = { -0.030f, -0.088f, -0.188f }, scale[] = { 0.458f, 0.448f, 0.450f };

  for (int row = y->first; row < y->end; row++)
    for (int column = x->first; column < x->end; column++) {
      const guint8 *p = rgb + ((size_t) row * (size_t) width + (size_t) column) * 3;

      for (int c = 0; c < 3; c++)
        *out++ = ((float) p[c] / 127.5f - 1 - shift[c]) / scale[c];
    }
}

static double
get_length (const float *v, int channels)
{
  double sum = 0;

  for (int c = 0; c < channels; c++)
    sum += (double) v[c] * v[c];
  return sqrt (sum) + 1e-10;
}

static double
compare_position (const float *a, const float *b, const float *weights, int channels)
{
  double la = get_length (a, channels), lb = get_length (b, channels), sum = 0;

  for (int c = 0; c < channels; c++) {
    double d = a[c] / la - b[c] / lb;

    sum += weights[c] * d * d;
  }
  return sum;
}

/* A tap's sum over the features that belong to the tile's core, and their number. */
typedef struct
{
  double sum;
  gint64 n;
} Mean;

/* Features [low, high) of a tile along an axis, which are @step pixels apart. */
static void
get_core (const Span *s, int step, int count, int *low, int *high)
{
  *low = (s->core - s->first) / step;
  *high = s->is_last ? count : MIN ((s->core_end - s->first) / step, count);
}

static void
add_tap (GvLpips *self, GvTensor *x, int tap, int step, const Span *sx, const Span *sy, Mean *mean)
{
  int h = gv_dim (x, GV_H), w = gv_dim (x, GV_W), channels = gv_dim (x, GV_C);
  const float *a = gv_tensor_get_floats (x);
  const float *b = a + (size_t) h * (size_t) w * (size_t) channels;
  int left, right, top, bottom;

  get_core (sx, step, w, &left, &right);
  get_core (sy, step, h, &top, &bottom);
  for (int i = top; i < bottom; i++)
    for (int j = left; j < right; j++) {
      size_t at = ((size_t) i * (size_t) w + (size_t) j) * (size_t) channels;

      mean->sum += compare_position (a + at, b + at, self->linear[tap], channels);
      mean->n++;
    }
}

/* Pixels from one feature to the next, at each tap. */
static void
get_steps (GvLpips *self, int *steps)
{
  const GvLpipsLayer *layers = gv_lpips_get_layers (self->config.kind);
  int step = 1, n = 0;

  for (int i = 0; layers[i].kind != GV_LPIPS_END; i++) {
    step *= layers[i].stride;
    if (layers[i].tap)
      steps[n++] = step;
  }
}

static bool
run_tile (GvLpips *self,
          const guint8 *const rgb[2],
          int width,
          const Span *x,
          const Span *y,
          Mean *means,
          GCancellable *cancellable,
          GError **error)
{
  const int key[4] = { x->end - x->first, y->end - y->first };
  GvScoreProgram *program =
      gv_network_get_program (self->network, key, describe, self, cancellable, error);
  size_t size = (size_t) key[0] * (size_t) key[1] * 3;
  int steps[GV_LPIPS_MAX_TAPS];

  if (!program)
    return false;
  for (int i = 0; i < 2; i++)
    fill (gv_tensor_get_floats (program->in[0]) + (size_t) i * size, rgb[i], width, x, y);
  if (!gv_network_run (self->network, program, cancellable, error))
    return false;
  get_steps (self, steps);
  for (int tap = 0; tap < self->n_taps; tap++)
    add_tap (self, program->out[tap], tap, steps[tap], x, y, means + tap);
  return true;
}

static bool
is_large_enough (GvLpips *self, int width, int height, GError **error)
{
  int least = kinds[self->config.kind].least;

  if (width >= least && height >= least)
    return true;
  g_set_error (error, GV_RECIPE_ERROR, GV_RECIPE_ERROR_VALUE,
               _("the reference has %d × %d pixels; LPIPS needs at least %d × %d"), width, height,
                 least, least);
  return false;
}

bool
gv_lpips_compare (GvLpips *self,
                  GvImage *reference,
                  GvImage *image,
                  double *distance,
                  GCancellable *cancellable,
                  GError **error)
{
  int w = gv_image_get_width (reference), h = gv_image_get_height (reference);
  bool same = w == gv_image_get_width (image) && h == gv_image_get_height (image);
  g_autofree guint8 *resized =
      same ? NULL
           : gv_resize_bicubic (gv_image_get_rgb (image), gv_image_get_width (image),
                                gv_image_get_height (image), w, h, NULL);
  const guint8 *const rgb[2] = { gv_image_get_rgb (reference),
                                 same ? gv_image_get_rgb (image) : resized };
  Mean means[GV_LPIPS_MAX_TAPS] = { 0 };

  if (!is_large_enough (self, w, h, error))
    return false;
  for (int i = 0; i < count_tiles (self, h); i++)
    for (int j = 0; j < count_tiles (self, w); j++) {
      Span x = get_span (self, j, w), y = get_span (self, i, h);

      if (!run_tile (self, rgb, w, &x, &y, means, cancellable, error))
        return false;
    }
  *distance = 0;
  for (int tap = 0; tap < self->n_taps; tap++)
    *distance += means[tap].sum / (double) MAX (means[tap].n, 1);
  return true;
}
