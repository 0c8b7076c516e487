// SPDX-FileCopyrightText: Giverny contributors
// SPDX-License-Identifier: GPL-3.0-or-later
/* What can be done with chosen pictures: by keys, by the menu, by dragging them somewhere. */
#include "gallery/gallery-private.h"

#include "widgets/announce.h"

#include <string.h>

/* More at once would be a copy of the gallery, which files are for. */
#define MAX_DRAGGED 500

/* What is chosen */

static GArray *
get_ids (GvGalleryPage *self)
{
  g_autoptr (GtkBitset) chosen =
      gtk_selection_model_get_selection (GTK_SELECTION_MODEL (self->selection));
  GArray *ids = g_array_new (FALSE, FALSE, sizeof (gint64));
  GtkBitsetIter iter;
  guint position;

  for (gboolean more = gtk_bitset_iter_init_first (&iter, chosen, &position); more;
       more = gtk_bitset_iter_next (&iter, &position)) {
    gint64 id = gv_library_model_get_id (self->model, position);

    g_array_append_val (ids, id);
  }
  return ids;
}

static guint
get_n_chosen (GvGalleryPage *self)
{
  g_autoptr (GtkBitset) chosen = NULL;

  if (!self->selection)
    return 0;
  chosen = gtk_selection_model_get_selection (GTK_SELECTION_MODEL (self->selection));
  return (guint) gtk_bitset_get_size (chosen);
}

GPtrArray *
gv_gallery_page_get_chosen (GvGalleryPage *self)
{
  GPtrArray *items = g_ptr_array_new_with_free_func (g_object_unref);
  g_autoptr (GtkBitset) chosen = NULL;
  GtkBitsetIter iter;
  guint position;

  if (!self->selection)
    return items;
  chosen = gtk_selection_model_get_selection (GTK_SELECTION_MODEL (self->selection));
  for (gboolean more = gtk_bitset_iter_init_first (&iter, chosen, &position); more;
       more = gtk_bitset_iter_next (&iter, &position))
    g_ptr_array_add (items, g_list_model_get_item (G_LIST_MODEL (self->model), position));
  return items;
}

/* The only one that is chosen; NULL if there are more, or none. */
static GvLibraryItem *
dup_single (GvGalleryPage *self)
{
  g_autoptr (GPtrArray) items = NULL;

  if (get_n_chosen (self) != 1)
    return NULL;
  items = gv_gallery_page_get_chosen (self);
  return g_object_ref (items->pdata[0]);
}

/* Notes */

static void
on_noted (GObject *library, GAsyncResult *result, gpointer data)
{
  g_autoptr (GvGalleryPage) self = data;
  g_autoptr (GError) error = NULL;

  if (!gv_library_change_finish (GV_LIBRARY (library), result, &error))
    gv_gallery_show_error (self, error);
  else
    gv_gallery_fill_filters (self);
}

void
gv_gallery_set_stars (GvGalleryPage *self, int stars)
{
  g_autoptr (GArray) ids = self->selection ? get_ids (self) : NULL;
  g_autofree char *spoken = NULL;

  if (!ids || ids->len == 0)
    return;
  gv_library_set_stars_async (self->library, (gint64 *) ids->data, ids->len, stars, on_noted,
                              g_object_ref (self));
  spoken = g_strdup_printf (ngettext ("%d star", "%d stars", (gulong) stars), stars);
  gv_announce (GTK_WIDGET (self), spoken);
}

void
gv_gallery_add_tag (GvGalleryPage *self, const char *tag)
{
  g_autoptr (GArray) ids = self->selection ? get_ids (self) : NULL;

  if (ids && ids->len > 0)
    gv_library_add_tag_async (self->library, (gint64 *) ids->data, ids->len, tag, on_noted,
                              g_object_ref (self));
}

void
gv_gallery_remove_tag (GvGalleryPage *self, const char *tag)
{
  g_autoptr (GArray) ids = self->selection ? get_ids (self) : NULL;

  if (ids && ids->len > 0)
    gv_library_remove_tag_async (self->library, (gint64 *) ids->data, ids->len, tag, on_noted,
                                 g_object_ref (self));
}

static void
on_star (GSimpleAction *action, GVariant *parameter, gpointer self)
{
  gv_gallery_set_stars (self, g_variant_get_int32 (parameter));
}

