// SPDX-FileCopyrightText: Giverny contributors
// SPDX-License-Identifier: GPL-3.0-or-later
/* Runs one recipe to its end, with a progress line, previews, and Ctrl+C. */
#pragma once

#include "giverny.h"

typedef struct
{
  GvRecipe *recipe;
  const char *device;  /* (nullable) */
  const char *preview; /* (nullable): the folder for a PNG of each step */

  /* Takes a finished picture; an error ends the job. */
  bool (*picture) (const GvPicture *picture, gpointer data, GError **error);
  gpointer data;

  GvEngine *engine; /* (nullable): one that is there already, with its model; else a new one */
} GvCliJob;

/*
 * Blocks until all pictures are there.  Interrupted by SIGINT or SIGTERM it fails with
 * G_IO_ERROR_CANCELLED; a second signal ends the program at once.
 */
bool gv_cli_job_run (const GvCliJob *job, GError **error);
