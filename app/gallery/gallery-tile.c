// SPDX-FileCopyrightText: Giverny contributors
// SPDX-License-Identifier: GPL-3.0-or-later
/* A tile of the gallery. */
#include "gallery/gallery-tile.h"

#include "gallery/thumbnail.h"

#include <math.h>

#define SIDE 148

/* What only rushes past is not loaded. */
#define PAUSE_MS 60

struct _GvGalleryTile
{
  GtkWidget parent_instance;
  GvLibraryItem *item;       /* (owned) (nullable) */
  GdkTexture *texture;       /* (owned) (nullable) */
  GCancellable *cancellable; /* (owned) (nullable): of the thumbnail that is being loaded */
  guint waiting;             /* the source after which it is loaded */
  GtkWidget *overlay, *picture, *missing, *stars, *total;
};
G_DEFINE_FINAL_TYPE (GvGalleryTile, gv_gallery_tile, GTK_TYPE_WIDGET)

char *
gv_gallery_stars (int n)
{
  GString *out = g_string_new (NULL);

  for (int i = 0; i < n; i++)
    g_string_append (out, "★");
  return g_string_free_and_steal (out);
}

char *
gv_gallery_tile_describe (GvLibraryItem *item)
{
  const char *prompt = gv_library_item_get_prompt (item);
  g_autofree char *words = *prompt
                               ? g_utf8_substring (prompt, 0, MIN (g_utf8_strlen (prompt, -1), 120))
                               : g_strdup (gv_library_item_get_file (item));
  int stars = gv_library_item_get_stars (item);

  if (stars == 0)
    return g_steal_pointer (&words);
  return g_strdup_printf (ngettext ("%s, %d star", "%s, %d stars", (gulong) stars), words, stars);
}

static void
update_notes (GvGalleryTile *self)
{
  g_autofree char *stars = gv_gallery_stars (gv_library_item_get_stars (self->item));
  g_autofree char *name = gv_gallery_tile_describe (self->item);
  double total = gv_library_item_get_scores (self->item).total;
  g_autofree char *number = isnan (total) ? NULL : g_strdup_printf ("%.2f", total);

  gtk_label_set_text (GTK_LABEL (self->stars), stars);
  gtk_widget_set_visible (self->stars, *stars != '\0');
  gtk_label_set_text (GTK_LABEL (self->total), number ? number : "");
  gtk_widget_set_visible (self->total, number != NULL);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self), GTK_ACCESSIBLE_PROPERTY_LABEL, name, -1);
}

static void
set_texture (GvGalleryTile *self, GdkTexture *texture, bool broken)
{
  g_set_object (&self->texture, texture);
  gtk_picture_set_paintable (GTK_PICTURE (self->picture), GDK_PAINTABLE (texture));
  gtk_widget_set_visible (self->missing, broken);
}

static void
on_loaded (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (GvGalleryTile) self = data;
  g_autoptr (GError) error = NULL;
  g_autoptr (GdkTexture) texture = gv_thumbnail_load_finish (result, &error);

  if (g_task_get_cancellable (G_TASK (result)) != self->cancellable)
    return;
  g_clear_object (&self->cancellable);
  set_texture (self, texture, texture == NULL);
}

static gboolean
load (gpointer data)
{
  GvGalleryTile *self = data;

  self->waiting = 0;
  self->cancellable = g_cancellable_new ();
  gv_thumbnail_load_async (gv_library_item_get_path (self->item),
                           gv_library_item_get_time (self->item), self->cancellable, on_loaded,
                           g_object_ref (self));
  return G_SOURCE_REMOVE;
}

static void
let_go (GvGalleryTile *self)
{
  g_clear_handle_id (&self->waiting, g_source_remove);
  if (self->cancellable)
    g_cancellable_cancel (self->cancellable);
  g_clear_object (&self->cancellable);
  if (self->item)
    g_signal_handlers_disconnect_by_data (self->item, self);
  g_clear_object (&self->item);
}

void
gv_gallery_tile_set_item (GvGalleryTile *self, GvLibraryItem *item)
{
  let_go (self);
  set_texture (self, NULL, false);
  if (!item)
    return;
  self->item = g_object_ref (item);
  g_signal_connect_swapped (item, "notify", G_CALLBACK (update_notes), self);
  update_notes (self);
  self->waiting = g_timeout_add (PAUSE_MS, load, self);
}

GvLibraryItem *
gv_gallery_tile_get_item (GvGalleryTile *self)
{
  return self->item;
}

GdkTexture *
gv_gallery_tile_get_texture (GvGalleryTile *self)
{
  return self->texture;
}

static void
gv_gallery_tile_dispose (GObject *object)
{
  GvGalleryTile *self = GV_GALLERY_TILE (object);

  let_go (self);
  g_clear_object (&self->texture);
  g_clear_pointer (&self->overlay, gtk_widget_unparent);
  G_OBJECT_CLASS (gv_gallery_tile_parent_class)->dispose (object);
}

static void
gv_gallery_tile_class_init (GvGalleryTileClass *class)
{
  G_OBJECT_CLASS (class)->dispose = gv_gallery_tile_dispose;
  gtk_widget_class_set_layout_manager_type (GTK_WIDGET_CLASS (class), GTK_TYPE_BIN_LAYOUT);
  gtk_widget_class_set_css_name (GTK_WIDGET_CLASS (class), "gallery-tile");
  gtk_widget_class_set_accessible_role (GTK_WIDGET_CLASS (class), GTK_ACCESSIBLE_ROLE_IMG);
}

static GtkWidget *
add_badge (GvGalleryTile *self, GtkAlign side)
{
  GtkWidget *label = gtk_label_new (NULL);

  gtk_widget_set_halign (label, side);
  gtk_widget_set_valign (label, GTK_ALIGN_END);
  gtk_widget_add_css_class (label, "badge");
  gtk_widget_add_css_class (label, "osd");
  gtk_widget_set_visible (label, FALSE);
  gtk_overlay_add_overlay (GTK_OVERLAY (self->overlay), label);
  return label;
}

static void
gv_gallery_tile_init (GvGalleryTile *self)
{
  self->overlay = gtk_overlay_new ();
  self->picture = gtk_picture_new ();
  self->missing = gtk_image_new_from_icon_name ("image-missing-symbolic");
  gtk_picture_set_content_fit (GTK_PICTURE (self->picture), GTK_CONTENT_FIT_CONTAIN);
  gtk_widget_set_size_request (self->picture, SIDE, SIDE);
  gtk_image_set_icon_size (GTK_IMAGE (self->missing), GTK_ICON_SIZE_LARGE);
  gtk_widget_set_visible (self->missing, FALSE);
  gtk_overlay_set_child (GTK_OVERLAY (self->overlay), self->picture);
  gtk_overlay_add_overlay (GTK_OVERLAY (self->overlay), self->missing);
  self->stars = add_badge (self, GTK_ALIGN_START);
  self->total = add_badge (self, GTK_ALIGN_END);
  gtk_widget_add_css_class (self->total, "numeric");
  gtk_widget_set_parent (self->overlay, GTK_WIDGET (self));
}

GvGalleryTile *
gv_gallery_tile_new (void)
{
  return g_object_new (GV_TYPE_GALLERY_TILE, NULL);
}
