// SPDX-FileCopyrightText: Giverny contributors
// SPDX-License-Identifier: GPL-3.0-or-later
/* The engine's thread: jobs come in through a queue, events go back to each job's main context. */
#include "gv-engine.h"

#include "base/errors.h"
#include "base/i18n.h"
#include "base/post.h"
#include "gv-model.h"
#include "gv-score-private.h"
#include "pipeline/sd1.h"
#include "vulkan/device.h"

#include <string.h>

struct _GvEngine
{
  GObject parent_instance;
  char *wanted;       /* (nullable): the device that was asked for */
  GAsyncQueue *queue; /* of GTask; the engine itself means: end    */
  GThread *thread;
  GCancellable *interrupt; /* stops scoring for something more urgent */
  /* the thread's own */
  GvDevice *device;
  GvSd1 *model;
  char *model_path;
  GQueue scoring; /* of GTask: what waits until nothing is painted */
  GvScorer *scorer;
};

G_DEFINE_FINAL_TYPE (GvEngine, gv_engine, G_TYPE_OBJECT)

/* A task's data. */
typedef struct
{
  GvRecipe *recipe;
  GvJobEvents events;
  gpointer data;
  GMainContext *context;
  GCancellable *cancellable;
} Job;

static void
job_free (Job *job)
{
  g_object_unref (job->recipe);
  g_main_context_unref (job->context);
  g_clear_object (&job->cancellable);
  g_free (job);
}

/* An event on its way to the job's main context, with all it needs. */
typedef struct
{
  GTask *task; /* keeps the job alive */
  bool is_picture;
  char *warning; /* (nullable) */
  GvProgress progress;
  GvPicture picture;
} Message;

static void
message_free (gpointer data)
{
  Message *m = data;

  g_clear_pointer (&m->progress.preview, gv_image_unref);
  g_clear_pointer (&m->picture.image, gv_image_unref);
  g_free ((float *) m->picture.latents);
  g_free (m->warning);
  g_object_unref (m->task);
  g_free (m);
}

static void
deliver (gpointer data)
{
  Message *m = data;
  Job *job = g_task_get_task_data (m->task);

  if (m->warning)
    job->events.warning (m->warning, job->data);
  else if (m->is_picture)
    job->events.picture (&m->picture, job->data);
  else
    job->events.progress (&m->progress, job->data);
}

static void
on_progress (const GvProgress *progress, gpointer data)
{
  GTask *task = data;
  Job *job = g_task_get_task_data (task);
  Message *m;

  if (!job->events.progress)
    return;
  m = g_new0 (Message, 1);
  m->task = g_object_ref (task);
  m->progress = *progress;
  if (m->progress.preview)
    gv_image_ref (m->progress.preview);
  gv_post (job->context, deliver, m, message_free);
}

static void
on_picture (const GvPicture *picture, gpointer data)
{
  GTask *task = data;
  Job *job = g_task_get_task_data (task);
  size_t n = (size_t) picture->latent_channels * (size_t) picture->latent_height *
             (size_t) picture->latent_width;
  Message *m;

  if (!job->events.picture)
    return;
  m = g_new0 (Message, 1);
  m->task = g_object_ref (task);
  m->is_picture = true;
  m->picture = *picture;
  gv_image_ref (m->picture.image);
  m->picture.latents = g_memdup2 (picture->latents, n * sizeof (float));
  gv_post (job->context, deliver, m, message_free);
}

static void
on_warning (const char *sentence, gpointer data)
{
  GTask *task = data;
  Job *job = g_task_get_task_data (task);
  Message *m;

  if (!job->events.warning)
    return;
  m = g_new0 (Message, 1);
  m->task = g_object_ref (task);
  m->warning = g_strdup (sentence);
  gv_post (job->context, deliver, m, message_free);
}

static void
drop_model (GvEngine *self)
{
  g_clear_pointer (&self->model, gv_sd1_free);
  g_clear_pointer (&self->model_path, g_free);
}

static void
drop_device (GvEngine *self)
{
  drop_model (self);
  g_clear_pointer (&self->scorer, gv_scorer_free);
  g_clear_pointer (&self->device, gv_device_free);
}

