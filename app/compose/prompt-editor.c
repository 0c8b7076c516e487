// SPDX-FileCopyrightText: Giverny contributors
// SPDX-License-Identifier: GPL-3.0-or-later
/* The prompt editor.  Reading happens in a thread, and the newest text wins. */
#include "compose/prompt-editor.h"

#include "compose/composition.h"
#include "compose/prompt-completion.h"
#include "compose/prompt-marks.h"
#include "compose/prompt-weights.h"
#include "compose/prompt-words.h"
#include "compose/suggestion.h"
#include "compose/token-bar.h"
#include "widgets/announce.h"

#include <gtksourceview/gtksource.h>
#include <string.h>

#define MAX_NAMED 6    /* words in the notice */
#define MAX_OFFERED 50 /* former prompts whose words are offered */
#define MAX_OFFERED_BYTES 4096
#define MIN_OFFERED 4  /* characters of such a word */

struct _GvPromptEditor
{
  AdwBin parent_instance;
  char *placeholder_text; /* (owned) */
  char *label;            /* (owned) */
  char *model;            /* (owned): as set */
  char *original;         /* (owned): what stood here before it was put into English, or "" */
  bool negative;
  GvPromptReader *reader; /* (owned) (nullable): of the model, once it is loaded */
  GCancellable *loading;  /* (owned) (nullable) */

  GtkTextBuffer *buffer; /* (owned) */
  GvPromptMarks *marks;
  GvComposition *composition;
  GvPromptWords *words; /* (owned) */
  GvPromptCompletion *completion;

  int recalled; /* which former prompt is shown; -1 for none */
  char *draft;  /* (owned) (nullable): what was written before the first was recalled */

  char *read_text;          /* (owned) (nullable): what @reading is of */
  GvPromptReading *reading; /* (owned) (nullable) */
  char *english;            /* (owned) (nullable): what the glossary makes of it */
  char *problem;            /* (owned) (nullable): with the person's own glossary */
  bool reading_now;         /* a thread is at it */
  bool stale;               /* the text, or the model, is another one since */

  /* template children, top to bottom */
  GtkSourceView *view;
  GtkLabel *placeholder;
  GtkBox *token_row;
  GvTokenBar *token_bar;
  GtkLabel *token_label;
  GtkBox *notice;
  GtkLabel *notice_label;
  GtkBox *suggestion_row;
  GtkButton *suggestion;
  GtkLabel *suggestion_label;
};

G_DEFINE_FINAL_TYPE (GvPromptEditor, gv_prompt_editor, ADW_TYPE_BIN)

enum {
  PROP_TEXT = 1,
  PROP_PLACEHOLDER,
  PROP_LABEL,
  PROP_MODEL,
  PROP_NEGATIVE,
  PROP_ORIGINAL,
  N_PROPS
};

static GParamSpec *props[N_PROPS];

/* Showing what was read */

static GvMarkedText
marked_text (GvPromptEditor *self)
{
  GvMarkedText text = { .text = self->read_text,
                        .spans = self->reading->spans,
                        .n_spans = self->reading->n_spans,
                        .unreadable = self->reading->unreadable,
                        .n_unreadable = self->reading->n_unreadable };
  const char *composed = gv_composition_get (self->composition, &text.composed_at);

  text.composed = (int) g_utf8_strlen (composed, -1);
  g_object_get (self->buffer, "cursor-position", &text.cursor, NULL);
  return text;
}

/* (transfer full): the words that are worth a notice, each once; NULL if there are none */
static char *
join_unreadable (const GvMarkedText *text)
{
  g_autoptr (GHashTable) seen = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  g_autoptr (GString) list = g_string_new (NULL);

  for (size_t i = 0; i < text->n_unreadable; i++) {
    const GvPromptRange *r = &text->unreadable[i];
    g_autofree char *word = g_strndup (text->text + r->from, r->end - r->from);

    if (g_hash_table_contains (seen, word) || !gv_marked_text_shows (text, r))
      continue;
    if (g_hash_table_size (seen) == MAX_NAMED) {
      g_string_append (list, " …");
      break;
    }
    g_string_append_printf (list, "%s%s", list->len ? ", " : "", word);
    g_hash_table_add (seen, g_steal_pointer (&word));
  }
  return list->len ? g_string_free_and_steal (g_steal_pointer (&list)) : NULL;
}

