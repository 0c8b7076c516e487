// SPDX-FileCopyrightText: Giverny contributors
// SPDX-License-Identifier: GPL-3.0-or-later
/* Looking at model files without a device. */
#pragma once

#include <glib.h>
#include <stdbool.h>

G_BEGIN_DECLS

/* The path of the model that ships with the program. (transfer full) */
char *gv_model_starter_path (void);

/*
 * What a file or folder is: a model, a LoRA, a picture with a recipe, a recipe.  Adds lines "key: value" to
 * @out in reading order.  Errors name the file and what is wrong with it.
 */
bool gv_file_describe (const char *path, GString *out, GError **error);

G_END_DECLS
