// SPDX-FileCopyrightText: Giverny contributors
// SPDX-License-Identifier: GPL-3.0-or-later
/* What the readers of the two layouts, folder.c and single-file.c, fill in. */
#pragma once

#include "formats/safetensors.h"
#include "weights/model-files.h"

struct _GvModelFiles
{
  char *path;
  bool is_folder;
  GvFamily family;
  GvClipTextConfig text;
  GvUnetConfig unet;
  GvVaeConfig vae;
  GvSchedulerConfig scheduler;
  char *tokenizer_folder;         /* (nullable) */
  char *part_paths[GV_N_PARTS];   /* what errors name when a tensor is missing */
  GPtrArray *files;               /* of GvSafetensors */
  GHashTable *weights[GV_N_PARTS]; /* name -> GvWeight, both owned                     */
  GHashTable *others[GV_N_PARTS];  /* name -> type, of tensors in types that we don't know */
};

/* Both fill @self, whose path is set. */
bool gv_model_folder_read (GvModelFiles *self, GError **error);
/* All tensors of a folder's, or one file's, single network. */
bool gv_network_folder_read (GvModelFiles *self, GError **error);
bool gv_network_file_read (GvModelFiles *self, GvSafetensors *file, GError **error);
bool gv_single_file_read (GvModelFiles *self, GvSafetensors *file, GError **error);

/* A single-file model whose container is open already.  @file: (transfer full), also after errors
 */
GvModelFiles *gv_model_files_new_from_safetensors (GvSafetensors *file, GError **error);

/* Opens a file whose weights belong to @self.  Returns: (transfer none) */
GvSafetensors *gv_model_files_open_file (GvModelFiles *self, const char *path, GError **error);

/*
 * Enters a tensor under its canonical name.
 * Errors: GV_FORMAT_ERROR_INVALID if there is one of that name already
 */
bool gv_model_files_add (GvModelFiles *self,
                         GvPart part,
                         const char *name,
                         GvSafetensors *file,
                         const GvSafetensor *tensor,
                         GError **error);
