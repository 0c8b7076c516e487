// SPDX-FileCopyrightText: Giverny contributors
// SPDX-License-Identifier: GPL-3.0-or-later
/* PNG files: what is taken, written and read again is the same picture with the same text. */
#include "fuzz.h"

#include "formats/png.h"

#include <string.h>

/* A picture may be a thousand times as large as its file; larger ones than this say nothing new. */
#define MAX_PIXELS (1 << 20)

const char gv_fuzz_name[] = "png";

extern const char *const gv_fuzz_tokens[];
const char *const gv_fuzz_tokens[] = {
  "IHDR", "PLTE", "IDAT", "IEND", "tEXt", "zTXt", "iTXt",
  "tRNS", "iCCP", "acTL", "fcTL", "gAMA", NULL,
};

static uint32_t
read_be (const uint8_t *p)
{
  return (uint32_t) p[0] << 24 | (uint32_t) p[1] << 16 | (uint32_t) p[2] << 8 | p[3];
}

static uint32_t
checksum (const uint8_t *data, size_t size)
{
  uint32_t sum = 0xffffffff;

  for (size_t i = 0; i < size; i++) {
    sum ^= data[i];
    for (int bit = 0; bit < 8; bit++)
      sum = sum >> 1 ^ (sum & 1 ? 0xedb88320 : 0);
  }
  return ~sum;
}

/* Most chunks get a true checksum again, so that what is behind it is reached. */
static void
mend_checksums (uint8_t *data, size_t size, uint64_t *rng)
{
  size_t at = 8;

  while (at + 12 <= size) {
    size_t n = read_be (data + at);
    uint32_t sum;

    if (n > size - at - 12)
      return;
    sum = checksum (data + at + 4, n + 4);
    if (!gv_fuzz_one_in (rng, 20))
      for (size_t i = 0; i < 4; i++)
        data[at + 8 + n + i] = (uint8_t) (sum >> (24 - 8 * i));
    at += n + 12;
  }
}

size_t
gv_fuzz_mutate (uint8_t *data, size_t size, size_t max, uint64_t *rng)
{
  size = gv_fuzz_mutate_bytes (data, size, max, rng);
  mend_checksums (data, size, rng);
  return size;
}

static bool
append_bytes (gpointer out, const void *data, size_t size, GError **error)
{
  g_byte_array_append (out, data, (guint) size);
  return true;
}

static bool
read_bytes (const uint8_t *data, size_t size, GvPng *out, GError **error)
{
  FILE *file = fmemopen ((void *) data, size, "rb");
  bool ok = gv_png_read (file, size, "fuzz.png", out, error);

  fclose (file);
  return ok;
}

static void
check_same (const GvPng *a, const GvPng *b)
{
  g_assert_true (a->width == b->width && a->height == b->height && a->texts->len == b->texts->len);
  g_assert_true (memcmp (a->rgb, b->rgb, (size_t) a->width * (size_t) a->height * 3) == 0);
  for (guint i = 0; i < a->texts->len; i++) {
    const GvPngText *x = a->texts->pdata[i], *y = b->texts->pdata[i];

    g_assert_cmpstr (x->text, ==, y->text);
  }
}

int
gv_fuzz_one (const uint8_t *data, size_t size)
{
  g_autoptr (GByteArray) bytes = g_byte_array_new ();
  g_autoptr (GError) error = NULL;
  GvPng png = { 0 }, again = { 0 };
  bool ok;

  if (size == 0 ||
      (size >= 24 && (uint64_t) read_be (data + 16) * read_be (data + 20) > MAX_PIXELS))
    return 0;
  ok = read_bytes (data, size, &png, &error);
  gv_fuzz_check_error (ok, error);
  if (!ok)
    return 0;
  /* Keywords are Latin-1 on disk, which the writer doesn't take from strangers. */
  for (guint i = 0; i < png.texts->len; i++)
    g_set_str (&((GvPngText *) png.texts->pdata[i])->keyword, "keyword");
  g_assert_true (gv_png_write (&png, append_bytes, bytes, NULL));
  g_assert_true (read_bytes (bytes->data, bytes->len, &again, NULL));
  check_same (&png, &again);
  gv_png_clear (&png);
  gv_png_clear (&again);
  return 0;
}
