// SPDX-FileCopyrightText: Giverny contributors
// SPDX-License-Identifier: GPL-3.0-or-later
/* The gallery's page: its list, its cells, and what it shows when there is nothing to show. */
#include "gallery/gallery-private.h"

#include <string.h>

G_DEFINE_FINAL_TYPE (GvGalleryPage, gv_gallery_page, ADW_TYPE_BIN)

enum { OPEN, USE_SETTINGS, COMPARE, START, N_SIGNALS };
static guint signals[N_SIGNALS];

void
gv_gallery_say (GvGalleryPage *self, const char *sentence)
{
  AdwToast *toast = adw_toast_new (sentence);

  adw_toast_set_use_markup (toast, FALSE);
  adw_toast_overlay_add_toast (self->toasts, toast);
}

void
gv_gallery_show_error (GvGalleryPage *self, const GError *error)
{
  gv_gallery_say (self, error->message);
}

/* Cells */

static void
on_setup (GvGalleryPage *self, GtkListItem *cell)
{
  GvGalleryTile *tile = gv_gallery_tile_new ();

  gtk_list_item_set_child (cell, GTK_WIDGET (tile));
  gv_gallery_add_gestures (self, cell, tile);
}

static void
on_bind (GvGalleryPage *self, GtkListItem *cell)
{
  GvLibraryItem *item = gtk_list_item_get_item (cell);
  g_autofree char *label = gv_gallery_tile_describe (item);

  gv_gallery_tile_set_item (GV_GALLERY_TILE (gtk_list_item_get_child (cell)), item);
  gtk_list_item_set_accessible_label (cell, label);
}

static void
on_unbind (GvGalleryPage *self, GtkListItem *cell)
{
  gv_gallery_tile_set_item (GV_GALLERY_TILE (gtk_list_item_get_child (cell)), NULL);
}

static void
on_activate (GvGalleryPage *self, guint position)
{
  g_autoptr (GvLibraryItem) item = g_list_model_get_item (G_LIST_MODEL (self->model), position);

  if (item)
    g_signal_emit (self, signals[OPEN], 0, item);
}

/* What is shown */

static void
update_stack (GvGalleryPage *self)
{
  const char *name = "pictures";

  if (!self->model)
    name = "empty";
  else if (g_list_model_get_n_items (G_LIST_MODEL (self->model)) > 0)
    name = "pictures";
  else if (gv_library_model_is_loading (self->model))
    name = "loading";
  else if (gv_library_filter_is_narrow (gv_library_model_get_filter (self->model)))
    name = "nothing";
  else
    name = "empty";
  gtk_stack_set_visible_child_name (self->stack, name);
}

static void
on_selection (GvGalleryPage *self)
{
  g_autoptr (GtkBitset) chosen =
      gtk_selection_model_get_selection (GTK_SELECTION_MODEL (self->selection));
  guint n = (guint) gtk_bitset_get_size (chosen);
  g_autofree char *text =
      g_strdup_printf (ngettext ("%u picture chosen", "%u pictures chosen", n), n);
  g_autoptr (GvLibraryItem) first =
      n > 0 ? g_list_model_get_item (G_LIST_MODEL (self->model), gtk_bitset_get_minimum (chosen))
            : NULL;

  gtk_label_set_text (self->chosen, text);
  gtk_action_bar_set_revealed (self->bar, n > 0);
  gv_gallery_details_show (self->details, first, n);
  gv_gallery_update_commands (self);
}

static void
on_progress (GvGalleryPage *self)
{
  double progress;

  g_object_get (self->library, "progress", &progress, NULL);
  gtk_revealer_set_reveal_child (self->progress_revealer, progress >= 0);
  if (progress >= 0)
    gtk_progress_bar_set_fraction (self->progress, progress);
}

static void
on_failed (GvGalleryPage *self, const GError *error)
{
  gv_gallery_show_error (self, error);
}

