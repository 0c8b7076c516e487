// SPDX-FileCopyrightText: Giverny contributors
// SPDX-License-Identifier: GPL-3.0-or-later
/* Opening safetensors files and reading tensors. */
#include <inttypes.h>
#include <string.h>
#include <unistd.h>

#include "base/errors.h"
#include "base/i18n.h"
#include "formats/file.h"
#include "formats/safetensors-private.h"
#include "formats/span.h"

#define MAX_HEADER_BYTES ((uint64_t) 100000000)

static int
compare_offsets (const void *a, const void *b, void *data)
{
  const GvSafetensor *tensors = data;
  const GvSafetensor *x = tensors + *(const uint32_t *) a, *y = tensors + *(const uint32_t *) b;

  if (x->begin != y->begin)
    return x->begin < y->begin ? -1 : 1;
  return (x->size_bytes > y->size_bytes) - (x->size_bytes < y->size_bytes);
}

/* Each tensor must begin where the one before it ends, and the last end with the file. */
static bool
check_coverage (GvSafetensors *self, GError **error)
{
  g_autofree uint32_t *order = g_try_new (uint32_t, MAX (self->n_tensors, 1));
  size_t end = 0;

  if (!order)
    return gv_safetensors_fail_memory (self, error);
  for (uint32_t i = 0; i < self->n_tensors; i++)
    order[i] = i;
  qsort_r (order, self->n_tensors, sizeof *order, compare_offsets, self->tensors);
  for (size_t i = 0; i < self->n_tensors; i++) {
    const GvSafetensor *tensor = self->tensors + order[i];

    if (tensor->begin < end)
      return gv_safetensors_fail (self, tensor->name, GV_FORMAT_ERROR_INVALID,
                                  _("lies over another one"), error);
    if (tensor->begin > end)
      return gv_safetensors_fail (self, tensor->name, GV_FORMAT_ERROR_INVALID,
                                  _("leaves a hole before it in the file"), error);
    end += tensor->size_bytes;
    if (end > self->data_bytes) {
      g_autofree char *sentence =
          g_strdup_printf (_("goes %zu bytes past the file's end; it may be an incomplete copy"),
                             end - self->data_bytes);

      return gv_safetensors_fail (self, tensor->name, GV_FORMAT_ERROR_TRUNCATED, sentence, error);
    }
  }
  if (end == self->data_bytes)
    return true;
  g_set_error (error, GV_FORMAT_ERROR, GV_FORMAT_ERROR_INVALID,
               _("%s: %zu bytes follow the last tensor, where nothing may be"), self->shown,
                 self->data_bytes - end);
  return false;
}

static bool
index_names (GvSafetensors *self, GError **error)
{
  const char *twice;

  if (!gv_name_table_init (&self->tensor_names, self->tensors, sizeof *self->tensors,
                           self->n_tensors, &twice))
    return twice
        ? gv_safetensors_fail (self, twice, GV_FORMAT_ERROR_INVALID, _("is there twice"), error)
                               : gv_safetensors_fail_memory (self, error);
  if (!gv_name_table_init (&self->metadata_names, self->metadata, sizeof *self->metadata,
                           self->n_metadata, &twice)) {
    g_autofree char *shown = NULL;

    if (!twice)
      return gv_safetensors_fail_memory (self, error);
    shown = gv_dup_shown (twice);
    g_set_error (error, GV_FORMAT_ERROR, GV_FORMAT_ERROR_INVALID,
                 _("%s: “__metadata__” has “%s” twice"), self->shown, shown);
    return false;
  }
  return true;
}

/* What often lies under the name of a safetensors file. */
static const char *
recognise (const uint8_t *start, size_t size)
{
  static const struct
  {
    const char *magic, *sentence;
  } others[] = {
    { "version ", N_ ("is only a Git LFS pointer; the model itself still has to be fetched") },
    { "<!DOCTYP", N_ ("is a web page, not a model; the download went wrong") },
    { "<!doctyp", N_ ("is a web page, not a model; the download went wrong") },
    { "\x80\x02}q", N_ ("is a pickle file under another name; convert it to safetensors") },
    { "\x80\x02\x8a\n", N_ ("is a pickle file under another name; convert it to safetensors") },
    { "PK\003\004", N_ ("is a zip or pickle file under another name; convert it to safetensors") },
  };

  for (size_t i = 0; i < G_N_ELEMENTS (others); i++)
    if (size >= strlen (others[i].magic) &&
        memcmp (start, others[i].magic, strlen (others[i].magic)) == 0)
      return _(others[i].sentence);
  return NULL;
}

/* Checks the first nine bytes, which is all that is looked at before memory is asked for. */
static bool
check_start (GvSafetensors *self,
             GvSpan start,
             size_t file_bytes,
             size_t *header_bytes,
             GError **error)
{
  const char *other = recognise (start.p, start.left);
  uint64_t length;
  uint8_t brace;

  if (other)
    g_set_error (error, GV_FORMAT_ERROR, GV_FORMAT_ERROR_UNSUPPORTED, "%s: %s", self->shown, other);
  else if (!gv_span_u64 (&start, &length))
    g_set_error (error, GV_FORMAT_ERROR, GV_FORMAT_ERROR_TRUNCATED,
                 _("%s: is too short for a safetensors file"), self->shown);
  else if (length > MAX_HEADER_BYTES)
    g_set_error (error, GV_FORMAT_ERROR, GV_FORMAT_ERROR_LIMIT,
                 _("%s: is no safetensors file: its header would have %" PRIu64 " bytes"),
                   self->shown, length);
  else if (length > file_bytes - 8)
    g_set_error (error, GV_FORMAT_ERROR, GV_FORMAT_ERROR_TRUNCATED,
                 _("%s: ends inside its header; it may be an incomplete copy"), self->shown);
  else if (length < 2 || !gv_span_u8 (&start, &brace) || brace != '{')
    g_set_error (error, GV_FORMAT_ERROR, GV_FORMAT_ERROR_INVALID,
                 _("%s: is no safetensors file: its header does not start with “{”"), self->shown);
  else {
    *header_bytes = (size_t) length;
    return true;
  }
  return false;
}

