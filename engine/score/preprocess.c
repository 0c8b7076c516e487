// SPDX-FileCopyrightText: Giverny contributors
// SPDX-License-Identifier: GPL-3.0-or-later
/* Pictures for image towers.  OpenAI's mean and deviation are those of CLIP's training pictures. */
#include "score/preprocess.h"

#include "base/i18n.h"
#include "formats/json.h"
#include "score/resize.h"

#include <math.h>
#include <string.h>

#define MAX_SIZE 2048
#define MAX_BYTES ((size_t) 1 << 20)
#define BICUBIC 3

void
gv_preprocess_init (GvPreprocess *self, int size, bool squeeze)
{
  *self = (GvPreprocess) {
    .shortest_edge = squeeze ? 0 : size,
    .resize_width = size,
    .resize_height = size,
    .width = size,
    .height = size,
    .crop = !squeeze,
    .factor = 1.0 / 255,
    .mean = { 0.48145466, 0.4578275, 0.40821073 },
    .deviation = { 0.26862954, 0.26130258, 0.27577711 },
  };
}

/* {"shortest_edge": 224}, {"height": 224, "width": 224}, or one number. */
typedef struct
{
  int edge, width, height;
} Size;

static bool
read_size (const GvJsonNode *root, const char *field, Size *out, GError **error)
{
  yyjson_val *value = yyjson_obj_get (root->value, field);
  GvJsonNode object;

  if (!yyjson_is_obj (value))
    return gv_json_get_int (root, field, 1, MAX_SIZE, &out->edge, error);
  return gv_json_get_object (root, field, &object, error) &&
         gv_json_get_int (&object, "shortest_edge", 1, MAX_SIZE, &out->edge, error) &&
         gv_json_get_int (&object, "width", 1, MAX_SIZE, &out->width, error) &&
         gv_json_get_int (&object, "height", 1, MAX_SIZE, &out->height, error);
}

static bool
read_resize (GvPreprocess *self, const GvJsonNode *root, GError **error)
{
  Size size = { 0 };
  bool squeeze = self->shortest_edge == 0;

  if (!read_size (root, "size", &size, error))
    return false;
  if (size.width && size.height) {
    self->shortest_edge = 0;
    self->resize_width = size.width;
    self->resize_height = size.height;
  } else if (size.edge) {
    self->shortest_edge = squeeze ? 0 : size.edge;
    self->resize_width = self->resize_height = size.edge;
  }
  return true;
}

static bool
read_crop (GvPreprocess *self, const GvJsonNode *root, GError **error)
{
  Size crop = { 0 };

  if (!gv_json_get_bool (root, "do_center_crop", &self->crop, error) ||
      !read_size (root, "crop_size", &crop, error))
    return false;
  self->width = self->resize_width;
  self->height = self->resize_height;
  if (self->crop && (crop.edge || (crop.width && crop.height))) {
    self->width = crop.edge ? crop.edge : crop.width;
    self->height = crop.edge ? crop.edge : crop.height;
  }
  if (self->width > self->resize_width || self->height > self->resize_height)
    return gv_json_fail (root, "crop_size", _("is larger than the resized picture"), error);
  if (!self->crop && self->shortest_edge)
    return gv_json_fail (root, "do_center_crop",
                         _("must be true where a shorter edge is given"), error);
  return true;
}

/* Three numbers, or as they were. */
static bool
read_triple (const GvJsonNode *root, const char *field, double *out, GError **error)
{
  double values[3] = { out[0], out[1], out[2] };
  size_t n = 3;

  if (!gv_json_get_doubles (root, field, values, 3, &n, error))
    return false;
  if (n != 3)
    return gv_json_fail (root, field, _("must have three numbers"), error);
  memcpy (out, values, sizeof values);
  return true;
}

static bool
read_numbers (GvPreprocess *self, const GvJsonNode *root, GError **error)
{
  bool rescale = true, normalise = true;

  if (!gv_json_get_bool (root, "do_rescale", &rescale, error) ||
      !gv_json_get_bool (root, "do_normalize", &normalise, error) ||
      !gv_json_get_double (root, "rescale_factor", &self->factor, error) ||
      !read_triple (root, "image_mean", self->mean, error) ||
      !read_triple (root, "image_std", self->deviation, error))
    return false;
  if (!rescale)
    self->factor = 1;
  for (int i = 0; i < 3 && !normalise; i++) {
    self->mean[i] = 0;
    self->deviation[i] = 1;
  }
  for (int i = 0; i < 3; i++)
    if (!(fabs (self->deviation[i]) > 1e-6))
      return gv_json_fail (root, "image_std", _("must not be zero"), error);
  return true;
}

static bool
read_filter (const GvJsonNode *root, GError **error)
{
  int filter = BICUBIC;
  bool resize = true;

  if (!gv_json_get_int (root, "resample", 0, 5, &filter, error) ||
      !gv_json_get_bool (root, "do_resize", &resize, error))
    return false;
  if (filter != BICUBIC)
    return gv_json_fail (root, "resample", _("must be 3, bicubic"), error);
  return resize || gv_json_fail (root, "do_resize", _("must be true"), error);
}

bool
gv_preprocess_open (GvPreprocess *self, const char *folder, GError **error)
{
  g_autofree char *own = g_build_filename (folder, "preprocessor_config.json", NULL);
  g_autofree char *shared = g_build_filename (folder, "processor_config.json", NULL);
  bool has_own = g_file_test (own, G_FILE_TEST_EXISTS);
  g_autoptr (GvJson) json = NULL;
  GvJsonNode root;

  if (!has_own && !g_file_test (shared, G_FILE_TEST_EXISTS))
    return true;
  json = gv_json_open (has_own ? own : shared, MAX_BYTES, GV_JSON_UNIQUE_KEYS, error);
  if (!json || !gv_json_root_object (json, &root, error))
    return false;
  if (!has_own && (!gv_json_require (&root, "image_processor", error) ||
                   !gv_json_get_object (&root, "image_processor", &root, error)))
    return false;
  return read_filter (&root, error) && read_resize (self, &root, error) &&
         read_crop (self, &root, error) && read_numbers (self, &root, error);
}

guint8 *
gv_preprocess_pixels (const GvPreprocess *self, GvImage *image)
{
  int w = gv_image_get_width (image), h = gv_image_get_height (image);
  int new_w = self->resize_width, new_h = self->resize_height;
  GvWindow window = { 0, 0, self->width, self->height };

  if (self->shortest_edge) {
    gint64 edge = self->shortest_edge;

    new_w = w <= h ? (int) edge : (int) (edge * w / h);
    new_h = w <= h ? (int) (edge * h / w) : (int) edge;
  }
  window.x = (new_w - self->width) / 2;
  window.y = (new_h - self->height) / 2;
  return gv_resize_bicubic (gv_image_get_rgb (image), w, h, new_w, new_h, &window);
}

void
gv_preprocess_patches (const GvPreprocess *self, GvImage *image, int patch, float *out)
{
  g_autofree guint8 *pixels = gv_preprocess_pixels (self, image);
  int across = self->width / patch, down = self->height / patch;

  for (int row = 0; row < down; row++)
    for (int column = 0; column < across; column++)
      for (int c = 0; c < 3; c++)
        for (int y = 0; y < patch; y++)
          for (int x = 0; x < patch; x++) {
            size_t at =
                (size_t) (row * patch + y) * (size_t) self->width + (size_t) (column * patch + x);

            *out++ = (float) ((pixels[at * 3 + (size_t) c] * self->factor - self->mean[c]) /
                              self->deviation[c]);
          }
}
