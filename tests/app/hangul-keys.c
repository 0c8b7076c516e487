// SPDX-FileCopyrightText: Giverny contributors
// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * Korean is typed with real key presses, and no syllable is lost: not by Ctrl+Enter, a click, a
 * button, saving or counting, whatever an input method does with an unfinished one.
 */
#include "stage.h"

#include "compose/prompt-editor.h"
#include "hangul.h"

#include <string.h>

typedef struct
{
  GtkWindow *window;
  GvPromptEditor *editor;
  GtkWidget *button;
  int n_generated;
  char *generated; /* (owned) (nullable): the prompt of the last one */
} Typist;

static void
on_generate (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  Typist *self = data;

  self->n_generated++;
  g_free (self->generated);
  self->generated = gv_prompt_editor_take_text (self->editor);
}

static void
on_spawned (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (GError) error = NULL;

  g_subprocess_wait_check_finish (G_SUBPROCESS (source), result, &error);
  g_assert_no_error (error);
  *(bool *) data = true;
}

static bool
is_true (gpointer data)
{
  return *(bool *) data;
}

/* Runs xdotool with words, and lets the keys arrive. */
static void
tool (const char *line)
{
  g_auto (GStrv) words = g_strsplit (line, " ", -1);
  g_autoptr (GStrvBuilder) all = g_strv_builder_new ();
  g_auto (GStrv) argv = NULL;
  g_autoptr (GSubprocess) process = NULL;
  g_autoptr (GError) error = NULL;
  bool over = false;

  g_strv_builder_add (all, "xdotool");
  g_strv_builder_addv (all, (const char **) words);
  argv = g_strv_builder_end (all);
  process = g_subprocess_newv ((const char *const *) argv, G_SUBPROCESS_FLAGS_NONE, &error);
  g_assert_no_error (error);
  g_subprocess_wait_async (process, NULL, on_spawned, &over);
  g_assert_true (gv_stage_wait (is_true, &over, 20));
  gdk_display_sync (gdk_display_get_default ()); /* they are here; now let them be handled */
  gv_stage_pass (20);
  while (g_main_context_iteration (NULL, FALSE))
    ;
}

static bool
is_active (gpointer data)
{
  return gtk_window_is_active (data);
}

/* The window for all tests; X gives the keys to it. */
static GtkWindow *
get_window (void)
{
  static GtkWindow *window;

  if (window)
    return window;
  window = gv_stage_show (gtk_label_new ("Giverny"), 320, 240);
  gtk_window_set_title (window, "typist");
  gv_stage_pass (50);
  tool ("search --sync --onlyvisible --name typist windowfocus %1");
  g_assert_true (gv_stage_wait (is_active, window, 10));
  return window;
}

static GtkEventController *
new_global_key (void)
{
  GtkEventController *keys = gtk_shortcut_controller_new ();

  gtk_event_controller_set_propagation_phase (keys, GTK_PHASE_CAPTURE);
  gtk_shortcut_controller_add_shortcut (GTK_SHORTCUT_CONTROLLER (keys),
                                        gtk_shortcut_new (gtk_keyval_trigger_new (GDK_KEY_Return,
                                                                                  GDK_CONTROL_MASK),
                                                          gtk_named_action_new ("win.generate")));
  return keys;
}

/* @global: the window has the key for win.generate, as the program's does */
static void
open_typist (Typist *self, bool global)
{
  static const GActionEntry entries[] = { { .name = "generate", .activate = on_generate } };
  g_autoptr (GSimpleActionGroup) group = g_simple_action_group_new ();
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 12);

  *self =
      (Typist) { .window = get_window (), .editor = GV_PROMPT_EDITOR (gv_prompt_editor_new ()) };
  g_object_set (self->editor, "label", "Prompt", "model", "", NULL);
  self->button = gtk_button_new_with_label ("Generate");
  gtk_actionable_set_action_name (GTK_ACTIONABLE (self->button), "win.generate");
  gtk_box_append (GTK_BOX (box), GTK_WIDGET (self->editor));
  gtk_box_append (GTK_BOX (box), self->button);
  adw_window_set_content (ADW_WINDOW (self->window), box);
  g_action_map_add_action_entries (G_ACTION_MAP (group), entries, 1, self);
  gtk_widget_insert_action_group (GTK_WIDGET (self->window), "win", G_ACTION_GROUP (group));
  if (global)
    gtk_widget_add_controller (box, new_global_key ());
  gtk_widget_grab_focus (GTK_WIDGET (self->editor));
  gv_stage_pass (30);
}

static void
close_typist (Typist *self)
{
  gtk_widget_insert_action_group (GTK_WIDGET (self->window), "win", NULL);
  adw_window_set_content (ADW_WINDOW (self->window), NULL);
  g_free (self->generated);
}

static char *
buffer_text (Typist *self)
{
  GtkTextBuffer *buffer = gtk_text_view_get_buffer (gv_prompt_editor_get_view (self->editor));
  char *text;

  g_object_get (buffer, "text", &text, NULL);
  return text;
}

static void
check (Typist *self, const char *text, const char *in_buffer)
{
  g_autofree char *whole = gv_prompt_editor_dup_text (self->editor);
  g_autofree char *buffer = buffer_text (self);

  g_assert_cmpstr (whole, ==, text);
  g_assert_cmpstr (buffer, ==, in_buffer);
}

static bool
is_read (gpointer data)
{
  return gv_prompt_editor_is_read (data);
}

