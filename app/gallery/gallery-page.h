// SPDX-FileCopyrightText: Giverny contributors
// SPDX-License-Identifier: GPL-3.0-or-later
/* The gallery: all pictures in a grid, to find, to mark, to choose from. */
#pragma once

#include "giverny.h"

#include <adwaita.h>

G_BEGIN_DECLS

#define GV_TYPE_GALLERY_PAGE (gv_gallery_page_get_type ())
G_DECLARE_FINAL_TYPE (GvGalleryPage, gv_gallery_page, GV, GALLERY_PAGE, AdwBin)

/*
 * Signals: "open" (GvLibraryItem): look at it in the studio; "use-settings" (GvLibraryItem);
 * "compare" (GvLibraryItem, GvLibraryItem): the older one first; "start" (): paint something, from
 * the empty gallery.  Toasts of its own appear over the page.
 */
GvGalleryPage *gv_gallery_page_new (void);

/* @library: (nullable): NULL while there is none; @notice: (nullable): a sentence about it */
void gv_gallery_page_set_library (GvGalleryPage *self, GvLibrary *library, const char *notice);

/* What is searched for; kept between sessions. */
const char *gv_gallery_page_get_search (GvGalleryPage *self);
void gv_gallery_page_set_search (GvGalleryPage *self, const char *text);

/* Puts the cursor where one searches. */
void gv_gallery_page_focus_search (GvGalleryPage *self);

/* (transfer full) (element-type GvLibraryItem): what is chosen, in the list's order */
GPtrArray *gv_gallery_page_get_chosen (GvGalleryPage *self);

G_END_DECLS
