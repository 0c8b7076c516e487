// SPDX-FileCopyrightText: Giverny contributors
// SPDX-License-Identifier: GPL-3.0-or-later
/* The picture with its preview, progress and empty state. */
#include "canvas/canvas.h"

#include "canvas/canvas-draw.h"
#include "canvas/canvas-export.h"
#include "canvas/navigator.h"
#include "canvas/region-layer.h"
#include "widgets/announce.h"

#include <adwaita.h>
#include <math.h>

#define ANNOUNCE_EVERY_US (5 * G_USEC_PER_SEC)
#define KEY_PAN 64.0
#define PADDING 12.0

struct _GvCanvas
{
  GtkWidget parent_instance;
  GvNavigator *navigator;          /* (owned) */
  GdkTexture *texture;             /* (owned) (nullable) */
  GdkTexture *preview;             /* (owned) (nullable) */
  int preview_width, preview_height;
  GvImage *image;                  /* (owned) (nullable) */
  char *path;                      /* (owned) (nullable) */
  char *description;               /* (owned) (nullable) */
  GvRegionModel *regions;          /* (owned) (nullable) */
  bool drawing, show_shares;
  GtkWidget *empty, *layer, *line, *steps; /* children, from below; layer: (nullable) */
  gint64 announced_us;
};
G_DEFINE_FINAL_TYPE (GvCanvas, gv_canvas, GTK_TYPE_WIDGET)

enum { ZOOM_CHANGED, ANNOUNCE, SAVED, FAILED, REGION_DRAWN, REGION_TEXT, N_SIGNALS };
enum { PROP_DRAWING = 1, PROP_SHOW_SHARES, N_PROPS };

static guint signals[N_SIGNALS];
static GParamSpec *props[N_PROPS];

/* Helpers */

static void
update_view (GvCanvas *self)
{
  if (self->drawing)
    gv_navigator_set_picture (self->navigator, gv_region_model_get_width (self->regions),
                              gv_region_model_get_height (self->regions));
  else if (self->preview)
    gv_navigator_set_picture (self->navigator, self->preview_width, self->preview_height);
  else if (self->texture)
    gv_navigator_set_picture (self->navigator, gdk_texture_get_width (self->texture),
                              gdk_texture_get_height (self->texture));
  else
    gv_navigator_set_picture (self->navigator, 0, 0);
}

static void
update_label (GvCanvas *self)
{
  g_autofree char *label = NULL;

  if (self->texture)
    label = g_strdup_printf (_("Picture, %d by %d pixels"), gdk_texture_get_width (self->texture),
                               gdk_texture_get_height (self->texture));
  else if (self->preview)
    label = g_strdup (_("Picture in the making"));
  else
    label = g_strdup (_("Canvas without a picture"));
  gtk_accessible_update_property (GTK_ACCESSIBLE (self), GTK_ACCESSIBLE_PROPERTY_LABEL, label,
                                  GTK_ACCESSIBLE_PROPERTY_DESCRIPTION,
                                  self->texture && self->description ? self->description : "", -1);
}

static void
update_state (GvCanvas *self)
{
  bool empty = !self->texture && !self->preview && !self->drawing;

  if (self->empty)
    gtk_widget_set_child_visible (self->empty, empty);
  gtk_widget_action_set_enabled (GTK_WIDGET (self), "canvas.copy", self->texture != NULL);
  gtk_widget_action_set_enabled (GTK_WIDGET (self), "canvas.save-as",
                                 self->texture && (self->image || self->path));
  update_label (self);
}

static void
view_changed (GtkWidget *widget)
{
  GvCanvas *self = GV_CANVAS (widget);

  if (self->layer)
    gtk_widget_queue_allocate (self->layer);
  gtk_widget_queue_allocate (widget);
  gtk_widget_queue_draw (widget);
  g_signal_emit (widget, signals[ZOOM_CHANGED], 0);
}

/* Widget */

