// SPDX-FileCopyrightText: Giverny contributors
// SPDX-License-Identifier: GPL-3.0-or-later
/* `giverny-cli score`: how well pictures fit a prompt, and how near they are to a reference. */
#include "command.h"

#include "score-job.h"
#include "score-table.h"
#include "terminal.h"

#include <string.h>

typedef struct
{
  const char *prompt, *reference, *format, *device;
  GvScoreOptions scorers;
  bool clipscore, z_scores;
} ScoreOptions;

#define AT(field) .offset = offsetof (ScoreOptions, field)

static const GvOption options[] = {
  { .name = "prompt",
    .value = N_ ("TEXT"),
    .type = GV_OPTION_PROMPT,
    AT (prompt),
    .group = N_ ("What to compare with"),
    .help = N_ ("What the pictures should show.") },
  { .name = "reference",
    .value = N_ ("IMG"),
    .type = GV_OPTION_STRING,
    AT (reference),
    .help = N_ ("A picture that they should be near to, for LPIPS.") },
  GV_SCORE_OPTIONS (ScoreOptions),
  { .name = "format",
    .value = N_ ("NAME"),
    .type = GV_OPTION_CHOICE,
    AT (format),
    .list = gv_score_list_formats,
    .group = N_ ("Output"),
    .normal = "table",
    .help = N_ ("How to print the scores:") },
  { .name = "clipscore",
    .type = GV_OPTION_FLAG,
    AT (clipscore),
    .help = N_ ("Another column: CLIPScore, 2.5 · max (cosine, 0) with the prompt behind “A photo "
                "depicts”.") },
  { .name = "z-scores",
    .type = GV_OPTION_FLAG,
    AT (z_scores),
    .help = N_ ("Another column: by how many deviations the total lies from these pictures' "
                "mean.") },
  { .name = "device",
    .value = N_ ("N|NAME"),
    .type = GV_OPTION_STRING,
    AT (device),
    .normal = N_ ("$GV_DEVICE, else the best one"),
    .help = N_ ("A number or part of a name from “giverny-cli devices”.") },
  { .name = NULL },
};

static void
init (void *values)
{
  *(ScoreOptions *) values = (ScoreOptions) { .format = "table" };
}

static bool
on_result (const GvScoreResult *result, gpointer data, GError **error)
{
  gv_score_table_set (data, result);
  return true;
}

/* CLIPScore has the prompt behind a prefix: a run of its own, with CLIP alone. */
static bool
on_clipscore (const GvScoreResult *result, gpointer data, GError **error)
{
  gv_score_table_set_clipscore (data, result->index, result->scores.clip);
  return true;
}

static bool
run_clipscore (const ScoreOptions *o,
               const GvScoreSetup *setup,
               GvScoreItem *items,
               int n,
               GvScoreTable *table,
               GError **error)
{
  g_autofree char *prompt = g_strconcat (GV_CLIPSCORE_PREFIX, o->prompt, NULL);

  for (int i = 0; i < n; i++) {
    items[i].prompt = prompt;
    items[i].reference_file = NULL;
  }
  return gv_score_job_run (setup, items, n, o->device, on_clipscore, table, error);
}

static bool
check (const ScoreOptions *o, GError **error)
{
  if (!o->prompt && !o->reference)
    gv_usage_error (error, _ ("--prompt: is missing, and --reference, too"));
  else if (o->clipscore && !o->prompt)
    gv_usage_error (error, _ ("--clipscore: needs --prompt"));
  else
    return true;
  return false;
}

static bool
run (const void *values, const GPtrArray *words, GError **error)
{
  const ScoreOptions *o = values;
  int n = (int) words->len;
  g_autofree GvScoreItem *items = g_new0 (GvScoreItem, n);
  g_autoptr (GvScoreTable) table = NULL;
  GvScoreSetup setup;

  if (!check (o, error))
    return false;
  gv_score_options_apply (&o->scorers, strcmp (o->format, "json") == 0, &setup);
  table = gv_score_table_new (&setup.rules, n);
  for (int i = 0; i < n; i++) {
    items[i] = (GvScoreItem) { .file = words->pdata[i],
                               .prompt = o->prompt,
                               .reference_file = o->reference };
    gv_score_table_set_file (table, i, words->pdata[i], NULL, NULL);
  }
  if (!gv_score_job_run (&setup, items, n, o->device, on_result, table, error))
    return false;
  if (o->clipscore && !run_clipscore (o, &setup, items, n, table, error))
    return false;
  if (o->z_scores)
    gv_score_table_add_z_scores (table);
  gv_score_table_print (table, o->format);
  gv_score_say_starter (&setup);
  return true;
}

static const char *const examples[] = {
  "giverny-cli score --prompt \"a red boat on a lake at sunset\" boat-*.png",
  "giverny-cli score --prompt \"a lily pond\" --reference pond.png --format csv a.png b.png",
  "giverny-cli score --prompt \"a lily pond\" --clip clip-vit-base-patch32 --format json a.png",
  NULL,
};

const GvCommand gv_command_score = {
  .name = "score",
  .words = N_ ("IMG…"),
  .summary = N_ ("Say how well pictures fit a prompt and a reference"),
  .description = N_ ("CLIP and BLIP-2 compare with the prompt, LPIPS with the reference. What "
                     "can't be measured is left out."),
  .options = options,
  .values_size = sizeof (ScoreOptions),
  .init = init,
  .min_words = 1,
  .max_words = G_MAXINT,
  .run = run,
  .examples = examples,
};
