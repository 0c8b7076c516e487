// SPDX-FileCopyrightText: Giverny contributors
// SPDX-License-Identifier: GPL-3.0-or-later
/* Telling containers apart by their first bytes, whatever their names end in. */
#pragma once

#include <glib.h>
#include <stdbool.h>

typedef enum {
  GV_CONTAINER_SAFETENSORS,
  GV_CONTAINER_PICKLE, /* a zip archive as torch.save writes it, or a bare pickle */
  GV_CONTAINER_GGUF,
  GV_CONTAINER_PNG,
  GV_CONTAINER_JSON,
  GV_CONTAINER_OTHER,
} GvContainer;

/* Errors: GV_FORMAT_ERROR_IO, for whatever is no regular file too. */
bool gv_tell_container (const char *path, GvContainer *out, GError **error);

/*
 * Refuses, before a model is read, what is known to be something else than safetensors: pickles
 * with a sentence that names the safe conversion.
 */
bool gv_refuse_other_containers (const char *path, GError **error);

/* The sentence for a file that holds pickles.  Always false. */
bool gv_refuse_pickle (const char *path, GError **error);
