// SPDX-FileCopyrightText: Giverny contributors
// SPDX-License-Identifier: GPL-3.0-or-later
/* Controllers for zoom and pan. */
#include "canvas/navigator.h"

#include <math.h>

#define WHEEL_ZOOM 1.15 /* a notch of the wheel */
#define WHEEL_PAN 64.0  /* logical pixels a notch */
#define TOUCHPAD_NOTCH 40.0

struct _GvNavigator
{
  GtkWidget *widget; /* it owns us */
  void (*changed) (GtkWidget *widget);
  GvCanvasView view;
  double tile_width, tile_height; /* 0: the whole widget */
  bool space_pans, space_held, touch_pans;
  double pointer_x, pointer_y;
  double drag_x, drag_y;          /* how far this drag has panned */
  double pinch_zoom, pinch_x, pinch_y;
};

static void
changed (GvNavigator *self)
{
  self->changed (self->widget);
}

static double
into_tile (double at, double tile)
{
  return tile > 0 ? fmod (at, tile) : at;
}

static void
set_zoom_at (GvNavigator *self, double zoom, double x, double y)
{
  gv_canvas_view_set_zoom (&self->view, zoom, into_tile (x, self->tile_width),
                           into_tile (y, self->tile_height));
  changed (self);
}

void
gv_navigator_pan (GvNavigator *self, double dx, double dy)
{
  gv_canvas_view_pan (&self->view, dx, dy);
  changed (self);
}

/* Controllers */

static void
on_motion (GtkEventControllerMotion *controller, double x, double y, gpointer data)
{
  GvNavigator *self = data;

  self->pointer_x = x;
  self->pointer_y = y;
}

static gboolean
on_scroll (GtkEventControllerScroll *scroll, double dx, double dy, gpointer data)
{
  GvNavigator *self = data;
  GtkEventController *controller = GTK_EVENT_CONTROLLER (scroll);
  GdkModifierType state = gtk_event_controller_get_current_event_state (controller);
  bool wheel = gtk_event_controller_scroll_get_unit (scroll) == GDK_SCROLL_UNIT_WHEEL;
  double unit = wheel ? WHEEL_PAN : 1, notches = wheel ? dy : dy / TOUCHPAD_NOTCH;

  if (state & GDK_CONTROL_MASK) {
    set_zoom_at (self, self->view.zoom * pow (WHEEL_ZOOM, -notches), self->pointer_x,
                 self->pointer_y);
    return TRUE;
  }
  if (self->view.fit)
    return FALSE;
  if (wheel && (state & GDK_SHIFT_MASK) && dx == 0)
    gv_navigator_pan (self, -dy * unit, 0);
  else
    gv_navigator_pan (self, -dx * unit, -dy * unit);
  return TRUE;
}

static void
on_pinch_begin (GtkGesture *gesture, GdkEventSequence *sequence, gpointer data)
{
  GvNavigator *self = data;

  self->pinch_zoom = self->view.zoom;
  gtk_gesture_get_bounding_box_center (gesture, &self->pinch_x, &self->pinch_y);
  gtk_gesture_set_state (gesture, GTK_EVENT_SEQUENCE_CLAIMED);
}

/* Two fingers zoom and carry the picture along at once. */
static void
on_pinch (GtkGestureZoom *gesture, double factor, gpointer data)
{
  GvNavigator *self = data;
  double x, y;

  if (!gtk_gesture_get_bounding_box_center (GTK_GESTURE (gesture), &x, &y))
    return;
  set_zoom_at (self, self->pinch_zoom * factor, x, y);
  gv_navigator_pan (self, x - self->pinch_x, y - self->pinch_y);
  self->pinch_x = x;
  self->pinch_y = y;
}

static void
pan_drag_begin (GvNavigator *self, GtkGestureDrag *gesture)
{
  self->drag_x = self->drag_y = 0;
  gtk_gesture_set_state (GTK_GESTURE (gesture), GTK_EVENT_SEQUENCE_CLAIMED);
  gtk_widget_set_cursor_from_name (self->widget, "grabbing");
}

static void
on_middle_begin (GtkGestureDrag *gesture, double x, double y, gpointer data)
{
  pan_drag_begin (data, gesture);
}