static void
on_tag (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  GvGalleryPage *self = data;

  adw_overlay_split_view_set_show_sidebar (self->split, TRUE);
  gv_gallery_details_edit_tags (self->details);
}

/* Deleting, until the toast that can undo it is gone */

typedef struct
{
  GvGalleryPage *page;       /* (owned) */
  GvLibrary *library;        /* (owned) */
  GvLibraryDeleted *deleted; /* (owned) (nullable): NULL when it was given on */
} Undo;

static void
on_undone (GObject *library, GAsyncResult *result, gpointer data)
{
  g_autoptr (GvGalleryPage) self = data;
  g_autoptr (GError) error = NULL;

  if (!gv_library_change_finish (GV_LIBRARY (library), result, &error))
    gv_gallery_show_error (self, error);
}

static void
on_undo (AdwToast *toast, Undo *undo)
{
  if (undo->deleted)
    gv_library_undelete_async (undo->library, g_steal_pointer (&undo->deleted), on_undone,
                               g_object_ref (undo->page));
}

static void
undo_free (gpointer data, GClosure *closure)
{
  Undo *undo = data;

  if (undo->deleted)
    gv_library_bury (undo->library, undo->deleted);
  g_object_unref (undo->library);
  g_object_unref (undo->page);
  g_free (undo);
}

/* Gone for good, as far as this program is concerned. */
static void
on_undo_over (AdwToast *toast, Undo *undo)
{
  if (undo->deleted)
    gv_library_bury (undo->library, g_steal_pointer (&undo->deleted));
}

static void
offer_undo (GvGalleryPage *self, GvLibrary *library, GvLibraryDeleted *deleted)
{
  guint n = gv_library_deleted_get_n (deleted);
  g_autofree char *title =
      g_strdup_printf (ngettext ("%u picture deleted", "%u pictures deleted", n), n);
  AdwToast *toast = adw_toast_new (title);
  Undo *undo = g_new (Undo, 1);

  *undo = (Undo) { g_object_ref (self), g_object_ref (library), deleted };
  adw_toast_set_button_label (toast, _("_Undo"));
  adw_toast_set_timeout (toast, GV_GALLERY_UNDO_S);
  adw_toast_set_priority (toast, ADW_TOAST_PRIORITY_HIGH);
  g_signal_connect (toast, "dismissed", G_CALLBACK (on_undo_over), undo);
  g_signal_connect_data (toast, "button-clicked", G_CALLBACK (on_undo), undo, undo_free, 0);
  adw_toast_overlay_add_toast (self->toasts, toast);
  gv_announce (GTK_WIDGET (self), title);
}

static void
on_deleted (GObject *library, GAsyncResult *result, gpointer data)
{
  g_autoptr (GvGalleryPage) self = data;
  g_autoptr (GError) error = NULL;
  GvLibraryDeleted *deleted = gv_library_delete_finish (GV_LIBRARY (library), result, &error);

  if (deleted)
    offer_undo (self, GV_LIBRARY (library), deleted);
  else
    gv_gallery_show_error (self, error);
}

static void
on_delete (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  GvGalleryPage *self = data;
  g_autoptr (GArray) ids = get_ids (self);

  if (ids->len > 0)
    gv_library_delete_async (self->library, (gint64 *) ids->data, ids->len, on_deleted,
                             g_object_ref (self));
}

/* To the window */

static void
emit_for_single (GvGalleryPage *self, const char *signal)
{
  g_autoptr (GvLibraryItem) item = dup_single (self);

  if (item)
    g_signal_emit_by_name (self, signal, item);
}

static void
on_open (GSimpleAction *action, GVariant *parameter, gpointer self)
{
  emit_for_single (self, "open");
}

static void
on_use_settings (GSimpleAction *action, GVariant *parameter, gpointer self)
{
  emit_for_single (self, "use-settings");
}

/* The older one is "before". */
static void
on_compare (GSimpleAction *action, GVariant *parameter, gpointer self)
{
  g_autoptr (GPtrArray) items = gv_gallery_page_get_chosen (self);
  GvLibraryItem *a, *b;

  if (items->len != 2)
    return;
  a = items->pdata[0];
  b = items->pdata[1];
  if (gv_library_item_get_time (a) > gv_library_item_get_time (b))
    g_signal_emit_by_name (self, "compare", b, a);
  else
    g_signal_emit_by_name (self, "compare", a, b);
}

/* To other programs */

