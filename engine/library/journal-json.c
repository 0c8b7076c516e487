// SPDX-FileCopyrightText: Giverny contributors
// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * Jobs, and the queue's file:
 *
 *   {"giverny-queue":1,"next":7,"paused":false,"jobs":[
 *     {"id":5,"state":"waiting","done":0,"recipe":{"giverny":"0.1.0","model":"starter",…}}]}
 */
#include "library/journal-json.h"

#include "base/errors.h"
#include "base/i18n.h"
#include "formats/json.h"

#include <string.h>

#define VERSION 1

struct _GvJournalJob
{
  GObject parent_instance;
  guint64 id;
  GvRecipe *recipe; /* (owned) (nullable): NULL if this version can't use it */
  char *raw;        /* (owned): the recipe's JSON                            */
  GvJournalState state;
  int done;
  char *error;      /* (owned) (nullable) */
  guint64 number;
};
G_DEFINE_FINAL_TYPE (GvJournalJob, gv_journal_job, G_TYPE_OBJECT)

G_DEFINE_ENUM_TYPE (GvJournalState,
                    gv_journal_state,
                    G_DEFINE_ENUM_VALUE (GV_JOURNAL_WAITING, "waiting"),
                    G_DEFINE_ENUM_VALUE (GV_JOURNAL_RUNNING, "running"),
                    G_DEFINE_ENUM_VALUE (GV_JOURNAL_FAILED, "failed"))

enum { PROP_ID = 1, PROP_RECIPE, PROP_STATE, PROP_DONE, PROP_ERROR, N_PROPS };
static GParamSpec *props[N_PROPS];

static void
gv_journal_job_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  GvJournalJob *self = GV_JOURNAL_JOB (object);

  switch (id) {
  case PROP_ID:
    g_value_set_uint64 (value, self->id);
    break;
  case PROP_RECIPE:
    g_value_set_object (value, self->recipe);
    break;
  case PROP_STATE:
    g_value_set_enum (value, self->state);
    break;
  case PROP_DONE:
    g_value_set_int (value, self->done);
    break;
  case PROP_ERROR:
    g_value_set_string (value, self->error);
    break;
  default:
    G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
  }
}

static void
gv_journal_job_finalize (GObject *object)
{
  GvJournalJob *self = GV_JOURNAL_JOB (object);

  g_clear_object (&self->recipe);
  g_free (self->raw);
  g_free (self->error);
  G_OBJECT_CLASS (gv_journal_job_parent_class)->finalize (object);
}

static void
gv_journal_job_class_init (GvJournalJobClass *class)
{
  GObjectClass *object_class = G_OBJECT_CLASS (class);
  GParamFlags flags = G_PARAM_READABLE | G_PARAM_STATIC_STRINGS;

  object_class->get_property = gv_journal_job_get_property;
  object_class->finalize = gv_journal_job_finalize;
  props[PROP_ID] = g_param_spec_uint64 ("id", NULL, NULL, 0, G_MAXUINT64, 0, flags);
  props[PROP_RECIPE] = g_param_spec_object ("recipe", NULL, NULL, GV_TYPE_RECIPE, flags);
  props[PROP_STATE] =
      g_param_spec_enum ("state", NULL, NULL, GV_TYPE_JOURNAL_STATE, GV_JOURNAL_WAITING, flags);
  props[PROP_DONE] = g_param_spec_int ("done", NULL, NULL, 0, G_MAXINT, 0, flags);
  props[PROP_ERROR] = g_param_spec_string ("error", NULL, NULL, NULL, flags);
  g_object_class_install_properties (object_class, N_PROPS, props);
}

static void
gv_journal_job_init (GvJournalJob *self)
{
}

GvJournalJob *
gv_journal_job_new (guint64 id, GvRecipe *recipe)
{
  GvJournalJob *self = g_object_new (GV_TYPE_JOURNAL_JOB, NULL);

  self->id = id;
  self->recipe = g_object_ref (recipe);
  self->raw = gv_recipe_to_json (recipe);
  return self;
}

