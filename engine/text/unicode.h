// SPDX-FileCopyrightText: Giverny contributors
// SPDX-License-Identifier: GPL-3.0-or-later
/* The Unicode facts that tokenizers share: white space, one-to-one forms, normal form C. */
#pragma once

#include <glib.h>
#include <stdbool.h>
#include <stddef.h>

/* True for the characters with Unicode's White_Space property (what `\s` matches in most programs).
 */
bool gv_unicode_is_space (gunichar c);

/* True if @len bytes at @utf8 are valid UTF-8, where NUL is a character like any other. */
bool gv_unicode_valid (const char *utf8, size_t len);

/*
 * Normal form C of @len bytes at @utf8, which must be valid UTF-8 and may contain NUL.  Takes time
 * in n log n even for the longest pile of combining marks, where g_utf8_normalize() needs its
 * square. Returns: (transfer full): a string of its own; its length counts the bytes
 */
GString *gv_unicode_nfc (const char *utf8, size_t len);

/*
 * What tokenizers of the CLIP family see: normal form C, each run of white space made one space,
 * every character by itself in lower case (so a final sigma stays σ, and İ becomes i with a dot
 * above).
 * @utf8 must be valid UTF-8 and may contain NUL.
 * Returns: (transfer full)
 */
GString *gv_unicode_fold (const char *utf8, size_t len);
