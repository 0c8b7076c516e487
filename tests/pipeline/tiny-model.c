// SPDX-FileCopyrightText: Giverny contributors
// SPDX-License-Identifier: GPL-3.0-or-later
/* A small Stable Diffusion whose weights are a hash of their names. */
#include "tiny-model.h"

#include <gio/gio.h>
#include <glib/gstdio.h>
#include <math.h>
#include <yyjson.h>

#include "formats/safetensors.h"

enum { PART, NAME, SHAPE, SINGLE_NAME, SINGLE_SHAPE, MANTISSA, EXPONENT, OFFSET, N_COLUMNS };

typedef struct
{
  GArray *items;  /* GvSafetensorsItem           */
  GPtrArray *own; /* their names, shapes and data */
} Tensors;

static const char *const configs[] = {
  "model_index.json",         "scheduler/scheduler_config.json",
  "text_encoder/config.json", "tokenizer/merges.txt",
  "tokenizer/vocab.json",     "tokenizer/special_tokens_map.json",
  "unet/config.json",         "tokenizer/tokenizer_config.json",
  "vae/config.json",
};

static const struct
{
  const char *part, *file;
} parts[] = {
  { "text_encoder", "model.safetensors" },
  { "unet", "diffusion_pytorch_model.safetensors" },
  { "vae", "diffusion_pytorch_model.safetensors" },
};

/* @text with every @from as @to; frees @text. */
static char *
replaced (char *text, const char *from, const char *to)
{
  g_auto (GStrv) pieces = g_strsplit (text, from, -1);

  g_free (text);
  return g_strjoinv (to, pieces);
}

/* Settings */

/* Calls for each "KEY=VALUE" of @settings whose key starts with @where and ":". */
static void
each_setting (const char *settings,
              const char *where,
              void (*use) (const char *key, const char *value, gpointer data),
              gpointer data)
{
  g_auto (GStrv) list = g_strsplit (settings, ";", -1);
  g_autofree char *prefix = g_strconcat (where, ":", NULL);

  for (char **s = list; *s; s++) {
    g_auto (GStrv) pair = g_strsplit (*s, "=", 2);

    if (!g_str_has_prefix (*s, prefix))
      continue;
    g_assert_nonnull (pair[1]);
    use (pair[0] + strlen (prefix), pair[1], data);
  }
}

static void
set_field (const char *key, const char *value, gpointer data)
{
  yyjson_mut_doc *doc = data;
  yyjson_doc *parsed = yyjson_read (value, strlen (value), 0);
  yyjson_mut_val *name = yyjson_mut_strcpy (doc, key);

  g_assert_nonnull (parsed);
  yyjson_mut_obj_put (yyjson_mut_doc_get_root (doc), name,
                      yyjson_val_mut_copy (doc, yyjson_doc_get_root (parsed)));
  yyjson_doc_free (parsed);
}

/* Rows [count], moved on by n places, the last ones to the front. */
typedef struct
{
  const char *name;
  float *values;
  size_t n_rows, row;
} Rows;

static void
rotate_rows (const char *key, const char *value, gpointer data)
{
  Rows *rows = data;
  g_autofree char *suffix = g_strconcat (".", key, NULL);
  size_t by = g_ascii_strtoull (value, NULL, 10) % rows->n_rows, n = rows->n_rows * rows->row;
  g_autofree float *copy = NULL;

  if (!g_str_has_suffix (rows->name, suffix))
    return;
  copy = g_memdup2 (rows->values, n * sizeof *copy);
  for (size_t i = 0; i < n; i++)
    rows->values[(i + by * rows->row) % n] = copy[i];
}

/* Weights */

static uint32_t
hash_of_name (const char *part, const char *name)
{
  g_autofree char *whole = g_strconcat (part, "/", name, NULL);
  uint32_t h = 2166136261u;

  for (const char *c = whole; *c; c++)
    h = (h ^ (guchar) *c) * 16777619u;
  return h;
}

