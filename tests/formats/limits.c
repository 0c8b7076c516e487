// SPDX-FileCopyrightText: Giverny contributors
// SPDX-License-Identifier: GPL-3.0-or-later
/* The largest headers that are accepted, and the worst: how long they take, and how much memory. */
#include <string.h>
#include <time.h>

#include "base/errors.h"
#include "formats/json.h"
#include "formats/safetensors.h"
#include "heap.h"

#define MAX_HEADER 100000000
#define MANY_BYTES ((size_t) 16 << 20)

/* Sanitizers make everything slower; the machine may be busy, but processor time does not count
 * that. */
#ifdef HEAP_SANITIZED
#define SLOWER 10
#else
#define SLOWER 1
#endif

static double
processor_time (void)
{
  struct timespec time;

  clock_gettime (CLOCK_PROCESS_CPUTIME_ID, &time);
  return (double) time.tv_sec + 1e-9 * (double) time.tv_nsec;
}

typedef void (*Fill) (GString *header);

static void
fill_repeating (GString *header, const char *start, char c, const char *end)
{
  size_t n = MAX_HEADER - strlen (start) - strlen (end);

  g_string_append (header, start);
  g_string_set_size (header, strlen (start) + n);
  memset (header->str + strlen (start), c, n);
  g_string_append (header, end);
}

static void
fill_spaces (GString *header)
{
  fill_repeating (header, "{", ' ', "}");
}

static void
fill_lists (GString *header)
{
  fill_repeating (header, "{\"a\":", '[', "}");
}

static void
fill_objects (GString *header)
{
  fill_repeating (header, "{\"a\":", '{', "}");
}

static void
fill_digits (GString *header)
{
  fill_repeating (header, "{\"a\":{\"shape\":[", '0', "]}}");
}

static void
fill_name (GString *header)
{
  fill_repeating (header, "{\"", 'n', "\":{}}");
}

static void
fill_braces_in_text (GString *header)
{
  fill_repeating (header, "{\"__metadata__\":{\"a\":\"", '{', "\"}}");
}

static void
fill_escapes (GString *header)
{
  g_string_append (header, "{\"__metadata__\":{\"a\":\"");
  while (header->len < MAX_HEADER - 20)
    g_string_append (header, "\\ud83c\\udf3b");
  g_string_append (header, "\"}}");
}

static void
fill_keys (GString *header)
{
  g_string_append (header, "{\"__metadata__\":{\"x\":\"\"");
  for (int i = 0; i < (1 << 20) - 1; i++)
    g_string_append_printf (header, ",\"%x\":\"\"", i);
  g_string_append (header, "}}");
}

/* As many tensors as are accepted, backwards, so that they have to be sorted. */
static void
fill_tensors (GString *header)
{
  g_string_append_c (header, '{');
  for (int i = (1 << 20) - 1; i >= 0; i--)
    g_string_append_printf (header,
                            "\"%x\":{\"dtype\":\"U8\",\"shape\":[],\"data_offsets\":[%d,%d]}%c", i,
                            i, i + 1, i > 0 ? ',' : '}');
}

static void
fill_too_many_tensors (GString *header)
{
  g_string_append_c (header, '{');
  for (int i = 1 << 20; i >= 0; i--)
    g_string_append_printf (header,
                            "\"%x\":{\"dtype\":\"U8\",\"shape\":[0],\"data_offsets\":[0,0]}%c", i,
                            i > 0 ? ',' : '}');
}

/* What a checkpoint of 12 GB has. */
static void
fill_checkpoint (GString *header)
{
  g_string_append_c (header, '{');
  for (size_t i = 0; i < 2000; i++)
    g_string_append_printf (header,
                            "\"model.diffusion_model.input_blocks.%zu.1.transformer_blocks.0.attn2"
                            ".to_out.0.weight\":{\"dtype\":\"F16\",\"shape\":[1000,3000],"
                            "\"data_offsets\":[%zu,%zu]}%c",
                            i, i * 6000000, (i + 1) * 6000000, i < 1999 ? ',' : '}');
}

