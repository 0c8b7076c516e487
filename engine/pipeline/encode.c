// SPDX-FileCopyrightText: Giverny contributors
// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * Prompt to text states.  Chunks are encoded one by one and stand one after the other; a token of
 * weight w moves from the empty prompt's state e at the same place to e + w (v - e), as ComfyUI
 * does.
 */
#include "pipeline/sd1-private.h"

#include "base/errors.h"
#include "base/i18n.h"
#include "nets/clip-text.h"
#include "text/chunks.h"

#include <string.h>

void
gv_text_states_free (GvTextStates *self)
{
  g_free (self->states);
  g_free (self);
}

static void
describe (GvStageProgram *program, gpointer data)
{
  const GvClipTextConfig *config = data;

  program->in[0] = gv_input_ids (program->graph, 1, config->n_positions);
  program->out = gv_clip_text (program->graph, config, program->in[0], program->key[0]);
}

static GvStageProgram *
get_program (GvRun *run, GError **error)
{
  const GvClipTextConfig *config = gv_model_files_get_text_config (run->model->files);
  int key[4] = { gv_recipe_get_clip_skip (run->recipe) };

  if (key[0] <= config->n_layers)
    return gv_run_get_program (run, GV_PART_TEXT, key, describe, (gpointer) config, error);
  g_set_error (error, GV_RECIPE_ERROR, GV_RECIPE_ERROR_VALUE,
               _("--clip-skip: the model’s text encoder has only %d layers"), config->n_layers);
  return NULL;
}

static bool
encode_chunk (GvRun *run,
              GvStageProgram *program,
              const int *ids,
              int n,
              float *states,
              GError **error)
{
  const GvClipTextConfig *config = gv_model_files_get_text_config (run->model->files);

  for (int i = 0; i < n; i++)
    if (ids[i] >= config->vocab_size) {
      g_set_error (error, GV_TEXT_ERROR, GV_TEXT_ERROR_INVALID,
                   _("“%s”: the tokenizer gives token %d, but the text encoder has only %d"),
                     gv_model_files_get_path (run->model->files), ids[i], config->vocab_size);
      return false;
    }
  memcpy (gv_tensor_get_ids (program->in[0]), ids, (size_t) n * sizeof ids[0]);
  gv_run_fill_strengths (run, program, 0, true);
  if (!gv_graph_run (program->graph, run->cancellable, error))
    return false;
  memcpy (states, gv_tensor_get_floats (program->out),
          (size_t) n * (size_t) config->width * sizeof (float));
  return true;
}

/* Moves each token's state away from (or towards) the empty prompt's. */
static bool
apply_weights (GvRun *run,
               GvStageProgram *program,
               const GvTokens *tokens,
               GvTextStates *out,
               GError **error)
{
  g_autoptr (GvTokens) empty = gv_tokens_new (run->model->bpe, "", 0, tokens->length, error);
  g_autofree float *base = g_new (float, (size_t) tokens->length *(size_t) out->width);

  if (!empty || !encode_chunk (run, program, empty->ids, tokens->length, base, error))
    return false;
  for (int t = 0; t < out->tokens; t++) {
    const float *e = base + (size_t) (t % tokens->length) * (size_t) out->width;
    float *v = out->states + (size_t) t * (size_t) out->width;

    if (tokens->weights[t] == 1)
      continue;
    for (int c = 0; c < out->width; c++)
      v[c] = e[c] + tokens->weights[t] * (v[c] - e[c]);
  }
  return true;
}

GvTextStates *
gv_run_encode (GvRun *run, const char *option, const char *prompt, GError **error)
{
  const GvClipTextConfig *config = gv_model_files_get_text_config (run->model->files);
  g_autoptr (GvTokens) tokens = NULL;
  g_autoptr (GvTextStates) out = g_new0 (GvTextStates, 1);
  GvStageProgram *program;

  tokens = gv_tokens_new (run->model->bpe, prompt, strlen (prompt), config->n_positions, error);
  if (!tokens) {
    g_prefix_error (error, "%s: ", option);
    return NULL;
  }
  program = get_program (run, error);
  if (!program)
    return NULL;
  gv_run_report (run, GV_STAGE_TEXT, 0);
  out->tokens = tokens->n_chunks * tokens->length;
  out->width = config->width;
  out->states = g_new (float, (size_t) out->tokens *(size_t) out->width);
  for (int i = 0; i < tokens->n_chunks; i++)
    if (!encode_chunk (run, program, tokens->ids + i * tokens->length, tokens->length,
                       out->states + (size_t) (i * tokens->length) * (size_t) out->width, error))
      return NULL;
  if (tokens->weighted && !apply_weights (run, program, tokens, out, error))
    return NULL;
  return g_steal_pointer (&out);
}
