// SPDX-FileCopyrightText: Giverny contributors
// SPDX-License-Identifier: GPL-3.0-or-later
/* Which layers of a model a LoRA changes, and whether its shapes are theirs. */
#include "weights/lora.h"

#include "base/errors.h"
#include "base/i18n.h"
#include "formats/file.h"

#include <inttypes.h>
#include <string.h>

/* Layers by name */

typedef struct
{
  char *layer;
  const GvWeight *weight, *bias; /* (nullable) */
} Layer;

struct _GvLoraIndex
{
  GvModelFiles *model;
  GHashTable *layers[GV_N_PARTS]; /* path → Layer */
};

static void
layer_free (gpointer data)
{
  Layer *self = data;

  g_free (self->layer);
  g_free (self);
}

static void
add_layer (GvLoraIndex *self, GvPart part, const char *name)
{
  bool bias = g_str_has_suffix (name, ".bias");
  g_autofree char *layer = NULL, *path = NULL;
  Layer *found;

  if (!bias && !g_str_has_suffix (name, ".weight"))
    return;
  layer = g_strndup (name, strlen (name) - strlen (bias ? ".bias" : ".weight"));
  path = g_strdelimit (g_strdup (layer), ".", '_');
  found = g_hash_table_lookup (self->layers[part], path);
  if (!found) {
    found = g_new0 (Layer, 1);
    found->layer = g_steal_pointer (&layer);
    g_hash_table_insert (self->layers[part], g_steal_pointer (&path), found);
  }
  *(bias ? &found->bias : &found->weight) = gv_model_files_find (self->model, part, name);
}

GvLoraIndex *
gv_lora_index_new (GvModelFiles *model)
{
  GvLoraIndex *self = g_new0 (GvLoraIndex, 1);

  self->model = model;
  for (int part = 0; part < GV_N_PARTS; part++) {
    size_t n;
    g_autofree const char **names = gv_model_files_get_names (model, (GvPart) part, &n);

    self->layers[part] = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, layer_free);
    for (size_t i = 0; i < n; i++)
      add_layer (self, (GvPart) part, names[i]);
  }
  return self;
}

void
gv_lora_index_free (GvLoraIndex *self)
{
  for (int part = 0; part < GV_N_PARTS; part++)
    g_hash_table_unref (self->layers[part]);
  g_free (self);
}

static const Layer *
find_unet (const GvLoraIndex *self, const char *path)
{
  const GvUnetConfig *config = gv_model_files_get_unet_config (self->model);
  const Layer *layer = g_hash_table_lookup (self->layers[GV_PART_UNET], path);
  g_autofree char *newer = NULL;

  if (layer)
    return layer;
  newer = gv_lora_path_from_ldm (path, config->n_levels, config->layers_per_block);
  return newer ? g_hash_table_lookup (self->layers[GV_PART_UNET], newer) : NULL;
}

static const Layer *
find_text (const GvLoraIndex *self, const char *path)
{
  static const char *const prefixes[] = { "transformer_", "text_model_" };

  for (size_t i = 0; i < G_N_ELEMENTS (prefixes); i++)
    if (g_str_has_prefix (path, prefixes[i]))
      path += strlen (prefixes[i]);
  return g_hash_table_lookup (self->layers[GV_PART_TEXT], path);
}

static const Layer *
find_layer (const GvLoraIndex *self, const GvLoraModule *module, GvPart *part)
{
  *part = module->target == GV_LORA_TEXT ? GV_PART_TEXT : GV_PART_UNET;
  if (module->target == GV_LORA_UNET)
    return find_unet (self, module->path);
  return module->target == GV_LORA_TEXT ? find_text (self, module->path) : NULL;
}

/* Errors */

static bool
fail (const GvLora *self, int code, const char *tensor, const char *what, GError **error)
{
  g_autofree char *path = gv_dup_shown (gv_safetensors_get_path (self->file));
  g_autofree char *shown = gv_dup_shown (tensor);

  g_set_error (error, GV_WEIGHTS_ERROR, code, "%s: “%s” %s", path, shown, what);
  return false;
}

