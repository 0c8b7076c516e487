// SPDX-FileCopyrightText: Giverny contributors
// SPDX-License-Identifier: GPL-3.0-or-later
/* The prompt editor: counts, marks, weights by key, undoing. */
#include "stage.h"

#include "compose/prompt-completion.h"
#include "compose/prompt-editor.h"
#include "compose/prompt-words.h"
#include "compose/token-bar.h"

#include <string.h>

static GtkWindow *window;
static GvPromptEditor *editor;

static bool
is_read (gpointer data)
{
  return gv_prompt_editor_is_read (data);
}

static void
wait_until_read (void)
{
  gv_stage_pass (1);
  g_assert_true (gv_stage_wait (is_read, editor, 20));
}

static void
open_editor (const char *text)
{
  editor = GV_PROMPT_EDITOR (gv_prompt_editor_new ());
  g_object_set (editor, "label", "Prompt", "placeholder", "What to paint", "model", "", NULL);
  gv_prompt_editor_set_text (editor, text);
  gtk_widget_set_margin_start (GTK_WIDGET (editor), 12);
  gtk_widget_set_margin_end (GTK_WIDGET (editor), 12);
  gtk_widget_set_margin_top (GTK_WIDGET (editor), 12);
  gtk_widget_set_margin_bottom (GTK_WIDGET (editor), 12);
  window = gv_stage_show (GTK_WIDGET (editor), 360, 240);
  wait_until_read ();
}

static void
close_editor (void)
{
  gtk_window_destroy (window);
  gv_stage_pass (20);
}

static GtkTextBuffer *
get_buffer (void)
{
  return gtk_text_view_get_buffer (gv_prompt_editor_get_view (editor));
}

static void
check_text (const char *expected)
{
  g_autofree char *text = gv_prompt_editor_dup_text (editor);

  g_assert_cmpstr (text, ==, expected);
}

static void
place_cursor (int offset)
{
  GtkTextIter iter;

  gtk_text_buffer_get_iter_at_offset (get_buffer (), &iter, offset);
  gtk_text_buffer_place_cursor (get_buffer (), &iter);
}

/* (nullable): a label that is seen and has @text in it */
static GtkWidget *
find_label (const char *text)
{
  for (GtkWidget *w = GTK_WIDGET (editor); w;) {
    if (GTK_IS_LABEL (w) && gtk_widget_get_mapped (w) &&
        strstr (gtk_label_get_text (GTK_LABEL (w)), text))
      return w;
    if (gtk_widget_get_first_child (w)) {
      w = gtk_widget_get_first_child (w);
      continue;
    }
    while (w != GTK_WIDGET (editor) && !gtk_widget_get_next_sibling (w))
      w = gtk_widget_get_parent (w);
    w = w == GTK_WIDGET (editor) ? NULL : gtk_widget_get_next_sibling (w);
  }
  return NULL;
}

static bool
shows (const char *text)
{
  return find_label (text) != NULL;
}

static void
test_counts (void)
{
  g_autoptr (GString) text = g_string_new ("a red boat");

  open_editor (text->str);
  g_assert_true (shows ("3/75"));
  for (int i = 0; i < 75; i++)
    g_string_append (text, " tree");
  gv_prompt_editor_set_text (editor, text->str);
  wait_until_read ();
  g_assert_true (shows ("75/75 · 3/75"));
  for (int i = 0; i < 75; i++)
    g_string_append (text, " tree");
  gv_prompt_editor_set_text (editor, text->str);
  wait_until_read ();
  g_assert_true (shows ("153 tokens in 3 chunks"));
  gv_prompt_editor_set_text (editor, "");
  wait_until_read ();
  g_assert_true (shows ("0/75"));
  g_assert_true (shows ("What to paint"));
  close_editor ();
}

