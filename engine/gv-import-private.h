// SPDX-FileCopyrightText: Giverny contributors
// SPDX-License-Identifier: GPL-3.0-or-later
/* The readers behind gv-import.h, one for each kind of text. */
#pragma once

#include "gv-import.h"

/*
 * ComfyUI's chunks or a file of its own.  Errors: GV_FORMAT_ERROR, _UNSUPPORTED if there is no
 * sampler that we know
 */
GvImport *
gv_import_comfy (const char *name, const char *prompt, const char *workflow, GError **error);
GvImport *gv_import_comfy_text (const char *name, const char *text, gssize length, GError **error);

/* A1111's infotext.  Errors: those of gv_infotext_read() and gv_recipe_validate() */
GvImport *gv_import_infotext (const char *name, const char *text, size_t length, GError **error);