static bool
refuse_shape (const GvLora *self, const GvSafetensor *tensor, const char *layer, GError **error)
{
  g_autofree char *what = NULL;
  GString *shape = g_string_new (NULL);

  for (int i = 0; i < tensor->rank; i++)
    g_string_append_printf (shape, "%s%" PRId64, i ? " × " : "", tensor->shape[i]);
  what = g_strdup_printf (_("is %s, which does not fit the model’s “%s”"),
                            shape->len ? shape->str : _("a single number"), layer);
  g_string_free (shape, TRUE);
  return fail (self, GV_WEIGHTS_ERROR_SHAPE, tensor->name, what, error);
}

/* Halves */

static bool
refuse_half (const GvLora *self, const GvSafetensor *have, GvLoraRole lacks, GError **error)
{
  g_autofree char *missing = gv_lora_key_sibling (have->name, lacks);
  g_autofree char *shown = gv_dup_shown (have->name);
  g_autofree char *what = g_strdup_printf (_("is missing, the other half of “%s”"), shown);

  return fail (self, GV_WEIGHTS_ERROR_MISSING, missing, what, error);
}

/* Roles that make sense only together; a third one needs the first two. */
static const GvLoraRole pairs[][2] = {
  { GV_LORA_DOWN, GV_LORA_UP },
  { GV_LORA_HADA_W1_A, GV_LORA_HADA_W1_B },
  { GV_LORA_HADA_W2_A, GV_LORA_HADA_W2_B },
  { GV_LORA_HADA_T1, GV_LORA_HADA_T2 },
  { GV_LORA_LOKR_W1_A, GV_LORA_LOKR_W1_B },
  { GV_LORA_LOKR_W2_A, GV_LORA_LOKR_W2_B },
};

static const GvLoraRole needs[][2] = {
  { GV_LORA_MID, GV_LORA_DOWN },
  { GV_LORA_HADA_W1_A, GV_LORA_HADA_W2_A },
  { GV_LORA_HADA_W2_A, GV_LORA_HADA_W1_A },
  { GV_LORA_HADA_T1, GV_LORA_HADA_W1_A },
  { GV_LORA_LOKR_T2, GV_LORA_LOKR_W2_A },
};

static bool
check_kronecker_halves (const GvLora *self, const GvLoraModule *m, GError **error)
{
  const GvSafetensor *w1 =
      m->tensors[GV_LORA_LOKR_W1] ? m->tensors[GV_LORA_LOKR_W1] : m->tensors[GV_LORA_LOKR_W1_A];
  const GvSafetensor *w2 =
      m->tensors[GV_LORA_LOKR_W2] ? m->tensors[GV_LORA_LOKR_W2] : m->tensors[GV_LORA_LOKR_W2_A];

  if (!w1)
    return refuse_half (self, w2, GV_LORA_LOKR_W1, error);
  return w2 || refuse_half (self, w1, GV_LORA_LOKR_W2, error);
}

static bool
check_halves (const GvLora *self, const GvLoraModule *m, GError **error)
{
  for (size_t i = 0; i < G_N_ELEMENTS (pairs); i++)
    for (int side = 0; side < 2; side++)
      if (m->tensors[pairs[i][side]] && !m->tensors[pairs[i][1 - side]])
        return refuse_half (self, m->tensors[pairs[i][side]], pairs[i][1 - side], error);
  for (size_t i = 0; i < G_N_ELEMENTS (needs); i++)
    if (m->tensors[needs[i][0]] && !m->tensors[needs[i][1]])
      return refuse_half (self, m->tensors[needs[i][0]], needs[i][1], error);
  return m->kind != GV_LORA_KIND_KRONECKER || check_kronecker_halves (self, m, error);
}

/* Shapes */

size_t
gv_weight_row_elements (const GvWeight *weight)
{
  size_t n = 1;

  for (int i = 1; i < weight->rank; i++)
    n *= (size_t) weight->shape[i];
  return n;
}