static void
gv_canvas_measure (GtkWidget *widget,
                   GtkOrientation orientation,
                   int for_size,
                   int *minimum,
                   int *natural,
                   int *minimum_baseline,
                   int *natural_baseline)
{
  GvCanvas *self = GV_CANVAS (widget);
  int empty_minimum = 0, empty_natural = 0;

  if (self->empty)
    gtk_widget_measure (self->empty, orientation, for_size, &empty_minimum, &empty_natural, NULL,
                        NULL);
  *minimum = orientation == GTK_ORIENTATION_HORIZONTAL ? MAX (empty_minimum, 96) : 96;
  *natural = MAX (MAX (empty_natural, *minimum), 256);
}

static void
place (GtkWidget *child, int width, int height, double align_y)
{
  int w, h;
  GtkAllocation at;

  gtk_widget_measure (child, GTK_ORIENTATION_HORIZONTAL, -1, NULL, &w, NULL, NULL);
  w = MIN (w, width);
  gtk_widget_measure (child, GTK_ORIENTATION_VERTICAL, w, NULL, &h, NULL, NULL);
  at = (GtkAllocation) { (width - w) / 2, (int) ((height - h) * align_y), w, h };
  gtk_widget_size_allocate (child, &at, -1);
}

static void
gv_canvas_size_allocate (GtkWidget *widget, int width, int height, int baseline)
{
  GvCanvas *self = GV_CANVAS (widget);
  int line_height, minimum = 0;

  gv_navigator_allocate (self->navigator, width, height);
  gtk_widget_measure (self->line, GTK_ORIENTATION_VERTICAL, width, &line_height, NULL, NULL, NULL);
  gtk_widget_size_allocate (self->line, &(GtkAllocation) { 0, 0, width, line_height }, -1);
  place (self->steps, width, height, 1);
  if (self->layer)
    gtk_widget_size_allocate (self->layer, &(GtkAllocation) { 0, 0, width, height }, -1);
  if (self->empty) {
    gtk_widget_measure (self->empty, GTK_ORIENTATION_VERTICAL, width, &minimum, NULL, NULL, NULL);
    gtk_widget_size_allocate (self->empty, &(GtkAllocation) { 0, 0, width, MAX (height, minimum) },
                              -1);
  }
}

/* Where the next picture will be: paper to draw boxes on. */
static void
draw_page (GtkSnapshot *snapshot, const graphene_rect_t *rect)
{
  static const GdkRGBA paper = { 0.5f, 0.5f, 0.5f, 0.12f }, edge = { 0.5f, 0.5f, 0.5f, 0.6f };
  static const float widths[4] = { 1, 1, 1, 1 };
  const GdkRGBA edges[4] = { edge, edge, edge, edge };
  GskRoundedRect outline;

  gsk_rounded_rect_init_from_rect (&outline, rect, 0);
  gtk_snapshot_append_color (snapshot, &paper, rect);
  gtk_snapshot_append_border (snapshot, &outline, widths, edges);
}

static void
draw_picture (GvCanvas *self, GtkSnapshot *snapshot)
{
  const GvCanvasView *view = gv_navigator_get_view (self->navigator);
  GdkTexture *texture = self->preview ? self->preview : self->texture;
  graphene_rect_t rect = gv_canvas_get_picture_rect (self), inner;

  if (self->drawing)
    draw_page (snapshot, &rect);
  if (!texture)
    return;
  inner = gv_canvas_contain (&rect, texture);
  gv_canvas_append_texture (snapshot, texture, &inner,
                            self->preview ? GV_CANVAS_LINEAR : gv_canvas_view_get_filter (view));
}

static void
gv_canvas_snapshot (GtkWidget *widget, GtkSnapshot *snapshot)
{
  GvCanvas *self = GV_CANVAS (widget);
  int width = gtk_widget_get_width (widget), height = gtk_widget_get_height (widget);

  /* The window may have moved to another screen, or we inside it, without a new size. */
  gv_navigator_allocate (self->navigator, width, height);
  gtk_snapshot_push_clip (snapshot, &GRAPHENE_RECT_INIT (0, 0, (float) width, (float) height));
  draw_picture (self, snapshot);
  gtk_snapshot_pop (snapshot);
  GTK_WIDGET_CLASS (gv_canvas_parent_class)->snapshot (widget, snapshot);
}

