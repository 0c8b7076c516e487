// SPDX-FileCopyrightText: Giverny contributors
// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * Whole files: what stands at the path after success, failure, every system call failing in turn,
 * and kill -9.
 *
 * The system calls that write are defined here once more, in front of the C library's, so that any
 * of them can be made to fail.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/errors.h"
#include "formats/atomic-file.h"
#include "temp.h"

static bool hide_proc;    /* so that nameless files can't be used      */
static int calls_to_fail; /* the call that fails, counted down to 1    */
static int failure;       /* its errno; 0 for a write that stops short */
static char calls[16];    /* one letter for each                       */

static bool
fails (char letter)
{
  g_strlcat (calls, (char[]) { letter, '\0' }, sizeof calls);
  if (calls_to_fail == 0 || --calls_to_fail > 0 || failure == 0)
    return false;
  errno = failure;
  return true;
}

int
access (const char *path, int mode)
{
  if (hide_proc && g_str_has_prefix (path, "/proc")) {
    errno = ENOENT;
    return -1;
  }
  return (int) syscall (SYS_faccessat, AT_FDCWD, path, mode);
}

ssize_t
write (int fd, const void *data, size_t size)
{
  bool last = calls_to_fail == 1;

  if (fd > STDERR_FILENO && fails ('w'))
    return -1;
  if (fd > STDERR_FILENO && last && size > 1)
    size /= 2;
  return syscall (SYS_write, fd, data, size);
}

int
fsync (int fd)
{
  return fails ('f') ? -1 : (int) syscall (SYS_fsync, fd);
}

int
linkat (int from, const char *path, int to, const char *name, int flags)
{
  return fails ('l') ? -1 : (int) syscall (SYS_linkat, from, path, to, name, flags);
}

int
renameat (int from, const char *path, int to, const char *name)
{
  return fails ('r') ? -1 : (int) syscall (SYS_renameat2, from, path, to, name, 0);
}

int
fchmod (int fd, mode_t mode)
{
  return fails ('m') ? -1 : (int) syscall (SYS_fchmod, fd, mode);
}

int
ftruncate (int fd, off_t size)
{
  return fails ('t') ? -1 : (int) syscall (SYS_ftruncate, fd, size);
}

/* A folder with room for "x", which holds "old" if asked for. */
static char *
folder_with (const char *old, char **path)
{
  char *folder = temp_folder ();

  *path = g_build_filename (folder, "x", NULL);
  if (old)
    g_assert_true (g_file_set_contents_full (*path, old, -1, G_FILE_SET_CONTENTS_NONE, 0640, NULL));
  return folder;
}

static void
assert_holds (const char *path, const char *text)
{
  g_autofree char *found = NULL;

  g_file_get_contents (path, &found, NULL, NULL);
  g_assert_cmpstr (found, ==, text);
}

/* Writes in two pieces. */
static bool
write_text (const char *path, const char *text, GError **error)
{
  g_autoptr (GvAtomicFile) file = gv_atomic_file_new (path, error);
  size_t half = strlen (text) / 2;

  return file && gv_atomic_file_write (file, text, half, error) &&
         gv_atomic_file_write (file, "", 0, error) &&
         gv_atomic_file_write (file, text + half, strlen (text) - half, error) &&
         gv_atomic_file_commit (file, error);
}

static void
check_write (const char *old)
{
  g_autofree char *path = NULL;
  char *folder = folder_with (old, &path);
  g_autoptr (GError) error = NULL;
  struct stat info;

  g_assert_true (write_text (path, "new text", &error));
  g_assert_no_error (error);
  assert_holds (path, "new text");
  g_assert_no_errno (stat (path, &info));
  if (old)
    g_assert_cmpint (info.st_mode & 0777, ==, 0640);
  temp_remove (folder, 1);
}

/* The bytes are durable before they have a name, and the name before anybody is told. */
static void
test_order (void)
{
  g_autofree char *path = NULL;
  char *folder = folder_with ("old", &path);

  *calls = '\0';
  g_assert_true (write_text (path, "new text", NULL));
  g_assert_cmpstr (calls, ==, "mwwflrf");
  hide_proc = true;
  *calls = '\0';
  g_assert_true (write_text (path, "new text", NULL));
  g_assert_cmpstr (calls, ==, "tmwwfrf");
  hide_proc = false;
  temp_remove (folder, 1);
}

static void
test_write (void)
{
  check_write (NULL);
  check_write ("old");
}

/* Until it is committed, neither the name nor, where that can be, any other shows that there is a
 * file. */
static void
test_drop (void)
{
  g_autofree char *path = NULL;
  char *folder = folder_with ("old", &path);
  GvAtomicFile *file = gv_atomic_file_new (path, NULL);

  g_assert_true (gv_atomic_file_write (file, "new", 3, NULL));
  assert_holds (path, "old");
  gv_atomic_file_free (file);
  assert_holds (path, "old");
  temp_remove (folder, 1);
}

