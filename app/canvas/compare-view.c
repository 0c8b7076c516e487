// SPDX-FileCopyrightText: Giverny contributors
// SPDX-License-Identifier: GPL-3.0-or-later
/* Drawing and handling two pictures at once. */
#include "canvas/compare-view.h"

#include "canvas/canvas-draw.h"
#include "canvas/navigator.h"

#include "giverny.h"

#include <math.h>

#define MAX_GAIN 16.0
#define KEY_PAN 64.0
#define PADDING 12.0
#define KNOB 14.0f /* radius, logical pixels */
#define GAP 6      /* between two pictures beside each other */

G_DEFINE_ENUM_TYPE (GvCompareMode,
                    gv_compare_mode,
                    G_DEFINE_ENUM_VALUE (GV_COMPARE_SLIDER, "slider"),
                    G_DEFINE_ENUM_VALUE (GV_COMPARE_SIDE_BY_SIDE, "side-by-side"),
                    G_DEFINE_ENUM_VALUE (GV_COMPARE_FADE, "fade"),
                    G_DEFINE_ENUM_VALUE (GV_COMPARE_DIFFERENCE, "difference"),
                    G_DEFINE_ENUM_VALUE (GV_COMPARE_FLICKER, "flicker"))

typedef struct
{
  GdkTexture *texture; /* (owned) (nullable) */
  char *title;         /* (owned) (nullable) */
} Side;

struct _GvCompareView
{
  GtkWidget parent_instance;
  GvNavigator *navigator; /* (owned) */
  Side first, second;
  GvCompareMode mode;
  double position, gain;
  bool vertical, flicker;
  GtkWidget *notice;      /* child: why there is no difference to see */
  double drag_x, drag_y;  /* how far this drag has panned */
};
G_DEFINE_FINAL_TYPE (GvCompareView, gv_compare_view, GTK_TYPE_WIDGET)

enum { PROP_MODE = 1, PROP_POSITION, PROP_VERTICAL, PROP_GAIN, N_PROPS };
enum { STEP, N_SIGNALS };

static GParamSpec *props[N_PROPS];
static guint signals[N_SIGNALS];

/* Helpers */

static bool
has_position (GvCompareView *self)
{
  return self->mode == GV_COMPARE_SLIDER || self->mode == GV_COMPARE_FADE;
}

static bool
sizes_differ (GvCompareView *self)
{
  GdkTexture *a = self->first.texture, *b = self->second.texture;

  return a && b &&
         (gdk_texture_get_width (a) != gdk_texture_get_width (b) ||
          gdk_texture_get_height (a) != gdk_texture_get_height (b));
}

static char *
dup_value_text (GvCompareView *self)
{
  switch (self->mode) {
  case GV_COMPARE_SIDE_BY_SIDE:
    return g_strdup (_("Both pictures beside each other"));
  case GV_COMPARE_DIFFERENCE:
    return g_strdup_printf (_("Difference, %d times as strong"), (int) self->gain);
  case GV_COMPARE_FLICKER:
    return g_strdup (self->flicker ? _("Second picture") : _("First picture"));
  default:
    return g_strdup_printf (_("%d %% before"), (int) lround (100 * self->position));
  }
}

static void
update_accessible (GvCompareView *self)
{
  g_autofree char *text = dup_value_text (self);

  gtk_accessible_update_property (GTK_ACCESSIBLE (self), GTK_ACCESSIBLE_PROPERTY_VALUE_MIN, 0.0,
                                  GTK_ACCESSIBLE_PROPERTY_VALUE_MAX, 100.0,
                                  GTK_ACCESSIBLE_PROPERTY_VALUE_NOW, round (100 * self->position),
                                  GTK_ACCESSIBLE_PROPERTY_VALUE_TEXT, text, -1);
}

