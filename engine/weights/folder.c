// SPDX-FileCopyrightText: Giverny contributors
// SPDX-License-Identifier: GPL-3.0-or-later
/* A diffusers folder: model_index.json, and a folder with config and weights for each part. */
#include "weights/model-private.h"

#include "base/errors.h"
#include "base/i18n.h"
#include "formats/file.h"
#include "formats/json.h"
#include "weights/configs.h"
#include "weights/container.h"
#include "weights/names.h"

#include <string.h>

#define MAX_INDEX_BYTES ((size_t) 64 << 20)
#define MAX_SHARDS 1024

static bool
exists (const char *folder, const char *name)
{
  g_autofree char *path = g_build_filename (folder, name, NULL);

  return g_file_test (path, G_FILE_TEST_EXISTS);
}

static bool
is_subfolder (const char *folder, const char *name)
{
  g_autofree char *path = g_build_filename (folder, name, NULL);

  return g_file_test (path, G_FILE_TEST_IS_DIR);
}

/* Which pipeline it is. */

static const struct
{
  const char *class_prefix, *shown;
} later_families[] = {
  { "StableDiffusionXL", "Stable Diffusion XL" },
  { "StableDiffusion3", "Stable Diffusion 3" },
  { "StableDiffusionInpaint", "Stable Diffusion (inpainting)" },
  { "StableDiffusionInstructPix2Pix", "InstructPix2Pix" },
  { "StableDiffusionUpscale", "Stable Diffusion (upscaler)" },
  { "StableDiffusionLatentUpscale", "Stable Diffusion (upscaler)" },
  { "StableDiffusionDepth2Img", "Stable Diffusion (depth)" },
  { "StableDiffusionImageVariation", "Stable Diffusion (image variation)" },
  { "StableUnCLIP", "Stable unCLIP" },
  { "StableCascade", "Stable Cascade" },
  { "LatentConsistencyModel", "a latent consistency model" },
  { "Flux", "Flux" },
  { "PixArt", "PixArt" },
  { "Kandinsky", "Kandinsky" },
  { "AltDiffusion", "AltDiffusion" },
};

static bool
refuse_family (const char *path, const char *family, GError **error)
{
  g_autofree char *shown = gv_dup_shown (path);

  g_set_error (error, GV_WEIGHTS_ERROR, GV_WEIGHTS_ERROR_UNSUPPORTED,
               _("%s: this model is %s, which can't be run yet"), shown, family);
  return false;
}

static bool
check_pipeline_class (const char *path, const char *class_name, GError **error)
{
  g_autofree char *shown = NULL;

  for (size_t i = 0; i < G_N_ELEMENTS (later_families); i++)
    if (g_str_has_prefix (class_name, later_families[i].class_prefix))
      return refuse_family (path, later_families[i].shown, error);
  if (g_str_has_prefix (class_name, "StableDiffusion"))
    return true;
  shown = gv_dup_shown (class_name);
  return refuse_family (path, shown, error);
}

/* Folders that somebody put together by hand may lack the index; their parts say enough. */
static bool
check_parts_present (const char *path, GError **error)
{
  if (is_subfolder (path, "transformer"))
    return refuse_family (path, _("a diffusion transformer"), error);
  if (is_subfolder (path, "text_encoder_2"))
    return refuse_family (path, "Stable Diffusion XL", error);
  if (is_subfolder (path, "unet"))
    return true;

  g_autofree char *shown = gv_dup_shown (path);
  g_set_error (error, GV_WEIGHTS_ERROR, GV_WEIGHTS_ERROR_MISSING,
               _("%s: is no model folder: “unet” is missing"), shown);
  return false;
}

static bool
check_family (GvModelFiles *self, GError **error)
{
  g_autofree char *path = g_build_filename (self->path, "model_index.json", NULL);
  g_autoptr (GvConfig) index = NULL;
  const char *class_name;

  if (!exists (self->path, "model_index.json"))
    return check_parts_present (self->path, error);
  index = gv_config_open (path, error);
  if (!index)
    return false;
  class_name = gv_config_string (index, "_class_name", "StableDiffusionPipeline");
  return gv_config_end (index, error) && check_pipeline_class (path, class_name, error) &&
         check_parts_present (self->path, error);
}

/* Configs. */

static GvConfig *
open_part_config (GvModelFiles *self, const char *folder, const char *name, GError **error)
{
  g_autofree char *path = g_build_filename (self->path, folder, name, NULL);

  return gv_config_open (path, error);
}

