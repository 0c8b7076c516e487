// SPDX-FileCopyrightText: Giverny contributors
// SPDX-License-Identifier: GPL-3.0-or-later
/* The queue on disk: over restarts, a disk that fails, files that are broken, and kill -9. */
#include "gv-journal.h"

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../formats/temp.h"
#include "base/errors.h"
#include "faults.h"

static GvRecipe *
recipe_for (const char *prompt)
{
  return g_object_new (GV_TYPE_RECIPE, "prompt", prompt, "count", 4, "seed", G_MAXUINT64, NULL);
}

static GvJournalJob *
add (GvJournal *journal, const char *prompt)
{
  g_autoptr (GvRecipe) recipe = recipe_for (prompt);

  return gv_journal_add (journal, recipe);
}

/* Ids, pictures done and the first letter of states, as "1.0w 3.2f". */
static char *
show (GvJournal *journal)
{
  static const char letters[] = "wrf";
  GString *out = g_string_new (NULL);

  for (guint i = 0; i < g_list_model_get_n_items (G_LIST_MODEL (journal)); i++) {
    g_autoptr (GvJournalJob) job = g_list_model_get_item (G_LIST_MODEL (journal), i);

    g_string_append_printf (out, "%s%" G_GUINT64_FORMAT ".%d%c", i > 0 ? " " : "",
                            gv_journal_job_get_id (job), gv_journal_job_get_done (job),
                            letters[gv_journal_job_get_state (job)]);
  }
  return g_string_free_and_steal (out);
}

static void
assert_shows (GvJournal *journal, const char *expected)
{
  g_autofree char *found = show (journal);

  g_assert_cmpstr (found, ==, expected);
}

static GvJournal *
reopen (GvJournal *journal, const char *path)
{
  g_autofree char *notice = NULL;

  g_assert_true (gv_journal_flush (journal, NULL));
  g_object_unref (journal);
  journal = gv_journal_open (path, &notice);
  g_assert_null (notice);
  return journal;
}

static char *
new_path (char **folder)
{
  *folder = temp_folder ();
  return g_build_filename (*folder, "queue.json", NULL);
}

/* What comes back after a restart is what was there, but for what ran: that waits again. */
static void
test_restart (void)
{
  char *folder;
  g_autofree char *path = new_path (&folder);
  g_autofree char *notice = NULL;
  GvJournal *journal = gv_journal_open (path, &notice);
  GvJournalJob *first, *second, *third;

  g_assert_null (notice);
  assert_shows (journal, "");
  first = add (journal, "a boat\n“\"\\");
  second = add (journal, "바다와 배");
  third = add (journal, "");
  gv_journal_set_state (journal, first, GV_JOURNAL_RUNNING, NULL);
  gv_journal_set_done (journal, first, 2);
  gv_journal_set_state (journal, second, GV_JOURNAL_FAILED, "no memory");
  gv_journal_move (journal, third, 0);
  assert_shows (journal, "3.0w 1.2r 2.0f");

  journal = reopen (journal, path);
  assert_shows (journal, "3.0w 1.2w 2.0f");
  first = g_list_model_get_item (G_LIST_MODEL (journal), 1);
  g_assert_cmpstr (gv_recipe_get_prompt (gv_journal_job_get_recipe (first)), ==, "a boat\n“\"\\");
  g_assert_cmpuint (gv_recipe_get_seed (gv_journal_job_get_recipe (first)), ==, G_MAXUINT64);
  gv_journal_remove (journal, first);
  g_object_unref (first);
  second = g_list_model_get_item (G_LIST_MODEL (journal), 1);
  g_assert_cmpstr (gv_recipe_get_prompt (gv_journal_job_get_recipe (second)), ==, "바다와 배");
  g_assert_cmpstr (gv_journal_job_get_error (second), ==, "no memory");
  gv_journal_set_state (journal, second, GV_JOURNAL_WAITING, NULL);
  g_object_unref (second);
  gv_journal_set_paused (journal, true);

  journal = reopen (journal, path);
  assert_shows (journal, "3.0w 2.0w");
  g_assert_true (gv_journal_get_paused (journal));
  g_assert_null (gv_journal_get_next (journal));
  gv_journal_set_paused (journal, false);
  g_assert_cmpuint (gv_journal_job_get_id (gv_journal_get_next (journal)), ==, 3);
  add (journal, "new"); /* ids are never given twice */
  assert_shows (journal, "3.0w 2.0w 4.0w");
  journal = reopen (journal, path);
  g_object_unref (journal);
  temp_remove (folder, 1);
}

