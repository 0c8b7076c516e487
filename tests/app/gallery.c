// SPDX-FileCopyrightText: Giverny contributors
// SPDX-License-Identifier: GPL-3.0-or-later
/* The gallery's page: finding, choosing, noting, deleting, and how it moves with many pictures. */
#include "stage.h"
#include "watchdog.h"

#include "gallery/gallery-private.h"
#include "library/catalogue.h"
#include "library/folder.h"

#include <glib/gstdio.h>
#include <string.h>
#include <utime.h>

#define MAX_CALLBACK_US (3 * 100000 * GV_WATCHDOG_SLOWER) /* three times the goal */

#define N_MANY 10000

typedef struct
{
  char *folder;
  GvLibrary *library;
  GvGalleryPage *page;
  GtkWindow *window;
} Gallery;

/* A picture of coloured fields, for the eye. */
static void
write_picture (const char *folder, guint i)
{
  static const char *const prompts[] = {
    "a red boat on a lake at sunset, oil painting",
    "water lilies in the morning light",
    "푸른 바다 위의 낚싯배",
    "a small house in a garden of irises",
    "haystacks under snow",
  };
  int w = i % 3 ? 192 : 256, h = i % 4 ? 256 : 160;
  guint8 *rgb = g_malloc ((gsize) w * (gsize) h * 3);
  g_autoptr (GvRecipe) recipe =
      g_object_new (GV_TYPE_RECIPE, "prompt", prompts[i % 5], "seed", (guint64) i, NULL);
  g_autofree char *path = g_strdup_printf ("%s/picture-%03u.png", folder, i);
  struct utimbuf times = { 1700000000 + 60 * (time_t) i, 1700000000 + 60 * (time_t) i };
  g_autoptr (GvImage) image = NULL;

  for (int y = 0; y < h; y++)
    for (int x = 0; x < w; x++) {
      guint8 *p = rgb + 3 * (y * w + x);

      p[0] = (guint8) (60 + (i * 37 + (guint) y / 2) % 190);
      p[1] = (guint8) (60 + (i * 91 + (guint) x / 3) % 190);
      p[2] = (guint8) (y > h / 2 ? 150 : 80 + i * 13 % 150);
    }
  image = gv_image_new_take (w, h, rgb);
  gv_image_set_recipe (image, recipe);
  g_assert_true (gv_image_save (image, path, NULL));
  g_assert_no_errno (utime (path, &times));
}

static bool
has_loaded (gpointer data)
{
  Gallery *g = data;

  return g->page->model && !gv_library_model_is_loading (g->page->model);
}

static guint
get_n (Gallery *g)
{
  return g_list_model_get_n_items (G_LIST_MODEL (g->page->model));
}

static void
settle (Gallery *g)
{
  gv_library_finish_pending (g->library);
  gv_stage_pass (50);
  g_assert_true (gv_stage_wait (has_loaded, g, 20));
  gv_stage_pass (50);
}

static void
show (Gallery *g, int width, int height)
{
  g->library = gv_library_open (g->folder, NULL, NULL);
  g_assert_nonnull (g->library);
  gv_library_finish_pending (g->library);
  g->page = gv_gallery_page_new ();
  gv_gallery_page_set_library (g->page, g->library, NULL);
  g->window = gv_stage_show (GTK_WIDGET (g->page), width, height);
  settle (g);
}

static void
remove_tree (const char *path)
{
  g_autoptr (GDir) dir = g_dir_open (path, 0, NULL);
  const char *name;

  while (dir && (name = g_dir_read_name (dir))) {
    g_autofree char *entry = g_build_filename (path, name, NULL);

    remove_tree (entry);
  }
  g_remove (path);
}

static void
hide (Gallery *g)
{
  gv_library_finish_pending (g->library);
  gtk_window_destroy (g->window);
  gv_stage_pass (200);
  g_assert_finalize_object (g->library);
  remove_tree (g->folder);
  g_free (g->folder);
}

static void
begin (Gallery *g, guint n, int width, int height)
{
  g->folder = g_dir_make_tmp ("giverny-gallery-XXXXXX", NULL);
  for (guint i = 0; i < n; i++)
    write_picture (g->folder, i);
  show (g, width, height);
}

static void
choose (Gallery *g, guint position, bool alone)
{
  gtk_selection_model_select_item (GTK_SELECTION_MODEL (g->page->selection), position, alone);
  gv_stage_pass (20);
}

