// SPDX-FileCopyrightText: Giverny contributors
// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * Runs a fuzz target over its corpus and mutations of it.  The target runs in a child process,
 * which leaves the input it is at in shared memory, so that whatever happens to the child the
 * parent still has it.
 *
 *   fuzz-NAME            runs the corpus and GV_FUZZ_RUNS inputs
 *   fuzz-NAME FILE...    runs these files in this process, for a debugger
 */
#include "fuzz.h"

#include <errno.h>
#include <glib/gstdio.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "heap.h"

/* A sanitizer makes an allocation many times slower. */
#ifdef HEAP_SANITIZED
#define MAX_SECONDS 5.0
#else
#define MAX_SECONDS 1.0
#endif
#define HANG_SECONDS 120 /* by the clock: other programs may want the processor, too */
#define FREE_BYTES ((size_t) 16 << 20)

/* What the child tells its parent. */
typedef struct
{
  size_t n_runs, peak_bytes, size;
  double longest; /* seconds */
  char fault[128];
  uint8_t data[GV_FUZZ_MAX_BYTES];
} State;

static State *state;

static double
processor_time (void)
{
  struct timespec time;

  clock_gettime (CLOCK_PROCESS_CPUTIME_ID, &time);
  return (double) time.tv_sec + 1e-9 * (double) time.tv_nsec;
}

static void
fault (const char *sentence)
{
  g_strlcpy (state->fault, sentence, sizeof state->fault);
  _exit (1);
}

/* Runs the state's input once; the copy makes a read beyond its end visible. */
static void
run_once (void)
{
  uint8_t *copy = malloc (state->size);
  size_t before = heap_live (), peak;
  double start = processor_time (), seconds;

  memcpy (copy, state->data, state->size);
  heap_peak ();
  if (gv_fuzz_one (copy, state->size) != 0)
    fault ("says that a property does not hold");
  seconds = processor_time () - start;
  peak = heap_peak () - before;
  free (copy);
  state->longest = MAX (state->longest, seconds);
  state->peak_bytes = MAX (state->peak_bytes, peak);
  if (seconds > MAX_SECONDS)
    fault ("took too long");
  if (peak > 4 * state->size + FREE_BYTES)
    fault ("took more memory than four times the input and 16 MiB");
}

/* Something may be kept for good at its first use, but not again and again. */
static void
run (void)
{
  size_t live = heap_live ();

  alarm (HANG_SECONDS);
  run_once ();
  for (int i = 0; heap_live () > live; i++) {
    if (i == 4)
      fault ("leaks memory");
    live = heap_live ();
    run_once ();
  }
  state->n_runs++;
}

static void
set_input (const uint8_t *data, size_t size)
{
  state->size = MIN (size, GV_FUZZ_MAX_BYTES);
  memcpy (state->data, data, state->size);
}

static void
splice (const GBytes *other, uint64_t *rng)
{
  size_t n, from, size, at = gv_fuzz_below (rng, state->size + 1);
  const uint8_t *bytes = g_bytes_get_data ((GBytes *) other, &n);

  from = gv_fuzz_below (rng, n + 1);
  size = MIN (n - from, GV_FUZZ_MAX_BYTES - at);
  memcpy (state->data + at, bytes + from, size);
  state->size = at + size;
}

static void
make_input (GPtrArray *corpus, uint64_t *rng)
{
  const GBytes *seed = corpus->pdata[gv_fuzz_below (rng, corpus->len)];
  bool structured = gv_fuzz_mutate && gv_fuzz_one_in (rng, 2);
  size_t size;
  const uint8_t *data = g_bytes_get_data ((GBytes *) seed, &size);

  set_input (data, size);
  if (gv_fuzz_one_in (rng, 16))
    splice (corpus->pdata[gv_fuzz_below (rng, corpus->len)], rng);
  if (structured)
    state->size = gv_fuzz_mutate (state->data, state->size, GV_FUZZ_MAX_BYTES, rng);
  if (!structured || gv_fuzz_one_in (rng, 8))
    state->size = gv_fuzz_mutate_bytes (state->data, state->size, GV_FUZZ_MAX_BYTES, rng);
}

