// SPDX-FileCopyrightText: Giverny contributors
// SPDX-License-Identifier: GPL-3.0-or-later
/* One region box as it is seen, focused and read aloud.  The layer places it and takes its input.
 */
#pragma once

#include "canvas/region-model.h"

#include <gtk/gtk.h>

G_BEGIN_DECLS

#define GV_REGION_HANDLE 10.0f /* drawn side of a handle, logical pixels */

#define GV_TYPE_REGION_FRAME (gv_region_frame_get_type ())
G_DECLARE_FINAL_TYPE (GvRegionFrame, gv_region_frame, GV, REGION_FRAME, GtkWidget)

GtkWidget *gv_region_frame_new (GvRegionModel *model, guint id);
guint gv_region_frame_get_id (GvRegionFrame *self);

/* The box has changed, or whether it is selected. */
void gv_region_frame_update (GvRegionFrame *self);

/* (transfer full): the text's first words, without line breaks; a hint where there is none */
char *gv_region_dup_words (const GvRegionBox *box);

G_END_DECLS
