// SPDX-FileCopyrightText: Giverny contributors
// SPDX-License-Identifier: GPL-3.0-or-later
/* Pieces of a prompt to chunks of tokens. */
#include "text/chunks.h"

#include "base/errors.h"
#include "base/i18n.h"
#include "text/prompt.h"

#include <float.h>

#define LONG_PIECE 8 /* tokens from which on a piece may be cut */

typedef struct
{
  const GvBpe *bpe;
  guint length;
  guint used;      /* tokens of the open chunk, the start token included */
  GArray *n_used;  /* (owned) of int: of the chunks that are closed */
  GArray *ids;     /* (owned) of int */
  GArray *weights; /* (owned) of float */
  bool weighted;
} Writer;

static void
put (Writer *w, int id, double weight)
{
  float rounded = (float) CLAMP (weight, (double) -FLT_MAX, (double) FLT_MAX);

  g_array_append_val (w->ids, id);
  g_array_append_val (w->weights, rounded);
  w->weighted = w->weighted || weight != 1;
  w->used++;
}

static void
open_chunk (Writer *w)
{
  w->used = 0;
  put (w, gv_bpe_get_start (w->bpe), 1);
}

static void
close_chunk (Writer *w)
{
  int n_used = (int) w->used - 1;

  g_array_append_val (w->n_used, n_used);
  put (w, gv_bpe_get_end (w->bpe), 1);
  while (w->used < w->length)
    put (w, gv_bpe_get_pad (w->bpe), 1);
}

static void
put_piece (Writer *w, const int *ids, size_t n, double weight)
{
  bool whole = n < LONG_PIECE && n <= w->length - 2;

  for (size_t i = 0; i < n; i++) {
    size_t room = w->length - 1 - w->used;

    if (room == 0 || (whole && i == 0 && room < n)) {
      close_chunk (w);
      open_chunk (w);
    }
    put (w, ids[i], weight);
  }
}

static GvTokens *
finish (Writer *w)
{
  GvTokens *tokens = g_new (GvTokens, 1);

  tokens->n_chunks = (int) (w->ids->len / w->length);
  tokens->length = (int) w->length;
  tokens->weighted = w->weighted;
  tokens->n_used = (int *) (void *) g_array_free (w->n_used, false);
  tokens->ids = (int *) (void *) g_array_free (w->ids, false);
  tokens->weights = (float *) (void *) g_array_free (w->weights, false);
  return tokens;
}

GvTokens *
gv_tokens_new (const GvBpe *bpe, const char *prompt, size_t len, int length, GError **error)
{
  g_autoptr (GvPrompt) parsed = NULL;
  Writer w = { .bpe = bpe, .length = (guint) length };

  if (length < 3) {
    g_set_error (error, GV_TEXT_ERROR, GV_TEXT_ERROR_LIMIT,
                 _("a text encoder of %d positions has no room for text"), length);
    return NULL;
  }
  parsed = gv_prompt_parse (prompt, len, error);
  if (!parsed)
    return NULL;
  w.n_used = g_array_new (false, false, sizeof (int));
  w.ids = g_array_new (false, false, sizeof (int));
  w.weights = g_array_new (false, false, sizeof (float));
  open_chunk (&w);
  for (size_t i = 0; i < parsed->n_pieces; i++) {
    const GvPromptPiece *piece = &parsed->pieces[i];
    size_t n = 0;
    g_autofree int *ids = gv_bpe_encode (bpe, piece->text, piece->len, &n, error);

    if (!ids) {
      g_array_unref (w.n_used);
      g_array_unref (w.ids);
      g_array_unref (w.weights);
      return NULL;
    }
    put_piece (&w, ids, n, piece->weight);
  }
  close_chunk (&w);
  return finish (&w);
}

void
gv_tokens_free (GvTokens *self)
{
  if (!self)
    return;
  g_free (self->n_used);
  g_free (self->ids);
  g_free (self->weights);
  g_free (self);
}
