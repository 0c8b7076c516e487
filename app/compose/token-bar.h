// SPDX-FileCopyrightText: Giverny contributors
// SPDX-License-Identifier: GPL-3.0-or-later
/* How full the chunks of a prompt are: a thin bar with one part for each chunk. */
#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

#define GV_TYPE_TOKEN_BAR (gv_token_bar_get_type ())
G_DECLARE_FINAL_TYPE (GvTokenBar, gv_token_bar, GV, TOKEN_BAR, GtkWidget)

/* @used: [n] tokens in each chunk, which holds @capacity; 0 chunks empty the bar */
void gv_token_bar_set (GvTokenBar *self, const int *used, int n, int capacity);

/* (transfer full): "23/75", "75/75 · 5/75", or what many chunks have together; "" while nothing is
 * known */
char *gv_token_bar_dup_text (GvTokenBar *self);

G_END_DECLS
