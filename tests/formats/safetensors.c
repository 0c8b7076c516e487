// SPDX-FileCopyrightText: Giverny contributors
// SPDX-License-Identifier: GPL-3.0-or-later
/* safetensors: what is taken, what is refused and how, and files written and read again. */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/errors.h"
#include "formats/file.h"
#include "formats/safetensors.h"
#include "temp.h"

#define FIELDS(dtype, shape, offsets)                                                              \
  "{\"dtype\":\"" dtype "\",\"shape\":" shape ",\"data_offsets\":" offsets "}"
#define EMPTY_AT(offset) FIELDS ("U8", "[0]", "[" offset "," offset "]")
#define GOOD4 FIELDS ("I16", "[2]", "[0,4]")
#define GOOD FIELDS ("F32", "[2]", "[0,8]")

static bool stutter; /* reads are interrupted, then give one byte */

ssize_t
pread (int fd, void *data, size_t size, off_t offset)
{
  static int n_calls;

  if (stutter && n_calls++ % 2 == 0) {
    errno = EINTR;
    return -1;
  }
  return syscall (SYS_pread64, fd, data, stutter ? MIN (size, 1) : size, offset);
}

/* Header and number of data bytes; what must be in the error, or NULL for a file to be taken. */
static const struct
{
  const char *header;
  size_t data_bytes;
  int code;
  const char *words;
} headers[] = {
  { "{}", 0, 0, NULL },
  { "{ }   ", 0, 0, NULL },
  { "{\"a\":" GOOD "}", 8, 0, NULL },
  { "{\"a\":" GOOD "}\n\t ", 8, 0, NULL },
  { "{ \"a\" : { \"shape\" : [ 1 , 2 ] , \"data_offsets\" : [ 0 , 8 ] , \"dtype\" : \"F32\" } }", 8,
    0, NULL },
  { "{\"a\":" FIELDS ("F64", "[]", "[0,8]") "}", 8, 0, NULL },
  { "{\"a\":" FIELDS ("F64", "[0,7]", "[0,0]") "}", 0, 0, NULL },
  { "{\"a\":" FIELDS ("U8", "[1,1,1,1,1,1,1,3]", "[0,3]") "}", 3, 0, NULL },
  { "{\"b\":" FIELDS ("U8", "[3]", "[4,7]") ",\"a\":" FIELDS ("I16", "[2]", "[0,4]") "}", 7, 0,
    NULL },
  { "{\"b\":" EMPTY_AT ("4") ",\"a\":" GOOD4 ",\"c\":" EMPTY_AT ("0") "}", 4, 0, NULL },
  { "{\"\":" GOOD "}", 8, 0, NULL },
  { "{\"\\ud83c\\udf3b\\u00e9\\\\\\\"\\/\\b\\f\\n\\r\\t\":" GOOD "}", 8, 0, NULL },
  { "{\"__metadata__\":{},\"a\":" GOOD "}", 8, 0, NULL },
  { "{\"a\":" GOOD ",\"__metadata__\":{\"k\":\"v\",\"l\":\"\"}}", 8, 0, NULL },
  { "{\"a\":" FIELDS ("F4", "[4]", "[0,2]") "}", 2, 0, NULL },
  { "{\"a\":" FIELDS ("F6_E2M3", "[4]", "[0,3]") "}", 3, 0, NULL },
  { "{\"a\":" FIELDS ("F6_E3M2", "[4]", "[0,3]") "}", 3, 0, NULL },
  { "{\"a\":" FIELDS ("F8_E8M0", "[4]", "[0,4]") "}", 4, 0, NULL },
  { "{\"a\":" FIELDS ("F8_E4M3FNUZ", "[4]", "[0,4]") "}", 4, 0, NULL },
  { "{\"a\":" FIELDS ("F8_E5M2FNUZ", "[4]", "[0,4]") "}", 4, 0, NULL },
  { "{\"a\":" FIELDS ("C64", "[4]", "[0,32]") "}", 32, 0, NULL },

  { "{", 0, GV_FORMAT_ERROR_INVALID, "does not start" },
  { "{ ", 0, GV_FORMAT_ERROR_INVALID, "byte 10" },
  { " {}", 0, GV_FORMAT_ERROR_INVALID, "does not start" },
  { "[]", 0, GV_FORMAT_ERROR_INVALID, "does not start" },
  { "{}}", 0, GV_FORMAT_ERROR_INVALID, "follows the last brace" },
  { "{} x", 0, GV_FORMAT_ERROR_INVALID, "follows the last brace" },
  { "{}", 1, GV_FORMAT_ERROR_INVALID, "1 bytes follow" },
  { "{\"a\":" GOOD ",}", 8, GV_FORMAT_ERROR_INVALID, "quotation marks" },
  { "{\"a\":" GOOD " \"b\":" GOOD "}", 8, GV_FORMAT_ERROR_INVALID, "“}” is expected" },
  { "{\"a\":" GOOD ",\"a\":" FIELDS ("F32", "[2]", "[8,16]") "}", 16, GV_FORMAT_ERROR_INVALID,
    "“a” is there twice" },
  { "{\"a\":" GOOD ",\"\\u0061\":" FIELDS ("F32", "[2]", "[8,16]") "}", 16, GV_FORMAT_ERROR_INVALID,
    "“a” is there twice" },
  { "{\"a\":{\"dtype\":\"F32\",\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,8]}}", 8,
    GV_FORMAT_ERROR_INVALID, "“a” has a field" },
  { "{\"a\":{\"dtype\":\"F32\",\"shape\":[2],\"shape\":[2],\"data_offsets\":[0,8]}}", 8,
    GV_FORMAT_ERROR_INVALID, "“a” has a field" },
  { "{\"a\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,8],\"x\":[[[[]]]]}}", 8,
    GV_FORMAT_ERROR_INVALID, "“a” has a field" },
  { "{\"a\":{\"shape\":[2],\"data_offsets\":[0,8]}}", 8, GV_FORMAT_ERROR_INVALID, "“a” needs" },
  { "{\"a\":{\"dtype\":\"F32\",\"data_offsets\":[0,8]}}", 8, GV_FORMAT_ERROR_INVALID, "“a” needs" },
  { "{\"a\":{\"dtype\":\"F32\",\"shape\":[2]}}", 8, GV_FORMAT_ERROR_INVALID, "“a” needs" },
  { "{\"a\":" FIELDS ("F32", "[2]", "[0]") "}", 8, GV_FORMAT_ERROR_INVALID, "“a” needs" },
  { "{\"a\":" FIELDS ("F32", "[2]", "[0,8,9]") "}", 8, GV_FORMAT_ERROR_INVALID, "too long" },
  { "{\"a\":{}}", 0, GV_FORMAT_ERROR_INVALID, "quotation marks" },
  { "{\"a\":[]}", 0, GV_FORMAT_ERROR_INVALID, "“{” is expected" },
  { "{\"a\":null}", 0, GV_FORMAT_ERROR_INVALID, "“{” is expected" },
  { "{\"a\":" FIELDS ("F31", "[2]", "[0,8]") "}", 8, GV_FORMAT_ERROR_UNSUPPORTED,
    "unknown type “F31”" },
  { "{\"a\":" FIELDS ("f32", "[2]", "[0,8]") "}", 8, GV_FORMAT_ERROR_UNSUPPORTED,
    "unknown type “f32”" },
  { "{\"a\":" FIELDS ("", "[2]", "[0,8]") "}", 8, GV_FORMAT_ERROR_UNSUPPORTED, "unknown type “”" },
  { "{\"a\":" FIELDS ("F32", "2", "[0,8]") "}", 8, GV_FORMAT_ERROR_INVALID, "“[” is expected" },
  { "{\"a\":" FIELDS ("F32", "[-2]", "[0,8]") "}", 8, GV_FORMAT_ERROR_INVALID, "whole number" },
  { "{\"a\":" FIELDS ("F32", "[2.0]", "[0,8]") "}", 8, GV_FORMAT_ERROR_INVALID, "whole number" },
  { "{\"a\":" FIELDS ("F32", "[2e0]", "[0,8]") "}", 8, GV_FORMAT_ERROR_INVALID, "whole number" },
  { "{\"a\":" FIELDS ("F32", "[\"2\"]", "[0,8]") "}", 8, GV_FORMAT_ERROR_INVALID, "whole number" },
  { "{\"a\":" FIELDS ("F32", "[02]", "[0,8]") "}", 8, GV_FORMAT_ERROR_INVALID, "starts with 0" },
  { "{\"a\":" FIELDS ("F32", "[00]", "[0,0]") "}", 0, GV_FORMAT_ERROR_INVALID, "starts with 0" },
  { "{\"a\":" FIELDS ("F32", "[2]", "[0,08]") "}", 8, GV_FORMAT_ERROR_INVALID, "starts with 0" },
  { "{\"a\":" FIELDS ("F32", "[2,]", "[0,8]") "}", 8, GV_FORMAT_ERROR_INVALID, "whole number" },
  { "{\"a\":" FIELDS ("F32", "[1,1,1,1,1,1,1,1,2]", "[0,8]") "}", 8, GV_FORMAT_ERROR_INVALID,
    "too long" },
  { "{\"a\":" FIELDS ("F32", "[99999999999999999999]", "[0,8]") "}", 8, GV_FORMAT_ERROR_INVALID,
    "too large" },
  { "{\"a\":" FIELDS ("F32", "[18446744073709551615]", "[0,8]") "}", 8, GV_FORMAT_ERROR_INVALID,
    "too large" },
  { "{\"a\":" FIELDS ("F32", "[4611686018427387905,4]", "[0,16]") "}", 16, GV_FORMAT_ERROR_LIMIT,
    "too large for any memory" },
  { "{\"a\":" FIELDS ("F32", "[4294967296,4294967296]", "[0,0]") "}", 0, GV_FORMAT_ERROR_LIMIT,
    "too large for any memory" },
  { "{\"a\":" FIELDS ("F64", "[2305843009213693952]", "[0,0]") "}", 0, GV_FORMAT_ERROR_LIMIT,
    "too large for any memory" },
  { "{\"a\":" FIELDS ("F32", "[3]", "[0,8]") "}", 8, GV_FORMAT_ERROR_INVALID,
    "“a” has a shape and type" },
  { "{\"a\":" FIELDS ("F32", "[0]", "[0,8]") "}", 8, GV_FORMAT_ERROR_INVALID,
    "“a” has a shape and type" },
  { "{\"a\":" FIELDS ("F4", "[3]", "[0,1]") "}", 1, GV_FORMAT_ERROR_INVALID,
    "“a” has a shape and type" },
  { "{\"a\":" FIELDS ("F32", "[2]", "[8,0]") "}", 8, GV_FORMAT_ERROR_INVALID,
    "ends before it begins" },
  { "{\"a\":" FIELDS ("F32", "[2]", "[4,12]") "}", 12, GV_FORMAT_ERROR_INVALID, "leaves a hole" },
  { "{\"a\":" GOOD ",\"b\":" FIELDS ("F32", "[2]", "[12,20]") "}", 20, GV_FORMAT_ERROR_INVALID,
    "“b” leaves a hole" },
  { "{\"a\":" GOOD ",\"b\":" FIELDS ("F32", "[2]", "[4,12]") "}", 12, GV_FORMAT_ERROR_INVALID,
    "“b” lies over" },
  { "{\"a\":" GOOD ",\"b\":" GOOD "}", 8, GV_FORMAT_ERROR_INVALID, "lies over" },
  { "{\"a\":" FIELDS ("U8", "[8]", "[0,8]") ",\"b\":" FIELDS ("U8", "[0]", "[4,4]") "}", 8,
    GV_FORMAT_ERROR_INVALID, "“b” lies over" },
  { "{\"a\":" GOOD "}", 7, GV_FORMAT_ERROR_TRUNCATED, "“a” goes 1 bytes past" },
  { "{\"a\":" GOOD "}", 9, GV_FORMAT_ERROR_INVALID, "1 bytes follow" },
  { "{\"a\":" FIELDS ("U8", "[9223372036854775807]", "[0,9223372036854775807]") "}", 0,
    GV_FORMAT_ERROR_LIMIT, "too large" },
  { "{\"a\":" FIELDS ("U8", "[1152921504606846976]", "[0,1152921504606846976]") "}", 8,
    GV_FORMAT_ERROR_TRUNCATED, "past the file" },
  { "{\"__metadata__\":{\"a\":1}}", 0, GV_FORMAT_ERROR_INVALID, "quotation marks" },
  { "{\"__metadata__\":{\"a\":null}}", 0, GV_FORMAT_ERROR_INVALID, "quotation marks" },
  { "{\"__metadata__\":{\"a\":{\"b\":\"c\"}}}", 0, GV_FORMAT_ERROR_INVALID, "quotation marks" },
  { "{\"__metadata__\":[]}", 0, GV_FORMAT_ERROR_INVALID, "“{” is expected" },
  { "{\"__metadata__\":{\"a\":\"b\",\"a\":\"c\"}}", 0, GV_FORMAT_ERROR_INVALID,
    "“__metadata__” has “a” twice" },
  { "{\"__metadata__\":{},\"__metadata__\":{}}", 0, GV_FORMAT_ERROR_INVALID, "is there twice" },
  { "{\"\\u0000\":" GOOD "}", 8, GV_FORMAT_ERROR_INVALID, "character 0" },
  { "{\"\\ud83c\":" GOOD "}", 8, GV_FORMAT_ERROR_INVALID, "surrogate" },
  { "{\"\\udf3b\\ud83c\":" GOOD "}", 8, GV_FORMAT_ERROR_INVALID, "surrogate" },
  { "{\"\\ud83c\\u0041\":" GOOD "}", 8, GV_FORMAT_ERROR_INVALID, "surrogate" },
  { "{\"\\x41\":" GOOD "}", 8, GV_FORMAT_ERROR_INVALID, "escape" },
  { "{\"\\u00g0\":" GOOD "}", 8, GV_FORMAT_ERROR_INVALID, "hexadecimal" },
  { "{\"a\nb\":" GOOD "}", 8, GV_FORMAT_ERROR_INVALID, "control character" },
  { "{\"\xff\":" GOOD "}", 8, GV_FORMAT_ERROR_INVALID, "UTF-8" },
  { "{\"\xed\xa0\x80\":" GOOD "}", 8, GV_FORMAT_ERROR_INVALID, "UTF-8" },
  { "{\"a", 0, GV_FORMAT_ERROR_INVALID, "no end" },
  { "{\"a\\", 0, GV_FORMAT_ERROR_INVALID, "escape" },
  { "{\"a\\u00", 0, GV_FORMAT_ERROR_INVALID, "hexadecimal" },
  { "{\"a\\ud83c\\", 0, GV_FORMAT_ERROR_INVALID, "surrogate" },
  { "{\"a\":{\"shape\":[1", 0, GV_FORMAT_ERROR_INVALID, "“]” is expected" },
  { "{\"a\\u001b\\u202e\":" FIELDS ("F31", "[2]", "[0,8]") "}", 8, GV_FORMAT_ERROR_UNSUPPORTED,
    "“a\\x1b\\u202e”" },
};

