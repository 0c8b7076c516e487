// SPDX-FileCopyrightText: Giverny contributors
// SPDX-License-Identifier: GPL-3.0-or-later
/* A job as a small picture, with what can be done about it. */
#pragma once

#include "jobs/queue.h"

#include <adwaita.h>

G_BEGIN_DECLS

#define GV_TYPE_TILE (gv_tile_get_type ())
G_DECLARE_FINAL_TYPE (GvTile, gv_tile, GV, TILE, AdwBin)

GvTile *gv_tile_new (void);

/* Shows @job (nullable) of @queue. */
void gv_tile_set_job (GvTile *self, GvJob *job, GvQueue *queue);
GvJob *gv_tile_get_job (GvTile *self);

G_END_DECLS
