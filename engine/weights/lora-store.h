// SPDX-FileCopyrightText: Giverny contributors
// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * The parameters of a model part together with a list of LoRAs: a source for graphs that passes on
 * the model's own weights and adds low-rank factors beside them.  Layers whose change is no
 * low-rank product (and all of them when merging) get a changed copy instead.
 *
 * How strongly what acts is a row of numbers, one for each slot: a LoRA has one slot, or one for
 * each block of the network where its blocks have strengths of their own.
 */
#pragma once

#include "weights/lora-delta.h"
#include "weights/store.h"

/* One LoRA of a list. */
typedef struct
{
  GvLora *lora;
  GPtrArray *fittings; /* of GvLoraFitting, all parts */
  bool by_block;       /* a slot for each block       */
} GvLoraEntry;

/* What a slot stands for. */
typedef struct
{
  int entry; /* of the list                           */
  int block; /* of lora-blocks.h; 0 without by_block  */
} GvLoraSlot;

typedef struct _GvLoraStore GvLoraStore;

/**
 * gv_lora_store_new:
 * @base: the part's own weights
 * @entries: borrowed, as everything in it, all of which outlives the store
 * @merge: give every layer a changed copy
 *
 * Returns: (nullable): NULL if no LoRA changes anything in this part
 */
GvLoraStore *gv_lora_store_new (GvDevice *device,
                                GvWeightStore *base,
                                GvModelFiles *files,
                                GvPart part,
                                const GvLoraEntry *entries,
                                int n_entries,
                                bool merge);
void gv_lora_store_free (GvLoraStore *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (GvLoraStore, gv_lora_store_free)

int gv_lora_store_get_n_slots (GvLoraStore *self);
const GvLoraSlot *gv_lora_store_get_slot (GvLoraStore *self, int i);

/* Ranks of all layers' factors together; 0 if there are only changed copies. */
int gv_lora_store_get_n_ranks (GvLoraStore *self);

/* True if there are changed copies: then no sample of a batch can do without the LoRAs. */
bool gv_lora_store_has_copies (GvLoraStore *self);

/*
 * Declares the input [n, 1, 1, slots] that says how strongly each slot acts on each sample, and
 * gives @g its factors' strengths.  Returns: the input, or NULL where there are no factors
 */
GvTensor *gv_lora_store_declare (GvLoraStore *self, GvGraph *g, int n);

/**
 * gv_lora_store_set_strengths:
 * @strengths: one for each slot
 *
 * Makes the changed copies anew that depend on a strength that is another than before.
 */
bool gv_lora_store_set_strengths (GvLoraStore *self,
                                  const double *strengths,
                                  GCancellable *cancellable,
                                  GError **error);

/* True if what has been loaded of LoRA @entry so far is all zeros. */
bool gv_lora_store_is_zero (GvLoraStore *self, int entry);

/* To be handed to gv_graph_new() with the store as its data. */
extern const GvParamSource gv_lora_store_source;
