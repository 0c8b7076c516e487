// SPDX-FileCopyrightText: Giverny contributors
// SPDX-License-Identifier: GPL-3.0-or-later
/* Recipes for other programs. */
#pragma once

#include "gv-image.h"

G_BEGIN_DECLS

/* A recipe as ComfyUI's workflow, in the two forms that it keeps in a picture. */
typedef struct
{
  char *prompt;    /* (owned): JSON of what is executed: the chunk "prompt"              */
  char *workflow;  /* (owned): JSON of what the editor shows: the chunk "workflow"       */
  GStrv unmatched; /* (owned): a sentence for each thing that the workflow does not hold */
} GvComfyExport;

/*
 * Boxes become MultiAreaConditioning's, LoRAs LoraLoaders.
 * Errors: GV_RECIPE_ERROR of gv_recipe_validate()
 */
GvComfyExport *gv_export_comfy (GvRecipe *recipe, GError **error);
void gv_comfy_export_free (GvComfyExport *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (GvComfyExport, gv_comfy_export_free)

/* Sets both chunks: ComfyUI then opens the picture as a workflow. */
void gv_image_set_comfy (GvImage *image, const GvComfyExport *workflow);

/* Writes the editor's form, as its own "Save" does.  Errors: GV_FORMAT_ERROR_IO */
bool gv_comfy_export_save (const GvComfyExport *self, const char *path, GError **error);

G_END_DECLS
