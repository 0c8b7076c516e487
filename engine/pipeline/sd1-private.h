// SPDX-FileCopyrightText: Giverny contributors
// SPDX-License-Identifier: GPL-3.0-or-later
/* The stages of the Stable Diffusion 1.x pipeline, and what they share. */
#pragma once

#include "pipeline/sd1.h"

#include "graph/graph.h"
#include "sample/areas.h"
#include "sample/preview.h"
#include "sample/samplers.h"
#include "sample/schedules.h"
#include "text/bpe.h"
#include "weights/model-files.h"
#include "weights/store.h"

/* A compiled network for one shape. */
typedef struct
{
  GvPart part;
  int key[4]; /* what it was compiled for: the stage's own numbers */
  GvGraph *graph;
  GvTensor *in[3], *out;
  GPtrArray *more; /* (owned) (nullable): inputs that are of no fixed number */
} GvStageProgram;

struct _GvSd1
{
  GvDevice *device;
  GvModelFiles *files;
  GvBpe *bpe;
  GvSigmas *sigmas;
  GvPreviewFactors preview;
  GvWeightStore *stores[GV_N_PARTS];
  GPtrArray *programs; /* of GvStageProgram, newest last */
  GPtrArray *layouts;  /* of char *: lengths of texts, each with a number for programs' keys */
};

/* One call of gv_sd1_generate(). */
typedef struct
{
  GvSd1 *model;
  GvRecipe *recipe; /* width, height and cfg filled in */
  const GvJobEvents *events;
  gpointer data;
  GCancellable *cancellable;
  GvProgress progress;
  int n_shapes; /* of the networks that this run goes back and forth between */
} GvRun;

/* What a text encoder made of a prompt. */
typedef struct
{
  int tokens; /* of all chunks */
  int width;
  float *states; /* (owned) [tokens, width] */
} GvTextStates;

void gv_text_states_free (GvTextStates *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (GvTextStates, gv_text_states_free)

/* Tells the run's listener how far a stage is. */
void gv_run_report (GvRun *run, GvStage stage, double fraction);

/* Writes a stage's network into the empty graph of @program, and sets its inputs and output. */
typedef void (*GvDescribeFunc) (GvStageProgram *program, gpointer data);

/* A program that is there already, or NULL. */
GvStageProgram *gv_sd1_find_program (GvSd1 *self, GvPart part, const int key[4]);

/*
 * A program that is there already, or a new one, compiled.  Where memory is short all others make
 * room for it, so what an earlier call returned may be gone. Returns: (transfer none): kept by the
 * model; NULL on an error
 */
GvStageProgram *gv_run_get_program (GvRun *run,
                                    GvPart part,
                                    const int key[4],
                                    GvDescribeFunc describe,
                                    gpointer data,
                                    GError **error);

/* Text to states, weights applied.  NULL on an error. */
GvTextStates *gv_run_encode (GvRun *run, const char *option, const char *prompt, GError **error);

/* The states of all texts that a recipe needs. */
typedef struct
{
  GPtrArray *states; /* (owned) (element-type GvTextStates): each different text once      */
  int n_sides;       /* 1, or 2 with the negative texts                                    */
  int *of[2];        /* (owned): of the background and of each region, which of the states */
} GvRunTexts;

/* NULL on an error. */
GvRunTexts *gv_run_encode_all (GvRun *run, GError **error);
void gv_run_texts_free (GvRunTexts *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (GvRunTexts, gv_run_texts_free)

/* Of area 0, the background, or of region @area - 1. */
const GvTextStates *gv_run_texts_get (const GvRunTexts *self, int side, int area);

/* Noise to latents [c, h, w], (transfer full). */
float *gv_run_sample (GvRun *run, guint64 seed, const GvRunTexts *texts, GError **error);

/* A model call with several sides and regions, as a GvDenoiseFunc's. */
typedef struct _GvMasked GvMasked;

/*
 * Regions by masked cross-attention: the U-Net runs on the whole latent, and in each place listens
 * to the texts of the regions there.
 */
GvMasked *gv_masked_new (GvRun *run, const GvRunTexts *texts);
void gv_masked_free (GvMasked *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (GvMasked, gv_masked_free)

/* @x0: [c, h, w] for each side of the texts. */
bool gv_masked_denoise (GvMasked *self,
                        const float *x,
                        double sigma,
                        float *const x0[2],
                        GError **error);

/* The areas of the run's regions; @rest as in gv_areas_new(). */
GvAreas *gv_run_new_areas (GvRun *run, bool rest);

/*
 * What a U-Net takes in for sample @i of a program, and x0 from what it gave.
 * @scratch: c · h · w floats
 */
void gv_unet_fill (GvRun *run,
                   GvStageProgram *program,
                   int i,
                   const float *x,
                   double sigma,
                   float *scratch);
void gv_unet_take (GvRun *run,
                   GvStageProgram *program,
                   int i,
                   const float *x,
                   double sigma,
                   float *scratch,
                   float *x0);

/* Latents to a picture. */
GvImage *gv_run_decode (GvRun *run, const float *latents, GError **error);
