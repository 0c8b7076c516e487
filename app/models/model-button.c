// SPDX-FileCopyrightText: Giverny contributors
// SPDX-License-Identifier: GPL-3.0-or-later
/* The model that paints, and a list to choose another from. */
#include "models/model-button.h"

#include <string.h>

struct _GvModelButton
{
  AdwBin parent_instance;
  GvRecipe *recipe;    /* (owned) (nullable) */
  GvModelList *models; /* (owned) (nullable) */
  /* template children */
  GtkMenuButton *button;
  GtkLabel *label;
  GtkListBox *list;
};

G_DEFINE_FINAL_TYPE (GvModelButton, gv_model_button, ADW_TYPE_BIN)

static bool
is_chosen (GvModelButton *self, GvModel *model)
{
  return strcmp (gv_model_get_path (model), gv_recipe_get_model (self->recipe)) == 0;
}

static void
show_check (GvModelButton *self, GtkWidget *row)
{
  GvModel *model = g_object_get_data (G_OBJECT (row), "model");
  GtkWidget *check = g_object_get_data (G_OBJECT (row), "check");

  gtk_widget_set_opacity (check, is_chosen (self, model) ? 1 : 0);
  gtk_accessible_update_state (GTK_ACCESSIBLE (row), GTK_ACCESSIBLE_STATE_CHECKED,
                               is_chosen (self, model) ? GTK_ACCESSIBLE_TRISTATE_TRUE
                                                       : GTK_ACCESSIBLE_TRISTATE_FALSE,
                               -1);
}

static void
update (GvModelButton *self)
{
  const char *path = gv_recipe_get_model (self->recipe);
  GvModel *model = gv_model_list_find (self->models, path);
  g_autofree char *base = g_filename_display_basename (path);
  g_autofree char *spoken = NULL;
  const char *name = model ? gv_model_get_name (model) : base;

  gtk_label_set_label (self->label, name);
  spoken = g_strdup_printf (_("Model: %s"), name);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self->button), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  spoken, -1);
  for (GtkWidget *row = gtk_widget_get_first_child (GTK_WIDGET (self->list)); row;
       row = gtk_widget_get_next_sibling (row))
    show_check (self, row);
}

static void
on_row_activated (AdwActionRow *row, GvModelButton *self)
{
  GvModel *model = g_object_get_data (G_OBJECT (row), "model");

  g_object_set (self->recipe, "model", gv_model_get_path (model), "width", 0, "height", 0, "cfg",
                GV_RECIPE_CFG_DEFAULT, NULL);
  gtk_menu_button_popdown (self->button);
}

static GtkWidget *
create_row (gpointer item, gpointer data)
{
  GvModel *model = item;
  GvModelButton *self = data;
  GtkWidget *row = adw_action_row_new (),
            *check = gtk_image_new_from_icon_name ("object-select-symbolic");
  g_autofree char *details = gv_model_dup_details (model);

  adw_preferences_row_set_use_markup (ADW_PREFERENCES_ROW (row), FALSE);
  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (row), gv_model_get_name (model));
  adw_action_row_set_subtitle (ADW_ACTION_ROW (row), details);
  adw_action_row_add_suffix (ADW_ACTION_ROW (row), check);
  gtk_list_box_row_set_activatable (GTK_LIST_BOX_ROW (row), TRUE);
  g_object_set_data_full (G_OBJECT (row), "model", g_object_ref (model), g_object_unref);
  g_object_set_data (G_OBJECT (row), "check", check);
  g_signal_connect (row, "activated", G_CALLBACK (on_row_activated), self);
  show_check (self, row);
  return row;
}

static void
gv_model_button_dispose (GObject *object)
{
  GvModelButton *self = GV_MODEL_BUTTON (object);

  if (self->recipe)
    g_signal_handlers_disconnect_by_data (self->recipe, self);
  if (self->models)
    g_signal_handlers_disconnect_by_data (gv_model_list_get_models (self->models), self);
  g_clear_object (&self->recipe);
  g_clear_object (&self->models);
  adw_bin_set_child (ADW_BIN (self), NULL);
  gtk_widget_dispose_template (GTK_WIDGET (self), GV_TYPE_MODEL_BUTTON);
  G_OBJECT_CLASS (gv_model_button_parent_class)->dispose (object);
}

static void
gv_model_button_class_init (GvModelButtonClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = gv_model_button_dispose;
  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/app/giverny/Giverny/model-button.ui");
  gtk_widget_class_bind_template_child (widget_class, GvModelButton, button);
  gtk_widget_class_bind_template_child (widget_class, GvModelButton, label);
  gtk_widget_class_bind_template_child (widget_class, GvModelButton, list);
}

static void
gv_model_button_init (GvModelButton *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
}

void
gv_model_button_set_recipe (GvModelButton *self, GvRecipe *recipe, GvModelList *models)
{
  g_return_if_fail (self->recipe == NULL);
  self->recipe = g_object_ref (recipe);
  self->models = g_object_ref (models);
  gtk_list_box_bind_model (self->list, gv_model_list_get_models (models), create_row, self, NULL);
  g_signal_connect_swapped (recipe, "notify::model", G_CALLBACK (update), self);
  g_signal_connect_swapped (gv_model_list_get_models (models), "items-changed", G_CALLBACK (update),
                            self);
  update (self);
}

void
gv_model_button_popup (GvModelButton *self)
{
  gtk_menu_button_popup (self->button);
}

void
gv_model_button_popdown (GvModelButton *self)
{
  gtk_menu_button_popdown (self->button);
}
