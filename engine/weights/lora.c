// SPDX-FileCopyrightText: Giverny contributors
// SPDX-License-Identifier: GPL-3.0-or-later
/* Opening a LoRA file: tensors by layer, and the architecture that their names belong to. */
#include "weights/lora.h"

#include "base/errors.h"
#include "base/i18n.h"
#include "formats/file.h"
#include "formats/json.h"
#include "weights/container.h"

#include <math.h>
#include <string.h>

static void
module_free (gpointer data)
{
  GvLoraModule *self = data;

  g_free (self->name);
  g_free (self->path);
  g_free (self);
}

void
gv_lora_free (GvLora *self)
{
  g_clear_pointer (&self->file, gv_safetensors_free);
  g_clear_pointer (&self->modules, g_ptr_array_unref);
  g_clear_pointer (&self->unknown, g_ptr_array_unref);
  g_clear_pointer (&self->embeddings, g_ptr_array_unref);
  g_free (self);
}

bool
gv_lora_recognise (GvSafetensors *file)
{
  for (size_t i = 0; i < gv_safetensors_get_n (file); i++) {
    GvLoraKey key;
    bool known = gv_lora_key_parse (gv_safetensors_get (file, i)->name, &key);
    bool tells = known && key.role != GV_LORA_ALPHA && key.target != GV_LORA_EMBEDDING;

    gv_lora_key_clear (&key);
    if (tells)
      return true;
  }
  return false;
}

const char *
gv_lora_base_label (GvLoraBase base)
{
  static const char *const labels[GV_N_LORA_BASES] = {
    [GV_LORA_FOR_SD1] = "Stable Diffusion 1",
    [GV_LORA_FOR_SD2] = "Stable Diffusion 2",
    [GV_LORA_FOR_SDXL] = "Stable Diffusion XL",
    [GV_LORA_FOR_SD3] = "Stable Diffusion 3",
    [GV_LORA_FOR_FLUX] = "Flux",
  };

  return base == GV_LORA_FOR_TRANSFORMER ? _("a diffusion transformer") : labels[base];
}

const char *
gv_lora_kind_label (const GvLoraModule *module)
{
  static const char *const labels[GV_N_LORA_KINDS] = {
    [GV_LORA_KIND_NONE] = "-",
    [GV_LORA_KIND_LOW_RANK] = "LoRA",
    [GV_LORA_KIND_HADAMARD] = "LoHa",
    [GV_LORA_KIND_KRONECKER] = "LoKr",
    [GV_LORA_KIND_FULL] = "diff",
    [GV_LORA_KIND_SET] = "set",
    [GV_LORA_KIND_UNSUPPORTED] = "GLoRA, OFT or IA3",
  };

  if (module->decomposed)
    return "DoRA";
  if (module->kind == GV_LORA_KIND_LOW_RANK && module->tensors[GV_LORA_DOWN] &&
      module->tensors[GV_LORA_DOWN]->rank == 4 && module->tensors[GV_LORA_DOWN]->shape[3] > 1)
    return "LoCon";
  return labels[module->kind];
}

/* Modules */

static GvLoraModule *
get_module (GvLora *self, GHashTable *by_name, const char *name, GvLoraKey *key)
{
  g_autofree char *prefix = g_strndup (name, key->module_bytes);
  GvLoraModule *module = g_hash_table_lookup (by_name, prefix);

  if (module)
    return module;
  module = g_new0 (GvLoraModule, 1);
  module->name = g_steal_pointer (&prefix);
  module->path = g_steal_pointer (&key->path);
  module->target = key->target;
  g_ptr_array_add (self->modules, module);
  g_hash_table_insert (by_name, module->name, module);
  return module;
}

/* Two tensors of one role under different endings: nobody could say which counts. */
static bool
refuse_twice (GvLora *self, const char *name, GError **error)
{
  g_autofree char *path = gv_dup_shown (gv_safetensors_get_path (self->file));
  g_autofree char *shown = gv_dup_shown (name);

  g_set_error (error, GV_FORMAT_ERROR, GV_FORMAT_ERROR_INVALID,
               _("%s: “%s” is there twice, under an old and a new name"), path, shown);
  return false;
}

static bool
sort_tensor (GvLora *self,
             GHashTable *by_name,
             int *of_names,
             const GvSafetensor *tensor,
             GError **error)
{
  GvLoraKey key;
  GvLoraModule *module;
  bool ok = true;

  if (!gv_lora_key_parse (tensor->name, &key)) {
    g_ptr_array_add (self->unknown, (gpointer) tensor->name);
    return true;
  }
  if (key.target == GV_LORA_EMBEDDING) {
    g_ptr_array_add (self->embeddings, (gpointer) tensor->name);
  } else {
    of_names[key.names]++;
    module = get_module (self, by_name, tensor->name, &key);
    module->n_tensors++;
    if (key.role != GV_LORA_UNSUPPORTED && module->tensors[key.role])
      ok = refuse_twice (self, tensor->name, error);
    module->tensors[key.role] = tensor;
  }
  gv_lora_key_clear (&key);
  return ok;
}

