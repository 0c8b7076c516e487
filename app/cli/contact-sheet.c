// SPDX-FileCopyrightText: Giverny contributors
// SPDX-License-Identifier: GPL-3.0-or-later
/* The contact sheet: thumbnails on a grid, numbers under them in a small font of our own. */
#include "contact-sheet.h"

#include "evaluate-files.h"
#include "score/resize.h"

#include <math.h>
#include <string.h>

#define CELL 160    /* a thumbnail's place */
#define MARGIN 12
#define CAPTION 22
#define COLUMNS 6
#define MAX_PICTURES 120
#define DOT 2       /* pixels of a dot of the font */

/* Three by five dots each, row by row from the top, the leftmost dot highest. */
static const guint16 digits[] = { 075557, 026227, 071747, 071717, 055711,
                                  074717, 074757, 071111, 075757, 075717 };

typedef struct
{
  int width, height;
  guint8 *rgb;
} Sheet;

static void
fill (Sheet *s, int x, int y, int w, int h, guint32 colour)
{
  for (int i = MAX (y, 0); i < MIN (y + h, s->height); i++)
    for (int j = MAX (x, 0); j < MIN (x + w, s->width); j++) {
      guint8 *p = s->rgb + ((size_t) i * (size_t) s->width + (size_t) j) * 3;

      p[0] = (guint8) (colour >> 16);
      p[1] = (guint8) (colour >> 8);
      p[2] = (guint8) colour;
    }
}

/* Digits, points and spaces; the column behind them. */
static int
print (Sheet *s, int x, int y, const char *text, guint32 colour)
{
  for (; *text; text++) {
    if (*text == '.')
      fill (s, x, y + 4 * DOT, DOT, DOT, colour);
    for (int bit = 0; bit < 15 && g_ascii_isdigit (*text); bit++)
      if (digits[*text - '0'] >> (14 - bit) & 1)
        fill (s, x + bit % 3 * DOT, y + bit / 3 * DOT, DOT, DOT, colour);
    x += (*text == '.' ? 2 : 4) * DOT;
  }
  return x;
}

/* The picture in the middle of its place, as large as fits. */
static void
place (Sheet *s, int x, int y, GvImage *image)
{
  int w = gv_image_get_width (image), h = gv_image_get_height (image), most = MAX (w, h);
  int new_w = MAX (w * CELL / most, 1), new_h = MAX (h * CELL / most, 1);
  g_autofree guint8 *small = gv_resize_bicubic (gv_image_get_rgb (image), w, h, new_w, new_h, NULL);

  x += (CELL - new_w) / 2;
  y += (CELL - new_h) / 2;
  for (int i = 0; i < new_h; i++)
    memcpy (s->rgb + ((size_t) (y + i) * (size_t) s->width + (size_t) x) * 3,
            small + (size_t) i * (size_t) new_w * 3, (size_t) new_w * 3);
}

static bool
add_picture (Sheet *s, int index, const char *path, const GvScoreRow *row, GError **error)
{
  int x = MARGIN + index % COLUMNS * (CELL + MARGIN);
  int y = MARGIN + index / COLUMNS * (CELL + CAPTION + MARGIN);
  const GvVerdict *v = &row->result.verdict;
  g_autofree char *rank = g_strdup_printf ("%d", row->rank);
  g_autofree char *total = isnan (v->total) ? g_strdup ("") : g_strdup_printf ("%.2f", v->total);
  g_autoptr (GvImage) image = gv_image_load (path, error);

  if (!image)
    return false;
  place (s, x, y, image);
  if (v->passed)
    fill (s, x, y + CELL + 2, CELL, 2, 0x2ec27e);
  print (s, x, y + CELL + 8, rank, 0x9a9996);
  print (s, x + CELL - 7 * DOT - 7 * DOT, y + CELL + 8, total, 0x241f31);
  return true;
}

bool
gv_contact_sheet_save (const char *out,
                       GPtrArray *entries,
                       const GvScoreTable *table,
                       GError **error)
{
  int n = MIN (table->n, MAX_PICTURES), rows = (n + COLUMNS - 1) / COLUMNS;
  int across = MIN (n, COLUMNS);
  Sheet s = { MARGIN + across * (CELL + MARGIN), MARGIN + rows * (CELL + CAPTION + MARGIN), NULL };
  g_autofree char *path = g_build_filename (out, "contact-sheet.png", NULL);
  g_autofree int *order = gv_score_table_order (table);
  g_autoptr (GvImage) image = NULL;

  s.rgb = g_malloc ((size_t) s.width * (size_t) s.height * 3);
  image = gv_image_new_take (s.width, s.height, s.rgb);
  fill (&s, 0, 0, s.width, s.height, 0xffffff);
  for (int i = 0; i < n; i++) {
    const GvEvaluateEntry *e = entries->pdata[order[i]];

    if (!add_picture (&s, i, e->path, table->rows + order[i], error))
      return false;
  }
  return gv_image_save (image, path, error);
}
