// SPDX-FileCopyrightText: Giverny contributors
// SPDX-License-Identifier: GPL-3.0-or-later
/* Both forms of ComfyUI's graphs to one table of nodes. */
#include "formats/comfy-workflow.h"

#include "base/errors.h"
#include "base/i18n.h"
#include "formats/file.h"
#include "formats/json.h"

#include <math.h>
#include <string.h>

#define MAX_INPUTS 512 /* of a node */
#define MAX_HOPS 64    /* through nodes that only pass something on */

typedef struct
{
  char *from; /* (owned) (nullable): the linked node's number */
  int slot;
  yyjson_val *value; /* (nullable): where it is no link */
} Input;

struct _GvComfyNode
{
  char *id;
  const char *type;
  guint index;
  bool off;
  GHashTable *inputs; /* of Input, by name */
  yyjson_val *properties;
};

struct _GvComfyGraph
{
  char *shown;
  GvJson *prompt, *workflow; /* (nullable): hold all texts and values */
  GPtrArray *nodes;          /* of GvComfyNode */
  GHashTable *by_id;
};

/* Which widgets a node of the editor has, in their order; "" stands for one that is no input. */
static const struct
{
  const char *type;
  const char *widgets[11];
} known_widgets[] = {
  { "CheckpointLoaderSimple", { "ckpt_name" } },
  { "CLIPSetLastLayer", { "stop_at_clip_layer" } },
  { "CLIPTextEncode", { "text" } },
  { "ConditioningAverage", { "conditioning_to_strength" } },
  { "ConditioningSetArea", { "width", "height", "x", "y", "strength" } },
  { "ConditioningSetAreaPercentage", { "width", "height", "x", "y", "strength" } },
  { "ConditioningSetAreaStrength", { "strength" } },
  { "ConditioningSetMask", { "strength", "set_cond_area" } },
  { "ConditioningSetTimestepRange", { "start", "end" } },
  { "EmptyLatentImage", { "width", "height", "batch_size" } },
  { "EmptySD3LatentImage", { "width", "height", "batch_size" } },
  { "KSampler", { "seed", "", "steps", "cfg", "sampler_name", "scheduler", "denoise" } },
  { "KSamplerAdvanced",
    { "add_noise", "noise_seed", "", "steps", "cfg", "sampler_name", "scheduler", "start_at_step",
      "end_at_step", "return_with_leftover_noise" } },
  { "LoraLoader", { "lora_name", "strength_model", "strength_clip" } },
  { "LoraLoaderModelOnly", { "lora_name", "strength_model" } },
  { "MaskComposite", { "x", "y", "operation" } },
  { "PrimitiveNode", { "value" } },
  { "SolidMask", { "value", "width", "height" } },
  { "VAELoader", { "vae_name" } },
};

static void
input_free (Input *self)
{
  g_free (self->from);
  g_free (self);
}

static void
node_free (GvComfyNode *self)
{
  g_free (self->id);
  g_hash_table_unref (self->inputs);
  g_free (self);
}

static GvComfyGraph *
graph_new (const char *name)
{
  GvComfyGraph *self = g_new0 (GvComfyGraph, 1);

  self->shown = gv_dup_shown (name);
  self->nodes = g_ptr_array_new_with_free_func ((GDestroyNotify) node_free);
  self->by_id = g_hash_table_new (g_str_hash, g_str_equal);
  return self;
}

void
gv_comfy_graph_free (GvComfyGraph *self)
{
  g_free (self->shown);
  g_hash_table_unref (self->by_id);
  g_ptr_array_unref (self->nodes);
  g_clear_pointer (&self->prompt, gv_json_free);
  g_clear_pointer (&self->workflow, gv_json_free);
  g_free (self);
}

/* A number or a text as a node's number; (transfer full), NULL if it is neither. */
static char *
dup_id (yyjson_val *value)
{
  if (yyjson_is_str (value))
    return g_strndup (yyjson_get_str (value), MIN (yyjson_get_len (value), 200));
  if (yyjson_is_int (value))
    return g_strdup_printf ("%" G_GINT64_FORMAT, (gint64) yyjson_get_sint (value));
  return NULL;
}

/* A text without a NUL inside; NULL if it is none. */
static const char *
get_text (yyjson_val *value)
{
  const char *text = yyjson_get_str (value);

  return text && strlen (text) == yyjson_get_len (value) ? text : NULL;
}

static bool
fail (const GvComfyGraph *self, int code, const char *sentence, GError **error)
{
  g_set_error (error, GV_FORMAT_ERROR, code, "%s: %s", self->shown, sentence);
  return false;
}

