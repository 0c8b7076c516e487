// SPDX-FileCopyrightText: Giverny contributors
// SPDX-License-Identifier: GPL-3.0-or-later
/* Finds rows of an array by name. */
#include "formats/name-table.h"

#include <glib.h>
#include <string.h>

#define MODULUS (((uint64_t) 1 << 61) - 1)

static uint64_t
multiply_mod (uint64_t a, uint64_t b)
{
  unsigned __int128 product = (unsigned __int128) a * b;
  uint64_t sum = (uint64_t) (product & MODULUS) + (uint64_t) (product >> 61);

  return sum >= MODULUS ? sum - MODULUS : sum;
}

/* A polynomial over the name at a random point, so that nobody can choose names that collide.
 * Carter & Wegman 1979. */
static uint64_t
hash_name (const GvNameTable *self, const char *name)
{
  size_t left = strlen (name);
  uint64_t hash = left;

  while (left > 0) {
    size_t n = MIN (left, 7);
    uint64_t word = 0;

    memcpy (&word, name, n);
    hash = multiply_mod (hash + word, self->key);
    name += n;
    left -= n;
  }
  return hash;
}

static const char *
row_name (const GvNameTable *self, uint32_t row)
{
  const char *name;

  memcpy (&name, self->rows + row * self->stride, sizeof name);
  return name;
}

/* The slot that holds @name, or the free one where it belongs. */
static uint32_t *
find_slot (const GvNameTable *self, const char *name)
{
  size_t i = hash_name (self, name) & self->mask;

  while (self->slots[i] && strcmp (row_name (self, self->slots[i] - 1), name) != 0)
    i = (i + 1) & self->mask;
  return self->slots + i;
}

bool
gv_name_table_find (const GvNameTable *self, const char *name, size_t *row)
{
  uint32_t slot = self->slots ? *find_slot (self, name) : 0;

  *row = slot - 1;
  return slot > 0;
}

bool
gv_name_table_init (GvNameTable *self,
                    const void *rows,
                    size_t stride,
                    size_t n,
                    const char **twice)
{
  size_t n_slots = 4;

  *twice = NULL;
  while (n_slots < n + n / 2)
    n_slots *= 2;
  self->rows = rows;
  self->stride = stride;
  self->mask = n_slots - 1;
  self->key = ((uint64_t) g_random_int () << 28 ^ g_random_int ()) | 1 << 16;
  self->slots = g_try_new0 (uint32_t, n_slots);
  if (!self->slots)
    return false;
  for (uint32_t row = 0; row < n; row++) {
    const char *name = row_name (self, row);
    uint32_t *slot = find_slot (self, name);

    if (*slot) {
      *twice = name;
      return false;
    }
    *slot = row + 1;
  }
  return true;
}

void
gv_name_table_clear (GvNameTable *self)
{
  g_free (self->slots);
  self->slots = NULL;
}
