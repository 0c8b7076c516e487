// SPDX-FileCopyrightText: Giverny contributors
// SPDX-License-Identifier: GPL-3.0-or-later
/* Sentences for those who hear the window. */
#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

/* Has a screen reader say @text when it has finished what it is saying. */
void gv_announce (GtkWidget *widget, const char *text);

G_END_DECLS
