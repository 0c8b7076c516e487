// SPDX-FileCopyrightText: Giverny contributors
// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * Regions by crops: the network paints each box by itself, from its part of the latent and its own
 * text, and the expected pictures are blended into one.  The arithmetic is that of ComfyUI's
 * conditioning areas; the idea is MultiDiffusion's (Bar-Tal et al. 2023, arXiv:2302.08113).
 */
#pragma once

#include <glib.h>
#include <stdbool.h>
#include <stddef.h>

/* A box in latent cells, inside the latent. */
typedef struct
{
  int x, y, w, h;
} GvBox;

/* What a region asks for. */
typedef struct
{
  GvBox box;
  double strength; /* finite, at least 0 */
  bool whole;      /* the network sees the whole latent, and the box's edge is hard */
} GvAreaWish;

/* A part of the latent that the network is run for, and how much its answer counts where. */
typedef struct
{
  GvBox crop;
  double *rows, *columns; /* (owned): crop.h and crop.w factors of the weight */
  double *map;            /* (owned) (nullable): [crop.h, crop.w], one more factor */
} GvArea;

/* All areas of a picture; the first is the background. */
typedef struct
{
  int width, height; /* cells */
  int n;
  GvArea *areas; /* (owned) */
} GvAreas;

/**
 * gv_areas_new:
 * @width: of the latent, in cells, as @height and the boxes
 * @rest: the background counts only where the others' weights sum to less than 1, with what is
 *   missing; else it counts 1 everywhere
 *
 * A region's weight is its strength, softened towards each edge of its crop that is not the
 * picture's own: with r = min (8, n / 4) of an axis with n cells, row t = 0 ... r - 1 from the edge
 * is multiplied by (t + 1) / r.
 */
GvAreas *gv_areas_new (int width, int height, const GvAreaWish *wishes, int n_wishes, bool rest);
void gv_areas_free (GvAreas *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (GvAreas, gv_areas_free)

/* Of a cell inside the crop, counted from the crop's corner. */
double gv_area_weight (const GvArea *self, int y, int x);

/* The shares of all areas at each cell, [n, height, width]: weights divided by their sum there. */
float *gv_areas_shares (const GvAreas *self);

/*
 * The same on a grid of cells that are 2^@level latent cells wide and high, for masks inside a
 * network: means of the weights under each, divided by their sum.
 * Returns: (transfer full): [h, w, n], areas innermost; h and w are rounded up
 */
float *gv_areas_masks (const GvAreas *self, int level);

/* One run of the network: an area with a text. */
typedef struct
{
  int area;
  int text;   /* the caller's number for it */
  int tokens; /* of the text: only equal ones can be run together */
  int side;   /* which of the blends it goes into: 0 for the prompt, 1 for the negative one;
                 2 and 3 likewise, of the second of two latents */
  int weights; /* the caller's number for the network's: only equal ones can be run together */
} GvAreaRun;

/* Blends of a call at most. */
#define GV_AREA_SIDES 4

/* Runs that the network takes at once: crops of one shape, texts of one length. */
typedef struct
{
  int n, h, w, tokens, weights;
  const GvAreaRun *runs; /* n of them */
} GvAreaBatch;

/* All runs of a model call in an order in which they can be batched. */
typedef struct
{
  GArray *runs;    /* (owned) (element-type GvAreaRun)   */
  GArray *batches; /* (owned) (element-type GvAreaBatch) */
  int n_shapes;    /* of batches that differ in n, h, w, tokens or weights */
  int most;        /* runs of the largest batch, times its cells */
} GvAreaPlan;

/* No batch has more than @max_cells cells in all, unless it is a single run. */
GvAreaPlan *
gv_area_plan_new (const GvAreas *areas, const GvAreaRun *runs, int n_runs, int max_cells);
void gv_area_plan_free (GvAreaPlan *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (GvAreaPlan, gv_area_plan_free)

/*
 * The network: @x holds the batch's crops [n, channels, h, w] at noise level @sigma, and @x0 gets
 * the expected pictures under them.
 */
typedef bool (*GvAreaFunc) (const GvAreaBatch *batch,
                            const float *x,
                            double sigma,
                            float *x0,
                            gpointer data,
                            GError **error);

/**
 * gv_areas_denoise:
 * @x: the latent [channels, height, width], or two of them
 * @x0: one for each side that the plan's runs go to; where all weights are 0, it becomes 0
 *
 * One model call: x0 = Σ weight · x0 of the run / Σ weight.
 */
bool gv_areas_denoise (const GvAreas *areas,
                       const GvAreaPlan *plan,
                       int channels,
                       const float *x,
                       double sigma,
                       float *const x0[GV_AREA_SIDES],
                       GvAreaFunc run,
                       gpointer data,
                       GError **error);
