// SPDX-FileCopyrightText: Giverny contributors
// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * Scorers against transformers and lpips: tests/fixtures/scorers has tiny ones with random weights,
 * and what tests/oracle/make_scorers.py measured with them.  The mutants are scorers with a mistake
 * in their config, which the same comparison must refuse.
 */
#include "formula.h"

#include "formats/json.h"
#include "score/blip2.h"
#include "score/clip.h"
#include "score/definitions.h"
#include "score/lpips.h"

#include <glib/gstdio.h>
#include <math.h>
#include <string.h>

#define BAR 1e-3
#define N_PICTURES 6

static GvDevice *device;
static GvJson *fixture;
static GvImage *pictures[N_PICTURES];

static char *
scorer_path (const char *name)
{
  return g_test_build_filename (G_TEST_DIST, "fixtures", "scorers", name, NULL);
}

static GvJsonNode
get_rows (const char *name)
{
  GvJsonNode root = gv_json_root (fixture), rows;

  g_assert_true (gv_json_get_array (&root, name, &rows, NULL));
  g_assert_cmpuint (gv_json_get_n (&rows), >, 0);
  return rows;
}

static GvImage *
new_picture (const int size[2], int seed)
{
  return gv_image_new_take (size[0], size[1], formula_picture (size[0], size[1], seed));
}

static void
load_pictures (void)
{
  GvJsonNode sizes = get_rows ("sizes");

  g_assert_cmpuint (gv_json_get_n (&sizes), ==, N_PICTURES);
  for (int i = 0; i < N_PICTURES; i++) {
    GvJsonNode entry = gv_json_get_element (&sizes, (size_t) i);
    int size[2];
    size_t n;

    g_assert_true (gv_json_get_ints (&entry, NULL, 1, 10000, size, 2, &n, NULL));
    pictures[i] = new_picture (size, i);
  }
}

/* The largest distance of @found from what the row says. */
static double
get_error (const GvJsonNode *row, const char *key, const double *found)
{
  double expected[N_PICTURES], error = 0;
  size_t n = 0;

  g_assert_true (gv_json_get_doubles (row, key, expected, N_PICTURES, &n, NULL));
  g_assert_cmpuint (n, ==, N_PICTURES);
  for (size_t i = 0; i < n; i++)
    error = fmax (error, fabs (found[i] - expected[i]));
  return error;
}

/* CLIP. */

static double
compare_clip_row (GvClip *clip, const GvJsonNode *row, const float *seen)
{
  size_t width = (size_t) gv_clip_get_width (clip);
  const char *text = NULL;
  g_autofree float *read = NULL;
  g_autoptr (GError) error = NULL;
  double first[N_PICTURES], mean[N_PICTURES] = { 0 }, best[N_PICTURES];
  int n_chunks;

  g_assert_true (gv_json_get_string (row, "text", &text, NULL));
  read = gv_clip_read_text (clip, text, &n_chunks, NULL, &error);
  g_assert_no_error (error);
  for (size_t i = 0; i < N_PICTURES; i++) {
    best[i] = -1;
    for (size_t k = 0; k < (size_t) n_chunks; k++) {
      double cosine = gv_cosine (seen + i * width, read + k * width, width);

      if (k == 0)
        first[i] = cosine;
      mean[i] += cosine / n_chunks;
      best[i] = fmax (best[i], cosine);
    }
  }
  return fmax (get_error (row, "clip", first),
               fmax (get_error (row, "mean", mean), get_error (row, "best", best)));
}

static double
compare_clip (const char *path, const char *name)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GvClip) clip = gv_clip_new (device, path, &error);
  GvJsonNode rows = get_rows (name);
  g_autofree float *seen = NULL, *alone = NULL;
  double worst = 0;
  size_t width;

  g_assert_no_error (error);
  width = (size_t) gv_clip_get_width (clip);
  seen = g_new (float, N_PICTURES *width);
  alone = g_new (float, width);
  g_assert_true (gv_clip_see (clip, pictures, N_PICTURES, seen, NULL, NULL));
  g_assert_true (gv_clip_see (clip, pictures + 1, 1, alone, NULL, NULL));
  g_assert_cmpmem (alone, width * sizeof (float), seen + width, width * sizeof (float));
  for (size_t i = 0; i < gv_json_get_n (&rows); i++) {
    GvJsonNode row = gv_json_get_element (&rows, i);

    worst = fmax (worst, compare_clip_row (clip, &row, seen));
  }
  return worst;
}

/* BLIP-2. */