/* A whole file: length, header, zeros. */
static GByteArray *
file_bytes (const char *header, size_t header_bytes, size_t data_bytes)
{
  GByteArray *bytes = g_byte_array_new ();
  guint64 length = GUINT64_TO_LE (header_bytes);
  guint offset;

  g_byte_array_append (bytes, (const guint8 *) &length, 8);
  g_byte_array_append (bytes, (const guint8 *) header, (guint) header_bytes);
  offset = bytes->len;
  g_byte_array_set_size (bytes, offset + (guint) data_bytes);
  memset (bytes->data + offset, 0, data_bytes);
  return bytes;
}

/* One line that names the file, with @words in it. */
static void
assert_refused (const GError *error, int code, const char *words)
{
  g_assert_error (error, GV_FORMAT_ERROR, code);
  if (!strstr (error->message, words) || !strstr (error->message, "x.safetensors") ||
      strchr (error->message, '\n') || strlen (error->message) > 700)
    g_error ("“%s” does not name the file and “%s” in one line", error->message, words);
}

static void
check_bytes (const guint8 *data, size_t size, int code, const char *words)
{
  /* Allocated to the byte, so that a sanitizer sees the first one read beyond. */
  g_autofree guint8 *copy = g_memdup2 (data, size);
  g_autoptr (GError) error = NULL;
  g_autoptr (GvSafetensors) file =
      gv_safetensors_new_from_bytes ("x.safetensors", copy, size, &error);

  if (words) {
    g_assert_null (file);
    assert_refused (error, code, words);
  } else
    g_assert_no_error (error);
}