static const struct
{
  const char *name;
  Fill fill;
  size_t data_bytes;
  bool taken;
  double seconds;
} rows[] = {
  { "checkpoint", fill_checkpoint, 0, false, 0.02 },
  { "spaces", fill_spaces, 0, true, 2 },
  { "lists", fill_lists, 0, false, 2 },
  { "objects", fill_objects, 0, false, 2 },
  { "digits", fill_digits, 0, false, 2 },
  { "name", fill_name, 0, false, 2 },
  { "braces in a text", fill_braces_in_text, 0, true, 2 },
  { "escapes", fill_escapes, 0, true, 3 },
  { "metadata keys", fill_keys, 0, true, 3 },
  { "tensors", fill_tensors, 1 << 20, true, 3 },
  { "too many tensors", fill_too_many_tensors, 0, false, 3 },
};

/* The checkpoint's data are not there, which is seen last. */
static void
test_headers (void)
{
  for (size_t i = 0; i < G_N_ELEMENTS (rows); i++) {
    g_autoptr (GString) bytes = g_string_new ("01234567");
    g_autoptr (GString) header = g_string_sized_new (MAX_HEADER + 100);
    g_autoptr (GvSafetensors) file = NULL;
    g_autoptr (GError) error = NULL;
    uint64_t length;
    size_t before;
    double start;

    rows[i].fill (header);
    g_assert_cmpuint (header->len, <=, MAX_HEADER);
    length = GUINT64_TO_LE (header->len);
    memcpy (bytes->str, &length, 8);
    g_string_append_len (bytes, header->str, (gssize) header->len);
    g_string_set_size (bytes, bytes->len + rows[i].data_bytes);
    before = heap_live ();
    heap_peak ();
    start = processor_time ();
    file = gv_safetensors_new_from_bytes ("x", bytes->str, bytes->len, &error);
    start = processor_time () - start;
    before = heap_peak () - before;
    g_test_message ("%s: %zu bytes, %.3f s, %.2f times the memory; %s", rows[i].name, bytes->len,
                    start, (double) before / (double) bytes->len, error ? error->message : "taken");
    g_assert_true (rows[i].taken == (file != NULL));
    g_assert_cmpfloat (start, <, SLOWER * rows[i].seconds);
    g_assert_cmpuint (before, <=, 4 * bytes->len + MANY_BYTES);
  }
}

static void
fill_values (GString *text)
{
  g_string_append (text, "[0");
  while (text->len < 3000000)
    g_string_append (text, ",0");
  g_string_append_c (text, ']');
}

static void
fill_many_values (GString *text)
{
  g_string_append (text, "[0");
  while (text->len < 20000000)
    g_string_append (text, ",0");
  g_string_append_c (text, ']');
}

static void
fill_keys_of_json (GString *text)
{
  g_string_append (text, "{\"a\":0");
  for (int i = 0; i < 400000; i++)
    g_string_append_printf (text, ",\"a word of some length %x\":0", i);
  g_string_append_c (text, '}');
}

static void
test_json (void)
{
  static const struct
  {
    const char *name;
    Fill fill;
    bool taken;
  } json_rows[] = {
    { "lists", fill_lists, false },      { "objects", fill_objects, false },
    { "values", fill_values, false },    { "many values", fill_many_values, false },
    { "keys", fill_keys_of_json, true },
  };

  for (size_t i = 0; i < G_N_ELEMENTS (json_rows); i++) {
    g_autoptr (GString) text = g_string_new (NULL);
    g_autoptr (GvJson) json = NULL;
    size_t before;
    double start;

    json_rows[i].fill (text);
    before = heap_live ();
    heap_peak ();
    start = processor_time ();
    json = gv_json_new_from_bytes ("x", text->str, text->len, GV_JSON_UNIQUE_KEYS, NULL);
    start = processor_time () - start;
    before = heap_peak () - before;
    g_test_message ("%s: %zu bytes, %.3f s, %.2f times the memory", json_rows[i].name, text->len,
                    start, (double) before / (double) text->len);
    g_assert_true (json_rows[i].taken == (json != NULL));
    g_assert_cmpfloat (start, <, SLOWER);
    g_assert_cmpuint (before, <=, 4 * text->len + MANY_BYTES);
  }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  heap_count ();
  g_test_add_func ("/limits/safetensors", test_headers);
  g_test_add_func ("/limits/json", test_json);
  return g_test_run ();
}
