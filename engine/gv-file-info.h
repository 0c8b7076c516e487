// SPDX-FileCopyrightText: Giverny contributors
// SPDX-License-Identifier: GPL-3.0-or-later
/* What a file is, told quickly by its first bytes and headers: for lists of files, and for what is dropped. */
#pragma once

#include <glib.h>
#include <stdbool.h>

G_BEGIN_DECLS

typedef enum {
  GV_FILE_OTHER,   /* nothing that we can use */
  GV_FILE_MODEL,
  GV_FILE_LORA,
  GV_FILE_PICTURE, /* a PNG, with or without a recipe */
  GV_FILE_RECIPE,  /* JSON                            */
} GvFileKind;

typedef struct
{
  GvFileKind kind;
  char *path;         /* (owned)                                                        */
  char *name;         /* (owned): for people, without folders and endings, valid UTF-8  */
  const char *family; /* (nullable): of a model, "Stable Diffusion 1"                   */
  const char *dtype;  /* (nullable): of a model's U-Net, "F16"                          */
  int side;           /* of a model: pixels of the picture that it was made for, else 0 */
  guint64 size_bytes; /* a folder's files together                                      */
} GvFileInfo;

/*
 * Reads headers, never weights: milliseconds.  Errors: GV_FORMAT_ERROR, and GV_WEIGHTS_ERROR for what looks
 * like a model but can't be run; the sentence names the file.  Returns: (transfer full)
 */
GvFileInfo *gv_file_info_new (const char *path, GError **error);
void gv_file_info_free (GvFileInfo *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (GvFileInfo, gv_file_info_free)

G_END_DECLS