static bool
has_any (const GvLoraModule *module, GvLoraRole first, GvLoraRole last)
{
  for (int role = (int) first; role <= (int) last; role++)
    if (module->tensors[role])
      return true;
  return false;
}

static GvLoraKind
get_kind (const GvLoraModule *module)
{
  if (module->tensors[GV_LORA_UNSUPPORTED])
    return GV_LORA_KIND_UNSUPPORTED;
  if (has_any (module, GV_LORA_DOWN, GV_LORA_MID))
    return GV_LORA_KIND_LOW_RANK;
  if (has_any (module, GV_LORA_HADA_W1_A, GV_LORA_HADA_T2))
    return GV_LORA_KIND_HADAMARD;
  if (has_any (module, GV_LORA_LOKR_W1, GV_LORA_LOKR_T2))
    return GV_LORA_KIND_KRONECKER;
  if (module->tensors[GV_LORA_SET_WEIGHT])
    return GV_LORA_KIND_SET;
  if (has_any (module, GV_LORA_DIFF, GV_LORA_DIFF_B))
    return GV_LORA_KIND_FULL;
  return GV_LORA_KIND_NONE;
}

/* The rows of the matrix that alpha is divided by; 0 where it is not used. */
static int64_t
get_rank (const GvLoraModule *module)
{
  const GvSafetensor *tensor = NULL;

  if (module->kind == GV_LORA_KIND_LOW_RANK)
    tensor = module->tensors[GV_LORA_DOWN];
  else if (module->kind == GV_LORA_KIND_HADAMARD)
    tensor = module->tensors[GV_LORA_HADA_W1_B];
  else if (module->kind == GV_LORA_KIND_KRONECKER)
    tensor = module->tensors[GV_LORA_LOKR_W2_B] ? module->tensors[GV_LORA_LOKR_W2_B]
                                                : module->tensors[GV_LORA_LOKR_W1_B];
  return tensor && tensor->rank > 0 ? tensor->shape[0] : 0;
}

/* What newer files of PEFT's say about all of their layers. */
typedef struct
{
  double alpha, rank; /* 0 where it is not told */
  bool root; /* alpha is divided by the rank's root: Kalajdzievski 2023, arXiv:2312.03732 */
} PeftConfig;

static void
read_peft_entry (const char *key, yyjson_val *value, PeftConfig *out)
{
  const char *name = strrchr (key, '.') ? strrchr (key, '.') + 1 : key;

  if (strcmp (name, "lora_alpha") == 0 && yyjson_is_num (value))
    out->alpha = yyjson_get_num (value);
  else if (strcmp (name, "r") == 0 && yyjson_is_num (value))
    out->rank = yyjson_get_num (value);
  else if (strcmp (name, "use_rslora") == 0)
    out->root = yyjson_is_true (value);
}

/* Text that is no such object says nothing. */
static PeftConfig
read_peft_config (GvSafetensors *file)
{
  const char *text = gv_safetensors_get_metadata (file, "lora_adapter_metadata");
  g_autoptr (GvJson) json = NULL;
  PeftConfig out = { 0 };
  GvJsonNode root, entry;
  yyjson_obj_iter iter;
  const char *key;

  if (text)
    json =
        gv_json_new_from_bytes ("lora_adapter_metadata", text, strlen (text), GV_JSON_PLAIN, NULL);
  if (!json || !gv_json_root_object (json, &root, NULL))
    return out;
  iter = yyjson_obj_iter_with (root.value);
  while (gv_json_next (&root, &iter, &key, &entry))
    read_peft_entry (key, entry.value, &out);
  return out;
}

static bool
read_number (GvLora *self, const GvSafetensor *tensor, double *out, GError **error)
{
  char bytes[8] = { 0 };
  float value = 0;

  if (!tensor->known || !gv_dtype_is_float (tensor->dtype) || tensor->n_elements != 1) {
    g_autofree char *path = gv_dup_shown (gv_safetensors_get_path (self->file));
    g_autofree char *shown = gv_dup_shown (tensor->name);

    g_set_error (error, GV_WEIGHTS_ERROR, GV_WEIGHTS_ERROR_SHAPE,
                 _("%s: “%s” must be a single number"), path, shown);
    return false;
  }
  if (!gv_safetensors_read (self->file, tensor, 0, tensor->size_bytes, bytes, error))
    return false;
  gv_widen (tensor->dtype, bytes, &value, 1);
  *out = (double) value;
  if (isfinite (value))
    return true;

  g_autofree char *path = gv_dup_shown (gv_safetensors_get_path (self->file));
  g_autofree char *shown = gv_dup_shown (tensor->name);
  g_set_error (error, GV_WEIGHTS_ERROR, GV_WEIGHTS_ERROR_UNSUPPORTED,
               _("%s: “%s” holds NaN or infinity"), path, shown);
  return false;
}