static void
show_suggestion (GvPromptEditor *self)
{
  g_autofree char *label = NULL;

  gtk_widget_set_visible (GTK_WIDGET (self->suggestion_row), self->english != NULL);
  if (!self->english)
    return;
  label = g_strdup_printf (_("In English: %s"), self->english);
  gtk_label_set_label (self->suggestion_label, label);
  gtk_widget_set_tooltip_text (GTK_WIDGET (self->suggestion),
                               self->problem ? self->problem : label);
}

static void
show_notice (GvPromptEditor *self, const GvMarkedText *text)
{
  g_autofree char *words = join_unreadable (text);
  g_autofree char *sentence = NULL;

  if (words && gv_prompt_reader_get_words (self->reader, NULL))
    sentence = g_strdup_printf (_("The model never learned: %s"), words);
  else if (words)
    sentence = g_strdup_printf (_("The model cannot read: %s"), words);
  if (sentence)
    gtk_label_set_label (self->notice_label, sentence);
  gtk_widget_set_visible (GTK_WIDGET (self->notice), sentence != NULL);
  show_suggestion (self);
}

static void
show_tokens (GvPromptEditor *self)
{
  g_autofree char *text = NULL;

  gv_token_bar_set (self->token_bar, self->reading->n_used, self->reading->n_chunks,
                    self->reading->capacity);
  text = gv_token_bar_dup_text (self->token_bar);
  gtk_label_set_label (self->token_label, text);
}

static void
show_reading (GvPromptEditor *self)
{
  GvMarkedText text;

  if (!self->reading || self->stale)
    return;
  text = marked_text (self);
  gv_prompt_marks_apply (self->marks, &text);
  show_notice (self, &text);
  show_tokens (self);
}

/* Reading */

typedef struct
{
  GvPromptReader *reader;   /* (owned) */
  char *text;               /* (owned) */
  GvPromptReading *reading; /* (owned) (nullable), as the next two: what comes of it */
  char *english, *problem;
} Job;

static void
job_free (Job *self)
{
  gv_prompt_reader_unref (self->reader);
  g_clear_pointer (&self->reading, gv_prompt_reading_free);
  g_free (self->text);
  g_free (self->english);
  g_free (self->problem);
  g_free (self);
}

static void
read_thread (GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
  Job *job = data;

  job->reading = gv_prompt_reader_read (job->reader, job->text, -1, NULL);
  if (job->reading && job->reading->n_unreadable > 0)
    job->english = gv_suggest_english (job->text, &job->problem);
  g_task_return_boolean (task, job->reading != NULL);
}

static void start_reading (GvPromptEditor *self);

static void
on_read (GObject *source, GAsyncResult *result, gpointer data)
{
  GvPromptEditor *self = GV_PROMPT_EDITOR (source);
  Job *job = g_task_get_task_data (G_TASK (result));

  self->reading_now = false;
  if (self->stale || !job->reading) {
    start_reading (self);
    return;
  }
  g_clear_pointer (&self->reading, gv_prompt_reading_free);
  self->reading = g_steal_pointer (&job->reading);
  g_free (self->read_text);
  self->read_text = g_steal_pointer (&job->text);
  g_free (self->english);
  self->english = g_steal_pointer (&job->english);
  g_free (self->problem);
  self->problem = g_steal_pointer (&job->problem);
  show_reading (self);
}

