// SPDX-FileCopyrightText: Giverny contributors
// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * A LoRA file: its tensors put together by layer, and what of it fits a model.  Nothing but the
 * header is read until gv_lora_read().
 */
#pragma once

#include "formats/safetensors.h"
#include "weights/lora-key.h"
#include "weights/model-files.h"

/* How a layer is changed. */
typedef enum {
  GV_LORA_KIND_NONE, /* nothing but a number on its own */
  GV_LORA_KIND_LOW_RANK,
  GV_LORA_KIND_HADAMARD,
  GV_LORA_KIND_KRONECKER,
  GV_LORA_KIND_FULL,
  GV_LORA_KIND_SET,
  GV_LORA_KIND_UNSUPPORTED,
  GV_N_LORA_KINDS,
} GvLoraKind;

/* What a file was trained for, as far as names and shapes tell. */
typedef enum {
  GV_LORA_FOR_UNKNOWN,
  GV_LORA_FOR_SD1,
  GV_LORA_FOR_SD2,
  GV_LORA_FOR_SDXL,
  GV_LORA_FOR_SD3,
  GV_LORA_FOR_FLUX,
  GV_LORA_FOR_TRANSFORMER, /* another of the newer ones */
  GV_N_LORA_BASES,
} GvLoraBase;

/* All tensors of one layer. */
typedef struct
{
  char *name; /* of the layer in the file, with its prefix                              */
  char *path; /* see GvLoraKey                                                          */
  GvLoraTarget target;
  GvLoraKind kind;
  const GvSafetensor *tensors[GV_N_LORA_ROLES]; /* NULL where there is none              */
  int n_tensors;
  int64_t rank;   /* of a low-rank change, else 0 */
  double scale;   /* alpha / rank, or what stands in for it */
  bool decomposed; /* a DoRA                         */
} GvLoraModule;

typedef struct
{
  GvSafetensors *file;
  GPtrArray *modules;  /* of GvLoraModule, in the header's order               */
  GPtrArray *unknown;  /* of const char *: names that say nothing to us        */
  GPtrArray *embeddings; /* of const char *: tensors of textual inversions     */
  GvLoraNames names;   /* of most of its tensors                               */
  GvLoraBase base;
} GvLora;

/**
 * gv_lora_open:
 *
 * Opens a file and sorts its tensors.  Errors: GV_FORMAT_ERROR; GV_WEIGHTS_ERROR_UNSUPPORTED for
 * other containers and for files without any tensor of a LoRA
 */
GvLora *gv_lora_open (const char *path, GError **error);

/* The same for a container that is open already.  @file: (transfer full), also after errors */
GvLora *gv_lora_new_from_safetensors (GvSafetensors *file, GError **error);
void gv_lora_free (GvLora *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (GvLora, gv_lora_free)

/* True if a file's names are those of a LoRA. */
bool gv_lora_recognise (GvSafetensors *file);

/* "Stable Diffusion XL" …, NULL for GV_LORA_FOR_UNKNOWN */
const char *gv_lora_base_label (GvLoraBase base);

/* "LoRA", "LoHa", … with "DoRA" where rows are rescaled. */
const char *gv_lora_kind_label (const GvLoraModule *module);

/* A layer of the model that a module changes. */
typedef struct
{
  const GvLoraModule *module;
  GvPart part;
  char *layer;            /* "down_blocks.0.attentions.0.proj_in" */
  const GvWeight *weight; /* of the layer                         */
  const GvWeight *bias;   /* (nullable)                           */
} GvLoraFitting;

/* Where each tensor of the file went. */
typedef struct
{
  int n_tensors;
  int n_mapped;      /* of layers that the model has                              */
  int n_used;        /* of those that change something                            */
  int n_not_there;   /* of layers that the model has not                          */
  int n_unsupported; /* of kinds that can't be applied                            */
  int n_unknown;     /* whose names say nothing                                   */
  int n_embeddings;
  const char *first_skipped; /* (nullable): the first tensor that is not used     */
} GvLoraReport;

/* The layers of a model by their names with underscores for dots. */
typedef struct _GvLoraIndex GvLoraIndex;

GvLoraIndex *gv_lora_index_new (GvModelFiles *model);
void gv_lora_index_free (GvLoraIndex *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (GvLoraIndex, gv_lora_index_free)

/**
 * gv_lora_fit:
 *
 * Finds a model's layer for each module and compares shapes.
 * Errors: GV_WEIGHTS_ERROR_UNSUPPORTED for a LoRA of another architecture or of which nothing fits;
 * GV_WEIGHTS_ERROR_MISSING for one half of a pair; GV_WEIGHTS_ERROR_SHAPE; each names file and
 * tensor
 * Returns: (element-type GvLoraFitting) (transfer full): lives no longer than @self and the model
 */
GPtrArray *
gv_lora_fit (GvLora *self, const GvLoraIndex *index, GvLoraReport *report, GError **error);

/* The sum of a weight's shape's sizes behind the first: what one row of it holds. */
size_t gv_weight_row_elements (const GvWeight *weight);