/* alpha / rank; 1 without an alpha, and where a Kronecker product has no small factors. */
static bool
set_scale (GvLora *self, GvLoraModule *module, const PeftConfig *peft, GError **error)
{
  const GvSafetensor *alpha = module->tensors[GV_LORA_ALPHA];
  double value;

  module->scale = 1;
  if (module->rank <= 0)
    return true;
  if (alpha) {
    if (!read_number (self, alpha, &value, error))
      return false;
    module->scale = value / (double) module->rank;
  } else if (peft->alpha > 0 && module->kind == GV_LORA_KIND_LOW_RANK) {
    module->scale =
        peft->alpha / (peft->root ? sqrt ((double) module->rank) : (double) module->rank);
  }
  return true;
}

static bool
finish_modules (GvLora *self, GError **error)
{
  PeftConfig peft = read_peft_config (self->file);

  for (guint i = 0; i < self->modules->len; i++) {
    GvLoraModule *module = self->modules->pdata[i];

    module->kind = get_kind (module);
    module->rank = get_rank (module);
    module->decomposed = module->tensors[GV_LORA_DORA_SCALE] || module->tensors[GV_LORA_MAGNITUDE];
    if (!set_scale (self, module, &peft, error))
      return false;
  }
  return true;
}

/* Architectures */

/* "transformer_blocks_1": only networks with deeper transformers than Stable Diffusion 1's. */
static bool
is_deep (const char *path)
{
  const char *p = strstr (path, "transformer_blocks_");

  p = p ? p + strlen ("transformer_blocks_") : NULL;
  return p && g_ascii_isdigit (p[0]) && (p[0] != '0' || g_ascii_isdigit (p[1]));
}

static bool
is_wide_text (const GvLoraModule *module)
{
  const GvSafetensor *down = module->tensors[GV_LORA_DOWN];

  return module->target == GV_LORA_UNET && down && down->rank >= 2 && down->shape[1] == 1024 &&
         g_str_has_suffix (module->path, "attn2_to_k");
}

static bool
is_flux (const char *path)
{
  return strstr (path, "single_blocks_") || strstr (path, "double_blocks_") ||
         strstr (path, "single_transformer_blocks_");
}

static GvLoraBase
detect_base (const GvLora *self)
{
  bool deep = false, wide = false, flux = false, joint = false, has[GV_N_LORA_TARGETS] = { false };

  for (guint i = 0; i < self->modules->len; i++) {
    const GvLoraModule *module = self->modules->pdata[i];

    has[module->target] = true;
    deep = deep || (module->target == GV_LORA_UNET && is_deep (module->path));
    wide = wide || is_wide_text (module);
    flux = flux || is_flux (module->path);
    joint = joint || strstr (module->path, "joint_blocks_") || strstr (module->path, "add_k_proj");
  }
  if (flux)
    return GV_LORA_FOR_FLUX;
  if (joint)
    return GV_LORA_FOR_SD3;
  if (has[GV_LORA_TRANSFORMER])
    return GV_LORA_FOR_TRANSFORMER;
  if (deep || has[GV_LORA_TEXT_2])
    return GV_LORA_FOR_SDXL;
  if (wide)
    return GV_LORA_FOR_SD2;
  return has[GV_LORA_UNET] || has[GV_LORA_TEXT] ? GV_LORA_FOR_SD1 : GV_LORA_FOR_UNKNOWN;
}

GvLora *
gv_lora_new_from_safetensors (GvSafetensors *file, GError **error)
{
  g_autoptr (GvLora) self = g_new0 (GvLora, 1);
  g_autoptr (GHashTable) by_name = g_hash_table_new (g_str_hash, g_str_equal);
  int of_names[GV_N_LORA_NAMES] = { 0 };

  self->file = file;
  self->modules = g_ptr_array_new_with_free_func (module_free);
  self->unknown = g_ptr_array_new ();
  self->embeddings = g_ptr_array_new ();
  if (!gv_lora_recognise (file)) {
    g_autofree char *shown = gv_dup_shown (gv_safetensors_get_path (file));

    g_set_error (error, GV_WEIGHTS_ERROR, GV_WEIGHTS_ERROR_UNSUPPORTED,
                 _("%s: none of its %zu tensors is one of a LoRA"), shown,
                   gv_safetensors_get_n (file));
    return NULL;
  }
  for (size_t i = 0; i < gv_safetensors_get_n (file); i++)
    if (!sort_tensor (self, by_name, of_names, gv_safetensors_get (file, i), error))
      return NULL;
  for (int names = 1; names < GV_N_LORA_NAMES; names++)
    if (of_names[names] > of_names[self->names] || self->names == GV_LORA_NAMES_OTHER)
      self->names = of_names[names] > 0 ? (GvLoraNames) names : self->names;
  if (!finish_modules (self, error))
    return NULL;
  self->base = detect_base (self);
  return g_steal_pointer (&self);
}

GvLora *
gv_lora_open (const char *path, GError **error)
{
  GvSafetensors *file;

  if (!gv_refuse_other_containers (path, error))
    return NULL;
  file = gv_safetensors_open (path, error);
  return file ? gv_lora_new_from_safetensors (file, error) : NULL;
}
