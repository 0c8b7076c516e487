// SPDX-FileCopyrightText: Giverny contributors
// SPDX-License-Identifier: GPL-3.0-or-later
/* Pictures in memory, their text, and the way to a PNG and back. */
#include "gv-image.h"

#include "base/errors.h"
#include "base/i18n.h"
#include "formats/atomic-file.h"
#include "formats/file.h"
#include "formats/infotext.h"
#include "formats/png.h"

#include <math.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

struct _GvImage
{
  gatomicrefcount refs;
  GvPng png;
};

G_DEFINE_BOXED_TYPE (GvImage, gv_image, gv_image_ref, gv_image_unref)

GvImage *
gv_image_new_take (int width, int height, guint8 *rgb)
{
  GvImage *self = g_new0 (GvImage, 1);

  g_atomic_ref_count_init (&self->refs);
  self->png.width = width;
  self->png.height = height;
  self->png.rgb = rgb;
  self->png.texts = g_ptr_array_new_with_free_func ((GDestroyNotify) gv_png_text_free);
  return self;
}

GvImage *
gv_image_ref (GvImage *self)
{
  g_atomic_ref_count_inc (&self->refs);
  return self;
}

void
gv_image_unref (GvImage *self)
{
  if (!g_atomic_ref_count_dec (&self->refs))
    return;
  gv_png_clear (&self->png);
  g_free (self);
}

int
gv_image_get_width (GvImage *self)
{
  return self->png.width;
}

int
gv_image_get_height (GvImage *self)
{
  return self->png.height;
}

const guint8 *
gv_image_get_rgb (GvImage *self)
{
  return self->png.rgb;
}

static GvPngText *
find_text (GvImage *self, const char *keyword)
{
  for (guint i = 0; i < self->png.texts->len; i++) {
    GvPngText *text = self->png.texts->pdata[i];

    if (strcmp (text->keyword, keyword) == 0)
      return text;
  }
  return NULL;
}

void
gv_image_set_text (GvImage *self, const char *keyword, const char *text)
{
  GvPngText *old = find_text (self, keyword);

  g_return_if_fail (g_utf8_validate (text, -1, NULL));

  if (old)
    g_set_str (&old->text, text);
  else
    g_ptr_array_add (self->png.texts, gv_png_text_new (g_strdup (keyword), g_strdup (text)));
}

const char *
gv_image_get_text (GvImage *self, const char *keyword)
{
  GvPngText *text = find_text (self, keyword);

  return text ? text->text : NULL;
}

/* A1111 shows a model by its file name without the ending; a folder has none. */
static char *
model_name (GvRecipe *recipe)
{
  g_autofree char *base = NULL;

  if (!*gv_recipe_get_model (recipe))
    return g_strdup ("giverny-starter");
  base = g_path_get_basename (gv_recipe_get_model (recipe));
  if (g_str_has_suffix (base, ".safetensors") || g_str_has_suffix (base, ".gguf"))
    *strrchr (base, '.') = '\0';
  return g_steal_pointer (&base);
}

/* The prompt with its LoRAs behind it, as A1111 writes them: <lora:name:0.8>, or with the text
 * encoder's strength first. */
static char *
prompt_with_loras (GvRecipe *recipe)
{
  GPtrArray *loras = gv_recipe_get_loras (recipe);
  GString *out = g_string_new (gv_recipe_get_prompt (recipe));

  for (guint i = 0; i < loras->len; i++) {
    const GvLoraUse *use = loras->pdata[i];
    g_autofree char *name = gv_lora_use_dup_name (use);
    char strength[G_ASCII_DTOSTR_BUF_SIZE], text[G_ASCII_DTOSTR_BUF_SIZE];

    g_strdelimit (name, "<>:\n", '_');
    g_ascii_formatd (strength, sizeof strength, "%.6g", use->strength);
    g_ascii_formatd (text, sizeof text, "%.6g", use->text_strength);
    if (use->text_strength == use->strength)
      g_string_append_printf (out, "%s<lora:%s:%s>", out->len ? " " : "", name, strength);
    else
      g_string_append_printf (out, "%s<lora:%s:%s:%s>", out->len ? " " : "", name, text, strength);
  }
  return g_string_free_and_steal (out);
}

