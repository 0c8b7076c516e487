// SPDX-FileCopyrightText: Giverny contributors
// SPDX-License-Identifier: GPL-3.0-or-later
/* LoRA files for people: what one is, what it was trained for, and what of it fits a model. */
#pragma once

#include <glib.h>
#include <stdbool.h>

G_BEGIN_DECLS

typedef struct
{
  char *path;
  char *name;          /* its title, else its file's name without the ending            */
  char *names;         /* who names tensors so: "kohya", "PEFT" …                       */
  char *kinds;         /* "LoRA", "LoCon, LoRA", "LoHa" …, most frequent first          */
  char *base;          /* (nullable): "Stable Diffusion 1" …, as its tensors tell       */
  char *trained_on;    /* (nullable): the model that it says it was trained on          */
  bool usable;         /* its base is one that the engine can run                       */
  int min_rank, max_rank; /* 0 where nothing has one                                    */
  double min_alpha, max_alpha; /* 0 where the file has none: strength 1 is then as trained */
  int n_tensors;
  int n_unet, n_text, n_other; /* layers by the network that they change                */
  int n_embeddings;    /* tensors of textual inversions inside                          */
  int n_unknown;       /* tensors whose names say nothing                               */
  char *first_unknown; /* (nullable)                                                    */
  char **trigger_words; /* (array zero-terminated=1): never NULL                        */
  GBytes *preview;     /* (nullable): a PNG or JPEG file from its metadata              */
  char *preview_path;  /* (nullable): a picture beside the file, "style.preview.png"    */
} GvLoraInfo;

/**
 * gv_lora_info_new:
 *
 * Reads the header of a LoRA file, and numbers of single values.  May block; from any thread.
 * Errors name the file and what is wrong with it.
 */
GvLoraInfo *gv_lora_info_new (const char *path, GError **error);
void gv_lora_info_free (GvLoraInfo *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (GvLoraInfo, gv_lora_info_free)

/* Adds it to @out as lines "key: value". */
void gv_lora_info_describe (const GvLoraInfo *self, GString *out);

/* Every tensor of a file is in one of these counts but `mapped`, which holds `used` too. */
typedef struct
{
  int n_tensors;
  int n_used;        /* change the model                                         */
  int n_mapped;      /* belong to a layer that the model has                     */
  int n_not_there;   /* belong to one that it has not                            */
  int n_unsupported; /* of kinds that can't be applied (GLoRA, OFT, IA3)         */
  int n_embeddings;  /* textual inversions                                       */
  int n_unknown;     /* with names that say nothing                              */
  char *first_skipped; /* (nullable): the first that is not used                 */
} GvLoraKeys;

/**
 * gv_lora_keys_new:
 * @model: (nullable): path of a model, as in a recipe; NULL or "" is the starter
 *
 * Compares a LoRA's names and shapes with a model's.  Reads headers only; may block; from any
 * thread.  Errors: those with which a picture with this LoRA and model would fail
 */
GvLoraKeys *gv_lora_keys_new (const char *path, const char *model, GError **error);
void gv_lora_keys_free (GvLoraKeys *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (GvLoraKeys, gv_lora_keys_free)

G_END_DECLS
