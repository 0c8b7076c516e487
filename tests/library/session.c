// SPDX-FileCopyrightText: Giverny contributors
// SPDX-License-Identifier: GPL-3.0-or-later
/* A window's state on disk. */
#include "gv-session.h"

#include <errno.h>
#include <string.h>

#include "../formats/temp.h"
#include "faults.h"

static GvSessionState *
some_state (void)
{
  GvSessionState *state = gv_session_state_new ();

  state->width = 1280;
  state->height = 800;
  state->maximized = state->live = state->seed_locked = true;
  g_set_str (&state->page, "gallery");
  g_set_str (&state->prompt, "푸른 바다와 하");
  g_set_str (&state->negative, "line one\nline two\t\"");
  g_set_str (&state->picture, "/home/somebody/Pictures/배.png");
  g_set_str (&state->search, "boat -night");
  state->settings = g_object_new (GV_TYPE_RECIPE, "steps", 12, "cfg", 5.5, "seed", G_MAXUINT64,
                                  "sampler", "dpmpp_2m", NULL);
  return state;
}

static void
assert_same (const GvSessionState *a, const GvSessionState *b)
{
  g_autofree char *x = gv_session_state_to_json (a), *y = gv_session_state_to_json (b);

  g_assert_cmpstr (x, ==, y);
}

static void
test_restore (void)
{
  char *folder = temp_folder ();
  g_autofree char *path = g_build_filename (folder, "session.json", NULL);
  g_autofree char *notice = NULL;
  g_autoptr (GvSessionState) fresh = NULL, state = some_state (), back = NULL;
  GvSession *session = gv_session_open (path, &fresh, &notice);

  g_assert_null (notice);
  g_assert_cmpstr (fresh->prompt, ==, "");
  g_assert_null (fresh->settings);
  gv_session_save (session, state);
  g_assert_true (gv_session_flush (session, NULL));
  g_object_unref (session);

  session = gv_session_open (path, &back, &notice);
  g_assert_null (notice);
  assert_same (state, back);
  g_assert_cmpstr (back->prompt, ==, "푸른 바다와 하");
  g_assert_cmpuint (gv_recipe_get_seed (back->settings), ==, G_MAXUINT64);
  g_object_unref (session);
  temp_remove (folder, 1);
}

/* The same state twice is written once. */
static void
test_unchanged (void)
{
  char *folder = temp_folder ();
  g_autofree char *path = g_build_filename (folder, "session.json", NULL);
  g_autoptr (GvSessionState) fresh = NULL, state = some_state ();
  g_autoptr (GvSession) session = gv_session_open (path, &fresh, NULL);

  gv_session_save (session, state);
  g_assert_true (gv_session_flush (session, NULL));
  gv_faults_set (G_MAXINT, 1, EIO);
  gv_session_save (session, state);
  g_assert_true (gv_session_flush (session, NULL));
  while (g_main_context_iteration (NULL, FALSE))
    ;
  g_assert_cmpint (gv_faults_get_calls (), ==, 0);
  g_set_str (&state->prompt, "x");
  gv_session_save (session, state);
  g_assert_true (gv_session_flush (session, NULL));
  g_assert_cmpint (gv_faults_get_calls (), >, 0);
  gv_faults_clear ();
  temp_remove (folder, 1);
}

/* A path that is no UTF-8, and settings that can't be, are left out; the rest is kept. */
static void
test_odd_values (void)
{
  g_autoptr (GvSessionState) state = some_state (), back = NULL;
  g_autoptr (GError) error = NULL;
  g_autofree char *json = NULL;

  g_set_str (&state->picture, "/tmp/\xff.png");
  g_object_set (state->settings, "steps", -1, NULL);
  json = gv_session_state_to_json (state);
  back = gv_session_state_from_json ("x", json, strlen (json), &error);
  g_assert_no_error (error);
  g_assert_cmpstr (back->picture, ==, "");
  g_assert_null (back->settings);
  g_assert_cmpstr (back->prompt, ==, state->prompt);
}

static void
check_broken (const char *text, gssize size)
{
  char *folder = temp_folder ();
  g_autofree char *path = g_build_filename (folder, "session.json", NULL);
  g_autofree char *aside = g_strconcat (path, ".bad-1", NULL);
  g_autofree char *notice = NULL;
  g_autoptr (GvSessionState) fresh = NULL;
  g_autoptr (GvSession) session = NULL;

  g_assert_true (g_file_set_contents (path, text, size, NULL));
  session = gv_session_open (path, &fresh, &notice);
  g_assert_nonnull (notice);
  g_assert_nonnull (strstr (notice, aside));
  g_assert_cmpstr (fresh->prompt, ==, "");
  g_assert_false (g_file_test (path, G_FILE_TEST_EXISTS));
  gv_session_save (session, fresh);
  g_assert_true (gv_session_flush (session, NULL));
  temp_remove (folder, 2);
}

static void
test_broken (void)
{
  g_autoptr (GvSessionState) state = some_state ();
  g_autofree char *json = gv_session_state_to_json (state);

  for (size_t size = 0; size < strlen (json); size += 37)
    check_broken (json, (gssize) size);
  check_broken ("{\"giverny-session\":2}", -1);
  check_broken ("{\"giverny-session\":1,\"width\":-1}", -1);
  check_broken ("{\"giverny-session\":1,\"prompt\":7}", -1);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/session/restore", test_restore);
  g_test_add_func ("/session/unchanged", test_unchanged);
  g_test_add_func ("/session/odd-values", test_odd_values);
  g_test_add_func ("/session/broken", test_broken);
  return g_test_run ();
}
