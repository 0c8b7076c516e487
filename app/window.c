// SPDX-FileCopyrightText: Giverny contributors
// SPDX-License-Identifier: GPL-3.0-or-later
/* The window. */
#include "window.h"

#include "actions.h"
#include "canvas/canvas.h"

#include <string.h>

struct _GvWindow
{
  AdwApplicationWindow parent_instance;
  GvQueue *queue;      /* (owned) */
  GSettings *settings; /* (owned) */
  GvRecipe *recipe;    /* (owned): what the sidebar edits */
  GvJob *shown;        /* (owned) (nullable): whose picture the canvas has */
  /* template children */
  AdwToastOverlay *toasts;
  AdwOverlaySplitView *split;
  GtkTextView *prompt;
  GtkMenuButton *menu_button;
  GvCanvas *canvas;
};

G_DEFINE_FINAL_TYPE (GvWindow, gv_window, ADW_TYPE_APPLICATION_WINDOW)

/* Pixels of the picture that a latent's pixel stands for. */
#define LATENT_CELL 8

/* What the first window of a new user invites to paint. */
#define EXAMPLE_PROMPT "a red boat on a lake at sunset"

static void
update_actions (GvWindow *self)
{
  GvJob *running = gv_queue_get_running (self->queue);
  GvWhen holds = GV_WHEN_STUDIO;

  if (running || gv_queue_get_n_open (self->queue) > 0)
    holds |= GV_WHEN_JOBS;
  gv_actions_update (G_ACTION_MAP (self), "win.", holds);
}

/* The picture */

/* What is being painted stands where the picture will be, in its size. */
static void
show_preview (GvWindow *self, GvJob *job)
{
  GdkTexture *texture = gv_job_get_texture (job);
  GvRecipe *recipe = gv_job_get_recipe (job);
  int width = gv_recipe_get_width (recipe), height = gv_recipe_get_height (recipe);

  if (!texture)
    return; /* what was there before stays until there is something to see */
  if (width == 0 || height == 0) {
    width = gdk_texture_get_width (texture) * LATENT_CELL;
    height = gdk_texture_get_height (texture) * LATENT_CELL;
  }
  gv_canvas_set_preview (self->canvas, texture, width, height);
}

static void
show_picture (GvWindow *self, GvJob *job)
{
  gv_canvas_set_texture (self->canvas, gv_job_get_texture (job));
  gv_canvas_set_source (self->canvas, gv_job_get_image (job), gv_job_get_path (job));
  gv_canvas_set_description (self->canvas, gv_recipe_get_prompt (gv_job_get_recipe (job)));
}

static void
update_shown (GvWindow *self)
{
  GvJob *job = self->shown;
  bool open = job && gv_job_is_open (job);

  if (job && gv_job_get_image (job))
    show_picture (self, job);
  else if (open)
    show_preview (self, job);
  else
    gv_canvas_set_preview (self->canvas, NULL, 0, 0);
  gv_canvas_set_progress (self->canvas, open ? gv_job_get_fraction (job) : -1,
                          open ? gv_job_get_status (job) : NULL);
}

static void
show_job (GvWindow *self, GvJob *job)
{
  if (self->shown)
    g_signal_handlers_disconnect_by_func (self->shown, update_shown, self);
  g_set_object (&self->shown, job);
  if (job)
    g_signal_connect_swapped (job, "notify", G_CALLBACK (update_shown), self);
  update_shown (self);
}

static void
on_job_started (GvQueue *queue, GvJob *job, GvWindow *self)
{
  show_job (self, job);
  update_actions (self);
}

static void
on_job_failed (GvQueue *queue, GvJob *job, GvWindow *self)
{
  adw_toast_overlay_add_toast (self->toasts, adw_toast_new (gv_job_get_error (job)->message));
}

/* Actions */

static void
read_prompt (GvWindow *self)
{
  GtkTextBuffer *buffer = gtk_text_view_get_buffer (self->prompt);
  g_autofree char *text = NULL;

  g_object_get (buffer, "text", &text, NULL);
  g_object_set (self->recipe, "prompt", text, NULL);
}

static void
on_generate (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  GvWindow *self = data;
  g_autoptr (GError) error = NULL;

  read_prompt (self);
  if (gv_recipe_validate (self->recipe, &error))
    gv_queue_add (self->queue, self->recipe);
  else
    adw_toast_overlay_add_toast (self->toasts, adw_toast_new (error->message));
}

static void
on_cancel (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  GvWindow *self = data;
  GvJob *running = gv_queue_get_running (self->queue);

  if (running)
    gv_queue_cancel (self->queue, running);
}

static void
on_cancel_all (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  GvWindow *self = data;

  gv_queue_cancel_all (self->queue);
}

