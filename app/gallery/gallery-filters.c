// SPDX-FileCopyrightText: Giverny contributors
// SPDX-License-Identifier: GPL-3.0-or-later
/* What the gallery looks for: the widgets, and the filter that they make. */
#include "gallery/gallery-private.h"

#include <math.h>

/* In the order of the list; those of scores come last and only where there are scores. */
static const struct
{
  const char *label;
  GvLibraryOrder order;
} orders[] = {
  { N_ ("Date"), GV_LIBRARY_BY_TIME },         { N_ ("Name"), GV_LIBRARY_BY_NAME },
  { N_ ("Stars"), GV_LIBRARY_BY_STARS },       { N_ ("Seed"), GV_LIBRARY_BY_SEED },
  { N_ ("Total score"), GV_LIBRARY_BY_TOTAL }, { N_ ("CLIP"), GV_LIBRARY_BY_CLIP },
  { N_ ("BLIP-2"), GV_LIBRARY_BY_BLIP2 },      { N_ ("LPIPS"), GV_LIBRARY_BY_LPIPS },
};
#define N_PLAIN_ORDERS 4

/* The chosen string of a list whose first entry stands for anything. */
static char *
dup_chosen (GtkDropDown *list)
{
  GtkStringObject *chosen = gtk_drop_down_get_selected_item (list);

  if (!chosen || gtk_drop_down_get_selected (list) == 0)
    return NULL;
  return g_strdup (gtk_string_object_get_string (chosen));
}

static void
apply (GvGalleryPage *self)
{
  g_autoptr (GvLibraryFilter) filter = gv_library_filter_new ();
  guint order = gtk_drop_down_get_selected (self->order_button);
  double total = gtk_spin_button_get_value (self->total_filter);

  if (self->filling || !self->model)
    return;
  filter->text = g_strdup (gtk_editable_get_text (GTK_EDITABLE (self->search)));
  filter->model = dup_chosen (self->model_filter);
  filter->lora = dup_chosen (self->lora_filter);
  filter->tag = dup_chosen (self->tag_filter);
  filter->min_stars = (int) gtk_drop_down_get_selected (self->stars_filter);
  filter->min_total = total > 0 ? total : NAN;
  filter->order = order < G_N_ELEMENTS (orders) ? orders[order].order : GV_LIBRARY_BY_TIME;
  filter->ascending = gtk_toggle_button_get_active (self->ascending);
  if (filter->model || filter->lora || filter->tag || filter->min_stars || total > 0)
    gtk_widget_add_css_class (GTK_WIDGET (self->filter_button), "accent");
  else
    gtk_widget_remove_css_class (GTK_WIDGET (self->filter_button), "accent");
  gv_library_model_set_filter (self->model, filter);
}

/* The names that there are, behind one that stands for all; what was chosen stays so. */
static void
fill_names (GtkDropDown *list, GvLibrary *library, GvLibraryNames which)
{
  g_auto (GStrv) names = gv_library_list_names (library, which);
  g_autoptr (GtkStringList) strings = gtk_string_list_new (NULL);
  g_autofree char *chosen = dup_chosen (list);
  guint at = 0;

  gtk_string_list_append (strings, _("Any"));
  for (guint i = 0; names[i]; i++) {
    gtk_string_list_append (strings, names[i]);
    if (g_strcmp0 (names[i], chosen) == 0)
      at = i + 1;
  }
  gtk_drop_down_set_model (list, G_LIST_MODEL (strings));
  gtk_drop_down_set_selected (list, at);
}

static void
fill_orders (GvGalleryPage *self, bool scores)
{
  g_autoptr (GtkStringList) strings = gtk_string_list_new (NULL);
  guint n = scores ? G_N_ELEMENTS (orders) : N_PLAIN_ORDERS;
  guint chosen = gtk_drop_down_get_selected (self->order_button);

  for (guint i = 0; i < n; i++)
    gtk_string_list_append (strings, _(orders[i].label));
  gtk_drop_down_set_model (self->order_button, G_LIST_MODEL (strings));
  gtk_drop_down_set_selected (self->order_button, chosen < n ? chosen : 0);
}

static bool
has_names (GtkDropDown *list)
{
  return g_list_model_get_n_items (gtk_drop_down_get_model (list)) > 1;
}

void
gv_gallery_fill_filters (GvGalleryPage *self)
{
  bool scores;

  if (!self->library)
    return;
  self->filling = true;
  scores = gv_library_has_scores (self->library);
  fill_names (self->model_filter, self->library, GV_LIBRARY_MODELS);
  fill_names (self->lora_filter, self->library, GV_LIBRARY_LORAS);
  fill_names (self->tag_filter, self->library, GV_LIBRARY_TAGS);
  fill_orders (self, scores);
  gtk_widget_set_visible (self->lora_label, has_names (self->lora_filter));
  gtk_widget_set_visible (GTK_WIDGET (self->lora_filter), has_names (self->lora_filter));
  gtk_widget_set_visible (self->tag_label, has_names (self->tag_filter));
  gtk_widget_set_visible (GTK_WIDGET (self->tag_filter), has_names (self->tag_filter));
  gtk_widget_set_visible (self->total_label, scores);
  gtk_widget_set_visible (GTK_WIDGET (self->total_filter), scores);
  self->filling = false;
}

void
gv_gallery_clear_filters (GvGalleryPage *self)
{
  self->filling = true;
  gtk_editable_set_text (GTK_EDITABLE (self->search), "");
  gtk_drop_down_set_selected (self->model_filter, 0);
  gtk_drop_down_set_selected (self->lora_filter, 0);
  gtk_drop_down_set_selected (self->tag_filter, 0);
  gtk_drop_down_set_selected (self->stars_filter, 0);
  gtk_spin_button_set_value (self->total_filter, 0);
  self->filling = false;
  apply (self);
}

static void
fill_stars (GtkDropDown *list)
{
  g_autoptr (GtkStringList) strings = gtk_string_list_new (NULL);

  gtk_string_list_append (strings, _("Any"));
  for (int i = 1; i <= GV_LIBRARY_MAX_STARS; i++) {
    g_autofree char *stars = gv_gallery_stars (i);
    g_autofree char *label =
        i < GV_LIBRARY_MAX_STARS ? g_strdup_printf (_("%s or more"), stars) : g_strdup (stars);

    gtk_string_list_append (strings, label);
  }
  gtk_drop_down_set_model (list, G_LIST_MODEL (strings));
}

void
gv_gallery_add_filters (GvGalleryPage *self)
{
  GtkDropDown *lists[] = { self->model_filter, self->lora_filter, self->tag_filter,
                           self->stars_filter, self->order_button };

  self->filling = true;
  fill_stars (self->stars_filter);
  fill_orders (self, false);
  for (gsize i = 0; i < G_N_ELEMENTS (lists); i++)
    g_signal_connect_swapped (lists[i], "notify::selected", G_CALLBACK (apply), self);
  g_signal_connect_swapped (self->search, "search-changed", G_CALLBACK (apply), self);
  g_signal_connect_swapped (self->ascending, "toggled", G_CALLBACK (apply), self);
  g_signal_connect_swapped (self->total_filter, "value-changed", G_CALLBACK (apply), self);
  g_signal_connect_swapped (self->clear_button, "clicked", G_CALLBACK (gv_gallery_clear_filters),
                            self);
  g_signal_connect_swapped (self->show_all_button, "clicked", G_CALLBACK (gv_gallery_clear_filters),
                            self);
  self->filling = false;
}
