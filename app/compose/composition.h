// SPDX-FileCopyrightText: Giverny contributors
// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * What an input method is composing in a text view, kept until the buffer has it.
 *
 * When a composition is ended by something else than a key of its own (Ctrl+Enter, a click, the
 * focus going elsewhere), some input methods commit it, at once or a moment later, and some drop
 * it.  So what was last seen counts as text, and is put into the buffer if no commit has come a
 * moment after it vanished.
 */
#pragma once

#include <gtk/gtk.h>
#include <stdbool.h>

typedef struct _GvComposition GvComposition;

/* @changed: called with @data whenever the text with what is being composed may have changed by the
 * composition.  @view must outlive it. */
GvComposition *gv_composition_new (GtkTextView *view, void (*changed) (gpointer), gpointer data);
void gv_composition_free (GvComposition *self);

/* What is being composed, "" if nothing is, and its place in the text in characters. */
const char *gv_composition_get (GvComposition *self, int *offset);

/* (transfer full): the buffer's text with it */
char *gv_composition_dup_text (GvComposition *self);

/* True for a moment after an end: a commit may still come, and would replace a selection. */
bool gv_composition_is_ending (GvComposition *self);

/* Ends the composition; its text stays. */
void gv_composition_end (GvComposition *self);
