// SPDX-FileCopyrightText: Giverny contributors
// SPDX-License-Identifier: GPL-3.0-or-later
/* Regions: their limits, their words on a command line, and their place in a picture. */
#include "gv-region.h"

#include "base/errors.h"
#include "base/i18n.h"
#include "formats/file.h"
#include "gv-recipe.h"

#include <math.h>
#include <string.h>

/* Beyond every picture, and far from where sums of ints end. */
#define MAX_PIXELS (1 << 24)

G_DEFINE_BOXED_TYPE (GvRegion, gv_region, gv_region_copy, gv_region_free)

GvRegion *
gv_region_new (void)
{
  GvRegion *self = g_new0 (GvRegion, 1);

  self->strength = 1;
  self->text = g_strdup ("");
  return self;
}

GvRegion *
gv_region_copy (const GvRegion *self)
{
  GvRegion *copy = g_memdup2 (self, sizeof *self);

  copy->text = g_strdup (self->text);
  copy->negative = g_strdup (self->negative);
  return copy;
}

void
gv_region_free (GvRegion *self)
{
  g_free (self->text);
  g_free (self->negative);
  g_free (self);
}

static bool
same_box (const GvRegion *a, const GvRegion *b)
{
  if (a->relative != b->relative)
    return false;
  if (a->relative)
    return a->part[0] == b->part[0] && a->part[1] == b->part[1] && a->part[2] == b->part[2] &&
           a->part[3] == b->part[3];
  return a->x == b->x && a->y == b->y && a->w == b->w && a->h == b->h;
}

bool
gv_region_equal (const GvRegion *a, const GvRegion *b)
{
  return same_box (a, b) && a->strength == b->strength && a->whole == b->whole &&
         g_strcmp0 (a->text, b->text) == 0 && g_strcmp0 (a->negative, b->negative) == 0;
}

/* Words */

static bool
fail (const char *option, const char *box, const char *why, GError **error)
{
  g_autofree char *shown = gv_dup_shown (box);

  g_set_error (error, GV_RECIPE_ERROR, GV_RECIPE_ERROR_VALUE, "%s: “%s”: %s", option, shown, why);
  return false;
}

/* [+-] digits [. digits] [e [+-] digits], finite, and nothing else: not what strtod() knows
 * besides. */
static bool
read_number (const char *text, double *value)
{
  static const char digits[] = "0123456789";
  const char *p = text + (*text == '-' || *text == '+');
  size_t whole = strspn (p, digits), part = 0;

  p += whole;
  if (*p == '.')
    part = strspn (p + 1, digits), p += 1 + part;
  if (whole + part == 0)
    return false;
  if (*p == 'e' || *p == 'E') {
    p += 1 + (p[1] == '-' || p[1] == '+');
    if (!strspn (p, digits))
      return false;
    p += strspn (p, digits);
  }
  *value = g_ascii_strtod (text, NULL);
  return !*p && isfinite (*value);
}

/* A whole number without anything around it. */
static bool
read_pixels (const char *text, int *value)
{
  gint64 number;

  if (!g_ascii_isdigit (*text) && *text != '-')
    return false;
  if (!g_ascii_string_to_signed (text, 10, -MAX_PIXELS, MAX_PIXELS, &number, NULL))
    return false;
  *value = (int) number;
  return true;
}

static bool
read_percent (char *text, double *part)
{
  size_t length = strlen (text);

  if (length == 0 || text[length - 1] != '%')
    return false;
  text[length - 1] = '\0';
  if (!read_number (text, part))
    return false;
  *part /= 100;
  return true;
}

static bool
read_sides (GvRegion *self, char **words)
{
  int *pixels[4] = { &self->x, &self->y, &self->w, &self->h };

  self->relative = g_str_has_suffix (words[0], "%");
  for (int i = 0; i < 4; i++)
    if (self->relative ? !read_percent (words[i], &self->part[i])
                       : !read_pixels (words[i], pixels[i]))
      return false;
  return true;
}