/* -15 … 15 */
static int
hash_of_element (uint32_t seed, size_t i)
{
  uint32_t h = seed + (uint32_t) i * 0x9E3779B9u;

  h ^= h >> 16;
  h *= 0x85EBCA6Bu;
  h ^= h >> 13;
  h *= 0xC2B2AE35u;
  h ^= h >> 16;
  return (int) ((h >> 8) % 31) - 15;
}

static float *
hashed_values (char **row, size_t n)
{
  uint32_t seed = hash_of_name (row[PART], row[NAME]);
  float scale = ldexpf ((float) atoi (row[MANTISSA]), atoi (row[EXPONENT]));
  float offset = (float) atoi (row[OFFSET]), *values = g_new (float, n);

  for (size_t i = 0; i < n; i++)
    values[i] = offset + (float) hash_of_element (seed, i) * scale;
  return values;
}

static void *
as_halves (const float *values, size_t n, uint16_t (*convert) (float value))
{
  uint16_t *out = g_new (uint16_t, n);

  for (size_t i = 0; i < n; i++)
    out[i] = convert (values[i]);
  return out;
}

static void *
as_dtype (float *values, size_t n, GvDtype dtype)
{
  void *out;

  if (dtype == GV_F32)
    return values;
  out = as_halves (values, n, dtype == GV_F16 ? gv_float_to_half : gv_float_to_bf16);
  g_free (values);
  return out;
}

static GvDtype
dtype_of (const char *name)
{
  g_autofree char *upper = g_ascii_strup (name, -1);
  GvDtype dtype;

  g_assert_true (gv_dtype_from_name (upper, &dtype));
  return dtype;
}

static Tensors
tensors_new (void)
{
  return (Tensors) { g_array_new (FALSE, FALSE, sizeof (GvSafetensorsItem)),
                     g_ptr_array_new_with_free_func (g_free) };
}

static void
tensors_write (Tensors *self, char *path)
{
  g_autoptr (GError) error = NULL;

  gv_safetensors_write (path, (GvSafetensorsItem *) self->items->data, self->items->len, &error);
  g_assert_no_error (error);
  g_array_unref (self->items);
  g_ptr_array_unref (self->own);
  g_free (path);
}

static void
tensors_add (Tensors *self,
             char **row,
             char *name,
             const char *shape,
             GvDtype dtype,
             const char *settings)
{
  g_auto (GStrv) dims = g_strsplit (shape, "x", -1);
  int rank = (int) g_strv_length (dims);
  int64_t *numbers = g_new (int64_t, rank);
  size_t n = 1;
  float *values;
  Rows rows;
  GvSafetensorsItem item;

  for (int i = 0; i < rank; i++) {
    numbers[i] = g_ascii_strtoll (dims[i], NULL, 10);
    n *= (size_t) numbers[i];
  }
  values = hashed_values (row, n);
  rows = (Rows) { row[NAME], values, (size_t) numbers[0], n / (size_t) numbers[0] };
  each_setting (settings, "rotate", rotate_rows, &rows);
  item = (GvSafetensorsItem) { name, dtype, rank, numbers, as_dtype (values, n, dtype) };
  g_array_append_val (self->items, item);
  g_ptr_array_add (self->own, name);
  g_ptr_array_add (self->own, numbers);
  g_ptr_array_add (self->own, (void *) item.data);
}

/* The name in a folder: today's, or what text encoders (transformers 5.6 on) and old VAEs are
 * stored with. */
static char *
folder_name (char **row, bool old)
{
  static const char *const vae[][2] = { { ".to_q.", ".query." },
                                        { ".to_k.", ".key." },
                                        { ".to_v.", ".value." },
                                        { ".to_out.0.", ".proj_attn." } };
  bool text = g_str_equal (row[PART], "text_encoder");
  char *name = g_strconcat (text && !old ? "text_model." : "", row[NAME], NULL);

  for (size_t i = 0; old && g_str_equal (row[PART], "vae") && i < G_N_ELEMENTS (vae); i++)
    name = replaced (name, vae[i][0], vae[i][1]);
  return name;
}

