// SPDX-FileCopyrightText: Giverny contributors
// SPDX-License-Identifier: GPL-3.0-or-later
/* A box's place and strength as numbers: the way to set them without dragging. */
#pragma once

#include "canvas/region-model.h"

#include <gtk/gtk.h>

G_BEGIN_DECLS

/* Opens a popover over @rect of @parent that edits the box at once; it is gone when it closes. */
GtkPopover *gv_region_numbers_popup (GtkWidget *parent,
                                     const GdkRectangle *rect,
                                     GvRegionModel *model,
                                     guint id);

G_END_DECLS
