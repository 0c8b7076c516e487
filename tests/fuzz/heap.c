// SPDX-FileCopyrightText: Giverny contributors
// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * Counts what the program has allocated: under AddressSanitizer by its hooks, else by standing in
 * front of the C library's functions.
 */
#include "heap.h"

#include <errno.h>
#include <malloc.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdlib.h>

static _Atomic size_t live, peak;

static void
add (size_t size)
{
  size_t now = atomic_fetch_add (&live, size) + size, most = atomic_load (&peak);

  while (now > most && !atomic_compare_exchange_weak (&peak, &most, now))
    ;
}

static void
subtract (size_t size)
{
  atomic_fetch_sub (&live, size);
}

size_t
heap_live (void)
{
  return atomic_load (&live);
}

size_t
heap_peak (void)
{
  return atomic_exchange (&peak, atomic_load (&live));
}

#ifdef HEAP_SANITIZED
/* GCC has these functions, but no header for them. */
int __sanitizer_install_malloc_and_free_hooks (void (*on_malloc) (const volatile void *memory,
                                                                  size_t size),
                                               void (*on_free) (const volatile void *memory));
size_t __sanitizer_get_allocated_size (const volatile void *memory);

static void
on_malloc (const volatile void *memory, size_t size)
{
  add (__sanitizer_get_allocated_size (memory));
}

static void
on_free (const volatile void *memory)
{
  if (memory)
    subtract (__sanitizer_get_allocated_size (memory));
}

void
heap_count (void)
{
  __sanitizer_install_malloc_and_free_hooks (on_malloc, on_free);
}
#else
void *__libc_malloc (size_t size);
void *__libc_calloc (size_t n, size_t size);
void *__libc_realloc (void *memory, size_t size);
void *__libc_memalign (size_t alignment, size_t size);
void __libc_free (void *memory);

void
heap_count (void)
{
}

static void *
count (void *memory)
{
  if (memory)
    add (malloc_usable_size (memory));
  return memory;
}

void *
malloc (size_t size)
{
  return count (__libc_malloc (size));
}

void *
calloc (size_t n, size_t size)
{
  return count (__libc_calloc (n, size));
}

void *
realloc (void *memory, size_t size)
{
  size_t old = memory ? malloc_usable_size (memory) : 0;
  void *grown = __libc_realloc (memory, size);

  if (grown || size == 0)
    subtract (old);
  return count (grown);
}

void *
memalign (size_t alignment, size_t size)
{
  return count (__libc_memalign (alignment, size));
}

void *
aligned_alloc (size_t alignment, size_t size)
{
  return memalign (alignment, size);
}

int
posix_memalign (void **memory, size_t alignment, size_t size)
{
  void *made = memalign (alignment, size);

  if (!made)
    return ENOMEM;
  *memory = made;
  return 0;
}

void
free (void *memory)
{
  if (memory)
    subtract (malloc_usable_size (memory));
  __libc_free (memory);
}
#endif
