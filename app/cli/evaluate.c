// SPDX-FileCopyrightText: Giverny contributors
// SPDX-License-Identifier: GPL-3.0-or-later
/* `giverny-cli evaluate`: scores a folder of pictures by a list of prompts, ranks them, and puts
 * the best aside. */
#include "command.h"

#include "contact-sheet.h"
#include "evaluate-files.h"
#include "score-job.h"
#include "score-table.h"

#include <math.h>
#include <string.h>

typedef struct
{
  const char *prompts, *out, *format, *device;
  int finals;
  GvScoreOptions scorers;
} EvaluateOptions;

#define AT(field) .offset = offsetof (EvaluateOptions, field)

static const GvOption options[] = {
  { .name = "prompts",
    .value = N_ ("FILE"),
    .type = GV_OPTION_STRING,
    AT (prompts),
    .group = N_ ("What to score"),
    .help = N_ ("CSV with the columns file, prompt and, if wanted, reference; or JSON lines with "
                "these names. Files are looked for in the folder.") },
  { .name = "finals",
    .value = "N",
    .type = GV_OPTION_INT,
    .min = 0,
    .max = 1000000,
    AT (finals),
    .normal = N_ ("those that passed"),
    .help = N_ ("Copy the N best pictures to OUT/finals.") },
  { .name = "out",
    .value = N_ ("FOLDER"),
    .type = GV_OPTION_STRING,
    AT (out),
    .normal = N_ ("“evaluation” in the folder"),
    .help = N_ ("Where scores.csv, scores.json, contact-sheet.png and finals go. Scores that are "
                "there already are not measured again.") },
  { .name = "format",
    .value = N_ ("NAME"),
    .type = GV_OPTION_CHOICE,
    AT (format),
    .list = gv_score_list_formats,
    .normal = "table",
    .help = N_ ("How to print the scores:") },
  GV_SCORE_OPTIONS (EvaluateOptions),
  { .name = "device",
    .value = N_ ("N|NAME"),
    .type = GV_OPTION_STRING,
    AT (device),
    .normal = N_ ("$GV_DEVICE, else the best one"),
    .help = N_ ("A number or part of a name from “giverny-cli devices”.") },
  { .name = NULL },
};

/* One run. */
typedef struct
{
  const EvaluateOptions *options;
  const char *folder;
  char *out;              /* (owned) */
  GPtrArray *entries;     /* (owned) (element-type GvEvaluateEntry) */
  GvScoreSetup setup;
  GvScoreTable *table;    /* (owned) */
  GArray *rows;           /* (owned): of int, which entries are scored now */
  int unsaved;
} Evaluate;

static void
evaluate_clear (Evaluate *self)
{
  g_clear_pointer (&self->out, g_free);
  g_clear_pointer (&self->entries, g_ptr_array_unref);
  g_clear_pointer (&self->table, gv_score_table_free);
  g_clear_pointer (&self->rows, g_array_unref);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Evaluate, evaluate_clear)

static void
init (void *values)
{
  *(EvaluateOptions *) values = (EvaluateOptions) { .format = "table", .finals = -1 };
}

/* Best first; what has no total comes last, in the order of the list. */
static int
compare_totals (gconstpointer a, gconstpointer b, gpointer data)
{
  const GvScoreRow *rows = data;
  int left = *(const int *) a, right = *(const int *) b;
  double l = rows[left].result.verdict.total, r = rows[right].result.verdict.total;

  l = isnan (l) ? -1 : l;
  r = isnan (r) ? -1 : r;
  return l != r ? (l < r ? 1 : -1) : left - right;
}

static void
rank (Evaluate *self)
{
  GvScoreTable *t = self->table;
  g_autofree int *order = gv_score_table_order (t);
  int finals = self->options->finals;

  g_sort_array (order, (size_t) t->n, sizeof *order, compare_totals, t->rows);
  for (int i = 0; i < t->n; i++) {
    GvScoreRow *row = t->rows + order[i];

    row->rank = i + 1;
    row->final = finals >= 0 ? i < finals : row->result.verdict.passed;
  }
  t->has_rank = true;
}

