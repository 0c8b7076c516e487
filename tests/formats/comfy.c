// SPDX-FileCopyrightText: Giverny contributors
// SPDX-License-Identifier: GPL-3.0-or-later
/* ComfyUI's workflows in both forms become recipes; what a recipe can't hold is listed. */
#include "giverny.h"

#include <string.h>

#define SAMPLER                                                                                    \
  "'3':{'class_type':'KSampler','inputs':{'seed':18446744073709551615,'steps':24,'cfg':6.5,"       \
  "'sampler_name':'dpmpp_2m','scheduler':'karras','denoise':1.0,'model':['4',0],"                  \
  "'positive':['p',0],'negative':['n',0],'latent_image':['5',0]}},"                                \
  "'4':{'class_type':'CheckpointLoaderSimple','inputs':{'ckpt_name':'anything-v5.safetensors'}},"  \
  "'5':{'class_type':'EmptyLatentImage','inputs':{'width':512,'height':768,'batch_size':1}},"      \
  "'8':{'class_type':'VAEDecode','inputs':{'samples':['3',0],'vae':['4',2]}},"                     \
  "'9':{'class_type':'SaveImage','inputs':{'images':['8',0],'filename_prefix':'x'}},"
#define TEXT(id, text)                                                                             \
  "'" id "':{'class_type':'CLIPTextEncode','inputs':{'text':'" text "','clip':['4',1]}}"

/* JSON with ' for " */
static GvImport *
import (const char *text, GError **error)
{
  g_autoptr (GString) json = g_string_new (text);

  g_string_replace (json, "'", "\"", 0);
  return gv_import_from_text ("test.json", json->str, -1, error);
}

static GvImport *
import_good (const char *text)
{
  g_autoptr (GError) error = NULL;
  GvImport *self = import (text, &error);

  g_assert_no_error (error);
  g_assert_true (gv_recipe_validate (self->recipe, NULL));
  return self;
}

/* One of the list's sentences holds @word. */
static bool
lists (const GvImport *self, const char *word)
{
  for (char **line = self->unmatched; *line; line++)
    if (strstr (*line, word))
      return true;
  return false;
}

static void
expect_region (const GvImport *self, guint i, const char *words, const char *negative, bool whole)
{
  GPtrArray *regions = gv_recipe_get_regions (self->recipe);
  g_autoptr (GvRegion) expected = gv_region_parse ("--region", words, NULL);

  g_assert_cmpuint (i, <, regions->len);
  expected->negative = g_strdup (negative);
  expected->whole = whole;
  if (!gv_region_equal (regions->pdata[i], expected)) {
    g_autofree char *box = gv_region_dup_box (regions->pdata[i]);
    const GvRegion *got = regions->pdata[i];

    g_error ("%s: %s,%g:%s -%s %d", words, box, got->strength, got->text, got->negative,
             got->whole);
  }
}

static void
test_plain (void)
{
  g_autoptr (GvImport) self = import_good ("{" SAMPLER TEXT ("p", "a (cat:1.2)") "," TEXT (
      "n", "fog") ",'1':{'class_type':'LoadImage','is_changed':[NaN],'inputs':{'image':'x.png'}}}");
  GvRecipe *r = self->recipe;

  g_assert_cmpstr (self->format, ==, "ComfyUI");
  g_assert_cmpstr (gv_recipe_get_prompt (r), ==, "a (cat:1.2)");
  g_assert_cmpstr (gv_recipe_get_negative (r), ==, "fog");
  g_assert_cmpint (gv_recipe_get_width (r), ==, 512);
  g_assert_cmpint (gv_recipe_get_height (r), ==, 768);
  g_assert_cmpint (gv_recipe_get_steps (r), ==, 24);
  g_assert_cmpfloat (gv_recipe_get_cfg (r), ==, 6.5);
  g_assert_cmpstr (gv_recipe_get_sampler (r), ==, "dpmpp_2m");
  g_assert_cmpstr (gv_recipe_get_schedule (r), ==, "karras");
  g_assert_cmpuint (gv_recipe_get_seed (r), ==, G_MAXUINT64);
  g_assert_cmpuint (gv_recipe_get_regions (r)->len, ==, 0);
  g_assert_cmpstr (self->model, ==, "anything-v5.safetensors");
  g_assert_true (lists (self, "anything-v5.safetensors"));
  g_assert_true (lists (self, "LoadImage"));
  g_assert_cmpuint (g_strv_length (self->unmatched), ==, 2);
}