/* One thread at a time; what comes meanwhile is read when it is back. */
static void
start_reading (GvPromptEditor *self)
{
  g_autoptr (GTask) task = NULL;
  Job *job;

  if (!self->stale || self->reading_now || !self->reader)
    return;
  self->stale = false;
  self->reading_now = true;
  job = g_new (Job, 1);
  *job = (Job) { .reader = gv_prompt_reader_ref (self->reader),
                 .text = gv_prompt_editor_dup_text (self) };
  task = g_task_new (self, NULL, on_read, NULL);
  g_task_set_task_data (task, job, (GDestroyNotify) job_free);
  g_task_run_in_thread (task, read_thread);
}

static void
set_original (GvPromptEditor *self, const char *text)
{
  if (g_set_str (&self->original, text ? text : ""))
    g_object_notify_by_pspec (G_OBJECT (self), props[PROP_ORIGINAL]);
}

static void
on_text_changed (gpointer data)
{
  GvPromptEditor *self = data;
  g_autofree char *text = gv_prompt_editor_dup_text (self);

  gtk_widget_set_visible (GTK_WIDGET (self->placeholder), *text == '\0');
  self->stale = true;
  start_reading (self);
  if (!*text || strcmp (text, self->original) == 0)
    set_original (self, "");
  g_object_notify_by_pspec (G_OBJECT (self), props[PROP_TEXT]);
}

bool
gv_prompt_editor_is_read (GvPromptEditor *self)
{
  return self->reading && !self->stale && !self->reading_now;
}

/* The model */

static void
on_reader_loaded (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (GvPromptEditor) self = data;
  g_autoptr (GError) error = NULL;
  g_autoptr (GvPromptReader) reader = gv_prompt_reader_load_finish (result, &error);

  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    return;
  g_clear_object (&self->loading);
  g_clear_pointer (&self->reader, gv_prompt_reader_unref);
  self->reader = g_steal_pointer (&reader);
  gtk_widget_set_visible (GTK_WIDGET (self->token_row), self->reader != NULL);
  gv_prompt_words_set (self->words, GV_WORDS_MODEL,
                       self->reader ? gv_prompt_reader_get_words (self->reader, NULL) : NULL);
  if (!self->reader) /* painting with that model will say what is wrong with it */
    gtk_widget_set_visible (GTK_WIDGET (self->notice), FALSE);
  self->stale = true;
  start_reading (self);
}

void
gv_prompt_editor_set_model (GvPromptEditor *self, const char *path)
{
  g_return_if_fail (GV_IS_PROMPT_EDITOR (self));

  if (!g_set_str (&self->model, path ? path : "") && (self->reader || self->loading))
    return;
  g_cancellable_cancel (self->loading);
  g_clear_object (&self->loading);
  self->loading = g_cancellable_new ();
  gv_prompt_reader_load_async (self->model, self->loading, on_reader_loaded, g_object_ref (self));
  g_object_notify_by_pspec (G_OBJECT (self), props[PROP_MODEL]);
}

/* Former prompts */

/* One for all editors of a kind, read when it is first asked for. */
static GvPromptHistory *
get_history (GvPromptEditor *self)
{
  static GvPromptHistory *histories[2];
  GvPromptHistory **history = &histories[self->negative];

  if (!*history) {
    g_autofree char *path = gv_prompt_history_default_path (self->negative);

    *history = gv_prompt_history_open (path);
  }
  return *history;
}

/* The words of former prompts, without weights and commas. */
static void
offer_history (GvPromptEditor *self)
{
  g_autoptr (GHashTable) seen = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  g_autoptr (GStrvBuilder) words = g_strv_builder_new ();
  g_auto (GStrv) list = NULL;
  const char *text;

  for (guint i = 0; (text = gv_prompt_history_get (get_history (self), i)) && i < MAX_OFFERED;
       i++) {
    g_auto (GStrv) parts = NULL;

    if (strlen (text) > MAX_OFFERED_BYTES)
      continue;
    parts = g_strsplit_set (text, " ,.:;()[]{}<>|\"\\\n\t0123456789", -1);

    for (char **part = parts; *part; part++)
      if (g_utf8_strlen (*part, -1) >= MIN_OFFERED && g_hash_table_add (seen, g_strdup (*part)))
        g_strv_builder_add (words, *part);
  }
  list = g_strv_builder_end (words);
  gv_prompt_words_set (self->words, GV_WORDS_HISTORY, (const char *const *) list);
}

