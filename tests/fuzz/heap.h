// SPDX-FileCopyrightText: Giverny contributors
// SPDX-License-Identifier: GPL-3.0-or-later
/* Counts what the program has allocated. */
#pragma once

#include <stddef.h>

#if defined(__has_feature)
#if __has_feature(address_sanitizer)
#define HEAP_SANITIZED 1
#endif
#endif
#if defined(__SANITIZE_ADDRESS__)
#define HEAP_SANITIZED 1
#endif

/* Starts to count; once, before the other two. */
void heap_count (void);

/* Bytes allocated now. */
size_t heap_live (void);

/* The most bytes at once since the last call. */
size_t heap_peak (void);
