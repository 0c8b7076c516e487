// SPDX-FileCopyrightText: Giverny contributors
// SPDX-License-Identifier: GPL-3.0-or-later
/* Everything that giverny-cli refuses: the exit code, the one line, nothing left behind.  Needs no
 * device. */
#include "program.h"

#include "giverny.h"

#include <glib/gstdio.h>
#include <string.h>
#include <sys/stat.h>

static char *folder; /* (owned) the current folder of all runs; stays empty but for what is put
                        there first */

static const struct
{
  const char *line, *word;
} bad_usage[] = {
  { "paint", "paint" },
  { "genrate", "generate" },
  { "--prompt x", "--prompt" },
  { "plan", "plan" },
  { "bench", "bench" },
  { "help paint", "paint" },
  { "generate a", "“a”" },
  { "generate --prompt red boat", "“boat”" },
  { "generate --promt x", "--prompt" },
  { "generate -x", "-x" },
  { "generate --prompt", "--prompt" },
  { "generate --width 511", "--width" },
  { "generate --height 1e3", "--height" },
  { "generate --steps 0", "--steps" },
  { "generate --count -1", "--count" },
  { "generate --cfg nan", "--cfg" },
  { "generate --seed 18446744073709551616", "--seed" },
  { "generate --sampler dpm_2", "--sampler" },
  { "generate --sampler dpm_2_a", "--sampler" },
  { "generate --sampler dpmpp_2m_sde", "--sampler" },
  { "generate --sampler dpmpp_sde", "--sampler" },
  { "generate --sampler dpmpp_3m_sde", "--sampler" },
  { "generate --sampler uni_pc", "--sampler" },
  { "generate --schedule ddim_uniform", "--schedule" },
  { "generate --lora x.safetensors:much", "--lora" },
  { "generate --before-after", "--before-after" },
  { "generate --lora-blocks x:in=1", "--lora-blocks" },
  { "generate --lora-blocks x:y", "--lora-blocks" },
  { "generate --region 0,0,64,0:x", "--region" },
  { "generate --width 64 --height 64 --region 64,0,8,8:x", "--region 1" },
  { "generate --region 1000,0,8,8:x", "--region 1" },
  { "generate --region-mode boxes", "--region-mode" },
  { "generate --init a.png", "--init" },
  { "generate --mask a.png", "--mask" },
  { "generate --denoise 0.5", "--denoise" },
  { "generate --vae x", "--vae" },
  { "generate --clip-l x", "--clip-l" },
  { "generate --t5 x", "--t5" },
  { "generate --embedding x", "--embedding" },
  { "generate --profile a1111", "--profile" },
  { "generate --rng philox", "--rng" },
  { "generate --reference a.png", "--reference" },
  { "generate --prompt \xff", "--prompt" },
  { "generate --negative \xed\xa0\x80", "--negative" },
  { "generate --prompt \x1b[31m\n --nonsense", "--nonsense" },
  { "generate --out a.png --latents-out a.png", "--latents-out" },
  { "replay", "FILE.png" },
  { "replay a.png b.png", "b.png" },
  { "replay --steps 3 a.png", "--steps" },
  { "info", "FILE" },
  { "info --json a.png", "--json" },
  { "devices now", "now" },
  { "devices --jsn", "--json" },
};

static void
test_usage (void)
{
  g_auto (Ended) nothing = program_run (folder, (const char *[]) { NULL });

  program_check_failed (&nothing, 2, "--help", "no words at all");
  for (size_t i = 0; i < G_N_ELEMENTS (bad_usage); i++) {
    g_auto (Ended) ended = program_run_line (folder, bad_usage[i].line);

    program_check_failed (&ended, 2, bad_usage[i].word, bad_usage[i].line);
  }
  g_assert_cmpint (folder_count (folder), ==, 0);
}

static void
test_long_prompt (void)
{
  g_autofree char *prompt = g_strnfill (65537, 'a');
  g_auto (Ended) ended =
      program_run (folder, (const char *[]) { "generate", "--prompt", prompt, NULL });

  program_check_failed (&ended, 2, "--prompt", "a prompt of 65,537 bytes");
}

static void
put_file (const char *name, const void *data, gssize size)
{
  g_autofree char *path = g_build_filename (folder, name, NULL);

  g_assert_true (g_file_set_contents (path, data, size, NULL));
}

static void
drop_file (const char *name)
{
  g_autofree char *path = g_build_filename (folder, name, NULL);

  g_assert_cmpint (g_remove (path), ==, 0);
}

/* Run-time failures that need no device, in a folder with these files: */
static const struct
{
  const char *line, *word;
} failures[] = {
  { "generate --out no/such.png", "no" },
  { "generate --out /no/such/folder/a.png", "--out" },
  { "generate --out .", "--out" },
  { "generate --out file/a.png", "file" },
  { "generate --out /dev/null", "/dev/null" },
  { "generate --out pipe", "pipe" },
  { "generate --count 2 --out no/such.png", "no" },
  { "generate --out a.png --latents-out no/l.safetensors", "--latents-out" },
  { "generate --out a.png --preview no", "--preview" },
  { "generate --out a.png --preview file", "--preview" },
  { "replay file", "file" },
  { "replay no.png", "no.png" },
  { "replay pipe", "pipe" },
  { "replay .", "." },
  { "replay plain.png", "plain.png" },
  { "replay torn.png", "torn.png" },
  { "replay odd.png", "sampler" },
  { "replay later.png", "uni_pc" },
  { "replay --out no/a.png plain.png", "--out" },
  { "info no.png", "no.png" },
  { "info pipe", "pipe" },
  { "info torn.png", "torn.png" },
  { "info odd.png", "sampler" },
};

