// SPDX-FileCopyrightText: Giverny contributors
// SPDX-License-Identifier: GPL-3.0-or-later
/* The pictures of this session, given to the engine one at a time. */
#include "jobs/queue.h"

#include "jobs/save.h"

struct _GvQueue
{
  GObject parent_instance;
  GvEngine *engine;  /* (owned) */
  GvJournal *journal; /* (owned) */
  GListStore *jobs;  /* (owned) */
  char *folder;
  GvJob *painting; /* (owned) (nullable): what the engine has in hand, also if it was cancelled */
  GvJob *next_live; /* (owned) (nullable): waits for it to end */
  GCancellable *warming; /* (owned) (nullable) */
  guint n_open, n_saving;
  bool begun;
  bool closed;
};

G_DEFINE_FINAL_TYPE (GvQueue, gv_queue, G_TYPE_OBJECT)

enum { PROP_N_OPEN = 1, PROP_BUSY, N_PROPS };
enum { STARTED, PAINTED, SAVED, FAILED, CANCELLED, N_SIGNALS };

static GParamSpec *props[N_PROPS];
static guint signals[N_SIGNALS];

/* What comes back from the engine or the saver belongs to this. */
typedef struct
{
  GvQueue *queue;
  GvJob *job;
} Link;

static Link *
link_new (GvQueue *queue, GvJob *job)
{
  Link *self = g_new (Link, 1);

  *self = (Link) { g_object_ref (queue), g_object_ref (job) };
  return self;
}

static void
link_free (Link *self)
{
  g_object_unref (self->queue);
  g_object_unref (self->job);
  g_free (self);
}
G_DEFINE_AUTOPTR_CLEANUP_FUNC (Link, link_free)

static void start_next (GvQueue *self);

/* The list */

static GvJob *
peek (GvQueue *self, guint position)
{
  g_autoptr (GvJob) job = g_list_model_get_item (G_LIST_MODEL (self->jobs), position);

  return job; /* the store holds it */
}

static guint
n_jobs (GvQueue *self)
{
  return g_list_model_get_n_items (G_LIST_MODEL (self->jobs));
}

static void
count_open (GvQueue *self)
{
  guint n = 0;

  for (guint i = 0; i < n_jobs (self); i++)
    n += gv_job_is_open (peek (self, i));
  if (n == self->n_open)
    return;
  self->n_open = n;
  g_object_notify_by_pspec (G_OBJECT (self), props[PROP_N_OPEN]);
}

static void
take_out (GvQueue *self, GvJob *job)
{
  guint position;

  if (g_list_store_find (self->jobs, job, &position))
    g_list_store_remove (self->jobs, position);
}

static GvJob *
find_waiting (GvQueue *self)
{
  for (guint i = 0; i < n_jobs (self); i++)
    if (gv_job_get_phase (peek (self, i)) == GV_PHASE_WAITING)
      return peek (self, i);
  return NULL;
}

static void
set_painting (GvQueue *self, GvJob *job)
{
  g_set_object (&self->painting, job);
  g_object_notify_by_pspec (G_OBJECT (self), props[PROP_BUSY]);
}

/* The list on disk */

static void
write_state (GvQueue *self, GvJob *job, GvJournalState state, const char *error)
{
  if (gv_job_get_entry (job))
    gv_journal_set_state (self->journal, gv_job_get_entry (job), state, error);
}

static void
write_end (GvQueue *self, GvJob *job)
{
  if (gv_job_get_entry (job))
    gv_journal_remove (self->journal, gv_job_get_entry (job));
  gv_job_set_entry (job, NULL);
}

/* Its place among those that are on disk. */
static void
write_place (GvQueue *self, GvJob *job)
{
  guint place = 0;

  for (guint i = 0; i < n_jobs (self) && peek (self, i) != job; i++)
    place += gv_job_get_entry (peek (self, i)) != NULL;
  if (gv_job_get_entry (job))
    gv_journal_move (self->journal, gv_job_get_entry (job), place);
}