static void
gv_canvas_dispose (GObject *object)
{
  GvCanvas *self = GV_CANVAS (object);

  if (self->regions)
    g_signal_handlers_disconnect_by_data (self->regions, self);
  g_clear_pointer (&self->empty, gtk_widget_unparent);
  g_clear_pointer (&self->layer, gtk_widget_unparent);
  g_clear_object (&self->regions);
  g_clear_pointer (&self->line, gtk_widget_unparent);
  g_clear_pointer (&self->steps, gtk_widget_unparent);
  g_clear_pointer (&self->navigator, gv_navigator_free);
  g_clear_object (&self->texture);
  g_clear_object (&self->preview);
  g_clear_pointer (&self->image, gv_image_unref);
  g_clear_pointer (&self->path, g_free);
  g_clear_pointer (&self->description, g_free);
  G_OBJECT_CLASS (gv_canvas_parent_class)->dispose (object);
}

/* Input */

static GdkContentProvider *
on_drag_prepare (GtkDragSource *source, double x, double y, GvCanvas *self)
{
  GdkDevice *device = gtk_event_controller_get_current_event_device (GTK_EVENT_CONTROLLER (source));
  graphene_rect_t rect = gv_canvas_get_picture_rect (self);

  if (!self->texture || self->preview || gv_navigator_wants_drag (self->navigator) ||
      (device && gdk_device_get_source (device) == GDK_SOURCE_TOUCHSCREEN) ||
      !graphene_rect_contains_point (&rect, &GRAPHENE_POINT_INIT ((float) x, (float) y)))
    return NULL;
  return gv_export_provider (self->texture, self->path);
}

static void
on_drag_begin (GtkDragSource *source, GdkDrag *drag, GvCanvas *self)
{
  if (self->texture)
    gv_export_set_drag_icon (source, self->texture);
}

static void
on_pressed (GtkGestureClick *click, int n_press, double x, double y, GvCanvas *self)
{
  gtk_widget_grab_focus (GTK_WIDGET (self));
}

static gboolean
on_arrow (GtkWidget *widget, GVariant *args, gpointer data)
{
  GvCanvas *self = GV_CANVAS (widget);
  int dx, dy;

  if (gv_navigator_get_view (self->navigator)->fit)
    return FALSE;
  g_variant_get (args, "(ii)", &dx, &dy);
  gv_navigator_pan (self->navigator, -dx * KEY_PAN, -dy * KEY_PAN);
  return TRUE;
}

/* Boxes that were just deleted come back though none of them has the focus. */
static gboolean
on_undo (GtkWidget *widget, GVariant *args, gpointer data)
{
  GvCanvas *self = GV_CANVAS (widget);
  gboolean redo;

  if (!self->drawing)
    return FALSE;
  g_variant_get (args, "(b)", &redo);
  return redo ? gv_region_model_redo (self->regions) : gv_region_model_undo (self->regions);
}

static gboolean
on_escape (GtkWidget *widget, GVariant *args, gpointer data)
{
  GvCanvas *self = GV_CANVAS (widget);

  return self->drawing && gv_region_layer_let_go (GV_REGION_LAYER (self->layer));
}

static void
on_region_drawn (GvRegionLayer *layer, guint id, GvCanvas *self)
{
  g_signal_emit (self, signals[REGION_DRAWN], 0, id);
}

static void
on_region_text (GvRegionLayer *layer, guint id, GvCanvas *self)
{
  g_signal_emit (self, signals[REGION_TEXT], 0, id);
}

/* Actions */

static void
on_zoom_in_action (GtkWidget *widget, const char *name, GVariant *parameter)
{
  gv_canvas_zoom_in (GV_CANVAS (widget));
}

static void
on_zoom_out_action (GtkWidget *widget, const char *name, GVariant *parameter)
{
  gv_canvas_zoom_out (GV_CANVAS (widget));
}

static void
on_fit_action (GtkWidget *widget, const char *name, GVariant *parameter)
{
  gv_canvas_fit (GV_CANVAS (widget));
}

static void
on_actual_size_action (GtkWidget *widget, const char *name, GVariant *parameter)
{
  gv_canvas_set_zoom (GV_CANVAS (widget), 1);
}

static void
on_copy_action (GtkWidget *widget, const char *name, GVariant *parameter)
{
  gv_canvas_copy (GV_CANVAS (widget));
}

