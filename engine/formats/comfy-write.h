// SPDX-FileCopyrightText: Giverny contributors
// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * Writing ComfyUI's graphs: nodes are added with their inputs in the editor's order, and come out
 * in both forms, the executed one and the editor's.
 */
#pragma once

#include <glib.h>

typedef struct _GvComfyWriter GvComfyWriter;

GvComfyWriter *gv_comfy_writer_new (void);
void gv_comfy_writer_free (GvComfyWriter *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (GvComfyWriter, gv_comfy_writer_free)

/*
 * Begins a node; what follows belongs to it.  @type must outlive the writer, as all names.
 * @outputs: "MODEL,CLIP,VAE", the types of what it gives
 * Returns: its number
 */
int gv_comfy_writer_node (GvComfyWriter *self, const char *type, const char *outputs);

/* An input that is output @slot of node @from. */
void gv_comfy_writer_link (GvComfyWriter *self, const char *name, int from, int slot);

/* Inputs that are values. */
void gv_comfy_writer_text (GvComfyWriter *self, const char *name, const char *text);
void gv_comfy_writer_number (GvComfyWriter *self, const char *name, double number);
void gv_comfy_writer_seed (GvComfyWriter *self, const char *name, guint64 seed);

/* A row of five numbers for the editor's property "values", and its picture's size. */
void gv_comfy_writer_box (GvComfyWriter *self, const double row[5]);
void gv_comfy_writer_resolution (GvComfyWriter *self, int width, int height);

/* (transfer full) */
char *gv_comfy_writer_to_prompt (GvComfyWriter *self);
char *gv_comfy_writer_to_workflow (GvComfyWriter *self);