void
gv_image_set_recipe (GvImage *self, GvRecipe *recipe)
{
  g_autofree char *model = model_name (recipe), *prompt = prompt_with_loras (recipe);
  GvInfotext info = {
    .prompt = prompt,
    .negative = gv_recipe_get_negative (recipe),
    .steps = gv_recipe_get_steps (recipe),
    .sampler = gv_recipe_get_sampler_label (recipe),
    .schedule = gv_recipe_get_schedule_label (recipe),
    .cfg = gv_recipe_get_cfg (recipe),
    .seed = gv_recipe_get_seed (recipe),
    .width = self->png.width,
    .height = self->png.height,
    .model = model,
    .clip_skip = gv_recipe_get_clip_skip (recipe),
    .version = "Giverny v" GV_VERSION,
  };
  g_autofree char *parameters = gv_infotext_write (&info);
  g_autofree char *json = gv_recipe_to_json (recipe);

  gv_image_set_text (self, "parameters", parameters);
  gv_image_set_text (self, "giverny", json);
}

GvRecipe *
gv_image_dup_recipe (GvImage *self, const char *name, GError **error)
{
  const char *json = gv_image_get_text (self, "giverny");
  g_autofree char *shown = gv_dup_shown (name);

  if (json)
    return gv_recipe_from_json (name, json, -1, error);
  g_set_error (error, GV_FORMAT_ERROR, GV_FORMAT_ERROR_UNSUPPORTED,
               _("“%s” carries no recipe of Giverny’s"), shown);
  return NULL;
}

bool
gv_image_compare (GvImage *a, GvImage *b, GvImageDifference *out)
{
  size_t n = (size_t) a->png.width * (size_t) a->png.height * 3;
  guint64 sum = 0, squares = 0;
  int max = 0;

  if (a->png.width != b->png.width || a->png.height != b->png.height)
    return false;
  for (size_t i = 0; i < n; i++) {
    int d = abs (a->png.rgb[i] - b->png.rgb[i]);

    sum += (guint64) d;
    squares += (guint64) (d * d);
    max = MAX (max, d);
  }
  out->max = max;
  out->mean = (double) sum / (double) n;
  out->psnr = squares ? 10 * log10 (255.0 * 255.0 * (double) n / (double) squares) : INFINITY;
  return true;
}

GvImage *
gv_image_enlarge (GvImage *self, int factor)
{
  int w = self->png.width * factor, h = self->png.height * factor;
  size_t stride = (size_t) w * 3;
  guint8 *rgb = g_malloc_n ((size_t) h, stride);

  for (int y = 0; y < h; y++) {
    guint8 *row = rgb + (size_t) y * stride;
    const guint8 *from = self->png.rgb + (size_t) (y / factor) * (size_t) self->png.width * 3;

    if (y % factor)
      memcpy (row, row - stride, stride);
    else
      for (int x = 0; x < w; x++)
        memcpy (row + 3 * x, from + 3 * (x / factor), 3);
  }
  return gv_image_new_take (w, h, rgb);
}

static bool
write_bytes (gpointer file, const void *data, size_t size, GError **error)
{
  return gv_atomic_file_write (file, data, size, error);
}

bool
gv_image_save (GvImage *self, const char *path, GError **error)
{
  g_autoptr (GvAtomicFile) file = gv_atomic_file_new (path, error);

  return file && gv_png_write (&self->png, write_bytes, file, error) &&
         gv_atomic_file_commit (file, error);
}

static GvImage *
load (const char *path,
      bool (*read) (FILE *, guint64, const char *, GvPng *, GError **),
      GError **error)
{
  g_autoptr (GvImage) self = gv_image_new_take (0, 0, NULL);
  g_autofree char *shown = gv_dup_shown (path);
  size_t size = 0;
  int fd = gv_open_regular (path, &size, error);
  FILE *file;
  bool ok;

  if (fd < 0)
    return NULL;
  file = fdopen (fd, "rb");
  if (!file) {
    g_set_error (error, GV_FORMAT_ERROR, GV_FORMAT_ERROR_IO, "“%s”: %s", shown, g_strerror (errno));
    close (fd);
    return NULL;
  }
  gv_png_clear (&self->png);
  ok = read (file, size, shown, &self->png, error);
  fclose (file);
  return ok ? g_steal_pointer (&self) : NULL;
}

GvImage *
gv_image_load (const char *path, GError **error)
{
  return load (path, gv_png_read, error);
}

GvImage *
gv_image_load_texts (const char *path, GError **error)
{
  return load (path, gv_png_read_texts, error);
}
