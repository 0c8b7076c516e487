// SPDX-FileCopyrightText: Giverny contributors
// SPDX-License-Identifier: GPL-3.0-or-later
/* The window: its parts, and the picture that it shows. */
#include "window-private.h"

#include "jobs/load.h"

#include <string.h>

G_DEFINE_FINAL_TYPE (GvWindow, gv_window, ADW_TYPE_APPLICATION_WINDOW)

/* What the first window of a new user invites to paint. */
#define EXAMPLE_PROMPT "a red boat on a lake at sunset"
#define EXAMPLE_SEED 7

/* Of models that say nothing of it. */
#define USUAL_SIDE 512
#define USUAL_CFG 7

/* Telling */

static void
show_details (AdwToast *toast, const char *details)
{
  AdwDialog *dialog = adw_alert_dialog_new (adw_toast_get_title (toast), details);
  GtkWidget *window = g_object_get_data (G_OBJECT (toast), "window");

  adw_alert_dialog_add_response (ADW_ALERT_DIALOG (dialog), "close", _("_Close"));
  adw_dialog_present (dialog, window);
}

void
gv_window_say (GvWindow *self, const char *sentence, const char *details)
{
  AdwToast *toast = adw_toast_new (sentence);

  adw_toast_set_use_markup (toast, FALSE);
  if (details) {
    adw_toast_set_button_label (toast, _("Details"));
    g_object_set_data (G_OBJECT (toast), "window", self);
    g_signal_connect_data (toast, "button-clicked", G_CALLBACK (show_details), g_strdup (details),
                           (GClosureNotify) (void (*) (void)) g_free, 0);
  }
  adw_toast_overlay_add_toast (self->toasts, toast);
}

static void
on_understood (GvWindow *self)
{
  adw_banner_set_revealed (self->banner, FALSE);
}

/* The model */

static void
on_model_changed (GvWindow *self)
{
  GvModel *model = gv_model_list_find (self->models, gv_recipe_get_model (self->recipe));

  gv_recipe_panel_set_defaults (self->panel, model ? gv_model_get_side (model) : USUAL_SIDE,
                                model ? gv_model_get_cfg (model) : USUAL_CFG);
}

static int
own_side (GvWindow *self, GvRecipe *recipe)
{
  GvModel *model = gv_model_list_find (self->models, gv_recipe_get_model (recipe));

  return model ? gv_model_get_side (model) : USUAL_SIDE;
}

/* The picture that is shown */

static void
show_preview (GvWindow *self, GvJob *job)
{
  GvRecipe *recipe = gv_job_get_recipe (job);
  int width = gv_recipe_get_width (recipe), height = gv_recipe_get_height (recipe);
  int side = own_side (self, recipe);

  gv_canvas_set_preview (self->canvas, gv_job_get_texture (job), width ? width : side,
                         height ? height : side);
}

static void
show_picture (GvWindow *self, GvJob *job)
{
  GdkTexture *texture = gv_job_get_texture (job);

  if (!texture)
    return;
  gv_canvas_set_preview (self->canvas, NULL, 0, 0);
  if (gv_canvas_get_texture (self->canvas) != texture)
    gv_canvas_set_texture (self->canvas, texture);
  gv_canvas_set_source (self->canvas, gv_job_get_image (job), gv_job_get_path (job));
  gv_canvas_set_description (self->canvas, gv_recipe_get_prompt (gv_job_get_recipe (job)));
}

/* A line under the picture while something happens with it. */
static void
show_progress (GvWindow *self, GvJob *job)
{
  GvJobPhase phase = job ? gv_job_get_phase (job) : GV_PHASE_DONE;

  if (phase == GV_PHASE_RUNNING)
    gv_canvas_set_progress (self->canvas, gv_job_get_fraction (job), gv_job_get_status (job));
  else
    gv_canvas_set_progress (self->canvas, -1, NULL);
}

static void
update_shown (GvWindow *self)
{
  GvJob *job = self->shown;

  show_progress (self, job);
  if (!job)
    gv_canvas_set_texture (self->canvas, NULL);
  else if (gv_job_get_image (job))
    show_picture (self, job);
  else if (gv_job_get_texture (job))
    show_preview (self, job);
}

static void
on_shown_phase (GvWindow *self)
{
  GvJob *job = self->shown;
  bool painted = job && gv_job_get_image (job);

  gv_details_panel_show (self->details, job ? gv_job_get_recipe (job) : NULL,
                         job ? gv_job_get_path (job) : NULL);
  gtk_widget_set_visible (self->keep_button,
                          painted && gv_job_is_live (job) && !gv_job_get_path (job));
  gv_window_update_actions (self);
  gv_window_update_comparison (self);
}

static void
on_loaded (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (GvJob) job = data;
  g_autoptr (GError) error = NULL;
  g_autoptr (GvImage) image = gv_load_finish (result, &error);
  GtkRoot *root = GTK_ROOT (g_object_get_data (G_OBJECT (job), "window"));

  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    return;
  if (image)
    gv_job_set_picture (job, image);
  else
    gv_window_say (GV_WINDOW (root), _("The picture can’t be shown"), error->message);
}

