// SPDX-FileCopyrightText: Giverny contributors
// SPDX-License-Identifier: GPL-3.0-or-later
/* Scoring jobs: what is asked for, what comes back, and what the numbers are called. */
#include "gv-score.h"

#include "base/errors.h"
#include "base/i18n.h"
#include "base/paths.h"
#include "base/post.h"
#include "gv-score-private.h"
#include "text/prompt.h"

#include <math.h>
#include <string.h>
#include <yyjson.h>

/* An item with strings and pictures of its own. */
typedef struct
{
  char *file, *prompt, *reference_file;
  GvImage *image, *reference;
} Item;

/* A task's data. */
typedef struct
{
  GvScorerPaths paths;
  GvScoreRules rules;
  bool starter, retried;
  Item *items;
  int n, next;
  GvScoreFunc on_score;
  gpointer data;
  GMainContext *context;
  GCancellable *cancellable;
  gulong on_cancel;
} Job;

static void
item_clear (Item *self)
{
  g_free (self->file);
  g_free (self->prompt);
  g_free (self->reference_file);
  g_clear_pointer (&self->image, gv_image_unref);
  g_clear_pointer (&self->reference, gv_image_unref);
}

static void
job_free (gpointer data)
{
  Job *self = data;

  if (self->cancellable && self->on_cancel)
    g_cancellable_disconnect (self->cancellable, self->on_cancel);
  for (int i = 0; i < self->n; i++)
    item_clear (self->items + i);
  g_free (self->items);
  g_free (self->paths.clip);
  g_free (self->paths.blip2);
  g_free (self->paths.lpips);
  g_main_context_unref (self->context);
  g_clear_object (&self->cancellable);
  g_free (self);
}

void
gv_score_setup_init (GvScoreSetup *self)
{
  *self = (GvScoreSetup) { .rules = gv_score_rules_default };
}

bool
gv_score_setup_is_starter (const GvScoreSetup *self)
{
  return !self->clip && !self->blip2 && !self->lpips;
}

const char *
gv_score_starter_notice (void)
{
  return _ ("These are starter scores, from the small scorers that come with Giverny: they can't be "
            "compared with published ones.");
}

static void
set_paths (GvScorerPaths *self, const GvScoreSetup *setup)
{
  bool starter = gv_score_setup_is_starter (setup);

  self->clip = starter ? gv_data_path ("starter/scorers/clip") : g_strdup (setup->clip);
  self->blip2 = starter ? gv_data_path ("starter/scorers/blip2") : g_strdup (setup->blip2);
  self->lpips =
      starter ? gv_data_path ("starter/scorers/lpips.safetensors") : g_strdup (setup->lpips);
  self->match = setup->match;
  self->blip2_tokens = setup->blip2_tokens;
}

/* A result on its way to the job's main context. */
typedef struct
{
  GTask *task; /* keeps the job alive */
  GvScoreResult result;
} Message;

static void
message_free (gpointer data)
{
  Message *self = data;

  g_object_unref (self->task);
  g_free (self);
}

static void
deliver (gpointer data)
{
  Message *self = data;
  Job *job = g_task_get_task_data (self->task);

  job->on_score (&self->result, job->data);
}

/* Names are told only beside numbers. */
static const char *
name_if (double score, const char *path)
{
  return isnan (score) ? NULL : path;
}

static void
post_result (GTask *task, int index, const GvScores *scores)
{
  Job *job = g_task_get_task_data (task);
  Message *m = g_new0 (Message, 1);

  m->task = g_object_ref (task);
  m->result = (GvScoreResult) {
    .index = index,
    .scores = *scores,
    .starter = job->starter,
    .clip_model = name_if (scores->clip, job->starter ? "giverny-starter-clip" : job->paths.clip),
    .blip2_model =
        name_if (scores->blip2, job->starter ? "giverny-starter-blip2" : job->paths.blip2),
    .lpips_model =
        name_if (scores->lpips, job->starter ? "giverny-starter-lpips" : job->paths.lpips),
  };
  gv_score_judge (&job->rules, scores, &m->result.verdict);
  gv_post (job->context, deliver, m, message_free);
}

static bool
load_item (Item *self, GError **error)
{
  if (!self->image && self->file)
    self->image = gv_image_load (self->file, error);
  if (!self->image)
    return false;
  if (!self->reference && self->reference_file)
    self->reference = gv_image_load (self->reference_file, error);
  return !self->reference_file || self->reference;
}

/* Pictures that came from files are not kept once they are scored. */
static void
unload_item (Item *self)
{
  if (self->file)
    g_clear_pointer (&self->image, gv_image_unref);
  if (self->reference_file)
    g_clear_pointer (&self->reference, gv_image_unref);
}

