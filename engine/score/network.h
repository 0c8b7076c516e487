// SPDX-FileCopyrightText: Giverny contributors
// SPDX-License-Identifier: GPL-3.0-or-later
/* A scorer's network: its file, its weights on the device, and its programs by shape. */
#pragma once

#include "graph/graph.h"
#include "weights/model-files.h"
#include "weights/store.h"

#define GV_SCORE_MAX_TENSORS 8

/* A compiled network for one shape. */
typedef struct
{
  int key[4]; /* what it was compiled for: the scorer's own numbers */
  GvGraph *graph;
  GvTensor *in[2], *out[GV_SCORE_MAX_TENSORS];
  int n_out;
} GvScoreProgram;

typedef struct
{
  GvDevice *device;
  GvModelFiles *files;
  GvWeightStore *store;
  GPtrArray *programs; /* of GvScoreProgram, newest last */
} GvNetwork;

/* @device: borrowed, outlives the network.  Errors: as gv_model_files_open_network() */
GvNetwork *gv_network_new (GvDevice *device, const char *path, GError **error);
void gv_network_free (GvNetwork *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (GvNetwork, gv_network_free)

/* Writes a network into the empty graph of @program; sets its inputs, outputs and their number. */
typedef void (*GvNetworkFunc) (GvScoreProgram *program, gpointer data);

/*
 * The program for @key, compiled if it is not there yet.  Where memory is short the others make
 * room.  Returns: (transfer none): until the next call; NULL on an error
 */
GvScoreProgram *gv_network_get_program (GvNetwork *self,
                                        const int key[4],
                                        GvNetworkFunc describe,
                                        gpointer data,
                                        GCancellable *cancellable,
                                        GError **error);

/* Runs it; fails with %GV_RECIPE_ERROR_NUMERIC where an output is NaN or infinite. */
bool gv_network_run (GvNetwork *self,
                     GvScoreProgram *program,
                     GCancellable *cancellable,
                     GError **error);