/* @step 1 goes to an older prompt, -1 to a newer one and at last to what was being written. */
static bool
recall (GvPromptEditor *self, int step)
{
  g_autofree char *now = gv_prompt_editor_dup_text (self);
  GvPromptHistory *history = get_history (self);
  const char *shown =
      self->recalled >= 0 ? gv_prompt_history_get (history, (guint) self->recalled) : NULL;
  const char *text;

  if (g_strcmp0 (now, shown) != 0)
    self->recalled = -1; /* it was edited since: a draft of its own */
  if (self->recalled < 0)
    g_set_str (&self->draft, now);
  if (self->recalled + step < -1)
    return false;
  text = self->recalled + step < 0
             ? self->draft
             : gv_prompt_history_get (history, (guint) (self->recalled + step));
  if (!text)
    return false;
  self->recalled += step;
  if (strcmp (text, now) == 0) /* the last one painted is what stands here */
    return step > 0 && recall (self, step);
  gv_prompt_editor_set_text (self, text);
  return true;
}

/* Text */

char *
gv_prompt_editor_dup_text (GvPromptEditor *self)
{
  g_return_val_if_fail (GV_IS_PROMPT_EDITOR (self), NULL);

  return gv_composition_dup_text (self->composition);
}

char *
gv_prompt_editor_take_text (GvPromptEditor *self)
{
  char *text = gv_prompt_editor_dup_text (self);

  gv_composition_end (self->composition);
  gv_prompt_history_add (get_history (self), text);
  self->recalled = -1;
  return text;
}

/* One step of undoing. */
static void
replace (GvPromptEditor *self, int from, int end, const char *text)
{
  GtkTextIter start, stop;

  gtk_text_buffer_get_iter_at_offset (self->buffer, &start, from);
  gtk_text_buffer_get_iter_at_offset (self->buffer, &stop, end);
  gtk_text_buffer_begin_user_action (self->buffer);
  gtk_text_buffer_delete (self->buffer, &start, &stop);
  gtk_text_buffer_insert (self->buffer, &start, text, -1);
  gtk_text_buffer_end_user_action (self->buffer);
}

void
gv_prompt_editor_set_text (GvPromptEditor *self, const char *text)
{
  g_autofree char *now = NULL;

  g_return_if_fail (GV_IS_PROMPT_EDITOR (self));

  now = gv_prompt_editor_dup_text (self);
  if (strcmp (now, text ? text : "") == 0)
    return;
  gv_composition_end (self->composition);
  replace (self, 0, gtk_text_buffer_get_char_count (self->buffer), text ? text : "");
}

static void
select_range (GvPromptEditor *self, const char *text, size_t from, size_t end)
{
  GtkTextIter start, stop;

  gtk_text_buffer_get_iter_at_offset (self->buffer, &start,
                                      (int) g_utf8_pointer_to_offset (text, text + from));
  gtk_text_buffer_get_iter_at_offset (self->buffer, &stop,
                                      (int) g_utf8_pointer_to_offset (text, text + end));
  gtk_text_buffer_select_range (self->buffer, &start, &stop);
}

/* Replaces, and selects what was changed, so that the next step goes on with it. */
static void
apply_edit (GvPromptEditor *self, const char *text, const GvWeightEdit *edit)
{
  g_autofree char *now = NULL;

  replace (self, (int) g_utf8_pointer_to_offset (text, text + edit->from),
           (int) g_utf8_pointer_to_offset (text, text + edit->end), edit->text);
  now = gv_prompt_editor_dup_text (self);
  select_range (self, now,
                gv_composition_is_ending (self->composition) ? edit->select_end : edit->select_from,
                edit->select_end);
}

