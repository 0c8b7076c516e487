// SPDX-FileCopyrightText: Giverny contributors
// SPDX-License-Identifier: GPL-3.0-or-later
/* Three boxes drawn by mouse in the running studio, and the same picture from the command line. */
#include "mouse.h"
#include "studio.h"

#include "canvas/canvas.h"
#include "canvas/region-model.h"
#include "compose/recipe-panel.h"

#include <math.h>
#include <string.h>

/* Parts of the picture, and what is to be there. */
static const struct
{
  double x0, y0, x1, y1;
  const char *words;
} boxes[] = {
  { 0.05, 0.1, 0.45, 0.5, "a red house" },
  { 0.55, 0.1, 0.95, 0.45, "the moon" },
  { 0.2, 0.6, 0.8, 0.95, "a boat" },
};

static GtkWidget *
find_canvas (GvStudio *studio)
{
  return gv_stage_find (GTK_WIDGET (studio->window), GV_TYPE_CANVAS, NULL);
}

static GvRegionModel *
find_regions (GvStudio *studio)
{
  GtkWidget *panel = gv_stage_find (GTK_WIDGET (studio->window), GV_TYPE_RECIPE_PANEL, NULL);

  return gv_recipe_panel_get_regions (GV_RECIPE_PANEL (panel));
}

static void
draw_boxes (GvStudio *studio, GvRegionModel *regions)
{
  GtkWidget *canvas = find_canvas (studio);
  graphene_rect_t r = gv_canvas_get_picture_rect (GV_CANVAS (canvas));

  for (gsize i = 0; i < G_N_ELEMENTS (boxes); i++) {
    gv_mouse_drag (canvas, r.origin.x + boxes[i].x0 * r.size.width,
                   r.origin.y + boxes[i].y0 * r.size.height,
                   r.origin.x + boxes[i].x1 * r.size.width,
                   r.origin.y + boxes[i].y1 * r.size.height);
    gv_stage_pass (100);
    gv_region_model_set_text (regions, gv_region_model_get_selected (regions), boxes[i].words);
  }
}

static char *
region_option (const GvRegionBox *box)
{
  char strength[G_ASCII_DTOSTR_BUF_SIZE];

  g_ascii_dtostr (strength, sizeof strength, box->strength);
  return g_strdup_printf ("%d,%d,%d,%d,%s:%s", box->rect.x, box->rect.y, box->rect.width,
                          box->rect.height, strength, box->text);
}

/* (transfer full): the same recipe's picture, painted by the other program */
static char *
paint_by_command (GvStudio *studio, GvRegionModel *regions, GvRecipe *recipe)
{
  g_autoptr (GPtrArray) words = g_ptr_array_new_with_free_func (g_free);
  g_autofree char *out = g_build_filename (studio->folder, "by-command.png", NULL);
  g_autoptr (GError) error = NULL;
  int status;

  g_ptr_array_add (words, g_strdup (g_getenv ("GV_CLI")));
  g_ptr_array_add (words, g_strdup ("generate"));
  g_ptr_array_add (words, g_strdup_printf ("--prompt=%s", gv_recipe_get_prompt (recipe)));
  g_ptr_array_add (words, g_strdup_printf ("--steps=%d", gv_recipe_get_steps (recipe)));
  g_ptr_array_add (words, g_strdup_printf ("--width=%d", gv_recipe_get_width (recipe)));
  g_ptr_array_add (words, g_strdup_printf ("--height=%d", gv_recipe_get_height (recipe)));
  g_ptr_array_add (words,
                   g_strdup_printf ("--seed=%" G_GUINT64_FORMAT, gv_recipe_get_seed (recipe)));
  for (guint i = 0; i < gv_region_model_get_n (regions); i++) {
    g_ptr_array_add (words, g_strdup ("--region"));
    g_ptr_array_add (words, region_option (gv_region_model_get (regions, i)));
  }
  g_ptr_array_add (words, g_strdup ("--out"));
  g_ptr_array_add (words, g_strdup (out));
  g_ptr_array_add (words, NULL);
  g_assert_true (g_spawn_sync (NULL, (char **) words->pdata, NULL, G_SPAWN_DEFAULT, NULL, NULL,
                               NULL, NULL, &status, &error));
  g_assert_no_error (error);
  g_assert_cmpint (status, ==, 0);
  return g_steal_pointer (&out);
}

