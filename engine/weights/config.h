// SPDX-FileCopyrightText: Giverny contributors
// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * The JSON object of a config, read field by field.  The first field that is wrong is remembered
 * with a sentence; every getter after it gives its fallback, and gv_config_end() tells.
 */
#pragma once

#include "base/errors.h"

#include <stdbool.h>
#include <stddef.h>

#define GV_CONFIG_MAX_BYTES ((size_t) 8 << 20)

typedef struct _GvConfig GvConfig;

/* Errors: GV_FORMAT_ERROR, naming the file. */
GvConfig *gv_config_open (const char *path, GError **error);

/* The same from memory; @name stands for the path. */
GvConfig *gv_config_new (const char *name, const char *text, size_t size, GError **error);

void gv_config_free (GvConfig *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (GvConfig, gv_config_free)

/* The file's name, fit to be shown. */
const char *gv_config_get_name (GvConfig *self);

/* False, with the sentence in @error, if any field so far was wrong. */
bool gv_config_end (GvConfig *self, GError **error);

/* Remembers that @field is wrong; the sentence goes on after the file's and the field's name. */
void gv_config_fail (GvConfig *self, const char *field, const char *format, ...)
    G_GNUC_PRINTF (3, 4);

/* Makes the object in @field the one that is read from now on. */
void gv_config_enter (GvConfig *self, const char *field);

/* Neither missing nor null. */
bool gv_config_has (GvConfig *self, const char *field);

/* Single values: a field that is missing has the fallback's, null is an error. */
int gv_config_int (GvConfig *self, const char *field, int fallback, int min, int max);
double
gv_config_double (GvConfig *self, const char *field, double fallback, double min, double max);
bool gv_config_bool (GvConfig *self, const char *field, bool fallback);
const char *gv_config_string (GvConfig *self, const char *field, const char *fallback);

/* Lists of at most @capacity entries.  The count, or -1 where the field is missing. */
int gv_config_ints (GvConfig *self, const char *field, int *out, int capacity, int min, int max);
int gv_config_doubles (GvConfig *self, const char *field, double *out, int capacity);
int gv_config_strings (GvConfig *self, const char *field, const char **out, int capacity);

/* One number for all @n levels, or a list with a number for each. */
void gv_config_per_level (GvConfig *self,
                          const char *field,
                          int fallback,
                          int min,
                          int max,
                          int *out,
                          int n);

/* Fields that change the arithmetic in ways that we can't follow: only the one value is taken. */
void gv_config_only_string (GvConfig *self, const char *field, const char *only);
void gv_config_only_number (GvConfig *self, const char *field, double only);
void gv_config_only_null (GvConfig *self, const char *field);

/* As only_null, and false is fine too. */
void gv_config_only_false (GvConfig *self, const char *field);