/* The tags at a character, as the backgrounds' alpha and the underline. */
static double
intensity_at (int offset, bool *underlined)
{
  GtkTextIter iter;
  g_autoptr (GSList) tags = NULL;
  double alpha = 0;

  *underlined = false;
  gtk_text_buffer_get_iter_at_offset (get_buffer (), &iter, offset);
  tags = gtk_text_iter_get_tags (&iter);
  for (GSList *l = tags; l; l = l->next) {
    g_autoptr (GdkRGBA) color = NULL;
    PangoUnderline underline;

    g_object_get (l->data, "background-rgba", &color, "underline", &underline, NULL);
    if (color)
      alpha = color->alpha;
    *underlined = *underlined || underline == PANGO_UNDERLINE_ERROR;
  }
  return alpha;
}

static void
test_marks (void)
{
  bool underlined;
  double some, more;

  open_editor ("boat (lake:1.1) (sea:1.6) 호수, castle tree");
  g_assert_cmpfloat (intensity_at (1, &underlined), ==, 0);
  g_assert_false (underlined);
  some = intensity_at (7, &underlined);
  more = intensity_at (18, &underlined);
  g_assert_cmpfloat (some, >, 0);
  g_assert_cmpfloat (more, >, some);
  intensity_at (27, &underlined);
  g_assert_true (underlined);
  intensity_at (31, &underlined);
  g_assert_true (underlined);
  intensity_at (38, &underlined);
  g_assert_false (underlined);
  g_assert_true (shows ("The model never learned: 호수, castle"));
  gv_prompt_editor_set_text (editor, "boat");
  wait_until_read ();
  g_assert_false (shows ("never learned"));
  close_editor ();
}

/* A word that is being typed is not called unknown before it is finished. */
static void
test_typing (void)
{
  open_editor ("");
  gtk_text_buffer_insert_at_cursor (get_buffer (), "a cast", -1);
  wait_until_read ();
  g_assert_false (shows ("never learned"));
  gtk_text_buffer_insert_at_cursor (get_buffer (), "le ", -1);
  wait_until_read ();
  g_assert_true (shows ("never learned: castle"));
  close_editor ();
}

static void
test_weights (void)
{
  open_editor ("a red boat");
  place_cursor (3);
  g_assert_true (gv_prompt_editor_adjust_weight (editor, 0.05));
  check_text ("a (red:1.05) boat");
  g_assert_true (gv_prompt_editor_adjust_weight (editor, 0.05));
  check_text ("a (red:1.1) boat");
  gtk_text_buffer_undo (get_buffer ());
  check_text ("a (red:1.05) boat");
  gtk_text_buffer_undo (get_buffer ());
  check_text ("a red boat");
  gtk_text_buffer_redo (get_buffer ());
  gtk_text_buffer_redo (get_buffer ());
  check_text ("a (red:1.1) boat");
  place_cursor (4);
  g_assert_true (gv_prompt_editor_adjust_weight (editor, -0.05));
  g_assert_true (gv_prompt_editor_adjust_weight (editor, -0.05));
  check_text ("a red boat");
  gv_prompt_editor_set_text (editor, "");
  g_assert_false (gv_prompt_editor_adjust_weight (editor, 0.05));
  close_editor ();
}

/* Whatever is done by program can be undone, back to the beginning. */
static void
test_undo (void)
{
  open_editor ("first");
  gv_prompt_editor_set_text (editor, "second");
  gv_prompt_editor_set_text (editor, "second");
  gv_prompt_editor_set_text (editor, "third 호수");
  gtk_text_buffer_undo (get_buffer ());
  check_text ("second");
  gtk_text_buffer_undo (get_buffer ());
  check_text ("first");
  g_assert_true (gtk_text_view_get_editable (gv_prompt_editor_get_view (editor)));
  close_editor ();
}

