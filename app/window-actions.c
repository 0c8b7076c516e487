// SPDX-FileCopyrightText: Giverny contributors
// SPDX-License-Identifier: GPL-3.0-or-later
/* The window's commands, its menus, and when they are of use. */
#include "window-private.h"

/* Painting */

static void
on_generate (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  gv_window_generate (data);
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
  gv_queue_cancel_all (GV_WINDOW (data)->queue);
}

static void
on_keep (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  GvWindow *self = data;

  gv_queue_keep (self->queue, self->shown);
}

static void
on_new_seed (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  gv_recipe_panel_new_seed (GV_WINDOW (data)->panel);
}

static void
on_swap_size (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  gv_recipe_panel_swap_size (GV_WINDOW (data)->panel);
}

static void
on_focus_prompt (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  GvWindow *self = data;

  adw_overlay_split_view_set_show_sidebar (self->split, TRUE);
  gv_recipe_panel_focus_prompt (self->panel);
}

/* What was there comes back with the toast's button. */
static void
on_undo_new (AdwToast *toast, GvWindow *self)
{
  gv_recipe_assign (self->recipe, g_object_get_data (G_OBJECT (toast), "recipe"));
}

static void
on_new_recipe (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  GvWindow *self = data;
  g_autoptr (GvRecipe) fresh = gv_recipe_new ();
  AdwToast *toast = adw_toast_new (_("New recipe"));

  g_object_set (fresh, "model", gv_recipe_get_model (self->recipe), NULL);
  g_object_set_data_full (G_OBJECT (toast), "recipe", gv_recipe_copy (self->recipe),
                          g_object_unref);
  adw_toast_set_button_label (toast, _("_Undo"));
  g_signal_connect_object (toast, "button-clicked", G_CALLBACK (on_undo_new), self, 0);
  gv_recipe_assign (self->recipe, fresh);
  gv_recipe_panel_new_seed (self->panel);
  adw_toast_overlay_add_toast (self->toasts, toast);
  on_focus_prompt (NULL, NULL, self);
}

static void
on_choose_model (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  GvWindow *self = data;

  adw_overlay_split_view_set_show_sidebar (self->split, TRUE);
  gv_model_button_popup (self->model_button);
}

static void
on_add_model (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  gv_model_button_popdown (GV_WINDOW (data)->model_button);
  gv_window_choose_model (data);
}

/* The picture */

static void
on_retry (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  GvWindow *self = data;

  gv_queue_retry (self->queue, self->shown);
  gv_window_update_actions (self);
}

/* The strip loses its selection with the place of a tile. */
static void
move (GvWindow *self, int places)
{
  g_autoptr (GvJob) job = g_object_ref (self->shown);

  if (gv_queue_move (self->queue, job, places))
    gv_film_strip_select (self->strip, job);
}

static void
on_earlier (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  move (data, -1);
}

static void
on_later (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  move (data, 1);
}

static void
on_cancel_this (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  GvWindow *self = data;

  gv_queue_cancel (self->queue, self->shown);
}

static void
on_open (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  gv_window_choose_file (data);
}

static void
on_save_as (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  gv_canvas_save_as (GV_WINDOW (data)->canvas);
}

static void
on_copy (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  gv_canvas_copy (GV_WINDOW (data)->canvas);
}

static void
on_paste (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  gv_window_paste (data);
}

static void
on_use_settings (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  GvWindow *self = data;

  gv_recipe_assign (self->recipe, gv_job_get_recipe (self->shown));
  adw_overlay_split_view_set_show_sidebar (self->split, TRUE);
}

static void
on_use_seed (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  GvWindow *self = data;

  g_object_set (self->recipe, "seed", gv_recipe_get_seed (gv_job_get_recipe (self->shown)), NULL);
  g_object_set (self->panel, "seed-locked", TRUE, NULL);
}

static void
on_folder_shown (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (GvWindow) self = data;
  g_autoptr (GError) error = NULL;

  if (!gtk_file_launcher_open_containing_folder_finish (GTK_FILE_LAUNCHER (source), result, &error))
    gv_window_say (self, _("The folder could not be opened"), error->message);
}

static void
on_show_in_files (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  GvWindow *self = data;
  g_autoptr (GFile) file = g_file_new_for_path (gv_job_get_path (self->shown));
  g_autoptr (GtkFileLauncher) launcher = gtk_file_launcher_new (file);

  gtk_file_launcher_open_containing_folder (launcher, GTK_WINDOW (self), NULL, on_folder_shown,
                                            g_object_ref (self));
}

static void
on_previous (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  gv_film_strip_step (GV_WINDOW (data)->strip, -1);
}

static void
on_next (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  gv_film_strip_step (GV_WINDOW (data)->strip, 1);
}