/* What a tensor must be: @rows, then @columns however they are split up. */
static bool
check_matrix (const GvLora *self,
              const GvLoraFitting *f,
              GvLoraRole role,
              size_t rows,
              size_t columns,
              GError **error)
{
  const GvSafetensor *tensor = f->module->tensors[role];
  size_t n;

  if (!tensor)
    return true;
  if (!tensor->known || !gv_dtype_is_float (tensor->dtype))
    return fail (self, GV_WEIGHTS_ERROR_UNSUPPORTED, tensor->name,
                 _("is of a type that can’t be read as numbers"), error);
  if (rows == 0 || columns == 0 || __builtin_mul_overflow (rows, columns, &n) || tensor->rank < 1 ||
      tensor->shape[0] != (int64_t) rows || tensor->n_elements != n)
    return refuse_shape (self, tensor, f->layer, error);
  return true;
}

static size_t
rows_of (const GvSafetensor *tensor)
{
  return tensor && tensor->rank > 0 ? (size_t) tensor->shape[0] : 0;
}

static size_t
columns_of (const GvSafetensor *tensor)
{
  return rows_of (tensor) > 0 ? tensor->n_elements / rows_of (tensor) : 0;
}

/* Positions of a convolution's window. */
static size_t
taps_of (const GvWeight *weight)
{
  return weight->rank == 4 ? (size_t) (weight->shape[2] * weight->shape[3]) : 1;
}

static bool
check_low_rank (const GvLora *self, const GvLoraFitting *f, GError **error)
{
  GvSafetensor const *const *t = f->module->tensors;
  size_t out = (size_t) f->weight->shape[0], in = gv_weight_row_elements (f->weight);
  size_t rank = rows_of (t[GV_LORA_DOWN]), top = rank;

  if (t[GV_LORA_MID]) {
    top = rows_of (t[GV_LORA_MID]);
    if (!check_matrix (self, f, GV_LORA_MID, top, rank * taps_of (f->weight), error))
      return false;
    in /= taps_of (f->weight);
  }
  return check_matrix (self, f, GV_LORA_DOWN, rank, in, error) &&
         check_matrix (self, f, GV_LORA_UP, out, top, error);
}

/* One of the two factors: wa · wb, or with a core both from its two sides. */
static bool
check_hadamard_side (const GvLora *self,
                     const GvLoraFitting *f,
                     GvLoraRole a,
                     GvLoraRole core,
                     GError **error)
{
  GvSafetensor const *const *t = f->module->tensors;
  size_t out = (size_t) f->weight->shape[0], in = gv_weight_row_elements (f->weight);
  size_t taps = taps_of (f->weight), ra, rb;

  if (!t[core])
    return check_matrix (self, f, a, out, rows_of (t[a + 1]), error) &&
           check_matrix (self, f, a + 1, rows_of (t[a + 1]), in, error);
  ra = rows_of (t[a]);
  rb = rows_of (t[a + 1]);
  return check_matrix (self, f, a, ra, out, error) &&
         check_matrix (self, f, a + 1, rb, in / taps, error) &&
         check_matrix (self, f, core, ra, rb * taps, error);
}

static bool
check_hadamard (const GvLora *self, const GvLoraFitting *f, GError **error)
{
  return check_hadamard_side (self, f, GV_LORA_HADA_W1_A, GV_LORA_HADA_T1, error) &&
         check_hadamard_side (self, f, GV_LORA_HADA_W2_A, GV_LORA_HADA_T2, error);
}

/* Sizes of a factor that may be there whole, as two matrices, or as two with a core between. */
static bool
get_kronecker_factor (const GvLora *self,
                      const GvLoraFitting *f,
                      GvLoraRole whole,
                      size_t *rows,
                      size_t *columns,
                      GError **error)
{
  GvSafetensor const *const *t = f->module->tensors;
  const GvSafetensor *core = whole == GV_LORA_LOKR_W2 ? t[GV_LORA_LOKR_T2] : NULL;
  GvLoraRole a = whole + 1, b = whole + 2;

  if (t[whole]) {
    *rows = rows_of (t[whole]);
    *columns = columns_of (t[whole]);
    return check_matrix (self, f, whole, *rows, *columns, error);
  }
  *rows = core ? columns_of (t[a]) : rows_of (t[a]);
  *columns = columns_of (t[b]) * (core ? taps_of (f->weight) : 1);
  if (core)
    return check_matrix (self, f, a, rows_of (t[a]), *rows, error) &&
           check_matrix (self, f, b, rows_of (t[b]), columns_of (t[b]), error) &&
           check_matrix (self, f, GV_LORA_LOKR_T2, rows_of (t[a]),
                         rows_of (t[b]) * taps_of (f->weight), error);
  return check_matrix (self, f, a, *rows, rows_of (t[b]), error) &&
         check_matrix (self, f, b, rows_of (t[b]), columns_of (t[b]), error);
}

