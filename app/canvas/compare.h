// SPDX-FileCopyrightText: Giverny contributors
// SPDX-License-Identifier: GPL-3.0-or-later
/* The comparison with what belongs to it: ways of looking, and what differs in the recipes. */
#pragma once

#include "canvas/compare-view.h"

#include "giverny.h"

#include <adwaita.h>

G_BEGIN_DECLS

#define GV_TYPE_COMPARE (gv_compare_get_type ())
G_DECLARE_FINAL_TYPE (GvCompare, gv_compare, GV, COMPARE, AdwBin)

/* Signal "step" (boolean: of the second picture, int: 1 or -1): another picture is asked for. */
GtkWidget *gv_compare_new (void);

/* @title: (nullable): what to call it; @recipe: (nullable): how it was made.  NULL takes it away.
 */
void
gv_compare_set_first (GvCompare *self, GdkTexture *texture, const char *title, GvRecipe *recipe);
void
gv_compare_set_second (GvCompare *self, GdkTexture *texture, const char *title, GvRecipe *recipe);

/* (transfer none) */
GvCompareView *gv_compare_get_view (GvCompare *self);

/* (nullable): something to stand below, such as scores; it takes the place of what stood there */
void gv_compare_set_details (GvCompare *self, GtkWidget *details);

G_END_DECLS
