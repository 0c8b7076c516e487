// SPDX-FileCopyrightText: Giverny contributors
// SPDX-License-Identifier: GPL-3.0-or-later
/* A picture in memory, and as a PNG that carries its recipe. */
#pragma once

#include "gv-recipe.h"

#include <glib-object.h>
#include <stdbool.h>

G_BEGIN_DECLS

#define GV_TYPE_IMAGE (gv_image_get_type ())

/* 8-bit RGB, rows top to bottom without padding.  Immutable once shared; reference counted, any
 * thread. */
typedef struct _GvImage GvImage;

GType gv_image_get_type (void);

/* @rgb: (transfer full): width · height · 3 bytes from g_malloc() */
GvImage *gv_image_new_take (int width, int height, guint8 *rgb);
GvImage *gv_image_ref (GvImage *self);
void gv_image_unref (GvImage *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (GvImage, gv_image_unref)

int gv_image_get_width (GvImage *self);
int gv_image_get_height (GvImage *self);
const guint8 *gv_image_get_rgb (GvImage *self);

/* Text chunks: pairs of keyword and UTF-8 text, in order. */
void gv_image_set_text (GvImage *self, const char *keyword, const char *text);
const char *gv_image_get_text (GvImage *self, const char *keyword); /* NULL if there is none */

/*
 * Sets the chunks "parameters" (A1111's infotext) and "giverny" (the recipe as JSON) from the
 * recipe of exactly this picture: its own seed, count 1, and the model's defaults filled in.
 */
void gv_image_set_recipe (GvImage *self, GvRecipe *recipe);

/*
 * Reads it back; @name stands for the picture's file.
 * Errors: GV_FORMAT_ERROR_UNSUPPORTED if the picture has none; those of gv_recipe_from_json()
 */
GvRecipe *gv_image_dup_recipe (GvImage *self, const char *name, GError **error);

/* How far two pictures are apart, in 8-bit steps; false if their sizes differ. */
typedef struct
{
  int max;
  double mean, psnr; /* psnr in dB, infinite where they are the same */
} GvImageDifference;

bool gv_image_compare (GvImage *a, GvImage *b, GvImageDifference *out);

/* Twice as wide and high and so on, nearest neighbour, for previews. */
GvImage *gv_image_enlarge (GvImage *self, int factor);

/*
 * Writes an 8-bit RGB PNG with its text (tEXt where ASCII, else iTXt); the file appears whole or
 * not at all. Bytes depend on pixels and text only.  Errors: GV_FORMAT_ERROR_IO naming the file.
 */
bool gv_image_save (GvImage *self, const char *path, GError **error);

/*
 * Reads a PNG (8 or 16 bit, gray, palette and alpha become 8-bit RGB, alpha dropped) with its text
 * chunks. Hostile files: at most 16384 x 16384, capped chunks, checked before anything is
 * allocated.
 */
GvImage *gv_image_load (const char *path, GError **error);

/* Only its size and the text chunks before the picture; gv_image_get_rgb() gives NULL. */
GvImage *gv_image_load_texts (const char *path, GError **error);

G_END_DECLS
