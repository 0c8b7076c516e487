// SPDX-FileCopyrightText: Giverny contributors
// SPDX-License-Identifier: GPL-3.0-or-later
/* Pictures: PNG there and back, every kind of PNG as RGB, and files that lie. */
#include "giverny.h"
#include "formats/png.h"

#include <glib/gstdio.h>
#include <png.h>
#include <string.h>
#include <sys/stat.h>

static char *folder; /* (owned) for the files of this run */

static char *
in_folder (const char *name)
{
  return g_build_filename (folder, name, NULL);
}

/* A picture with no two rows alike. */
static GvImage *
pattern (int width, int height)
{
  guint8 *rgb = g_malloc ((size_t) width * (size_t) height * 3);

  for (int i = 0; i < width * height * 3; i++)
    rgb[i] = (guint8) (i * 7 + i / 251);
  return gv_image_new_take (width, height, rgb);
}

static void
test_there_and_back (void)
{
  g_autoptr (GvImage) image = pattern (37, 19), back = NULL;
  g_autoptr (GError) error = NULL;
  g_autofree char *path = in_folder ("back.png"), *twice = in_folder ("twice.png");
  g_autofree char *a = NULL, *b = NULL;
  gsize n_a, n_b;
  GvImageDifference difference;

  gv_image_set_text (image, "parameters", "plain\ntext");
  gv_image_set_text (image, "giverny", "물 위의 집");
  g_assert_true (gv_image_save (image, path, &error));
  g_assert_no_error (error);
  back = gv_image_load (path, &error);
  g_assert_no_error (error);
  g_assert_true (gv_image_compare (image, back, &difference));
  g_assert_cmpint (difference.max, ==, 0);
  g_assert_true (difference.psnr > 1e9);
  g_assert_cmpstr (gv_image_get_text (back, "parameters"), ==, "plain\ntext");
  g_assert_cmpstr (gv_image_get_text (back, "giverny"), ==, "물 위의 집");

  g_assert_true (gv_image_save (back, twice, NULL));
  g_assert_true (g_file_get_contents (path, &a, &n_a, NULL) &&
                 g_file_get_contents (twice, &b, &n_b, NULL));
  g_assert_cmpmem (a, n_a, b, n_b);
  g_assert_nonnull (memmem (a, n_a, "tEXtparameters", 14));
  g_assert_nonnull (memmem (a, n_a, "iTXtgiverny", 11));
  g_assert_null (memmem (a, n_a, "tIME", 4));
}

static void
test_recipe (void)
{
  g_autoptr (GvImage) image = pattern (16, 16);
  g_autoptr (GvRecipe) recipe = gv_recipe_new (), back = NULL;
  g_autoptr (GError) error = NULL;

  g_assert_null (gv_image_dup_recipe (image, "x.png", &error));
  g_assert_error (error, GV_FORMAT_ERROR, GV_FORMAT_ERROR_UNSUPPORTED);
  g_clear_error (&error);
  g_object_set (recipe, "prompt", "a red boat", "width", 16, "height", 16, "cfg", 5.0, "model",
                "/m/lake.safetensors", NULL);
  gv_image_set_recipe (image, recipe);
  back = gv_image_dup_recipe (image, "x.png", &error);
  g_assert_no_error (error);
  g_assert_cmpstr (gv_recipe_get_prompt (back), ==, "a red boat");
  g_assert_nonnull (strstr (gv_image_get_text (image, "parameters"), "Model: lake,"));
}

static void
test_compare (void)
{
  guint8 *black = g_malloc0 (2 * 2 * 3), *grey = g_malloc0 (2 * 2 * 3);
  g_autoptr (GvImage) a = gv_image_new_take (2, 2, black), b = gv_image_new_take (2, 2, grey);
  g_autoptr (GvImage) other = pattern (2, 1);
  GvImageDifference d;

  grey[0] = 12;
  g_assert_true (gv_image_compare (a, b, &d));
  g_assert_cmpint (d.max, ==, 12);
  g_assert_cmpfloat (d.mean, ==, 1);
  g_assert_cmpfloat_with_epsilon (d.psnr, 37.339, 0.001); /* 10 log10 (255² / 12) */
  g_assert_false (gv_image_compare (a, other, &d));
}