/* Every call in turn fails in every way: the old or the new file stands there, and nothing beside
 * it. */
static void
check_failures (const char *old, int number)
{
  bool success = false;

  for (int call = 1; !success; call++) {
    g_autofree char *path = NULL;
    char *folder = folder_with (old, &path);
    g_autoptr (GError) error = NULL;

    failure = number;
    calls_to_fail = call;
    success = write_text (path, "new text", &error);
    if (number == 0 || number == EINTR)
      g_assert_no_error (error);
    if (success)
      g_assert_true (calls_to_fail > 0 || number == 0 || number == EINTR);
    else {
      g_assert_error (error, GV_FORMAT_ERROR, GV_FORMAT_ERROR_IO);
      g_assert_nonnull (strstr (error->message, path));
    }
    success = calls_to_fail > 0;
    calls_to_fail = 0;
    if (!g_file_test (path, G_FILE_TEST_EXISTS))
      g_assert_true (error && !old);
    else {
      g_autofree char *found = NULL;

      g_assert_true (g_file_get_contents (path, &found, NULL, NULL));
      if (!error || g_strcmp0 (found, old) != 0)
        g_assert_cmpstr (found, ==, "new text");
    }
    temp_remove (folder, g_file_test (path, G_FILE_TEST_EXISTS));
    g_assert_cmpint (call, <, 20);
  }
}

static void
test_failures (void)
{
  static const int numbers[] = { ENOSPC, EIO, EDQUOT };

  for (size_t i = 0; i < G_N_ELEMENTS (numbers); i++) {
    check_failures (NULL, numbers[i]);
    check_failures ("old", numbers[i]);
  }
  check_failures ("old", 0);
}

/* A write that is interrupted goes on. */
static void
test_interrupted (void)
{
  g_autofree char *path = NULL;
  char *folder = folder_with (NULL, &path);
  g_autoptr (GvAtomicFile) file = gv_atomic_file_new (path, NULL);

  failure = EINTR;
  calls_to_fail = 1;
  g_assert_true (gv_atomic_file_write (file, "new", 3, NULL));
  g_assert_true (gv_atomic_file_commit (file, NULL));
  assert_holds (path, "new");
  temp_remove (folder, 1);
}

/* The same where the file system knows no nameless files. */
static void
test_named (void)
{
  hide_proc = true;
  test_write ();
  test_drop ();
  test_failures ();
  test_interrupted ();
  hide_proc = false;
}

/* Two writers at once, both ways: the later commit wins. */
static void
check_two_writers (void)
{
  g_autofree char *path = NULL;
  char *folder = folder_with (NULL, &path);
  g_autoptr (GvAtomicFile) one = gv_atomic_file_new (path, NULL);
  g_autoptr (GvAtomicFile) two = gv_atomic_file_new (path, NULL);

  g_assert_true (gv_atomic_file_write (one, "one", 3, NULL));
  g_assert_true (gv_atomic_file_write (two, "two", 3, NULL));
  g_assert_true (gv_atomic_file_commit (two, NULL));
  assert_holds (path, "two");
  g_assert_true (gv_atomic_file_commit (one, NULL));
  assert_holds (path, "one");
  temp_remove (folder, 1);
}

static void
test_two_writers (void)
{
  check_two_writers ();
  hide_proc = true;
  check_two_writers ();
  hide_proc = false;
}

/* What a killed writer left under a hidden name is used by the next. */
static void
test_leftover (void)
{
  g_autofree char *path = NULL;
  char *folder = folder_with (NULL, &path);
  int status;
  pid_t child;

  hide_proc = true;
  child = fork ();
  if (child == 0) {
    gv_atomic_file_write (gv_atomic_file_new (path, NULL), "much text", 9, NULL);
    raise (SIGKILL);
  }
  g_assert_cmpint (waitpid (child, &status, 0), ==, child);
  g_assert_true (WIFSIGNALED (status));
  g_assert_false (g_file_test (path, G_FILE_TEST_EXISTS));
  g_assert_true (write_text (path, "new", NULL));
  hide_proc = false;
  assert_holds (path, "new");
  temp_remove (folder, 1);
}

/* Fills the file with one letter after another until somebody kills the process. */
static void
write_forever (const char *path)
{
  for (int i = 0;; i = (i + 1) % 26) {
    g_autofree char *text = g_strnfill (50000, (char) ('a' + i));

    write_text (path, text, NULL);
  }
}

