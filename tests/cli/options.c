// SPDX-FileCopyrightText: Giverny contributors
// SPDX-License-Identifier: GPL-3.0-or-later
/* The command line as a table, file names, and what a terminal gets to see. */
#include "generate-options.h"
#include "base/names.h"
#include "progress.h"
#include "terminal.h"

#include <glib/gstdio.h>
#include <string.h>

static bool
parse (const char *line, GvGenerateOptions *options, GPtrArray *words, bool *help, GError **error)
{
  g_auto (GStrv) argv = g_strsplit (line, " ", -1);

  gv_generate_options_init (options);
  return gv_options_parse (gv_generate_options, argv, options, words, help, error);
}

/* Each is taken; `what` reads a value back. */
static const struct
{
  const char *line;
  double value;
  size_t offset;
  bool real;
} good[] = {
  { "--width 16", 16, offsetof (GvGenerateOptions, width) },
  { "--width=16384", 16384, offsetof (GvGenerateOptions, width) },
  { "--width 512 --width 768", 768, offsetof (GvGenerateOptions, width) },
  { "--height 0072", 72, offsetof (GvGenerateOptions, height) },
  { "--steps 1000", 1000, offsetof (GvGenerateOptions, steps) },
  { "--count 1000", 1000, offsetof (GvGenerateOptions, count) },
  { "--clip-skip 2", 2, offsetof (GvGenerateOptions, clip_skip) },
  { "--cfg -1", -1, offsetof (GvGenerateOptions, cfg), true },
  { "--cfg=.5", 0.5, offsetof (GvGenerateOptions, cfg), true },
  { "--cfg 1.5e1", 15, offsetof (GvGenerateOptions, cfg), true },
  { "--cfg +7.", 7, offsetof (GvGenerateOptions, cfg), true },
  { "--profile comfyui --rng cpu --prompt-rule=comfyui --steps 9", 9,
    offsetof (GvGenerateOptions, steps) },
};

static void
test_good (void)
{
  for (size_t i = 0; i < G_N_ELEMENTS (good); i++) {
    g_autoptr (GPtrArray) words = g_ptr_array_new ();
    g_autoptr (GError) error = NULL;
    GvGenerateOptions options;
    const char *at = (const char *) &options + good[i].offset;
    bool help;

    if (!parse (good[i].line, &options, words, &help, &error))
      g_error ("%s: %s", good[i].line, error->message);
    if ((good[i].real ? *(const double *) at : *(const int *) at) != good[i].value)
      g_error ("%s: another value was read", good[i].line);
  }
}

/* Each is refused, and the sentence begins with the option. */
static const struct
{
  const char *line, *option;
} bad[] = {
  { "--widht 512", "--widht" },
  { "-w 512", "-w" },
  { "--width", "--width" },
  { "--width=", "--width" },
  { "--width 0", "--width" },
  { "--width 8", "--width" },
  { "--width 17", "--width" },
  { "--width 16392", "--width" },
  { "--width -64", "--width" },
  { "--width +64", "--width" },
  { "--width 64.0", "--width" },
  { "--width 6e1", "--width" },
  { "--width 0x40", "--width" },
  { "--width 64px", "--width" },
  { "--width 18446744073709551680", "--width" },
  { "--steps 0", "--steps" },
  { "--steps 1001", "--steps" },
  { "--count 0", "--count" },
  { "--count 1001", "--count" },
  { "--clip-skip 0", "--clip-skip" },
  { "--cfg nan", "--cfg" },
  { "--cfg inf", "--cfg" },
  { "--cfg 1e999", "--cfg" },
  { "--cfg 0x1p3", "--cfg" },
  { "--cfg 7,5", "--cfg" },
  { "--cfg .", "--cfg" },
  { "--cfg 1e", "--cfg" },
  { "--cfg --json", "--cfg" },
  { "--prompt --help", "--prompt" },
  { "--seed -1", "--seed" },
  { "--seed 1.5", "--seed" },
  { "--seed 18446744073709551616", "--seed" },
  { "--seed Random", "--seed" },
  { "--sampler plms", "--sampler" },
  { "--sampler uni_pc", "--sampler" },
  { "--sampler Euler", "--sampler" },
  { "--schedule ddim_uniform", "--schedule" },
  { "--schedule=", "--schedule" },
  { "--model=", "--model" },
  { "--out=", "--out" },
  { "--json=1", "--json" },
  { "--prompt \xc3\x28", "--prompt" },
  { "--out \xff.png", "--out" },
  { "--prompt --negative x", "--prompt" },
  { "--lora x.safetensors:much", "--lora" },
  { "--lora x.safetensors:nan", "--lora" },
  { "--lora x:y:1", "--lora" },
  { "--lora :1", "--lora" },
  { "--lora-blocks x.safetensors:1,2,3", "--lora-blocks" },
  { "--lora-blocks x.safetensors", "--lora-blocks" },
  { "--lora", "--lora" },
  { "--merge-lora=1", "--merge-lora" },
  { "--before-after=yes", "--before-after" },
  { "--region 0,0,8,8", "--region" },
  { "--region 0,0,8,0:x", "--region" },
  { "--region=", "--region" },
  { "--region", "--region" },
  { "--region-mode inside", "--region-mode" },
  { "--init a.png", "--init" },
  { "--guidance 3.5", "--guidance" },
  { "--profile a1111", "--profile" },
  { "--rng philox", "--rng" },
  { "--prompt-rule a1111", "--prompt-rule" },
  { "--low-memory", "--low-memory" },
  { "--budget 4", "--budget" },
};