/* A saved picture that is no longer in memory. */
static void
load_shown (GvWindow *self)
{
  GvJob *job = self->shown;

  if (!job || gv_job_get_image (job) || !gv_job_get_path (job))
    return;
  self->loading = g_cancellable_new ();
  g_object_set_data (G_OBJECT (job), "window", self);
  gv_load_async (gv_job_get_path (job), self->loading, on_loaded, g_object_ref (job));
}

static void
let_go_of_shown (GvWindow *self)
{
  if (!self->shown)
    return;
  g_signal_handlers_disconnect_by_data (self->shown, self);
  if (gv_job_get_phase (self->shown) == GV_PHASE_DONE && gv_job_get_path (self->shown))
    gv_job_drop_image (self->shown);
  g_cancellable_cancel (self->loading);
  g_clear_object (&self->loading);
  g_clear_object (&self->shown);
}

void
gv_window_show_job (GvWindow *self, GvJob *job)
{
  if (job == self->shown)
    return;
  /* A live picture stays until the next one has something to show. */
  let_go_of_shown (self);
  g_set_object (&self->shown, job);
  if (job) {
    g_signal_connect_swapped (job, "notify", G_CALLBACK (update_shown), self);
    g_signal_connect_swapped (job, "notify::phase", G_CALLBACK (on_shown_phase), self);
    g_signal_connect_swapped (job, "notify::texture", G_CALLBACK (on_shown_phase), self);
  }
  load_shown (self);
  update_shown (self);
  on_shown_phase (self);
  if (gv_film_strip_get_selected (self->strip) != job)
    gv_film_strip_select (self->strip, job && !gv_job_is_live (job) ? job : NULL);
}

/* The queue */

static void
on_selected (GvWindow *self)
{
  GvJob *job = gv_film_strip_get_selected (self->strip);

  if (!job || job == self->shown)
    return;
  self->following = gv_job_is_open (job);
  gv_window_show_job (self, job);
}

static void
on_job_started (GvWindow *self, GvJob *job)
{
  if (self->following || gv_job_is_live (job))
    gv_window_show_job (self, job);
  gv_window_update_actions (self);
}

static void
on_job_saved (GvWindow *self, GvJob *job)
{
  self->n_ready++;
  if (job != self->shown)
    gv_job_drop_image (job);
  on_shown_phase (self);
}

static void
on_job_failed (GvWindow *self, GvJob *job)
{
  gv_window_say (self, _("The picture could not be painted"), gv_job_get_error (job)->message);
  gv_window_update_actions (self);
}

static void
on_job_cancelled (GvWindow *self, GvJob *job)
{
  if (job == self->shown)
    gv_window_show_job (self, NULL);
  gv_window_update_actions (self);
}

static void
on_jobs_changed (GvWindow *self)
{
  guint n = g_list_model_get_n_items (gv_queue_get_jobs (self->queue));

  gtk_revealer_set_reveal_child (self->strip_revealer, n > 0);
  gv_window_update_actions (self);
}

void
gv_window_generate (GvWindow *self)
{
  g_autoptr (GError) error = NULL;

  gv_recipe_panel_commit (self->panel);
  if (!gv_recipe_validate (self->recipe, &error)) {
    gv_window_say (self, error->message, NULL);
    return;
  }
  gv_recipe_panel_next_seed (self->panel);
  self->following = true;
  if (!gv_queue_add (self->queue, self->recipe))
    gv_window_say (self, _("The queue is full"), NULL);
  if (adw_overlay_split_view_get_collapsed (self->split))
    adw_overlay_split_view_set_show_sidebar (self->split, FALSE);
}

/* The type */

static void
gv_window_dispose (GObject *object)
{
  GvWindow *self = GV_WINDOW (object);

  gv_window_close_session (self);
  gv_window_remove_switches (self);
  gv_window_close_gallery (self);
  if (self->queue) {
    g_signal_handlers_disconnect_by_data (self->queue, self);
    g_signal_handlers_disconnect_by_data (gv_queue_get_jobs (self->queue), self);
  }
  if (self->models)
    g_signal_handlers_disconnect_by_data (gv_model_list_get_models (self->models), self);
  if (self->recipe)
    g_signal_handlers_disconnect_by_data (self->recipe, self);
  if (self->shown)
    g_signal_handlers_disconnect_by_data (self->shown, self);
  g_cancellable_cancel (self->loading);
  g_clear_object (&self->loading);
  g_clear_object (&self->shown);
  g_clear_object (&self->compared);
  g_clear_object (&self->session);
  g_clear_object (&self->live);
  g_clear_object (&self->models);
  g_clear_object (&self->queue);
  g_clear_object (&self->settings);
  g_clear_object (&self->recipe);
  gtk_widget_dispose_template (GTK_WIDGET (self), GV_TYPE_WINDOW);
  G_OBJECT_CLASS (gv_window_parent_class)->dispose (object);
}

#define BIND(name) gtk_widget_class_bind_template_child (widget_class, GvWindow, name)

