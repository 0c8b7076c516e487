// SPDX-FileCopyrightText: Giverny contributors
// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * PNG through libpng's classic interface (W3C PNG specification, third edition).  Everything a file
 * announces is checked before memory is taken for it; libpng's own state lives in Reader and
 * Writer, so that nothing a longjmp() passes over is lost.
 */
#include "formats/png.h"

#include "base/errors.h"
#include "base/i18n.h"

#include <png.h>
#include <setjmp.h>
#include <string.h>

/* Deflate can't pack better than this, so a file far too small for its picture is known at once. */
#define DEFLATE_BEST 1032

#define COMPRESSION_LEVEL 6

GvPngText *
gv_png_text_new (const char *keyword, const char *text)
{
  GvPngText *self = g_new (GvPngText, 1);

  *self = (GvPngText) { g_strdup (keyword), g_strdup (text) };
  return self;
}

void
gv_png_text_free (GvPngText *self)
{
  g_free (self->keyword);
  g_free (self->text);
  g_free (self);
}

void
gv_png_clear (GvPng *self)
{
  g_clear_pointer (&self->rgb, g_free);
  g_clear_pointer (&self->texts, g_ptr_array_unref);
  *self = (GvPng) { 0 };
}

/* Reading */

typedef struct
{
  png_structp png;
  png_infop info;
  FILE *file;
  const char *name;
  GvPng *out;
  GError *error; /* (owned): the first thing that went wrong */
} Reader;

static void
reader_fail (Reader *self, GvFormatError code, const char *what)
{
  if (!self->error)
    self->error =
        g_error_new (GV_FORMAT_ERROR, code, _("“%s” can't be read as a PNG: %s"), self->name, what);
}

static G_NORETURN void
on_read_error (png_structp png, png_const_charp message)
{
  reader_fail (png_get_error_ptr (png), GV_FORMAT_ERROR_INVALID, message);
  png_longjmp (png, 1);
}

static void
on_warning (png_structp png, png_const_charp message)
{
}

static void
on_read (png_structp png, png_bytep data, size_t n)
{
  Reader *self = png_get_io_ptr (png);

  if (fread (data, 1, n, self->file) == n)
    return;
  if (ferror (self->file))
    reader_fail (self, GV_FORMAT_ERROR_IO, g_strerror (errno));
  else
    reader_fail (self, GV_FORMAT_ERROR_TRUNCATED, _("it ends too early"));
  png_error (png, "");
}

/* Skips all that we don't use before libpng parses it: colour profiles, times, animations and so
 * on. */
static void
skip_other_chunks (png_structp png)
{
  static const png_byte skipped[] =
      "bKGD\0cHRM\0cICP\0cLLI\0eXIf\0gAMA\0hIST\0iCCP\0mDCV\0oFFs\0pCAL\0"
      "pHYs\0sBIT\0sCAL\0sPLT\0sRGB\0sTER\0tIME\0tRNS";

  png_set_keep_unknown_chunks (png, PNG_HANDLE_CHUNK_NEVER, NULL, 0);
  png_set_keep_unknown_chunks (png, PNG_HANDLE_CHUNK_NEVER, skipped, sizeof skipped / 5);
}

static bool
check_header (Reader *self, guint64 size)
{
  png_uint_32 width, height;
  int depth, color;
  guint64 bits;

  png_get_IHDR (self->png, self->info, &width, &height, &depth, &color, NULL, NULL, NULL);
  bits = (guint64) width * height * (guint64) depth * png_get_channels (self->png, self->info);
  if (bits / 8 / DEFLATE_BEST > size) {
    reader_fail (self, GV_FORMAT_ERROR_TRUNCATED,
                 _("it is too small for the picture it announces"));
    return false;
  }
  self->out->width = (int) width;
  self->out->height = (int) height;
  self->out->rgb = g_try_malloc_n ((size_t) width * height, 3);
  if (!self->out->rgb)
    reader_fail (self, GV_FORMAT_ERROR_LIMIT, _("there is not enough memory for it"));
  return self->out->rgb;
}

static void
ask_for_rgb (Reader *self)
{
  png_set_expand (self->png);
  png_set_scale_16 (self->png);
  png_set_gray_to_rgb (self->png);
  png_set_strip_alpha (self->png);
}

static void
read_rows (Reader *self)
{
  size_t stride = (size_t) self->out->width * 3;
  int passes = png_set_interlace_handling (self->png);

  png_read_update_info (self->png, self->info);
  if (png_get_rowbytes (self->png, self->info) != stride)
    png_error (self->png, "row size");
  for (int pass = 0; pass < passes; pass++)
    for (int y = 0; y < self->out->height; y++)
      png_read_row (self->png, self->out->rgb + (size_t) y * stride, NULL);
}

/* tEXt and zTXt are Latin-1, iTXt is UTF-8. */
static char *
text_to_utf8 (const png_text *text)
{
  bool international = text->compression >= PNG_ITXT_COMPRESSION_NONE;
  size_t length = international ? text->itxt_length : text->text_length;

  if (!text->text)
    return g_strdup ("");
  if (!international)
    return g_convert (text->text, (gssize) length, "UTF-8", "ISO-8859-1", NULL, NULL, NULL);
  return g_utf8_validate (text->text, (gssize) length, NULL) ? g_strndup (text->text, length)
                                                             : NULL;
}

