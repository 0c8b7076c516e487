// SPDX-FileCopyrightText: Giverny contributors
// SPDX-License-Identifier: GPL-3.0-or-later
/* The popover with a box's numbers. */
#include "canvas/region-numbers.h"

#include "giverny.h"

enum { LEFT, TOP, WIDTH, HEIGHT, STRENGTH, N_FIELDS };

typedef struct
{
  GvRegionModel *model; /* (owned) */
  guint id;
  GtkSpinButton *fields[N_FIELDS];
  bool showing;         /* values come from the box, not from the person */
} Numbers;

static void
numbers_free (gpointer data)
{
  Numbers *self = data;

  g_object_unref (self->model);
  g_free (self);
}

static void
show_values (Numbers *self)
{
  const GvRegionBox *box = gv_region_model_find (self->model, self->id);

  if (!box || self->showing)
    return;
  self->showing = true;
  gtk_spin_button_set_value (self->fields[LEFT], box->rect.x);
  gtk_spin_button_set_value (self->fields[TOP], box->rect.y);
  gtk_spin_button_set_value (self->fields[WIDTH], box->rect.width);
  gtk_spin_button_set_value (self->fields[HEIGHT], box->rect.height);
  gtk_spin_button_set_value (self->fields[STRENGTH], box->strength);
  self->showing = false;
}

static int
whole (Numbers *self, int field)
{
  return (int) gtk_spin_button_get_value (self->fields[field]);
}

static void
on_value (GtkSpinButton *field, Numbers *self)
{
  GvRegionRect rect = { whole (self, LEFT), whole (self, TOP), whole (self, WIDTH),
                        whole (self, HEIGHT) };

  if (self->showing)
    return;
  if (field == self->fields[STRENGTH])
    gv_region_model_set_strength (self->model, self->id, gtk_spin_button_get_value (field));
  else
    gv_region_model_set_rect (self->model, self->id, &rect);
  show_values (self); /* what was fitted to grid and picture */
}

static void
add_field (Numbers *self, GtkGrid *grid, int field, const char *label, double most, double step)
{
  GtkWidget *words = gtk_label_new_with_mnemonic (label);
  GtkWidget *spin = gtk_spin_button_new_with_range (0, most, step);

  gtk_label_set_mnemonic_widget (GTK_LABEL (words), spin);
  gtk_label_set_xalign (GTK_LABEL (words), 0);
  gtk_widget_set_hexpand (words, TRUE);
  gtk_spin_button_set_digits (GTK_SPIN_BUTTON (spin), field == STRENGTH ? 2 : 0);
  self->fields[field] = GTK_SPIN_BUTTON (spin);
  gtk_accessible_update_relation (GTK_ACCESSIBLE (spin), GTK_ACCESSIBLE_RELATION_LABELLED_BY, words,
                                  NULL, -1);
  gtk_grid_attach (grid, words, 0, field, 1, 1);
  gtk_grid_attach (grid, spin, 1, field, 1, 1);
}

static GtkWidget *
make_grid (Numbers *self)
{
  GtkWidget *grid = gtk_grid_new ();
  int width = gv_region_model_get_width (self->model);
  int height = gv_region_model_get_height (self->model),
      step = gv_region_model_get_grid (self->model);

  gtk_grid_set_row_spacing (GTK_GRID (grid), 6);
  gtk_grid_set_column_spacing (GTK_GRID (grid), 12);
  add_field (self, GTK_GRID (grid), LEFT, _("From the _left"), width, step);
  add_field (self, GTK_GRID (grid), TOP, _("From the _top"), height, step);
  add_field (self, GTK_GRID (grid), WIDTH, _("_Width"), width, step);
  add_field (self, GTK_GRID (grid), HEIGHT, _("_Height"), height, step);
  add_field (self, GTK_GRID (grid), STRENGTH, _("_Strength"), GV_REGION_MAX_STRENGTH, 0.1);
  return grid;
}

static gboolean
unparent (gpointer popover)
{
  if (gtk_widget_get_parent (popover))
    gtk_widget_unparent (popover);
  return G_SOURCE_REMOVE;
}

static void
on_closed (GtkPopover *popover, gpointer data)
{
  /* The popover is still in use further up in this call. */
  g_idle_add_full (G_PRIORITY_DEFAULT_IDLE, unparent, g_object_ref (popover), g_object_unref);
}

GtkPopover *
gv_region_numbers_popup (GtkWidget *parent,
                         const GdkRectangle *rect,
                         GvRegionModel *model,
                         guint id)
{
  GtkWidget *popover = gtk_popover_new ();
  Numbers *self = g_new0 (Numbers, 1);

  self->model = g_object_ref (model);
  self->id = id;
  g_object_set_data_full (G_OBJECT (popover), "gv-numbers", self, numbers_free);
  gtk_popover_set_child (GTK_POPOVER (popover), make_grid (self));
  show_values (self);
  for (int i = 0; i < N_FIELDS; i++)
    g_signal_connect (self->fields[i], "value-changed", G_CALLBACK (on_value), self);
  g_signal_connect (popover, "closed", G_CALLBACK (on_closed), NULL);
  gtk_accessible_update_property (GTK_ACCESSIBLE (popover), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  _("Numbers of the region"), -1);
  gtk_widget_set_parent (popover, parent);
  gtk_popover_set_pointing_to (GTK_POPOVER (popover), rect);
  gtk_popover_popup (GTK_POPOVER (popover));
  return GTK_POPOVER (popover);
}
