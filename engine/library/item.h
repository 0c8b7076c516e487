// SPDX-FileCopyrightText: Giverny contributors
// SPDX-License-Identifier: GPL-3.0-or-later
/* Making and renewing the rows that the interface sees. */
#pragma once

#include "gv-library.h"
#include "library/entry.h"

/* Takes @entry. */
GvLibraryItem *gv_library_item_new (gint64 id, const char *folder, GvEntry *entry);

/* Takes over what can change from another row of the same picture. */
void gv_library_item_renew (GvLibraryItem *self, GvLibraryItem *other);

/* Another of the same, for another thread. */
GvLibraryItem *gv_library_item_copy (GvLibraryItem *self);
