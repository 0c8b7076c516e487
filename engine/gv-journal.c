// SPDX-FileCopyrightText: Giverny contributors
// SPDX-License-Identifier: GPL-3.0-or-later
/* The queue in memory, and when what of it is on disk. */
#include "gv-journal.h"

#include "library/journal-json.h"
#include "library/state-file.h"

#include "base/i18n.h"
#include "formats/file.h"

struct _GvJournal
{
  GObject parent_instance;
  GvStateFile *file;  /* (owned) */
  GPtrArray *jobs;    /* (element-type GvJournalJob) */
  guint64 next_id;
  bool paused;
  char *error;        /* (owned) (nullable) */
};

static void list_model_init (GListModelInterface *interface);
G_DEFINE_FINAL_TYPE_WITH_CODE (GvJournal,
                               gv_journal,
                               G_TYPE_OBJECT,
                               G_IMPLEMENT_INTERFACE (G_TYPE_LIST_MODEL, list_model_init))

enum { PROP_PAUSED = 1, PROP_ERROR, N_PROPS };
static GParamSpec *props[N_PROPS];

enum { DURABLE, N_SIGNALS };
static guint signals[N_SIGNALS];

/* Hands the whole queue to the file.  Returns: the number under which it will be durable */
static guint64
write_queue (GvJournal *self)
{
  g_autofree char *json = gv_journal_to_json (self->jobs, self->next_id, self->paused);

  return gv_state_file_write (self->file, json);
}

static void
set_error (GvJournal *self, const char *error)
{
  if (g_set_str (&self->error, error))
    g_object_notify_by_pspec (G_OBJECT (self), props[PROP_ERROR]);
}

static void
on_written (GvJournal *self)
{
  set_error (self, NULL);
  g_signal_emit (self, signals[DURABLE], 0);
}

static void
on_failed (GvJournal *self, const GError *error)
{
  set_error (self, error->message);
}

/* The list */

static GType
get_item_type (GListModel *model)
{
  return GV_TYPE_JOURNAL_JOB;
}

static guint
get_n_items (GListModel *model)
{
  return GV_JOURNAL (model)->jobs->len;
}

static gpointer
get_item (GListModel *model, guint position)
{
  GPtrArray *jobs = GV_JOURNAL (model)->jobs;

  return position < jobs->len ? g_object_ref (jobs->pdata[position]) : NULL;
}

static void
list_model_init (GListModelInterface *interface)
{
  interface->get_item_type = get_item_type;
  interface->get_n_items = get_n_items;
  interface->get_item = get_item;
}

/* The object */

static void
gv_journal_set_property (GObject *object, guint id, const GValue *value, GParamSpec *pspec)
{
  if (id == PROP_PAUSED)
    gv_journal_set_paused (GV_JOURNAL (object), g_value_get_boolean (value));
  else
    G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
}

static void
gv_journal_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  GvJournal *self = GV_JOURNAL (object);

  if (id == PROP_PAUSED)
    g_value_set_boolean (value, self->paused);
  else if (id == PROP_ERROR)
    g_value_set_string (value, self->error);
  else
    G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
}

static void
gv_journal_finalize (GObject *object)
{
  GvJournal *self = GV_JOURNAL (object);

  g_clear_object (&self->file);
  g_clear_pointer (&self->jobs, g_ptr_array_unref);
  g_free (self->error);
  G_OBJECT_CLASS (gv_journal_parent_class)->finalize (object);
}

static void
gv_journal_class_init (GvJournalClass *class)
{
  GObjectClass *object_class = G_OBJECT_CLASS (class);

  object_class->set_property = gv_journal_set_property;
  object_class->get_property = gv_journal_get_property;
  object_class->finalize = gv_journal_finalize;
  props[PROP_PAUSED] =
      g_param_spec_boolean ("paused", NULL, NULL, FALSE,
                            G_PARAM_READWRITE | G_PARAM_EXPLICIT_NOTIFY | G_PARAM_STATIC_STRINGS);
  props[PROP_ERROR] =
      g_param_spec_string ("error", NULL, NULL, NULL, G_PARAM_READABLE | G_PARAM_STATIC_STRINGS);
  g_object_class_install_properties (object_class, N_PROPS, props);

  /* All that was changed is on disk. */
  signals[DURABLE] = g_signal_new ("durable", GV_TYPE_JOURNAL, G_SIGNAL_RUN_LAST, 0, NULL, NULL,
                                   NULL, G_TYPE_NONE, 0);
}

static void
gv_journal_init (GvJournal *self)
{
  self->jobs = g_ptr_array_new_with_free_func (g_object_unref);
  self->next_id = 1;
}

static char *
notice_for (const GError *error, const char *aside)
{
  g_autofree char *shown = aside ? gv_dup_shown (aside) : NULL;

  if (shown)
    return g_strdup_printf (_("The queue starts empty, because its file could not be used: %s. "
                              "The file was kept as %s."),
                              error->message, shown);
  return g_strdup_printf (_("The queue starts empty and can't be saved: %s"), error->message);
}

static bool
load (GvJournal *self, const char *path, GError **error)
{
  size_t size = 0;
  g_autoptr (GError) local = NULL;
  g_autofree char *text = gv_state_file_load (self->file, GV_JOURNAL_MAX_BYTES, &size, &local);

  if (local) {
    g_propagate_error (error, g_steal_pointer (&local));
    return false;
  }
  return !text ||
         gv_journal_from_json (path, text, size, self->jobs, &self->next_id, &self->paused, error);
}

