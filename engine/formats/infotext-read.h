// SPDX-FileCopyrightText: Giverny contributors
// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * A1111's infotext, read: lines of prompt, lines behind "Negative prompt:", and a line of settings,
 * "Steps: 20, Sampler: Euler a, …".
 *
 * A line is settings if at least three pairs are found in it: a key of word characters, spaces,
 * hyphens and slashes, a colon, and a value up to the next comma, or a JSON string.  It is the last
 * line; where that is no settings, the last one that begins with "Steps:", with what follows it
 * kept apart.
 */
#pragma once

#include <glib.h>
#include <stddef.h>

#define GV_INFOTEXT_MAX_BYTES (1 << 20)
#define GV_INFOTEXT_MAX_PAIRS 1024

typedef struct
{
  char *key, *value; /* (owned): white space around them taken off, a JSON string unpacked */
} GvInfotextPair;

typedef struct
{
  char *prompt, *negative; /* (owned) */
  GPtrArray *pairs;        /* (owned) (element-type GvInfotextPair) in the text's order */
  char *rest;              /* (owned): what follows the settings; "" as a rule */
} GvInfotextParts;

/**
 * gv_infotext_read:
 * @name: of the file, for errors
 *
 * Errors: GV_FORMAT_ERROR_INVALID for what is not UTF-8, GV_FORMAT_ERROR_LIMIT for more than
 * GV_INFOTEXT_MAX_BYTES or GV_INFOTEXT_MAX_PAIRS, GV_FORMAT_ERROR_UNSUPPORTED for a text without
 * settings
 *
 * Returns: (transfer full)
 */
GvInfotextParts *gv_infotext_read (const char *name, const char *text, size_t len, GError **error);

void gv_infotext_parts_free (GvInfotextParts *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (GvInfotextParts, gv_infotext_parts_free)
