// SPDX-FileCopyrightText: Giverny contributors
// SPDX-License-Identifier: GPL-3.0-or-later
/* What must have happened before the first widget is made. */
#pragma once

/* Translations, resources, and the types that templates name.  May be called again. */
void gv_setup (void);
