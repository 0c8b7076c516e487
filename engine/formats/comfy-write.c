// SPDX-FileCopyrightText: Giverny contributors
// SPDX-License-Identifier: GPL-3.0-or-later
/* One list of nodes, written in ComfyUI's two forms. */
#include "formats/comfy-write.h"

#include "formats/json.h"

#include <string.h>

typedef enum { LINK, TEXT, NUMBER, SEED } InputKind;

typedef struct
{
  const char *name;
  InputKind kind;
  int from, slot, link; /* the link's number in the editor */
  char *text;           /* (owned) (nullable) */
  double number;
  guint64 seed;
} Input;

typedef struct
{
  const char *type, *outputs;
  GArray *inputs; /* of Input */
  GArray *boxes;  /* of double, five a row */
  int width, height;
} Node;

struct _GvComfyWriter
{
  GPtrArray *nodes; /* of Node; the first has number 1 */
  int n_links;
};

static void
input_clear (gpointer data)
{
  g_free (((Input *) data)->text);
}

static void
node_free (Node *self)
{
  g_array_unref (self->inputs);
  g_array_unref (self->boxes);
  g_free (self);
}

GvComfyWriter *
gv_comfy_writer_new (void)
{
  GvComfyWriter *self = g_new0 (GvComfyWriter, 1);

  self->nodes = g_ptr_array_new_with_free_func ((GDestroyNotify) node_free);
  return self;
}

void
gv_comfy_writer_free (GvComfyWriter *self)
{
  g_ptr_array_unref (self->nodes);
  g_free (self);
}

static Node *
get_node (GvComfyWriter *self, int number)
{
  return self->nodes->pdata[number - 1];
}

int
gv_comfy_writer_node (GvComfyWriter *self, const char *type, const char *outputs)
{
  Node *node = g_new0 (Node, 1);

  node->type = type;
  node->outputs = outputs;
  node->inputs = g_array_new (FALSE, FALSE, sizeof (Input));
  node->boxes = g_array_new (FALSE, FALSE, sizeof (double));
  g_array_set_clear_func (node->inputs, input_clear);
  g_ptr_array_add (self->nodes, node);
  return (int) self->nodes->len;
}

static void
add_input (GvComfyWriter *self, Input input)
{
  g_array_append_val (get_node (self, (int) self->nodes->len)->inputs, input);
}

void
gv_comfy_writer_link (GvComfyWriter *self, const char *name, int from, int slot)
{
  add_input (self,
             (Input) {
                 .name = name, .kind = LINK, .from = from, .slot = slot, .link = ++self->n_links });
}

void
gv_comfy_writer_text (GvComfyWriter *self, const char *name, const char *text)
{
  add_input (self, (Input) { .name = name, .kind = TEXT, .text = g_strdup (text) });
}

void
gv_comfy_writer_number (GvComfyWriter *self, const char *name, double number)
{
  add_input (self, (Input) { .name = name, .kind = NUMBER, .number = number });
}

void
gv_comfy_writer_seed (GvComfyWriter *self, const char *name, guint64 seed)
{
  add_input (self, (Input) { .name = name, .kind = SEED, .seed = seed });
}

void
gv_comfy_writer_box (GvComfyWriter *self, const double row[5])
{
  g_array_append_vals (get_node (self, (int) self->nodes->len)->boxes, row, 5);
}

void
gv_comfy_writer_resolution (GvComfyWriter *self, int width, int height)
{
  Node *node = get_node (self, (int) self->nodes->len);

  node->width = width;
  node->height = height;
}

static yyjson_mut_val *
new_value (yyjson_mut_doc *doc, const Input *input)
{
  if (input->kind == TEXT)
    return yyjson_mut_strcpy (doc, input->text);
  if (input->kind == SEED)
    return yyjson_mut_uint (doc, input->seed);
  return gv_json_new_real (doc, input->number);
}

static char *
write_and_free (yyjson_mut_doc *doc, yyjson_mut_val *root)
{
  char *json;

  yyjson_mut_doc_set_root (doc, root);
  json = yyjson_mut_write (doc, YYJSON_WRITE_NOFLAG, NULL);
  g_assert (json);
  yyjson_mut_doc_free (doc);
  return json; /* from malloc(), which is what g_free() frees */
}

/* The executed form */