static void
on_start (GvGalleryPage *self)
{
  g_signal_emit (self, signals[START], 0);
}

/* The library */

static void
let_go (GvGalleryPage *self)
{
  if (self->library)
    g_signal_handlers_disconnect_by_data (self->library, self);
  if (self->model)
    g_signal_handlers_disconnect_by_data (self->model, self);
  if (self->selection)
    g_signal_handlers_disconnect_by_data (self->selection, self);
  if (self->grid)
    gtk_grid_view_set_model (self->grid, NULL);
  if (self->details)
    gv_gallery_details_show (self->details, NULL, 0);
  g_clear_object (&self->selection);
  g_clear_object (&self->model);
  g_clear_object (&self->library);
}

static void
follow (GvGalleryPage *self, GvLibrary *library)
{
  self->library = g_object_ref (library);
  self->model = gv_library_model_new (library);
  self->selection = gtk_multi_selection_new (g_object_ref (G_LIST_MODEL (self->model)));
  g_signal_connect_swapped (library, "changed", G_CALLBACK (gv_gallery_fill_filters), self);
  g_signal_connect_swapped (library, "notify::progress", G_CALLBACK (on_progress), self);
  g_signal_connect_swapped (library, "failed", G_CALLBACK (on_failed), self);
  g_signal_connect_swapped (self->model, "notify", G_CALLBACK (update_stack), self);
  g_signal_connect_swapped (self->selection, "selection-changed", G_CALLBACK (on_selection), self);
  g_signal_connect_swapped (self->selection, "items-changed", G_CALLBACK (on_selection), self);
  gtk_grid_view_set_model (self->grid, GTK_SELECTION_MODEL (self->selection));
  gv_gallery_fill_filters (self);
  on_selection (self);
  on_progress (self);
}

void
gv_gallery_page_set_library (GvGalleryPage *self, GvLibrary *library, const char *notice)
{
  let_go (self);
  adw_banner_set_use_markup (self->banner, FALSE);
  adw_banner_set_title (self->banner, notice ? notice : "");
  adw_banner_set_revealed (self->banner, notice != NULL);
  if (library)
    follow (self, library);
  gv_gallery_update_commands (self);
  update_stack (self);
}

const char *
gv_gallery_page_get_search (GvGalleryPage *self)
{
  return gtk_editable_get_text (GTK_EDITABLE (self->search));
}

void
gv_gallery_page_set_search (GvGalleryPage *self, const char *text)
{
  gtk_editable_set_text (GTK_EDITABLE (self->search), text);
}

void
gv_gallery_page_focus_search (GvGalleryPage *self)
{
  gtk_widget_grab_focus (GTK_WIDGET (self->search));
}

/* The type */

static void
gv_gallery_page_dispose (GObject *object)
{
  GvGalleryPage *self = GV_GALLERY_PAGE (object);

  let_go (self);
  g_clear_pointer (&self->menu, gtk_widget_unparent);
  g_clear_object (&self->actions);
  gtk_widget_dispose_template (GTK_WIDGET (self), GV_TYPE_GALLERY_PAGE);
  G_OBJECT_CLASS (gv_gallery_page_parent_class)->dispose (object);
}

