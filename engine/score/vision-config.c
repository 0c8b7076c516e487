// SPDX-FileCopyrightText: Giverny contributors
// SPDX-License-Identifier: GPL-3.0-or-later
/* Reading image towers' configs; missing fields have the values that transformers gives them. */
#include "score/vision-config.h"

#include "base/errors.h"
#include "base/i18n.h"
#include "formats/file.h"
#include "weights/config.h"

#include <string.h>

#define MAX_WIDTH 16384

static const GvVisionConfig defaults[] = {
  [GV_VISION_CLIP] = { 768, 3072, 12, 12, 224, 32, true, true, 1e-5 },
  [GV_VISION_BLIP2] = { 1408, 6144, 39, 16, 224, 14, false, true, 1e-6 },
};

static bool
read_activation (GvConfig *c, bool quick)
{
  const char *act = gv_config_string (c, "hidden_act", quick ? "quick_gelu" : "gelu");

  if (strcmp (act, "quick_gelu") != 0)
    gv_config_only_string (c, "hidden_act", "gelu");
  return strcmp (act, "quick_gelu") == 0;
}

bool
gv_vision_config_open (GvVisionConfig *self, const char *path, GvVisionKind kind, GError **error)
{
  const GvVisionConfig *d = defaults + kind;
  g_autoptr (GvConfig) c = gv_config_open (path, error);

  if (!c)
    return false;
  gv_config_enter (c, "vision_config");
  *self = (GvVisionConfig) {
    .width = gv_config_int (c, "hidden_size", d->width, 1, MAX_WIDTH),
    .mlp_width = gv_config_int (c, "intermediate_size", d->mlp_width, 1, 4 * MAX_WIDTH),
    .n_layers = gv_config_int (c, "num_hidden_layers", d->n_layers, 1, 256),
    .n_heads = gv_config_int (c, "num_attention_heads", d->n_heads, 1, MAX_WIDTH),
    .image_size = gv_config_int (c, "image_size", d->image_size, 1, 2048),
    .patch = gv_config_int (c, "patch_size", d->patch, 1, 128),
    .quick_gelu = read_activation (c, d->quick_gelu),
    .qkv_bias = kind == GV_VISION_BLIP2 ? gv_config_bool (c, "qkv_bias", true) : true,
    .norm_eps = gv_config_double (c, "layer_norm_eps", d->norm_eps, 0, 1),
  };
  gv_config_only_number (c, "num_channels", 3);
  if (self->width % self->n_heads)
    gv_config_fail (c, "num_attention_heads", _("must divide the width %d"), self->width);
  else if (self->patch > self->image_size)
    gv_config_fail (c, "patch_size",
                    _("must not be larger than the picture, %d"), self->image_size);
  return gv_config_end (c, error);
}

bool
gv_vision_config_check_size (const GvVisionConfig *self,
                             const GvPreprocess *preprocess,
                             const char *folder,
                             GError **error)
{
  g_autofree char *shown = gv_dup_shown (folder);

  if (preprocess->width == self->image_size && preprocess->height == self->image_size)
    return true;
  g_set_error (error, GV_WEIGHTS_ERROR, GV_WEIGHTS_ERROR_UNSUPPORTED,
               _("%s: preprocessor_config.json makes pictures of %d × %d where the image tower wants "
                 "%d × %d"),
                 shown, preprocess->width, preprocess->height, self->image_size, self->image_size);
  return false;
}
