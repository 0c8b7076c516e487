// SPDX-FileCopyrightText: Giverny contributors
// SPDX-License-Identifier: GPL-3.0-or-later
/* Boxes on the canvas: placing, drawing, pointer and keys. */
#include "canvas/region-layer.h"

#include "canvas/region-frame.h"
#include "canvas/region-heat.h"
#include "canvas/region-numbers.h"

#include "giverny.h"

#include <math.h>

#define DRAG_THRESHOLD 3.0 /* logical pixels that a hand trembles */
#define LARGE_STEP 8       /* grid steps with Shift */

struct _GvRegionLayer
{
  GtkWidget parent_instance;
  GvRegionModel *model;   /* (owned) */
  GvNavigator *navigator;
  GPtrArray *frames;      /* GvRegionFrame, children, in z-order */
  GtkGesture *drag;
  GvRegionHit pressed;    /* what the pointer went down on */
  double pressed_x, pressed_y;
  bool dragging;
  bool show_shares;
  GvRecipe *recipe;       /* (owned) (nullable): how they are painted */
  GdkTexture *shares;     /* (owned) (nullable): of the present boxes */
  GtkPopover *numbers;    /* (nullable): while it is open */
};
G_DEFINE_FINAL_TYPE (GvRegionLayer, gv_region_layer, GTK_TYPE_WIDGET)

enum { DRAWN, EDIT_TEXT, N_SIGNALS };

static guint signals[N_SIGNALS];

/* Helpers */

static double
scale_of (GvRegionLayer *self)
{
  return gv_canvas_view_get_scale (gv_navigator_get_view (self->navigator));
}

static void
to_picture (GvRegionLayer *self, double x, double y, double *px, double *py)
{
  gv_canvas_view_to_picture (gv_navigator_get_view (self->navigator), x, y, px, py);
}

static GvRegionFrame *
frame_of (GvRegionLayer *self, guint id)
{
  for (guint i = 0; i < self->frames->len; i++)
    if (gv_region_frame_get_id (self->frames->pdata[i]) == id)
      return self->frames->pdata[i];
  return NULL;
}

static bool
has_focus (GvRegionLayer *self)
{
  return gtk_widget_get_focus_child (GTK_WIDGET (self)) != NULL;
}

/* The focus goes to the selected box, or to the canvas around us. */
static void
focus_selected (GvRegionLayer *self)
{
  GvRegionFrame *frame = frame_of (self, gv_region_model_get_selected (self->model));
  GtkWidget *parent = gtk_widget_get_parent (GTK_WIDGET (self));

  if (frame)
    gtk_widget_grab_focus (GTK_WIDGET (frame));
  else if (parent)
    gtk_widget_grab_focus (parent);
}

static GdkRectangle
place_of (GvRegionLayer *self, const GvRegionBox *box)
{
  const GvCanvasView *view = gv_navigator_get_view (self->navigator);
  double x0, y0, x1, y1;

  gv_canvas_view_to_viewport (view, box->rect.x, box->rect.y, &x0, &y0);
  gv_canvas_view_to_viewport (view, box->rect.x + box->rect.width, box->rect.y + box->rect.height,
                              &x1, &y1);
  return (GdkRectangle) { (int) lround (x0), (int) lround (y0),
                          MAX ((int) (lround (x1) - lround (x0)), 1),
                          MAX ((int) (lround (y1) - lround (y0)), 1) };
}

/* Model */

static void
on_frame_focus (GtkEventControllerFocus *controller, GvRegionLayer *self)
{
  GtkWidget *frame = gtk_event_controller_get_widget (GTK_EVENT_CONTROLLER (controller));

  gv_region_model_select (self->model, gv_region_frame_get_id (GV_REGION_FRAME (frame)));
}

static GtkWidget *
add_frame (GvRegionLayer *self, guint id)
{
  GtkWidget *frame = gv_region_frame_new (self->model, id);
  GtkEventController *focus = gtk_event_controller_focus_new ();

  g_signal_connect (focus, "enter", G_CALLBACK (on_frame_focus), self);
  gtk_widget_add_controller (frame, focus);
  gtk_widget_set_parent (frame, GTK_WIDGET (self));
  return frame;
}