static void
update_notice (GvCompareView *self)
{
  bool needed = self->mode == GV_COMPARE_DIFFERENCE && sizes_differ (self);
  g_autofree char *text = NULL;

  gtk_widget_set_visible (self->notice, needed);
  if (!needed)
    return;
  text = g_strdup_printf (_("Only pictures of one size have a difference: these are %d × %d and %d × %d"),
      gdk_texture_get_width (self->first.texture), gdk_texture_get_height (self->first.texture),
      gdk_texture_get_width (self->second.texture), gdk_texture_get_height (self->second.texture));
  gtk_label_set_label (GTK_LABEL (self->notice), text);
}

static void
update (GvCompareView *self)
{
  update_accessible (self);
  update_notice (self);
  gtk_widget_queue_allocate (GTK_WIDGET (self));
  gtk_widget_queue_draw (GTK_WIDGET (self));
}

static void
view_changed (GtkWidget *widget)
{
  gtk_widget_queue_draw (widget);
}

static void
update_picture (GvCompareView *self)
{
  GdkTexture *texture = self->first.texture ? self->first.texture : self->second.texture;

  gv_navigator_set_picture (self->navigator, texture ? gdk_texture_get_width (texture) : 0,
                            texture ? gdk_texture_get_height (texture) : 0);
  update (self);
}

/* The part of the widget that one picture has. */
static void
tile_size (GvCompareView *self, int *width, int *height)
{
  *width = gtk_widget_get_width (GTK_WIDGET (self));
  *height = gtk_widget_get_height (GTK_WIDGET (self));
  if (self->mode != GV_COMPARE_SIDE_BY_SIDE)
    return;
  if (self->vertical)
    *height = MAX ((*height - GAP) / 2, 1);
  else
    *width = MAX ((*width - GAP) / 2, 1);
}

static void
update_tile (GvCompareView *self)
{
  bool side = self->mode == GV_COMPARE_SIDE_BY_SIDE;
  int width, height;

  tile_size (self, &width, &height);
  gv_navigator_allocate (self->navigator, width, height);
  gv_navigator_set_tile (self->navigator, side && !self->vertical ? width + GAP : 0,
                         side && self->vertical ? height + GAP : 0);
}

/* Drawing */

static void
draw_side (GvCompareView *self, GtkSnapshot *snapshot, const Side *side)
{
  graphene_rect_t rect = gv_compare_view_get_picture_rect (self), inner;

  if (!side->texture)
    return;
  inner = gv_canvas_contain (&rect, side->texture);
  gv_canvas_append_texture (snapshot, side->texture, &inner,
                            gv_canvas_view_get_filter (gv_navigator_get_view (self->navigator)));
}

static void
draw_clipped (GvCompareView *self, GtkSnapshot *snapshot, const Side *side, graphene_rect_t clip)
{
  if (clip.size.width <= 0 || clip.size.height <= 0)
    return; /* GTK 4.18 leaks what is drawn through an empty clip */
  gtk_snapshot_push_clip (snapshot, &clip);
  draw_side (self, snapshot, side);
  gtk_snapshot_pop (snapshot);
}

static void
fill_circle (GtkSnapshot *snapshot, float x, float y, float radius, const GdkRGBA *colour)
{
  graphene_rect_t bounds = GRAPHENE_RECT_INIT (x - radius, y - radius, 2 * radius, 2 * radius);
  GskRoundedRect circle;

  gsk_rounded_rect_init_from_rect (&circle, &bounds, radius);
  gtk_snapshot_push_rounded_clip (snapshot, &circle);
  gtk_snapshot_append_color (snapshot, colour, &bounds);
  gtk_snapshot_pop (snapshot);
}

