// SPDX-FileCopyrightText: Giverny contributors
// SPDX-License-Identifier: GPL-3.0-or-later
/* PNG files with their text chunks, read with suspicion and written the same way every time. */
#pragma once

#include <glib.h>
#include <stdbool.h>
#include <stdio.h>

#define GV_PNG_MAX_SIDE 16384
#define GV_PNG_MAX_CHUNK_BYTES (32 << 20)   /* of all chunks but the picture's own */
#define GV_PNG_MAX_UNPACKED_BYTES (4 << 20) /* of all compressed texts together    */
#define GV_PNG_MAX_TEXTS 64

/* One text chunk; both strings are UTF-8 here, whatever the file uses. */
typedef struct
{
  char *keyword, *text;
} GvPngText;

/* Both (transfer full). */
GvPngText *gv_png_text_new (char *keyword, char *text);
void gv_png_text_free (GvPngText *self);

/* 8-bit RGB, rows top to bottom without padding. */
typedef struct
{
  int width, height;
  guint8 *rgb;      /* width · height · 3 bytes, from g_malloc() */
  GPtrArray *texts; /* (element-type GvPngText) in the file's order */
} GvPng;

/* Frees what @self points to and zeroes it. */
void gv_png_clear (GvPng *self);

/**
 * gv_png_read:
 * @file: open for reading, at its first byte
 * @size: how many bytes it has; decides whether what the header announces can be true
 * @name: of the file, for errors
 * @out: all zero on entry and after an error
 *
 * Reads 1 to 16 bits, gray, palette, RGB and RGBA alike into 8-bit RGB; alpha is dropped.  Chunks
 * other than the picture and its text are skipped unread.  Checksums count, also those of skipped
 * chunks. Errors: GV_FORMAT_ERROR, each with @name.
 */
bool gv_png_read (FILE *file, guint64 size, const char *name, GvPng *out, GError **error);

/* The same up to where the picture begins: its size and the texts that stand before it; @out has no
 * pixels. */
bool gv_png_read_texts (FILE *file, guint64 size, const char *name, GvPng *out, GError **error);

/* Takes the next bytes of a file. */
typedef bool (*GvPngSink) (gpointer user, const void *data, size_t size, GError **error);

/* Writes @png; its bytes depend on nothing but @png.  Errors: those of @sink,
 * GV_FORMAT_ERROR_INVALID. */
bool gv_png_write (const GvPng *png, GvPngSink sink, gpointer user, GError **error);
