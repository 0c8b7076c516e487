// SPDX-FileCopyrightText: Giverny contributors
// SPDX-License-Identifier: GPL-3.0-or-later
/* Rows for boxes, and the switches for drawing them. */
#include "compose/regions-panel.h"

#include "compose/region-row.h"

#include <string.h>

struct _GvRegionsPanel
{
  AdwBin parent_instance;
  GvRegionModel *regions; /* (owned) (nullable) */
  char *model_path;       /* (owned) */
  GtkToggleButton *draw, *shares;
  GtkLabel *hint;
  GtkBox *list;
  AdwToggleGroup *modes;
  GPtrArray *rows;        /* GvRegionRow, children of the list, by number */
};
G_DEFINE_FINAL_TYPE (GvRegionsPanel, gv_regions_panel, ADW_TYPE_BIN)

enum { PROP_MODE = 1, N_PROPS };

static GParamSpec *props[N_PROPS];

/* Rows */

static GvRegionRow *
row_of (GvRegionsPanel *self, guint id)
{
  for (guint i = 0; i < self->rows->len; i++)
    if (gv_region_row_get_id (self->rows->pdata[i]) == id)
      return self->rows->pdata[i];
  return NULL;
}

static int
by_number (gconstpointer a, gconstpointer b)
{
  const GvRegionBox *const *x = a, *const *y = b;

  return (*x)->look - (*y)->look;
}

/* (element-type GvRegionBox): whatever lies over what on the canvas, the list goes by number. */
static GPtrArray *
sorted_boxes (GvRegionsPanel *self)
{
  GPtrArray *boxes = g_ptr_array_new ();

  for (guint i = 0; i < gv_region_model_get_n (self->regions); i++)
    g_ptr_array_add (boxes, (gpointer) gv_region_model_get (self->regions, i));
  g_ptr_array_sort (boxes, by_number);
  return boxes;
}

static void
remove_stale_rows (GvRegionsPanel *self)
{
  for (guint i = self->rows->len; i > 0; i--) {
    GvRegionRow *row = self->rows->pdata[i - 1];

    if (gv_region_model_find (self->regions, gv_region_row_get_id (row)))
      continue;
    g_ptr_array_remove_index (self->rows, i - 1);
    gtk_box_remove (self->list, GTK_WIDGET (row));
  }
}

static void
match_rows (GvRegionsPanel *self)
{
  g_autoptr (GPtrArray) boxes = sorted_boxes (self);
  GtkWidget *before = NULL;

  remove_stale_rows (self);
  for (guint i = 0; i < boxes->len; i++) {
    const GvRegionBox *box = boxes->pdata[i];
    GvRegionRow *row = row_of (self, box->id);

    if (!row) {
      row = GV_REGION_ROW (gv_region_row_new (self->regions, box->id));
      gv_region_row_set_model_path (row, self->model_path);
      gtk_box_insert_child_after (self->list, GTK_WIDGET (row), before);
      g_ptr_array_insert (self->rows, (int) i, row);
    }
    before = GTK_WIDGET (row);
  }
}

static void
update_rows (GvRegionsPanel *self)
{
  for (guint i = 0; i < self->rows->len; i++)
    gv_region_row_update (self->rows->pdata[i]);
}

static void
on_changed (GvRegionModel *regions, GvRegionsPanel *self)
{
  guint n = gv_region_model_get_n (regions);

  match_rows (self);
  update_rows (self);
  gtk_widget_set_visible (GTK_WIDGET (self->hint), n == 0);
  gtk_widget_set_visible (GTK_WIDGET (self->shares), n > 0);
  gtk_widget_set_visible (GTK_WIDGET (self->modes),
                          n > 0 && adw_toggle_group_get_n_toggles (self->modes) > 1);
}

/* Whoever turns to a row wants to see its box. */
static void
on_selection_changed (GvRegionModel *regions, GvRegionsPanel *self)
{
  update_rows (self);
  if (gv_region_model_get_selected (regions))
    gtk_toggle_button_set_active (self->draw, TRUE);
}

