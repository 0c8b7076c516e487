// SPDX-FileCopyrightText: Giverny contributors
// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * Changes a queue at random until somebody kills it, saying on standard output before each change
 * what will be there ("+ 3 5 7") and after it that this is safely on disk ("=").
 * Usage: journal-child FILE SEED
 */
#include "gv-journal.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static void
tell (const char *text, size_t size)
{
  if (write (STDOUT_FILENO, text, size) != (ssize_t) size)
    exit (1);
}

static void
announce (GvJournal *journal)
{
  g_autoptr (GString) line = g_string_new ("+");
  guint n = g_list_model_get_n_items (G_LIST_MODEL (journal));

  for (guint i = 0; i < n; i++) {
    g_autoptr (GvJournalJob) job = g_list_model_get_item (G_LIST_MODEL (journal), i);

    g_string_append_printf (line, " %" G_GUINT64_FORMAT ".%d", gv_journal_job_get_id (job),
                            gv_journal_job_get_done (job));
  }
  g_string_append_c (line, '\n');
  tell (line->str, line->len);
}

static void
change (GvJournal *journal, GvRecipe *recipe, GRand *rng)
{
  guint n = g_list_model_get_n_items (G_LIST_MODEL (journal));
  int what = n < 3 ? 0 : g_rand_int_range (rng, 0, n > 12 ? 6 : 4);
  g_autoptr (GvJournalJob) job =
      n > 0 ? g_list_model_get_item (G_LIST_MODEL (journal),
                                     (guint) g_rand_int_range (rng, 0, (gint32) n))
            : NULL;

  if (what == 0)
    gv_journal_add (journal, recipe);
  else if (what == 1)
    gv_journal_move (journal, job, (guint) g_rand_int_range (rng, 0, (gint32) n));
  else if (what == 2)
    gv_journal_set_state (journal, job, GV_JOURNAL_RUNNING, NULL);
  else if (what == 3)
    gv_journal_set_done (journal, job, gv_journal_job_get_done (job) + 1);
  else
    gv_journal_remove (journal, job);
}

int
main (int argc, char **argv)
{
  g_autoptr (GvJournal) journal = gv_journal_open (argv[1], NULL);
  g_autoptr (GvRecipe) recipe = gv_recipe_new ();
  g_autoptr (GRand) rng = g_rand_new_with_seed ((guint32) atoi (argv[2]));
  g_autofree char *prompt = g_strnfill (3000, 'x');

  g_object_set (recipe, "prompt", prompt, NULL);
  for (;;) {
    g_autoptr (GError) error = NULL;

    change (journal, recipe, rng);
    announce (journal);
    if (!gv_journal_flush (journal, &error))
      g_error ("%s", error->message);
    tell ("=\n", 2);
  }
}