static void
test_headers (void)
{
  for (size_t i = 0; i < G_N_ELEMENTS (headers); i++) {
    g_autoptr (GByteArray) bytes =
        file_bytes (headers[i].header, strlen (headers[i].header), headers[i].data_bytes);
    g_autofree char *shown = gv_dup_shown (headers[i].header);

    g_test_message ("%zu: %s", i, shown);
    check_bytes (bytes->data, bytes->len, headers[i].code, headers[i].words);
  }
}

/* Every file that stops early, and every bit of one that is turned over: refused or taken, never
 * worse. */
static void
test_damage (void)
{
  const char *header = "{\"__metadata__\":{\"k\":\"\\u00e9\"},\"a\":" GOOD "}";
  g_autoptr (GByteArray) bytes = file_bytes (header, strlen (header), 8);

  for (size_t size = 0; size < bytes->len; size++) {
    g_autofree guint8 *copy = g_memdup2 (bytes->data, size);
    g_autoptr (GError) error = NULL;

    g_assert_null (gv_safetensors_new_from_bytes ("x.safetensors", copy, size, &error));
    assert_refused (error, GV_FORMAT_ERROR_TRUNCATED, "");
  }
  for (size_t bit = 0; bit < 8 * (8 + strlen (header)); bit++) {
    g_autoptr (GError) error = NULL;
    g_autoptr (GvSafetensors) file = NULL;

    bytes->data[bit / 8] ^= 1 << bit % 8;
    file = gv_safetensors_new_from_bytes ("x.safetensors", bytes->data, bytes->len, &error);
    if (!file)
      assert_refused (error, error->code, "");
    bytes->data[bit / 8] ^= 1 << bit % 8;
  }
}

