// SPDX-FileCopyrightText: Giverny contributors
// SPDX-License-Identifier: GPL-3.0-or-later
/* Counts what the program has allocated. */
#pragma once

#include <stddef.h>

/* Starts to count; once, before the other two. */
void heap_count (void);

/* Bytes allocated now. */
size_t heap_live (void);

/* The most bytes at once since the last call. */
size_t heap_peak (void);
