// SPDX-FileCopyrightText: Giverny contributors
// SPDX-License-Identifier: GPL-3.0-or-later
/* Pictures through CLIP, BLIP-2 and LPIPS, some at once; prompts are read once. */
#include "score/scorer.h"

#include "score/blip2.h"
#include "score/clip.h"
#include "score/lpips.h"

#include <math.h>
#include <string.h>

#define MAX_TEXTS 256

/* A prompt that CLIP has read. */
typedef struct
{
  int n_chunks;
  float *states; /* (owned) [n_chunks, width] */
} ClipText;

struct _GvScorer
{
  GvDevice *device;
  GvScorerPaths paths;
  GvClip *clip;
  GvBlip2 *blip2;
  GvLpips *lpips;
  GHashTable *clip_texts, *blip2_texts; /* by prompt */
};

static void
clip_text_free (gpointer data)
{
  ClipText *self = data;

  g_free (self->states);
  g_free (self);
}

GvScorer *
gv_scorer_new (GvDevice *device, const GvScorerPaths *paths)
{
  GvScorer *self = g_new0 (GvScorer, 1);

  self->device = device;
  self->paths = (GvScorerPaths) { g_strdup (paths->clip), g_strdup (paths->blip2),
                                  g_strdup (paths->lpips), paths->match, paths->blip2_tokens };
  self->clip_texts = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, clip_text_free);
  self->blip2_texts =
      g_hash_table_new_full (g_str_hash, g_str_equal, g_free, (GDestroyNotify) gv_blip2_text_free);
  return self;
}

void
gv_scorer_free (GvScorer *self)
{
  g_clear_pointer (&self->clip, gv_clip_free);
  g_clear_pointer (&self->blip2, gv_blip2_free);
  g_clear_pointer (&self->lpips, gv_lpips_free);
  g_hash_table_unref (self->clip_texts);
  g_hash_table_unref (self->blip2_texts);
  g_free (self->paths.clip);
  g_free (self->paths.blip2);
  g_free (self->paths.lpips);
  g_free (self);
}

bool
gv_scorer_fits (GvScorer *self, const GvScorerPaths *paths)
{
  const GvScorerPaths *own = &self->paths;

  return g_strcmp0 (own->clip, paths->clip) == 0 && g_strcmp0 (own->blip2, paths->blip2) == 0 &&
         g_strcmp0 (own->lpips, paths->lpips) == 0 && own->match == paths->match &&
         own->blip2_tokens == paths->blip2_tokens;
}

/* Opens what has a path and is not open yet. */
static bool
open_scorers (GvScorer *self, GError **error)
{
  if (self->paths.clip && !self->clip &&
      !(self->clip = gv_clip_new (self->device, self->paths.clip, error)))
    return false;
  if (self->paths.blip2 && !self->blip2) {
    self->blip2 = gv_blip2_new (self->device, self->paths.blip2, error);
    if (self->blip2 && self->paths.blip2_tokens)
      gv_blip2_set_max_tokens (self->blip2, self->paths.blip2_tokens);
    if (!self->blip2)
      return false;
  }
  if (self->paths.lpips && !self->lpips)
    self->lpips = gv_lpips_new (self->device, self->paths.lpips, error);
  return !self->paths.lpips || self->lpips;
}

static const ClipText *
read_for_clip (GvScorer *self, const char *prompt, GCancellable *cancellable, GError **error)
{
  ClipText *text = g_hash_table_lookup (self->clip_texts, prompt);
  float *states;
  int n;

  if (text)
    return text;
  states = gv_clip_read_text (self->clip, prompt, &n, cancellable, error);
  if (!states)
    return NULL;
  if (g_hash_table_size (self->clip_texts) >= MAX_TEXTS)
    g_hash_table_remove_all (self->clip_texts);
  text = g_new (ClipText, 1);
  *text = (ClipText) { n, states };
  g_hash_table_insert (self->clip_texts, g_strdup (prompt), text);
  return text;
}

static const GvBlip2Text *
read_for_blip2 (GvScorer *self, const char *prompt, GCancellable *cancellable, GError **error)
{
  GvBlip2Text *text = g_hash_table_lookup (self->blip2_texts, prompt);

  if (text)
    return text;
  text = gv_blip2_read_text (self->blip2, prompt, cancellable, error);
  if (!text)
    return NULL;
  if (g_hash_table_size (self->blip2_texts) >= MAX_TEXTS)
    g_hash_table_remove_all (self->blip2_texts);
  g_hash_table_insert (self->blip2_texts, g_strdup (prompt), text);
  return text;
}

