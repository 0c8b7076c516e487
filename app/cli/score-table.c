// SPDX-FileCopyrightText: Giverny contributors
// SPDX-License-Identifier: GPL-3.0-or-later
/* Rows of scores in three forms. */
#include "score-table.h"

#include "score-job.h"
#include "terminal.h"

#include <math.h>
#include <string.h>
#include <yyjson.h>

const GvRecipeChoice *
gv_score_list_formats (void)
{
  static const GvRecipeChoice formats[] = {
    { .name = "table", .ready = true },
    { .name = "json", .ready = true },
    { .name = "csv", .ready = true },
    { NULL },
  };

  return formats;
}

GvScoreTable *
gv_score_table_new (const GvScoreRules *rules, int n)
{
  GvScoreTable *self = g_new0 (GvScoreTable, 1);

  self->rules = *rules;
  self->n = n;
  self->rows = g_new0 (GvScoreRow, MAX (n, 1));
  for (int i = 0; i < n; i++) {
    self->rows[i].clipscore = self->rows[i].z = NAN;
    self->rows[i].result.scores = gv_scores_none;
    gv_score_judge (rules, &gv_scores_none, &self->rows[i].result.verdict);
  }
  return self;
}

void
gv_score_table_free (GvScoreTable *self)
{
  for (int i = 0; i < self->n; i++) {
    GvScoreRow *row = self->rows + i;

    g_free (row->file);
    g_free (row->prompt);
    g_free (row->reference);
    g_free ((char *) row->result.clip_model);
    g_free ((char *) row->result.blip2_model);
    g_free ((char *) row->result.lpips_model);
  }
  g_free (self->rows);
  g_free (self);
}

void
gv_score_table_set_file (GvScoreTable *self,
                         int row,
                         const char *file,
                         const char *prompt,
                         const char *reference)
{
  g_set_str (&self->rows[row].file, file);
  g_set_str (&self->rows[row].prompt, prompt);
  g_set_str (&self->rows[row].reference, reference);
}

void
gv_score_table_set (GvScoreTable *self, const GvScoreResult *result)
{
  GvScoreRow *row = self->rows + result->index;

  row->scored = true;
  row->result = *result;
  row->result.clip_model = g_strdup (result->clip_model);
  row->result.blip2_model = g_strdup (result->blip2_model);
  row->result.lpips_model = g_strdup (result->lpips_model);
}

void
gv_score_table_set_clipscore (GvScoreTable *self, int row, double cosine)
{
  self->has_clipscore = true;
  self->rows[row].clipscore = gv_clipscore (cosine);
}

void
gv_score_table_add_z_scores (GvScoreTable *self)
{
  g_autofree double *totals = g_new (double, MAX (self->n, 1));
  g_autofree double *z = g_new (double, MAX (self->n, 1));

  for (int i = 0; i < self->n; i++)
    totals[i] = self->rows[i].result.verdict.total;
  gv_z_scores (totals, (size_t) self->n, z);
  for (int i = 0; i < self->n; i++)
    self->rows[i].z = z[i];
  self->has_z = true;
}

static int
compare_ranks (gconstpointer a, gconstpointer b, gpointer data)
{
  const GvScoreTable *self = data;
  const GvScoreRow *left = self->rows + *(const int *) a, *right = self->rows + *(const int *) b;

  return left->rank != right->rank ? left->rank - right->rank : *(const int *) a - *(const int *) b;
}

int *
gv_score_table_order (const GvScoreTable *self)
{
  int *order = g_new (int, MAX (self->n, 1));

  for (int i = 0; i < self->n; i++)
    order[i] = i;
  if (self->has_rank)
    g_sort_array (order, (size_t) self->n, sizeof *order, compare_ranks, (gpointer) self);
  return order;
}

/* JSON. */

static void
add_number (yyjson_mut_doc *doc, yyjson_mut_val *object, const char *key, double value)
{
  if (isfinite (value))
    yyjson_mut_obj_add_real (doc, object, key, value);
  else
    yyjson_mut_obj_add_null (doc, object, key);
}

/* Evaluate's own fields first, then the engine's. */
static yyjson_mut_val *
make_object (const GvScoreTable *self, const GvScoreRow *row, yyjson_mut_doc *doc)
{
  g_autofree char *text = gv_score_result_to_json (&row->result, &self->rules);
  yyjson_doc *parsed = yyjson_read (text, strlen (text), 0);
  yyjson_mut_val *object = yyjson_mut_obj (doc);
  yyjson_obj_iter iter = yyjson_obj_iter_with (yyjson_doc_get_root (parsed));
  yyjson_val *key;

  if (self->has_rank)
    yyjson_mut_obj_add_int (doc, object, "rank", row->rank);
  yyjson_mut_obj_add_strcpy (doc, object, "file", row->file);
  if (row->prompt)
    yyjson_mut_obj_add_strcpy (doc, object, "prompt", row->prompt);
  if (row->reference)
    yyjson_mut_obj_add_strcpy (doc, object, "reference", row->reference);
  if (self->has_rank)
    yyjson_mut_obj_add_bool (doc, object, "final", row->final);
  while ((key = yyjson_obj_iter_next (&iter)))
    yyjson_mut_obj_add (object, yyjson_val_mut_copy (doc, key),
                        yyjson_val_mut_copy (doc, yyjson_obj_iter_get_val (key)));
  if (self->has_clipscore)
    add_number (doc, object, "clipscore", row->clipscore);
  if (self->has_z)
    add_number (doc, object, "z", row->z);
  yyjson_doc_free (parsed);
  return object;
}

