// SPDX-FileCopyrightText: Giverny contributors
// SPDX-License-Identifier: GPL-3.0-or-later
/* CLIP tokenizers from the files of a model's folder. */
#include "text/bpe-draft.h"

#include "base/errors.h"
#include "base/i18n.h"
#include "formats/file.h"
#include "formats/json.h"

#include <string.h>

#define MAX_FILE ((size_t) 64 << 20)
#define MAX_SPECIALS 1024
#define MAX_SPECIAL_TEXT 128

static const char *const file_names[GV_BPE_N_FILES] = {
  [GV_BPE_VOCAB] = "vocab.json",
  [GV_BPE_MERGES] = "merges.txt",
  [GV_BPE_TOKENIZER] = "tokenizer.json",
  [GV_BPE_CONFIG] = "tokenizer_config.json",
  [GV_BPE_SPECIAL_MAP] = "special_tokens_map.json",
};

/* {"symbol": id, …} */
static bool
read_vocabulary (GvBpeDraft *draft, const GvJsonNode *object, GError **error)
{
  yyjson_obj_iter iter = yyjson_obj_iter_with (object->value);
  const char *symbol;
  GvJsonNode entry;

  if (gv_json_get_n (object) > GV_BPE_MAX_ENTRIES)
    return gv_json_fail (object, NULL, _("has more than 1048576 symbols"), error);
  while (gv_json_next (object, &iter, &symbol, &entry)) {
    int id = -1;

    if (!gv_json_get_int (&entry, NULL, 0, GV_BPE_MAX_ENTRIES - 1, &id, error))
      return false;
    if (id >= 0)
      gv_bpe_insert (draft->ids, symbol, id);
  }
  return true;
}

/* The next element of a list; asking for each by its number would take the square of their count.
 */
static bool
next_element (const GvJsonNode *list, yyjson_arr_iter *iter, GvJsonNode *element)
{
  size_t i = iter->idx;

  *element = (GvJsonNode) { .json = list->json, .value = yyjson_arr_iter_next (iter) };
  g_snprintf (element->where, sizeof element->where, "%s[%zu]", list->where, i);
  return element->value != NULL;
}

/* One of tokenizer.json's merges: ["left", "right"], in older files "left right". */
static bool
read_merge (GvBpeDraft *draft, const GvJsonNode *entry, GError **error)
{
  const char *parts[2] = { NULL, NULL };
  g_autofree char *pair = NULL;
  const char *problem;
  size_t n = 0;

  if (gv_json_is_array (entry, NULL)) {
    if (!gv_json_get_strings (entry, NULL, parts, 2, &n, error))
      return false;
  } else {
    if (!gv_json_get_string (entry, NULL, &parts[0], error))
      return false;
    parts[0] = pair = g_strdup (parts[0]);
    parts[1] = pair ? gv_bpe_cut_in_two (pair) : NULL;
  }
  if (!parts[0] || !parts[1])
    return gv_json_fail (entry, NULL, _("is not two symbols"), error);
  problem = gv_bpe_draft_add_merge (draft, parts[0], parts[1]);
  return problem ? gv_json_fail (entry, NULL, problem, error) : true;
}

static bool
read_merges (GvBpeDraft *draft, const GvJsonNode *model, GError **error)
{
  GvJsonNode list, entry;
  yyjson_arr_iter iter;

  if (!gv_json_require (model, "merges", error) ||
      !gv_json_get_array (model, "merges", &list, error))
    return false;
  iter = yyjson_arr_iter_with (list.value);
  while (next_element (&list, &iter, &entry))
    if (!read_merge (draft, &entry, error))
      return false;
  return true;
}

/* A special token's text, which @node has under @key (or is).  NULL in @text if it is missing or
 * null. */
static bool
get_token_text (GvBpeDraft *draft,
                const GvJsonNode *node,
                const char *key,
                const char **text,
                GError **error)
{
  const char *found = NULL;

  *text = NULL;
  if (!gv_json_get_string (node, key, &found, error))
    return false;
  if (!found)
    return true;
  if (!*found || strlen (found) > MAX_SPECIAL_TEXT)
    return gv_json_fail (node, key, _("must be a text of 1 to 128 bytes"), error);
  *text = g_string_chunk_insert_const (draft->strings, found);
  return true;
}

/* A token that a file adds, {"content", "normalized", …}; @id is -1 where the vocabulary must know
 * it. */