/* Trash: the file goes when the toast that could bring it back has gone. */

static void
on_trashed (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (GvWindow) self = data;
  g_autoptr (GError) error = NULL;

  if (!g_file_trash_finish (G_FILE (source), result, &error) &&
      gtk_widget_get_realized (GTK_WIDGET (self)))
    gv_window_say (self, _("The picture could not be moved to the trash"), error->message);
}

static void
on_undo_trash (AdwToast *toast, GvWindow *self)
{
  GvJob *job = g_object_get_data (G_OBJECT (toast), "job");

  gv_queue_restore (self->queue, job);
  gv_window_show_job (self, job);
  g_object_set_data (G_OBJECT (toast), "job", NULL);
}

static void
on_trash_toast_gone (AdwToast *toast, GvWindow *self)
{
  GvJob *job = g_object_get_data (G_OBJECT (toast), "job");
  g_autoptr (GFile) file = NULL;

  if (!job)
    return;
  file = g_file_new_for_path (gv_job_get_path (job));
  g_file_trash_async (file, G_PRIORITY_DEFAULT, NULL, on_trashed, g_object_ref (self));
}

static void
on_trash (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  GvWindow *self = data;
  AdwToast *toast = adw_toast_new (_("Picture moved to the trash"));
  g_autoptr (GvJob) job = g_object_ref (self->shown);

  gv_window_show_job (self, NULL);
  gv_queue_forget (self->queue, job);
  adw_toast_set_timeout (toast, 10);
  adw_toast_set_button_label (toast, _("_Undo"));
  g_object_set_data_full (G_OBJECT (toast), "job", g_steal_pointer (&job), g_object_unref);
  g_signal_connect_object (toast, "button-clicked", G_CALLBACK (on_undo_trash), self, 0);
  g_signal_connect_object (toast, "dismissed", G_CALLBACK (on_trash_toast_gone), self, 0);
  adw_toast_overlay_add_toast (self->toasts, toast);
}

/* View */

static void
on_zoom_in (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  gv_canvas_zoom_in (GV_WINDOW (data)->canvas);
}

static void
on_zoom_out (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  gv_canvas_zoom_out (GV_WINDOW (data)->canvas);
}

static void
on_zoom_fit (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  gv_canvas_fit (GV_WINDOW (data)->canvas);
}

static void
on_zoom_original (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  gv_canvas_set_zoom (GV_WINDOW (data)->canvas, 1);
}

static void
on_compare (GSimpleAction *action, GVariant *state, gpointer data)
{
  g_simple_action_set_state (action, state);
  gv_window_set_comparing (data, g_variant_get_boolean (state));
}

static void
on_compare_from (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  gv_window_compare_from_shown (data);
}

static void
on_menu (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  gtk_menu_button_popup (GV_WINDOW (data)->menu_button);
}

static void
on_fullscreen (GSimpleAction *action, GVariant *state, gpointer data)
{
  g_simple_action_set_state (action, state);
  if (g_variant_get_boolean (state))
    gtk_window_fullscreen (data);
  else
    gtk_window_unfullscreen (data);
}

static const GActionEntry entries[] = {
  { .name = "generate", .activate = on_generate },
  { .name = "cancel", .activate = on_cancel },
  { .name = "cancel-all", .activate = on_cancel_all },
  { .name = "keep", .activate = on_keep },
  { .name = "new-seed", .activate = on_new_seed },
  { .name = "swap-size", .activate = on_swap_size },
  { .name = "focus-prompt", .activate = on_focus_prompt },
  { .name = "new-recipe", .activate = on_new_recipe },
  { .name = "choose-model", .activate = on_choose_model },
  { .name = "add-model", .activate = on_add_model },
  { .name = "retry", .activate = on_retry },
  { .name = "earlier", .activate = on_earlier },
  { .name = "later", .activate = on_later },
  { .name = "cancel-this", .activate = on_cancel_this },
  { .name = "open", .activate = on_open },
  { .name = "save-as", .activate = on_save_as },
  { .name = "copy", .activate = on_copy },
  { .name = "paste", .activate = on_paste },
  { .name = "use-settings", .activate = on_use_settings },
  { .name = "use-seed", .activate = on_use_seed },
  { .name = "show-in-files", .activate = on_show_in_files },
  { .name = "trash", .activate = on_trash },
  { .name = "previous", .activate = on_previous },
  { .name = "next", .activate = on_next },
  { .name = "zoom-in", .activate = on_zoom_in },
  { .name = "zoom-out", .activate = on_zoom_out },
  { .name = "zoom-fit", .activate = on_zoom_fit },
  { .name = "zoom-original", .activate = on_zoom_original },
  { .name = "compare", .state = "false", .change_state = on_compare },
  { .name = "compare-from", .activate = on_compare_from },
  { .name = "menu", .activate = on_menu },
  { .name = "fullscreen", .state = "false", .change_state = on_fullscreen },
};