static void
press (guint key, GdkModifierType modifiers)
{
  GListModel *controllers =
      gtk_widget_observe_controllers (GTK_WIDGET (gv_prompt_editor_get_view (editor)));
  bool found = false;

  for (guint i = 0; i < g_list_model_get_n_items (controllers) && !found; i++) {
    g_autoptr (GListModel) shortcuts = g_list_model_get_item (controllers, i);

    for (guint j = 0; GTK_IS_SHORTCUT_CONTROLLER (shortcuts) && !found &&
                      j < g_list_model_get_n_items (shortcuts);
         j++) {
      g_autoptr (GtkShortcut) shortcut = g_list_model_get_item (shortcuts, j);
      GtkShortcutTrigger *trigger = gtk_shortcut_get_trigger (shortcut);

      if (!GTK_IS_KEYVAL_TRIGGER (trigger) ||
          gtk_keyval_trigger_get_keyval (GTK_KEYVAL_TRIGGER (trigger)) != key ||
          gtk_keyval_trigger_get_modifiers (GTK_KEYVAL_TRIGGER (trigger)) != modifiers)
        continue;
      found = gtk_shortcut_action_activate (gtk_shortcut_get_action (shortcut), 0,
                                            GTK_WIDGET (gv_prompt_editor_get_view (editor)),
                                            gtk_shortcut_get_arguments (shortcut));
    }
  }
  g_object_unref (controllers);
  g_assert_true (found);
}

/* Alt+Up goes through what was painted, Alt+Down comes back to what was being written. */
static void
test_history (void)
{
  static const char *const painted[] = { "a red boat", "a (lake:1.2)", "호수" };

  open_editor ("");
  for (gsize i = 0; i < G_N_ELEMENTS (painted); i++) {
    gv_prompt_editor_set_text (editor, painted[i]);
    g_free (gv_prompt_editor_take_text (editor));
  }
  gv_prompt_editor_set_text (editor, "a draft");
  press (GDK_KEY_Up, GDK_ALT_MASK);
  check_text ("호수");
  press (GDK_KEY_Up, GDK_ALT_MASK);
  check_text ("a (lake:1.2)");
  press (GDK_KEY_Up, GDK_ALT_MASK);
  press (GDK_KEY_Up, GDK_ALT_MASK);
  check_text ("a red boat");
  press (GDK_KEY_Down, GDK_ALT_MASK);
  check_text ("a (lake:1.2)");
  gv_prompt_editor_set_text (editor, "another draft");
  press (GDK_KEY_Up, GDK_ALT_MASK);
  check_text ("호수");
  press (GDK_KEY_Down, GDK_ALT_MASK);
  check_text ("another draft");
  press (GDK_KEY_Down, GDK_ALT_MASK);
  check_text ("another draft");
  gtk_text_buffer_undo (get_buffer ());
  gtk_text_buffer_undo (get_buffer ());
  check_text ("another draft");
  close_editor ();
}

static void
test_keys (void)
{
  open_editor ("boat");
  place_cursor (1);
  press (GDK_KEY_Up, GDK_CONTROL_MASK);
  press (GDK_KEY_Up, GDK_CONTROL_MASK);
  check_text ("(boat:1.1)");
  press (GDK_KEY_Down, GDK_CONTROL_MASK);
  press (GDK_KEY_Down, GDK_CONTROL_MASK);
  check_text ("boat");
  close_editor ();
}

/* English is one click away, and what was written before is kept. */
static void
test_suggestion (void)
{
  g_autofree char *original = NULL, *gone = NULL;
  GtkWidget *button;

  open_editor ("노을 지는 호수 위의 빨간 배, (안개:1.2)");
  g_assert_true (shows ("In English: sunset red boat on the lake, (fog:1.2)"));
  button = gtk_widget_get_ancestor (find_label ("In English"), GTK_TYPE_BUTTON);
  g_signal_emit_by_name (button, "clicked");
  wait_until_read ();
  check_text ("sunset red boat on the lake, (fog:1.2)");
  g_assert_false (shows ("In English"));
  g_object_get (editor, "original", &original, NULL);
  g_assert_cmpstr (original, ==, "노을 지는 호수 위의 빨간 배, (안개:1.2)");
  gtk_text_buffer_undo (get_buffer ());
  check_text ("노을 지는 호수 위의 빨간 배, (안개:1.2)");
  g_object_get (editor, "original", &gone, NULL);
  g_assert_cmpstr (gone, ==, "");
  wait_until_read ();
  g_assert_true (shows ("In English"));
  gv_prompt_editor_set_text (editor, "castle");
  wait_until_read ();
  g_assert_false (shows ("In English"));
  close_editor ();
}

