// SPDX-FileCopyrightText: Giverny contributors
// SPDX-License-Identifier: GPL-3.0-or-later
/* What the files that read safetensors share. */
#pragma once

#include "formats/name-table.h"
#include "formats/safetensors.h"

typedef struct
{
  const char *key, *value;
} GvSafetensorsMetadata;

struct _GvSafetensors
{
  char *path, *shown;
  int fd;              /* -1 where the file is in memory */
  const uint8_t *data; /* then its data section          */
  size_t data_begin, data_bytes;
  char *header;
  GvSafetensor *tensors;
  size_t n_tensors, max_tensors;
  GvSafetensorsMetadata *metadata;
  size_t n_metadata, max_metadata;
  GvNameTable tensor_names, metadata_names;
};

/* Sets an error of that code, "FILE: tensor “NAME” @sentence".  Always false. */
bool gv_safetensors_fail (GvSafetensors *self,
                          const char *name,
                          int code,
                          const char *sentence,
                          GError **error);

/* The same where memory for the header runs out. */
bool gv_safetensors_fail_memory (GvSafetensors *self, GError **error);

/* Fills tensors and metadata from the header, whose strings it decodes in place; nothing of it was
 * believed yet. */
bool gv_safetensors_parse_header (GvSafetensors *self, size_t header_bytes, GError **error);
