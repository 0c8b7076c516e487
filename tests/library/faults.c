// SPDX-FileCopyrightText: Giverny contributors
// SPDX-License-Identifier: GPL-3.0-or-later
/* The calls that atomic files and SQLite make, each of which can be made to fail. */
#include "faults.h"

#include <errno.h>
#include <fcntl.h>
#include <glib.h>
#include <stdbool.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/types.h>
#include <unistd.h>

static int calls, first = G_MAXINT, last = G_MAXINT, failure;

void
gv_faults_set (int n, int count, int number)
{
  g_atomic_int_set (&calls, 0);
  g_atomic_int_set (&failure, number);
  g_atomic_int_set (&last, (int) MIN ((gint64) n + count - 1, G_MAXINT));
  g_atomic_int_set (&first, n);
}

void
gv_faults_clear (void)
{
  g_atomic_int_set (&first, G_MAXINT);
}

int
gv_faults_get_calls (void)
{
  return g_atomic_int_get (&calls);
}

static bool
fails (void)
{
  int call = g_atomic_int_add (&calls, 1) + 1;

  if (call < g_atomic_int_get (&first) || call > g_atomic_int_get (&last))
    return false;
  errno = g_atomic_int_get (&failure);
  return true;
}

/* Threads wake each other by writing, too. */
static bool
is_disk (int fd)
{
  struct stat info;

  return fd > STDERR_FILENO && fstat (fd, &info) == 0 && S_ISREG (info.st_mode);
}

ssize_t
write (int fd, const void *data, size_t size)
{
  if (is_disk (fd) && fails ())
    return -1;
  return syscall (SYS_write, fd, data, size);
}

ssize_t
pwrite (int fd, const void *data, size_t size, off_t offset)
{
  return fails () ? -1 : syscall (SYS_pwrite64, fd, data, size, offset);
}

int
fsync (int fd)
{
  return fails () ? -1 : (int) syscall (SYS_fsync, fd);
}

int
fdatasync (int fd)
{
  return fails () ? -1 : (int) syscall (SYS_fdatasync, fd);
}

int
renameat (int from, const char *path, int to, const char *name)
{
  return fails () ? -1 : (int) syscall (SYS_renameat2, from, path, to, name, 0);
}

int
rename (const char *from, const char *to)
{
  return fails () ? -1 : (int) syscall (SYS_renameat2, AT_FDCWD, from, AT_FDCWD, to, 0);
}
