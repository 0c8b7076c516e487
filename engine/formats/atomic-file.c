// SPDX-FileCopyrightText: Giverny contributors
// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * Files that appear whole: written beside their place, made durable, then renamed into it.
 *
 * The bytes get a hidden name only for the instant between link and rename, and for one path that
 * name is always the same, so that what a crash left in that instant is taken away by the next file
 * there.  File systems without nameless files carry the hidden name all along; a lock tells a
 * leftover from a file in the making.
 */
#include "formats/atomic-file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/errors.h"
#include "base/i18n.h"
#include "formats/file.h"

/* How many programs may write the same file at the same time. */
#define MAX_WRITERS 16

struct _GvAtomicFile
{
  char *shown; /* the path, for errors */
  int folder;  /* all names below are looked up in it */
  int fd;
  char *name, *part;
  bool has_part; /* the hidden name exists and is ours */
};

static bool
fail (const GvAtomicFile *self, int number, GError **error)
{
  g_set_error (error, GV_FORMAT_ERROR, GV_FORMAT_ERROR_IO,
               _("%s: can't be written: %s"), self->shown, g_strerror (number));
  return false;
}

/* Opens the folder of @path.  Says which folder it is that is missing, which a bare "not found"
 * would not. */
static bool
open_folder (GvAtomicFile *self, const char *path, GError **error)
{
  g_autofree char *folder = g_path_get_dirname (path);
  g_autofree char *shown = NULL;
  int number;

  self->folder = open (folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (self->folder >= 0)
    return true;
  number = errno;
  shown = gv_dup_shown (folder);
  if (number == ENOENT)
    g_set_error (error, GV_FORMAT_ERROR, GV_FORMAT_ERROR_IO,
                 _("%s: can't be written: the folder %s does not exist"), self->shown, shown);
  else
    g_set_error (error, GV_FORMAT_ERROR, GV_FORMAT_ERROR_IO,
                 _("%s: can't be written: folder %s: %s"), self->shown, shown, g_strerror (number));
  return false;
}

/* Refuses to replace a folder or a device; finds the access mode that the new file takes over. */
static bool
check_target (const GvAtomicFile *self, mode_t *mode, bool *exists, GError **error)
{
  struct stat info;

  *exists = fstatat (self->folder, self->name, &info, 0) == 0;
  if (!*exists)
    return errno == ENOENT || fail (self, errno, error);
  if (!S_ISREG (info.st_mode)) {
    g_set_error (error, GV_FORMAT_ERROR, GV_FORMAT_ERROR_IO,
                 _("%s: can't be written: something that is no regular file has this name"),
                   self->shown);
    return false;
  }
  *mode = info.st_mode & 0777;
  return true;
}

/* True if @fd is still what the hidden name leads to, and nobody else is writing it. */
static bool
claim_part (const GvAtomicFile *self, int fd)
{
  struct stat open_info, named_info;

  return flock (fd, LOCK_EX | LOCK_NB) == 0 && fstat (fd, &open_info) == 0 &&
         fstatat (self->folder, self->part, &named_info, AT_SYMLINK_NOFOLLOW) == 0 &&
         open_info.st_ino == named_info.st_ino && open_info.st_dev == named_info.st_dev &&
         S_ISREG (open_info.st_mode);
}

/* The name itself may be as long as names can be, so the hidden one holds its hash. */
static void
set_part (GvAtomicFile *self, int writer)
{
  g_free (self->part);
  self->part = g_strdup_printf (".giverny-%08x-%d.part", g_str_hash (self->name), writer);
}

/* A file with a hidden name, for file systems that know no nameless ones. */
static bool
open_part (GvAtomicFile *self, GError **error)
{
  for (int i = 0; i < MAX_WRITERS; i++) {
    int fd;

    set_part (self, i);
    fd = openat (self->folder, self->part, O_WRONLY | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK,
                 0666);
    if (fd < 0)
      return fail (self, errno, error);
    if (claim_part (self, fd)) {
      self->fd = fd;
      self->has_part = true;
      return ftruncate (fd, 0) == 0 || fail (self, errno, error);
    }
    close (fd);
  }
  return fail (self, EBUSY, error);
}

/* Naming a nameless file goes through /proc. */
static bool
can_link (void)
{
  return access ("/proc/self/fd", X_OK) == 0;
}

static bool
open_nameless (GvAtomicFile *self, GError **error)
{
  if (can_link ())
    self->fd = openat (self->folder, ".", O_TMPFILE | O_WRONLY | O_CLOEXEC, 0666);
  else
    errno = EOPNOTSUPP;
  if (self->fd >= 0) {
    set_part (self, 0);
    return true;
  }
  /* EISDIR: kernels and file systems that never heard of the flag see a folder opened for writing.
   */
  if (errno == EOPNOTSUPP || errno == EISDIR || errno == EINVAL || errno == ENOENT)
    return open_part (self, error);
  return fail (self, errno, error);
}

GvAtomicFile *
gv_atomic_file_new (const char *path, GError **error)
{
  g_autoptr (GvAtomicFile) self = g_new0 (GvAtomicFile, 1);
  mode_t mode = 0;
  bool exists;

  self->shown = gv_dup_shown (path);
  self->folder = self->fd = -1;
  if (*path == '\0' || g_str_has_suffix (path, "/")) {
    g_set_error (error, GV_FORMAT_ERROR, GV_FORMAT_ERROR_IO,
                 _("“%s” can't be written: this is no file name"), self->shown);
    return NULL;
  }
  self->name = g_path_get_basename (path);
  if (!open_folder (self, path, error) || !check_target (self, &mode, &exists, error) ||
      !open_nameless (self, error))
    return NULL;
  if (exists && fchmod (self->fd, mode) < 0) {
    fail (self, errno, error);
    return NULL;
  }
  return g_steal_pointer (&self);
}

bool
gv_atomic_file_write (GvAtomicFile *self, const void *data, size_t size, GError **error)
{
  const char *bytes = data;

  while (size > 0) {
    ssize_t n = write (self->fd, bytes, size);

    if (n < 0 && errno == EINTR)
      continue;
    if (n <= 0)
      return fail (self, n < 0 ? errno : ENOSPC, error);
    bytes += n;
    size -= (size_t) n;
  }
  return true;
}

/* Gives a nameless file its hidden name, taking away what an earlier crash may have left there. */
static bool
link_part (GvAtomicFile *self)
{
  char source[64];

  g_snprintf (source, sizeof source, "/proc/self/fd/%d", self->fd);
  if (unlinkat (self->folder, self->part, 0) < 0 && errno != ENOENT)
    return false;
  self->has_part = linkat (AT_FDCWD, source, self->folder, self->part, AT_SYMLINK_FOLLOW) == 0;
  return self->has_part;
}

/* The lock on the folder makes whatever has the hidden name between link and rename a leftover. */
static bool
move_into_place (GvAtomicFile *self)
{
  bool locked = TEMP_FAILURE_RETRY (flock (self->folder, LOCK_EX)) == 0;
  bool moved = (self->has_part || link_part (self)) &&
               renameat (self->folder, self->part, self->folder, self->name) == 0;
  int number = errno;

  if (moved)
    self->has_part = false;
  if (locked)
    flock (self->folder, LOCK_UN);
  errno = number;
  return moved;
}

bool
gv_atomic_file_commit (GvAtomicFile *self, GError **error)
{
  int number;

  if (fsync (self->fd) < 0 || !move_into_place (self))
    return fail (self, errno, error);
  number = fsync (self->folder) < 0 ? errno : 0;
  if (number == 0 || number == EINVAL ||
      number == EROFS) /* not every file system can sync a folder */
    return true;
  return fail (self, number, error);
}

void
gv_atomic_file_free (GvAtomicFile *self)
{
  if (self->has_part)
    unlinkat (self->folder, self->part, 0);
  if (self->fd >= 0)
    close (self->fd);
  if (self->folder >= 0)
    close (self->folder);
  g_free (self->shown);
  g_free (self->name);
  g_free (self->part);
  g_free (self);
}
