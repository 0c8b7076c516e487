// SPDX-FileCopyrightText: Giverny contributors
// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * Words and short phrases of a person's language in English, for text encoders that read no other.
 * It is no translator: it knows what prompts are made of, and leaves every other word as it is.
 */
#pragma once

#include <glib.h>
#include <stdbool.h>

G_BEGIN_DECLS

typedef struct _GvGlossary GvGlossary;

/**
 * gv_glossary_new:
 * @own: (nullable): a file with words of the person's own, which come before the shipped ones; it
 *   need not exist
 *
 * Reads data/glossary/ko.json, {"words": {"호수": "lake", …}, "after": {"위의": "on", …},
 * "particles": ["에서", …]}, and @own, of the same form with any of the three.  "" for a word makes
 * it unknown.  Errors: GV_FORMAT_ERROR, naming file and field
 *
 * Returns: (transfer full): never changes, so that threads may share it
 */
GvGlossary *gv_glossary_new (const char *own, GError **error);
void gv_glossary_free (GvGlossary *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (GvGlossary, gv_glossary_free)

/* "glossary-ko.json" in the user's folder for settings. (transfer full) */
char *gv_glossary_default_path (void);

/* Writes an empty glossary to @path, with its folders, unless something is there already.  Blocks.
 * Errors: GV_FORMAT_ERROR_IO */
bool gv_glossary_make_own (const char *path, GError **error);

/**
 * gv_glossary_apply:
 * @text: a prompt, UTF-8
 *
 * Puts English in the place of the words that it knows, longest phrases first, without the
 * particles behind them.  What says where ("위의") goes with its word to the end of its stretch:
 * "호수 위의 빨간 배" becomes "red boat on the lake".  Parentheses, numbers, commas and English
 * stay.
 *
 * Returns: (transfer full) (nullable): NULL if there is no word that it knows
 */
char *gv_glossary_apply (GvGlossary *self, const char *text);

G_END_DECLS