static void
on_text_wanted (GvCanvas *canvas, guint id, GvRegionsPanel *self)
{
  GvRegionRow *row = row_of (self, id);

  if (row && gtk_widget_get_mapped (GTK_WIDGET (row)))
    gv_region_row_edit_text (row);
}

static void
on_mode (AdwToggleGroup *modes, GParamSpec *pspec, GvRegionsPanel *self)
{
  g_object_notify_by_pspec (G_OBJECT (self), props[PROP_MODE]);
}

/* Type */

static void
gv_regions_panel_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  if (id == PROP_MODE)
    g_value_set_string (value, gv_regions_panel_get_mode (GV_REGIONS_PANEL (object)));
  else
    G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
}

static void
gv_regions_panel_set_property (GObject *object, guint id, const GValue *value, GParamSpec *pspec)
{
  if (id == PROP_MODE)
    gv_regions_panel_set_mode (GV_REGIONS_PANEL (object), g_value_get_string (value));
  else
    G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
}

static void
gv_regions_panel_dispose (GObject *object)
{
  GvRegionsPanel *self = GV_REGIONS_PANEL (object);

  if (self->regions)
    g_signal_handlers_disconnect_by_data (self->regions, self);
  g_clear_object (&self->regions);
  g_ptr_array_set_size (self->rows, 0);
  G_OBJECT_CLASS (gv_regions_panel_parent_class)->dispose (object);
}

static void
gv_regions_panel_finalize (GObject *object)
{
  GvRegionsPanel *self = GV_REGIONS_PANEL (object);

  g_ptr_array_unref (self->rows);
  g_free (self->model_path);
  G_OBJECT_CLASS (gv_regions_panel_parent_class)->finalize (object);
}

static void
gv_regions_panel_class_init (GvRegionsPanelClass *class)
{
  GObjectClass *object_class = G_OBJECT_CLASS (class);

  object_class->dispose = gv_regions_panel_dispose;
  object_class->finalize = gv_regions_panel_finalize;
  object_class->get_property = gv_regions_panel_get_property;
  object_class->set_property = gv_regions_panel_set_property;
  props[PROP_MODE] =
      g_param_spec_string ("mode", NULL, NULL, "area",
                           G_PARAM_READWRITE | G_PARAM_EXPLICIT_NOTIFY | G_PARAM_STATIC_STRINGS);
  g_object_class_install_properties (object_class, N_PROPS, props);
}

static GtkToggleButton *
make_toggle (const char *icon, const char *label)
{
  GtkWidget *button = gtk_toggle_button_new ();

  gtk_button_set_icon_name (GTK_BUTTON (button), icon);
  gtk_widget_set_tooltip_text (button, label);
  gtk_widget_add_css_class (button, "flat");
  gtk_accessible_update_property (GTK_ACCESSIBLE (button), GTK_ACCESSIBLE_PROPERTY_LABEL, label,
                                  -1);
  return GTK_TOGGLE_BUTTON (button);
}

static GtkWidget *
make_header (GvRegionsPanel *self)
{
  GtkWidget *header = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 6);
  GtkWidget *title = gtk_label_new (_("Regions"));

  gtk_widget_add_css_class (title, "heading");
  gtk_label_set_xalign (GTK_LABEL (title), 0);
  gtk_widget_set_hexpand (title, TRUE);
  self->shares = make_toggle ("view-reveal-symbolic", _("Show What Each Region Decides"));
  self->draw = make_toggle ("document-edit-symbolic", _("Draw Regions on the Canvas"));
  gtk_box_append (GTK_BOX (header), title);
  gtk_box_append (GTK_BOX (header), GTK_WIDGET (self->shares));
  gtk_box_append (GTK_BOX (header), GTK_WIDGET (self->draw));
  return header;
}

