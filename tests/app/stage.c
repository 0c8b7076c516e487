// SPDX-FileCopyrightText: Giverny contributors
// SPDX-License-Identifier: GPL-3.0-or-later
/* A stage for widgets under test. */
#include "stage.h"

#include "setup.h"

#include <string.h>

/* The system's folders stay: drivers, icons and fonts are found through them. */
static void
move_user_folders (void)
{
  static const char *const names[] = { "XDG_DATA_HOME", "XDG_CONFIG_HOME", "XDG_STATE_HOME" };
  g_autofree char *home = g_dir_make_tmp ("giverny-home-XXXXXX", NULL);

  g_assert_nonnull (home);
  for (gsize i = 0; i < G_N_ELEMENTS (names); i++) {
    g_autofree char *folder = g_build_filename (home, names[i], NULL);

    g_setenv (names[i], folder, TRUE);
  }
}

void
gv_stage_init (int *argc, char ***argv)
{
  move_user_folders ();
  g_test_init (argc, argv, NULL);
  gv_setup ();
  adw_init ();
  g_object_set (gtk_settings_get_default (), "gtk-enable-animations", FALSE, "gtk-font-name",
                "Cantarell 11", NULL);
}

static gboolean
on_time (gpointer data)
{
  *(bool *) data = true;
  return G_SOURCE_REMOVE;
}

void
gv_stage_pass (int milliseconds)
{
  bool over = false;

  g_timeout_add ((guint) milliseconds, on_time, &over);
  while (!over)
    g_main_context_iteration (NULL, TRUE);
}

bool
gv_stage_wait (bool (*done) (gpointer data), gpointer data, int seconds)
{
  gint64 end = g_get_monotonic_time () + seconds * G_USEC_PER_SEC;

  while (!done (data)) {
    if (g_get_monotonic_time () > end)
      return false;
    gv_stage_pass (10);
  }
  return true;
}

static bool
is_drawn (gpointer data)
{
  return gtk_widget_get_mapped (data) && gtk_widget_get_width (data) > 0;
}

GtkWindow *
gv_stage_show (GtkWidget *widget, int width, int height)
{
  GtkWindow *window = GTK_WINDOW (adw_window_new ());

  adw_window_set_content (ADW_WINDOW (window), widget);
  gtk_window_set_default_size (window, width, height);
  gtk_window_present (window);
  g_assert_true (gv_stage_wait (is_drawn, widget, 20));
  gv_stage_pass (100);
  return window;
}

static void
save (GdkTexture *texture, const char *name)
{
  const char *folder = g_getenv ("GV_SCREENSHOTS");
  g_autofree char *path = NULL;

  if (!folder || !*folder || !name)
    return;
  path = g_strdup_printf ("%s/%s.png", folder, name);
  g_mkdir_with_parents (folder, 0755);
  g_assert_true (gdk_texture_save_to_png (texture, path));
}

GdkTexture *
gv_stage_snapshot (GtkWidget *widget, const char *name)
{
  g_autoptr (GdkPaintable) paintable = gtk_widget_paintable_new (widget);
  GtkSnapshot *snapshot;
  int width, height;
  g_autoptr (GskRenderNode) node = NULL;
  GdkTexture *texture;

  /* A paintable learns what its widget looks like when that is drawn next. */
  gtk_widget_queue_draw (widget);
  gv_stage_pass (100);
  width = gdk_paintable_get_intrinsic_width (paintable);
  height = gdk_paintable_get_intrinsic_height (paintable);
  snapshot = gtk_snapshot_new ();
  gdk_paintable_snapshot (paintable, GDK_SNAPSHOT (snapshot), width, height);
  node = gtk_snapshot_free_to_node (snapshot);
  if (!node)
    return NULL;
  texture =
      gsk_renderer_render_texture (gtk_native_get_renderer (gtk_widget_get_native (widget)), node,
                                   &GRAPHENE_RECT_INIT (0, 0, (float) width, (float) height));
  save (texture, name);
  return texture;
}

/* The toolkit's test backend tells names of widgets only where they differ from what is expected.
 */
static bool
has_label (GtkWidget *widget, const char *label)
{
  g_autofree char *difference =
      gtk_test_accessible_check_property (GTK_ACCESSIBLE (widget), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                          label, NULL);

  return difference == NULL;
}

