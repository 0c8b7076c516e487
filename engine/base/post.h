// SPDX-FileCopyrightText: Giverny contributors
// SPDX-License-Identifier: GPL-3.0-or-later
/* Messages from one thread to another's main context. */
#pragma once

#include <glib.h>

/*
 * Calls @func with @data in @context, later and in the order of posting, never right here as
 * g_main_context_invoke() might; then @destroy.
 */
void
gv_post (GMainContext *context, void (*func) (gpointer), gpointer data, GDestroyNotify destroy);