static void
on_menu (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  GvWindow *self = data;

  gtk_menu_button_popup (self->menu_button);
}

static void
on_fullscreen (GSimpleAction *action, GVariant *state, gpointer data)
{
  GvWindow *self = data;

  g_simple_action_set_state (action, state);
  if (g_variant_get_boolean (state))
    gtk_window_fullscreen (GTK_WINDOW (self));
  else
    gtk_window_unfullscreen (GTK_WINDOW (self));
}

static const GActionEntry entries[] = {
  { .name = "generate", .activate = on_generate },
  { .name = "cancel", .activate = on_cancel },
  { .name = "cancel-all", .activate = on_cancel_all },
  { .name = "menu", .activate = on_menu },
  { .name = "fullscreen", .state = "false", .change_state = on_fullscreen },
};

static void
add_actions (GvWindow *self)
{
  g_autoptr (GPropertyAction) sidebar =
      g_property_action_new ("sidebar", self->split, "show-sidebar");

  g_action_map_add_action_entries (G_ACTION_MAP (self), entries, G_N_ELEMENTS (entries), self);
  g_action_map_add_action (G_ACTION_MAP (self), G_ACTION (sidebar));
}

static void
make_menu (GvWindow *self)
{
  g_autoptr (GMenu) menu = g_menu_new ();
  g_autoptr (GMenu) program = g_menu_new ();

  gv_actions_append (menu, "win.fullscreen");
  gv_actions_append (program, "app.about");
  gv_actions_append (program, "app.quit");
  g_menu_append_section (menu, NULL, G_MENU_MODEL (program));
  gtk_menu_button_set_menu_model (self->menu_button, G_MENU_MODEL (menu));
}

/* The type */

static void
gv_window_dispose (GObject *object)
{
  GvWindow *self = GV_WINDOW (object);

  if (self->shown)
    g_signal_handlers_disconnect_by_func (self->shown, update_shown, self);
  if (self->queue)
    g_signal_handlers_disconnect_by_data (self->queue, self);
  g_clear_object (&self->shown);
  g_clear_object (&self->queue);
  g_clear_object (&self->settings);
  g_clear_object (&self->recipe);
  gtk_widget_dispose_template (GTK_WIDGET (self), GV_TYPE_WINDOW);
  G_OBJECT_CLASS (gv_window_parent_class)->dispose (object);
}

static void
gv_window_class_init (GvWindowClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = gv_window_dispose;
  gtk_widget_class_set_template_from_resource (widget_class, "/app/giverny/Giverny/window.ui");
  gtk_widget_class_bind_template_child (widget_class, GvWindow, toasts);
  gtk_widget_class_bind_template_child (widget_class, GvWindow, split);
  gtk_widget_class_bind_template_child (widget_class, GvWindow, prompt);
  gtk_widget_class_bind_template_child (widget_class, GvWindow, menu_button);
  gtk_widget_class_bind_template_child (widget_class, GvWindow, canvas);
}

static void
gv_window_init (GvWindow *self)
{
  g_type_ensure (GV_TYPE_CANVAS);
  gtk_widget_init_template (GTK_WIDGET (self));
  self->recipe = gv_recipe_new ();
  gtk_text_buffer_set_text (gtk_text_view_get_buffer (self->prompt), EXAMPLE_PROMPT, -1);
  make_menu (self);
}

static void
bind_settings (GvWindow *self)
{
  g_settings_bind (self->settings, "width", self, "default-width", G_SETTINGS_BIND_DEFAULT);
  g_settings_bind (self->settings, "height", self, "default-height", G_SETTINGS_BIND_DEFAULT);
  g_settings_bind (self->settings, "maximized", self, "maximized", G_SETTINGS_BIND_DEFAULT);
  g_settings_bind (self->settings, "show-sidebar", self->split, "show-sidebar",
                   G_SETTINGS_BIND_DEFAULT);
}

GvWindow *
gv_window_new (GvApplication *application)
{
  GvWindow *self = g_object_new (GV_TYPE_WINDOW, "application", application, NULL);

  self->queue = g_object_ref (gv_application_get_queue (application));
  self->settings = g_object_ref (gv_application_get_settings (application));
  bind_settings (self);
  add_actions (self);
  gv_actions_add_keys (GTK_APPLICATION (application), GTK_WINDOW (self));
  g_signal_connect (self->queue, "started", G_CALLBACK (on_job_started), self);
  g_signal_connect (self->queue, "failed", G_CALLBACK (on_job_failed), self);
  g_signal_connect_swapped (self->queue, "notify", G_CALLBACK (update_actions), self);
  update_actions (self);
  update_shown (self);
  return self;
}
