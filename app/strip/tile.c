// SPDX-FileCopyrightText: Giverny contributors
// SPDX-License-Identifier: GPL-3.0-or-later
/* A job as a small picture. */
#include "strip/tile.h"

struct _GvTile
{
  AdwBin parent_instance;
  GvJob *job;     /* (owned) (nullable) */
  GvQueue *queue; /* (owned) (nullable) */
  /* template children */
  GtkPicture *picture;
  GtkImage *icon;
  GtkProgressBar *progress;
  GtkButton *cancel, *retry;
};

G_DEFINE_FINAL_TYPE (GvTile, gv_tile, ADW_TYPE_BIN)

static const char *
icon_for (GvJobPhase phase)
{
  switch (phase) {
  case GV_PHASE_WAITING:
    return "content-loading-symbolic";
  case GV_PHASE_FAILED:
    return "dialog-warning-symbolic";
  default:
    return "image-x-generic-symbolic";
  }
}

/* What a screen reader says, and the tooltip. */
static void
describe (GvTile *self)
{
  const GError *error = gv_job_get_error (self->job);
  const char *prompt = gv_recipe_get_prompt (gv_job_get_recipe (self->job));
  g_autofree char *text =
      g_strdup_printf ("%s\n%s", *prompt
                                     ? prompt
                                     : _("Without a prompt"),
                                         error ? error->message : gv_job_get_status (self->job));

  gtk_widget_set_tooltip_text (GTK_WIDGET (self), text);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self), GTK_ACCESSIBLE_PROPERTY_LABEL, text, -1);
}

static void
update (GvTile *self)
{
  GvJobPhase phase = gv_job_get_phase (self->job);
  GdkTexture *thumbnail = gv_job_get_thumbnail (self->job);
  GdkTexture *texture = thumbnail ? thumbnail : gv_job_get_texture (self->job);

  gtk_picture_set_paintable (self->picture, GDK_PAINTABLE (texture));
  gtk_image_set_from_icon_name (self->icon, icon_for (phase));
  gtk_widget_set_visible (GTK_WIDGET (self->icon), texture == NULL);
  gtk_progress_bar_set_fraction (self->progress, gv_job_get_fraction (self->job));
  gtk_widget_set_visible (GTK_WIDGET (self->progress), phase == GV_PHASE_RUNNING);
  gtk_widget_set_visible (GTK_WIDGET (self->cancel),
                          phase == GV_PHASE_RUNNING || phase == GV_PHASE_WAITING);
  gtk_widget_set_visible (GTK_WIDGET (self->retry), phase == GV_PHASE_FAILED);
  describe (self);
}

static void
on_cancel_clicked (GvTile *self)
{
  gv_queue_cancel (self->queue, self->job);
}

static void
on_retry_clicked (GvTile *self)
{
  gv_queue_retry (self->queue, self->job);
}

static void
gv_tile_dispose (GObject *object)
{
  gv_tile_set_job (GV_TILE (object), NULL, NULL);
  adw_bin_set_child (ADW_BIN (object), NULL);
  gtk_widget_dispose_template (GTK_WIDGET (object), GV_TYPE_TILE);
  G_OBJECT_CLASS (gv_tile_parent_class)->dispose (object);
}

static void
gv_tile_class_init (GvTileClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = gv_tile_dispose;
  gtk_widget_class_set_accessible_role (widget_class, GTK_ACCESSIBLE_ROLE_IMG);
  gtk_widget_class_set_template_from_resource (widget_class, "/app/giverny/Giverny/tile.ui");
  gtk_widget_class_bind_template_child (widget_class, GvTile, picture);
  gtk_widget_class_bind_template_child (widget_class, GvTile, icon);
  gtk_widget_class_bind_template_child (widget_class, GvTile, progress);
  gtk_widget_class_bind_template_child (widget_class, GvTile, cancel);
  gtk_widget_class_bind_template_child (widget_class, GvTile, retry);
}

static void
gv_tile_init (GvTile *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
  g_signal_connect_swapped (self->cancel, "clicked", G_CALLBACK (on_cancel_clicked), self);
  g_signal_connect_swapped (self->retry, "clicked", G_CALLBACK (on_retry_clicked), self);
}

GvTile *
gv_tile_new (void)
{
  return g_object_new (GV_TYPE_TILE, NULL);
}

void
gv_tile_set_job (GvTile *self, GvJob *job, GvQueue *queue)
{
  if (self->job)
    g_signal_handlers_disconnect_by_func (self->job, update, self);
  g_set_object (&self->job, job);
  g_set_object (&self->queue, queue);
  if (!job)
    return;
  g_signal_connect_swapped (job, "notify", G_CALLBACK (update), self);
  update (self);
}

GvJob *
gv_tile_get_job (GvTile *self)
{
  return self->job;
}