/* Takes @id; a second node of the same number is refused. */
static GvComfyNode *
add_node (GvComfyGraph *self, char *id, const char *type, GError **error)
{
  GvComfyNode *node = g_new0 (GvComfyNode, 1);

  node->id = id;
  node->type = type;
  node->index = self->nodes->len;
  node->inputs = g_hash_table_new_full (g_str_hash, g_str_equal, NULL, (GDestroyNotify) input_free);
  g_ptr_array_add (self->nodes, node);
  if (self->nodes->len > GV_COMFY_MAX_NODES) {
    fail (self, GV_FORMAT_ERROR_LIMIT, _("the workflow has more than 4096 nodes"), error);
    return NULL;
  }
  if (g_hash_table_insert (self->by_id, node->id, node))
    return node;
  fail (self, GV_FORMAT_ERROR_INVALID, _("the workflow has two nodes of the same number"), error);
  return NULL;
}

static void
add_input (GvComfyNode *node, const char *name, char *from, int64_t slot, yyjson_val *value)
{
  Input *input = g_new0 (Input, 1);

  input->from = from;
  input->slot = (int) CLAMP (slot, 0, 1000);
  input->value = value;
  g_hash_table_insert (node->inputs, (gpointer) name, input);
}

/* The executed form */

/* ["4", 0] is the first output of node 4. */
static char *
dup_link (yyjson_val *value, int64_t *slot)
{
  if (!yyjson_is_arr (value) || yyjson_arr_size (value) != 2 ||
      !yyjson_is_int (yyjson_arr_get (value, 1)))
    return NULL;
  *slot = yyjson_get_sint (yyjson_arr_get (value, 1));
  return dup_id (yyjson_arr_get (value, 0));
}

static bool
read_prompt_inputs (GvComfyGraph *self, GvComfyNode *node, yyjson_val *inputs, GError **error)
{
  yyjson_obj_iter iter = yyjson_obj_iter_with (inputs);
  yyjson_val *key;

  if (yyjson_obj_size (inputs) > MAX_INPUTS)
    return fail (self, GV_FORMAT_ERROR_LIMIT, _("a node has more than 512 inputs"), error);
  while ((key = yyjson_obj_iter_next (&iter))) {
    yyjson_val *value = yyjson_obj_iter_get_val (key);
    int64_t slot = 0;
    char *from = dup_link (value, &slot);

    if (get_text (key))
      add_input (node, yyjson_get_str (key), from, slot, from ? NULL : value);
    else
      g_free (from);
  }
  return true;
}

static bool
read_prompt (GvComfyGraph *self, yyjson_val *root, GError **error)
{
  yyjson_obj_iter iter = yyjson_obj_iter_with (root);
  yyjson_val *key;

  while ((key = yyjson_obj_iter_next (&iter))) {
    yyjson_val *value = yyjson_obj_iter_get_val (key);
    const char *type = get_text (yyjson_obj_get (value, "class_type"));
    GvComfyNode *node;

    if (!type)
      continue;
    node = add_node (self, dup_id (key), type, error);
    if (!node || !read_prompt_inputs (self, node, yyjson_obj_get (value, "inputs"), error))
      return false;
  }
  return true;
}

/* The editor's form */

/* Links by their number: the values are theirs, arrays or (newer) objects. */
static GHashTable *
index_links (yyjson_val *root)
{
  GHashTable *links = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  yyjson_val *list = yyjson_obj_get (root, "links"), *link;
  size_t i, n;

  yyjson_arr_foreach (list, i, n, link)
  {
    yyjson_val *number =
        yyjson_is_arr (link) ? yyjson_arr_get (link, 0) : yyjson_obj_get (link, "id");
    char *id = dup_id (number);

    if (id)
      g_hash_table_insert (links, id, link);
  }
  return links;
}

/* The node at a link's beginning. */
static char *
dup_origin (yyjson_val *link, int64_t *slot)
{
  bool list = yyjson_is_arr (link);

  *slot = yyjson_get_sint (list ? yyjson_arr_get (link, 2) : yyjson_obj_get (link, "origin_slot"));
  return dup_id (list ? yyjson_arr_get (link, 1) : yyjson_obj_get (link, "origin_id"));
}

static void
read_links (GvComfyNode *node, yyjson_val *inputs, GHashTable *links)
{
  yyjson_val *input;
  size_t i, n;

  yyjson_arr_foreach (inputs, i, n, input)
  {
    const char *name = get_text (yyjson_obj_get (input, "name"));
    g_autofree char *number = dup_id (yyjson_obj_get (input, "link"));
    yyjson_val *link = number ? g_hash_table_lookup (links, number) : NULL;
    int64_t slot = 0;
    char *from = link ? dup_origin (link, &slot) : NULL;

    if (name && from)
      add_input (node, name, from, slot, NULL);
    else
      g_free (from);
  }
}

