// SPDX-FileCopyrightText: Giverny contributors
// SPDX-License-Identifier: GPL-3.0-or-later
/* Runs the real giverny-cli, as a shell would. */
#pragma once

#include <glib.h>
#include <stdbool.h>

/* How a run ended. */
typedef struct
{
  int code; /* exit code, or minus the signal */
  char *out, *err;
  gint64 took_us;
} Ended;

void ended_clear (Ended *self);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Ended, ended_clear)

/* The words behind the program's name, NULL-terminated; @folder is the current one. */
Ended program_run (const char *folder, const char *const *words);

/* The same with words in one string, separated by spaces. */
Ended program_run_line (const char *folder, const char *line);

/* Fails unless the run ended with @code, said nothing on stdout and one line with @word on stderr,
 * in time. */
void program_check_failed (const Ended *ended, int code, const char *word, const char *what);

/* How many files are in @folder. */
int folder_count (const char *folder);

/* Takes @folder away with all that is in it, and frees its name. */
void folder_remove (char *folder);
