// SPDX-FileCopyrightText: Giverny contributors
// SPDX-License-Identifier: GPL-3.0-or-later
/* The error domains: one a room, with codes that a caller can act on. */
#pragma once

#include <glib.h>

/* Bytes that came from outside: files, PNG chunks, JSON. */
typedef enum {
  GV_FORMAT_ERROR_IO,          /* the file can't be opened, read or written             */
  GV_FORMAT_ERROR_TRUNCATED,   /* it ends before what it announces                      */
  GV_FORMAT_ERROR_INVALID,     /* it breaks the rules of its format                     */
  GV_FORMAT_ERROR_UNSUPPORTED, /* it is well formed, but not something that we read     */
  GV_FORMAT_ERROR_LIMIT,       /* a count or a size beyond what is accepted             */
} GvFormatError;
#define GV_FORMAT_ERROR (gv_format_error_quark ())
GQuark gv_format_error_quark (void);

/* Prompts, vocabularies. */
typedef enum {
  GV_TEXT_ERROR_INVALID_UTF8,
  GV_TEXT_ERROR_INVALID, /* a vocabulary that contradicts itself */
  GV_TEXT_ERROR_LIMIT,
} GvTextError;
#define GV_TEXT_ERROR (gv_text_error_quark ())
GQuark gv_text_error_quark (void);

/* Models: what the networks need against what the files hold. */
typedef enum {
  GV_WEIGHTS_ERROR_MISSING,     /* a file, config entry or tensor is not there            */
  GV_WEIGHTS_ERROR_SHAPE,       /* a tensor's shape does not fit the network              */
  GV_WEIGHTS_ERROR_UNSUPPORTED, /* another architecture, type or container                */
} GvWeightsError;
#define GV_WEIGHTS_ERROR (gv_weights_error_quark ())
GQuark gv_weights_error_quark (void);

/* The device and its driver. */
typedef enum {
  GV_VULKAN_ERROR_NO_DEVICE,
  GV_VULKAN_ERROR_OUT_OF_MEMORY,
  GV_VULKAN_ERROR_DEVICE_LOST,
  GV_VULKAN_ERROR_FAILED, /* any other result; the sentence names call and result */
} GvVulkanError;
#define GV_VULKAN_ERROR (gv_vulkan_error_quark ())
GQuark gv_vulkan_error_quark (void);

/* Networks described with shapes that don't fit each other. */
typedef enum {
  GV_GRAPH_ERROR_SHAPE,
  GV_GRAPH_ERROR_LIMIT,
} GvGraphError;
#define GV_GRAPH_ERROR (gv_graph_error_quark ())
GQuark gv_graph_error_quark (void);

/* What was asked for. */
typedef enum {
  GV_RECIPE_ERROR_VALUE,     /* out of range, or of the wrong form */
  GV_RECIPE_ERROR_NOT_YET,   /* known, but this version can't do it */
  GV_RECIPE_ERROR_NUMERIC,   /* the model gave NaN or infinity */
  GV_RECIPE_ERROR_DIFFERENT, /* a picture came out otherwise than before */
} GvRecipeError;
#define GV_RECIPE_ERROR (gv_recipe_error_quark ())
GQuark gv_recipe_error_quark (void);

/* The gallery's database and folder. */
typedef enum {
  GV_LIBRARY_ERROR_IN_USE,    /* another Giverny has the folder                        */
  GV_LIBRARY_ERROR_CORRUPT,   /* the database is broken: rebuild it                    */
  GV_LIBRARY_ERROR_READ_ONLY, /* a later version made it, or the folder can't be written */
  GV_LIBRARY_ERROR_DIFFERENT, /* the database and the folder disagree                  */
  GV_LIBRARY_ERROR_FAILED,    /* the disk or the database refused                      */
} GvLibraryError;
#define GV_LIBRARY_ERROR (gv_library_error_quark ())
GQuark gv_library_error_quark (void);
