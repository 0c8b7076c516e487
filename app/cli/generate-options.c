// SPDX-FileCopyrightText: Giverny contributors
// SPDX-License-Identifier: GPL-3.0-or-later
/* What `giverny-cli generate` takes: one table for reading it, for its help, and for what is still
 * to come. */
#include "generate-options.h"

#include "recipe.h"

#define AT(field) .offset = offsetof (GvGenerateOptions, field)
#define SIDE                                                                                       \
  .type = GV_OPTION_INT, .min = GV_RECIPE_MIN_SIZE, .max = GV_RECIPE_MAX_SIZE, .multiple = 8
#define LATER(option, word) { .name = option, .value = word, .type = GV_OPTION_LATER }

static bool
check_region (const char *text, GError **error)
{
  g_autoptr (GvRegion) region = gv_region_parse ("--region", text, error);

  return region != NULL;
}

#define AXIS(letter, i, text)                                                                      \
  { .name = letter, .value = N_ ("AXIS=V1,V2…"), .type = GV_OPTION_STRING, AT (axes[i]), .help = text }

const GvOption gv_grid_options[] = {
  AXIS ("x", 0,
        N_ ("What changes from column to column: an option of “generate” and its values, or "
            "lora:PATH and strengths. “prompt=@FILE” takes the lines of a file.")),
  AXIS ("y", 1, N_ ("What changes from row to row.")),
  AXIS ("z", 2, N_ ("What changes from block to block of rows.")),

  { .name = "prompt",
    .value = N_ ("TEXT"),
    .type = GV_OPTION_PROMPT,
    AT (prompt),
    .group = N_ ("What to paint"),
    .help =
        N_ ("What the picture shows. (words) weigh 1.1 times as much, (words:1.5) as you say.") },
  { .name = "negative",
    .value = N_ ("TEXT"),
    .type = GV_OPTION_PROMPT,
    AT (negative),
    .help = N_ ("What it keeps away from.") },
  { .name = "region",
    .value = N_ ("X,Y,W,H[,S]:TEXT"),
    .type = GV_OPTION_LIST,
    .max = GV_RECIPE_MAX_REGIONS,
    .check = check_region,
    AT (regions),
    .help = N_ ("What a box of the picture shows, S times as strong as the prompt around it; in "
                "pixels, or all four in percent. Can be given up to 64 times.") },
  { .name = "region-mode",
    .value = N_ ("NAME"),
    .type = GV_OPTION_CHOICE,
    AT (region_mode),
    .list = gv_recipe_list_region_modes,
    .normal = "area",
    .help = N_ ("How boxes are painted: each by itself and blended, or by masked attention:") },
  { .name = "model",
    .value = N_ ("PATH"),
    .type = GV_OPTION_STRING,
    AT (model),
    .normal = N_ ("the starter model"),
    .help = N_ ("A diffusers folder or a .safetensors checkpoint.") },
  { .name = "width",
    .value = "W",
    SIDE,
    AT (width),
    .normal = N_ ("the model's own size"),
    .help = N_ ("Pixels across, a multiple of 8.") },
  { .name = "height",
    .value = "H",
    SIDE,
    AT (height),
    .normal = N_ ("the model's own size"),
    .help = N_ ("Pixels down, a multiple of 8.") },
  { .name = "count",
    .value = "N",
    .type = GV_OPTION_INT,
    .min = 1,
    .max = GV_RECIPE_MAX_COUNT,
    AT (count),
    .normal = "1",
    .help = N_ ("How many pictures; each takes the next seed.") },

  { .name = "steps",
    .value = "N",
    .type = GV_OPTION_INT,
    .min = 1,
    .max = GV_RECIPE_MAX_STEPS,
    AT (steps),
    .group = N_ ("How to paint it"),
    .normal = "20",
    .help = N_ ("Steps from noise to picture; more take longer.") },
  { .name = "cfg",
    .value = "S",
    .type = GV_OPTION_REAL,
    AT (cfg),
    .normal = N_ ("7, starter model 5"),
    .help = N_ ("How closely to follow the prompt. 1 takes half the time, without the negative.") },
  { .name = "seed",
    .value = N_ ("N|random"),
    .type = GV_OPTION_SEED,
    AT (seed),
    .normal = "0",
    .help = N_ ("The noise to start from; the same seed gives the same picture.") },
  { .name = "sampler",
    .value = N_ ("NAME"),
    .type = GV_OPTION_CHOICE,
    AT (sampler),
    .list = gv_recipe_list_samplers,
    .normal = "euler",
    .help = N_ ("The rule of a step:") },
  { .name = "schedule",
    .value = N_ ("NAME"),
    .type = GV_OPTION_CHOICE,
    AT (schedule),
    .list = gv_recipe_list_schedules,
    .normal = "normal",
    .help = N_ ("How much noise each step leaves:") },
  { .name = "clip-skip",
    .value = "N",
    .type = GV_OPTION_INT,
    .min = 1,
    .max = GV_RECIPE_MAX_CLIP_SKIP,
    AT (clip_skip),
    .normal = "1",
    .help = N_ ("Which layer of the text encoder to listen to, counted from its end.") },
  { .name = "lora",
    .value = N_ ("PATH[:S[:T]]"),
    .type = GV_OPTION_LIST,
    .max = GV_RECIPE_MAX_LORAS,
    .check = gv_cli_check_lora,
    AT (loras),
    .group = N_ ("LoRAs"),
    .help =
        N_ ("A .safetensors that changes the model's style, with strength S (1 if left out), and "
            "T for the text encoder. Can be given several times.") },
  { .name = "lora-blocks",
    .value = N_ ("PATH:SPEC"),
    .type = GV_OPTION_LIST,
    .max = GV_RECIPE_MAX_LORAS,
    .check = gv_cli_check_lora_blocks,
    AT (lora_blocks),
    .help =
        N_ ("Factors by block: 17 or 26 numbers, or names as in “in=0.5,mid=0,out03=1,base=1”.") },
  { .name = "merge-lora",
    .type = GV_OPTION_FLAG,
    AT (merge_lora),
    .help = N_ ("Change the weights themselves; quicker for many steps, slower to begin.") },
  { .name = "before-after",
    .type = GV_OPTION_FLAG,
    AT (before_after),
    .help =
        N_ ("Paint each picture without the LoRAs too, from the same noise: FILE-before.png and "
            "FILE-after.png.") },

  { .name = "device",
    .value = N_ ("N|NAME"),
    .type = GV_OPTION_STRING,
    AT (device),
    .group = N_ ("Where to paint it"),
    .normal = N_ ("$GV_DEVICE, else the best one"),
    .help = N_ ("A number or part of a name from “giverny-cli devices”.") },

  { .name = "out",
    .value = N_ ("FILE.png"),
    .type = GV_OPTION_STRING,
    AT (out),
    .group = N_ ("What to write"),
    .normal = N_ ("a name from prompt and seed, printed"),
    .help = N_ ("The picture; several become FILE-0.png, FILE-1.png and so on.") },
  { .name = "latents-out",
    .value = N_ ("FILE.safetensors"),
    .type = GV_OPTION_STRING,
    AT (latents_out),
    .help = N_ ("Also the latents, before they are decoded, as one tensor “latents”.") },
  { .name = "preview",
    .value = N_ ("FOLDER"),
    .type = GV_OPTION_STRING,
    AT (preview),
    .help = N_ ("Also a rough PNG after each step.") },
  { .name = "json",
    .type = GV_OPTION_FLAG,
    AT (json),
    .help = N_ ("Print one JSON object about the result.") },

  { .name = "score",
    .type = GV_OPTION_FLAG,
    AT (score),
    .group = N_ ("Scores"),
    .help = N_ ("Score the pictures, into the PNGs and the JSON.") },
  { .name = "reference",
    .value = N_ ("FILE"),
    .type = GV_OPTION_STRING,
    AT (reference),
    .normal = N_ ("with --before-after the first half"),
    .help = N_ ("A picture that they should be near to, for LPIPS.") },
  GV_SCORE_OPTIONS (GvGenerateOptions),

  { .name = "profile", .value = N_ ("NAME"), .type = GV_OPTION_LATER, .only = "comfyui" },
  { .name = "prompt-rule", .value = N_ ("NAME"), .type = GV_OPTION_LATER, .only = "comfyui" },
  { .name = "rng", .value = N_ ("NAME"), .type = GV_OPTION_LATER, .only = "cpu" },
  LATER ("guidance", "G"),
  LATER ("init", "FILE"),
  LATER ("denoise", "D"),
  LATER ("mask", "FILE"),
  LATER ("vae", "PATH"),
  LATER ("clip-l", "PATH"),
  LATER ("t5", "PATH"),
  LATER ("embedding", "PATH"),
  LATER ("low-memory", NULL),
  LATER ("budget", "GB"),
  { .name = NULL },
};

void
gv_generate_options_init (void *values)
{
  GvGenerateOptions *options = values;

  *options = (GvGenerateOptions) {
    .prompt = "",
    .negative = "",
    .steps = 20,
    .count = 1,
    .clip_skip = 1,
    .cfg = GV_RECIPE_CFG_DEFAULT,
    .sampler = "euler",
    .schedule = "normal",
    .region_mode = "area",
  };
}