/* A white line between dark ones, and a knob that shows that it can be taken. */
static void
draw_line (GvCompareView *self, GtkSnapshot *snapshot, float at, const graphene_rect_t *rect)
{
  static const GdkRGBA dark = { 0, 0, 0, 0.6f }, white = { 1, 1, 1, 1 };
  float half_height = rect->origin.y + rect->size.height / 2;
  float half_width = rect->origin.x + rect->size.width / 2;
  graphene_rect_t line = self->vertical
                             ? GRAPHENE_RECT_INIT (rect->origin.x, at - 2, rect->size.width, 4)
                             : GRAPHENE_RECT_INIT (at - 2, rect->origin.y, 4, rect->size.height);
  float x = self->vertical ? half_width : at, y = self->vertical ? at : half_height;

  gtk_snapshot_append_color (snapshot, &dark, &line);
  graphene_rect_inset (&line, self->vertical ? 0 : 1, self->vertical ? 1 : 0);
  gtk_snapshot_append_color (snapshot, &white, &line);
  fill_circle (snapshot, x, y, KNOB + 1, &dark);
  fill_circle (snapshot, x, y, KNOB, &white);
}

static void
draw_slider (GvCompareView *self, GtkSnapshot *snapshot)
{
  graphene_rect_t rect = gv_compare_view_get_picture_rect (self), a = rect, b = rect;
  float along = self->vertical ? rect.size.height : rect.size.width;
  float at = roundf ((float) self->position * along);

  if (self->vertical) {
    a.size.height = at;
    b.origin.y += at;
    b.size.height -= at;
  } else {
    a.size.width = at;
    b.origin.x += at;
    b.size.width -= at;
  }
  draw_clipped (self, snapshot, &self->first, a);
  draw_clipped (self, snapshot, &self->second, b);
  draw_line (self, snapshot, at + (self->vertical ? rect.origin.y : rect.origin.x), &rect);
}

static void
draw_side_by_side (GvCompareView *self, GtkSnapshot *snapshot)
{
  int width, height;
  graphene_rect_t tile;

  tile_size (self, &width, &height);
  tile = GRAPHENE_RECT_INIT (0, 0, (float) width, (float) height);
  draw_clipped (self, snapshot, &self->first, tile);
  gtk_snapshot_save (snapshot);
  gtk_snapshot_translate (snapshot,
                          &GRAPHENE_POINT_INIT (self->vertical ? 0 : (float) (width + GAP),
                                                self->vertical ? (float) (height + GAP) : 0));
  draw_clipped (self, snapshot, &self->second, tile);
  gtk_snapshot_restore (snapshot);
}

static void
draw_fade (GvCompareView *self, GtkSnapshot *snapshot)
{
  draw_side (self, snapshot, &self->first);
  gtk_snapshot_push_opacity (snapshot, 1 - self->position);
  draw_side (self, snapshot, &self->second);
  gtk_snapshot_pop (snapshot);
}

/* |a - b| · gain, opaque. */
static void
draw_difference (GvCompareView *self, GtkSnapshot *snapshot)
{
  float gain = (float) self->gain;
  graphene_matrix_t matrix;

  if (sizes_differ (self) || !self->first.texture || !self->second.texture)
    return;
  graphene_matrix_init_scale (&matrix, gain, gain, gain);
  gtk_snapshot_push_color_matrix (snapshot, &matrix, graphene_vec4_zero ());
  gtk_snapshot_push_blend (snapshot, GSK_BLEND_MODE_DIFFERENCE);
  draw_side (self, snapshot, &self->first);
  gtk_snapshot_pop (snapshot);
  draw_side (self, snapshot, &self->second);
  gtk_snapshot_pop (snapshot);
  gtk_snapshot_pop (snapshot);
}