GvJournal *
gv_journal_open (const char *path, char **notice)
{
  GvJournal *self = g_object_new (GV_TYPE_JOURNAL, NULL);
  g_autoptr (GError) error = NULL;

  if (notice)
    *notice = NULL;
  self->file = gv_state_file_new (path);
  g_signal_connect_object (self->file, "written", G_CALLBACK (on_written), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (self->file, "failed", G_CALLBACK (on_failed), self, G_CONNECT_SWAPPED);
  if (!load (self, path, &error)) {
    g_autofree char *aside = gv_state_file_set_aside (self->file);

    g_ptr_array_set_size (self->jobs, 0);
    self->paused = false;
    if (notice)
      *notice = notice_for (error, aside);
  }
  for (guint i = 0; i < self->jobs->len; i++)
    gv_journal_job_set_number (self->jobs->pdata[i], 0);
  return self;
}

char *
gv_journal_default_path (void)
{
  g_autofree char *folder = g_build_filename (g_get_user_data_dir (), "giverny", NULL);

  g_mkdir_with_parents (folder, 0700);
  return g_build_filename (folder, "queue.json", NULL);
}

/* Changes */

static guint
position_of (GvJournal *self, GvJournalJob *job)
{
  guint position = G_MAXUINT;

  g_ptr_array_find (self->jobs, job, &position);
  return position;
}

GvJournalJob *
gv_journal_add (GvJournal *self, GvRecipe *recipe)
{
  g_autoptr (GvRecipe) copy = gv_recipe_copy (recipe);
  GvJournalJob *job;

  g_return_val_if_fail (gv_recipe_validate (recipe, NULL), NULL);

  if (self->jobs->len >= GV_JOURNAL_MAX_JOBS)
    return NULL;
  job = gv_journal_job_new (self->next_id++, copy);
  g_ptr_array_add (self->jobs, job);
  gv_journal_job_set_number (job, write_queue (self));
  g_list_model_items_changed (G_LIST_MODEL (self), self->jobs->len - 1, 0, 1);
  return job;
}

bool
gv_journal_is_durable (GvJournal *self, GvJournalJob *job)
{
  return gv_journal_job_get_number (job) <= gv_state_file_get_durable (self->file);
}

GvJournalJob *
gv_journal_get_next (GvJournal *self)
{
  if (self->paused || self->error)
    return NULL;
  for (guint i = 0; i < self->jobs->len; i++) {
    GvJournalJob *job = self->jobs->pdata[i];

    if (gv_journal_job_get_state (job) == GV_JOURNAL_WAITING)
      return gv_journal_is_durable (self, job) ? job : NULL;
  }
  return NULL;
}

void
gv_journal_set_state (GvJournal *self, GvJournalJob *job, GvJournalState state, const char *error)
{
  g_return_if_fail (position_of (self, job) != G_MAXUINT);
  g_return_if_fail (state == GV_JOURNAL_FAILED || gv_journal_job_get_recipe (job));

  gv_journal_job_set_state (job, state, state == GV_JOURNAL_FAILED ? error : NULL);
  write_queue (self);
}

void
gv_journal_set_done (GvJournal *self, GvJournalJob *job, int n_pictures)
{
  g_return_if_fail (position_of (self, job) != G_MAXUINT);

  gv_journal_job_set_done (job, n_pictures);
  write_queue (self);
}

void
gv_journal_move (GvJournal *self, GvJournalJob *job, guint position)
{
  guint old = position_of (self, job), low, high;

  g_return_if_fail (old != G_MAXUINT);

  position = MIN (position, self->jobs->len - 1);
  if (position == old)
    return;
  g_ptr_array_insert (self->jobs, (int) position, g_ptr_array_steal_index (self->jobs, old));
  write_queue (self);
  low = MIN (old, position);
  high = MAX (old, position);
  g_list_model_items_changed (G_LIST_MODEL (self), low, high - low + 1, high - low + 1);
}

void
gv_journal_remove (GvJournal *self, GvJournalJob *job)
{
  guint position = position_of (self, job);

  g_return_if_fail (position != G_MAXUINT);

  g_ptr_array_remove_index (self->jobs, position);
  write_queue (self);
  g_list_model_items_changed (G_LIST_MODEL (self), position, 1, 0);
}

void
gv_journal_set_paused (GvJournal *self, bool paused)
{
  if (self->paused == paused)
    return;
  self->paused = paused;
  write_queue (self);
  g_object_notify_by_pspec (G_OBJECT (self), props[PROP_PAUSED]);
}

bool
gv_journal_get_paused (GvJournal *self)
{
  return self->paused;
}

const char *
gv_journal_get_error (GvJournal *self)
{
  return self->error;
}

/* Writing */

bool
gv_journal_flush (GvJournal *self, GError **error)
{
  g_autoptr (GError) local = NULL;

  if (gv_state_file_flush (self->file, &local)) {
    set_error (self, NULL);
    return true;
  }
  set_error (self, local->message);
  g_propagate_error (error, g_steal_pointer (&local));
  return false;
}

static void
on_flushed (GObject *file, GAsyncResult *result, gpointer data)
{
  g_autoptr (GTask) task = data;
  GError *error = NULL;

  if (gv_state_file_flush_finish (GV_STATE_FILE (file), result, &error))
    g_task_return_boolean (task, TRUE);
  else
    g_task_return_error (task, error);
}

void
gv_journal_flush_async (GvJournal *self,
                        GCancellable *cancellable,
                        GAsyncReadyCallback callback,
                        gpointer data)
{
  gv_state_file_flush_async (self->file, cancellable, on_flushed,
                             g_task_new (self, cancellable, callback, data));
}

bool
gv_journal_flush_finish (GvJournal *self, GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (g_task_is_valid (result, self), false);

  return g_task_propagate_boolean (G_TASK (result), error);
}