static void
run_all (GPtrArray *corpus, size_t n_runs)
{
  uint64_t rng = 0x9e3779b97f4a7c15 ^ g_str_hash (gv_fuzz_name);

  heap_count ();
  for (guint i = 0; i < corpus->len; i++) {
    size_t size;
    const uint8_t *data = g_bytes_get_data (corpus->pdata[i], &size);

    set_input (data, size);
    run ();
  }
  while (state->n_runs < n_runs) {
    make_input (corpus, &rng);
    run ();
  }
  alarm (0);
}

static int
compare_names (const void *a, const void *b)
{
  return strcmp (*(char *const *) a, *(char *const *) b);
}

/* The seeds, in the order of their names. */
static GPtrArray *
load_corpus (const char *folder)
{
  GPtrArray *corpus = g_ptr_array_new_with_free_func ((GDestroyNotify) g_bytes_unref);
  g_autoptr (GPtrArray) names = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (GDir) dir = g_dir_open (folder, 0, NULL);
  const char *name;

  while (dir && (name = g_dir_read_name (dir)))
    g_ptr_array_add (names, g_build_filename (folder, name, NULL));
  g_ptr_array_sort (names, compare_names);
  for (guint i = 0; i < names->len; i++) {
    char *data;
    gsize size;

    if (g_file_get_contents (names->pdata[i], &data, &size, NULL))
      g_ptr_array_add (corpus, g_bytes_new_take (data, size));
  }
  return corpus;
}

static size_t
wanted_runs (void)
{
  const char *runs = g_getenv ("GV_FUZZ_RUNS");

  if (runs)
    return strtoul (runs, NULL, 10);
  return g_strcmp0 (g_getenv ("GV_PROVE"), "1") == 0 ? 2000000 : 20000;
}

static int
report_failure (const char *program, int status)
{
  g_autofree char *path = g_strdup_printf ("fuzz-%s-failure", gv_fuzz_name);

  if (!*state->fault && WIFSIGNALED (status) && WTERMSIG (status) == SIGALRM)
    g_snprintf (state->fault, sizeof state->fault, "hangs");
  else if (!*state->fault && WIFSIGNALED (status))
    g_snprintf (state->fault, sizeof state->fault, "ends with signal %d", WTERMSIG (status));
  else if (!*state->fault)
    g_snprintf (state->fault, sizeof state->fault, "exits with %d", WEXITSTATUS (status));
  g_file_set_contents (path, (const char *) state->data, (gssize) state->size, NULL);
  g_printerr ("%s: input %zu, of %zu bytes, %s; repeat with: %s %s\n", gv_fuzz_name, state->n_runs,
              state->size, state->fault, program, path);
  return 1;
}

static int
run_in_child (const char *program)
{
  g_autoptr (GPtrArray) corpus = load_corpus (GV_FUZZ_CORPUS);
  size_t n_runs = wanted_runs ();
  int status;
  pid_t child;

  if (corpus->len == 0) {
    g_printerr ("%s: there are no seeds in %s\n", gv_fuzz_name, GV_FUZZ_CORPUS);
    return 1;
  }
  child = fork ();
  if (child == 0) {
    run_all (corpus, n_runs);
    return 0;
  }
  if (child < 0 || TEMP_FAILURE_RETRY (waitpid (child, &status, 0)) < 0 || status != 0)
    return report_failure (program, status);
  g_print ("%s: %zu inputs, %u seeds; at most %.1f ms and %.1f KiB beside the input\n",
           gv_fuzz_name, state->n_runs, corpus->len, 1e3 * state->longest,
           (double) state->peak_bytes / 1024);
  return 0;
}

static int
run_files (char **paths)
{
  heap_count ();
  for (; *paths; paths++) {
    g_autofree char *data = NULL;
    gsize size;

    if (!g_file_get_contents (*paths, &data, &size, NULL)) {
      g_printerr ("%s: can't be read\n", *paths);
      return 1;
    }
    set_input ((const uint8_t *) data, size);
    run ();
    g_print ("%s: %.1f ms, %.1f KiB\n", *paths, 1e3 * state->longest,
             (double) state->peak_bytes / 1024);
  }
  return 0;
}

int
main (int argc, char **argv)
{
  state = mmap (NULL, sizeof *state, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  if (state == MAP_FAILED) {
    g_printerr ("%s: %s\n", gv_fuzz_name, g_strerror (errno));
    return 1;
  }
  if (gv_fuzz_prepare)
    gv_fuzz_prepare ();
  return argc > 1 ? run_files (argv + 1) : run_in_child (argv[0]);
}