static void
test_starts (void)
{
  static const struct
  {
    const char *bytes;
    size_t size;
    int code;
    const char *words;
  } starts[] = {
    { "", 0, GV_FORMAT_ERROR_TRUNCATED, "too short" },
    { "\x02\0\0\0\0\0\0", 7, GV_FORMAT_ERROR_TRUNCATED, "too short" },
    { "\x02\0\0\0\0\0\0\0{", 9, GV_FORMAT_ERROR_TRUNCATED, "inside its header" },
    { "\0\0\0\0\0\0\0\0", 8, GV_FORMAT_ERROR_INVALID, "does not start" },
    { "\x01\xe1\xf5\x05\0\0\0\0{}", 10, GV_FORMAT_ERROR_LIMIT, "100000001" },
    { "\0\xe1\xf5\x05\0\0\0\0{}", 10, GV_FORMAT_ERROR_TRUNCATED, "inside its header" },
    { "\xff\xff\xff\xff\xff\xff\xff\xff{}", 10, GV_FORMAT_ERROR_LIMIT, "18446744073709551615" },
    { "version https://git-lfs.github.com/spec/v1\n", 43, GV_FORMAT_ERROR_UNSUPPORTED, "Git LFS" },
    { "<!DOCTYPE html>\n", 16, GV_FORMAT_ERROR_UNSUPPORTED, "web page" },
    { "PK\003\004\0\0\0\0\0\0", 10, GV_FORMAT_ERROR_UNSUPPORTED, "pickle" },
    { "\x80\x02}q\0X\x01\0\0\0", 10, GV_FORMAT_ERROR_UNSUPPORTED, "pickle" },
  };

  for (size_t i = 0; i < G_N_ELEMENTS (starts); i++)
    check_bytes ((const guint8 *) starts[i].bytes, starts[i].size, starts[i].code, starts[i].words);
}