static void
draw_label (GvCompareView *self,
            GtkSnapshot *snapshot,
            const Side *side,
            const char *letter,
            bool end)
{
  static const GdkRGBA paper = { 0, 0, 0, 0.7f }, ink = { 1, 1, 1, 1 };
  g_autofree char *text =
      side->title ? g_strdup_printf ("%s  %s", letter, side->title) : g_strdup (letter);
  g_autoptr (PangoLayout) layout = gtk_widget_create_pango_layout (GTK_WIDGET (self), text);
  int width = gtk_widget_get_width (GTK_WIDGET (self)),
      height = gtk_widget_get_height (GTK_WIDGET (self));
  bool below = self->vertical && end;
  GskRoundedRect chip;
  int w, h;
  float x, y;

  pango_layout_set_width (layout, MAX (width / 2 - 32, 16) * PANGO_SCALE);
  pango_layout_set_ellipsize (layout, PANGO_ELLIPSIZE_END);
  pango_layout_get_pixel_size (layout, &w, &h);
  x = end && !self->vertical ? (float) (width - w) - 20 : 20;
  y = below ? (float) (height - h) - 20 : 20;
  gsk_rounded_rect_init_from_rect (&chip,
                                   &GRAPHENE_RECT_INIT (x - 8, y - 4, (float) w + 16,
                                                        (float) h + 8),
                                   6);
  gtk_snapshot_push_rounded_clip (snapshot, &chip);
  gtk_snapshot_append_color (snapshot, &paper, &chip.bounds);
  gtk_snapshot_pop (snapshot);
  gtk_snapshot_save (snapshot);
  gtk_snapshot_translate (snapshot, &GRAPHENE_POINT_INIT (x, y));
  gtk_snapshot_append_layout (snapshot, layout, &ink);
  gtk_snapshot_restore (snapshot);
}

static void
draw_labels (GvCompareView *self, GtkSnapshot *snapshot)
{
  bool only_one = self->mode == GV_COMPARE_FLICKER;

  if (self->mode == GV_COMPARE_DIFFERENCE)
    return;
  if (self->first.texture && !(only_one && self->flicker))
    draw_label (self, snapshot, &self->first, C_ ("first of two pictures", "A"), false);
  if (self->second.texture && !(only_one && !self->flicker))
    draw_label (self, snapshot, &self->second, C_ ("second of two pictures", "B"), true);
}

static void
draw_pictures (GvCompareView *self, GtkSnapshot *snapshot)
{
  switch (self->mode) {
  case GV_COMPARE_SLIDER:
    draw_slider (self, snapshot);
    break;
  case GV_COMPARE_SIDE_BY_SIDE:
    draw_side_by_side (self, snapshot);
    break;
  case GV_COMPARE_FADE:
    draw_fade (self, snapshot);
    break;
  case GV_COMPARE_DIFFERENCE:
    draw_difference (self, snapshot);
    break;
  case GV_COMPARE_FLICKER:
    draw_side (self, snapshot, self->flicker ? &self->second : &self->first);
    break;
  }
}

static void
gv_compare_view_snapshot (GtkWidget *widget, GtkSnapshot *snapshot)
{
  GvCompareView *self = GV_COMPARE_VIEW (widget);
  float width = (float) gtk_widget_get_width (widget),
        height = (float) gtk_widget_get_height (widget);

  update_tile (self);
  gtk_snapshot_push_clip (snapshot, &GRAPHENE_RECT_INIT (0, 0, width, height));
  draw_pictures (self, snapshot);
  draw_labels (self, snapshot);
  gtk_snapshot_pop (snapshot);
  GTK_WIDGET_CLASS (gv_compare_view_parent_class)->snapshot (widget, snapshot);
}

static void
gv_compare_view_measure (GtkWidget *widget,
                         GtkOrientation orientation,
                         int for_size,
                         int *minimum,
                         int *natural,
                         int *minimum_baseline,
                         int *natural_baseline)
{
  *minimum = 96;
  *natural = 384;
}

static void
gv_compare_view_size_allocate (GtkWidget *widget, int width, int height, int baseline)
{
  GvCompareView *self = GV_COMPARE_VIEW (widget);
  int needed;

  update_tile (self);
  gtk_widget_measure (self->notice, GTK_ORIENTATION_VERTICAL, width, &needed, NULL, NULL, NULL);
  gtk_widget_size_allocate (self->notice,
                            &(GtkAllocation) { 0, MAX ((height - needed) / 2, 0), width, needed },
                            -1);
}