static void
test_bad (void)
{
  for (size_t i = 0; i < G_N_ELEMENTS (bad); i++) {
    g_autoptr (GPtrArray) words = g_ptr_array_new ();
    g_autoptr (GError) error = NULL;
    g_autofree char *start = g_strconcat (bad[i].option, ":", NULL);
    GvGenerateOptions options;
    bool help;

    if (parse (bad[i].line, &options, words, &help, &error))
      g_error ("%s: taken", bad[i].line);
    if (!g_str_has_prefix (error->message, start) || strchr (error->message, '\n'))
      g_error ("%s: %s", bad[i].line, error->message);
  }
}

static void
test_words (void)
{
  g_autoptr (GPtrArray) words = g_ptr_array_new ();
  g_autoptr (GError) error = NULL;
  GvGenerateOptions options;
  char *argv[] = { "a", "--seed", "random", "-", "--json", "--", "--steps", "--", NULL };
  bool help;

  gv_generate_options_init (&options);
  g_assert_true (gv_options_parse (gv_generate_options, argv, &options, words, &help, &error));
  g_assert_no_error (error);
  g_assert_true (options.json && options.seed.random && !help);
  g_assert_cmpuint (words->len, ==, 4);
  g_assert_cmpstr (words->pdata[2], ==, "--steps");
  g_assert_true (parse ("--steps 5 --help --nonsense", &options, words, &help, &error));
  g_assert_true (help);
}

static void
test_prompt_length (void)
{
  g_autofree char *long_word = g_strnfill (65537, 'a');
  char *argv[] = { "--prompt", long_word, NULL };
  g_autoptr (GPtrArray) words = g_ptr_array_new ();
  GvGenerateOptions options;
  bool help;

  g_assert_false (gv_options_parse (gv_generate_options, argv, &options, words, &help, NULL));
  argv[1]++;
  g_assert_true (gv_options_parse (gv_generate_options, argv, &options, words, &help, NULL));
}

/* Regions keep their order; the 65th is one too many. */
static void
test_regions (void)
{
  char *argv[2 * 65 + 1] = { NULL };
  g_autoptr (GPtrArray) words = g_ptr_array_new ();
  g_autoptr (GError) error = NULL;
  GvGenerateOptions options;
  bool help;

  for (int i = 0; i < 130; i += 2) {
    argv[i] = (char *) "--region";
    argv[i + 1] = (char *) (i == 2 ? "8,8,8,8,2:b" : "0,0,8,8:a, b: c");
  }
  gv_generate_options_init (&options);
  g_assert_false (gv_options_parse (gv_generate_options, argv, &options, words, &help, &error));
  g_assert_true (g_str_has_prefix (error->message, "--region: "));
  argv[128] = NULL;
  gv_generate_options_init (&options);
  g_assert_true (gv_options_parse (gv_generate_options, argv, &options, words, &help, NULL));
  g_assert_cmpint (options.regions.n, ==, 64);
  g_assert_cmpstr (options.regions.values[1], ==, "8,8,8,8,2:b");
  g_assert_cmpstr (options.region_mode, ==, "area");
}

static void
test_nearest (void)
{
  static const char *const names[] = { "generate", "replay", "info", NULL };

  g_assert_cmpstr (gv_nearest_name ("genrate", names), ==, "generate");
  g_assert_cmpstr (gv_nearest_name ("inof", names), ==, "info");
  g_assert_cmpstr (gv_nearest_name ("", names), ==, NULL);
  g_assert_cmpstr (gv_nearest_name ("elephant", names), ==, NULL);
}

