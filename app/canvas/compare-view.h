// SPDX-FileCopyrightText: Giverny contributors
// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * Two pictures, one zoom: behind a slider, beside each other, faded, as their difference, or in
 * turn.
 *
 * Keys: arrows (1 %), Page Up and Down (10 %), Home and End, + - 0 1 for the zoom, Ctrl+arrows to
 * pan, Space to see the other one in flicker, Shift+Left and Right for another second picture,
 * Ctrl+Shift+Left and Right for another first one.
 */
#pragma once

#include <gtk/gtk.h>
#include <stdbool.h>

G_BEGIN_DECLS

typedef enum {
  GV_COMPARE_SLIDER,
  GV_COMPARE_SIDE_BY_SIDE,
  GV_COMPARE_FADE,
  GV_COMPARE_DIFFERENCE,
  GV_COMPARE_FLICKER,
} GvCompareMode;

#define GV_TYPE_COMPARE_MODE (gv_compare_mode_get_type ())
GType gv_compare_mode_get_type (void);

#define GV_TYPE_COMPARE_VIEW (gv_compare_view_get_type ())
G_DECLARE_FINAL_TYPE (GvCompareView, gv_compare_view, GV, COMPARE_VIEW, GtkWidget)

/*
 * Properties: "mode" (GvCompareMode), "position" (double, 0…1: how much of the first picture is
 * seen), "vertical" (boolean: one above the other), "gain" (double, 1…16: of the difference).
 * Signal "step" (boolean: of the second picture, int: 1 or -1): another picture is asked for.
 */
GtkWidget *gv_compare_view_new (void);

/* @title: (nullable): what its label says behind its letter */
void gv_compare_view_set_first (GvCompareView *self, GdkTexture *texture, const char *title);
void gv_compare_view_set_second (GvCompareView *self, GdkTexture *texture, const char *title);

void gv_compare_view_set_mode (GvCompareView *self, GvCompareMode mode);
GvCompareMode gv_compare_view_get_mode (GvCompareView *self);
void gv_compare_view_set_position (GvCompareView *self, double position);
double gv_compare_view_get_position (GvCompareView *self);

/* Where the (first) picture lies in the widget. */
graphene_rect_t gv_compare_view_get_picture_rect (GvCompareView *self);

void gv_compare_view_fit (GvCompareView *self);
void gv_compare_view_set_zoom (GvCompareView *self, double zoom);

G_END_DECLS