static void
on_signal (int *seen)
{
  *seen += 1;
}

static void
wait_for (GvJournal *journal, const char *signal)
{
  int seen = 0;
  gulong id = g_signal_connect_swapped (journal, signal, G_CALLBACK (on_signal), &seen);

  while (seen == 0)
    g_main_context_iteration (NULL, TRUE);
  g_signal_handler_disconnect (journal, id);
}

/* A job is not given out before it is on disk. */
static void
test_durable (void)
{
  char *folder;
  g_autofree char *path = new_path (&folder);
  g_autoptr (GvJournal) journal = gv_journal_open (path, NULL);
  GvJournalJob *job = add (journal, "a boat");

  g_assert_null (gv_journal_get_next (journal));
  g_assert_false (gv_journal_is_durable (journal, job));
  for (int i = 0; i < 50; i++)
    gv_journal_set_done (journal, job, i);
  wait_for (journal, "durable");
  g_assert_true (gv_journal_is_durable (journal, job));
  g_assert_true (gv_journal_get_next (journal) == job);
  gv_journal_move (journal, add (journal, "urgent"), 0);
  g_assert_null (gv_journal_get_next (journal));
  wait_for (journal, "durable");
  g_assert_cmpuint (gv_journal_job_get_id (gv_journal_get_next (journal)), ==, 2);
  temp_remove (folder, 1);
}

static void
on_flushed (GObject *object, GAsyncResult *result, gpointer data)
{
  GError **error = data;

  if (gv_journal_flush_finish (GV_JOURNAL (object), result, error))
    *error = g_error_new (G_IO_ERROR, G_IO_ERROR_FAILED, "all is well");
}

static GError *
flush_and_wait (GvJournal *journal)
{
  GError *error = NULL;

  gv_journal_flush_async (journal, NULL, on_flushed, &error);
  while (!error)
    g_main_context_iteration (NULL, TRUE);
  return error;
}

/* A disk that is full or broken: the queue keeps all, says so, and hands out nothing until it can.
 */
static void
test_faults (void)
{
  static const int numbers[] = { ENOSPC, EIO, EDQUOT };
  char *folder;
  g_autofree char *path = new_path (&folder);
  GvJournal *journal = gv_journal_open (path, NULL);
  int n_calls;

  gv_faults_set (G_MAXINT, 1, EIO);
  add (journal, "first");
  g_assert_true (gv_journal_flush (journal, NULL));
  wait_for (journal, "durable");
  n_calls = gv_faults_get_calls ();
  g_assert_cmpint (n_calls, >=, 4);
  for (int call = 1; call <= n_calls; call++) {
    g_autoptr (GError) error = NULL, later = NULL;
    guint n = g_list_model_get_n_items (G_LIST_MODEL (journal));

    gv_faults_set (call, G_MAXINT, numbers[call % 3]);
    add (journal, "more");
    error = flush_and_wait (journal);
    g_assert_error (error, GV_FORMAT_ERROR, GV_FORMAT_ERROR_IO);
    g_assert_nonnull (strstr (error->message, path));
    g_assert_nonnull (strstr (error->message, g_strerror (numbers[call % 3])));
    g_assert_cmpstr (gv_journal_get_error (journal), ==, error->message);
    g_assert_null (gv_journal_get_next (journal));
    g_assert_cmpuint (g_list_model_get_n_items (G_LIST_MODEL (journal)), ==, n + 1);

    gv_faults_clear ();
    later = flush_and_wait (journal);
    g_assert_cmpstr (later->message, ==, "all is well");
    g_assert_null (gv_journal_get_error (journal));
    g_assert_cmpuint (gv_journal_job_get_id (gv_journal_get_next (journal)), ==, 1);
  }
  journal = reopen (journal, path);
  g_assert_cmpuint (g_list_model_get_n_items (G_LIST_MODEL (journal)), ==, (guint) n_calls + 1);
  g_object_unref (journal);
  temp_remove (folder, 1);
}