GtkWidget *
gv_stage_find (GtkWidget *root, GType type, const char *name)
{
  if (g_type_is_a (G_OBJECT_TYPE (root), type) && (!name || has_label (root, name)))
    return root;
  for (GtkWidget *child = gtk_widget_get_first_child (root); child;
       child = gtk_widget_get_next_sibling (child)) {
    GtkWidget *found = gv_stage_find (child, type, name);

    if (found)
      return found;
  }
  return NULL;
}

/* The part of a compound that takes the focus speaks for all of it. */
static bool
is_part_of_named (GtkWidget *widget)
{
  GtkWidget *whole = gtk_widget_get_parent (widget);

  return (GTK_IS_MENU_BUTTON (whole) || GTK_IS_DROP_DOWN (whole)) &&
         gtk_test_accessible_has_property (GTK_ACCESSIBLE (whole), GTK_ACCESSIBLE_PROPERTY_LABEL);
}

/* A name of its own, of the widget that labels it, or of the text inside of it. */
static bool
has_name (GtkWidget *widget)
{
  if (is_part_of_named (widget) || gtk_widget_get_tooltip_text (widget))
    return true;
  if (gtk_test_accessible_has_property (GTK_ACCESSIBLE (widget), GTK_ACCESSIBLE_PROPERTY_LABEL) ||
      gtk_test_accessible_has_relation (GTK_ACCESSIBLE (widget),
                                        GTK_ACCESSIBLE_RELATION_LABELLED_BY))
    return true;
  if (GTK_IS_LABEL (widget))
    return *gtk_label_get_text (GTK_LABEL (widget)) != '\0';
  for (GtkWidget *child = gtk_widget_get_first_child (widget); child;
       child = gtk_widget_get_next_sibling (child))
    if (has_name (child))
      return true;
  return false;
}

static bool
needs_name (GtkWidget *widget)
{
  GtkAccessibleRole role = gtk_accessible_get_accessible_role (GTK_ACCESSIBLE (widget));

  if (GTK_IS_LABEL (widget) || GTK_IS_LIST_BOX (widget))
    return false; /* a label is its own name, and a list hands the focus to its rows */
  return gtk_widget_get_focusable (widget) && role != GTK_ACCESSIBLE_ROLE_NONE &&
         role != GTK_ACCESSIBLE_ROLE_PRESENTATION && role != GTK_ACCESSIBLE_ROLE_GENERIC &&
         role != GTK_ACCESSIBLE_ROLE_GROUP;
}

static char *
describe (GtkWidget *widget)
{
  GString *path = g_string_new (NULL);

  for (; widget; widget = gtk_widget_get_parent (widget)) {
    g_string_prepend (path, G_OBJECT_TYPE_NAME (widget));
    if (gtk_widget_get_parent (widget))
      g_string_prepend (path, " > ");
  }
  return g_string_free (path, FALSE);
}

void
gv_stage_check_names (GtkWidget *root)
{
  if (!gtk_widget_get_visible (root))
    return;
  if (needs_name (root) && !has_name (root)) {
    g_autofree char *path = describe (root);

    g_test_message ("%s has no accessible name", path);
    g_test_fail ();
  }
  for (GtkWidget *child = gtk_widget_get_first_child (root); child;
       child = gtk_widget_get_next_sibling (child))
    gv_stage_check_names (child);
}

/* A widget wants room for margins that its style gives it, and they are not part of its bounds. */
#define STYLE_MARGINS 8

void
gv_stage_check_room (GtkWidget *root)
{
  int wanted;

  if (!gtk_widget_get_mapped (root))
    return;
  gtk_widget_measure (root, GTK_ORIENTATION_HORIZONTAL, -1, &wanted, NULL, NULL, NULL);
  if (gtk_widget_get_width (root) > 0 && !GTK_IS_SCROLLABLE (root)) {
    int margins = gtk_widget_get_margin_start (root) + gtk_widget_get_margin_end (root);
    g_autofree char *path = describe (root);
    graphene_rect_t bounds;

    if (gtk_widget_compute_bounds (root, root, &bounds) &&
        bounds.size.width + margins + STYLE_MARGINS < wanted) {
      g_test_message ("%s has %d of %d pixels", path, (int) bounds.size.width + margins, wanted);
      g_test_fail ();
    }
  }
  for (GtkWidget *child = gtk_widget_get_first_child (root); child;
       child = gtk_widget_get_next_sibling (child))
    gv_stage_check_room (child);
}