static void
test_areas (void)
{
  g_autoptr (GvImport) self = import_good (
      "{" SAMPLER TEXT ("n", "fog") "," TEXT ("a", "sky") "," TEXT ("b", "boat") "," TEXT (
          "c",
          "tree") "," TEXT ("d",
                            "moon") ","
                                    "'p':{'class_type':'ConditioningCombine','inputs':{'"
                                    "conditioning_1':['q',0],"
                                    "'conditioning_2':['r',0]}},"
                                    "'q':{'class_type':'ConditioningCombine','inputs':{'"
                                    "conditioning_1':['a',0],"
                                    "'conditioning_2':['s',0]}},"
                                    "'r':{'class_type':'ConditioningCombine','inputs':{'"
                                    "conditioning_1':['t',0],"
                                    "'conditioning_2':['u',0]}},"
                                    "'s':{'class_type':'ConditioningSetArea','inputs':{'"
                                    "conditioning':['b',0],'width':260,"
                                    "'height':128,'x':70,'y':640,'strength':1.2}},"
                                    "'t':{'class_type':'ConditioningSetAreaPercentage','inputs':{'"
                                    "conditioning':['c',0],"
                                    "'width':0.5,'height':0.001,'x':0.5,'y':0.25,'strength':0.8}},"
                                    "'u':{'class_type':'ConditioningSetArea','inputs':{'"
                                    "conditioning':['d',0],'width':64,"
                                    "'height':64,'x':512,'y':0,'strength':1.0}}}");

  g_assert_cmpstr (gv_recipe_get_prompt (self->recipe), ==, "sky");
  g_assert_cmpuint (gv_recipe_get_regions (self->recipe)->len, ==, 2);
  expect_region (self, 0, "64,640,256,128,1.2:boat", NULL, false);
  expect_region (self, 1, "256,192,256,8,0.8:tree", NULL, false);
  g_assert_true (lists (self, "moon"));
  g_assert_false (gv_recipe_get_background_rest (self->recipe));
}

static void
test_negatives_and_defaults (void)
{
  g_autoptr (GvImport) self = import_good (
      "{" SAMPLER TEXT ("a", "sky") "," TEXT ("b", "boat") "," TEXT ("c", "fog") "," TEXT (
          "d", "rust") "," TEXT ("e", "odd") ","
                                             "'p':{'class_type':'ConditioningSetDefaultCombine','"
                                             "inputs':{'cond':['s',0],"
                                             "'cond_DEFAULT':['a',0]}},"
                                             "'n':{'class_type':'ConditioningCombine','inputs':{'"
                                             "conditioning_1':['c',0],"
                                             "'conditioning_2':['m',0]}},"
                                             "'m':{'class_type':'ConditioningCombine','inputs':{'"
                                             "conditioning_1':['t',0],"
                                             "'conditioning_2':['u',0]}},"
                                             "'s':{'class_type':'ConditioningSetArea','inputs':{'"
                                             "conditioning':['b',0],'width':64,"
                                             "'height':128,'x':0,'y':8,'strength':2}},"
                                             "'t':{'class_type':'ConditioningSetArea','inputs':{'"
                                             "conditioning':['d',0],'width':64,"
                                             "'height':128,'x':0,'y':8,'strength':2}},"
                                             "'u':{'class_type':'ConditioningSetArea','inputs':{'"
                                             "conditioning':['e',0],'width':64,"
                                             "'height':64,'x':0,'y':8,'strength':2}}}");

  g_assert_cmpstr (gv_recipe_get_prompt (self->recipe), ==, "sky");
  g_assert_cmpstr (gv_recipe_get_negative (self->recipe), ==, "fog");
  g_assert_true (gv_recipe_get_background_rest (self->recipe));
  expect_region (self, 0, "0,8,64,128,2:boat", "rust", false);
  g_assert_true (lists (self, "odd"));
}