static bool
frames_match (GvRegionLayer *self)
{
  if (self->frames->len != gv_region_model_get_n (self->model))
    return false;
  for (guint i = 0; i < self->frames->len; i++)
    if (gv_region_frame_get_id (self->frames->pdata[i]) != gv_region_model_get (self->model, i)->id)
      return false;
  return true;
}

/* One frame a box, in the model's order; those that stay keep their focus. */
static void
match_frames (GvRegionLayer *self)
{
  g_autoptr (GPtrArray) old = g_steal_pointer (&self->frames);
  GtkWidget *before = NULL;

  self->frames = g_ptr_array_new ();
  for (guint i = 0; i < gv_region_model_get_n (self->model); i++) {
    guint id = gv_region_model_get (self->model, i)->id, at;
    GtkWidget *frame = NULL;

    for (at = 0; at < old->len && !frame; at++)
      if (gv_region_frame_get_id (old->pdata[at]) == id)
        frame = g_ptr_array_steal_index (old, at);
    if (!frame)
      frame = add_frame (self, id);
    gtk_widget_insert_after (frame, GTK_WIDGET (self), before);
    g_ptr_array_add (self->frames, frame);
    before = frame;
  }
  g_ptr_array_foreach (old, (GFunc) (void *) gtk_widget_unparent, NULL);
}

static void
update_frames (GvRegionLayer *self)
{
  for (guint i = 0; i < self->frames->len; i++)
    gv_region_frame_update (self->frames->pdata[i]);
}

static void
on_changed (GvRegionModel *model, GvRegionLayer *self)
{
  bool focused = has_focus (self);

  g_clear_object (&self->shares);
  if (!frames_match (self)) {
    match_frames (self);
    if (focused)
      focus_selected (self);
  }
  update_frames (self);
  gtk_widget_queue_allocate (GTK_WIDGET (self));
  gtk_widget_queue_draw (GTK_WIDGET (self));
}

static void
on_selection_changed (GvRegionModel *model, GvRegionLayer *self)
{
  g_clear_object (&self->shares);
  update_frames (self);
  if (has_focus (self))
    focus_selected (self);
  gtk_widget_queue_draw (GTK_WIDGET (self));
}

/* Drawing */

static void
gv_region_layer_size_allocate (GtkWidget *widget, int width, int height, int baseline)
{
  GvRegionLayer *self = GV_REGION_LAYER (widget);

  for (guint i = 0; i < self->frames->len; i++) {
    GtkWidget *frame = self->frames->pdata[i];
    const GvRegionBox *box =
        gv_region_model_find (self->model, gv_region_frame_get_id (GV_REGION_FRAME (frame)));
    GdkRectangle place;

    if (!box)
      continue;
    place = place_of (self, box);
    gtk_widget_size_allocate (frame, &place, -1);
  }
  if (self->numbers)
    gtk_popover_present (self->numbers);
}

static graphene_rect_t
picture_rect (GvRegionLayer *self)
{
  GvCanvasRect rect = gv_canvas_view_get_rect (gv_navigator_get_view (self->navigator));

  return GRAPHENE_RECT_INIT ((float) rect.x, (float) rect.y, (float) rect.width,
                             (float) rect.height);
}

static void
draw_shares (GvRegionLayer *self, GtkSnapshot *snapshot)
{
  graphene_rect_t rect = picture_rect (self);

  if (!self->shares)
    self->shares =
        gv_region_heat_new (self->model, gv_region_model_get_selected (self->model), self->recipe);
  if (self->shares)
    gtk_snapshot_append_scaled_texture (snapshot, self->shares, GSK_SCALING_FILTER_LINEAR, &rect);
}