static void
on_save_as_action (GtkWidget *widget, const char *name, GVariant *parameter)
{
  gv_canvas_save_as (GV_CANVAS (widget));
}

static void
add_keys (GtkWidgetClass *class)
{
  static const struct
  {
    guint key;
    GdkModifierType modifiers;
    const char *action;
  } keys[] = {
    { GDK_KEY_plus, 0, "canvas.zoom-in" },
    { GDK_KEY_equal, 0, "canvas.zoom-in" },
    { GDK_KEY_KP_Add, 0, "canvas.zoom-in" },
    { GDK_KEY_minus, 0, "canvas.zoom-out" },
    { GDK_KEY_KP_Subtract, 0, "canvas.zoom-out" },
    { GDK_KEY_0, 0, "canvas.fit" },
    { GDK_KEY_KP_0, 0, "canvas.fit" },
    { GDK_KEY_1, 0, "canvas.actual-size" },
    { GDK_KEY_KP_1, 0, "canvas.actual-size" },
    { GDK_KEY_c, GDK_CONTROL_MASK, "canvas.copy" },
  };
  static const struct
  {
    guint key;
    int dx, dy;
  } arrows[] = {
    { GDK_KEY_Left, -1, 0 },
    { GDK_KEY_Right, 1, 0 },
    { GDK_KEY_Up, 0, -1 },
    { GDK_KEY_Down, 0, 1 },
  };

  for (guint i = 0; i < G_N_ELEMENTS (keys); i++)
    gtk_widget_class_add_binding_action (class, keys[i].key, keys[i].modifiers, keys[i].action,
                                         NULL);
  for (guint i = 0; i < G_N_ELEMENTS (arrows); i++)
    gtk_widget_class_add_binding (class, arrows[i].key, 0, on_arrow, "(ii)", arrows[i].dx,
                                  arrows[i].dy);
  gtk_widget_class_add_binding (class, GDK_KEY_z, GDK_CONTROL_MASK, on_undo, "(b)", FALSE);
  gtk_widget_class_add_binding (class, GDK_KEY_z, GDK_CONTROL_MASK | GDK_SHIFT_MASK, on_undo, "(b)",
                                TRUE);
  gtk_widget_class_add_binding (class, GDK_KEY_Escape, 0, on_escape, NULL);
}

static void
gv_canvas_set_property (GObject *object, guint id, const GValue *value, GParamSpec *pspec)
{
  GvCanvas *self = GV_CANVAS (object);

  switch (id) {
  case PROP_DRAWING:
    gv_canvas_set_drawing (self, g_value_get_boolean (value));
    break;
  case PROP_SHOW_SHARES:
    gv_canvas_set_show_shares (self, g_value_get_boolean (value));
    break;
  default:
    G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
  }
}

static void
gv_canvas_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  GvCanvas *self = GV_CANVAS (object);

  switch (id) {
  case PROP_DRAWING:
    g_value_set_boolean (value, self->drawing);
    break;
  case PROP_SHOW_SHARES:
    g_value_set_boolean (value, self->show_shares);
    break;
  default:
    G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
  }
}

static void
install_actions (GtkWidgetClass *widget_class)
{
  gtk_widget_class_install_action (widget_class, "canvas.zoom-in", NULL, on_zoom_in_action);
  gtk_widget_class_install_action (widget_class, "canvas.zoom-out", NULL, on_zoom_out_action);
  gtk_widget_class_install_action (widget_class, "canvas.fit", NULL, on_fit_action);
  gtk_widget_class_install_action (widget_class, "canvas.actual-size", NULL, on_actual_size_action);
  gtk_widget_class_install_action (widget_class, "canvas.copy", NULL, on_copy_action);
  gtk_widget_class_install_action (widget_class, "canvas.save-as", NULL, on_save_as_action);
}

