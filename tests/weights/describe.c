// SPDX-FileCopyrightText: Giverny contributors
// SPDX-License-Identifier: GPL-3.0-or-later
/* What files are said to be, and NaN and infinity found among their values. */
#include "tiny.h"

#include "base/errors.h"
#include "formats/safetensors.h"
#include "gv-image.h"
#include "gv-model.h"
#include "gv-recipe.h"
#include "weights/finite.h"

#include <math.h>
#include <string.h>

/* Fails unless the description has a line "key: value" for each pair in @lines. */
static void
assert_lines (const char *path, const char *const *lines)
{
  g_autoptr (GString) text = g_string_new ("\n");
  g_autoptr (GError) error = NULL;

  gv_file_describe (path, text, &error);
  g_assert_no_error (error);
  g_assert_true (g_str_has_suffix (text->str, "\n"));
  for (int i = 0; lines[i]; i++) {
    g_autofree char *line = g_strconcat ("\n", lines[i], NULL);

    if (!strstr (text->str, line))
      g_error ("“%s” is missing in %s", lines[i], text->str);
  }
}

static void
test_models (void)
{
  char *temp = tiny_make_temp ();
  g_autofree char *single = g_build_filename (temp, "single.safetensors", NULL);
  g_autofree char *folder = g_build_filename (temp, "folder", NULL);
  g_autofree char *unet =
      g_build_filename (folder, "unet", "diffusion_pytorch_model.safetensors", NULL);
  g_autoptr (GPtrArray) tensors = tiny_tensors (&tiny_default);

  tiny_find (tensors, GV_PART_UNET, "conv_out.bias")->dtype = GV_F16;
  tiny_write_folder (&tiny_default, tensors, folder);
  tiny_write_single (tensors, single);
  assert_lines (folder, (const char *[]) { "kind: model\n", "layout: diffusers folder\n",
                                           "text encoder: 31136 parameters, F32, ",
                                           "U-Net: 792964 parameters, F32 + F16, ", "VAE: ",
                                           "prediction: epsilon\n", "picture: 128 × 128\n", NULL });
  assert_lines (single, (const char *[]) { "kind: model\n", "layout: single file\n",
                                           "picture: 512 × 512\n", NULL });
  assert_lines (unet, (const char *[]) { "kind: tensors", "as a model: is the U-Net of", NULL });
  tiny_remove_temp (temp);
}

/* Writes two tensors named by one weight, with what training programs say about themselves left
 * out. */
static void
write_pair (const char *path, const char *down, const char *up, const float *values)
{
  const int64_t down_shape[] = { 4, 2 }, up_shape[] = { 2, 4 };
  const GvSafetensorsItem items[] = {
    { down, GV_F32, 2, down_shape, values },
    { up, GV_F32, 2, up_shape, values },
  };
  g_autoptr (GError) error = NULL;

  gv_safetensors_write (path, items, 2, &error);
  g_assert_no_error (error);
}

static void
test_loras (void)
{
  static const float bad[8] = { 0, 1, NAN, -INFINITY }, good[8] = { 0, 1, 2, 3 };
  char *temp = tiny_make_temp ();
  g_autofree char *path = g_build_filename (temp, "style.safetensors", NULL);

  write_pair (path, "lora_unet_mid.lora_down.weight", "lora_unet_mid.lora_up.weight", bad);
  assert_lines (path, (const char *[]) { "kind: LoRA\n", "names: kohya\n", "rank: 4\n",
                                         "changes: 1 weights of the U-Net, 0 of",
                                         "damaged: 4 values", NULL });
  write_pair (path, "text_encoder.a.lora_A.weight", "text_encoder.a.lora_B.weight", good);
  assert_lines (path, (const char *[]) { "kind: LoRA\n", "names: PEFT\n",
                                         "changes: 0 weights of the U-Net, 1 of", NULL });
  write_pair (path, "a", "b", good);
  assert_lines (path, (const char *[]) { "kind: tensors", "content: 16 parameters, F32, ",
                                         "as a model: its tensors are those of no model", NULL });
  tiny_remove_temp (temp);
}

