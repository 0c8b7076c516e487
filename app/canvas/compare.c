// SPDX-FileCopyrightText: Giverny contributors
// SPDX-License-Identifier: GPL-3.0-or-later
/* Bars around the comparison. */
#include "canvas/compare.h"

#define LONG_TEXT 48 /* characters of a changed text that are shown in full */

struct _GvCompare
{
  AdwBin parent_instance;
  GvRecipe *first, *second; /* (owned) (nullable) */
  GvCompareView *view;
  AdwToggleGroup *modes;
  GtkWidget *vertical, *gain;
  AdwWrapBox *changes;
  AdwBin *details;
};
G_DEFINE_FINAL_TYPE (GvCompare, gv_compare, ADW_TYPE_BIN)

enum { STEP, N_SIGNALS };

static guint signals[N_SIGNALS];

static const struct
{
  const char *name, *label;
} modes[] = {
  [GV_COMPARE_SLIDER] = { "slider", N_ ("Slider") },
  [GV_COMPARE_SIDE_BY_SIDE] = { "side-by-side", N_ ("Side by Side") },
  [GV_COMPARE_FADE] = { "fade", N_ ("Fade") },
  [GV_COMPARE_DIFFERENCE] = { "difference", N_ ("Difference") },
  [GV_COMPARE_FLICKER] = { "flicker", N_ ("Flicker") },
};

/* What differs */

static char *
shorten (const char *text)
{
  if (g_utf8_strlen (text, -1) <= LONG_TEXT)
    return g_strdup (text);
  return g_strdup_printf ("%.*s…", (int) (g_utf8_offset_to_pointer (text, LONG_TEXT) - text), text);
}

static void
add_change (GvCompare *self, const GvRecipeChange *change)
{
  g_autofree char *before = shorten (change->before), *after = shorten (change->after);
  g_autofree char *text = g_strdup_printf ("%s  %s → %s", change->label, before, after);
  g_autofree char *whole =
      g_strdup_printf ("%s\n%s\n→\n%s", change->label, change->before, change->after);
  GtkWidget *label = gtk_label_new (text);

  gtk_label_set_ellipsize (GTK_LABEL (label), PANGO_ELLIPSIZE_END);
  gtk_widget_set_tooltip_text (label, whole);
  gtk_widget_add_css_class (label, "gv-change");
  adw_wrap_box_append (self->changes, label);
}

static void
add_sentence (GvCompare *self, const char *text)
{
  GtkWidget *label = gtk_label_new (text);

  gtk_widget_add_css_class (label, "dim-label");
  gtk_label_set_ellipsize (GTK_LABEL (label), PANGO_ELLIPSIZE_END);
  adw_wrap_box_append (self->changes, label);
}

static void
update_changes (GvCompare *self)
{
  g_autoptr (GPtrArray) changes = NULL;
  GtkWidget *child;

  while ((child = gtk_widget_get_first_child (GTK_WIDGET (self->changes))))
    adw_wrap_box_remove (self->changes, child);
  gtk_widget_set_visible (GTK_WIDGET (self->changes), self->first && self->second);
  if (!self->first || !self->second)
    return;
  changes = gv_recipe_diff (self->first, self->second);
  for (guint i = 0; i < changes->len; i++)
    add_change (self, changes->pdata[i]);
  if (changes->len == 0)
    add_sentence (self, _("Both have the same recipe"));
}

/* Callbacks */

static void
update_controls (GvCompare *self)
{
  GvCompareMode mode = gv_compare_view_get_mode (self->view);

  adw_toggle_group_set_active_name (self->modes, modes[mode].name);
  gtk_widget_set_visible (self->vertical,
                          mode == GV_COMPARE_SLIDER || mode == GV_COMPARE_SIDE_BY_SIDE);
  gtk_widget_set_visible (self->gain, mode == GV_COMPARE_DIFFERENCE);
}

static void
on_mode_chosen (AdwToggleGroup *group, GParamSpec *pspec, GvCompare *self)
{
  guint active = adw_toggle_group_get_active (group);

  if (active < G_N_ELEMENTS (modes))
    gv_compare_view_set_mode (self->view, (GvCompareMode) active);
}

static void
on_step (GvCompareView *view, gboolean second, int direction, GvCompare *self)
{
  g_signal_emit (self, signals[STEP], 0, second, direction);
}

/* Type */

static void
gv_compare_dispose (GObject *object)
{
  GvCompare *self = GV_COMPARE (object);

  g_clear_object (&self->first);
  g_clear_object (&self->second);
  G_OBJECT_CLASS (gv_compare_parent_class)->dispose (object);
}

static void
gv_compare_class_init (GvCompareClass *class)
{
  G_OBJECT_CLASS (class)->dispose = gv_compare_dispose;
  signals[STEP] = g_signal_new ("step", GV_TYPE_COMPARE, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                                G_TYPE_NONE, 2, G_TYPE_BOOLEAN, G_TYPE_INT);
}

static GtkWidget *
make_modes (GvCompare *self)
{
  self->modes = ADW_TOGGLE_GROUP (adw_toggle_group_new ());
  adw_toggle_group_set_can_shrink (self->modes, TRUE);
  for (guint i = 0; i < G_N_ELEMENTS (modes); i++) {
    AdwToggle *toggle = adw_toggle_new ();

    adw_toggle_set_name (toggle, modes[i].name);
    adw_toggle_set_label (toggle, _(modes[i].label));
    adw_toggle_group_add (self->modes, toggle);
  }
  gtk_accessible_update_property (GTK_ACCESSIBLE (self->modes), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  _("How to compare"), -1);
  g_signal_connect (self->modes, "notify::active", G_CALLBACK (on_mode_chosen), self);
  return GTK_WIDGET (self->modes);
}

