// SPDX-FileCopyrightText: Giverny contributors
// SPDX-License-Identifier: GPL-3.0-or-later
/* `generate --score`: scores of the pictures just painted, into their files and the JSON. */
#pragma once

#include "score-job.h"

/* A picture on disk. */
typedef struct
{
  const char *file;
  const char *reference; /* (nullable) */
  char *json;            /* (owned), set by gv_generate_score(): an object of the scores */
} GvScoredFile;

/*
 * Scores @files by @prompt, and writes each picture anew with its scores in a text chunk.  Errors
 * name the file; the pictures are then as they were, or have their scores.
 */
bool gv_generate_score (const GvScoreOptions *options,
                        const char *prompt,
                        const char *device,
                        GArray *files,
                        GError **error);

/* Clears a GvScoredFile. */
void gv_scored_file_clear (gpointer self);
