// SPDX-FileCopyrightText: Giverny contributors
// SPDX-License-Identifier: GPL-3.0-or-later
/* The texts of a recipe: the prompt, the negative one, and those of its regions, each encoded once.
 */
#include "pipeline/sd1-private.h"

#include <string.h>

GvRunTexts *
gv_run_texts_ref (GvRunTexts *self)
{
  self->refs++;
  return self;
}

void
gv_run_texts_unref (GvRunTexts *self)
{
  if (--self->refs > 0)
    return;
  g_clear_pointer (&self->states, g_ptr_array_unref);
  for (int side = 0; side < 2; side++)
    g_free (self->of[side]);
  g_free (self);
}

/* The number of @text's states, which are made if nobody has asked for them yet. */
static bool
take (GvRun *run,
      GvRunTexts *self,
      GHashTable *known,
      const char *option,
      const char *text,
      int *number,
      GError **error)
{
  gpointer found;
  GvTextStates *states;

  if (g_hash_table_lookup_extended (known, text, NULL, &found)) {
    *number = GPOINTER_TO_INT (found);
    return true;
  }
  states = gv_run_encode (run, option, text, error);
  if (!states)
    return false;
  *number = (int) self->states->len;
  g_ptr_array_add (self->states, states);
  g_hash_table_insert (known, (gpointer) text, GINT_TO_POINTER (*number));
  return true;
}

GvRunTexts *
gv_run_encode_all (GvRun *run, GError **error)
{
  g_autoptr (GvRunTexts) self = g_new0 (GvRunTexts, 1);
  g_autoptr (GHashTable) known = g_hash_table_new (g_str_hash, g_str_equal);
  GPtrArray *regions = gv_recipe_get_regions (run->recipe);
  const char *texts[2] = { gv_recipe_get_prompt (run->recipe),
                           gv_recipe_get_negative (run->recipe) };

  self->refs = 1;
  self->n_sides = gv_recipe_get_cfg (run->recipe) == 1 ? 1 : 2;
  self->states = g_ptr_array_new_with_free_func ((GDestroyNotify) gv_text_states_free);
  for (int side = 0; side < self->n_sides; side++) {
    self->of[side] = g_new0 (int, regions->len + 1);
    if (!take (run, self, known, side ? "--negative" : "--prompt", texts[side], self->of[side],
               error))
      return NULL;
  }
  for (guint i = 0; i < regions->len; i++) {
    const GvRegion *region = regions->pdata[i];
    const char *own[2] = { region->text, region->negative ? region->negative : texts[1] };
    g_autofree char *option = g_strdup_printf ("--region %u", i + 1);

    for (int side = 0; side < self->n_sides; side++)
      if (!take (run, self, known, option, own[side], self->of[side] + i + 1, error))
        return NULL;
  }
  return g_steal_pointer (&self);
}

const GvTextStates *
gv_run_texts_get (const GvRunTexts *self, int side, int area)
{
  return self->states->pdata[self->of[side][area]];
}