static GFile *
file_of (GvLibraryItem *item)
{
  return g_file_new_for_path (gv_library_item_get_path (item));
}

static GdkContentProvider *
provide_files (const GPtrArray *items)
{
  g_auto (GValue) value = G_VALUE_INIT;
  GSList *files = NULL;

  for (guint i = MIN (items->len, MAX_DRAGGED); i-- > 0;)
    files = g_slist_prepend (files, file_of (items->pdata[i]));
  g_value_init (&value, GDK_TYPE_FILE_LIST);
  g_value_take_boxed (&value, gdk_file_list_new_from_list (files));
  g_slist_free_full (files, g_object_unref);
  return gdk_content_provider_new_for_value (&value);
}

static void
on_copy (GSimpleAction *action, GVariant *parameter, gpointer self)
{
  g_autoptr (GPtrArray) items = gv_gallery_page_get_chosen (self);
  g_autoptr (GdkContentProvider) content = provide_files (items);

  gdk_clipboard_set_content (gtk_widget_get_clipboard (GTK_WIDGET (self)), content);
}

static void
on_show_in_files (GSimpleAction *action, GVariant *parameter, gpointer self)
{
  g_autoptr (GvLibraryItem) item = dup_single (self);
  g_autoptr (GFile) file = item ? file_of (item) : NULL;
  g_autoptr (GtkFileLauncher) launcher = gtk_file_launcher_new (file);

  if (item)
    gtk_file_launcher_open_containing_folder (launcher,
                                              GTK_WINDOW (gtk_widget_get_root (GTK_WIDGET (self))),
                                              NULL, NULL, NULL);
}

static void
on_exported (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (GvGalleryPage) self = data;
  g_autoptr (GError) error = NULL;

  if (gv_library_export_finish (result, &error))
    gv_gallery_say (self, _("The pictures were exported"));
  else
    gv_gallery_show_error (self, error);
}

static void
on_folder_chosen (GObject *dialog, GAsyncResult *result, gpointer data)
{
  g_autoptr (GvGalleryPage) self = data;
  g_autoptr (GFile) folder =
      gtk_file_dialog_select_folder_finish (GTK_FILE_DIALOG (dialog), result, NULL);
  g_autoptr (GPtrArray) items = folder ? gv_gallery_page_get_chosen (self) : NULL;

  if (folder && g_file_peek_path (folder))
    gv_library_export_async (items, g_file_peek_path (folder), NULL, on_exported,
                             g_object_ref (self));
}

static void
on_export (GSimpleAction *action, GVariant *parameter, gpointer self)
{
  g_autoptr (GtkFileDialog) dialog = gtk_file_dialog_new ();

  gtk_file_dialog_set_title (dialog, _("Export to Folder"));
  gtk_file_dialog_select_folder (dialog, GTK_WINDOW (gtk_widget_get_root (self)), NULL,
                                 on_folder_chosen, g_object_ref (self));
}

/* The folder */

static void
on_rebuilt (GObject *library, GAsyncResult *result, gpointer data)
{
  g_autoptr (GvGalleryPage) self = data;
  g_autoptr (GError) error = NULL;

  if (gv_library_change_finish (GV_LIBRARY (library), result, &error))
    gv_gallery_say (self, _("The gallery was read anew from its folder"));
  else
    gv_gallery_show_error (self, error);
}

static void
on_rebuild (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  GvGalleryPage *self = data;

  if (self->library)
    gv_library_rebuild_async (self->library, NULL, on_rebuilt, g_object_ref (self));
}

static void
on_find (GSimpleAction *action, GVariant *parameter, gpointer self)
{
  gv_gallery_page_focus_search (self);
}

static const GActionEntry entries[] = {
  { .name = "open", .activate = on_open },
  { .name = "use-settings", .activate = on_use_settings },
  { .name = "compare", .activate = on_compare },
  { .name = "stars", .activate = on_star, .parameter_type = "i" },
  { .name = "tag", .activate = on_tag },
  { .name = "copy", .activate = on_copy },
  { .name = "show-in-files", .activate = on_show_in_files },
  { .name = "export", .activate = on_export },
  { .name = "delete", .activate = on_delete },
  { .name = "rebuild", .activate = on_rebuild },
  { .name = "find", .activate = on_find },
};

static void
enable (GvGalleryPage *self, const char *name, bool enabled)
{
  GAction *action = g_action_map_lookup_action (G_ACTION_MAP (self->actions), name);

  g_simple_action_set_enabled (G_SIMPLE_ACTION (action), enabled);
}

