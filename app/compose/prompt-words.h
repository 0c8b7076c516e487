// SPDX-FileCopyrightText: Giverny contributors
// SPDX-License-Identifier: GPL-3.0-or-later
/* Words to complete in a prompt: those that the model knows, of former prompts, and trigger words.
 */
#pragma once

#include <glib-object.h>

G_BEGIN_DECLS

#define GV_TYPE_PROMPT_WORDS (gv_prompt_words_get_type ())
G_DECLARE_FINAL_TYPE (GvPromptWords, gv_prompt_words, GV, PROMPT_WORDS, GObject)

GvPromptWords *gv_prompt_words_new (void);

/* Where words come from; setting one source leaves the others. */
typedef enum {
  GV_WORDS_TRIGGER, /* of LoRAs; offered first */
  GV_WORDS_HISTORY,
  GV_WORDS_MODEL,
  GV_WORDS_N_SOURCES,
} GvWordsSource;

/* @words: (nullable): NULL at the end; copied */
void gv_prompt_words_set (GvPromptWords *self, GvWordsSource source, const char *const *words);

/* (transfer full): what @typed, of two characters and more, may become; at most 12, each once */
char **gv_prompt_words_complete (GvPromptWords *self, const char *typed);

G_END_DECLS
