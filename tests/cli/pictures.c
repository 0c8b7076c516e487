// SPDX-FileCopyrightText: Giverny contributors
// SPDX-License-Identifier: GPL-3.0-or-later
/* giverny-cli from end to end with a small model: what it writes, prints, and leaves alone. */
#include "program.h"

#include "giverny.h"
#include "tiny-model.h"
#include "formats/safetensors.h"

#include <gio/gio.h>
#include <glib/gstdio.h>
#include <string.h>
#include <yyjson.h>

static char *folder, *model; /* (owned) */

/* Runs with the small model, at its quickest, and expects success. */
static Ended
generate (const char *options)
{
  g_autofree char *line =
      g_strdup_printf ("generate --model %s --width 32 --height 40 --steps 2 %s", model, options);
  Ended ended = program_run_line (folder, line);

  if (ended.code != 0)
    g_error ("%s: %d, “%s”", line, ended.code, ended.err);
  return ended;
}

static char *
in_folder (const char *name)
{
  return g_build_filename (folder, name, NULL);
}

static GvImage *
load (const char *name)
{
  g_autofree char *path = in_folder (name);
  g_autoptr (GError) error = NULL;
  GvImage *image = gv_image_load (path, &error);

  g_assert_no_error (error);
  return image;
}

static void
check_same_bytes (const char *a, const char *b)
{
  g_autofree char *path_a = in_folder (a), *path_b = in_folder (b), *bytes_a = NULL,
                  *bytes_b = NULL;
  gsize n_a, n_b;

  g_assert_true (g_file_get_contents (path_a, &bytes_a, &n_a, NULL));
  g_assert_true (g_file_get_contents (path_b, &bytes_b, &n_b, NULL));
  g_assert_cmpmem (bytes_a, n_a, bytes_b, n_b);
}

static void
remove_file (const char *name)
{
  g_autofree char *path = in_folder (name);

  g_assert_cmpint (g_remove (path), ==, 0);
}

static void
test_picture (void)
{
  g_auto (Ended) ended =
      generate ("--prompt boat --negative fog --seed 18446744073709551615 --sampler "
                "dpmpp_2m --schedule karras --cfg 3.5 --out a.png");
  g_autoptr (GvImage) image = load ("a.png");
  g_autoptr (GvRecipe) recipe = gv_image_dup_recipe (image, "a.png", NULL);
  const char *parameters = gv_image_get_text (image, "parameters");

  g_assert_cmpstr (ended.out, ==, "");
  g_assert_cmpstr (ended.err, ==, "");
  g_assert_cmpint (gv_image_get_width (image), ==, 32);
  g_assert_cmpint (gv_image_get_height (image), ==, 40);
  g_assert_cmpstr (gv_recipe_get_prompt (recipe), ==, "boat");
  g_assert_cmpstr (gv_recipe_get_negative (recipe), ==, "fog");
  g_assert_cmpstr (gv_recipe_get_model (recipe), ==, model);
  g_assert_cmpstr (gv_recipe_get_sampler (recipe), ==, "dpmpp_2m");
  g_assert_cmpuint (gv_recipe_get_seed (recipe), ==, G_MAXUINT64);
  g_assert_true (g_str_has_prefix (parameters,
                                   "boat\nNegative prompt: fog\nSteps: 2, Sampler: DPM++ 2M, "
                                   "Schedule type: Karras, CFG scale: 3.5, "
                                   "Seed: 18446744073709551615, Size: 32x40, Model: "));
  remove_file ("a.png");
}

/* The same options in another order and form give the same bytes. */
static void
test_same_bytes (void)
{
  g_auto (Ended) first = generate ("--prompt boat --sampler euler_a --seed 3 --out a.png");
  g_auto (Ended) second = generate ("--seed=3 --out=b.png --prompt=boat --sampler=euler_a");

  check_same_bytes ("a.png", "b.png");
  remove_file ("a.png");
  remove_file ("b.png");
}

