// SPDX-FileCopyrightText: Giverny contributors
// SPDX-License-Identifier: GPL-3.0-or-later
/* From a recipe's regions to the areas that are sampled. */
#pragma once

#include "gv-recipe.h"
#include "sample/areas.h"

/*
 * The areas of a picture of @width × @height pixels, the background first; a region of which
 * nothing is inside counts nowhere.
 */
GvAreas *gv_recipe_new_areas (GvRecipe *self, int width, int height);

/* True if regions are painted by masked attention. */
bool gv_recipe_is_masked (GvRecipe *self);