static char *
dup_model_path (GvRecipe *recipe)
{
  const char *path = gv_recipe_get_model (recipe);

  return path && *path ? g_strdup (path) : gv_model_starter_path ();
}

static bool
ensure_device (GvEngine *self, GError **error)
{
  const char *wanted = self->wanted && *self->wanted ? self->wanted : g_getenv ("GV_DEVICE");

  if (!self->device)
    self->device = gv_device_open (wanted, error);
  return self->device != NULL;
}

static bool
ensure_model (GvEngine *self, GvRecipe *recipe, GError **error)
{
  g_autofree char *path = dup_model_path (recipe);

  if (self->model && strcmp (path, self->model_path) == 0)
    return true;
  drop_model (self);
  if (!ensure_device (self, error))
    return false;
  self->model = gv_sd1_new (self->device, path, error);
  self->model_path = g_steal_pointer (&path);
  return self->model != NULL;
}

static bool
generate (GvEngine *self, GTask *task, GError **error)
{
  static const GvJobEvents events = { on_progress, on_picture, on_warning };
  Job *job = g_task_get_task_data (task);

  return gv_recipe_validate (job->recipe, error) && ensure_model (self, job->recipe, error) &&
         gv_sd1_generate (self->model, job->recipe, &events, task, job->cancellable, error);
}

static void
run_job (GvEngine *self, GTask *task)
{
  GError *error = NULL;
  bool ok = generate (self, task, &error);

  /* A lost device is opened anew, and the job is tried once more. */
  if (g_error_matches (error, GV_VULKAN_ERROR, GV_VULKAN_ERROR_DEVICE_LOST)) {
    g_clear_error (&error);
    drop_device (self);
    ok = generate (self, task, &error);
  }
  if (g_error_matches (error, GV_VULKAN_ERROR, GV_VULKAN_ERROR_DEVICE_LOST))
    drop_device (self);
  if (ok)
    g_task_return_boolean (task, TRUE);
  else
    g_task_return_error (task, error);
}

/* A step of the first scoring job. */
static void
run_scoring (GvEngine *self)
{
  GTask *task = g_queue_peek_head (&self->scoring);
  GError *error = NULL;
  bool more = false, lost = false;

  if (ensure_device (self, &error))
    more = gv_score_task_step (task, self->device, &self->scorer, self->interrupt, &lost);
  else
    gv_score_task_fail (task, error);
  if (lost)
    drop_device (self);
  if (!more)
    g_object_unref (g_queue_pop_head (&self->scoring));
}

/* The next thing to do: what is asked for, or, where something waits to be scored, nothing. */
static gpointer
next_item (GvEngine *self)
{
  if (g_queue_is_empty (&self->scoring))
    return g_async_queue_pop (self->queue);
  g_cancellable_reset (self->interrupt); /* before looking, or an interruption could be missed */
  return g_async_queue_try_pop (self->queue);
}

static void
run_item (GvEngine *self, GTask *task)
{
  if (gv_score_task_check (task)) {
    g_queue_push_tail (&self->scoring, task);
    return;
  }
  run_job (self, task);
  g_object_unref (task);
}

static void
end_scoring (GvEngine *self)
{
  GTask *task;

  while ((task = g_queue_pop_head (&self->scoring))) {
    gv_score_task_fail (task,
                        g_error_new_literal (G_IO_ERROR, G_IO_ERROR_CANCELLED, _ ("cancelled")));
    g_object_unref (task);
  }
}

static gpointer
run_thread (gpointer data)
{
  GvEngine *self = data;
  gpointer item;

  while ((item = next_item (self)) != self)
    if (item)
      run_item (self, item);
    else
      run_scoring (self);
  end_scoring (self);
  drop_device (self);
  return NULL;
}

GCancellable *
gv_engine_get_interrupt (GvEngine *self)
{
  return self->interrupt;
}

void
gv_engine_push (GvEngine *self, GTask *task)
{
  g_async_queue_push (self->queue, task);
}

