// SPDX-FileCopyrightText: Giverny contributors
// SPDX-License-Identifier: GPL-3.0-or-later
/* Prompts as a model's tokenizer sees them, and the tokenizers that were asked for last. */
#include "gv-prompt.h"

#include "gv-model.h"
#include "text/bpe.h"
#include "text/chunks.h"
#include "text/prompt.h"
#include "text/unicode.h"
#include "weights/model-files.h"

#include <string.h>
#include <sys/stat.h>

#define MAX_KEPT 4

struct _GvPromptReader
{
  gatomicrefcount refs;
  GvBpe *bpe; /* (owned) */
  int n_positions;
  char **words; /* (owned) (nullable) */
  size_t n_words;
};

G_DEFINE_BOXED_TYPE (GvPromptReader, gv_prompt_reader, gv_prompt_reader_ref, gv_prompt_reader_unref)

GvPromptReader *
gv_prompt_reader_ref (GvPromptReader *self)
{
  g_atomic_ref_count_inc (&self->refs);
  return self;
}

void
gv_prompt_reader_unref (GvPromptReader *self)
{
  if (!g_atomic_ref_count_dec (&self->refs))
    return;
  gv_bpe_free (self->bpe);
  g_strfreev (self->words);
  g_free (self);
}

static void
copy_words (GvPromptReader *self)
{
  const GPtrArray *words = gv_bpe_get_words (self->bpe);

  if (!words)
    return;
  self->n_words = words->len;
  self->words = g_new0 (char *, words->len + 1);
  for (guint i = 0; i < words->len; i++)
    self->words[i] = g_strdup (words->pdata[i]);
}

static GvPromptReader *
open_reader (const char *path, GError **error)
{
  g_autoptr (GvModelFiles) files = gv_model_files_open (path, error);
  g_autoptr (GvBpe) bpe = NULL;
  const char *folder;
  GvPromptReader *self;

  if (!files)
    return NULL;
  folder = gv_model_files_get_tokenizer_folder (files);
  bpe = folder ? gv_bpe_new_from_folder (folder, error) : gv_bpe_new_clip (error);
  if (!bpe)
    return NULL;
  self = g_new0 (GvPromptReader, 1);
  g_atomic_ref_count_init (&self->refs);
  self->n_positions = gv_model_files_get_text_config (files)->n_positions;
  self->bpe = g_steal_pointer (&bpe);
  copy_words (self);
  return self;
}

/* The last readers, the newest first. */

typedef struct
{
  char *key; /* (owned) */
  GvPromptReader *reader; /* (owned) */
} Kept;

static GMutex kept_lock;
static GQueue kept = G_QUEUE_INIT; /* of Kept */

static void
kept_free (Kept *self)
{
  g_free (self->key);
  gv_prompt_reader_unref (self->reader);
  g_free (self);
}

/* Changes when one of the files that a reader comes from does. */
static char *
make_key (const char *path)
{
  static const char *const names[] = { "",
                                       "tokenizer/vocab.json",
                                       "tokenizer/merges.txt",
                                       "tokenizer/tokenizer.json",
                                       "tokenizer/tokenizer_config.json",
                                       "text_encoder/config.json" };
  GString *key = g_string_new (path);

  for (size_t i = 0; i < G_N_ELEMENTS (names); i++) {
    g_autofree char *name = g_build_filename (path, names[i], NULL);
    struct stat s = { 0 };

    if (stat (name, &s) == 0)
      g_string_append_printf (key, "\n%s %ju %jd %jd.%ld", names[i], (uintmax_t) s.st_ino,
                              (intmax_t) s.st_size, (intmax_t) s.st_mtim.tv_sec, s.st_mtim.tv_nsec);
  }
  return g_string_free_and_steal (key);
}