static void
add_key (yyjson_mut_doc *doc, yyjson_mut_val *to, int number, yyjson_mut_val *value)
{
  g_autofree char *key = g_strdup_printf ("%d", number);

  yyjson_mut_obj_add (to, yyjson_mut_strcpy (doc, key), value);
}

static yyjson_mut_val *
new_link (yyjson_mut_doc *doc, const Input *input)
{
  g_autofree char *from = g_strdup_printf ("%d", input->from);
  yyjson_mut_val *link = yyjson_mut_arr (doc);

  yyjson_mut_arr_add_strcpy (doc, link, from);
  yyjson_mut_arr_add_int (doc, link, input->slot);
  return link;
}

char *
gv_comfy_writer_to_prompt (GvComfyWriter *self)
{
  yyjson_mut_doc *doc = yyjson_mut_doc_new (NULL);
  yyjson_mut_val *root = yyjson_mut_obj (doc);

  for (guint i = 0; i < self->nodes->len; i++) {
    const Node *node = self->nodes->pdata[i];
    yyjson_mut_val *to = yyjson_mut_obj (doc), *inputs = yyjson_mut_obj (doc);

    for (guint k = 0; k < node->inputs->len; k++) {
      const Input *input = &g_array_index (node->inputs, Input, k);

      yyjson_mut_obj_add_val (doc, inputs, input->name,
                              input->kind == LINK ? new_link (doc, input) : new_value (doc, input));
    }
    yyjson_mut_obj_add_val (doc, to, "inputs", inputs);
    yyjson_mut_obj_add_str (doc, to, "class_type", node->type);
    add_key (doc, root, (int) i + 1, to);
  }
  return write_and_free (doc, root);
}

/* The editor's form */

static char *
dup_output_type (const Node *node, int slot)
{
  g_auto (GStrv) types = g_strsplit (node->outputs, ",", -1);

  return g_strdup (slot < (int) g_strv_length (types) ? types[slot] : "*");
}

/* All links in the order of their numbers: [number, from, slot, to, slot, type]. */
static yyjson_mut_val *
new_links (GvComfyWriter *self, yyjson_mut_doc *doc)
{
  yyjson_mut_val *links = yyjson_mut_arr (doc);

  for (guint i = 0; i < self->nodes->len; i++) {
    const Node *node = self->nodes->pdata[i];
    int place = 0;

    for (guint k = 0; k < node->inputs->len; k++) {
      const Input *input = &g_array_index (node->inputs, Input, k);
      g_autofree char *type = NULL;
      yyjson_mut_val *link;

      if (input->kind != LINK)
        continue;
      link = yyjson_mut_arr_add_arr (doc, links);
      type = dup_output_type (get_node (self, input->from), input->slot);
      yyjson_mut_arr_add_int (doc, link, input->link);
      yyjson_mut_arr_add_int (doc, link, input->from);
      yyjson_mut_arr_add_int (doc, link, input->slot);
      yyjson_mut_arr_add_int (doc, link, (int) i + 1);
      yyjson_mut_arr_add_int (doc, link, place++);
      yyjson_mut_arr_add_strcpy (doc, link, type);
    }
  }
  return links;
}

/* Numbers of the links that leave an output. */
static yyjson_mut_val *
new_leaving (GvComfyWriter *self, yyjson_mut_doc *doc, int from, int slot)
{
  yyjson_mut_val *list = yyjson_mut_arr (doc);

  for (guint i = 0; i < self->nodes->len; i++) {
    const GArray *inputs = ((const Node *) self->nodes->pdata[i])->inputs;

    for (guint k = 0; k < inputs->len; k++) {
      const Input *input = &g_array_index (inputs, Input, k);

      if (input->kind == LINK && input->from == from && input->slot == slot)
        yyjson_mut_arr_add_int (doc, list, input->link);
    }
  }
  return list;
}

static void
put_outputs (GvComfyWriter *self, yyjson_mut_doc *doc, yyjson_mut_val *to, int number)
{
  g_auto (GStrv) types = g_strsplit (get_node (self, number)->outputs, ",", -1);
  yyjson_mut_val *outputs = yyjson_mut_obj_add_arr (doc, to, "outputs");

  for (int slot = 0; types[slot] && *types[slot]; slot++) {
    yyjson_mut_val *output = yyjson_mut_arr_add_obj (doc, outputs);

    yyjson_mut_obj_add_strcpy (doc, output, "name", types[slot]);
    yyjson_mut_obj_add_strcpy (doc, output, "type", types[slot]);
    yyjson_mut_obj_add_val (doc, output, "links", new_leaving (self, doc, number, slot));
  }
}

