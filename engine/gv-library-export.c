// SPDX-FileCopyrightText: Giverny contributors
// SPDX-License-Identifier: GPL-3.0-or-later
/* Copies of pictures, with tables in CSV (RFC 4180) and JSON. */
#include "gv-library-export.h"

#include "base/errors.h"
#include "base/i18n.h"
#include "base/names.h"
#include "formats/atomic-file.h"
#include "formats/file.h"
#include "library/item.h"

#include <math.h>
#include <string.h>
#include <yyjson.h>

#define MAX_PICTURE_BYTES ((size_t) 2 << 30)

typedef struct
{
  GPtrArray *items; /* (owned) */
  char *folder;
  GString *csv;
  yyjson_mut_doc *json;
} Export;

static void
export_free (gpointer data)
{
  Export *self = data;

  g_ptr_array_unref (self->items);
  g_free (self->folder);
  g_string_free (self->csv, TRUE);
  yyjson_mut_doc_free (self->json);
  g_free (self);
}

static bool
write_file (const char *path, const void *data, size_t size, GError **error)
{
  g_autoptr (GvAtomicFile) file = gv_atomic_file_new (path, error);

  return file && gv_atomic_file_write (file, data, size, error) &&
         gv_atomic_file_commit (file, error);
}

/* Returns: (transfer full) (nullable): the copy's name */
static char *
copy_picture (const Export *self, GvLibraryItem *item, GError **error)
{
  size_t size;
  g_autofree char *bytes =
      gv_read_small_file (gv_library_item_get_path (item), MAX_PICTURE_BYTES, &size, error);
  g_autofree char *wanted = g_build_filename (self->folder, gv_library_item_get_file (item), NULL);
  g_autofree char *path = NULL;

  if (!bytes)
    return NULL;
  path = gv_name_unused (wanted);
  return write_file (path, bytes, size, error) ? g_path_get_basename (path) : NULL;
}

static void
add_cell (GString *csv, const char *text)
{
  if (csv->len > 0 && csv->str[csv->len - 1] != '\n')
    g_string_append_c (csv, ',');
  if (!strpbrk (text, ",\"\r\n")) {
    g_string_append (csv, text);
    return;
  }
  g_string_append_c (csv, '"');
  for (const char *c = text; *c; c++) {
    if (*c == '"')
      g_string_append_c (csv, '"');
    g_string_append_c (csv, *c);
  }
  g_string_append_c (csv, '"');
}

static void
add_text (Export *self, yyjson_mut_val *object, const char *name, const char *text)
{
  add_cell (self->csv, text);
  yyjson_mut_obj_add_strcpy (self->json, object, name, text);
}

static void
add_integer (Export *self, yyjson_mut_val *object, const char *name, guint64 number)
{
  g_autofree char *text = g_strdup_printf ("%" G_GUINT64_FORMAT, number);

  add_cell (self->csv, text);
  yyjson_mut_obj_add_uint (self->json, object, name, number);
}

/* Empty, and null, where there is none. */
static void
add_real (Export *self, yyjson_mut_val *object, const char *name, double number)
{
  char text[G_ASCII_DTOSTR_BUF_SIZE];

  add_cell (self->csv,
            isfinite (number) ? g_ascii_formatd (text, sizeof text, "%.6g", number) : "");
  if (isfinite (number))
    yyjson_mut_obj_add_real (self->json, object, name, number);
  else
    yyjson_mut_obj_add_null (self->json, object, name);
}