static void
test_names (void)
{
  static const struct
  {
    const char *prompt, *name;
  } rows[] = {
    { "A red boat, on (a lake:1.2)!", "a-red-boat-on-a-lake-1-2-7.png" },
    { "", "picture-7.png" },
    { "../../etc/passwd", "etc-passwd-7.png" },
    { "--- \n\t", "picture-7.png" },
    { "호수 위의 빨간 배", "호수-위의-빨간-배-7.png" },
    { "Café ÉTÉ", "café-été-7.png" },
    { "one two three four five six seven eight nine ten eleven twelve thirteen",
      "one-two-three-four-five-six-seven-eight-nine-ten-eleven-7.png" },
  };
  g_autofree char *endless = g_strnfill (60000, 'x'), *cut = NULL, *third = NULL, *odd = NULL;

  for (size_t i = 0; i < G_N_ELEMENTS (rows); i++) {
    g_autofree char *name = gv_name_for_prompt (rows[i].prompt, 7);

    g_assert_cmpstr (name, ==, rows[i].name);
  }
  cut = gv_name_for_prompt (endless, G_MAXUINT64);
  g_assert_cmpuint (strlen (cut), <, 100);
  third = gv_name_numbered ("a.b/c.PNG", 3);
  g_assert_cmpstr (third, ==, "a.b/c-3.png");
  odd = gv_name_numbered ("a.b/c", 0);
  g_assert_cmpstr (odd, ==, "a.b/c-0.png");
}

static void
test_absolute_path (void)
{
  g_autofree char *here = g_get_current_dir (), *expected = g_build_filename (here, "a/../b", NULL);
  g_autofree char *path = gv_absolute_path ("././a/../b"), *root = gv_absolute_path ("/x/../y");

  g_assert_cmpstr (path, ==, expected);
  g_assert_cmpstr (root, ==, "/x/../y");
}

static void
test_targets (void)
{
  g_autofree char *folder = g_dir_make_tmp ("giverny-names-XXXXXX", NULL);
  g_autofree char *file = g_build_filename (folder, "a.png", NULL);
  g_autofree char *inside = g_build_filename (file, "b.png", NULL);
  g_autofree char *lost = g_build_filename (folder, "no", "b.png", NULL);
  g_autofree char *second = g_build_filename (folder, "a-2.png", NULL), *unused = NULL;
  g_autoptr (GError) error = NULL;

  g_assert_true (gv_check_target ("--out", file, &error));
  g_assert_true (g_file_set_contents (file, "x", 1, NULL));
  g_assert_true (gv_check_target ("--out", file, &error));
  unused = gv_name_unused (file);
  g_assert_cmpstr (unused, ==, second);
  g_assert_false (gv_check_target ("--out", folder, NULL));
  g_assert_false (gv_check_target ("--out", inside, NULL));
  g_assert_false (gv_check_target ("--out", "/dev/null", NULL));
  g_assert_false (gv_check_folder ("--preview", file, NULL));
  g_assert_false (gv_check_target ("--out", lost, &error));
  g_assert_true (g_str_has_prefix (error->message, "--out: "));
  g_assert_cmpint (g_remove (file), ==, 0);
  g_assert_cmpint (g_rmdir (folder), ==, 0);
}

static void
test_one_line (void)
{
  g_autofree char *line = gv_one_line ("a\nb\r\x1b[31m\xff 물\xe2\x80\xae");

  g_assert_cmpstr (line, ==, "a\\nb\\x0d\\x1b[31m\xef\xbf\xbd 물\\u202e");
}

static void
test_progress (void)
{
  GvProgress p = { GV_STAGE_SAMPLING, 1, 3, 5, 20, 0, NULL };
  g_autofree char *line = gv_progress_line_format (&p, 2, 200), *narrow = NULL, *loading = NULL;

  g_assert_true (g_str_has_prefix (line, "2/3 "));
  g_assert_nonnull (strstr (line, " 5/20 "));
  g_assert_nonnull (strstr (line, "2.0 steps/s"));
  g_assert_nonnull (strstr (line, "0:18 left")); /* 15 steps here and 20 of the last picture */
  g_assert_nonnull (strstr (line, "██████░"));
  narrow = gv_progress_line_format (&p, 2, 20);
  g_assert_cmpint (gv_columns (narrow), ==, 20);
  p = (GvProgress) { GV_STAGE_LOADING, 0, 1, 0, 20, 0.5, NULL };
  loading = gv_progress_line_format (&p, 0, 80);
  g_assert_null (strstr (loading, "left"));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/options/good", test_good);
  g_test_add_func ("/options/bad", test_bad);
  g_test_add_func ("/options/words", test_words);
  g_test_add_func ("/options/prompt-length", test_prompt_length);
  g_test_add_func ("/options/regions", test_regions);
  g_test_add_func ("/options/nearest", test_nearest);
  g_test_add_func ("/cli/names", test_names);
  g_test_add_func ("/cli/absolute-path", test_absolute_path);
  g_test_add_func ("/cli/targets", test_targets);
  g_test_add_func ("/cli/one-line", test_one_line);
  g_test_add_func ("/cli/progress", test_progress);
  return g_test_run ();
}
