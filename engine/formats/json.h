// SPDX-FileCopyrightText: Giverny contributors
// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * JSON from outside, read with limits, and getters whose errors name file and field:
 *
 *   unet/config.json: “block_out_channels” must be a list of whole numbers from 1 to 65536
 *
 * A getter leaves the value alone, and succeeds, if the field is missing or null: put the default
 * there first. Whatever must be there is asked for with gv_json_require().  A NULL key stands for
 * the node itself.  All errors are GV_FORMAT_ERROR.
 */
#pragma once

#include <glib.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <yyjson.h>

#define GV_JSON_MAX_DEPTH 16

typedef struct _GvJson GvJson;

/* A place in a document; cheap to copy, lives as long as the document. */
typedef struct
{
  const GvJson *json;
  yyjson_val *value;
  char where[96]; /* its path for errors, "text_config.layers[3]"; "" for the root */
} GvJsonNode;

typedef enum {
  GV_JSON_PLAIN = 0,
  GV_JSON_UNIQUE_KEYS = 1 << 0, /* refuse objects that have a key twice */
  GV_JSON_NAN = 1 << 1,         /* take NaN and Infinity, as Python writes them */
} GvJsonFlags;

/**
 * gv_json_open:
 * @max_bytes: a longer file is refused before it is read
 *
 * Reads a regular file.  Lists and objects may be nested %GV_JSON_MAX_DEPTH deep, and the tree may
 * take about twice the text's size and 8 MiB. Errors: %GV_FORMAT_ERROR_IO, %GV_FORMAT_ERROR_LIMIT,
 * %GV_FORMAT_ERROR_INVALID Returns: (transfer full): free with gv_json_free()
 */
GvJson *gv_json_open (const char *path, size_t max_bytes, GvJsonFlags flags, GError **error);

/* The same for bytes in memory, which are copied; @name stands for the file's name. */
GvJson *gv_json_new_from_bytes (const char *name,
                                const void *data,
                                size_t size,
                                GvJsonFlags flags,
                                GError **error);

void gv_json_free (GvJson *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (GvJson, gv_json_free)

/* The whole document, and the same where it has to be an object. */
GvJsonNode gv_json_root (const GvJson *self);
bool gv_json_root_object (const GvJson *self, GvJsonNode *out, GError **error);

/* True if @node is an object that has @key, not null. */
bool gv_json_has (const GvJsonNode *node, const char *key);

/* Fails if it has not. */
bool gv_json_require (const GvJsonNode *node, const char *key, GError **error);

/* True if the field is there and is a list, for fields that may be one or a single value. */
bool gv_json_is_array (const GvJsonNode *node, const char *key);

/* Whole numbers are written without point or exponent. */
bool gv_json_get_int (const GvJsonNode *node,
                      const char *key,
                      int min,
                      int max,
                      int *value,
                      GError **error);
bool gv_json_get_int64 (const GvJsonNode *node,
                        const char *key,
                        int64_t min,
                        int64_t max,
                        int64_t *value,
                        GError **error);

/* Any finite number. */
bool gv_json_get_double (const GvJsonNode *node, const char *key, double *value, GError **error);
bool gv_json_get_bool (const GvJsonNode *node, const char *key, bool *value, GError **error);

/* @value lives as long as the document; text with a NUL inside is refused. */
bool
gv_json_get_string (const GvJsonNode *node, const char *key, const char **value, GError **error);

/* Lists of at most @max_n; @n is written only where the field is there. */
bool gv_json_get_ints (const GvJsonNode *node,
                       const char *key,
                       int min,
                       int max,
                       int *values,
                       size_t max_n,
                       size_t *n,
                       GError **error);
bool gv_json_get_doubles (const GvJsonNode *node,
                          const char *key,
                          double *values,
                          size_t max_n,
                          size_t *n,
                          GError **error);
bool gv_json_get_bools (const GvJsonNode *node,
                        const char *key,
                        bool *values,
                        size_t max_n,
                        size_t *n,
                        GError **error);
bool gv_json_get_strings (const GvJsonNode *node,
                          const char *key,
                          const char **values,
                          size_t max_n,
                          size_t *n,
                          GError **error);

/* An object or a list inside @node.  Where the field is missing or null, @out->value is NULL. */
bool gv_json_get_object (const GvJsonNode *node, const char *key, GvJsonNode *out, GError **error);
bool gv_json_get_array (const GvJsonNode *node, const char *key, GvJsonNode *out, GError **error);

/* The entries of a list or object.  Object entries come with their key; @i starts at 0. */
size_t gv_json_get_n (const GvJsonNode *node);
GvJsonNode gv_json_get_element (const GvJsonNode *list, size_t i);

/*
 * Walks an object in constant time per entry: set @iter up with yyjson_obj_iter_with (node->value),
 * then while (gv_json_next (node, &iter, &key, &entry)) ... Keys may contain a NUL; the caller sees
 * what stands before it.
 */
bool
gv_json_next (const GvJsonNode *node, yyjson_obj_iter *iter, const char **key, GvJsonNode *entry);

/* Sets "FILE: “where.key” @sentence" as GV_FORMAT_ERROR_INVALID, for the caller's own checks.
 * Always false. */
bool gv_json_fail (const GvJsonNode *node, const char *key, const char *sentence, GError **error);

/* For writing: a whole number without a point, 7 and not 7.0. */
yyjson_mut_val *gv_json_new_real (yyjson_mut_doc *doc, double value);
