// SPDX-FileCopyrightText: Giverny contributors
// SPDX-License-Identifier: GPL-3.0-or-later
/* The queue's file: what is taken comes out the same once more. */
#include "fuzz.h"

#include "library/journal-json.h"

#include <string.h>

const char gv_fuzz_name[] = "journal";

extern const char *const gv_fuzz_tokens[];
const char *const gv_fuzz_tokens[] = {
  "\"giverny-queue\":1,",
  "\"next\":",
  "\"paused\":true,",
  "\"jobs\":[",
  "\"id\":",
  "\"state\":",
  "\"waiting\"",
  "\"running\"",
  "\"failed\"",
  "\"done\":",
  "\"error\":",
  "\"recipe\":{",
  "\"giverny\":\"1\"",
  "\"sampler\":\"odd\"",
  "9223372036854775807",
  "null",
  "\\u0000",
  "-1",
  NULL,
};

static char *
read_and_write (const void *data, size_t size, GError **error)
{
  g_autoptr (GPtrArray) jobs = g_ptr_array_new_with_free_func (g_object_unref);
  guint64 next = 1;
  bool paused = false;

  if (!gv_journal_from_json ("fuzz", data, size, jobs, &next, &paused, error))
    return NULL;
  for (guint i = 0; i < jobs->len; i++)
    g_assert_cmpuint (gv_journal_job_get_id (jobs->pdata[i]), <, next);
  return gv_journal_to_json (jobs, next, paused);
}

int
gv_fuzz_one (const uint8_t *data, size_t size)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *first = read_and_write (data, size, &error), *second = NULL;

  gv_fuzz_check_error (first != NULL, error);
  if (!first)
    return 0;
  second = read_and_write (first, strlen (first), &error);
  g_assert_no_error (error);
  return strcmp (first, second);
}
