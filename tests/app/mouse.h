// SPDX-FileCopyrightText: Giverny contributors
// SPDX-License-Identifier: GPL-3.0-or-later
/* A hand at the virtual display's mouse and keyboard, through xdotool. */
#pragma once

#include "stage.h"

G_BEGIN_DECLS

/* False, and the test is skipped, where there is no xdotool. */
bool gv_mouse_is_there (void);

/* Moves the pointer to (@x, @y) of @widget. */
void gv_mouse_move (GtkWidget *widget, double x, double y);
void gv_mouse_button (bool down, int button);
void gv_mouse_click (GtkWidget *widget, double x, double y, int button);
void gv_mouse_double_click (GtkWidget *widget, double x, double y);

/* Presses at one place of @widget, goes to the other in small steps, and lets go. */
void gv_mouse_drag (GtkWidget *widget, double x0, double y0, double x1, double y1);

/* As xdotool calls it: "ctrl+z", "Escape". */
void gv_mouse_key (const char *key);
void gv_mouse_hold (const char *key, bool down);
void gv_mouse_type (const char *text);

G_END_DECLS
