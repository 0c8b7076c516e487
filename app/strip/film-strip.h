// SPDX-FileCopyrightText: Giverny contributors
// SPDX-License-Identifier: GPL-3.0-or-later
/* The pictures of this session in a row: done, being painted, waiting. */
#pragma once

#include "jobs/queue.h"

#include <adwaita.h>

G_BEGIN_DECLS

#define GV_TYPE_FILM_STRIP (gv_film_strip_get_type ())
G_DECLARE_FINAL_TYPE (GvFilmStrip, gv_film_strip, GV, FILM_STRIP, AdwBin)

/*
 * Property "selected" (GvJob, nullable, read-write).  Tiles that wait can be dragged to another place among
 * those that wait; finished ones out of the window, as files.
 */

/* To be called once.  @menu (nullable): commands for the selected job, shown on right click */
void gv_film_strip_set_queue (GvFilmStrip *self, GvQueue *queue, GMenuModel *menu);

GvJob *gv_film_strip_get_selected (GvFilmStrip *self);
void gv_film_strip_select (GvFilmStrip *self, GvJob *job);

/* Selects the next job in @direction, 1 or -1; false at the end. */
bool gv_film_strip_step (GvFilmStrip *self, int direction);

G_END_DECLS