char *
gv_score_table_to_json (const GvScoreTable *self)
{
  yyjson_mut_doc *doc = yyjson_mut_doc_new (NULL);
  yyjson_mut_val *list = yyjson_mut_arr (doc);
  g_autofree int *order = gv_score_table_order (self);
  char *text, *out;

  yyjson_mut_doc_set_root (doc, list);
  for (int i = 0; i < self->n; i++)
    yyjson_mut_arr_append (list, make_object (self, self->rows + order[i], doc));
  text = yyjson_mut_write (doc, YYJSON_WRITE_PRETTY_TWO_SPACES | YYJSON_WRITE_ALLOW_INVALID_UNICODE,
                           NULL);
  out = g_strdup (text);
  free (text);
  yyjson_mut_doc_free (doc);
  return out;
}

/* CSV, as RFC 4180 has it. */

static void
append_text (GString *out, const char *text)
{
  if (!strpbrk (text, ",\"\r\n")) {
    g_string_append (out, text);
    return;
  }
  g_string_append_c (out, '"');
  for (; *text; text++) {
    if (*text == '"')
      g_string_append_c (out, '"');
    g_string_append_c (out, *text);
  }
  g_string_append_c (out, '"');
}

static void
append_number (GString *out, double value)
{
  g_autofree char *text = gv_score_format (value);

  g_string_append_printf (out, ",%s", text);
}

static void
append_row (const GvScoreTable *self, const GvScoreRow *row, GString *out)
{
  const GvScores *s = &row->result.scores;
  const GvVerdict *v = &row->result.verdict;
  const double values[] = { s->clip,       s->blip2,      s->lpips, v->clip_norm,
                            v->blip2_norm, v->lpips_norm, v->total };

  append_text (out, row->file);
  for (size_t i = 0; i < G_N_ELEMENTS (values); i++)
    append_number (out, values[i]);
  g_string_append_printf (out, ",%s", !v->has_verdict ? "" : v->passed ? "true" : "false");
  if (self->has_clipscore)
    append_number (out, row->clipscore);
  if (self->has_z)
    append_number (out, row->z);
  if (self->has_rank) {
    g_string_append_printf (out, ",%d,%s,", row->rank, row->final ? "true" : "false");
    append_text (out, row->prompt ? row->prompt : "");
    g_string_append_c (out, ',');
    append_text (out, row->reference ? row->reference : "");
  }
  g_string_append_c (out, '\n');
}

char *
gv_score_table_to_csv (const GvScoreTable *self)
{
  GString *out =
      g_string_new ("file,clip,blip2,lpips,clip_norm,blip2_norm,lpips_norm,total,passed");
  g_autofree int *order = gv_score_table_order (self);

  if (self->has_clipscore)
    g_string_append (out, ",clipscore");
  if (self->has_z)
    g_string_append (out, ",z");
  if (self->has_rank)
    g_string_append (out, ",rank,final,prompt,reference");
  g_string_append_c (out, '\n');
  for (int i = 0; i < self->n; i++)
    append_row (self, self->rows + order[i], out);
  return g_string_free (out, FALSE);
}

/* A table for people. */

#define COLUMNS 8

static char *
format_cell (double value)
{
  return isfinite (value) ? g_strdup_printf ("%.3f", value) : g_strdup ("–");
}

static void
print_cell (double value)
{
  g_autofree char *text = format_cell (value);

  gv_print_padded (text, COLUMNS);
}

static void
print_row (const GvScoreTable *self, const GvScoreRow *row, int width)
{
  const GvScores *s = &row->result.scores;
  const GvVerdict *v = &row->result.verdict;
  g_autofree char *file = gv_one_line (row->file);

  if (self->has_rank)
    printf ("%4d  ", row->rank);
  gv_print_padded (file, width + 2);
  print_cell (s->clip);
  print_cell (s->blip2);
  print_cell (s->lpips);
  print_cell (v->total);
  if (self->has_clipscore)
    print_cell (row->clipscore);
  if (self->has_z)
    print_cell (row->z);
  puts (!v->has_verdict ? "–" : v->passed ? _ ("passed") : _ ("not passed"));
}

static void
print_table (const GvScoreTable *self)
{
  g_autofree int *order = gv_score_table_order (self);
  int width = 4;

  for (int i = 0; i < self->n; i++) {
    g_autofree char *file = gv_one_line (self->rows[i].file);

    width = MAX (width, gv_columns (file));
  }
  fputs (gv_style (stdout, GV_BOLD), stdout);
  if (self->has_rank)
    printf ("%4s  ", "#");
  gv_print_padded (_ ("file"), width + 2);
  gv_print_padded ("CLIP", COLUMNS);
  gv_print_padded ("BLIP-2", COLUMNS);
  gv_print_padded ("LPIPS", COLUMNS);
  gv_print_padded (_ ("total"), COLUMNS);
  if (self->has_clipscore)
    gv_print_padded ("CLIPScore", COLUMNS + 2);
  if (self->has_z)
    gv_print_padded ("z", COLUMNS);
  printf ("%s%s\n", _ ("verdict"), gv_style (stdout, GV_PLAIN));
  for (int i = 0; i < self->n; i++)
    print_row (self, self->rows + order[i], width);
}

void
gv_score_table_print (const GvScoreTable *self, const char *format)
{
  g_autofree char *text = NULL;

  if (strcmp (format, "json") == 0) {
    text = gv_score_table_to_json (self);
    puts (text);
  } else if (strcmp (format, "csv") == 0) {
    text = gv_score_table_to_csv (self);
    fputs (text, stdout);
  } else
    print_table (self);
}