static void
draw_guides (GvRegionLayer *self, GtkSnapshot *snapshot)
{
  static const GdkRGBA dark = { 0, 0, 0, 0.5f }, light = { 1, 1, 1, 0.95f };
  graphene_rect_t r = picture_rect (self);
  float scale = (float) scale_of (self);
  const GvRegionGuide *guides;
  guint n;

  guides = gv_region_model_get_guides (self->model, &n);
  for (guint i = 0; i < n; i++) {
    float at = (float) guides[i].position * scale;
    graphene_rect_t line =
        guides[i].vertical
            ? GRAPHENE_RECT_INIT (r.origin.x + at - 1.5f, r.origin.y, 3, r.size.height)
            : GRAPHENE_RECT_INIT (r.origin.x, r.origin.y + at - 1.5f, r.size.width, 3);

    gtk_snapshot_append_color (snapshot, &dark, &line);
    graphene_rect_inset (&line, guides[i].vertical ? 1 : 0, guides[i].vertical ? 0 : 1);
    gtk_snapshot_append_color (snapshot, &light, &line);
  }
}

static void
gv_region_layer_snapshot (GtkWidget *widget, GtkSnapshot *snapshot)
{
  GvRegionLayer *self = GV_REGION_LAYER (widget);

  if (self->show_shares)
    draw_shares (self, snapshot);
  GTK_WIDGET_CLASS (gv_region_layer_parent_class)->snapshot (widget, snapshot);
  draw_guides (self, snapshot);
}

/* Pointer */

static const char *
cursor_for (GvRegionPart part)
{
  static const char *const names[] = {
    [GV_REGION_NOTHING] = "crosshair", [GV_REGION_BODY] = "move",
    [GV_REGION_NORTH] = "n-resize",    [GV_REGION_NORTH_EAST] = "ne-resize",
    [GV_REGION_EAST] = "e-resize",     [GV_REGION_SOUTH_EAST] = "se-resize",
    [GV_REGION_SOUTH] = "s-resize",    [GV_REGION_SOUTH_WEST] = "sw-resize",
    [GV_REGION_WEST] = "w-resize",     [GV_REGION_NORTH_WEST] = "nw-resize",
  };

  return names[part];
}

static GvRegionHit
hit_at (GvRegionLayer *self, double x, double y)
{
  double px, py;

  to_picture (self, x, y, &px, &py);
  return gv_canvas_hit (self->model, px, py, scale_of (self));
}

static void
on_motion (GtkEventControllerMotion *controller, double x, double y, GvRegionLayer *self)
{
  if (!self->dragging)
    gtk_widget_set_cursor_from_name (GTK_WIDGET (self), cursor_for (hit_at (self, x, y).part));
}

static GvRegionDragFlags
flags_of (GtkGesture *gesture)
{
  GdkModifierType state =
      gtk_event_controller_get_current_event_state (GTK_EVENT_CONTROLLER (gesture));
  GvRegionDragFlags flags = GV_REGION_DRAG_PLAIN;

  if (state & GDK_SHIFT_MASK)
    flags |= GV_REGION_DRAG_RATIO;
  if (state & GDK_ALT_MASK)
    flags |= GV_REGION_DRAG_CENTRE | GV_REGION_DRAG_FREE;
  return flags;
}

static void
on_drag_begin (GtkGestureDrag *gesture, double x, double y, GvRegionLayer *self)
{
  if (gv_navigator_wants_drag (self->navigator)) {
    gtk_gesture_set_state (GTK_GESTURE (gesture), GTK_EVENT_SEQUENCE_DENIED);
    return;
  }
  gtk_gesture_set_state (GTK_GESTURE (gesture), GTK_EVENT_SEQUENCE_CLAIMED);
  self->pressed = hit_at (self, x, y);
  self->pressed_x = x;
  self->pressed_y = y;
  self->dragging = false;
  gv_region_model_select (self->model, self->pressed.id);
  focus_selected (self);
}