static void
on_space_drag_begin (GtkGestureDrag *gesture, double x, double y, gpointer data)
{
  if (gv_navigator_wants_drag (data))
    pan_drag_begin (data, gesture);
  else
    gtk_gesture_set_state (GTK_GESTURE (gesture), GTK_EVENT_SEQUENCE_DENIED);
}

static void
on_touch_drag_begin (GtkGestureDrag *gesture, double x, double y, gpointer data)
{
  GvNavigator *self = data;

  if (self->touch_pans && !self->view.fit)
    pan_drag_begin (self, gesture);
  else
    gtk_gesture_set_state (GTK_GESTURE (gesture), GTK_EVENT_SEQUENCE_DENIED);
}

static void
on_pan_update (GtkGestureDrag *gesture, double x, double y, gpointer data)
{
  GvNavigator *self = data;

  gv_navigator_pan (self, x - self->drag_x, y - self->drag_y);
  self->drag_x = x;
  self->drag_y = y;
}

static void
on_pan_end (GtkGestureDrag *gesture, double x, double y, gpointer data)
{
  GvNavigator *self = data;

  gtk_widget_set_cursor_from_name (self->widget, self->space_held ? "grab" : NULL);
}

static gboolean
on_key_pressed (GtkEventControllerKey *controller,
                guint key,
                guint code,
                GdkModifierType state,
                gpointer data)
{
  GvNavigator *self = data;

  if (key != GDK_KEY_space || !self->space_pans)
    return FALSE;
  if (!self->space_held)
    gtk_widget_set_cursor_from_name (self->widget, "grab");
  self->space_held = true;
  return TRUE;
}

static void
let_go_of_space (GvNavigator *self)
{
  if (!self->space_held)
    return;
  self->space_held = false;
  gtk_widget_set_cursor (self->widget, NULL);
}

static void
on_key_released (GtkEventControllerKey *controller,
                 guint key,
                 guint code,
                 GdkModifierType state,
                 gpointer data)
{
  if (key == GDK_KEY_space)
    let_go_of_space (data);
}

static void
on_focus_left (GtkEventControllerFocus *controller, gpointer data)
{
  let_go_of_space (data);
}

static void
add_pan_gesture (GvNavigator *self, guint button, bool touch_only, GCallback begin)
{
  GtkGesture *drag = gtk_gesture_drag_new ();

  gtk_gesture_single_set_button (GTK_GESTURE_SINGLE (drag), button);
  gtk_gesture_single_set_touch_only (GTK_GESTURE_SINGLE (drag), touch_only);
  gtk_event_controller_set_propagation_phase (GTK_EVENT_CONTROLLER (drag),
                                              touch_only ? GTK_PHASE_BUBBLE : GTK_PHASE_CAPTURE);
  g_signal_connect (drag, "drag-begin", begin, self);
  g_signal_connect (drag, "drag-update", G_CALLBACK (on_pan_update), self);
  g_signal_connect (drag, "drag-end", G_CALLBACK (on_pan_end), self);
  gtk_widget_add_controller (self->widget, GTK_EVENT_CONTROLLER (drag));
}

static void
add_keys (GvNavigator *self)
{
  GtkEventController *keys = gtk_event_controller_key_new ();
  GtkEventController *focus = gtk_event_controller_focus_new ();

  g_signal_connect (keys, "key-pressed", G_CALLBACK (on_key_pressed), self);
  g_signal_connect (keys, "key-released", G_CALLBACK (on_key_released), self);
  g_signal_connect (focus, "leave", G_CALLBACK (on_focus_left), self);
  gtk_widget_add_controller (self->widget, keys);
  gtk_widget_add_controller (self->widget, focus);
}

