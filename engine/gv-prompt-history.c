// SPDX-FileCopyrightText: Giverny contributors
// SPDX-License-Identifier: GPL-3.0-or-later
/* {"prompts": ["the newest", …]} */
#include "gv-prompt-history.h"

#include "gv-recipe.h"
#include "formats/json.h"
#include "library/state-file.h"

#include <stdlib.h>
#include <string.h>

#define MAX_FILE_BYTES ((size_t) 8 << 20) /* JSON takes up to six bytes for one */

struct _GvPromptHistory
{
  GObject parent_instance;
  GvStateFile *file; /* (owned) */
  GPtrArray *texts;  /* (owned) (element-type utf8): the newest first */
};

G_DEFINE_FINAL_TYPE (GvPromptHistory, gv_prompt_history, G_TYPE_OBJECT)

enum { CHANGED, N_SIGNALS };
static guint signals[N_SIGNALS];

/* Lets go of what is too much, the oldest first. */
static void
limit (GvPromptHistory *self)
{
  size_t bytes = 0;
  guint n = 0;

  while (n < self->texts->len && n < GV_PROMPT_HISTORY_MAX) {
    bytes += strlen (self->texts->pdata[n]);
    if (bytes > GV_PROMPT_HISTORY_MAX_BYTES)
      break;
    n++;
  }
  g_ptr_array_set_size (self->texts, (int) n);
}

static bool
is_fit (const char *text)
{
  return *text && gv_recipe_check_prompt ("--prompt", text, NULL);
}

static bool
read_texts (GvPromptHistory *self, const char *text, size_t size)
{
  g_autoptr (GvJson) json =
      gv_json_new_from_bytes ("prompts.json", text, size, GV_JSON_PLAIN, NULL);
  GvJsonNode root, list;

  if (!json || !gv_json_root_object (json, &root, NULL) ||
      !gv_json_get_array (&root, "prompts", &list, NULL))
    return false;
  for (size_t i = 0; i < MIN (gv_json_get_n (&list), GV_PROMPT_HISTORY_MAX); i++) {
    GvJsonNode entry = gv_json_get_element (&list, i);
    const char *prompt = NULL;

    if (gv_json_get_string (&entry, NULL, &prompt, NULL) && prompt && is_fit (prompt))
      g_ptr_array_add (self->texts, g_strdup (prompt));
  }
  limit (self);
  return true;
}

GvPromptHistory *
gv_prompt_history_open (const char *path)
{
  GvPromptHistory *self = g_object_new (GV_TYPE_PROMPT_HISTORY, NULL);
  g_autoptr (GError) error = NULL;
  g_autofree char *text = NULL;
  size_t size = 0;

  self->file = gv_state_file_new (path);
  text = gv_state_file_load (self->file, MAX_FILE_BYTES, &size, &error);
  if (error || (text && !read_texts (self, text, size)))
    g_free (gv_state_file_set_aside (self->file));
  return self;
}

char *
gv_prompt_history_default_path (bool negative)
{
  g_autofree char *folder = g_build_filename (g_get_user_data_dir (), "giverny", NULL);

  g_mkdir_with_parents (folder, 0700);
  return g_build_filename (folder, negative ? "negative-prompts.json" : "prompts.json", NULL);
}

static char *
to_json (GvPromptHistory *self)
{
  yyjson_mut_doc *doc = yyjson_mut_doc_new (NULL);
  yyjson_mut_val *root = yyjson_mut_obj (doc), *list;
  char *json;

  yyjson_mut_doc_set_root (doc, root);
  list = yyjson_mut_obj_add_arr (doc, root, "prompts");
  for (guint i = 0; i < self->texts->len; i++)
    yyjson_mut_arr_add_str (doc, list, self->texts->pdata[i]);
  json = yyjson_mut_write (doc, YYJSON_WRITE_PRETTY_TWO_SPACES, NULL);
  yyjson_mut_doc_free (doc);
  return json; /* from malloc(), which is what g_free() frees */
}

void
gv_prompt_history_add (GvPromptHistory *self, const char *text)
{
  g_autofree char *json = NULL;
  guint i;

  g_return_if_fail (GV_IS_PROMPT_HISTORY (self));

  if (!is_fit (text))
    return;
  if (g_ptr_array_find_with_equal_func (self->texts, text, g_str_equal, &i)) {
    if (i == 0)
      return;
    g_ptr_array_insert (self->texts, 0, g_ptr_array_steal_index (self->texts, i));
  } else {
    g_ptr_array_insert (self->texts, 0, g_strdup (text));
  }
  limit (self);
  json = to_json (self);
  gv_state_file_write (self->file, json);
  g_signal_emit (self, signals[CHANGED], 0);
}

const char *
gv_prompt_history_get (GvPromptHistory *self, guint i)
{
  g_return_val_if_fail (GV_IS_PROMPT_HISTORY (self), NULL);

  return i < self->texts->len ? self->texts->pdata[i] : NULL;
}

bool
gv_prompt_history_flush (GvPromptHistory *self, GError **error)
{
  return gv_state_file_flush (self->file, error);
}

static void
gv_prompt_history_finalize (GObject *object)
{
  GvPromptHistory *self = GV_PROMPT_HISTORY (object);

  g_clear_object (&self->file);
  g_ptr_array_unref (self->texts);
  G_OBJECT_CLASS (gv_prompt_history_parent_class)->finalize (object);
}

static void
gv_prompt_history_class_init (GvPromptHistoryClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = gv_prompt_history_finalize;
  signals[CHANGED] = g_signal_new ("changed", GV_TYPE_PROMPT_HISTORY, G_SIGNAL_RUN_LAST, 0, NULL,
                                   NULL, NULL, G_TYPE_NONE, 0);
}

static void
gv_prompt_history_init (GvPromptHistory *self)
{
  self->texts = g_ptr_array_new_with_free_func (g_free);
}