/* What is wrong with the box, or NULL. */
static const char *
find_fault (const GvRegion *self)
{
  const int sides[4] = { self->x, self->y, self->w, self->h };

  if (!isfinite (self->strength) || self->strength < 0)
    return _("the strength must be a finite number of at least 0");
  for (int i = 0; self->relative && i < 4; i++)
    if (!isfinite (self->part[i]))
      return _("not a finite number");
  if (self->relative)
    return self->part[2] > 0 && self->part[3] > 0 ? NULL : _("the box has no width or no height");
  for (int i = 0; i < 4; i++) {
    if (sides[i] > MAX_PIXELS || sides[i] < -MAX_PIXELS)
      return _("the box lies wholly outside the picture");
    if (sides[i] % GV_REGION_GRID)
      return _("X, Y, W and H must be multiples of 8");
  }
  return self->w > 0 && self->h > 0 ? NULL : _("the box has no width or no height");
}

GvRegion *
gv_region_parse (const char *option, const char *text, GError **error)
{
  g_autoptr (GvRegion) self = gv_region_new ();
  const char *colon = strchr (text, ':');
  g_autofree char *box = g_strndup (text, colon ? (size_t) (colon - text) : strlen (text));
  g_auto (GStrv) words = g_strsplit (box, ",", 6);
  guint n = g_strv_length (words);
  const char *fault;

  if (!colon || (n != 4 && n != 5) || !read_sides (self, words)) {
    fail (option, box,
          _("a region is X,Y,W,H[,STRENGTH]:TEXT in pixels, or X%,Y%,W%,H%[,STRENGTH]:TEXT"),
            error);
    return NULL;
  }
  fault = n == 5 && !read_number (words[4], &self->strength)
      ? _("the strength must be a finite number of at least 0")
      : find_fault (self);
  if (fault) {
    fail (option, box, fault, error);
    return NULL;
  }
  g_set_str (&self->text, colon + 1);
  return gv_recipe_check_prompt (option, self->text, error) ? g_steal_pointer (&self) : NULL;
}

/* Places */

/* Cuts [*first, *first + *n) to [0, size); false if nothing is left. */
static bool
cut (double first, double n, int size, int *out_first, int *out_n)
{
  double start = MAX (first, 0), end = MIN (first + n, size);

  if (!(start < end))
    return false;
  *out_first = (int) start;
  *out_n = (int) (end - start);
  return true;
}

bool
gv_region_get_cells (const GvRegion *self, int width, int height, GvCells *cells)
{
  int w = width / GV_REGION_GRID, h = height / GV_REGION_GRID;
  double box[4] = { self->x / GV_REGION_GRID, self->y / GV_REGION_GRID, self->w / GV_REGION_GRID,
                    self->h / GV_REGION_GRID };

  if (self->relative)
    for (int i = 0; i < 4; i++)
      box[i] = rint (self->part[i] * (i % 2 ? h : w));
  if (self->relative) {
    box[2] = MAX (box[2], 1);
    box[3] = MAX (box[3], 1);
  }
  return cut (box[0], box[2], w, &cells->x, &cells->w) &&
         cut (box[1], box[3], h, &cells->y, &cells->h);
}

GvRegion *
gv_region_new_placed (const GvRegion *self, int width, int height)
{
  GvRegion *placed = gv_region_copy (self);
  GvCells cells;

  if (!self->relative || !gv_region_get_cells (self, width, height, &cells))
    return placed;
  placed->relative = false;
  placed->x = cells.x * GV_REGION_GRID;
  placed->y = cells.y * GV_REGION_GRID;
  placed->w = cells.w * GV_REGION_GRID;
  placed->h = cells.h * GV_REGION_GRID;
  return placed;
}

char *
gv_region_dup_box (const GvRegion *self)
{
  if (self->relative)
    return g_strdup_printf ("%g%%,%g%%,%g%%,%g%%", 100 * self->part[0], 100 * self->part[1],
                            100 * self->part[2], 100 * self->part[3]);
  return g_strdup_printf ("%d,%d,%d,%d", self->x, self->y, self->w, self->h);
}

bool
gv_region_validate (const GvRegion *self, int number, int width, int height, GError **error)
{
  g_autofree char *option = g_strdup_printf ("--region %d", number);
  g_autofree char *box = gv_region_dup_box (self);
  const char *fault = find_fault (self);
  GvCells cells;

  if (!fault && width > 0 && height > 0 && !gv_region_get_cells (self, width, height, &cells))
    fault = _("the box lies wholly outside the picture");
  if (fault)
    return fail (option, box, fault, error);
  return gv_recipe_check_prompt (option, self->text, error) &&
         (!self->negative || gv_recipe_check_prompt (option, self->negative, error));
}
