// SPDX-FileCopyrightText: Giverny contributors
// SPDX-License-Identifier: GPL-3.0-or-later
/* What `giverny-cli generate` takes. */
#pragma once

#include "options.h"
#include "score-job.h"

typedef struct
{
  const char *model, *prompt, *negative;
  int width, height, steps, count, clip_skip;
  double cfg;
  const char *sampler, *schedule;
  GvSeed seed;
  const char *region_mode;
  GvOptionList regions, loras, lora_blocks;
  bool merge_lora, before_after;
  const char *device, *preview, *out, *latents_out;
  bool json;
  bool score;
  const char *reference;
  GvScoreOptions scorers;
} GvGenerateOptions;

extern const GvOption gv_generate_options[];

/* The defaults of a recipe, and nothing written but the picture. */
void gv_generate_options_init (void *values);