static bool
read_part_configs (GvModelFiles *self, GError **error)
{
  g_autoptr (GvConfig) text = open_part_config (self, "text_encoder", "config.json", error);
  g_autoptr (GvConfig) unet = text ? open_part_config (self, "unet", "config.json", error) : NULL;
  g_autoptr (GvConfig) vae = unet ? open_part_config (self, "vae", "config.json", error) : NULL;

  if (!vae)
    return false;
  gv_clip_text_config_read (&self->text, text);
  gv_unet_config_read (&self->unet, unet);
  gv_vae_config_read (&self->vae, vae);
  return gv_config_end (text, error) && gv_config_end (unet, error) && gv_config_end (vae, error);
}

/* Written by hand, a folder may do without a scheduler: then it is the one that all Stable
 * Diffusion 1 models have. */
static bool
read_scheduler_config (GvModelFiles *self, GError **error)
{
  g_autofree char *folder = g_build_filename (self->path, "scheduler", NULL);
  const char *name =
      exists (folder, "scheduler_config.json") ? "scheduler_config.json" : "config.json";
  g_autoptr (GvConfig) c = NULL;

  gv_scheduler_config_init_sd1 (&self->scheduler);
  if (!exists (self->path, "scheduler"))
    return true;
  c = open_part_config (self, "scheduler", name, error);
  if (c)
    gv_scheduler_config_read (&self->scheduler, c);
  return c && gv_config_end (c, error);
}

/* Weights. */

static bool
add_tensor (GvModelFiles *self,
            GvPart part,
            GvSafetensors *file,
            const GvSafetensor *tensor,
            GError **error)
{
  g_autofree char *name = self->family == GV_FAMILY_NETWORK ? g_strdup (tensor->name)
                          : part == GV_PART_TEXT            ? gv_canonical_text_name (tensor->name)
                          : part == GV_PART_VAE             ? gv_canonical_vae_name (tensor->name)
                                                            : g_strdup (tensor->name);

  return gv_model_files_add (self, part, name, file, tensor, error);
}

static bool
add_all (GvModelFiles *self, GvPart part, GvSafetensors *file, GError **error)
{
  for (size_t i = 0; i < gv_safetensors_get_n (file); i++)
    if (!add_tensor (self, part, file, gv_safetensors_get (file, i), error))
      return false;
  return true;
}

static bool
add_file (GvModelFiles *self, GvPart part, const char *path, GError **error)
{
  GvSafetensors *file = gv_model_files_open_file (self, path, error);

  return file && add_all (self, part, file, error);
}

/* Shards are told by their names alone, so that an index can't reach out of its folder. */
static bool
check_shard_name (const char *index, const char *name, GError **error)
{
  g_autofree char *shown = NULL, *shown_index = NULL;

  if (name[0] && name[0] != '.' && !strpbrk (name, "/\\"))
    return true;
  shown = gv_dup_shown (name);
  shown_index = gv_dup_shown (index);
  g_set_error (error, GV_FORMAT_ERROR, GV_FORMAT_ERROR_INVALID,
               _("%s: “weight_map” leads to “%s”, which is not the plain name of a file"),
                 shown_index, shown);
  return false;
}

/* The shard called @name, opened once.  @shards: name -> GvSafetensors */
static GvSafetensors *
open_shard (GvModelFiles *self,
            GHashTable *shards,
            const char *index,
            const char *name,
            GError **error)
{
  GvSafetensors *file = g_hash_table_lookup (shards, name);
  g_autofree char *folder = NULL, *path = NULL;

  if (file || !check_shard_name (index, name, error))
    return file;
  if (g_hash_table_size (shards) == MAX_SHARDS) {
    g_autofree char *shown = gv_dup_shown (index);
    g_set_error (error, GV_FORMAT_ERROR, GV_FORMAT_ERROR_LIMIT,
                 _("%s: names more than %d files"), shown, MAX_SHARDS);
    return NULL;
  }
  folder = g_path_get_dirname (index);
  path = g_build_filename (folder, name, NULL);
  file = gv_model_files_open_file (self, path, error);
  if (file)
    g_hash_table_insert (shards, g_strdup (name), file);
  return file;
}

static bool
add_mapped (GvModelFiles *self,
            GvPart part,
            GHashTable *shards,
            const char *index,
            const char *name,
            const char *shard,
            GError **error)
{
  GvSafetensors *file = open_shard (self, shards, index, shard, error);
  const GvSafetensor *tensor = file ? gv_safetensors_find (file, name) : NULL;

  if (tensor)
    return add_tensor (self, part, file, tensor, error);
  if (file) {
    g_autofree char *path = gv_dup_shown (gv_safetensors_get_path (file));
    g_autofree char *shown = gv_dup_shown (name);
    g_set_error (error, GV_WEIGHTS_ERROR, GV_WEIGHTS_ERROR_MISSING,
                 _("%s: “%s” is missing, though the index says that it is there"), path, shown);
  }
  return false;
}