void
gv_gallery_update_commands (GvGalleryPage *self)
{
  static const char *const single[] = { "open", "use-settings", "show-in-files" };
  static const char *const any[] = { "copy", "export" };
  static const char *const writing[] = { "stars", "tag", "delete" };
  guint n = get_n_chosen (self);
  bool writable = self->library && !gv_library_is_read_only (self->library);

  for (gsize i = 0; i < G_N_ELEMENTS (single); i++)
    enable (self, single[i], n == 1);
  for (gsize i = 0; i < G_N_ELEMENTS (any); i++)
    enable (self, any[i], n > 0);
  for (gsize i = 0; i < G_N_ELEMENTS (writing); i++)
    enable (self, writing[i], n > 0 && writable);
  enable (self, "compare", n == 2);
  enable (self, "rebuild", writable);
}

/* Keys: those that mean something in a text are of the grid alone. */

static void
add_key (GtkWidget *widget, const char *key, const char *action, GVariant *argument)
{
  GtkEventController *controller = gtk_shortcut_controller_new ();
  GtkShortcut *shortcut =
      gtk_shortcut_new (gtk_shortcut_trigger_parse_string (key), gtk_named_action_new (action));

  gtk_shortcut_set_arguments (shortcut, argument);
  gtk_shortcut_controller_add_shortcut (GTK_SHORTCUT_CONTROLLER (controller), shortcut);
  gtk_widget_add_controller (widget, controller);
}

void
gv_gallery_add_commands (GvGalleryPage *self)
{
  GtkWidget *grid = GTK_WIDGET (self->grid);

  self->actions = g_simple_action_group_new ();
  g_action_map_add_action_entries (G_ACTION_MAP (self->actions), entries, G_N_ELEMENTS (entries),
                                   self);
  gtk_widget_insert_action_group (GTK_WIDGET (self), "gallery", G_ACTION_GROUP (self->actions));
  for (int i = 0; i <= GV_LIBRARY_MAX_STARS; i++) {
    g_autofree char *key = g_strdup_printf ("%d|KP_%d", i, i);

    add_key (grid, key, "gallery.stars", g_variant_new_int32 (i));
  }
  add_key (grid, "Delete|KP_Delete", "gallery.delete", NULL);
  add_key (grid, "<Control>c", "gallery.copy", NULL);
  add_key (grid, "<Control>u", "gallery.use-settings", NULL);
  add_key (grid, "t", "gallery.tag", NULL);
  add_key (GTK_WIDGET (self), "<Control>f", "gallery.find", NULL);
  gv_gallery_update_commands (self);
}

/* Menu */

static void
append_stars (GMenu *menu)
{
  g_autoptr (GMenu) stars = g_menu_new ();

  for (int i = 0; i <= GV_LIBRARY_MAX_STARS; i++) {
    g_autofree char *text = gv_gallery_stars (i);
    g_autoptr (GMenuItem) item = g_menu_item_new (i > 0 ? text : _("None"), NULL);

    g_menu_item_set_action_and_target (item, "gallery.stars", "i", i);
    g_menu_append_item (stars, item);
  }
  g_menu_append_submenu (menu, _("Stars"), G_MENU_MODEL (stars));
}

static void
append_section (GMenu *menu, GMenu *section)
{
  g_menu_append_section (menu, NULL, G_MENU_MODEL (section));
}

static GMenuModel *
make_menu (void)
{
  g_autoptr (GMenu) look = g_menu_new (), note = g_menu_new (), give = g_menu_new ();
  g_autoptr (GMenu) last = g_menu_new ();
  GMenu *menu = g_menu_new ();

  g_menu_append (look, _("Open in the Studio"), "gallery.open");
  g_menu_append (look, _("Use These Settings"), "gallery.use-settings");
  g_menu_append (look, _("Compare Two Pictures"), "gallery.compare");
  append_stars (note);
  g_menu_append (note, _("Add Tag"), "gallery.tag");
  g_menu_append (give, _("Copy"), "gallery.copy");
  g_menu_append (give, _("Show in Files"), "gallery.show-in-files");
  g_menu_append (give, _("Export…"), "gallery.export");
  g_menu_append (last, _("Delete"), "gallery.delete");
  g_menu_append (last, _("Read the Folder Anew"), "gallery.rebuild");
  append_section (menu, look);
  append_section (menu, note);
  append_section (menu, give);
  append_section (menu, last);
  return G_MENU_MODEL (menu);
}