static char **
list_lines (void)
{
  g_autofree char *path =
      g_test_build_filename (G_TEST_DIST, "fixtures", "models", "sd-tiny.tsv", NULL);
  g_autofree char *text = NULL;
  g_autoptr (GError) error = NULL;

  g_file_get_contents (path, &text, NULL, &error);
  g_assert_no_error (error);
  return g_strsplit (text, "\n", -1);
}

/* Adds the tensors of @part, or of all parts if it is NULL, as in a single file. */
static void
add_tensors (Tensors *tensors, const char *part, bool old, GvDtype dtype, const char *settings)
{
  g_auto (GStrv) lines = list_lines ();

  for (char **line = lines + 1; *line && **line; line++) {
    g_auto (GStrv) row = g_strsplit (*line, "\t", -1);

    g_assert_cmpuint (g_strv_length (row), ==, N_COLUMNS);
    if (!part) {
      char *name = g_strdup (row[SINGLE_NAME]);

      if (old)
        name = replaced (name, ".text_model.", ".");
      tensors_add (tensors, row, name, row[SINGLE_SHAPE], dtype, settings);
    } else if (g_str_equal (part, row[PART])) {
      tensors_add (tensors, row, folder_name (row, old), row[SHAPE], dtype, settings);
    }
  }
}

/* Folders */

static void
write_config (const char *folder, const char *name, const char *settings)
{
  g_autofree char *from =
      g_test_build_filename (G_TEST_DIST, "fixtures", "models", "sd-tiny", name, NULL);
  g_autofree char *to = g_build_filename (folder, name, NULL);
  g_autofree char *parent = g_path_get_dirname (to), *text = NULL;
  g_autoptr (GError) error = NULL;

  g_assert_no_errno (g_mkdir_with_parents (parent, 0700));
  g_file_get_contents (from, &text, NULL, &error);
  g_assert_no_error (error);
  if (g_str_has_suffix (name, "config.json")) {
    yyjson_doc *doc = yyjson_read (text, strlen (text), 0);
    yyjson_mut_doc *copy = yyjson_doc_mut_copy (doc, NULL);

    each_setting (settings, name, set_field, copy);
    g_free (text);
    text = yyjson_mut_write (copy, YYJSON_WRITE_PRETTY, NULL);
    yyjson_mut_doc_free (copy);
    yyjson_doc_free (doc);
  }
  g_file_set_contents (to, text, -1, &error);
  g_assert_no_error (error);
}

char *
tiny_model_make (const char *folder, const char *layout, const char *dtype, const char *settings)
{
  static int n_made;
  bool old = g_str_has_suffix (layout, "-old"), single = g_str_has_prefix (layout, "single");
  g_autofree char *name = g_strdup_printf ("model-%d%s", n_made++, single ? ".safetensors" : "");
  char *path = g_build_filename (folder, name, NULL);

  if (single) {
    Tensors tensors = tensors_new ();

    add_tensors (&tensors, NULL, old, dtype_of (dtype), settings);
    tensors_write (&tensors, g_strdup (path));
    return path;
  }
  for (size_t i = 0; i < G_N_ELEMENTS (configs); i++)
    write_config (path, configs[i], settings);
  for (size_t i = 0; i < G_N_ELEMENTS (parts); i++) {
    Tensors tensors = tensors_new ();

    add_tensors (&tensors, parts[i].part, old, dtype_of (dtype), settings);
    tensors_write (&tensors, g_build_filename (path, parts[i].part, parts[i].file, NULL));
  }
  return path;
}

static void
remove_tree (const char *path)
{
  g_autoptr (GDir) dir = g_dir_open (path, 0, NULL);
  const char *name;

  while (dir && (name = g_dir_read_name (dir))) {
    g_autofree char *entry = g_build_filename (path, name, NULL);

    remove_tree (entry);
  }
  g_assert_no_errno (g_remove (path));
}

void
tiny_model_remove (char *folder)
{
  remove_tree (folder);
  g_free (folder);
}