guint64
gv_journal_job_get_id (GvJournalJob *self)
{
  return self->id;
}

GvRecipe *
gv_journal_job_get_recipe (GvJournalJob *self)
{
  return self->recipe;
}

GvJournalState
gv_journal_job_get_state (GvJournalJob *self)
{
  return self->state;
}

int
gv_journal_job_get_done (GvJournalJob *self)
{
  return self->done;
}

const char *
gv_journal_job_get_error (GvJournalJob *self)
{
  return self->error;
}

void
gv_journal_job_set_state (GvJournalJob *self, GvJournalState state, const char *error)
{
  g_autofree char *valid = error ? g_utf8_make_valid (error, -1) : NULL;

  if (g_set_str (&self->error, valid))
    g_object_notify_by_pspec (G_OBJECT (self), props[PROP_ERROR]);
  if (self->state == state)
    return;
  self->state = state;
  g_object_notify_by_pspec (G_OBJECT (self), props[PROP_STATE]);
}

void
gv_journal_job_set_done (GvJournalJob *self, int done)
{
  if (self->done == done)
    return;
  self->done = done;
  g_object_notify_by_pspec (G_OBJECT (self), props[PROP_DONE]);
}

void
gv_journal_job_set_number (GvJournalJob *self, guint64 number)
{
  self->number = number;
}

guint64
gv_journal_job_get_number (GvJournalJob *self)
{
  return self->number;
}

/* Writing */

static const char *const states[] = { "waiting", "running", "failed", NULL };

static yyjson_mut_val *
job_to_json (yyjson_mut_doc *doc, const GvJournalJob *job)
{
  yyjson_mut_val *value = yyjson_mut_obj (doc);

  yyjson_mut_obj_add_uint (doc, value, "id", job->id);
  yyjson_mut_obj_add_str (doc, value, "state", states[job->state]);
  yyjson_mut_obj_add_int (doc, value, "done", job->done);
  if (job->error)
    yyjson_mut_obj_add_str (doc, value, "error", job->error);
  yyjson_mut_obj_add_val (doc, value, "recipe", yyjson_mut_raw (doc, job->raw));
  return value;
}

char *
gv_journal_to_json (const GPtrArray *jobs, guint64 next_id, bool paused)
{
  yyjson_mut_doc *doc = yyjson_mut_doc_new (NULL);
  yyjson_mut_val *root = yyjson_mut_obj (doc), *list = yyjson_mut_arr (doc);
  char *json;

  yyjson_mut_doc_set_root (doc, root);
  yyjson_mut_obj_add_int (doc, root, "giverny-queue", VERSION);
  yyjson_mut_obj_add_uint (doc, root, "next", next_id);
  yyjson_mut_obj_add_bool (doc, root, "paused", paused);
  yyjson_mut_obj_add_val (doc, root, "jobs", list);
  for (guint i = 0; i < jobs->len; i++)
    yyjson_mut_arr_append (list, job_to_json (doc, jobs->pdata[i]));
  json = yyjson_mut_write (doc, YYJSON_WRITE_NOFLAG, NULL);
  g_assert (json);
  yyjson_mut_doc_free (doc);
  return json; /* from malloc(), which is what g_free() frees */
}

/* Reading */

static bool
read_state (const GvJsonNode *node, GvJournalState *state, GError **error)
{
  const char *name = states[GV_JOURNAL_WAITING];

  if (!gv_json_get_string (node, "state", &name, error))
    return false;
  for (int i = 0; states[i]; i++)
    if (strcmp (states[i], name) == 0) {
      *state = (GvJournalState) i;
      return true;
    }
  return gv_json_fail (node, "state", _("must be “waiting”, “running” or “failed”"), error);
}