static GtkWidget *
make_modes (GvRegionsPanel *self)
{
  self->modes = ADW_TOGGLE_GROUP (adw_toggle_group_new ());
  adw_toggle_group_set_homogeneous (self->modes, TRUE);
  for (const GvRecipeChoice *mode = gv_recipe_list_region_modes (); mode->name; mode++) {
    AdwToggle *toggle;

    if (!mode->ready)
      continue;
    toggle = adw_toggle_new ();
    adw_toggle_set_name (toggle, mode->name);
    adw_toggle_set_label (toggle, _(mode->label));
    adw_toggle_group_add (self->modes, toggle);
  }
  gtk_accessible_update_property (GTK_ACCESSIBLE (self->modes), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  _("How regions are painted"), -1);
  gtk_widget_set_tooltip_text (GTK_WIDGET (self->modes),
                               _("Areas are painted by themselves and blended; with attention the whole picture is painted "
        "at once"));
  g_signal_connect (self->modes, "notify::active-name", G_CALLBACK (on_mode), self);
  return GTK_WIDGET (self->modes);
}

static void
gv_regions_panel_init (GvRegionsPanel *self)
{
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 6);

  self->rows = g_ptr_array_new ();
  self->model_path = g_strdup ("");
  self->hint = GTK_LABEL (gtk_label_new (_("Boxes on the canvas say what goes where. Press the pen, then draw one.")));
  gtk_label_set_wrap (self->hint, TRUE);
  gtk_label_set_xalign (self->hint, 0);
  gtk_widget_add_css_class (GTK_WIDGET (self->hint), "dim-label");
  self->list = GTK_BOX (gtk_box_new (GTK_ORIENTATION_VERTICAL, 6));
  gtk_box_append (GTK_BOX (box), make_header (self));
  gtk_box_append (GTK_BOX (box), GTK_WIDGET (self->hint));
  gtk_box_append (GTK_BOX (box), GTK_WIDGET (self->list));
  gtk_box_append (GTK_BOX (box), make_modes (self));
  gtk_widget_set_visible (GTK_WIDGET (self->modes), FALSE);
  gtk_widget_set_visible (GTK_WIDGET (self->shares), FALSE);
  adw_bin_set_child (ADW_BIN (self), box);
}

GtkWidget *
gv_regions_panel_new (void)
{
  return g_object_new (GV_TYPE_REGIONS_PANEL, NULL);
}

void
gv_regions_panel_connect (GvRegionsPanel *self, GvRegionModel *regions, GvCanvas *canvas)
{
  GBindingFlags flags = G_BINDING_BIDIRECTIONAL | G_BINDING_SYNC_CREATE;

  g_return_if_fail (GV_IS_REGIONS_PANEL (self) && !self->regions);

  self->regions = g_object_ref (regions);
  g_signal_connect (regions, "changed", G_CALLBACK (on_changed), self);
  g_signal_connect (regions, "selection-changed", G_CALLBACK (on_selection_changed), self);
  g_object_bind_property (canvas, "drawing", self->draw, "active", flags);
  g_object_bind_property (canvas, "show-shares", self->shares, "active", flags);
  g_signal_connect_object (canvas, "region-drawn", G_CALLBACK (on_text_wanted), self, 0);
  g_signal_connect_object (canvas, "region-text", G_CALLBACK (on_text_wanted), self, 0);
  on_changed (regions, self);
}

void
gv_regions_panel_set_model_path (GvRegionsPanel *self, const char *path)
{
  g_return_if_fail (GV_IS_REGIONS_PANEL (self));

  if (!g_set_str (&self->model_path, path ? path : ""))
    return;
  for (guint i = 0; i < self->rows->len; i++)
    gv_region_row_set_model_path (self->rows->pdata[i], self->model_path);
}

const char *
gv_regions_panel_get_mode (GvRegionsPanel *self)
{
  const char *mode = adw_toggle_group_get_active_name (self->modes);

  return mode ? mode : "area";
}

void
gv_regions_panel_set_mode (GvRegionsPanel *self, const char *mode)
{
  g_return_if_fail (GV_IS_REGIONS_PANEL (self));

  if (mode && adw_toggle_group_get_toggle_by_name (self->modes, mode))
    adw_toggle_group_set_active_name (self->modes, mode);
}

void
gv_regions_panel_commit (GvRegionsPanel *self)
{
  g_return_if_fail (GV_IS_REGIONS_PANEL (self));

  for (guint i = 0; i < self->rows->len; i++)
    gv_region_row_commit (self->rows->pdata[i]);
}
