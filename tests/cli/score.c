// SPDX-FileCopyrightText: Giverny contributors
// SPDX-License-Identifier: GPL-3.0-or-later
/* giverny-cli score and evaluate from end to end, with tiny scorers: columns, what is null, files,
 * resuming. */
#include "program.h"

#include "../score/formula.h"

#include "giverny.h"

#include <glib/gstdio.h>
#include <math.h>
#include <string.h>
#include <yyjson.h>

#define HEADER "file,clip,blip2,lpips,clip_norm,blip2_norm,lpips_norm,total,passed\n"

static char *folder, *clip, *blip2, *lpips; /* (owned) */

static void
write_picture (const char *name, int width, int height, int seed)
{
  g_autofree char *path = g_build_filename (folder, name, NULL);
  g_autoptr (GvImage) image =
      gv_image_new_take (width, height, formula_picture (width, height, seed));

  g_assert_true (gv_image_save (image, path, NULL));
}

static void
write_text (const char *name, const char *text)
{
  g_autofree char *path = g_build_filename (folder, name, NULL);

  g_assert_true (g_file_set_contents (path, text, -1, NULL));
}

static char *
read_text (const char *name)
{
  g_autofree char *path = g_build_filename (folder, name, NULL);
  char *text = NULL;

  g_assert_true (g_file_get_contents (path, &text, NULL, NULL));
  return text;
}

/* Success is expected. */
static char *
run (const char *format, ...)
{
  g_autofree char *line = NULL;
  va_list args;
  Ended ended;

  va_start (args, format);
  line = g_strdup_vprintf (format, args);
  va_end (args);
  ended = program_run_line (folder, line);
  if (ended.code != 0)
    g_error ("%s: %d, “%s”", line, ended.code, ended.err);
  g_free (ended.err);
  return ended.out;
}

static yyjson_doc *
parse (const char *text)
{
  yyjson_doc *doc = yyjson_read (text, strlen (text), 0);

  g_assert_nonnull (doc);
  g_assert_true (yyjson_is_arr (yyjson_doc_get_root (doc)));
  return doc;
}

static double
number (yyjson_val *object, const char *key)
{
  yyjson_val *value = yyjson_obj_get (object, key);

  g_assert_true (yyjson_is_num (value));
  return yyjson_get_num (value);
}

/* tests/fixtures/scorers/scores.json, first text, pictures 1 and 2. */
static void
test_json (void)
{
  static const char *const keys[] = {
    "file",       "clip",  "blip2",  "lpips",     "clip_norm",        "blip2_norm",
    "lpips_norm", "total", "passed", "blip2_itm", "clip_chunks_mean", "clip_chunks_best"
  };
  g_autofree char *out =
      run ("score --prompt boat --reference b.png --clip %s --blip2 %s --lpips %s --format json "
           "a.png b.png",
           clip, blip2, lpips);
  yyjson_doc *doc = parse (out);
  yyjson_val *list = yyjson_doc_get_root (doc), *a = yyjson_arr_get (list, 0);
  yyjson_val *b = yyjson_arr_get (list, 1);

  g_assert_cmpuint (yyjson_arr_size (list), ==, 2);
  for (size_t i = 0; i < G_N_ELEMENTS (keys); i++)
    g_assert_nonnull (yyjson_obj_get (a, keys[i]));
  g_assert_cmpstr (yyjson_get_str (yyjson_obj_get (a, "file")), ==, "a.png");
  g_assert_cmpstr (yyjson_get_str (yyjson_obj_get (b, "file")), ==, "b.png");
  g_assert_cmpfloat (number (a, "lpips"), >, 0);
  g_assert_cmpfloat (number (b, "lpips"), ==, 0);
  g_assert_cmpfloat (number (b, "lpips_norm"), ==, 1);
  g_assert_cmpfloat_with_epsilon (number (b, "total"),
                                  0.2 * number (b, "clip_norm") + 0.3 +
                                      0.5 * number (b, "blip2_norm"),
                                  1e-12);
  g_assert_false (yyjson_get_bool (yyjson_obj_get (b, "passed")));
  g_assert_cmpstr (yyjson_get_str (yyjson_obj_get (yyjson_obj_get (b, "models"), "clip")), ==,
                   clip);
  yyjson_doc_free (doc);
}

static void
test_null (void)
{
  g_autofree char *csv = run ("score --prompt boat --clip %s --format csv a.png", clip);
  g_autofree char *json =
      run ("score --prompt boat --clip %s --lpips %s --format json a.png", clip, lpips);
  g_auto (GStrv) lines = g_strsplit (csv, "\n", 0), fields = g_strsplit (lines[1], ",", 0);
  yyjson_doc *doc = parse (json);
  yyjson_val *a = yyjson_arr_get (yyjson_doc_get_root (doc), 0);

  g_assert_true (g_str_has_prefix (csv, HEADER));
  g_assert_cmpuint (g_strv_length (fields), ==, 9);
  g_assert_cmpstr (fields[0], ==, "a.png");
  g_assert_cmpfloat (fabs (g_ascii_strtod (fields[1], NULL)), >, 0);
  for (int i = 2; i < 9; i++)
    g_assert_cmpint (*fields[i] != '\0', ==, i == 4);
  for (size_t i = 0; i < 5; i++)
    g_assert_true (yyjson_is_null (yyjson_obj_get (a,
                                                   (const char *[]) { "blip2", "lpips", "total",
                                                                      "passed", "blip2_itm" }[i])));
  yyjson_doc_free (doc);
}

