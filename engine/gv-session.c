// SPDX-FileCopyrightText: Giverny contributors
// SPDX-License-Identifier: GPL-3.0-or-later
/* A window's state as JSON, {"giverny-session":1,…}, and its file. */
#include "gv-session.h"

#include "base/i18n.h"
#include "formats/file.h"
#include "formats/json.h"
#include "library/state-file.h"

#include <string.h>

#define VERSION 1
#define MAX_BYTES ((size_t) 64 << 20)
#define MAX_SIDE 32767 /* of a window */

GvSessionState *
gv_session_state_new (void)
{
  GvSessionState *self = g_new0 (GvSessionState, 1);

  self->page = g_strdup ("");
  self->prompt = g_strdup ("");
  self->negative = g_strdup ("");
  self->picture = g_strdup ("");
  self->search = g_strdup ("");
  return self;
}

void
gv_session_state_free (GvSessionState *self)
{
  g_free (self->page);
  g_free (self->prompt);
  g_free (self->negative);
  g_clear_object (&self->settings);
  g_free (self->picture);
  g_free (self->search);
  g_free (self);
}

/* JSON */

static void
put_settings (yyjson_mut_doc *doc, yyjson_mut_val *root, GvRecipe *settings)
{
  g_autofree char *json = NULL;

  if (!settings || !gv_recipe_validate (settings, NULL))
    return;
  json = gv_recipe_to_json (settings);
  yyjson_mut_obj_add_val (doc, root, "settings", yyjson_mut_rawncpy (doc, json, strlen (json)));
}

/* JSON is UTF-8, and a file may be called what is not: such a path is not kept. */
static void
put_text (yyjson_mut_doc *doc, yyjson_mut_val *root, const char *key, const char *text)
{
  yyjson_mut_obj_add_str (doc, root, key, g_utf8_validate (text, -1, NULL) ? text : "");
}

char *
gv_session_state_to_json (const GvSessionState *self)
{
  yyjson_mut_doc *doc = yyjson_mut_doc_new (NULL);
  yyjson_mut_val *root = yyjson_mut_obj (doc);
  char *json;

  yyjson_mut_doc_set_root (doc, root);
  yyjson_mut_obj_add_int (doc, root, "giverny-session", VERSION);
  yyjson_mut_obj_add_int (doc, root, "width", self->width);
  yyjson_mut_obj_add_int (doc, root, "height", self->height);
  yyjson_mut_obj_add_bool (doc, root, "maximized", self->maximized);
  yyjson_mut_obj_add_bool (doc, root, "controls_hidden", self->controls_hidden);
  yyjson_mut_obj_add_bool (doc, root, "live", self->live);
  yyjson_mut_obj_add_bool (doc, root, "seed_locked", self->seed_locked);
  put_text (doc, root, "page", self->page);
  put_text (doc, root, "prompt", self->prompt);
  put_text (doc, root, "negative", self->negative);
  put_text (doc, root, "picture", self->picture);
  put_text (doc, root, "search", self->search);
  put_settings (doc, root, self->settings);
  json = yyjson_mut_write (doc, YYJSON_WRITE_NOFLAG, NULL);
  g_assert (json);
  yyjson_mut_doc_free (doc);
  return json; /* from malloc(), which is what g_free() frees */
}

static bool
read_text (const GvJsonNode *node, const char *key, char **field, GError **error)
{
  const char *value = *field;

  if (!gv_json_get_string (node, key, &value, error))
    return false;
  g_set_str (field, value);
  return true;
}

static bool
read_window (const GvJsonNode *node, GvSessionState *self, GError **error)
{
  return gv_json_get_int (node, "width", 0, MAX_SIDE, &self->width, error) &&
         gv_json_get_int (node, "height", 0, MAX_SIDE, &self->height, error) &&
         gv_json_get_bool (node, "maximized", &self->maximized, error) &&
         gv_json_get_bool (node, "controls_hidden", &self->controls_hidden, error) &&
         gv_json_get_bool (node, "live", &self->live, error) &&
         gv_json_get_bool (node, "seed_locked", &self->seed_locked, error) &&
         read_text (node, "page", &self->page, error);
}