/* A broken file is kept beside a fresh queue, and named. */
static void
check_broken (const char *text, const char *words)
{
  char *folder;
  g_autofree char *path = new_path (&folder);
  g_autofree char *aside = g_strconcat (path, ".bad-1", NULL);
  g_autofree char *notice = NULL, *kept = NULL;
  GvJournal *journal;

  g_assert_true (g_file_set_contents (path, text, -1, NULL));
  journal = gv_journal_open (path, &notice);
  g_assert_nonnull (notice);
  g_assert_nonnull (strstr (notice, aside));
  if (!strstr (notice, words))
    g_error ("“%s” is not in: %s", words, notice);
  assert_shows (journal, "");
  add (journal, "new");
  journal = reopen (journal, path);
  assert_shows (journal, "1.0w");
  g_assert_true (g_file_get_contents (aside, &kept, NULL, NULL));
  g_assert_cmpstr (kept, ==, text);
  g_object_unref (journal);
  temp_remove (folder, 2);
}

#define RECIPE "\"recipe\":{\"giverny\":\"1\",\"prompt\":\"x\"}"

static void
test_broken (void)
{
  check_broken ("", "queue.json");
  check_broken ("{\"giverny-queue\":1,\"jobs\":[{\"id\":1," RECIPE, "queue.json");
  check_broken ("{}", "giverny-queue");
  check_broken ("{\"giverny-queue\":2}", "giverny-queue");
  check_broken ("{\"giverny-queue\":1,\"jobs\":{}}", "jobs");
  check_broken ("{\"giverny-queue\":1,\"jobs\":[7]}", "jobs[0]");
  check_broken ("{\"giverny-queue\":1,\"jobs\":[{\"id\":1}]}", "recipe");
  check_broken ("{\"giverny-queue\":1,\"jobs\":[{\"id\":0," RECIPE "}]}", "id");
  check_broken ("{\"giverny-queue\":1,\"jobs\":[{\"id\":1," RECIPE ",\"state\":\"odd\"}]}",
                "state");
  check_broken ("{\"giverny-queue\":1,\"jobs\":[{\"id\":1," RECIPE "},{\"id\":1," RECIPE "}]}",
                "jobs[1].id");
}

/* What a later version queued stays there, as a job that says why it can't run. */
static void
test_unknown_recipe (void)
{
  static const char text[] = "{\"giverny-queue\":1,\"jobs\":[{\"id\":9,\"recipe\":"
                             "{\"giverny\":\"99\",\"sampler\":\"wonderful\",\"new\":[1,2]}}]}";
  char *folder;
  g_autofree char *path = new_path (&folder);
  g_autofree char *kept = NULL;
  GvJournal *journal;
  g_autoptr (GvJournalJob) job = NULL;

  g_assert_true (g_file_set_contents (path, text, -1, NULL));
  journal = gv_journal_open (path, NULL);
  assert_shows (journal, "9.0f");
  job = g_list_model_get_item (G_LIST_MODEL (journal), 0);
  g_assert_null (gv_journal_job_get_recipe (job));
  g_assert_nonnull (strstr (gv_journal_job_get_error (job), "wonderful"));
  add (journal, "new");
  journal = reopen (journal, path);
  assert_shows (journal, "9.0f 10.0w");
  g_assert_true (g_file_get_contents (path, &kept, NULL, NULL));
  g_assert_nonnull (strstr (kept, "\"new\":[1,2]"));
  g_object_unref (journal);
  temp_remove (folder, 1);
}

/* What can be neither read nor moved away is never written over. */
static void
test_blocked (void)
{
  char *folder;
  g_autofree char *path = new_path (&folder);
  g_autofree char *notice = NULL, *kept = NULL;
  g_autoptr (GvJournal) journal = NULL;
  g_autoptr (GError) error = NULL;

  g_assert_true (g_file_set_contents (path, "precious", -1, NULL));
  gv_faults_set (1, 1, EACCES);
  journal = gv_journal_open (path, &notice);
  g_assert_nonnull (strstr (notice, "can't be saved"));
  add (journal, "new");
  g_assert_false (gv_journal_flush (journal, &error));
  g_assert_error (error, GV_FORMAT_ERROR, GV_FORMAT_ERROR_IO);
  g_assert_null (gv_journal_get_next (journal));
  g_assert_true (g_file_get_contents (path, &kept, NULL, NULL));
  g_assert_cmpstr (kept, ==, "precious");
  temp_remove (folder, 1);
}

