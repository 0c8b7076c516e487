// SPDX-FileCopyrightText: Giverny contributors
// SPDX-License-Identifier: GPL-3.0-or-later
/* What differs between two recipes, in a person's words. */
#pragma once

#include "gv-recipe.h"

G_BEGIN_DECLS

typedef struct
{
  char *label;          /* “Steps” */
  char *before, *after; /* “20”, “30”; “–” where there is nothing */
} GvRecipeChange;

void gv_recipe_change_free (GvRecipeChange *self);

/*
 * (transfer full) (element-type GvRecipeChange): from @before to @after, in the order of the
 * studio's settings; empty where both are the same.  Count is left out: it is not of one picture.
 */
GPtrArray *gv_recipe_diff (GvRecipe *before, GvRecipe *after);

G_END_DECLS