/* Linked inputs keep their links: what their widgets still say does not count. */
static void
read_widgets (GvComfyNode *node, yyjson_val *values)
{
  yyjson_obj_iter iter = yyjson_obj_iter_with (values);
  yyjson_val *key;

  while ((key = yyjson_obj_iter_next (&iter)))
    if (get_text (key) && !g_hash_table_contains (node->inputs, yyjson_get_str (key)))
      add_input (node, yyjson_get_str (key), NULL, 0, yyjson_obj_iter_get_val (key));
  for (size_t k = 0; k < G_N_ELEMENTS (known_widgets); k++) {
    if (strcmp (known_widgets[k].type, node->type) != 0)
      continue;
    for (size_t i = 0; known_widgets[k].widgets[i]; i++) {
      const char *name = known_widgets[k].widgets[i];
      yyjson_val *value = yyjson_arr_get (values, i);

      if (*name && value && !g_hash_table_contains (node->inputs, name))
        add_input (node, name, NULL, 0, value);
    }
  }
}

static bool
read_editor_node (GvComfyGraph *self, yyjson_val *value, GHashTable *links, GError **error)
{
  const char *type = get_text (yyjson_obj_get (value, "type"));
  char *id = dup_id (yyjson_obj_get (value, "id"));
  int64_t mode = yyjson_get_sint (yyjson_obj_get (value, "mode"));
  yyjson_val *inputs = yyjson_obj_get (value, "inputs");
  yyjson_val *widgets = yyjson_obj_get (value, "widgets_values");
  GvComfyNode *node;

  if (!type || !id) {
    g_free (id);
    return fail (self, GV_FORMAT_ERROR_INVALID,
                 _("a node of the workflow has no type or number"), error);
  }
  if (yyjson_arr_size (inputs) > MAX_INPUTS || yyjson_obj_size (widgets) > MAX_INPUTS) {
    g_free (id);
    return fail (self, GV_FORMAT_ERROR_LIMIT, _("a node has more than 512 inputs"), error);
  }
  node = add_node (self, id, type, error);
  if (!node)
    return false;
  node->off = mode == 2 || mode == 4;
  node->properties = yyjson_obj_get (value, "properties");
  read_links (node, inputs, links);
  read_widgets (node, widgets);
  return true;
}

static bool
read_editor (GvComfyGraph *self, yyjson_val *root, GError **error)
{
  yyjson_val *nodes = yyjson_obj_get (root, "nodes"), *node;
  g_autoptr (GHashTable) links = NULL;
  size_t i, n;

  if (yyjson_arr_size (nodes) > GV_COMFY_MAX_NODES)
    return fail (self, GV_FORMAT_ERROR_LIMIT, _("the workflow has more than 4096 nodes"), error);
  links = index_links (root);
  yyjson_arr_foreach (nodes, i, n, node)
  {
    if (!read_editor_node (self, node, links, error))
      return false;
  }
  return true;
}

/* What the editor knows of nodes that were executed. */
static void
add_properties (GvComfyGraph *self, yyjson_val *root)
{
  yyjson_val *node;
  size_t i, n;

  yyjson_arr_foreach (yyjson_obj_get (root, "nodes"), i, n, node)
  {
    g_autofree char *id = dup_id (yyjson_obj_get (node, "id"));
    GvComfyNode *known = id ? g_hash_table_lookup (self->by_id, id) : NULL;

    if (known)
      known->properties = yyjson_obj_get (node, "properties");
  }
}

/* Either form */

static bool
is_editor (yyjson_val *root)
{
  return yyjson_is_arr (yyjson_obj_get (root, "nodes"));
}

/* Takes the form that @prompt has; @workflow then adds to it. */
static bool
read_values (GvComfyGraph *self, yyjson_val *prompt, yyjson_val *workflow, GError **error)
{
  if (is_editor (prompt) ? !read_editor (self, prompt, error) : !read_prompt (self, prompt, error))
    return false;
  if (self->nodes->len == 0 && is_editor (workflow))
    return read_editor (self, workflow, error);
  if (self->nodes->len == 0)
    return fail (self, GV_FORMAT_ERROR_UNSUPPORTED, _("this is no workflow of ComfyUI’s"), error);
  add_properties (self, workflow);
  return true;
}

static yyjson_val *
get_root (const GvJson *json)
{
  return json ? gv_json_root (json).value : NULL;
}

GvComfyGraph *
gv_comfy_graph_new (const char *name, const char *prompt, const char *workflow, GError **error)
{
  g_autoptr (GvComfyGraph) self = graph_new (name);

  if (prompt)
    self->prompt = gv_json_new_from_bytes (name, prompt, strlen (prompt), GV_JSON_NAN, error);
  if (prompt && !self->prompt)
    return NULL;
  if (workflow)
    self->workflow = gv_json_new_from_bytes (name, workflow, strlen (workflow), GV_JSON_NAN, error);
  if (workflow && !self->workflow)
    return NULL;
  return read_values (self, get_root (self->prompt), get_root (self->workflow), error)
             ? g_steal_pointer (&self)
             : NULL;
}

