// SPDX-FileCopyrightText: Giverny contributors
// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * What a sampler of ComfyUI's is conditioned on: the list of texts behind one of its inputs, each
 * with the part of the picture that it is for.
 */
#pragma once

#include "formats/comfy-workflow.h"

#define GV_COMFY_MAX_ENTRIES 256

typedef enum {
  GV_COMFY_EVERYWHERE,
  GV_COMFY_AREA, /* x, y, w, h in pixels               */
  GV_COMFY_PART, /* x, y, w, h in parts of the picture */
} GvComfyKind;

typedef struct
{
  char *text; /* (owned) */
  GvComfyKind kind;
  double x, y, w, h;
  double strength;
  bool hard;       /* a rectangular mask: the whole picture is looked at, the edge is hard */
  bool is_default; /* only where the others leave something                                */
} GvComfyEntry;

typedef struct
{
  GPtrArray *entries;         /* (owned) (element-type GvComfyEntry) */
  GPtrArray *notes;           /* (owned) (element-type char*): what could not be taken over */
  bool *seen;                 /* (owned): of the graph's nodes */
  const GvComfyNode *encoder; /* (nullable): of the first text */
} GvComfyConditioning;

/*
 * Errors: GV_FORMAT_ERROR_LIMIT if the nodes are nested deeper than 64 or give more than
 * GV_COMFY_MAX_ENTRIES texts
 */
GvComfyConditioning *gv_comfy_conditioning_new (const GvComfyGraph *graph,
                                                const GvComfyNode *node,
                                                const char *input,
                                                GError **error);
void gv_comfy_conditioning_free (GvComfyConditioning *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (GvComfyConditioning, gv_comfy_conditioning_free)

/* "width" or "height" of a MultiAreaConditioning node, in pixels; 512 if it does not say. */
double gv_comfy_resolution (const GvComfyNode *node, const char *side);
