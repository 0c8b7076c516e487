// SPDX-FileCopyrightText: Giverny contributors
// SPDX-License-Identifier: GPL-3.0-or-later
/* The token bar, and its words for those who don't see it. */
#include "compose/token-bar.h"

#include "giverny.h"

#include <adwaita.h>

#define HEIGHT 4
#define GAP 3
#define MAX_PARTS 12 /* drawn; more chunks than that look like a line anyway */
#define MAX_NAMED 2  /* chunks whose counts are written one by one */

struct _GvTokenBar
{
  GtkWidget parent_instance;
  int *used; /* (owned) [n] */
  int n;
  int capacity;
};

G_DEFINE_FINAL_TYPE (GvTokenBar, gv_token_bar, GTK_TYPE_WIDGET)

static int
sum (GvTokenBar *self)
{
  int total = 0;

  for (int i = 0; i < self->n; i++)
    total += self->used[i];
  return total;
}

char *
gv_token_bar_dup_text (GvTokenBar *self)
{
  GString *text = g_string_new (NULL);

  if (self->n > MAX_NAMED)
    /* Translators: tokens used, chunks that they fill */
    g_string_printf (text,
                     g_dngettext (GETTEXT_PACKAGE, "%d tokens in %d chunk",
                                  "%d tokens in %d chunks", (gulong) self->n),
                     sum (self), self->n);
  for (int i = 0; i < self->n && self->n <= MAX_NAMED; i++)
    g_string_append_printf (text, "%s%d/%d", i ? " · " : "", self->used[i], self->capacity);
  return g_string_free_and_steal (text);
}

static void
update_accessible (GvTokenBar *self)
{
  g_autofree char *text = gv_token_bar_dup_text (self);

  gtk_accessible_update_property (GTK_ACCESSIBLE (self), GTK_ACCESSIBLE_PROPERTY_VALUE_MIN, 0.0,
                                  GTK_ACCESSIBLE_PROPERTY_VALUE_MAX,
                                  (double) MAX (1, self->n * self->capacity),
                                  GTK_ACCESSIBLE_PROPERTY_VALUE_NOW, (double) sum (self),
                                  GTK_ACCESSIBLE_PROPERTY_VALUE_TEXT, text, -1);
}

void
gv_token_bar_set (GvTokenBar *self, const int *used, int n, int capacity)
{
  g_return_if_fail (GV_IS_TOKEN_BAR (self));

  g_free (self->used);
  self->used = g_memdup2 (used, (gsize) n * sizeof *used);
  self->n = n;
  self->capacity = capacity;
  update_accessible (self);
  gtk_widget_queue_draw (GTK_WIDGET (self));
}

static void
append_rounded (GtkSnapshot *snapshot, float x, float width, const GdkRGBA *color)
{
  GskRoundedRect shape;

  if (width <= 0)
    return;
  gsk_rounded_rect_init_from_rect (&shape, &GRAPHENE_RECT_INIT (x, 0, width, HEIGHT),
                                   HEIGHT / 2.0f);
  gtk_snapshot_push_rounded_clip (snapshot, &shape);
  gtk_snapshot_append_color (snapshot, color, &shape.bounds);
  gtk_snapshot_pop (snapshot);
}

static void
gv_token_bar_snapshot (GtkWidget *widget, GtkSnapshot *snapshot)
{
  GvTokenBar *self = GV_TOKEN_BAR (widget);
  int parts = CLAMP (self->n, 1, MAX_PARTS);
  float each = ((float) gtk_widget_get_width (widget) - GAP * (float) (parts - 1)) / (float) parts;
  bool mirrored = gtk_widget_get_direction (widget) == GTK_TEXT_DIR_RTL;
  g_autoptr (GdkRGBA) fill =
      adw_style_manager_get_accent_color_rgba (adw_style_manager_get_default ());
  GdkRGBA trough;

  gtk_widget_get_color (widget, &trough);
  trough.alpha *= 0.2f;
  for (int i = 0; i < parts; i++) {
    float share =
        self->capacity > 0 && i < self->n ? (float) self->used[i] / (float) self->capacity : 0;
    float x = (each + GAP) * (float) (mirrored ? parts - 1 - i : i);

    append_rounded (snapshot, x, each, &trough);
    append_rounded (snapshot, mirrored ? x + each * (1 - share) : x, each * share, fill);
  }
}

static void
gv_token_bar_measure (GtkWidget *widget,
                      GtkOrientation orientation,
                      int for_size,
                      int *minimum,
                      int *natural,
                      int *minimum_baseline,
                      int *natural_baseline)
{
  *minimum = *natural = orientation == GTK_ORIENTATION_VERTICAL ? HEIGHT : 24;
}

static void
gv_token_bar_finalize (GObject *object)
{
  g_free (GV_TOKEN_BAR (object)->used);
  G_OBJECT_CLASS (gv_token_bar_parent_class)->finalize (object);
}

static void
gv_token_bar_class_init (GvTokenBarClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->finalize = gv_token_bar_finalize;
  widget_class->snapshot = gv_token_bar_snapshot;
  widget_class->measure = gv_token_bar_measure;
  gtk_widget_class_set_accessible_role (widget_class, GTK_ACCESSIBLE_ROLE_METER);
  gtk_widget_class_set_css_name (widget_class, "tokenbar");
}

static void
gv_token_bar_init (GvTokenBar *self)
{
  gtk_accessible_update_property (GTK_ACCESSIBLE (self), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  _("Tokens of the prompt"), -1);
}
