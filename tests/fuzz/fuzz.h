// SPDX-FileCopyrightText: Giverny contributors
// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * What a fuzz target provides, and what it may use.
 *
 * A target is one file, fuzz-NAME.c, with its line in meson.build and some small well-formed inputs
 * in corpus/NAME/ (all corpora together stay below 2 MiB):
 *
 *   #include "fuzz.h"
 *   #include "text/bpe.h"
 *
 *   const char gv_fuzz_name[] = "bpe";
 *
 *   int
 *   gv_fuzz_one (const uint8_t *data, size_t size)
 *   {
 *     g_autoptr (GError) error = NULL;
 *     g_autoptr (GvBpe) bpe = gv_bpe_new_from_bytes ("fuzz", data, size, &error);
 *
 *     gv_fuzz_check_error (bpe != NULL, error);
 *     return 0;
 *   }
 *
 * The driver runs every seed, then 20,000 mutated ones (GV_FUZZ_RUNS=n changes that, GV_PROVE=1
 * means two million), always the same for the same corpus.  A target fails by crashing (also
 * g_assert() of what must hold for an input that is taken), by returning anything but 0, by using a
 * second of processor time (five under AddressSanitizer) or more memory than four times the input
 * and 16 MiB, or by leaking.  The driver then writes the input to a file and says how to run it
 * again.  With the build option "fuzzers" the same file becomes a libFuzzer target, which keeps
 * what it finds in the first folder that it is given: let that be a new one, and
 * tests/fuzz/corpus/NAME the second.
 */
#pragma once

#include <glib.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Inputs never grow beyond this. */
#define GV_FUZZ_MAX_BYTES ((size_t) 1 << 18)

extern const char gv_fuzz_name[];

/* @data is allocated to the byte.  Return 0, or something else if a property does not hold. */
int gv_fuzz_one (const uint8_t *data, size_t size);

/* Optional: loads what all inputs share, a vocabulary, before anything is measured. */
__attribute__ ((weak)) void gv_fuzz_prepare (void);

/*
 * Optional: changes @size bytes in place, with room for @max, and returns the new size; draws only
 * from @rng. Used for every other input, the bytes' own mutations for the rest and, now and then,
 * on top.
 */
__attribute__ ((weak)) size_t gv_fuzz_mutate (uint8_t *data,
                                              size_t size,
                                              size_t max,
                                              uint64_t *rng);

/* Optional: words of the format, NULL at the end. */
__attribute__ ((weak)) extern const char *const gv_fuzz_tokens[];

/* A random number; below @n, which may not be 0; true once in @n. */
uint64_t gv_fuzz_random (uint64_t *rng);
size_t gv_fuzz_below (uint64_t *rng, size_t n);
bool gv_fuzz_one_in (uint64_t *rng, size_t n);

/* A number that lies at some edge: 0, 1, 255, 2^31, 2^63 - 1, ... */
uint64_t gv_fuzz_edge (uint64_t *rng);

/* One to eight mutations that know nothing of the format, except gv_fuzz_tokens. */
size_t gv_fuzz_mutate_bytes (uint8_t *data, size_t size, size_t max, uint64_t *rng);

/* Asserts that an error is set exactly on failure, and that it is one line of valid UTF-8. */
static inline void
gv_fuzz_check_error (bool success, const GError *error)
{
  g_assert_true (success == (error == NULL));
  if (!error)
    return;
  g_assert_true (g_utf8_validate (error->message, -1, NULL));
  for (const char *c = error->message; *c; c++)
    g_assert_true ((unsigned char) *c >= 0x20);
}