static void
gv_window_class_init (GvWindowClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = gv_window_dispose;
  gtk_widget_class_set_template_from_resource (widget_class, "/app/giverny/Giverny/window.ui");
  BIND (toasts);
  BIND (split);
  BIND (details_split);
  BIND (model_button);
  BIND (panel);
  BIND (cancel_button);
  BIND (keep_button);
  BIND (menu_button);
  BIND (pages);
  BIND (switcher);
  BIND (banner);
  BIND (centre);
  BIND (canvas);
  BIND (compare);
  BIND (strip_revealer);
  BIND (strip);
  BIND (details);
  BIND (narrow_bar);
  BIND (narrow_switcher);
  BIND (gallery);
}

static GtkWidget *
make_empty (void)
{
  GtkWidget *page = adw_status_page_new ();

  adw_status_page_set_icon_name (ADW_STATUS_PAGE (page), GV_APP_ID);
  adw_status_page_set_title (ADW_STATUS_PAGE (page), _("What Shall We Paint?"));
  adw_status_page_set_description (ADW_STATUS_PAGE (page),
                                   _("Describe a picture and press Generate. The starter model is ready; models and pictures "
        "of yours can be dropped here."));
  return page;
}

static void
gv_window_init (GvWindow *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
  self->following = true;
  self->recipe = gv_recipe_new ();
  g_object_set (self->recipe, "prompt", EXAMPLE_PROMPT, "seed", (guint64) EXAMPLE_SEED, NULL);
  gv_canvas_set_empty (self->canvas, make_empty ());
}

static void
bind_settings (GvWindow *self)
{
  g_settings_bind (self->settings, "width", self, "default-width", G_SETTINGS_BIND_DEFAULT);
  g_settings_bind (self->settings, "height", self, "default-height", G_SETTINGS_BIND_DEFAULT);
  g_settings_bind (self->settings, "maximized", self, "maximized", G_SETTINGS_BIND_DEFAULT);
  g_settings_bind (self->settings, "show-sidebar", self->split, "show-sidebar",
                   G_SETTINGS_BIND_GET);
}

static void
listen (GvWindow *self)
{
  g_signal_connect_swapped (self->queue, "started", G_CALLBACK (on_job_started), self);
  g_signal_connect_swapped (self->queue, "saved", G_CALLBACK (on_job_saved), self);
  g_signal_connect_swapped (self->queue, "failed", G_CALLBACK (on_job_failed), self);
  g_signal_connect_swapped (self->queue, "cancelled", G_CALLBACK (on_job_cancelled), self);
  g_signal_connect_swapped (self->queue, "notify", G_CALLBACK (gv_window_update_actions), self);
  g_signal_connect_swapped (self->queue, "notify::n-open", G_CALLBACK (gv_window_update_desktop),
                            self);
  g_signal_connect_object (gv_queue_get_journal (self->queue), "notify::error",
                           G_CALLBACK (gv_window_on_journal_error), self, G_CONNECT_SWAPPED);
  g_signal_connect (self, "notify::is-active", G_CALLBACK (gv_window_on_active), NULL);
  g_signal_connect_swapped (self->banner, "button-clicked", G_CALLBACK (on_understood), self);
  g_signal_connect_swapped (gv_queue_get_jobs (self->queue), "items-changed",
                            G_CALLBACK (on_jobs_changed), self);
  g_signal_connect_swapped (self->strip, "notify::selected", G_CALLBACK (on_selected), self);
  g_signal_connect_swapped (self->live, "started", G_CALLBACK (gv_window_show_job), self);
  g_signal_connect_swapped (self->recipe, "notify::model", G_CALLBACK (on_model_changed), self);
  g_signal_connect_swapped (gv_model_list_get_models (self->models), "items-changed",
                            G_CALLBACK (on_model_changed), self);
}

GvWindow *
gv_window_new (GvApplication *application)
{
  GvWindow *self = g_object_new (GV_TYPE_WINDOW, "application", application, NULL);
  g_autoptr (GMenuModel) job_menu = gv_window_make_job_menu ();

  self->queue = g_object_ref (gv_application_get_queue (application));
  self->settings = g_object_ref (gv_application_get_settings (application));
  self->models = gv_model_list_new (self->settings);
  self->live = gv_live_new (self->queue, self->recipe, self->settings);
  bind_settings (self);
  gv_window_add_actions (self);
  gv_window_make_menus (self);
  gv_actions_add_keys (GTK_APPLICATION (application), GTK_WINDOW (self));
  on_model_changed (self);
  gv_recipe_panel_connect_canvas (self->panel, self->canvas);
  gv_canvas_set_recipe (self->canvas, self->recipe);
  gv_recipe_panel_set_recipe (self->panel, self->recipe);
  gv_model_button_set_recipe (self->model_button, self->recipe, self->models);
  gv_film_strip_set_queue (self->strip, self->queue, job_menu);
  gv_window_connect_compare (self);
  gv_window_accept_drops (self);
  listen (self);
  on_jobs_changed (self);
  on_shown_phase (self);
  gv_window_open_gallery (self);
  gv_window_open_session (self);
  gv_recipe_panel_focus_prompt (self->panel);
  return self;
}

GvRecipe *
gv_window_get_recipe (GvWindow *self)
{
  return self->recipe;
}