static GvSafetensors *
safetensors_new (const char *path)
{
  GvSafetensors *self = g_new0 (GvSafetensors, 1);

  self->path = g_strdup (path);
  self->shown = gv_dup_shown (path);
  self->fd = -1;
  return self;
}

/* Reads bytes of the whole file. */
static bool
read_file (GvSafetensors *self, size_t offset, size_t size, void *dst, GError **error)
{
  return gv_pread (self->fd, offset, size, dst, self->shown, error);
}

/* Takes @header_bytes bytes of @header, or of the file where that is NULL, and believes none of
 * them. */
static bool
load_header (GvSafetensors *self,
             const uint8_t *header,
             size_t header_bytes,
             size_t file_bytes,
             GError **error)
{
  self->data_begin = 8 + header_bytes;
  self->data_bytes = file_bytes - self->data_begin;
  self->header = g_try_malloc (header_bytes);
  if (!self->header)
    return gv_safetensors_fail_memory (self, error);
  if (header)
    memcpy (self->header, header, header_bytes);
  else if (!read_file (self, 8, header_bytes, self->header, error))
    return false;
  return gv_safetensors_parse_header (self, header_bytes, error) && index_names (self, error) &&
         check_coverage (self, error);
}

GvSafetensors *
gv_safetensors_open (const char *path, GError **error)
{
  g_autoptr (GvSafetensors) self = safetensors_new (path);
  size_t file_bytes, header_bytes;
  uint8_t start[9];
  size_t n_start;

  self->fd = gv_open_regular (path, &file_bytes, error);
  if (self->fd < 0)
    return NULL;
  n_start = MIN (file_bytes, sizeof start);
  if (!read_file (self, 0, n_start, start, error) ||
      !check_start (self, (GvSpan) { start, n_start }, file_bytes, &header_bytes, error) ||
      !load_header (self, NULL, header_bytes, file_bytes, error))
    return NULL;
  return g_steal_pointer (&self);
}

GvSafetensors *
gv_safetensors_new_from_bytes (const char *name, const void *data, size_t size, GError **error)
{
  g_autoptr (GvSafetensors) self = safetensors_new (name);
  const uint8_t *bytes = data;
  size_t header_bytes;

  if (!check_start (self, (GvSpan) { bytes, MIN (size, 9) }, size, &header_bytes, error) ||
      !load_header (self, bytes + 8, header_bytes, size, error))
    return NULL;
  self->data = bytes + self->data_begin;
  return g_steal_pointer (&self);
}

void
gv_safetensors_free (GvSafetensors *self)
{
  if (self->fd >= 0)
    close (self->fd);
  g_free (self->path);
  g_free (self->shown);
  g_free (self->header);
  g_free (self->tensors);
  g_free (self->metadata);
  gv_name_table_clear (&self->tensor_names);
  gv_name_table_clear (&self->metadata_names);
  g_free (self);
}

const char *
gv_safetensors_get_path (GvSafetensors *self)
{
  return self->path;
}

size_t
gv_safetensors_get_n (GvSafetensors *self)
{
  return self->n_tensors;
}

const GvSafetensor *
gv_safetensors_get (GvSafetensors *self, size_t i)
{
  g_return_val_if_fail (i < self->n_tensors, NULL);
  return self->tensors + i;
}

const GvSafetensor *
gv_safetensors_find (GvSafetensors *self, const char *name)
{
  size_t row;

  return gv_name_table_find (&self->tensor_names, name, &row) ? self->tensors + row : NULL;
}

const char *
gv_safetensors_get_metadata (GvSafetensors *self, const char *key)
{
  size_t row;

  return gv_name_table_find (&self->metadata_names, key, &row) ? self->metadata[row].value : NULL;
}

const char **
gv_safetensors_get_metadata_keys (GvSafetensors *self)
{
  const char **keys = g_new0 (const char *, self->n_metadata + 1);

  for (size_t i = 0; i < self->n_metadata; i++)
    keys[i] = self->metadata[i].key;
  return keys;
}

bool
gv_safetensors_read (GvSafetensors *self,
                     const GvSafetensor *tensor,
                     size_t offset,
                     size_t size,
                     void *dst,
                     GError **error)
{
  g_autofree char *shown = NULL;

  g_return_val_if_fail (offset <= tensor->size_bytes && size <= tensor->size_bytes - offset, false);
  if (self->data) {
    if (size > 0)
      memcpy (dst, self->data + tensor->begin + offset, size);
    return true;
  }
  if (read_file (self, self->data_begin + tensor->begin + offset, size, dst, error))
    return true;
  shown = gv_dup_shown (tensor->name);
  g_prefix_error (error, _("“%s” of "), shown);
  return false;
}
