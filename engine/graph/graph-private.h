// SPDX-FileCopyrightText: Giverny contributors
// SPDX-License-Identifier: GPL-3.0-or-later
/* What the files of the graph room share among themselves. */
#pragma once

#include "graph/graph.h"

struct _GvGraph
{
  GvDevice *device;
  const GvParamSource *source;
  gpointer source_data;
  GPtrArray *tensors;   /* of GvTensor, in the order of building */
  GHashTable *params;   /* name and form → GvTensor              */
  GStringChunk *names;
  GString *path;
  GArray *path_ends;    /* of gsize */
  GvTensor *strengths;  /* (nullable) of low-rank factors        */
  GError *error;
  GvBuffer *io;         /* inputs and outputs, mapped            */
  GPtrArray *arena;     /* of GvBuffer                           */
  GHashTable *scratch;  /* GvTensor → GvRange*                   */
  size_t arena_bytes;
  GvProgram *program;
};

/* Folds activations, sums and time embeddings into the ops before them. */
void gv_graph_fuse (GvGraph *self);

/* Gives every live tensor its place in memory. */
bool gv_graph_plan (GvGraph *self, GError **error);

/* The tensor whose memory @x uses in the end. */
GvTensor *gv_tensor_get_root (GvTensor *x);