/* A name of @size letters. */
static void
check_long_name (size_t size, int code, const char *words)
{
  g_autofree char *name = g_strnfill (size, 'n');
  g_autofree char *header = g_strdup_printf ("{\"%s\":" GOOD "}", name);
  g_autoptr (GByteArray) bytes = file_bytes (header, strlen (header), 8);

  check_bytes (bytes->data, bytes->len, code, words);
}

static void
test_long_names (void)
{
  check_long_name (1024, 0, NULL);
  check_long_name (1025, GV_FORMAT_ERROR_LIMIT, "longer than 1 KiB");
  check_long_name (1 << 20, GV_FORMAT_ERROR_LIMIT, "n…n");
}

static void
test_tensor (void)
{
  const char *header =
      "{\"__metadata__\":{\"format\":\"pt\",\"\\u00e9\":\"a\\nb\"},"
      "\"w.\\u00e9\":" FIELDS ("BF16", "[3,0,2]", "[4,4]") ",\"x\":" FIELDS ("F8_E8M0", "[2,2]",
                                                                             "[0,4]") "}";
  g_autoptr (GByteArray) bytes = file_bytes (header, strlen (header), 4);
  g_autoptr (GvSafetensors) file = NULL;
  g_autofree const char **keys = NULL;
  const GvSafetensor *tensor;
  char data[4];

  memcpy (bytes->data + bytes->len - 4, "abcd", 4);
  file = gv_safetensors_new_from_bytes ("f", bytes->data, bytes->len, NULL);
  g_assert_cmpuint (gv_safetensors_get_n (file), ==, 2);
  g_assert_cmpstr (gv_safetensors_get_path (file), ==, "f");
  tensor = gv_safetensors_find (file, "w.é");
  g_assert_true (tensor == gv_safetensors_get (file, 0));
  g_assert_true (tensor->known && tensor->dtype == GV_BF16);
  g_assert_cmpint (tensor->rank, ==, 3);
  g_assert_cmpint (tensor->shape[0], ==, 3);
  g_assert_cmpint (tensor->shape[1], ==, 0);
  g_assert_cmpint (tensor->shape[2], ==, 2);
  g_assert_cmpuint (tensor->n_elements, ==, 0);
  tensor = gv_safetensors_find (file, "x");
  g_assert_false (tensor->known);
  g_assert_cmpstr (tensor->dtype_name, ==, "F8_E8M0");
  g_assert_cmpuint (tensor->size_bytes, ==, 4);
  g_assert_true (gv_safetensors_read (file, tensor, 1, 3, data, NULL));
  g_assert_cmpmem (data, 3, "bcd", 3);
  g_assert_null (gv_safetensors_find (file, "y"));
  g_assert_null (gv_safetensors_find (file, ""));
  g_assert_cmpstr (gv_safetensors_get_metadata (file, "é"), ==, "a\nb");
  g_assert_null (gv_safetensors_get_metadata (file, "x"));
  keys = gv_safetensors_get_metadata_keys (file);
  g_assert_cmpstr (keys[0], ==, "format");
  g_assert_cmpstr (keys[1], ==, "é");
  g_assert_null (keys[2]);
}

