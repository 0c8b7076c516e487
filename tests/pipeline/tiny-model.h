// SPDX-FileCopyrightText: Giverny contributors
// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * Writes the small model with hashed weights that tests/fixtures/models/sd-tiny.tsv lists, as a
 * folder or a single file.  tests/oracle/make_models.py makes the same one.
 */
#pragma once

#include <glib.h>

/**
 * tiny_model_make:
 * @folder: an existing one, where a new entry is made
 * @layout: "folder", "single"; "folder-old" and "single-old" have the names that older programs
 * wrote
 * @dtype: "f32", "f16", "bf16"
 * @settings: changes, with ";" between: "unet/config.json:norm_eps=1e-6" sets a field of a config
 * to a JSON value; "rotate:attn1.to_q.weight=4" moves the rows of every tensor so called by four
 * places
 *
 * Returns: (transfer full): the model's path
 */
char *
tiny_model_make (const char *folder, const char *layout, const char *dtype, const char *settings);

/* Takes a folder away with all that is in it, and frees its name. */
void tiny_model_remove (char *folder);
