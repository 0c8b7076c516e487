// SPDX-FileCopyrightText: Giverny contributors
// SPDX-License-Identifier: GPL-3.0-or-later
/* Writing safetensors. */
#include "formats/safetensors.h"

#include <string.h>

#include "base/errors.h"
#include "base/i18n.h"
#include "formats/atomic-file.h"
#include "formats/file.h"

static bool
item_size (const GvSafetensorsItem *item, size_t *size)
{
  *size = gv_dtype_size (item->dtype);
  for (int i = 0; i < item->rank; i++)
    if (item->shape[i] < 0 || __builtin_mul_overflow (*size, item->shape[i], size))
      return false;
  return item->rank >= 0 && item->rank <= GV_SAFETENSORS_MAX_RANK;
}

static void
append_string (GString *out, const char *text)
{
  g_string_append_c (out, '"');
  for (; *text; text++)
    if (*text == '"' || *text == '\\')
      g_string_append_printf (out, "\\%c", *text);
    else if ((unsigned char) *text < 0x20)
      g_string_append_printf (out, "\\u%04x", *text);
    else
      g_string_append_c (out, *text);
  g_string_append_c (out, '"');
}

static void
append_item (GString *out, const GvSafetensorsItem *item, size_t begin, size_t end)
{
  append_string (out, item->name);
  g_string_append_printf (out, ":{\"dtype\":\"%s\",\"shape\":[", gv_dtype_name (item->dtype));
  for (int i = 0; i < item->rank; i++)
    g_string_append_printf (out, "%s%" G_GINT64_FORMAT, i > 0 ? "," : "", item->shape[i]);
  g_string_append_printf (out, "],\"data_offsets\":[%zu,%zu]}", begin, end);
}

/* Why no reader would take an item, or NULL. */
static const char *
find_fault (const GvSafetensorsItem *item, GHashTable *names)
{
  size_t size;

  if (strlen (item->name) > 1024 || !g_utf8_validate (item->name, -1, NULL) ||
      strcmp (item->name, "__metadata__") == 0)
    return _("can't have this name");
  if (!g_hash_table_add (names, (void *) item->name))
    return _("is there twice");
  if (!item_size (item, &size))
    return _("has an impossible shape");
  return NULL;
}

static bool
check_items (const char *path, const GvSafetensorsItem *items, size_t n, GError **error)
{
  g_autoptr (GHashTable) names = g_hash_table_new (g_str_hash, g_str_equal);

  for (size_t i = 0; i < n; i++) {
    const char *fault = find_fault (items + i, names);

    if (fault) {
      g_autofree char *shown = gv_dup_shown (path);
      g_autofree char *name = gv_dup_shown (items[i].name);

      g_set_error (error, GV_FORMAT_ERROR, GV_FORMAT_ERROR_INVALID,
                   _("%s: tensor “%s” %s"), shown, name, fault);
      return false;
    }
  }
  return true;
}

/* Length and header, filled up with spaces so that the data start at a multiple of eight. */
static GString *
make_header (const GvSafetensorsItem *items, size_t n)
{
  GString *header = g_string_new ("01234567{");
  size_t begin = 0, size;
  guint64 length;

  for (size_t i = 0; i < n; i++) {
    if (i > 0)
      g_string_append_c (header, ',');
    item_size (items + i, &size);
    append_item (header, items + i, begin, begin + size);
    begin += size;
  }
  g_string_append_c (header, '}');
  while (header->len % 8 != 0)
    g_string_append_c (header, ' ');
  length = GUINT64_TO_LE (header->len - 8);
  memcpy (header->str, &length, sizeof length);
  return header;
}

bool
gv_safetensors_write (const char *path, const GvSafetensorsItem *items, size_t n, GError **error)
{
  g_autoptr (GvAtomicFile) file = NULL;
  g_autoptr (GString) header = NULL;

  if (!check_items (path, items, n, error))
    return false;
  file = gv_atomic_file_new (path, error);
  if (!file)
    return false;
  header = make_header (items, n);
  if (!gv_atomic_file_write (file, header->str, header->len, error))
    return false;
  for (size_t i = 0; i < n; i++) {
    size_t size;

    item_size (items + i, &size);
    if (!gv_atomic_file_write (file, items[i].data, size, error))
      return false;
  }
  return gv_atomic_file_commit (file, error);
}