static void
test_round_trip (void)
{
  char *folder = temp_folder ();
  g_autofree char *path = g_build_filename (folder, "x.safetensors", NULL);
  g_autofree char *link = g_build_filename (folder, "link", NULL);
  const float f[6] = { 1, 2, 3, 4, 5, -0.0f };
  const uint8_t u[3] = { 7, 8, 9 };
  const int64_t f_shape[] = { 2, 3 }, u_shape[] = { 3 }, none[] = { 0, 5 };
  const GvSafetensorsItem items[] = {
    { "u \"\\\n\x7fé", GV_U8, 1, u_shape, u },
    { "f", GV_F32, 2, f_shape, f },
    { "scalar", GV_U8, 0, NULL, u },
    { "none", GV_F16, 2, none, NULL },
  };
  g_autoptr (GError) error = NULL;
  g_autoptr (GvSafetensors) file = NULL;
  g_autofree char *first = NULL, *second = NULL;
  size_t first_size, second_size;
  uint64_t header_bytes;
  float read[6];

  g_assert_true (gv_safetensors_write (path, items, G_N_ELEMENTS (items), &error));
  g_assert_no_error (error);
  g_assert_true (g_file_get_contents (path, &first, &first_size, NULL));
  memcpy (&header_bytes, first, 8);
  g_assert_cmpuint (GUINT64_FROM_LE (header_bytes) % 8, ==, 0);
  g_assert_true (gv_safetensors_write (path, items, G_N_ELEMENTS (items), &error));
  g_assert_true (g_file_get_contents (path, &second, &second_size, NULL));
  g_assert_cmpmem (first, first_size, second, second_size);

  g_assert_no_errno (symlink ("x.safetensors", link));
  stutter = true;
  file = gv_safetensors_open (link, &error);
  g_assert_no_error (error);
  for (size_t i = 0; i < G_N_ELEMENTS (items); i++) {
    const GvSafetensor *tensor = gv_safetensors_get (file, i);

    g_assert_cmpstr (tensor->name, ==, items[i].name);
    g_assert_true (tensor->dtype == items[i].dtype && tensor->rank == items[i].rank);
    g_assert_cmpmem (tensor->shape, 8 * (size_t) tensor->rank, items[i].shape,
                     8 * (size_t) items[i].rank);
  }
  g_assert_true (gv_safetensors_read (file, gv_safetensors_find (file, "f"), 0, sizeof f, read,
                                      NULL));
  g_assert_cmpmem (read, sizeof read, f, sizeof f);

  stutter = false;

  /* The file shrinks while it is open. */
  g_assert_no_errno (truncate (path, (off_t) first_size - 2));
  g_assert_false (gv_safetensors_read (file, gv_safetensors_find (file, "f"), 0, sizeof f, read,
                                       &error));
  g_assert_error (error, GV_FORMAT_ERROR, GV_FORMAT_ERROR_TRUNCATED);
  g_assert_nonnull (strstr (error->message, "“f” of "));
  g_assert_nonnull (strstr (error->message, "link"));
  temp_remove (folder, 2);
}

