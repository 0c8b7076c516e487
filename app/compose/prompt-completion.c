// SPDX-FileCopyrightText: Giverny contributors
// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * A popover of words to complete.  GtkSourceView 5.16 has such a thing, but on GTK 4.18 it asks for
 * a popup of no width now and then, which is a critical and leaves a black square.
 */
#include "compose/prompt-completion.h"

#include <glib/gi18n.h>
#include <string.h>

#define MAX_ROWS 6

struct _GvPromptCompletion
{
  GtkTextView *view;
  GtkTextBuffer *buffer; /* (owned) */
  GvPromptWords *words;  /* (owned) */
  GtkPopover *popover;   /* a child of the view */
  GtkListBox *list;
  GtkEventController *keys; /* the view's */
  char *typed;              /* (owned) (nullable): what the rows would complete */
  bool one_typed;           /* the action under way inserted one character */
};

static bool
is_of_word (gunichar c)
{
  return g_unichar_isalnum (c) || c == '-' || c == '\'' || c == '_';
}

/* (transfer full): the word that ends at the cursor; NULL if it goes on behind it, or none does */
static char *
dup_typed (GvPromptCompletion *self, GtkTextIter *from, GtkTextIter *end)
{
  gtk_text_buffer_get_iter_at_mark (self->buffer, end, gtk_text_buffer_get_insert (self->buffer));
  *from = *end;
  if (gtk_text_buffer_get_has_selection (self->buffer) || is_of_word (gtk_text_iter_get_char (end)))
    return NULL;
  while (gtk_text_iter_backward_char (from))
    if (!is_of_word (gtk_text_iter_get_char (from))) {
      gtk_text_iter_forward_char (from);
      break;
    }
  return gtk_text_iter_equal (from, end)
             ? NULL
             : gtk_text_buffer_get_text (self->buffer, from, end, FALSE);
}

static void
hide (GvPromptCompletion *self)
{
  g_clear_pointer (&self->typed, g_free);
  gtk_popover_popdown (self->popover);
}

static void
add_row (GvPromptCompletion *self, const char *word)
{
  GtkWidget *label = gtk_label_new (word), *row = gtk_list_box_row_new ();

  gtk_label_set_xalign (GTK_LABEL (label), 0);
  gtk_list_box_row_set_child (GTK_LIST_BOX_ROW (row), label);
  gtk_widget_set_focusable (row, FALSE);
  gtk_list_box_append (self->list, row);
}

static void
fill (GvPromptCompletion *self, char **words)
{
  gtk_list_box_remove_all (self->list);
  for (int i = 0; words[i] && i < MAX_ROWS; i++)
    add_row (self, words[i]);
}

static void
point_at (GvPromptCompletion *self, const GtkTextIter *from)
{
  GdkRectangle place;

  gtk_text_view_get_iter_location (self->view, from, &place);
  gtk_text_view_buffer_to_window_coords (self->view, GTK_TEXT_WINDOW_WIDGET, place.x, place.y,
                                         &place.x, &place.y);
  gtk_popover_set_pointing_to (self->popover, &place);
}

static void
offer (GvPromptCompletion *self)
{
  GtkTextIter from, end;
  g_autofree char *typed = dup_typed (self, &from, &end);
  g_auto (GStrv) words = typed ? gv_prompt_words_complete (self->words, typed) : NULL;

  if (!words || !*words || !gtk_widget_has_focus (GTK_WIDGET (self->view))) {
    hide (self);
    return;
  }
  g_set_str (&self->typed, typed);
  fill (self, words);
  point_at (self, &from);
  gtk_popover_popup (self->popover);
}

static void
take (GvPromptCompletion *self, GtkListBoxRow *row)
{
  GtkTextIter from, end;
  g_autofree char *typed = dup_typed (self, &from, &end);
  g_autofree char *word =
      g_strdup (gtk_label_get_label (GTK_LABEL (gtk_list_box_row_get_child (row))));

  if (typed && g_strcmp0 (typed, self->typed) == 0) {
    gtk_text_buffer_begin_user_action (self->buffer);
    gtk_text_buffer_delete (self->buffer, &from, &end);
    gtk_text_buffer_insert (self->buffer, &from, word, -1);
    gtk_text_buffer_end_user_action (self->buffer);
  }
  hide (self);
}

static void
choose (GvPromptCompletion *self, int step)
{
  GtkListBoxRow *row = gtk_list_box_get_selected_row (self->list);
  int i = row ? gtk_list_box_row_get_index (row) + step : step > 0 ? 0 : -1;
  GtkListBoxRow *next = gtk_list_box_get_row_at_index (self->list, i);

  gtk_list_box_select_row (self->list, next);
}

/* Typed, not pasted, nor put there by a command. */

static void
on_insert_text (GtkTextBuffer *buffer, GtkTextIter *at, char *text, int len, gpointer data)
{
  GvPromptCompletion *self = data;

  self->one_typed = g_utf8_strlen (text, len) == 1;
}

