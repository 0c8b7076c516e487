// SPDX-FileCopyrightText: Giverny contributors
// SPDX-License-Identifier: GPL-3.0-or-later
/* Opening and reading files that nobody has checked yet. */
#include "formats/file.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/errors.h"
#include "base/i18n.h"

#define SHOWN_CHARS 200

int
gv_open_regular (const char *path, size_t *size_bytes, GError **error)
{
  g_autofree char *shown = gv_dup_shown (path);
  /* O_NONBLOCK: opening a pipe without a writer would wait for one. */
  int fd = open (path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
  struct stat info;

  /* ENXIO: a socket, or a device that is not there */
  if (fd < 0 && errno != ENXIO) {
    g_set_error (error, GV_FORMAT_ERROR, GV_FORMAT_ERROR_IO,
                 _("%s: can't be opened: %s"), shown, g_strerror (errno));
    return -1;
  }
  if (fd < 0 || fstat (fd, &info) < 0 || !S_ISREG (info.st_mode)) {
    g_set_error (error, GV_FORMAT_ERROR, GV_FORMAT_ERROR_IO, _("%s: is not a regular file"), shown);
    if (fd >= 0)
      close (fd);
    return -1;
  }
  *size_bytes = (size_t) info.st_size;
  return fd;
}

bool
gv_pread (int fd, size_t offset, size_t size, void *dst, const char *shown, GError **error)
{
  uint8_t *bytes = dst;
  size_t done = 0;

  while (done < size) {
    ssize_t n = pread (fd, bytes + done, size - done, (off_t) (offset + done));

    if (n > 0)
      done += (size_t) n;
    else if (n == 0) {
      g_set_error (error, GV_FORMAT_ERROR, GV_FORMAT_ERROR_TRUNCATED,
                   _("%s: ends %zu bytes too early; it may be an incomplete copy"), shown,
                     size - done);
      return false;
    } else if (errno != EINTR) {
      g_set_error (error, GV_FORMAT_ERROR, GV_FORMAT_ERROR_IO,
                   _("%s: can't be read: %s"), shown, g_strerror (errno));
      return false;
    }
  }
  return true;
}

static char *
read_open_file (int fd, const char *shown, size_t size, size_t max_bytes, GError **error)
{
  g_autofree char *text = NULL;

  if (size > max_bytes) {
    g_set_error (error, GV_FORMAT_ERROR, GV_FORMAT_ERROR_LIMIT,
                 _("%s: has %zu bytes, and at most %zu are accepted"), shown, size, max_bytes);
    return NULL;
  }
  text = g_try_malloc (size + 1);
  if (!text) {
    g_set_error (error, GV_FORMAT_ERROR, GV_FORMAT_ERROR_LIMIT,
                 _("%s: there is not enough memory to read %zu bytes"), shown, size);
    return NULL;
  }
  if (!gv_pread (fd, 0, size, text, shown, error))
    return NULL;
  text[size] = '\0';
  return g_steal_pointer (&text);
}

char *
gv_read_small_file (const char *path, size_t max_bytes, size_t *size, GError **error)
{
  g_autofree char *shown = gv_dup_shown (path);
  int fd = gv_open_regular (path, size, error);
  char *text;

  if (fd < 0)
    return NULL;
  text = read_open_file (fd, shown, *size, MIN (max_bytes, G_MAXSSIZE - 1), error);
  close (fd);
  return text;
}

/* Control characters and the two line separators, which would break or disguise the line. */
static bool
is_unprintable (gunichar c)
{
  return c < 0x20 || (c >= 0x7f && c < 0xa0) || c == 0x2028 || c == 0x2029 ||
         (c >= 0x202a && c <= 0x202e) || (c >= 0x2066 && c <= 0x2069);
}

static void
append_shown (GString *out, const char *text, const char *end)
{
  for (; text < end; text = g_utf8_next_char (text)) {
    gunichar c = g_utf8_get_char (text);

    if (!is_unprintable (c))
      g_string_append_unichar (out, c);
    else if (c < 0x100)
      g_string_append_printf (out, "\\x%02x", c);
    else
      g_string_append_printf (out, "\\u%04x", c);
  }
}

/* What is much too long is cut down first, so that no hostile name costs more than a look at its
 * length. */
static char *
dup_valid (const char *name)
{
  size_t size = strlen (name), piece = 4 * SHOWN_CHARS;
  g_autofree char *start = NULL, *end = NULL;

  if (size <= 4 * piece)
    return g_utf8_make_valid (name, (gssize) size);
  start = g_utf8_make_valid (name, (gssize) piece);
  end = g_utf8_make_valid (name + size - piece, (gssize) piece);
  return g_strconcat (start, end, NULL);
}

char *
gv_dup_shown (const char *name)
{
  g_autofree char *valid = dup_valid (name);
  glong n_chars = g_utf8_strlen (valid, -1);
  const char *end = valid + strlen (valid);
  GString *out = g_string_new (NULL);

  if (n_chars <= SHOWN_CHARS)
    append_shown (out, valid, end);
  else {
    append_shown (out, valid, g_utf8_offset_to_pointer (valid, SHOWN_CHARS / 2));
    g_string_append (out, "…");
    append_shown (out, g_utf8_offset_to_pointer (valid, n_chars - SHOWN_CHARS / 2), end);
  }
  return g_string_free_and_steal (out);
}
