// SPDX-FileCopyrightText: Giverny contributors
// SPDX-License-Identifier: GPL-3.0-or-later
/* Walking the nodes that make, combine and place conditionings. */
#include "formats/comfy-conditioning.h"

#include "base/errors.h"
#include "base/i18n.h"

#include <math.h>
#include <string.h>

#define MAX_DEPTH 64
#define MAX_VISITS 4096 /* nodes may be reached on many ways */
#define DEFAULT_RESOLUTION 512

typedef struct
{
  const GvComfyGraph *graph;
  GvComfyConditioning *out;
  int visits;
} Walk;

static void
entry_free (GvComfyEntry *self)
{
  g_free (self->text);
  g_free (self);
}

void
gv_comfy_conditioning_free (GvComfyConditioning *self)
{
  g_ptr_array_unref (self->entries);
  g_ptr_array_unref (self->notes);
  g_free (self->seen);
  g_free (self);
}

static void G_GNUC_PRINTF (2, 3) note (Walk *walk, const char *format, ...)
{
  va_list args;

  va_start (args, format);
  if (walk->out->notes->len < GV_COMFY_MAX_ENTRIES)
    g_ptr_array_add (walk->out->notes, g_strdup_vprintf (format, args));
  va_end (args);
}

static void
note_node (Walk *walk, const GvComfyNode *node)
{
  note (walk, _("node %s: %s"), gv_comfy_node_get_id (node), gv_comfy_node_get_type (node));
}

static bool
is (const GvComfyNode *node, const char *type)
{
  return node && strcmp (gv_comfy_node_get_type (node), type) == 0;
}

static double
get_number (Walk *walk, const GvComfyNode *node, const char *input, double fallback)
{
  gv_comfy_node_get_number (walk->graph, node, input, &fallback);
  return fallback;
}

static bool visit (Walk *walk, const GvComfyNode *node, int slot, int depth, GError **error);

/* The texts behind @input are those from *@first on. */
static bool
visit_input (Walk *walk,
             const GvComfyNode *node,
             const char *input,
             guint *first,
             int depth,
             GError **error)
{
  int slot = 0;
  const GvComfyNode *from = gv_comfy_node_get_link (walk->graph, node, input, &slot);

  *first = walk->out->entries->len;
  return !from || visit (walk, from, slot, depth + 1, error);
}

static GvComfyEntry *
get_entry (Walk *walk, guint i)
{
  return walk->out->entries->pdata[i];
}

static void
remove_from (Walk *walk, guint first)
{
  g_ptr_array_set_size (walk->out->entries, (int) first);
}

/* Texts */

static bool
visit_text (Walk *walk, const GvComfyNode *node, GError **error)
{
  const char *text = "";
  GvComfyEntry *entry;

  if (walk->out->entries->len >= GV_COMFY_MAX_ENTRIES) {
    g_set_error_literal (error, GV_FORMAT_ERROR, GV_FORMAT_ERROR_LIMIT,
                         _("the workflow combines more than 256 texts"));
    return false;
  }
  if (!gv_comfy_node_get_text (walk->graph, node, "text", &text))
    note (walk, _("node %s: its text comes from a node that we can’t read"),
                  gv_comfy_node_get_id (node));
  entry = g_new0 (GvComfyEntry, 1);
  *entry = (GvComfyEntry) { .text = g_strdup (text), .strength = 1 };
  g_ptr_array_add (walk->out->entries, entry);
  if (!walk->out->encoder)
    walk->out->encoder = node;
  return true;
}

/* Places */

static bool
visit_area (Walk *walk, const GvComfyNode *node, GvComfyKind kind, int depth, GError **error)
{
  guint first;

  if (!visit_input (walk, node, "conditioning", &first, depth, error))
    return false;
  for (guint i = first; i < walk->out->entries->len; i++) {
    GvComfyEntry *entry = get_entry (walk, i);

    entry->kind = kind;
    entry->x = get_number (walk, node, "x", 0);
    entry->y = get_number (walk, node, "y", 0);
    entry->w = get_number (walk, node, "width", kind == GV_COMFY_AREA ? 64 : 1);
    entry->h = get_number (walk, node, "height", kind == GV_COMFY_AREA ? 64 : 1);
    entry->strength = get_number (walk, node, "strength", 1);
  }
  return true;
}

static bool
visit_strength (Walk *walk, const GvComfyNode *node, int depth, GError **error)
{
  guint first;

  if (!visit_input (walk, node, "conditioning", &first, depth, error))
    return false;
  for (guint i = first; i < walk->out->entries->len; i++)
    get_entry (walk, i)->strength = get_number (walk, node, "strength", 1);
  return true;
}

/* A rectangle with one value, all else 0. */
typedef struct
{
  double x, y, w, h, value;
} Rectangle;