static bool
add_token (GvBpeDraft *draft, const GvJsonNode *token, int id, const char **text, GError **error)
{
  bool folded = false;

  if (!gv_json_require (token, "content", error) ||
      !get_token_text (draft, token, "content", text, error) ||
      !gv_json_get_bool (token, "normalized", &folded, error))
    return false;
  if (folded)
    g_hash_table_add (draft->folded, (void *) *text);
  else
    g_hash_table_remove (draft->folded, *text);
  if (gv_bpe_lookup (draft->ids, *text) >= 0) /* the vocabulary's own id counts */
    id = gv_bpe_lookup (draft->ids, *text);
  if (id >= 0)
    gv_bpe_insert (draft->added, *text, id);
  if (g_hash_table_size (draft->added) > MAX_SPECIALS)
    return gv_json_fail (token, NULL,
                         _("is one added token more than the 1024 that are read"), error);
  return true;
}

/* bos_token and the others: a text, or an object; where there is none, what was known before stays.
 */
static bool
read_role (GvBpeDraft *draft, const GvJsonNode *config, GvBpeRole role, GError **error)
{
  yyjson_val *value = yyjson_obj_get (config->value, gv_bpe_role_keys[role]);
  const char *text = NULL;
  GvJsonNode token;

  if (yyjson_is_obj (value)) {
    if (!gv_json_get_object (config, gv_bpe_role_keys[role], &token, error) ||
        !add_token (draft, &token, -1, &text, error))
      return false;
  } else {
    if (!get_token_text (draft, config, gv_bpe_role_keys[role], &text, error))
      return false;
    if (text)
      g_hash_table_remove (draft->folded, text); /* the last that is said of a token counts */
  }
  if (text)
    draft->roles[role] = text;
  return true;
}

/* tokenizer_config.json's "added_tokens_decoder": ids as keys, tokens as values. */
static bool
read_added_by_id (GvBpeDraft *draft, const GvJsonNode *object, GError **error)
{
  yyjson_obj_iter iter = yyjson_obj_iter_with (object->value);
  const char *key, *text;
  GvJsonNode token;

  while (gv_json_next (object, &iter, &key, &token)) {
    guint64 id;

    if (!g_ascii_string_to_unsigned (key, 10, 0, GV_BPE_MAX_ENTRIES - 1, &id, NULL))
      return gv_json_fail (object, key, _("is no token's id"), error);
    if (!add_token (draft, &token, (int) id, &text, error))
      return false;
  }
  return true;
}

/* tokenizer_config.json or special_tokens_map.json; a folder may do without. */
static bool
read_config (GvBpeDraft *draft, const GvBpeFile *file, GError **error)
{
  g_autoptr (GvJson) json = NULL;
  GvJsonNode root, added;
  yyjson_val *length;

  if (!file->text)
    return true;
  json = gv_json_new_from_bytes (file->path, file->text, file->size, GV_JSON_PLAIN, error);
  if (!json || !gv_json_root_object (json, &root, error) ||
      !gv_json_get_object (&root, "added_tokens_decoder", &added, error))
    return false;
  length = yyjson_obj_get (root.value, "model_max_length"); /* 1e30 where nobody knew */
  if (yyjson_is_uint (length) && yyjson_get_uint (length) <= GV_BPE_MAX_ENTRIES)
    draft->max_length = (int) yyjson_get_uint (length);
  draft->listed = gv_json_get_n (&added) > 0;
  for (GvBpeRole r = 0; r < GV_BPE_N_ROLES; r++)
    if (!read_role (draft, &root, r, error))
      return false;
  return read_added_by_id (draft, &added, error);
}

static GvBpe *
finish (GvBpeDraft *draft, const GvBpeFile *files, const char *path, GError **error)
{
  if (!read_config (draft, &files[GV_BPE_CONFIG], error) ||
      (!draft->listed && !read_config (draft, &files[GV_BPE_SPECIAL_MAP], error)))
    return NULL;
  return gv_bpe_draft_finish (draft, path, error);
}

static bool
has_no_nul (const GvBpeFile *file, GError **error)
{
  g_autofree char *shown = gv_dup_shown (file->path);

  if (strlen (file->text) == file->size)
    return true;
  g_set_error (error, GV_TEXT_ERROR, GV_TEXT_ERROR_INVALID,
               _("%s: there is a NUL byte in it"), shown);
  return false;
}

static GvBpe *
from_two_files (GvBpeFile *files, GError **error)
{
  const GvBpeFile *vocab = &files[GV_BPE_VOCAB], *merges = &files[GV_BPE_MERGES];
  g_autoptr (GvJson) json =
      gv_json_new_from_bytes (vocab->path, vocab->text, vocab->size, GV_JSON_UNIQUE_KEYS, error);
  g_autoptr (GvBpeDraft) draft = gv_bpe_draft_new ();
  GvJsonNode root;

  if (!json || !gv_json_root_object (json, &root, error) ||
      !read_vocabulary (draft, &root, error) || !has_no_nul (merges, error) ||
      !gv_bpe_draft_read_merges (draft, merges->text, merges->path, error))
    return NULL;
  return finish (draft, files, vocab->path, error);
}

