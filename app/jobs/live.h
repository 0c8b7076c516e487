// SPDX-FileCopyrightText: Giverny contributors
// SPDX-License-Identifier: GPL-3.0-or-later
/* Paints again shortly after each edit, with the same seed; the newest edit wins. */
#pragma once

#include "jobs/queue.h"

G_BEGIN_DECLS

#define GV_TYPE_LIVE (gv_live_get_type ())
G_DECLARE_FINAL_TYPE (GvLive, gv_live, GV, LIVE, GObject)

/*
 * Property "active" (bool, read-write).  Signal "started" (GvJob): this is the live job now.
 * @recipe: watched, never changed
 */
GvLive *gv_live_new (GvQueue *queue, GvRecipe *recipe, GSettings *settings);

void gv_live_set_active (GvLive *self, bool active);
bool gv_live_get_active (GvLive *self);

G_END_DECLS
