// SPDX-FileCopyrightText: Giverny contributors
// SPDX-License-Identifier: GPL-3.0-or-later
/* Finds the words that begin as what was typed does. */
#include "compose/prompt-words.h"

#include <string.h>

#define MIN_TYPED 2
#define MAX_OFFERED 12

struct _GvPromptWords
{
  GObject parent_instance;
  GStrv words[GV_WORDS_N_SOURCES]; /* (owned) (nullable) */
};

G_DEFINE_FINAL_TYPE (GvPromptWords, gv_prompt_words, G_TYPE_OBJECT)

static void
add_matches (const char *const *words, const char *typed, GPtrArray *out)
{
  g_autofree char *folded = g_utf8_casefold (typed, -1);

  for (; words && *words && out->len < MAX_OFFERED; words++) {
    g_autofree char *word = g_utf8_casefold (*words, -1);

    if (g_str_has_prefix (word, folded) && strcmp (word, folded) != 0 &&
        !g_ptr_array_find_with_equal_func (out, *words, g_str_equal, NULL))
      g_ptr_array_add (out, g_strdup (*words));
  }
}

char **
gv_prompt_words_complete (GvPromptWords *self, const char *typed)
{
  GPtrArray *out = g_ptr_array_new ();

  g_return_val_if_fail (GV_IS_PROMPT_WORDS (self), NULL);

  if (g_utf8_strlen (typed, -1) >= MIN_TYPED)
    for (int i = 0; i < GV_WORDS_N_SOURCES; i++)
      add_matches ((const char *const *) self->words[i], typed, out);
  g_ptr_array_add (out, NULL);
  return (char **) g_ptr_array_free (out, FALSE);
}

void
gv_prompt_words_set (GvPromptWords *self, GvWordsSource source, const char *const *words)
{
  g_return_if_fail (GV_IS_PROMPT_WORDS (self));

  g_strfreev (self->words[source]);
  self->words[source] = g_strdupv ((char **) words);
}

static void
gv_prompt_words_finalize (GObject *object)
{
  GvPromptWords *self = GV_PROMPT_WORDS (object);

  for (int i = 0; i < GV_WORDS_N_SOURCES; i++)
    g_strfreev (self->words[i]);
  G_OBJECT_CLASS (gv_prompt_words_parent_class)->finalize (object);
}

static void
gv_prompt_words_class_init (GvPromptWordsClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = gv_prompt_words_finalize;
}

static void
gv_prompt_words_init (GvPromptWords *self)
{
}

GvPromptWords *
gv_prompt_words_new (void)
{
  return g_object_new (GV_TYPE_PROMPT_WORDS, NULL);
}