static void
assert_same_bytes (const char *a, const char *b)
{
  g_autofree char *x = NULL, *y = NULL;
  gsize nx, ny;

  g_assert_true (g_file_get_contents (a, &x, &nx, NULL));
  g_assert_true (g_file_get_contents (b, &y, &ny, NULL));
  g_assert_cmpmem (x, nx, y, ny);
}

static void
test_same_picture (GvStudio *studio)
{
  GvRegionModel *regions = find_regions (studio);
  GvRecipe *recipe = gv_window_get_recipe (studio->window);
  g_autofree char *by_command = NULL;
  GvJob *job;

  if (!gv_mouse_is_there ())
    return;
  gv_region_model_clear (regions);
  g_object_set (recipe, "steps", 2, "width", 128, "height", 128, NULL);
  gv_studio_do (studio, "win.draw-regions");
  gv_stage_pass (200);
  draw_boxes (studio, regions);
  g_assert_cmpuint (gv_region_model_get_n (regions), ==, G_N_ELEMENTS (boxes));
  for (gsize i = 0; i < G_N_ELEMENTS (boxes); i++)
    g_assert_cmpstr (gv_region_model_get (regions, (guint) i)->text, ==, boxes[i].words);
  gv_studio_do (studio, "win.generate");
  gv_studio_wait_until_idle (studio);
  job = gv_studio_get_job (studio, 0);
  g_assert_nonnull (gv_job_get_path (job));
  g_assert_cmpuint (gv_recipe_get_regions (gv_job_get_recipe (job))->len, ==, G_N_ELEMENTS (boxes));
  gv_stage_pass (300);
  g_object_unref (gv_stage_snapshot (GTK_WIDGET (studio->window), "studio-regions"));
  by_command = paint_by_command (studio, regions, gv_job_get_recipe (job));
  assert_same_bytes (gv_job_get_path (job), by_command);
}

/* A recipe that comes from elsewhere brings its boxes, another size moves them along. */
static void
test_recipe (GvStudio *studio)
{
  GvRegionModel *regions = find_regions (studio);
  GvRecipe *recipe = gv_window_get_recipe (studio->window);
  GPtrArray *list = gv_recipe_new_region_list ();
  const GvRegion *region;

  g_ptr_array_add (list, gv_region_parse ("--region", "64,32,128,96,3:a house", NULL));
  g_object_set (recipe, "width", 256, "height", 256, "regions", list, NULL);
  g_ptr_array_unref (list);
  g_assert_cmpuint (gv_region_model_get_n (regions), ==, 1);
  g_object_set (recipe, "width", 512, NULL);
  g_assert_cmpint (gv_region_model_get (regions, 0)->rect.x, ==, 128);
  region = gv_recipe_get_regions (recipe)->pdata[0];
  g_assert_cmpint (region->x, ==, 128);
  g_assert_cmpint (region->w, ==, 256);
  g_assert_cmpint (region->h, ==, 96);
  g_assert_cmpfloat (region->strength, ==, 3);
  gv_region_model_clear (regions);
  g_assert_cmpuint (gv_recipe_get_regions (recipe)->len, ==, 0);
  gv_region_model_undo (regions);
  g_assert_cmpuint (gv_recipe_get_regions (recipe)->len, ==, 1);
}

int
main (int argc, char **argv)
{
  gv_stage_init (&argc, &argv);
  gv_studio_add_test ("/studio-regions/same-picture", test_same_picture);
  gv_studio_add_test ("/studio-regions/recipe", test_recipe);
  return g_test_run ();
}