static void
gv_engine_finalize (GObject *object)
{
  GvEngine *self = GV_ENGINE (object);

  g_async_queue_push (self->queue, self);
  g_cancellable_cancel (self->interrupt);
  g_thread_join (self->thread);
  g_async_queue_unref (self->queue);
  g_object_unref (self->interrupt);
  g_free (self->wanted);
  G_OBJECT_CLASS (gv_engine_parent_class)->finalize (object);
}

static void
gv_engine_class_init (GvEngineClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = gv_engine_finalize;
}

static void
gv_engine_init (GvEngine *self)
{
  self->queue = g_async_queue_new ();
  self->interrupt = g_cancellable_new ();
  self->thread = g_thread_new ("engine", run_thread, self);
}

GvEngine *
gv_engine_new (const char *device)
{
  GvEngine *self = g_object_new (GV_TYPE_ENGINE, NULL);

  /* The thread looks at it only once a job has come through the queue. */
  self->wanted = g_strdup (device);
  return self;
}

void
gv_engine_generate_async (GvEngine *self,
                          GvRecipe *recipe,
                          const GvJobEvents *events,
                          GCancellable *cancellable,
                          GAsyncReadyCallback callback,
                          gpointer data)
{
  /* The task does not hold the engine: it would be the engine's own thread that lets go of it last.
   */
  GTask *task = g_task_new (NULL, cancellable, callback, data);
  Job *job = g_new0 (Job, 1);

  job->recipe = gv_recipe_copy (recipe);
  if (events)
    job->events = *events;
  job->data = data;
  job->context = g_main_context_ref_thread_default ();
  g_set_object (&job->cancellable, cancellable);
  g_task_set_task_data (task, job, (GDestroyNotify) job_free);
  g_task_set_source_tag (task, gv_engine_generate_async);
  gv_engine_push (self, task);
  g_cancellable_cancel (self->interrupt);
}

bool
gv_engine_generate_finish (GvEngine *self, GAsyncResult *result, GError **error)
{
  return g_task_propagate_boolean (G_TASK (result), error);
}

void
gv_device_info_free (GvDeviceInfo *info)
{
  g_free (info->name);
  g_free (info->driver);
  g_free (info->api_version);
  g_free (info->missing);
  g_free (info);
}

static const char *
get_kind (VkPhysicalDeviceType type)
{
  switch (type) {
  case VK_PHYSICAL_DEVICE_TYPE_DISCRETE_GPU:
    return "discrete";
  case VK_PHYSICAL_DEVICE_TYPE_INTEGRATED_GPU:
    return "integrated";
  case VK_PHYSICAL_DEVICE_TYPE_VIRTUAL_GPU:
    return "virtual";
  case VK_PHYSICAL_DEVICE_TYPE_CPU:
    return "cpu";
  default:
    return "other";
  }
}

GPtrArray *
gv_engine_list_devices (GError **error)
{
  g_autoptr (GArray) list = gv_physical_list (error);
  GPtrArray *infos;
  int chosen;

  if (!list)
    return NULL;
  chosen = gv_physical_choose (list, g_getenv ("GV_DEVICE"), NULL);
  infos = g_ptr_array_new_with_free_func ((GDestroyNotify) gv_device_info_free);
  for (guint i = 0; i < list->len; i++) {
    const GvPhysical *p = &g_array_index (list, GvPhysical, i);
    GvDeviceInfo *info = g_new0 (GvDeviceInfo, 1);

    info->number = p->number;
    info->name = g_utf8_make_valid (p->name, -1);
    info->driver = g_utf8_make_valid (p->driver, -1);
    info->api_version = g_strdup_printf ("%u.%u.%u", VK_API_VERSION_MAJOR (p->api_version),
                                         VK_API_VERSION_MINOR (p->api_version),
                                         VK_API_VERSION_PATCH (p->api_version));
    info->kind = get_kind (p->type);
    info->memory_bytes = p->memory_bytes;
    info->usable = p->missing == NULL;
    info->missing = g_strdup (p->missing);
    info->kernels = p->family == GV_KERNELS_CPU ? "cpu" : "gpu";
    info->subgroup_size = (int) p->subgroup_size;
    info->chosen = (int) i == chosen;
    g_ptr_array_add (infos, info);
  }
  return infos;
}
