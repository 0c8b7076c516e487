// SPDX-FileCopyrightText: Giverny contributors
// SPDX-License-Identifier: GPL-3.0-or-later
/* Compositions that are not lost. */
#include "compose/composition.h"

#define GRACE_MS 250 /* for a commit that comes from another process */

struct _GvComposition
{
  GtkTextView *view;
  GtkTextBuffer *buffer; /* (owned) */
  char *text;            /* (owned): what is being composed */
  GPtrArray *kept;       /* (owned) of texts that we put into the buffer ourselves a moment ago */
  bool ending;           /* something else than its own keys ends it */
  bool inserting;        /* we do that ourselves right now */
  guint timer;
  void (*changed) (gpointer);
  gpointer data;
};

/* The input method has let go of the text without giving it to the buffer. */
static void
keep (GvComposition *self)
{
  char *text = g_steal_pointer (&self->text);

  g_ptr_array_add (self->kept, text);
  self->text = g_strdup ("");
  self->inserting = true;
  gtk_text_buffer_begin_user_action (self->buffer);
  gtk_text_buffer_delete_selection (self->buffer, TRUE, TRUE);
  gtk_text_buffer_insert_at_cursor (self->buffer, text, -1);
  gtk_text_buffer_end_user_action (self->buffer);
  self->inserting = false;
}

static gboolean
on_grace_over (gpointer data)
{
  GvComposition *self = data;

  self->timer = 0;
  self->ending = false;
  g_ptr_array_set_size (self->kept, 0);
  return G_SOURCE_REMOVE;
}

static void
on_preedit_changed (GtkTextView *view, const char *preedit, GvComposition *self)
{
  if (!*preedit && self->ending && *self->text)
    keep (self);
  else
    g_set_str (&self->text, preedit);
  self->changed (self->data);
}

/* Comes before the text is in the buffer: the commit that was waited for, or one of what is there
 * already. */
static void
on_insert (GtkTextBuffer *buffer, GtkTextIter *at, char *text, int length, GvComposition *self)
{
  g_autofree char *new = g_strndup (text, (gsize) length);
  guint i;

  if (self->inserting || !self->ending)
    return;
  if (*self->text && g_str_has_prefix (new, self->text)) {
    g_set_str (&self->text, "");
  } else if (g_ptr_array_find_with_equal_func (self->kept, new, g_str_equal, &i)) {
    g_ptr_array_remove_index (self->kept, i);
    g_signal_stop_emission_by_name (buffer, "insert-text");
  }
}

static void
on_focus_leave (GtkEventControllerFocus *focus, GvComposition *self)
{
  gv_composition_end (self);
}

/* While the cursor is still where the composition belongs. */
static void
on_pressed (GtkGestureClick *click, int n, double x, double y, GvComposition *self)
{
  gv_composition_end (self);
}

GvComposition *
gv_composition_new (GtkTextView *view, void (*changed) (gpointer), gpointer data)
{
  GvComposition *self = g_new0 (GvComposition, 1);
  GtkEventController *focus = gtk_event_controller_focus_new ();
  GtkGesture *click = gtk_gesture_click_new ();

  self->view = view;
  self->buffer = g_object_ref (gtk_text_view_get_buffer (view));
  self->text = g_strdup ("");
  self->kept = g_ptr_array_new_with_free_func (g_free);
  self->changed = changed;
  self->data = data;
  g_signal_connect (view, "preedit-changed", G_CALLBACK (on_preedit_changed), self);
  g_signal_connect (self->buffer, "insert-text", G_CALLBACK (on_insert), self);
  gtk_event_controller_set_propagation_phase (focus, GTK_PHASE_CAPTURE);
  g_signal_connect (focus, "leave", G_CALLBACK (on_focus_leave), self);
  gtk_widget_add_controller (GTK_WIDGET (view), focus);
  gtk_event_controller_set_propagation_phase (GTK_EVENT_CONTROLLER (click), GTK_PHASE_CAPTURE);
  g_signal_connect (click, "pressed", G_CALLBACK (on_pressed), self);
  gtk_widget_add_controller (GTK_WIDGET (view), GTK_EVENT_CONTROLLER (click));
  return self;
}

void
gv_composition_free (GvComposition *self)
{
  g_autoptr (GListModel) controllers = gtk_widget_observe_controllers (GTK_WIDGET (self->view));

  g_signal_handlers_disconnect_by_data (self->view, self);
  g_signal_handlers_disconnect_by_data (self->buffer, self);
  for (guint i = 0; i < g_list_model_get_n_items (controllers); i++) {
    g_autoptr (GObject) controller = g_list_model_get_item (controllers, i);

    g_signal_handlers_disconnect_by_data (controller, self);
  }
  g_clear_handle_id (&self->timer, g_source_remove);
  g_object_unref (self->buffer);
  g_free (self->text);
  g_ptr_array_unref (self->kept);
  g_free (self);
}

const char *
gv_composition_get (GvComposition *self, int *offset)
{
  GtkTextIter from, end;

  if (!gtk_text_buffer_get_selection_bounds (self->buffer, &from, &end))
    gtk_text_buffer_get_iter_at_mark (self->buffer, &from,
                                      gtk_text_buffer_get_insert (self->buffer));
  *offset = gtk_text_iter_get_offset (&from);
  return self->text;
}

/* What is composed stands in the place of the selection, as it will in the buffer. */
char *
gv_composition_dup_text (GvComposition *self)
{
  GtkTextIter start, from, to, end;
  g_autofree char *before = NULL, *after = NULL;

  gtk_text_buffer_get_bounds (self->buffer, &start, &end);
  if (!*self->text)
    return gtk_text_buffer_get_text (self->buffer, &start, &end, FALSE);
  if (!gtk_text_buffer_get_selection_bounds (self->buffer, &from, &to)) {
    gtk_text_buffer_get_iter_at_mark (self->buffer, &from,
                                      gtk_text_buffer_get_insert (self->buffer));
    to = from;
  }
  before = gtk_text_buffer_get_text (self->buffer, &start, &from, FALSE);
  after = gtk_text_buffer_get_text (self->buffer, &to, &end, FALSE);
  return g_strconcat (before, self->text, after, NULL);
}

/* gtk_text_view_reset_im_context() does so only once after the focus came. */
static void
reset_input_method (GvComposition *self)
{
  g_autoptr (GListModel) controllers = gtk_widget_observe_controllers (GTK_WIDGET (self->view));

  for (guint i = 0; i < g_list_model_get_n_items (controllers); i++) {
    g_autoptr (GtkEventController) controller = g_list_model_get_item (controllers, i);
    GtkIMContext *context =
        GTK_IS_EVENT_CONTROLLER_KEY (controller)
            ? gtk_event_controller_key_get_im_context (GTK_EVENT_CONTROLLER_KEY (controller))
            : NULL;

    if (context)
      gtk_im_context_reset (context);
  }
}

void
gv_composition_end (GvComposition *self)
{
  if (!*self->text)
    return;
  self->ending = true;
  g_clear_handle_id (&self->timer, g_source_remove);
  self->timer = g_timeout_add (GRACE_MS, on_grace_over, self);
  reset_input_method (self);
}

bool
gv_composition_is_ending (GvComposition *self)
{
  return self->ending;
}
