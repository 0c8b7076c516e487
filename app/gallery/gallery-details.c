// SPDX-FileCopyrightText: Giverny contributors
// SPDX-License-Identifier: GPL-3.0-or-later
/* The gallery's pane of details. */
#include "gallery/gallery-details.h"

#include <math.h>

struct _GvGalleryDetails
{
  AdwBin parent_instance;
  GvLibraryItem *item;  /* (owned) (nullable) */
  guint n;
  /* template children */
  GtkStack *stack;
  GtkLabel *title;
  GtkBox *stars;
  AdwWrapBox *tags;
  GtkEntry *tag_entry;
  GtkListBox *rows;
};
G_DEFINE_FINAL_TYPE (GvGalleryDetails, gv_gallery_details, ADW_TYPE_BIN)

enum { STARS, ADD_TAG, REMOVE_TAG, N_SIGNALS };
static guint signals[N_SIGNALS];

/* Stars */

static void
on_star (GvGalleryDetails *self, GtkWidget *button)
{
  int stars = GPOINTER_TO_INT (g_object_get_data (G_OBJECT (button), "stars"));

  /* The last star that is on takes all away. */
  if (self->item && gv_library_item_get_stars (self->item) == stars)
    stars = 0;
  g_signal_emit (self, signals[STARS], 0, stars);
}

static void
add_star (GvGalleryDetails *self, int stars)
{
  GtkWidget *button = gtk_button_new_from_icon_name ("non-starred-symbolic");
  g_autofree char *label =
      g_strdup_printf (ngettext ("%d star", "%d stars", (gulong) stars), stars);

  g_object_set_data (G_OBJECT (button), "stars", GINT_TO_POINTER (stars));
  gtk_widget_set_tooltip_text (button, label);
  gtk_accessible_update_property (GTK_ACCESSIBLE (button), GTK_ACCESSIBLE_PROPERTY_LABEL, label,
                                  -1);
  gtk_widget_add_css_class (button, "flat");
  g_signal_connect_swapped (button, "clicked", G_CALLBACK (on_star), self);
  gtk_box_append (self->stars, button);
}

static void
update_stars (GvGalleryDetails *self)
{
  int n = gv_library_item_get_stars (self->item);

  for (GtkWidget *child = gtk_widget_get_first_child (GTK_WIDGET (self->stars)); child;
       child = gtk_widget_get_next_sibling (child)) {
    int stars = GPOINTER_TO_INT (g_object_get_data (G_OBJECT (child), "stars"));

    gtk_button_set_icon_name (GTK_BUTTON (child),
                              stars <= n ? "starred-symbolic" : "non-starred-symbolic");
  }
}

/* Tags */

static void
on_remove_tag (GvGalleryDetails *self, GtkWidget *button)
{
  g_signal_emit (self, signals[REMOVE_TAG], 0, g_object_get_data (G_OBJECT (button), "tag"));
}

static void
add_tag (GvGalleryDetails *self, const char *tag)
{
  GtkWidget *button = gtk_button_new (), *content = adw_button_content_new ();
  g_autofree char *label = g_strdup_printf (_("Remove the tag “%s”"), tag);

  adw_button_content_set_icon_name (ADW_BUTTON_CONTENT (content), "window-close-symbolic");
  adw_button_content_set_label (ADW_BUTTON_CONTENT (content), tag);
  adw_button_content_set_can_shrink (ADW_BUTTON_CONTENT (content), TRUE);
  gtk_button_set_child (GTK_BUTTON (button), content);
  gtk_widget_set_tooltip_text (button, label);
  gtk_accessible_update_property (GTK_ACCESSIBLE (button), GTK_ACCESSIBLE_PROPERTY_LABEL, label,
                                  -1);
  g_object_set_data_full (G_OBJECT (button), "tag", g_strdup (tag), g_free);
  g_signal_connect_swapped (button, "clicked", G_CALLBACK (on_remove_tag), self);
  adw_wrap_box_append (self->tags, button);
}

