// SPDX-FileCopyrightText: Giverny contributors
// SPDX-License-Identifier: GPL-3.0-or-later
/* Which reader a picture's chunk or a file's text is for. */
#include "gv-import-private.h"

#include "base/errors.h"
#include "base/i18n.h"
#include "formats/file.h"
#include "formats/json.h"
#include "weights/container.h"

#include <string.h>

#define MAX_TEXT_BYTES ((size_t) 4 << 20)

void
gv_import_free (GvImport *self)
{
  g_clear_object (&self->recipe);
  g_free (self->model);
  g_free (self->model_hash);
  g_clear_pointer (&self->loras, g_ptr_array_unref);
  g_strfreev (self->unmatched);
  g_free (self);
}

static GvImport *
import_own (const char *name, const char *json, gssize length, GError **error)
{
  GvRecipe *recipe = gv_recipe_from_json (name, json, length, error);
  GvImport *self;

  if (!recipe)
    return NULL;
  self = g_new0 (GvImport, 1);
  self->recipe = recipe;
  self->format = "Giverny";
  self->unmatched = g_new0 (char *, 1);
  return self;
}

GvImport *
gv_import_from_image (GvImage *image, const char *name, GError **error)
{
  const char *own = gv_image_get_text (image, "giverny");
  const char *parameters = gv_image_get_text (image, "parameters");
  const char *prompt = gv_image_get_text (image, "prompt");
  const char *workflow = gv_image_get_text (image, "workflow");
  g_autofree char *shown = gv_dup_shown (name);

  if (own)
    return import_own (name, own, -1, error);
  if (parameters)
    return gv_import_infotext (name, parameters, strlen (parameters), error);
  if (prompt || workflow)
    return gv_import_comfy (name, prompt, workflow, error);
  g_set_error (error, GV_FORMAT_ERROR, GV_FORMAT_ERROR_UNSUPPORTED,
               _("“%s” carries no recipe that we can read"), shown);
  return NULL;
}

static bool
begins_as_json (const char *text, size_t size)
{
  size_t i = 0;

  while (i < size && g_ascii_isspace (text[i]))
    i++;
  return i < size && text[i] == '{';
}

/* A recipe of ours says so itself; what is no JSON at all is left to our own reader's words. */
static bool
is_own (const char *text, size_t size)
{
  g_autoptr (GvJson) json = gv_json_new_from_bytes ("", text, size, GV_JSON_NAN, NULL);
  GvJsonNode root;

  return !json || !gv_json_root_object (json, &root, NULL) || gv_json_has (&root, "giverny");
}

GvImport *
gv_import_from_text (const char *name, const char *text, gssize length, GError **error)
{
  size_t size = length < 0 ? strlen (text) : (size_t) length;

  if (begins_as_json (text, size))
    return is_own (text, size) ? import_own (name, text, length, error)
                               : gv_import_comfy_text (name, text, length, error);
  return gv_import_infotext (name, text, size, error);
}

GvImport *
gv_import_from_png (const char *path, GError **error)
{
  g_autoptr (GvImage) image = gv_image_load (path, error);

  return image ? gv_import_from_image (image, path, error) : NULL;
}

GvImport *
gv_import_from_file (const char *path, GvImage **image, GError **error)
{
  g_autoptr (GvImage) picture = NULL;
  g_autofree char *text = NULL;
  GvContainer container;
  GvImport *self;
  size_t size;

  if (!gv_tell_container (path, &container, error))
    return NULL;
  if (container != GV_CONTAINER_PNG) {
    text = gv_read_small_file (path, MAX_TEXT_BYTES, &size, error);
    return text ? gv_import_from_text (path, text, (gssize) size, error) : NULL;
  }
  picture = gv_image_load (path, error);
  self = picture ? gv_import_from_image (picture, path, error) : NULL;
  if (self && image)
    *image = g_steal_pointer (&picture);
  return self;
}
