// SPDX-FileCopyrightText: Giverny contributors
// SPDX-License-Identifier: GPL-3.0-or-later
/* Drawing a contact sheet with cairo; fonts are found by the letters that a label has. */
#include "sheet.h"

#include <cairo-ft.h>
#include <cairo.h>
#include <string.h>

#define FONT_SIZE 15.0
#define LINE 20
#define GAP 6
#define TOP (LINE + 2 * GAP)
#define MAX_LABEL_WIDTH 220
#define MAX_CELL 512
#define MAX_SIDE 32000

struct _GvSheet
{
  char **columns, **rows;
  int n_columns, n_rows;
  GvImage **images; /* [rows, columns], NULL where there is none yet */
  int cell_width, cell_height;
};

GvSheet *
gv_sheet_new (const char *const *columns, const char *const *rows)
{
  GvSheet *self = g_new0 (GvSheet, 1);

  self->columns = g_strdupv ((char **) columns);
  self->rows = g_strdupv ((char **) rows);
  self->n_columns = (int) g_strv_length (self->columns);
  self->n_rows = (int) g_strv_length (self->rows);
  self->images = g_new0 (GvImage *, (size_t) self->n_columns * (size_t) self->n_rows);
  return self;
}

void
gv_sheet_free (GvSheet *self)
{
  for (int i = 0; i < self->n_columns * self->n_rows; i++)
    g_clear_pointer (&self->images[i], gv_image_unref);
  g_free (self->images);
  g_strfreev (self->columns);
  g_strfreev (self->rows);
  g_free (self);
}

void
gv_sheet_set (GvSheet *self, int column, int row, GvImage *image)
{
  GvImage **place = self->images + row * self->n_columns + column;
  double scale =
      MIN (1, (double) MAX_CELL / MAX (gv_image_get_width (image), gv_image_get_height (image)));

  g_clear_pointer (place, gv_image_unref);
  *place = gv_image_ref (image);
  self->cell_width = MAX (self->cell_width, (int) (gv_image_get_width (image) * scale));
  self->cell_height = MAX (self->cell_height, (int) (gv_image_get_height (image) * scale));
}

/* A face that has all letters of @text, or nearly so. */
static cairo_font_face_t *
find_face (const char *text)
{
  FcCharSet *letters = FcCharSetCreate ();
  FcPattern *wanted = FcPatternCreate (), *found;
  cairo_font_face_t *face;
  FcResult result;

  for (const char *p = text; *p; p = g_utf8_next_char (p))
    FcCharSetAddChar (letters, g_utf8_get_char (p));
  FcPatternAddString (wanted, FC_FAMILY, (const FcChar8 *) "sans-serif");
  FcPatternAddCharSet (wanted, FC_CHARSET, letters);
  FcConfigSubstitute (NULL, wanted, FcMatchPattern);
  FcDefaultSubstitute (wanted);
  found = FcFontMatch (NULL, wanted, &result);
  face = cairo_ft_font_face_create_for_pattern (found ? found : wanted);
  if (found)
    FcPatternDestroy (found);
  FcPatternDestroy (wanted);
  FcCharSetDestroy (letters);
  return face;
}

static void
set_font (cairo_t *cr, const char *text)
{
  cairo_font_face_t *face = find_face (text);

  cairo_set_font_face (cr, face);
  cairo_set_font_size (cr, FONT_SIZE);
  cairo_font_face_destroy (face);
}

static double
get_width (cairo_t *cr, const char *text)
{
  cairo_text_extents_t extents;

  cairo_text_extents (cr, text, &extents);
  return extents.x_advance;
}

/* As much of @text as fits into @width, from *@text on, which moves behind it: cut at a space where
 * there is one. */
static char *
take_line (cairo_t *cr, const char **text, double width)
{
  const char *best = NULL, *p = *text;
  char *line;

  while (*p) {
    const char *next = g_utf8_next_char (p);
    g_autofree char *start = g_strndup (*text, (gsize) (next - *text));

    if (p > *text && get_width (cr, start) > width)
      break;
    if (*next == ' ' || *next == '\0')
      best = next;
    p = next;
  }
  if (!best)
    best = p;
  line = g_strndup (*text, (gsize) (best - *text));
  *text = *best == ' ' ? best + 1 : best;
  return line;
}

static void
draw_label (cairo_t *cr, const char *text, double x, double y, double width, double height)
{
  set_font (cr, text);
  cairo_save (cr);
  cairo_rectangle (cr, x, y, width, height);
  cairo_clip (cr);
  cairo_set_source_rgb (cr, 0.1, 0.1, 0.1);
  for (double line = y + FONT_SIZE; *text && line < y + height; line += LINE) {
    g_autofree char *words = take_line (cr, &text, width);

    cairo_move_to (cr, x, line);
    cairo_show_text (cr, words);
  }
  cairo_restore (cr);
}