static void
update_tags (GvGalleryDetails *self)
{
  g_auto (GStrv) tags = g_strsplit (gv_library_item_get_tags (self->item), "\n", -1);
  GtkWidget *old;

  while ((old = gtk_widget_get_first_child (GTK_WIDGET (self->tags))))
    adw_wrap_box_remove (self->tags, old);
  for (char **tag = tags; *tag; tag++)
    if (**tag)
      add_tag (self, *tag);
  gtk_widget_set_visible (GTK_WIDGET (self->tags), *tags != NULL);
}

static void
on_tag_entered (GvGalleryDetails *self)
{
  g_autofree char *tag = g_strdup (gtk_editable_get_text (GTK_EDITABLE (self->tag_entry)));

  if (!*g_strstrip (tag))
    return;
  gtk_editable_set_text (GTK_EDITABLE (self->tag_entry), "");
  g_signal_emit (self, signals[ADD_TAG], 0, tag);
}

/* Rows */

static void
add_row (GvGalleryDetails *self, const char *title, const char *text)
{
  GtkWidget *row;

  if (!text || !*text)
    return;
  row = adw_action_row_new ();
  adw_preferences_row_set_use_markup (ADW_PREFERENCES_ROW (row), FALSE);
  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (row), title);
  adw_action_row_set_subtitle (ADW_ACTION_ROW (row), text);
  adw_action_row_set_subtitle_selectable (ADW_ACTION_ROW (row), TRUE);
  adw_action_row_set_subtitle_lines (ADW_ACTION_ROW (row), 12);
  gtk_widget_add_css_class (row, "property");
  gtk_list_box_append (self->rows, row);
}

G_GNUC_PRINTF (3, 4)
static void
add_format (GvGalleryDetails *self, const char *title, const char *format, ...)
{
  g_autofree char *text = NULL;
  va_list args;

  va_start (args, format);
  text = g_strdup_vprintf (format, args);
  va_end (args);
  add_row (self, title, text);
}

static void
add_score (GvGalleryDetails *self, const char *title, double score)
{
  if (!isnan (score))
    add_format (self, title, "%.3f", score);
}

static void
add_file_rows (GvGalleryDetails *self, GvLibraryItem *item)
{
  gint64 seconds = gv_library_item_get_time (item) / G_USEC_PER_SEC;
  g_autoptr (GDateTime) time = g_date_time_new_from_unix_local (seconds);
  g_autofree char *when = time ? g_date_time_format (time, "%c") : NULL;
  g_autofree char *size = g_format_size ((guint64) MAX (gv_library_item_get_size (item), 0));

  add_row (self, _("Painted"), when);
  add_format (self, _("File"), "%s (%s)", gv_library_item_get_file (item), size);
}

static void
fill_rows (GvGalleryDetails *self, GvLibraryItem *item)
{
  GvLibraryScores scores = gv_library_item_get_scores (item);

  add_row (self, _("What to paint"), gv_library_item_get_prompt (item));
  add_row (self, _("What to avoid"), gv_library_item_get_negative (item));
  add_row (self, _("Model"), gv_library_item_get_model (item));
  add_row (self, _("LoRA"), gv_library_item_get_loras (item));
  add_format (self, _("Size"), "%d × %d", gv_library_item_get_width (item),
                      gv_library_item_get_height (item));
  if (gv_library_item_get_steps (item) > 0) {
    add_format (self, _("Steps"), "%d", gv_library_item_get_steps (item));
    if (!isnan (gv_library_item_get_cfg (item)))
      add_format (self, _("Guidance"), "%g", gv_library_item_get_cfg (item));
    add_row (self, _("Sampler"), gv_library_item_get_sampler (item));
    add_row (self, _("Schedule"), gv_library_item_get_schedule (item));
    add_format (self, _("Seed"), "%" G_GUINT64_FORMAT, gv_library_item_get_seed (item));
  }
  add_score (self, _("Total score"), scores.total);
  add_score (self, "CLIP", scores.clip);
  add_score (self, "BLIP-2", scores.blip2);
  add_score (self, "LPIPS", scores.lpips);
  add_file_rows (self, item);
}