static void
test_columns (void)
{
  g_autofree char *csv =
      run ("score --prompt boat --clip %s --format csv --clipscore --z-scores a.png b.png", clip);
  g_autofree char *table = run ("score --prompt boat --clip %s a.png", clip);

  g_assert_nonnull (strstr (csv, "passed,clipscore,z\n"));
  g_assert_nonnull (strstr (table, "a.png"));
}

static void
test_failures (void)
{
  const struct
  {
    const char *line;
    int code;
    const char *word;
  } rows[] = {
    { "score --prompt x --clip /nowhere a.png", 1, "/nowhere" },
    { "score --prompt x --clip . a.png", 1, "config.json" },
    { "score --prompt x --lpips a.png a.png", 1, "a.png" },
    { "score --prompt x missing.png", 1, "missing.png" },
    { "score a.png", 2, "--prompt" },
    { "score --prompt x", 2, "IMG" },
    { "score --prompt x --format xml a.png", 2, "--format" },
    { "evaluate .", 2, "--prompts" },
    { "evaluate nowhere --prompts list.csv", 1, "nowhere" },
    { "evaluate . --prompts broken.csv", 1, "line 2" },
    { "evaluate . --prompts broken.jsonl", 1, "line 2" },
    { "evaluate . --prompts gone.csv", 1, "gone.png" },
    { "evaluate . --prompts list.csv --out no/where", 1, "--out" },
  };

  write_text ("broken.csv", "file,prompt\na.png,\"never closed\n");
  write_text ("broken.jsonl", "{\"file\": \"a.png\", \"prompt\": \"x\"}\n{\"file\": 3}\n");
  write_text ("gone.csv", "file,prompt\ngone.png,x\n");
  write_text ("list.csv", "file,prompt\na.png,x\n");
  for (size_t i = 0; i < G_N_ELEMENTS (rows); i++) {
    g_auto (Ended) ended = program_run_line (folder, rows[i].line);

    program_check_failed (&ended, rows[i].code, rows[i].word, rows[i].line);
  }
}

static void
test_evaluate (void)
{
  static const char *const files[] = { "scores.csv", "scores.json", "contact-sheet.png" };
  g_autofree char *first = NULL, *again = NULL, *json = NULL;
  g_autofree char *finals = g_build_filename (folder, "out", "finals", NULL);

  write_text ("prompts.csv",
              "\xef\xbb\xbf"
              "reference,file,prompt\r\nb.png,a.png,\"a red boat, at \"\"sunset\"\"\"\r\n"
              "b.png,b.png,boat\r\n");
  first =
      run ("evaluate . --prompts prompts.csv --clip %s --blip2 %s --lpips %s --finals 1 --out out "
           "--format csv",
           clip, blip2, lpips);
  for (size_t i = 0; i < G_N_ELEMENTS (files); i++) {
    g_autofree char *path = g_build_filename (folder, "out", files[i], NULL);

    g_assert_true (g_file_test (path, G_FILE_TEST_IS_REGULAR));
  }
  g_assert_cmpint (folder_count (finals), ==, 1);
  g_assert_nonnull (strstr (first, "\nb.png,"));
  g_assert_nonnull (strstr (first, "\"a red boat, at \"\"sunset\"\"\""));
  json = read_text ("out/scores.json");
  g_assert_nonnull (strstr (json, "\"rank\": 1"));
  /* Nothing is left to score: no device is needed. */
  again =
      run ("evaluate . --prompts prompts.csv --clip %s --blip2 %s --lpips %s --finals 1 --out out "
           "--format csv --device no-such-device",
           clip, blip2, lpips);
  g_assert_cmpstr (again, ==, first);
}

/* Another prompt is another score; so are other scorers. */
static void
test_not_resumed (void)
{
  g_auto (Ended) ended = { 0 };
  g_autofree char *line =
      g_strdup_printf ("evaluate . --prompts other.csv --clip %s --blip2 %s --lpips %s --out out "
                       "--device no-such-device",
                       clip, blip2, lpips);

  write_text ("other.csv", "file,prompt,reference\na.png,another,b.png\n");
  ended = program_run_line (folder, line);
  program_check_failed (&ended, 1, "no-such-device", line);
}

int
main (int argc, char **argv)
{
  int status;

  g_test_init (&argc, &argv, NULL);
  folder = g_dir_make_tmp ("gv-score-XXXXXX", NULL);
  clip = g_test_build_filename (G_TEST_DIST, "fixtures", "scorers", "clip", NULL);
  blip2 = g_test_build_filename (G_TEST_DIST, "fixtures", "scorers", "blip2", NULL);
  lpips =
      g_test_build_filename (G_TEST_DIST, "fixtures", "scorers", "lpips-alex.safetensors", NULL);
  write_picture ("a.png", 57, 91, 1);
  write_picture ("b.png", 64, 64, 2);
  g_test_add_func ("/cli/score/json", test_json);
  g_test_add_func ("/cli/score/null", test_null);
  g_test_add_func ("/cli/score/columns", test_columns);
  g_test_add_func ("/cli/score/failures", test_failures);
  g_test_add_func ("/cli/evaluate/files", test_evaluate);
  g_test_add_func ("/cli/evaluate/not-resumed", test_not_resumed);
  status = g_test_run ();
  folder_remove (folder);
  g_free (clip);
  g_free (blip2);
  g_free (lpips);
  return status;
}
