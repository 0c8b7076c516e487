// SPDX-FileCopyrightText: Giverny contributors
// SPDX-License-Identifier: GPL-3.0-or-later
/* The recipe of the next picture: what to paint, how large, and how. */
#pragma once

#include "canvas/canvas.h"

#include "giverny.h"

#include <adwaita.h>

G_BEGIN_DECLS

#define GV_TYPE_RECIPE_PANEL (gv_recipe_panel_get_type ())
G_DECLARE_FINAL_TYPE (GvRecipePanel, gv_recipe_panel, GV, RECIPE_PANEL, AdwBin)

/* Property "seed-locked" (bool, read-write): whether pictures keep the seed. */

/* Shows @recipe and writes every edit into it; to be called once. */
void gv_recipe_panel_set_recipe (GvRecipePanel *self, GvRecipe *recipe);
GvRecipe *gv_recipe_panel_get_recipe (GvRecipePanel *self);

/* Has the recipe's regions drawn on @canvas; to be called once, before the recipe is set. */
void gv_recipe_panel_connect_canvas (GvRecipePanel *self, GvCanvas *canvas);

/* (transfer none): the boxes of the recipe's regions */
GvRegionModel *gv_recipe_panel_get_regions (GvRecipePanel *self);

/* What the chosen model is best at: pixels of a side, and guidance. */
void gv_recipe_panel_set_defaults (GvRecipePanel *self, int side, double cfg);

/* Takes over what is being typed, also a syllable that is not finished. */
void gv_recipe_panel_commit (GvRecipePanel *self);

/* (transfer full): what is written, with what is being composed, which goes on */
char *gv_recipe_panel_dup_prompt (GvRecipePanel *self);
char *gv_recipe_panel_dup_negative (GvRecipePanel *self);

/* A new seed for the next picture, unless it is locked or no picture has been made with it. */
void gv_recipe_panel_next_seed (GvRecipePanel *self);

void gv_recipe_panel_new_seed (GvRecipePanel *self);
void gv_recipe_panel_swap_size (GvRecipePanel *self);
void gv_recipe_panel_focus_prompt (GvRecipePanel *self);

/* Gives @to every value of @from, as one change. */
void gv_recipe_assign (GvRecipe *to, GvRecipe *from);

G_END_DECLS