static void
choose_only (GvGalleryPage *self, guint position)
{
  GtkSelectionModel *selection = GTK_SELECTION_MODEL (self->selection);

  if (!gtk_selection_model_is_selected (selection, position))
    gtk_selection_model_select_item (selection, position, TRUE);
}

static void
show_menu (GvGalleryPage *self, GtkWidget *tile, double x, double y)
{
  graphene_point_t at;
  GdkRectangle place;

  if (!gtk_widget_compute_point (tile, GTK_WIDGET (self),
                                 &GRAPHENE_POINT_INIT ((float) x, (float) y), &at))
    return;
  if (!self->menu) {
    g_autoptr (GMenuModel) menu = make_menu ();

    self->menu = gtk_popover_menu_new_from_model (menu);
    gtk_popover_set_has_arrow (GTK_POPOVER (self->menu), FALSE);
    gtk_widget_set_halign (self->menu, GTK_ALIGN_START);
    gtk_widget_set_parent (self->menu, GTK_WIDGET (self));
  }
  place = (GdkRectangle) { (int) at.x, (int) at.y, 1, 1 };
  gtk_popover_set_pointing_to (GTK_POPOVER (self->menu), &place);
  gtk_popover_popup (GTK_POPOVER (self->menu));
}

typedef struct
{
  GvGalleryPage *page; /* not owned: it outlives its cells */
  GtkListItem *cell;
} Cell;

static void
cell_free (gpointer data, GClosure *closure)
{
  g_free (data);
}

static Cell *
cell_new (GvGalleryPage *self, GtkListItem *list_item)
{
  Cell *cell = g_new (Cell, 1);

  *cell = (Cell) { self, list_item };
  return cell;
}

static void
on_menu_click (GtkGesture *gesture, int n, double x, double y, Cell *cell)
{
  gtk_gesture_set_state (gesture, GTK_EVENT_SEQUENCE_CLAIMED);
  choose_only (cell->page, gtk_list_item_get_position (cell->cell));
  show_menu (cell->page, gtk_list_item_get_child (cell->cell), x, y);
}

static void
on_long_press (GtkGesture *gesture, double x, double y, Cell *cell)
{
  on_menu_click (gesture, 1, x, y, cell);
}

/* Dragging */

static GdkContentProvider *
on_drag_prepare (GtkDragSource *source, double x, double y, Cell *cell)
{
  g_autoptr (GPtrArray) items = NULL;
  GdkTexture *texture;

  choose_only (cell->page, gtk_list_item_get_position (cell->cell));
  items = gv_gallery_page_get_chosen (cell->page);
  texture = gv_gallery_tile_get_texture (GV_GALLERY_TILE (gtk_list_item_get_child (cell->cell)));
  if (texture)
    gtk_drag_source_set_icon (source, GDK_PAINTABLE (texture), 24, 24);
  return provide_files (items);
}

void
gv_gallery_add_gestures (GvGalleryPage *self, GtkListItem *list_item, GvGalleryTile *tile)
{
  GtkGesture *click = gtk_gesture_click_new (), *press = gtk_gesture_long_press_new ();
  GtkDragSource *drag = gtk_drag_source_new ();

  gtk_gesture_single_set_button (GTK_GESTURE_SINGLE (click), GDK_BUTTON_SECONDARY);
  g_signal_connect_data (click, "pressed", G_CALLBACK (on_menu_click), cell_new (self, list_item),
                         cell_free, 0);
  gtk_gesture_single_set_touch_only (GTK_GESTURE_SINGLE (press), TRUE);
  g_signal_connect_data (press, "pressed", G_CALLBACK (on_long_press), cell_new (self, list_item),
                         cell_free, 0);
  g_signal_connect_data (drag, "prepare", G_CALLBACK (on_drag_prepare), cell_new (self, list_item),
                         cell_free, 0);
  gtk_widget_add_controller (GTK_WIDGET (tile), GTK_EVENT_CONTROLLER (click));
  gtk_widget_add_controller (GTK_WIDGET (tile), GTK_EVENT_CONTROLLER (press));
  gtk_widget_add_controller (GTK_WIDGET (tile), GTK_EVENT_CONTROLLER (drag));
}
