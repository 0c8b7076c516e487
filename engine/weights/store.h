// SPDX-FileCopyrightText: Giverny contributors
// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * A model part's parameters on a device, loaded when a graph first needs them and shared by all
 * graphs: whatever the shape of a picture, its weights are there once.  They keep their file's type
 * (f32, f16, bf16; fp8 becomes f16, which holds it exactly, and f64 f32) and are widened in the
 * kernels.
 */
#pragma once

#include "graph/graph.h"
#include "weights/model-files.h"

typedef struct _GvWeightStore GvWeightStore;

/* Told now and then while loading. */
typedef void (*GvLoadFunc) (size_t bytes_read, size_t bytes_in_all, gpointer data);

/* @files and @device: borrowed, outlive the store */
GvWeightStore *gv_weight_store_new (GvDevice *device, GvModelFiles *files, GvPart part);
void gv_weight_store_free (GvWeightStore *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (GvWeightStore, gv_weight_store_free)

/* For the loads of the next graphs; @cancellable is looked at between blocks. */
void gv_weight_store_watch (GvWeightStore *self,
                            GCancellable *cancellable,
                            GvLoadFunc progress,
                            gpointer data);

/* A store for about @size_bytes of numbers that the host makes; it takes nothing from files. */
GvWeightStore *gv_weight_store_new_for_host (GvDevice *device, size_t size_bytes);

/**
 * gv_weight_store_put:
 * @values: in the order of a file's tensor, as many as @dims and @form say
 * @param: what an earlier call gave: the numbers take that place; or all zeros: they get one
 *
 * Puts floats on the device.  They are there after gv_weight_store_finish().
 */
bool gv_weight_store_put (GvWeightStore *self,
                          GvParamForm form,
                          const int *dims,
                          const float *values,
                          GvParam *param,
                          GError **error);
bool gv_weight_store_finish (GvWeightStore *self, GError **error);

/* To be handed to gv_graph_new() with the store as its data. */
extern const GvParamSource gv_weight_store_source;