static void
test_enlarge (void)
{
  g_autoptr (GvImage) small = pattern (3, 2), large = gv_image_enlarge (small, 8);
  const guint8 *from = gv_image_get_rgb (small), *to = gv_image_get_rgb (large);

  g_assert_cmpint (gv_image_get_width (large), ==, 24);
  g_assert_cmpint (gv_image_get_height (large), ==, 16);
  for (int y = 0; y < 16; y++)
    for (int x = 0; x < 24; x++)
      g_assert_cmpmem (to + 3 * (y * 24 + x), 3, from + 3 * (y / 8 * 3 + x / 8), 3);
}

/* Other kinds of PNG, by libpng itself: every sample and palette entry is this colour or its grey.
 */
static const struct
{
  int depth, color, interlace;
} kinds[] = {
  { 1, PNG_COLOR_TYPE_GRAY, PNG_INTERLACE_NONE },
  { 2, PNG_COLOR_TYPE_GRAY, PNG_INTERLACE_ADAM7 },
  { 8, PNG_COLOR_TYPE_GRAY, PNG_INTERLACE_NONE },
  { 16, PNG_COLOR_TYPE_GRAY, PNG_INTERLACE_NONE },
  { 8, PNG_COLOR_TYPE_GRAY_ALPHA, PNG_INTERLACE_NONE },
  { 16, PNG_COLOR_TYPE_GRAY_ALPHA, PNG_INTERLACE_ADAM7 },
  { 1, PNG_COLOR_TYPE_PALETTE, PNG_INTERLACE_NONE },
  { 8, PNG_COLOR_TYPE_PALETTE, PNG_INTERLACE_ADAM7 },
  { 8, PNG_COLOR_TYPE_RGB, PNG_INTERLACE_ADAM7 },
  { 16, PNG_COLOR_TYPE_RGB, PNG_INTERLACE_NONE },
  { 8, PNG_COLOR_TYPE_RGB_ALPHA, PNG_INTERLACE_NONE },
  { 16, PNG_COLOR_TYPE_RGB_ALPHA, PNG_INTERLACE_ADAM7 },
};

static void
write_kind (const char *path, int depth, int color, int interlace)
{
  enum { SIZE = 13 };
  FILE *file = fopen (path, "wb");
  png_structp png = png_create_write_struct (PNG_LIBPNG_VER_STRING, NULL, NULL, NULL);
  png_infop info = png_create_info_struct (png);
  png_color palette[2] = { { 0xff, 0xff, 0xff }, { 0, 0, 0 } };
  png_byte clear[1] = { 0 };
  guint8 row[SIZE * 8];

  /* All bits set: white in every type but the palette's, whose last entry is black. */
  memset (row, 0xff, sizeof row);
  if (color == PNG_COLOR_TYPE_PALETTE)
    memset (row, depth == 1 ? 0xff : 1, sizeof row);
  png_init_io (png, file);
  png_set_IHDR (png, info, SIZE, SIZE, depth, color, interlace, PNG_COMPRESSION_TYPE_DEFAULT,
                PNG_FILTER_TYPE_DEFAULT);
  if (color == PNG_COLOR_TYPE_PALETTE) {
    png_set_PLTE (png, info, palette, 2);
    png_set_tRNS (png, info, clear, 1, NULL);
  }
  png_set_sRGB_gAMA_and_cHRM (png, info, PNG_sRGB_INTENT_PERCEPTUAL);
  png_write_info (png, info);
  for (int pass = 0, n = png_set_interlace_handling (png); pass < n; pass++)
    for (int y = 0; y < SIZE; y++)
      png_write_row (png, row);
  png_write_end (png, NULL);
  png_destroy_write_struct (&png, &info);
  fclose (file);
}

static void
test_kinds (void)
{
  g_autofree char *path = in_folder ("kind.png");

  for (size_t i = 0; i < G_N_ELEMENTS (kinds); i++) {
    g_autoptr (GError) error = NULL;
    g_autoptr (GvImage) image = NULL;
    guint8 expected = kinds[i].color == PNG_COLOR_TYPE_PALETTE ? 0 : 255;

    write_kind (path, kinds[i].depth, kinds[i].color, kinds[i].interlace);
    image = gv_image_load (path, &error);
    g_assert_no_error (error);
    g_assert_cmpint (gv_image_get_width (image), ==, 13);
    for (int j = 0; j < 13 * 13 * 3; j++)
      if (gv_image_get_rgb (image)[j] != expected)
        g_error ("kind %zu, byte %d: %d", i, j, gv_image_get_rgb (image)[j]);
  }
}

/* Files that lie */

