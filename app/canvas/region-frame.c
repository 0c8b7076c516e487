// SPDX-FileCopyrightText: Giverny contributors
// SPDX-License-Identifier: GPL-3.0-or-later
/* A box's outline, handles and label. */
#include "canvas/region-frame.h"

#include "canvas/region-look.h"

#include "giverny.h"

#include <math.h>
#include <string.h>

#define WORDS 40               /* characters of a label's text */
#define LABEL_PADDING 5.0f
#define LABEL_INSET 4.0f
#define NARROW 72              /* with less room, the number stands alone */
#define SMALL_SIDE 44.0f       /* below this, a side has no handle in its middle */

struct _GvRegionFrame
{
  GtkWidget parent_instance;
  GvRegionModel *model; /* (owned) */
  guint id;
};
G_DEFINE_FINAL_TYPE (GvRegionFrame, gv_region_frame, GTK_TYPE_WIDGET)

char *
gv_region_dup_words (const GvRegionBox *box)
{
  g_autofree char *one_line = g_strdelimit (g_strdup (box->text), "\n\r\t", ' ');
  glong length;

  g_strstrip (one_line);
  if (!*one_line)
    return g_strdup (_("(no words yet)"));
  length = g_utf8_strlen (one_line, -1);
  if (length <= WORDS)
    return g_steal_pointer (&one_line);
  *g_utf8_offset_to_pointer (one_line, WORDS) = '\0';
  return g_strconcat (one_line, "…", NULL);
}

static int
percent (const GvRegionBox *box)
{
  return (int) lround (100 * gv_region_share (box->strength));
}

/* Drawing */

static GdkRGBA
colour_of (const GvRegionLook *look, float alpha)
{
  return (GdkRGBA) { look->red / 255.0f, look->green / 255.0f, look->blue / 255.0f, alpha };
}

static void
stroke_rect (GtkSnapshot *snapshot,
             const graphene_rect_t *rect,
             float width,
             const GdkRGBA *colour,
             const GvRegionLook *dashed)
{
  g_autoptr (GskPathBuilder) builder = gsk_path_builder_new ();
  g_autoptr (GskPath) path = NULL;
  GskStroke *stroke = gsk_stroke_new (width);
  float dash[GV_REGION_MAX_DASH];

  gsk_path_builder_add_rect (builder, rect);
  path = gsk_path_builder_free_to_path (g_steal_pointer (&builder));
  for (int i = 0; dashed && i < dashed->n_dash; i++)
    dash[i] = dashed->dash[i] * width;
  if (dashed && dashed->n_dash > 0)
    gsk_stroke_set_dash (stroke, dash, (gsize) dashed->n_dash);
  gtk_snapshot_append_stroke (snapshot, path, stroke, colour);
  gsk_stroke_free (stroke);
}

/* Colour with its dash over a dark line, so that it is seen on any picture. */
static void
draw_outline (GtkSnapshot *snapshot,
              const graphene_rect_t *rect,
              const GvRegionLook *look,
              bool selected)
{
  static const GdkRGBA dark = { 0, 0, 0, 0.65f };
  GdkRGBA line = colour_of (look, 1), tint = colour_of (look, selected ? 0.16f : 0.08f);
  float width = selected ? 3 : 2;

  gtk_snapshot_append_color (snapshot, &tint, rect);
  stroke_rect (snapshot, rect, width + 2, &dark, NULL);
  stroke_rect (snapshot, rect, width, &line, look);
}

static void
draw_handle (GtkSnapshot *snapshot, float x, float y)
{
  static const GdkRGBA white = { 1, 1, 1, 1 }, dark = { 0.1f, 0.1f, 0.1f, 1 };
  float half = GV_REGION_HANDLE / 2;
  graphene_rect_t rect = GRAPHENE_RECT_INIT (x - half, y - half, 2 * half, 2 * half);

  gtk_snapshot_append_color (snapshot, &dark, &rect);
  graphene_rect_inset (&rect, 1, 1);
  gtk_snapshot_append_color (snapshot, &white, &rect);
}

static void
draw_handles (GtkSnapshot *snapshot, float width, float height)
{
  for (int row = 0; row < 3; row++)
    for (int column = 0; column < 3; column++) {
      bool centre_x = column == 1, centre_y = row == 1;

      if ((centre_x && centre_y) || (centre_x && width < SMALL_SIDE) ||
          (centre_y && height < SMALL_SIDE))
        continue;
      draw_handle (snapshot, width * (float) column / 2, height * (float) row / 2);
    }
}

static void
append_text (GtkSnapshot *snapshot, PangoLayout *layout, float x, float y, const GdkRGBA *ink)
{
  gtk_snapshot_save (snapshot);
  gtk_snapshot_translate (snapshot, &GRAPHENE_POINT_INIT (x, y));
  gtk_snapshot_append_layout (snapshot, layout, ink);
  gtk_snapshot_restore (snapshot);
}

static void
append_chip (GtkSnapshot *snapshot, const graphene_rect_t *bounds, const GvRegionLook *look)
{
  GdkRGBA paper = colour_of (look, 1);
  GskRoundedRect chip;

  gsk_rounded_rect_init_from_rect (&chip, bounds, 4);
  gtk_snapshot_push_rounded_clip (snapshot, &chip);
  gtk_snapshot_append_color (snapshot, &paper, bounds);
  gtk_snapshot_pop (snapshot);
}

