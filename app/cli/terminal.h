// SPDX-FileCopyrightText: Giverny contributors
// SPDX-License-Identifier: GPL-3.0-or-later
/* What goes to a person's terminal: the one line of an error, colours, columns. */
#pragma once

#include <glib.h>
#include <stdbool.h>
#include <stdio.h>

/* Prints "giverny-cli: @message" as exactly one line on stderr, whatever @message holds. */
void gv_print_error (const char *message);

/* @text on one line: control characters and those that turn the writing direction as \x1b or
 * \u202e. */
char *gv_one_line (const char *text);

/* True if @file is a terminal on which lines can be redrawn. */
bool gv_terminal_is_lively (FILE *file);

/* "\033[1m" and so on where @file shows colours, "" elsewhere. */
const char *gv_style (FILE *file, const char *escape);
#define GV_BOLD "\033[1m"
#define GV_DIM "\033[2m"
#define GV_ACCENT "\033[36m"
#define GV_PLAIN "\033[0m"

/* Columns of the terminal behind @file; 80 where there is none. */
int gv_terminal_width (FILE *file);

/* Columns that @text takes; Hangul and its like are two wide. */
int gv_columns (const char *text);

/* Prints @text and spaces up to @columns. */
void gv_print_padded (const char *text, int columns);

/* Prints @text, broken between words; every line but the first starts at @indent. */
void gv_print_wrapped (const char *text, int indent, int width);
