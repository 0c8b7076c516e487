// SPDX-FileCopyrightText: Giverny contributors
// SPDX-License-Identifier: GPL-3.0-or-later
/* A1111's settings: ours written and read again, and other programs' in the forms of many years. */
#include "giverny.h"

#include <string.h>

static GvImport *
import (const char *text)
{
  g_autoptr (GError) error = NULL;
  GvImport *got = gv_import_from_text ("pasted", text, -1, &error);

  if (error)
    g_error ("%s: %s", text, error->message);
  return got;
}

/* "prompt|negative|steps|sampler|schedule|cfg|seed|WxH|skip" */
static char *
show (GvRecipe *r)
{
  g_autofree char *cfg =
      gv_recipe_has_cfg (r) ? g_strdup_printf ("%g", gv_recipe_get_cfg (r)) : g_strdup ("-");

  return g_strdup_printf ("%s|%s|%d|%s|%s|%s|%" G_GUINT64_FORMAT "|%dx%d|%d",
                          gv_recipe_get_prompt (r), gv_recipe_get_negative (r),
                          gv_recipe_get_steps (r), gv_recipe_get_sampler (r),
                          gv_recipe_get_schedule (r), cfg, gv_recipe_get_seed (r),
                          gv_recipe_get_width (r), gv_recipe_get_height (r),
                          gv_recipe_get_clip_skip (r));
}

/* Ours, there and back. */

static const char *const prompts[] = {
  "",
  "a red boat on a lake at sunset",
  "masterpiece, best quality, 1girl, (solo:1.2), \\(artist\\)",
  "호수 위의 배, 노을",
  "two lines\nof prompt, with \"quotes\" and a colon: here",
  "Steps to the lake, size: large",
  "  (a (b:0.5):1.3) {x|y} \\\\ end",
};

static const char *const negatives[] = { "", "fog", "bad, worse: worst\nand a second line",
                                         "흐림, 안개" };

static void
check_round_trip (int i, const char *sampler, const char *schedule)
{
  g_autoptr (GvImage) image =
      gv_image_new_take (64 + 8 * (i % 9), 48 + 8 * (i % 5), g_malloc0 (136 * 80 * 3));
  g_autoptr (GvRecipe) recipe = gv_recipe_new ();
  g_autoptr (GvImport) got = NULL;
  g_autofree char *before = NULL, *after = NULL, *prompt = NULL;

  prompt = g_strstrip (g_strdup (prompts[(size_t) i % G_N_ELEMENTS (prompts)]));
  g_object_set (recipe, "prompt", prompt, "negative",
                negatives[(size_t) i % G_N_ELEMENTS (negatives)], "steps", 1 + i % 150, "sampler",
                sampler, "schedule", schedule, "cfg", 1 + (double) (i % 29) / 4, "seed",
                (guint64) i * 0x9e3779b97f4a7c15, "clip-skip", 1 + i % 3, "width",
                gv_image_get_width (image), "height", gv_image_get_height (image), NULL);
  gv_image_set_recipe (image, recipe);
  got = import (gv_image_get_text (image, "parameters"));
  before = show (recipe);
  after = show (got->recipe);
  g_assert_cmpstr (after, ==, before);
  g_assert_cmpstr (got->unmatched[0], ==, NULL);
}

static void
test_round_trip (void)
{
  int i = 0;

  for (const GvRecipeChoice *a = gv_recipe_list_samplers (); a->name; a++)
    for (const GvRecipeChoice *b = gv_recipe_list_schedules (); b->name; b++)
      for (int more = 0; more < 3 && a->ready && b->ready; more++)
        check_round_trip (i++, a->name, b->name);
  g_assert_cmpint (i, >=, 100);
}

/* Others' */

#define TAIL "Steps: 20, Sampler: Euler, CFG scale: 7, Seed: 1, Size: 512x512, RNG: CPU"
#define PLAIN "20|euler|normal|7|1|512x512|1"