/* What an earlier session has left. */
static void
take_over (GvQueue *self, GvJournalJob *entry)
{
  g_autoptr (GvRecipe) unreadable = gv_recipe_new ();
  GvRecipe *recipe = gv_journal_job_get_recipe (entry);
  g_autoptr (GvJob) job = gv_job_new (recipe ? recipe : unreadable, false);
  const char *error = gv_journal_job_get_error (entry);

  gv_job_set_entry (job, entry);
  if (gv_journal_job_get_state (entry) == GV_JOURNAL_FAILED)
    gv_job_take_error (job, g_error_new_literal (GV_RECIPE_ERROR, GV_RECIPE_ERROR_VALUE,
                                                 error ? error : _("It could not be painted")));
  g_list_store_append (self->jobs, job);
}

/* Saving */

static void
fail (GvQueue *self, GvJob *job, GError *error)
{
  write_state (self, job, GV_JOURNAL_FAILED, error->message);
  gv_job_take_error (job, error);
  count_open (self);
  g_signal_emit (self, signals[FAILED], 0, job);
}

static void
on_saved (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (Link) l = data;
  g_autoptr (GdkTexture) thumbnail = NULL;
  GError *error = NULL;
  g_autofree char *path = gv_save_finish (result, &thumbnail, &error);

  l->queue->n_saving--;
  if (!path) {
    fail (l->queue, l->job, error);
    return;
  }
  gv_job_set_saved (l->job, path, thumbnail);
  write_end (l->queue, l->job);
  count_open (l->queue);
  g_signal_emit (l->queue, signals[SAVED], 0, l->job);
}

static void
save (GvQueue *self, GvJob *job)
{
  self->n_saving++;
  gv_job_set_phase (job, GV_PHASE_SAVING);
  gv_save_async (gv_job_get_image (job), gv_job_get_recipe (job), self->folder, on_saved,
                 link_new (self, job));
}

/* Painting */

static bool
is_wanted (GvJob *job)
{
  return gv_job_get_phase (job) == GV_PHASE_RUNNING;
}

static void
on_progress (const GvProgress *progress, gpointer data)
{
  Link *l = data;

  if (is_wanted (l->job))
    gv_job_set_progress (l->job, progress);
}

static void
on_picture (const GvPicture *picture, gpointer data)
{
  Link *l = data;

  if (!is_wanted (l->job))
    return;
  gv_job_set_picture (l->job, picture->image);
  if (gv_job_is_live (l->job))
    gv_job_set_phase (l->job, GV_PHASE_DONE);
  else
    save (l->queue, l->job);
  g_signal_emit (l->queue, signals[PAINTED], 0, l->job);
}

static void
on_finished (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (Link) l = data;
  g_autoptr (GError) error = NULL;
  bool ok = gv_engine_generate_finish (l->queue->engine, result, &error);

  set_painting (l->queue, NULL);
  if (!ok && is_wanted (l->job))
    fail (l->queue, l->job, g_steal_pointer (&error));
  start_next (l->queue);
}

static void
start (GvQueue *self, GvJob *job)
{
  static const GvJobEvents events = { .progress = on_progress, .picture = on_picture };

  g_cancellable_cancel (self->warming);
  set_painting (self, job);
  gv_job_set_phase (job, GV_PHASE_RUNNING);
  write_state (self, job, GV_JOURNAL_RUNNING, NULL);
  g_signal_emit (self, signals[STARTED], 0, job);
  gv_engine_generate_async (self->engine, gv_job_get_recipe (job), &events,
                            gv_job_get_cancellable (job), on_finished, link_new (self, job));
}

/* One that is not on disk yet is waited for. */
static bool
is_durable (GvQueue *self, GvJob *job)
{
  return gv_job_is_live (job) || !gv_job_get_entry (job) ||
         gv_journal_is_durable (self->journal, gv_job_get_entry (job));
}

static void
start_next (GvQueue *self)
{
  g_autoptr (GvJob) live = NULL;
  GvJob *job;

  if (self->painting || self->closed || !self->begun)
    return;
  live = g_steal_pointer (&self->next_live);
  job = live ? live : find_waiting (self);
  if (job && is_durable (self, job))
    start (self, job);
}

/* The type */

static void
gv_queue_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  GvQueue *self = GV_QUEUE (object);

  switch (id) {
  case PROP_N_OPEN:
    g_value_set_uint (value, self->n_open);
    break;
  case PROP_BUSY:
    g_value_set_boolean (value, self->painting != NULL);
    break;
  default:
    G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
  }
}

