// SPDX-FileCopyrightText: Giverny contributors
// SPDX-License-Identifier: GPL-3.0-or-later
/* English for prompts in Korean, by the glossary that ships with the program and the person's own.
 */
#pragma once

#include "giverny.h"

#include <gtk/gtk.h>

/*
 * (transfer full) (nullable): @text with English where the glossary has some, NULL if it has none;
 * any thread.  The person's own file is read anew when it has changed.  @problem: (out) (transfer
 * full) (nullable): what is wrong with that file, which is then left aside
 */
char *gv_suggest_english (const char *text, char **problem);

/* Opens the person's own file in the desktop's editor; makes it first if it is not there. */
void gv_glossary_edit (GtkWidget *widget);
