// SPDX-FileCopyrightText: Giverny contributors
// SPDX-License-Identifier: GPL-3.0-or-later
/* The readers behind gv-import.h, one for each kind of text. */
#pragma once

#include "gv-import.h"

/* A1111's infotext.  Errors: those of gv_infotext_read() and gv_recipe_validate() */
GvImport *gv_import_infotext (const char *name, const char *text, size_t length, GError **error);