static bool
score_next (GTask *task, GvScorer *scorer, GCancellable *interrupt, GError **error)
{
  Job *job = g_task_get_task_data (task);
  GvScorerItem items[GV_SCORER_BATCH];
  GvScores scores[GV_SCORER_BATCH];
  int n = MIN (job->n - job->next, GV_SCORER_BATCH);

  for (int i = 0; i < n; i++) {
    Item *item = job->items + job->next + i;

    if (g_cancellable_set_error_if_cancelled (interrupt, error) || !load_item (item, error))
      return false;
    items[i] = (GvScorerItem) { item->image, item->prompt, item->reference };
  }
  if (!gv_scorer_run (scorer, items, n, scores, interrupt, error))
    return false;
  for (int i = 0; i < n; i++) {
    post_result (task, job->next + i, scores + i);
    unload_item (job->items + job->next + i);
  }
  job->next += n;
  return true;
}

bool
gv_score_task_check (GTask *task)
{
  return g_task_get_source_tag (task) == gv_engine_score_async;
}

void
gv_score_task_fail (GTask *task, GError *error)
{
  g_task_return_error (task, error);
}

bool
gv_score_task_step (GTask *task,
                    GvDevice *device,
                    GvScorer **scorer,
                    GCancellable *interrupt,
                    bool *lost)
{
  Job *job = g_task_get_task_data (task);
  GError *error = NULL;
  bool ok;

  if (*scorer && !gv_scorer_fits (*scorer, &job->paths))
    g_clear_pointer (scorer, gv_scorer_free);
  if (!*scorer)
    *scorer = gv_scorer_new (device, &job->paths);
  ok = !g_cancellable_set_error_if_cancelled (job->cancellable, &error) &&
       (job->next == job->n || score_next (task, *scorer, interrupt, &error));
  *lost = g_error_matches (error, GV_VULKAN_ERROR, GV_VULKAN_ERROR_DEVICE_LOST);
  if (*lost && !job->retried) {
    job->retried = true;
    g_error_free (error);
    return true;
  }
  if (!ok && g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED) &&
      !g_cancellable_is_cancelled (job->cancellable)) {
    g_error_free (error); /* something more urgent; again later */
    return true;
  }
  if (ok && job->next < job->n)
    return true;
  if (ok)
    g_task_return_boolean (task, TRUE);
  else
    g_task_return_error (task, error);
  return false;
}

static void
on_cancelled (GCancellable *cancellable, gpointer data)
{
  g_cancellable_cancel (data);
}

void
gv_engine_score_async (GvEngine *self,
                       const GvScoreSetup *setup,
                       const GvScoreItem *items,
                       int n,
                       GvScoreFunc on_score,
                       GCancellable *cancellable,
                       GAsyncReadyCallback callback,
                       gpointer data)
{
  GTask *task = g_task_new (NULL, cancellable, callback, data);
  Job *job = g_new0 (Job, 1);

  set_paths (&job->paths, setup);
  job->rules = setup->rules;
  job->starter = gv_score_setup_is_starter (setup);
  job->items = g_new0 (Item, MAX (n, 1));
  job->n = n;
  for (int i = 0; i < n; i++)
    job->items[i] = (Item) {
      .file = items[i].image ? NULL : g_strdup (items[i].file),
      .prompt = g_strdup (items[i].prompt),
      .reference_file = items[i].reference ? NULL : g_strdup (items[i].reference_file),
      .image = items[i].image ? gv_image_ref (items[i].image) : NULL,
      .reference = items[i].reference ? gv_image_ref (items[i].reference) : NULL,
    };
  job->on_score = on_score;
  job->data = data;
  job->context = g_main_context_ref_thread_default ();
  g_task_set_task_data (task, job, job_free);
  g_task_set_source_tag (task, gv_engine_score_async);
  g_set_object (&job->cancellable, cancellable);
  if (cancellable)
    /* Not the engine: it would be its own thread that lets go of it last. */
    job->on_cancel =
        g_cancellable_connect (cancellable, G_CALLBACK (on_cancelled),
                               g_object_ref (gv_engine_get_interrupt (self)), g_object_unref);
  gv_engine_push (self, task);
}

bool
gv_engine_score_finish (GvEngine *self, GAsyncResult *result, GError **error)
{
  return g_task_propagate_boolean (G_TASK (result), error);
}

/* Words. */