/* One test for each way to treat a reset. */
static HangulReset
way (gconstpointer data)
{
  HangulReset reset = (HangulReset) GPOINTER_TO_INT (data);

  hangul_set_reset (reset);
  return reset;
}

static void
generate_by_key (bool global)
{
  Typist self;

  open_typist (&self, global);
  tool ("key --delay 2 g k s");
  check (&self, "한", "");
  tool ("key ctrl+Return");
  g_assert_cmpint (self.n_generated, ==, 1);
  g_assert_cmpstr (self.generated, ==, "한");
  check (&self, "한", "한");
  gv_stage_pass (40);
  check (&self, "한", "한");
  tool ("key --delay 2 r m f");
  check (&self, "한글", "한");
  tool ("key ctrl+Return ctrl+Return");
  g_assert_cmpint (self.n_generated, ==, 3);
  g_assert_cmpstr (self.generated, ==, "한글");
  gv_stage_pass (40);
  check (&self, "한글", "한글");
  close_typist (&self);
}

static void
test_key (gconstpointer data)
{
  way (data);
  generate_by_key (true);
}

static void
test_own_key (gconstpointer data)
{
  way (data);
  generate_by_key (false);
}

/* The next syllable comes before an input method's late commit could. */
static void
test_fast (gconstpointer data)
{
  Typist self;

  way (data);
  open_typist (&self, true);
  tool ("key --delay 2 g k s ctrl+Return r m f ctrl+Return space");
  gv_stage_pass (60);
  g_assert_cmpint (self.n_generated, ==, 2);
  g_assert_cmpstr (self.generated, ==, "한글");
  check (&self, "한글 ", "한글 ");
  close_typist (&self);
}

static void
test_button (gconstpointer data)
{
  Typist self;

  way (data);
  open_typist (&self, true);
  tool ("key --delay 2 g k s r m f");
  gtk_widget_grab_focus (self.button);
  tool ("key space");
  g_assert_cmpint (self.n_generated, ==, 1);
  g_assert_cmpstr (self.generated, ==, "한글");
  gv_stage_pass (40);
  check (&self, "한글", "한글");
  close_typist (&self);
}

/* A click into the text ends the composition. */
static void
test_click (gconstpointer data)
{
  Typist self;

  way (data);
  open_typist (&self, true);
  tool ("key --delay 2 g k s r m f");
  tool ("mousemove 60 20 click 1");
  gv_stage_pass (40);
  check (&self, "한글", "한글");
  close_typist (&self);
}

/* Saving and counting see the syllable and leave it alone. */
static void
test_save_and_count (gconstpointer data)
{
  Typist self;
  g_autofree char *saved = NULL;
  int notified = 0;

  way (data);
  open_typist (&self, true);
  g_signal_connect_swapped (self.editor, "notify::text", G_CALLBACK (g_atomic_int_inc), &notified);
  tool ("key --delay 2 g k s");
  g_assert_cmpint (notified, >=, 3);
  g_object_get (self.editor, "text", &saved, NULL);
  g_assert_cmpstr (saved, ==, "한");
  g_assert_true (gv_stage_wait (is_read, self.editor, 20));
  g_assert_nonnull (gv_stage_find (GTK_WIDGET (self.editor), GTK_TYPE_LABEL, "3/75"));
  tool ("key r");
  check (&self, "한ㄱ", "한");
  tool ("key m f");
  check (&self, "한글", "한");
  close_typist (&self);
}

/* Enter inside a composition is a new line. */
static void
test_enter (gconstpointer data)
{
  Typist self;

  way (data);
  open_typist (&self, true);
  tool ("key --delay 2 g k s Return r m f Return");
  g_assert_cmpint (self.n_generated, ==, 0);
  check (&self, "한\n글\n", "한\n글\n");
  close_typist (&self);
}

/* What is taken back does not come again. */
static void
test_backspace (gconstpointer data)
{
  Typist self;

  way (data);
  open_typist (&self, true);
  tool ("key --delay 2 g k s BackSpace");
  check (&self, "하", "");
  tool ("key BackSpace BackSpace");
  gv_stage_pass (40);
  check (&self, "", "");
  tool ("key ctrl+Return");
  g_assert_cmpstr (self.generated, ==, "");
  close_typist (&self);
}

/* A weight is put around the word with its last syllable. */
static void
test_weight (gconstpointer data)
{
  Typist self;

  way (data);
  open_typist (&self, true);
  tool ("key --delay 2 g k s r m f ctrl+Up");
  gv_stage_pass (40);
  check (&self, "(한글:1.05)", "(한글:1.05)");
  close_typist (&self);
}

int
main (int argc, char **argv)
{
  static const char *const ways[] = { "commits", "drops", "commits-later" };
  static const struct
  {
    const char *name;
    GTestDataFunc test;
  } tests[] = {
    { "key", test_key },       { "own-key", test_own_key },     { "fast", test_fast },
    { "button", test_button }, { "click", test_click },         { "save", test_save_and_count },
    { "enter", test_enter },   { "backspace", test_backspace }, { "weight", test_weight },
  };

  gv_stage_init (&argc, &argv);
  hangul_install ();
  for (gsize i = 0; i < G_N_ELEMENTS (tests); i++)
    for (int reset = 0; reset < 3; reset++) {
      g_autofree char *path = g_strdup_printf ("/hangul/%s/%s", tests[i].name, ways[reset]);

      g_test_add_data_func (path, GINT_TO_POINTER (reset), tests[i].test);
    }
  return g_test_run ();
}
