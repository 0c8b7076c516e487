// SPDX-FileCopyrightText: Giverny contributors
// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * What a model makes of a prompt before it paints: how many tokens its chunks hold, which weight
 * each stretch has, and which words its text encoder cannot read or never learnt.
 */
#pragma once

#include <gio/gio.h>
#include <stdbool.h>

G_BEGIN_DECLS

#define GV_TYPE_PROMPT_READER (gv_prompt_reader_get_type ())

/* The tokenizer of a model.  Never changes, so that threads may share it; reference counted. */
typedef struct _GvPromptReader GvPromptReader;

GType gv_prompt_reader_get_type (void);

/**
 * gv_prompt_reader_load:
 * @model: (nullable): a model's path, NULL or "" for the starter
 *
 * Opens a model's headers and reads its tokenizer; takes some tens of milliseconds, but nothing if
 * it was among the last ones and has not changed on disk since.  Any thread.
 * Errors: those of opening a model, GV_TEXT_ERROR
 *
 * Returns: (transfer full)
 */
GvPromptReader *gv_prompt_reader_load (const char *model, GError **error);

/* The same in a worker thread; @callback runs in the caller's thread-default context. */
void gv_prompt_reader_load_async (const char *model,
                                  GCancellable *cancellable,
                                  GAsyncReadyCallback callback,
                                  gpointer data);
GvPromptReader *gv_prompt_reader_load_finish (GAsyncResult *result, GError **error);

GvPromptReader *gv_prompt_reader_ref (GvPromptReader *self);
void gv_prompt_reader_unref (GvPromptReader *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (GvPromptReader, gv_prompt_reader_unref)

/*
 * The words that a small vocabulary was learnt from, sorted, NULL at the end; NULL for a large one,
 * which reads most English words by their parts.
 */
const char *const *gv_prompt_reader_get_words (GvPromptReader *self, size_t *n);

/* Tokens of text that a chunk holds, 75 for Stable Diffusion. */
int gv_prompt_reader_get_capacity (GvPromptReader *self);

/* Bytes of a prompt, from @from up to before @end. */
typedef struct
{
  size_t from, end;
} GvPromptRange;

/* A stretch of text and its effective weight, 1 for text outside of groups.  What lies between two
 * spans is parentheses and numbers, which the encoder does not see. */
typedef struct
{
  size_t from, end;
  double weight; /* may be infinite if thousands of groups are nested */
} GvPromptSpan;

typedef struct
{
  int capacity; /* tokens that each chunk holds                         */
  int n_chunks; /* at least 1                                           */
  int *n_used;  /* (owned) [n_chunks]: tokens of text in each           */
  size_t n_spans;
  GvPromptSpan *spans; /* (owned) from left to right */
  size_t n_unreadable;
  GvPromptRange *unreadable; /* (owned) words, from left to right */
} GvPromptReading;

/**
 * gv_prompt_reader_read:
 * @prompt: @len bytes of UTF-8, or NUL-terminated where @len is -1
 *
 * Reads a prompt as generating does.  Takes time in proportion to its length, about
 * a millisecond for 4 KiB; any thread.
 *
 * A word cannot be read if it is written in another script than the Latin one and the vocabulary
 * has no token for the whole of it; with a small vocabulary, if it is none of its words. Errors:
 * GV_TEXT_ERROR
 *
 * Returns: (transfer full): free with gv_prompt_reading_free()
 */
GvPromptReading *
gv_prompt_reader_read (GvPromptReader *self, const char *prompt, gssize len, GError **error);

void gv_prompt_reading_free (GvPromptReading *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (GvPromptReading, gv_prompt_reading_free)

/* (transfer full): the words of @prompt that cannot be read, each once, in their order; at most
 * @max of them, NULL at the end */
char **
gv_prompt_reading_dup_unreadable (const GvPromptReading *self, const char *prompt, size_t max);

/* (transfer full) (element-type GvPromptSpan): only the weights, which depend on no model.  An
 * empty list for what is not UTF-8. */
GArray *gv_prompt_spans (const char *prompt, gssize len);

G_END_DECLS
