// SPDX-FileCopyrightText: Giverny contributors
// SPDX-License-Identifier: GPL-3.0-or-later
/* A page of small pictures in the order of their ranks. */
#pragma once

#include "score-table.h"

/* Writes contact-sheet.png into @out: the best 120 pictures with rank and total, passed ones with a
 * green line.  @entries: (element-type GvEvaluateEntry) */
bool gv_contact_sheet_save (const char *out,
                            GPtrArray *entries,
                            const GvScoreTable *table,
                            GError **error);