static void
on_drag_update (GtkGestureDrag *gesture, double dx, double dy, GvRegionLayer *self)
{
  double px, py;

  if (!self->dragging) {
    if (hypot (dx, dy) < DRAG_THRESHOLD)
      return;
    to_picture (self, self->pressed_x, self->pressed_y, &px, &py);
    gv_region_model_drag_begin (self->model, self->pressed, px, py);
    self->dragging = true;
  }
  to_picture (self, self->pressed_x + dx, self->pressed_y + dy, &px, &py);
  gv_region_model_drag_update (self->model, px, py, scale_of (self),
                               flags_of (GTK_GESTURE (gesture)));
}

static void
on_drag_end (GtkGestureDrag *gesture, double dx, double dy, GvRegionLayer *self)
{
  bool drawing = self->pressed.id == 0;
  guint id;

  if (!self->dragging)
    return;
  self->dragging = false;
  id = gv_region_model_drag_end (self->model);
  focus_selected (self);
  if (drawing && id)
    g_signal_emit (self, signals[DRAWN], 0, id);
}

static void
on_drag_cancel (GtkGesture *gesture, GdkEventSequence *sequence, GvRegionLayer *self)
{
  self->dragging = false;
  gv_region_model_drag_cancel (self->model);
}

static void
on_pressed (GtkGestureClick *click, int n_press, double x, double y, GvRegionLayer *self)
{
  guint button = gtk_gesture_single_get_current_button (GTK_GESTURE_SINGLE (click));
  GvRegionHit hit = hit_at (self, x, y);

  if (hit.id == 0)
    return;
  if (button == GDK_BUTTON_SECONDARY) {
    gv_region_model_select (self->model, hit.id);
    gv_region_layer_show_numbers (self);
  } else if (button == GDK_BUTTON_PRIMARY && n_press == 2) {
    g_signal_emit (self, signals[EDIT_TEXT], 0, hit.id);
  }
}

/* Keys */

static bool
on_arrow (GvRegionLayer *self, guint id, int dx, int dy, GdkModifierType state)
{
  int step = state & GDK_SHIFT_MASK ? LARGE_STEP : 1;

  if (state & GDK_CONTROL_MASK)
    gv_region_model_grow (self->model, id, dx * step, dy * step);
  else
    gv_region_model_nudge (self->model, id, dx * step, dy * step);
  return true;
}

static void
remove_box (GvRegionLayer *self, guint id)
{
  gv_region_model_select_next (self->model, 1);
  if (gv_region_model_get_selected (self->model) == id)
    gv_region_model_select_next (self->model, -1);
  gv_region_model_remove (self->model, id);
  focus_selected (self);
}

static bool
on_control_key (GvRegionLayer *self, guint id, guint key, GdkModifierType state)
{
  switch (gdk_keyval_to_lower (key)) {
  case GDK_KEY_d:
    gv_region_model_duplicate (self->model, id);
    focus_selected (self);
    return true;
  case GDK_KEY_z:
    if (state & GDK_SHIFT_MASK)
      gv_region_model_redo (self->model);
    else
      gv_region_model_undo (self->model);
    return true;
  default:
    return false;
  }
}

static bool
on_box_key (GvRegionLayer *self, guint id, guint key, GdkModifierType state)
{
  switch (key) {
  case GDK_KEY_Left:
  case GDK_KEY_KP_Left:
    return on_arrow (self, id, -1, 0, state);
  case GDK_KEY_Right:
  case GDK_KEY_KP_Right:
    return on_arrow (self, id, 1, 0, state);
  case GDK_KEY_Up:
  case GDK_KEY_KP_Up:
    return on_arrow (self, id, 0, -1, state);
  case GDK_KEY_Down:
  case GDK_KEY_KP_Down:
    return on_arrow (self, id, 0, 1, state);
  case GDK_KEY_Page_Up:
    gv_region_model_raise (self->model, id, 1);
    return true;
  case GDK_KEY_Page_Down:
    gv_region_model_raise (self->model, id, -1);
    return true;
  case GDK_KEY_Delete:
  case GDK_KEY_BackSpace:
    remove_box (self, id);
    return true;
  case GDK_KEY_Return:
  case GDK_KEY_KP_Enter:
  case GDK_KEY_Menu:
    return !(state & GDK_CONTROL_MASK) && gv_region_layer_show_numbers (self);
  case GDK_KEY_F2:
    g_signal_emit (self, signals[EDIT_TEXT], 0, id);
    return true;
  default:
    return state & GDK_CONTROL_MASK ? on_control_key (self, id, key, state) : false;
  }
}

