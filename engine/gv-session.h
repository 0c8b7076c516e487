// SPDX-FileCopyrightText: Giverny contributors
// SPDX-License-Identifier: GPL-3.0-or-later
/* What a window comes back with after the program ended, however that happened. */
#pragma once

#include "gv-recipe.h"

#include <gio/gio.h>
#include <stdbool.h>

G_BEGIN_DECLS

/* The state itself, as plain data.  All strings are owned and never NULL, "" for none. */
typedef struct
{
  int width, height;     /* of the window in logical pixels; 0 = not known           */
  bool maximized, controls_hidden, live;
  char *page;            /* "studio", "gallery" …                                    */
  char *prompt;          /* with what was being composed put in at its place         */
  char *negative;
  GvRecipe *settings;    /* (nullable): all other settings; valid; its prompts are not used */
  bool seed_locked;
  char *picture;         /* the path of the picture that is open                     */
  char *search;          /* in the gallery                                           */
} GvSessionState;

GvSessionState *gv_session_state_new (void);
void gv_session_state_free (GvSessionState *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (GvSessionState, gv_session_state_free)

/* (transfer full): one JSON object */
char *gv_session_state_to_json (const GvSessionState *self);

/* Missing fields get their defaults, unknown ones are ignored.  Errors: GV_FORMAT_ERROR */
GvSessionState *
gv_session_state_from_json (const char *name, const char *json, size_t size, GError **error);

/*
 * The file that the state is kept in.  Signal "failed" (GError): a state could not be written; the
 * next one is tried again.
 */
#define GV_TYPE_SESSION (gv_session_get_type ())
G_DECLARE_FINAL_TYPE (GvSession, gv_session, GV, SESSION, GObject)

/* Seconds between two looks at the state. */
#define GV_SESSION_INTERVAL_S 5

/**
 * gv_session_open:
 * @path: its folder exists
 * @state: (out) (transfer full): what was saved, or a fresh state
 * @notice: (out) (optional) (transfer full) (nullable): a sentence for a person if there was
 *   something that could not be read; it is kept aside
 */
GvSession *gv_session_open (const char *path, GvSessionState **state, char **notice);

/* "session.json" in the user's data folder, which is made if need be. (transfer full) */
char *gv_session_default_path (void);

/* Writes in a thread, and only what differs from the last state. */
void gv_session_save (GvSession *self, const GvSessionState *state);

/* Writes what waits, right here; for the program's end.  Errors: GV_FORMAT_ERROR_IO */
bool gv_session_flush (GvSession *self, GError **error);

G_END_DECLS