static double
compare_blip2_row (GvBlip2 *blip2, const GvJsonNode *row, const GvBlip2Picture *seen)
{
  const char *text = NULL;
  g_autoptr (GvBlip2Text) read = NULL;
  g_autoptr (GError) error = NULL;
  double contrast[N_PICTURES], match[N_PICTURES];

  g_assert_true (gv_json_get_string (row, "text", &text, NULL));
  read = gv_blip2_read_text (blip2, text, NULL, &error);
  g_assert_no_error (error);
  for (int i = 0; i < N_PICTURES; i++) {
    contrast[i] = gv_blip2_contrast (blip2, seen + i, read);
    g_assert_true (gv_blip2_match (blip2, seen + i, read, match + i, NULL, NULL));
  }
  return fmax (get_error (row, "blip2", contrast), get_error (row, "itm", match));
}

static double
compare_blip2 (const char *path, const char *name)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GvBlip2) blip2 = gv_blip2_new (device, path, &error);
  GvBlip2Picture seen[N_PICTURES] = { 0 };
  GvJsonNode rows = get_rows (name);
  double worst = 0;

  g_assert_no_error (error);
  g_assert_true (gv_blip2_see (blip2, pictures, GV_BLIP2_BATCH, true, seen, NULL, NULL));
  g_assert_true (gv_blip2_see (blip2, pictures + GV_BLIP2_BATCH, N_PICTURES - GV_BLIP2_BATCH, true,
                               seen + GV_BLIP2_BATCH, NULL, NULL));
  for (size_t i = 0; i < gv_json_get_n (&rows); i++) {
    GvJsonNode row = gv_json_get_element (&rows, i);

    worst = fmax (worst, compare_blip2_row (blip2, &row, seen));
  }
  for (int i = 0; i < N_PICTURES; i++)
    gv_blip2_picture_clear (seen + i);
  return worst;
}

/* LPIPS. */

static double
compare_lpips_row (GvLpips *lpips, const GvJsonNode *row)
{
  int from[2], to[2];
  size_t n;
  double expected = 0, found = 0;
  g_autoptr (GError) error = NULL;
  g_autoptr (GvImage) reference = NULL, image = NULL;

  g_assert_true (gv_json_get_ints (row, "reference", 1, 10000, from, 2, &n, NULL));
  g_assert_true (gv_json_get_ints (row, "image", 1, 10000, to, 2, &n, NULL));
  g_assert_true (gv_json_get_double (row, "lpips", &expected, NULL));
  reference = new_picture (from, 1);
  image = new_picture (to, 2);
  gv_lpips_compare (lpips, reference, image, &found, NULL, &error);
  g_assert_no_error (error);
  return fabs (found - expected);
}

static void
test_lpips (gconstpointer data)
{
  const char *name = data;
  g_autofree char *file = g_strdup_printf ("lpips-%s.safetensors", name);
  g_autofree char *key = g_strdup_printf ("lpips-%s", name);
  g_autofree char *path = scorer_path (file);
  g_autoptr (GError) error = NULL;
  g_autoptr (GvLpips) lpips = gv_lpips_new (device, path, &error);
  GvJsonNode rows = get_rows (key);

  g_assert_no_error (error);
  g_assert_cmpstr (gv_lpips_get_name (lpips), ==, name);
  for (int tile = 128; tile <= 2048; tile *= 16) /* in pieces where it is large, and whole */
    for (size_t i = 0; i < gv_json_get_n (&rows); i++) {
      GvJsonNode row = gv_json_get_element (&rows, i);

      gv_lpips_set_tile (lpips, tile);
      g_assert_cmpfloat (compare_lpips_row (lpips, &row), <, 1e-5);
    }
}

static void
test_lpips_limits (void)
{
  g_autofree char *path = scorer_path ("lpips-alex.safetensors");
  g_autoptr (GvLpips) lpips = gv_lpips_new (device, path, NULL);
  g_autoptr (GvImage) a = new_picture ((int[]) { 31, 31 }, 1),
                      b = new_picture ((int[]) { 30, 31 }, 1);
  g_autoptr (GError) error = NULL;
  double distance = 1;

  g_assert_true (gv_lpips_compare (lpips, a, a, &distance, NULL, NULL));
  g_assert_cmpfloat (distance, ==, 0);
  g_assert_true (gv_lpips_compare (lpips, a, b, &distance, NULL, NULL));
  g_assert_cmpfloat (distance, >, 0);
  g_assert_false (gv_lpips_compare (lpips, b, a, &distance, NULL, &error));
  g_assert_nonnull (strstr (error->message, "30"));
}

/* Folders with one word of a file replaced, and how far off the scores must be then. */

typedef double (*CompareFunc) (const char *path, const char *name);

