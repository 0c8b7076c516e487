// SPDX-FileCopyrightText: Giverny contributors
// SPDX-License-Identifier: GPL-3.0-or-later
/* How long the main loop's callbacks keep it from going round, drawing of frames aside. */
#pragma once

#include <gtk/gtk.h>

/* A sanitizer makes everything slower, which says nothing of what a person waits for. */
#ifdef __SANITIZE_ADDRESS__
#define GV_WATCHDOG_SLOWER 4
#else
#define GV_WATCHDOG_SLOWER 1
#endif

/* Begins to measure the default main context; @window (nullable) is the one whose frames are left out. */
void gv_watchdog_start (GtkWidget *window);

typedef struct
{
  guint n_turns;
  gint64 p99_us, max_us; /* of a turn: by the clock, less what other programs took */
  gint64 max_cpu_us; /* of a turn: at work */
  gint64 max_frame_us;
} GvWatchdogReport;

GvWatchdogReport gv_watchdog_stop (void);

/* Stops, prints the report, and fails the test if callbacks took more than 16 ms (p99), or
 * worked for more than 100 ms (ever). */
void gv_watchdog_check (void);