static GvPromptReader *
find_kept (const char *key)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&kept_lock);

  for (GList *l = kept.head; l; l = l->next) {
    Kept *k = l->data;

    if (strcmp (k->key, key) == 0) {
      g_queue_unlink (&kept, l);
      g_queue_push_head_link (&kept, l);
      return gv_prompt_reader_ref (k->reader);
    }
  }
  return NULL;
}

static void
keep (const char *key, GvPromptReader *reader)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&kept_lock);
  Kept *k = g_new (Kept, 1);

  *k = (Kept) { g_strdup (key), gv_prompt_reader_ref (reader) };
  g_queue_push_head (&kept, k);
  if (kept.length > MAX_KEPT)
    kept_free (g_queue_pop_tail (&kept));
}

GvPromptReader *
gv_prompt_reader_load (const char *model, GError **error)
{
  g_autofree char *path = model && *model ? g_strdup (model) : gv_model_starter_path ();
  g_autofree char *key = make_key (path);
  GvPromptReader *self = find_kept (key);

  if (self)
    return self;
  self = open_reader (path, error);
  if (self)
    keep (key, self);
  return self;
}

static void
load_thread (GTask *task, gpointer source, gpointer model, GCancellable *cancellable)
{
  GError *error = NULL;
  GvPromptReader *reader = gv_prompt_reader_load (model, &error);

  if (reader)
    g_task_return_pointer (task, reader, (GDestroyNotify) gv_prompt_reader_unref);
  else
    g_task_return_error (task, error);
}

void
gv_prompt_reader_load_async (const char *model,
                             GCancellable *cancellable,
                             GAsyncReadyCallback callback,
                             gpointer data)
{
  g_autoptr (GTask) task = g_task_new (NULL, cancellable, callback, data);

  g_task_set_source_tag (task, gv_prompt_reader_load_async);
  g_task_set_task_data (task, g_strdup (model), g_free);
  g_task_run_in_thread (task, load_thread);
}

GvPromptReader *
gv_prompt_reader_load_finish (GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (g_task_is_valid (result, NULL), NULL);

  return g_task_propagate_pointer (G_TASK (result), error);
}

const char *const *
gv_prompt_reader_get_words (GvPromptReader *self, size_t *n)
{
  if (n)
    *n = self->n_words;
  return (const char *const *) self->words;
}

int
gv_prompt_reader_get_capacity (GvPromptReader *self)
{
  return self->n_positions - 2;
}

/* Words */

static bool
is_latin (gunichar c)
{
  GUnicodeScript script = g_unichar_get_script (c);

  return script == G_UNICODE_SCRIPT_LATIN || script == G_UNICODE_SCRIPT_COMMON ||
         script == G_UNICODE_SCRIPT_INHERITED;
}

static bool
is_one_token (GvPromptReader *self, const char *word, size_t len)
{
  size_t n = 0;
  g_autofree int *ids = gv_bpe_encode (self->bpe, word, len, &n, NULL);

  return n == 1 && ids[0] != gv_bpe_get_unknown (self->bpe);
}

/* The letters that follow an apostrophe in English. */
static bool
is_contraction (const char *text, size_t from, const char *folded)
{
  static const char *const ends[] = { "s", "t", "re", "ve", "m", "ll", "d", NULL };

  return from > 0 && text[from - 1] == '\'' && g_strv_contains (ends, folded);
}

static bool
can_read (GvPromptReader *self, const char *text, GvPromptRange word)
{
  const char *from = text + word.from, *end = text + word.end;
  g_autoptr (GString) folded = NULL;

  if (!self->words) {
    for (const char *p = from; p < end; p = g_utf8_next_char (p))
      if (!is_latin (g_utf8_get_char (p)))
        return is_one_token (self, from, word.end - word.from);
    return true;
  }
  folded = gv_unicode_fold (from, word.end - word.from);
  return (folded->len == 1) || is_contraction (text, word.from, folded->str) ||
         gv_bpe_knows_word (self->bpe, folded->str);
}

/* Adds the words between two places that cannot be read.  A word is a run of letters with the marks
 * upon them, as tokenizers cut it once those marks are composed. */
