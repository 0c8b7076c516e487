// SPDX-FileCopyrightText: Giverny contributors
// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * Models of any structure, small enough to write in a moment.  Names and shapes are made by
 * building the networks up block by block, as their papers' code does, so that they say nothing
 * about how the reader finds them.
 */
#pragma once

#include "weights/model-files.h"

typedef struct
{
  int n_levels, channels[GV_MAX_LEVELS], layers, cross, depth;
  bool down_attention[GV_MAX_LEVELS], up_attention[GV_MAX_LEVELS];
  int n_vae_levels, vae_channels[GV_MAX_LEVELS], vae_layers;
  bool no_vae_attention, no_quant_conv;
  int text_layers, vocabulary;
} Tiny;

typedef struct
{
  GvPart part;
  char *name;     /* diffusers' and transformers'            */
  char *original; /* in a single file, with its part's prefix */
  GvDtype dtype;
  int rank;
  int64_t shape[4];
} TinyTensor;

/* Two levels, the first with attention, a layer each: the least that has everything. */
extern const Tiny tiny_default;

/* (element-type TinyTensor): all tensors, in the order of the parts; change them before writing */
GPtrArray *tiny_tensors (const Tiny *self);
TinyTensor *tiny_find (GPtrArray *tensors, GvPart part, const char *name);

/* config.json of a part, and scheduler_config.json for GV_N_PARTS. */
char *tiny_config (const Tiny *self, int part);

/* Writes a folder, or a single file.  Values are those of tiny_value() by number of the tensor. */
void tiny_write_folder (const Tiny *self, GPtrArray *tensors, const char *path);
void tiny_write_part (GPtrArray *tensors, GvPart part, const char *path);
void tiny_write_single (GPtrArray *tensors, const char *path);

/* Byte @i of tensor number @tensor. */
uint8_t tiny_byte (size_t tensor, size_t i);

/* A new empty folder, removed with all that is in it by tiny_remove_temp(), which frees the path.
 */
char *tiny_make_temp (void);
void tiny_remove_temp (char *path);

void tiny_write_text (const char *folder, const char *name, const char *text);