static char *
format_gain (GtkScale *scale, double value, gpointer data)
{
  return g_strdup_printf ("×%d", (int) value);
}

static GtkWidget *
make_gain (GvCompare *self)
{
  self->gain = gtk_scale_new_with_range (GTK_ORIENTATION_HORIZONTAL, 1, 16, 1);
  gtk_scale_set_draw_value (GTK_SCALE (self->gain), TRUE);
  gtk_scale_set_value_pos (GTK_SCALE (self->gain), GTK_POS_RIGHT);
  gtk_scale_set_format_value_func (GTK_SCALE (self->gain), format_gain, NULL, NULL);
  gtk_widget_set_size_request (self->gain, 160, -1);
  gtk_widget_set_tooltip_text (self->gain, _("How much stronger differences are shown"));
  gtk_accessible_update_property (GTK_ACCESSIBLE (self->gain), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  _("Strength of the difference"), -1);
  g_object_bind_property (self->view, "gain", gtk_range_get_adjustment (GTK_RANGE (self->gain)),
                          "value", G_BINDING_BIDIRECTIONAL | G_BINDING_SYNC_CREATE);
  return self->gain;
}

static GtkWidget *
make_vertical (GvCompare *self)
{
  self->vertical = gtk_toggle_button_new ();
  gtk_button_set_icon_name (GTK_BUTTON (self->vertical), "object-rotate-right-symbolic");
  gtk_widget_add_css_class (self->vertical, "flat");
  gtk_widget_set_tooltip_text (self->vertical, _("One Above the Other"));
  gtk_accessible_update_property (GTK_ACCESSIBLE (self->vertical), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  _("One Above the Other"), -1);
  g_object_bind_property (self->view, "vertical", self->vertical, "active",
                          G_BINDING_BIDIRECTIONAL | G_BINDING_SYNC_CREATE);
  return self->vertical;
}

/* It wraps where the window is narrow. */
static GtkWidget *
make_bar (GvCompare *self)
{
  GtkWidget *bar = adw_wrap_box_new ();

  adw_wrap_box_set_child_spacing (ADW_WRAP_BOX (bar), 12);
  adw_wrap_box_set_line_spacing (ADW_WRAP_BOX (bar), 6);
  adw_wrap_box_set_align (ADW_WRAP_BOX (bar), 0.5f);
  gtk_widget_set_margin_start (bar, 12);
  gtk_widget_set_margin_end (bar, 12);
  gtk_widget_set_margin_bottom (bar, 6);
  adw_wrap_box_append (ADW_WRAP_BOX (bar), make_modes (self));
  adw_wrap_box_append (ADW_WRAP_BOX (bar), make_vertical (self));
  adw_wrap_box_append (ADW_WRAP_BOX (bar), make_gain (self));
  return bar;
}

static GtkWidget *
make_changes (GvCompare *self)
{
  GtkWidget *changes = adw_wrap_box_new ();

  self->changes = ADW_WRAP_BOX (changes);
  adw_wrap_box_set_child_spacing (self->changes, 6);
  adw_wrap_box_set_line_spacing (self->changes, 6);
  adw_wrap_box_set_align (self->changes, 0.5f);
  gtk_widget_set_margin_start (changes, 12);
  gtk_widget_set_margin_end (changes, 12);
  gtk_widget_set_margin_bottom (changes, 12);
  gtk_widget_set_visible (changes, FALSE);
  gtk_accessible_update_property (GTK_ACCESSIBLE (changes), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  _("What differs in the recipes"), -1);
  return changes;
}

static void
gv_compare_init (GvCompare *self)
{
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 0), *view = gv_compare_view_new ();

  self->view = GV_COMPARE_VIEW (view);
  self->details = ADW_BIN (adw_bin_new ());
  gtk_widget_set_vexpand (view, TRUE);
  gtk_box_append (GTK_BOX (box), view);
  gtk_box_append (GTK_BOX (box), make_bar (self));
  gtk_box_append (GTK_BOX (box), make_changes (self));
  gtk_box_append (GTK_BOX (box), GTK_WIDGET (self->details));
  adw_bin_set_child (ADW_BIN (self), box);
  g_signal_connect_swapped (view, "notify::mode", G_CALLBACK (update_controls), self);
  g_signal_connect (view, "step", G_CALLBACK (on_step), self);
  update_controls (self);
}

GtkWidget *
gv_compare_new (void)
{
  return g_object_new (GV_TYPE_COMPARE, NULL);
}

void
gv_compare_set_first (GvCompare *self, GdkTexture *texture, const char *title, GvRecipe *recipe)
{
  g_return_if_fail (GV_IS_COMPARE (self));

  gv_compare_view_set_first (self->view, texture, title);
  g_set_object (&self->first, recipe);
  update_changes (self);
}

void
gv_compare_set_second (GvCompare *self, GdkTexture *texture, const char *title, GvRecipe *recipe)
{
  g_return_if_fail (GV_IS_COMPARE (self));

  gv_compare_view_set_second (self->view, texture, title);
  g_set_object (&self->second, recipe);
  update_changes (self);
}

GvCompareView *
gv_compare_get_view (GvCompare *self)
{
  return self->view;
}

void
gv_compare_set_details (GvCompare *self, GtkWidget *details)
{
  g_return_if_fail (GV_IS_COMPARE (self));
  adw_bin_set_child (self->details, details);
}