static void
test_masks (void)
{
  g_autoptr (GvImport) self = import_good (
      "{" SAMPLER TEXT ("n", "") "," TEXT ("a", "sky") "," TEXT ("b", "boat") "," TEXT (
          "c",
          "tree") ","
                  "'p':{'class_type':'ConditioningCombine','inputs':{'conditioning_1':['q',0],"
                  "'conditioning_2':['r',0]}},"
                  "'q':{'class_type':'ConditioningCombine','inputs':{'conditioning_1':['a',0],"
                  "'conditioning_2':['s',0]}},"
                  "'s':{'class_type':'ConditioningSetMask','inputs':{'conditioning':['b',0],'mask':"
                  "['k',0],"
                  "'strength':2,'set_cond_area':'default'}},"
                  "'r':{'class_type':'ConditioningSetMask','inputs':{'conditioning':['c',0],'mask':"
                  "['z',0],"
                  "'strength':1,'set_cond_area':'default'}},"
                  "'z':{'class_type':'LoadImageMask','inputs':{'image':'m.png','channel':'red'}},"
                  "'k':{'class_type':'MaskComposite','inputs':{'destination':['k0',0],'source':['"
                  "k1',0],"
                  "'x':64,'y':128,'operation':'add'}},"
                  "'k0':{'class_type':'SolidMask','inputs':{'value':0.0,'width':512,'height':768}},"
                  "'k1':{'class_type':'SolidMask','inputs':{'value':0.5,'width':128,'height':64}}"
                  "}");

  expect_region (self, 0, "64,128,128,64,1:boat", NULL, true);
  g_assert_cmpuint (gv_recipe_get_regions (self->recipe)->len, ==, 1);
  g_assert_true (lists (self, "tree"));
  g_assert_true (lists (self, "LoadImageMask"));
}

#define MULTI                                                                                      \
  "'prompt':{" SAMPLER TEXT ("n", "fog") "," TEXT ("a", "sky") "," TEXT ("b", "boat") "," TEXT (   \
      "c", "tree") "," TEXT ("d", "lost") ",'p':{'class_type':'MultiAreaConditioning','inputs':{"  \
                                          "'conditioning0':['a',0],'conditioning2':['b',0],"       \
                                          "'conditioning3':['c',0],'conditioning4':['d',0]}}}"

/* Rows go by the order of what is linked; the whole frame has no strength. */
static void
test_multi_area (void)
{
  g_autoptr (GvImport) self = import_good (
      "{" MULTI ",'workflow':{'nodes':[{'id':'p','type':'MultiAreaConditioning','properties':"
      "{'width':512,'height':768,'values':[[0,0,512,768,7],[64,0,704,128,1.5],[0,64,128,128,0.8],"
      "[0,0,0,0,1]]}}],'links':[],'version':0.4}}");

  g_assert_cmpstr (gv_recipe_get_prompt (self->recipe), ==, "sky");
  g_assert_cmpuint (gv_recipe_get_regions (self->recipe)->len, ==, 2);
  expect_region (self, 0, "64,0,448,128,1.5:boat", NULL, false);
  expect_region (self, 1, "0,64,128,128,0.8:tree", NULL, false);
  g_assert_true (lists (self, "lost"));
}

/* Without the editor's half the boxes are gone, and it is said. */
static void
test_multi_area_alone (void)
{
  g_autoptr (GvImport) self = import_good ("{" MULTI "}");

  g_assert_cmpuint (gv_recipe_get_regions (self->recipe)->len, ==, 0);
  g_assert_true (lists (self, "boat") && lists (self, "tree") && lists (self, "sky"));
}