GvComfyGraph *
gv_comfy_graph_new_from_text (const char *name, const char *text, gssize length, GError **error)
{
  g_autoptr (GvComfyGraph) self = graph_new (name);
  size_t size = length < 0 ? strlen (text) : (size_t) length;
  yyjson_val *root, *prompt, *workflow;

  self->prompt = gv_json_new_from_bytes (name, text, size, GV_JSON_NAN, error);
  if (!self->prompt)
    return NULL;
  root = get_root (self->prompt);
  prompt = yyjson_obj_get (root, "prompt");
  workflow = yyjson_obj_get (root, "workflow");
  if (!workflow)
    workflow =
        yyjson_obj_get (yyjson_obj_get (yyjson_obj_get (root, "extra_data"), "extra_pnginfo"),
                        "workflow");
  if (!yyjson_is_obj (prompt) && !yyjson_is_obj (workflow))
    prompt = root;
  return read_values (self, prompt, workflow, error) ? g_steal_pointer (&self) : NULL;
}

/* Looking at it */

guint
gv_comfy_graph_get_n (const GvComfyGraph *self)
{
  return self->nodes->len;
}

const GvComfyNode *
gv_comfy_graph_get (const GvComfyGraph *self, guint i)
{
  return self->nodes->pdata[i];
}

const char *
gv_comfy_node_get_id (const GvComfyNode *self)
{
  return self->id;
}

const char *
gv_comfy_node_get_type (const GvComfyNode *self)
{
  return self->type;
}

guint
gv_comfy_node_get_index (const GvComfyNode *self)
{
  return self->index;
}

bool
gv_comfy_node_is_off (const GvComfyNode *self)
{
  return self->off;
}

yyjson_val *
gv_comfy_node_get_properties (const GvComfyNode *self)
{
  return self->properties;
}

bool
gv_comfy_node_has (const GvComfyNode *self, const char *input)
{
  return g_hash_table_contains (self->inputs, input);
}

/* A Reroute's only input has no name in the editor's form. */
static const Input *
get_passed (const GvComfyNode *node)
{
  GHashTableIter iter;
  gpointer input = NULL;

  if (strcmp (node->type, "Reroute") != 0 || g_hash_table_size (node->inputs) != 1)
    return NULL;
  g_hash_table_iter_init (&iter, node->inputs);
  g_hash_table_iter_next (&iter, NULL, &input);
  return input;
}

const GvComfyNode *
gv_comfy_node_get_link (const GvComfyGraph *graph,
                        const GvComfyNode *self,
                        const char *input,
                        int *slot)
{
  const Input *found = g_hash_table_lookup (self->inputs, input);
  const GvComfyNode *node = NULL;

  for (int hop = 0; found && found->from && hop < MAX_HOPS; hop++) {
    if (slot)
      *slot = found->slot;
    node = g_hash_table_lookup (graph->by_id, found->from);
    found = node ? get_passed (node) : NULL;
    if (!found)
      return node;
  }
  return NULL;
}

/* The value at the end of nodes that only hold or pass on one. */
static yyjson_val *
get_value (const GvComfyGraph *graph, const GvComfyNode *node, const char *name)
{
  static const char *const holders[] = { "value", "text", "string", "int", "float", NULL };
  const Input *input = g_hash_table_lookup (node->inputs, name);

  for (int hop = 0; input && hop < MAX_HOPS; hop++) {
    const GvComfyNode *from = input->from ? g_hash_table_lookup (graph->by_id, input->from) : NULL;

    if (!input->from)
      return input->value;
    if (!from)
      return NULL;
    input = get_passed (from);
    for (int i = 0; !input && holders[i] && g_hash_table_size (from->inputs) <= 2; i++)
      input = g_hash_table_lookup (from->inputs, holders[i]);
  }
  return NULL;
}

bool
gv_comfy_node_get_text (const GvComfyGraph *graph,
                        const GvComfyNode *self,
                        const char *input,
                        const char **text)
{
  const char *found = get_text (get_value (graph, self, input));

  if (found)
    *text = found;
  return found;
}

bool
gv_comfy_node_get_number (const GvComfyGraph *graph,
                          const GvComfyNode *self,
                          const char *input,
                          double *number)
{
  yyjson_val *value = get_value (graph, self, input);
  double found = yyjson_get_num (value);

  if (!yyjson_is_num (value) || !isfinite (found))
    return false;
  *number = found;
  return true;
}

bool
gv_comfy_node_get_uint64 (const GvComfyGraph *graph,
                          const GvComfyNode *self,
                          const char *input,
                          uint64_t *number)
{
  yyjson_val *value = get_value (graph, self, input);

  if (!yyjson_is_uint (value))
    return false;
  *number = yyjson_get_uint (value);
  return true;
}
