// SPDX-FileCopyrightText: Giverny contributors
// SPDX-License-Identifier: GPL-3.0-or-later
/* What people note about pictures:
 * {"giverny-marks":1,"stars":4,"tags":["sea"],"scores":{"clip":0.41}} */
#include "library/entry.h"

#include "base/errors.h"
#include "base/i18n.h"
#include "formats/atomic-file.h"
#include "formats/file.h"
#include "formats/json.h"

#include <errno.h>
#include <glib/gstdio.h>
#include <math.h>
#include <string.h>

#define VERSION 1
#define MAX_BYTES ((size_t) 1 << 20)

static const char *const score_names[GV_MARK_N_SCORES] = { "clip", "blip2", "lpips", "total" };

void
gv_marks_init (GvMarks *self)
{
  self->stars = 0;
  self->tags = g_ptr_array_new_with_free_func (g_free);
  for (int i = 0; i < GV_MARK_N_SCORES; i++)
    self->scores[i] = NAN;
}

void
gv_marks_clear (GvMarks *self)
{
  g_clear_pointer (&self->tags, g_ptr_array_unref);
}

char *
gv_marks_clean_tag (const char *tag)
{
  g_autofree char *normal = g_utf8_normalize (tag, -1, G_NORMALIZE_NFC);
  char *c = normal;

  if (!normal)
    return NULL;
  for (; *c; c++)
    if ((unsigned char) *c < 0x20)
      *c = ' ';
  g_strstrip (normal);
  if (!*normal || strlen (normal) > GV_MARKS_MAX_TAG_BYTES)
    return NULL;
  return g_steal_pointer (&normal);
}

static int
compare_tags (gconstpointer a, gconstpointer b)
{
  return strcmp (*(const char *const *) a, *(const char *const *) b);
}

bool
gv_marks_add_tag (GvMarks *self, const char *tag)
{
  g_autofree char *clean = gv_marks_clean_tag (tag);

  if (!clean || self->tags->len >= GV_MARKS_MAX_TAGS ||
      g_ptr_array_find_with_equal_func (self->tags, clean, g_str_equal, NULL))
    return false;
  g_ptr_array_add (self->tags, g_steal_pointer (&clean));
  g_ptr_array_sort (self->tags, compare_tags);
  return true;
}

bool
gv_marks_remove_tag (GvMarks *self, const char *tag)
{
  guint i;

  if (!g_ptr_array_find_with_equal_func (self->tags, tag, g_str_equal, &i))
    return false;
  g_ptr_array_remove_index (self->tags, i);
  return true;
}

/* JSON */

static void
put_scores (yyjson_mut_doc *doc, yyjson_mut_val *root, const GvMarks *self)
{
  yyjson_mut_val *scores = yyjson_mut_obj (doc);

  for (int i = 0; i < GV_MARK_N_SCORES; i++)
    if (isfinite (self->scores[i]))
      yyjson_mut_obj_add_real (doc, scores, score_names[i], self->scores[i]);
  if (yyjson_mut_obj_size (scores) > 0)
    yyjson_mut_obj_add_val (doc, root, "scores", scores);
}

char *
gv_marks_to_json (const GvMarks *self)
{
  yyjson_mut_doc *doc = yyjson_mut_doc_new (NULL);
  yyjson_mut_val *root = yyjson_mut_obj (doc), *tags = yyjson_mut_arr (doc);
  char *json;

  yyjson_mut_doc_set_root (doc, root);
  yyjson_mut_obj_add_int (doc, root, "giverny-marks", VERSION);
  yyjson_mut_obj_add_int (doc, root, "stars", self->stars);
  yyjson_mut_obj_add_val (doc, root, "tags", tags);
  for (guint i = 0; i < self->tags->len; i++)
    yyjson_mut_arr_add_str (doc, tags, self->tags->pdata[i]);
  put_scores (doc, root, self);
  json = yyjson_mut_write (doc, YYJSON_WRITE_NOFLAG, NULL);
  g_assert (json);
  yyjson_mut_doc_free (doc);
  return json; /* from malloc(), which is what g_free() frees */
}

static bool
read_scores (GvMarks *self, const GvJsonNode *root, GError **error)
{
  GvJsonNode scores = { 0 };

  if (!gv_json_get_object (root, "scores", &scores, error))
    return false;
  for (int i = 0; scores.value && i < GV_MARK_N_SCORES; i++)
    if (!gv_json_get_double (&scores, score_names[i], &self->scores[i], error))
      return false;
  return true;
}

bool
gv_marks_from_json (GvMarks *self, const char *name, const char *json, size_t size, GError **error)
{
  g_autoptr (GvJson) document =
      gv_json_new_from_bytes (name, json, size, GV_JSON_UNIQUE_KEYS, error);
  const char *tags[GV_MARKS_MAX_TAGS];
  size_t n_tags = 0;
  int version = VERSION;
  GvJsonNode root;

  if (!document || !gv_json_root_object (document, &root, error) ||
      !gv_json_require (&root, "giverny-marks", error) ||
      !gv_json_get_int (&root, "giverny-marks", VERSION, VERSION, &version, error) ||
      !gv_json_get_int (&root, "stars", 0, GV_MARKS_MAX_STARS, &self->stars, error) ||
      !gv_json_get_strings (&root, "tags", tags, GV_MARKS_MAX_TAGS, &n_tags, error) ||
      !read_scores (self, &root, error))
    return false;
  for (size_t i = 0; i < n_tags; i++)
    gv_marks_add_tag (self, tags[i]);
  return true;
}

/* Files */

char *
gv_marks_path (const char *folder, const char *file)
{
  g_autofree char *name = g_strdup_printf ("%.*sjson", (int) strlen (file) - 3, file);

  return g_build_filename (folder, ".giverny", "marks", name, NULL);
}

bool
gv_marks_load (GvMarks *self, const char *folder, const char *file, GError **error)
{
  g_autofree char *path = gv_marks_path (folder, file), *json = NULL;
  GStatBuf info;
  size_t size;

  if (g_stat (path, &info) < 0 && errno == ENOENT)
    return true;
  json = gv_read_small_file (path, MAX_BYTES, &size, error);
  return json && gv_marks_from_json (self, path, json, size, error);
}

bool
gv_marks_save (const GvMarks *self, const char *folder, const char *file, GError **error)
{
  g_autofree char *path = gv_marks_path (folder, file), *json = gv_marks_to_json (self);
  g_autofree char *marks_folder = g_path_get_dirname (path);
  g_autoptr (GvAtomicFile) out = NULL;

  if (g_mkdir_with_parents (marks_folder, 0755) < 0) {
    g_autofree char *shown = gv_dup_shown (marks_folder);

    g_set_error (error, GV_FORMAT_ERROR, GV_FORMAT_ERROR_IO,
                 _("The folder “%s” can't be made: %s"), shown, g_strerror (errno));
    return false;
  }
  out = gv_atomic_file_new (path, error);
  return out && gv_atomic_file_write (out, json, strlen (json), error) &&
         gv_atomic_file_commit (out, error);
}