/* A switch holds the widget that it turns, and the window holds the switch. */
void
gv_window_remove_switches (GvWindow *self)
{
  static const char *const names[] = { "sidebar",   "details",      "live",
                                       "lock-seed", "draw-regions", "show-shares" };

  for (gsize i = 0; i < G_N_ELEMENTS (names); i++)
    g_action_map_remove_action (G_ACTION_MAP (self), names[i]);
}

static void
add_switch (GvWindow *self, const char *name, gpointer object, const char *property)
{
  g_autoptr (GPropertyAction) action = g_property_action_new (name, object, property);

  g_action_map_add_action (G_ACTION_MAP (self), G_ACTION (action));
}

void
gv_window_add_actions (GvWindow *self)
{
  g_action_map_add_action_entries (G_ACTION_MAP (self), entries, G_N_ELEMENTS (entries), self);
  add_switch (self, "sidebar", self->split, "show-sidebar");
  add_switch (self, "details", self->details_split, "show-sidebar");
  add_switch (self, "live", self->live, "active");
  add_switch (self, "draw-regions", self->canvas, "drawing");
  add_switch (self, "show-shares", self->canvas, "show-shares");
  add_switch (self, "lock-seed", self->panel, "seed-locked");
}

/* Menus: sections end with NULL, the last one with two. */

static GMenuModel *
make_menu (const char *const *names)
{
  g_autoptr (GMenu) menu = g_menu_new ();

  while (*names) {
    g_autoptr (GMenu) section = g_menu_new ();

    for (; *names; names++)
      gv_actions_append (section, *names);
    g_menu_append_section (menu, NULL, G_MENU_MODEL (section));
    names++;
  }
  return G_MENU_MODEL (g_steal_pointer (&menu));
}

void
gv_window_make_menus (GvWindow *self)
{
  static const char *const names[] = { "win.new-recipe",
                                       "win.open",
                                       "win.paste",
                                       NULL,
                                       "win.save-as",
                                       "win.copy",
                                       "win.cancel-all",
                                       NULL,
                                       "win.compare",
                                       "win.details",
                                       "win.zoom-fit",
                                       "win.zoom-original",
                                       "win.fullscreen",
                                       NULL,
                                       "app.preferences",
                                       "app.shortcuts",
                                       "app.help",
                                       "app.about",
                                       "app.quit",
                                       NULL,
                                       NULL };
  g_autoptr (GMenuModel) menu = make_menu (names);

  gtk_menu_button_set_menu_model (self->menu_button, menu);
}

GMenuModel *
gv_window_make_job_menu (void)
{
  static const char *const names[] = { "win.use-settings",
                                       "win.use-seed",
                                       "win.compare-from",
                                       NULL,
                                       "win.earlier",
                                       "win.later",
                                       "win.retry",
                                       "win.cancel-this",
                                       NULL,
                                       "win.copy",
                                       "win.save-as",
                                       "win.show-in-files",
                                       NULL,
                                       "win.trash",
                                       NULL,
                                       NULL };

  return make_menu (names);
}

void
gv_window_update_actions (GvWindow *self)
{
  GvJob *running = gv_queue_get_running (self->queue), *job = self->shown;
  GvJobPhase phase = job ? gv_job_get_phase (job) : GV_PHASE_CANCELLED;
  bool painted = job && gv_job_get_image (job);
  GvWhen holds = 0;

  if (running || gv_queue_get_n_open (self->queue) > 0)
    holds |= GV_WHEN_JOBS;
  if (job)
    holds |= GV_WHEN_SHOWN;
  if (painted)
    holds |= GV_WHEN_PICTURE;
  if (phase == GV_PHASE_DONE && gv_job_get_path (job))
    holds |= GV_WHEN_SAVED;
  if (painted && gv_job_is_live (job) && phase == GV_PHASE_DONE && !gv_job_get_path (job))
    holds |= GV_WHEN_KEEPABLE;
  if (phase == GV_PHASE_WAITING || phase == GV_PHASE_RUNNING)
    holds |= GV_WHEN_OPEN;
  if (phase == GV_PHASE_WAITING)
    holds |= GV_WHEN_WAITING;
  if (phase == GV_PHASE_FAILED)
    holds |= GV_WHEN_FAILED;
  gv_actions_update (G_ACTION_MAP (self), "win.", holds);
  gtk_widget_set_visible (self->cancel_button, (holds & GV_WHEN_JOBS) != 0);
}
