// SPDX-FileCopyrightText: Giverny contributors
// SPDX-License-Identifier: GPL-3.0-or-later
/* What a person wants to know about a file of weights before using it. */
#include "weights/describe.h"

#include "base/i18n.h"
#include "formats/file.h"
#include "weights/finite.h"

#include <string.h>

void
gv_describe_line (GString *out, const char *key, const char *format, ...)
{
  g_autofree char *value = NULL, *valid = NULL;
  va_list args;

  va_start (args, format);
  value = g_strdup_vprintf (format, args);
  va_end (args);
  valid = g_utf8_make_valid (value, -1);
  for (char *c = valid; *c; c++)
    if (g_ascii_iscntrl (*c))
      *c = ' ';
  g_string_append_printf (out, "%s: %s\n", key, valid);
}

/* Sums over tensors. */

typedef struct
{
  size_t n, n_elements, size_bytes;
  size_t of_type[GV_N_DTYPES + 1]; /* elements; the last: of types that we don't know */
  size_t n_bad;                    /* NaN or infinity */
  const char *bad;                 /* (nullable): the first tensor that has any */
} Sums;

static bool
add_tensor (Sums *sums, GvSafetensors *file, const GvSafetensor *tensor, GError **error)
{
  size_t n_bad;

  if (!gv_tensor_count_not_finite (file, tensor, &n_bad, error))
    return false;
  sums->n++;
  sums->n_elements += tensor->n_elements;
  sums->size_bytes += tensor->size_bytes;
  sums->of_type[tensor->known ? tensor->dtype : GV_N_DTYPES] += tensor->n_elements;
  sums->n_bad += n_bad;
  if (n_bad > 0 && !sums->bad)
    sums->bad = tensor->name;
  return true;
}

/* "F16", or all types with the most frequent first. */
static char *
types_to_string (const Sums *sums)
{
  GString *s = g_string_new (NULL);
  bool done[GV_N_DTYPES + 1] = { false };

  for (;;) {
    int most = -1;

    for (int i = 0; i <= GV_N_DTYPES; i++)
      if (!done[i] && sums->of_type[i] > 0 && (most < 0 || sums->of_type[i] > sums->of_type[most]))
        most = i;
    if (most < 0)
      return g_string_free_and_steal (s);
    done[most] = true;
    g_string_append_printf (s, "%s%s", s->len ? " + " : "",
                            most < GV_N_DTYPES ? gv_dtype_name ((GvDtype) most) : _("other types"));
  }
}

static void
add_sums (GString *out, const char *key, const Sums *sums)
{
  g_autofree char *types = types_to_string (sums);
  g_autofree char *size = g_format_size (sums->size_bytes);

  if (sums->n_elements >= 1000000)
    gv_describe_line (out, key,
                      _("%.1f million parameters, %s, %s, %zu tensors"),
                        (double) sums->n_elements / 1e6, types, size, sums->n);
  else
    gv_describe_line (out, key,
                      _("%zu parameters, %s, %s, %zu tensors"), sums->n_elements, types, size,
                        sums->n);
}

static void
add_bad (GString *out, const Sums *sums)
{
  if (sums->n_bad > 0)
    gv_describe_line (out, _("damaged"),
                             _("%zu values are not numbers or infinite, the first in “%s”"),
                               sums->n_bad, sums->bad);
}

/* Models. */

static int
by_name (const void *a, const void *b)
{
  const GvWeight *x = *(const GvWeight *const *) a, *y = *(const GvWeight *const *) b;

  return strcmp (x->name, y->name);
}

static bool
sum_part (GvModelFiles *model, GvPart part, Sums *sums, GError **error)
{
  size_t n;
  g_autofree const char **names = gv_model_files_get_names (model, part, &n);
  g_autofree const GvWeight **weights = g_new (const GvWeight *, n);

  for (size_t i = 0; i < n; i++)
    weights[i] = gv_model_files_find (model, part, names[i]);
  qsort (weights, n, sizeof *weights, by_name);
  for (size_t i = 0; i < n; i++)
    if (!add_tensor (sums, weights[i]->file, weights[i]->tensor, error))
      return false;
  return true;
}

static char *
ints_to_string (const int *values, int n)
{
  GString *s = g_string_new (NULL);

  for (int i = 0; i < n; i++)
    g_string_append_printf (s, "%s%d", i ? ", " : "", values[i]);
  return g_string_free_and_steal (s);
}