/* Settings that only another version understands are no reason to lose the prompt. */
static bool
read_settings (const char *name, const GvJsonNode *node, GvSessionState *self, GError **error)
{
  GvJsonNode settings = { 0 };
  g_autofree char *json = NULL;

  if (!gv_json_get_object (node, "settings", &settings, error))
    return false;
  if (settings.value)
    json = yyjson_val_write (settings.value, YYJSON_WRITE_NOFLAG, NULL);
  if (json)
    self->settings = gv_recipe_from_json (name, json, -1, NULL);
  return true;
}

GvSessionState *
gv_session_state_from_json (const char *name, const char *json, size_t size, GError **error)
{
  g_autoptr (GvSessionState) self = gv_session_state_new ();
  g_autoptr (GvJson) document =
      gv_json_new_from_bytes (name, json, size, GV_JSON_UNIQUE_KEYS, error);
  GvJsonNode root;
  int version = VERSION;

  if (!document || !gv_json_root_object (document, &root, error) ||
      !gv_json_require (&root, "giverny-session", error) ||
      !gv_json_get_int (&root, "giverny-session", VERSION, VERSION, &version, error) ||
      !read_window (&root, self, error) || !read_text (&root, "prompt", &self->prompt, error) ||
      !read_text (&root, "negative", &self->negative, error) ||
      !read_text (&root, "picture", &self->picture, error) ||
      !read_text (&root, "search", &self->search, error) ||
      !read_settings (name, &root, self, error))
    return NULL;
  return g_steal_pointer (&self);
}

/* The file */

struct _GvSession
{
  GObject parent_instance;
  GvStateFile *file; /* (owned) */
};
G_DEFINE_FINAL_TYPE (GvSession, gv_session, G_TYPE_OBJECT)

enum { FAILED, N_SIGNALS };
static guint signals[N_SIGNALS];

static void
on_failed (GvSession *self, const GError *error)
{
  g_signal_emit (self, signals[FAILED], 0, error);
}

static void
gv_session_finalize (GObject *object)
{
  g_clear_object (&GV_SESSION (object)->file);
  G_OBJECT_CLASS (gv_session_parent_class)->finalize (object);
}

static void
gv_session_class_init (GvSessionClass *class)
{
  G_OBJECT_CLASS (class)->finalize = gv_session_finalize;
  signals[FAILED] = g_signal_new ("failed", GV_TYPE_SESSION, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                                  G_TYPE_NONE, 1, G_TYPE_ERROR);
}

static void
gv_session_init (GvSession *self)
{
}

static GvSessionState *
load (GvSession *self, const char *path, GError **error)
{
  size_t size = 0;
  g_autoptr (GError) local = NULL;
  g_autofree char *text = gv_state_file_load (self->file, MAX_BYTES, &size, &local);

  if (local) {
    g_propagate_error (error, g_steal_pointer (&local));
    return NULL;
  }
  return text ? gv_session_state_from_json (path, text, size, error) : gv_session_state_new ();
}

static char *
notice_for (const GError *error, const char *aside)
{
  g_autofree char *shown = aside ? gv_dup_shown (aside) : NULL;

  if (shown)
    return g_strdup_printf (_("The last session could not be restored: %s. Its file was kept as "
                              "%s."),
                              error->message, shown);
  return g_strdup_printf (_("The last session could not be restored, and this one can't be saved: "
                            "%s"),
                            error->message);
}

GvSession *
gv_session_open (const char *path, GvSessionState **state, char **notice)
{
  GvSession *self = g_object_new (GV_TYPE_SESSION, NULL);
  g_autoptr (GError) error = NULL;

  if (notice)
    *notice = NULL;
  self->file = gv_state_file_new (path);
  g_signal_connect_object (self->file, "failed", G_CALLBACK (on_failed), self, G_CONNECT_SWAPPED);
  *state = load (self, path, &error);
  if (!*state) {
    g_autofree char *aside = gv_state_file_set_aside (self->file);

    *state = gv_session_state_new ();
    if (notice)
      *notice = notice_for (error, aside);
  }
  return self;
}

char *
gv_session_default_path (void)
{
  g_autofree char *folder = g_build_filename (g_get_user_data_dir (), "giverny", NULL);

  g_mkdir_with_parents (folder, 0700);
  return g_build_filename (folder, "session.json", NULL);
}

void
gv_session_save (GvSession *self, const GvSessionState *state)
{
  g_autofree char *json = gv_session_state_to_json (state);

  gv_state_file_write (self->file, json);
}

bool
gv_session_flush (GvSession *self, GError **error)
{
  return gv_state_file_flush (self->file, error);
}