static const struct
{
  const char *name, *file, *from, *to;
  CompareFunc compare;
} cases[] = {
  { "clip", NULL, NULL, NULL, compare_clip },
  { "clip-gelu", NULL, NULL, NULL, compare_clip },
  { "blip2", NULL, NULL, NULL, compare_blip2 },
  { "clip", "config.json", "\"quick_gelu\"", "\"gelu\"", compare_clip },
  { "clip", "config.json", "\"layer_norm_eps\": 1e-05", "\"layer_norm_eps\": 0.3", compare_clip },
  { "clip", "config.json", "\"num_attention_heads\": 4", "\"num_attention_heads\": 2",
    compare_clip },
  { "clip", "config.json", "\"num_attention_heads\": 3", "\"num_attention_heads\": 1",
    compare_clip },
  { "clip", "config.json", "\"num_hidden_layers\": 2", "\"num_hidden_layers\": 1", compare_clip },
  { "clip", "config.json", "\"eos_token_id\": ", "\"eos_token_id\": 1", compare_clip },
  { "clip", "preprocessor_config.json", "\"shortest_edge\": 32", "\"shortest_edge\": 40",
    compare_clip },
  { "clip", "preprocessor_config.json", "0.48145466", "0.58145466", compare_clip },
  { "blip2", "config.json", "\"cross_attention_frequency\": 2", "\"cross_attention_frequency\": 3",
    compare_blip2 },
  { "blip2", "config.json", "\"layer_norm_eps\": 1e-12", "\"layer_norm_eps\": 0.3", compare_blip2 },
  { "blip2", "config.json", "\"num_attention_heads\": 4", "\"num_attention_heads\": 2",
    compare_blip2 },
  { "blip2", "preprocessor_config.json", "\"do_rescale\": true", "\"do_rescale\": false",
    compare_blip2 },
};

static void
copy_file (const char *from, const char *to, const char *file, const char *word, const char *other)
{
  g_autofree char *src = g_build_filename (from, file, NULL),
                  *dst = g_build_filename (to, file, NULL);
  g_autoptr (GString) text = NULL;
  char *bytes;
  gsize size;

  g_assert_true (g_file_get_contents (src, &bytes, &size, NULL));
  text = g_string_new_take (bytes);
  text->len = size;
  if (word)
    g_assert_cmpuint (g_string_replace (text, word, other, 0), >, 0);
  g_assert_true (g_file_set_contents (dst, text->str, (gssize) text->len, NULL));
}

/* A folder in the temporary one with all files of @from, one of them changed. */
static char *
make_mutant (const char *from, const char *file, const char *word, const char *other)
{
  char *folder = g_dir_make_tmp ("gv-mutant-XXXXXX", NULL);
  g_autoptr (GDir) dir = g_dir_open (from, 0, NULL);
  const char *name;

  while ((name = g_dir_read_name (dir)))
    copy_file (from, folder, name, strcmp (name, file) == 0 ? word : NULL, other);
  return folder;
}

static void
remove_folder (const char *folder)
{
  g_autoptr (GDir) dir = g_dir_open (folder, 0, NULL);
  const char *name;

  while ((name = g_dir_read_name (dir))) {
    g_autofree char *path = g_build_filename (folder, name, NULL);

    g_unlink (path);
  }
  g_rmdir (folder);
}

static void
test_case (gconstpointer data)
{
  int i = GPOINTER_TO_INT (data);
  g_autofree char *path = scorer_path (cases[i].name);
  g_autofree char *mutant =
      cases[i].file ? make_mutant (path, cases[i].file, cases[i].from, cases[i].to) : NULL;
  double error = cases[i].compare (mutant ? mutant : path, cases[i].name);

  g_test_message ("largest error %.2g", error);
  if (mutant) {
    g_assert_cmpfloat (error, >, BAR);
    remove_folder (mutant);
  } else
    g_assert_cmpfloat (error, <, BAR);
}

static void
add_tests (void)
{
  static const char *const stacks[] = { "alex", "vgg", "squeeze" };

  for (size_t i = 0; i < G_N_ELEMENTS (cases); i++) {
    g_autofree char *name = cases[i].file ? g_strdup_printf ("/mutant/%s-%zu", cases[i].name, i)
                                          : g_strdup_printf ("/score-parity/%s", cases[i].name);

    g_test_add_data_func (name, GINT_TO_POINTER ((int) i), test_case);
  }
  for (size_t i = 0; i < G_N_ELEMENTS (stacks); i++) {
    g_autofree char *name = g_strdup_printf ("/score-parity/lpips-%s", stacks[i]);

    g_test_add_data_func (name, stacks[i], test_lpips);
  }
  g_test_add_func ("/score-parity/lpips-limits", test_lpips_limits);
}

int
main (int argc, char **argv)
{
  g_autofree char *path = NULL;
  g_autoptr (GError) error = NULL;
  int status;

  g_test_init (&argc, &argv, NULL);
  path = scorer_path ("scores.json");
  fixture = gv_json_open (path, 1 << 20, GV_JSON_PLAIN, &error);
  g_assert_no_error (error);
  load_pictures ();
  device = gv_device_open (g_getenv ("GV_DEVICE"), &error);
  g_assert_no_error (error);
  add_tests ();
  status = g_test_run ();
  gv_device_free (device);
  for (int i = 0; i < N_PICTURES; i++)
    gv_image_unref (pictures[i]);
  gv_json_free (fixture);
  return status;
}