/* Number and words, which give way where there is little room, and the share, which does not. */
static void
make_label (GvRegionFrame *self,
            const GvRegionBox *box,
            int room,
            PangoLayout **name,
            PangoLayout **share)
{
  int number = gv_region_look (box->look).number, width;
  g_autofree char *words = gv_region_dup_words (box), *text = NULL, *percents = NULL;

  text = room < NARROW ? g_strdup_printf ("%d", number) : g_strdup_printf ("%d  %s", number, words);
  percents = room < NARROW ? g_strdup ("") : g_strdup_printf (_(" · %d %%"), percent (box));
  *name = gtk_widget_create_pango_layout (GTK_WIDGET (self), text);
  *share = gtk_widget_create_pango_layout (GTK_WIDGET (self), percents);
  if (room < NARROW)
    return;
  pango_layout_get_pixel_size (*share, &width, NULL);
  pango_layout_set_width (*name, MAX (room - width, 1) * PANGO_SCALE);
  pango_layout_set_ellipsize (*name, PANGO_ELLIPSIZE_END);
}

/* Inside the box at its top, or above it where it is too low. */
static void
draw_label (GvRegionFrame *self,
            GtkSnapshot *snapshot,
            const GvRegionBox *box,
            const GvRegionLook *look)
{
  int width = gtk_widget_get_width (GTK_WIDGET (self)), name_width, share_width, h;
  float height = (float) gtk_widget_get_height (GTK_WIDGET (self));
  bool black = gv_region_look_wants_black (look);
  GdkRGBA ink = { black ? 0 : 1, black ? 0 : 1, black ? 0 : 1, 1 };
  g_autoptr (PangoLayout) name = NULL, share = NULL;
  float x = LABEL_INSET, y;

  make_label (self, box, width - (int) (2 * (LABEL_INSET + LABEL_PADDING)), &name, &share);
  pango_layout_get_pixel_size (name, &name_width, &h);
  pango_layout_get_pixel_size (share, &share_width, NULL);
  y = height < (float) h + 3 * LABEL_INSET ? -(float) h - 2 * LABEL_INSET - 2 : LABEL_INSET;
  append_chip (snapshot,
               &GRAPHENE_RECT_INIT (x, y, (float) (name_width + share_width) + 2 * LABEL_PADDING,
                                    (float) h + 4),
               look);
  append_text (snapshot, name, x + LABEL_PADDING, y + 2, &ink);
  append_text (snapshot, share, x + LABEL_PADDING + (float) name_width, y + 2, &ink);
}

static void
gv_region_frame_snapshot (GtkWidget *widget, GtkSnapshot *snapshot)
{
  GvRegionFrame *self = GV_REGION_FRAME (widget);
  const GvRegionBox *box = gv_region_model_find (self->model, self->id);
  float width = (float) gtk_widget_get_width (widget),
        height = (float) gtk_widget_get_height (widget);
  graphene_rect_t rect = GRAPHENE_RECT_INIT (0, 0, width, height);
  GvRegionLook look;
  bool selected;

  if (!box)
    return;
  look = gv_region_look (box->look);
  selected = gv_region_model_get_selected (self->model) == self->id;
  draw_outline (snapshot, &rect, &look, selected);
  draw_label (self, snapshot, box, &look);
  if (selected)
    draw_handles (snapshot, width, height);
}

/* Widget */

static void
gv_region_frame_dispose (GObject *object)
{
  g_clear_object (&GV_REGION_FRAME (object)->model);
  G_OBJECT_CLASS (gv_region_frame_parent_class)->dispose (object);
}

static void
gv_region_frame_class_init (GvRegionFrameClass *class)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (class);

  G_OBJECT_CLASS (class)->dispose = gv_region_frame_dispose;
  widget_class->snapshot = gv_region_frame_snapshot;
  gtk_widget_class_set_css_name (widget_class, "gv-region");
  gtk_widget_class_set_accessible_role (widget_class, GTK_ACCESSIBLE_ROLE_OPTION);
}

static void
gv_region_frame_init (GvRegionFrame *self)
{
  gtk_widget_set_focusable (GTK_WIDGET (self), TRUE);
  gtk_widget_set_can_target (GTK_WIDGET (self), FALSE);
}

GtkWidget *
gv_region_frame_new (GvRegionModel *model, guint id)
{
  GvRegionFrame *self = g_object_new (GV_TYPE_REGION_FRAME, NULL);

  self->model = g_object_ref (model);
  self->id = id;
  gv_region_frame_update (self);
  return GTK_WIDGET (self);
}

guint
gv_region_frame_get_id (GvRegionFrame *self)
{
  return self->id;
}

void
gv_region_frame_update (GvRegionFrame *self)
{
  const GvRegionBox *box = gv_region_model_find (self->model, self->id);
  g_autofree char *words = NULL, *label = NULL, *place = NULL;

  if (!box)
    return;
  words = gv_region_dup_words (box);
  label = g_strdup_printf (_("Region %d: %s, share %d %%"), gv_region_look (box->look).number,
                             words, percent (box));
  place = g_strdup_printf (_("%d from the left, %d from the top, %d wide, %d high"), box->rect.x,
                             box->rect.y, box->rect.width, box->rect.height);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self), GTK_ACCESSIBLE_PROPERTY_LABEL, label,
                                  GTK_ACCESSIBLE_PROPERTY_DESCRIPTION, place, -1);
  gtk_accessible_update_state (GTK_ACCESSIBLE (self), GTK_ACCESSIBLE_STATE_SELECTED,
                               gv_region_model_get_selected (self->model) == self->id, -1);
  gtk_widget_queue_draw (GTK_WIDGET (self));
}