GvNavigator *
gv_navigator_new (GtkWidget *widget, bool space_pans, void (*callback) (GtkWidget *))
{
  GvNavigator *self = g_new0 (GvNavigator, 1);
  GtkEventController *motion = gtk_event_controller_motion_new ();
  GtkEventController *scroll =
      gtk_event_controller_scroll_new (GTK_EVENT_CONTROLLER_SCROLL_BOTH_AXES);
  GtkGesture *pinch = gtk_gesture_zoom_new ();

  self->widget = widget;
  self->changed = callback;
  self->space_pans = space_pans;
  self->touch_pans = true;
  gv_canvas_view_init (&self->view);

  g_signal_connect (motion, "enter", G_CALLBACK (on_motion), self);
  g_signal_connect (motion, "motion", G_CALLBACK (on_motion), self);
  g_signal_connect (scroll, "scroll", G_CALLBACK (on_scroll), self);
  g_signal_connect (pinch, "begin", G_CALLBACK (on_pinch_begin), self);
  g_signal_connect (pinch, "scale-changed", G_CALLBACK (on_pinch), self);
  gtk_event_controller_set_propagation_phase (GTK_EVENT_CONTROLLER (pinch), GTK_PHASE_CAPTURE);
  gtk_widget_add_controller (widget, motion);
  gtk_widget_add_controller (widget, scroll);
  gtk_widget_add_controller (widget, GTK_EVENT_CONTROLLER (pinch));
  add_pan_gesture (self, GDK_BUTTON_MIDDLE, false, G_CALLBACK (on_middle_begin));
  add_pan_gesture (self, GDK_BUTTON_PRIMARY, false, G_CALLBACK (on_space_drag_begin));
  add_pan_gesture (self, GDK_BUTTON_PRIMARY, true, G_CALLBACK (on_touch_drag_begin));
  add_keys (self);
  return self;
}

/* The widget is going, and its controllers before it: none of them may call into us again. */
void
gv_navigator_free (GvNavigator *self)
{
  g_autoptr (GListModel) controllers = gtk_widget_observe_controllers (self->widget);

  for (guint i = 0; i < g_list_model_get_n_items (controllers); i++) {
    g_autoptr (GObject) controller = g_list_model_get_item (controllers, i);

    g_signal_handlers_disconnect_by_data (controller, self);
  }
  g_free (self);
}

/* The view */

const GvCanvasView *
gv_navigator_get_view (GvNavigator *self)
{
  return &self->view;
}

static double
device_scale (GtkWidget *widget)
{
  GtkNative *native = gtk_widget_get_native (widget);
  GdkSurface *surface = native ? gtk_native_get_surface (native) : NULL;

  return surface ? gdk_surface_get_scale (surface) : gtk_widget_get_scale_factor (widget);
}

/* Where the widget's corner is on its surface. */
static graphene_point_t
origin (GtkWidget *widget)
{
  GtkNative *native = gtk_widget_get_native (widget);
  graphene_point_t at = GRAPHENE_POINT_INIT (0, 0);
  double dx = 0, dy = 0;

  if (!native || !gtk_widget_compute_point (widget, GTK_WIDGET (native), &at, &at))
    return GRAPHENE_POINT_INIT (0, 0);
  gtk_native_get_surface_transform (native, &dx, &dy);
  return GRAPHENE_POINT_INIT ((float) (at.x + dx), (float) (at.y + dy));
}

void
gv_navigator_allocate (GvNavigator *self, double width, double height)
{
  graphene_point_t at = origin (self->widget);

  gv_canvas_view_set_viewport (&self->view, width, height, device_scale (self->widget), at.x, at.y);
}

void
gv_navigator_set_padding (GvNavigator *self, double padding)
{
  self->view.padding = padding;
  changed (self);
}

void
gv_navigator_set_picture (GvNavigator *self, int width, int height)
{
  gv_canvas_view_set_picture (&self->view, width, height);
  changed (self);
}

void
gv_navigator_fit (GvNavigator *self)
{
  gv_canvas_view_fit (&self->view);
  changed (self);
}

void
gv_navigator_set_zoom (GvNavigator *self, double zoom)
{
  set_zoom_at (self, zoom, self->view.width / 2, self->view.height / 2);
}

void
gv_navigator_step (GvNavigator *self, int direction)
{
  gv_navigator_set_zoom (self, gv_canvas_view_next_zoom (&self->view, direction));
}

void
gv_navigator_set_tile (GvNavigator *self, double width, double height)
{
  self->tile_width = width;
  self->tile_height = height;
}

bool
gv_navigator_wants_drag (GvNavigator *self)
{
  return self->space_pans && self->space_held;
}

void
gv_navigator_set_touch_pans (GvNavigator *self, bool pans)
{
  self->touch_pans = pans;
}