/* Both ways, each the same twice; percent are the pixels that they come to, and replay agrees. */
static void
test_regions (void)
{
  static const char *const modes[] = { "area", "attention" };
  g_auto (Ended) plain = generate ("--prompt boat --out c.png");

  for (int i = 0; i < 2; i++) {
    g_autofree char *pixels = g_strdup_printf ("--prompt boat --region 0,16,16,24,1.2:cat --region "
                                               "8,0,800,24:dog --region-mode %s --out a.png",
                                               modes[i]);
    g_autofree char *percent = g_strdup_printf ("--prompt boat --region 0%%,40%%,50%%,60%%,1.2:cat "
                                                "--region 8,0,24,24:dog --region-mode=%s "
                                                "--out b.png",
                                                modes[i]);
    g_auto (Ended) first = generate (pixels);
    g_auto (Ended) second = generate (percent);
    g_auto (Ended) again = { 0 };
    g_autoptr (GvImage) a = load ("a.png");
    g_autoptr (GvImage) b = load ("b.png");
    g_autoptr (GvImage) c = load ("c.png");
    GvImageDifference difference;

    g_assert_true (gv_image_compare (a, b, &difference) && difference.max == 0);
    g_assert_true (gv_image_compare (a, c, &difference) && difference.max > 0);
    again = program_run_line (folder, "replay a.png");
    g_assert_cmpint (again.code, ==, 0);
    remove_file ("a.png");
    remove_file ("b.png");
  }
  remove_file ("c.png");
}

static void
test_count (void)
{
  g_auto (Ended) many =
      generate ("--prompt boat --seed 5 --count 3 --out many.png --latents-out l.safetensors");
  g_autofree char *latents = in_folder ("l.safetensors");
  g_autoptr (GvSafetensors) file = gv_safetensors_open (latents, NULL);
  const GvSafetensor *tensor = gv_safetensors_find (file, "latents");
  float values[3][4 * 5 * 4];

  g_assert_cmpint (tensor->rank, ==, 4);
  g_assert_true (tensor->shape[0] == 3 && tensor->shape[1] == 4 && tensor->shape[2] == 5 &&
                 tensor->shape[3] == 4 && tensor->dtype == GV_F32);
  g_assert_true (gv_safetensors_read (file, tensor, 0, sizeof values, values, NULL));
  for (int i = 0; i < 3; i++) {
    g_autofree char *name = g_strdup_printf ("many-%d.png", i);
    g_autofree char *options =
        g_strdup_printf ("--prompt boat --seed %d --out one.png --latents-out one.safetensors",
                         5 + i);
    g_auto (Ended) one = generate (options);
    g_autofree char *one_path = in_folder ("one.safetensors");
    g_autoptr (GvSafetensors) one_file = gv_safetensors_open (one_path, NULL);
    const GvSafetensor *one_tensor = gv_safetensors_find (one_file, "latents");
    float alone[4 * 5 * 4];

    check_same_bytes (name, "one.png");
    g_assert_true (gv_safetensors_read (one_file, one_tensor, 0, sizeof alone, alone, NULL));
    g_assert_cmpmem (alone, sizeof alone, values[i], sizeof values[i]);
    remove_file (name);
  }
  remove_file ("one.png");
  remove_file ("one.safetensors");
  remove_file ("l.safetensors");
}

static void
test_preview_and_name (void)
{
  g_auto (Ended) first = generate ("--prompt boat --preview steps");
  g_auto (Ended) second = generate ("--prompt boat");
  g_autofree char *steps = in_folder ("steps");
  g_autoptr (GvImage) step = load ("steps/step-001.png");

  g_assert_cmpstr (first.out, ==, "boat-0.png\n");
  g_assert_cmpstr (second.out, ==, "boat-0-2.png\n");
  g_assert_cmpint (folder_count (steps), ==, 2);
  g_assert_cmpint (gv_image_get_width (step), ==, 32);
  g_assert_cmpint (gv_image_get_height (step), ==, 40);
  check_same_bytes ("boat-0.png", "boat-0-2.png");
  remove_file ("boat-0.png");
  remove_file ("boat-0-2.png");
  remove_file ("steps/step-001.png");
  remove_file ("steps/step-002.png");
}

static void
test_json (void)
{
  g_auto (Ended) ended = generate ("--prompt boat --seed random --json --out a.png");
  yyjson_doc *doc = yyjson_read (ended.out, strlen (ended.out), 0);
  yyjson_val *root = yyjson_doc_get_root (doc);
  g_autoptr (GvImage) image = load ("a.png");
  g_autoptr (GvRecipe) recipe = gv_image_dup_recipe (image, "a.png", NULL);

  g_assert_true (yyjson_is_obj (root));
  g_assert_cmpstr (yyjson_get_str (yyjson_ptr_get (root, "/files/0")), ==, "a.png");
  g_assert_cmpuint (yyjson_get_uint (yyjson_obj_get (root, "seed")), ==,
                    gv_recipe_get_seed (recipe));
  g_assert_cmpint (yyjson_get_int (yyjson_obj_get (root, "height")), ==, 40);
  g_assert_cmpfloat (yyjson_get_num (yyjson_obj_get (root, "cfg")), ==, 7);
  yyjson_doc_free (doc);
  remove_file ("a.png");
}

