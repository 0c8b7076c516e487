// SPDX-FileCopyrightText: Giverny contributors
// SPDX-License-Identifier: GPL-3.0-or-later
/* Resizing and preprocessing against Pillow and transformers' processors, and hostile configs. */
#include "formula.h"

#include "base/errors.h"
#include "formats/json.h"
#include "score/preprocess.h"
#include "score/resize.h"

#include <glib/gstdio.h>
#include <math.h>
#include <string.h>

static GvJson *fixture;

static GvJsonNode
get_list (const char *name)
{
  GvJsonNode root = gv_json_root (fixture), list;

  g_assert_true (gv_json_get_array (&root, name, &list, NULL));
  g_assert_cmpuint (gv_json_get_n (&list), >, 0);
  return list;
}

static void
get_pair (const GvJsonNode *node, const char *key, int out[2])
{
  size_t n = 0;

  g_assert_true (gv_json_get_ints (node, key, 1, 1 << 20, out, 2, &n, NULL));
  g_assert_cmpuint (n, ==, 2);
}

static char *
digest (const guint8 *rgb, int width, int height)
{
  return g_compute_checksum_for_data (G_CHECKSUM_SHA256, rgb, (gsize) width * (gsize) height * 3);
}

static void
test_resize (void)
{
  GvJsonNode list = get_list ("resized");

  for (size_t i = 0; i < gv_json_get_n (&list); i++) {
    GvJsonNode row = gv_json_get_element (&list, i);
    g_autofree guint8 *src = NULL, *dst = NULL;
    g_autofree char *found = NULL;
    const char *expected = NULL;
    int from[2], to[2], seed = 0;

    get_pair (&row, "from", from);
    get_pair (&row, "to", to);
    g_assert_true (gv_json_get_int (&row, "seed", 0, 1000, &seed, NULL));
    g_assert_true (gv_json_get_string (&row, "sha256", &expected, NULL));
    src = formula_picture (from[0], from[1], seed);
    dst = gv_resize_bicubic (src, from[0], from[1], to[0], to[1], NULL);
    found = digest (dst, to[0], to[1]);
    g_test_message ("%dx%d to %dx%d", from[0], from[1], to[0], to[1]);
    g_assert_cmpstr (found, ==, expected);
  }
}

/* A window is what the whole picture has there, whichever pass comes first. */
static void
test_window (void)
{
  static const int sizes[][4] = {
    { 61, 40, 30, 90 }, { 40, 300, 24, 180 }, { 50, 50, 50, 20 },
    { 50, 50, 20, 50 }, { 9, 9, 40, 40 },
  };

  for (size_t i = 0; i < G_N_ELEMENTS (sizes); i++) {
    const int *s = sizes[i];
    g_autofree guint8 *src = formula_picture (s[0], s[1], 3);
    g_autofree guint8 *whole = gv_resize_bicubic (src, s[0], s[1], s[2], s[3], NULL);
    GvWindow w = { s[2] / 3, s[3] / 4, s[2] / 2, s[3] / 2 };
    g_autofree guint8 *part = gv_resize_bicubic (src, s[0], s[1], s[2], s[3], &w);

    for (int y = 0; y < w.height; y++)
      g_assert_cmpmem (part + y * w.width * 3, (gsize) w.width * 3,
                       whole + ((w.y + y) * s[2] + w.x) * 3, (gsize) w.width * 3);
  }
}

/* The number that a processor has at @index of [3, height, width]. */
static double
value_at (const GvPreprocess *p, const guint8 *rgb, int index)
{
  int area = p->width * p->height, c = index / area;

  return (rgb[index % area * 3 + c] * p->factor - p->mean[c]) / p->deviation[c];
}

static void
check_processed (const GvJsonNode *row)
{
  GvPreprocess p;
  const char *kind = NULL;
  g_autofree guint8 *rgb = NULL;
  g_autoptr (GvImage) image = NULL;
  GvJsonNode at;
  int from[2], size[2], seed = 0;
  double sum = 0, expected = 0;

  g_assert_true (gv_json_get_string (row, "kind", &kind, NULL));
  g_assert_true (gv_json_get_int (row, "seed", 0, 1000, &seed, NULL));
  g_assert_true (gv_json_get_double (row, "sum", &expected, NULL));
  get_pair (row, "from", from);
  get_pair (row, "size", size);
  gv_preprocess_init (&p, 56, strcmp (kind, "blip2") == 0);
  if (p.crop)
    p.width = p.height = 48;
  g_assert_cmpint (p.width, ==, size[0]);
  g_assert_cmpint (p.height, ==, size[1]);
  image = gv_image_new_take (from[0], from[1], formula_picture (from[0], from[1], seed));
  rgb = gv_preprocess_pixels (&p, image);
  for (int i = 0; i < 3 * p.width * p.height; i++)
    sum += value_at (&p, rgb, i);
  g_assert_cmpfloat_with_epsilon (sum, expected, 1e-3);
  g_assert_true (gv_json_get_array (row, "at", &at, NULL));
  for (size_t i = 0; i < gv_json_get_n (&at); i++) {
    GvJsonNode pair = gv_json_get_element (&at, i);
    double values[2] = { 0 };
    size_t n = 0;

    g_assert_true (gv_json_get_doubles (&pair, NULL, values, 2, &n, NULL));
    g_assert_cmpfloat_with_epsilon (value_at (&p, rgb, (int) values[0]), values[1], 1e-5);
  }
}