bool
gv_prompt_editor_adjust_weight (GvPromptEditor *self, double delta)
{
  g_autofree char *text = NULL, *said = NULL;
  g_auto (GvWeightEdit) edit = { 0 };
  GtkTextIter start, end;
  int composed_at;

  g_return_val_if_fail (GV_IS_PROMPT_EDITOR (self), false);

  gv_composition_end (self->composition);
  if (*gv_composition_get (self->composition, &composed_at)) /* the input method takes its time */
    return false;
  text = gv_prompt_editor_dup_text (self);
  gtk_text_buffer_get_selection_bounds (self->buffer, &start, &end);
  if (!gv_weights_adjust (text,
                          (size_t) (g_utf8_offset_to_pointer (text,
                                                              gtk_text_iter_get_offset (&start)) -
                                    text),
                          (size_t) (g_utf8_offset_to_pointer (text,
                                                              gtk_text_iter_get_offset (&end)) -
                                    text),
                          delta, &edit))
    return false;
  apply_edit (self, text, &edit);
  said = g_strdup_printf (_("Weight %.2f"), edit.weight);
  gv_announce (GTK_WIDGET (self->view), said);
  return true;
}

void
gv_prompt_editor_set_trigger_words (GvPromptEditor *self, const char *const *words)
{
  g_return_if_fail (GV_IS_PROMPT_EDITOR (self));

  gv_prompt_words_set (self->words, GV_WORDS_TRIGGER, words);
}

GtkTextView *
gv_prompt_editor_get_view (GvPromptEditor *self)
{
  return GTK_TEXT_VIEW (self->view);
}

/* Callbacks */

static gboolean
on_weight_key (GtkWidget *widget, GVariant *delta, gpointer data)
{
  GvPromptEditor *self = data;

  if (!gv_prompt_editor_adjust_weight (self, g_variant_get_double (delta)))
    gtk_widget_error_bell (GTK_WIDGET (self->view));
  return GDK_EVENT_STOP;
}

static gboolean
on_history_key (GtkWidget *widget, GVariant *step, gpointer data)
{
  GvPromptEditor *self = data;

  if (!recall (self, g_variant_get_int32 (step)))
    gtk_widget_error_bell (GTK_WIDGET (self->view));
  return GDK_EVENT_STOP;
}

static void
on_suggestion_clicked (GvPromptEditor *self)
{
  g_autofree char *before = gv_prompt_editor_dup_text (self);
  g_autofree char *english = g_strdup (self->english);

  if (!english || g_strcmp0 (before, self->read_text) != 0)
    return; /* what is shown belongs to another text; the next reading is under way */
  gv_prompt_editor_set_text (self, english);
  if (!*self->original)
    set_original (self, before);
  gtk_widget_grab_focus (GTK_WIDGET (self->view));
}

static void
on_edit_clicked (GvPromptEditor *self)
{
  gv_glossary_edit (GTK_WIDGET (self));
}

static void
on_focus (GvPromptEditor *self)
{
  if (self->words && gtk_widget_has_focus (GTK_WIDGET (self->view)))
    offer_history (self);
}

static void
on_cursor_moved (GvPromptEditor *self)
{
  if (self->reading && self->reading->n_unreadable > 0)
    show_reading (self);
}

