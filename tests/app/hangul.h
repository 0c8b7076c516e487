// SPDX-FileCopyrightText: Giverny contributors
// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * A Hangul composer that lives in the test's own process, instead of an input method of the
 * desktop: two-set keys become syllables, "gksrmf" 한글.
 */
#pragma once

#include <gtk/gtk.h>

/* What it does with a syllable when the toolkit resets it; real ones do each of these. */
typedef enum {
  HANGUL_COMMITS,       /* gives it to the text                                    */
  HANGUL_DROPS,         /* forgets it                                              */
  HANGUL_COMMITS_LATER, /* clears it now and gives it a moment later, as another process would */
} HangulReset;

/* To be called after the toolkit is set up and before the first text view. */
void hangul_install (void);

void hangul_set_reset (HangulReset reset);
