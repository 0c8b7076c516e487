// SPDX-FileCopyrightText: Giverny contributors
// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * ComfyUI's graphs of nodes, in both forms that it stores with a picture: what was executed
 * ("prompt": nodes by number, each with named inputs) and what the editor shows ("workflow": lists
 * of nodes and links, and widgets' values in the order of the widgets).  Both become one table of
 * nodes with named inputs, each a value or a link to another node's output.
 */
#pragma once

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>
#include <yyjson.h>

#define GV_COMFY_MAX_NODES 4096

typedef struct _GvComfyGraph GvComfyGraph;
typedef struct _GvComfyNode GvComfyNode;

/**
 * gv_comfy_graph_new:
 * @name: of the file, for errors
 * @prompt: (nullable): JSON of the executed form
 * @workflow: (nullable): JSON of the editor's form; where both are there it only adds properties
 *
 * Errors: GV_FORMAT_ERROR_INVALID, GV_FORMAT_ERROR_LIMIT; GV_FORMAT_ERROR_UNSUPPORTED if it is JSON
 * of another kind
 */
GvComfyGraph *
gv_comfy_graph_new (const char *name, const char *prompt, const char *workflow, GError **error);

/* From a file's text in either form, or {"prompt": …, "workflow": …} with either in it. */
GvComfyGraph *
gv_comfy_graph_new_from_text (const char *name, const char *text, gssize length, GError **error);

void gv_comfy_graph_free (GvComfyGraph *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (GvComfyGraph, gv_comfy_graph_free)

guint gv_comfy_graph_get_n (const GvComfyGraph *self);

/* In the order of the file. */
const GvComfyNode *gv_comfy_graph_get (const GvComfyGraph *self, guint i);

const char *gv_comfy_node_get_id (const GvComfyNode *self);
const char *gv_comfy_node_get_type (const GvComfyNode *self);

/* Counted from 0 in the order of the file. */
guint gv_comfy_node_get_index (const GvComfyNode *self);

/* True if the editor leaves it out: muted or bypassed. */
bool gv_comfy_node_is_off (const GvComfyNode *self);

/* The node that an input is linked to, and which of its outputs; NULL if it is none. */
const GvComfyNode *gv_comfy_node_get_link (const GvComfyGraph *graph,
                                           const GvComfyNode *self,
                                           const char *input,
                                           int *slot);

/* True if an input of this name is there at all, linked or not. */
bool gv_comfy_node_has (const GvComfyNode *self, const char *input);

/*
 * An input's value, through nodes that only hold one; false, and nothing is written, if it is
 * missing or of another kind.
 */
bool gv_comfy_node_get_text (const GvComfyGraph *graph,
                             const GvComfyNode *self,
                             const char *input,
                             const char **text);
bool gv_comfy_node_get_number (const GvComfyGraph *graph,
                               const GvComfyNode *self,
                               const char *input,
                               double *number);
bool gv_comfy_node_get_uint64 (const GvComfyGraph *graph,
                               const GvComfyNode *self,
                               const char *input,
                               uint64_t *number);

/* (nullable): what the editor keeps with the node, an object. */
yyjson_val *gv_comfy_node_get_properties (const GvComfyNode *self);
