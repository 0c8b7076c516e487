// SPDX-FileCopyrightText: Giverny contributors
// SPDX-License-Identifier: GPL-3.0-or-later
/* The gallery's pictures as a list, of which only the pages that are looked at are in memory. */
#pragma once

#include "gv-library.h"

G_BEGIN_DECLS

/*
 * A GListModel of GvLibraryItem.  Properties, to be read: n-items (uint); loading (boolean), true
 * until the first answer is there and while the filter's words change what is listed.
 *
 * The list follows the library.  For one picture there is one item, as long as anybody holds it,
 * and it is renewed when the picture's notes change.
 */
#define GV_TYPE_LIBRARY_MODEL (gv_library_model_get_type ())
G_DECLARE_FINAL_TYPE (GvLibraryModel, gv_library_model, GV, LIBRARY_MODEL, GObject)

GvLibraryModel *gv_library_model_new (GvLibrary *library);

GvLibrary *gv_library_model_get_library (GvLibraryModel *self);

/* Copied.  The list changes when the answer is there. */
void gv_library_model_set_filter (GvLibraryModel *self, const GvLibraryFilter *filter);
const GvLibraryFilter *gv_library_model_get_filter (GvLibraryModel *self);

bool gv_library_model_is_loading (GvLibraryModel *self);

/* Without loading its row; 0 beyond the end. */
gint64 gv_library_model_get_id (GvLibraryModel *self, guint position);

/* Where a picture is in the list; G_MAXUINT if it is not in it. */
guint gv_library_model_find (GvLibraryModel *self, gint64 id);

G_END_DECLS
