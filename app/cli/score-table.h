// SPDX-FileCopyrightText: Giverny contributors
// SPDX-License-Identifier: GPL-3.0-or-later
/* Scores of several pictures, printed as a table, as JSON or as CSV. */
#pragma once

#include "giverny.h"

/* "table", "json", "csv", as choices of an option. */
const GvRecipeChoice *gv_score_list_formats (void);

typedef struct
{
  char *file, *prompt, *reference; /* (owned); prompt and reference (nullable): evaluate's */
  bool scored;
  GvScoreResult result;
  double clipscore, z;
  int rank;   /* from 1; 0: not ranked */
  bool final;
} GvScoreRow;

typedef struct
{
  GvScoreRules rules;
  GvScoreRow *rows;
  int n;
  bool has_clipscore, has_z, has_rank;
} GvScoreTable;

GvScoreTable *gv_score_table_new (const GvScoreRules *rules, int n);
void gv_score_table_free (GvScoreTable *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (GvScoreTable, gv_score_table_free)

void gv_score_table_set_file (GvScoreTable *self,
                              int row,
                              const char *file,
                              const char *prompt,
                              const char *reference);
void gv_score_table_set (GvScoreTable *self, const GvScoreResult *result);
void gv_score_table_set_clipscore (GvScoreTable *self, int row, double cosine);
void gv_score_table_add_z_scores (GvScoreTable *self);

/* The whole as text; of a ranked table in the order of the ranks.  (transfer full) */
char *gv_score_table_to_json (const GvScoreTable *self);
char *gv_score_table_to_csv (const GvScoreTable *self);

/* Prints it on stdout. */
void gv_score_table_print (const GvScoreTable *self, const char *format);

/* The rows' numbers in the order in which they are shown.  (transfer full) */
int *gv_score_table_order (const GvScoreTable *self);