static void
check_completed (GvPromptWords *words, const char *typed, const char *expected)
{
  g_auto (GStrv) got = gv_prompt_words_complete (words, typed);
  g_autofree char *list = g_strjoinv (" ", got);

  g_assert_cmpstr (list, ==, expected);
}

/* Trigger words before former ones before the model's, each once. */
static void
test_words (void)
{
  g_autoptr (GvPromptWords) words = gv_prompt_words_new ();

  check_completed (words, "bo", "");
  gv_prompt_words_set (words, GV_WORDS_MODEL,
                       (const char *const[]) { "boat", "bridge", "호수", NULL });
  gv_prompt_words_set (words, GV_WORDS_HISTORY,
                       (const char *const[]) { "Boathouse", "boat", NULL });
  gv_prompt_words_set (words, GV_WORDS_TRIGGER, (const char *const[]) { "boink", NULL });
  check_completed (words, "bo", "boink Boathouse boat");
  check_completed (words, "BOA", "Boathouse boat");
  check_completed (words, "boat", "Boathouse");
  check_completed (words, "b", "");
  check_completed (words, "호", "");
  gv_prompt_words_set (words, GV_WORDS_HISTORY, NULL);
  check_completed (words, "bo", "boink boat");
}

/* As input methods do: a character at a time. */
static void
type_in (GtkTextView *view, const char *text)
{
  for (const char *c = text; *c; c = g_utf8_next_char (c))
    gtk_text_buffer_insert_interactive_at_cursor (gtk_text_view_get_buffer (view), c,
                                                  (int) (g_utf8_next_char (c) - c), TRUE);
  gv_stage_pass (50);
}

static void
check_offered (GvPromptCompletion *completion, const char *expected)
{
  g_auto (GStrv) words = gv_prompt_completion_dup_offered (completion);
  g_autofree char *list = g_strjoinv (" ", words);

  g_assert_cmpstr (list, ==, expected);
}

/* Words are offered for what is typed, and for nothing else. */
static void
test_completion (void)
{
  g_autoptr (GvPromptWords) words = gv_prompt_words_new ();
  GtkTextView *view = GTK_TEXT_VIEW (gtk_text_view_new ());
  GtkTextBuffer *buffer = gtk_text_view_get_buffer (view);
  GvPromptCompletion *completion = gv_prompt_completion_new (view, words);
  GtkTextIter start;

  gv_prompt_words_set (words, GV_WORDS_MODEL,
                       (const char *const[]) { "boat", "boathouse", "bridge", NULL });
  window = gv_stage_show (GTK_WIDGET (view), 360, 120);
  gtk_widget_grab_focus (GTK_WIDGET (view));
  gv_stage_pass (50);
  type_in (view, "a bo");
  check_offered (completion, "boat boathouse");
  type_in (view, "ath");
  check_offered (completion, "boathouse");
  gtk_text_buffer_get_start_iter (buffer, &start);
  gtk_text_buffer_place_cursor (buffer, &start);
  check_offered (completion, "");
  gtk_text_buffer_set_text (buffer, "br", -1);
  check_offered (completion, "");
  gv_prompt_completion_free (completion);
  gtk_window_destroy (window);
  gv_stage_pass (20);
}

