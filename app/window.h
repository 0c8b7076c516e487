// SPDX-FileCopyrightText: Giverny contributors
// SPDX-License-Identifier: GPL-3.0-or-later
/* The window: the recipe on the left, the picture in the middle, the session's pictures below. */
#pragma once

#include "application.h"

G_BEGIN_DECLS

#define GV_TYPE_WINDOW (gv_window_get_type ())
G_DECLARE_FINAL_TYPE (GvWindow, gv_window, GV, WINDOW, AdwApplicationWindow)

GvWindow *gv_window_new (GvApplication *application);

/* The recipe that is edited.  (transfer none) */
GvRecipe *gv_window_get_recipe (GvWindow *self);

/* A sentence that stays until it is read. */
void gv_window_tell (GvWindow *self, const char *sentence);

/* Looks at a file in a worker and does what fits: shows a picture and takes its recipe, adds a model. */
void gv_window_open_file (GvWindow *self, const char *path);

G_END_DECLS