static void
put_chunk (GByteArray *out, const char *type, const void *data, size_t size)
{
  guint32 n = GUINT32_TO_BE ((guint32) size), sum = 0xffffffff;
  size_t start = out->len + 4;

  g_byte_array_append (out, (const guint8 *) &n, 4);
  g_byte_array_append (out, (const guint8 *) type, 4);
  if (size)
    g_byte_array_append (out, data, (guint) size);
  for (size_t i = start; i < out->len; i++) {
    sum ^= out->data[i];
    for (int bit = 0; bit < 8; bit++)
      sum = sum >> 1 ^ (sum & 1 ? 0xedb88320 : 0);
  }
  sum = GUINT32_TO_BE (~sum);
  g_byte_array_append (out, (const guint8 *) &sum, 4);
}

static GByteArray *
png_start (guint32 width, guint32 height, int depth, int color)
{
  GByteArray *out = g_byte_array_new ();
  guint8 header[13] = { 0 };

  width = GUINT32_TO_BE (width);
  height = GUINT32_TO_BE (height);
  memcpy (header, &width, 4);
  memcpy (header + 4, &height, 4);
  header[8] = (guint8) depth;
  header[9] = (guint8) color;
  g_byte_array_append (out, (const guint8 *) "\x89PNG\r\n\x1a\n", 8);
  put_chunk (out, "IHDR", header, 13);
  return out;
}

/* One grey pixel, as zlib stores it. */
static void
put_pixel (GByteArray *out)
{
  static const guint8 data[] = { 0x78, 0x01, 1, 2, 0, 0xfd, 0xff, 0, 0x80, 0x00, 0x82, 0x00, 0x81 };

  put_chunk (out, "IDAT", data, sizeof data);
  put_chunk (out, "IEND", NULL, 0);
}

static GvImage *
load_bytes (const GByteArray *bytes, GError **error)
{
  g_autofree char *path = in_folder ("bytes.png");

  g_assert_true (g_file_set_contents (path, (const char *) bytes->data, bytes->len, NULL));
  return gv_image_load (path, error);
}

static void
refuse (GByteArray *bytes, GvFormatError code)
{
  g_autoptr (GByteArray) owned = bytes;
  g_autoptr (GError) error = NULL;
  gint64 start = g_get_monotonic_time ();

  g_assert_null (load_bytes (owned, &error));
  g_assert_cmpint (g_get_monotonic_time () - start, <, 2 * G_USEC_PER_SEC);
  g_assert_error (error, GV_FORMAT_ERROR, (int) code);
  g_assert_nonnull (strstr (error->message, "bytes.png"));
  g_assert_null (strchr (error->message, '\n'));
}

static void
test_one_pixel (void)
{
  g_autoptr (GByteArray) bytes = png_start (1, 1, 8, 0);
  g_autoptr (GError) error = NULL;
  g_autoptr (GvImage) image = NULL;

  put_chunk (bytes, "iCCP", "not a profile", 13);
  put_chunk (bytes, "fcTL", "\xff\xff\xff\xff", 4);
  put_chunk (bytes, "tEXt", "Title\0caf\xe9", 10);
  put_pixel (bytes);
  image = load_bytes (bytes, &error);
  g_assert_no_error (error);
  g_assert_cmpint (gv_image_get_rgb (image)[2], ==, 0x80);
  g_assert_cmpstr (gv_image_get_text (image, "Title"), ==, "café");
}

static void
test_lies (void)
{
  GByteArray *bytes = g_byte_array_new ();

  refuse (bytes, GV_FORMAT_ERROR_TRUNCATED);

  bytes = g_byte_array_new ();
  g_byte_array_append (bytes, (const guint8 *) "GIF89a and so on", 16);
  refuse (bytes, GV_FORMAT_ERROR_INVALID);

  for (guint cut = 9; cut < 60; cut++) {
    bytes = png_start (1, 1, 8, 0);
    put_pixel (bytes);
    g_byte_array_set_size (bytes, cut);
    refuse (bytes, GV_FORMAT_ERROR_TRUNCATED);
  }

  bytes = png_start (50000, 50000, 1, 0);
  put_pixel (bytes);
  refuse (bytes, GV_FORMAT_ERROR_INVALID);

  bytes = png_start (16384, 16384, 16, 6);
  put_pixel (bytes);
  refuse (bytes, GV_FORMAT_ERROR_TRUNCATED);

  bytes = png_start (1, 1, 8, 0);
  bytes->data[bytes->len - 1] ^= 1;
  put_pixel (bytes);
  refuse (bytes, GV_FORMAT_ERROR_INVALID);

  bytes = png_start (1, 1, 8, 0);
  put_chunk (bytes, "tEXt", "a\0b", 3);
  bytes->data[bytes->len - 1] ^= 1;
  put_pixel (bytes);
  refuse (bytes, GV_FORMAT_ERROR_INVALID);

  bytes = png_start (1, 1, 8, 0);
  put_chunk (bytes, "iTXt", "a\0\0\0\0\0\xff\xfe", 8);
  put_pixel (bytes);
  refuse (bytes, GV_FORMAT_ERROR_INVALID);

  bytes = png_start (1, 1, 8, 0);
  for (int i = 0; i < 100000; i++)
    put_chunk (bytes, "tEXt", "a\0b", 3);
  put_pixel (bytes);
  refuse (bytes, GV_FORMAT_ERROR_INVALID);
}

