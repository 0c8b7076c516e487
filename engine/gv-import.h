// SPDX-FileCopyrightText: Giverny contributors
// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * Recipes from pictures and files of any program that we can read: what a picture that is dropped
 * on the studio becomes.  What had to be left behind is listed, never dropped in silence.
 */
#pragma once

#include "gv-image.h"

G_BEGIN_DECLS

/* A LoRA that a prompt's text asks for. */
typedef struct
{
  char *name; /* (owned) */
  double strength, text_strength;
  char *hash; /* (owned) (nullable): of its file, as the text has it */
} GvImportLora;

typedef struct
{
  GvRecipe *recipe;   /* (owned): valid                                                        */
  const char *format; /* whose it was: "Giverny", "ComfyUI", …                                 */
  char *model;        /* (owned) (nullable): the model's name where no path leads to it        */
  char *model_hash;   /* (owned) (nullable): of its file, as the text has it                   */
  GPtrArray *loras;   /* (owned) (nullable) (element-type GvImportLora)                        */
  GStrv unmatched;    /* (owned): a sentence for each thing that the recipe does not hold      */
} GvImport;

void gv_import_free (GvImport *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (GvImport, gv_import_free)

/*
 * From a picture's text chunks; @name stands for its file.  Giverny's own recipe comes first where
 * there are several. Errors: GV_FORMAT_ERROR_UNSUPPORTED if no recipe is in it, else
 * GV_FORMAT_ERROR of the one that was tried
 */
GvImport *gv_import_from_image (GvImage *image, const char *name, GError **error);

/* From a file's or pasted text: Giverny's JSON, or another program's. */
GvImport *gv_import_from_text (const char *name, const char *text, gssize length, GError **error);

/*
 * From a file on disk, which its content tells to be a picture or a text of at most 4 MiB.
 * @image: (out) (optional) (nullable) (transfer full): the picture
 */
GvImport *gv_import_from_file (const char *path, GvImage **image, GError **error);

/* From a PNG on disk. */
GvImport *gv_import_from_png (const char *path, GError **error);

G_END_DECLS