/* Pointer */

static void
go_to_pointer (GvCompareView *self, double x, double y)
{
  graphene_rect_t rect = gv_compare_view_get_picture_rect (self);
  double along = self->vertical ? (y - rect.origin.y) / rect.size.height
                                : (x - rect.origin.x) / rect.size.width;

  if (rect.size.width > 0 && rect.size.height > 0)
    gv_compare_view_set_position (self, along);
}

static void
on_drag_begin (GtkGestureDrag *drag, double x, double y, GvCompareView *self)
{
  self->drag_x = self->drag_y = 0;
  gtk_widget_grab_focus (GTK_WIDGET (self));
  if (has_position (self))
    go_to_pointer (self, x, y);
}

static void
on_drag_update (GtkGestureDrag *drag, double dx, double dy, GvCompareView *self)
{
  double x, y;

  gtk_gesture_set_state (GTK_GESTURE (drag), GTK_EVENT_SEQUENCE_CLAIMED);
  if (has_position (self)) {
    gtk_gesture_drag_get_start_point (drag, &x, &y);
    go_to_pointer (self, x + dx, y + dy);
    return;
  }
  gv_navigator_pan (self->navigator, dx - self->drag_x, dy - self->drag_y);
  self->drag_x = dx;
  self->drag_y = dy;
}

/* When the button is let go of: pressing it the second time has gone to the pointer once more. */
static void
on_released (GtkGestureClick *click, int n_press, double x, double y, GvCompareView *self)
{
  if (n_press == 2 && has_position (self))
    gv_compare_view_set_position (self, 0.5);
}

/* Keys */

static gboolean
on_arrow (GtkWidget *widget, GVariant *args, gpointer data)
{
  GvCompareView *self = GV_COMPARE_VIEW (widget);
  int dx, dy;

  g_variant_get (args, "(ii)", &dx, &dy);
  if (self->mode == GV_COMPARE_DIFFERENCE)
    g_object_set (self, "gain", CLAMP (self->gain + dx - dy, 1, MAX_GAIN), NULL);
  else if (has_position (self))
    gv_compare_view_set_position (self, self->position + (self->vertical ? dy : dx) * 0.01);
  else
    return FALSE;
  return TRUE;
}

static gboolean
on_jump (GtkWidget *widget, GVariant *args, gpointer data)
{
  GvCompareView *self = GV_COMPARE_VIEW (widget);
  double by, to;

  if (!has_position (self))
    return FALSE;
  g_variant_get (args, "(dd)", &by, &to);
  gv_compare_view_set_position (self, by != 0 ? self->position + by : to);
  return TRUE;
}

static gboolean
on_pan (GtkWidget *widget, GVariant *args, gpointer data)
{
  int dx, dy;

  g_variant_get (args, "(ii)", &dx, &dy);
  gv_navigator_pan (GV_COMPARE_VIEW (widget)->navigator, -dx * KEY_PAN, -dy * KEY_PAN);
  return TRUE;
}

static gboolean
on_step (GtkWidget *widget, GVariant *args, gpointer data)
{
  gboolean second;
  int direction;

  g_variant_get (args, "(bi)", &second, &direction);
  g_signal_emit (widget, signals[STEP], 0, second, direction);
  return TRUE;
}

static gboolean
on_zoom (GtkWidget *widget, GVariant *args, gpointer data)
{
  GvNavigator *navigator = GV_COMPARE_VIEW (widget)->navigator;
  int direction;

  g_variant_get (args, "(i)", &direction);
  gv_navigator_step (navigator, direction);
  return TRUE;
}