static void
test_kill (void)
{
  g_autofree char *path = NULL;
  char *folder = folder_with ("old", &path);
  g_autoptr (GRand) rng = g_rand_new_with_seed (1);

  for (int i = 0; i < 40; i++) {
    g_autofree char *found = NULL;
    gsize size;
    pid_t child = fork ();

    if (child == 0)
      write_forever (path);
    g_usleep ((gulong) g_rand_int_range (rng, 0, 20000));
    g_assert_no_errno (kill (child, SIGKILL));
    g_assert_cmpint (waitpid (child, NULL, 0), ==, child);
    g_assert_true (g_file_get_contents (path, &found, &size, NULL));
    if (strcmp (found, "old") != 0) {
      g_assert_cmpuint (size, ==, 50000);
      g_assert_cmpuint (strspn (found, (char[]) { *found, 0 }), ==, size);
    }
  }
  g_assert_true (write_text (path, "new", NULL));
  temp_remove (folder, 1);
}

/* A file beyond what the process may write. */
static void
test_limit (void)
{
  g_autofree char *path = NULL;
  char *folder = folder_with ("old", &path);
  g_autofree char *text = g_strnfill (100000, 'x');
  g_autoptr (GError) error = NULL;
  struct rlimit before, limit;

  g_assert_no_errno (getrlimit (RLIMIT_FSIZE, &before));
  limit = (struct rlimit) { .rlim_cur = 70000, .rlim_max = before.rlim_max };
  signal (SIGXFSZ, SIG_IGN);
  g_assert_no_errno (setrlimit (RLIMIT_FSIZE, &limit));
  g_assert_false (write_text (path, text, &error));
  g_assert_no_errno (setrlimit (RLIMIT_FSIZE, &before));
  signal (SIGXFSZ, SIG_DFL);
  g_assert_error (error, GV_FORMAT_ERROR, GV_FORMAT_ERROR_IO);
  g_assert_nonnull (strstr (error->message, "File too large"));
  assert_holds (path, "old");
  temp_remove (folder, 1);
}

static void
check_refused (const char *path, const char *words)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GvAtomicFile) file = gv_atomic_file_new (path, &error);

  g_assert_null (file);
  g_assert_error (error, GV_FORMAT_ERROR, GV_FORMAT_ERROR_IO);
  if (!strstr (error->message, words))
    g_error ("“%s” does not say “%s”", error->message, words);
}

static void
test_refused (void)
{
  g_autofree char *path = NULL;
  char *folder = folder_with (NULL, &path);
  g_autofree char *below = g_build_filename (path, "y", NULL);
  g_autofree char *slash = g_strconcat (path, "/", NULL);
  g_autofree char *name = g_strnfill (256, 'n');
  g_autofree char *too_long = g_build_filename (folder, name, NULL);

  check_refused ("", "no file name");
  check_refused (slash, "no file name");
  check_refused (folder, "no regular file");
  check_refused ("/dev/null", "no regular file");
  check_refused (below, "x does not exist");
  check_refused (too_long, "File name too long");
  g_assert_no_errno (mkfifo (path, 0600));
  check_refused (path, "no regular file");
  check_refused (below, "Not a directory");
  temp_remove (folder, 1);
}

/* The longest name, and links: the link is replaced, not what it leads to. */
static void
test_names (void)
{
  g_autofree char *path = NULL;
  char *folder = folder_with ("old", &path);
  g_autofree char *name = g_strnfill (255, 'n');
  g_autofree char *longest = g_build_filename (folder, name, NULL);
  g_autofree char *link = g_build_filename (folder, "link", NULL);
  g_autofree char *dangling = g_build_filename (folder, "dangling", NULL);

  g_assert_true (write_text (longest, "new", NULL));
  assert_holds (longest, "new");
  g_assert_no_errno (symlink ("x", link));
  g_assert_true (write_text (link, "new", NULL));
  assert_holds (link, "new");
  assert_holds (path, "old");
  g_assert_no_errno (symlink ("nothing", dangling));
  g_assert_true (write_text (dangling, "new", NULL));
  assert_holds (dangling, "new");
  temp_remove (folder, 4);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/atomic-file/write", test_write);
  g_test_add_func ("/atomic-file/order", test_order);
  g_test_add_func ("/atomic-file/drop", test_drop);
  g_test_add_func ("/atomic-file/failures", test_failures);
  g_test_add_func ("/atomic-file/interrupted", test_interrupted);
  g_test_add_func ("/atomic-file/named", test_named);
  g_test_add_func ("/atomic-file/two-writers", test_two_writers);
  g_test_add_func ("/atomic-file/leftover", test_leftover);
  g_test_add_func ("/atomic-file/kill", test_kill);
  g_test_add_func ("/atomic-file/limit", test_limit);
  g_test_add_func ("/atomic-file/refused", test_refused);
  g_test_add_func ("/atomic-file/names", test_names);
  return g_test_run ();
}