static void
test_pictures_and_recipes (void)
{
  char *temp = tiny_make_temp ();
  g_autofree char *png = g_build_filename (temp, "a.png", NULL);
  g_autofree char *json = g_build_filename (temp, "a.json", NULL);
  g_autoptr (GvRecipe) recipe = gv_recipe_new ();
  g_autofree char *text = NULL;
  g_autoptr (GvImage) image = gv_image_new_take (8, 16, g_malloc0 (8 * 16 * 3));
  g_autoptr (GError) error = NULL;

  g_object_set (recipe, "prompt", "a red boat\non a lake", "seed", (guint64) 7, NULL);
  text = gv_recipe_to_json (recipe);
  gv_image_save (image, png, &error);
  g_assert_no_error (error);
  assert_lines (png,
                (const char *[]) { "kind: picture\n", "pixels: 8 × 16\n", "recipe: none\n", NULL });
  gv_image_set_text (image, "parameters", "a cat\nSteps: 4");
  gv_image_save (image, png, &error);
  g_assert_no_error (error);
  assert_lines (png, (const char *[]) { "parameters: a cat\nparameters: Steps: 4\n", NULL });
  gv_image_set_text (image, "giverny", text);
  gv_image_save (image, png, &error);
  g_assert_no_error (error);
  assert_lines (png, (const char *[]) { "kind: picture\n", "prompt: a red boat on a lake\n",
                                        "seed: 7\n", "sampler: euler\n", NULL });
  tiny_write_text (temp, "a.json", text);
  assert_lines (json, (const char *[]) { "kind: recipe\n", "seed: 7\n", NULL });
  tiny_remove_temp (temp);
}

/* What can't be read is an error, and nothing is said about it. */
static void
test_refused (void)
{
  static const struct
  {
    const char *name, *content, *words;
  } files[] = {
    { "a.ckpt", "PK\003\004", "safe_serialization" },
    { "a.gguf", "GGUF\003", "GGUF" },
    { "a.png", "\211PNG\r\n\032\nrest", "a.png" },
    { "a.json", "{ \"prompt\": 1 }", "a.json" },
    { "a.txt", "hello, world", "a.txt" },
    { "a", "", "a" },
  };
  char *temp = tiny_make_temp ();

  for (size_t i = 0; i < G_N_ELEMENTS (files); i++) {
    g_autofree char *path = g_build_filename (temp, files[i].name, NULL);
    g_autoptr (GString) text = g_string_new (NULL);
    g_autoptr (GError) error = NULL;

    tiny_write_text (temp, files[i].name, files[i].content);
    g_assert_false (gv_file_describe (path, text, &error));
    g_assert_nonnull (strstr (error->message, files[i].words));
    g_assert_cmpstr (text->str, ==, "");
    g_assert_false (gv_file_describe (path, text, NULL));
  }
  tiny_remove_temp (temp);
}

static void
test_not_finite (void)
{
  const float f32[] = { 0, -0.0f, 3.4e38f, -1e-45f, INFINITY, -INFINITY, NAN };
  const double f64[] = { 1, 1.7e308, -5e-324, INFINITY, NAN };
  const uint16_t f16[] = { 0x0000, 0x7bff, 0xfbff, 0x7c00, 0xfc00, 0x7e00, 0xffff };
  const uint16_t bf16[] = { 0x7f7f, 0xff7f, 0x7c00, 0x7f80, 0xff80, 0x7fc0 };
  const uint8_t e4m3[] = { 0x00, 0x7e, 0xfe, 0x78, 0x7f, 0xff };
  const uint8_t e5m2[] = { 0x00, 0x7b, 0xfb, 0x7c, 0xfc, 0x7d, 0xff };

  g_assert_cmpuint (gv_count_not_finite (GV_F32, f32, G_N_ELEMENTS (f32)), ==, 3);
  g_assert_cmpuint (gv_count_not_finite (GV_F64, f64, G_N_ELEMENTS (f64)), ==, 2);
  g_assert_cmpuint (gv_count_not_finite (GV_F16, f16, G_N_ELEMENTS (f16)), ==, 4);
  g_assert_cmpuint (gv_count_not_finite (GV_BF16, bf16, G_N_ELEMENTS (bf16)), ==, 3);
  g_assert_cmpuint (gv_count_not_finite (GV_F8_E4M3, e4m3, G_N_ELEMENTS (e4m3)), ==, 2);
  g_assert_cmpuint (gv_count_not_finite (GV_F8_E5M2, e5m2, G_N_ELEMENTS (e5m2)), ==, 4);
  g_assert_cmpuint (gv_count_not_finite (GV_I32, f32, G_N_ELEMENTS (f32)), ==, 0);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/weights/describe/models", test_models);
  g_test_add_func ("/weights/describe/loras", test_loras);
  g_test_add_func ("/weights/describe/pictures-and-recipes", test_pictures_and_recipes);
  g_test_add_func ("/weights/describe/refused", test_refused);
  g_test_add_func ("/weights/describe/not-finite", test_not_finite);
  return g_test_run ();
}