static bool
add_index (GvModelFiles *self, GvPart part, const char *path, GError **error)
{
  g_autoptr (GvJson) json = gv_json_open (path, MAX_INDEX_BYTES, GV_JSON_UNIQUE_KEYS, error);
  g_autoptr (GHashTable) shards = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  GvJsonNode root, map, entry;
  yyjson_obj_iter iter;
  const char *name, *shard = NULL;

  if (!json || !gv_json_root_object (json, &root, error) ||
      !gv_json_require (&root, "weight_map", error) ||
      !gv_json_get_object (&root, "weight_map", &map, error))
    return false;
  yyjson_obj_iter_init (map.value, &iter);
  while (gv_json_next (&map, &iter, &name, &entry)) {
    if (!gv_json_get_string (&entry, NULL, &shard, error))
      return false;
    if (!shard)
      return gv_json_fail (&entry, NULL, _("a string"), error);
    if (!add_mapped (self, part, shards, path, name, shard, error))
      return false;
    shard = NULL;
  }
  return true;
}

/* Only pickles, or nothing at all. */
static bool
refuse_no_weights (const char *folder, const char *stem, GError **error)
{
  g_autofree char *bin =
      g_build_filename (folder, strcmp (stem, "model") == 0 ? "pytorch_model" : stem, NULL);
  const char *const ends[] = { ".bin", ".bin.index.json", ".fp16.bin", ".ckpt", ".pt" };
  g_autofree char *shown = gv_dup_shown (folder);

  for (size_t i = 0; i < G_N_ELEMENTS (ends); i++) {
    g_autofree char *path = g_strconcat (bin, ends[i], NULL);

    if (g_file_test (path, G_FILE_TEST_EXISTS))
      return gv_refuse_pickle (path, error);
  }
  g_set_error (error, GV_WEIGHTS_ERROR, GV_WEIGHTS_ERROR_MISSING,
               _("%s: “%s.safetensors” is missing"), shown, stem);
  return false;
}

/* Whole files before shards, full precision before half. */
static bool
add_folder (GvModelFiles *self, GvPart part, const char *folder, const char *stem, GError **error)
{
  static const struct
  {
    const char *end;
    bool is_index;
  } forms[] = {
    { ".safetensors", false },
    { ".safetensors.index.json", true },
    { ".fp16.safetensors", false },
    { ".safetensors.index.fp16.json", true },
    { ".safetensors.fp16.index.json", true },
    { ".fp16.safetensors.index.json", true },
    { ".bf16.safetensors", false },
    { ".safetensors.index.bf16.json", true },
  };

  self->part_paths[part] = g_strdup (folder);
  for (size_t i = 0; i < G_N_ELEMENTS (forms); i++) {
    g_autofree char *path = g_strconcat (folder, G_DIR_SEPARATOR_S, stem, forms[i].end, NULL);

    if (g_file_test (path, G_FILE_TEST_EXISTS))
      return (forms[i].is_index ? add_index : add_file) (self, part, path, error);
  }
  return refuse_no_weights (folder, stem, error);
}

static bool
add_part (GvModelFiles *self, GvPart part, GError **error)
{
  const char *stem = part == GV_PART_TEXT ? "model" : "diffusion_pytorch_model";
  g_autofree char *folder = g_build_filename (self->path, gv_part_name (part), NULL);

  return add_folder (self, part, folder, stem, error);
}

bool
gv_network_folder_read (GvModelFiles *self, GError **error)
{
  return add_folder (self, GV_PART_WHOLE, self->path, "model", error);
}

bool
gv_network_file_read (GvModelFiles *self, GvSafetensors *file, GError **error)
{
  self->part_paths[GV_PART_WHOLE] = g_strdup (self->path);
  return add_all (self, GV_PART_WHOLE, file, error);
}

bool
gv_model_folder_read (GvModelFiles *self, GError **error)
{
  g_autofree char *tokenizer = g_build_filename (self->path, "tokenizer", NULL);

  self->family = GV_FAMILY_SD1;
  if (!check_family (self, error) || !read_part_configs (self, error) ||
      !read_scheduler_config (self, error))
    return false;
  if (g_file_test (tokenizer, G_FILE_TEST_IS_DIR))
    self->tokenizer_folder = g_steal_pointer (&tokenizer);
  for (int part = 0; part < GV_N_PARTS; part++)
    if (!add_part (self, (GvPart) part, error))
      return false;
  return true;
}