static void
activate (Gallery *g, const char *name, GVariant *parameter)
{
  GActionGroup *actions = G_ACTION_GROUP (g->page->actions);

  g_assert_true (g_action_group_get_action_enabled (actions, name));
  g_action_group_activate_action (actions, name, parameter);
}

/* Empty states, search, and back. */
static void
test_find (void)
{
  Gallery g;

  begin (&g, 20, 900, 640);
  g_assert_cmpuint (get_n (&g), ==, 20);
  g_assert_cmpstr (gtk_stack_get_visible_child_name (g.page->stack), ==, "pictures");
  gv_gallery_page_set_search (g.page, "boat");
  gv_stage_pass (400);
  settle (&g);
  g_assert_cmpuint (get_n (&g), ==, 4);
  gv_gallery_page_set_search (g.page, "바다");
  gv_stage_pass (400);
  settle (&g);
  g_assert_cmpuint (get_n (&g), ==, 4);
  gv_gallery_page_set_search (g.page, "nothing of this kind");
  gv_stage_pass (400);
  settle (&g);
  g_assert_cmpstr (gtk_stack_get_visible_child_name (g.page->stack), ==, "nothing");
  g_signal_emit_by_name (g.page->show_all_button, "clicked");
  settle (&g);
  g_assert_cmpuint (get_n (&g), ==, 20);
  gtk_drop_down_set_selected (g.page->order_button, 1);
  gtk_toggle_button_set_active (g.page->ascending, TRUE);
  settle (&g);
  g_assert_cmpuint (get_n (&g), ==, 20);
  g_assert_cmpuint (gv_library_model_find (g.page->model,
                                           gv_library_model_get_id (g.page->model, 0)),
                    ==, 0);
  hide (&g);
}

static void
test_empty (void)
{
  Gallery g;
  int n_starts = 0;

  begin (&g, 0, 900, 640);
  g_assert_cmpstr (gtk_stack_get_visible_child_name (g.page->stack), ==, "empty");
  g_signal_connect_swapped (g.page, "start", G_CALLBACK (g_atomic_int_inc), &n_starts);
  g_signal_emit_by_name (g.page->start_button, "clicked");
  g_assert_cmpint (n_starts, ==, 1);
  gv_stage_check_names (GTK_WIDGET (g.page));
  g_object_unref (gv_stage_snapshot (GTK_WIDGET (g.page), "gallery-empty"));
  hide (&g);
}

/* Stars by key and button, tags, and the filters that know them. */
static void
test_notes (void)
{
  Gallery g;
  g_autoptr (GvLibraryItem) item = NULL;

  begin (&g, 12, 900, 640);
  choose (&g, 2, true);
  choose (&g, 3, false);
  activate (&g, "stars", g_variant_new_int32 (4));
  settle (&g);
  item = g_list_model_get_item (G_LIST_MODEL (g.page->model), 2);
  g_assert_cmpint (gv_library_item_get_stars (item), ==, 4);
  gv_gallery_add_tag (g.page, "final");
  settle (&g);
  g_assert_cmpstr (gv_library_item_get_tags (item), ==, "final");
  g_assert_true (gtk_widget_get_visible (GTK_WIDGET (g.page->tag_filter)));
  gtk_drop_down_set_selected (g.page->stars_filter, 4);
  settle (&g);
  g_assert_cmpuint (get_n (&g), ==, 2);
  gtk_drop_down_set_selected (g.page->tag_filter, 1);
  settle (&g);
  g_assert_cmpuint (get_n (&g), ==, 2);
  choose (&g, 0, true);
  gv_gallery_remove_tag (g.page, "final");
  settle (&g);
  g_assert_cmpuint (get_n (&g), ==, 1);
  g_clear_object (&item);
  hide (&g);
}

static GtkWidget *
find_button (GtkWidget *root, const char *label)
{
  if (GTK_IS_BUTTON (root) && g_strcmp0 (gtk_button_get_label (GTK_BUTTON (root)), label) == 0)
    return root;
  for (GtkWidget *w = gtk_widget_get_first_child (root); w; w = gtk_widget_get_next_sibling (w)) {
    GtkWidget *found = find_button (w, label);

    if (found)
      return found;
  }
  return NULL;
}

static bool
offers_undo (gpointer data)
{
  Gallery *g = data;

  return find_button (GTK_WIDGET (g->page->toasts), _("_Undo")) != NULL;
}

