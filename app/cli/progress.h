// SPDX-FileCopyrightText: Giverny contributors
// SPDX-License-Identifier: GPL-3.0-or-later
/* A line on the terminal that says what a job is doing and how long it will take. */
#pragma once

#include "giverny.h"

typedef struct _GvProgressLine GvProgressLine;

/* Draws on stderr, if that is a terminal whose lines can be redrawn; else does nothing. */
GvProgressLine *gv_progress_line_new (void);

/* Removes the line and frees @self. */
void gv_progress_line_free (GvProgressLine *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (GvProgressLine, gv_progress_line_free)

/* Shows @progress, at most ten times a second. */
void gv_progress_line_update (GvProgressLine *self, const GvProgress *progress);

/*
 * The line for @progress in at most @width columns, without colours.  @speed is in steps a second,
 * 0 while it is not known.
 */
char *gv_progress_line_format (const GvProgress *progress, double speed, int width);
