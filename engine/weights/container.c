// SPDX-FileCopyrightText: Giverny contributors
// SPDX-License-Identifier: GPL-3.0-or-later
/* Telling containers apart by their first bytes, whatever their names end in. */
#include "weights/container.h"

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
starts_with_brace (const uint8_t *head, size_t n)
{
  size_t i = 0;

  while (i < n && g_ascii_isspace (head[i]))
    i++;
  return i < n && head[i] == '{';
}

bool
gv_tell_container (const char *path, GvContainer *out, GError **error)
{
  uint8_t head[64] = { 0 };
  size_t size, n;
  int fd = gv_open_regular (path, &size, error);
  g_autofree char *shown = gv_dup_shown (path);
  bool ok;

  if (fd < 0)
    return false;
  n = MIN (size, sizeof head);
  ok = gv_pread (fd, 0, n, head, shown, error);
  close (fd);
  *out = looks_like_safetensors (head, n)                       ? GV_CONTAINER_SAFETENSORS
         : looks_like_pickle (head, n)                          ? GV_CONTAINER_PICKLE
         : n >= 4 && memcmp (head, "GGUF", 4) == 0              ? GV_CONTAINER_GGUF
         : n >= 8 && memcmp (head, "\x89PNG\r\n\x1a\n", 8) == 0 ? GV_CONTAINER_PNG
         : starts_with_brace (head, n)                          ? GV_CONTAINER_JSON
                                                                : GV_CONTAINER_OTHER;
  return ok;
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

static bool
refuse (const char *path, const char *what, GError **error)
{
  g_autofree char *shown = gv_dup_shown (path);

  g_set_error (error, GV_WEIGHTS_ERROR, GV_WEIGHTS_ERROR_UNSUPPORTED, "%s: %s", shown, what);
  return false;
}

bool
gv_refuse_other_containers (const char *path, GError **error)
{
  GvContainer container;

  if (!gv_tell_container (path, &container, error))
    return false;
  switch (container) {
  case GV_CONTAINER_PICKLE:
    return gv_refuse_pickle (path, error);
  case GV_CONTAINER_GGUF:
    return refuse (path, _("GGUF models can't be run yet"), error);
  case GV_CONTAINER_PNG:
    return refuse (path, _("is a picture, not a model"), error);
  case GV_CONTAINER_JSON:
    return refuse (path, _("is a JSON file, not a model; give the model's folder"), error);
  case GV_CONTAINER_OTHER:
    return has_pickle_name (path) ? gv_refuse_pickle (path, error) : true;
  case GV_CONTAINER_SAFETENSORS:
    break;
  }
  return true;
}