static void
test_delete (void)
{
  Gallery g;
  GtkWidget *undo;

  begin (&g, 8, 900, 640);
  choose (&g, 0, true);
  choose (&g, 5, false);
  activate (&g, "delete", NULL);
  settle (&g);
  g_assert_cmpuint (get_n (&g), ==, 6);
  g_assert_true (gv_stage_wait (offers_undo, &g, 5));
  undo = find_button (GTK_WIDGET (g.page->toasts), _("_Undo"));
  g_assert_nonnull (undo);
  g_signal_emit_by_name (undo, "clicked");
  settle (&g);
  settle (&g);
  g_assert_cmpuint (get_n (&g), ==, 8);
  hide (&g);
}

static void
on_compare (GvGalleryPage *page, GvLibraryItem *a, GvLibraryItem *b, GString *seen)
{
  g_string_append_printf (seen, "%s %s", gv_library_item_get_file (a),
                          gv_library_item_get_file (b));
}

static void
on_open (GvGalleryPage *page, GvLibraryItem *item, GString *seen)
{
  g_string_append (seen, gv_library_item_get_file (item));
}

static void
test_commands (void)
{
  Gallery g;
  g_autoptr (GString) seen = g_string_new (NULL);
  g_autoptr (GPtrArray) chosen = NULL;

  begin (&g, 6, 900, 640);
  g_signal_connect (g.page, "compare", G_CALLBACK (on_compare), seen);
  g_signal_connect (g.page, "open", G_CALLBACK (on_open), seen);
  g_assert_false (g_action_group_get_action_enabled (G_ACTION_GROUP (g.page->actions), "open"));
  g_assert_false (g_action_group_get_action_enabled (G_ACTION_GROUP (g.page->actions), "delete"));
  choose (&g, 1, true);
  activate (&g, "open", NULL);
  g_assert_cmpstr (seen->str, ==, "picture-004.png");
  g_string_truncate (seen, 0);
  choose (&g, 3, false);
  g_assert_false (g_action_group_get_action_enabled (G_ACTION_GROUP (g.page->actions), "open"));
  activate (&g, "compare", NULL);
  g_assert_cmpstr (seen->str, ==, "picture-002.png picture-004.png");
  chosen = gv_gallery_page_get_chosen (g.page);
  g_assert_cmpuint (chosen->len, ==, 2);
  g_clear_pointer (&chosen, g_ptr_array_unref);
  activate (&g, "rebuild", NULL);
  settle (&g);
  g_assert_cmpuint (get_n (&g), ==, 6);
  hide (&g);
}

static void
on_exported (GObject *source, GAsyncResult *result, gpointer data)
{
  *(GAsyncResult **) data = g_object_ref (result);
}

static bool
is_set (gpointer data)
{
  return *(gpointer *) data != NULL;
}

static void
test_export (void)
{
  Gallery g;
  g_autofree char *out = g_dir_make_tmp ("giverny-export-XXXXXX", NULL);
  g_autofree char *path = g_build_filename (out, "pictures.csv", NULL), *csv = NULL;
  g_autofree char *copy = g_build_filename (out, "picture-002.png", NULL);
  g_autoptr (GPtrArray) items = NULL;
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;

  begin (&g, 5, 900, 640);
  choose (&g, 1, true);
  choose (&g, 2, false);
  items = gv_gallery_page_get_chosen (g.page);
  gv_library_export_async (items, out, NULL, on_exported, &result);
  g_assert_true (gv_stage_wait (is_set, &result, 20));
  gv_library_export_finish (result, &error);
  g_assert_no_error (error);
  g_assert_true (g_file_get_contents (path, &csv, NULL, NULL));
  g_assert_true (g_str_has_prefix (csv, "file,prompt,negative,"));
  g_assert_nonnull (strstr (csv, "\npicture-003.png,a small house in a garden of irises,,"));
  g_assert_nonnull (strstr (csv, "\npicture-002.png,푸른 바다 위의 낚싯배,,"));
  g_assert_true (g_file_test (copy, G_FILE_TEST_EXISTS));
  remove_tree (out);
  g_clear_pointer (&items, g_ptr_array_unref);
  hide (&g);
}

static void
fill_rows (const char *folder, guint n)
{
  g_autofree char *path = gv_folder_database_path (folder);
  g_autoptr (GvCatalogue) catalogue = gv_catalogue_open (path, GV_CATALOGUE_WRITE, NULL);
  g_autoptr (GvEntry) entry = gv_entry_new ();
  gint64 id;

  g_assert_true (gv_catalogue_begin (catalogue, NULL));
  for (guint i = 0; i < n; i++) {
    g_free (entry->file);
    g_free (entry->prompt);
    entry->file = g_strdup_printf ("row-%05u.png", i);
    entry->prompt = g_strdup_printf ("a boat number%u on a lake", i);
    entry->seed = i;
    entry->time_us = (gint64) i * 1000;
    g_assert_true (gv_catalogue_put (catalogue, entry, &id, NULL));
  }
  g_assert_true (gv_catalogue_commit (catalogue, NULL));
}