static const struct
{
  const char *name, *meaning;
} kinds[GV_N_SCORES] = {
  { "CLIP", N_ ("How well the picture as a whole fits the prompt: the cosine between both, seen by "
                "CLIP.") },
  { "BLIP-2", N_ ("How well the picture's details fit the prompt: the best cosine of BLIP-2's "
                  "queries, each of which looks at something else.") },
  { "LPIPS", N_ ("How far the picture is from the reference to the eye: 0 is the same, and less "
                 "is nearer.") },
};

const char *
gv_score_kind_get_name (GvScoreKind kind)
{
  return kinds[kind].name;
}

const char *
gv_score_kind_explain (GvScoreKind kind)
{
  return _ (kinds[kind].meaning);
}

const char *
gv_score_kind_judge (GvScoreKind kind, const GvScores *scores, const GvScoreRules *rules)
{
  const double values[] = { scores->clip, scores->blip2, scores->lpips };
  const double targets[] = { rules->clip_target, rules->blip2_target, rules->lpips_target };
  bool reached =
      kind == GV_SCORE_LPIPS ? values[kind] <= targets[kind] : values[kind] >= targets[kind];

  if (isnan (values[kind]))
    return _ ("not measured");
  return reached ? _ ("target reached") : _ ("target missed");
}

char *
gv_score_plain_prompt (const char *prompt)
{
  g_autoptr (GvPrompt) parsed = gv_prompt_parse (prompt, strlen (prompt), NULL);
  GString *out = g_string_new (NULL);

  for (size_t i = 0; parsed && i < parsed->n_pieces; i++)
    g_string_append_len (out, parsed->pieces[i].text, (gssize) parsed->pieces[i].len);
  return g_string_free (out, FALSE);
}

/* JSON has no NaN: what was not measured is null. */
static void
add_number (yyjson_mut_doc *doc, yyjson_mut_val *object, const char *key, double value)
{
  if (isfinite (value))
    yyjson_mut_obj_add_real (doc, object, key, value);
  else
    yyjson_mut_obj_add_null (doc, object, key);
}

static void
add_model (yyjson_mut_doc *doc, yyjson_mut_val *models, const char *key, const char *name)
{
  if (name)
    yyjson_mut_obj_add_strcpy (doc, models, key, name);
}

static void
add_rules (yyjson_mut_doc *doc, yyjson_mut_val *root, const GvScoreRules *rules)
{
  yyjson_mut_val *targets = yyjson_mut_obj_add_obj (doc, root, "targets");
  yyjson_mut_val *weights = yyjson_mut_obj_add_obj (doc, root, "weights");

  yyjson_mut_obj_add_real (doc, targets, "clip", rules->clip_target);
  yyjson_mut_obj_add_real (doc, targets, "blip2", rules->blip2_target);
  yyjson_mut_obj_add_real (doc, targets, "lpips", rules->lpips_target);
  yyjson_mut_obj_add_real (doc, weights, "clip", rules->clip_weight);
  yyjson_mut_obj_add_real (doc, weights, "blip2", rules->blip2_weight);
  yyjson_mut_obj_add_real (doc, weights, "lpips", rules->lpips_weight);
}

char *
gv_score_result_to_json (const GvScoreResult *self, const GvScoreRules *rules)
{
  yyjson_mut_doc *doc = yyjson_mut_doc_new (NULL);
  yyjson_mut_val *root = yyjson_mut_obj (doc), *models;
  char *text, *out;

  yyjson_mut_doc_set_root (doc, root);
  add_number (doc, root, "clip", self->scores.clip);
  add_number (doc, root, "blip2", self->scores.blip2);
  add_number (doc, root, "lpips", self->scores.lpips);
  add_number (doc, root, "clip_norm", self->verdict.clip_norm);
  add_number (doc, root, "blip2_norm", self->verdict.blip2_norm);
  add_number (doc, root, "lpips_norm", self->verdict.lpips_norm);
  add_number (doc, root, "total", self->verdict.total);
  if (self->verdict.has_verdict)
    yyjson_mut_obj_add_bool (doc, root, "passed", self->verdict.passed);
  else
    yyjson_mut_obj_add_null (doc, root, "passed");
  add_number (doc, root, "blip2_itm", self->scores.blip2_itm);
  add_number (doc, root, "clip_chunks_mean", self->scores.clip_chunks_mean);
  add_number (doc, root, "clip_chunks_best", self->scores.clip_chunks_best);
  models = yyjson_mut_obj_add_obj (doc, root, "models");
  add_model (doc, models, "clip", self->clip_model);
  add_model (doc, models, "blip2", self->blip2_model);
  add_model (doc, models, "lpips", self->lpips_model);
  add_rules (doc, root, rules);
  text = yyjson_mut_write (doc, 0, NULL);
  out = g_strdup (text);
  free (text);
  yyjson_mut_doc_free (doc);
  return out;
}