static gboolean
on_whole (GtkWidget *widget, GVariant *args, gpointer data)
{
  gboolean fit;

  g_variant_get (args, "(b)", &fit);
  if (fit)
    gv_compare_view_fit (GV_COMPARE_VIEW (widget));
  else
    gv_compare_view_set_zoom (GV_COMPARE_VIEW (widget), 1);
  return TRUE;
}

static void
set_flicker (GvCompareView *self, bool flicker)
{
  self->flicker = flicker;
  update (self);
}

static gboolean
on_key_pressed (GtkEventControllerKey *keys,
                guint key,
                guint code,
                GdkModifierType state,
                GvCompareView *self)
{
  if (key != GDK_KEY_space || self->mode != GV_COMPARE_FLICKER)
    return FALSE;
  if (!self->flicker)
    set_flicker (self, true);
  return TRUE;
}

static void
on_key_released (GtkEventControllerKey *keys,
                 guint key,
                 guint code,
                 GdkModifierType state,
                 GvCompareView *self)
{
  if (key == GDK_KEY_space && self->flicker)
    set_flicker (self, false);
}

static void
on_focus_left (GtkEventControllerFocus *focus, GvCompareView *self)
{
  if (self->flicker)
    set_flicker (self, false);
}

/* Type */

static void
gv_compare_view_set_property (GObject *object, guint id, const GValue *value, GParamSpec *pspec)
{
  GvCompareView *self = GV_COMPARE_VIEW (object);

  switch (id) {
  case PROP_MODE:
    gv_compare_view_set_mode (self, g_value_get_enum (value));
    break;
  case PROP_POSITION:
    gv_compare_view_set_position (self, g_value_get_double (value));
    break;
  case PROP_VERTICAL:
    self->vertical = g_value_get_boolean (value);
    update (self);
    break;
  case PROP_GAIN:
    self->gain = round (g_value_get_double (value));
    update (self);
    break;
  default:
    G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
  }
}

static void
gv_compare_view_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  GvCompareView *self = GV_COMPARE_VIEW (object);

  switch (id) {
  case PROP_MODE:
    g_value_set_enum (value, self->mode);
    break;
  case PROP_POSITION:
    g_value_set_double (value, self->position);
    break;
  case PROP_VERTICAL:
    g_value_set_boolean (value, self->vertical);
    break;
  case PROP_GAIN:
    g_value_set_double (value, self->gain);
    break;
  default:
    G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
  }
}

static void
clear_side (Side *side)
{
  g_clear_object (&side->texture);
  g_clear_pointer (&side->title, g_free);
}

static void
gv_compare_view_dispose (GObject *object)
{
  GvCompareView *self = GV_COMPARE_VIEW (object);

  g_clear_pointer (&self->notice, gtk_widget_unparent);
  g_clear_pointer (&self->navigator, gv_navigator_free);
  clear_side (&self->first);
  clear_side (&self->second);
  G_OBJECT_CLASS (gv_compare_view_parent_class)->dispose (object);
}

static void
add_arrow_keys (GtkWidgetClass *class)
{
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

  for (guint i = 0; i < G_N_ELEMENTS (arrows); i++) {
    int dx = arrows[i].dx, dy = arrows[i].dy;

    gtk_widget_class_add_binding (class, arrows[i].key, 0, on_arrow, "(ii)", dx, dy);
    gtk_widget_class_add_binding (class, arrows[i].key, GDK_CONTROL_MASK, on_pan, "(ii)", dx, dy);
    if (dy)
      continue;
    gtk_widget_class_add_binding (class, arrows[i].key, GDK_SHIFT_MASK, on_step, "(bi)", TRUE, dx);
    gtk_widget_class_add_binding (class, arrows[i].key, GDK_SHIFT_MASK | GDK_CONTROL_MASK, on_step,
                                  "(bi)", FALSE, dx);
  }
}