static const struct
{
  const char *text, *recipe;
  const char *unmatched; /* with ";" between; NULL: not looked at */
} rows[] = {
  /* the parts */
  { "boat\n" TAIL, "boat||" PLAIN, "" },
  { "boat\nNegative prompt: fog\n" TAIL, "boat|fog|" PLAIN, "" },
  { "Negative prompt: fog\n" TAIL, "|fog|" PLAIN, "" },
  { TAIL, "||" PLAIN, "" },
  { "\n\n" TAIL "\n\n", "||" PLAIN, "" },
  { "boat\r\nNegative prompt: fog\r\n" TAIL "\r\n", "boat|fog|" PLAIN, "" },
  { "a\nb\nNegative prompt: c\nd\n" TAIL, "a\nb|c\nd|" PLAIN, "" },
  { "a\n\nb\nNegative prompt:\n" TAIL, "a\n\nb||" PLAIN, "" },
  { "a: b, c: d\n" TAIL, "a: b, c: d||" PLAIN, "" },
  { "보트\nNegative prompt: 안개\n" TAIL, "보트|안개|" PLAIN, "" },
  { "boat\n" TAIL "\nTemplate: boat", "boat||" PLAIN, "Template: boat" },
  /* samplers, alone and with the schedule in their names */
  { "Steps: 30, Sampler: Euler a, Seed: 2, RNG: CPU", "||30|euler_a|normal|-|2|0x0|1", "" },
  { "Steps: 30, Sampler: DPM++ 2M Karras, Seed: 2, RNG: CPU", "||30|dpmpp_2m|karras|-|2|0x0|1",
    "" },
  { "Steps: 30, Sampler: DPM++ 2M, Schedule type: Karras, RNG: CPU",
    "||30|dpmpp_2m|karras|-|0|0x0|1", "" },
  { "Steps: 30, Sampler: DPM++ 2M, Schedule type: Automatic, RNG: CPU",
    "||30|dpmpp_2m|karras|-|0|0x0|1", "" },
  { "Steps: 30, Schedule type: Exponential, Sampler: DPM++ 2M, RNG: CPU",
    "||30|dpmpp_2m|exponential|-|0|0x0|1", "" },
  { "Steps: 30, Sampler: DPM++ 2M, Schedule type: Uniform, RNG: CPU",
    "||30|dpmpp_2m|normal|-|0|0x0|1", "" },
  { "Steps: 30, Sampler: Euler, Schedule type: SGM Uniform, RNG: CPU",
    "||30|euler|sgm_uniform|-|0|0x0|1", "" },
  { "Steps: 30, Sampler: Euler, Schedule type: Simple, RNG: CPU", "||30|euler|simple|-|0|0x0|1",
    "" },
  { "Steps: 30, Sampler: Euler, Schedule type: Beta, RNG: CPU", "||30|euler|beta|-|0|0x0|1", "" },
  { "Steps: 30, Sampler: Euler, Schedule type: Align Your Steps, RNG: CPU",
    "||30|euler|normal|-|0|0x0|1", "Schedule type: Align Your Steps" },
  { "Steps: 30, Sampler: Restart, Seed: 1, RNG: CPU", "||30|euler|normal|-|1|0x0|1",
    "Sampler: Restart" },
  { "Steps: 30, Sampler: Restart Karras, Seed: 1, RNG: CPU", "||30|euler|karras|-|1|0x0|1",
    "Sampler: Restart Karras" },
  { "Steps: 30, Sampler: k_euler_a, Seed: 1, RNG: CPU", "||30|euler_a|normal|-|1|0x0|1", "" },
  { "Steps: 30, Sampler: dpmpp_2m, Seed: 1, RNG: CPU", "||30|dpmpp_2m|karras|-|1|0x0|1", "" },
  { "Steps: 30, Sampler: LCM, Seed: 1, RNG: CPU", "||30|lcm|normal|-|1|0x0|1", "" },
  { "Steps: 30, Sampler: DDIM, Seed: 1, RNG: CPU", "||30|ddim|normal|-|1|0x0|1", "" },
  { "Steps: 30, Sampler: Heun, Seed: 1, RNG: CPU", "||30|heun|normal|-|1|0x0|1", "" },
  { "steps: 30, sampler: EULER A, seed: 1, rng: cpu", "||30|euler_a|normal|-|1|0x0|1", "" },
  /* numbers */
  { "Steps: 8, CFG scale: 1.5, Seed: 18446744073709551615, RNG: CPU",
    "||8|euler|normal|1.5|18446744073709551615|0x0|1", "" },
  { "Steps: 0, CFG scale: x, Seed: -1, RNG: CPU", "||20|euler|normal|-|0|0x0|1",
    "Steps: 0;CFG scale: x;Seed: -1" },
  { "Steps: 20.5, CFG scale: nan, Seed: 1e3, RNG: CPU", "||20|euler|normal|-|0|0x0|1",
    "Steps: 20.5;CFG scale: nan;Seed: 1e3" },
  { "Steps: 9, Size: 513x770, Seed: 1, RNG: CPU", "||9|euler|normal|-|1|512x768|1",
    "Size: 513x770 (the nearest that can be painted is 512x768)" },
  { "Steps: 9, Size: 99999x8, Seed: 1, RNG: CPU", "||9|euler|normal|-|1|0x0|1", "Size: 99999x8" },
  { "Steps: 9, Size: 512, Seed: 1, RNG: CPU", "||9|euler|normal|-|1|0x0|1", "Size: 512" },
  { "Steps: 9, Clip skip: 2, Seed: 1, RNG: CPU", "||9|euler|normal|-|1|0x0|2", "" },
  { "Steps: 9, Clip skip: 200, Seed: 1, RNG: CPU", "||9|euler|normal|-|1|0x0|1", "Clip skip: 200" },
  { "Steps: 9, Steps: 12, Seed: 1, RNG: CPU", "||9|euler|normal|-|1|0x0|1", "Steps: 12" },
  /* what has no place */
  { TAIL ", ENSD: 31337, Denoising strength: 0.5, Hires upscale: 2", "||" PLAIN,
    "ENSD: 31337;Denoising strength: 0.5;Hires upscale: 2" },
  { TAIL ", VAE: \"a, b: c\", Eta: 0.2", "||" PLAIN, "VAE: a, b: c;Eta: 0.2" },
  { TAIL ", VAE: \"torn", "||" PLAIN, "VAE: \"torn" },
  { TAIL ", Note: \"a\\u00e9\\n\\\"b\\\"\"", "||" PLAIN, "Note: a\u00e9\\x0a\"b\"" },
  { TAIL ", nonsense, Eta: 1,, ,", "||" PLAIN, "Eta: 1" },
  { "Steps: 9, Sampler: Euler, Seed: 1", "||9|euler|normal|-|1|0x0|1",
    "RNG: GPU (the noise is drawn otherwise here, so the picture will be another)" },
  { "Steps: 9, Seed: 1, RNG: NV", "||9|euler|normal|-|1|0x0|1",
    "RNG: NV (the noise is drawn otherwise here, so the picture will be another)" },
  { "[a] b\n" TAIL, "[a] b||" PLAIN, "Square brackets in the prompt: they are plain text here" },
  { "\\[a\\] b\n" TAIL, "\\[a\\] b||" PLAIN, "" },
  /* LoRAs */
  { "boat, <lora:ink:0.8>\n" TAIL, "boat,||" PLAIN, "LoRA: ink (strength 0.8)" },
  { "<lora:ink> boat\n" TAIL, "boat||" PLAIN, "LoRA: ink (strength 1)" },
  { "a <lora:x:0.2:0.6> b\n" TAIL, "a b||" PLAIN, "LoRA: x (strength 0.6)" },
  { "a <lora:x:te=0.2:unet=0.6> b\n" TAIL, "a b||" PLAIN, "LoRA: x (strength 0.6)" },
  { "a <lora:> <lora:y:z> <lora:w\n" TAIL, "a <lora:> <lora:y:z> <lora:w||" PLAIN, "" },
};

