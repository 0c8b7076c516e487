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
#include "weights/lora-store.h"
#include "weights/store.h"

/* A list of LoRAs, opened. */
typedef struct
{
  char *key;                       /* of the files and their order */
  GArray *entries;                 /* of GvLoraEntry                */
  GvLoraStore *stores[GV_N_PARTS]; /* (nullable)                    */
} GvLoraSet;

void gv_lora_set_free (GvLoraSet *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (GvLoraSet, gv_lora_set_free)

/* A compiled network for one shape. */
typedef struct
{
  GvPart part;
  GvLoraStore *loras; /* (nullable) */
  int key[4]; /* what it was compiled for: the stage's own numbers */
  GvGraph *graph;
  GvTensor *in[3], *out;
  GPtrArray *more; /* (owned) (nullable): inputs that are of no fixed number */
  GvTensor *strengths; /* (nullable) [samples, 1, 1, slots of @loras] */
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
  GvLoraIndex *lora_index; /* (nullable): made when first needed */
  GPtrArray *lora_sets; /* of GvLoraSet, the last one used last */
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
  GvLoraSet *loras; /* (nullable)                                             */
  double *strengths[GV_N_PARTS]; /* (owned) (nullable): of the sets' slots    */
  bool plain; /* for now, run the networks without the LoRAs                  */
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

/* Frees the programs that use a list of LoRAs. */
void gv_sd1_drop_programs (GvSd1 *self, const GvLoraSet *set);

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

/* Opens the recipe's LoRAs, if it has any, and brings their strengths where they act. */
bool gv_run_open_loras (GvRun *run, GError **error);
void gv_run_close_loras (GvRun *run);

/* Do they change a part?  Does the U-Net need changed copies, so that a batch has them or not? */
bool gv_run_has_loras (const GvRun *run, GvPart part);
bool gv_run_has_copies (const GvRun *run);

/* Says how strongly the LoRAs act on a sample of a program's next run: as the recipe says or not at
 * all. */
void gv_run_fill_strengths (GvRun *run, GvStageProgram *program, int sample, bool on);

/* Tells the listener of LoRAs that change nothing. */
void gv_run_warn_of_loras (GvRun *run);

/* Text to states, weights applied.  NULL on an error. */
GvTextStates *gv_run_encode (GvRun *run, const char *option, const char *prompt, GError **error);

/* The states of all texts that a recipe needs. */
typedef struct
{
  int refs;
  GPtrArray *states; /* (owned) (element-type GvTextStates): each different text once      */
  int n_sides;       /* 1, or 2 with the negative texts                                    */
  int *of[2];        /* (owned): of the background and of each region, which of the states */
} GvRunTexts;

/* NULL on an error. */
GvRunTexts *gv_run_encode_all (GvRun *run, GError **error);
GvRunTexts *gv_run_texts_ref (GvRunTexts *self);
void gv_run_texts_unref (GvRunTexts *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (GvRunTexts, gv_run_texts_unref)

/* Of area 0, the background, or of region @area - 1. */
const GvTextStates *gv_run_texts_get (const GvRunTexts *self, int side, int area);

/*
 * Noise to latents [c, h, w], (transfer full).
 * @texts: one; or two for a pair [2, c, h, w] from the same noise, the first without the LoRAs
 */
float *gv_run_sample (GvRun *run,
                      guint64 seed,
                      GvRunTexts *const *texts,
                      int n_texts,
                      GError **error);

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