static gboolean
on_key (GtkEventControllerKey *keys, guint key, guint code, GdkModifierType state, gpointer data)
{
  GvRegionLayer *self = data;
  guint id = gv_region_model_get_selected (self->model);

  if (key == GDK_KEY_Escape)
    return gv_region_layer_let_go (self);
  if (id && has_focus (self) && on_box_key (self, id, key, state))
    return TRUE;
  /* What was just deleted comes back without a box to have the focus. */
  return (state & GDK_CONTROL_MASK) && on_control_key (self, id, key, state);
}

/* Tab goes from box to box by number, then on to what is behind the canvas. */
static gboolean
gv_region_layer_focus (GtkWidget *widget, GtkDirectionType direction)
{
  GvRegionLayer *self = GV_REGION_LAYER (widget);

  if (direction != GTK_DIR_TAB_FORWARD && direction != GTK_DIR_TAB_BACKWARD)
    return FALSE;
  if (!has_focus (self))
    gv_region_model_select (self->model, 0);
  if (!gv_region_model_select_next (self->model, direction == GTK_DIR_TAB_FORWARD ? 1 : -1))
    return FALSE;
  focus_selected (self);
  return TRUE;
}

/* Type */

static void
gv_region_layer_dispose (GObject *object)
{
  GvRegionLayer *self = GV_REGION_LAYER (object);

  if (self->model)
    g_signal_handlers_disconnect_by_data (self->model, self);
  if (self->numbers)
    gtk_widget_unparent (GTK_WIDGET (self->numbers));
  g_clear_weak_pointer (&self->numbers);
  g_ptr_array_foreach (self->frames, (GFunc) (void *) gtk_widget_unparent, NULL);
  g_ptr_array_set_size (self->frames, 0);
  if (self->recipe)
    g_signal_handlers_disconnect_by_data (self->recipe, self);
  g_clear_object (&self->recipe);
  g_clear_object (&self->model);
  g_clear_object (&self->shares);
  G_OBJECT_CLASS (gv_region_layer_parent_class)->dispose (object);
}

static void
gv_region_layer_finalize (GObject *object)
{
  g_ptr_array_unref (GV_REGION_LAYER (object)->frames);
  G_OBJECT_CLASS (gv_region_layer_parent_class)->finalize (object);
}

static void
gv_region_layer_class_init (GvRegionLayerClass *class)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (class);

  G_OBJECT_CLASS (class)->dispose = gv_region_layer_dispose;
  G_OBJECT_CLASS (class)->finalize = gv_region_layer_finalize;
  widget_class->size_allocate = gv_region_layer_size_allocate;
  widget_class->snapshot = gv_region_layer_snapshot;
  widget_class->focus = gv_region_layer_focus;
  gtk_widget_class_set_css_name (widget_class, "gv-regions");
  gtk_widget_class_set_accessible_role (widget_class, GTK_ACCESSIBLE_ROLE_LIST_BOX);

  signals[DRAWN] = g_signal_new ("drawn", GV_TYPE_REGION_LAYER, G_SIGNAL_RUN_LAST, 0, NULL, NULL,
                                 NULL, G_TYPE_NONE, 1, G_TYPE_UINT);
  signals[EDIT_TEXT] = g_signal_new ("edit-text", GV_TYPE_REGION_LAYER, G_SIGNAL_RUN_LAST, 0, NULL,
                                     NULL, NULL, G_TYPE_NONE, 1, G_TYPE_UINT);
}

