// SPDX-FileCopyrightText: Giverny contributors
// SPDX-License-Identifier: GPL-3.0-or-later
/* A recipe: everything that decides a picture, as plain data, JSON both ways. */
#pragma once

#include "gv-lora-use.h"
#include "gv-region.h"

#include <glib-object.h>
#include <stdbool.h>

G_BEGIN_DECLS

#define GV_RECIPE_MAX_PROMPT_BYTES 65536
#define GV_RECIPE_MIN_SIZE 16
#define GV_RECIPE_MAX_SIZE 16384
#define GV_RECIPE_MAX_STEPS 1000
#define GV_RECIPE_MAX_COUNT 1000
#define GV_RECIPE_MAX_CLIP_SKIP 100 /* the model's number of layers is the real limit */

#define GV_RECIPE_CFG_DEFAULT                                                                      \
  (-G_MAXDOUBLE) /* the model's; every other finite number is taken as it is */

/* What the starter model is called in a recipe's JSON; as a property it is "". */
#define GV_RECIPE_STARTER "starter"

#define GV_TYPE_RECIPE (gv_recipe_get_type ())
G_DECLARE_FINAL_TYPE (GvRecipe, gv_recipe, GV, RECIPE, GObject)

/*
 * GObject properties, all read-write and notifying; unset numbers (0) mean the model's default:
 *   model (string, path; NULL or "" = the starter), prompt, negative (string, never NULL),
 *   prompt-original (string: what the prompt was before it was put into English, "" if it was not),
 *   width, height (int, pixels; 0 = the model's), steps (int, 20), cfg (double;
 * GV_RECIPE_CFG_DEFAULT), sampler (string, "euler"), schedule (string, "normal"), seed (uint64, 0),
 * count (int, 1), clip-skip (int, 1), region-mode (string, "area"), regions (GPtrArray of GvRegion;
 * NULL = none), background-rest (boolean, FALSE: areas only, the prompt counts where regions leave
 * something of a weight of 1, not everywhere), loras (GPtrArray of GvLoraUse; NULL = none), merge-lora
 * (bool: changed weights instead of factors beside them), before-after (bool: each picture also
 * without the LoRAs)
 */
GvRecipe *gv_recipe_new (void);
GvRecipe *gv_recipe_copy (GvRecipe *self);

const char *gv_recipe_get_model (GvRecipe *self);
const char *gv_recipe_get_prompt (GvRecipe *self);
const char *gv_recipe_get_negative (GvRecipe *self);
const char *gv_recipe_get_prompt_original (GvRecipe *self);
int gv_recipe_get_width (GvRecipe *self);
int gv_recipe_get_height (GvRecipe *self);
int gv_recipe_get_steps (GvRecipe *self);
bool gv_recipe_has_cfg (GvRecipe *self);
double gv_recipe_get_cfg (GvRecipe *self);
const char *gv_recipe_get_sampler (GvRecipe *self);
const char *gv_recipe_get_schedule (GvRecipe *self);
guint64 gv_recipe_get_seed (GvRecipe *self);
int gv_recipe_get_count (GvRecipe *self);
int gv_recipe_get_clip_skip (GvRecipe *self);
const char *gv_recipe_get_region_mode (GvRecipe *self);

/*
 * Returns: (element-type GvRegion) (transfer none): from back to front, never NULL.  Neither the
 * list nor the regions change as long as somebody holds them: setting "regions" takes a reference
 * to a new list, whose elements are freed by the list and left alone from then on.
 */
GPtrArray *gv_recipe_get_regions (GvRecipe *self);

bool gv_recipe_get_background_rest (GvRecipe *self);

/*
 * How much of each place of a picture of @width × @height pixels belongs to whom, in the recipe's
 * region mode: the weights that its painting uses, divided by their sum.
 * Returns: (transfer full): [1 + regions, height / 8, width / 8], the prompt's share first
 */
float *gv_recipe_dup_shares (GvRecipe *self, int width, int height);

/* Likewise of the element-type GvLoraUse; those after the first act on what the first ones left. */
GPtrArray *gv_recipe_get_loras (GvRecipe *self);
GPtrArray *gv_recipe_new_lora_list (void);
bool gv_recipe_get_merge_lora (GvRecipe *self);
bool gv_recipe_get_before_after (GvRecipe *self);

/* An empty list that frees its regions. */
GPtrArray *gv_recipe_new_region_list (void);

/*
 * Checks every value against the limits above.  Errors: GV_RECIPE_ERROR_VALUE
 * (GV_RECIPE_ERROR_NOT_YET for a sampler or schedule that is known but can't be done yet); the
 * sentence begins with the command line's name of the value, "--width".
 */
bool gv_recipe_validate (GvRecipe *self, GError **error);

/* (transfer full): one JSON object, UTF-8, keys in a fixed order.  Paths are stored as given. */
char *gv_recipe_to_json (GvRecipe *self);

/*
 * Reads such an object; @name stands for its file.  Missing fields get the property's default,
 * unknown ones are ignored.  Errors: GV_FORMAT_ERROR naming file and field.
 */
GvRecipe *gv_recipe_from_json (const char *name, const char *json, gssize length, GError **error);

/*
 * How A1111 calls a sampler or schedule, "DPM++ 2M" for "dpmpp_2m"; NULL for one that it doesn't
 * have.
 */
const char *gv_recipe_get_sampler_label (GvRecipe *self);
const char *gv_recipe_get_schedule_label (GvRecipe *self);

/* One of the names that samplers and schedules have; NULL behind the last one. */
typedef struct
{
  const char *name, *label;
  bool ready; /* this version can do it */
} GvRecipeChoice;

const GvRecipeChoice *gv_recipe_list_samplers (void);
const GvRecipeChoice *gv_recipe_list_schedules (void);
const GvRecipeChoice *gv_recipe_list_region_modes (void);

/* True if @text is a UTF-8 prompt of at most GV_RECIPE_MAX_PROMPT_BYTES; @option begins the error's
 * sentence. */
bool gv_recipe_check_prompt (const char *option, const char *text, GError **error);

G_END_DECLS
