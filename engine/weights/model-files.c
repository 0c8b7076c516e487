// SPDX-FileCopyrightText: Giverny contributors
// SPDX-License-Identifier: GPL-3.0-or-later
/* Models on disk: opening either layout, finding tensors and reading them. */
#include "weights/model-private.h"

#include "base/errors.h"
#include "base/i18n.h"
#include "formats/file.h"
#include "weights/configs.h"
#include "weights/container.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>
#include <sys/stat.h>

static const char *const part_names[GV_N_PARTS] = {
  [GV_PART_TEXT] = "text_encoder",
  [GV_PART_UNET] = "unet",
  [GV_PART_VAE] = "vae",
};

const char *
gv_part_name (GvPart part)
{
  return part_names[part];
}

static bool
is_folder (const char *path, bool *out, GError **error)
{
  g_autofree char *shown = gv_dup_shown (path);
  struct stat info;

  if (stat (path, &info) != 0) {
    g_set_error (error, GV_FORMAT_ERROR, GV_FORMAT_ERROR_IO,
                 _("%s: can't be opened: %s"), shown, g_strerror (errno));
    return false;
  }
  *out = S_ISDIR (info.st_mode);
  return true;
}

/* Parts that come from different files, or from shapes, have to fit each other. */
static bool
check_parts_fit (GvModelFiles *self, GError **error)
{
  g_autofree char *shown = gv_dup_shown (self->path);

  if (self->unet.cross_attention_dim != self->text.width)
    g_set_error (error, GV_WEIGHTS_ERROR, GV_WEIGHTS_ERROR_SHAPE,
                 _("%s: the U-Net reads text vectors of width %d, the text encoder makes %d"),
                   shown, self->unet.cross_attention_dim, self->text.width);
  else if (self->unet.in_channels != self->vae.latent_channels)
    g_set_error (error, GV_WEIGHTS_ERROR, GV_WEIGHTS_ERROR_SHAPE,
                 _("%s: the U-Net works on %d latent channels, the VAE on %d"), shown,
                   self->unet.in_channels, self->vae.latent_channels);
  else
    return true;
  return false;
}

static bool
check_configs (GvModelFiles *self, GError **error)
{
  g_autofree char *text = gv_dup_shown (self->part_paths[GV_PART_TEXT]);
  g_autofree char *unet = gv_dup_shown (self->part_paths[GV_PART_UNET]);
  g_autofree char *vae = gv_dup_shown (self->part_paths[GV_PART_VAE]);

  return gv_clip_text_config_check (&self->text, text, error) &&
         gv_unet_config_check (&self->unet, unet, error) &&
         gv_vae_config_check (&self->vae, vae, error) && check_parts_fit (self, error);
}

static GvModelFiles *
model_files_new (const char *path)
{
  GvModelFiles *self = g_new0 (GvModelFiles, 1);

  self->path = g_strdup (path);
  self->files = g_ptr_array_new_with_free_func ((GDestroyNotify) gv_safetensors_free);
  for (int part = 0; part < GV_N_PARTS; part++) {
    self->weights[part] = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
    self->others[part] = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  }
  return self;
}

GvModelFiles *
gv_model_files_open (const char *path, GError **error)
{
  g_autoptr (GvModelFiles) self = model_files_new (path);
  GvSafetensors *file = NULL;

  if (!is_folder (path, &self->is_folder, error))
    return NULL;
  if (!self->is_folder && !(file = gv_model_files_open_file (self, path, error)))
    return NULL;
  if (!(file ? gv_single_file_read (self, file, error) : gv_model_folder_read (self, error)))
    return NULL;
  return check_configs (self, error) ? g_steal_pointer (&self) : NULL;
}