static void
test_rows (void)
{
  for (size_t i = 0; i < G_N_ELEMENTS (rows); i++) {
    g_autoptr (GvImport) got = import (rows[i].text);
    g_autofree char *recipe = show (got->recipe);
    g_autofree char *unmatched = g_strjoinv (";", got->unmatched);

    if (strcmp (recipe, rows[i].recipe) != 0 || strcmp (unmatched, rows[i].unmatched) != 0)
      g_test_message ("row %zu: %s", i, rows[i].text);
    g_assert_cmpstr (recipe, ==, rows[i].recipe);
    g_assert_cmpstr (unmatched, ==, rows[i].unmatched);
  }
}

static void
test_model_and_loras (void)
{
  g_autoptr (GvImport) got = import ("a <lora:ink:0.8> b <lora:snow:-1>\n" TAIL
                                     ", Model hash: 0123456789, Model: anything,"
                                     " Lora hashes: \"ink: aabbccddeeff, other: 00\"");
  GvImportLora *ink, *snow;

  g_assert_cmpstr (got->format, ==, "A1111");
  g_assert_cmpstr (got->model, ==, "anything");
  g_assert_cmpstr (got->model_hash, ==, "0123456789");
  g_assert_cmpuint (got->loras->len, ==, 2);
  ink = got->loras->pdata[0];
  snow = got->loras->pdata[1];
  g_assert_cmpstr (ink->name, ==, "ink");
  g_assert_cmpstr (ink->hash, ==, "aabbccddeeff");
  g_assert_cmpfloat (ink->strength, ==, 0.8);
  g_assert_cmpfloat (ink->text_strength, ==, 0.8);
  g_assert_cmpstr (snow->hash, ==, NULL);
  g_assert_cmpfloat (snow->strength, ==, -1);
}

