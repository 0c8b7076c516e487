// SPDX-FileCopyrightText: Giverny contributors
// SPDX-License-Identifier: GPL-3.0-or-later
/* A small piece of a region's outline with its number: the sign that joins row and box. */
#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

#define GV_TYPE_REGION_SWATCH (gv_region_swatch_get_type ())
G_DECLARE_FINAL_TYPE (GvRegionSwatch, gv_region_swatch, GV, REGION_SWATCH, GtkWidget)

/* @look: gv_region_look() */
GtkWidget *gv_region_swatch_new (int look);

G_END_DECLS
