// SPDX-FileCopyrightText: Giverny contributors
// SPDX-License-Identifier: GPL-3.0-or-later
/* A row of the list of regions. */
#include "compose/region-row.h"

#include "canvas/region-look.h"
#include "compose/prompt-editor.h"
#include "compose/region-swatch.h"

#include <math.h>
#include <string.h>

#define MOST_PERCENT 95.0 /* of the slider; more is set as a number */

struct _GvRegionRow
{
  GtkWidget parent_instance;
  GvRegionModel *regions; /* (owned) */
  guint id;
  GtkWidget *box;         /* the child */
  GvPromptEditor *editor;
  GtkRange *share;
  GtkLabel *percent;
  bool showing;           /* values come from the box, not from the person */
};
G_DEFINE_FINAL_TYPE (GvRegionRow, gv_region_row, GTK_TYPE_WIDGET)

/* Callbacks */

static void
on_text (GvPromptEditor *editor, GParamSpec *pspec, GvRegionRow *self)
{
  g_autofree char *text = NULL;

  if (self->showing)
    return;
  text = gv_prompt_editor_dup_text (editor);
  gv_region_model_set_text (self->regions, self->id, text);
}

/* The strength whose share of the area is @percent, to two digits. */
static double
strength_of (double percent)
{
  return round (100 * percent / (100 - percent)) / 100;
}

static void
on_share (GtkRange *range, GvRegionRow *self)
{
  if (!self->showing)
    gv_region_model_set_strength (self->regions, self->id,
                                  strength_of (gtk_range_get_value (range)));
}

static void
on_remove (GtkButton *button, GvRegionRow *self)
{
  gv_region_model_remove (self->regions, self->id);
}

static void
on_focus (GtkEventControllerFocus *controller, GvRegionRow *self)
{
  gv_region_model_select (self->regions, self->id);
}

static void
on_pressed (GtkGestureClick *click, int n_press, double x, double y, GvRegionRow *self)
{
  gv_region_model_select (self->regions, self->id);
}

/* Type */

static void
gv_region_row_dispose (GObject *object)
{
  GvRegionRow *self = GV_REGION_ROW (object);

  g_clear_pointer (&self->box, gtk_widget_unparent);
  g_clear_object (&self->regions);
  G_OBJECT_CLASS (gv_region_row_parent_class)->dispose (object);
}

static void
gv_region_row_class_init (GvRegionRowClass *class)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (class);

  G_OBJECT_CLASS (class)->dispose = gv_region_row_dispose;
  gtk_widget_class_set_layout_manager_type (widget_class, GTK_TYPE_BIN_LAYOUT);
  gtk_widget_class_set_css_name (widget_class, "gv-region-row");
  gtk_widget_class_set_accessible_role (widget_class, GTK_ACCESSIBLE_ROLE_GROUP);
}

static void
gv_region_row_init (GvRegionRow *self)
{
  GtkEventController *focus = gtk_event_controller_focus_new ();
  GtkGesture *click = gtk_gesture_click_new ();

  g_signal_connect (focus, "enter", G_CALLBACK (on_focus), self);
  g_signal_connect (click, "pressed", G_CALLBACK (on_pressed), self);
  gtk_widget_add_controller (GTK_WIDGET (self), focus);
  gtk_widget_add_controller (GTK_WIDGET (self), GTK_EVENT_CONTROLLER (click));
}

static GtkWidget *
make_remove_button (GvRegionRow *self, int number)
{
  GtkWidget *button = gtk_button_new_from_icon_name ("user-trash-symbolic");
  g_autofree char *label = g_strdup_printf (_("Remove Region %d"), number);

  gtk_widget_add_css_class (button, "flat");
  gtk_widget_set_tooltip_text (button, label);
  gtk_widget_set_valign (button, GTK_ALIGN_CENTER);
  gtk_accessible_update_property (GTK_ACCESSIBLE (button), GTK_ACCESSIBLE_PROPERTY_LABEL, label,
                                  -1);
  g_signal_connect (button, "clicked", G_CALLBACK (on_remove), self);
  return button;
}

