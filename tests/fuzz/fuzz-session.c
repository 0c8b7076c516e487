// SPDX-FileCopyrightText: Giverny contributors
// SPDX-License-Identifier: GPL-3.0-or-later
/* A window's state: what is taken comes out the same once more. */
#include "fuzz.h"

#include "gv-session.h"

#include <string.h>

const char gv_fuzz_name[] = "session";

extern const char *const gv_fuzz_tokens[];
const char *const gv_fuzz_tokens[] = {
  "\"giverny-session\":1,",
  "\"width\":",
  "\"height\":",
  "\"maximized\":true,",
  "\"page\":",
  "\"prompt\":",
  "\"negative\":",
  "\"settings\":{",
  "\"giverny\":\"1\"",
  "\"picture\":",
  "\"search\":",
  "\"seed_locked\":",
  "32768",
  "null",
  "\\u0000",
  "-1",
  NULL,
};

int
gv_fuzz_one (const uint8_t *data, size_t size)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GvSessionState) state =
      gv_session_state_from_json ("fuzz", (const char *) data, size, &error);
  g_autoptr (GvSessionState) again = NULL;
  g_autofree char *first = NULL, *second = NULL;

  gv_fuzz_check_error (state != NULL, error);
  if (!state)
    return 0;
  first = gv_session_state_to_json (state);
  again = gv_session_state_from_json ("again", first, strlen (first), &error);
  g_assert_no_error (error);
  second = gv_session_state_to_json (again);
  return strcmp (first, second);
}
