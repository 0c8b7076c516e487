// SPDX-FileCopyrightText: Giverny contributors
// SPDX-License-Identifier: GPL-3.0-or-later
/* Makes a fuzz target one of libFuzzer's.  https://llvm.org/docs/LibFuzzer.html */
#include "fuzz.h"

#include <stdlib.h>

int LLVMFuzzerInitialize (int *argc, char ***argv);
int LLVMFuzzerTestOneInput (const uint8_t *data, size_t size);
size_t LLVMFuzzerMutate (uint8_t *data, size_t size, size_t max);
size_t LLVMFuzzerCustomMutator (uint8_t *data, size_t size, size_t max, unsigned seed);

int
LLVMFuzzerInitialize (int *argc, char ***argv)
{
  if (gv_fuzz_prepare)
    gv_fuzz_prepare ();
  return 0;
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  if (gv_fuzz_one (data, size) != 0)
    abort ();
  return 0;
}

size_t
LLVMFuzzerCustomMutator (uint8_t *data, size_t size, size_t max, unsigned seed)
{
  uint64_t rng = 0x9e3779b97f4a7c15 ^ seed;

  if (gv_fuzz_mutate && gv_fuzz_one_in (&rng, 2))
    return gv_fuzz_mutate (data, size, max, &rng);
  if (gv_fuzz_one_in (&rng, 4))
    return gv_fuzz_mutate_bytes (data, size, max, &rng);
  return LLVMFuzzerMutate (data, size, max);
}