static bool
save_state (Evaluate *self, GError **error)
{
  self->unsaved = 0;
  return gv_evaluate_save_state (self->out, self->entries, self->table, error);
}

/* Now and then, so that little is lost when the run is stopped. */
#define SAVE_EVERY 16

static bool
on_result (const GvScoreResult *result, gpointer data, GError **error)
{
  Evaluate *self = data;
  GvScoreResult own = *result;

  own.index = g_array_index (self->rows, int, result->index);
  gv_score_table_set (self->table, &own);
  return ++self->unsaved < SAVE_EVERY || save_state (self, error);
}

static bool
score (Evaluate *self, GError **error)
{
  g_autofree GvScoreItem *items = g_new0 (GvScoreItem, MAX (self->rows->len, 1));
  g_autoptr (GError) failure = NULL;
  bool ok;

  for (guint i = 0; i < self->rows->len; i++) {
    const GvEvaluateEntry *e = self->entries->pdata[g_array_index (self->rows, int, i)];

    items[i] =
        (GvScoreItem) { .file = e->path, .prompt = e->prompt, .reference_file = e->reference_path };
  }
  if (!self->rows->len)
    return true;
  ok = gv_score_job_run (&self->setup, items, (int) self->rows->len, self->options->device,
                         on_result, self, error);
  return save_state (self, ok ? error : &failure) && ok;
}

static void
set_up_table (Evaluate *self)
{
  self->table = gv_score_table_new (&self->setup.rules, (int) self->entries->len);
  self->rows = g_array_new (FALSE, FALSE, sizeof (int));
  for (guint i = 0; i < self->entries->len; i++) {
    const GvEvaluateEntry *e = self->entries->pdata[i];

    gv_score_table_set_file (self->table, (int) i, e->file, e->prompt, e->reference);
  }
  gv_evaluate_load_state (self->out, self->entries, &self->setup, self->table);
  for (int i = 0; i < self->table->n; i++)
    if (!self->table->rows[i].scored)
      g_array_append_val (self->rows, i);
}

static bool
write_results (Evaluate *self, GError **error)
{
  g_autofree char *json = gv_score_table_to_json (self->table);
  g_autofree char *csv = gv_score_table_to_csv (self->table);

  return gv_evaluate_write (self->out, "scores.json", json, error) &&
         gv_evaluate_write (self->out, "scores.csv", csv, error) &&
         gv_evaluate_copy_finals (self->out, self->entries, self->table, error) &&
         gv_contact_sheet_save (self->out, self->entries, self->table, error);
}

static bool
run (const void *values, const GPtrArray *words, GError **error)
{
  const EvaluateOptions *o = values;
  g_auto (Evaluate) self = { .options = o, .folder = words->pdata[0] };

  if (!o->prompts) {
    gv_usage_error (error, _ ("--prompts: is missing"));
    return false;
  }
  gv_score_options_apply (&o->scorers, true, &self.setup);
  self.out = o->out ? g_strdup (o->out) : g_build_filename (self.folder, "evaluation", NULL);
  self.entries = gv_evaluate_read_list (self.folder, o->prompts, error);
  if (!self.entries || !gv_evaluate_make_folder (self.out, error))
    return false;
  set_up_table (&self);
  if (!score (&self, error))
    return false;
  rank (&self);
  if (!write_results (&self, error))
    return false;
  gv_score_table_print (self.table, o->format);
  gv_score_say_starter (&self.setup);
  return true;
}

static const char *const examples[] = {
  "giverny-cli evaluate pictures --prompts prompts.csv --finals 10 --out evaluation",
  NULL,
};

const GvCommand gv_command_evaluate = {
  .name = "evaluate",
  .words = N_ ("FOLDER"),
  .summary = N_ ("Score and rank a folder of pictures, and put the best aside"),
  .description = N_ ("Can be interrupted and started again: what was scored stays scored, as long "
                     "as picture, prompt, reference and scorers are the same."),
  .options = options,
  .values_size = sizeof (EvaluateOptions),
  .init = init,
  .min_words = 1,
  .max_words = 1,
  .run = run,
  .examples = examples,
};
