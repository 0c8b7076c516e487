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
  const char *axes[3]; /* of a grid: x, y, z */
  const char *device, *preview, *out, *latents_out;
  bool json;
  bool score;
  const char *reference;
  GvScoreOptions scorers;
} GvGenerateOptions;

/* The table of `grid`: its own options, and from the fourth on those of `generate`. */
extern const GvOption gv_grid_options[];
#define GV_N_GRID_OPTIONS 3
#define gv_generate_options (gv_grid_options + GV_N_GRID_OPTIONS)

/* The defaults of a recipe, and nothing written but the picture. */
void gv_generate_options_init (void *values);
