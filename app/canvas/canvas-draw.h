// SPDX-FileCopyrightText: Giverny contributors
// SPDX-License-Identifier: GPL-3.0-or-later
/* What canvas and comparison draw alike. */
#pragma once

#include "canvas/canvas-view.h"

#include <gtk/gtk.h>

G_BEGIN_DECLS

graphene_rect_t gv_canvas_to_graphene (const GvCanvasRect *rect);

/* @texture over @rect, on a checkerboard where it may be transparent. */
void gv_canvas_append_texture (GtkSnapshot *snapshot,
                               GdkTexture *texture,
                               const graphene_rect_t *rect,
                               GvCanvasFilter filter);

/* The largest place inside @rect with the texture's proportions. */
graphene_rect_t gv_canvas_contain (const graphene_rect_t *rect, GdkTexture *texture);

G_END_DECLS
