// SPDX-FileCopyrightText: Giverny contributors
// SPDX-License-Identifier: GPL-3.0-or-later
/* Scoring from the command line: the options that all of it shares, and a job that is waited for.
 */
#pragma once

#include "options.h"

/* Which scorers. */
typedef struct
{
  const char *clip, *blip2, *lpips; /* (nullable) */
  int blip2_tokens;
} GvScoreOptions;

/* The lines of a command's table for them, its struct having a GvScoreOptions `scorers`. */
#define GV_SCORE_OPTIONS(Options)                                                                  \
  { .name = "clip",                                                                                \
    .value = N_ ("PATH"),                                                                          \
    .type = GV_OPTION_STRING,                                                                      \
    .offset = offsetof (Options, scorers.clip),                                                    \
    .group = N_ ("Scorers; without any, the starter's"),                                           \
    .help = N_ ("A folder of transformers' CLIPModel.") },                                         \
      { .name = "blip2",                                                                           \
        .value = N_ ("PATH"),                                                                      \
        .type = GV_OPTION_STRING,                                                                  \
        .offset = offsetof (Options, scorers.blip2),                                               \
        .help = N_ ("A folder of transformers' Blip2ForImageTextRetrieval.") },                    \
      { .name = "blip2-tokens",                                                                    \
        .value = "N",                                                                              \
        .type = GV_OPTION_INT,                                                                     \
        .min = 2,                                                                                  \
        .max = 65536,                                                                              \
        .offset = offsetof (Options, scorers.blip2_tokens),                                        \
        .normal = N_ ("the model's own limit"),                                                    \
        .help = N_ ("Cut prompts for BLIP-2 at N tokens; 32 is what it was trained with.") },      \
  {                                                                                                \
    .name = "lpips", .value = N_ ("PATH"), .type = GV_OPTION_STRING,                               \
    .offset = offsetof (Options, scorers.lpips),                                                   \
    .help = N_ ("A .safetensors file with AlexNet, VGG16 or SqueezeNet and linear layers.")        \
  }

/* The options as the engine wants them; @match: the matching head, too. */
void gv_score_options_apply (const GvScoreOptions *self, bool match, GvScoreSetup *setup);

/* Says on stderr what starter scores are, if it is they; for the end of a run that succeeds. */
void gv_score_say_starter (const GvScoreSetup *setup);

/* Told of each result, here; false with @error set ends the job. */
typedef bool (*GvScoreEvent) (const GvScoreResult *result, gpointer data, GError **error);

/*
 * Scores @n items and waits, with a progress line; interrupted by SIGINT or SIGTERM it fails with
 * G_IO_ERROR_CANCELLED.  @device: (nullable)
 */
bool gv_score_job_run (const GvScoreSetup *setup,
                       const GvScoreItem *items,
                       int n,
                       const char *device,
                       GvScoreEvent event,
                       gpointer data,
                       GError **error);

/* "0.412345", or nothing for NaN.  (transfer full) */
char *gv_score_format (double value);
