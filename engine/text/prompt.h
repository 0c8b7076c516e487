// SPDX-FileCopyrightText: Giverny contributors
// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * Prompt weights, as ComfyUI reads them: a prompt to pieces of text, each with a weight.
 *
 * `(text)` multiplies the weight by 1.1, nested groups multiply on.  `(text:1.5)` sets it to 1.5
 * whatever is around it; groups inside go on from there.  The group's last colon counts, unless it
 * is the first character; if no number follows it the whole is text with 1.1.  A number is what a
 * person would write: sign, digits, fraction, exponent, white space around it, in any script's
 * digits; it must be finite.
 * `\(` and `\)` are the characters themselves.
 *
 * Parentheses without a partner:
 * - A group that is never closed is plain text to the prompt's end, its parenthesis and what is
 * inside included; but if the prompt ends with `)`, that one closes it: `((a)` is "(a" with 1.1.
 * - A `)` without `(` is text, and makes the next `(` text too.
 */
#pragma once

#include <glib.h>
#include <stddef.h>

typedef struct
{
  char *text; /* (owned) UTF-8, NUL-terminated; never empty */
  size_t len;
  size_t from, end; /* its bytes in the prompt, before backslashes were taken out */
  double weight; /* may be infinite if thousands of groups are nested */
} GvPromptPiece;

typedef struct
{
  GvPromptPiece *pieces; /* (owned) from left to right */
  size_t n_pieces;       /* 0 for an empty prompt */
} GvPrompt;

/**
 * gv_prompt_parse:
 * @utf8: a prompt of @len bytes
 *
 * Cuts a prompt at the borders of its groups.  Takes time in proportion to @len however deeply
 * groups are nested.  Fails with %GV_TEXT_ERROR_INVALID_UTF8 only.
 *
 * Returns: (transfer full)
 */
GvPrompt *gv_prompt_parse (const char *utf8, size_t len, GError **error);

void gv_prompt_free (GvPrompt *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (GvPrompt, gv_prompt_free)
