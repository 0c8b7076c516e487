// SPDX-FileCopyrightText: Giverny contributors
// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * What the name of one tensor in a LoRA file says: which network it changes, which layer of it, and
 * which part of the change it is.  Every program that trains LoRAs has its own way to write that.
 */
#pragma once

#include <glib.h>
#include <stdbool.h>

/* Ways of naming. */
typedef enum {
  GV_LORA_NAMES_OTHER,
  GV_LORA_NAMES_KOHYA,      /* lora_unet_down_blocks_0_….lora_down.weight              */
  GV_LORA_NAMES_PEFT,       /* unet.down_blocks.0.….lora_A.weight                      */
  GV_LORA_NAMES_DIFFUSERS,  /* unet.….lora.down.weight, ….processor.to_q_lora.up.weight */
  GV_LORA_NAMES_LYCORIS,    /* lycoris_down_blocks_0_…                                 */
  GV_LORA_NAMES_ONETRAINER, /* lora_transformer_…                                      */
  GV_LORA_NAMES_X_FLUX,     /* double_blocks.0.processor.qkv_lora1.down.weight         */
  GV_N_LORA_NAMES,
} GvLoraNames;

/* The network that a tensor changes. */
typedef enum {
  GV_LORA_UNET,
  GV_LORA_TEXT,
  GV_LORA_TEXT_2,
  GV_LORA_TEXT_3,
  GV_LORA_TRANSFORMER,
  GV_LORA_EMBEDDING, /* a textual inversion that came along */
  GV_LORA_UNKNOWN,
  GV_N_LORA_TARGETS,
} GvLoraTarget;

/* Which part of a layer's change a tensor is. */
typedef enum {
  /* W + up · mid · down; Hu et al. 2021, arXiv:2106.09685 */
  GV_LORA_DOWN,
  GV_LORA_UP,
  GV_LORA_MID,
  GV_LORA_ALPHA,
  /* W's rows or columns get a length of their own; Liu et al. 2024, arXiv:2402.09353 */
  GV_LORA_DORA_SCALE,
  GV_LORA_MAGNITUDE, /* the same as PEFT writes it */
  /* (w1a · w1b) ∘ (w2a · w2b); Hyeon-Woo et al. 2021, arXiv:2108.06098 */
  GV_LORA_HADA_W1_A,
  GV_LORA_HADA_W1_B,
  GV_LORA_HADA_W2_A,
  GV_LORA_HADA_W2_B,
  GV_LORA_HADA_T1,
  GV_LORA_HADA_T2,
  /* w1 ⊗ w2; Yeh et al. 2023, arXiv:2309.14859 */
  GV_LORA_LOKR_W1,
  GV_LORA_LOKR_W1_A,
  GV_LORA_LOKR_W1_B,
  GV_LORA_LOKR_W2,
  GV_LORA_LOKR_W2_A,
  GV_LORA_LOKR_W2_B,
  GV_LORA_LOKR_T2,
  /* whole differences, and whole weights */
  GV_LORA_DIFF,
  GV_LORA_DIFF_B,
  GV_LORA_SET_WEIGHT,
  /* known by name, but not what can be applied: GLoRA, OFT, IA3 */
  GV_LORA_UNSUPPORTED,
  GV_N_LORA_ROLES,
} GvLoraRole;

typedef struct
{
  GvLoraNames names;
  GvLoraTarget target;
  GvLoraRole role;
  size_t module_bytes; /* of the name: the layer with its prefix, "lora_unet_mid_block_…"   */
  char *path;          /* (owned): the layer with underscores for dots, without the prefix  */
} GvLoraKey;

/* False for a name that no way of naming knows; then nothing is set. */
bool gv_lora_key_parse (const char *name, GvLoraKey *out);
void gv_lora_key_clear (GvLoraKey *self);

/* The end of a tensor's name that @role has beside @name: for a missing other half.  (transfer
 * full) */
char *gv_lora_key_sibling (const char *name, GvLoraRole role);

/* "kohya", "PEFT" … */
const char *gv_lora_names_label (GvLoraNames names);

/*
 * Names of the original latent diffusion code, underscores for dots, as the path of diffusers'
 * layer: "input_blocks_1_1_proj_in" → "down_blocks_0_attentions_0_proj_in".
 * Returns: (transfer full) (nullable): NULL if it is none of them
 */
char *gv_lora_path_from_ldm (const char *path, int n_levels, int layers_per_block);