static void
gv_queue_finalize (GObject *object)
{
  GvQueue *self = GV_QUEUE (object);

  g_signal_handlers_disconnect_by_data (self->journal, self);
  g_clear_object (&self->engine);
  g_clear_object (&self->journal);
  g_clear_object (&self->warming);
  g_clear_object (&self->jobs);
  g_clear_object (&self->painting);
  g_clear_object (&self->next_live);
  g_free (self->folder);
  G_OBJECT_CLASS (gv_queue_parent_class)->finalize (object);
}

static guint
add_signal (const char *name)
{
  return g_signal_new (name, GV_TYPE_QUEUE, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 1,
                       GV_TYPE_JOB);
}

static void
gv_queue_class_init (GvQueueClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GParamFlags flags = G_PARAM_READABLE | G_PARAM_STATIC_STRINGS | G_PARAM_EXPLICIT_NOTIFY;

  object_class->get_property = gv_queue_get_property;
  object_class->finalize = gv_queue_finalize;
  props[PROP_N_OPEN] = g_param_spec_uint ("n-open", NULL, NULL, 0, G_MAXUINT, 0, flags);
  props[PROP_BUSY] = g_param_spec_boolean ("busy", NULL, NULL, FALSE, flags);
  g_object_class_install_properties (object_class, N_PROPS, props);
  signals[STARTED] = add_signal ("started");
  signals[PAINTED] = add_signal ("painted");
  signals[SAVED] = add_signal ("saved");
  signals[FAILED] = add_signal ("failed");
  signals[CANCELLED] = add_signal ("cancelled");
}

static void
gv_queue_init (GvQueue *self)
{
  self->jobs = g_list_store_new (GV_TYPE_JOB);
  self->folder = g_strdup (".");
}

GvQueue *
gv_queue_new (GvEngine *engine, GvJournal *journal)
{
  GvQueue *self = g_object_new (GV_TYPE_QUEUE, NULL);

  self->engine = g_object_ref (engine);
  self->journal = g_object_ref (journal);
  for (guint i = 0; i < g_list_model_get_n_items (G_LIST_MODEL (journal)); i++) {
    g_autoptr (GvJournalJob) entry = g_list_model_get_item (G_LIST_MODEL (journal), i);

    take_over (self, entry);
  }
  g_signal_connect_swapped (journal, "durable", G_CALLBACK (start_next), self);
  count_open (self);
  return self;
}

GvJournal *
gv_queue_get_journal (GvQueue *self)
{
  return self->journal;
}

void
gv_queue_begin (GvQueue *self)
{
  self->begun = true;
  start_next (self);
}

static void
on_warm (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (GvQueue) self = data;

  gv_engine_generate_finish (self->engine, result, NULL);
  g_clear_object (&self->warming);
}

void
gv_queue_warm (GvQueue *self, GvRecipe *recipe)
{
  g_autoptr (GvRecipe) step = gv_recipe_copy (recipe);

  if (self->painting || self->closed || self->warming)
    return;
  self->warming = g_cancellable_new ();
  g_object_set (step, "steps", 1, "count", 1, NULL);
  gv_engine_generate_async (self->engine, step, NULL, self->warming, on_warm, g_object_ref (self));
}

GListModel *
gv_queue_get_jobs (GvQueue *self)
{
  return G_LIST_MODEL (self->jobs);
}

void
gv_queue_set_folder (GvQueue *self, const char *folder)
{
  g_set_str (&self->folder, folder);
}

const char *
gv_queue_get_folder (GvQueue *self)
{
  return self->folder;
}

GvJob *
gv_queue_add (GvQueue *self, GvRecipe *recipe)
{
  guint64 seed = gv_recipe_get_seed (recipe);
  int count = gv_recipe_get_count (recipe);
  guint first = n_jobs (self);

  for (int i = 0; i < count; i++) {
    g_autoptr (GvJob) job = gv_job_new (recipe, false);
    GvJournalJob *entry;

    g_object_set (gv_job_get_recipe (job), "seed", seed + (guint64) i, "count", 1, NULL);
    entry = gv_journal_add (self->journal, gv_job_get_recipe (job));
    if (!entry)
      break;
    gv_job_set_entry (job, entry);
    g_list_store_append (self->jobs, job);
  }
  count_open (self);
  start_next (self);
  return first < n_jobs (self) ? peek (self, first) : NULL;
}