static void
test_random_seed_is_printed (void)
{
  g_auto (Ended) ended = generate ("--prompt boat --seed random --out a.png");
  g_autoptr (GvImage) image = load ("a.png");
  g_autoptr (GvRecipe) recipe = gv_image_dup_recipe (image, "a.png", NULL);
  g_autofree char *line =
      g_strdup_printf ("seed: %" G_GUINT64_FORMAT "\n", gv_recipe_get_seed (recipe));

  g_assert_cmpstr (ended.out, ==, line);
  remove_file ("a.png");
}

/* Writes @name with one value of its picture changed, and the recipe as it was. */
static void
spoil (const char *name)
{
  g_autoptr (GvImage) image = load (name), changed = NULL;
  g_autofree char *path = in_folder (name);
  size_t n = 32 * 40 * 3;
  guint8 *rgb = g_memdup2 (gv_image_get_rgb (image), n);

  rgb[100] ^= 0x40;
  changed = gv_image_new_take (32, 40, rgb);
  gv_image_set_text (changed, "giverny", gv_image_get_text (image, "giverny"));
  g_assert_true (gv_image_save (changed, path, NULL));
}

static void
test_replay (void)
{
  g_auto (Ended) ended = generate ("--prompt boat --sampler lcm --out a.png");
  g_auto (Ended) same = program_run_line (folder, "replay a.png --out again.png");
  g_auto (Ended) other = { 0 };

  g_assert_cmpint (same.code, ==, 0);
  g_assert_cmpstr (same.out, ==, "a.png: the same\n");
  check_same_bytes ("a.png", "again.png");
  spoil ("a.png");
  other = program_run_line (folder, "replay a.png");
  program_check_failed (&other, 1, "by at most 64 of 255", "replay of a changed picture");
  remove_file ("a.png");
  remove_file ("again.png");
}

static void
test_info (void)
{
  g_auto (Ended) made = generate ("--prompt boat --out a.png");
  g_auto (Ended) ended = program_run (folder, (const char *[]) { "info", "a.png", model, NULL });
  g_auto (Ended) failed = program_run_line (folder, "info a.png no.png");

  g_assert_cmpint (ended.code, ==, 0);
  g_assert_true (g_str_has_prefix (ended.out, "a.png\n"));
  g_assert_nonnull (strstr (ended.out, "boat\n"));
  g_assert_nonnull (strstr (ended.out, model));
  g_assert_cmpint (failed.code, ==, 1);
  g_assert_true (g_str_has_prefix (failed.out, "a.png\n"));
  g_assert_true (g_str_has_suffix (failed.err, "\n") && strchr (failed.err, '\n')[1] == '\0');
  remove_file ("a.png");
}

/* Words that say nothing to a model are named on one line, and nothing else changes. */
static void
test_hint (void)
{
  g_auto (Ended) plain = generate ("--prompt boat --out a.png");
  g_autofree char *line =
      g_strdup_printf ("generate --model %s --width 32 --height 40 --steps 1 --out b.png", model);
  g_auto (GStrv) words = g_strsplit (line, " ", -1);
  g_autoptr (GStrvBuilder) all = g_strv_builder_new ();
  g_auto (GStrv) final = NULL;
  g_auto (Ended) korean = { 0 };

  g_assert_cmpstr (plain.err, ==, "");
  g_strv_builder_addv (all, (const char **) words);
  g_strv_builder_add_many (all, "--prompt", "호수 위의 boat", "--negative", "안개", NULL);
  final = g_strv_builder_end (all);
  korean = program_run (folder, (const char *const *) final);
  g_assert_cmpint (korean.code, ==, 0);
  g_assert_cmpstr (korean.out, ==, "");
  g_assert_nonnull (strstr (korean.err, "호수, 위의, 안개\n"));
  g_assert_true (strchr (korean.err, '\n')[1] == '\0');
  remove_file ("a.png");
  remove_file ("b.png");
}

/* The starter goes by its name, and lists its words. */
static void
test_info_words (void)
{
  g_auto (Ended) starter = program_run_line (folder, "info starter");

  g_assert_cmpint (starter.code, ==, 0);
  g_assert_nonnull (strstr (starter.out, "words it knows:"));
  g_assert_nonnull (strstr (starter.out, " boat, "));
}