static GtkWidget *
make_share (GvRegionRow *self, int number)
{
  GtkWidget *scale = gtk_scale_new_with_range (GTK_ORIENTATION_HORIZONTAL, 0, MOST_PERCENT, 1);
  g_autofree char *label = g_strdup_printf (_("Share of region %d in percent"), number);

  gtk_scale_add_mark (GTK_SCALE (scale), 50, GTK_POS_BOTTOM, NULL);
  gtk_widget_set_hexpand (scale, TRUE);
  gtk_widget_set_tooltip_text (scale, _("How much this region decides inside its box; the prompt decides the rest"));
  gtk_accessible_update_property (GTK_ACCESSIBLE (scale), GTK_ACCESSIBLE_PROPERTY_LABEL, label, -1);
  self->share = GTK_RANGE (scale);
  g_signal_connect (scale, "value-changed", G_CALLBACK (on_share), self);
  return scale;
}

static GtkWidget *
make_top (GvRegionRow *self, int look)
{
  GtkWidget *top = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 6);
  int number = gv_region_look (look).number;

  self->percent = GTK_LABEL (gtk_label_new (NULL));
  gtk_label_set_width_chars (self->percent, 5);
  gtk_label_set_xalign (self->percent, 1);
  gtk_widget_add_css_class (GTK_WIDGET (self->percent), "numeric");
  gtk_box_append (GTK_BOX (top), gv_region_swatch_new (look));
  gtk_box_append (GTK_BOX (top), make_share (self, number));
  gtk_box_append (GTK_BOX (top), GTK_WIDGET (self->percent));
  gtk_box_append (GTK_BOX (top), make_remove_button (self, number));
  return top;
}

static GtkWidget *
make_editor (GvRegionRow *self, int number)
{
  GtkWidget *editor = gv_prompt_editor_new ();
  g_autofree char *label = g_strdup_printf (_("What to paint in region %d"), number);

  g_object_set (editor, "label", label, "placeholder", _("What to paint here"), NULL);
  g_signal_connect (editor, "notify::text", G_CALLBACK (on_text), self);
  self->editor = GV_PROMPT_EDITOR (editor);
  return editor;
}

GtkWidget *
gv_region_row_new (GvRegionModel *regions, guint id)
{
  GvRegionRow *self = g_object_new (GV_TYPE_REGION_ROW, NULL);
  const GvRegionBox *box = gv_region_model_find (regions, id);
  int number = gv_region_look (box->look).number;
  g_autofree char *label = g_strdup_printf (_("Region %d"), number);

  self->regions = g_object_ref (regions);
  self->id = id;
  self->box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 6);
  gtk_box_append (GTK_BOX (self->box), make_top (self, box->look));
  gtk_box_append (GTK_BOX (self->box), make_editor (self, number));
  gtk_widget_set_parent (self->box, GTK_WIDGET (self));
  gtk_accessible_update_property (GTK_ACCESSIBLE (self), GTK_ACCESSIBLE_PROPERTY_LABEL, label, -1);
  gv_region_row_update (self);
  return GTK_WIDGET (self);
}

guint
gv_region_row_get_id (GvRegionRow *self)
{
  return self->id;
}

static void
show_share (GvRegionRow *self, const GvRegionBox *box)
{
  double percent = 100 * gv_region_share (box->strength);
  g_autofree char *text = g_strdup_printf (_("%d %%"), (int) lround (percent));

  gtk_label_set_label (self->percent, text);
  /* A strength is finer than the slider, which must not round it. */
  if (fabs (gtk_range_get_value (self->share) - percent) >= 0.5)
    gtk_range_set_value (self->share, percent);
}

void
gv_region_row_update (GvRegionRow *self)
{
  const GvRegionBox *box = gv_region_model_find (self->regions, self->id);
  g_autofree char *shown = NULL;

  if (!box)
    return;
  self->showing = true;
  show_share (self, box);
  shown = gv_prompt_editor_dup_text (self->editor);
  if (strcmp (shown, box->text) != 0)
    gv_prompt_editor_set_text (self->editor, box->text);
  self->showing = false;
  if (gv_region_model_get_selected (self->regions) == self->id)
    gtk_widget_add_css_class (GTK_WIDGET (self), "selected");
  else
    gtk_widget_remove_css_class (GTK_WIDGET (self), "selected");
}

void
gv_region_row_edit_text (GvRegionRow *self)
{
  gtk_widget_grab_focus (GTK_WIDGET (gv_prompt_editor_get_view (self->editor)));
}

void
gv_region_row_set_model_path (GvRegionRow *self, const char *path)
{
  gv_prompt_editor_set_model (self->editor, path);
}

void
gv_region_row_commit (GvRegionRow *self)
{
  g_autofree char *text = gv_prompt_editor_take_text (self->editor);

  gv_region_model_set_text (self->regions, self->id, text);
}
