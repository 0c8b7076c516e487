// SPDX-FileCopyrightText: Giverny contributors
// SPDX-License-Identifier: GPL-3.0-or-later
/* Hands on a picture: wheel, fingers and keys that zoom and pan a widget's view. */
#pragma once

#include "canvas/canvas-view.h"

#include <gtk/gtk.h>

G_BEGIN_DECLS

typedef struct _GvNavigator GvNavigator;

/*
 * Adds the controllers to @widget, which draws with gv_navigator_get_view() and is told by @changed
 * when the view is another.  @space_pans: the pointer pans while Space is held.  The widget owns
 * the navigator and frees it when it is disposed of.
 */
GvNavigator *gv_navigator_new (GtkWidget *widget, bool space_pans, void (*changed) (GtkWidget *));
void gv_navigator_free (GvNavigator *self);

const GvCanvasView *gv_navigator_get_view (GvNavigator *self);

/* From the widget's size_allocate and snapshot: the device's scale and place may have changed. */
void gv_navigator_allocate (GvNavigator *self, double width, double height);

/* Logical pixels that stay free around a fitting picture. */
void gv_navigator_set_padding (GvNavigator *self, double padding);

void gv_navigator_set_picture (GvNavigator *self, int width, int height);
void gv_navigator_fit (GvNavigator *self);
void gv_navigator_set_zoom (GvNavigator *self, double zoom); /* around the middle */
void gv_navigator_step (GvNavigator *self, int direction);   /* to the next round zoom */
void gv_navigator_pan (GvNavigator *self, double dx, double dy);

/* With two pictures beside each other, pointer positions repeat every so many logical pixels. */
void gv_navigator_set_tile (GvNavigator *self, double width, double height);

/* True while Space is held and drags with it pan. */
bool gv_navigator_wants_drag (GvNavigator *self);

/* Whether a finger alone pans, as it does where nothing is drawn. */
void gv_navigator_set_touch_pans (GvNavigator *self, bool pans);

G_END_DECLS
