// SPDX-FileCopyrightText: Giverny contributors
// SPDX-License-Identifier: GPL-3.0-or-later
/* A LoRA in a recipe: which file, and how strongly it acts. */
#pragma once

#include <glib-object.h>
#include <stdbool.h>

G_BEGIN_DECLS

#define GV_RECIPE_MAX_LORAS 64

#define GV_TYPE_LORA_USE (gv_lora_use_get_type ())

/*
 * Plain data.  One that a recipe holds is never changed: copy it, change the copy, and set the
 * recipe's list anew.  Recipes that differ in strengths only run without compiling anything again.
 */
typedef struct
{
  char *path;           /* (owned)                                                           */
  double strength;      /* finite; 0 leaves the picture alone, negative ones lead away       */
  double text_strength; /* of its part for the text encoder                                  */
  char *blocks;         /* (owned) (nullable): factors by block, see gv_lora_use_check_blocks() */
} GvLoraUse;

GType gv_lora_use_get_type (void);

/* Both strengths are 1. */
GvLoraUse *gv_lora_use_new (const char *path);
GvLoraUse *gv_lora_use_copy (const GvLoraUse *self);
void gv_lora_use_free (GvLoraUse *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (GvLoraUse, gv_lora_use_free)

bool gv_lora_use_equal (const GvLoraUse *a, const GvLoraUse *b);

/*
 * Reads "PATH[:STRENGTH[:TEXT_STRENGTH]]"; the text strength is the strength if left out.  A colon
 * belongs to the path if a file is called so.  @option begins the error's sentence.
 * Errors: GV_RECIPE_ERROR_VALUE
 */
GvLoraUse *gv_lora_use_parse (const char *option, const char *text, GError **error);

/*
 * Checks factors by block: 17 or 26 numbers with commas between (BASE, IN…, M00, OUT…, as web
 * interfaces count Stable Diffusion 1's blocks), or names with numbers, "in=0.5,out03=0,base=1".
 * Errors: GV_RECIPE_ERROR_VALUE
 */
bool gv_lora_use_check_blocks (const char *option, const char *blocks, GError **error);

/* The sentence begins with "--lora" and @number, counted from 1.  Errors: GV_RECIPE_ERROR_VALUE */
bool gv_lora_use_validate (const GvLoraUse *self, int number, GError **error);

/* The file's name without folder and ending, as prompts of other programs call it. (transfer full) */
char *gv_lora_use_dup_name (const GvLoraUse *self);

G_END_DECLS
