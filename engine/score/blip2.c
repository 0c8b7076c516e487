// SPDX-FileCopyrightText: Giverny contributors
// SPDX-License-Identifier: GPL-3.0-or-later
/* BLIP-2's three uses of its querying transformer: seeing, reading, and both together. */
#include "score/blip2.h"

#include "base/errors.h"
#include "base/i18n.h"
#include "nets/qformer.h"
#include "score/definitions.h"
#include "score/network.h"
#include "score/preprocess.h"
#include "score/vision-config.h"
#include "text/wordpiece.h"
#include "weights/config.h"

#include <math.h>
#include <string.h>

#define MAX_WIDTH 16384

enum { SEE, READ, MATCH };

struct _GvBlip2
{
  GvNetwork *network;
  GvWordpiece *wordpiece;
  GvVisionConfig vision;
  GvQformerConfig qformer;
  GvPreprocess preprocess;
  int max_tokens;
};

/* All fields beside "vision_config"; the text half of the querying transformer must be there. */
static bool
read_qformer (GvQformerConfig *self, const char *path, GError **error)
{
  g_autoptr (GvConfig) whole = gv_config_open (path, error);
  g_autoptr (GvConfig) c = whole ? gv_config_open (path, error) : NULL;

  if (!c)
    return false;
  gv_config_only_string (whole, "model_type", "blip-2");
  gv_config_enter (c, "qformer_config");
  *self = (GvQformerConfig) {
    .width = gv_config_int (c, "hidden_size", 768, 1, MAX_WIDTH),
    .mlp_width = gv_config_int (c, "intermediate_size", 3072, 1, 4 * MAX_WIDTH),
    .n_layers = gv_config_int (c, "num_hidden_layers", 12, 1, 256),
    .n_heads = gv_config_int (c, "num_attention_heads", 12, 1, MAX_WIDTH),
    .vocab_size = gv_config_int (c, "vocab_size", 30522, 1, 1 << 24),
    .n_positions = gv_config_int (c, "max_position_embeddings", 512, 2, 1 << 16),
    .cross_frequency = gv_config_int (c, "cross_attention_frequency", 2, 1, 256),
    .n_queries = gv_config_int (whole, "num_query_tokens", 32, 1, 4096),
    .shared_width = gv_config_int (whole, "image_text_hidden_size", 256, 1, MAX_WIDTH),
    .norm_eps = gv_config_double (c, "layer_norm_eps", 1e-12, 0, 1),
  };
  gv_config_only_string (c, "hidden_act", "gelu");
  if (!gv_config_bool (c, "use_qformer_text_input", false))
    gv_config_fail (c, "use_qformer_text_input",
                    _("must be true: only models for image-text retrieval can score"));
  if (self->width % self->n_heads)
    gv_config_fail (c, "num_attention_heads", _("must divide the width %d"), self->width);
  return gv_config_end (whole, error) && gv_config_end (c, error);
}

GvBlip2 *
gv_blip2_new (GvDevice *device, const char *folder, GError **error)
{
  g_autoptr (GvBlip2) self = g_new0 (GvBlip2, 1);
  g_autofree char *path = g_build_filename (folder, "config.json", NULL);

  if (!read_qformer (&self->qformer, path, error) ||
      !gv_vision_config_open (&self->vision, path, GV_VISION_BLIP2, error))
    return NULL;
  gv_preprocess_init (&self->preprocess, self->vision.image_size, true);
  if (!gv_preprocess_open (&self->preprocess, folder, error) ||
      !gv_vision_config_check_size (&self->vision, &self->preprocess, folder, error))
    return NULL;
  self->max_tokens = self->qformer.n_positions;
  self->wordpiece = gv_wordpiece_new_from_folder (folder, error);
  if (!self->wordpiece)
    return NULL;
  self->network = gv_network_new (device, folder, error);
  return self->network ? g_steal_pointer (&self) : NULL;
}

void
gv_blip2_free (GvBlip2 *self)
{
  g_clear_pointer (&self->network, gv_network_free);
  g_clear_pointer (&self->wordpiece, gv_wordpiece_free);
  g_free (self);
}

void
gv_blip2_set_max_tokens (GvBlip2 *self, int max_tokens)
{
  self->max_tokens = CLAMP (max_tokens, 2, self->qformer.n_positions);
}

void
gv_blip2_text_free (GvBlip2Text *self)
{
  g_free (self->ids);
  g_free (self->state);
  g_free (self);
}

void
gv_blip2_picture_clear (GvBlip2Picture *self)
{
  g_clear_pointer (&self->queries, g_free);
  g_clear_pointer (&self->tokens, g_free);
}

static int
count_tokens (GvBlip2 *self)
{
  return 1 + gv_vision_count_patches (&self->vision);
}

static void
describe_see (GvScoreProgram *program, gpointer data)
{
  GvBlip2 *self = data;
  GvGraph *g = program->graph;

  program->in[0] = gv_input (g, program->key[1], 1, gv_vision_count_patches (&self->vision),
                             3 * self->vision.patch * self->vision.patch);
  gv_graph_push (g, "vision_model");
  program->out[1] = gv_eva_vision (g, &self->vision, program->in[0]);
  gv_graph_pop (g);
  program->out[0] = gv_qformer_see (g, &self->qformer, program->out[1]);
  program->n_out = 2;
}

