// SPDX-FileCopyrightText: Giverny contributors
// SPDX-License-Identifier: GPL-3.0-or-later
/* What a single file holds, told by a few names that only one family has. */
#include "weights/detect.h"

#include "base/errors.h"
#include "base/i18n.h"
#include "formats/file.h"

#include <string.h>

static const char *const unet_prefixes[] = { "model.diffusion_model.", "model.", "" };

/* Under any prefix of the network's; the first that is found names the family. */
static const struct
{
  const char *tensor, *family;
} marks[] = {
  { "distilled_guidance_layer.in_proj.weight", "Chroma" },
  { "single_stream_modulation.lin.weight", "Flux.2" },
  { "double_blocks.0.img_attn.norm.key_norm.scale", "Flux" },
  { "transformer_blocks.0.attn.norm_added_k.weight", "Flux" },
  { "joint_blocks.0.context_block.attn.qkv.weight", "Stable Diffusion 3" },
  { "joint_blocks.0.context_block.adaLN_modulation.1.weight", "Stable Diffusion 3" },
};

/* Anywhere in the file, as the beginning of a name. */
static const struct
{
  const char *start, *family;
} starts[] = {
  { "conditioner.embedders.1.", "Stable Diffusion XL" },
  { "conditioner.embedders.0.model.", "Stable Diffusion XL (refiner)" },
  { "conditioner.embedders.0.", "Stable Diffusion XL" },
  { "cond_stage_model.model.", "Stable Diffusion 2" },
  { "cond_stage_model.roberta.", "AltDiffusion" },
  { "control_model.", "ControlNet" },
};

static const GvSafetensor *
find_prefixed (GvSafetensors *file, const char *prefix, const char *name)
{
  g_autofree char *full = g_strconcat (prefix, name, NULL);

  return gv_safetensors_find (file, full);
}

static bool
has_start (GvSafetensors *file, const char *start)
{
  for (size_t i = 0; i < gv_safetensors_get_n (file); i++)
    if (g_str_has_prefix (gv_safetensors_get (file, i)->name, start))
      return true;
  return false;
}

static bool
refuse (GvSafetensors *file, int code, const char *what, GError **error)
{
  g_autofree char *shown = gv_dup_shown (gv_safetensors_get_path (file));

  g_set_error (error, GV_WEIGHTS_ERROR, code, "%s: %s", shown, what);
  return false;
}

static bool
refuse_family (GvSafetensors *file, const char *family, GError **error)
{
  g_autofree char *what = g_strdup_printf (_("this model is %s, which can't be run yet"), family);

  return refuse (file, GV_WEIGHTS_ERROR_UNSUPPORTED, what, error);
}

/* The class embedding's input width tells which of the models that have one it is. */
static bool
refuse_labelled (GvSafetensors *file, const GvSafetensor *label, GError **error)
{
  int64_t width = label->rank == 2 ? label->shape[1] : 0;

  return refuse_family (file,
                        width == 2816   ? "Stable Diffusion XL"
                        : width == 2560 ? "Stable Diffusion XL (refiner)"
                                        : "Stable unCLIP",
                        error);
}

static bool
refuse_later_families (GvSafetensors *file, GError **error)
{
  for (size_t p = 0; p < G_N_ELEMENTS (unet_prefixes); p++) {
    const GvSafetensor *label = find_prefixed (file, unet_prefixes[p], "label_emb.0.0.weight");

    for (size_t i = 0; i < G_N_ELEMENTS (marks); i++)
      if (find_prefixed (file, unet_prefixes[p], marks[i].tensor))
        return refuse_family (file, marks[i].family, error);
    if (label)
      return refuse_labelled (file, label, error);
  }
  for (size_t i = 0; i < G_N_ELEMENTS (starts); i++)
    if (has_start (file, starts[i].start))
      return refuse_family (file, starts[i].family, error);
  return true;
}

/* Eight-bit weights with a scale beside them are not what their bytes say. */
static bool
refuse_scaled (GvSafetensors *file, GError **error)
{
  for (size_t i = 0; i < gv_safetensors_get_n (file); i++) {
    const char *name = gv_safetensors_get (file, i)->name;

    if (g_str_has_suffix (name, "scaled_fp8") || g_str_has_suffix (name, ".scale_weight") ||
        g_str_has_suffix (name, ".weight_scale") || g_str_has_suffix (name, ".comfy_quant"))
      return refuse (file, GV_WEIGHTS_ERROR_UNSUPPORTED,
                     _("its 8-bit weights have scales, which can't be read yet"), error);
  }
  return true;
}

static bool
looks_like_lora (GvSafetensors *file)
{
  for (size_t i = 0; i < gv_safetensors_get_n (file); i++)
    if (strstr (gv_safetensors_get (file, i)->name, "lora_"))
      return true;
  return false;
}

static bool
refuse_unknown (GvSafetensors *file, GError **error)
{
  if (looks_like_lora (file))
    return refuse (file, GV_WEIGHTS_ERROR_UNSUPPORTED, _("is a LoRA, not a model"), error);
  if (gv_safetensors_find (file, "down_blocks.0.resnets.0.conv1.weight"))
    return refuse (file, GV_WEIGHTS_ERROR_UNSUPPORTED,
                   _("is the U-Net of a diffusers folder; give the folder that “unet” is in"),
                     error);
  if (gv_safetensors_find (file, "decoder.conv_in.weight"))
    return refuse (file, GV_WEIGHTS_ERROR_UNSUPPORTED, _("is a VAE, not a whole model"), error);
  return refuse (file, GV_WEIGHTS_ERROR_UNSUPPORTED,
                 _("its tensors are those of no model that we know"), error);
}

static bool
find_prefix (GvSafetensors *file,
             const char *const *prefixes,
             size_t n,
             const char *name,
             const char **out)
{
  *out = NULL;
  for (size_t i = 0; i < n && !*out; i++)
    if (find_prefixed (file, prefixes[i], name))
      *out = prefixes[i];
  return *out != NULL;
}

bool
gv_detect_sd1 (GvSafetensors *file, GvPrefixes *out, GError **error)
{
  static const char *const vae[] = { "first_stage_model.", "vae." };
  static const char *const text[] = { "cond_stage_model.transformer.text_model.",
                                      "cond_stage_model.transformer." };

  if (!refuse_later_families (file, error) || !refuse_scaled (file, error))
    return false;
  if (!find_prefix (file, unet_prefixes, G_N_ELEMENTS (unet_prefixes), "input_blocks.0.0.weight",
                    &out->unet))
    return refuse_unknown (file, error);
  if (!find_prefix (file, vae, G_N_ELEMENTS (vae), "decoder.conv_in.weight", &out->vae))
    return refuse (file, GV_WEIGHTS_ERROR_MISSING,
                   _("has no VAE (“first_stage_model.decoder.conv_in.weight” is missing)"), error);
  if (!find_prefix (file, text, G_N_ELEMENTS (text), "embeddings.token_embedding.weight",
                    &out->text))
    return refuse (file, GV_WEIGHTS_ERROR_MISSING,
                   _("has no text encoder (“cond_stage_model.transformer.text_model.embeddings."
                     "token_embedding.weight” is missing)"),
                     error);
  return true;
}