GvModelFiles *
gv_model_files_open_network (const char *path, GError **error)
{
  g_autoptr (GvModelFiles) self = model_files_new (path);
  GvSafetensors *file = NULL;

  self->family = GV_FAMILY_NETWORK;
  if (!is_folder (path, &self->is_folder, error))
    return NULL;
  if (!self->is_folder && !(file = gv_model_files_open_file (self, path, error)))
    return NULL;
  if (!(file ? gv_network_file_read (self, file, error) : gv_network_folder_read (self, error)))
    return NULL;
  return g_steal_pointer (&self);
}

GvModelFiles *
gv_model_files_new_from_safetensors (GvSafetensors *file, GError **error)
{
  g_autoptr (GvModelFiles) self = model_files_new (gv_safetensors_get_path (file));

  g_ptr_array_add (self->files, file);
  if (!gv_single_file_read (self, file, error) || !check_configs (self, error))
    return NULL;
  return g_steal_pointer (&self);
}

void
gv_model_files_free (GvModelFiles *self)
{
  if (!self)
    return;
  for (int part = 0; part < GV_N_PARTS; part++) {
    g_hash_table_unref (self->weights[part]);
    g_hash_table_unref (self->others[part]);
    g_free (self->part_paths[part]);
  }
  g_ptr_array_unref (self->files);
  g_free (self->scheduler.trained_betas);
  g_free (self->tokenizer_folder);
  g_free (self->path);
  g_free (self);
}

const char *
gv_model_files_get_path (GvModelFiles *self)
{
  return self->path;
}

GvFamily
gv_model_files_get_family (GvModelFiles *self)
{
  return self->family;
}

bool
gv_model_files_is_folder (GvModelFiles *self)
{
  return self->is_folder;
}

const GvClipTextConfig *
gv_model_files_get_text_config (GvModelFiles *self)
{
  return &self->text;
}

const GvUnetConfig *
gv_model_files_get_unet_config (GvModelFiles *self)
{
  return &self->unet;
}

const GvVaeConfig *
gv_model_files_get_vae_config (GvModelFiles *self)
{
  return &self->vae;
}

const GvSchedulerConfig *
gv_model_files_get_scheduler_config (GvModelFiles *self)
{
  return &self->scheduler;
}

const char *
gv_model_files_get_tokenizer_folder (GvModelFiles *self)
{
  return self->tokenizer_folder;
}

GvSafetensors *
gv_model_files_open_file (GvModelFiles *self, const char *path, GError **error)
{
  GvSafetensors *file;

  if (!gv_refuse_other_containers (path, error))
    return NULL;
  file = gv_safetensors_open (path, error);
  if (file)
    g_ptr_array_add (self->files, file);
  return file;
}

/* [1, 257, 1408] is a table of positions, [1, 1, 1408] a token. */
static void
drop_leading_ones (GvWeight *weight)
{
  int n = 0;

  if (weight->rank < 3)
    return;
  while (n < weight->rank - 1 && weight->shape[n] == 1)
    n++;
  weight->rank -= n;
  memmove (weight->shape, weight->shape + n, (size_t) weight->rank * sizeof weight->shape[0]);
}

bool
gv_model_files_add (GvModelFiles *self,
                    GvPart part,
                    const char *name,
                    GvSafetensors *file,
                    const GvSafetensor *tensor,
                    GError **error)
{
  char *key = g_strdup (name);
  GvWeight *weight;

  if (!tensor->known) {
    g_hash_table_replace (self->others[part], key, g_strdup (tensor->dtype_name));
    return true;
  }
  weight = g_new0 (GvWeight, 1);
  *weight = (GvWeight) {
    .name = key,
    .dtype = tensor->dtype,
    .rank = tensor->rank,
    .n_elements = tensor->n_elements,
    .size_bytes = tensor->size_bytes,
    .file = file,
    .tensor = tensor,
  };
  memcpy (weight->shape, tensor->shape, sizeof weight->shape);
  if (self->family == GV_FAMILY_NETWORK)
    drop_leading_ones (weight);
  if (g_hash_table_insert (self->weights[part], key, weight))
    return true;

  g_autofree char *path = gv_dup_shown (gv_safetensors_get_path (file));
  g_autofree char *shown = gv_dup_shown (tensor->name);
  g_set_error (error, GV_FORMAT_ERROR, GV_FORMAT_ERROR_INVALID,
               _("%s: “%s” is there twice, under an old and a new name"), path, shown);
  return false;
}