static void
describe_read (GvScoreProgram *program, gpointer data)
{
  GvBlip2 *self = data;

  program->in[0] = gv_input_ids (program->graph, 1, program->key[1]);
  program->out[0] = gv_qformer_read (program->graph, &self->qformer, program->in[0]);
  program->n_out = 1;
}

static void
describe_match (GvScoreProgram *program, gpointer data)
{
  GvBlip2 *self = data;
  GvGraph *g = program->graph;

  program->in[0] = gv_input (g, 1, 1, count_tokens (self), self->vision.width);
  program->in[1] = gv_input_ids (g, 1, program->key[1]);
  program->out[0] = gv_qformer_match (g, &self->qformer, program->in[0], program->in[1]);
  program->n_out = 1;
}

static GvScoreProgram *
get_program (GvBlip2 *self,
             int use,
             int n,
             GvNetworkFunc describe,
             GCancellable *cancellable,
             GError **error)
{
  const int key[4] = { use, n };

  return gv_network_get_program (self->network, key, describe, self, cancellable, error);
}

static float *
copy_floats (GvTensor *x, size_t first, size_t n)
{
  return g_memdup2 (gv_tensor_get_floats (x) + first, n * sizeof (float));
}

GvBlip2Text *
gv_blip2_read_text (GvBlip2 *self, const char *text, GCancellable *cancellable, GError **error)
{
  g_autoptr (GvBlip2Text) out = g_new0 (GvBlip2Text, 1);
  GvScoreProgram *program;
  size_t n;

  out->ids = gv_wordpiece_encode (self->wordpiece, text, strlen (text), (size_t) self->max_tokens,
                                  &n, error);
  if (!out->ids)
    return NULL;
  out->n = (int) n;
  program = get_program (self, READ, out->n, describe_read, cancellable, error);
  if (!program)
    return NULL;
  memcpy (gv_tensor_get_ids (program->in[0]), out->ids, n * sizeof *out->ids);
  if (!gv_network_run (self->network, program, cancellable, error))
    return NULL;
  out->state = copy_floats (program->out[0], 0, (size_t) self->qformer.shared_width);
  return g_steal_pointer (&out);
}

bool
gv_blip2_see (GvBlip2 *self,
              GvImage *const *images,
              int n,
              bool keep_tokens,
              GvBlip2Picture *out,
              GCancellable *cancellable,
              GError **error)
{
  GvScoreProgram *program = get_program (self, SEE, n, describe_see, cancellable, error);
  size_t side = (size_t) self->vision.patch;
  size_t pixels = (size_t) gv_vision_count_patches (&self->vision) * 3 * side * side;
  size_t queries = (size_t) (self->qformer.n_queries * self->qformer.shared_width);
  size_t tokens = (size_t) count_tokens (self) * (size_t) self->vision.width;

  g_return_val_if_fail (n > 0 && n <= GV_BLIP2_BATCH, false);

  if (!program)
    return false;
  for (int i = 0; i < n; i++)
    gv_preprocess_patches (&self->preprocess, images[i], self->vision.patch,
                           gv_tensor_get_floats (program->in[0]) + (size_t) i * pixels);
  if (!gv_network_run (self->network, program, cancellable, error))
    return false;
  for (int i = 0; i < n; i++) {
    out[i].queries = copy_floats (program->out[0], (size_t) i * queries, queries);
    out[i].tokens = keep_tokens ? copy_floats (program->out[1], (size_t) i * tokens, tokens) : NULL;
  }
  return true;
}

double
gv_blip2_contrast (GvBlip2 *self, const GvBlip2Picture *picture, const GvBlip2Text *text)
{
  size_t width = (size_t) self->qformer.shared_width;
  double best = -1;

  for (int q = 0; q < self->qformer.n_queries; q++)
    best = MAX (best, gv_cosine (picture->queries + (size_t) q * width, text->state, width));
  return best;
}

bool
gv_blip2_match (GvBlip2 *self,
                const GvBlip2Picture *picture,
                const GvBlip2Text *text,
                double *probability,
                GCancellable *cancellable,
                GError **error)
{
  GvScoreProgram *program = get_program (self, MATCH, text->n, describe_match, cancellable, error);
  size_t tokens = (size_t) count_tokens (self) * (size_t) self->vision.width;
  double difference = 0;
  const float *logits;

  if (!program)
    return false;
  memcpy (gv_tensor_get_floats (program->in[0]), picture->tokens, tokens * sizeof (float));
  memcpy (gv_tensor_get_ids (program->in[1]), text->ids, (size_t) text->n * sizeof *text->ids);
  if (!gv_network_run (self->network, program, cancellable, error))
    return false;
  logits = gv_tensor_get_floats (program->out[0]);
  for (int q = 0; q < self->qformer.n_queries; q++)
    difference += (double) logits[2 * q + 1] - logits[2 * q];
  *probability = 1 / (1 + exp (-difference / self->qformer.n_queries));
  return true;
}
