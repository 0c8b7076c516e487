// SPDX-FileCopyrightText: Giverny contributors
// SPDX-License-Identifier: GPL-3.0-or-later
/* The prompts that pictures were made with, the newest first, kept in a file between sessions. */
#pragma once

#include <glib-object.h>
#include <stdbool.h>

G_BEGIN_DECLS

#define GV_PROMPT_HISTORY_MAX 200
#define GV_PROMPT_HISTORY_MAX_BYTES (1 << 20) /* of all texts; the oldest go */

#define GV_TYPE_PROMPT_HISTORY (gv_prompt_history_get_type ())
G_DECLARE_FINAL_TYPE (GvPromptHistory, gv_prompt_history, GV, PROMPT_HISTORY, GObject)

/* Signal "changed" (): there is another first text. */

/* @path: in a folder that exists.  A file that cannot be understood is put aside, and the history
 * starts afresh. */
GvPromptHistory *gv_prompt_history_open (const char *path);

/* "prompts.json" (or "negative-prompts.json") in the user's data folder, which is made if need be.
 * (transfer full) */
char *gv_prompt_history_default_path (bool negative);

/* Puts @text first, wherever it was before, and writes that in a thread; not if it is empty. */
void gv_prompt_history_add (GvPromptHistory *self, const char *text);

/* (transfer none): the text @i prompts ago, NULL behind the oldest; valid until the next is added
 */
const char *gv_prompt_history_get (GvPromptHistory *self, guint i);

/* Writes what waits, right here.  Errors: GV_FORMAT_ERROR_IO */
bool gv_prompt_history_flush (GvPromptHistory *self, GError **error);

G_END_DECLS
