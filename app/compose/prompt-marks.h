// SPDX-FileCopyrightText: Giverny contributors
// SPDX-License-Identifier: GPL-3.0-or-later
/* Colours and underlines on a prompt's text: tags of a text buffer, and nothing but tags. */
#pragma once

#include "giverny.h"

#include <gtk/gtk.h>

typedef struct _GvPromptMarks GvPromptMarks;

GvPromptMarks *gv_prompt_marks_new (GtkTextBuffer *buffer);
void gv_prompt_marks_free (GvPromptMarks *self);

/* A text that was read: the buffer's, with @composed characters more at @composed_at, which are not
 * in the buffer. */
typedef struct
{
  const char *text;
  int composed_at, composed; /* characters */
  int cursor; /* in the buffer; a word that is being typed there is not marked yet */
  const GvPromptSpan *spans; /* [n_spans] */
  size_t n_spans;
  const GvPromptRange *unreadable; /* [n_unreadable] */
  size_t n_unreadable;
} GvMarkedText;

/* False for a word of Latin letters that ends at the cursor: it says nothing of the finished one.
 */
bool gv_marked_text_shows (const GvMarkedText *self, const GvPromptRange *word);

/* Replaces all marks. */
void gv_prompt_marks_apply (GvPromptMarks *self, const GvMarkedText *text);

/* True if the word at @iter is marked as unreadable; then @from and @end are its borders. */
bool gv_prompt_marks_find_unreadable (GvPromptMarks *self,
                                      const GtkTextIter *iter,
                                      GtkTextIter *from,
                                      GtkTextIter *end);
