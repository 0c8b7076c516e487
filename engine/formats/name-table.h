// SPDX-FileCopyrightText: Giverny contributors
// SPDX-License-Identifier: GPL-3.0-or-later
/* Finds rows of an array by name, in files whose author may have chosen the names to make that
 * slow. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* An open-addressing table; the first member of each row is its name, a const char pointer. */
typedef struct
{
  const char *rows;
  size_t stride;
  uint32_t *slots; /* row + 1; 0 is free */
  size_t mask;
  uint64_t key;
} GvNameTable;

/*
 * Takes in @n rows of @stride bytes each; the array must outlive the table.  Fails with the second
 * of two equal names in @twice, or with NULL there if there is no memory.
 */
bool gv_name_table_init (GvNameTable *self,
                         const void *rows,
                         size_t stride,
                         size_t n,
                         const char **twice);

/* The row of that name; false, also before the table is set up, if there is none. */
bool gv_name_table_find (const GvNameTable *self, const char *name, size_t *row);

void gv_name_table_clear (GvNameTable *self);