static void
test_processed (void)
{
  GvJsonNode list = get_list ("processed");

  for (size_t i = 0; i < gv_json_get_n (&list); i++) {
    GvJsonNode row = gv_json_get_element (&list, i);

    check_processed (&row);
  }
}

static void
test_patches (void)
{
  GvPreprocess p;
  g_autoptr (GvImage) image = gv_image_new_take (9, 9, formula_picture (9, 9, 1));
  g_autofree guint8 *rgb = NULL;
  float out[4 * 12];

  gv_preprocess_init (&p, 5, true); /* a patch of 2: the fifth row and column are left out */
  rgb = gv_preprocess_pixels (&p, image);
  gv_preprocess_patches (&p, image, 2, out);
  for (int patch = 0; patch < 4; patch++)
    for (int i = 0; i < 12; i++) {
      int y = patch / 2 * 2 + i % 4 / 2, x = patch % 2 * 2 + i % 2;

      g_assert_cmpfloat_with_epsilon (out[patch * 12 + i],
                                      value_at (&p, rgb, i / 4 * 25 + y * 5 + x), 1e-6);
    }
}

static const struct
{
  const char *file, *text, *error;
  int edge, width, height;
} configs[] = {
  { "preprocessor_config.json", "{}", NULL, 56, 56, 56 },
  { NULL, NULL, NULL, 56, 56, 56 },
  { "preprocessor_config.json", "{\"size\": 40, \"crop_size\": 30}", NULL, 40, 30, 30 },
  { "preprocessor_config.json",
    "{\"size\": {\"shortest_edge\": 40}, \"crop_size\": {\"height\": 32, \"width\": 24}, "
    "\"do_pad\": null}",
    NULL, 40, 24, 32 },
  { "preprocessor_config.json",
    "{\"size\": {\"height\": 20, \"width\": 30}, \"do_center_crop\": false, \"crop_size\": null}",
    NULL, 0, 30, 20 },
  { "processor_config.json",
    "{\"image_processor\": {\"size\": {\"shortest_edge\": 48}, \"crop_size\": 48}}", NULL, 48, 48,
    48 },
  { "processor_config.json", "{\"tokenizer\": {}}", "image_processor", 0, 0, 0 },
  { "preprocessor_config.json", "{\"resample\": 2}", "resample", 0, 0, 0 },
  { "preprocessor_config.json", "{\"size\": 40, \"crop_size\": 41}", "crop_size", 0, 0, 0 },
  { "preprocessor_config.json", "{\"size\": 100000}", "size", 0, 0, 0 },
  { "preprocessor_config.json", "{\"size\": {\"shortest_edge\": 0}}", "shortest_edge", 0, 0, 0 },
  { "preprocessor_config.json", "{\"image_std\": [1, 1, 0]}", "image_std", 0, 0, 0 },
  { "preprocessor_config.json", "{\"image_mean\": [1, 1]}", "image_mean", 0, 0, 0 },
  { "preprocessor_config.json", "{\"do_center_crop\": false}", "do_center_crop", 0, 0, 0 },
  { "preprocessor_config.json", "[1]", "preprocessor_config.json", 0, 0, 0 },
  { "preprocessor_config.json", "{\"size\":", "preprocessor_config.json", 0, 0, 0 },
};

static void
test_configs (void)
{
  for (size_t i = 0; i < G_N_ELEMENTS (configs); i++) {
    g_autofree char *folder = g_dir_make_tmp ("gv-preprocess-XXXXXX", NULL);
    g_autofree char *path = NULL;
    g_autoptr (GError) error = NULL;
    GvPreprocess p;
    bool ok;

    if (configs[i].file) {
      path = g_build_filename (folder, configs[i].file, NULL);
      g_assert_true (g_file_set_contents (path, configs[i].text, -1, NULL));
    }
    gv_preprocess_init (&p, 56, false);
    ok = gv_preprocess_open (&p, folder, &error);
    if (configs[i].error) {
      g_assert_false (ok);
      g_assert_nonnull (strstr (error->message, configs[i].error));
    } else {
      g_assert_no_error (error);
      g_assert_cmpint (p.shortest_edge, ==, configs[i].edge);
      g_assert_cmpint (p.width, ==, configs[i].width);
      g_assert_cmpint (p.height, ==, configs[i].height);
    }
    if (path)
      g_unlink (path);
    g_rmdir (folder);
  }
}

/* A strip of one pixel would be three million pixels long: only the crop of it is made. */
static void
test_strip (void)
{
  g_autoptr (GvImage) image = gv_image_new_take (1, 16384, formula_picture (1, 16384, 1));
  GvPreprocess p;
  g_autofree guint8 *rgb = NULL;

  gv_preprocess_init (&p, 224, false);
  rgb = gv_preprocess_pixels (&p, image);
  g_assert_nonnull (rgb);
}

int
main (int argc, char **argv)
{
  g_autofree char *path = NULL;
  int status;

  g_test_init (&argc, &argv, NULL);
  path = g_test_build_filename (G_TEST_DIST, "fixtures", "score", "pictures.json", NULL);
  fixture = gv_json_open (path, 1 << 20, GV_JSON_PLAIN, NULL);
  g_assert_nonnull (fixture);
  g_test_add_func ("/score/resize", test_resize);
  g_test_add_func ("/score/resize-window", test_window);
  g_test_add_func ("/score/processors", test_processed);
  g_test_add_func ("/score/patches", test_patches);
  g_test_add_func ("/score/preprocessor-configs", test_configs);
  g_test_add_func ("/score/strip", test_strip);
  status = g_test_run ();
  gv_json_free (fixture);
  return status;
}
