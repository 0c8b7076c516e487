// SPDX-FileCopyrightText: Giverny contributors
// SPDX-License-Identifier: GPL-3.0-or-later
/* A line on the terminal that says what a job is doing and how long it will take. */
#include "progress.h"

#include "terminal.h"

#include <math.h>

#define REDRAW_US 100000
#define BAR_COLUMNS 24

struct _GvProgressLine
{
  bool lively;
  bool drawn;
  gint64 drawn_us;         /* when it was last drawn                         */
  gint64 step_us;          /* when the last step was seen                    */
  int step;                /* and which one of its picture that was          */
  double seconds_per_step; /* of the last few; 0 while it is not known       */
  GvStage stage;
};

GvProgressLine *
gv_progress_line_new (void)
{
  GvProgressLine *self = g_new0 (GvProgressLine, 1);

  self->lively = gv_terminal_is_lively (stderr);
  return self;
}

static void
erase (GvProgressLine *self)
{
  if (self->drawn)
    fputs ("\r\033[K", stderr);
  self->drawn = false;
}

void
gv_progress_line_free (GvProgressLine *self)
{
  erase (self);
  fflush (stderr);
  g_free (self);
}

static const char *
stage_name (GvStage stage)
{
  switch (stage) {
  case GV_STAGE_LOADING:
    return _("Opening the model");
  case GV_STAGE_TEXT:
    return _("Reading the prompt");
  case GV_STAGE_SAMPLING:
    return _("Painting");
  default:
    return _("Developing");
  }
}

/* How much of the stage is done, with an eighth of a column as the smallest part. */
static void
append_bar (GString *out, double fraction)
{
  static const char *const parts[] = { "", "▏", "▎", "▍", "▌", "▋", "▊", "▉" };
  int eighths = (int) lrint (CLAMP (fraction, 0, 1) * BAR_COLUMNS * 8);
  int whole = eighths / 8, rest = eighths % 8;

  for (int i = 0; i < whole; i++)
    g_string_append (out, "█");
  g_string_append (out, parts[rest]);
  for (int i = whole + (rest > 0); i < BAR_COLUMNS; i++)
    g_string_append (out, "░");
}

static void
append_speed (GString *out, const GvProgress *p, double speed)
{
  int left = (p->n_pictures - p->picture) * p->n_steps - p->step;
  int seconds;

  g_string_append_printf (out, "  %d/%d", p->step, p->n_steps);
  if (speed <= 0)
    return;
  if (speed >= 1)
    g_string_append_printf (out, _("  %.1f steps/s"), speed);
  else
    g_string_append_printf (out, _("  %.1f s a step"), 1 / speed);
  seconds = (int) MIN (ceil (left / speed), 359999);
  if (seconds >= 3600)
    g_string_append_printf (out, _("  %d:%02d:%02d left"), seconds / 3600, seconds / 60 % 60,
                                   seconds % 60);
  else
    g_string_append_printf (out, _("  %d:%02d left"), seconds / 60, seconds % 60);
}

char *
gv_progress_line_format (const GvProgress *p, double speed, int width)
{
  GString *out = g_string_new (NULL);
  bool sampling = p->stage == GV_STAGE_SAMPLING && p->n_steps > 0;

  if (p->n_pictures > 1)
    g_string_append_printf (out, "%d/%d ", p->picture + 1, p->n_pictures);
  g_string_append_printf (out, "%s  ", stage_name (p->stage));
  append_bar (out, sampling ? (double) p->step / p->n_steps : p->fraction);
  if (sampling)
    append_speed (out, p, speed);
  while (gv_columns (out->str) > width)
    g_string_truncate (out, (gsize) (g_utf8_prev_char (out->str + out->len) - out->str));
  return g_string_free (out, FALSE);
}

/* Steps a second, of the last few: the first ones take longer, and between pictures there are none.
 */
static double
measure_speed (GvProgressLine *self, const GvProgress *p, gint64 now)
{
  if (p->stage != GV_STAGE_SAMPLING)
    return 0;
  if (p->step > self->step && self->step_us > 0) {
    double seconds = (double) (now - self->step_us) / 1e6 / (p->step - self->step);

    self->seconds_per_step =
        self->seconds_per_step > 0 ? 0.8 * self->seconds_per_step + 0.2 * seconds : seconds;
  }
  self->step = p->step;
  self->step_us = now;
  return self->seconds_per_step > 0 ? 1 / self->seconds_per_step : 0;
}

void
gv_progress_line_update (GvProgressLine *self, const GvProgress *progress)
{
  gint64 now = g_get_monotonic_time ();
  double speed = measure_speed (self, progress, now);
  g_autofree char *line = NULL;

  if (!self->lively ||
      (self->drawn && progress->stage == self->stage && now - self->drawn_us < REDRAW_US))
    return;
  line = gv_progress_line_format (progress, speed, gv_terminal_width (stderr) - 1);
  erase (self);
  fprintf (stderr, "%s%s%s", gv_style (stderr, GV_ACCENT), line, gv_style (stderr, GV_PLAIN));
  fflush (stderr);
  self->drawn = true;
  self->drawn_us = now;
  self->stage = progress->stage;
}
