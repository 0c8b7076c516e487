// SPDX-FileCopyrightText: Giverny contributors
// SPDX-License-Identifier: GPL-3.0-or-later
/* Changing the weight of words in a prompt's text: pure functions over bytes. */
#pragma once

#include <glib.h>
#include <stdbool.h>
#include <stddef.h>

#define GV_WEIGHT_STEP 0.05
#define GV_WEIGHT_MAX 3.0

/* Put @text in the place of bytes @from up to @end, then select @select_from up to @select_end. */
typedef struct
{
  size_t from, end;
  char *text; /* (owned) */
  size_t select_from, select_end;
  double weight; /* the new one */
} GvWeightEdit;

void gv_weight_edit_clear (GvWeightEdit *self);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (GvWeightEdit, gv_weight_edit_clear)

/**
 * gv_weights_adjust:
 * @prompt: UTF-8
 * @from, @end: what is selected, in bytes at borders of characters; the same twice for a cursor
 * @delta: added to the weight
 * @out: written on success
 *
 * The weight of what is selected, or of the innermost group around the cursor, or else of the word
 * under it.  Parentheses come where there were none, and go where the new weight is the one around.
 * No weight of other text changes.
 *
 * Returns: false where that cannot be done: nothing is there, the selection cuts through a group,
 * the weight would fall below 0 or rise above GV_WEIGHT_MAX
 */
bool
gv_weights_adjust (const char *prompt, size_t from, size_t end, double delta, GvWeightEdit *out);
