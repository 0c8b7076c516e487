// SPDX-FileCopyrightText: Giverny contributors
// SPDX-License-Identifier: GPL-3.0-or-later
/* Scoring what was painted. */
#include "generate-score.h"

#define KEYWORD "giverny-scores"

typedef struct
{
  GArray *files;
  GvScoreSetup setup;
} Run;

void
gv_scored_file_clear (gpointer self)
{
  g_clear_pointer (&((GvScoredFile *) self)->json, g_free);
}

static bool
on_result (const GvScoreResult *result, gpointer data, GError **error)
{
  Run *self = data;
  GvScoredFile *file = &g_array_index (self->files, GvScoredFile, result->index);
  g_autoptr (GvImage) image = gv_image_load (file->file, error);

  if (!image)
    return false;
  file->json = gv_score_result_to_json (result, &self->setup.rules);
  gv_image_set_text (image, KEYWORD, file->json);
  return gv_image_save (image, file->file, error);
}

bool
gv_generate_score (const GvScoreOptions *options,
                   const char *prompt,
                   const char *device,
                   GArray *files,
                   GError **error)
{
  g_autofree GvScoreItem *items = g_new0 (GvScoreItem, MAX (files->len, 1));
  g_autofree char *plain = gv_score_plain_prompt (prompt);
  Run self = { files };

  gv_score_options_apply (options, true, &self.setup);
  for (guint i = 0; i < files->len; i++) {
    const GvScoredFile *file = &g_array_index (files, GvScoredFile, i);

    items[i] =
        (GvScoreItem) { .file = file->file, .prompt = plain, .reference_file = file->reference };
  }
  if (!gv_score_job_run (&self.setup, items, (int) files->len, device, on_result, &self, error))
    return false;
  gv_score_say_starter (&self.setup);
  return true;
}
