// SPDX-FileCopyrightText: Giverny contributors
// SPDX-License-Identifier: GPL-3.0-or-later
/* The latents of a job's pictures, gathered into one file. */
#include "gv-latents.h"

#include "base/errors.h"
#include "base/i18n.h"
#include "formats/safetensors.h"

#include <string.h>

struct _GvLatents
{
  int n, n_added;
  int c, h, w;   /* of one picture; 0 before the first */
  float *values; /* [n, c, h, w] */
};

GvLatents *
gv_latents_new (int n)
{
  GvLatents *self = g_new0 (GvLatents, 1);

  self->n = n;
  return self;
}

void
gv_latents_free (GvLatents *self)
{
  g_free (self->values);
  g_free (self);
}

static size_t
picture_size (GvLatents *self)
{
  return (size_t) self->c * (size_t) self->h * (size_t) self->w;
}

static bool
take_shape (GvLatents *self, const GvPicture *picture, GError **error)
{
  size_t n_values;

  self->c = picture->latent_channels;
  self->h = picture->latent_height;
  self->w = picture->latent_width;
  if (!__builtin_mul_overflow (picture_size (self), (size_t) self->n, &n_values))
    self->values = g_try_new0 (float, n_values);
  if (self->values)
    return true;
  g_set_error (error, GV_FORMAT_ERROR, GV_FORMAT_ERROR_LIMIT,
               _("There is not enough memory for the latents of %d pictures"), self->n);
  return false;
}

/* Halves of a pair stand one after the other. */
static int
get_place (const GvPicture *picture)
{
  return picture->half == GV_HALF_NONE ? picture->index
                                       : 2 * picture->index + (picture->half == GV_HALF_AFTER);
}

bool
gv_latents_add (GvLatents *self, const GvPicture *picture, GError **error)
{
  size_t size;

  g_return_val_if_fail (picture->index >= 0 && get_place (picture) < self->n, false);

  if (!self->values && !take_shape (self, picture, error))
    return false;
  if (picture->latent_channels != self->c || picture->latent_height != self->h ||
      picture->latent_width != self->w) {
    g_set_error (error, GV_FORMAT_ERROR, GV_FORMAT_ERROR_INVALID,
                 _("The latents of picture %d have another shape than the first one's"),
                   picture->index);
    return false;
  }
  size = picture_size (self);
  memcpy (self->values + (size_t) get_place (picture) * size, picture->latents, size * sizeof (float));
  self->n_added++;
  return true;
}

bool
gv_latents_save (GvLatents *self, const char *path, GError **error)
{
  int64_t shape[] = { self->n, self->c, self->h, self->w };
  GvSafetensorsItem item = { "latents", GV_F32, 4, shape, self->values };

  if (self->n_added == self->n)
    return gv_safetensors_write (path, &item, 1, error);
  g_set_error (error, GV_FORMAT_ERROR, GV_FORMAT_ERROR_INVALID,
               _("Only %d of %d pictures have latents"), self->n_added, self->n);
  return false;
}
