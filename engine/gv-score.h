// SPDX-FileCopyrightText: Giverny contributors
// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * Scores of pictures: how well they fit their prompt (CLIP, BLIP-2) and how near they are to a
 * reference (LPIPS).  Jobs run on the engine's thread behind everything that paints: a picture that
 * is asked for interrupts them, and they go on afterwards.
 */
#pragma once

#include "gv-engine.h"
#include "score/definitions.h"

G_BEGIN_DECLS

/* Which scorers.  Where all three paths are NULL the starter's are used. */
typedef struct
{
  const char *clip;    /* (nullable): a folder of transformers' CLIPModel                    */
  const char *blip2;   /* (nullable): a folder of transformers' Blip2ForImageTextRetrieval   */
  const char *lpips;   /* (nullable): a .safetensors file                                    */
  bool match;          /* BLIP-2's matching head, too                                        */
  int blip2_tokens;    /* texts are cut there; 0: the model's own limit                      */
  GvScoreRules rules;
} GvScoreSetup;

/* The starter's scorers, the rules' defaults, no matching head. */
void gv_score_setup_init (GvScoreSetup *self);

/* True where the starter's scorers would be used: their numbers can't be compared with published
 * ones, and gv_score_starter_notice() says so. */
bool gv_score_setup_is_starter (const GvScoreSetup *self);
const char *gv_score_starter_notice (void);

/* What is scored. */
typedef struct
{
  const char *file;           /* (nullable): read when its turn comes, where @image is NULL */
  GvImage *image;             /* (nullable)                                                 */
  const char *prompt;         /* (nullable): without it neither CLIP nor BLIP-2             */
  GvImage *reference;         /* (nullable)                                                 */
  const char *reference_file; /* (nullable): read where @reference is NULL                  */
} GvScoreItem;

/* Of one picture. */
typedef struct
{
  int index; /* of the item */
  GvScores scores; /* NaN where there is none: no model, no prompt or no reference */
  GvVerdict verdict;
  const char *clip_model, *blip2_model, *lpips_model; /* (nullable): the name that a number needs */
  bool starter;
} GvScoreResult;

typedef void (*GvScoreFunc) (const GvScoreResult *result, gpointer data);

/**
 * gv_engine_score_async:
 * @items: @n of them; copied, pictures are referenced
 * @on_score: called for each, in order, in the caller's thread-default context
 *
 * Queues a scoring job.  Errors at the end: those of the files, naming them, and
 * %G_IO_ERROR_CANCELLED; what was scored before is told all the same.
 */
void gv_engine_score_async (GvEngine *self,
                            const GvScoreSetup *setup,
                            const GvScoreItem *items,
                            int n,
                            GvScoreFunc on_score,
                            GCancellable *cancellable,
                            GAsyncReadyCallback callback,
                            gpointer data);

bool gv_engine_score_finish (GvEngine *self, GAsyncResult *result, GError **error);

/* The three scores, for what is said about them. */
typedef enum { GV_SCORE_CLIP, GV_SCORE_BLIP2, GV_SCORE_LPIPS, GV_N_SCORES } GvScoreKind;

/* "CLIP", "BLIP-2", "LPIPS". */
const char *gv_score_kind_get_name (GvScoreKind kind);

/* What the number means, in one sentence, translated. */
const char *gv_score_kind_explain (GvScoreKind kind);

/* "above target", "below target", "not measured", translated. */
const char *
gv_score_kind_judge (GvScoreKind kind, const GvScores *scores, const GvScoreRules *rules);

/* A prompt as a scorer reads it: without weights and their parentheses.  (transfer full) */
char *gv_score_plain_prompt (const char *prompt);

/* A result as JSON, without the file: the fields of `giverny-cli score --format json`, with models
 * and rules.  (transfer full) */
char *gv_score_result_to_json (const GvScoreResult *self, const GvScoreRules *rules);

G_END_DECLS
