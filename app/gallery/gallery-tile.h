// SPDX-FileCopyrightText: Giverny contributors
// SPDX-License-Identifier: GPL-3.0-or-later
/* One picture in the gallery's grid: its thumbnail, its stars, its total. */
#pragma once

#include "giverny.h"

#include <adwaita.h>

G_BEGIN_DECLS

#define GV_TYPE_GALLERY_TILE (gv_gallery_tile_get_type ())
G_DECLARE_FINAL_TYPE (GvGalleryTile, gv_gallery_tile, GV, GALLERY_TILE, GtkWidget)

GvGalleryTile *gv_gallery_tile_new (void);

/*
 * @item: (nullable): NULL lets go of the thumbnail and stops its loading.  The list's cell around
 * the tile is what is focused, so it is told the tile's name, too.
 */
void gv_gallery_tile_set_item (GvGalleryTile *self, GvLibraryItem *item);
GvLibraryItem *gv_gallery_tile_get_item (GvGalleryTile *self);

/* (transfer none) (nullable): what is shown now */
GdkTexture *gv_gallery_tile_get_texture (GvGalleryTile *self);

/* (transfer full): "A boat on a lake, 4 stars" */
char *gv_gallery_tile_describe (GvLibraryItem *item);

/* (transfer full): "★★★☆☆" as far as there are stars; "" for none */
char *gv_gallery_stars (int n);

G_END_DECLS
