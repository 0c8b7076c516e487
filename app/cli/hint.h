// SPDX-FileCopyrightText: Giverny contributors
// SPDX-License-Identifier: GPL-3.0-or-later
/* Friendly words after a run that went well. */
#pragma once

#include "giverny.h"

/* Prints one line on stderr if a prompt of @recipe holds words that its model cannot read; says
 * nothing otherwise, and nothing if that cannot be found out. */
void gv_hint_words (GvRecipe *recipe);