static void
gv_canvas_class_init (GvCanvasClass *class)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (class);
  GParamFlags flags = G_PARAM_READWRITE | G_PARAM_EXPLICIT_NOTIFY | G_PARAM_STATIC_STRINGS;

  G_OBJECT_CLASS (class)->dispose = gv_canvas_dispose;
  G_OBJECT_CLASS (class)->set_property = gv_canvas_set_property;
  G_OBJECT_CLASS (class)->get_property = gv_canvas_get_property;
  props[PROP_DRAWING] = g_param_spec_boolean ("drawing", NULL, NULL, FALSE, flags);
  props[PROP_SHOW_SHARES] = g_param_spec_boolean ("show-shares", NULL, NULL, FALSE, flags);
  g_object_class_install_properties (G_OBJECT_CLASS (class), N_PROPS, props);
  widget_class->measure = gv_canvas_measure;
  widget_class->size_allocate = gv_canvas_size_allocate;
  widget_class->snapshot = gv_canvas_snapshot;
  gtk_widget_class_set_css_name (widget_class, "gv-canvas");
  gtk_widget_class_set_accessible_role (widget_class, GTK_ACCESSIBLE_ROLE_IMG);
  install_actions (widget_class);
  add_keys (widget_class);

  signals[ZOOM_CHANGED] = g_signal_new ("zoom-changed", GV_TYPE_CANVAS, G_SIGNAL_RUN_LAST, 0, NULL,
                                        NULL, NULL, G_TYPE_NONE, 0);
  signals[ANNOUNCE] = g_signal_new_class_handler ("announce", GV_TYPE_CANVAS, G_SIGNAL_RUN_LAST,
                                                  G_CALLBACK (gv_announce), NULL, NULL, NULL,
                                                  G_TYPE_NONE, 1, G_TYPE_STRING);
  signals[SAVED] = g_signal_new ("saved", GV_TYPE_CANVAS, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                                 G_TYPE_NONE, 1, G_TYPE_STRING);
  signals[FAILED] = g_signal_new ("failed", GV_TYPE_CANVAS, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                                  G_TYPE_NONE, 1, G_TYPE_STRING);
  signals[REGION_DRAWN] = g_signal_new ("region-drawn", GV_TYPE_CANVAS, G_SIGNAL_RUN_LAST, 0, NULL,
                                        NULL, NULL, G_TYPE_NONE, 1, G_TYPE_UINT);
  signals[REGION_TEXT] = g_signal_new ("region-text", GV_TYPE_CANVAS, G_SIGNAL_RUN_LAST, 0, NULL,
                                       NULL, NULL, G_TYPE_NONE, 1, G_TYPE_UINT);
}

static GtkWidget *
make_empty (void)
{
  GtkWidget *page = adw_status_page_new ();

  adw_status_page_set_icon_name (ADW_STATUS_PAGE (page), "image-x-generic-symbolic");
  adw_status_page_set_title (ADW_STATUS_PAGE (page), _("Nothing Painted Yet"));
  adw_status_page_set_description (ADW_STATUS_PAGE (page), _("Write a prompt and press Generate"));
  return page;
}

static void
add_children (GvCanvas *self)
{
  self->line = gtk_progress_bar_new ();
  gtk_widget_add_css_class (self->line, "osd");
  gtk_widget_set_visible (self->line, FALSE);
  gtk_widget_set_can_target (self->line, FALSE);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self->line), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  _("Progress of the picture"), -1);
  gtk_widget_set_parent (self->line, GTK_WIDGET (self));

  self->steps = gtk_label_new (NULL);
  gtk_widget_add_css_class (self->steps, "osd");
  gtk_widget_add_css_class (self->steps, "numeric");
  gtk_widget_add_css_class (self->steps, "gv-steps");
  gtk_widget_set_visible (self->steps, FALSE);
  gtk_widget_set_can_target (self->steps, FALSE);
  gtk_widget_set_margin_bottom (self->steps, 12);
  gtk_label_set_ellipsize (GTK_LABEL (self->steps), PANGO_ELLIPSIZE_END);
  gtk_widget_set_parent (self->steps, GTK_WIDGET (self));
}