static void
update (GvGalleryDetails *self)
{
  g_autofree char *many = NULL;

  if (!self->item)
    return;
  if (self->n > 1)
    many = g_strdup_printf (ngettext ("%u picture chosen", "%u pictures chosen", self->n), self->n);
  gtk_label_set_text (self->title, many ? many
                                   : *gv_library_item_get_prompt (self->item)
                                       ? gv_library_item_get_prompt (self->item)
                                       : gv_library_item_get_file (self->item));
  update_stars (self);
  update_tags (self);
}

void
gv_gallery_details_show (GvGalleryDetails *self, GvLibraryItem *item, guint n)
{
  if (self->item)
    g_signal_handlers_disconnect_by_data (self->item, self);
  g_set_object (&self->item, item);
  self->n = n;
  gtk_list_box_remove_all (self->rows);
  gtk_stack_set_visible_child_name (self->stack, item ? "some" : "none");
  gtk_widget_set_visible (GTK_WIDGET (self->rows), n == 1);
  if (!item)
    return;
  g_signal_connect_swapped (item, "notify", G_CALLBACK (update), self);
  update (self);
  if (n == 1)
    fill_rows (self, item);
}

void
gv_gallery_details_edit_tags (GvGalleryDetails *self)
{
  gtk_widget_grab_focus (GTK_WIDGET (self->tag_entry));
}

static void
gv_gallery_details_dispose (GObject *object)
{
  GvGalleryDetails *self = GV_GALLERY_DETAILS (object);

  if (self->item)
    g_signal_handlers_disconnect_by_data (self->item, self);
  g_clear_object (&self->item);
  adw_bin_set_child (ADW_BIN (self), NULL); /* it would not notice that its child is taken away */
  gtk_widget_dispose_template (GTK_WIDGET (self), GV_TYPE_GALLERY_DETAILS);
  G_OBJECT_CLASS (gv_gallery_details_parent_class)->dispose (object);
}

static void
gv_gallery_details_class_init (GvGalleryDetailsClass *class)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (class);

  G_OBJECT_CLASS (class)->dispose = gv_gallery_details_dispose;
  signals[STARS] = g_signal_new ("stars", GV_TYPE_GALLERY_DETAILS, G_SIGNAL_RUN_LAST, 0, NULL, NULL,
                                 NULL, G_TYPE_NONE, 1, G_TYPE_INT);
  signals[ADD_TAG] = g_signal_new ("add-tag", GV_TYPE_GALLERY_DETAILS, G_SIGNAL_RUN_LAST, 0, NULL,
                                   NULL, NULL, G_TYPE_NONE, 1, G_TYPE_STRING);
  signals[REMOVE_TAG] = g_signal_new ("remove-tag", GV_TYPE_GALLERY_DETAILS, G_SIGNAL_RUN_LAST, 0,
                                      NULL, NULL, NULL, G_TYPE_NONE, 1, G_TYPE_STRING);
  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/app/giverny/Giverny/gallery-details.ui");
  gtk_widget_class_bind_template_child (widget_class, GvGalleryDetails, stack);
  gtk_widget_class_bind_template_child (widget_class, GvGalleryDetails, title);
  gtk_widget_class_bind_template_child (widget_class, GvGalleryDetails, stars);
  gtk_widget_class_bind_template_child (widget_class, GvGalleryDetails, tags);
  gtk_widget_class_bind_template_child (widget_class, GvGalleryDetails, tag_entry);
  gtk_widget_class_bind_template_child (widget_class, GvGalleryDetails, rows);
}

static void
gv_gallery_details_init (GvGalleryDetails *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
  for (int i = 1; i <= GV_LIBRARY_MAX_STARS; i++)
    add_star (self, i);
  g_signal_connect_swapped (self->tag_entry, "activate", G_CALLBACK (on_tag_entered), self);
}
