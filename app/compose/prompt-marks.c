// SPDX-FileCopyrightText: Giverny contributors
// SPDX-License-Identifier: GPL-3.0-or-later
/* A prompt's weights as colours: warm for more, cool for less, the stronger the further from 1. */
#include "compose/prompt-marks.h"

#include <adwaita.h>
#include <math.h>
#include <string.h>

#define LEVELS 8        /* shades on each side of 1 */
#define LEVEL_WEIGHT 0.1 /* from one to the next */
#define MAX_MARKS 1000  /* so that no keystroke waits for colours; prompts have a few dozen */

struct _GvPromptMarks
{
  GtkTextBuffer *buffer; /* (owned) */
  GtkTextTag *weights[2 * LEVELS + 1]; /* the middle one stays NULL */
  GtkTextTag *syntax;
  GtkTextTag *unreadable;
};

/* Backgrounds let enough of the window's own colour through that text stays readable on both. */
static GtkTextTag *
make_weight_tag (GtkTextBuffer *buffer, int level)
{
  GdkRGBA color;

  gdk_rgba_parse (&color, level > 0 ? "#e66100" : "#3584e4");
  color.alpha = 0.08f + 0.05f * (float) abs (level);
  return gtk_text_buffer_create_tag (buffer, NULL, "background-rgba", &color, NULL);
}

static void
follow_style (GvPromptMarks *self)
{
  AdwStyleManager *style = adw_style_manager_get_default ();
  bool dark = adw_style_manager_get_dark (style);
  bool contrast = adw_style_manager_get_high_contrast (style);
  GdkRGBA syntax, line;

  gdk_rgba_parse (&syntax, contrast ? (dark ? "#ffffff" : "#000000")
                           : dark   ? "#a9a8ad"
                                    : "#66656a");
  gdk_rgba_parse (&line, dark ? "#ff938c" : "#c01c28");
  g_object_set (self->syntax, "foreground-rgba", &syntax, NULL);
  g_object_set (self->unreadable, "underline-rgba", &line, NULL);
}

GvPromptMarks *
gv_prompt_marks_new (GtkTextBuffer *buffer)
{
  GvPromptMarks *self = g_new0 (GvPromptMarks, 1);
  AdwStyleManager *style = adw_style_manager_get_default ();

  self->buffer = g_object_ref (buffer);
  for (int level = -LEVELS; level <= LEVELS; level++)
    if (level)
      self->weights[LEVELS + level] = make_weight_tag (buffer, level);
  self->syntax = gtk_text_buffer_create_tag (buffer, NULL, NULL);
  self->unreadable =
      gtk_text_buffer_create_tag (buffer, NULL, "underline", PANGO_UNDERLINE_ERROR, NULL);
  follow_style (self);
  g_signal_connect_swapped (style, "notify::dark", G_CALLBACK (follow_style), self);
  g_signal_connect_swapped (style, "notify::high-contrast", G_CALLBACK (follow_style), self);
  return self;
}

void
gv_prompt_marks_free (GvPromptMarks *self)
{
  g_signal_handlers_disconnect_by_data (adw_style_manager_get_default (), self);
  g_object_unref (self->buffer);
  g_free (self);
}

/* Turns bytes of a text, asked for from left to right, to characters of the buffer. */
typedef struct
{
  const GvMarkedText *text;
  size_t byte;
  int character;
} Place;

static int
place_of (Place *place, size_t byte)
{
  int offset;

  if (byte < place->byte)
    *place = (Place) { place->text };
  place->character +=
      (int) g_utf8_pointer_to_offset (place->text->text + place->byte, place->text->text + byte);
  place->byte = byte;
  offset = place->character;
  if (offset <= place->text->composed_at)
    return offset;
  return MAX (place->text->composed_at, offset - place->text->composed);
}

static void
mark (GvPromptMarks *self, GtkTextTag *tag, int from, int end)
{
  GtkTextIter start, stop;

  if (from >= end)
    return;
  gtk_text_buffer_get_iter_at_offset (self->buffer, &start, from);
  gtk_text_buffer_get_iter_at_offset (self->buffer, &stop, end);
  gtk_text_buffer_apply_tag (self->buffer, tag, &start, &stop);
}

static GtkTextTag *
tag_for (GvPromptMarks *self, double weight)
{
  double level = (weight - 1) / LEVEL_WEIGHT;

  if (fabs (level) < 1e-3)
    return NULL;
  /* The smallest change is seen, too. */
  level = level > 0 ? MAX (1, MIN (level, LEVELS)) : MIN (-1, MAX (level, -LEVELS));
  return self->weights[LEVELS + (int) round (level)];
}

static void
apply_weights (GvPromptMarks *self, const GvMarkedText *text)
{
  Place place = { text };
  size_t n = MIN (text->n_spans, MAX_MARKS);
  int before = 0;

  for (size_t i = 0; i < n; i++) {
    const GvPromptSpan *s = &text->spans[i];
    GtkTextTag *tag = tag_for (self, s->weight);
    int from = place_of (&place, s->from), end = place_of (&place, s->end);

    mark (self, self->syntax, before, from);
    if (tag)
      mark (self, tag, from, end);
    before = end;
  }
  if (n == text->n_spans)
    mark (self, self->syntax, before, place_of (&place, strlen (text->text)));
}

bool
gv_marked_text_shows (const GvMarkedText *self, const GvPromptRange *word)
{
  Place place = { self };

  return !g_ascii_isalpha (self->text[word->end - 1]) ||
         place_of (&place, word->end) != self->cursor;
}

static void
apply_unreadable (GvPromptMarks *self, const GvMarkedText *text)
{
  Place place = { text };

  for (size_t i = 0; i < MIN (text->n_unreadable, MAX_MARKS); i++) {
    const GvPromptRange *word = &text->unreadable[i];
    int from = place_of (&place, word->from), end = place_of (&place, word->end);

    if (gv_marked_text_shows (text, word))
      mark (self, self->unreadable, from, end);
  }
}

void
gv_prompt_marks_apply (GvPromptMarks *self, const GvMarkedText *text)
{
  GtkTextIter start, end;

  gtk_text_buffer_get_bounds (self->buffer, &start, &end);
  for (int i = 0; i <= 2 * LEVELS; i++)
    if (self->weights[i])
      gtk_text_buffer_remove_tag (self->buffer, self->weights[i], &start, &end);
  gtk_text_buffer_remove_tag (self->buffer, self->syntax, &start, &end);
  gtk_text_buffer_remove_tag (self->buffer, self->unreadable, &start, &end);
  apply_weights (self, text);
  apply_unreadable (self, text);
}

bool
gv_prompt_marks_find_unreadable (GvPromptMarks *self,
                                 const GtkTextIter *iter,
                                 GtkTextIter *from,
                                 GtkTextIter *end)
{
  if (!gtk_text_iter_has_tag (iter, self->unreadable))
    return false;
  *from = *end = *iter;
  if (!gtk_text_iter_starts_tag (from, self->unreadable))
    gtk_text_iter_backward_to_tag_toggle (from, self->unreadable);
  gtk_text_iter_forward_to_tag_toggle (end, self->unreadable);
  return true;
}