static void
gv_canvas_init (GvCanvas *self)
{
  GtkDragSource *source = gtk_drag_source_new ();
  GtkGesture *click = gtk_gesture_click_new ();

  gtk_widget_set_focusable (GTK_WIDGET (self), TRUE);
  gtk_widget_set_overflow (GTK_WIDGET (self), GTK_OVERFLOW_HIDDEN);
  self->navigator = gv_navigator_new (GTK_WIDGET (self), true, view_changed);
  gv_navigator_set_padding (self->navigator, PADDING);
  add_children (self);
  gv_canvas_set_empty (self, NULL);

  gtk_drag_source_set_actions (source, GDK_ACTION_COPY);
  g_signal_connect (source, "prepare", G_CALLBACK (on_drag_prepare), self);
  g_signal_connect (source, "drag-begin", G_CALLBACK (on_drag_begin), self);
  g_signal_connect (click, "pressed", G_CALLBACK (on_pressed), self);
  gtk_widget_add_controller (GTK_WIDGET (self), GTK_EVENT_CONTROLLER (source));
  gtk_widget_add_controller (GTK_WIDGET (self), GTK_EVENT_CONTROLLER (click));
  update_state (self);
}

GtkWidget *
gv_canvas_new (void)
{
  return g_object_new (GV_TYPE_CANVAS, NULL);
}

/* Picture and preview */

void
gv_canvas_set_texture (GvCanvas *self, GdkTexture *texture)
{
  g_return_if_fail (GV_IS_CANVAS (self));

  g_clear_object (&self->preview);
  if (g_set_object (&self->texture, texture)) {
    g_clear_pointer (&self->image, gv_image_unref);
    g_clear_pointer (&self->path, g_free);
    g_clear_pointer (&self->description, g_free);
  }
  update_view (self);
  update_state (self);
}

GdkTexture *
gv_canvas_get_texture (GvCanvas *self)
{
  return self->texture;
}

void
gv_canvas_set_source (GvCanvas *self, GvImage *image, const char *path)
{
  g_return_if_fail (GV_IS_CANVAS (self));

  if (image)
    gv_image_ref (image);
  g_clear_pointer (&self->image, gv_image_unref);
  self->image = image;
  g_set_str (&self->path, path);
  update_state (self);
}

void
gv_canvas_set_description (GvCanvas *self, const char *description)
{
  g_return_if_fail (GV_IS_CANVAS (self));

  g_set_str (&self->description, description);
  update_label (self);
}

void
gv_canvas_set_preview (GvCanvas *self, GdkTexture *preview, int width, int height)
{
  g_return_if_fail (GV_IS_CANVAS (self));

  g_set_object (&self->preview, preview);
  self->preview_width = width;
  self->preview_height = height;
  update_view (self);
  update_state (self);
}

static void
announce_progress (GvCanvas *self, const char *text)
{
  gint64 now = g_get_monotonic_time ();

  if (self->announced_us && now - self->announced_us < ANNOUNCE_EVERY_US)
    return;
  self->announced_us = now;
  g_signal_emit (self, signals[ANNOUNCE], 0, text);
}

void
gv_canvas_set_progress (GvCanvas *self, double fraction, const char *text)
{
  bool working = fraction >= 0, worked = gtk_widget_get_visible (self->line);

  g_return_if_fail (GV_IS_CANVAS (self));

  gtk_widget_set_visible (self->line, working);
  gtk_widget_set_visible (self->steps, working && text && *text);
  gtk_progress_bar_set_fraction (GTK_PROGRESS_BAR (self->line), CLAMP (fraction, 0, 1));
  gtk_label_set_label (GTK_LABEL (self->steps), text ? text : "");
  if (working && text && *text)
    announce_progress (self, text);
  if (worked && !working) {
    self->announced_us = 0;
    if (self->texture && !self->preview)
      g_signal_emit (self, signals[ANNOUNCE], 0, _("The picture is done"));
  }
}

/* Regions */

void
gv_canvas_set_regions (GvCanvas *self, GvRegionModel *regions)
{
  g_return_if_fail (GV_IS_CANVAS (self));
  g_return_if_fail (!self->regions && GV_IS_REGION_MODEL (regions));

  self->regions = g_object_ref (regions);
  self->layer = gv_region_layer_new (regions, self->navigator);
  gtk_widget_insert_before (self->layer, GTK_WIDGET (self), self->line);
  gtk_widget_set_visible (self->layer, FALSE);
  g_signal_connect_swapped (regions, "changed", G_CALLBACK (update_view), self);
  g_signal_connect (self->layer, "drawn", G_CALLBACK (on_region_drawn), self);
  g_signal_connect (self->layer, "edit-text", G_CALLBACK (on_region_text), self);
}