static bool
add_parts (GvModelFiles *model, GString *out, GError **error)
{
  const char *const keys[GV_N_PARTS] = {
    [GV_PART_TEXT] = _("text encoder"), [GV_PART_UNET] = _("U-Net"), [GV_PART_VAE] = _("VAE"),
                                        };

  for (int part = 0; part < GV_N_PARTS; part++) {
    Sums sums = { 0 };

    if (!sum_part (model, (GvPart) part, &sums, error))
      return false;
    add_sums (out, keys[part], &sums);
    add_bad (out, &sums);
  }
  return true;
}

static void
add_networks (GvModelFiles *model, GString *out)
{
  const GvClipTextConfig *text = gv_model_files_get_text_config (model);
  const GvUnetConfig *unet = gv_model_files_get_unet_config (model);
  const GvVaeConfig *vae = gv_model_files_get_vae_config (model);
  g_autofree char *widths = ints_to_string (unet->channels, unet->n_levels);
  g_autofree char *vae_widths = ints_to_string (vae->channels, vae->n_levels);

  gv_describe_line (out, _("text encoder's size"), _("%d layers, width %d, %d words"),
                                                     text->n_layers, text->width, text->vocab_size);
  gv_describe_line (out, _("U-Net's levels"), _("%s channels, %d layers each"), widths,
                                                unet->layers_per_block);
  gv_describe_line (out, _("VAE's levels"), _("%s channels, scaling factor %g"), vae_widths,
                                              vae->scaling_factor);
}

static void
add_noise (GvModelFiles *model, GString *out)
{
  const GvSchedulerConfig *noise = gv_model_files_get_scheduler_config (model);

  gv_describe_line (out, _("prediction"), "%s%s", noise->v_prediction ? "v" : "epsilon",
                           noise->zero_snr ? _(", zero terminal signal") : "");
  if (noise->trained_betas)
    gv_describe_line (out, _("noise"), _("%d steps of its own"), noise->n_timesteps);
  else
    gv_describe_line (out, _("noise"), _("%d steps, %s from %g to %g"), noise->n_timesteps,
                                         noise->beta_schedule, noise->beta_start, noise->beta_end);
}

bool
gv_describe_model (GvModelFiles *model, GString *out, GError **error)
{
  int side = 8 * gv_model_files_get_unet_config (model)->sample_size;

  gv_describe_line (out, _("kind"), _("model"));
  gv_describe_line (out, _("family"), "Stable Diffusion 1");
  gv_describe_line (out, _("layout"), "%s",
                           gv_model_files_is_folder (model) ? _("diffusers folder")
                                                            : _("single file"));
  if (!add_parts (model, out, error))
    return false;
  add_networks (model, out);
  add_noise (model, out);
  gv_describe_line (out, _("picture"), "%d × %d", side, side);
  return true;
}

/* What training programs write about themselves, in words. */
static void
add_metadata (GvSafetensors *file, GString *out)
{
  const struct
  {
    const char *field, *key;
  } known[] = {
    { "modelspec.title", _("title") },
      { "modelspec.architecture", _("architecture") },
        { "ss_output_name", _("name") },
          { "ss_sd_model_name", _("trained on") },
            { "ss_base_model_version", _("base") },
              { "ss_network_dim", _("network dimension") },
                { "ss_network_alpha", _("network alpha") },
                  { "ss_network_module", _("trained with") },
                    { "ss_steps", _("training steps") },
                      { "ss_num_epochs", _("epochs") },
                        { "ss_learning_rate", _("learning rate") },
                          { "ss_optimizer", _("optimizer") },
                            { "ss_training_comment", _("comment") },
                              { "ss_num_train_images", _("training pictures") },
                                { "ss_resolution", _("training size") },
                                  { "format", _("written by") },
                                };

  for (size_t i = 0; i < G_N_ELEMENTS (known); i++) {
    const char *value = gv_safetensors_get_metadata (file, known[i].field);
    g_autofree char *shown = value ? gv_dup_shown (value) : NULL;

    if (shown)
      gv_describe_line (out, known[i].key, "%s", shown);
  }
}

bool
gv_describe_safetensors (GvSafetensors *file, GString *out, GError **error)
{
  Sums sums = { 0 };

  for (size_t i = 0; i < gv_safetensors_get_n (file); i++)
    if (!add_tensor (&sums, file, gv_safetensors_get (file, i), error))
      return false;
  add_sums (out, _("content"), &sums);
  add_bad (out, &sums);
  add_metadata (file, out);
  return true;
}