static void
look_at_words (GvPromptReader *self, const char *text, size_t from, size_t end, GArray *out)
{
  const char *stop = text + end;

  for (const char *p = text + from; p < stop;) {
    const char *start = p;
    gunichar c = g_utf8_get_char (p);
    GvPromptRange word;

    p = g_utf8_next_char (p);
    if (!g_unichar_isalpha (c))
      continue;
    for (; p < stop; p = g_utf8_next_char (p)) {
      c = g_utf8_get_char (p);
      if (!g_unichar_isalpha (c) && !g_unichar_ismark (c))
        break;
    }
    word = (GvPromptRange) { (size_t) (start - text), (size_t) (p - text) };
    if (!can_read (self, text, word))
      g_array_append_val (out, word);
  }
}

/* Readings */

static void
take_spans (const GvPrompt *prompt, GvPromptSpan *spans)
{
  for (size_t i = 0; i < prompt->n_pieces; i++)
    spans[i] =
        (GvPromptSpan) { prompt->pieces[i].from, prompt->pieces[i].end, prompt->pieces[i].weight };
}

GvPromptReading *
gv_prompt_reader_read (GvPromptReader *self, const char *prompt, gssize len, GError **error)
{
  size_t size = len < 0 ? strlen (prompt) : (size_t) len;
  g_autoptr (GvTokens) tokens = gv_tokens_new (self->bpe, prompt, size, self->n_positions, error);
  g_autoptr (GvPrompt) parsed = tokens ? gv_prompt_parse (prompt, size, error) : NULL;
  g_autoptr (GArray) unreadable = g_array_new (false, false, sizeof (GvPromptRange));
  GvPromptReading *out;

  if (!parsed)
    return NULL;
  out = g_new0 (GvPromptReading, 1);
  out->capacity = gv_prompt_reader_get_capacity (self);
  out->n_chunks = tokens->n_chunks;
  out->n_used = g_steal_pointer (&tokens->n_used);
  out->n_spans = parsed->n_pieces;
  out->spans = g_new (GvPromptSpan, parsed->n_pieces);
  take_spans (parsed, out->spans);
  for (size_t i = 0; i < out->n_spans; i++)
    look_at_words (self, prompt, out->spans[i].from, out->spans[i].end, unreadable);
  out->n_unreadable = unreadable->len;
  out->unreadable = (GvPromptRange *) (void *) g_array_steal (unreadable, NULL);
  return out;
}

void
gv_prompt_reading_free (GvPromptReading *self)
{
  g_free (self->n_used);
  g_free (self->spans);
  g_free (self->unreadable);
  g_free (self);
}

char **
gv_prompt_reading_dup_unreadable (const GvPromptReading *self, const char *prompt, size_t max)
{
  g_autoptr (GHashTable) seen = g_hash_table_new (g_str_hash, g_str_equal);
  GPtrArray *words = g_ptr_array_new ();

  for (size_t i = 0; i < self->n_unreadable && words->len < max; i++) {
    const GvPromptRange *r = &self->unreadable[i];
    g_autofree char *word = g_strndup (prompt + r->from, r->end - r->from);

    if (g_hash_table_contains (seen, word))
      continue;
    g_hash_table_add (seen, word);
    g_ptr_array_add (words, g_steal_pointer (&word));
  }
  g_ptr_array_add (words, NULL);
  return (char **) g_ptr_array_free (words, false);
}

GArray *
gv_prompt_spans (const char *prompt, gssize len)
{
  size_t size = len < 0 ? strlen (prompt) : (size_t) len;
  g_autoptr (GvPrompt) parsed = gv_prompt_parse (prompt, size, NULL);
  GArray *spans = g_array_new (false, false, sizeof (GvPromptSpan));

  if (!parsed)
    return spans;
  g_array_set_size (spans, (guint) parsed->n_pieces);
  take_spans (parsed, (GvPromptSpan *) (void *) spans->data);
  return spans;
}
