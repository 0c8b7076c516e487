// SPDX-FileCopyrightText: Giverny contributors
// SPDX-License-Identifier: GPL-3.0-or-later
/* Telling containers apart by their first bytes, whatever their names end in. */
#include "weights/model-private.h"

#include "base/errors.h"
#include "base/i18n.h"
#include "formats/file.h"

#include <string.h>
#include <unistd.h>

bool
gv_refuse_pickle (const char *path, GError **error)
{
  g_autofree char *shown = gv_dup_shown (path);

  g_set_error (error, GV_WEIGHTS_ERROR, GV_WEIGHTS_ERROR_UNSUPPORTED,
               _("%s: these weights are pickled, and a pickle can run programs, so it is not opened; load it "
                 "once with diffusers, in a place that you can lose, and save it with "
                 "save_pretrained (…, safe_serialization=True)"),
                 shown);
  return false;
}

/* A header length and the brace after it. */
static bool
looks_like_safetensors (const uint8_t *head, size_t n)
{
  uint64_t length;

  if (n < 9)
    return false;
  memcpy (&length, head, sizeof length);
  return GUINT64_FROM_LE (length) <= 100000000 && head[8] == '{';
}

/* The start of a zip archive, as torch.save writes it, or of a bare pickle of protocol 2 to 5. */
static bool
looks_like_pickle (const uint8_t *head, size_t n)
{
  return n >= 4 &&
         (memcmp (head, "PK\003\004", 4) == 0 || (head[0] == 0x80 && head[1] >= 2 && head[1] <= 5));
}

static bool
has_pickle_name (const char *path)
{
  static const char *const ends[] = { ".ckpt", ".pt", ".pth", ".bin", ".pkl" };

  for (size_t i = 0; i < G_N_ELEMENTS (ends); i++)
    if (g_str_has_suffix (path, ends[i]))
      return true;
  return false;
}

bool
gv_refuse_other_containers (const char *path, GError **error)
{
  uint8_t head[16] = { 0 };
  size_t size, n;
  int fd = gv_open_regular (path, &size, error);
  g_autofree char *shown = gv_dup_shown (path);
  bool ok;

  if (fd < 0)
    return false;
  n = MIN (size, sizeof head);
  ok = gv_pread (fd, 0, n, head, shown, error);
  close (fd);
  if (!ok || looks_like_safetensors (head, n))
    return ok;
  if (looks_like_pickle (head, n) || (n > 0 && has_pickle_name (path)))
    return gv_refuse_pickle (path, error);
  if (n >= 4 && memcmp (head, "GGUF", 4) == 0)
    g_set_error (error, GV_WEIGHTS_ERROR, GV_WEIGHTS_ERROR_UNSUPPORTED,
                 _("%s: GGUF models can't be run yet"), shown);
  else if (n >= 8 && memcmp (head, "\x89PNG\r\n\x1a\n", 8) == 0)
    g_set_error (error, GV_WEIGHTS_ERROR, GV_WEIGHTS_ERROR_UNSUPPORTED,
                 _("%s: is a picture, not a model"), shown);
  else
    return true;
  return false;
}
