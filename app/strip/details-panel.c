// SPDX-FileCopyrightText: Giverny contributors
// SPDX-License-Identifier: GPL-3.0-or-later
/* What is known of the picture that is shown. */
#include "strip/details-panel.h"

struct _GvDetailsPanel
{
  AdwBin parent_instance;
  /* template children */
  GtkStack *stack;
  GtkLabel *prompt, *negative;
  AdwActionRow *model, *size, *seed, *steps, *cfg, *sampler, *file;
  GtkWidget *file_box;
};

G_DEFINE_FINAL_TYPE (GvDetailsPanel, gv_details_panel, ADW_TYPE_BIN)

#define BIND(name) gtk_widget_class_bind_template_child (widget_class, GvDetailsPanel, name)

static void
gv_details_panel_dispose (GObject *object)
{
  adw_bin_set_child (ADW_BIN (object), NULL);
  gtk_widget_dispose_template (GTK_WIDGET (object), GV_TYPE_DETAILS_PANEL);
  G_OBJECT_CLASS (gv_details_panel_parent_class)->dispose (object);
}

static void
gv_details_panel_class_init (GvDetailsPanelClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = gv_details_panel_dispose;
  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/app/giverny/Giverny/details-panel.ui");
  BIND (stack);
  BIND (prompt);
  BIND (negative);
  BIND (model);
  BIND (size);
  BIND (seed);
  BIND (steps);
  BIND (cfg);
  BIND (sampler);
  BIND (file);
  BIND (file_box);
}

static void
gv_details_panel_init (GvDetailsPanel *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
}

static void G_GNUC_PRINTF (2, 3) set_row (AdwActionRow *row, const char *format, ...)
{
  g_autofree char *text = NULL;
  va_list args;

  va_start (args, format);
  text = g_strdup_vprintf (format, args);
  va_end (args);
  adw_action_row_set_subtitle (row, text);
}

static void
show_numbers (GvDetailsPanel *self, GvRecipe *r)
{
  int width = gv_recipe_get_width (r), height = gv_recipe_get_height (r);

  if (width > 0 && height > 0)
    set_row (self->size, "%d × %d", width, height);
  else
    set_row (self->size, "%s", _("The model’s own"));
  if (gv_recipe_has_cfg (r))
    set_row (self->cfg, "%g", gv_recipe_get_cfg (r));
  else
    set_row (self->cfg, "%s", _("The model’s own"));
  set_row (self->seed, "%" G_GUINT64_FORMAT, gv_recipe_get_seed (r));
  set_row (self->steps, "%d", gv_recipe_get_steps (r));
  set_row (self->sampler, "%s · %s", gv_recipe_get_sampler (r), gv_recipe_get_schedule (r));
}

static void
show_file (GvDetailsPanel *self, const char *path)
{
  g_autofree char *shown = path ? g_filename_display_name (path) : NULL;

  gtk_widget_set_visible (self->file_box, path != NULL);
  if (path)
    set_row (self->file, "%s", shown);
}

void
gv_details_panel_show (GvDetailsPanel *self, GvRecipe *recipe, const char *path)
{
  const char *model = recipe ? gv_recipe_get_model (recipe) : "";
  g_autofree char *base = g_filename_display_basename (model);

  gtk_stack_set_visible_child_name (self->stack, recipe ? "details" : "empty");
  if (!recipe)
    return;
  gtk_label_set_label (self->prompt, gv_recipe_get_prompt (recipe));
  gtk_label_set_label (self->negative, gv_recipe_get_negative (recipe));
  gtk_widget_set_visible (GTK_WIDGET (self->negative), *gv_recipe_get_negative (recipe) != '\0');
  set_row (self->model, "%s", *model ? base : _("Starter"));
  show_numbers (self, recipe);
  show_file (self, path);
}