/* The editor's form: widgets by their order, links by number, a size from another node. */
static void
test_editor (void)
{
  g_autoptr (GvImport) self = import_good (
      "{'last_node_id':11,'version':0.4,'nodes':["
      "{'id':1,'type':'CheckpointLoaderSimple','widgets_values':['sd.safetensors']},"
      "{'id':2,'type':'CLIPSetLastLayer','widgets_values':[-2],"
      "'inputs':[{'name':'clip','type':'CLIP','link':1}]},"
      "{'id':3,'type':'CLIPTextEncode','widgets_values':['sky'],"
      "'inputs':[{'name':'clip','link':2}]},"
      "{'id':4,'type':'CLIPTextEncode','widgets_values':['boat'],"
      "'inputs':[{'name':'clip','link':2}]},"
      "{'id':5,'type':'CLIPTextEncode','widgets_values':{'text':'fog'},"
      "'inputs':[{'name':'clip','link':2}]},"
      "{'id':6,'type':'MultiAreaConditioning','inputs':[{'name':'conditioning0','link':3},"
      "{'name':'conditioning1','link':4}],'properties':{'width':640,'height':384,"
      "'values':[[0,0,640,384,1],[320,0,320,384,1.2]]}},"
      "{'id':7,'type':'EmptyLatentImage','widgets_values':[512,512,1],"
      "'inputs':[{'name':'width','link':5},{'name':'height','link':6}]},"
      "{'id':8,'type':'KSampler','widgets_values':[7,'fixed',20,8,'euler_ancestral','normal',1],"
      "'inputs':[{'name':'model','link':7},{'name':'positive','link':8},"
      "{'name':'negative','link':9},{'name':'latent_image','link':10}]},"
      "{'id':9,'type':'LoraLoader','widgets_values':['ink.safetensors',0.8,0.5],"
      "'inputs':[{'name':'model','link':11},{'name':'clip','link':1}]},"
      "{'id':10,'type':'Reroute','inputs':[{'name':'','link':12}]},"
      "{'id':11,'type':'ControlNetApply','mode':4}],"
      "'links':[[1,9,1,2,0,'CLIP'],[2,2,0,3,0,'CLIP'],[3,3,0,6,0,'C'],[4,4,0,6,1,'C'],"
      "[5,6,1,7,0,'INT'],[6,6,2,7,1,'INT'],[7,9,0,8,0,'MODEL'],[8,10,0,8,1,'C'],[9,5,0,8,2,'C'],"
      "[10,7,0,8,3,'LATENT'],{'id':11,'origin_id':1,'origin_slot':0,'target_id':9},"
      "[12,6,0,10,0,'*']]}");

  g_assert_cmpstr (gv_recipe_get_prompt (self->recipe), ==, "sky");
  g_assert_cmpstr (gv_recipe_get_negative (self->recipe), ==, "fog");
  g_assert_cmpstr (gv_recipe_get_sampler (self->recipe), ==, "euler_a");
  g_assert_cmpint (gv_recipe_get_width (self->recipe), ==, 640);
  g_assert_cmpint (gv_recipe_get_height (self->recipe), ==, 384);
  g_assert_cmpint (gv_recipe_get_clip_skip (self->recipe), ==, 2);
  expect_region (self, 0, "320,0,320,384,1.2:boat", NULL, false);
  g_assert_cmpuint (self->loras->len, ==, 1);
  g_assert_cmpfloat (((GvImportLora *) self->loras->pdata[0])->strength, ==, 0.8);
  g_assert_cmpfloat (((GvImportLora *) self->loras->pdata[0])->text_strength, ==, 0.5);
  g_assert_false (lists (self, "ControlNetApply"));
}

/* What the recipe leaves out is on the list. */
static void
test_listed (void)
{
  g_autoptr (GvImport) self = import_good (
      "{'3':{'class_type':'KSamplerAdvanced','inputs':{'noise_seed':1,'steps':20,'cfg':7,"
      "'sampler_name':'dpmpp_sde_gpu','scheduler':'ddim_uniform','start_at_step':5,"
      "'end_at_step':10000,'add_noise':'disable','return_with_leftover_noise':'disable',"
      "'model':['m',0],'positive':['c',0],'negative':['p',0],'latent_image':['l',0]}},"
      "'m':{'class_type':'ModelSamplingDiscrete','inputs':{'model':['4',0]}},"
      "'4':{'class_type':'CheckpointLoaderSimple','inputs':{'ckpt_name':'a.ckpt'}},"
      "'c':{'class_type':'ControlNetApply','inputs':{'conditioning':['p',0]}},"
      "'l':{'class_type':'VAEEncode','inputs':{'pixels':['i',0]}},"
      "'i':{'class_type':'LoadImage','inputs':{'image':'x.png'}}," TEXT ("p", "a cat") "}");

  g_assert_cmpstr (gv_recipe_get_prompt (self->recipe), ==, "a cat");
  g_assert_true (lists (self, "dpmpp_sde_gpu") && lists (self, "start_at_step"));
  g_assert_true (lists (self, "add_noise") && lists (self, "ModelSamplingDiscrete"));
  g_assert_true (lists (self, "ControlNetApply") && lists (self, "VAEEncode"));
  g_assert_true (lists (self, "LoadImage"));
}