static void
put_picture (const char *name, const char *recipe)
{
  g_autoptr (GvImage) image = gv_image_new_take (8, 8, g_malloc0 (8 * 8 * 3));
  g_autofree char *path = g_build_filename (folder, name, NULL);

  if (recipe)
    gv_image_set_text (image, "giverny", recipe);
  g_assert_true (gv_image_save (image, path, NULL));
}

static void
put_torn_picture (void)
{
  g_autofree char *path = g_build_filename (folder, "plain.png", NULL), *bytes = NULL;
  gsize size;

  g_assert_true (g_file_get_contents (path, &bytes, &size, NULL));
  put_file ("torn.png", bytes, (gssize) size - 20);
}

static void
test_failures (void)
{
  static const char *const names[] = { "file",     "pipe",    "plain.png",
                                       "torn.png", "odd.png", "later.png" };
  g_autofree char *pipe = g_build_filename (folder, "pipe", NULL);

  put_file ("file", "not a picture", -1);
  g_assert_cmpint (mkfifo (pipe, 0600), ==, 0);
  put_picture ("plain.png", NULL);
  put_torn_picture ();
  put_picture ("odd.png", "{\"giverny\":\"1\",\"sampler\":\"\\u001b[31mplms\\n\"}");
  put_picture ("later.png", "{\"giverny\":\"1\",\"sampler\":\"uni_pc\"}");
  for (size_t i = 0; i < G_N_ELEMENTS (failures); i++) {
    g_auto (Ended) ended = program_run_line (folder, failures[i].line);

    program_check_failed (&ended, 1, failures[i].word, failures[i].line);
  }
  for (size_t i = 0; i < G_N_ELEMENTS (names); i++)
    drop_file (names[i]);
  g_assert_cmpint (folder_count (folder), ==, 0);
}

static void
test_unwritable_folder (void)
{
  g_autofree char *inside = g_build_filename (folder, "locked", NULL);
  g_auto (Ended) ended = { 0 };

  g_assert_cmpint (g_mkdir (inside, 0500), ==, 0);
  if (g_access (inside, W_OK) == 0) {
    g_test_skip ("this user may write everywhere");
  } else {
    ended = program_run_line (folder, "generate --out locked/a.png");
    program_check_failed (&ended, 1, "locked", "a folder that can't be written to");
  }
  g_assert_cmpint (g_rmdir (inside), ==, 0);
}

static void
test_output_full (void)
{
  g_autofree char *command = g_strdup_printf ("'%s' --help >/dev/full", g_getenv ("GV_CLI"));
  g_autofree char *err = NULL;
  int status;

  g_assert_true (g_spawn_sync (folder, (char *[]) { (char *) "sh", (char *) "-c", command, NULL },
                               NULL, G_SPAWN_SEARCH_PATH, NULL, NULL, NULL, &err, &status, NULL));
  g_assert_cmpint (WEXITSTATUS (status), ==, 1);
  g_assert_true (g_str_has_prefix (err, "giverny-cli: "));
}

static void
test_help (void)
{
  static const struct
  {
    const char *line, *word;
  } rows[] = {
    { "--help", "generate" },
    { "-h", "replay" },
    { "help", "devices" },
    { "--version", GV_VERSION },
    { "help generate", "--latents-out" },
    { "generate --help", "dpmpp_2m" },
    { "generate --steps 3 --help --nonsense", "--steps" },
    { "replay --help", "FILE.png" },
    { "info --help", "FILE" },
    { "devices --help", "--json" },
  };

  for (size_t i = 0; i < G_N_ELEMENTS (rows); i++) {
    g_auto (Ended) ended = program_run_line (folder, rows[i].line);

    if (ended.code != 0 || *ended.err || !strstr (ended.out, rows[i].word) ||
        strchr (ended.out, '\033'))
      g_error ("%s: %d, “%s”, “%s”", rows[i].line, ended.code, ended.out, ended.err);
    g_assert_cmpint (ended.took_us, <, 5 * G_USEC_PER_SEC);
  }
}

int
main (int argc, char **argv)
{
  int status;

  g_test_init (&argc, &argv, NULL);
  folder = g_dir_make_tmp ("giverny-cli-XXXXXX", NULL);
  g_test_add_func ("/cli/usage", test_usage);
  g_test_add_func ("/cli/long-prompt", test_long_prompt);
  g_test_add_func ("/cli/failures", test_failures);
  g_test_add_func ("/cli/unwritable-folder", test_unwritable_folder);
  g_test_add_func ("/cli/output-full", test_output_full);
  g_test_add_func ("/cli/help", test_help);
  status = g_test_run ();
  folder_remove (folder);
  return status;
}