void
gv_canvas_set_recipe (GvCanvas *self, GvRecipe *recipe)
{
  g_return_if_fail (GV_IS_CANVAS (self) && self->layer);
  gv_region_layer_set_recipe (GV_REGION_LAYER (self->layer), recipe);
}

void
gv_canvas_set_drawing (GvCanvas *self, bool drawing)
{
  g_return_if_fail (GV_IS_CANVAS (self));

  drawing = drawing && self->regions;
  if (self->drawing == drawing)
    return;
  self->drawing = drawing;
  gtk_widget_set_visible (self->layer, drawing);
  gv_navigator_set_touch_pans (self->navigator, !drawing);
  update_view (self);
  update_state (self);
  g_object_notify_by_pspec (G_OBJECT (self), props[PROP_DRAWING]);
}

bool
gv_canvas_get_drawing (GvCanvas *self)
{
  return self->drawing;
}

void
gv_canvas_set_show_shares (GvCanvas *self, bool show)
{
  g_return_if_fail (GV_IS_CANVAS (self));

  if (self->show_shares == show || !self->layer)
    return;
  self->show_shares = show;
  gv_region_layer_set_show_shares (GV_REGION_LAYER (self->layer), show);
  g_object_notify_by_pspec (G_OBJECT (self), props[PROP_SHOW_SHARES]);
}

void
gv_canvas_set_empty (GvCanvas *self, GtkWidget *empty)
{
  g_return_if_fail (GV_IS_CANVAS (self));

  g_clear_pointer (&self->empty, gtk_widget_unparent);
  self->empty = empty ? empty : make_empty ();
  gtk_widget_insert_after (self->empty, GTK_WIDGET (self), NULL);
  update_state (self);
}

/* Zoom */

double
gv_canvas_get_zoom (GvCanvas *self)
{
  return gv_navigator_get_view (self->navigator)->zoom;
}

void
gv_canvas_set_zoom (GvCanvas *self, double zoom)
{
  g_return_if_fail (GV_IS_CANVAS (self));
  gv_navigator_set_zoom (self->navigator, zoom);
}

void
gv_canvas_zoom_in (GvCanvas *self)
{
  g_return_if_fail (GV_IS_CANVAS (self));
  gv_navigator_step (self->navigator, 1);
}

void
gv_canvas_zoom_out (GvCanvas *self)
{
  g_return_if_fail (GV_IS_CANVAS (self));
  gv_navigator_step (self->navigator, -1);
}

void
gv_canvas_fit (GvCanvas *self)
{
  g_return_if_fail (GV_IS_CANVAS (self));
  gv_navigator_fit (self->navigator);
}

graphene_rect_t
gv_canvas_get_picture_rect (GvCanvas *self)
{
  GvCanvasRect rect = gv_canvas_view_get_rect (gv_navigator_get_view (self->navigator));

  return gv_canvas_to_graphene (&rect);
}

/* Out of the studio */

void
gv_canvas_copy (GvCanvas *self)
{
  g_autoptr (GdkContentProvider) provider = NULL;

  g_return_if_fail (GV_IS_CANVAS (self));

  if (!self->texture)
    return;
  provider = gv_export_provider (self->texture, self->path);
  gdk_clipboard_set_content (gtk_widget_get_clipboard (GTK_WIDGET (self)), provider);
  g_signal_emit (self, signals[ANNOUNCE], 0, _("The picture is copied"));
}

static void
on_saved (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (GvCanvas) self = data;
  g_autoptr (GError) error = NULL;
  g_autofree char *path = gv_export_save_as_finish (result, &error);

  if (path)
    g_signal_emit (self, signals[SAVED], 0, path);
  else if (!g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    g_signal_emit (self, signals[FAILED], 0, error->message);
}

void
gv_canvas_save_as (GvCanvas *self)
{
  g_return_if_fail (GV_IS_CANVAS (self));

  if (self->image || self->path)
    gv_export_save_as (GTK_WIDGET (self), self->image, self->path, on_saved, g_object_ref (self));
}