/* A SolidMask, or one put into an empty SolidMask; false for what is no rectangle. */
static bool
read_mask (Walk *walk, const GvComfyNode *mask, Rectangle *out)
{
  const GvComfyNode *source, *destination;

  if (is (mask, "SolidMask")) {
    walk->out->seen[gv_comfy_node_get_index (mask)] = true;
    *out =
        (Rectangle) { 0, 0, get_number (walk, mask, "width", 512),
                      get_number (walk, mask, "height", 512), get_number (walk, mask, "value", 1) };
    return true;
  }
  source = gv_comfy_node_get_link (walk->graph, mask, "source", NULL);
  destination = gv_comfy_node_get_link (walk->graph, mask, "destination", NULL);
  if (!is (mask, "MaskComposite") || !is (source, "SolidMask") || !is (destination, "SolidMask") ||
      get_number (walk, destination, "value", 1) != 0)
    return false;
  for (int i = 0; i < 3; i++)
    walk->out
        ->seen[gv_comfy_node_get_index ((const GvComfyNode *[]) { mask, source, destination }[i])] =
        true;
  *out = (Rectangle) { get_number (walk, mask, "x", 0), get_number (walk, mask, "y", 0),
                       get_number (walk, source, "width", 512),
                       get_number (walk, source, "height", 512),
                       get_number (walk, source, "value", 1) };
  return true;
}

static void
place_mask (Walk *walk, const GvComfyNode *node, const Rectangle *mask, GvComfyEntry *entry)
{
  const char *bounds = "default";

  gv_comfy_node_get_text (walk->graph, node, "set_cond_area", &bounds);
  entry->hard = strcmp (bounds, "mask bounds") != 0;
  if (!entry->hard)
    note (walk, _("node %s: its mask’s edge is hard, here it is soft"),
                  gv_comfy_node_get_id (node));
  if (fmod (mask->x, 8) != 0 || fmod (mask->y, 8) != 0 || fmod (mask->w, 8) != 0 ||
      fmod (mask->h, 8) != 0)
    note (walk, _("node %s: its mask is not on the grid of 8 pixels, here it is"),
                  gv_comfy_node_get_id (node));
  entry->kind = GV_COMFY_AREA;
  entry->x = mask->x;
  entry->y = mask->y;
  entry->w = mask->w;
  entry->h = mask->h;
  entry->strength *= get_number (walk, node, "strength", 1) * mask->value;
}

static bool
visit_mask (Walk *walk, const GvComfyNode *node, int depth, GError **error)
{
  const GvComfyNode *mask = gv_comfy_node_get_link (walk->graph, node, "mask", NULL);
  Rectangle rectangle;
  guint first;

  if (!visit_input (walk, node, "conditioning", &first, depth, error))
    return false;
  if (mask && read_mask (walk, mask, &rectangle)) {
    for (guint i = first; i < walk->out->entries->len; i++)
      place_mask (walk, node, &rectangle, get_entry (walk, i));
    return true;
  }
  for (guint i = first; i < walk->out->entries->len; i++)
    note (walk, _("node %s: a mask that is no rectangle, for: %s"), gv_comfy_node_get_id (node),
                  get_entry (walk, i)->text);
  remove_from (walk, first);
  return true;
}

/* MultiAreaConditioning keeps its boxes in the editor's properties. */

double
gv_comfy_resolution (const GvComfyNode *node, const char *side)
{
  yyjson_val *value = yyjson_obj_get (gv_comfy_node_get_properties (node), side);
  double size = yyjson_get_num (value);

  return yyjson_is_num (value) && size >= 1 && size <= 1e6 ? size : DEFAULT_RESOLUTION;
}

/* [x, y, w, h, strength] of a row; zeros and strength 1 where there is none. */
static void
read_row (yyjson_val *values, size_t row, double out[5])
{
  yyjson_val *list = yyjson_arr_get (values, row);

  for (size_t i = 0; i < 5; i++) {
    yyjson_val *value = yyjson_arr_get (list, i);
    double number = yyjson_get_num (value);

    out[i] = yyjson_is_num (value) && isfinite (number) ? number : i == 4;
  }
}

/* Puts the box on the texts from @first on, as the node does: see its rules in order. */
static void
place_row (Walk *walk, const GvComfyNode *node, guint first, const double row[5])
{
  double width = gv_comfy_resolution (node, "width");
  double height = gv_comfy_resolution (node, "height");
  double w = MIN (row[2], width - row[0]), h = MIN (row[3], height - row[1]);

  if (row[0] == 0 && row[1] == 0 && row[2] == width && row[3] == height)
    return; /* the whole frame: neither an area nor a strength */
  if (w < 8 || h < 8) {
    for (guint i = first; i < walk->out->entries->len; i++)
      note (walk, _("node %s: a box without any part in the picture, for: %s"),
                    gv_comfy_node_get_id (node), get_entry (walk, i)->text);
    remove_from (walk, first);
    return;
  }
  for (guint i = first; i < walk->out->entries->len; i++) {
    GvComfyEntry *entry = get_entry (walk, i);

    entry->kind = GV_COMFY_AREA;
    entry->x = row[0];
    entry->y = row[1];
    entry->w = w;
    entry->h = h;
    entry->strength = row[4];
  }
}