static gboolean
on_query_tooltip (GtkTextView *view,
                  int x,
                  int y,
                  gboolean keyboard,
                  GtkTooltip *tooltip,
                  GvPromptEditor *self)
{
  GtkTextIter iter, from, end;
  g_autofree char *word = NULL, *sentence = NULL;
  int bx, by;

  gtk_text_view_window_to_buffer_coords (view, GTK_TEXT_WINDOW_WIDGET, x, y, &bx, &by);
  if (keyboard)
    gtk_text_buffer_get_iter_at_mark (self->buffer, &iter,
                                      gtk_text_buffer_get_insert (self->buffer));
  else if (!gtk_text_view_get_iter_at_location (view, &iter, bx, by))
    return FALSE;
  if (!self->reader || !gv_prompt_marks_find_unreadable (self->marks, &iter, &from, &end))
    return FALSE;
  word = gtk_text_buffer_get_text (self->buffer, &from, &end, FALSE);
  sentence = g_strdup_printf (gv_prompt_reader_get_words (self->reader, NULL)
                              ? _("The model never learned: %s")
                              : _("The model cannot read: %s"), word);
  gtk_tooltip_set_text (tooltip, sentence);
  return TRUE;
}

/* Before the text view, which would move the cursor by paragraphs, or begin a new line. */
static void
add_keys (GvPromptEditor *self)
{
  static const struct
  {
    guint key;
    double delta;
  } keys[] = { { GDK_KEY_Up, GV_WEIGHT_STEP },
               { GDK_KEY_KP_Up, GV_WEIGHT_STEP },
               { GDK_KEY_Down, -GV_WEIGHT_STEP },
               { GDK_KEY_KP_Down, -GV_WEIGHT_STEP } };
  static const struct
  {
    guint key;
    int step;
  } steps[] = { { GDK_KEY_Up, 1 }, { GDK_KEY_Down, -1 } };
  static const guint enter[] = { GDK_KEY_Return, GDK_KEY_KP_Enter };
  GtkEventController *controller = gtk_shortcut_controller_new ();

  gtk_event_controller_set_propagation_phase (controller, GTK_PHASE_CAPTURE);
  for (size_t i = 0; i < G_N_ELEMENTS (keys); i++) {
    GtkShortcut *shortcut =
        gtk_shortcut_new (gtk_keyval_trigger_new (keys[i].key, GDK_CONTROL_MASK),
                          gtk_callback_action_new (on_weight_key, self, NULL));

    gtk_shortcut_set_arguments (shortcut, g_variant_new_double (keys[i].delta));
    gtk_shortcut_controller_add_shortcut (GTK_SHORTCUT_CONTROLLER (controller), shortcut);
  }
  for (size_t i = 0; i < G_N_ELEMENTS (steps); i++) {
    GtkShortcut *shortcut = gtk_shortcut_new (gtk_keyval_trigger_new (steps[i].key, GDK_ALT_MASK),
                                              gtk_callback_action_new (on_history_key, self, NULL));

    gtk_shortcut_set_arguments (shortcut, g_variant_new_int32 (steps[i].step));
    gtk_shortcut_controller_add_shortcut (GTK_SHORTCUT_CONTROLLER (controller), shortcut);
  }
  for (size_t i = 0; i < G_N_ELEMENTS (enter); i++)
    gtk_shortcut_controller_add_shortcut (
        GTK_SHORTCUT_CONTROLLER (controller),
        gtk_shortcut_new (gtk_keyval_trigger_new (enter[i], GDK_CONTROL_MASK),
                          gtk_named_action_new ("win.generate")));
  gtk_widget_add_controller (GTK_WIDGET (self->view), controller);
}

/* The type */

static void
set_label (GvPromptEditor *self, const char *label)
{
  if (!g_set_str (&self->label, label ? label : ""))
    return;
  gtk_accessible_update_property (GTK_ACCESSIBLE (self->view), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  self->label, -1);
  g_object_notify_by_pspec (G_OBJECT (self), props[PROP_LABEL]);
}

static void
set_placeholder (GvPromptEditor *self, const char *text)
{
  if (!g_set_str (&self->placeholder_text, text ? text : ""))
    return;
  gtk_label_set_label (self->placeholder, self->placeholder_text);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self->view), GTK_ACCESSIBLE_PROPERTY_PLACEHOLDER,
                                  self->placeholder_text, -1);
  g_object_notify_by_pspec (G_OBJECT (self), props[PROP_PLACEHOLDER]);
}

