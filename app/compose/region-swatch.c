// SPDX-FileCopyrightText: Giverny contributors
// SPDX-License-Identifier: GPL-3.0-or-later
/* Number on colour, and the dash beside it. */
#include "compose/region-swatch.h"

#include "canvas/region-look.h"

#define CHIP 24.0f
#define LINE 36.0f
#define LINE_WIDTH 3.0f

struct _GvRegionSwatch
{
  GtkWidget parent_instance;
  GvRegionLook look;
};
G_DEFINE_FINAL_TYPE (GvRegionSwatch, gv_region_swatch, GTK_TYPE_WIDGET)

static void
gv_region_swatch_measure (GtkWidget *widget,
                          GtkOrientation orientation,
                          int for_size,
                          int *minimum,
                          int *natural,
                          int *minimum_baseline,
                          int *natural_baseline)
{
  *minimum = *natural =
      orientation == GTK_ORIENTATION_HORIZONTAL ? (int) (CHIP + 6 + LINE) : (int) CHIP;
}

static void
draw_line (GtkSnapshot *snapshot, const GvRegionLook *look, float y, const GdkRGBA *colour)
{
  static const GdkRGBA dark = { 0, 0, 0, 0.65f };
  g_autoptr (GskPathBuilder) builder = gsk_path_builder_new ();
  g_autoptr (GskPath) path = NULL;
  GskStroke *stroke = gsk_stroke_new (LINE_WIDTH + 2);
  float dash[GV_REGION_MAX_DASH];

  gsk_path_builder_move_to (builder, CHIP + 6, y);
  gsk_path_builder_line_to (builder, CHIP + 6 + LINE, y);
  path = gsk_path_builder_free_to_path (g_steal_pointer (&builder));
  gtk_snapshot_append_stroke (snapshot, path, stroke, &dark);
  gsk_stroke_set_line_width (stroke, LINE_WIDTH);
  for (int i = 0; i < look->n_dash; i++)
    dash[i] = look->dash[i] * 2;
  if (look->n_dash > 0)
    gsk_stroke_set_dash (stroke, dash, (gsize) look->n_dash);
  gtk_snapshot_append_stroke (snapshot, path, stroke, colour);
  gsk_stroke_free (stroke);
}

static void
gv_region_swatch_snapshot (GtkWidget *widget, GtkSnapshot *snapshot)
{
  const GvRegionLook *look = &GV_REGION_SWATCH (widget)->look;
  GdkRGBA colour = { look->red / 255.0f, look->green / 255.0f, look->blue / 255.0f, 1 };
  bool black = gv_region_look_wants_black (look);
  GdkRGBA ink = { black ? 0 : 1, black ? 0 : 1, black ? 0 : 1, 1 };
  float top = ((float) gtk_widget_get_height (widget) - CHIP) / 2;
  g_autofree char *number = g_strdup_printf ("%d", look->number);
  g_autoptr (PangoLayout) layout = gtk_widget_create_pango_layout (widget, number);
  GskRoundedRect chip;
  int w, h;

  gsk_rounded_rect_init_from_rect (&chip, &GRAPHENE_RECT_INIT (0, top, CHIP, CHIP), 6);
  gtk_snapshot_push_rounded_clip (snapshot, &chip);
  gtk_snapshot_append_color (snapshot, &colour, &chip.bounds);
  gtk_snapshot_pop (snapshot);
  pango_layout_get_pixel_size (layout, &w, &h);
  gtk_snapshot_save (snapshot);
  gtk_snapshot_translate (snapshot, &GRAPHENE_POINT_INIT ((CHIP - (float) w) / 2,
                                                          top + (CHIP - (float) h) / 2));
  gtk_snapshot_append_layout (snapshot, layout, &ink);
  gtk_snapshot_restore (snapshot);
  draw_line (snapshot, look, top + CHIP / 2, &colour);
}

static void
gv_region_swatch_class_init (GvRegionSwatchClass *class)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (class);

  widget_class->measure = gv_region_swatch_measure;
  widget_class->snapshot = gv_region_swatch_snapshot;
  gtk_widget_class_set_accessible_role (widget_class, GTK_ACCESSIBLE_ROLE_PRESENTATION);
}

static void
gv_region_swatch_init (GvRegionSwatch *self)
{
}

GtkWidget *
gv_region_swatch_new (int look)
{
  GvRegionSwatch *self = g_object_new (GV_TYPE_REGION_SWATCH, NULL);

  self->look = gv_region_look (look);
  return GTK_WIDGET (self);
}
