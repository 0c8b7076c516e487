// SPDX-FileCopyrightText: Giverny contributors
// SPDX-License-Identifier: GPL-3.0-or-later
/* Tells a person which words of a prompt were noise to the model. */
#include "hint.h"

#include "terminal.h"

#define MAX_SHOWN 8 /* words */

/* The first words of both prompts that @reader cannot read, one after the other. */
static char **
unreadable_words (GvPromptReader *reader, GvRecipe *recipe)
{
  const char *prompts[] = { gv_recipe_get_prompt (recipe), gv_recipe_get_negative (recipe) };
  g_autoptr (GStrvBuilder) builder = g_strv_builder_new ();

  for (size_t i = 0; i < G_N_ELEMENTS (prompts); i++) {
    g_autoptr (GvPromptReading) reading = gv_prompt_reader_read (reader, prompts[i], -1, NULL);
    g_auto (GStrv) words = NULL;

    if (!reading)
      continue;
    words = gv_prompt_reading_dup_unreadable (reading, prompts[i], MAX_SHOWN + 1);
    g_strv_builder_addv (builder, (const char **) words);
  }
  return g_strv_builder_end (builder);
}

/* "a, b, c", with "…" for what is too much. */
static char *
join (char **words)
{
  g_autoptr (GString) line = g_string_new (NULL);

  for (int i = 0; words[i]; i++) {
    g_autofree char *word = gv_one_line (words[i]);

    g_string_append_printf (line, "%s%s", i ? ", " : "", i < MAX_SHOWN ? word : "…");
    if (i == MAX_SHOWN)
      break;
  }
  return g_string_free_and_steal (g_steal_pointer (&line));
}

void
gv_hint_words (GvRecipe *recipe)
{
  const char *model = gv_recipe_get_model (recipe);
  g_autoptr (GvPromptReader) reader = gv_prompt_reader_load (model, NULL);
  g_auto (GStrv) words = reader ? unreadable_words (reader, recipe) : NULL;
  g_autofree char *list = words && *words ? join (words) : NULL;

  if (!list)
    return;
  if (!gv_prompt_reader_get_words (reader, NULL))
    fprintf (stderr, _("Hint: the model cannot read these words, English ones will do more: %s\n"),
                       list);
  else if (*model)
    fprintf (stderr, _("Hint: the model never learned these words, “info” lists those that it "
                       "knows: %s\n"),
                       list);
  else
    fprintf (stderr, _("Hint: the starter model never learned these words, “giverny-cli info "
                       "starter” lists those that it knows: %s\n"),
                       list);
}