static void
put_inputs (GvComfyWriter *self, yyjson_mut_doc *doc, yyjson_mut_val *to, const Node *node)
{
  yyjson_mut_val *inputs = yyjson_mut_obj_add_arr (doc, to, "inputs");
  yyjson_mut_val *widgets = yyjson_mut_arr (doc);

  for (guint k = 0; k < node->inputs->len; k++) {
    const Input *input = &g_array_index (node->inputs, Input, k);
    yyjson_mut_val *item;
    g_autofree char *type = NULL;

    if (input->kind != LINK) {
      yyjson_mut_arr_append (widgets, new_value (doc, input));
      if (input->kind == SEED) /* the editor's own widget behind each seed */
        yyjson_mut_arr_add_str (doc, widgets, "fixed");
      continue;
    }
    type = dup_output_type (get_node (self, input->from), input->slot);
    item = yyjson_mut_arr_add_obj (doc, inputs);
    yyjson_mut_obj_add_str (doc, item, "name", input->name);
    yyjson_mut_obj_add_strcpy (doc, item, "type", type);
    yyjson_mut_obj_add_int (doc, item, "link", input->link);
  }
  yyjson_mut_obj_add_val (doc, to, "widgets_values", widgets);
}

static void
put_properties (yyjson_mut_doc *doc, yyjson_mut_val *to, const Node *node)
{
  yyjson_mut_val *properties = yyjson_mut_obj_add_obj (doc, to, "properties"), *values;

  yyjson_mut_obj_add_str (doc, properties, "Node name for S&R", node->type);
  if (node->boxes->len == 0)
    return;
  yyjson_mut_obj_add_int (doc, properties, "width", node->width);
  yyjson_mut_obj_add_int (doc, properties, "height", node->height);
  values = yyjson_mut_obj_add_arr (doc, properties, "values");
  for (guint i = 0; i < node->boxes->len; i += 5) {
    yyjson_mut_val *row = yyjson_mut_arr_add_arr (doc, values);

    for (guint k = i; k < i + 5; k++)
      yyjson_mut_arr_append (row, gv_json_new_real (doc, g_array_index (node->boxes, double, k)));
  }
}

static void
put_pair (yyjson_mut_doc *doc, yyjson_mut_val *to, const char *key, int a, int b)
{
  yyjson_mut_val *pair = yyjson_mut_obj_add_arr (doc, to, key);

  yyjson_mut_arr_add_int (doc, pair, a);
  yyjson_mut_arr_add_int (doc, pair, b);
}

char *
gv_comfy_writer_to_workflow (GvComfyWriter *self)
{
  yyjson_mut_doc *doc = yyjson_mut_doc_new (NULL);
  yyjson_mut_val *root = yyjson_mut_obj (doc), *nodes;

  yyjson_mut_obj_add_int (doc, root, "last_node_id", (int) self->nodes->len);
  yyjson_mut_obj_add_int (doc, root, "last_link_id", self->n_links);
  nodes = yyjson_mut_obj_add_arr (doc, root, "nodes");
  for (guint i = 0; i < self->nodes->len; i++) {
    const Node *node = self->nodes->pdata[i];
    yyjson_mut_val *to = yyjson_mut_arr_add_obj (doc, nodes);

    yyjson_mut_obj_add_int (doc, to, "id", (int) i + 1);
    yyjson_mut_obj_add_str (doc, to, "type", node->type);
    put_pair (doc, to, "pos", 340 * (int) (i / 4), 260 * (int) (i % 4)); /* columns of four */
    put_pair (doc, to, "size", 315, 220);
    yyjson_mut_obj_add_obj (doc, to, "flags");
    yyjson_mut_obj_add_int (doc, to, "order", (int) i);
    yyjson_mut_obj_add_int (doc, to, "mode", 0);
    put_inputs (self, doc, to, node);
    put_outputs (self, doc, to, (int) i + 1);
    put_properties (doc, to, node);
  }
  yyjson_mut_obj_add_val (doc, root, "links", new_links (self, doc));
  yyjson_mut_obj_add_arr (doc, root, "groups");
  yyjson_mut_obj_add_obj (doc, root, "config");
  yyjson_mut_obj_add_obj (doc, root, "extra");
  yyjson_mut_obj_add_real (doc, root, "version", 0.4);
  return write_and_free (doc, root);
}