/* tokenizer.json's "model": {"type": "BPE", "vocab": {…}, "merges": […], …} */
static bool
read_model (GvBpeDraft *draft, const GvJsonNode *model, GError **error)
{
  const char *type = NULL, *suffix = NULL;
  GvJsonNode vocab;

  if (!gv_json_get_string (model, "type", &type, error) ||
      !gv_json_get_string (model, "end_of_word_suffix", &suffix, error) ||
      !gv_json_require (model, "vocab", error) ||
      !gv_json_get_object (model, "vocab", &vocab, error))
    return false;
  if (g_strcmp0 (type, "BPE") != 0 || g_strcmp0 (suffix, GV_BPE_WORD_END) != 0)
    return gv_json_fail (model, NULL, _("is no byte-pair encoding of CLIP's kind"), error);
  return read_vocabulary (draft, &vocab, error) && read_merges (draft, model, error);
}

/* tokenizer.json's "added_tokens": [{"id", "content", …}, …] */
static bool
read_added_list (GvBpeDraft *draft, const GvJsonNode *list, GError **error)
{
  yyjson_arr_iter iter = yyjson_arr_iter_with (list->value);
  GvJsonNode token;

  while (next_element (list, &iter, &token)) {
    const char *text;
    int id = -1;

    if (!gv_json_get_int (&token, "id", 0, GV_BPE_MAX_ENTRIES - 1, &id, error) ||
        !add_token (draft, &token, id, &text, error))
      return false;
  }
  return true;
}

static GvBpe *
from_one_file (GvBpeFile *files, GError **error)
{
  const GvBpeFile *file = &files[GV_BPE_TOKENIZER];
  g_autoptr (GvJson) json =
      gv_json_new_from_bytes (file->path, file->text, file->size, GV_JSON_UNIQUE_KEYS, error);
  g_autoptr (GvBpeDraft) draft = gv_bpe_draft_new ();
  GvJsonNode root, model, added;
  const char *unknown;

  if (!json || !gv_json_root_object (json, &root, error) ||
      !gv_json_require (&root, "model", error) ||
      !gv_json_get_object (&root, "model", &model, error) || !read_model (draft, &model, error) ||
      !gv_json_get_array (&root, "added_tokens", &added, error) ||
      !read_added_list (draft, &added, error) ||
      !get_token_text (draft, &model, "unk_token", &unknown, error))
    return NULL;
  if (unknown)
    draft->roles[GV_BPE_UNKNOWN] = unknown;
  return finish (draft, files, file->path, error);
}

GvBpe *
gv_bpe_new_from_files (GvBpeFile *files, GError **error)
{
  return files[GV_BPE_TOKENIZER].text ? from_one_file (files, error)
                                      : from_two_files (files, error);
}

/* Reads what there is of the files that count. */
static bool
read_files (GvBpeFile *files, GError **error)
{
  bool there[GV_BPE_N_FILES], one;

  for (int i = 0; i < GV_BPE_N_FILES; i++)
    there[i] = g_file_test (files[i].path, G_FILE_TEST_EXISTS);
  one = there[GV_BPE_TOKENIZER] && !(there[GV_BPE_VOCAB] && there[GV_BPE_MERGES]);
  there[GV_BPE_TOKENIZER] = one;
  there[GV_BPE_VOCAB] = there[GV_BPE_MERGES] = !one; /* a missing one is an error */
  for (int i = 0; i < GV_BPE_N_FILES; i++) {
    if (!there[i])
      continue;
    files[i].text = gv_read_small_file (files[i].path, MAX_FILE, &files[i].size, error);
    if (!files[i].text)
      return false;
  }
  return true;
}

GvBpe *
gv_bpe_new_from_folder (const char *folder, GError **error)
{
  GvBpeFile files[GV_BPE_N_FILES] = { 0 };
  GvBpe *bpe = NULL;

  for (int i = 0; i < GV_BPE_N_FILES; i++)
    files[i].path = g_build_filename (folder, file_names[i], NULL);
  if (read_files (files, error))
    bpe = gv_bpe_new_from_files (files, error);
  for (int i = 0; i < GV_BPE_N_FILES; i++) {
    g_free (files[i].path);
    g_free (files[i].text);
  }
  return bpe;
}
