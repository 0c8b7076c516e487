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

#include <gio/gio.h>
#include <png.h>
#include <setjmp.h>
#include <string.h>

/* Deflate can't pack better than this, so a file far too small for its picture is known at once. */
#define DEFLATE_BEST 1032

#define COMPRESSION_LEVEL 6

GvPngText *
gv_png_text_new (char *keyword, char *text)
{
  GvPngText *self = g_new (GvPngText, 1);

  *self = (GvPngText) { keyword, text };
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
  size_t unpack_budget; /* bytes that compressed texts may still grow to */
  bool texts_only;      /* stop where the picture begins */
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

/* Text chunks */

/* Latin-1 as UTF-8; NULL where a NUL stands inside. */
static char *
from_latin1 (const guint8 *bytes, size_t n)
{
  if (memchr (bytes, 0, n))
    return NULL;
  return g_convert ((const char *) bytes, (gssize) n, "UTF-8", "ISO-8859-1", NULL, NULL, NULL);
}

static char *
from_utf8 (const guint8 *bytes, size_t n)
{
  return g_utf8_validate ((const char *) bytes, (gssize) n, NULL)
             ? g_strndup ((const char *) bytes, n)
             : NULL;
}

/* Unpacks a zlib stream, for which all texts of a file share one budget.  NULL if it is broken or
 * too long. */
static GByteArray *
unpack (Reader *self, const guint8 *packed, size_t n)
{
  g_autoptr (GZlibDecompressor) zlib = g_zlib_decompressor_new (G_ZLIB_COMPRESSOR_FORMAT_ZLIB);
  g_autoptr (GByteArray) out = g_byte_array_new ();
  GConverterResult result = G_CONVERTER_CONVERTED;

  while (result != G_CONVERTER_FINISHED) {
    guint8 part[16384];
    gsize n_read, n_written;

    result = g_converter_convert (G_CONVERTER (zlib), packed, n, part, sizeof part,
                                  G_CONVERTER_INPUT_AT_END, &n_read, &n_written, NULL);
    if (result == G_CONVERTER_ERROR || n_written > self->unpack_budget)
      return NULL;
    g_byte_array_append (out, part, (guint) n_written);
    self->unpack_budget -= n_written;
    packed += n_read;
    n -= n_read;
  }
  return g_steal_pointer (&out);
}

static char *
read_text (Reader *self, const guint8 *bytes, size_t n, bool packed, bool latin1)
{
  g_autoptr (GByteArray) unpacked = NULL;

  if (packed) {
    unpacked = unpack (self, bytes, n);
    if (!unpacked)
      return NULL;
    bytes = unpacked->data;
    n = unpacked->len;
  }
  if (n == 0)
    return g_strdup ("");
  return latin1 ? from_latin1 (bytes, n) : from_utf8 (bytes, n);
}

/* Steps over a string and its NUL; NULL if it does not end before @end. */
static const guint8 *
skip_string (const guint8 *p, const guint8 *end)
{
  const guint8 *nul = p < end ? memchr (p, 0, (size_t) (end - p)) : NULL;

  return nul ? nul + 1 : NULL;
}

/* What stands behind the keyword of a chunk of @type. */
static char *
read_body (Reader *self, const guint8 *type, const guint8 *p, const guint8 *end)
{
  bool packed = type[0] == 'z';

  if (type[0] == 't')
    return read_text (self, p, (size_t) (end - p), false, true);
  if (type[0] == 'i') { /* a flag before the method; language and translated keyword behind it */
    if (p == end || *p > 1)
      return NULL;
    packed = *p++;
  }
  if (p == end || (packed && *p != 0))
    return NULL;
  p++;
  if (type[0] == 'i') {
    p = skip_string (p, end);
    p = p ? skip_string (p, end) : NULL;
  }
  return p ? read_text (self, p, (size_t) (end - p), packed, type[0] == 'z') : NULL;
}

static int
refuse_text (Reader *self, const char *what)
{
  reader_fail (self, GV_FORMAT_ERROR_INVALID, what);
  return -1;
}

/* Sees every chunk that is not the picture's.  Returns what libpng asks for: 1 for done, -1 for an
 * error. */
static int
on_chunk (png_structp png, png_unknown_chunkp chunk)
{
  Reader *self = png_get_user_chunk_ptr (png);
  const guint8 *p = chunk->data, *end = p + chunk->size, *body;
  g_autofree char *keyword = NULL, *text = NULL;

  if (memcmp (chunk->name, "tEXt", 4) && memcmp (chunk->name, "zTXt", 4) &&
      memcmp (chunk->name, "iTXt", 4))
    return 1;
  if (self->out->texts->len >= GV_PNG_MAX_TEXTS)
    return refuse_text (self, _("it has too many text chunks"));
  body = skip_string (p, end);
  if (!body || body - p < 2 || body - p > 80)
    return refuse_text (self, _("a text chunk has no keyword"));
  keyword = from_latin1 (p, (size_t) (body - p) - 1);
  text = read_body (self, chunk->name, body, end);
  if (!keyword || !text)
    return refuse_text (self, _("a text chunk is broken or too long"));
  g_ptr_array_add (self->out->texts,
                   gv_png_text_new (g_steal_pointer (&keyword), g_steal_pointer (&text)));
  return 1;
}

/*
 * Takes all chunks from libpng but the ones that make the picture: texts are read here, with one
 * limit on them all; colour profiles, times, animations and so on are not looked at.
 */
static void
take_other_chunks (Reader *self, guint64 size)
{
  static const png_byte others[] =
      "bKGD\0cHRM\0cICP\0cLLI\0eXIf\0gAMA\0hIST\0iCCP\0iTXt\0mDCV\0oFFs\0"
      "pCAL\0pHYs\0sBIT\0sCAL\0sPLT\0sRGB\0sTER\0tEXt\0tIME\0tRNS\0zTXt";

  png_set_keep_unknown_chunks (self->png, PNG_HANDLE_CHUNK_NEVER, others, sizeof others / 5);
  png_set_read_user_chunk_fn (self->png, self, on_chunk);
  png_set_chunk_malloc_max (self->png,
                            (png_alloc_size_t) CLAMP (size, 4096, GV_PNG_MAX_CHUNK_BYTES));
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
  if (self->texts_only)
    return true;
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

static bool
reader_run (Reader *self, guint64 size)
{
  if (setjmp (png_jmpbuf (self->png)))
    return false;
  png_set_read_fn (self->png, self, on_read);
  png_set_user_limits (self->png, GV_PNG_MAX_SIDE, GV_PNG_MAX_SIDE);
  png_set_crc_action (self->png, PNG_CRC_ERROR_QUIT, PNG_CRC_ERROR_QUIT);
  png_set_benign_errors (self->png, 0);
  take_other_chunks (self, size);

  png_read_info (self->png, self->info);
  if (!check_header (self, size))
    return false;
  if (self->texts_only)
    return true;
  ask_for_rgb (self);
  read_rows (self);
  png_read_end (self->png, self->info);
  return true;
}

static bool
read_png (FILE *file,
          guint64 size,
          const char *name,
          bool texts_only,
          GvPng *out,
          GError **error)
{
  Reader self = {
    .file = file,
    .name = name,
    .out = out,
    .unpack_budget = GV_PNG_MAX_UNPACKED_BYTES,
    .texts_only = texts_only,
  };
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

bool
gv_png_read (FILE *file, guint64 size, const char *name, GvPng *out, GError **error)
{
  return read_png (file, size, name, false, out, error);
}

bool
gv_png_read_texts (FILE *file, guint64 size, const char *name, GvPng *out, GError **error)
{
  return read_png (file, size, name, true, out, error);
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