static bool
visit_multi_area (Walk *walk, const GvComfyNode *node, int depth, GError **error)
{
  yyjson_val *values = yyjson_obj_get (gv_comfy_node_get_properties (node), "values");
  size_t row = 0;

  if (!yyjson_is_arr (values))
    note (walk, _("node %s: its boxes are in the workflow, which is not there"),
                  gv_comfy_node_get_id (node));
  for (int i = 0; i < GV_COMFY_MAX_ENTRIES; i++) {
    g_autofree char *input = g_strdup_printf ("conditioning%d", i);
    double box[5];
    guint first;

    if (!gv_comfy_node_get_link (walk->graph, node, input, NULL))
      continue;
    if (!visit_input (walk, node, input, &first, depth, error))
      return false;
    read_row (values, row++, box);
    place_row (walk, node, first, box);
  }
  return true;
}

/* Several */

static bool
visit_both (Walk *walk,
            const GvComfyNode *node,
            const char *one,
            const char *other,
            bool other_is_default,
            int depth,
            GError **error)
{
  guint first;

  if (!visit_input (walk, node, one, &first, depth, error) ||
      !visit_input (walk, node, other, &first, depth, error))
    return false;
  for (guint i = first; other_is_default && i < walk->out->entries->len; i++)
    get_entry (walk, i)->is_default = true;
  return true;
}

/* What we don't know but can see through: its texts count, its effect is listed. */
static bool
visit_unknown (Walk *walk, const GvComfyNode *node, int slot, int depth, GError **error)
{
  static const char *const through[] = { "conditioning", "conditioning_to", NULL };
  guint first = walk->out->entries->len;

  note_node (walk, node);
  for (int i = 0; through[i]; i++)
    if (gv_comfy_node_has (node, through[i]))
      return visit_input (walk, node, through[i], &first, depth, error);
  if (gv_comfy_node_has (node, "positive"))
    return visit_input (walk, node, slot == 1 ? "negative" : "positive", &first, depth, error);
  return true;
}

static bool
visit_known (Walk *walk, const GvComfyNode *node, int slot, int depth, GError **error)
{
  bool negative = slot == 1;

  if (is (node, "CLIPTextEncode"))
    return visit_text (walk, node, error);
  if (is (node, "ConditioningCombine"))
    return visit_both (walk, node, "conditioning_1", "conditioning_2", false, depth, error);
  if (is (node, "ConditioningSetArea"))
    return visit_area (walk, node, GV_COMFY_AREA, depth, error);
  if (is (node, "ConditioningSetAreaPercentage"))
    return visit_area (walk, node, GV_COMFY_PART, depth, error);
  if (is (node, "ConditioningSetAreaStrength"))
    return visit_strength (walk, node, depth, error);
  if (is (node, "ConditioningSetMask"))
    return visit_mask (walk, node, depth, error);
  if (is (node, "MultiAreaConditioning"))
    return visit_multi_area (walk, node, depth, error);
  if (is (node, "ConditioningSetDefaultCombine"))
    return visit_both (walk, node, "cond", "cond_DEFAULT", true, depth, error);
  if (is (node, "PairConditioningSetDefaultCombine"))
    return visit_both (walk, node, negative ? "negative" : "positive",
                       negative ? "negative_DEFAULT" : "positive_DEFAULT", true, depth, error);
  if (is (node, "PairConditioningCombine"))
    return visit_both (walk, node, negative ? "negative_A" : "positive_A",
                       negative ? "negative_B" : "positive_B", false, depth, error);
  return visit_unknown (walk, node, slot, depth, error);
}

static bool
visit (Walk *walk, const GvComfyNode *node, int slot, int depth, GError **error)
{
  if (depth > MAX_DEPTH || ++walk->visits > MAX_VISITS) {
    g_set_error_literal (error, GV_FORMAT_ERROR, GV_FORMAT_ERROR_LIMIT,
                         _("the workflow’s conditionings are nested too deep, or in a ring"));
    return false;
  }
  walk->out->seen[gv_comfy_node_get_index (node)] = true;
  return visit_known (walk, node, slot, depth, error);
}

GvComfyConditioning *
gv_comfy_conditioning_new (const GvComfyGraph *graph,
                           const GvComfyNode *node,
                           const char *input,
                           GError **error)
{
  g_autoptr (GvComfyConditioning) self = g_new0 (GvComfyConditioning, 1);
  Walk walk = { graph, self, 0 };
  guint first;

  self->entries = g_ptr_array_new_with_free_func ((GDestroyNotify) entry_free);
  self->notes = g_ptr_array_new_with_free_func (g_free);
  self->seen = g_new0 (bool, gv_comfy_graph_get_n (graph) + 1);
  return visit_input (&walk, node, input, &first, 0, error) ? g_steal_pointer (&self) : NULL;
}
