// SPDX-FileCopyrightText: Giverny contributors
// SPDX-License-Identifier: GPL-3.0-or-later
/* What outlives the window, what the desktop is told, and what is told when nobody looks. */
#include "window-private.h"

/* Session */

static void
set_text (char **field, const char *text)
{
  g_free (*field);
  *field = g_strdup (text ? text : "");
}

static GvSessionState *
capture (GvWindow *self)
{
  GvSessionState *state = gv_session_state_new ();
  g_autofree char *prompt = gv_recipe_panel_dup_prompt (self->panel);
  g_autofree char *negative = gv_recipe_panel_dup_negative (self->panel);

  gtk_window_get_default_size (GTK_WINDOW (self), &state->width, &state->height);
  state->maximized = gtk_window_is_maximized (GTK_WINDOW (self));
  state->controls_hidden = !adw_overlay_split_view_get_show_sidebar (self->split);
  state->live = gv_live_get_active (self->live);
  g_object_get (self->panel, "seed-locked", &state->seed_locked, NULL);
  set_text (&state->page, adw_view_stack_get_visible_child_name (self->pages));
  set_text (&state->prompt, prompt);
  set_text (&state->negative, negative);
  set_text (&state->picture, self->shown ? gv_job_get_path (self->shown) : NULL);
  state->settings = gv_recipe_copy (self->recipe);
  return state;
}

static gboolean
on_time (gpointer data)
{
  GvWindow *self = data;
  g_autoptr (GvSessionState) state = capture (self);

  gv_session_save (self->session, state);
  return G_SOURCE_CONTINUE;
}

/* A fresh state has no settings: then the example stays. */
static void
restore (GvWindow *self, const GvSessionState *state)
{
  if (!state->settings)
    return;
  gv_recipe_assign (self->recipe, state->settings);
  g_object_set (self->recipe, "prompt", state->prompt, "negative", state->negative, NULL);
  g_object_set (self->panel, "seed-locked", state->seed_locked, NULL);
  adw_overlay_split_view_set_show_sidebar (self->split, !state->controls_hidden);
  if (state->width > 0 && state->height > 0)
    gtk_window_set_default_size (GTK_WINDOW (self), state->width, state->height);
  if (state->maximized)
    gtk_window_maximize (GTK_WINDOW (self));
  if (*state->page && adw_view_stack_get_child_by_name (self->pages, state->page))
    adw_view_stack_set_visible_child_name (self->pages, state->page);
  if (*state->picture && g_file_test (state->picture, G_FILE_TEST_IS_REGULAR))
    gv_window_show_file (self, state->picture);
  gv_live_set_active (self->live, state->live);
}

void
gv_window_open_session (GvWindow *self)
{
  g_autofree char *path = gv_session_default_path ();
  g_autofree char *notice = NULL;
  g_autoptr (GvSessionState) state = NULL;

  self->session = gv_session_open (path, &state, &notice);
  restore (self, state);
  if (notice)
    gv_window_tell (self, notice);
  self->session_timer = g_timeout_add_seconds (GV_SESSION_INTERVAL_S, on_time, self);
}

void
gv_window_close_session (GvWindow *self)
{
  if (!self->session_timer)
    return;
  g_clear_handle_id (&self->session_timer, g_source_remove);
  on_time (self);
  gv_session_flush (self->session, NULL);
}

/* The desktop: it does not fall asleep over a job, and tells of finished pictures who looks
 * elsewhere. */

static void
inhibit (GvWindow *self, bool busy)
{
  GtkApplication *application = gtk_window_get_application (GTK_WINDOW (self));

  if (!application)
    return;
  if (busy && !self->inhibitor) {
    self->inhibitor =
        gtk_application_inhibit (application, GTK_WINDOW (self), GTK_APPLICATION_INHIBIT_SUSPEND,
                                 _("Pictures are being painted"));
  } else if (!busy && self->inhibitor) {
    gtk_application_uninhibit (application, self->inhibitor);
    self->inhibitor = 0;
  }
}

static void
notify_ready (GvWindow *self)
{
  GApplication *application = G_APPLICATION (gtk_window_get_application (GTK_WINDOW (self)));
  g_autoptr (GNotification) notification = NULL;
  g_autofree char *title = NULL;

  if (!application || !g_settings_get_boolean (self->settings, "notify"))
    return;
  title = g_strdup_printf (ngettext ("%u picture is ready", "%u pictures are ready", self->n_ready),
                           self->n_ready);
  notification = g_notification_new (title);
  g_notification_set_default_action (notification, "app.show");
  g_application_send_notification (application, "ready", notification);
}

void
gv_window_update_desktop (GvWindow *self)
{
  bool busy = gv_queue_get_n_open (self->queue) > 0;

  inhibit (self, busy);
  if (!busy && self->n_ready > 0 && !gtk_window_is_active (GTK_WINDOW (self)))
    notify_ready (self);
  if (!busy)
    self->n_ready = 0;
}

void
gv_window_on_active (GvWindow *self)
{
  GtkApplication *application = gtk_window_get_application (GTK_WINDOW (self));

  if (application && gtk_window_is_active (GTK_WINDOW (self)))
    g_application_withdraw_notification (G_APPLICATION (application), "ready");
}

/* Sentences that stay */

void
gv_window_tell (GvWindow *self, const char *sentence)
{
  adw_banner_set_title (self->banner, sentence);
  adw_banner_set_use_markup (self->banner, FALSE);
  adw_banner_set_button_label (self->banner, _("_Understood"));
  adw_banner_set_revealed (self->banner, TRUE);
}

void
gv_window_on_journal_error (GvWindow *self)
{
  const char *error = gv_journal_get_error (gv_queue_get_journal (self->queue));

  if (error)
    gv_window_tell (self, error);
  else
    adw_banner_set_revealed (self->banner, FALSE);
}
