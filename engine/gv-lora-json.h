// SPDX-FileCopyrightText: Giverny contributors
// SPDX-License-Identifier: GPL-3.0-or-later
/* LoRAs in a recipe's JSON. */
#pragma once

#include "formats/json.h"
#include "gv-lora-use.h"

/* A list of objects: "path", "strength", "text_strength" where it differs, "blocks". */
yyjson_mut_val *gv_loras_to_json (GPtrArray *loras, yyjson_mut_doc *doc);

/*
 * Reads the list @key of @node; empty if there is none.  Only forms are looked at, not values.
 * Returns: (element-type GvLoraUse) (transfer full): NULL with a GV_FORMAT_ERROR
 */
GPtrArray *gv_loras_from_json (const GvJsonNode *node, const char *key, GError **error);