static void
test_names (void)
{
  GtkWidget *bar;

  open_editor ("a red boat");
  gv_stage_check_names (GTK_WIDGET (window));
  gv_stage_check_room (GTK_WIDGET (editor));
  bar = gv_stage_find (GTK_WIDGET (editor), GV_TYPE_TOKEN_BAR, NULL);
  gtk_test_accessible_assert_role (bar, GTK_ACCESSIBLE_ROLE_METER);
  gtk_test_accessible_assert_property (bar, GTK_ACCESSIBLE_PROPERTY_VALUE_TEXT, "3/75");
  close_editor ();
}

/* A model that isn't there leaves an editor that edits. */
static void
test_no_model (void)
{
  open_editor ("a red boat");
  gv_prompt_editor_set_model (editor, "/nowhere/model");
  gv_stage_pass (300);
  g_assert_false (shows ("/75"));
  gv_prompt_editor_set_text (editor, "a 호수");
  gv_stage_pass (50);
  check_text ("a 호수");
  gv_prompt_editor_set_model (editor, "");
  wait_until_read ();
  g_assert_true (shows ("never learned: 호수"));
  close_editor ();
}

/* The program does that for itself. */
static void
use_style (void)
{
  g_autoptr (GtkCssProvider) style = gtk_css_provider_new ();

  gtk_css_provider_load_from_resource (style, "/app/giverny/Giverny/style.css");
  gtk_style_context_add_provider_for_display (gdk_display_get_default (),
                                              GTK_STYLE_PROVIDER (style),
                                              GTK_STYLE_PROVIDER_PRIORITY_APPLICATION);
}

static void
test_looks (void)
{
  static const struct
  {
    const char *name, *text;
    AdwColorScheme scheme;
  } looks[] = {
    { "prompt-light", "a (red:1.2) boat on a (lake:1.6) at sunset, (fog:0.6), a castle",
      ADW_COLOR_SCHEME_FORCE_LIGHT },
    { "prompt-dark", "a (red:1.2) boat on a (lake:1.6) at sunset, (fog:0.6), a castle",
      ADW_COLOR_SCHEME_FORCE_DARK },
    { "prompt-korean", "(노을:1.3) 지는 호수 위의 빨간 배, small house",
      ADW_COLOR_SCHEME_FORCE_LIGHT },
    { "prompt-korean-dark", "(노을:1.3) 지는 호수 위의 빨간 배, small house",
      ADW_COLOR_SCHEME_FORCE_DARK },
    { "prompt-empty", "", ADW_COLOR_SCHEME_FORCE_LIGHT },
  };

  use_style ();
  for (size_t i = 0; i < G_N_ELEMENTS (looks); i++) {
    g_autoptr (GdkTexture) shot = NULL;

    adw_style_manager_set_color_scheme (adw_style_manager_get_default (), looks[i].scheme);
    open_editor (looks[i].text);
    shot = gv_stage_snapshot (GTK_WIDGET (window), looks[i].name);
    g_assert_nonnull (shot);
    close_editor ();
  }
  adw_style_manager_set_color_scheme (adw_style_manager_get_default (), ADW_COLOR_SCHEME_DEFAULT);
}

int
main (int argc, char **argv)
{
  gv_stage_init (&argc, &argv);
  g_test_add_func ("/prompt-editor/counts", test_counts);
  g_test_add_func ("/prompt-editor/marks", test_marks);
  g_test_add_func ("/prompt-editor/typing", test_typing);
  g_test_add_func ("/prompt-editor/weights", test_weights);
  g_test_add_func ("/prompt-editor/undo", test_undo);
  g_test_add_func ("/prompt-editor/history", test_history);
  g_test_add_func ("/prompt-editor/keys", test_keys);
  g_test_add_func ("/prompt-editor/suggestion", test_suggestion);
  g_test_add_func ("/prompt-editor/words", test_words);
  g_test_add_func ("/prompt-editor/completion", test_completion);
  g_test_add_func ("/prompt-editor/names", test_names);
  g_test_add_func ("/prompt-editor/no-model", test_no_model);
  g_test_add_func ("/prompt-editor/looks", test_looks);
  return g_test_run ();
}