static void
test_devices (void)
{
  g_auto (Ended) table = program_run_line (folder, "devices");
  g_auto (Ended) json = program_run_line (folder, "devices --json");
  yyjson_doc *doc = yyjson_read (json.out, strlen (json.out), 0);
  yyjson_val *device = yyjson_ptr_get (yyjson_doc_get_root (doc), "/devices/0");

  g_assert_cmpint (table.code, ==, 0);
  g_assert_nonnull (strstr (table.out, yyjson_get_str (yyjson_obj_get (device, "name"))));
  yyjson_doc_free (doc);
}

/* Failures that the engine meets; each leaves the folder as it was. */
static void
test_failures (void)
{
  static const struct
  {
    const char *line, *word;
    int code;
  } rows[] = {
    { "generate --model no --out a.png", "no", 1 },
    { "generate --model /dev/zero --out a.png", "/dev/zero", 1 },
    { "generate --model steps --out a.png", "steps", 1 },
    { "generate --device 99 --out a.png", "99", 1 },
    { "generate --device nonsense --out a.png", "nonsense", 1 },
  };

  for (size_t i = 0; i < G_N_ELEMENTS (rows); i++) {
    g_auto (Ended) ended = program_run_line (folder, rows[i].line);

    program_check_failed (&ended, rows[i].code, rows[i].word, rows[i].line);
  }
  g_assert_cmpint (folder_count (folder), ==, 2); /* the model and steps */
}

static gboolean
interrupt (gpointer process)
{
  g_subprocess_send_signal (process, SIGINT);
  return G_SOURCE_REMOVE;
}

/* Interrupted at several moments: one line, exit code 1, and no file. */
static void
test_interrupt (void)
{
  for (int after_ms = 200; after_ms <= 1800; after_ms += 800) {
    g_autoptr (GSubprocessLauncher) launcher =
        g_subprocess_launcher_new (G_SUBPROCESS_FLAGS_STDERR_PIPE);
    g_autoptr (GSubprocess) process = NULL;
    g_autofree char *err = NULL;

    g_subprocess_launcher_set_cwd (launcher, folder);
    process =
        g_subprocess_launcher_spawn (launcher, NULL, g_getenv ("GV_CLI"), "generate", "--model",
                                     model, "--steps", "1000", "--width", "256", "--height", "256",
                                     "--out", "a.png", "--latents-out", "l.safetensors", NULL);
    g_timeout_add ((guint) after_ms, interrupt, process);
    g_main_context_iteration (NULL, TRUE);
    g_assert_true (g_subprocess_communicate_utf8 (process, NULL, NULL, NULL, &err, NULL));
    if (!g_subprocess_get_if_exited (process))
      continue; /* so early that nobody listened yet */
    g_assert_cmpint (g_subprocess_get_exit_status (process), ==, 1);
    g_assert_cmpstr (err, ==, "giverny-cli: cancelled\n");
    g_assert_cmpint (folder_count (folder), ==, 2);
  }
}

int
main (int argc, char **argv)
{
  g_autofree char *steps = NULL;
  int status;

  g_test_init (&argc, &argv, NULL);
  folder = g_dir_make_tmp ("giverny-cli-XXXXXX", NULL);
  model = tiny_model_make (folder, "folder", "f16", "");
  steps = in_folder ("steps");
  g_assert_cmpint (g_mkdir (steps, 0700), ==, 0);
  g_test_add_func ("/cli/picture", test_picture);
  g_test_add_func ("/cli/same-bytes", test_same_bytes);
  g_test_add_func ("/cli/regions", test_regions);
  g_test_add_func ("/cli/count", test_count);
  g_test_add_func ("/cli/preview-and-name", test_preview_and_name);
  g_test_add_func ("/cli/json", test_json);
  g_test_add_func ("/cli/random-seed", test_random_seed_is_printed);
  g_test_add_func ("/cli/replay", test_replay);
  g_test_add_func ("/cli/info", test_info);
  g_test_add_func ("/cli/hint", test_hint);
  g_test_add_func ("/cli/info-words", test_info_words);
  g_test_add_func ("/cli/devices", test_devices);
  g_test_add_func ("/cli/engine-failures", test_failures);
  g_test_add_func ("/cli/interrupt", test_interrupt);
  status = g_test_run ();
  folder_remove (folder);
  g_free (model);
  return status;
}