const GvWeight *
gv_model_files_find (GvModelFiles *self, GvPart part, const char *name)
{
  return g_hash_table_lookup (self->weights[part], name);
}

const char **
gv_model_files_get_names (GvModelFiles *self, GvPart part, size_t *n)
{
  guint count;
  const char **names = (const char **) g_hash_table_get_keys_as_array (self->weights[part], &count);

  *n = count;
  return names;
}

/* "[320, 4, 3, 3]" */
static char *
shape_to_string (int rank, const int64_t *shape)
{
  GString *s = g_string_new ("[");

  for (int i = 0; i < rank; i++)
    g_string_append_printf (s, "%s%" PRId64, i ? ", " : "", shape[i]);
  return g_string_free (g_string_append_c (s, ']'), FALSE);
}

static int
rank_without_ones (int rank, const int64_t *shape)
{
  while (rank > 1 && shape[rank - 1] == 1)
    rank--;
  return rank;
}

static bool
same_shape (const GvWeight *weight, int rank, const int64_t *shape)
{
  int found = rank_without_ones (weight->rank, weight->shape);
  int wanted = rank_without_ones (rank, shape);

  return found == wanted && memcmp (weight->shape, shape, (size_t) wanted * sizeof *shape) == 0;
}

static void
set_missing (GvModelFiles *self, GvPart part, const char *name, GError **error)
{
  g_autofree char *path = gv_dup_shown (self->part_paths[part]);
  const char *type = g_hash_table_lookup (self->others[part], name);

  if (type)
    g_set_error (error, GV_WEIGHTS_ERROR, GV_WEIGHTS_ERROR_UNSUPPORTED,
                 _("%s: “%s” is of type %s, which can't be read"), path, name, type);
  else
    g_set_error (error, GV_WEIGHTS_ERROR, GV_WEIGHTS_ERROR_MISSING,
                 _("%s: “%s” is missing"), path, name);
}

bool
gv_model_files_require (GvModelFiles *self,
                        GvPart part,
                        const char *name,
                        int rank,
                        const int64_t *shape,
                        const GvWeight **out,
                        GError **error)
{
  const GvWeight *weight = gv_model_files_find (self, part, name);

  if (!weight) {
    set_missing (self, part, name, error);
    return false;
  }
  if (same_shape (weight, rank, shape) && gv_dtype_is_float (weight->dtype)) {
    *out = weight;
    return true;
  }

  g_autofree char *path = gv_dup_shown (gv_safetensors_get_path (weight->file));
  g_autofree char *shown = gv_dup_shown (((const GvSafetensor *) weight->tensor)->name);
  g_autofree char *found = shape_to_string (weight->rank, weight->shape);
  g_autofree char *wanted = shape_to_string (rank, shape);

  if (!gv_dtype_is_float (weight->dtype))
    g_set_error (error, GV_WEIGHTS_ERROR, GV_WEIGHTS_ERROR_UNSUPPORTED,
                 _("%s: “%s” is of type %s; a floating-point type is needed"), path, shown,
                   gv_dtype_name (weight->dtype));
  else
    g_set_error (error, GV_WEIGHTS_ERROR, GV_WEIGHTS_ERROR_SHAPE,
                 _("%s: “%s” has the shape %s instead of %s"), path, shown, found, wanted);
  return false;
}

bool
gv_model_files_read (GvModelFiles *self,
                     const GvWeight *weight,
                     size_t offset,
                     size_t size,
                     void *dst,
                     GError **error)
{
  size_t start = weight->offset * gv_dtype_size (weight->dtype);

  g_return_val_if_fail (offset <= weight->size_bytes && size <= weight->size_bytes - offset, false);
  return gv_safetensors_read (weight->file, weight->tensor, start + offset, size, dst, error);
}