/* Ten thousand rows, of which some have their picture, in steps and by leaps. */
static void
test_many (void)
{
  Gallery g;
  GvWatchdogReport leaps;
  GtkAdjustment *adjustment;
  double upper;

  g.folder = g_dir_make_tmp ("giverny-gallery-XXXXXX", NULL);
  for (guint i = 0; i < 30; i++)
    write_picture (g.folder, i);
  show (&g, 1000, 700);
  fill_rows (g.folder, N_MANY);
  g_signal_emit_by_name (g.library, "changed");
  settle (&g);
  g_assert_cmpuint (get_n (&g), ==, N_MANY + 30);
  adjustment = gtk_scrolled_window_get_vadjustment (GTK_SCROLLED_WINDOW (g.page->scroller));
  upper = gtk_adjustment_get_upper (adjustment);
  gv_watchdog_start (GTK_WIDGET (g.window));
  for (int i = 0; i <= 120; i++) {
    gtk_adjustment_set_value (adjustment, i * 40.0);
    gv_stage_pass (16);
  }
  if (g_getenv ("GV_PROVE")) /* on a machine with nothing else to do */
    gv_watchdog_check ();
  else
    g_assert_cmpint (gv_watchdog_stop ().max_us, <=, MAX_CALLBACK_US);

  /* A leap fills every cell anew. */
  gv_watchdog_start (GTK_WIDGET (g.window));
  for (int i = 0; i <= 20; i++) {
    gtk_adjustment_set_value (adjustment, upper * i / 20);
    gv_stage_pass (16);
  }
  choose (&g, 7000, true);
  gv_gallery_page_set_search (g.page, "number77");
  gv_stage_pass (300);
  settle (&g);
  leaps = gv_watchdog_stop ();
  g_test_message ("leaps: longest callback %.1f ms", (double) leaps.max_us / 1000);
  g_assert_cmpint (leaps.max_us, <=, MAX_CALLBACK_US);
  g_assert_cmpuint (get_n (&g), ==, 111);
  hide (&g);
}

/* A picture for the eye of each look. */
static void
test_looks (void)
{
  static const struct
  {
    const char *name;
    int width, height;
    bool dark;
  } looks[] = {
    { "gallery-light", 1100, 720, false },
    { "gallery-dark", 1100, 720, true },
    { "gallery-narrow", 360, 640, false },
  };
  AdwStyleManager *style = adw_style_manager_get_default ();
  Gallery g;

  begin (&g, 24, 1100, 720);
  choose (&g, 1, true);
  activate (&g, "stars", g_variant_new_int32 (3));
  gv_gallery_add_tag (g.page, "하늘");
  gv_gallery_add_tag (g.page, "final");
  settle (&g);
  adw_overlay_split_view_set_show_sidebar (g.page->split, TRUE);
  for (gsize i = 0; i < G_N_ELEMENTS (looks); i++) {
    adw_style_manager_set_color_scheme (style, looks[i].dark ? ADW_COLOR_SCHEME_FORCE_DARK
                                                             : ADW_COLOR_SCHEME_FORCE_LIGHT);
    gtk_window_set_default_size (g.window, looks[i].width, looks[i].height);
    if (looks[i].width < 700)
      adw_overlay_split_view_set_show_sidebar (g.page->split, FALSE);
    gv_stage_pass (600);
    g_object_unref (gv_stage_snapshot (GTK_WIDGET (g.page), looks[i].name));
    gv_stage_check_room (GTK_WIDGET (g.page));
  }
  gv_stage_check_names (GTK_WIDGET (g.page));
  adw_style_manager_set_color_scheme (style, ADW_COLOR_SCHEME_DEFAULT);
  hide (&g);
}

int
main (int argc, char **argv)
{
  gv_stage_init (&argc, &argv);
  g_test_add_func ("/gallery/empty", test_empty);
  g_test_add_func ("/gallery/find", test_find);
  g_test_add_func ("/gallery/notes", test_notes);
  g_test_add_func ("/gallery/delete", test_delete);
  g_test_add_func ("/gallery/commands", test_commands);
  g_test_add_func ("/gallery/export", test_export);
  g_test_add_func ("/gallery/many", test_many);
  g_test_add_func ("/gallery/looks", test_looks);
  return g_test_run ();
}
