// SPDX-FileCopyrightText: Giverny contributors
// SPDX-License-Identifier: GPL-3.0-or-later
/* How long the main loop's callbacks keep it from going round. */
#include "watchdog.h"

#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#define MAX_P99_US (16000 * GV_WATCHDOG_SLOWER)
#define MAX_US (100000 * GV_WATCHDOG_SLOWER)
#define MAX_BLOCKED_US (400000 * GV_WATCHDOG_SLOWER) /* a busy disk holds page faults up, whatever a callback does */

typedef struct
{
  gint64 clock_us;
  gint64 cpu_us;   /* what the thread has used                      */
  gint64 ready_us; /* how long it could have run, but others did    */
} Moment;

static struct
{
  GPollFunc poll;
  GArray *turns; /* of gint64 */
  Moment turn, frame;
  gint64 frames_us, max_frame_us; /* of this turn; of all */
  gint64 max_cpu_us;
  GdkFrameClock *clock;
  gulong handlers[2];
} dog;

/* “time on the processor, time waiting for one, turns”, in ns: the kernel's scheduler keeps it for
 * each thread. */
static Moment
now (void)
{
  static int fd = -1;
  Moment moment = { .clock_us = g_get_monotonic_time () };
  char text[128], *end;
  ssize_t n;

  if (fd < 0)
    fd = open ("/proc/thread-self/schedstat", O_RDONLY | O_CLOEXEC);
  n = fd < 0 ? -1 : pread (fd, text, sizeof text - 1, 0);
  if (n <= 0)
    return moment;
  text[n] = '\0';
  moment.cpu_us = strtoll (text, &end, 10) / 1000;
  moment.ready_us = strtoll (end, NULL, 10) / 1000;
  return moment;
}

/* Other programs may take the processor away; that is not our time. */
static gint64
since (Moment start)
{
  Moment end = now ();

  return MAX (end.clock_us - start.clock_us - (end.ready_us - start.ready_us), 0);
}

static gint
watched_poll (GPollFD *fds, guint n, gint timeout)
{
  gint64 busy = MAX (since (dog.turn) - dog.frames_us, 0);
  gint64 cpu = MAX (now ().cpu_us - dog.turn.cpu_us - dog.frames_us, 0);
  gint result;

  dog.max_cpu_us = MAX (dog.max_cpu_us, cpu);
  g_array_append_val (dog.turns, busy);
  result = dog.poll (fds, n, timeout);
  dog.frames_us = 0;
  dog.turn = now ();
  return result;
}

static void
on_frame_begins (GdkFrameClock *clock, gpointer data)
{
  dog.frame = now ();
}

static void
on_frame_ends (GdkFrameClock *clock, gpointer data)
{
  gint64 took = since (dog.frame);

  dog.frames_us += took;
  dog.max_frame_us = MAX (dog.max_frame_us, took);
}

void
gv_watchdog_start (GtkWidget *window)
{
  GMainContext *context = g_main_context_default ();

  g_assert_null (dog.turns);
  dog.turns = g_array_new (FALSE, FALSE, sizeof (gint64));
  dog.max_frame_us = dog.frames_us = dog.max_cpu_us = 0;
  if (window) {
    dog.clock = g_object_ref (gtk_widget_get_frame_clock (window));
    dog.handlers[0] =
        g_signal_connect (dog.clock, "before-paint", G_CALLBACK (on_frame_begins), NULL);
    dog.handlers[1] =
        g_signal_connect_after (dog.clock, "after-paint", G_CALLBACK (on_frame_ends), NULL);
  }
  dog.turn = now ();
  dog.poll = g_main_context_get_poll_func (context);
  g_main_context_set_poll_func (context, watched_poll);
}

static int
compare (gconstpointer a, gconstpointer b)
{
  gint64 x = *(const gint64 *) a, y = *(const gint64 *) b;

  return x < y ? -1 : x > y;
}

GvWatchdogReport
gv_watchdog_stop (void)
{
  GvWatchdogReport report = { .n_turns = dog.turns->len,
                              .max_cpu_us = dog.max_cpu_us,
                              .max_frame_us = dog.max_frame_us };

  g_main_context_set_poll_func (g_main_context_default (), dog.poll);
  if (dog.clock) {
    g_signal_handler_disconnect (dog.clock, dog.handlers[0]);
    g_signal_handler_disconnect (dog.clock, dog.handlers[1]);
    g_clear_object (&dog.clock);
  }
  g_array_sort (dog.turns, compare);
  if (dog.turns->len > 0) {
    report.p99_us = g_array_index (dog.turns, gint64, (dog.turns->len - 1) * 99 / 100);
    report.max_us = g_array_index (dog.turns, gint64, dog.turns->len - 1);
  }
  g_clear_pointer (&dog.turns, g_array_unref);
  return report;
}

void
gv_watchdog_check (void)
{
  GvWatchdogReport r = gv_watchdog_stop ();

  g_test_message ("%u turns of the main loop; callbacks: p99 %.1f ms, longest %.1f ms; of "
                  "it at work %.1f ms; longest frame %.1f ms",
                  r.n_turns, (double) r.p99_us / 1000, (double) r.max_us / 1000,
                  (double) r.max_cpu_us / 1000, (double) r.max_frame_us / 1000);
  g_assert_cmpint (r.p99_us, <=, MAX_P99_US);
  g_assert_cmpint (r.max_cpu_us, <=, MAX_US);
  g_assert_cmpint (r.max_us, <=, MAX_BLOCKED_US);
}