static void
add_row (Export *self, GvLibraryItem *item, const char *file)
{
  yyjson_mut_val *object =
      yyjson_mut_arr_add_obj (self->json, yyjson_mut_doc_get_root (self->json));
  GvLibraryScores scores = gv_library_item_get_scores (item);
  g_autofree char *tags = g_strdelimit (g_strdup (gv_library_item_get_tags (item)), "\n", ';');
  g_autofree char *loras = g_strdelimit (g_strdup (gv_library_item_get_loras (item)), "\n", ';');

  add_text (self, object, "file", file);
  add_text (self, object, "prompt", gv_library_item_get_prompt (item));
  add_text (self, object, "negative", gv_library_item_get_negative (item));
  add_text (self, object, "model", gv_library_item_get_model (item));
  add_text (self, object, "loras", loras);
  add_integer (self, object, "width", (guint64) gv_library_item_get_width (item));
  add_integer (self, object, "height", (guint64) gv_library_item_get_height (item));
  add_integer (self, object, "steps", (guint64) gv_library_item_get_steps (item));
  add_real (self, object, "cfg", gv_library_item_get_cfg (item));
  add_text (self, object, "sampler", gv_library_item_get_sampler (item));
  add_text (self, object, "schedule", gv_library_item_get_schedule (item));
  add_integer (self, object, "seed", gv_library_item_get_seed (item));
  add_integer (self, object, "stars", (guint64) gv_library_item_get_stars (item));
  add_text (self, object, "tags", tags);
  add_real (self, object, "clip", scores.clip);
  add_real (self, object, "blip2", scores.blip2);
  add_real (self, object, "lpips", scores.lpips);
  add_real (self, object, "total", scores.total);
  g_string_append_c (self->csv, '\n');
}

static bool
write_table (const Export *self, const char *name, const char *text, GError **error)
{
  g_autofree char *wanted = g_build_filename (self->folder, name, NULL);
  g_autofree char *path = NULL;

  for (int i = 1; !path || g_file_test (path, G_FILE_TEST_EXISTS); i++) {
    g_free (path);
    path = i == 1 ? g_strdup (wanted)
                  : g_strdup_printf ("%.*s-%d%s", (int) (strrchr (wanted, '.') - wanted), wanted, i,
                                     strrchr (wanted, '.'));
  }
  return write_file (path, text, strlen (text), error);
}

static bool
write_tables (const Export *self, GError **error)
{
  g_autofree char *json =
      yyjson_mut_write (self->json, YYJSON_WRITE_PRETTY | YYJSON_WRITE_NEWLINE_AT_END, NULL);

  return write_table (self, "pictures.csv", self->csv->str, error) &&
         write_table (self, "pictures.json", json, error);
}

static void
run (GTask *task, gpointer unused, gpointer data, GCancellable *cancellable)
{
  Export *self = data;
  GError *error = NULL;

  for (guint i = 0; i < self->items->len; i++) {
    g_autofree char *file = NULL;

    if (g_task_return_error_if_cancelled (task))
      return;
    file = copy_picture (self, self->items->pdata[i], &error);
    if (!file)
      break;
    add_row (self, self->items->pdata[i], file);
  }
  if (!error && write_tables (self, &error))
    g_task_return_boolean (task, TRUE);
  else
    g_task_return_error (task, error);
}

void
gv_library_export_async (GPtrArray *items,
                         const char *folder,
                         GCancellable *cancellable,
                         GAsyncReadyCallback callback,
                         gpointer data)
{
  g_autoptr (GTask) task = g_task_new (NULL, cancellable, callback, data);
  Export *self = g_new0 (Export, 1);

  self->items = g_ptr_array_new_full (items->len, g_object_unref);
  for (guint i = 0; i < items->len; i++)
    g_ptr_array_add (self->items, gv_library_item_copy (items->pdata[i]));
  self->folder = g_strdup (folder);
  self->csv =
      g_string_new ("file,prompt,negative,model,loras,width,height,steps,cfg,sampler,schedule,"
                    "seed,stars,tags,clip,blip2,lpips,total\n");
  self->json = yyjson_mut_doc_new (NULL);
  yyjson_mut_doc_set_root (self->json, yyjson_mut_arr (self->json));
  g_task_set_task_data (task, self, export_free);
  g_task_run_in_thread (task, run);
}

bool
gv_library_export_finish (GAsyncResult *result, GError **error)
{
  return g_task_propagate_boolean (G_TASK (result), error);
}