static cairo_surface_t *
to_surface (GvImage *image)
{
  int w = gv_image_get_width (image), h = gv_image_get_height (image);
  cairo_surface_t *surface = cairo_image_surface_create (CAIRO_FORMAT_RGB24, w, h);
  const guint8 *rgb = gv_image_get_rgb (image);

  for (int y = 0; y < h; y++) {
    guint32 *row = (guint32 *) (void *) (cairo_image_surface_get_data (surface) +
                                         y * cairo_image_surface_get_stride (surface));

    for (int x = 0; x < w; x++, rgb += 3)
      row[x] = (guint32) rgb[0] << 16 | (guint32) rgb[1] << 8 | rgb[2];
  }
  cairo_surface_mark_dirty (surface);
  return surface;
}

static void
draw_image (cairo_t *cr, GvImage *image, double x, double y, const GvSheet *self)
{
  cairo_surface_t *surface = to_surface (image);
  double scale = MIN ((double) self->cell_width / gv_image_get_width (image),
                      (double) self->cell_height / gv_image_get_height (image));

  cairo_save (cr);
  cairo_translate (cr, x, y);
  cairo_scale (cr, MIN (scale, 1), MIN (scale, 1));
  cairo_set_source_surface (cr, surface, 0, 0);
  cairo_paint (cr);
  cairo_restore (cr);
  cairo_surface_destroy (surface);
}

static void
draw (GvSheet *self, cairo_t *cr, int left)
{
  cairo_set_source_rgb (cr, 1, 1, 1);
  cairo_paint (cr);
  for (int c = 0; c < self->n_columns; c++)
    draw_label (cr, self->columns[c], left + c * (self->cell_width + GAP), GAP, self->cell_width,
                LINE);
  for (int r = 0; r < self->n_rows; r++) {
    double y = TOP + r * (self->cell_height + GAP);

    draw_label (cr, self->rows[r], GAP, y, left - 2 * GAP, self->cell_height);
    for (int c = 0; c < self->n_columns; c++) {
      GvImage *image = self->images[r * self->n_columns + c];
      double x = left + c * (self->cell_width + GAP);

      cairo_set_source_rgb (cr, 0.85, 0.85, 0.85);
      cairo_rectangle (cr, x, y, self->cell_width, self->cell_height);
      cairo_fill (cr);
      if (image)
        draw_image (cr, image, x, y, self);
    }
  }
}

/* The widest of the rows' labels, broken into lines where they are long. */
static int
get_left (const GvSheet *self)
{
  cairo_surface_t *surface = cairo_image_surface_create (CAIRO_FORMAT_RGB24, 1, 1);
  cairo_t *cr = cairo_create (surface);
  double widest = 0;

  for (int r = 0; r < self->n_rows; r++) {
    set_font (cr, self->rows[r]);
    widest = MAX (widest, get_width (cr, self->rows[r]));
  }
  cairo_destroy (cr);
  cairo_surface_destroy (surface);
  return widest > 0 ? (int) MIN (widest + 1, MAX_LABEL_WIDTH) + 2 * GAP : GAP;
}

static GvImage *
to_image (cairo_surface_t *surface, int width, int height)
{
  guint8 *rgb = g_malloc_n ((size_t) width * (size_t) height, 3), *to = rgb;

  cairo_surface_flush (surface);
  for (int y = 0; y < height; y++) {
    const guint32 *row = (const guint32 *) (void *) (cairo_image_surface_get_data (surface) +
                                                     y * cairo_image_surface_get_stride (surface));

    for (int x = 0; x < width; x++) {
      *to++ = (guint8) (row[x] >> 16);
      *to++ = (guint8) (row[x] >> 8);
      *to++ = (guint8) row[x];
    }
  }
  return gv_image_new_take (width, height, rgb);
}

bool
gv_sheet_save (GvSheet *self, const char *path, GError **error)
{
  int left = get_left (self);
  gint64 width = left + (gint64) self->n_columns * (self->cell_width + GAP);
  gint64 height = TOP + (gint64) self->n_rows * (self->cell_height + GAP);
  cairo_surface_t *surface;
  cairo_t *cr;
  bool ok = false;

  if (width > MAX_SIDE || height > MAX_SIDE) {
    g_set_error (error, GV_FORMAT_ERROR, GV_FORMAT_ERROR_LIMIT,
                 _("“%s”: a sheet of so many pictures would be too large for a PNG"), path);
    return false;
  }
  surface = cairo_image_surface_create (CAIRO_FORMAT_RGB24, (int) width, (int) height);
  cr = cairo_create (surface);
  draw (self, cr, left);
  cairo_destroy (cr);
  if (cairo_surface_status (surface) == CAIRO_STATUS_SUCCESS) {
    g_autoptr (GvImage) image = to_image (surface, (int) width, (int) height);

    ok = gv_image_save (image, path, error);
  } else {
    g_set_error (error, GV_FORMAT_ERROR, GV_FORMAT_ERROR_LIMIT,
                 _("“%s”: there is not enough memory for the sheet"), path);
  }
  cairo_surface_destroy (surface);
  return ok;
}
