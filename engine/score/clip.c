// SPDX-FileCopyrightText: Giverny contributors
// SPDX-License-Identifier: GPL-3.0-or-later
/* CLIP's two towers over our engine, and what surrounds them: tokens, chunks, pictures as patches.
 */
#include "score/clip.h"

#include "base/errors.h"
#include "base/i18n.h"
#include "formats/file.h"
#include "nets/clip-text.h"
#include "score/network.h"
#include "score/preprocess.h"
#include "score/vision-config.h"
#include "text/bpe.h"
#include "weights/configs.h"

#include <string.h>

#define CHUNK 75

enum { TEXT, VISION };

struct _GvClip
{
  GvNetwork *network;
  GvBpe *bpe;
  GvClipTextConfig text;
  GvVisionConfig vision;
  GvPreprocess preprocess;
  int width; /* projection_dim */
};

static bool
read_configs (GvClip *self, const char *folder, GError **error)
{
  g_autofree char *path = g_build_filename (folder, "config.json", NULL);
  g_autofree char *shown = gv_dup_shown (path);
  g_autoptr (GvConfig) whole = gv_config_open (path, error);
  g_autoptr (GvConfig) text = whole ? gv_config_open (path, error) : NULL;

  if (!text)
    return false;
  gv_config_only_string (whole, "model_type", "clip");
  self->width = gv_config_int (whole, "projection_dim", 512, 1, 1 << 16);
  gv_clip_text_config_read (&self->text, text);
  if (!gv_config_end (whole, error) || !gv_config_end (text, error) ||
      !gv_vision_config_open (&self->vision, path, GV_VISION_CLIP, error))
    return false;
  if (self->text.width % self->text.n_heads == 0 && self->text.n_positions >= 3)
    return true;
  g_set_error (error, GV_WEIGHTS_ERROR, GV_WEIGHTS_ERROR_UNSUPPORTED,
               _("%s: the text tower's width %d, %d heads and %d positions can't be run"), shown,
                 self->text.width, self->text.n_heads, self->text.n_positions);
  return false;
}

GvClip *
gv_clip_new (GvDevice *device, const char *folder, GError **error)
{
  g_autoptr (GvClip) self = g_new0 (GvClip, 1);

  if (!read_configs (self, folder, error))
    return NULL;
  gv_preprocess_init (&self->preprocess, self->vision.image_size, false);
  if (!gv_preprocess_open (&self->preprocess, folder, error) ||
      !gv_vision_config_check_size (&self->vision, &self->preprocess, folder, error))
    return NULL;
  self->bpe = gv_bpe_new_from_folder (folder, error);
  if (!self->bpe)
    return NULL;
  self->network = gv_network_new (device, folder, error);
  return self->network ? g_steal_pointer (&self) : NULL;
}

void
gv_clip_free (GvClip *self)
{
  g_clear_pointer (&self->network, gv_network_free);
  g_clear_pointer (&self->bpe, gv_bpe_free);
  g_free (self);
}

int
gv_clip_get_width (GvClip *self)
{
  return self->width;
}

static void
describe_text (GvScoreProgram *program, gpointer data)
{
  GvClip *self = data;
  GvGraph *g = program->graph;
  GvTensor *x;

  program->in[0] = gv_input_ids (g, 1, self->text.n_positions);
  gv_graph_push (g, "text_model");
  x = gv_clip_text (g, &self->text, program->in[0], 1);
  gv_graph_pop (g);
  program->out[0] = gv_linear_no_bias (g, x, "text_projection", self->width);
  program->n_out = 1;
}

static void
describe_vision (GvScoreProgram *program, gpointer data)
{
  GvClip *self = data;
  GvGraph *g = program->graph;
  GvTensor *x;

  program->in[0] = gv_input (g, program->key[1], 1, gv_vision_count_patches (&self->vision),
                             3 * self->vision.patch * self->vision.patch);
  gv_graph_push (g, "vision_model");
  x = gv_clip_vision (g, &self->vision, program->in[0]);
  gv_graph_pop (g);
  program->out[0] = gv_linear_no_bias (g, x, "visual_projection", self->width);
  program->n_out = 1;
}

/* Where the vector of the whole text stands: old configs say 2 and mean the largest id. */
static int
find_end (GvClip *self, const int *ids, int n)
{
  int at = 0;

  for (int i = 0; i < n; i++) {
    if (self->text.eos_id != 2 && ids[i] == self->text.eos_id)
      return i;
    if (self->text.eos_id == 2 && ids[i] > ids[at])
      at = i;
  }
  return at;
}

static bool
read_chunk (GvClip *self,
            const int *ids,
            size_t n,
            float *out,
            GCancellable *cancellable,
            GError **error)
{
  const int key[4] = { TEXT, 1 };
  GvScoreProgram *program =
      gv_network_get_program (self->network, key, describe_text, self, cancellable, error);
  int *in, length = self->text.n_positions;

  if (!program)
    return false;
  in = gv_tensor_get_ids (program->in[0]);
  for (int i = 0; i < length; i++)
    in[i] = gv_bpe_get_pad (self->bpe);
  in[0] = gv_bpe_get_start (self->bpe);
  memcpy (in + 1, ids, n * sizeof *ids);
  in[n + 1] = gv_bpe_get_end (self->bpe);
  if (!gv_network_run (self->network, program, cancellable, error))
    return false;
  memcpy (out,
          gv_tensor_get_floats (program->out[0]) +
              (size_t) find_end (self, in, length) * (size_t) self->width,
          (size_t) self->width * sizeof *out);
  return true;
}

float *
gv_clip_read_text (GvClip *self,
                   const char *text,
                   int *n_chunks,
                   GCancellable *cancellable,
                   GError **error)
{
  size_t n, chunk = (size_t) MIN (CHUNK, self->text.n_positions - 2), count;
  g_autofree int *ids = gv_bpe_encode (self->bpe, text, strlen (text), &n, error);
  g_autofree float *out = NULL;

  if (!ids)
    return NULL;
  count = MAX ((n + chunk - 1) / chunk, 1);
  out = g_new (float, count *(size_t) self->width);
  for (size_t i = 0; i < count; i++)
    if (!read_chunk (self, ids + i * chunk, MIN (chunk, n - i * chunk),
                     out + i * (size_t) self->width, cancellable, error))
      return NULL;
  *n_chunks = (int) count;
  return g_steal_pointer (&out);
}

bool
gv_clip_see (GvClip *self,
             GvImage *const *images,
             int n,
             float *out,
             GCancellable *cancellable,
             GError **error)
{
  const int key[4] = { VISION, n };
  GvScoreProgram *program =
      gv_network_get_program (self->network, key, describe_vision, self, cancellable, error);
  size_t per_picture = (size_t) gv_vision_count_patches (&self->vision) * 3 *
                       (size_t) (self->vision.patch * self->vision.patch);

  g_return_val_if_fail (n > 0 && n <= GV_CLIP_BATCH, false);

  if (!program)
    return false;
  for (int i = 0; i < n; i++)
    gv_preprocess_patches (&self->preprocess, images[i], self->vision.patch,
                           gv_tensor_get_floats (program->in[0]) + (size_t) i * per_picture);
  if (!gv_network_run (self->network, program, cancellable, error))
    return false;
  memcpy (out, gv_tensor_get_floats (program->out[0]),
          (size_t) n * (size_t) self->width * sizeof *out);
  return true;
}