static void
add_keys (GtkWidgetClass *class)
{
  static const guint in[] = { GDK_KEY_plus, GDK_KEY_equal, GDK_KEY_KP_Add };
  static const guint out[] = { GDK_KEY_minus, GDK_KEY_KP_Subtract };

  add_arrow_keys (class);
  gtk_widget_class_add_binding (class, GDK_KEY_Page_Up, 0, on_jump, "(dd)", 0.1, 0.0);
  gtk_widget_class_add_binding (class, GDK_KEY_Page_Down, 0, on_jump, "(dd)", -0.1, 0.0);
  gtk_widget_class_add_binding (class, GDK_KEY_Home, 0, on_jump, "(dd)", 0.0, 0.0);
  gtk_widget_class_add_binding (class, GDK_KEY_End, 0, on_jump, "(dd)", 0.0, 1.0);
  for (guint i = 0; i < G_N_ELEMENTS (in); i++)
    gtk_widget_class_add_binding (class, in[i], 0, on_zoom, "(i)", 1);
  for (guint i = 0; i < G_N_ELEMENTS (out); i++)
    gtk_widget_class_add_binding (class, out[i], 0, on_zoom, "(i)", -1);
  gtk_widget_class_add_binding (class, GDK_KEY_0, 0, on_whole, "(b)", TRUE);
  gtk_widget_class_add_binding (class, GDK_KEY_1, 0, on_whole, "(b)", FALSE);
}

static void
install_properties (GObjectClass *object_class)
{
  GParamFlags flags = G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS;

  props[PROP_MODE] = g_param_spec_enum ("mode", NULL, NULL, GV_TYPE_COMPARE_MODE, GV_COMPARE_SLIDER,
                                        flags | G_PARAM_EXPLICIT_NOTIFY);
  props[PROP_POSITION] =
      g_param_spec_double ("position", NULL, NULL, 0, 1, 0.5, flags | G_PARAM_EXPLICIT_NOTIFY);
  props[PROP_VERTICAL] = g_param_spec_boolean ("vertical", NULL, NULL, FALSE, flags);
  props[PROP_GAIN] = g_param_spec_double ("gain", NULL, NULL, 1, MAX_GAIN, 4, flags);
  g_object_class_install_properties (object_class, N_PROPS, props);
}

static void
gv_compare_view_class_init (GvCompareViewClass *class)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (class);
  GObjectClass *object_class = G_OBJECT_CLASS (class);

  object_class->set_property = gv_compare_view_set_property;
  object_class->get_property = gv_compare_view_get_property;
  object_class->dispose = gv_compare_view_dispose;
  widget_class->measure = gv_compare_view_measure;
  widget_class->size_allocate = gv_compare_view_size_allocate;
  widget_class->snapshot = gv_compare_view_snapshot;
  gtk_widget_class_set_css_name (widget_class, "gv-compare");
  gtk_widget_class_set_accessible_role (widget_class, GTK_ACCESSIBLE_ROLE_SLIDER);
  install_properties (object_class);
  add_keys (widget_class);
  signals[STEP] = g_signal_new ("step", GV_TYPE_COMPARE_VIEW, G_SIGNAL_RUN_LAST, 0, NULL, NULL,
                                NULL, G_TYPE_NONE, 2, G_TYPE_BOOLEAN, G_TYPE_INT);
}

static void
add_controllers (GvCompareView *self)
{
  GtkGesture *drag = gtk_gesture_drag_new (), *click = gtk_gesture_click_new ();
  GtkEventController *keys = gtk_event_controller_key_new ();
  GtkEventController *focus = gtk_event_controller_focus_new ();

  g_signal_connect (drag, "drag-begin", G_CALLBACK (on_drag_begin), self);
  g_signal_connect (drag, "drag-update", G_CALLBACK (on_drag_update), self);
  g_signal_connect (click, "released", G_CALLBACK (on_released), self);
  gtk_gesture_group (drag, click);
  g_signal_connect (keys, "key-pressed", G_CALLBACK (on_key_pressed), self);
  g_signal_connect (keys, "key-released", G_CALLBACK (on_key_released), self);
  g_signal_connect (focus, "leave", G_CALLBACK (on_focus_left), self);
  gtk_widget_add_controller (GTK_WIDGET (self), GTK_EVENT_CONTROLLER (drag));
  gtk_widget_add_controller (GTK_WIDGET (self), GTK_EVENT_CONTROLLER (click));
  gtk_widget_add_controller (GTK_WIDGET (self), keys);
  gtk_widget_add_controller (GTK_WIDGET (self), focus);
}

