// SPDX-FileCopyrightText: Giverny contributors
// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * The canvas: the picture, what it is becoming while it is sampled, and the region boxes over it.
 *
 * Widget actions: canvas.zoom-in, canvas.zoom-out, canvas.fit, canvas.actual-size, canvas.copy,
 * canvas.save-as; the keys + - 0 1, Ctrl+C where the canvas has the focus.
 *
 * Signals: "zoom-changed"; "announce" (string: what a screen reader is told; its default handler
 * does that); "saved" (string: path); "failed" (string: a sentence for the person); "region-drawn"
 * (uint: the new box) and "region-text" (uint: the box whose words are wanted).
 */
#pragma once

#include "canvas/region-model.h"

#include "giverny.h"

#include <gtk/gtk.h>

G_BEGIN_DECLS

#define GV_TYPE_CANVAS (gv_canvas_get_type ())
G_DECLARE_FINAL_TYPE (GvCanvas, gv_canvas, GV, CANVAS, GtkWidget)

GtkWidget *gv_canvas_new (void);

/* (nullable): the finished picture.  It takes the preview's place. */
void gv_canvas_set_texture (GvCanvas *self, GdkTexture *texture);
GdkTexture *gv_canvas_get_texture (GvCanvas *self);

/*
 * What belongs to the texture: the picture with its recipe, which "save as" writes, and its file,
 * which drags and copies carry; both may be NULL.  Setting another texture forgets them.
 */
void gv_canvas_set_source (GvCanvas *self, GvImage *image, const char *path);

/* What the picture shows, for those who do not see it: its prompt.  NULL: not known. */
void gv_canvas_set_description (GvCanvas *self, const char *description);

/*
 * What the picture is becoming, at any resolution, shown as @width × @height pixels in place of the
 * picture; NULL takes it away again.
 */
void gv_canvas_set_preview (GvCanvas *self, GdkTexture *preview, int width, int height);

/*
 * A line for @fraction (0…1; below 0: there is no job) and @text (nullable), “Step 5 of 20”, under
 * the picture.  Screen readers hear the text at most every 5 seconds, and that it is done.
 */
void gv_canvas_set_progress (GvCanvas *self, double fraction, const char *text);

/*
 * The boxes, for a picture of the model's size, which need not be that of the picture shown.  They
 * are seen and edited while the property "drawing" (boolean) is true; "show-shares" (boolean) lays
 * over them how much of each place the selected one decides.
 */
void gv_canvas_set_regions (GvCanvas *self, GvRegionModel *regions);

/* Whose way of painting regions the shares are of; once, after the regions. */
void gv_canvas_set_recipe (GvCanvas *self, GvRecipe *recipe);

void gv_canvas_set_drawing (GvCanvas *self, bool drawing);
bool gv_canvas_get_drawing (GvCanvas *self);
void gv_canvas_set_show_shares (GvCanvas *self, bool show);

/* Shown while there is neither picture nor preview. (transfer none); NULL: the built-in words. */
void gv_canvas_set_empty (GvCanvas *self, GtkWidget *empty);

/* Device pixels in a picture pixel. */
double gv_canvas_get_zoom (GvCanvas *self);
void gv_canvas_set_zoom (GvCanvas *self, double zoom);
void gv_canvas_zoom_in (GvCanvas *self);
void gv_canvas_zoom_out (GvCanvas *self);
void gv_canvas_fit (GvCanvas *self);

void gv_canvas_copy (GvCanvas *self);
void gv_canvas_save_as (GvCanvas *self);

/* Where the picture lies in the widget. */
graphene_rect_t gv_canvas_get_picture_rect (GvCanvas *self);

G_END_DECLS