static bool
check_kronecker (const GvLora *self, const GvLoraFitting *f, GError **error)
{
  GvSafetensor const *const *t = f->module->tensors;
  size_t out = (size_t) f->weight->shape[0], in = gv_weight_row_elements (f->weight);
  size_t rows[2] = { 0 }, columns[2] = { 0 }, n, m;

  if (!get_kronecker_factor (self, f, GV_LORA_LOKR_W1, &rows[0], &columns[0], error) ||
      !get_kronecker_factor (self, f, GV_LORA_LOKR_W2, &rows[1], &columns[1], error))
    return false;
  if (!__builtin_mul_overflow (rows[0], rows[1], &n) && n == out &&
      !__builtin_mul_overflow (columns[0], columns[1], &m) && m == in)
    return true;
  return refuse_shape (self, t[GV_LORA_LOKR_W2] ? t[GV_LORA_LOKR_W2] : t[GV_LORA_LOKR_W2_A],
                       f->layer, error);
}

static bool
check_full (const GvLora *self, const GvLoraFitting *f, GError **error)
{
  size_t out = (size_t) f->weight->shape[0], in = gv_weight_row_elements (f->weight);

  return check_matrix (self, f, GV_LORA_DIFF, out, in, error) &&
         check_matrix (self, f, GV_LORA_SET_WEIGHT, out, in, error);
}

/* One length for each row, or one for each column. */
static bool
check_decomposition (const GvLora *self, const GvLoraFitting *f, GError **error)
{
  size_t out = (size_t) f->weight->shape[0], in = gv_weight_row_elements (f->weight);
  const GvSafetensor *scale = f->module->tensors[GV_LORA_DORA_SCALE];

  if (!check_matrix (self, f, GV_LORA_MAGNITUDE, out, 1, error))
    return false;
  if (!scale || rows_of (scale) == out)
    return check_matrix (self, f, GV_LORA_DORA_SCALE, out, 1, error);
  return check_matrix (self, f, GV_LORA_DORA_SCALE, 1, in / taps_of (f->weight), error);
}

static bool
check_shapes (const GvLora *self, const GvLoraFitting *f, GError **error)
{
  const GvLoraModule *m = f->module;
  bool ok = true;

  if (f->weight->rank < 1)
    return fail (self, GV_WEIGHTS_ERROR_SHAPE, m->name, _("does not fit the model"), error);
  if (m->kind == GV_LORA_KIND_LOW_RANK)
    ok = check_low_rank (self, f, error);
  else if (m->kind == GV_LORA_KIND_HADAMARD)
    ok = check_hadamard (self, f, error);
  else if (m->kind == GV_LORA_KIND_KRONECKER)
    ok = check_kronecker (self, f, error);
  return ok && check_full (self, f, error) && check_decomposition (self, f, error) &&
         (!f->bias || check_matrix (self, f, GV_LORA_DIFF_B, (size_t) f->bias->shape[0], 1, error));
}

/* All of it */

static void
fitting_free (gpointer data)
{
  GvLoraFitting *self = data;

  g_free (self->layer);
  g_free (self);
}

static void
note_skipped (GvLoraReport *report, const char *name)
{
  if (!report->first_skipped)
    report->first_skipped = name;
}

static const char *
first_name (const GvLoraModule *module)
{
  for (int role = 0; role < GV_N_LORA_ROLES; role++)
    if (module->tensors[role])
      return module->tensors[role]->name;
  return module->name;
}

/* How many of a module's tensors act on this layer: none of a number alone, and no bias where the
 * layer has none. */
static int
count_used (const GvLoraModule *m, const Layer *layer)
{
  int used = m->n_tensors - (m->tensors[GV_LORA_DIFF_B] && !layer->bias);

  return m->kind == GV_LORA_KIND_NONE ? 0 : used;
}

