// SPDX-FileCopyrightText: Giverny contributors
// SPDX-License-Identifier: GPL-3.0-or-later
/* Options of `generate` as a recipe. */
#pragma once

#include "generate-options.h"

/*
 * A valid recipe with absolute paths, so that it leads to its files from every folder; a random
 * seed is drawn.  Errors: GV_USAGE_ERROR, GV_RECIPE_ERROR
 */
GvRecipe *gv_cli_make_recipe (const GvGenerateOptions *options, GError **error);

/* For the table of options: checks one value of --lora, or of --lora-blocks. */
bool gv_cli_check_lora (const char *text, GError **error);
bool gv_cli_check_lora_blocks (const char *text, GError **error);