static void
gv_compare_view_init (GvCompareView *self)
{
  self->position = 0.5;
  self->gain = 4;
  gtk_widget_set_focusable (GTK_WIDGET (self), TRUE);
  self->navigator = gv_navigator_new (GTK_WIDGET (self), false, view_changed);
  gv_navigator_set_padding (self->navigator, PADDING);
  gv_navigator_set_touch_pans (self->navigator, false);
  self->notice = gtk_label_new (NULL);
  gtk_label_set_wrap (GTK_LABEL (self->notice), TRUE);
  gtk_label_set_justify (GTK_LABEL (self->notice), GTK_JUSTIFY_CENTER);
  gtk_widget_set_parent (self->notice, GTK_WIDGET (self));
  gtk_accessible_update_property (GTK_ACCESSIBLE (self), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  _("Comparison of two pictures"), -1);
  add_controllers (self);
  update (self);
}

GtkWidget *
gv_compare_view_new (void)
{
  return g_object_new (GV_TYPE_COMPARE_VIEW, NULL);
}

static void
set_side (GvCompareView *self, Side *side, GdkTexture *texture, const char *title)
{
  g_set_object (&side->texture, texture);
  g_set_str (&side->title, title);
  update_picture (self);
}

void
gv_compare_view_set_first (GvCompareView *self, GdkTexture *texture, const char *title)
{
  g_return_if_fail (GV_IS_COMPARE_VIEW (self));
  set_side (self, &self->first, texture, title);
}

void
gv_compare_view_set_second (GvCompareView *self, GdkTexture *texture, const char *title)
{
  g_return_if_fail (GV_IS_COMPARE_VIEW (self));
  set_side (self, &self->second, texture, title);
}

void
gv_compare_view_set_mode (GvCompareView *self, GvCompareMode mode)
{
  g_return_if_fail (GV_IS_COMPARE_VIEW (self));

  if (self->mode == mode)
    return;
  self->mode = mode;
  self->flicker = false;
  update (self);
  g_object_notify_by_pspec (G_OBJECT (self), props[PROP_MODE]);
}

GvCompareMode
gv_compare_view_get_mode (GvCompareView *self)
{
  return self->mode;
}

void
gv_compare_view_set_position (GvCompareView *self, double position)
{
  g_return_if_fail (GV_IS_COMPARE_VIEW (self));

  position = CLAMP (position, 0, 1);
  if (self->position == position)
    return;
  self->position = position;
  update (self);
  g_object_notify_by_pspec (G_OBJECT (self), props[PROP_POSITION]);
}

double
gv_compare_view_get_position (GvCompareView *self)
{
  return self->position;
}

graphene_rect_t
gv_compare_view_get_picture_rect (GvCompareView *self)
{
  GvCanvasRect rect = gv_canvas_view_get_rect (gv_navigator_get_view (self->navigator));

  return gv_canvas_to_graphene (&rect);
}

void
gv_compare_view_fit (GvCompareView *self)
{
  g_return_if_fail (GV_IS_COMPARE_VIEW (self));
  gv_navigator_fit (self->navigator);
}

void
gv_compare_view_set_zoom (GvCompareView *self, double zoom)
{
  g_return_if_fail (GV_IS_COMPARE_VIEW (self));
  gv_navigator_set_zoom (self->navigator, zoom);
}
