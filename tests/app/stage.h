// SPDX-FileCopyrightText: Giverny contributors
// SPDX-License-Identifier: GPL-3.0-or-later
/* A stage for widgets under test: a window to put them in, time that passes, and pictures of them. */
#pragma once

#include "giverny.h"

#include <adwaita.h>

G_BEGIN_DECLS

/* For g_test_init(), with user folders of its own; sets up the toolkit with animations off. */
void gv_stage_init (int *argc, char ***argv);

/* Lets the main loop run for a while. */
void gv_stage_pass (int milliseconds);

/* Lets it run until @done says so; false if that takes more than @seconds. */
bool gv_stage_wait (bool (*done) (gpointer data), gpointer data, int seconds);

/* Shows @widget in a window of its own and waits until it is drawn.  (transfer none): destroy the window */
GtkWindow *gv_stage_show (GtkWidget *widget, int width, int height);

/*
 * What @widget looks like, by the same renderer that draws it; a PNG in @folder of $GV_SCREENSHOTS, if that is
 * set, under @name.  Returns: (transfer full) (nullable): NULL while it has no size
 */
GdkTexture *gv_stage_snapshot (GtkWidget *widget, const char *name);

/* The first widget below @root of @type for which @name is its accessible label, or any if @name is NULL. */
GtkWidget *gv_stage_find (GtkWidget *root, GType type, const char *name);

/* Fails the test if something below @root can be focused but has no accessible name. */
void gv_stage_check_names (GtkWidget *root);

/* Fails the test if something visible below @root was given less room than it needs. */
void gv_stage_check_room (GtkWidget *root);

G_END_DECLS
