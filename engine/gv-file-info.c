// SPDX-FileCopyrightText: Giverny contributors
// SPDX-License-Identifier: GPL-3.0-or-later
/* What a file is, told quickly by its first bytes and headers. */
#include "gv-file-info.h"

#include "formats/file.h"
#include "weights/container.h"
#include "weights/lora.h"
#include "weights/model-files.h"

#include <glib/gstdio.h>
#include <string.h>

#define MAX_FOLDER_FILES 1000

/* Below @path, links not followed, at most two folders deep. */
static guint64
sum_sizes (const char *path, int depth)
{
  g_autoptr (GDir) folder = NULL;
  GStatBuf status;
  const char *name;
  guint64 sum = 0;

  if (g_lstat (path, &status) != 0)
    return 0;
  if (S_ISREG (status.st_mode))
    return (guint64) MAX (status.st_size, 0);
  if (depth == 0 || !S_ISDIR (status.st_mode) || !(folder = g_dir_open (path, 0, NULL)))
    return 0;
  for (int i = 0; i < MAX_FOLDER_FILES && (name = g_dir_read_name (folder)); i++) {
    g_autofree char *file = g_build_filename (path, name, NULL);

    sum += sum_sizes (file, depth - 1);
  }
  return sum;
}

static guint64
size_of (const char *path)
{
  g_autofree char *target = g_canonicalize_filename (path, NULL);
  GStatBuf status;

  if (g_stat (path, &status) == 0 && S_ISREG (status.st_mode))
    return (guint64) MAX (status.st_size, 0);
  return sum_sizes (target, 3);
}

static char *
make_name (const char *path)
{
  g_autofree char *base = g_path_get_basename (path);
  g_autofree char *shown = g_filename_display_name (base);
  char *dot = strrchr (shown, '.');

  if (dot && dot != shown && strlen (dot) <= 12)
    *dot = '\0';
  return g_steal_pointer (&shown);
}

static const char *
unet_type (GvModelFiles *model)
{
  size_t n;
  g_autofree const char **names = gv_model_files_get_names (model, GV_PART_UNET, &n);
  const GvWeight *weight = n ? gv_model_files_find (model, GV_PART_UNET, names[0]) : NULL;

  return weight ? gv_dtype_name (weight->dtype) : NULL;
}

static bool
look_at_model (GvFileInfo *self, GError **error)
{
  g_autoptr (GvModelFiles) model = gv_model_files_open (self->path, error);

  if (!model)
    return false;
  self->kind = GV_FILE_MODEL;
  self->family = "Stable Diffusion 1";
  self->side = 8 * gv_model_files_get_unet_config (model)->sample_size;
  self->dtype = unet_type (model);
  return true;
}

static bool
look_at_tensors (GvFileInfo *self, GError **error)
{
  g_autoptr (GvSafetensors) file = gv_safetensors_open (self->path, error);

  if (!file)
    return false;
  if (!gv_lora_recognise (file))
    return look_at_model (self, error);
  self->kind = GV_FILE_LORA;
  return true;
}

static bool
look (GvFileInfo *self, GError **error)
{
  GvContainer container;

  if (g_file_test (self->path, G_FILE_TEST_IS_DIR))
    return look_at_model (self, error);
  if (!gv_tell_container (self->path, &container, error))
    return false;
  if (container == GV_CONTAINER_PNG)
    self->kind = GV_FILE_PICTURE;
  else if (container == GV_CONTAINER_JSON)
    self->kind = GV_FILE_RECIPE;
  else
    return gv_refuse_other_containers (self->path, error) && look_at_tensors (self, error);
  return true;
}

GvFileInfo *
gv_file_info_new (const char *path, GError **error)
{
  g_autoptr (GvFileInfo) self = g_new0 (GvFileInfo, 1);

  self->path = g_strdup (path);
  self->name = make_name (path);
  if (!look (self, error))
    return NULL;
  self->size_bytes = size_of (path);
  return g_steal_pointer (&self);
}

void
gv_file_info_free (GvFileInfo *self)
{
  g_free (self->path);
  g_free (self->name);
  g_free (self);
}