static void
on_begin_action (GvPromptCompletion *self)
{
  self->one_typed = false;
}

static void
on_end_action (GvPromptCompletion *self)
{
  if (self->one_typed)
    offer (self);
  self->one_typed = false;
}

static void
on_cursor_moved (GvPromptCompletion *self)
{
  GtkTextIter from, end;
  g_autofree char *typed = NULL;

  if (!self->typed)
    return;
  typed = dup_typed (self, &from, &end);
  if (g_strcmp0 (typed, self->typed) != 0)
    hide (self);
}

static gboolean
on_key (GtkEventControllerKey *keys, guint key, guint code, GdkModifierType state, gpointer data)
{
  GvPromptCompletion *self = data;
  GtkListBoxRow *row = gtk_list_box_get_selected_row (self->list);

  if (!self->typed || (state & (GDK_CONTROL_MASK | GDK_ALT_MASK | GDK_SHIFT_MASK)))
    return FALSE;
  if (key == GDK_KEY_Escape)
    hide (self);
  else if (key == GDK_KEY_Down || key == GDK_KEY_Up)
    choose (self, key == GDK_KEY_Down ? 1 : -1);
  else if (key == GDK_KEY_Tab)
    take (self, row ? row : gtk_list_box_get_row_at_index (self->list, 0));
  else if (row && (key == GDK_KEY_Return || key == GDK_KEY_KP_Enter))
    take (self, row);
  else
    return FALSE;
  return TRUE;
}

static void
on_row_activated (GtkListBox *list, GtkListBoxRow *row, gpointer data)
{
  take (data, row);
}

static void
on_focus (GvPromptCompletion *self)
{
  if (!gtk_widget_has_focus (GTK_WIDGET (self->view)))
    hide (self);
}

static void
make_popover (GvPromptCompletion *self)
{
  self->list = GTK_LIST_BOX (gtk_list_box_new ());
  gtk_widget_set_focusable (GTK_WIDGET (self->list), FALSE);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self->list), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  _("Words that may follow"), -1);
  g_signal_connect (self->list, "row-activated", G_CALLBACK (on_row_activated), self);
  self->popover = GTK_POPOVER (gtk_popover_new ());
  gtk_popover_set_autohide (self->popover, FALSE);
  gtk_popover_set_has_arrow (self->popover, FALSE);
  gtk_popover_set_position (self->popover, GTK_POS_BOTTOM);
  gtk_widget_set_halign (GTK_WIDGET (self->popover), GTK_ALIGN_START);
  gtk_widget_add_css_class (GTK_WIDGET (self->popover), "menu");
  gtk_popover_set_child (self->popover, GTK_WIDGET (self->list));
  gtk_widget_set_parent (GTK_WIDGET (self->popover), GTK_WIDGET (self->view));
}

GvPromptCompletion *
gv_prompt_completion_new (GtkTextView *view, GvPromptWords *words)
{
  GvPromptCompletion *self = g_new0 (GvPromptCompletion, 1);

  self->view = view;
  self->buffer = g_object_ref (gtk_text_view_get_buffer (view));
  self->words = g_object_ref (words);
  make_popover (self);
  self->keys = gtk_event_controller_key_new ();
  gtk_event_controller_set_propagation_phase (self->keys, GTK_PHASE_CAPTURE);
  g_signal_connect (self->keys, "key-pressed", G_CALLBACK (on_key), self);
  gtk_widget_add_controller (GTK_WIDGET (view), self->keys);
  g_signal_connect (self->buffer, "insert-text", G_CALLBACK (on_insert_text), self);
  g_signal_connect_swapped (self->buffer, "begin-user-action", G_CALLBACK (on_begin_action), self);
  g_signal_connect_swapped (self->buffer, "end-user-action", G_CALLBACK (on_end_action), self);
  g_signal_connect_swapped (self->buffer, "notify::cursor-position", G_CALLBACK (on_cursor_moved),
                            self);
  g_signal_connect_swapped (view, "notify::has-focus", G_CALLBACK (on_focus), self);
  return self;
}

void
gv_prompt_completion_free (GvPromptCompletion *self)
{
  g_signal_handlers_disconnect_by_data (self->buffer, self);
  g_signal_handlers_disconnect_by_data (self->view, self);
  gtk_widget_remove_controller (GTK_WIDGET (self->view), self->keys);
  gtk_widget_unparent (GTK_WIDGET (self->popover));
  g_object_unref (self->buffer);
  g_object_unref (self->words);
  g_free (self->typed);
  g_free (self);
}

char **
gv_prompt_completion_dup_offered (GvPromptCompletion *self)
{
  g_autoptr (GStrvBuilder) words = g_strv_builder_new ();
  GtkListBoxRow *row;

  for (int i = 0; self->typed && (row = gtk_list_box_get_row_at_index (self->list, i)); i++)
    g_strv_builder_add (words, gtk_label_get_label (GTK_LABEL (gtk_list_box_row_get_child (row))));
  return g_strv_builder_end (words);
}