static void
test_text_bomb (void)
{
  g_autoptr (GZlibCompressor) zlib = g_zlib_compressor_new (G_ZLIB_COMPRESSOR_FORMAT_ZLIB, 9);
  g_autoptr (GBytes) zeros = g_bytes_new_take (g_strnfill (64 << 20, ' '), 64 << 20);
  g_autoptr (GBytes) packed = g_converter_convert_bytes (G_CONVERTER (zlib), zeros, NULL);
  g_autoptr (GByteArray) text = g_byte_array_new ();
  GByteArray *bytes = png_start (1, 1, 8, 0);
  gsize n;
  const guint8 *data = g_bytes_get_data (packed, &n);

  g_byte_array_append (text, (const guint8 *) "bomb\0", 6);
  g_byte_array_append (text, data, (guint) n);
  put_chunk (bytes, "zTXt", text->data, text->len);
  put_pixel (bytes);
  refuse (bytes, GV_FORMAT_ERROR_INVALID);
}

static void
test_places (void)
{
  g_autoptr (GvImage) image = pattern (16, 16);
  g_autoptr (GError) error = NULL;
  g_autofree char *pipe = in_folder ("pipe.png"), *lost = in_folder ("no/such.png");
  g_autofree char *inside = in_folder ("inside"), *name = NULL;
  g_autoptr (GDir) dir = NULL;

  g_assert_cmpint (mkfifo (pipe, 0600), ==, 0);
  g_assert_null (gv_image_load (pipe, &error));
  g_assert_error (error, GV_FORMAT_ERROR, GV_FORMAT_ERROR_IO);
  g_clear_error (&error);
  g_assert_null (gv_image_load (folder, &error));
  g_assert_error (error, GV_FORMAT_ERROR, GV_FORMAT_ERROR_IO);
  g_clear_error (&error);
  g_assert_false (gv_image_save (image, lost, &error));
  g_assert_error (error, GV_FORMAT_ERROR, GV_FORMAT_ERROR_IO);
  g_clear_error (&error);

  g_assert_cmpint (g_mkdir (inside, 0700), ==, 0);
  g_assert_false (gv_image_save (image, inside, &error));
  g_assert_error (error, GV_FORMAT_ERROR, GV_FORMAT_ERROR_IO);
  dir = g_dir_open (inside, 0, NULL);
  g_assert_null (g_dir_read_name (dir));
}

static void
remove_folder (const char *path)
{
  g_autoptr (GDir) dir = g_dir_open (path, 0, NULL);
  const char *name;

  while ((name = g_dir_read_name (dir))) {
    g_autofree char *entry = g_build_filename (path, name, NULL);

    g_assert_cmpint (g_remove (entry), ==, 0);
  }
  g_assert_cmpint (g_rmdir (path), ==, 0);
}

int
main (int argc, char **argv)
{
  int status;

  g_test_init (&argc, &argv, NULL);
  folder = g_dir_make_tmp ("giverny-image-XXXXXX", NULL);
  g_test_add_func ("/image/there-and-back", test_there_and_back);
  g_test_add_func ("/image/recipe", test_recipe);
  g_test_add_func ("/image/compare", test_compare);
  g_test_add_func ("/image/enlarge", test_enlarge);
  g_test_add_func ("/image/kinds", test_kinds);
  g_test_add_func ("/image/one-pixel", test_one_pixel);
  g_test_add_func ("/image/lies", test_lies);
  g_test_add_func ("/image/text-bomb", test_text_bomb);
  g_test_add_func ("/image/places", test_places);
  status = g_test_run ();
  remove_folder (folder);
  g_free (folder);
  return status;
}