static void
bind_children (GtkWidgetClass *class)
{
  gtk_widget_class_bind_template_child (class, GvGalleryPage, toasts);
  gtk_widget_class_bind_template_child (class, GvGalleryPage, split);
  gtk_widget_class_bind_template_child (class, GvGalleryPage, details);
  gtk_widget_class_bind_template_child (class, GvGalleryPage, search);
  gtk_widget_class_bind_template_child (class, GvGalleryPage, filter_button);
  gtk_widget_class_bind_template_child (class, GvGalleryPage, order_button);
  gtk_widget_class_bind_template_child (class, GvGalleryPage, model_filter);
  gtk_widget_class_bind_template_child (class, GvGalleryPage, lora_filter);
  gtk_widget_class_bind_template_child (class, GvGalleryPage, tag_filter);
  gtk_widget_class_bind_template_child (class, GvGalleryPage, stars_filter);
  gtk_widget_class_bind_template_child (class, GvGalleryPage, total_filter);
  gtk_widget_class_bind_template_child (class, GvGalleryPage, lora_label);
  gtk_widget_class_bind_template_child (class, GvGalleryPage, tag_label);
  gtk_widget_class_bind_template_child (class, GvGalleryPage, total_label);
  gtk_widget_class_bind_template_child (class, GvGalleryPage, clear_button);
  gtk_widget_class_bind_template_child (class, GvGalleryPage, start_button);
  gtk_widget_class_bind_template_child (class, GvGalleryPage, show_all_button);
  gtk_widget_class_bind_template_child (class, GvGalleryPage, ascending);
  gtk_widget_class_bind_template_child (class, GvGalleryPage, details_button);
  gtk_widget_class_bind_template_child (class, GvGalleryPage, banner);
  gtk_widget_class_bind_template_child (class, GvGalleryPage, progress_revealer);
  gtk_widget_class_bind_template_child (class, GvGalleryPage, progress);
  gtk_widget_class_bind_template_child (class, GvGalleryPage, stack);
  gtk_widget_class_bind_template_child (class, GvGalleryPage, scroller);
  gtk_widget_class_bind_template_child (class, GvGalleryPage, grid);
  gtk_widget_class_bind_template_child (class, GvGalleryPage, bar);
  gtk_widget_class_bind_template_child (class, GvGalleryPage, chosen);
}

static guint
add_signal (const char *name, guint n_items)
{
  return g_signal_new (name, GV_TYPE_GALLERY_PAGE, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                       G_TYPE_NONE, n_items, GV_TYPE_LIBRARY_ITEM, GV_TYPE_LIBRARY_ITEM);
}

static void
gv_gallery_page_class_init (GvGalleryPageClass *class)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (class);

  G_OBJECT_CLASS (class)->dispose = gv_gallery_page_dispose;
  signals[OPEN] = add_signal ("open", 1);
  signals[USE_SETTINGS] = add_signal ("use-settings", 1);
  signals[COMPARE] = add_signal ("compare", 2);
  signals[START] = add_signal ("start", 0);
  g_type_ensure (GV_TYPE_GALLERY_DETAILS);
  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/app/giverny/Giverny/gallery-page.ui");
  bind_children (widget_class);
}

static void
make_cells (GvGalleryPage *self)
{
  GtkListItemFactory *factory = gtk_signal_list_item_factory_new ();

  g_signal_connect_swapped (factory, "setup", G_CALLBACK (on_setup), self);
  g_signal_connect_swapped (factory, "bind", G_CALLBACK (on_bind), self);
  g_signal_connect_swapped (factory, "unbind", G_CALLBACK (on_unbind), self);
  gtk_grid_view_set_factory (self->grid, factory);
  g_object_unref (factory);
}

static void
gv_gallery_page_init (GvGalleryPage *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
  make_cells (self);
  gv_gallery_add_filters (self);
  gv_gallery_add_commands (self);
  g_signal_connect_swapped (self->grid, "activate", G_CALLBACK (on_activate), self);
  g_signal_connect_swapped (self->start_button, "clicked", G_CALLBACK (on_start), self);
  g_signal_connect_swapped (self->details, "stars", G_CALLBACK (gv_gallery_set_stars), self);
  g_signal_connect_swapped (self->details, "add-tag", G_CALLBACK (gv_gallery_add_tag), self);
  g_signal_connect_swapped (self->details, "remove-tag", G_CALLBACK (gv_gallery_remove_tag), self);
  update_stack (self);
}

GvGalleryPage *
gv_gallery_page_new (void)
{
  return g_object_new (GV_TYPE_GALLERY_PAGE, NULL);
}
