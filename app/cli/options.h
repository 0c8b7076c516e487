// SPDX-FileCopyrightText: Giverny contributors
// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * Options as a table, from which the command line is read and the help is written.  Values are kept
 * in a struct of the command's; strings in it are those of the command line.
 */
#pragma once

#include "giverny.h"

typedef enum {
  GV_OPTION_FLAG,    /* bool                                                   */
  GV_OPTION_PROMPT,  /* const char *, within a recipe's limits                 */
  GV_OPTION_STRING,  /* const char *, not empty                                */
  GV_OPTION_INT,     /* int, min…max, a multiple of `multiple`                 */
  GV_OPTION_REAL,    /* double, finite                                         */
  GV_OPTION_SEED,    /* GvSeed                                                 */
  GV_OPTION_CHOICE,  /* const char *, one of list()                            */
  GV_OPTION_LIST,    /* GvOptionList; may be given up to `max` times           */
  GV_OPTION_LATER,   /* refused, but for the value `only`; nothing is stored   */
} GvOptionType;

typedef struct
{
  guint64 value;
  bool random;
} GvSeed;

#define GV_OPTION_LIST_MAX 64

/* Of an option that may be given several times: its values in order. */
typedef struct
{
  const char *values[GV_OPTION_LIST_MAX];
  int n;
} GvOptionList;

typedef struct
{
  const char *name;   /* without the dashes                                             */
  const char *value;  /* what help calls the value; NULL for flags                      */
  GvOptionType type;
  size_t offset;      /* of the value in the command's struct                           */
  const char *normal; /* (nullable): what help calls the default                         */
  const char *help;   /* (nullable): not listed without                                 */
  const char *group;  /* (nullable): the heading that begins with this option           */
  int min, max, multiple;
  const GvRecipeChoice *(*list) (void);
  const char *only;
  bool (*check) (const char *text, GError **error); /* (nullable): of a list's values */
} GvOption;

/* Bad usage, as against all else that can go wrong. */
#define GV_USAGE_ERROR (gv_usage_error_quark ())
GQuark gv_usage_error_quark (void);

/* Sets such an error from a printf() format. */
void gv_usage_error (GError **error, const char *format, ...) G_GNUC_PRINTF (2, 3);

/**
 * gv_options_parse:
 * @options: ends with a nameless one
 * @argv: the words behind the command's name, NULL-terminated
 * @values: the command's struct, holding the defaults
 * @words: (element-type char*): gets the words that are no options, not copied
 * @help: set if help is asked for; the rest is not looked at then
 *
 * Knows `--name value` and `--name=value`; of an option given twice the last one counts; behind
 * `--` all are words. Errors: GV_USAGE_ERROR, GV_RECIPE_ERROR; the sentence begins with the option
 */
bool gv_options_parse (const GvOption *options,
                       char **argv,
                       void *values,
                       GPtrArray *words,
                       bool *help,
                       GError **error);

/* The entry of @names, ending with NULL, that @name is probably meant to be; NULL if none is near.
 */
const char *gv_nearest_name (const char *name, const char *const *names);
