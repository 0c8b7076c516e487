// SPDX-FileCopyrightText: Giverny contributors
// SPDX-License-Identifier: GPL-3.0-or-later
/* Marks for sentences that a person reads: _() translates now, N_() only marks. */
#pragma once

#include <glib/gi18n-lib.h>
