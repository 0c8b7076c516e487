// SPDX-FileCopyrightText: Giverny contributors
// SPDX-License-Identifier: GPL-3.0-or-later
/* What `evaluate` reads and writes: the list of prompts, the scores so far, the finals. */
#pragma once

#include "score-table.h"

/* A line of the list. */
typedef struct
{
  char *file, *prompt, *reference;  /* as given; reference (nullable) */
  char *path, *reference_path;      /* where they are; reference_path (nullable) */
} GvEvaluateEntry;

void gv_evaluate_entry_free (GvEvaluateEntry *self);

/*
 * Reads a list of files in @folder: CSV with a header line, or JSON lines.  All files must be
 * there. Returns: (transfer full) (element-type GvEvaluateEntry): at least one; NULL with an error
 * that names file and line
 */
GPtrArray *gv_evaluate_read_list (const char *folder, const char *path, GError **error);

/* The same from text; files need not exist. */
GPtrArray *gv_evaluate_parse_list (const char *name,
                                   const char *text,
                                   size_t size,
                                   const char *folder,
                                   GError **error);

/* Makes it if it is not there; its parent must be. */
bool gv_evaluate_make_folder (const char *path, GError **error);

/* Writes a text file into @out. */
bool gv_evaluate_write (const char *out, const char *name, const char *text, GError **error);

/* The scores so far, with what they were measured on; rows that still fit are filled in. */
bool gv_evaluate_save_state (const char *out,
                             GPtrArray *entries,
                             const GvScoreTable *table,
                             GError **error);
void gv_evaluate_load_state (const char *out,
                             GPtrArray *entries,
                             const GvScoreSetup *setup,
                             GvScoreTable *table);

/* Copies the finals to finals/001-NAME.png and so on; earlier finals go. */
bool gv_evaluate_copy_finals (const char *out,
                              GPtrArray *entries,
                              const GvScoreTable *table,
                              GError **error);
