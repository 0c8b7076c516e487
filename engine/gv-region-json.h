// SPDX-FileCopyrightText: Giverny contributors
// SPDX-License-Identifier: GPL-3.0-or-later
/* Regions in a recipe's JSON. */
#pragma once

#include "formats/json.h"
#include "gv-region.h"

/* A list of objects: "box" in pixels or "part" of the picture, "strength", "text", "negative". */
yyjson_mut_val *gv_regions_to_json (GPtrArray *regions, yyjson_mut_doc *doc);

/*
 * Reads the list @key of @node; empty if there is none.  Only forms are looked at, not values.
 * Returns: (element-type GvRegion) (transfer full): NULL with a GV_FORMAT_ERROR
 */
GPtrArray *gv_regions_from_json (const GvJsonNode *node, const char *key, GError **error);
