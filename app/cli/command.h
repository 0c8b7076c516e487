// SPDX-FileCopyrightText: Giverny contributors
// SPDX-License-Identifier: GPL-3.0-or-later
/* What the subcommands of giverny-cli share: how one is described, and what a run ends with. */
#pragma once

#include "giverny.h"

#include "options.h"

typedef enum {
  GV_EXIT_OK = 0,
  GV_EXIT_FAILED = 1,
  GV_EXIT_USAGE = 2,
} GvExit;

typedef struct _GvCommand GvCommand;

struct _GvCommand
{
  const char *name;
  const char *words;         /* (nullable): what stands behind the options, "FILE…"  */
  const char *summary;       /* a line for the list of commands                      */
  const char *description;   /* (nullable): a paragraph for its own help             */
  const GvOption *options;   /* ends with a nameless one                             */
  size_t values_size;        /* of the struct that the options are read into         */
  void (*init) (void *values); /* (nullable): sets the defaults                      */
  int min_words, max_words;
  bool (*run) (const void *values, const GPtrArray *words, GError **error);
  const char *const *examples; /* (nullable) (array zero-terminated=1)               */
};

extern const GvCommand gv_command_generate;
extern const GvCommand gv_command_grid;
extern const GvCommand gv_command_replay;
extern const GvCommand gv_command_score;
extern const GvCommand gv_command_evaluate;
extern const GvCommand gv_command_info;
extern const GvCommand gv_command_devices;
extern const GvCommand gv_command_export;
extern const GvCommand gv_command_library;

/* The commands of this version, ending with NULL, and the names of those to come. */
extern const GvCommand *const gv_commands[];
extern const char *const gv_later_commands[];

/* Help on stdout, of the whole program or of one command. */
void gv_help_print (void);
void gv_help_print_command (const GvCommand *command);