static void
fit_module (const GvLoraIndex *index, const GvLoraModule *m, GPtrArray *out, GvLoraReport *report)
{
  GvPart part;
  const Layer *layer = find_layer (index, m, &part);
  GvLoraFitting *fitting;

  if (!layer || !layer->weight) {
    report->n_not_there += m->n_tensors;
    note_skipped (report, first_name (m));
    return;
  }
  report->n_mapped += m->n_tensors;
  if (m->kind == GV_LORA_KIND_UNSUPPORTED) {
    report->n_unsupported += m->n_tensors;
    note_skipped (report, first_name (m));
    return;
  }
  if (count_used (m, layer) == 0) {
    note_skipped (report, first_name (m));
    return;
  }
  if (m->tensors[GV_LORA_DIFF_B] && !layer->bias)
    note_skipped (report, m->tensors[GV_LORA_DIFF_B]->name);
  report->n_used += count_used (m, layer);
  fitting = g_new0 (GvLoraFitting, 1);
  *fitting = (GvLoraFitting) { m, part, g_strdup (layer->layer), layer->weight, layer->bias };
  g_ptr_array_add (out, fitting);
}

static bool
refuse_base (const GvLora *self, GError **error)
{
  g_autofree char *path = gv_dup_shown (gv_safetensors_get_path (self->file));

  g_set_error (error, GV_WEIGHTS_ERROR, GV_WEIGHTS_ERROR_UNSUPPORTED,
               _("%s: this LoRA is for %s, the model is %s"), path, gv_lora_base_label (self->base),
                 "Stable Diffusion 1");
  return false;
}

/* Another architecture's LoRA changes layers that this model has not, or in other widths. */
static bool
check_base (const GvLora *self, const GvLoraIndex *index, const GvLoraReport *r, GError **error)
{
  const GvUnetConfig *unet = gv_model_files_get_unet_config (index->model);
  bool other = self->base > GV_LORA_FOR_SD2 && r->n_not_there > 0;

  if (self->base == GV_LORA_FOR_SD2 && unet->cross_attention_dim != 1024)
    other = true;
  return !other || refuse_base (self, error);
}

static bool
check_any (const GvLora *self, const GPtrArray *fittings, const GvLoraReport *r, GError **error)
{
  g_autofree char *path = gv_dup_shown (gv_safetensors_get_path (self->file));

  if (fittings->len > 0)
    return true;
  if (r->n_unsupported > 0)
    g_set_error (error, GV_WEIGHTS_ERROR, GV_WEIGHTS_ERROR_UNSUPPORTED,
                 _("%s: its changes are of a kind (GLoRA, OFT or IA3) that can’t be applied yet"),
                   path);
  else
    g_set_error (error, GV_WEIGHTS_ERROR, GV_WEIGHTS_ERROR_UNSUPPORTED,
                 _("%s: none of its %d tensors fits the model"), path, r->n_tensors);
  return false;
}

GPtrArray *
gv_lora_fit (GvLora *self, const GvLoraIndex *index, GvLoraReport *report, GError **error)
{
  g_autoptr (GPtrArray) fittings = g_ptr_array_new_with_free_func (fitting_free);

  *report = (GvLoraReport) {
    .n_tensors = (int) gv_safetensors_get_n (self->file),
    .n_unknown = (int) self->unknown->len,
    .n_embeddings = (int) self->embeddings->len,
  };
  for (guint i = 0; i < self->modules->len; i++)
    fit_module (index, self->modules->pdata[i], fittings, report);
  if (self->unknown->len > 0)
    note_skipped (report, self->unknown->pdata[0]);
  if (self->embeddings->len > 0)
    note_skipped (report, self->embeddings->pdata[0]);
  if (!check_base (self, index, report, error))
    return NULL;
  for (guint i = 0; i < self->modules->len; i++)
    if (!check_halves (self, self->modules->pdata[i], error))
      return NULL;
  if (!check_any (self, fittings, report, error))
    return NULL;
  for (guint i = 0; i < fittings->len; i++)
    if (!check_shapes (self, fittings->pdata[i], error))
      return NULL;
  return g_steal_pointer (&fittings);
}
