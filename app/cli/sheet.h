// SPDX-FileCopyrightText: Giverny contributors
// SPDX-License-Identifier: GPL-3.0-or-later
/* A contact sheet: pictures in rows and columns with labels beside them. */
#pragma once

#include "giverny.h"

typedef struct _GvSheet GvSheet;

/* @columns, @rows: (array zero-terminated=1): labels, of any script; "" for none */
GvSheet *gv_sheet_new (const char *const *columns, const char *const *rows);
void gv_sheet_free (GvSheet *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (GvSheet, gv_sheet_free)

/* Puts a picture into its place, of which it takes a reference. */
void gv_sheet_set (GvSheet *self, int column, int row, GvImage *image);

/* Writes what is there so far; places without a picture stay gray.  Errors: GV_FORMAT_ERROR */
bool gv_sheet_save (GvSheet *self, const char *path, GError **error);
