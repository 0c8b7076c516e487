// SPDX-FileCopyrightText: Giverny contributors
// SPDX-License-Identifier: GPL-3.0-or-later
/* The model that paints, and a list to choose another from. */
#pragma once

#include "models/model-list.h"

#include <adwaita.h>

G_BEGIN_DECLS

#define GV_TYPE_MODEL_BUTTON (gv_model_button_get_type ())
G_DECLARE_FINAL_TYPE (GvModelButton, gv_model_button, GV, MODEL_BUTTON, AdwBin)

/* Shows and sets @recipe's model; to be called once. */
void gv_model_button_set_recipe (GvModelButton *self, GvRecipe *recipe, GvModelList *models);

void gv_model_button_popup (GvModelButton *self);
void gv_model_button_popdown (GvModelButton *self);

G_END_DECLS
