// SPDX-FileCopyrightText: Giverny contributors
// SPDX-License-Identifier: GPL-3.0-or-later
/* The reader of bytes, and names made fit to be shown. */
#include <string.h>

#include "formats/file.h"
#include "formats/span.h"

static void
test_span (void)
{
  const uint8_t bytes[] = { 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 0xff };
  g_autofree uint8_t *copy = g_memdup2 (bytes, sizeof bytes);
  GvSpan span = { copy, sizeof bytes };
  uint8_t u8 = 0;
  uint16_t u16 = 0;
  uint32_t u32 = 0;
  uint64_t u64 = 0;
  const uint8_t *rest = NULL;

  g_assert_true (gv_span_u16 (&span, &u16) && u16 == 0x0201);
  g_assert_true (gv_span_u32 (&span, &u32) && u32 == 0x06050403);
  g_assert_true (gv_span_u64 (&span, &u64) && u64 == 0x0e0d0c0b0a090807);
  g_assert_cmpuint (span.left, ==, 1);
  g_assert_false (gv_span_u16 (&span, &u16) || gv_span_u32 (&span, &u32) ||
                  gv_span_u64 (&span, &u64));
  g_assert_false (gv_span_bytes (&span, 2, &rest) || gv_span_bytes (&span, SIZE_MAX, &rest));
  g_assert_true (u16 == 0x0201 && !rest && span.left == 1);
  g_assert_true (gv_span_u8 (&span, &u8) && u8 == 0xff);
  g_assert_false (gv_span_u8 (&span, &u8));
  g_assert_true (gv_span_bytes (&span, 0, &rest) && rest == copy + sizeof bytes);
}

static void
test_shown (void)
{
  static const struct
  {
    const char *name, *shown;
  } rows[] = {
    { "", "" },
    { "a/b c.png", "a/b c.png" },
    { "한국어 é", "한국어 é" },
    { "a\nb\t\x1b[31m\x7f", "a\\x0ab\\x09\\x1b[31m\\x7f" },
    { "\xc2\x85\xe2\x80\xa8\xe2\x80\xae\xe2\x81\xa6", "\\x85\\u2028\\u202e\\u2066" },
    { "a\xff"
      "b",
      "a\xef\xbf\xbd"
      "b" },
  };
  g_autofree char *name = g_strnfill (1000000, 'x');
  g_autofree char *shown = NULL;

  for (size_t i = 0; i < G_N_ELEMENTS (rows); i++) {
    g_autofree char *one = gv_dup_shown (rows[i].name);

    g_assert_cmpstr (one, ==, rows[i].shown);
  }
  name[0] = 'a';
  name[999999] = 'z';
  shown = gv_dup_shown (name);
  g_assert_cmpint (g_utf8_strlen (shown, -1), ==, 201);
  g_assert_true (shown[0] == 'a' && g_str_has_suffix (shown, "z") && strstr (shown, "x…x"));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/span/read", test_span);
  g_test_add_func ("/file/shown", test_shown);
  return g_test_run ();
}
