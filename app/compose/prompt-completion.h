// SPDX-FileCopyrightText: Giverny contributors
// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * Offers words while a prompt is typed, in a popover at the cursor that never takes the focus: Tab
 * takes the chosen or first one, Up and Down choose, Escape closes.
 */
#pragma once

#include <gtk/gtk.h>

#include "compose/prompt-words.h"

G_BEGIN_DECLS

typedef struct _GvPromptCompletion GvPromptCompletion;

/* @view: outlives it; its buffer stays the same */
GvPromptCompletion *gv_prompt_completion_new (GtkTextView *view, GvPromptWords *words);
void gv_prompt_completion_free (GvPromptCompletion *self);

/* (transfer full) (element-type utf8): the words that are offered now; empty if none are */
char **gv_prompt_completion_dup_offered (GvPromptCompletion *self);

G_END_DECLS
