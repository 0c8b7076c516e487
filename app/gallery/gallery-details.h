// SPDX-FileCopyrightText: Giverny contributors
// SPDX-License-Identifier: GPL-3.0-or-later
/* What is known of the gallery's picture, and its stars and tags to edit. */
#pragma once

#include "giverny.h"

#include <adwaita.h>

G_BEGIN_DECLS

#define GV_TYPE_GALLERY_DETAILS (gv_gallery_details_get_type ())
G_DECLARE_FINAL_TYPE (GvGalleryDetails, gv_gallery_details, GV, GALLERY_DETAILS, AdwBin)

/*
 * Signals: "stars" (int): the person wants so many; "add-tag" (string); "remove-tag" (string).
 *
 * @item: (nullable): the one that is chosen; @n: how many are, of which all get what is edited
 */
void gv_gallery_details_show (GvGalleryDetails *self, GvLibraryItem *item, guint n);

/* Puts the cursor where a tag is typed. */
void gv_gallery_details_edit_tags (GvGalleryDetails *self);

G_END_DECLS