static void
add_controllers (GvRegionLayer *self)
{
  GtkEventController *motion = gtk_event_controller_motion_new ();
  GtkEventController *keys = gtk_event_controller_key_new ();
  GtkGesture *click = gtk_gesture_click_new ();

  self->drag = gtk_gesture_drag_new ();
  g_signal_connect (self->drag, "drag-begin", G_CALLBACK (on_drag_begin), self);
  g_signal_connect (self->drag, "drag-update", G_CALLBACK (on_drag_update), self);
  g_signal_connect (self->drag, "drag-end", G_CALLBACK (on_drag_end), self);
  g_signal_connect (self->drag, "cancel", G_CALLBACK (on_drag_cancel), self);
  gtk_gesture_single_set_button (GTK_GESTURE_SINGLE (click), 0);
  g_signal_connect (click, "pressed", G_CALLBACK (on_pressed), self);
  gtk_gesture_group (self->drag, click);
  g_signal_connect (motion, "motion", G_CALLBACK (on_motion), self);
  g_signal_connect (keys, "key-pressed", G_CALLBACK (on_key), self);
  gtk_widget_add_controller (GTK_WIDGET (self), GTK_EVENT_CONTROLLER (self->drag));
  gtk_widget_add_controller (GTK_WIDGET (self), GTK_EVENT_CONTROLLER (click));
  gtk_widget_add_controller (GTK_WIDGET (self), motion);
  gtk_widget_add_controller (GTK_WIDGET (self), keys);
}

static void
gv_region_layer_init (GvRegionLayer *self)
{
  self->frames = g_ptr_array_new ();
  add_controllers (self);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  _("Regions of the picture"), -1);
}

GtkWidget *
gv_region_layer_new (GvRegionModel *model, GvNavigator *navigator)
{
  GvRegionLayer *self = g_object_new (GV_TYPE_REGION_LAYER, NULL);

  self->model = g_object_ref (model);
  self->navigator = navigator;
  g_signal_connect (model, "changed", G_CALLBACK (on_changed), self);
  g_signal_connect (model, "selection-changed", G_CALLBACK (on_selection_changed), self);
  on_changed (model, self);
  return GTK_WIDGET (self);
}

void
gv_region_layer_set_show_shares (GvRegionLayer *self, bool show)
{
  self->show_shares = show;
  gtk_widget_queue_draw (GTK_WIDGET (self));
}

static void
forget_shares (GvRegionLayer *self)
{
  g_clear_object (&self->shares);
  gtk_widget_queue_draw (GTK_WIDGET (self));
}

void
gv_region_layer_set_recipe (GvRegionLayer *self, GvRecipe *recipe)
{
  g_return_if_fail (!self->recipe);

  self->recipe = g_object_ref (recipe);
  g_signal_connect_swapped (recipe, "notify::region-mode", G_CALLBACK (forget_shares), self);
  g_signal_connect_swapped (recipe, "notify::background-rest", G_CALLBACK (forget_shares), self);
}

bool
gv_region_layer_show_numbers (GvRegionLayer *self)
{
  const GvRegionBox *box =
      gv_region_model_find (self->model, gv_region_model_get_selected (self->model));
  GdkRectangle place;

  if (!box)
    return false;
  place = place_of (self, box);
  if (self->numbers)
    gtk_widget_unparent (GTK_WIDGET (self->numbers));
  g_set_weak_pointer (&self->numbers,
                      gv_region_numbers_popup (GTK_WIDGET (self), &place, self->model, box->id));
  return true;
}

bool
gv_region_layer_let_go (GvRegionLayer *self)
{
  if (gv_region_model_is_dragging (self->model)) {
    self->dragging = false;
    gv_region_model_drag_cancel (self->model);
    gtk_gesture_set_state (self->drag, GTK_EVENT_SEQUENCE_DENIED);
    return true;
  }
  if (gv_region_model_get_selected (self->model) == 0)
    return false;
  gv_region_model_select (self->model, 0);
  focus_selected (self);
  return true;
}