static bool
read_texts (Reader *self)
{
  png_textp texts = NULL;
  int n = 0;

  png_get_text (self->png, self->info, &texts, &n);
  for (int i = 0; i < n; i++) {
    g_autofree char *text = text_to_utf8 (&texts[i]);
    g_autofree char *keyword =
        g_convert (texts[i].key, -1, "UTF-8", "ISO-8859-1", NULL, NULL, NULL);

    if (!text || !keyword) {
      reader_fail (self, GV_FORMAT_ERROR_INVALID, _("a text chunk is not valid UTF-8"));
      return false;
    }
    g_ptr_array_add (self->out->texts, gv_png_text_new (keyword, text));
  }
  return true;
}

static bool
reader_run (Reader *self, guint64 size)
{
  if (setjmp (png_jmpbuf (self->png)))
    return false;
  png_set_read_fn (self->png, self, on_read);
  png_set_user_limits (self->png, GV_PNG_MAX_SIDE, GV_PNG_MAX_SIDE);
  png_set_chunk_cache_max (self->png, GV_PNG_MAX_TEXTS);
  png_set_chunk_malloc_max (self->png, GV_PNG_MAX_TEXT_BYTES);
  png_set_crc_action (self->png, PNG_CRC_ERROR_QUIT, PNG_CRC_ERROR_QUIT);
  png_set_benign_errors (self->png, 0);
  skip_other_chunks (self->png);

  png_read_info (self->png, self->info);
  if (!check_header (self, size))
    return false;
  ask_for_rgb (self);
  read_rows (self);
  png_read_end (self->png, self->info);
  return read_texts (self);
}

bool
gv_png_read (FILE *file, guint64 size, const char *name, GvPng *out, GError **error)
{
  Reader self = { .file = file, .name = name, .out = out };
  bool ok = false;

  out->texts = g_ptr_array_new_with_free_func ((GDestroyNotify) gv_png_text_free);
  self.png = png_create_read_struct (PNG_LIBPNG_VER_STRING, &self, on_read_error, on_warning);
  if (self.png)
    self.info = png_create_info_struct (self.png);
  if (self.info)
    ok = reader_run (&self, size);
  else
    reader_fail (&self, GV_FORMAT_ERROR_LIMIT, _("there is not enough memory for it"));
  png_destroy_read_struct (&self.png, &self.info, NULL);
  if (!ok) {
    gv_png_clear (out);
    g_propagate_error (error, self.error);
  }
  return ok;
}

/* Writing */

typedef struct
{
  png_structp png;
  png_infop info;
  GvPngSink sink;
  gpointer user;
  GError *error; /* (owned) */
} Writer;

static G_NORETURN void
on_write_error (png_structp png, png_const_charp message)
{
  Writer *self = png_get_error_ptr (png);

  if (!self->error)
    self->error = g_error_new (GV_FORMAT_ERROR, GV_FORMAT_ERROR_INVALID,
                               _("The PNG can't be written: %s"), message);
  png_longjmp (png, 1);
}

static void
on_write (png_structp png, png_bytep data, size_t n)
{
  Writer *self = png_get_io_ptr (png);

  if (!self->sink (self->user, data, n, &self->error))
    png_error (png, "");
}

static void
on_flush (png_structp png)
{
}

/* tEXt where the text is ASCII, since every reader knows that, else iTXt. */
static void
write_texts (Writer *self, const GPtrArray *texts)
{
  for (guint i = 0; texts && i < texts->len; i++) {
    const GvPngText *text = texts->pdata[i];
    bool ascii = g_str_is_ascii (text->text);
    png_text chunk = {
      .compression = ascii ? PNG_TEXT_COMPRESSION_NONE : PNG_ITXT_COMPRESSION_NONE,
      .key = text->keyword,
      .text = text->text,
      .text_length = ascii ? strlen (text->text) : 0,
      .itxt_length = ascii ? 0 : strlen (text->text),
    };

    png_set_text (self->png, self->info, &chunk, 1);
  }
}

static bool
writer_run (Writer *self, const GvPng *png)
{
  if (setjmp (png_jmpbuf (self->png)))
    return false;
  png_set_write_fn (self->png, self, on_write, on_flush);
  png_set_user_limits (self->png, GV_PNG_MAX_SIDE, GV_PNG_MAX_SIDE);
  png_set_compression_level (self->png, COMPRESSION_LEVEL);
  png_set_filter (self->png, PNG_FILTER_TYPE_BASE, PNG_ALL_FILTERS);
  png_set_IHDR (self->png, self->info, (png_uint_32) png->width, (png_uint_32) png->height, 8,
                PNG_COLOR_TYPE_RGB, PNG_INTERLACE_NONE, PNG_COMPRESSION_TYPE_DEFAULT,
                PNG_FILTER_TYPE_DEFAULT);
  write_texts (self, png->texts);
  png_write_info (self->png, self->info);
  for (int y = 0; y < png->height; y++)
    png_write_row (self->png, png->rgb + (size_t) y * (size_t) png->width * 3);
  png_write_end (self->png, NULL);
  return true;
}

bool
gv_png_write (const GvPng *png, GvPngSink sink, gpointer user, GError **error)
{
  Writer self = { .sink = sink, .user = user };
  bool ok = false;

  self.png = png_create_write_struct (PNG_LIBPNG_VER_STRING, &self, on_write_error, on_warning);
  if (self.png)
    self.info = png_create_info_struct (self.png);
  if (self.info)
    ok = writer_run (&self, png);
  else
    g_set_error (&self.error, GV_FORMAT_ERROR, GV_FORMAT_ERROR_LIMIT,
                 _("There is not enough memory to write a PNG"));
  png_destroy_write_struct (&self.png, &self.info);
  if (!ok)
    g_propagate_error (error, self.error);
  return ok;
}