static void
gv_prompt_editor_set_property (GObject *object, guint id, const GValue *value, GParamSpec *pspec)
{
  GvPromptEditor *self = GV_PROMPT_EDITOR (object);

  switch (id) {
  case PROP_TEXT:
    gv_prompt_editor_set_text (self, g_value_get_string (value));
    break;
  case PROP_PLACEHOLDER:
    set_placeholder (self, g_value_get_string (value));
    break;
  case PROP_LABEL:
    set_label (self, g_value_get_string (value));
    break;
  case PROP_MODEL:
    gv_prompt_editor_set_model (self, g_value_get_string (value));
    break;
  case PROP_NEGATIVE:
    if (self->negative != g_value_get_boolean (value)) {
      self->negative = g_value_get_boolean (value);
      g_object_notify_by_pspec (object, pspec);
    }
    break;
  case PROP_ORIGINAL:
    set_original (self, g_value_get_string (value));
    break;
  default:
    G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
  }
}

static void
gv_prompt_editor_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  GvPromptEditor *self = GV_PROMPT_EDITOR (object);

  switch (id) {
  case PROP_TEXT:
    g_value_take_string (value, gv_prompt_editor_dup_text (self));
    break;
  case PROP_PLACEHOLDER:
    g_value_set_string (value, self->placeholder_text);
    break;
  case PROP_LABEL:
    g_value_set_string (value, self->label);
    break;
  case PROP_MODEL:
    g_value_set_string (value, self->model);
    break;
  case PROP_NEGATIVE:
    g_value_set_boolean (value, self->negative);
    break;
  case PROP_ORIGINAL:
    g_value_set_string (value, self->original);
    break;
  default:
    G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
  }
}

static void
gv_prompt_editor_dispose (GObject *object)
{
  GvPromptEditor *self = GV_PROMPT_EDITOR (object);

  g_cancellable_cancel (self->loading);
  g_clear_object (&self->loading);
  g_clear_pointer (&self->completion, gv_prompt_completion_free);
  g_clear_pointer (&self->composition, gv_composition_free);
  g_clear_pointer (&self->marks, gv_prompt_marks_free);
  if (self->buffer)
    g_signal_handlers_disconnect_by_data (self->buffer, self);
  g_clear_object (&self->buffer);
  g_clear_object (&self->words);
  gtk_widget_dispose_template (GTK_WIDGET (self), GV_TYPE_PROMPT_EDITOR);
  G_OBJECT_CLASS (gv_prompt_editor_parent_class)->dispose (object);
}

static void
gv_prompt_editor_finalize (GObject *object)
{
  GvPromptEditor *self = GV_PROMPT_EDITOR (object);

  g_clear_pointer (&self->reader, gv_prompt_reader_unref);
  g_clear_pointer (&self->reading, gv_prompt_reading_free);
  g_free (self->read_text);
  g_free (self->english);
  g_free (self->problem);
  g_free (self->original);
  g_free (self->draft);
  g_free (self->placeholder_text);
  g_free (self->label);
  g_free (self->model);
  G_OBJECT_CLASS (gv_prompt_editor_parent_class)->finalize (object);
}

static gboolean
gv_prompt_editor_grab_focus (GtkWidget *widget)
{
  return gtk_widget_grab_focus (GTK_WIDGET (GV_PROMPT_EDITOR (widget)->view));
}

static void
add_properties (GObjectClass *class)
{
  GParamFlags flags = G_PARAM_READWRITE | G_PARAM_EXPLICIT_NOTIFY | G_PARAM_STATIC_STRINGS;

  props[PROP_TEXT] = g_param_spec_string ("text", NULL, NULL, "", flags);
  props[PROP_PLACEHOLDER] = g_param_spec_string ("placeholder", NULL, NULL, "", flags);
  props[PROP_LABEL] = g_param_spec_string ("label", NULL, NULL, "", flags);
  props[PROP_MODEL] = g_param_spec_string ("model", NULL, NULL, "", flags);
  props[PROP_NEGATIVE] = g_param_spec_boolean ("negative", NULL, NULL, FALSE, flags);
  props[PROP_ORIGINAL] = g_param_spec_string ("original", NULL, NULL, "", flags);
  g_object_class_install_properties (class, N_PROPS, props);
}