/* The recipe as text once more, because it may be one that only its own version understands. */
static bool
read_recipe (const char *name, const GvJsonNode *node, GvJournalJob *job, GError **error)
{
  GvJsonNode recipe = { 0 };
  g_autoptr (GError) unusable = NULL;

  if (!gv_json_require (node, "recipe", error) ||
      !gv_json_get_object (node, "recipe", &recipe, error))
    return false;
  job->raw = yyjson_val_write (recipe.value, YYJSON_WRITE_NOFLAG, NULL);
  if (!job->raw)
    return gv_json_fail (node, "recipe", _("can't be read"), error);
  job->recipe = gv_recipe_from_json (name, job->raw, -1, &unusable);
  if (!job->recipe)
    gv_journal_job_set_state (job, GV_JOURNAL_FAILED, unusable->message);
  return true;
}

static GvJournalJob *
read_job (const char *name, const GvJsonNode *node, GError **error)
{
  g_autoptr (GvJournalJob) job = g_object_new (GV_TYPE_JOURNAL_JOB, NULL);
  int64_t id = 0;
  const char *message = NULL;

  if (!gv_json_require (node, "id", error) ||
      !gv_json_get_int64 (node, "id", 1, G_MAXINT64 - 1, &id, error) ||
      !read_state (node, &job->state, error) ||
      !gv_json_get_int (node, "done", 0, GV_RECIPE_MAX_COUNT, &job->done, error) ||
      !gv_json_get_string (node, "error", &message, error))
    return NULL;
  job->id = (guint64) id;
  if (job->state == GV_JOURNAL_RUNNING)
    job->state = GV_JOURNAL_WAITING;
  if (job->state == GV_JOURNAL_FAILED)
    job->error = g_strdup (message);
  return read_recipe (name, node, job, error) ? g_steal_pointer (&job) : NULL;
}

static bool
read_jobs (const char *name, const GvJsonNode *list, GPtrArray *jobs, GError **error)
{
  size_t n = list->value ? gv_json_get_n (list) : 0;
  g_autoptr (GHashTable) ids = g_hash_table_new (g_int64_hash, g_int64_equal);

  if (n > GV_JOURNAL_MAX_JOBS)
    return gv_json_fail (list, NULL, _("has more than 10000 jobs"), error);
  for (size_t i = 0; i < n; i++) {
    GvJsonNode node = gv_json_get_element (list, i);
    GvJournalJob *job;

    if (!yyjson_is_obj (node.value))
      return gv_json_fail (&node, NULL, _("must be an object"), error);
    job = read_job (name, &node, error);
    if (!job)
      return false;
    g_ptr_array_add (jobs, job);
    if (!g_hash_table_add (ids, &job->id))
      return gv_json_fail (&node, "id", _("is there twice"), error);
  }
  return true;
}

bool
gv_journal_from_json (const char *name,
                      const char *json,
                      size_t size,
                      GPtrArray *jobs,
                      guint64 *next_id,
                      bool *paused,
                      GError **error)
{
  g_autoptr (GvJson) document =
      gv_json_new_from_bytes (name, json, size, GV_JSON_UNIQUE_KEYS, error);
  GvJsonNode root, list = { 0 };
  int version = VERSION;
  int64_t next = 1;

  if (!document || !gv_json_root_object (document, &root, error) ||
      !gv_json_require (&root, "giverny-queue", error) ||
      !gv_json_get_int (&root, "giverny-queue", VERSION, VERSION, &version, error) ||
      !gv_json_get_int64 (&root, "next", 1, G_MAXINT64, &next, error) ||
      !gv_json_get_bool (&root, "paused", paused, error) ||
      !gv_json_get_array (&root, "jobs", &list, error) || !read_jobs (name, &list, jobs, error))
    return false;
  *next_id = (guint64) next;
  for (guint i = 0; i < jobs->len; i++)
    *next_id = MAX (*next_id, gv_journal_job_get_id (jobs->pdata[i]) + 1);
  return true;
}