void
gv_queue_restore (GvQueue *self, GvJob *job)
{
  guint position = n_jobs (self);

  while (position > 0 && gv_job_is_open (peek (self, position - 1)))
    position--;
  g_list_store_insert (self->jobs, position, job);
}

/* A job that makes room is begun anew later. */
static void
step_back (GvQueue *self)
{
  GvJob *job = self->painting;

  if (!job || !is_wanted (job))
    return;
  g_cancellable_cancel (gv_job_get_cancellable (job));
  if (gv_job_is_live (job)) {
    gv_job_set_phase (job, GV_PHASE_CANCELLED);
  } else {
    gv_job_restart (job);
    write_state (self, job, GV_JOURNAL_WAITING, NULL);
  }
}

GvJob *
gv_queue_add_live (GvQueue *self, GvRecipe *recipe)
{
  g_clear_object (&self->next_live);
  self->next_live = gv_job_new (recipe, true);
  g_object_set (gv_job_get_recipe (self->next_live), "count", 1, NULL);
  step_back (self);
  start_next (self);
  return self->next_live ? self->next_live : self->painting;
}

void
gv_queue_keep (GvQueue *self, GvJob *live)
{
  g_return_if_fail (gv_job_get_image (live) != NULL);
  if (gv_job_get_path (live) || gv_job_get_phase (live) == GV_PHASE_SAVING)
    return;
  g_list_store_append (self->jobs, live);
  save (self, live);
  count_open (self);
}

void
gv_queue_cancel (GvQueue *self, GvJob *job)
{
  g_autoptr (GvJob) kept = g_object_ref (job);

  if (!gv_job_is_open (kept) || gv_job_get_phase (kept) == GV_PHASE_SAVING)
    return;
  g_cancellable_cancel (gv_job_get_cancellable (kept));
  gv_job_set_phase (kept, GV_PHASE_CANCELLED);
  write_end (self, kept);
  take_out (self, kept);
  count_open (self);
  g_signal_emit (self, signals[CANCELLED], 0, kept);
}

void
gv_queue_cancel_live (GvQueue *self)
{
  g_clear_object (&self->next_live);
  if (self->painting && gv_job_is_live (self->painting))
    gv_queue_cancel (self, self->painting);
}

void
gv_queue_cancel_all (GvQueue *self)
{
  gv_queue_cancel_live (self);
  for (guint i = n_jobs (self); i > 0; i--)
    gv_queue_cancel (self, peek (self, i - 1));
}

void
gv_queue_retry (GvQueue *self, GvJob *job)
{
  if (gv_job_get_phase (job) != GV_PHASE_FAILED)
    return;
  if (gv_job_get_image (job)) {
    save (self, job);
  } else {
    gv_job_restart (job);
    write_state (self, job, GV_JOURNAL_WAITING, NULL);
    start_next (self);
  }
  count_open (self);
}

bool
gv_queue_move (GvQueue *self, GvJob *job, int places)
{
  g_autoptr (GvJob) kept = g_object_ref (job);
  guint from;
  gint64 to;

  if (gv_job_get_phase (job) != GV_PHASE_WAITING || !g_list_store_find (self->jobs, job, &from))
    return false;
  to = (gint64) from + places;
  if (places == 0 || to < 0 || to >= n_jobs (self) ||
      gv_job_get_phase (peek (self, (guint) to)) != GV_PHASE_WAITING)
    return false;
  g_list_store_remove (self->jobs, from);
  g_list_store_insert (self->jobs, (guint) to, kept);
  write_place (self, kept);
  return true;
}

void
gv_queue_forget (GvQueue *self, GvJob *job)
{
  if (gv_job_is_open (job))
    return;
  write_end (self, job);
  take_out (self, job);
}

GvJob *
gv_queue_get_running (GvQueue *self)
{
  return self->painting && is_wanted (self->painting) ? self->painting : NULL;
}

guint
gv_queue_get_n_open (GvQueue *self)
{
  return self->n_open;
}

bool
gv_queue_is_engine_busy (GvQueue *self)
{
  return self->painting != NULL || self->warming != NULL;
}

bool
gv_queue_is_saving (GvQueue *self)
{
  return self->n_saving > 0;
}

void
gv_queue_close (GvQueue *self)
{
  self->closed = true;
  g_cancellable_cancel (self->warming);
  g_clear_object (&self->next_live);
  if (self->painting)
    g_cancellable_cancel (gv_job_get_cancellable (self->painting));
}