static void
gv_prompt_editor_class_init (GvPromptEditorClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  object_class->set_property = gv_prompt_editor_set_property;
  object_class->get_property = gv_prompt_editor_get_property;
  object_class->dispose = gv_prompt_editor_dispose;
  object_class->finalize = gv_prompt_editor_finalize;
  widget_class->grab_focus = gv_prompt_editor_grab_focus;
  add_properties (object_class);

  g_type_ensure (GTK_SOURCE_TYPE_VIEW);
  g_type_ensure (GV_TYPE_TOKEN_BAR);
  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/app/giverny/Giverny/prompt-editor.ui");
  gtk_widget_class_bind_template_child (widget_class, GvPromptEditor, view);
  gtk_widget_class_bind_template_child (widget_class, GvPromptEditor, placeholder);
  gtk_widget_class_bind_template_child (widget_class, GvPromptEditor, token_row);
  gtk_widget_class_bind_template_child (widget_class, GvPromptEditor, token_bar);
  gtk_widget_class_bind_template_child (widget_class, GvPromptEditor, token_label);
  gtk_widget_class_bind_template_child (widget_class, GvPromptEditor, notice);
  gtk_widget_class_bind_template_child (widget_class, GvPromptEditor, notice_label);
  gtk_widget_class_bind_template_child (widget_class, GvPromptEditor, suggestion_row);
  gtk_widget_class_bind_template_child (widget_class, GvPromptEditor, suggestion);
  gtk_widget_class_bind_template_child (widget_class, GvPromptEditor, suggestion_label);
  gtk_widget_class_bind_template_callback (widget_class, on_query_tooltip);
  gtk_widget_class_bind_template_callback (widget_class, on_suggestion_clicked);
  gtk_widget_class_bind_template_callback (widget_class, on_edit_clicked);
}

static void
gv_prompt_editor_init (GvPromptEditor *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
  self->placeholder_text = g_strdup ("");
  self->label = g_strdup ("");
  self->model = g_strdup ("");
  self->original = g_strdup ("");
  self->recalled = -1;
  self->stale = true;
  self->buffer = g_object_ref (gtk_text_view_get_buffer (GTK_TEXT_VIEW (self->view)));
  gtk_source_buffer_set_highlight_matching_brackets (GTK_SOURCE_BUFFER (self->buffer), FALSE);
  gtk_source_buffer_set_style_scheme (GTK_SOURCE_BUFFER (self->buffer), NULL);
  self->words = gv_prompt_words_new ();
  self->marks = gv_prompt_marks_new (self->buffer);
  self->composition = gv_composition_new (GTK_TEXT_VIEW (self->view), on_text_changed, self);
  g_signal_connect_swapped (self->buffer, "changed", G_CALLBACK (on_text_changed), self);
  g_signal_connect_swapped (self->buffer, "notify::cursor-position", G_CALLBACK (on_cursor_moved),
                            self);
  g_signal_connect_swapped (self->view, "notify::has-focus", G_CALLBACK (on_focus), self);
  gtk_accessible_update_relation (GTK_ACCESSIBLE (self->view), GTK_ACCESSIBLE_RELATION_DESCRIBED_BY,
                                  self->notice_label, NULL, -1);
  gtk_widget_set_visible (GTK_WIDGET (self->token_row), FALSE);
  add_keys (self);
  self->completion = gv_prompt_completion_new (GTK_TEXT_VIEW (self->view), self->words);
}

GtkWidget *
gv_prompt_editor_new (void)
{
  return g_object_new (GV_TYPE_PROMPT_EDITOR, NULL);
}
