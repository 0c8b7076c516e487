// SPDX-FileCopyrightText: Giverny contributors
// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * The safetensors container: eight bytes that give the length of a JSON header, the header, then
 * nothing but the tensors' bytes.  https://github.com/huggingface/safetensors
 *
 * A file is taken only if every reader must understand it in the same way: each name once, and the
 * data covered from end to end, without holes or overlaps.
 */
#pragma once

#include "base/dtype.h"

#define GV_SAFETENSORS_MAX_RANK 8

typedef struct
{
  const char *name;     /* valid UTF-8, at most 1 KiB                          */
  char dtype_name[16];  /* as the file writes it                               */
  bool known;           /* false for types that we can only pass over          */
  GvDtype dtype;        /* if known, else GV_N_DTYPES                          */
  int rank;             /* 0 for a single number                               */
  int64_t shape[GV_SAFETENSORS_MAX_RANK];
  size_t n_elements;    /* may be 0                                            */
  size_t begin;         /* in bytes from the start of the data                 */
  size_t size_bytes;
} GvSafetensor;

typedef struct _GvSafetensors GvSafetensors;

/**
 * gv_safetensors_open:
 *
 * Reads and checks a file's header; memory stays below four times the header and 16 MiB.
 * Thread-safe afterwards. Errors: GV_FORMAT_ERROR, one line that names file and tensor Returns:
 * (transfer full): free with gv_safetensors_free()
 */
GvSafetensors *gv_safetensors_open (const char *path, GError **error);

/* The same for a whole file in memory, which must outlive the result; @name stands for the path. */
GvSafetensors *
gv_safetensors_new_from_bytes (const char *name, const void *data, size_t size, GError **error);

void gv_safetensors_free (GvSafetensors *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (GvSafetensors, gv_safetensors_free)

const char *gv_safetensors_get_path (GvSafetensors *self);

/* Tensors in the header's order; they live as long as @self. */
size_t gv_safetensors_get_n (GvSafetensors *self);
const GvSafetensor *gv_safetensors_get (GvSafetensors *self, size_t i);

/* NULL if the file has no tensor of that name. */
const GvSafetensor *gv_safetensors_find (GvSafetensors *self, const char *name);

/* The value of an entry of "__metadata__", or NULL. */
const char *gv_safetensors_get_metadata (GvSafetensors *self, const char *key);

/* Keys of "__metadata__" in the header's order.  (transfer container): NULL-terminated; free with
 * g_free() */
const char **gv_safetensors_get_metadata_keys (GvSafetensors *self);

/**
 * gv_safetensors_read:
 * @offset: in bytes from the tensor's start; @offset + @size may not go past its end
 *
 * Reads bytes of a tensor as they are stored, little-endian.  From any thread.
 * Errors: GV_FORMAT_ERROR_TRUNCATED if the file became shorter, GV_FORMAT_ERROR_IO; both name file
 * and tensor
 */
bool gv_safetensors_read (GvSafetensors *self,
                          const GvSafetensor *tensor,
                          size_t offset,
                          size_t size,
                          void *dst,
                          GError **error);

typedef struct
{
  const char *name;
  GvDtype dtype;
  int rank;
  const int64_t *shape;
  const void *data; /* C order, little-endian */
} GvSafetensorsItem;

/**
 * gv_safetensors_write:
 *
 * Writes a file in one go: @path holds either what it held before or all of the new bytes, which
 * depend on nothing but the items and their order.  The data start at a multiple of eight bytes.
 * Errors: GV_FORMAT_ERROR_IO; GV_FORMAT_ERROR_INVALID for items that no reader would take (a name
 * twice)
 */
bool
gv_safetensors_write (const char *path, const GvSafetensorsItem *items, size_t n, GError **error);