/* A picture's own recipe is read before what other programs would read. */
static void
test_picture (void)
{
  g_autoptr (GvImage) image = gv_image_new_take (8, 8, g_malloc0 (192));
  g_autoptr (GvRecipe) recipe = gv_recipe_new ();
  g_autoptr (GvImport) own = NULL, theirs = NULL;
  g_autoptr (GError) error = NULL;

  g_assert_null (gv_import_from_image (image, "a.png", &error));
  g_assert_error (error, GV_FORMAT_ERROR, GV_FORMAT_ERROR_UNSUPPORTED);
  gv_image_set_text (image, "parameters", "theirs\n" TAIL);
  theirs = gv_import_from_image (image, "a.png", NULL);
  g_assert_cmpstr (gv_recipe_get_prompt (theirs->recipe), ==, "theirs");
  g_object_set (recipe, "prompt", "own", "cfg", 7.0, "width", 16, "height", 16, NULL);
  gv_image_set_recipe (image, recipe);
  gv_image_set_text (image, "parameters", "theirs\n" TAIL);
  own = gv_import_from_image (image, "a.png", NULL);
  g_assert_cmpstr (gv_recipe_get_prompt (own->recipe), ==, "own");
}

static void
test_refused (void)
{
  static const char *const texts[] = { "", "a boat", "a boat\nSteps: 20, Sampler: Euler",
                                       "\xff\n" TAIL, "{\"a\": 1}" };
  g_autofree char *long_prompt = g_strnfill (70000, 'a');
  g_autofree char *too_long = g_strconcat (long_prompt, "\n" TAIL, NULL);
  g_autoptr (GError) longer = NULL;

  for (size_t i = 0; i < G_N_ELEMENTS (texts); i++) {
    g_autoptr (GError) error = NULL;

    g_assert_null (gv_import_from_text ("pasted", texts[i], -1, &error));
    g_assert_cmpuint (error->domain, ==, GV_FORMAT_ERROR);
    g_assert_nonnull (strstr (error->message, "pasted"));
  }
  g_assert_null (gv_import_from_text ("pasted", too_long, -1, &longer));
  g_assert_error (longer, GV_RECIPE_ERROR, GV_RECIPE_ERROR_VALUE);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/formats/infotext/round-trip", test_round_trip);
  g_test_add_func ("/formats/infotext/rows", test_rows);
  g_test_add_func ("/formats/infotext/model-and-loras", test_model_and_loras);
  g_test_add_func ("/formats/infotext/picture", test_picture);
  g_test_add_func ("/formats/infotext/refused", test_refused);
  return g_test_run ();
}