static void
test_bad_items (void)
{
  char *folder = temp_folder ();
  g_autofree char *path = g_build_filename (folder, "x.safetensors", NULL);
  const int64_t one[] = { 1 }, negative[] = { -1 };
  const float f[1] = { 1 };
  const GvSafetensorsItem twice[] = { { "a", GV_F32, 1, one, f }, { "a", GV_F32, 1, one, f } };
  const GvSafetensorsItem named[] = { { "__metadata__", GV_F32, 1, one, f } };
  const GvSafetensorsItem shaped[] = { { "a", GV_F32, 1, negative, f } };
  g_autoptr (GError) error = NULL;

  g_assert_false (gv_safetensors_write (path, twice, 2, &error));
  assert_refused (error, GV_FORMAT_ERROR_INVALID, "“a” is there twice");
  g_clear_error (&error);
  g_assert_false (gv_safetensors_write (path, named, 1, &error));
  assert_refused (error, GV_FORMAT_ERROR_INVALID, "this name");
  g_clear_error (&error);
  g_assert_false (gv_safetensors_write (path, shaped, 1, &error));
  assert_refused (error, GV_FORMAT_ERROR_INVALID, "impossible shape");
  temp_remove (folder, 0);
}

static void
check_open (const char *path, int code, const char *words)
{
  g_autoptr (GError) error = NULL;

  g_assert_null (gv_safetensors_open (path, &error));
  assert_refused (error, code, words);
}

/* Nothing but regular files, and none of these may make the program wait. */
static void
test_other_files (void)
{
  char *folder = temp_folder ();
  g_autofree char *path = g_build_filename (folder, "x.safetensors", NULL);

  check_open (path, GV_FORMAT_ERROR_IO, "No such file");
  g_assert_no_errno (mkfifo (path, 0600));
  check_open (path, GV_FORMAT_ERROR_IO, "not a regular file");
  g_assert_no_errno (g_unlink (path));
  g_assert_no_errno (g_mkdir (path, 0700));
  check_open (path, GV_FORMAT_ERROR_IO, "not a regular file");
  g_assert_no_errno (g_rmdir (path));
  g_assert_no_errno (symlink ("/dev/zero", path));
  check_open (path, GV_FORMAT_ERROR_IO, "not a regular file");
  g_assert_no_errno (g_unlink (path));
  g_assert_no_errno (symlink ("nothing", path));
  check_open (path, GV_FORMAT_ERROR_IO, "No such file");
  g_assert_no_errno (g_unlink (path));
  g_assert_no_errno (symlink ("x.safetensors", path));
  check_open (path, GV_FORMAT_ERROR_IO, "symbolic links");
  temp_remove (folder, 1);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/safetensors/headers", test_headers);
  g_test_add_func ("/safetensors/damage", test_damage);
  g_test_add_func ("/safetensors/starts", test_starts);
  g_test_add_func ("/safetensors/long-names", test_long_names);
  g_test_add_func ("/safetensors/tensor", test_tensor);
  g_test_add_func ("/safetensors/round-trip", test_round_trip);
  g_test_add_func ("/safetensors/bad-items", test_bad_items);
  g_test_add_func ("/safetensors/other-files", test_other_files);
  return g_test_run ();
}
