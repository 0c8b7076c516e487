// SPDX-FileCopyrightText: Giverny contributors
// SPDX-License-Identifier: GPL-3.0-or-later
/* `giverny-cli devices`: the Vulkan devices, with what the engine will use of them. */
#include "command.h"

#include "terminal.h"

#include <yyjson.h>

typedef struct
{
  bool json;
} DevicesOptions;

enum { N_CELLS = 6 };

/* What the table shows of a device; free with g_strfreev(). */
static char **
make_cells (const GvDeviceInfo *d)
{
  g_autoptr (GStrvBuilder) cells = g_strv_builder_new ();
  g_autofree char *memory = g_format_size_full (d->memory_bytes, G_FORMAT_SIZE_IEC_UNITS);

  g_strv_builder_take (cells, g_strdup_printf ("%s%d", d->chosen ? "* " : "  ", d->number));
  g_strv_builder_add (cells, d->name);
  g_strv_builder_add (cells, d->kind);
  g_strv_builder_take (cells, g_steal_pointer (&memory));
  g_strv_builder_take (cells, g_strdup_printf ("Vulkan %s", d->api_version));
  if (d->usable)
    g_strv_builder_take (cells, g_strdup_printf (_("kernels for a %s, subgroups of %d"), d->kernels,
                                                   d->subgroup_size));
  else
    g_strv_builder_take (cells, g_strdup_printf (_("can't be used: %s"), d->missing));
  return g_strv_builder_end (cells);
}

static void
print_table (const GPtrArray *devices)
{
  g_autoptr (GPtrArray) rows = g_ptr_array_new_with_free_func ((GDestroyNotify) g_strfreev);
  int widths[N_CELLS] = { 0 };

  for (guint i = 0; i < devices->len; i++) {
    char **cells = make_cells (devices->pdata[i]);

    g_ptr_array_add (rows, cells);
    for (int c = 0; c < N_CELLS; c++)
      widths[c] = MAX (widths[c], gv_columns (cells[c]));
  }
  for (guint i = 0; i < rows->len; i++) {
    char **cells = rows->pdata[i];
    const GvDeviceInfo *device = devices->pdata[i];

    fputs (gv_style (stdout, device->chosen ? GV_BOLD : device->usable ? "" : GV_DIM), stdout);
    for (int c = 0; c < N_CELLS - 1; c++)
      gv_print_padded (cells[c], widths[c] + 2);
    printf ("%s%s\n", cells[N_CELLS - 1], gv_style (stdout, GV_PLAIN));
  }
}

static void
add_device (const GvDeviceInfo *d, yyjson_mut_doc *doc, yyjson_mut_val *list)
{
  yyjson_mut_val *object = yyjson_mut_arr_add_obj (doc, list);

  yyjson_mut_obj_add_int (doc, object, "number", d->number);
  yyjson_mut_obj_add_strcpy (doc, object, "name", d->name);
  yyjson_mut_obj_add_strcpy (doc, object, "kind", d->kind);
  yyjson_mut_obj_add_strcpy (doc, object, "driver", d->driver);
  yyjson_mut_obj_add_strcpy (doc, object, "vulkan", d->api_version);
  yyjson_mut_obj_add_uint (doc, object, "memory_bytes", d->memory_bytes);
  yyjson_mut_obj_add_strcpy (doc, object, "kernels", d->kernels);
  yyjson_mut_obj_add_int (doc, object, "subgroup_size", d->subgroup_size);
  yyjson_mut_obj_add_bool (doc, object, "usable", d->usable);
  if (d->missing)
    yyjson_mut_obj_add_strcpy (doc, object, "missing", d->missing);
  yyjson_mut_obj_add_bool (doc, object, "chosen", d->chosen);
}

static void
print_json (const GPtrArray *devices)
{
  yyjson_mut_doc *doc = yyjson_mut_doc_new (NULL);
  yyjson_mut_val *root = yyjson_mut_obj (doc);
  yyjson_mut_val *list = yyjson_mut_obj_add_arr (doc, root, "devices");
  char *json;

  yyjson_mut_doc_set_root (doc, root);
  for (guint i = 0; i < devices->len; i++)
    add_device (devices->pdata[i], doc, list);
  json = yyjson_mut_write (doc, YYJSON_WRITE_PRETTY_TWO_SPACES | YYJSON_WRITE_ALLOW_INVALID_UNICODE,
                           NULL);
  puts (json);
  free (json);
  yyjson_mut_doc_free (doc);
}

static bool
devices_run (const void *values, const GPtrArray *words, GError **error)
{
  const DevicesOptions *options = values;
  g_autoptr (GPtrArray) devices = gv_engine_list_devices (error);

  if (!devices)
    return false;
  if (options->json)
    print_json (devices);
  else
    print_table (devices);
  return true;
}

static const GvOption options[] = {
  { .name = "json",
    .type = GV_OPTION_FLAG,
    .offset = offsetof (DevicesOptions, json),
    .group = N_ ("Options"),
    .help = N_ ("One JSON object instead of a table.") },
  { .name = NULL },
};

const GvCommand gv_command_devices = {
  .name = "devices",
  .summary = N_ ("List the Vulkan devices; * is the one that is used"),
  .options = options,
  .values_size = sizeof (DevicesOptions),
  .run = devices_run,
};
