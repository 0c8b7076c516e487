// SPDX-FileCopyrightText: Giverny contributors
// SPDX-License-Identifier: GPL-3.0-or-later
/* Random numbers and mutations of bytes. */
#include "fuzz.h"

#include <string.h>

/* xorshift64*.  Vigna 2016, arXiv:1402.6246. */
uint64_t
gv_fuzz_random (uint64_t *rng)
{
  *rng ^= *rng >> 12;
  *rng ^= *rng << 25;
  *rng ^= *rng >> 27;
  return *rng * UINT64_C (0x2545f4914f6cdd1d);
}

size_t
gv_fuzz_below (uint64_t *rng, size_t n)
{
  return (size_t) (gv_fuzz_random (rng) >> 16) % n;
}

bool
gv_fuzz_one_in (uint64_t *rng, size_t n)
{
  return gv_fuzz_below (rng, n) == 0;
}

uint64_t
gv_fuzz_edge (uint64_t *rng)
{
  uint64_t power = UINT64_C (1) << gv_fuzz_below (rng, 64);

  switch (gv_fuzz_below (rng, 5)) {
  case 0:
    return gv_fuzz_below (rng, 20);
  case 1:
    return power - 1;
  case 2:
    return power + 1;
  case 3:
    return ~gv_fuzz_below (rng, 20);
  default:
    return power;
  }
}

/* Replaces @old bytes at @at by @size bytes from @with, or by nothing, if there is room. */
static size_t
replace (uint8_t *data, size_t n, size_t max, size_t at, size_t old, const void *with, size_t size)
{
  if (n - old + size > max)
    return n;
  memmove (data + at + size, data + at + old, n - at - old);
  memmove (data + at, with, size);
  return n - old + size;
}

/* At most @most bytes of the input; most blocks are short. */
static size_t
pick_block (size_t n, size_t most, size_t *at, uint64_t *rng)
{
  bool is_long = gv_fuzz_one_in (rng, 4);
  size_t size = n > 0 ? 1 + gv_fuzz_below (rng, is_long ? most : MIN (most, 16)) : 0;

  *at = gv_fuzz_below (rng, n - size + 1);
  return size;
}

static size_t
repeat_block (uint8_t *data, size_t n, size_t max, uint64_t *rng)
{
  uint8_t block[256];
  size_t at, size = pick_block (n, MIN (n, sizeof block), &at, rng);
  size_t times = gv_fuzz_one_in (rng, 8) ? 1000 : 1 + gv_fuzz_below (rng, 4);

  memcpy (block, data + at, size);
  while (times-- > 0 && n + size <= max)
    n = replace (data, n, max, at, 0, block, size);
  return n;
}

static size_t
move_block (uint8_t *data, size_t n, size_t max, uint64_t *rng)
{
  uint8_t block[256];
  size_t at, size = pick_block (n, MIN (n, sizeof block), &at, rng);

  memcpy (block, data + at, size);
  at = gv_fuzz_below (rng, n - size + 1);
  return replace (data, n, max, at, gv_fuzz_one_in (rng, 2) ? size : 0, block, size);
}

static size_t
put_token (uint8_t *data, size_t n, size_t max, uint64_t *rng)
{
  static const char *const common[] = {
    "\"", "{",     "}",   "[",  "]",  ",",    ":",    "null",         "true",
    "-1", "1e999", "0.5", "\\", "\n", "\\u0", "\xff", "\xef\xbb\xbf", "\xf0\x9f\x8c\xbb",
    NULL
  };
  const char *const *tokens = gv_fuzz_tokens && gv_fuzz_one_in (rng, 2) ? gv_fuzz_tokens : common;
  size_t n_tokens = 0, at, old = pick_block (n, n, &at, rng);
  const char *token;

  while (tokens[n_tokens])
    n_tokens++;
  if (n_tokens == 0)
    return n;
  token = tokens[gv_fuzz_below (rng, n_tokens)];
  return replace (data, n, max, at, gv_fuzz_one_in (rng, 2) ? old : 0, token, strlen (token));
}

/* A run of digits, the first behind a random place, becomes another number. */
static size_t
change_number (uint8_t *data, size_t n, size_t max, uint64_t *rng)
{
  size_t at = gv_fuzz_below (rng, n + 1), size = 0;
  char number[32];

  while (at < n && !g_ascii_isdigit (data[at]))
    at++;
  while (at + size < n && g_ascii_isdigit (data[at + size]))
    size++;
  g_snprintf (number, sizeof number, "%" G_GUINT64_FORMAT, gv_fuzz_edge (rng));
  return size > 0 ? replace (data, n, max, at, size, number, strlen (number)) : n;
}

static void
put_integer (uint8_t *data, size_t n, uint64_t *rng)
{
  size_t size = (size_t) 1 << gv_fuzz_below (rng, 4);
  uint64_t value = gv_fuzz_edge (rng);
  bool big_endian = gv_fuzz_one_in (rng, 2);

  if (size > n)
    return;
  data += gv_fuzz_below (rng, n - size + 1);
  for (size_t i = 0; i < size; i++)
    data[big_endian ? size - 1 - i : i] = (uint8_t) (value >> 8 * i);
}

static size_t
mutate_once (uint8_t *data, size_t n, size_t max, uint64_t *rng)
{
  uint8_t random[8];
  size_t at, size;

  switch (gv_fuzz_below (rng, 10)) {
  case 0:
    if (n > 0)
      data[gv_fuzz_below (rng, n)] ^= (uint8_t) (1 << gv_fuzz_below (rng, 8));
    return n;
  case 1:
    if (n > 0)
      data[gv_fuzz_below (rng, n)] = (uint8_t) gv_fuzz_random (rng);
    return n;
  case 2:
    put_integer (data, n, rng);
    return n;
  case 3:
    size = pick_block (n, n, &at, rng);
    return replace (data, n, max, at, size, "", 0);
  case 4:
    memcpy (random, &(uint64_t) { gv_fuzz_random (rng) }, sizeof random);
    return replace (data, n, max, gv_fuzz_below (rng, n + 1), 0, random,
                    1 + gv_fuzz_below (rng, sizeof random));
  case 5:
    return repeat_block (data, n, max, rng);
  case 6:
    return move_block (data, n, max, rng);
  case 7:
    return put_token (data, n, max, rng);
  case 8:
    return change_number (data, n, max, rng);
  default:
    return gv_fuzz_one_in (rng, 4) ? gv_fuzz_below (rng, n + 1) : n;
  }
}

size_t
gv_fuzz_mutate_bytes (uint8_t *data, size_t size, size_t max, uint64_t *rng)
{
  do
    size = mutate_once (data, size, max, rng);
  while (!gv_fuzz_one_in (rng, 3));
  return size;
}