static void
set_clip (GvScorer *self, const float *seen, const ClipText *text, GvScores *out)
{
  size_t width = (size_t) gv_clip_get_width (self->clip);
  double sum = 0, best = -1;

  for (int i = 0; i < text->n_chunks; i++) {
    double cosine = gv_cosine (seen, text->states + (size_t) i * width, width);

    if (i == 0)
      out->clip = cosine;
    sum += cosine;
    best = fmax (best, cosine);
  }
  out->clip_chunks_mean = sum / text->n_chunks;
  out->clip_chunks_best = best;
}

static bool
run_clip (GvScorer *self,
          const GvScorerItem *items,
          GvImage *const *images,
          int n,
          GvScores *out,
          GCancellable *cancellable,
          GError **error)
{
  size_t width = (size_t) gv_clip_get_width (self->clip);
  g_autofree float *seen = g_new (float, (size_t) n *width);

  if (!gv_clip_see (self->clip, images, n, seen, cancellable, error))
    return false;
  for (int i = 0; i < n; i++) {
    const ClipText *text;

    if (!items[i].prompt)
      continue;
    text = read_for_clip (self, items[i].prompt, cancellable, error);
    if (!text)
      return false;
    set_clip (self, seen + (size_t) i * width, text, out + i);
  }
  return true;
}

static bool
judge_by_blip2 (GvScorer *self,
                const GvScorerItem *items,
                const GvBlip2Picture *seen,
                int n,
                GvScores *out,
                GCancellable *cancellable,
                GError **error)
{
  for (int i = 0; i < n; i++) {
    const GvBlip2Text *text;

    if (!items[i].prompt)
      continue;
    text = read_for_blip2 (self, items[i].prompt, cancellable, error);
    if (!text)
      return false;
    out[i].blip2 = gv_blip2_contrast (self->blip2, seen + i, text);
    if (self->paths.match &&
        !gv_blip2_match (self->blip2, seen + i, text, &out[i].blip2_itm, cancellable, error))
      return false;
  }
  return true;
}

static bool
run_blip2 (GvScorer *self,
           const GvScorerItem *items,
           GvImage *const *images,
           int n,
           GvScores *out,
           GCancellable *cancellable,
           GError **error)
{
  for (int first = 0; first < n; first += GV_BLIP2_BATCH) {
    GvBlip2Picture seen[GV_BLIP2_BATCH] = { 0 };
    int count = MIN (n - first, GV_BLIP2_BATCH);
    bool ok = gv_blip2_see (self->blip2, images + first, count, self->paths.match, seen,
                            cancellable, error) &&
              judge_by_blip2 (self, items + first, seen, count, out + first, cancellable, error);

    for (int i = 0; i < count; i++)
      gv_blip2_picture_clear (seen + i);
    if (!ok)
      return false;
  }
  return true;
}

static bool
run_lpips (GvScorer *self,
           const GvScorerItem *items,
           int n,
           GvScores *out,
           GCancellable *cancellable,
           GError **error)
{
  for (int i = 0; i < n; i++)
    if (items[i].reference && !gv_lpips_compare (self->lpips, items[i].reference, items[i].image,
                                                 &out[i].lpips, cancellable, error))
      return false;
  return true;
}

bool
gv_scorer_run (GvScorer *self,
               const GvScorerItem *items,
               int n,
               GvScores *out,
               GCancellable *cancellable,
               GError **error)
{
  GvImage *images[GV_SCORER_BATCH];
  bool prompts = false;

  g_return_val_if_fail (n > 0 && n <= GV_SCORER_BATCH, false);

  for (int i = 0; i < n; i++) {
    images[i] = items[i].image;
    out[i] = gv_scores_none;
    prompts = prompts || items[i].prompt;
  }
  return open_scorers (self, error) &&
         (!self->clip || !prompts || run_clip (self, items, images, n, out, cancellable, error)) &&
         (!self->blip2 || !prompts ||
          run_blip2 (self, items, images, n, out, cancellable, error)) &&
         (!self->lpips || run_lpips (self, items, n, out, cancellable, error));
}
