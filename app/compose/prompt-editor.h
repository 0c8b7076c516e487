// SPDX-FileCopyrightText: Giverny contributors
// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * Where a prompt is written.  It shows weights by colour, how full each chunk of tokens is, and the
 * words that the model cannot read; Ctrl+Up and Ctrl+Down change the weight under the cursor.
 *
 * A syllable that is still being composed is part of the text, for everybody who asks: the text
 * view's buffer does not have it until the input method lets go of it, and some never do when a key
 * or a click elsewhere ends the composition.
 */
#pragma once

#include "giverny.h"

#include <adwaita.h>

G_BEGIN_DECLS

#define GV_TYPE_PROMPT_EDITOR (gv_prompt_editor_get_type ())
G_DECLARE_FINAL_TYPE (GvPromptEditor, gv_prompt_editor, GV, PROMPT_EDITOR, AdwBin)

/*
 * Properties, all read-write and notifying:
 *   text (string): with what is being composed; setting it can be undone
 *   placeholder (string): shown while there is no text
 *   label (string): the accessible name
 *   model (string): path of the model that is going to read the prompt; "" for the starter
 *   negative (bool): former prompts are those of what should not be in a picture
 *   original (string): what stood here before it was put into English, "" if it was not
 */
GtkWidget *gv_prompt_editor_new (void);

/* (transfer full): the text with what is being composed; for saving and showing */
char *gv_prompt_editor_dup_text (GvPromptEditor *self);

/* (transfer full): the same for generating: the composition ends, what it held stays in the text,
 * and this becomes the newest of the former prompts */
char *gv_prompt_editor_take_text (GvPromptEditor *self);

void gv_prompt_editor_set_text (GvPromptEditor *self, const char *text);

/* Reads the prompt with the tokenizer of @path, which is loaded in a thread. */
void gv_prompt_editor_set_model (GvPromptEditor *self, const char *path);

/* Changes the weight under the cursor or of the selection; false where that cannot be done. */
bool gv_prompt_editor_adjust_weight (GvPromptEditor *self, double delta);

/* @words: (nullable): NULL at the end; offered first while a word is being typed */
void gv_prompt_editor_set_trigger_words (GvPromptEditor *self, const char *const *words);

/* True once the shown counts and marks belong to the text. */
bool gv_prompt_editor_is_read (GvPromptEditor *self);

/* (transfer none) */
GtkTextView *gv_prompt_editor_get_view (GvPromptEditor *self);

G_END_DECLS