static void
test_list (void)
{
  char *folder;
  g_autofree char *path = new_path (&folder);
  GvJournal *journal = gv_journal_open (path, NULL);
  GvJournalJob *job = NULL;

  for (int i = 0; i < 6; i++)
    job = add (journal, "x");
  gv_journal_move (journal, job, 2);
  assert_shows (journal, "1.0w 2.0w 6.0w 3.0w 4.0w 5.0w");
  gv_journal_move (journal, job, 4);
  assert_shows (journal, "1.0w 2.0w 3.0w 4.0w 6.0w 5.0w");
  gv_journal_move (journal, job, G_MAXUINT);
  assert_shows (journal, "1.0w 2.0w 3.0w 4.0w 5.0w 6.0w");
  gv_journal_remove (journal, job);
  assert_shows (journal, "1.0w 2.0w 3.0w 4.0w 5.0w");
  journal = reopen (journal, path);
  g_object_unref (journal);
  temp_remove (folder, 1);
}

/* Kills */

typedef struct
{
  char *sure, *next; /* the last state that is safely on disk, and the one that may be */
} Seen;

static void
read_line (Seen *seen, const char *line)
{
  if (*line == '+')
    g_set_str (&seen->next, line + 1);
  else if (*line == '=')
    g_set_str (&seen->sure, seen->next);
}

/* Reads what the child says until it dies.  It is killed @delay_us after its first change. */
static void
watch (int fd, pid_t child, gulong delay_us, Seen *seen)
{
  g_autoptr (GString) text = g_string_new (NULL);
  bool killed = false;
  char part[4096];
  ssize_t n;

  while ((n = read (fd, part, sizeof part)) > 0) {
    g_string_append_len (text, part, n);
    for (char *end; (end = strchr (text->str, '\n'));) {
      *end = '\0';
      read_line (seen, text->str);
      g_string_erase (text, 0, end - text->str + 1);
    }
    if (!killed && seen->sure) {
      g_usleep (delay_us);
      g_assert_no_errno (kill (child, SIGKILL));
      killed = true;
    }
  }
  g_assert_true (killed);
}

static void
kill_one (const char *path, int seed, gulong delay_us, Seen *seen)
{
  g_autofree char *number = g_strdup_printf ("%d", seed);
  const char *argv[] = { g_getenv ("GV_JOURNAL_CHILD"), path, number, NULL };
  g_autoptr (GError) error = NULL;
  GPid child;
  int out, status;

  g_spawn_async_with_pipes (NULL, (char **) argv, NULL, G_SPAWN_DO_NOT_REAP_CHILD, NULL, NULL,
                            &child, NULL, &out, NULL, &error);
  g_assert_no_error (error);
  watch (out, child, delay_us, seen);
  close (out);
  g_assert_cmpint (waitpid (child, &status, 0), ==, child);
  g_assert_true (WIFSIGNALED (status));
}

static char *
show_numbers (GvJournal *journal)
{
  g_autofree char *text = show (journal);
  g_auto (GStrv) words = g_strsplit (text, "w", -1); /* none runs or failed after a restart */

  return g_strjoinv ("", words);
}

static void
test_kill (void)
{
  char *folder;
  g_autofree char *path = new_path (&folder);
  g_autoptr (GRand) rng = g_rand_new_with_seed (1);
  g_autofree char *before = g_strdup ("");
  GvJournal *journal;

  for (int i = 0; i < 200; i++) {
    Seen seen = { NULL, NULL };
    g_autofree char *notice = NULL, *found = NULL;

    kill_one (path, i, (gulong) g_rand_int_range (rng, 0, 5000), &seen);
    journal = gv_journal_open (path, &notice);
    g_assert_null (notice);
    found = show_numbers (journal);
    if (strcmp (found, g_strchug (seen.sure)) != 0)
      g_assert_cmpstr (found, ==, g_strchug (seen.next));
    g_free (seen.sure);
    g_free (seen.next);
    g_object_unref (journal);
  }
  journal = gv_journal_open (path, NULL);
  add (journal, "last"); /* also takes away what a kill left between link and rename */
  journal = reopen (journal, path);
  g_object_unref (journal);
  temp_remove (folder, 1);
}

int
main (int argc, char **argv)
{
  if (access ("/dev/shm", W_OK) == 0) /* waiting for a disk would be most of what this does */
    g_setenv ("TMPDIR", "/dev/shm", TRUE);
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/journal/restart", test_restart);
  g_test_add_func ("/journal/durable", test_durable);
  g_test_add_func ("/journal/faults", test_faults);
  g_test_add_func ("/journal/broken", test_broken);
  g_test_add_func ("/journal/unknown-recipe", test_unknown_recipe);
  g_test_add_func ("/journal/blocked", test_blocked);
  g_test_add_func ("/journal/list", test_list);
  g_test_add_func ("/journal/kill", test_kill);
  return g_test_run ();
}