static const struct
{
  const char *json, *word;
} bad[] = {
  { "{'a':1}", "ComfyUI" },
  { "{'nodes':[]}", "ComfyUI" },
  { "{'nodes':[{}]}", "type" },
  { "{'nodes':[{'id':1,'type':'KSampler'},{'id':1,'type':'KSampler'}]}", "same number" },
  { "{'1':{'class_type':'CLIPTextEncode','inputs':{}}}", "KSampler" },
  { "{'1':{'class_type':'KSampler','inputs':{'positive':['2',0]}},"
    "'2':{'class_type':'ConditioningCombine','inputs':{'conditioning_1':['2',0]}}}",
    "ring" },
  { "{'1':{'class_type':'KSampler'", "test.json" },
};

static void
test_bad (void)
{
  for (size_t i = 0; i < G_N_ELEMENTS (bad); i++) {
    g_autoptr (GError) error = NULL;
    g_autoptr (GvImport) self = import (bad[i].json, &error);

    if (self || !strstr (error->message, bad[i].word) || strchr (error->message, '\n') ||
        error->domain != GV_FORMAT_ERROR)
      g_error ("%s: %s", bad[i].json, error ? error->message : "taken");
  }
}

/* Each node joins the one before with itself: 2^40 texts, if anybody counted. */
static void
test_doubling (void)
{
  g_autoptr (GString) json =
      g_string_new ("{'s':{'class_type':'KSampler','inputs':{'positive':['40',0]}}," TEXT ("0",
                                                                                           "x"));
  g_autoptr (GError) error = NULL;

  for (int i = 1; i <= 40; i++)
    g_string_append_printf (json,
                            ",'%d':{'class_type':'ConditioningCombine','inputs':{"
                            "'conditioning_1':['%d',0],'conditioning_2':['%d',0]}}",
                            i, i - 1, i - 1);
  g_string_append (json, "}");
  g_assert_null (import (json->str, &error));
  g_assert_error (error, GV_FORMAT_ERROR, GV_FORMAT_ERROR_LIMIT);
}

static void
test_picture (void)
{
  g_autoptr (GvImage) image = gv_image_new_take (1, 1, g_malloc0 (3));
  g_autoptr (GString) json = g_string_new ("{" SAMPLER TEXT ("p", "a") "," TEXT ("n", "b") "}");
  g_autoptr (GvImport) self = NULL;
  g_autoptr (GError) error = NULL;

  g_string_replace (json, "'", "\"", 0);
  gv_image_set_text (image, "prompt", json->str);
  gv_image_set_text (image, "workflow", "{\"nodes\":[]}");
  self = gv_import_from_image (image, "a.png", &error);
  g_assert_no_error (error);
  g_assert_cmpstr (gv_recipe_get_prompt (self->recipe), ==, "a");
  gv_image_set_text (image, "prompt", "nonsense");
  g_assert_null (gv_import_from_image (image, "a.png", NULL));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/comfy/plain", test_plain);
  g_test_add_func ("/comfy/areas", test_areas);
  g_test_add_func ("/comfy/negatives-and-defaults", test_negatives_and_defaults);
  g_test_add_func ("/comfy/masks", test_masks);
  g_test_add_func ("/comfy/multi-area", test_multi_area);
  g_test_add_func ("/comfy/multi-area-alone", test_multi_area_alone);
  g_test_add_func ("/comfy/editor", test_editor);
  g_test_add_func ("/comfy/listed", test_listed);
  g_test_add_func ("/comfy/bad", test_bad);
  g_test_add_func ("/comfy/doubling", test_doubling);
  g_test_add_func ("/comfy/picture", test_picture);
  return g_test_run ();
}
